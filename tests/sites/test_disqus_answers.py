"""Disqus: large, deep and odd answers, exports and lists, crawls and ingests; all invented."""

import copy
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.documents import as_document
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Link, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.disqus import Disqus, wording
from tests.loopback import Ended, Loopback, btl, redirect, response, rows

SITE = Disqus()
CASES = Path(__file__).parents[1] / "sites/disqus"
API = "https://disqus.com/api/3.0/"
HERE = "https://kettle.example/a?x=1"
Data = dict[str, Any]


def post(native_id: int, parent: int | None, message: str = "<p>Yes.</p>", **fields: Any) -> Data:
    author = {"id": "11", "name": "Ada Fenn", "username": "ada", "isAnonymous": False}
    told = {"createdAt": "2026-02-28T10:00:00", "isDeleted": False, "likes": 1, "forum": "kettles", "thread": "700"}
    return {"id": str(native_id), "parent": parent, "author": author, "message": message, **told, **fields}


def answer(*found: Data, number: int = 0, has_next: bool = False) -> Data:
    cursor = {"hasPrev": number > 0, "hasNext": has_next, "next": f"{number + 1}:0:0", "id": f"{number}:0:0"}
    return {"code": 0, "cursor": cursor, "response": list(found)}


def embedded(*found: Data, has_next: bool = False, count: int | None = None) -> bytes:
    about = {"id": "700", "forum": "kettles", "title": "Kettles", "link": "https://kettle.example/a", "isClosed": False}
    about |= {"identifiers": ["post-12"], "posts": len(found) if count is None else count}
    value = answer(has_next=has_next) | {"response": {"posts": list(found), "thread": about}, "order": "asc"}
    script = f'<script type="text/json" id="disqus-threadData">{json.dumps(value)}</script>'
    return f"<!DOCTYPE html><html><head><title>Disqus</title></head><body>{script}</body></html>".encode()


def parsed(value: object, url: str | None = API + "threads/listPostsThreaded.json?thread=700") -> ThreadPage:
    (found,) = SITE.parse(Page(url, json.dumps(value).encode()))
    return found


def test_a_key_in_a_given_address_goes_into_no_request_that_is_kept() -> None:
    url = API + "threads/listPosts.json?thread=700&api_key=secret&api_secret=secret&access_token=secret"
    value = answer(post(101, None), has_next=True)
    value["cursor"]["next"] = "1772272920000000:0:0"
    links = [*parsed(value, url).links, SITE.start(url)]
    assert links[0].url == API + "threads/listPosts.json?thread=700&cursor=1772272920000000:0:0"
    assert not any("secret" in link.url for link in links)


def test_requests_go_where_the_answer_came_from() -> None:
    for near, base in (
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://kettles.disqus.com", "https://disqus.com"),
    ):
        (found,) = SITE.parse(Page(near + "/embed/comments/?f=kettles&t_i=1", embedded(post(101, None), has_next=True)))
        expected = "/api/3.0/threads/listPostsThreaded.json?forum=kettles&thread=700&limit=50&order=asc&cursor=1:0:0"
        assert found.links == (Link(url=base + expected),)


# Large, deep and odd answers.


def test_a_thread_of_a_thousand_comments_on_ten_levels_is_read_whole() -> None:
    found = parsed(answer(*(post(n, n - 1 if n % 10 else None) for n in range(1000))))
    assert [comment.depth for comment in found.comments] == [n % 10 for n in range(1000)]
    assert [comment.native_id for comment in found.comments] == [str(n) for n in range(1000)]
    assert (found.stubs, found.completeness.is_whole) == ((), True)


def exported(posts: Iterator[str]) -> bytes:
    names = 'xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"'
    about = '<thread dsq:id="7"><id>x</id><forum>kettles</forum><link>https://kettle.example/a</link></thread>'
    return f"<?xml version='1.0'?><disqus {names}>{about}{''.join(posts)}</disqus>".encode()


def test_ten_thousand_levels_of_an_export_are_read() -> None:
    one = '<post dsq:id="{}"><message>Yes.</message><thread dsq:id="7"/>{}</post>'
    posts = (one.format(n, f'<parent dsq:id="{n - 1}"/>' if n else "") for n in range(10_000))
    (found,) = SITE.parse(Page(None, exported(posts)))
    assert (len(found.comments), found.comments[-1].depth, found.completeness.is_whole) == (10_000, 9_999, True)


def test_parents_in_a_circle_have_no_depth() -> None:
    found = parsed(answer(post(1, 2), post(2, 1), post(3, 3), post(4, 3)))
    assert [comment.depth for comment in found.comments] == [NOT_SHOWN] * 4
    assert [comment.parent_native_id for comment in found.comments] == ["2", "1", "3", "3"]


