"""Archives of hostile origin: any value in any column, which no command answers with a traceback or without an end."""

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.archive.store.seals import SEALED
from belowtheline.cli import main
from tests.altered import alter, copy_of
from tests.loopback import rows, value

TABLES = (*SEALED, "search_queue", "search_words", "seals", "unsealed", "_sqlite_migrations")
VALUES = {
    "no UTF-8": "CAST(x'fffe41c0' AS TEXT)",
    "a NUL": "'a' || char(0) || 'b'",
    "bytes": "x'00ff10'",
    "least": "-9223372036854775808",
    "most": "9223372036854775807",
    "real": "1e308",
    "endless": "9e999",
    "NULL": "NULL",
    "cut JSON": """'{"a": [1, '""",
    "deep JSON": "replace(hex(zeroblob(50000)), '00', '[')",
    "other JSON": "'[1, null, {\"kind\": []}]'",
    "a long number": "replace(hex(zeroblob(5000)), '00', '9')",
    "nothing": "''",
    "a long text": "replace(hex(zeroblob(500000)), '00', 'long ')",
    "an escape": "char(27) || '[2J'",
    "-1": "-1",
}
QUICK = (
    ("status",),
    ("status", "--json"),
    ("show", "{thread}"),
    ("show", "{thread}", "--tree"),
    ("search", "kettle"),
    ("search", "kettle", "--json"),
    ("log", "{thread}"),
    ("log", "{comment}", "--json"),
    ("diff", "--since", "2000-01-01", "--votes"),
    ("diff", "--since", "2000-01-01", "--json"),
    ("explain", "{comment}", "--candidates"),
    ("export", "csv"),
    ("export", "json"),
    ("export", "jsonl", "--opening", "--candidates"),
    ("export", "jsonl", "threads"),
    ("review", "--sample", "5"),
    ("review",),
)
SLOW = (("verify",), ("reparse", "--diff"), ("link",))
CODES = {0, 2, 3, 4, 6, 7}


def command_lines(
    archive: Path, commands: tuple[tuple[str, ...], ...], names: dict[str, object]
) -> Iterator[list[str]]:
    for name, *rest in commands:
        filled = [part.format(**names) for part in rest]
        yield [name, filled[0], str(archive), *filled[1:]] if name == "export" else [name, str(archive), *filled]


def run(arguments: list[str]) -> int:
    ended = CliRunner().invoke(main, arguments)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), (arguments, ended.exception)
    assert "Traceback" not in ended.stderr, arguments
    assert ended.exit_code in CODES, (arguments, ended.exit_code, ended.stderr)
    assert ended.exit_code == 0 or ended.stderr.strip() or ended.stdout.strip(), arguments
    return ended.exit_code


def put(archive: Path, table: str, column: str, expression: str) -> None:
    """Put a value where SQLite would refuse it, and leave the schema as it was."""
    with closing(sqlite3.connect(archive, isolation_level=None)) as connection:
        made = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        bare = re.sub(r"\bNOT NULL\b|\bSTRICT,?|\bCHECK \([^()]*\([^()]*\)\)", "", made).rstrip().rstrip(",")
        bare = re.sub(r"PRIMARY KEY \(table_name, row_id\)", lambda found: found[0], bare)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (bare, table))
    with closing(sqlite3.connect(archive, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        largest = f'(SELECT max("{column}") FROM {table})'
        with suppress(sqlite3.Error):  # a key takes no such value
            connection.execute(f'UPDATE OR IGNORE {table} SET "{column}" = {expression} WHERE "{column}" IS {largest}')
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (made, table))


def columns(archive: Path) -> list[tuple[str, str]]:
    return [(table, name) for table in TABLES for _, name, *_ in rows(archive, f"PRAGMA table_info({table})")]


class Attack:
    """One archive, put back after each harm."""

    def __init__(self, archive: Path) -> None:
        self.archive, self.whole = archive, archive.read_bytes()
        self.names = {
            "thread": value(archive, "SELECT id FROM threads ORDER BY id LIMIT 1"),
            "comment": "#".join(
                rows(
                    archive,
                    "SELECT t.native_id, c.native_id FROM comments c JOIN threads t"
                    " ON t.id = c.thread_id ORDER BY c.id LIMIT 1",
                )[0]
            ),
        }

    def restore(self) -> None:
        for ending in ("-wal", "-shm"):
            self.archive.with_name(self.archive.name + ending).unlink(missing_ok=True)
        self.archive.unlink()  # another file, which no connection that failed has open
        self.archive.write_bytes(self.whole)

    def run(self, commands: tuple[tuple[str, ...], ...]) -> set[int]:
        return {run(arguments) for arguments in command_lines(self.archive, commands, self.names)}


@pytest.fixture
def attack(sample_archive: Path, tmp_path: Path) -> Attack:
    return Attack(copy_of(sample_archive, tmp_path))


def test_an_unharmed_archive_passes_all(attack: Attack) -> None:
    assert attack.run((*QUICK, *SLOW)) == {0}


@pytest.mark.parametrize("share", [40, pytest.param(None, marks=pytest.mark.long)])
def test_no_value_in_any_column_makes_a_traceback(attack: Attack, share: int | None) -> None:
    every = [(table, column, kind) for table, column in columns(attack.archive) for kind in VALUES]
    chosen = every if share is None else random.Random(11).sample(every, share)
    failed = []
    for number, (table, column, kind) in enumerate(chosen):
        attack.restore()
        put(attack.archive, table, column, VALUES[kind])
        try:
            attack.run((*QUICK, SLOW[number % len(SLOW)]) if share is None or number % 4 == 0 else QUICK)
        except AssertionError as error:
            failed.append((table, column, kind, str(error).split("\n")[0]))
    assert failed == []


def test_parents_without_end_are_followed_to_none(attack: Attack) -> None:
    ids = [row_id for (row_id,) in rows(attack.archive, "SELECT id FROM comments WHERE thread_id = 1 ORDER BY id")]
    for start, end in ((ids[0], ids[0]), (ids[0], ids[1]), (ids[0], ids[-1])):
        attack.restore()
        alter(
            attack.archive,
            "UPDATE comments SET depth = NULL WHERE thread_id = 1",
            "UPDATE comments SET parent_id = (SELECT max(p.id) FROM comments p WHERE p.id < comments.id"
            " AND p.thread_id = comments.thread_id) WHERE thread_id = 1",
            f"UPDATE comments SET parent_id = {end} WHERE id = {start}",
        )
        attack.run((*QUICK, *SLOW))


@pytest.mark.parametrize("depth", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_parents_of_any_depth_are_shown(attack: Attack, depth: int) -> None:
    alter(
        attack.archive,
        f"""
        WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {depth})
        INSERT INTO comments (id, thread_id, native_id, id_source, position, page_position, author_name, parent_id)
        SELECT 1000000 + x, 1, 'deep' || x, 'page', 1000 + x, 1, 'Ada', CASE WHEN x > 1 THEN 999999 + x END FROM n""",
    )
    attack.run(
        (("status",), ("show", "{thread}"), ("show", "{thread}", "--tree"), ("export", "csv"), ("export", "json"))
    )


def test_rows_that_name_rows_that_there_are_not_end_in_a_sentence(attack: Attack) -> None:
    for table in SEALED:
        attack.restore()
        alter(attack.archive, f"DELETE FROM {table}")
        attack.run(QUICK)
