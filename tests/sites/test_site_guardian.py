"""The Guardian: recorded answers against what was found by eye, addresses, embeds, large threads, and crawls."""

import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Author, Link, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.articles import lead_of
from belowtheline.sites.guardian import Guardian, addresses, embeds, pages, rendered, wording
from belowtheline.sites.registry import read, site_of_page
from tests.growth import assert_linear
from tests.loopback import Ended, Loopback, btl, response, rows
from tests.places import REALDATA

SITE = Guardian()
API = "https://discussion.theguardian.com/discussion-api"
FIRST = f"{API}/discussion//p/4k7x2?orderBy=oldest&pageSize=100&page=1&displayThreaded=true"
ARTICLE = "https://www.theguardian.com/food/2020/may/01/kettles"


def recorded(name: str) -> tuple[ThreadPage, Any]:
    """Return what is read of a recorded answer, and the answer."""
    path = REALDATA / "guardian" / name
    if not path.exists():
        pytest.skip(f"the recorded answers are not here: {path} (set BTL_REALDATA)")
    page = Page(None, path.read_bytes(), "application/json", "2020-04-01T10:00:00Z")
    assert site_of_page(page).name == "guardian"
    (found,) = read(SITE, page)
    return normalise(found), page.json


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unescape(re.sub(r"<[^<>]*>", " ", text)))


def texts_of(found: ThreadPage) -> str:
    texts = "\n".join(shown(comment.body_text) or "-" for comment in found.comments)
    return hashlib.sha256(texts.encode()).hexdigest()[:16]


# Recorded answers.


def test_recorded_discussion_has_all_comments_of_its_first_page() -> None:
    found, answer = recorded("discussion.json")
    # 50 at the top, and one reply.
    assert len(found.comments) == 51
    assert [comment.native_id for comment in found.comments if comment.depth] == ["53980521"]
    assert (found.thread.native_id, found.thread.declared_count) == ("/p/39f5z", 496)
    assert (found.completeness.page_number, found.completeness.page_count) == (1, 9)
    assert not found.completeness.is_whole
    assert found.stubs == ()
    assert found.thread.url == answer["discussion"]["webUrl"]


def test_recorded_discussion_has_authors_dates_and_recommendations() -> None:
    found, answer = recorded("discussion.json")
    tops = {str(comment["id"]): comment for comment in answer["discussion"]["comments"]}
    for comment in found.comments:
        author = comment.author
        assert isinstance(author, Author)
        assert (author.kind, bool(author.name), bool(shown(author.native_id))) == ("account", True, True)
        assert isinstance(comment.published_at, str)
        if said := tops.get(comment.native_id or ""):
            assert comment.upvotes == said["numRecommends"]
            assert comment.published_at == said["isoDateTime"]
            assert comment.deletion or letters(shown(comment.body_text) or "") == letters(said["body"])
    assert (
        sum(isinstance(comment.author, Author) and comment.author.is_staff is True for comment in found.comments) == 31
    )


def test_recorded_discussion_has_whole_texts_and_none_for_what_was_removed() -> None:
    found, _ = recorded("discussion.json")
    removed = [comment for comment in found.comments if comment.deletion]
    assert [comment.deletion for comment in removed] == ["moderator"] * 5
    assert all(comment.body_text is NOT_SHOWN for comment in removed)
    assert all(shown(comment.body_text) for comment in found.comments if not comment.deletion)
    assert not any("removed by a moderator" in (shown(comment.body_text) or "") for comment in found.comments)
    assert texts_of(found) == "a2e32a83fbb26c08"


def test_recorded_comment_has_its_replies_and_whom_they_answer() -> None:
    found, _ = recorded("comment.json")
    assert [(c.native_id, c.parent_native_id, c.depth, c.deletion, c.upvotes) for c in found.comments] == [
        ("138809272", None, 0, None, 45),
        ("138809396", "138809272", 1, "moderator", 0),
        ("138809487", "138809272", 1, None, 30),
        ("138809896", "138809272", 1, None, 9),
        ("138810191", "138809487", 2, None, 20),
    ]
    assert found.thread.native_id == "/p/ddp96"
    assert found.thread.is_closed is True
    assert [link.url for link in found.links] == [addresses.answer_url(API, "/p/ddp96")]
    assert found.stubs == ()
    assert texts_of(found) == "61899b37561156fe"


def test_recorded_discussion_without_comments_is_an_empty_thread() -> None:
    found, _ = recorded("discussionWithNoComments.json")
    assert found.comments == ()
    assert (found.thread.declared_count, found.completeness.is_whole) == (0, True)


