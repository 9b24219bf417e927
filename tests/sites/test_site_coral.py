"""Coral: a recorded answer against an independent reading of it; requests, addresses, errors, large threads."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Link, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.coral import Coral
from belowtheline.sites.registry import all_sites, site_of_page, site_of_url
from tests.growth import assert_costs_at_most
from tests.places import REALDATA

SITE = Coral()
RECORDED = REALDATA
RECORDED /= "coral/globeandmail_coral_2022.json"
API = "https://coral.gazette.example/api/graphql"
Answer = dict[str, Any]


# A recorded answer of Talk, whose recorder merged the pages.


@pytest.fixture(scope="module")
def body() -> bytes:
    if not RECORDED.is_file():
        pytest.skip(f"no recorded answer at {RECORDED}")
    return RECORDED.read_bytes()


@pytest.fixture(scope="module")
def recorded(body: bytes) -> ThreadPage:
    (found,) = SITE.parse(Page(None, body))
    return normalise(found)


def walked(body: bytes) -> Iterator[tuple[Answer, str | None, int]]:
    """Yield each comment of the recorded answer with its parent and its depth, the last first."""
    waiting = [(node, None, 0) for node in json.loads(body)["data"]["asset"]["comments"]["nodes"]]
    while waiting:
        node, parent, depth = waiting.pop()
        yield node, parent, depth
        waiting += [(reply, node["id"], depth + 1) for reply in node["replies"]["nodes"]]


def test_every_comment_of_the_recorded_answer_is_read(recorded: ThreadPage, body: bytes) -> None:
    wanted = {
        node["id"]: (parent, depth, node["user"]["username"], node["created_at"])
        for node, parent, depth in walked(body)
    }
    found = {
        one.native_id: (one.parent_native_id, one.depth, one.author.name, one.published_raw)  # type: ignore[union-attr]
        for one in recorded.comments
    }
    assert found == wanted
    assert len(recorded.comments) == len(found) == 1190  # the count of the index
    assert Counter(one.depth for one in recorded.comments) == {0: 323, 1: 518, 2: 217, 3: 132}
    assert [one.position for one in recorded.comments] == list(range(1, 1191))


def test_every_text_of_the_recorded_answer_is_whole(recorded: ThreadPage, body: bytes) -> None:
    wanted = {node["id"]: node["body"].split() for node, _, _ in walked(body)}
    assert {one.native_id: (shown(one.body_text) or "").split() for one in recorded.comments} == wanted
    # One is markup as its author typed it, which readers see as that.
    assert sum("<" in (shown(one.body_text) or "") for one in recorded.comments) == 1


def test_all_the_recorded_answer_shows_of_its_comments_is_read(recorded: ThreadPage) -> None:
    marks = Counter(mark.kind for one in recorded.comments for mark in one.marks)
    assert sum(one.is_edited is True for one in recorded.comments) == 27
    assert marks["tag"] == 1
    assert marks["status"] == 905
    assert all(one.author.kind == "account" and one.author.native_id for one in recorded.comments)  # type: ignore[union-attr]
    assert all(one.published_source == "iso" and one.published_at for one in recorded.comments)
    assert not recorded.disagreements


def test_the_recorded_answer_lacks_no_more_than_its_own_total_leaves(recorded: ThreadPage, body: bytes) -> None:
    # The story counts 1210: twenty that are published stand below comments that were removed. Talk's count of a
    # comment's replies holds removed ones as well, 693 below 389 comments, which that total refutes.
    lacking = [node["replyCount"] - len(node["replies"]["nodes"]) for node, _, _ in walked(body)]
    assert (sum(map(bool, lacking)), sum(lacking)) == (389, 693)
    assert [(stub.parent_native_id, stub.count) for stub in recorded.stubs] == [(None, 20)]
    assert (recorded.thread.declared_count, len(recorded.comments)) == (1210, 1190)
    assert not recorded.completeness.is_whole
    assert not any(node["replies"]["hasNextPage"] for node, _, _ in walked(body))
    assert recorded.links == ()


def test_a_sample_of_the_recorded_answer(recorded: ThreadPage) -> None:
    first, last = recorded.comments[0], recorded.comments[-1]
    digests = [sha256((shown(one.body_text) or "").encode()).hexdigest()[:12] for one in (first, last)]
    assert (first.native_id or "")[:8] == "1001d034"
    assert (first.published_at, first.upvotes, first.downvotes) == ("2022-02-23T10:57:22Z", 117, NOT_SHOWN)
    assert digests == ["e209a8b1fa77", "934d6d0dc13a"]
    assert recorded.thread.native_id == "NAXIWJVYAZECTLBMMHEYGA3TYI"
    assert recorded.thread.is_closed is False


def test_the_recorded_answer_costs_at_most_four_times_a_walk(body: bytes) -> None:
    def walk() -> list[tuple[Any, ...]]:
        return [
            (
                node["id"], parent, depth, node["user"]["id"], node["user"]["username"], node["body"],
                node["created_at"], node["status"], node["editing"]["edited"], node["replyCount"],
                [tag["tag"]["name"] for tag in node["tags"]],
                {summary["__typename"]: summary["count"] for summary in node["action_summaries"]},
            )
            for node, parent, depth in walked(body)
        ]  # fmt: skip

    assert_costs_at_most(4, lambda: SITE.parse(Page(None, body)), walk)  # 2.1 where nothing else runs


# Invented answers.


def node(native_id: str, *replies: Answer, **more: Any) -> Answer:
    told = {
        "createdAt": "2024-05-01T09:00:00.000Z",
        "body": f"<div>I am {native_id}.</div>",
        "replyCount": len(replies),
    }
    return {"id": native_id, **told, "author": {"id": "1", "username": "ada"}, "replies": connection(*replies), **more}


def connection(*nodes: Answer, cursor: str | None = None) -> Answer:
    return {
        "edges": [{"node": one} for one in nodes],
        "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
    }


def story(*nodes: Answer, count: int = 0, cursor: str | None = None) -> Answer:
    told = {"id": "kettles", "url": "https://www.gazette.example/kettles", "commentCounts": {"totalPublished": count}}
    return {"data": {"story": {**told, "comments": connection(*nodes, cursor=cursor)}}}


def parsed(value: Answer, url: str | None = API) -> ThreadPage:
    (found,) = SITE.parse(Page(url, json.dumps(value).encode()))
    return found


def asked(link: Link) -> Answer:
    return json.loads(link.body)  # type: ignore[no-any-return]


def test_a_thread_of_a_thousand_comments_on_ten_levels_is_read_whole() -> None:
    tops = []
    for number in range(0, 1000, 10):
        below = node(f"k{number + 9}")
        for level in range(number + 8, number - 1, -1):
            below = node(f"k{level}", below)
        tops.append(below)
    found = parsed(story(*tops, count=1000))
    assert [one.native_id for one in found.comments] == [f"k{number}" for number in range(1000)]
    assert [one.depth for one in found.comments] == [number % 10 for number in range(1000)]
    assert found.completeness.is_whole


def test_ten_thousand_levels_are_read_without_recursion() -> None:
    mark = '{"@": 1}'
    head, tail = json.dumps(story(json.loads(mark), count=10_000)).split(mark)
    pieces = [json.dumps(node(f"k{level}", json.loads(mark))).split(mark) for level in range(9_999)]
    starts, ends = zip(*pieces, strict=True)
    text = "".join((head, *starts, json.dumps(node("last")), *reversed(ends), tail))
    (found,) = SITE.parse(Page(API, text.encode()))
    assert len(found.comments) == 10_000
    assert (found.comments[-1].depth, found.comments[-1].parent_native_id) == (9_999, "k9998")


def test_requests_are_short_and_say_what_they_stand_for() -> None:
    first = SITE.start(
        "https://coral.gazette.example/embed/stream?storyID=kettles&storyURL=https%3A%2F%2Fa.example%2Fb"
    )
    deep = node("c", replyCount=7)
    del deep["replies"]
    found = parsed(story(node("a", node("b"), replyCount=3), deep, count=40, cursor="2024"))
    assert asked(first)["variables"] == {"id": "kettles", "url": "https://a.example/b"}
    assert [asked(link)["variables"] for link in found.links] == [{"id": "kettles", "after": "2024"}, {"id": "c"}]
    assert [(stub.parent_native_id, stub.count) for stub in found.stubs] == [("a", 2), ("c", 7), (None, 28)]
    for link in (first, *found.links):
        assert (link.url, link.method, link.kind) == (API, "POST", "page")
        assert len(link.body) < 1500
        assert link.body.count("{") == link.body.count("}")
    assert "page_2:id" in found.links[0].body


def test_talk_is_asked_in_its_own_words() -> None:
    first = SITE.start("https://www.gazette.example/talk/embed/stream?asset_url=https%3A%2F%2Fa.example%2Fb")
    assert first.url == "https://www.gazette.example/talk/api/v1/graph/ql"
    assert asked(first)["variables"] == {"url": "https://a.example/b"}
    assert "asset(" in asked(first)["query"]
    nodes = [{"id": "k1", "created_at": "2019-05-01T09:00:00.000Z", "body": "One.", "replyCount": 2}]
    told = {"id": "a1", "totalCommentCount": 9}
    answer = {"data": {"asset": {**told, "comments": {"nodes": nodes, "hasNextPage": True, "endCursor": "2019"}}}}
    links = parsed(answer, first.url).links
    assert [asked(link)["variables"] for link in links] == [{"id": "a1", "after": "2019"}, {"id": "k1"}]
    assert all(link.url == first.url for link in links)


def test_a_token_goes_to_its_host_alone_and_over_https() -> None:
    keys = {"CORAL_HOST": "coral.gazette.example", "CORAL_TOKEN": "secret"}
    link = SITE.start(f"{API.removesuffix('/api/graphql')}/embed/stream?storyID=1")
    assert SITE.signed(link, {}).headers == {"Content-Type": "application/json"}
    assert SITE.signed(link, keys).headers["Authorization"] == "Bearer secret"
    assert SITE.signed(link, keys).url == link.url
    for other in (API.replace("https", "http"), API.replace("coral.", "evil."), f"https://evil.example/?{API}"):
        assert "Authorization" not in SITE.signed(Link(url=other, method="POST"), keys).headers
    assert "Authorization" not in SITE.signed(link, {"CORAL_TOKEN": "secret"}).headers


@pytest.mark.parametrize(
    ("url", "native_id"),
    [
        ("https://coral.gazette.example/embed/stream?storyID=kettles", "kettles"),
        ("https://coral.gazette.example/embed/stream/?storyURL=https%3A%2F%2Fa.example&storyID=007", "007"),
        ("https://coral.gazette.example/embed/stream?storyURL=https%3A%2F%2Fa.example", None),
        ("https://talk.gazette.example/embed/stream?asset_id=a1", "a1"),
    ],
)
def test_the_address_of_a_frame_is_ours(url: str, native_id: str | None) -> None:
    assert site_of_url(url) is all_sites()["coral"]
    assert SITE.thread_id(url) == native_id


def test_other_addresses_are_articles_or_refused() -> None:
    article = "https://www.gazette.example/kettles"
    assert not SITE.claims(article)
    assert not SITE.claims(API)
    assert not SITE.claims("https://[bad")
    assert SITE.start(article) == Link(url=article, kind="article")
    for url in (API, "https://coral.gazette.example/embed/stream"):
        with pytest.raises(UnknownSite, match="storyID"):
            SITE.start(url)


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("PERSISTED_QUERY_NOT_FOUND", "not found", "btl ingest"),
        ("RAW_QUERY_NOT_AUTHORIZED", "raw", "CORAL_TOKEN"),
        ("RATE_LIMIT_EXCEEDED", "slowly", "later"),
        ("RATE_LIMIT", "", "later"),
        ("GRAPHQL_VALIDATION_FAILED", 'Cannot query field "rating"', "other fields"),
        ("STORY_NOT_FOUND", "no story", "check that the story exists"),
        ("", "", "check that the story exists"),
    ],
)
def test_an_error_says_what_to_do(code: str, message: str, advice: str) -> None:
    value = {"data": {"story": None}, "errors": [{"message": message, "extensions": {"code": code}}]}
    with pytest.raises(ParseError, match=re.escape(advice)) as raised:
        parsed(value)
    assert str(raised.value).startswith(API)
    assert code in str(raised.value)


@pytest.mark.parametrize(
    "value",
    [
        None, [], {}, "text", 7, {"data": None}, {"data": {}}, {"data": {"story": None}}, {"data": {"comment": None}},
        {"errors": "odd"}, {"errors": [None]}, {"errors": [{"extensions": 7}]}, {"data": {"story": {"comments": {}}}},
        {"data": {"story": {"comments": {"edges": [None]}}}},
        {"data": {"story": {"comments": {"edges": [{"node": 7}]}}}},
        {"data": {"story": {"comments": {"edges": [], "pageInfo": 7}}}},
    ],
)  # fmt: skip
def test_what_is_no_answer_of_ours_is_refused(value: Any) -> None:
    with pytest.raises(ParseError, match=re.escape(API)):
        parsed(value)
    assert not SITE.recognises(Page(None, json.dumps(value).encode()))


def test_answers_of_others_are_not_ours() -> None:
    posts = {"data": {"comments": {"nodes": [{"id": "1", "text": "Hello"}], "hasNextPage": False}}}
    assert not SITE.recognises(Page(None, json.dumps(posts).encode()))
    for case in sorted((Path(__file__).parents[1] / "sites").glob("*/*/body.json")):
        if case.parts[-3] != "coral":
            assert not SITE.recognises(Page(None, case.read_bytes())), case


def test_a_saved_answer_is_known_by_its_content() -> None:
    page = Page(None, json.dumps(story(node("a"), count=1)).encode())
    assert site_of_page(page) is all_sites()["coral"]
