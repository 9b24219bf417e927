"""The floor of storing: the rows of a crawled archive, written again by plain `executemany`, a transaction a page."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from belowtheline.archive.store.database import Archive

_SEARCH_BATCH = 10_000
_FIRST = "(SELECT min(capture_id) FROM pages)"
_OF_COMMENT = "JOIN comments c ON c.{}_id = t.id JOIN comment_versions v ON v.id = c.version_id GROUP BY t.id"
_OF_READING = "JOIN readings r ON r.thread_id = h.id JOIN pages p ON p.reading_id = r.id"
_PAGE_OF = {
    "sites": f"SELECT {_FIRST}, t.* FROM sites t",
    "runs": f"SELECT {_FIRST}, t.* FROM runs t",
    "captures": "SELECT (SELECT min(capture_id) FROM pages WHERE capture_id >= t.id), t.* FROM captures t",
    "articles": f"SELECT p.capture_id, t.* FROM articles t JOIN threads h ON h.article_id = t.id {_OF_READING}",
    "icons": f"SELECT min(v.capture_id), t.* FROM icons t {_OF_COMMENT.format('icon')}",
    "authors": f"SELECT min(v.capture_id), t.* FROM authors t {_OF_COMMENT.format('author')}",
    "threads": f"SELECT p.capture_id, h.* FROM threads h {_OF_READING}",
    "readings": "SELECT p.capture_id, t.* FROM readings t JOIN pages p ON p.reading_id = t.id",
    "pages": "SELECT t.capture_id, t.* FROM pages t",
    "comments": "SELECT v.capture_id, t.* FROM comments t JOIN comment_versions v ON v.id = t.version_id",
    "comment_versions": "SELECT t.capture_id, t.* FROM comment_versions t",
    "observations": "SELECT t.capture_id, t.* FROM observations t",
    "quotes": "SELECT v.capture_id, t.* FROM quotes t JOIN comment_versions v ON v.id = t.version_id",
}
"""Every table that a first crawl fills, in an order that foreign keys allow, with the page that brought each row."""

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What one crawl left, page by page."""

    pages: list[dict[str, Rows]]
    counts: dict[str, int]


def take(path: Path) -> Stored:
    """Return the rows of an archive by the page that brought them."""
    by_page: dict[int, dict[str, Rows]] = defaultdict(dict)
    with Archive.open_to_read(path) as archive:
        counts = _counts(archive.connection)
        for table, sql in _PAGE_OF.items():
            for page, *row in archive.query(sql):
                by_page[page].setdefault(table, []).append(tuple(row))
    return Stored([by_page[page] for page in sorted(by_page)], counts)


def write(archive: Archive, stored: Stored) -> None:
    """Write the rows into an empty archive: one FULL commit a page, the search index in large batches."""
    statements: dict[str, str] = {}
    waiting: Rows = []
    for page in stored.pages:
        with archive.transaction() as connection:
            for table, rows in page.items():
                if table not in statements:
                    statements[table] = f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"
                connection.executemany(statements[table], rows)
            waiting += page["comments"]
            if len(waiting) >= _SEARCH_BATCH:
                _index(connection, waiting)
    with archive.transaction() as connection:
        _index(connection, waiting)


def _index(connection: sqlite3.Connection, comments: Rows) -> None:
    names = [column for _, column, *_ in connection.execute("PRAGMA table_info(comments)")]
    title, text = names.index("title"), names.index("body_text")
    connection.executemany(
        "INSERT INTO comments_fts (rowid, title, body_text) VALUES (?, ?, ?)",
        [(row[0], row[title], row[text]) for row in comments],
    )
    comments.clear()


def assert_same(archive: Archive, stored: Stored) -> None:
    """Assert that every table, and the search index, holds as many rows as after the crawl."""
    written = _counts(archive.connection)
    assert written == stored.counts, (written, stored.counts)
    assert min(stored.counts.values()) > 0


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    tables = [*_PAGE_OF, "comments_fts_docsize"]
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
