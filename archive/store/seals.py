"""Seals: a hash of every row, made when a run finishes, by which a row that changed since can be named.

A seal stands for 256 rows of one table. Rows whose number is above the last seal's are new; rows that a writer of ours
changes or removes are noted in `unsealed` by temporary triggers of its connection, in the same transaction. So only
what was written is sealed again, a killed run is caught up by the next, and a row changed by anything else is found.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

SEALED = (
    "sites",
    "runs",
    "articles",
    "icons",
    "threads",
    "authors",
    "captures",
    "readings",
    "pages",
    "comments",
    "comment_versions",
    "observations",
    "thread_observations",
    "stubs",
    "quotes",
    "reply_edges",
    "reply_candidates",
    "edge_reviews",
    "run_policies",
)
"""Tables whose rows are sealed: all but the search index with its queue, and the seals themselves."""

ROWS = 256
"""Rows a seal."""
SIZE = 16
"""Bytes of a row's hash that are kept."""

NONE = bytes(SIZE)
"""Stands for a row that there is not."""
BROKEN = b"\xff" * SIZE
"""Stands for a row that did not have its hash when its seal was made anew, so that it stays named."""

_CONTENT = ("title", "body_text", "body_html")
ELSEWHERE = {
    "comments": frozenset(_CONTENT),
    "comment_versions": frozenset({"author_name", "icon", "deletion", *_CONTENT}),
}
"""Columns that are not hashed again: a version has its content_sha256, and a comment has its version's content."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The hashes of 256 rows, by the place of their number."""

    table: str
    first_row: int
    columns: str
    digests: bytes
    sha256: str

    @property
    def is_whole(self) -> bool:
        """Whether the seal itself is as it was made."""
        return hashlib.sha256(self.digests).hexdigest() == self.sha256

    def rows(self) -> dict[int, bytes]:
        """Return the hash of each row."""
        hashes = (self.digests[place : place + SIZE] for place in range(0, len(self.digests), SIZE))
        return {self.first_row + place: digest for place, digest in enumerate(hashes) if digest != NONE}


def prepare(connection: sqlite3.Connection) -> None:
    """Let a connection hash rows."""
    connection.create_function("exactly", 1, _hexadecimal, deterministic=True)


def watch(connection: sqlite3.Connection) -> None:
    """Let a connection seal rows, and note in `unsealed` which ones it changes or removes."""
    prepare(connection)
    for table in sealed_tables(connection):
        for event in ("UPDATE", "DELETE"):
            # No OR IGNORE: a trigger takes the conflict clause of the statement that fires it.
            note = f"""
                INSERT INTO unsealed SELECT '{table}', OLD.id WHERE NOT EXISTS (
                    SELECT 1 FROM unsealed WHERE table_name = '{table}' AND row_id = OLD.id);"""  # noqa: S608 - ours
            name = f"unseal_{table}_{event.lower()}"
            connection.execute(f"CREATE TEMP TRIGGER {name} AFTER {event} ON main.{table} BEGIN {note} END")


def sealed_tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that are sealed in this archive; none where an older btl wrote it."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [table for table in SEALED if table in there] if "seals" in there else []


def seal(connection: sqlite3.Connection) -> None:
    """Seal what was written since the last seals, in the open transaction."""
    for table in sealed_tables(connection):
        _seal_table(connection, table)
    if sealed_tables(connection):
        connection.execute("DELETE FROM unsealed")


_PUT = """
    INSERT INTO seals (table_name, first_row, columns, digests, sha256) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET columns = excluded.columns, digests = excluded.digests, sha256 = excluded.sha256"""


def _seal_table(connection: sqlite3.Connection, table: str) -> None:
    columns = hashed_columns(connection, table)
    end = end_of(connection, table)
    marked = [row for (row,) in connection.execute("SELECT row_id FROM unsealed WHERE table_name = ?", (table,))]
    kept = sorted({row for row in marked if row < end})
    for first_row, rows in groupby(kept, key=lambda row: row - row % ROWS):
        written = list(rows)
        held = _hashes(connection, table, columns, "id IN (SELECT value FROM json_each(?))", json.dumps(written))
        _put(connection, table, columns, first_row, {row: held.get(row, NONE) for row in written})
    for first_row in _first_rows(connection, table, end):
        hashes = row_hashes(connection, table, columns, max(first_row, end), first_row + ROWS)
        _put(connection, table, columns, first_row, hashes)


