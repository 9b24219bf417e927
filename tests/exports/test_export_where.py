"""--where: one expression that reads the view alone, and ends."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from belowtheline.archive.store.database import Archive
from belowtheline.exports import expressions, selection
from belowtheline.exports.selection import BadSelection, SelectedComments, Selection
from belowtheline.reading.errors import StorageError

KETTLE = "2025/03/14/kettle_firmware"
MOON = "2009/07/18/moon_broadband"


@pytest.fixture
def archive_path(sample_archive: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive, to be changed."""
    return Path(shutil.copy(sample_archive, tmp_path / "a.db"))


def selected(path: Path, **filters: Any) -> list[dict[str, Any]]:
    with Archive.open_to_read(path) as archive:
        comments = SelectedComments(archive, Selection(**filters))
        rows = [dict(zip(comments.columns, row, strict=True)) for row in comments.rows()]
        assert comments.count == len(rows) == comments.total()
    return rows


@pytest.mark.parametrize(
    "where",
    [
        "",
        "1) UNION SELECT name FROM authors WHERE (1",
        "1) OR (1",
        "1 THEN 1 END UNION SELECT 1",
        "1; DROP TABLE comments",
        "1; SELECT 1",
        ";DROP TABLE comments",
        "ATTACH 'other.db' AS other",
        "1) -- ",
        "1 /*",
        "1, 2",
        "1 ORDER BY 1",
        "SELECT 1",
        "count(*) > 1",
        "upvotes > ?",
        "upvotes > ?1",
        "load_extension('x')",
        "(SELECT max(name) FROM authors) > ''",
        "(SELECT count(*) FROM runs) > 0",
        "EXISTS (SELECT 1 FROM sqlite_master)",
        "EXISTS (SELECT 1 FROM pragma_table_info('runs'))",
        "EXISTS (WITH comments_flat AS (SELECT contact AS a FROM runs) SELECT a FROM comments_flat)",
        "EXISTS (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)",
        "EXISTS (/**/wItH a AS (SELECT 1 AS x) SELECT x FROM a)",
        # what reads no column of a table that the view joins
        "(SELECT count(*) FROM authors) > 0",
        "(SELECT count(*) FROM Authors) > 0",
        "(SELECT count(*) FROM main.authors) > 0",
        '(SELECT count(*) FROM "authors") > 0',
        "(SELECT count(*) FROM 'authors') > 0",
        "(SELECT count(*) FROM [authors]) > 0",
        "(SELECT count(*) FROM `authors`) > 0",
        "(SELECT count(*) FROM/**/authors--\n) > 0",
        "(SELECT 1 FROM threads LIMIT 1)",
        "EXISTS (SELECT 1 FROM comments)",
        "EXISTS (SELECT 1 FROM comments_flat, sites)",
        "EXISTS (SELECT 1 FROM comments_flat JOIN captures)",
        "EXISTS (SELECT 1 FROM comments_flat LEFT JOIN icons)",
        "EXISTS (SELECT 1 FROM (SELECT 1 FROM articles))",
        "EXISTS (SELECT 1 FROM comments_flat AS authors, authors AS x)",
        "EXISTS (SELECT 1 FROM comments_flat WHERE EXISTS (SELECT 1 FROM quotes))",
        "EXISTS (SELECT 1 FROM comments_flat UNION SELECT 1 FROM authors)",
        "EXISTS (SELECT count(*) OVER () FROM authors)",
        "EXISTS (SELECT 1 FROM json_each((SELECT count(*) FROM authors)))",
        "1 IN authors",
        "1 IN main.sites",
        "(SELECT max(rowid) FROM authors) > 0",
        "EXISTS (SELECT 1 FROM threads_flat)",
        "EXISTS (SELECT 1 FROM threads_flat) -- comments_flat",
        # what describes the archive, and what SQLite keeps of its own
        "(SELECT count(*) FROM sqlite_master) > 0",
        "(SELECT count(*) FROM sqlite_schema) > 0",
        "(SELECT count(*) FROM sqlite_temp_master) > 0",
        "(SELECT count(*) FROM sqlite_sequence) > 0",
        "(SELECT count(*) FROM sqlite_stat1) > 0",
        "(SELECT count(*) FROM sqlite_stmt) > 0",
        "(SELECT count(*) FROM dbstat) > 0",
        "(SELECT count(*) FROM pragma_table_list) > 0",
        "(SELECT count(*) FROM pragma_table_info('authors')) > 0",
        "(SELECT file FROM pragma_database_list) > ''",
        "(SELECT count(*) FROM pragma_function_list) > 0",
        "(SELECT count(*) FROM _sqlite_migrations) > 0",
        # the search index and what it is made of
        "comments_fts MATCH 'kettle'",
        "EXISTS (SELECT 1 FROM comments_fts WHERE comments_fts MATCH 'kettle')",
        "(SELECT count(*) FROM comments_fts) > 0",
        "(SELECT count(*) FROM comments_fts_data) > 0",
        "(SELECT count(*) FROM comments_fts_docsize) > 0",
        "(SELECT count(*) FROM fts5vocab) > 0",
        "body_text MATCH 'kettle'",
        "highlight(comments_fts, 0, '', '') > ''",
        # names that are taken already, brackets, second statements, parameters
        "EXISTS (WITH comments_flat AS (SELECT count(*) AS a FROM authors) SELECT a FROM comments_flat)",
        "EXISTS (WITH a AS (SELECT 1 AS x), b AS (SELECT p.x FROM a p, a q) SELECT x FROM b)",
        "1) UNION ALL SELECT count(*) FROM authors WHERE (1",
        "1)) UNION SELECT * FROM comments_flat WHERE ((1",
        "1 THEN 1 END FROM comments_flat UNION SELECT count(*) FROM authors --",
        "1 END) OR (CASE WHEN 1",
        "1; SELECT count(*) FROM authors",
        "1; PRAGMA query_only = OFF",
        "PRAGMA query_only",
        "1); ATTACH 'x.db' AS x; --",
        "DETACH main",
        "VACUUM INTO 'x.db'",
        "upvotes > :n",
        "upvotes > @n",
        "upvotes > $n",
        "site = ?1",
        "'",
        '"',
        "[",
        "\0",
        "1\0; DROP TABLE comments",
        # functions that reach out of the value that they are given
        "LOAD_EXTENSION('x')",
        "\"load_extension\"('x', 'y')",
        "fts3_tokenizer('simple') IS NULL",
        "rtreecheck('authors') = 'ok'",
        "rtreecheck('main', 'authors') = 'ok'",
        "length(randomblob(1000000000)) > 0",
        "length(zeroblob(1000000000)) > 0",
        "sqlite_log(1, 'x')",
        "readfile('/etc/passwd') > ''",
        "writefile('x', 'y') > 0",
        "edit('x') > ''",
        "divided('x') > ''",
    ],
)
def test_where_is_one_expression_that_reads_the_view_alone(archive_path: Path, where: str) -> None:
    before = archive_path.read_bytes()
    with Archive.open_to_read(archive_path) as archive, pytest.raises(BadSelection) as refused:
        SelectedComments(archive, Selection(where=where, since="2009", author="x"))
    assert repr(where) in str(refused.value)
    assert archive_path.read_bytes() == before


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("title IN ('authors', 'with', 'a ? b') OR 'with' = \"with\" OR 1", 32),
        ("1 /* with authors */ -- and threads", 32),
        ("(SELECT count(*) FROM comments_flat AS authors) = 32", 32),
        ("EXISTS (SELECT 1 FROM comments_flat AS c WHERE c.parent_native_id = comments_flat.native_id)", 9),
        ("upvotes = (SELECT max(upvotes) FROM comments_flat)", 1),
        ("(SELECT max(author) OVER (ORDER BY position) FROM comments_flat) IS NOT NULL", 32),
        ("position IN (SELECT position FROM comments_flat UNION SELECT value FROM json_each('[1]'))", 32),
        ("lower(printf('%s', author)) GLOB '*' OR author IS NULL", 32),
        ("alike(author) = alike('PERCY flange')", 2),
        ("published_at > datetime('1970-01-01') OR published_at IS NULL", 32),
        ("json_array_length(quotes) > 0 AND quotes ->> '$[0].kind' = 'block'", 4),
    ],
)
def test_where_takes_what_looks_only_like_more(archive_path: Path, where: str, count: int) -> None:
    assert len(selected(archive_path, where=where)) == count


