"""What an export holds, in each format, read back from real files."""

import csv
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.archive.descriptions.dictionary import json_schema
from belowtheline.archive.store.database import Archive
from belowtheline.exports.documents import write_document, write_lines
from belowtheline.exports.selection import SelectedComments, Selection
from belowtheline.exports.tables import escape_cell, restore_cell, write_table
from belowtheline.reading.errors import StorageError

KETTLE = "2025/03/14/kettle_firmware"
MOON = "2009/07/18/moon_broadband"
EMPTY = "2025/04/02/fax_revival"
PROVENANCE = ("first_seen_at", "last_seen_at", "captured_at", "source_url", "capture_sha256")
HOSTILE = (
    '=HYPERLINK("http://x.test","tea")',
    "+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "'already",
    "''twice",
    'a "quoted", cell\r\nof\ttwo lines\rand a return',
    "null\x00byte, \u2028 line separator, \U0001f375 tea",
)

Write = Callable[[SelectedComments, TextIO], None]


@pytest.fixture
def archive_path(sample_archive: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive, to be changed."""
    return Path(shutil.copy(sample_archive, tmp_path / "a.db"))


@pytest.fixture
def hostile_path(archive_path: Path) -> Path:
    """An archive whose first comments have hostile titles, names and bodies, marks and a negative score."""
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        for row, text in enumerate(HOSTILE, 1):
            values = (text, text, f"{text} body", -row, json.dumps([{"kind": "award", "value": text}]), row)
            connection.execute(
                "UPDATE comments SET title = ?, author_name = ?, body_text = ?, score = ?, marks = ? WHERE id = ?",
                values,
            )
    return archive_path


def exported(path: Path, write: Write, **filters: Any) -> str:
    text = io.StringIO(newline="")
    with Archive.open_to_read(path) as archive:
        write(SelectedComments(archive, Selection(**filters)), text)
    return text.getvalue()


def as_csv(comments: SelectedComments, file: TextIO) -> None:
    write_table(comments, file, "csv")


def as_tsv(comments: SelectedComments, file: TextIO) -> None:
    write_table(comments, file, "tsv")


def as_raw(comments: SelectedComments, file: TextIO) -> None:
    write_table(comments, file, "csv", is_raw=True)


def lines(path: Path, **filters: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(path, write_lines, **filters).split("\n")[:-1]]


def document(path: Path, **filters: Any) -> list[dict[str, Any]]:
    articles: list[dict[str, Any]] = json.loads(exported(path, write_document, **filters))["articles"]
    return articles


def view(path: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT * FROM comments_flat ORDER BY site, instance, thread, position")
        return [column for column, *_ in found.description], found.fetchall()


def in_cells(row: tuple[Any, ...]) -> list[str]:
    return ["" if value is None else str(value) for value in row]


@pytest.mark.parametrize(("write", "dialect"), [(as_csv, "excel"), (as_tsv, "excel-tab")])
def test_a_table_read_back_is_the_view(hostile_path: Path, write: Write, dialect: str) -> None:
    header, *rows = csv.reader(io.StringIO(exported(hostile_path, write), newline=""), dialect=dialect)
    names, held = view(hostile_path)
    assert header == names
    assert [[restore_cell(cell) for cell in row] for row in rows] == [in_cells(row) for row in held]
    assert len(rows) > len(HOSTILE)


def test_no_text_cell_begins_as_a_formula(hostile_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(hostile_path, as_csv), newline="")))
    dangerous = [(name, cell) for row in rows for name, cell in row.items() if cell and cell[0] in "=+-@\t\r\n＝＋－＠"]
    assert {name for name, _ in dangerous} == {"score"}
    assert {row["title"] for row in rows} >= {'\'=HYPERLINK("http://x.test","tea")', "''already", "'''twice"}


def test_raw_cells_are_the_view_as_it_is(hostile_path: Path) -> None:
    _, *rows = csv.reader(io.StringIO(exported(hostile_path, as_raw), newline=""))
    assert rows == [in_cells(row) for row in view(hostile_path)[1]]


def test_csv_lines_end_as_rfc_4180_has_it(archive_path: Path) -> None:
    text = exported(archive_path, as_csv)
    assert text.startswith("site,instance,thread,")
    assert text.split("\r\n")[0].count(",") == len(view(archive_path)[0]) - 1
    assert text.endswith("\r\n")


@given(st.text())
def test_escaping_is_undone(text: str) -> None:
    escaped = escape_cell(text)
    assert restore_cell(escaped) == text
    assert escaped[:1] == "'" or escaped[:1] not in set("=+-@\t\r\n＝＋－＠'") - {""}


@given(st.text(st.sampled_from(";=+-@'\t\r\n\",a ")))
def test_no_cell_is_a_formula_where_a_spreadsheet_splits_at_semicolons(text: str) -> None:
    assert restore_cell(escape_cell(text)) == text
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["tea", escape_cell(text), "tea"])
    cells = re.split(r"[;\r\n]", file.getvalue())
    assert [cell for cell in cells if cell.lstrip('"')[:1] in tuple("=+-@＝＋－＠\t")] == []


def test_lines_are_the_view_with_truth_values_and_arrays(hostile_path: Path) -> None:
    names, held = view(hostile_path)
    rows = lines(hostile_path)
    assert [list(row) for row in rows] == [[*names, "reply_edges"]] * len(held)
    for row, values in zip(rows, held, strict=True):
        row.pop("reply_edges")
        expected = dict(zip(names, values, strict=True))
        for name in names:
            if name.startswith("is_") and expected[name] is not None:
                expected[name] = bool(expected[name])
            if name in ("marks", "quotes") and expected[name] is not None:
                expected[name] = json.loads(expected[name])
        assert row == expected


def test_lines_keep_types_and_letters(hostile_path: Path) -> None:
    text = exported(hostile_path, write_lines)
    rows = lines(hostile_path)
    assert "＝1" in text
    assert "\\u" not in text.replace("\\u0000", "").replace("\\u2028", "")
    assert text.splitlines() == text.split("\n")[:-1]  # no other end of a line stands in a row
    assert {type(row["is_anonymous"]) for row in rows} <= {bool, type(None)}
    assert any(row["marks"] is None for row in rows)
    of_quote = {"field", "start", "end", "kind", "text", "source_type", "source_native_id"}
    of_quote |= {"source_field", "source_start", "source_end", "score"}
    assert any(row["quotes"] and row["quotes"][0].keys() == of_quote for row in rows)


def test_lines_agree_with_the_json_schema(hostile_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    for row in lines(hostile_path):
        validator.validate(row)


def test_every_row_leads_back_to_its_capture(archive_path: Path) -> None:
    rows = lines(archive_path)
    assert rows
    assert [name for row in rows for name in PROVENANCE if not row[name]] == []


def test_the_document_nests_what_the_lines_state_flat(hostile_path: Path) -> None:
    rows = lines(hostile_path)
    flat = []
    for article in document(hostile_path):
        threads = article.pop("threads")
        for thread in threads:
            comments = thread.pop("comments")
            assert not any(article.keys() & comment.keys() or thread.keys() & comment.keys() for comment in comments)
            nested = [article | thread | comment for comment in comments]
            assert all(set(row) >= set(rows[0]) for row in nested)
            flat += [{name: row[name] for name in rows[0]} for row in nested]
    assert sorted(flat, key=lambda row: (row["thread"], row["position"])) == rows


def test_the_document_has_an_empty_thread_unless_a_filter_looks_at_comments(archive_path: Path) -> None:
    def threads(**filters: Any) -> dict[str, int]:
        return {
            thread["thread"]: len(thread["comments"])
            for article in document(archive_path, **filters)
            for thread in article["threads"]
        }

    assert threads()[EMPTY] == 0
    assert threads(threads=(EMPTY,)) == {EMPTY: 0}
    assert threads(where="upvotes > 50") == {KETTLE: 3}


def test_threads_without_an_article_stand_under_one_of_nulls(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE threads SET article_id = NULL WHERE native_id IN (?, ?)", (KETTLE, MOON))
    *_, last = document(archive_path)
    assert {name: value for name, value in last.items() if name != "threads"} == {
        "article_url": None,
        "headline": None,
        "teaser": None,
        "article_published_at": None,
        "article_published_raw": None,
        "article_text": None,
    }
    assert {thread["thread"]: len(thread["comments"]) for thread in last["threads"]} == {KETTLE: 14, MOON: 10}


@pytest.mark.parametrize("write", [as_csv, as_tsv, write_lines, write_document])
def test_an_archive_of_nothing_gives_a_valid_output(tmp_path: Path, write: Write) -> None:
    Archive.create_or_open(tmp_path / "empty.db").close()
    text = exported(tmp_path / "empty.db", write)
    if write is write_document:
        assert json.loads(text) == {"articles": []}
    else:
        assert len(text.splitlines()) == (0 if write is write_lines else 1)


def test_marks_that_are_no_json_are_named(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE comments SET marks = '[oops' WHERE id = 1")
    with pytest.raises(StorageError, match=r"a\.db.*oops"):
        exported(archive_path, write_lines)
    assert "[oops" in exported(archive_path, as_csv)
