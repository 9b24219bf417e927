"""Discourse: recorded answers against what was found by eye, addresses, and a forum that is read to its end."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Link, Mark, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.discourse import Discourse, wording
from belowtheline.sites.registry import read, site_of_page
from tests.growth import assert_linear
from tests.places import REALDATA

SITE = Discourse()
ANSWERS = ("perceval_topic_1148.json", "xertrov_t_2108_posts.json", "xertrov_t_2108_posts_pn_41.json")
TOPIC, FIRST, EARLIER = ANSWERS


def recorded(name: str) -> tuple[ThreadPage, list[dict[str, Any]]]:
    """Return what is read of a recorded answer, and its posts as they are."""
    path = REALDATA / "discourse" / name
    if not path.exists():
        pytest.skip(f"the recorded answers are not here: {path} (set BTL_REALDATA)")
    page = Page(None, path.read_bytes(), None, "2025-10-01T00:00:00Z")
    assert site_of_page(page).name == "discourse"
    (found,) = read(SITE, page)
    posts = sorted(page.json["post_stream"]["posts"], key=lambda post: int(post["post_number"]))
    return normalise(found), posts


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


@pytest.mark.parametrize("name", ANSWERS)
def test_recorded_answer_has_twenty_posts_in_thread_order(name: str) -> None:
    found, posts = recorded(name)
    assert len(found.comments) == 20
    assert [comment.native_id for comment in found.comments] == [str(post["id"]) for post in posts]
    assert [comment.position for comment in found.comments] == list(range(1, 21))
    assert all(isinstance(comment.published_at, str) for comment in found.comments)
    assert all((who := shown(comment.author)) and shown(who.native_id) for comment in found.comments)


@pytest.mark.parametrize("name", ANSWERS)
def test_recorded_posts_have_their_whole_text_and_nothing_of_the_forum(name: str) -> None:
    found, posts = recorded(name)
    for comment, post in zip(found.comments, posts, strict=True):
        # Without names and sizes of pictures, which no one wrote.
        cooked = re.sub(r'<div class="meta">.*?</div>', "", post["cooked"], flags=re.DOTALL)
        wanted = letters(unescape(re.sub(r"<[^>]*>", " ", cooked)))
        held = letters(shown(comment.body_text) or "")
        rest: Iterator[str] = iter(held)
        assert all(letter in rest for letter in wanted), comment.native_id
        # Numbers of lists and descriptions of pictures are more than the text.
        assert len(held) - len(wanted) < 200
        assert "avatar" not in (shown(comment.body_html) or "")


def test_recorded_topic() -> None:
    found, _ = recorded(TOPIC)
    thread = found.thread
    assert (thread.native_id, thread.declared_count, thread.is_closed) == ("1148", 22, False)
    assert thread.published_at == "2016-01-26T20:07:49Z"
    assert Mark(kind="category", value="111") in thread.marks
    # Whoever recorded it put the numbers 1 to 22 in place of the ids of all posts, so that none of them is at hand.
    assert [stub.native_id for stub in found.stubs] == [str(number) for number in range(1, 23)]
    assert not found.completeness.is_whole


def test_recorded_topic_has_parents_edits_and_likes() -> None:
    found, _ = recorded(TOPIC)
    parents = {comment.native_id: comment.parent_native_id for comment in found.comments if comment.parent_native_id}
    assert parents == {
        "19162": "19152", "19775": "19682", "19848": "19784", "20039": "19971", "20052": "20039", "20135": "20120",
        "20136": "20113", "20218": "20136", "20545": "20218",
    }  # fmt: skip
    edited = {comment.native_id: comment.edited_at for comment in found.comments if comment.is_edited}
    assert edited == {
        "19133": "2016-02-01T15:02:01Z", "19233": "2016-02-03T06:27:04Z", "20218": "2016-02-17T00:19:23Z",
    }  # fmt: skip
    assert {comment.native_id: comment.score for comment in found.comments if comment.score} == {"18952": 6, "19162": 1}


def test_recorded_posts_without_their_topic() -> None:
    found, _ = recorded(FIRST)
    assert found.thread.native_id == "2108"
    assert found.thread.title is NOT_SHOWN
    assert sum(isinstance(comment.parent_native_id, str) for comment in found.comments) == 14
    assert sum(comment.is_edited is True for comment in found.comments) == 5
    likes = {comment.native_id: comment.score for comment in found.comments if comment.score}
    assert likes == {"18843": 1, "18852": 1, "18853": 3, "18866": 3}


def test_recorded_posts_that_answer_posts_elsewhere() -> None:
    found, posts = recorded(EARLIER)
    # All twenty answer something; five of them answer posts that are not on this page, known by their number alone.
    elsewhere = {
        comment.native_id: str(shown(comment.parent_url)).rpartition("/")[2]
        for comment in found.comments
        if not shown(comment.parent_native_id)
    }
    numbers = {str(post["id"]): str(post["reply_to_post_number"]) for post in posts}
    assert elsewhere == {key: numbers[key] for key in ("18869", "18870", "18873", "18875", "18877")}
    ids = {comment.native_id for comment in found.comments}
    assert {parent for comment in found.comments if (parent := shown(comment.parent_native_id))} <= ids
    assert sum(comment.is_edited is True for comment in found.comments) == 6


@pytest.mark.parametrize(
    "url",
    [
        "https://forum.example.org/t/kettle-care/77",
        "https://forum.example.org/t/kettle-care/77/5?u=ann",
        "https://forum.example.org/t/kettle-care/77.json",
        "https://forum.example.org/t/-/77/",
        "https://forum.example.org/t/77/5",
        "https://forum.example.org/t/77/posts.json?post_ids[]=1",
        "https://forum.example.org/t/kettle-care/77/print",
    ],
)
def test_every_address_of_a_topic_leads_to_its_answer(url: str) -> None:
    assert SITE.thread_id(url) == "77"
    assert SITE.start(url) == Link(url="https://forum.example.org/t/77.json")


def test_forum_in_a_folder_keeps_its_folder() -> None:
    assert SITE.start("http://example.org:81/forum/t/kettle-care/77").url == "http://example.org:81/forum/t/77.json"


@pytest.mark.parametrize("url", ["https://example.org/t/web", "https://example.org/t/a/b/77", "https://example.org/77"])
def test_other_addresses_are_neither_claimed_nor_started(url: str) -> None:
    assert not SITE.claims(url)
    with pytest.raises(UnknownSite, match="no topic of a Discourse forum"):
        SITE.start(url)


def test_bare_number_is_read_when_asked_for_and_not_claimed() -> None:
    assert not SITE.claims("https://example.org/t/77")
    assert SITE.start("https://example.org/t/77").url == "https://example.org/t/77.json"


def test_page_stands_in_for_its_answer() -> None:
    page = Link(url="https://forum.example.org/t/77", kind="fallback")
    assert SITE.otherwise("https://forum.example.org/t/77.json") == page
    assert SITE.otherwise("https://forum.example.org/t/kettle-care/77") is None


def test_article_leads_to_the_topic_it_embeds() -> None:
    embedded = (
        b"<p>Tea</p><script>DiscourseEmbed = { discourseUrl: 'https://forum.example.org/', topicId: 77 };</script>"
    )
    linked = (
        b'<p><a class="wpdc-discourse-topic-link" href="https://forum.example.org/t/kettle-care/77">3 comments</a></p>'
    )
    for html in (embedded, linked):
        found = SITE.find_thread(Page("https://kettle.example/", html))
        assert found == Link(url="https://forum.example.org/t/77.json")
    assert SITE.find_thread(Page("https://kettle.example/", b"<p>No comments</p>")) is None


class Forum:
    """A forum of one topic that answers as Discourse does."""

    def __init__(self, count: int, *, deleted: int = 0) -> None:
        self.posts: list[dict[str, Any]] = [
            {
                "id": 9000 + number, "post_number": number, "username": "ann", "user_id": 3, "topic_id": 77,
                "topic_slug": "kettle-care", "cooked": f"<p>Cup {number}</p>", "created_at": "2024-05-01T10:00:00.000Z",
                "reply_to_post_number": number - 1 if number > 1 else None, "version": 1, "actions_summary": [],
            }
            for number in range(1, count + deleted + 1)
            if not 10 < number <= 10 + deleted
        ]  # fmt: skip

    def answer(self, url: str) -> bytes:
        asked = {int(number) for number in re.findall(r"post_ids\[\]=(\d+)", url)}
        posts = [post for post in self.posts if post["id"] in asked] if asked else self.posts[:20]
        value: dict[str, Any] = {"id": 77, "post_stream": {"posts": posts[:20]}}
        if not asked:
            value |= {"title": "Kettle care", "slug": "kettle-care", "posts_count": len(self.posts), "closed": False}
            value["post_stream"]["stream"] = [post["id"] for post in self.posts]
        return json.dumps(value).encode()


@pytest.mark.parametrize(("count", "deleted"), [(1, 0), (20, 0), (21, 0), (1000, 0), (95, 37)])
def test_topic_is_read_to_its_end_by_its_links(count: int, deleted: int) -> None:
    forum = Forum(count, deleted=deleted)
    todo = [SITE.start("https://forum.example.org/t/kettle-care/77").url]
    held: list[tuple[int, int, str]] = []
    stubs: set[str] = set()
    done = 0
    while todo:
        url = todo.pop()
        (found,) = SITE.parse(Page(url, forum.answer(url), "application/json"))
        todo += [link.url for link in found.links]
        stubs |= {str(stub.native_id) for stub in found.stubs}
        number = found.completeness.page_number or 1
        held += [(number, comment.position, str(comment.native_id)) for comment in found.comments]
        done += 1
        assert found.completeness.is_whole == (count <= 20)
    # Page and position put the posts of all answers in the order of the thread, whichever came first.
    assert [key for _, _, key in sorted(held)] == [str(post["id"]) for post in forum.posts]
    assert done == max(1, -(-count // 20))
    assert stubs == {str(post["id"]) for post in forum.posts[20:]}


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"post_stream": []}', b'{"post_stream": {"posts"', b"{}"])
def test_answer_that_is_no_topic_is_an_error(body: bytes) -> None:
    page = Page("https://forum.example.org/t/77.json", body)
    assert not SITE.recognises(page)
    with pytest.raises(ParseError, match=r"^https://forum\.example\.org/t/77\.json "):
        SITE.parse(page)


def test_posts_of_no_topic_ask_for_their_address() -> None:
    with pytest.raises(ParseError, match="--url"):
        SITE.parse(Page(None, b'{"post_stream": {"posts": []}}'))


def test_count_beyond_reason_makes_no_links_without_end() -> None:
    value = {"id": 77, "title": "Tea", "posts_count": 10**30, "post_stream": {"posts": [], "isMegaTopic": True}}
    (found,) = SITE.parse(Page("https://forum.example.org/t/77.json", json.dumps(value).encode()))
    assert found.links == ()
    assert found.thread.declared_count is NOT_SHOWN


@pytest.mark.parametrize(
    "piece",
    ['<div class="meta">', '<img class="avatar" ', '<span class="badge clicks', '<span class="badge clicks">', "clicks",
     '<img class="avatar', '<div class="quote-controls">', "class="],
)  # fmt: skip
def test_hostile_texts_cost_no_time(piece: str) -> None:
    assert_linear(wording.written, '<span class="badge' + piece * (100_000 // len(piece)))
