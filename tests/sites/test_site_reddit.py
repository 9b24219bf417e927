"""Reddit: recorded answers of 2013 and of 2016, against an independent reading of them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Comment, Shown, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.reddit import Reddit
from belowtheline.sites.registry import read
from tests.places import REALDATA

SITE = Reddit()


@dataclass(frozen=True)
class Recorded:
    """What is true of a recorded answer, found by eye and by a count of its `kind`s."""

    file: str
    thread: str
    comments: int
    mores: int
    """How often `more` stands for what is left out."""
    left_out: int
    """How many ids `more` names."""
    continued: int
    """How often `more` names none: "continue this thread"."""
    declared: int | None
    """With what `more` counts it is at most what the post says: removed comments are counted and not handed out."""
    counted_by_more: int
    depths: int
    edited: int
    deleted: int
    accounts_gone: int
    marks: dict[str, int]
    sample: tuple[str, str | None, int, str, int | None, int | None, int]
    """Id, parent, depth, date as published, score, votes for and length of the text of one comment."""


RECORDED = (
    # 472 and 61 counted by `more` are 533 of 538, and six threads are continued elsewhere, which counts nothing.
    Recorded(
        "praw_listing.json", "3hahrw", 472, 18, 24, 6, 538, 61, 10, 11, 7, 14, {"controversial": 19},
        ("cu5tlz5", "cu5tgzu", 3, "1439816644", 180, None, 13),
    ),
    # 198 and 175 counted by `more` are ten more than the post says: the two were not counted at the same time.
    Recorded(
        "raw4j_comments_1lihub.json", "1lihub", 198, 45, 134, 0, 363, 175, 6, 3, 0, 0, {},
        ("cbzl7vp", "cbzkkyb", 2, "1378044254", None, 5, 117),
    ),
    Recorded(
        "raw4j_morechildren.json", "1nfrqm", 20, 11, 293, 0, None, 408, 3, 0, 0, 0, {},
        ("cciayfa", None, 0, "2013-09-30T18:01:05+00:00", 44, 102, 87),
    ),
)  # fmt: skip
answers = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.file)


def recorded_page(name: str) -> Page:
    path = REALDATA / "reddit" / name
    if not path.exists():
        pytest.skip(f"the recorded answers are not here: {path} (set BTL_REALDATA)")
    return Page(None, path.read_bytes(), None, "2026-06-01T06:00:00Z")


def recorded_thread(recorded: Recorded) -> ThreadPage:
    (found,) = read(SITE, recorded_page(recorded.file))
    return normalise(found)


def things(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of all things of a kind in the order of the file, by a plain walk through all values."""
    if isinstance(value, dict):
        if value.get("kind") == kind:
            yield value["data"]
        for inner in value.values():
            yield from things(inner, kind)
    elif isinstance(value, list):
        for inner in value:
            yield from things(inner, kind)


@answers
def test_a_recorded_answer_is_read_whole(recorded: Recorded) -> None:
    found = recorded_thread(recorded)
    assert SITE.recognises(recorded_page(recorded.file))
    assert (found.thread.native_id, len(found.comments), shown(found.thread.declared_count)) == (
        recorded.thread,
        recorded.comments,
        recorded.declared,
    )
    assert not found.completeness.is_whole
    assert not found.completeness.counts_visible
    assert found.disagreements == 0
    assert {comment.depth for comment in found.comments} == set(range(recorded.depths))
    assert sum(comment.is_edited is True for comment in found.comments) == recorded.edited
    assert Counter(mark.kind for comment in found.comments for mark in comment.marks) == recorded.marks


