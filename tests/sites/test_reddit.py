"""Reddit: large and deep threads, requests and their keys, addresses, and a crawl; all invented."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites import reddit
from belowtheline.sites.reddit import Reddit, addresses, rendered, source, wording
from tests.growth import assert_linear
from tests.loopback import Ended, Loopback, btl, response, rows

SITE = Reddit()
START = "https://www.reddit.com/r/kettles/comments/1abcde/.json?limit=500&raw_json=1"
ANYWHERE = "https://www.reddit.com/comments/1abcde/.json?limit=500&raw_json=1"
Thing = dict[str, Any]


def listing(*things: Thing) -> Thing:
    return {"kind": "Listing", "data": {"after": None, "children": list(things)}}


def post(count: int = 0) -> Thing:
    told = {"title": "Kettles", "author": "ada", "num_comments": count, "subreddit": "kettles", "is_self": True}
    path = "/r/kettles/comments/1abcde/kettles/"
    return {"kind": "t3", "data": {"id": "1abcde", "permalink": path, "created_utc": 1717200000.0, **told}}


def comment(native_id: str, parent: str | None, *replies: Thing, **fields: Any) -> Thing:
    told = {"author": "bo", "body": "Yes.", "body_html": '<div class="md"><p>Yes.</p>\n</div>', "score": 1}
    above = {"link_id": "t3_1abcde", "parent_id": f"t1_{parent}" if parent else "t3_1abcde"}
    below = {"replies": listing(*replies) if replies else "", "created_utc": 1717200000.0}
    return {"kind": "t1", "data": {"id": native_id, **above, **told, **below, **fields}}


def more(parent: str | None, *ids: str, **fields: Any) -> Thing:
    above = f"t1_{parent}" if parent else "t3_1abcde"
    return {"kind": "more", "data": {"id": "_", "parent_id": above, "children": ids, "count": len(ids), **fields}}


def page(value: object, url: str | None = START) -> Page:
    return Page(url, json.dumps(value).encode())


def parsed(value: object, url: str | None = START) -> ThreadPage:
    (found,) = SITE.parse(page(value, url))
    return found


def thread(*things: Thing, count: int = 0) -> list[Thing]:
    return [listing(post(count)), listing(*things)]


# Large and deep threads.


def test_a_thread_of_a_thousand_comments_on_ten_levels_is_read_whole() -> None:
    tops = []
    for number in range(0, 1000, 10):
        below = comment(f"k{number + 9}", f"k{number + 8}")
        for level in range(number + 8, number, -1):
            below = comment(f"k{level}", f"k{level - 1}", below)
        tops.append(comment(f"k{number}", None, below))
    found = parsed(thread(*tops, count=1000))
    assert [one.native_id for one in found.comments] == [f"k{number}" for number in range(1000)]
    assert [one.depth for one in found.comments] == [number % 10 for number in range(1000)]
    assert found.completeness.is_whole


def test_ten_thousand_levels_are_read_without_recursion() -> None:
    head, tail = json.dumps(thread(comment("k0", None, {"kind": "@"}), count=10_000)).split('{"kind": "@"}')
    below = [json.dumps(comment(f"k{level}", f"k{level - 1}", {"kind": "@"})) for level in range(1, 10_000)]
    starts, ends = zip(*(text.split('{"kind": "@"}') for text in below), strict=True)
    last = json.dumps(comment("last", "k9999"))
    (found,) = SITE.parse(Page(START, "".join((head, *starts, last, *reversed(ends), tail)).encode()))
    assert len(found.comments) == 10_001
    assert (found.comments[-1].native_id, found.comments[-1].depth) == ("last", 10_000)


# Requests.


def test_what_is_left_out_is_asked_for_by_the_hundred() -> None:
    ids = [f"k{number}" for number in range(250)]
    found = parsed(thread(comment("kx", None), more(None, *ids, count=900)))
    asked = [re.findall("children=([^&]*)", link.url)[0].split(",") for link in found.links]
    assert [len(part) for part in asked] == [100, 100, 50]
    assert [native_id for part in asked for native_id in part] == ids
    assert {link.kind for link in found.links} == {"page"}
    assert [stub.native_id for stub in found.stubs] == ids


def test_requests_go_where_the_answer_came_from() -> None:
    value = thread(comment("kx", None, more("kx")), more(None, "ky"))
    bases = {
        "http://127.0.0.1:8080/r/kettles/comments/1abcde/.json": "http://127.0.0.1:8080/",
        "https://oauth.reddit.com/comments/1abcde/.json": "https://oauth.reddit.com/",
        "https://old.reddit.com/comments/1abcde/.json": "https://www.reddit.com/",
        None: "https://www.reddit.com/",
    }
    for url, base in bases.items():
        links = parsed(value, url).links
        assert len(links) == 2
        assert all(link.url.startswith(base) for link in links)


def test_a_page_stands_at_reddits_own_address_whichever_host_answered() -> None:
    found = parsed(thread(comment("kx", None)), "https://oauth.reddit.com/comments/1abcde/.json")
    assert found.thread.url == "https://www.reddit.com/r/kettles/comments/1abcde/kettles/"
    assert found.comments[0].url == "https://www.reddit.com/r/kettles/comments/1abcde/kettles/kx/"


def test_a_token_is_sent_to_reddit_alone_and_over_https_alone() -> None:
    keys = {"REDDIT_TOKEN": "secret"}
    signed = SITE.signed(Link(url=START), keys)
    assert signed.url == START.replace("www.reddit.com", "oauth.reddit.com")
    assert signed.headers == {"Authorization": "Bearer secret"}
    assert SITE.signed(Link(url=START), {}) == (START, {})
    for url in (
        START.replace("https:", "http:"),
        "https://reddit.com.example.org/comments/1abcde/.json",
        "https://notreddit.com/comments/1abcde/.json",
        "https://www.reddit.com@example.org/comments/1abcde/.json",
        "https://www.reddit.com:8443/comments/1abcde/.json",
        "https://redd.it/1abcde",
        "http://127.0.0.1:8080/comments/1abcde/.json",
    ):
        assert SITE.signed(Link(url=url), keys) == (url, {})


def test_a_token_with_a_user_name_in_the_address_stays_at_reddit() -> None:
    signed = SITE.signed(Link(url="https://example.org@www.reddit.com/comments/1abcde/.json"), {"REDDIT_TOKEN": "x"})
    assert signed.url == "https://oauth.reddit.com/comments/1abcde/.json"


# Addresses.


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.reddit.com/r/kettles/comments/1abcde/descaling/", START),
        ("https://www.reddit.com/r/kettles/comments/1abcde/descaling.json", START),
        ("http://np.reddit.com/r/kettles/comments/1ABCDE", START),
        ("https://old.reddit.com/r/kettles/comments/1abcde/descaling/kx1/?context=3", START),
        ("https://de.reddit.com/r/kettles/comments/1abcde/.json?sort=new#kx1", START),
        ("https://reddit.com/comments/1abcde", ANYWHERE),
        ("https://redd.it/1abcde", ANYWHERE),
        ("https://www.redd.it/1abcde/", ANYWHERE),
        ("https://www.reddit.com/tb/1abcde", ANYWHERE),
        ("https://www.reddit.com/gallery/1abcde", ANYWHERE),
        ("https://www.reddit.com/info/1abcde/comments/", ANYWHERE),
        ("https://www.reddit.com/api/morechildren.json?link_id=t3_1abcde&children=kx1", ANYWHERE),
        ("https://www.reddit.com/u/ada/comments/1abcde/x/", START.replace("/r/kettles", "/user/ada")),
        ("https://oauth.reddit.com/comments/1abcde", ANYWHERE.replace("www", "oauth")),
        (
            "http://127.0.0.1:80/r/kettles/comments/1abcde/",
            START.replace("https://www.reddit.com", "http://127.0.0.1:80"),
        ),
    ],
)
def test_every_address_of_a_thread_leads_to_its_answer(url: str, expected: str) -> None:
    assert SITE.start(url) == Link(url=expected)
    assert SITE.thread_id(url) == "1abcde"
    assert SITE.claims(url) == ("reddit.com" in url or "redd.it" in url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com/",
        "https://www.reddit.com/r/kettles/",
        "https://www.reddit.com/r/kettles/s/AbCdEfGhIj",
        "https://www.reddit.com/user/ada/comments/",
        "https://www.reddit.com/r/kettles/comments/",
        "https://www.reddit.com/submit?url=https://kettle.example/",
        "https://www.reddit.com/api/morechildren.json?children=kx1",
        "https://redd.it/",
    ],
)
def test_an_address_of_no_thread_is_refused_with_the_next_step(url: str) -> None:
    assert SITE.claims(url)
    assert SITE.thread_id(url) is None
    with pytest.raises(UnknownSite, match="give an address like"):
        SITE.start(url)


def test_other_hosts_are_not_claimed() -> None:
    for url in (
        "https://reddit.com.example.org/comments/1abcde",
        "https://i.redd.it/kettle.png",
        "https://shreddit.com/",
    ):
        assert not SITE.claims(url)


def test_a_thread_is_sought_without_its_subreddit_where_it_is_missing() -> None:
    assert SITE.otherwise(START) == Link(url=ANYWHERE, kind="fallback")
    assert SITE.otherwise(ANYWHERE) is None
    below = ANYWHERE.replace("1abcde/", "1abcde/_/kx1/")
    assert SITE.otherwise(START.replace("1abcde/", "1abcde/_/kx1/")) == Link(url=below, kind="fallback")
    assert SITE.otherwise("https://www.reddit.com/api/morechildren.json?link_id=t3_1abcde&children=kx1") is None


def test_an_article_leads_to_the_one_thread_it_calls_its_discussion() -> None:
    cited = '<p>As <a href="https://www.reddit.com/r/tea/comments/9zzzzz/x/">someone</a> said.</p>'
    link = '<a href="https://www.reddit.com/r/kettles/comments/{}/">Discuss on Reddit</a>'
    of_a_comment = '<a href="https://www.reddit.com/r/kettles/comments/1abcde/x/kx1/">a comment</a>'
    found = [
        SITE.find_thread(Page("https://kettle.example/", (cited + links).encode()))
        for links in ("", link.format("1abcde"), link.format("1abcde") + link.format("2fghij"), of_a_comment)
    ]
    assert found == [None, Link(url=START), None, None]


# What answers prove.


def test_an_answer_to_a_comments_address_is_not_the_whole_thread() -> None:
    value = thread(comment("kx", None), count=9)
    for url in ("/kettles/kx/.json", "/.json?comment=kx", "/.json?showmore=false"):
        found = parsed(value, f"https://www.reddit.com/r/kettles/comments/1abcde{url}")
        assert (found.completeness.is_whole, found.completeness.is_enumerated) == (False, False)
    assert parsed(value).completeness.is_whole


def test_where_nesting_and_parent_disagree_the_parent_is_kept() -> None:
    found = parsed(thread(comment("ka", None, comment("kb", None))))
    assert (found.disagreements, found.comments[1].parent_native_id) == (1, None)


@pytest.mark.parametrize(
    "value",
    [None, 1, [], {}, [listing(), listing()], {"kind": "Listing"}, {"json": {"errors": [], "data": None}}, {"json": 1}],
)
def test_json_without_a_thread_is_refused(value: object) -> None:
    assert not SITE.recognises(page(value))
    with pytest.raises(ParseError, match=r"looked for|is no answer"):
        SITE.parse(page(value))


@pytest.mark.parametrize("thing", [1, {"kind": "t1"}, {"kind": "t1", "data": {}}, {"kind": "t1", "data": {"id": 5}}])
def test_a_thing_unlike_reddits_is_refused(thing: Any) -> None:
    with pytest.raises(ParseError, match="looked for comments"):
        parsed(thread(thing))


# A crawl.


def crawled(archive: Path, answers: dict[str, object]) -> Ended:
    headers = {"Content-Type": "application/json"}
    sent = {path: response(json.dumps(value).encode(), headers=headers) for path, value in answers.items()}
    with Loopback(dict(sent)) as server:
        url = server.url("/r/kettles/comments/1abcde/kettles/kb/")
        return btl("crawl", archive, url, "--site", "reddit", "--delay", "0")


FIRST = "/r/kettles/comments/1abcde/.json?limit=500&raw_json=1"
MORE = "/api/morechildren.json?link_id=t3_1abcde&children={}&raw_json=1&api_type=json"


def added(*things: Thing) -> Thing:
    return {"json": {"errors": [], "data": {"things": list(things)}}}


def test_a_crawl_asks_for_what_is_left_out_until_nothing_is(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = thread(comment("ka", None, more("ka", "kb", "kc", count=3)), more(None, "kd"), count=6)
    answers = {
        FIRST: first,
        MORE.format("kd"): added(comment("kd", None)),
        MORE.format("kb,kc"): added(
            comment("kb", "ka", depth=1), more("kb", "ke", depth=2), comment("kc", "ka", depth=1)
        ),
        MORE.format("ke"): added(comment("ke", "kb", depth=2)),
    }
    ended = crawled(archive, answers)
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("complete", None)]
    assert rows(archive, "SELECT native_id, parent_native_id, depth FROM comments ORDER BY native_id") == [
        ("ka", None, 0),
        ("kb", "ka", 1),
        ("kc", "ka", 1),
        ("kd", None, 0),
        ("ke", "kb", 2),
    ]
    assert rows(archive, "SELECT count(*) FROM stubs WHERE comment_id IS NULL") == [(0,)]


def test_a_crawl_counts_what_reddit_names_and_does_not_hand_out(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = thread(comment("ka", None), more(None, "kb", "kc"), count=3)
    ended = crawled(archive, {FIRST: first, MORE.format("kb,kc"): added(comment("kb", None))})
    assert ended.code == 3, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [
        ("incomplete", "1 comments are known and not held")
    ]


def test_a_crawl_goes_on_where_a_thread_is_continued(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    below = FIRST.replace("1abcde/", "1abcde/_/kb/")
    first = thread(comment("ka", None, comment("kb", "ka", more("kb"))), comment("kd", None), count=5)
    continued = thread(comment("kb", "ka", comment("kc", "kb", comment("ke", "kc"))), count=5)
    ended = crawled(archive, {FIRST: first, below: continued})
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("complete", None)]
    assert rows(archive, "SELECT native_id, shown FROM stubs") == [("~under kb", "continue this thread")]
    assert rows(archive, "SELECT native_id, parent_native_id FROM comments ORDER BY native_id") == [
        ("ka", None),
        ("kb", "ka"),
        ("kc", "kb"),
        ("kd", None),
        ("ke", "kc"),
    ]


def test_what_is_continued_and_cannot_be_had_is_missing(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    file = tmp_path / "saved.json"
    file.write_text(json.dumps(thread(comment("ka", None, comment("kb", "ka", more("kb"))), count=5)))
    ended = btl("ingest", archive, str(file), "--url", START)
    assert ended.code == 3
    assert "1 comments are known and not held" in ended.err


# Patterns.


def test_every_pattern_is_linear() -> None:
    modules = (reddit, addresses, rendered, source, wording)
    patterns = [value for module in modules for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert len(patterns) > 8
    hostile = (
        "a",
        " ",
        "1",
        "[",
        "<",
        "[ removed by reddit ",
        "morechildren(this, 't3_a', 'a:",
        "id-t2_",
        "(1",
        "-1 ",
        '"body_html" ',
    )
    for pattern in patterns:
        for text in (part * (100_000 // len(part)) for part in hostile):
            assert_linear(pattern.search, text)