# Addresses.


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://www.theguardian.com/p/4k7x2", FIRST),
        ("http://gu.com/p/4k7x2/tw", FIRST),
        ("https://www.theguardian.com/discussion/p/4k7x2?page=3", FIRST),
        ("https://www.theguardian.com/discussion/p/4k7x2.json", FIRST),
        ("https://discussion.guardianapis.com/discussion-api/discussion//p/4k7x2", FIRST),
        ("https://discussion.theguardian.com/discussion-api/discussion/p/4k7x2/topcomments", FIRST),
        (
            "https://discussion.theguardian.com/comment-permalink/9001",
            f"{API}/comment/9001?displayResponses=true&displayThreaded=true",
        ),
        (
            "http://www.guardian.co.uk/discussion/comment-permalink/9001",
            f"{API}/comment/9001?displayResponses=true&displayThreaded=true",
        ),
        ("http://127.0.0.1:81/p/4k7x2", FIRST.replace("https://discussion.theguardian.com", "http://127.0.0.1:81")),
    ],
)
def test_every_address_of_a_discussion_leads_to_its_answer(url: str, first: str) -> None:
    assert SITE.start(url) == Link(url=first)
    assert SITE.start(first) == Link(url=first)


def test_article_is_read_for_its_discussion() -> None:
    assert SITE.start(f"{ARTICLE}#comments") == Link(url=ARTICLE, kind="article")
    assert SITE.thread_id(ARTICLE) is None
    assert SITE.thread_id(FIRST) == "/p/4k7x2"


@pytest.mark.parametrize("path", ["", "/food", "/profile/ada", "/world/2012/jan/01", "/p/", "/discussion/user/id/1"])
def test_address_of_no_discussion_is_refused(path: str) -> None:
    url = f"https://www.theguardian.com{path}"
    assert SITE.claims(url)
    with pytest.raises(UnknownSite, match="no article or discussion of the Guardian"):
        SITE.start(url)


@pytest.mark.parametrize("url", ["https://theguardian.com.example/p/4k7x2", "https://example.com/p/4k7x2", "mailto:a"])
def test_other_hosts_are_not_claimed(url: str) -> None:
    assert not SITE.claims(url)


def test_answer_without_nesting_and_then_the_page_stand_in_for_an_answer() -> None:
    linear = FIRST.replace("=true", "=false")
    page = "https://www.theguardian.com/discussion/p/4k7x2?orderBy=oldest&pageSize=100&page=1"
    assert SITE.otherwise(FIRST) == Link(url=linear, kind="fallback")
    assert SITE.otherwise(linear) == Link(url=page, kind="fallback")
    assert SITE.otherwise(page) is None
    assert SITE.otherwise(f"{API}/comment/9001") is None


def test_key_goes_to_the_api_alone_and_is_asked_for_by_no_one() -> None:
    keys = {"BTL_GUARDIAN_API_KEY": "se cret"}
    assert SITE.signed(Link(url=FIRST), keys).url == f"{FIRST}&api-key=se+cret"
    assert SITE.signed(Link(url=FIRST), {}).url == FIRST
    for url in (ARTICLE, FIRST.replace("https", "http"), FIRST.replace("theguardian", "notguardian")):
        assert SITE.signed(Link(url=url), keys).url == url


# Articles.


@pytest.mark.parametrize(
    "markup",
    [
        '<div id="comments" data-discussion-key="/p/4k7x2" data-discussion-closed="true"></div>',
        '<script>window.guardian = {"config":{"page":{"commentable":true,"shortUrlId":"/p/4k7x2"}}}</script>',
        '<gu-island props="{&quot;shortUrlId&quot;:&quot;/p/4k7x2&quot;,&quot;isCommentable&quot;:true}"></gu-island>',
        '<script>{"isCommentable":true,"shortUrl":"https://www.theguardian.com/p/4k7x2"}</script>',
        '<script>{"discussionId":"/p/4k7x2"}</script>',
        '<script>{"discussion": {"key": "/p/4k7x2", "webUrl": "x"}}</script>',
    ],
)
def test_article_leads_to_the_discussion_it_names(markup: str) -> None:
    page = Page(ARTICLE, f"<!DOCTYPE html><html><title>The guardian</title><p>Tea</p>{markup}</html>".encode())
    assert not SITE.recognises(page)
    assert SITE.find_thread(page) == Link(url=FIRST)
    assert lead_of(page).link == Link(url=FIRST)


@pytest.mark.parametrize(
    "markup",
    [
        '{"isCommentable":false,"shortUrlId":"/p/4k7x2","discussionId":"/p/4k7x2"}',
        '{"shortUrlId":"/p/4k7x2"}',
        '{"discussionId":"/p/4k7x2"} {"discussionId":"/p/9zzzz"}',
        '<a href="https://www.theguardian.com/p/4k7x2">short</a>',
        '{"discussionId":"/p/',
        "",
    ],
)
def test_page_that_takes_no_comments_or_names_several_leads_nowhere(markup: str) -> None:
    assert SITE.find_thread(Page(ARTICLE, f"<html><title>guardian</title>{markup}</html>".encode())) is None