@answers
def test_ids_and_parents_are_those_of_the_recorded_answer(recorded: Recorded) -> None:
    found = recorded_thread(recorded)
    expected = [
        (thing["id"].removeprefix("t1_"), thing.get("parent_id") or thing["parent"])
        for thing in things(recorded_page(recorded.file).json, "t1")
    ]
    seen = [
        (comment.native_id, f"t1_{parent}" if (parent := shown(comment.parent_native_id)) else f"t3_{recorded.thread}")
        for comment in found.comments
    ]
    assert sorted(seen) == sorted(expected)
    assert recorded.file == "raw4j_morechildren.json" or seen == nested(expected)
    ids = [comment.native_id for comment in found.comments]
    assert len(set(ids)) == len(ids)
    for comment in found.comments:
        parent = shown(comment.parent_native_id)
        assert parent is None or ids.index(parent) < ids.index(comment.native_id)


def nested(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return comments with each below its parent, in the order in which a reader sees them."""
    below: dict[str, list[tuple[str, str]]] = {}
    for native_id, parent in found:
        below.setdefault(parent, []).append((native_id, parent))

    def under(name: str) -> Iterator[tuple[str, str]]:
        for native_id, parent in below.get(name, ()):
            yield native_id, parent
            yield from under(f"t1_{native_id}")

    (post,) = {parent for _, parent in found if parent.startswith("t3_")}
    return list(under(post))


@answers
def test_what_is_left_out_is_a_stub_and_is_asked_for(recorded: Recorded) -> None:
    found = recorded_thread(recorded)
    mores = list(things(recorded_page(recorded.file).json, "more"))
    named = [stub.native_id for stub in found.stubs if stub.native_id]
    assert (len(mores), len(named), len(found.stubs) - len(named)) == (
        recorded.mores,
        recorded.left_out,
        recorded.continued,
    )
    ids = {comment.native_id for comment in found.comments}
    assert ids.isdisjoint(named)
    assert all(shown(stub.parent_native_id) in {None, *ids} for stub in found.stubs)
    assert sum(counted(more) for more in mores) == recorded.counted_by_more
    asked = [link.url for link in found.links if "/api/morechildren.json?" in link.url]
    assert sorted(",".join(re.findall("children=([^&]*)", " ".join(asked))).split(",")) == sorted(named)
    assert len(found.links) - len(asked) == recorded.continued


def counted(more: dict[str, Any]) -> int:
    return more["count"] if "count" in more else int(re.findall(r"\((\d+) repl", unescape(more["content"]))[0])


@answers
def test_every_recorded_comment_has_what_its_answer_shows_of_it(recorded: Recorded) -> None:
    found = recorded_thread(recorded)
    assert sum(comment.deletion == "author" for comment in found.comments) == recorded.deleted
    kinds = Counter(author.kind for comment in found.comments if (author := shown(comment.author)))
    assert kinds["deleted"] == recorded.accounts_gone
    assert kinds["account"] == recorded.comments - recorded.deleted - recorded.accounts_gone
    for comment in found.comments:
        assert comment.published_precision == "second"
        assert isinstance(comment.published_at, str)
        assert (comment.body_text is NOT_SHOWN) == (comment.deletion is not None) == (comment.author is NOT_SHOWN)
        assert isinstance(comment.url, str)
        assert comment.url.endswith(f"/{comment.native_id}/")


@answers
def test_a_comment_checked_by_eye_stands_as_written_down(recorded: Recorded) -> None:
    found = {comment.native_id: comment for comment in recorded_thread(recorded).comments}
    comment = found[recorded.sample[0]]
    seen = (comment.native_id, comment.parent_native_id, comment.depth, comment.published_raw)
    votes = (shown(comment.score), shown(comment.upvotes))
    assert (*seen, *votes, len(shown(comment.body_text) or "")) == recorded.sample


@answers
def test_bodies_are_the_whole_text_and_nothing_else(recorded: Recorded) -> None:
    found = {comment.native_id: comment for comment in recorded_thread(recorded).comments}
    for thing in things(recorded_page(recorded.file).json, "t1"):
        comment = found[thing["id"].removeprefix("t1_")]
        if comment.deletion is None:
            html = thing.get("body_html") or thing["contentHTML"]
            html = unescape(html) if html.startswith("&lt;") else html
            assert letters(comment.body_text) == letters(unescape(re.sub("<[^>]*>", "", html))), comment.native_id
            assert "SC_O" not in (shown(comment.body_html) or "")


def letters(text: Shown[str]) -> str:
    """Return a text without white space and without the marks of quotes and lists that its text form adds."""
    return re.sub(r"(?m)^(?:> )+|^ *- |^ *\d+\. ", "", shown(text) or "").replace(">", "").translate(_BLANKS)


_BLANKS = {ord(character): None for character in " \n\t\xa0\r\u200b\u3000"}


@answers
def test_recorded_figures_are_those_of_the_answer(recorded: Recorded) -> None:
    found = {comment.native_id: comment for comment in recorded_thread(recorded).comments}
    for thing in things(recorded_page(recorded.file).json, "t1"):
        comment = found[thing["id"].removeprefix("t1_")]
        assert figures(comment) == expected_figures(thing)


def figures(comment: Comment) -> tuple[int | None, int | None, int | None]:
    return shown(comment.score), shown(comment.upvotes), shown(comment.downvotes)


def expected_figures(thing: dict[str, Any]) -> tuple[int | None, int | None, int | None]:
    """Return score, votes for and votes against: of 2016 only the score, of 2013 the votes, rendered all three."""
    if "content" not in thing:
        return (thing["score"], None, None) if "score" in thing else (None, thing["ups"], thing["downs"])
    html = unescape(thing["content"])
    (points,) = set(re.findall(r'score unvoted">\s*(-?\d+) point', html))
    ups, downs = (int(re.findall(rf'data-{key}="(\d+)"', html)[0]) for key in ("ups", "downs"))
    return int(points), ups, downs


def test_the_recorded_post_of_2016_links_to_its_picture() -> None:
    thread = recorded_thread(RECORDED[0]).thread
    assert (thread.score, thread.is_closed, thread.published_at) == (29779, True, "2015-08-17T07:44:40Z")
    assert isinstance(thread.article.url, str)
    assert thread.article.url.endswith("/eoF76hj.gifv")
    assert [(mark.kind, mark.value) for mark in thread.marks] == [
        ("subreddit", "funny"),
        ("upvote ratio", "0.94"),
        ("archived", None),
    ]


def test_the_recorded_post_of_2013_says_how_the_votes_fell() -> None:
    thread = recorded_thread(RECORDED[1]).thread
    assert (thread.score, thread.is_closed, thread.published_at) == (2429, NOT_SHOWN, "2013-09-01T12:17:33Z")
    assert [(mark.kind, mark.value) for mark in thread.marks] == [
        ("subreddit", "movies"),
        ("upvotes", "4082"),
        ("downvotes", "1653"),
    ]


@answers
def test_recorded_answers_stay_above_the_floors(recorded: Recorded) -> None:
    found = recorded_thread(recorded).comments
    for name, floor in SITE.floors.items():
        assert sum(shown(getattr(comment, name)) is not None for comment in found) >= floor * len(found)


def test_answers_and_pages_of_other_platforms_are_refused() -> None:
    if not REALDATA.exists():
        pytest.skip(f"the recorded answers are not here: {REALDATA} (set BTL_REALDATA)")
    others = [file for file in REALDATA.glob("*/*") if file.is_file() and file.parent.name != "reddit"]
    assert others
    for file in others:
        page = Page(None, file.read_bytes())
        assert not SITE.recognises(page), file
        with pytest.raises(ParseError):
            SITE.parse(page)


def test_the_recorded_answers_are_json_and_not_cut() -> None:
    for recorded in RECORDED:
        body = recorded_page(recorded.file).body
        assert json.loads(body)
        with pytest.raises(ParseError, match="not valid JSON"):
            SITE.parse(Page(None, body[: len(body) // 2]))