TABLES = ", ".join(f"json_each('[1,2,3,4,5,6,7,8,9,0]') t{n}" for n in range(40))
ENDLESS = f"(SELECT count(*) FROM {TABLES}) > 0"


@pytest.mark.parametrize(
    "where",
    [
        ENDLESS,
        f"upvotes > 20 AND {ENDLESS}",
        "(SELECT count(*) FROM comments_flat a, comments_flat b, comments_flat c, comments_flat d) > 0",
        f"length((SELECT max(body_text) FROM comments_flat, {TABLES})) > 0",
    ],
)
def test_where_without_end_is_ended(archive_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(expressions, "_STEPS", 200_000)
    monkeypatch.setattr(expressions, "_STEPS_A_COMMENT", 10_000)
    with pytest.raises(BadSelection, match="no row came within 520,000 steps"):
        selected(archive_path, where=where)
    with Archive.open_to_read(archive_path) as archive, pytest.raises(BadSelection, match="no row came"):
        SelectedComments(archive, Selection(where=where)).total()


def test_where_of_few_and_long_steps_is_ended(archive_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_SECONDS", 0.2)
    where = f"position IN (SELECT printf('%.100000c', t1.value) FROM {TABLES})"
    with pytest.raises(BadSelection, match="or 0 seconds"):
        selected(archive_path, where=where)


def test_rows_that_come_are_never_too_many(archive_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_CHUNK", 1)
    monkeypatch.setattr(expressions, "_STEPS", 0)
    where = (
        "(SELECT count(*) FROM comments_flat a, json_each('[1,2,3]') WHERE a.position < comments_flat.position) >= 0"
    )
    with Archive.open_to_read(archive_path) as archive:
        comments = SelectedComments(archive, Selection(where=where))
        assert comments._budget is not None
        comments._budget.limit = 200_000
        assert sum(1 for _ in comments.rows()) == 32


@pytest.mark.parametrize(
    "where", ["hex(printf('%.9000000c', 'a')) > ''", "replace(printf('%.9000000c', 'a'), 'a', 'aaaaaaaaaa') > ''"]
)
def test_where_makes_no_values_of_any_size(archive_path: Path, where: str) -> None:
    with pytest.raises(BadSelection, match="too big"):
        selected(archive_path, where=where)


def test_ctrl_c_ends_an_expression(archive_path: Path) -> None:
    with Archive.open_to_read(archive_path) as archive:
        comments = SelectedComments(archive, Selection(where=ENDLESS))
        timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            list(comments.rows())
        timer.join()


def test_where_that_fails_on_a_row_is_the_expressions_fault(archive_path: Path) -> None:
    with pytest.raises(BadSelection, match="malformed JSON"):
        selected(archive_path, where="json(body_text)")


def test_a_page_of_the_archive_that_is_broken_is_a_storage_error(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'comments'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with archive_path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(StorageError, match=r"a\.db"):
        selected(archive_path, where="1")
