"""The data dictionary says what there is, no more and no less."""

import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from belowtheline.archive.descriptions.dictionary import FLAT, TABLES, declared, flat_columns, json_schema
from belowtheline.archive.store.database import Archive
from belowtheline.exports.documents import write_lines
from belowtheline.exports.selection import SelectedComments, Selection
from belowtheline.reading.items import Comment, described

_SQLITE_OWN = re.compile(r"sqlite_|_sqlite_migrations$|comments_fts_")


def _columns(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
        ours = [name for name in names if not _SQLITE_OWN.match(name)]
        return {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in ours}


def _rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSONL export."""
    with Archive.open_to_read(path) as archive:
        file = io.StringIO()
        write_lines(SelectedComments(archive, Selection()), file)
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_every_table_and_column_of_an_archive_is_described_and_nothing_else(sample_archive: Path) -> None:
    assert {name: set(table.columns) for name, table in TABLES.items()} == {
        name: set(columns) for name, columns in _columns(sample_archive).items()
    }


def test_no_description_is_empty_and_each_is_a_sentence() -> None:
    texts = [table.description for table in TABLES.values()]
    texts += [column.description for table in TABLES.values() for column in table.columns.values()]
    assert [text for text in texts if not re.match(r"[A-Z`a-z].{4,}[.]$", text, re.DOTALL)] == []


def test_a_column_that_a_page_shows_is_described_where_the_schema_declares_it() -> None:
    assert TABLES["comments"].columns["badge"].description == TABLES[FLAT].columns["badge"].description
    assert TABLES["comments"].columns["title"].description == described(Comment)["title"]


def test_every_label_is_a_column_and_every_referred_table_has_one() -> None:
    assert all(table.label in table.columns for table in TABLES.values() if table.label)
    referred = {column.refers_to for columns in declared().values() for column in columns.values() if column.refers_to}
    assert sorted(table for table in referred if not TABLES[table].label) == []


def test_the_flat_columns_stand_in_the_order_of_the_view(sample_archive: Path) -> None:
    assert list(flat_columns()) == _columns(sample_archive)[FLAT]


def test_the_schema_is_a_json_schema_and_holds_for_every_row(sample_archive: Path) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    rows = _rows(sample_archive)
    assert len(rows) > 20
    assert [error.message for row in rows for error in validator.iter_errors(row)] == []


@pytest.mark.parametrize(
    ("column", "wrong"),
    [("position", None), ("is_staff", 1), ("deletion", "deleted"), ("quotes", [{"field": "body"}]), ("native_id", 7)],
)
def test_the_schema_refuses_what_no_row_may_hold(sample_archive: Path, column: str, wrong: object) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    row = _rows(sample_archive)[0]
    assert validator.is_valid(row)
    assert not validator.is_valid(row | {column: wrong})


def test_the_schema_knows_the_values_of_closed_sets() -> None:
    properties = json_schema()["properties"]
    assert properties["author_kind"]["enum"] == ["account", "guest", "anonymous", "deleted", None]
    assert properties["quotes"]["items"]["properties"]["kind"]["enum"] == [
        "quoted",
        "block",
        "unbalanced",
        "verbatim",
        "changed",
        "scare",
        "external",
    ]
    assert properties["site"]["type"] == "string"
    assert properties["published_at"] == {
        "description": described(Comment)["published_at"],
        "type": ["string", "null"],
        "format": "date-time",
    }
