"""Lobsters: a recorded page and a recorded answer against what was found by eye, addresses, and large threads."""

import hashlib
import json

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, Mark, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.lobsters import Lobsters
from belowtheline.sites.registry import read, site_of_page
from tests.growth import assert_linear
from tests.places import REALDATA

SITE = Lobsters()


def recorded_thread(name: str) -> ThreadPage:
    path = REALDATA / "lobsters" / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    page = Page(None, path.read_bytes(), None, "2026-07-12T11:30:00Z")
    assert site_of_page(page).name == "lobsters"
    (found,) = read(SITE, page)
    return normalise(found)


def texts_of(found: ThreadPage) -> str:
    texts = "\n".join(shown(comment.body_text) or "-" for comment in found.comments)
    return hashlib.sha256(texts.encode()).hexdigest()[:16]


def test_recorded_page_has_all_comments_and_one_more_than_it_counts() -> None:
    found = recorded_thread("post_details_ktew3s.html")
    thread = found.thread
    # It says 15: the one removed by its author is shown in place, and not counted.
    assert (len(found.comments), thread.declared_count) == (16, 15)
    assert [comment.native_id for comment in found.comments if comment.deletion] == ["wlhfnk"]
    assert (thread.instance, thread.native_id, thread.score) == ("", "ktew3s", 20)
    assert thread.published_at == "2026-07-12T02:34:31Z"
    assert thread.marks == (Mark(kind="tag", value="web"),)
    assert found.completeness.is_whole


def test_recorded_page_has_parents_scores_and_dates() -> None:
    comments = {comment.native_id: comment for comment in recorded_thread("post_details_ktew3s.html").comments}
    parents = {key: comment.parent_native_id for key, comment in comments.items() if comment.parent_native_id}
    assert parents == {
        "99ne8h": "ba7zs5", "kpzehm": "99ne8h", "pm5tx9": "kpzehm", "xq8sq5": "ba7zs5", "ydhouv": "ba7zs5",
        "t8g6cb": "ydhouv", "wlhfnk": "ba7zs5", "cmiooy": "cb8n1y", "r8pyae": "cmiooy", "qzd8je": "cjsk7i",
    }  # fmt: skip
    # The others are so young that their scores are not shown yet.
    scores = {key: comment.score for key, comment in comments.items() if isinstance(comment.score, int)}
    assert scores == {"ba7zs5": 38, "99ne8h": 12, "dhlax3": 14, "cxeimo": 12, "cb8n1y": 5}
    edited = {key: comment.edited_at for key, comment in comments.items() if comment.is_edited}
    assert edited == {"ba7zs5": "2026-07-12T02:41:05Z", "kpzehm": "2026-07-12T09:17:58Z"}
    assert all(isinstance(comment.published_at, str) for key, comment in comments.items() if key not in edited)
    assert comments["r8pyae"].published_at == "2026-07-12T08:19:12Z"
    assert comments["ba7zs5"].marks == (Mark(kind="submitter"),)


def test_recorded_page_has_whole_texts() -> None:
    found = recorded_thread("post_details_ktew3s.html")
    assert texts_of(found) == "ead805bad1a33212"
    assert all((who := shown(comment.author)) and who.kind == "account" for comment in found.comments)
    assert not any("removed" in (shown(comment.body_text) or "") for comment in found.comments if comment.deletion)


def test_recorded_answer_of_2018() -> None:
    found = recorded_thread("thieurom_story.json")
    assert (found.thread.native_id, found.thread.score, found.thread.declared_count) == ("donlgu", 15, 3)
    assert found.thread.published_at == "2018-06-18T01:07:42Z"
    rows = [(c.native_id, c.parent_native_id, c.depth, c.score, c.published_at) for c in found.comments]
    assert rows == [
        ("ddvvra", None, 0, 3, "2018-06-18T05:44:50Z"),
        ("f9v3ml", None, 0, 1, "2018-06-18T05:37:01Z"),
        ("y0uprx", "f9v3ml", 1, 2, "2018-06-18T05:58:50Z"),
    ]
    assert texts_of(found) == "eb1ecd72db713b87"


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://lobste.rs/s/abc123", "https://lobste.rs/s/abc123.json"),
        ("https://lobste.rs/s/abc123/some_title#c_xyz789", "https://lobste.rs/s/abc123.json"),
        ("http://www.lobste.rs/s/abc123.json", "https://lobste.rs/s/abc123.json"),
        ("https://lobste.rs/s/abc123/some_title/comments/xyz789", "https://lobste.rs/s/abc123.json"),
        ("https://lobste.rs/c/xyz789", "https://lobste.rs/c/xyz789"),
        ("http://127.0.0.1:8000/s/abc123/some_title", "http://127.0.0.1:8000/s/abc123.json"),
    ],
)
def test_every_address_of_a_story_leads_to_its_answer(url: str, first: str) -> None:
    assert SITE.start(url) == Link(url=first)