def test_entities_of_an_export_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    body = exported(iter(['<post dsq:id="1"><message>A &a;&b; B</message><thread dsq:id="7"/></post>']))
    (found,) = SITE.parse(Page(None, body.replace(b"<disqus ", bomb.encode() + b"<disqus ", 1)))
    assert "boom" not in (shown(found.comments[0].body_html) or "")


def test_mail_and_network_addresses_are_never_read() -> None:
    author = {"name": "Dee", "isAnonymous": True, "email": "dee@mail.example", "emailHash": "0a1b2c3d"}
    answered = answer(post(1, None, author=author, ipAddress="192.0.2.7", approxLoc={"lat": 51.25, "lng": 9.5}))
    (mailed, *_) = SITE.parse(Page(None, (CASES / "export/page.xml").read_bytes()))
    for found in (parsed(answered), mailed):
        assert not re.search(r"@mail|192\.0\.2|0a1b2c3d|51\.25", json.dumps(as_document(found)))


ODD: tuple[Any, ...] = (
    None,
    True,
    7,
    -1.5,
    "",
    "x",
    "\ud800",
    [],
    ["x", None, {}],
    {},
    {"id": None},
    {"id": "1", "name": 3},
)


def variations(value: Any) -> Iterator[Any]:
    """Yield copies of JSON values in which one value at a time is another's."""
    places: list[tuple[Any, Any]] = [(value, None)]
    while places:
        inner, _ = places.pop()
        for key in inner if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ():
            before = inner[key]
            for odd in ODD:
                inner[key] = odd
                yield copy.deepcopy(value)
            inner[key] = before
            places.append((before, None))


@pytest.mark.parametrize("case", ["page-of-a-tree", "details", "list-by-date", "one-post"])
def test_odd_values_in_an_answer_are_read_or_refused(case: str) -> None:
    told = json.loads((CASES / case / "page.json").read_text())
    count = 0
    for value in variations(json.loads((CASES / case / "body.json").read_text())):
        count += 1
        page = Page(told["url"], json.dumps(value).encode())
        with suppress(ParseError):
            for found in SITE.parse(page):
                normalise(found)
    assert count > 200


def test_odd_addresses_in_a_list_are_left_out() -> None:
    author = '<a id="dsq-author-user-1" href="http://[x">Ada</a>'
    item = f'<li id="dsq-comment-1">{author}<div class="dsq-comment-message">A</div></li>'
    paging = '<div class="nav-next"><a href="http://[y">Next</a></div>'
    script = "<div id='disqus_thread'></div><script>var disqus_shortname = 'kettles';</script>"
    body = f'<div id="dsq-content"><ul id="dsq-comments">{item}</ul>{paging}</div>'
    (found,) = SITE.parse(Page(HERE, f"<html><body>{body}{script}</body></html>".encode()))
    assert (found.links, len(found.comments), found.thread.native_id) == ((), 1, f"link:{HERE}")


