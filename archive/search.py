"""Full-text search: rows wait in a queue and are indexed in large batches."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from belowtheline.archive.database import Archive
from belowtheline.scraper.errors import BelowTheLineError, StorageError

_BATCH = 10_000  # one statement for so many rows is several times as fast as a trigger a row


@dataclass(frozen=True, slots=True)
class Hit:
    """One comment found."""

    site: str
    thread: str
    position: int
    author: str | None
    published_at: str | None
    title: str | None
    url: str | None
    snippet: str


def queue_new(connection: sqlite3.Connection, comment_ids: Iterable[int]) -> None:
    """Let new comments wait to be indexed."""
    rows = [(comment_id,) for comment_id in comment_ids]
    connection.executemany("INSERT INTO search_queue (comment_id, is_indexed) VALUES (?, 0)", rows)


def queue_changed(connection: sqlite3.Connection, comment_id: int, title: str | None, body_text: str | None) -> None:
    """Let a changed comment wait, with its words as they stand in the index, which wants them back first."""
    connection.execute(
        "INSERT INTO search_queue (comment_id, is_indexed, title, body_text) VALUES (?, 1, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (comment_id, title, body_text),
    )


def index_if_many(connection: sqlite3.Connection) -> None:
    """Index what waits, in the open transaction, once there is enough of it."""
    if (
        connection.execute("SELECT count(*) FROM (SELECT 1 FROM search_queue LIMIT ?)", (_BATCH,)).fetchone()[0]
        >= _BATCH
    ):
        index_waiting(connection)


def index_waiting(connection: sqlite3.Connection) -> None:
    """Index all that waits, in the open transaction."""
    connection.execute(
        "INSERT INTO comments_fts (comments_fts, rowid, title, body_text)"
        " SELECT 'delete', comment_id, title, body_text FROM search_queue WHERE is_indexed"
    )
    connection.execute(
        "INSERT INTO comments_fts (rowid, title, body_text)"
        " SELECT c.id, c.title, c.body_text FROM search_queue q JOIN comments c ON c.id = q.comment_id ORDER BY c.id"
    )
    connection.execute("DELETE FROM search_queue")


def is_right(connection: sqlite3.Connection) -> bool:
    """Return whether the index agrees with the comments once what waits is indexed; nothing of that is kept."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        index_waiting(connection)
        return is_whole(connection)
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.execute("ROLLBACK")


def is_whole(connection: sqlite3.Connection) -> bool:
    """Return whether the index agrees with the comments, of which none waits, in the open transaction."""
    try:
        connection.execute("INSERT INTO comments_fts (comments_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        return False
    return True


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index again from the comments, in the open transaction."""
    connection.execute("DELETE FROM search_queue")
    connection.execute("INSERT INTO comments_fts (comments_fts) VALUES ('rebuild')")


def waiting(archive: Archive) -> int:
    """Return how many comments are not yet in the index."""
    return int(archive.query("SELECT count(*) FROM search_queue").fetchone()[0])


def search(archive: Archive, query: str, limit: int) -> list[Hit]:
    """Return the best hits of an FTS5 query; words that are no query are searched for as they stand."""
    quoted = " ".join('"' + word.replace('"', '""') + '"' for word in query.split())
    for words in (query, quoted):
        try:
            return _search(archive, words, limit)
        except sqlite3.OperationalError as error:
            refused = error
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"{archive.path} has a damaged search index ({error}): restore it from a copy."
            ) from error
    raise BelowTheLineError(
        f'The query {query!r} cannot be searched ({refused}): use words, "a phrase", AND, OR, NOT or word*.'
    )


def _search(archive: Archive, query: str, limit: int) -> list[Hit]:
    sql = """
        SELECT s.name, t.native_id, c.position, c.author_name, c.published_at, c.title, c.url,
            snippet(comments_fts, -1, '[', ']', ' … ', 24)
        FROM comments_fts f JOIN comments c ON c.id = f.rowid
        JOIN threads t ON t.id = c.thread_id JOIN sites s ON s.id = t.site_id
        WHERE comments_fts MATCH ? ORDER BY rank LIMIT ?"""
    return [Hit(*row) for row in archive.connection.execute(sql, (query, limit))]
