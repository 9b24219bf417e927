"""What others put into an archive's schema: named by `btl verify`, never read as ours, never run by a write."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database
from sqlite_utils.db import Table

from belowtheline.archive.store import schema
from belowtheline.archive.store.database import APPLICATION_ID, Archive
from belowtheline.archive.store.migration_names import MIGRATIONS, SCHEMA_SHA256
from belowtheline.archive.store.migrations import migrations
from belowtheline.cli import main
from belowtheline.reading.errors import ArchiveMismatch
from tests.altered import alter, copy_of, found_in, named, warc_file
from tests.loopback import Ended, rows, value

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS site, x AS thread FROM n"
REWRITES = """
    CREATE TRIGGER quiet AFTER INSERT ON runs BEGIN
        UPDATE comments SET body_text = 'It never rattled.' WHERE id = 1;
        UPDATE comment_versions SET body_text = 'It never rattled.' WHERE comment_id = 1;
    END"""
WRITING = (
    ("link",),
    ("reparse",),
    ("crawl", "--delay", "0"),
    ("update", "--delay", "0"),
    ("retry", "--delay", "0"),
    ("ingest", __file__),
    ("reparse", "--undate-after", "2030-01-01"),
)
READING = (
    ("status",),
    ("status", "--json"),
    ("show", "1"),
    ("search", "kettle"),
    ("log", "1"),
    ("diff", "--since", "2000-01-01"),
    ("export", "csv"),
    ("export", "json"),
    ("export", "jsonl", "threads"),
    ("explain", "1"),
    ("reparse", "--diff"),
)
ACTING = {
    "a trigger on a table": (REWRITES, "quiet"),
    "a trigger on a view": (
        "CREATE TRIGGER instead INSTEAD OF INSERT ON thread_status BEGIN DELETE FROM comments; END",
        "instead",
    ),
    "a trigger on another's table": (
        "CREATE TRIGGER theirs AFTER DELETE ON notes BEGIN DELETE FROM comments; END",
        "theirs",
    ),
    "an index of an expression": ("CREATE INDEX computed ON comments(length(body_text))", "computed"),
    "an index that refuses rows": ("CREATE UNIQUE INDEX once ON comments(author_name, published_at, id)", "once"),
    "an index with a condition": ("CREATE INDEX some ON comments(title) WHERE abs(score) > 1", "some"),
    "a table in the place of a table function": ("CREATE TABLE json_each (value)", "json_each"),
}


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    copied = copy_of(sample_archive, tmp_path)
    alter(copied, "CREATE TABLE notes (note TEXT)")
    return copied


def btl(*arguments: object) -> Ended:
    """Run a command in this process."""
    ended = CliRunner().invoke(main, [*map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info
    return Ended(ended.exit_code, ended.stdout, ended.stderr, 0)


def command(archive: Path, name: str, *arguments: str) -> list[object]:
    """Return a command line for an archive."""
    first, *rest = arguments or ("",)
    return [name, first, archive, *rest] if name == "export" else [name, archive, *arguments]


def redefine(archive: Path, name: str, statement: str) -> None:
    """Put another definition into the schema in the place of one."""
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (statement, name))
        connection.commit()


def test_the_hash_in_the_history_is_that_of_the_migrations() -> None:
    assert schema.sha256_of(schema.made_by(frozenset(MIGRATIONS))) == SCHEMA_SHA256


@pytest.mark.parametrize("what", ACTING)
def test_what_runs_on_a_write_is_named_and_nothing_is_written(archive: Path, what: str) -> None:
    statement, name = ACTING[what]
    alter(archive, statement)
    before = rows(archive, "SELECT count(*), (SELECT count(*) FROM comments) FROM runs")
    ended = btl("verify", archive)
    assert (ended.code, ended.out.split()[:2]) == (7, ["D05", f"{name}:"])
    assert "This run is not recorded" in ended.err
    assert name in ended.err
    for arguments in WRITING:
        refused = btl(*command(archive, *arguments))
        assert (refused.code, "Traceback" in refused.err) == (6, False), refused.err
        assert name in refused.err
        assert "btl verify" in refused.err
    assert rows(archive, "SELECT count(*), (SELECT count(*) FROM comments) FROM runs") == before


def test_a_trigger_hinders_nobody_who_reads(archive: Path) -> None:
    alter(archive, REWRITES)
    assert btl("status", archive).code == 0


def test_what_runs_on_nothing_of_ours_is_named_and_no_defect(archive: Path) -> None:
    alter(
        archive,
        "CREATE VIEW my_view AS SELECT 1 AS one",
        "CREATE INDEX my_index ON comments(author_name)",
        "CREATE VIRTUAL TABLE my_words USING fts5(note)",
        "ANALYZE",
    )
    found = found_in(archive)
    assert found.defects == []
    assert found.is_recorded
    noted = " ".join(found.notes)
    assert all(name in noted for name in ("table notes", "view my_view", "index my_index", "table my_words"))
    assert "sqlite_stat1" not in noted
    assert btl("link", archive).code == 0


@pytest.mark.parametrize("name", ["threads_flat", "thread_status", "comments_flat", "reply_graph"])
def test_an_endless_view_under_a_name_of_ours_ends_no_command_with_a_hang(archive: Path, name: str) -> None:
    alter(archive, f"DROP VIEW {name}", f"CREATE VIEW {name} AS {ENDLESS}")
    for arguments in READING:
        refused = btl(*command(archive, *arguments))
        assert (refused.code, refused.out) == (6, ""), refused
        assert f"view {name}" in refused.err
    assert named(archive) == [("D02", name)]


@pytest.mark.parametrize("name", ["comments", "captures", "seals", "runs", "_sqlite_migrations", "search_queue"])
def test_an_endless_view_in_the_place_of_a_table_is_named(archive: Path, name: str) -> None:
    alter(
        archive,
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {name} RENAME TO old",
        f"CREATE VIEW {name} AS {ENDLESS}",
    )
    ended = btl("verify", archive)
    assert ended.code == 7
    assert ("D02" if name != "_sqlite_migrations" else "D05") in ended.out
    assert f"{name}" in ended.out
    assert btl("status", archive).code == 6
    assert btl("link", archive).code == 6


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("comments", "position INTEGER NOT NULL", "position INTEGER NOT NULL CHECK (length(randomblob(99)))"),
        ("comments", "title TEXT,", "title TEXT DEFAULT (hex(randomblob(9))),"),
        ("sites", ") STRICT", ", twice TEXT AS (name || name)) STRICT"),
        ("threads", ") STRICT", ")"),
        ("comments_searched", "c.body_text AS body_text", "c.title AS body_text"),
    ],
)
def test_a_definition_that_says_otherwise_is_named_and_not_used(archive: Path, name: str, old: str, new: str) -> None:
    made = str(value(archive, f"SELECT sql FROM sqlite_master WHERE name = '{name}'"))
    assert old in made
    redefine(archive, name, made.replace(old, new, 1))
    assert ("D02", name) in named(archive)
    for arguments in (("status",), ("link",)):
        refused = btl(*command(archive, *arguments))
        assert (refused.code, name in refused.err) == (6, True), refused.err


def test_a_name_of_a_later_release_in_an_older_archive_is_not_taken_for_ours(tmp_path: Path) -> None:
    archive = older(tmp_path, "m005_threads_flat")
    assert btl("status", archive).code == 0
    alter(archive, f"CREATE VIEW threads_flat AS {ENDLESS}")
    assert btl("export", "jsonl", archive, "threads").code == 6
    assert ("D05", "threads_flat") in named(archive)
    with pytest.raises(ArchiveMismatch, match="threads_flat"):
        Archive.create_or_open(archive)


@pytest.mark.parametrize("last", MIGRATIONS[1:])
def test_an_archive_of_any_release_is_no_false_alarm(tmp_path: Path, last: str) -> None:
    archive = older(tmp_path, last)
    for _ in range(2):
        found = found_in(archive)
        assert [defect for defect in found.defects if defect.code in ("D02", "D05")] == []
        assert [note for note in found.notes if "not of btl" in note] == []
    assert btl("status", archive).code == 0


def older(folder: Path, last: str) -> Path:
    """Return an empty archive as a release left it that had not this migration yet."""
    path = folder / "a.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before=last)
        connection.commit()
    return path


def test_an_archive_that_grew_by_a_plain_column_can_be_used(archive: Path) -> None:
    alter(archive, "ALTER TABLE comments ADD COLUMN mine TEXT", "ALTER TABLE threads ADD COLUMN mine INTEGER")
    assert named(archive) == [("D02", "comments"), ("D02", "threads")]
    assert btl("status", archive).code == 0
    assert btl("link", archive).code == 0


@pytest.mark.parametrize("name", ["sites", "comments", "threads", "captures"])
def test_a_table_that_sqlite_utils_made_anew_can_be_used(archive: Path, name: str) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        table = Database(connection)[name]
        assert isinstance(table, Table)
        table.transform()
        table.add_column("mine", str, not_null_default="it's (, \"")
        table.add_column("site", fk="sites")
        table.add_column("weight", float)
        connection.commit()
    assert named(archive) == [("D02", name)]
    for arguments in (("status",), ("export", "csv"), ("link",), ("reparse",)):
        ended = btl(*command(archive, *arguments))
        assert ended.code == 0, ended.err


@pytest.mark.parametrize(
    "column",
    [
        "mine TEXT AS (title || title)",
        "mine TEXT DEFAULT (hex(randomblob(9)))",
        "mine TEXT CHECK (length(randomblob(9)))",
        "mine INTEGER REFERENCES sites(id) ON DELETE CASCADE",
        '`q"` TEXT, mine TEXT AS (title || title), `r"` TEXT',
        "[q'] TEXT, mine TEXT AS (title || title), [r'] TEXT",
        '"q""" TEXT, mine TEXT AS (title || title), """r" TEXT',
        "mine TEXT /* , */ AS (title || title)",
        "q TEXT --, (\n, mine TEXT AS (title || title)",
    ],
)
def test_a_column_that_does_more_than_hold_values_is_not_used(archive: Path, column: str) -> None:
    made = str(value(archive, "SELECT sql FROM sqlite_master WHERE name = 'comments'"))
    redefine(archive, "comments", made.replace("title TEXT,", f"title TEXT, {column},", 1))
    assert value(archive, "SELECT count(*) >= 0 FROM comments")
    refused = btl("status", archive)
    assert (refused.code, "comments" in refused.err) == (6, True), refused.err


def test_a_copy_without_the_mark_of_an_archive_says_how_to_set_it(archive: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied.db"
    with closing(sqlite3.connect(archive)) as connection, closing(sqlite3.connect(copied)) as other:
        connection.backup(other)
        other.execute("PRAGMA application_id = 0")
    refused = btl("status", copied)
    assert (refused.code, f"PRAGMA application_id = {APPLICATION_ID}" in refused.err) == (6, True)
    with closing(sqlite3.connect(copied)) as other:
        other.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    assert btl("status", copied).code == 0


def test_what_a_schema_calls_may_do_nothing_beside_reading(archive: Path) -> None:
    with Archive.open_to_read(archive) as opened:
        assert opened.query("PRAGMA trusted_schema").fetchone() == (0,)
    with Archive.create_or_open(archive) as opened:
        assert opened.query("PRAGMA trusted_schema").fetchone() == (0,)
        assert opened.query("SELECT count(*) FROM comments_flat").fetchone()[0] > 0
    with Archive.open_to_try(archive) as opened:
        assert opened.query("PRAGMA trusted_schema").fetchone() == (0,)


def test_a_copy_made_by_sqlite_itself_is_no_false_alarm(archive: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy" / archive.name
    copied.parent.mkdir()
    alter(archive, "DROP TABLE notes")
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("VACUUM INTO ?", (str(copied),))
    shutil.copytree(warc_file(archive).parent, warc_file(copied).parent)
    found = found_in(copied)
    assert (found.defects, found.notes) == ([], [])
