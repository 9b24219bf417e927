"""Marks: a page that shows none clears them and is observed; a page whose form has none says nothing."""

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from belowtheline.pipelines.validate import validate
from belowtheline.reading.items import NOT_SHOWN, Author, Mark, Marks, ThreadPage
from tests.recorded import Recorded, post, shown_page

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"
PICK, LOCKED = Mark(kind="editors' pick"), Mark(kind="locked", value="for now")
OBSERVED = """
    SELECT k.fetched_at, o.value FROM observations o JOIN captures k ON k.id = o.capture_id
    WHERE o.kind = 'marks' ORDER BY k.fetched_at, o.id"""


def marked(marks: Marks) -> ThreadPage:
    author = Author(name="Ada", native_id="7", kind="account", marks=marks)
    page = shown_page(post("a", marks=marks, author=author))
    return replace(page, thread=replace(page.thread, marks=marks))


def as_json(*marks: Mark) -> str:
    return json.dumps([{"kind": mark.kind, "value": mark.value} for mark in marks])


def held(archive: Recorded) -> list[Any]:
    """Return the marks of the comment, of its author and of its thread."""
    sql = "SELECT c.marks, a.marks, t.marks FROM comments c, authors a, threads t"
    return [decoded and json.loads(decoded) for decoded in archive.rows(sql)[0]]


def observed(archive: Recorded) -> list[tuple[str, Any]]:
    return [(at, value and json.loads(value)) for at, value in archive.rows(OBSERVED)]


def taken(folder: Path, *given: tuple[Marks, str]) -> Recorded:
    archive = Recorded(folder)
    for marks, at in given:
        archive.take_page(marked(marks), at)
    return archive


def test_none_shown_clears_and_is_observed(tmp_path: Path) -> None:
    archive = taken(tmp_path, ((PICK, LOCKED), T1), ((), T2))
    assert held(archive) == [None, None, None]
    assert observed(archive) == [(T1, json.loads(as_json(PICK, LOCKED))), (T2, None)]


def test_a_form_without_marks_says_nothing(tmp_path: Path) -> None:
    archive = taken(tmp_path, ((PICK,), T1), (NOT_SHOWN, T2))
    assert held(archive) == [json.loads(as_json(PICK))] * 3
    assert len(observed(archive)) == 1


@pytest.mark.parametrize("order", list(permutations((((PICK,), T1), ((), T2), (NOT_SHOWN, T3)))))
def test_the_order_of_captures_does_not_matter(tmp_path: Path, order: tuple[tuple[Marks, str], ...]) -> None:
    archive = taken(tmp_path, *order)
    assert held(archive)[0] is None
    assert held(archive)[2] is None
    assert observed(archive) == [(T1, json.loads(as_json(PICK))), (T2, None)]


def test_marks_that_come_back_are_three_rows(tmp_path: Path) -> None:
    archive = taken(tmp_path, ((PICK,), T1), ((), T2), ((PICK,), T3))
    assert [at for at, _ in observed(archive)] == [T1, T2, T3]
    assert held(archive) == [json.loads(as_json(PICK))] * 3


def test_no_marks_at_first_are_no_observation(tmp_path: Path) -> None:
    assert observed(taken(tmp_path, ((), T1), ((), T2))) == []


def test_what_we_mark_in_copied_text_clears_nothing(tmp_path: Path) -> None:
    archive = taken(tmp_path, ((PICK,), T1))
    dirty = shown_page(post("a", body_html=NOT_SHOWN, body_text="Words \0 of a."))
    archive.take_page(replace(dirty, form="copied text"), T2)
    assert held(archive)[0] == json.loads(as_json(PICK))


@pytest.mark.parametrize(("marks", "expected"), [(NOT_SHOWN, ()), ((), ()), ((PICK,), (PICK,))])
def test_what_was_cleaned_is_marked_beside_what_is_shown(marks: Marks, expected: tuple[Mark, ...]) -> None:
    page = validate(shown_page(post("a", marks=marks, title="\0"), post("b", marks=marks), post("b", marks=marks)))
    first, second, twin = page.comments
    assert first.marks == (*expected, Mark(kind="cleaned", value="title"))
    assert second.marks == marks
    assert twin.marks == (*expected, Mark(kind="duplicate id", value="b"))