def _first_rows(connection: sqlite3.Connection, table: str, start: int) -> Iterator[int]:
    """Yield where the seals begin that the rows from a number on belong to."""
    sql = f"SELECT min(id) FROM {table} WHERE id >= ?"  # noqa: S608 - names of ours
    while (row := connection.execute(sql, (start,)).fetchone()[0]) is not None:
        yield row - row % ROWS
        start = row - row % ROWS + ROWS


def end_of(connection: sqlite3.Connection, table: str) -> int:
    """Return the number after the last row of a table that was sealed."""
    sql = "SELECT first_row + length(digests) / ? FROM seals WHERE table_name = ? ORDER BY first_row DESC LIMIT 1"
    found = connection.execute(sql, (SIZE, table)).fetchone()
    # A row number may be zero or less only where somebody else made the row: then no seal knows it.
    return int(found[0]) if found else 1


def hashed_columns(connection: sqlite3.Connection, table: str) -> str:
    """Return the columns of a table that its rows' hashes are of, as a list in SQL."""
    elsewhere = ELSEWHERE.get(table, frozenset())
    names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    return ", ".join(f'"{name}"' for name in names if name not in elsewhere)


def row_hashes(connection: sqlite3.Connection, table: str, columns: str, first_row: int, end: int) -> dict[int, bytes]:
    """Return the hash of each row that there is, from one number to before another."""
    return _hashes(connection, table, columns, f"id < {end} AND id >= ?", first_row)


def _hashes(
    connection: sqlite3.Connection, table: str, columns: str, where: str, parameter: object
) -> dict[int, bytes]:
    """Return rows' hashes by their numbers: SQLite writes the JSON, and no column becomes a Python value on the way."""
    columns = _exact(connection, table, columns)
    sql = f"SELECT id, CAST(json_array({columns}) AS BLOB) FROM {table} WHERE {where}"  # noqa: S608 - names of ours
    sha256 = hashlib.sha256
    return {row: sha256(text).digest()[:SIZE] for row, text in connection.execute(sql, (parameter,))}


def _exact(connection: sqlite3.Connection, table: str, columns: str) -> str:
    """Return the columns as they are hashed: JSON would round a number that is no integer."""
    for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})"):
        if kind == "REAL":
            columns = columns.replace(f'"{name}"', f'exactly("{name}")')
    return columns


def _hexadecimal(number: float | None) -> str | None:
    return None if number is None else float(number).hex()


def _put(connection: sqlite3.Connection, table: str, columns: str, first_row: int, hashes: dict[int, bytes]) -> None:
    """Put hashes of rows into their seal."""
    before = seal_of(connection, table, first_row)
    if before is not None:
        hashes = {**_carried(connection, before, columns, hashes), **hashes}
    last = max((row for row, digest in hashes.items() if digest != NONE), default=first_row - 1)
    digests = b"".join(hashes.get(row, NONE) for row in range(first_row, last + 1))
    connection.execute(_PUT, (table, first_row, columns, digests, hashlib.sha256(digests).hexdigest()))


def _carried(connection: sqlite3.Connection, before: Seal, columns: str, written: Iterable[int]) -> dict[int, bytes]:
    """Return the hashes of a seal's other rows, made anew where columns were added to the table since."""
    held = {row: digest for row, digest in before.rows().items() if row not in set(written)}
    if not before.is_whole:
        return dict.fromkeys(held, BROKEN)
    if before.columns == columns:
        return held
    end = before.first_row + ROWS
    old = row_hashes(connection, before.table, before.columns, before.first_row, end)
    new = row_hashes(connection, before.table, columns, before.first_row, end)
    return {row: new[row] if old.get(row) == digest else BROKEN for row, digest in held.items()}


def seal_of(connection: sqlite3.Connection, table: str, first_row: int) -> Seal | None:
    """Return the seal of the 256 rows from a number."""
    return next(_seals(connection, "table_name = ? AND first_row = ?", table, first_row), None)


def seals_of(connection: sqlite3.Connection, table: str) -> Iterator[Seal]:
    """Yield the seals of a table in the order of their rows."""
    return _seals(connection, "table_name = ? ORDER BY first_row", table)


def _seals(connection: sqlite3.Connection, where: str, *parameters: object) -> Iterator[Seal]:
    sql = f"SELECT table_name, first_row, columns, digests, sha256 FROM seals WHERE {where}"  # noqa: S608 - constants
    return (Seal(*row) for row in connection.execute(sql, parameters))
