"""Versions of a comment: one row per change in the order of time, whatever the order in which captures arrive."""

import hashlib
import json
from dataclasses import replace
from functools import reduce
from itertools import groupby, pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.archive.record.versions import (
    CONTENT,
    Content,
    Showing,
    Version,
    agrees,
    content_sha256,
    overlay,
    place,
)
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Icon
from tests.made_up import Held, Post, as_html, as_text, gone, taken

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"


def content(body: str | None, deletion: str | None = None, html: bool = True) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(CONTENT)
    markup = f"<p>{body}</p>" if body and html else None
    return found | {"author_name": "Ann", "deletion": deletion, "body_text": body, "body_html": markup}


def page(day: int, body: str) -> Showing:
    return Showing(day, f"2025-01-0{day}T00:00:00Z" if day else "", content(body))


def copy(day: int, body: str) -> Showing:
    shown = {"author_name": "ann", "title": None, "body_text": body, "deletion": None}
    return Showing(day, f"2025-01-0{day}T00:00:00Z" if day else "", shown)


def tombstone(day: int) -> Showing:
    return Showing(day, f"2025-01-0{day}T00:00:00Z", {"deletion": "author"})


class Timeline:
    """Versions as the archive would keep them, with the present state beside them."""

    def __init__(self, first: Showing) -> None:
        self.showings = [first]
        time = first.time or None
        self.versions = [Version(1, time, first.capture_id, time, self.state)]

    @property
    def state(self) -> Content:
        """Return the newest of what was shown; of what is not dated the first stays."""
        undated = [showing for showing in reversed(self.showings) if not showing.time]
        dated = sorted((showing for showing in self.showings if showing.time), key=lambda showing: showing.time)
        return reduce(overlay, [*undated, *dated], dict.fromkeys(CONTENT))

    def take(self, showing: Showing) -> None:
        seen = max(showing.time for showing in self.showings)
        self.showings.append(showing)
        place(self.versions, showing, self.state, seen, lambda time: int(time[9]))
        for number, version in enumerate(self.versions):
            version.row_id = version.row_id or 100 + number

    def told(self) -> list[tuple[str | None, str | None, str | None]]:
        return [(v.shown_at and v.shown_at[9], v.content["body_text"], v.content["deletion"]) for v in self.versions]


def told(*showings: Showing) -> list[tuple[str | None, str | None, str | None]]:
    timeline = Timeline(showings[0])
    for showing in showings[1:]:
        timeline.take(showing)
    assert timeline.versions[-1].content == timeline.state
    return timeline.told()


@given(st.lists(st.sampled_from("ABC"), min_size=3, max_size=3))
def test_three_captures_in_any_order_are_told_in_the_order_of_time(bodies: list[str]) -> None:
    captures = [page(day, body) for day, body in enumerate(bodies, 1)]
    runs = [list(run) for _, run in groupby(zip("123", bodies, strict=True), key=lambda pair: pair[1])]
    expected = [(run[0][0], run[0][1], None) for run in runs]
    for order in permutations(captures):
        assert told(*order) == expected


@given(st.lists(st.sampled_from("ABC"), min_size=4, max_size=6).flatmap(
    lambda bodies: st.tuples(st.just(bodies), st.permutations(range(len(bodies))))
))  # fmt: skip
def test_many_captures_in_any_order_lose_no_words_and_end_in_the_newest(found: tuple[list[str], list[int]]) -> None:
    bodies, order = found
    told_of = told(*(page(place + 1, bodies[place]) for place in order))
    words = [body for _, body, _ in told_of]
    assert words[-1] == bodies[-1]
    assert set(words) == set(bodies)
    assert all(one != other for one, other in pairwise(words))
    assert all(bodies[int(day or 0) - 1] == body for day, body, _ in told_of)


def test_a_fourth_capture_may_come_back_at_a_later_time_than_it_was_seen() -> None:
    # What was seen unchanged leaves only its first and last time: that A stood on day 3 is not known when B arrives.
    assert told(page(1, "A"), page(3, "A"), page(4, "A"), page(2, "B")) == [
        ("1", "A", None),
        ("2", "B", None),
        ("4", "A", None),
    ]


def test_tombstones_keep_the_last_words_in_any_order() -> None:
    for order in permutations([page(1, "A"), page(2, "B"), tombstone(3)]):
        assert told(*order) == [("1", "A", None), ("2", "B", None), ("3", "B", "author")]


def test_a_tombstone_between_is_a_version_of_its_own() -> None:
    for order in permutations([page(1, "A"), tombstone(2), page(3, "A")]):
        assert told(*order) == [("1", "A", None), ("2", "A", "author"), ("3", "A", None)]


