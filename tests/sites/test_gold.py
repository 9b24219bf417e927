"""The real sample, a whole thread as text copied from its page, against its annotation by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from tests.places import REALDATA

SAMPLE = REALDATA / "register" / "contactpoint-2008-08-26.txt"
GOLD = SAMPLE.with_suffix(".gold.json")

pytestmark = pytest.mark.skipif(
    not GOLD.is_file(), reason=f"the real sample is not there: set BTL_REALDATA (tried {GOLD})"
)

_MISSED, _EXTRA = 3, 3
"""How many of the 53 quoted spans may be missed, and how many others found."""


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    path = tmp_path_factory.mktemp("gold") / "sample.db"
    return path, CliRunner().invoke(main, ["ingest", str(path), str(SAMPLE)])


@pytest.fixture(scope="module")
def rows(ingested: tuple[Path, Result]) -> list[dict[str, Any]]:
    with Archive.open_to_read(ingested[0]) as archive:
        cursor = archive.query("SELECT * FROM comments_flat ORDER BY position")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(GOLD.read_text(encoding="utf-8"))
    return found


def test_it_is_taken_in_without_options(ingested: tuple[Path, Result]) -> None:
    path, result = ingested
    assert result.exit_code == 0, result.output
    assert "unverified     37 held" in result.output
    with Archive.open_to_read(path) as archive:
        assert archive.query("SELECT verdict, held, is_closed FROM thread_status").fetchall() == [("unverified", 37, 1)]


def test_headline_teaser_and_closing_are_those_of_the_file(rows: list[dict[str, Any]]) -> None:
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    paragraphs = [line.strip() for line in lines if line.strip()]
    headline = paragraphs[0].removeprefix("back to article").strip()
    assert {row["headline"] for row in rows} == {headline}
    assert {row["thread_title"] for row in rows} == {headline}
    assert {row["teaser"] for row in rows} == {paragraphs[1]}
    assert {row["is_closed"] for row in rows} == {1}


def differences(row: dict[str, Any], gold: dict[str, Any]) -> Iterator[str]:
    """Yield the fields in which a row differs from its annotation."""
    body = row["body_text"] or ""
    found = {
        "author": (row["author"], gold["author_name"]),
        "is_anonymous": (bool(row["is_anonymous"]), gold["anonymous"]),
        "is_staff": (bool(row["is_staff"]), gold["staff"]),
        "icon": (row["icon"], gold["icon"]),
        "title": (row["title"], gold["title"]),
        "paragraphs": (len(body.split("\n\n")), gold["paragraphs"]),
        "start": (body[: len(gold["body_starts_with"])], gold["body_starts_with"]),
        "end": (body[-len(gold["body_ends_with"]) :], gold["body_ends_with"]),
    }
    return (
        f"{gold['n']} {name}: {ours!r} is not {theirs!r}" for name, (ours, theirs) in found.items() if ours != theirs
    )


def test_every_comment_field_by_field(rows: list[dict[str, Any]], gold: list[dict[str, Any]]) -> None:
    assert len(rows) == len(gold) == 37
    assert [line for row, one in zip(rows, gold, strict=True) for line in differences(row, one)] == []


def test_what_copied_text_does_not_show_is_null(rows: list[dict[str, Any]]) -> None:
    hidden = (
        "published_at",
        "published_raw",
        "body_html",
        "url",
        "upvotes",
        "downvotes",
        "parent_native_id",
        "is_edited",
    )
    assert {row[name] for row in rows for name in hidden} == {None}
    assert [row["native_id"] for row in rows] == [f"~{number}" for number in range(1, 38)]


def test_quoted_spans_are_found_to_the_character(rows: list[dict[str, Any]], gold: list[dict[str, Any]]) -> None:
    missed, extra = [], []
    for row, one in zip(rows, gold, strict=True):
        ours = [quote["text"] for quote in json.loads(row["quotes"])]
        for quote in one["quotes"]:
            if quote["text"] in ours:
                ours.remove(quote["text"])
            else:
                missed.append((one["n"], quote["text"]))
        extra += [(one["n"], text) for text in ours]
    assert sum(len(one["quotes"]) for one in gold) == 53
    assert len(missed) <= _MISSED, f"missed: {missed}; extra: {extra}"
    assert len(extra) <= _EXTRA, f"missed: {missed}; extra: {extra}"


def test_quotes_stand_at_their_offsets(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        for quote in json.loads(row["quotes"]):
            text = row["title"] if quote["field"] == "title" else row["body_text"]
            assert text[quote["start"] : quote["end"]] == quote["text"], row["position"]


def test_it_is_found_again(ingested: tuple[Path, Result]) -> None:
    result = CliRunner().invoke(main, ["ingest", str(ingested[0]), str(SAMPLE)])
    assert result.exit_code == 0
    assert "0 pages taken in, 1 already held" in result.output