def test_api_elsewhere_is_believed_on_its_own_host_alone() -> None:
    markup = '<html>guardian {"discussionId":"/p/4k7x2","discussionApiUrl":"http://127.0.0.1:81/discussion-api"}</html>'
    own = SITE.find_thread(Page("http://127.0.0.1:81/a", markup.encode()))
    assert own is not None
    assert own.url.startswith("http://127.0.0.1:81/discussion-api/discussion//p/4k7x2?")
    assert SITE.find_thread(Page("https://example.com/a", markup.encode())) == Link(url=FIRST)


# Large, deep and hostile answers.


def answered(number: int, **more: Any) -> dict[str, Any]:
    user = {"userId": "101", "displayName": "KettleAda", "badge": []}
    said = {"isoDateTime": "2020-05-01T08:00:00Z", "status": "visible", "numRecommends": 0, "isHighlighted": False}
    return {"id": number, "body": f"<p>Cup {number}</p>", "userProfile": user, **said, **more}


def discussion(comments: list[Any], page: int = 1, pages: int = 1, count: int | None = None) -> bytes:
    found = {"key": "/p/4k7x2", "webUrl": ARTICLE, "title": "Kettles", "commentCount": count, "comments": comments}
    value = {"status": "ok", "page": page, "pages": pages, "pageSize": 100, "orderBy": "oldest", "discussion": found}
    return json.dumps(value).encode()


def parsed(body: bytes, url: str = FIRST) -> ThreadPage:
    (found,) = SITE.parse(Page(url, body))
    return found


def test_a_thousand_comments_are_read_whole() -> None:
    tops = [
        answered(number * 10, responses=[answered(number * 10 + reply, responseTo={"commentId": str(number * 10)})
                                         for reply in range(1, 10)])
        for number in range(1, 101)
    ]  # fmt: skip
    found = parsed(discussion(tops, count=1000))
    assert len(found.comments) == 1000
    assert found.completeness.is_whole
    assert [comment.depth for comment in found.comments] == [0, *[1] * 9] * 100


@pytest.mark.parametrize("depth", [10, 10_000])
def test_replies_to_replies_keep_their_depth(depth: int) -> None:
    # As the API has them: side by side below the first comment, each naming the one it answers.
    replies = [answered(number, responseTo={"commentId": str(number - 1)}) for number in range(2, depth + 1)]
    found = parsed(discussion([answered(1, responses=replies)]))
    assert [comment.depth for comment in found.comments] == list(range(depth))
    assert found.disagreements == 0


def test_nesting_of_ten_thousand_levels_is_read_whole() -> None:
    head, tail = json.dumps(answered(1))[:-1], "}"
    body = f'{head}, "responses": [' * 10_000 + json.dumps(answered(2)) + f"]{tail}" * 10_000
    found = parsed(discussion([None]).replace(b"null]", f"{body}]".encode()))
    assert len(found.comments) == 10_001


def test_reply_shown_in_another_tree_than_the_comment_it_answers_is_counted() -> None:
    first, second = answered(1), answered(2, responses=[answered(3, responseTo={"commentId": "1"})])
    found = parsed(discussion([first, second]))
    assert (found.comments[2].parent_native_id, found.disagreements) == ("1", 1)


def test_answer_about_some_comments_proves_no_end() -> None:
    found = parsed(discussion([answered(1)], count=90), f"{API}/discussion//p/4k7x2/topcomments")
    assert not found.completeness.is_whole
    assert found.links == ()


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"{}", b'{"status":"ok"}', b'{"discussion":{"key":"/p/4k7x2","comments":[1]}}',
     b'{"discussion":{"key":"/p/4k7x2","comments":[{"id":1,"responseTo":7,"userProfile":[]}]', b'{"comment":{"id":1}}',
     b'{"message":"API rate limit exceeded"}'],
)  # fmt: skip
def test_answer_that_is_no_discussion_is_an_error(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"^https://discussion\.theguardian\.com/"):
        parsed(body)


def test_page_of_another_site_is_neither_recognised_nor_read() -> None:
    for html in ('<html><ul class="comment"><li>guardian</li></ul></html>', "<html><p>guardian comment</p></html>"):
        page = Page("https://example.com/", html.encode())
        assert not SITE.recognises(page)
        with pytest.raises(ParseError, match=r"^https://example\.com/ shows no comments of the Guardian"):
            SITE.parse(page)