def test_the_bytes_named_are_the_earliest_of_the_fullest_form() -> None:
    for order in permutations([copy(1, "A"), page(2, "A"), page(3, "A")]):
        timeline = Timeline(order[0])
        for showing in order[1:]:
            timeline.take(showing)
        (version,) = timeline.versions
        assert (version.shown_at, version.capture_id) == ("2025-01-01T00:00:00Z", 2)


def test_an_undated_version_is_dated_by_the_capture_that_shows_its_words() -> None:
    assert told(page(0, "A"), page(2, "B"), page(3, "A")) == [("2", "B", None), ("3", "A", None)]
    assert told(page(3, "A"), page(2, "B"), page(0, "A")) == [("2", "B", None), ("3", "A", None)]


def test_an_undated_version_of_other_words_is_kept() -> None:
    assert told(page(2, "B"), page(0, "A")) == [(None, "A", None), ("2", "B", None)]
    assert told(page(0, "A"), page(2, "B")) == [(None, "A", None), ("2", "B", None)]
    assert [words for _, words, _ in told(page(0, "A"), page(0, "B"))] == ["B", "A"]


def test_copied_text_agrees_with_the_html_it_was_copied_from() -> None:
    version = Version(1, T1, 1, T1, content("It's hot."))
    assert agrees(version, copy(2, "It’s  hot"))
    assert not agrees(version, copy(2, "It's not hot"))
    assert not agrees(version, page(2, "It’s hot."))
    assert not agrees(version, tombstone(2))


def test_what_is_not_shown_is_not_part_of_a_showing() -> None:
    comment = Comment(native_id="1", position=1, author=Author(name="Ann"), icon=None, title="T", body_text="B")
    assert dict(Showing.of(comment, 1, T1, is_copy=True).content) == {
        "author_name": "Ann",
        "title": "T",
        "body_text": "B",
    }
    full = Showing.of(replace(comment, body_html="<p>B</p>", icon=Icon(name="Pint")), 1, T1, is_copy=False)
    assert (full.is_full, full.content["icon"]) == (True, "Pint")
    assert not Showing.of(replace(comment, title=NOT_SHOWN, body_text=NOT_SHOWN), 1, T1, is_copy=False).has_words


def test_the_hash_is_of_the_content_in_the_order_of_the_columns() -> None:
    values: Content = content("Hé\ud800")
    text = json.dumps([values[name] for name in CONTENT], ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    assert content_sha256([values[name] for name in CONTENT]) == digest


POSTS = [
    Post(id="1", author="Ann", user="7", title="One", body='He said "a fine kettle" twice.'),
    Post(id="2", author="Bob", user="8", title="Two", body="And a pot."),
    Post(id="3", author="Cid", user="9", title="Three", body="And a cup."),
    Post(id="4", author="Dee", user="10", title="Four", body="And a spoon."),
    Post(id="5", author="Eve", user="11", title="Five", body="And a saucer."),
]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_tombstone_keeps_words_and_quotes(tmp_path: Path, order: tuple[int, int]) -> None:
    pages = [(as_html(POSTS), T1), (as_html([gone(POSTS[0], True), *POSTS[1:]]), T2)]
    held = taken(tmp_path, [pages[place] for place in order])
    assert [row[1:] for row in held.versions("1")] == [
        (None, "One", 'He said "a fine kettle" twice.'),
        ("author", "One", 'He said "a fine kettle" twice.'),
    ]
    assert [json.loads(quotes)[0]["text"] for (quotes,) in held.flat("quotes")[:1]] == ["a fine kettle"]


def test_every_version_matches_its_hash_and_leads_to_a_capture(tmp_path: Path) -> None:
    held = Held(tmp_path)
    pages = [as_text(POSTS), as_html(POSTS), as_html([gone(POSTS[0]), *POSTS[1:]]), as_text(POSTS[1:])]
    for number, at in enumerate((T2, T1, T3, None)):
        held.take(pages[number], at)
    columns = ", ".join(f"v.{name}" for name in CONTENT)
    rows = held.rows(
        f"SELECT v.content_sha256, k.sha256, {columns} FROM comment_versions v JOIN captures k ON k.id = v.capture_id"
    )
    assert len(rows) == 6
    assert all(content_sha256(row[2:]) == row[0] and row[1] for row in rows)


def test_the_present_version_is_the_present_state(tmp_path: Path) -> None:
    other = [replace(POSTS[0], body='He said "a fine kettle" twice, or more.'), *POSTS[1:]]
    held = taken(tmp_path, [(as_html(other), T2), (as_text(POSTS), T1), (as_html(POSTS), T3), (as_text(other), None)])
    sql = """
        SELECT c.title IS v.title AND c.body_text IS v.body_text AND c.body_html IS v.body_html
            AND c.deletion IS v.deletion AND c.author_name IS v.author_name
        FROM comments c JOIN comment_versions v ON v.id = c.version_id"""
    assert held.rows(sql) == [(1,)] * 5