@pytest.mark.parametrize("count", [3_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_thousands_of_nested_answers_of_a_list_are_read(count: int) -> None:
    item = '<li id="dsq-comment-{}"><div class="dsq-comment-message">A</div><ul class="children">'
    body = "".join(map(item.format, range(count))) + "</ul></li>" * count
    (found,) = SITE.parse(Page(HERE, f'<html><body><ul id="dsq-comments">{body}</ul></body></html>'.encode()))
    assert [(one.native_id, one.depth) for one in found.comments] == [(str(n), n) for n in range(count)]
    assert found.comments[-1].parent_native_id == str(count - 2)


# Crawls and ingests.

FIRST = "/embed/comments/?base=default&f=kettles&t_i=post-12&s_o=default"
SECOND = "/api/3.0/threads/listPostsThreaded.json?forum=kettles&thread=700&limit=50&order=asc&cursor=1:0:0"


def crawled(archive: Path, answers: dict[str, bytes]) -> Ended:
    with Loopback(dict(answers)) as server:
        url = server.url("/embed/comments/?f=kettles&t_i=post-12")
        return btl("crawl", archive, url, "--site", "disqus", "--delay", "0")


def sent(value: object) -> bytes:
    return response(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def test_a_crawl_goes_through_all_pages_of_a_thread(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = embedded(post(101, None), post(102, 101), has_next=True, count=3)
    ended = crawled(archive, {FIRST: response(first), SECOND: sent(answer(post(103, 102), number=1))})
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("complete", None)]
    assert rows(archive, "SELECT native_id, parent_native_id FROM comments ORDER BY position") == [
        ("101", None), ("102", "101"), ("103", "102"),
    ]  # fmt: skip
    assert rows(archive, "SELECT instance, native_id, title FROM threads") == [("kettles", "700", "Kettles")]


def test_a_crawl_goes_by_dates_from_the_first_page_to_the_last(tmp_path: Path) -> None:
    archive, base = tmp_path / "a.db", "/api/3.0/threads/"
    dates = ("1772272920000001:0:0", "1772272920000002:0:0", None)
    listing = f"{base}listPosts.json?thread=700&limit=1"
    paths = (listing, *(f"{listing}&cursor={date}" for date in dates if date))
    answers = {path: by_date(post(101 + at, None), dates[at], at > 0) for at, path in enumerate(paths)}
    with Loopback({path: sent(value) for path, value in answers.items()}) as server:
        about = {"id": "700", "forum": "kettles", "title": "Kettles", "link": None, "isClosed": False, "posts": 3}
        first = server.url(listing)
        server.answers[f"{base}details.json?thread=700"] = sent({"code": 0, "response": about})
        server.answers[f"{base}listPostsThreaded.json?forum=kettles&thread=700&limit=100&order=asc"] = redirect(first)
        ended = btl("crawl", archive, first, "--site", "disqus", "--delay", "0")
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("complete", None)]
    assert rows(archive, "SELECT native_id FROM comments ORDER BY native_id") == [("101",), ("102",), ("103",)]


def test_what_follows_a_saved_page_is_known_and_not_held(tmp_path: Path) -> None:
    archive, saved = tmp_path / "a.db", tmp_path / "saved.json"
    saved.write_text(json.dumps(by_date(post(101, None), "1772272920000001:0:0", has_prev=False)))
    ended = btl("ingest", archive, saved, "--fetched-at", "2026-03-01T08:00Z")
    assert ended.code == 3, ended.err
    assert rows(archive, "SELECT reason FROM readings") == [("1 comments are known and not held",)]


def by_date(found: Data, following: str | None, has_prev: bool) -> Data:
    cursor = {"hasPrev": has_prev, "hasNext": following is not None, "next": following, "id": following}
    return {"code": 0, "cursor": cursor, "response": [found]}


def test_a_crawl_counts_what_disqus_says_there_is(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    ended = crawled(archive, {FIRST: response(embedded(post(101, None), count=5))})
    assert ended.code in (3, 4), ended.err
    assert rows(archive, "SELECT reason FROM readings") == [("count mismatch: 1 comments held, 5 declared",)]


def test_a_crawl_without_a_key_names_it_and_keeps_the_first_page(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = embedded(post(101, None), has_next=True, count=2)
    refused = response(json.dumps({"code": 5, "response": "Invalid API key"}).encode(), 401)
    ended = crawled(archive, {FIRST: response(first), SECOND: refused})
    assert ended.code == 5, ended.err
    assert wording.KEY in ended.err
    assert rows(archive, "SELECT native_id FROM comments") == [("101",)]


def test_an_embedded_page_that_is_missing_is_asked_of_the_api(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    about = {"id": "700", "forum": "kettles", "title": "Kettles", "link": None, "isClosed": False, "posts": 1}
    posts = "/api/3.0/threads/listPostsThreaded.json?forum=kettles&thread=700&limit=100&order=asc"
    details = "/api/3.0/threads/details.json?forum=kettles&thread=ident:post-12"
    answers = {details: sent({"code": 0, "response": about}), posts: sent(answer(post(101, None)))}
    ended = crawled(archive, answers)
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT native_id, declared_count, is_closed FROM threads") == [("700", 1, 0)]


def test_an_export_is_taken_in_thread_by_thread(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    ended = btl("ingest", archive, CASES / "export", "--fetched-at", "2026-03-01T08:00Z")
    assert ended.code == 3, ended.err  # one post answers one that the export does not hold
    counts = "SELECT t.native_id, count(c.id) FROM threads t LEFT JOIN comments c ON c.thread_id = t.id GROUP BY t.id"
    assert rows(archive, counts) == [("700", 5), ("701", 0), ("900", 1)]
    assert rows(archive, "SELECT native_id, deletion FROM comments WHERE deletion IS NOT NULL") == [
        ("103", "unknown"), ("104", "unknown"),
    ]  # fmt: skip


def test_a_deleted_comment_keeps_the_text_and_the_author_that_were_held(tmp_path: Path) -> None:
    archive, stood, gone = tmp_path / "a.db", tmp_path / "stood.json", tmp_path / "gone.json"
    guest = {"name": "Guest", "isAnonymous": True}
    stood.write_text(json.dumps(answer(post(101, None, "<p>Words.</p>"))))
    gone.write_text(json.dumps(answer(post(101, None, "", author=guest, isDeleted=True, isDeletedByAuthor=True))))
    assert btl("ingest", archive, stood, "--fetched-at", "2026-03-01T08:00Z").code == 0
    assert btl("ingest", archive, gone, "--fetched-at", "2026-03-02T08:00Z").code == 0
    assert rows(archive, "SELECT body_text, author_name, deletion FROM comments") == [("Words.", "Ada Fenn", "author")]