@pytest.mark.parametrize("url", ["https://lobste.rs/", "https://lobste.rs/newest", "https://lobste.rs/~ann"])
def test_address_of_no_story_is_refused(url: str) -> None:
    assert SITE.claims(url)
    with pytest.raises(UnknownSite, match="no story of Lobsters"):
        SITE.start(url)


def test_page_stands_in_for_its_answer() -> None:
    page = Link(url="https://lobste.rs/s/abc123", kind="fallback")
    assert SITE.otherwise("https://lobste.rs/s/abc123.json") == page
    assert SITE.otherwise("https://lobste.rs/s/abc123") is None


def test_article_leads_to_the_story_it_names() -> None:
    html = b'<p>Written today. <a href="https://lobste.rs/s/abc123/kettle">Discuss on Lobsters</a></p>'
    assert SITE.find_thread(Page("https://kettle.example/", html)) == Link(url="https://lobste.rs/s/abc123.json")
    assert SITE.find_thread(Page("https://kettle.example/", b"<p>No <a href='/s/abc123'>comments</a></p>")) is None


def nested_page(depths: list[int]) -> bytes:
    head = (
        '<html><body><ol class="stories"><li id="story_abc123" data-shortid="abc123" class="story">'
        '<a class="u-url" href="/s/abc123/kettle">Kettle</a><a class="upvoter">1</a></li></ol>'
        '<ol class="comments comments1"><li class="comments_subtree"><ol class="comments">'
    )
    parts, before = [head], -1
    for number, depth in enumerate(depths):
        parts.append('<ol class="comments">' if number and depth > before else "</li>" if number else "")
        parts.append("</ol></li>" * max(0, before - depth))
        parts.append(
            f'<li class="comments_subtree"><div id="c_x{number}" data-shortid="x{number}" class="comment">'
            f'<div class="byline"><a href="/~ann">ann</a> <a href="/c/x{number}"><time data-at-unix="1772300000">now'
            f'</time></a></div><div class="comment_text"><p>Cup {number}</p></div></div>'
        )
        before = depth
    return ("".join(parts) + "</li></ol></li></ol></body></html>").encode()


@pytest.mark.parametrize("depths", [[0] * 1000, list(range(10)), [0, 1, 2, 1, 0] * 200, list(range(3000))])
def test_large_and_deep_pages_are_read_whole(depths: list[int]) -> None:
    (found,) = SITE.parse(Page("https://lobste.rs/s/abc123", nested_page(depths)))
    assert [comment.depth for comment in found.comments] == depths
    assert [comment.native_id for comment in found.comments] == [f"x{number}" for number in range(len(depths))]
    parents = [comment.parent_native_id for comment in found.comments]
    assert all((parent is None) == (depth == 0) for parent, depth in zip(parents, depths, strict=True))


def test_answer_of_ten_thousand_levels_is_read_whole() -> None:
    comments = [{"short_id": f"x{depth}", "depth": depth, "comment": "<p>Cup</p>"} for depth in range(10_000)]
    answer = {"short_id": "abc123", "submitter_user": "ann", "comments": comments}
    (found,) = SITE.parse(Page("https://lobste.rs/s/abc123.json", json.dumps(answer).encode()))
    assert found.comments[-1].parent_native_id == "x9998"
    assert found.disagreements == 0


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"short_id": "abc123"}', b'{"comments": [1]}', b'{"short_id"'])
def test_answer_that_is_no_story_is_an_error(body: bytes) -> None:
    page = Page("https://lobste.rs/s/abc123.json", body)
    assert not SITE.recognises(page)
    with pytest.raises(ParseError, match=r"^https://lobste\.rs/s/abc123\.json "):
        SITE.parse(page)


@pytest.mark.parametrize("text", ["/s/" * 33_000, "<" * 100_000, "<p>" * 33_000, "[" * 50_000 + "]" * 50_000])
def test_hostile_texts_cost_no_time(text: str) -> None:
    from belowtheline.sites.lobsters import addresses, wording

    assert_linear(lambda part: wording.deletion(wording.plain(part)), text)
    assert_linear(addresses.story_of, "https://lobste.rs/" + text.replace("[", "").replace("]", ""))
