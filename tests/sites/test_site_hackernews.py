"""Hacker News: recorded pages of four generations and answers of two APIs, against an independent reading of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Link, Shown, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.hackernews import HackerNews
from belowtheline.sites.registry import read
from tests.places import REALDATA

SITE = HackerNews()


@dataclass(frozen=True)
class Recorded:
    """What is true of a recorded page, found by eye and by a count of its spacers."""

    file: str
    thread: str
    comments: int
    declared: int | None
    depths: int
    faded: int
    score: int
    sample: tuple[str, str | None, int | None, str, int]
    """Id, parent, depth, date as published and length of the text of one comment."""


RECORDED = (
    Recorded("easyhn_item.html", "48350598", 124, 124, 8, 4, 148, ("48351877", "48351450", 1, "1780279615", 134)),
    # One more than it says: a deleted comment is shown in place, and not counted.
    Recorded("egze_comments.html", "3083797", 50, 49, 5, 1, 53, ("3084030", "3083877", 1, "1 hour ago", 98)),
    # Its count was lost when a browser saved it: the link says "comments".
    Recorded("karan_7404389.html", "7404389", 66, None, 7, 3, 161, ("7404517", "7404461", 1, "16 days ago", 738)),
    Recorded("newhackers_comments.html", "4705067", 45, 45, 5, 0, 107, ("4705841", "4705763", 1, "3 hours ago", 527)),
)
pages_of_four_years = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.file)


def recorded_page(name: str) -> Page:
    path = REALDATA / "hackernews" / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    return Page(None, path.read_bytes(), None, "2026-06-01T06:00:00Z")


def recorded_thread(name: str) -> ThreadPage:
    (found,) = read(SITE, recorded_page(name))
    return normalise(found)


@pages_of_four_years
def test_a_recorded_page_is_read_whole(recorded: Recorded) -> None:
    found = recorded_thread(recorded.file)
    thread = found.thread
    assert SITE.recognises(recorded_page(recorded.file))
    assert (thread.native_id, len(found.comments), shown(thread.declared_count), thread.score) == (
        recorded.thread,
        recorded.comments,
        recorded.declared,
        recorded.score,
    )
    assert found.completeness.is_whole
    assert (found.stubs, found.links, found.disagreements) == ((), (), 0)
    assert {comment.depth for comment in found.comments} == set(range(recorded.depths))
    marks = [mark.kind for comment in found.comments for mark in comment.marks]
    assert marks == ["faded"] * recorded.faded


@pages_of_four_years
def test_every_recorded_comment_has_what_its_page_shows_of_it(recorded: Recorded) -> None:
    found = recorded_thread(recorded.file)
    ids = [comment.native_id for comment in found.comments]
    gone = [comment for comment in found.comments if comment.deletion]
    assert len(gone) == (recorded.file == "egze_comments.html")
    assert [(one.native_id, one.position, one.deletion, one.body_text, one.author) for one in gone] == [
        (None, 15, "unknown", NOT_SHOWN, NOT_SHOWN)
    ] * len(gone)
    assert len(set(ids)) == len(ids)
    for comment in found.comments:
        parent = shown(comment.parent_native_id)
        assert parent is None or ids.index(parent) < ids.index(comment.native_id)
        assert (parent is None and comment.parent_position is None) == (comment.depth == 0)
        if comment.deletion is None:
            author = shown(comment.author)
            assert author is not None
            assert author.name == author.native_id
            assert author.kind == "account"
            assert isinstance(comment.published_at, str)
            assert isinstance(comment.body_text, str)


@pages_of_four_years
def test_a_comment_checked_by_eye_stands_as_written_down(recorded: Recorded) -> None:
    found = {comment.native_id: comment for comment in recorded_thread(recorded.file).comments}
    comment = found[recorded.sample[0]]
    seen = (comment.native_id, comment.parent_native_id, comment.depth, comment.published_raw)
    assert (*seen, len(shown(comment.body_text) or "")) == recorded.sample


@pages_of_four_years
def test_bodies_are_the_whole_visible_text_and_nothing_else(recorded: Recorded) -> None:
    found = recorded_thread(recorded.file)
    page = recorded_page(recorded.file)
    assert [letters(comment.body_text) for comment in found.comments] == list(visible_texts(page.root))


def letters(text: Shown[str]) -> str:
    return "".join((shown(text) or "").split())


def visible_texts(root: Any) -> Iterator[str]:
    """Yield the letters of each comment by plain XPath, without the line that links to the form for replies."""
    for body in root.xpath("//td[contains(@class, 'default')]//*[@class='comment']"):
        texts = body.xpath(".//text()[not(ancestor::div[@class='reply'] or ancestor::font[@size='1'])]")
        joined = letters("".join(texts))
        yield "" if joined == "[deleted]" else joined


def json_texts(item: dict[str, Any]) -> Iterator[str]:
    """Yield the letters of each comment below an item of Algolia."""
    for child in item["children"]:
        yield letters(unescape(re.sub("<[^>]*>", "", child["text"])))
        yield from json_texts(child)


def test_the_recorded_tree_of_algolia_is_read_whole() -> None:
    found = recorded_thread("algolia_item.json")
    assert [(comment.native_id, comment.parent_native_id, comment.depth) for comment in found.comments] == [
        ("18563919", None, 0),
        ("18564832", None, 0),
        ("18568804", "18564832", 1),
        ("18562788", None, 0),
        ("18579192", None, 0),
    ]
    assert (found.thread.native_id, found.thread.score, found.thread.published_at) == (
        "18562744",
        11,
        "2018-11-29T18:54:44Z",
    )
    assert [letters(comment.body_text) for comment in found.comments] == list(
        json_texts(recorded_page("algolia_item.json").json)
    )
    assert not found.completeness.is_whole  # it leaves out what is dead


def test_the_recorded_story_of_firebase_names_its_comments() -> None:
    found = recorded_thread("v0_item_14516538.json")
    assert (found.thread.native_id, found.thread.declared_count, found.thread.score) == ("14516538", 51, 84)
    assert len(shown(found.thread.body_text) or "") == 499
    assert (len(found.comments), len(found.stubs), len(found.links)) == (0, 22, 22)


def test_the_recorded_comment_of_firebase_joins_the_thread_being_read() -> None:
    found = recorded_thread("v0_item_14516923.json")
    (comment,) = found.comments
    assert (found.is_part, found.thread.native_id) == (True, None)
    assert (comment.native_id, comment.parent_native_id, comment.published_at) == (
        "14516923",
        "14516538",
        "2017-06-08T20:23:20Z",
    )
    assert [stub.parent_native_id for stub in found.stubs] == ["14516923"] * 5
    assert found.links[0] == Link(url="https://hacker-news.firebaseio.com/v0/item/14516538.json")


@pages_of_four_years
def test_recorded_pages_stay_above_the_floors(recorded: Recorded) -> None:
    found = recorded_thread(recorded.file).comments
    for name, floor in SITE.floors.items():
        assert sum(shown(getattr(comment, name)) is not None for comment in found) >= floor * len(found)


def test_pages_of_other_platforms_are_refused() -> None:
    if not REALDATA.exists():
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    others = [file for file in REALDATA.glob("*/*") if file.is_file() and file.parent.name != "hackernews"]
    assert others
    for file in others:
        page = Page(None, file.read_bytes())
        assert not SITE.recognises(page), file
        with pytest.raises(ParseError):
            SITE.parse(page)