@pytest.mark.parametrize(
    ("was", "now"), [("d-comment__author", "x"), ("li class", "div data-class"), ("d-comment\n", "e-comment\n")]
)
def test_changed_layout_is_an_error_not_an_empty_thread(was: str, now: str) -> None:
    body = (Path(__file__).parents[1] / "sites/guardian/html-of-2016/page.html").read_text()
    changed = body.replace(was, now).replace("data-comment-author=", "data-a=")
    with pytest.raises(ParseError, match=r"the capture is kept|shows no comments"):
        SITE.parse(Page("https://www.theguardian.com/discussion/p/4k7x2", changed.encode()))


@pytest.mark.parametrize(
    "text", ["/p/" * 33_000, "<ul class='" * 9_000, '"discussionId":"' * 6_000, " " * 100_000, "<"]
)
def test_hostile_texts_cost_no_time(text: str) -> None:
    body = f"<guardian comment {text}".encode()
    assert_linear(lambda part: embeds.discussion_of(Page(ARTICLE, part)), body)
    assert_linear(lambda part: pages.has_comments(Page(ARTICLE, part)), body)
    assert_linear(addresses.address_of, "https://www.theguardian.com/" + text.replace(" ", ""))
    patterns = (rendered._ID.search, rendered._USER.search, pages._COUNTED.match)
    for look in (embeds.key_of, wording.is_blocked, wording.number, *patterns):
        assert_linear(look, text)


# Crawls of the real command.


def server(answers: dict[str, bytes]) -> Loopback:
    return Loopback(
        {path: response(body, headers={"Content-Type": "application/json"}) for path, body in answers.items()}
    )


def crawled(archive: Path, *arguments: object) -> Ended:
    return btl("crawl", archive, *arguments, "--site", "guardian", "--delay", "0")


def path_of(page: int, threaded: str = "true") -> str:
    return f"/discussion-api/discussion//p/4k7x2?orderBy=oldest&pageSize=100&page={page}&displayThreaded={threaded}"


def test_crawl_reads_all_pages_and_the_replies_left_out(tmp_path: Path) -> None:
    first, second = (answered(number, responseTo={"commentId": "1"}) for number in (2, 3))
    left_out = answered(1, numResponses=2, responses=[first])
    whole = answered(1, numResponses=2, responses=[first, second])
    whole["discussion"] = {"key": "/p/4k7x2", "webUrl": ARTICLE, "title": "Kettles"}
    answers = {
        path_of(1): discussion([left_out], 1, 2, 4),
        path_of(2): discussion([answered(4)], 2, 2, 4),
        "/discussion-api/comment/1?displayResponses=true&displayThreaded=true": json.dumps(
            {"status": "ok", "comment": whole}
        ).encode(),
    }
    with server(answers) as site:
        ended = crawled(tmp_path / "a.db", site.url("/p/4k7x2"))
    held = rows(tmp_path / "a.db", "SELECT native_id FROM comments ORDER BY native_id")
    assert [row[0] for row in held] == ["1", "2", "3", "4"], ended.err
    assert ended.code == 0, ended.err
    assert rows(tmp_path / "a.db", "SELECT verdict, reason FROM readings") == [("complete", None)]


def test_crawl_of_an_article_reads_its_discussion(tmp_path: Path) -> None:
    with server({path_of(1): discussion([answered(1)], 1, 1, 1)}) as site:
        settings = (
            f'{{"shortUrlId":"/p/4k7x2","isCommentable":true,"discussionApiUrl":"{site.url("/discussion-api")}"}}'
        )
        html = f"<!DOCTYPE html><html><title>The guardian</title><p>Tea</p><script>{settings}</script></html>"
        site.answers["/food/2020/may/01/kettles"] = response(html.encode())
        ended = crawled(tmp_path / "a.db", site.url("/food/2020/may/01/kettles"))
    assert ended.code == 0, ended.err
    assert rows(tmp_path / "a.db", "SELECT native_id FROM comments") == [("1",)]


def test_crawl_of_a_discussion_without_nesting_is_complete(tmp_path: Path) -> None:
    error = {"status": "error", "errorCode": "DISCUSSION_ONLY_AVAILABLE_IN_LINEAR_FORMAT", "message": "linear only"}
    answers = {
        path_of(1): json.dumps(error).encode(),
        path_of(1, "false"): discussion([answered(1), answered(2, responseTo={"commentId": "1"})], 1, 2, 3),
        path_of(2, "false"): discussion([answered(3, responseTo={"commentId": "1"})], 2, 2, 3),
    }
    with server(answers) as site:
        ended = crawled(tmp_path / "a.db", site.url("/p/4k7x2"))
    assert ended.code == 0, ended.err
    assert rows(tmp_path / "a.db", "SELECT verdict FROM readings") == [("complete",)]
