"""Full-text search: rows wait in a queue and are indexed in large batches."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from belowtheline.archive.search.snippets import CLOSE, OPEN, Snippet, snippet, spans
from belowtheline.archive.search.user_queries import expression, literal, words_of
from belowtheline.archive.store.database import Archive, is_hindrance, named
from belowtheline.archive.store.query_bounds import is_ended, raise_if_interrupted
from belowtheline.reading.errors import BelowTheLineError, StorageError

_BATCH = 10_000  # one statement for so many rows is several times as fast as a trigger a row
_SHOWN = 80
"""Letters of a query that a message repeats."""
_COLUMNS = "title, body_text, title_words, body_words"
_COLUMNS_OF_VIEW = "s.title, s.body_text, s.title_words, s.body_words"
_DIVIDED = "SELECT c.id AS id, divided(c.title) AS title, divided(c.body_text) AS body_text FROM comments c"
_ILL_DIVIDED = f"""
    SELECT 1 FROM ({_DIVIDED}) d LEFT JOIN search_words w ON w.comment_id = d.id
    WHERE d.title IS NOT w.title OR d.body_text IS NOT w.body_text LIMIT 1"""  # noqa: S608 - constants


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
    found: Snippet

    @property
    def snippet(self) -> str:
        """The piece of its body, else of its title, that has most hits, these in brackets."""
        return self.found.text

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**{name: value for name, value in asdict(self).items() if name != "found"}, "snippet": self.snippet}


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
    first, last = (connection.execute(sql).fetchone()[0] for sql in (_FIRST_WAITING, _LAST_WAITING))
    # Numbers that lie closer than a batch are no batch: only where they may be are rows counted.
    if first is None or last - first < _BATCH - 1:
        return
    if connection.execute(_COUNT_WAITING, (_BATCH,)).fetchone()[0] >= _BATCH:
        index_waiting(connection)


_FIRST_WAITING = "SELECT min(comment_id) FROM search_queue"
_LAST_WAITING = "SELECT max(comment_id) FROM search_queue"
_COUNT_WAITING = "SELECT count(*) FROM (SELECT 1 FROM search_queue LIMIT ?)"


def index_waiting(connection: sqlite3.Connection) -> None:
    """Index all that waits, in the open transaction."""
    if not divides_words(connection):
        _index_plain_words(connection)
        return
    connection.execute(
        f"INSERT INTO comments_fts (comments_fts, rowid, {_COLUMNS})"  # noqa: S608 - constants
        " SELECT 'delete', q.comment_id, q.title, q.body_text, w.title, w.body_text"
        " FROM search_queue q LEFT JOIN search_words w ON w.comment_id = q.comment_id WHERE q.is_indexed"
    )
    connection.execute("DELETE FROM search_words WHERE comment_id IN (SELECT comment_id FROM search_queue)")
    _divide(connection, "JOIN search_queue q ON q.comment_id = c.id")
    connection.execute(
        f"INSERT INTO comments_fts (rowid, {_COLUMNS}) SELECT s.id, {_COLUMNS_OF_VIEW}"  # noqa: S608 - constants
        " FROM search_queue q JOIN comments_searched s ON s.id = q.comment_id ORDER BY s.id"
    )
    connection.execute("DELETE FROM search_queue")


def _divide(connection: sqlite3.Connection, which: str) -> None:
    """Keep the divided words of comments, where they have any that the tokenizer does not divide or fold."""
    connection.execute(
        "INSERT INTO search_words (comment_id, title, body_text)"  # noqa: S608 - constants
        f" SELECT id, title, body_text FROM ({_DIVIDED} {which}) WHERE title IS NOT NULL OR body_text IS NOT NULL"
    )


def _index_plain_words(connection: sqlite3.Connection) -> None:
    """Index what waits in an archive of an older btl, which is only looked at."""
    connection.execute(
        "INSERT INTO comments_fts (comments_fts, rowid, title, body_text)"
        " SELECT 'delete', comment_id, title, body_text FROM search_queue WHERE is_indexed"
    )
    connection.execute(
        "INSERT INTO comments_fts (rowid, title, body_text)"
        " SELECT c.id, c.title, c.body_text FROM search_queue q JOIN comments c ON c.id = q.comment_id ORDER BY c.id"
    )
    connection.execute("DELETE FROM search_queue")


def divides_words(connection: sqlite3.Connection) -> bool:
    """Return whether the index has words of writings without spaces; those of an older btl have not."""
    sql = "SELECT count(*) FROM sqlite_master WHERE name = 'search_words'"
    return bool(connection.execute(sql).fetchone()[0])


def forget(connection: sqlite3.Connection, which: str) -> None:
    """Take comments out of the index, in the open transaction; `which` is a query for their row numbers."""
    connection.execute(
        f"INSERT INTO comments_fts (comments_fts, rowid, {_COLUMNS}) SELECT 'delete', s.id, {_COLUMNS_OF_VIEW}"  # noqa: S608
        f" FROM comments_searched s WHERE s.id IN ({which})"
    )
    connection.execute(f"DELETE FROM search_words WHERE comment_id IN ({which})")  # noqa: S608 - a query of ours


def is_right(connection: sqlite3.Connection) -> bool:
    """Return whether the index agrees with the comments once what waits is indexed; nothing of that is kept."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        index_waiting(connection)
        return is_whole(connection)
    except sqlite3.DatabaseError as error:
        _raise_hindrance(error)
        return False
    finally:
        if connection.in_transaction:  # SQLite itself rolls back where the disk is full
            connection.execute("ROLLBACK")


def _raise_hindrance(error: sqlite3.Error) -> None:
    """Raise an error that says nothing of the index: the file is held, may not be written, or has no room."""
    raise_if_interrupted(error)
    if is_hindrance(error):
        raise error


def is_whole(connection: sqlite3.Connection) -> bool:
    """Return whether the index agrees with the comments, of which none waits, in the open transaction."""
    if divides_words(connection) and connection.execute(_ILL_DIVIDED).fetchone():
        return False
    if connection.execute("SELECT 1 FROM comments_fts_config WHERE k = 'rank'").fetchone():
        return False  # another order of the hits than btl's
    try:
        connection.execute("INSERT INTO comments_fts (comments_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        _raise_hindrance(error)
        return False
    return True


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index again from the comments, in the open transaction."""
    connection.execute("DELETE FROM search_queue")
    if divides_words(connection):
        connection.execute("DELETE FROM search_words")
        _divide(connection, "")
    connection.execute("INSERT INTO comments_fts (comments_fts) VALUES ('rebuild')")


def waiting(archive: Archive) -> int:
    """Return how many comments are not yet in the index."""
    return int(archive.query("SELECT count(*) FROM search_queue").fetchone()[0])


def search(archive: Archive, query: str, limit: int) -> list[Hit]:
    """Return the best hits of an FTS5 query; words that are no query are searched for as they stand."""
    divides = divides_words(archive.connection)
    written = expression(query) if divides else query
    for words in (written, literal(query)):
        try:
            return list(_search(archive, words, limit, divides))
        except sqlite3.OperationalError as error:
            if is_ended(error):
                raise named(archive.path, error) from error
            refused = error
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"{archive.path} has a damaged search index ({error}): restore it from a copy."
            ) from error
    if not str(refused).startswith("fts5: "):  # words as they stand are no query that could be wrong
        raise StorageError(
            f"{archive.path} has a damaged search index ({refused}): `btl verify` names what is not as btl made it."
        ) from refused
    shown = query if len(query) <= _SHOWN else query[:_SHOWN] + "…"
    raise BelowTheLineError(
        f'The query {shown!r} cannot be searched ({refused}): use words, "a phrase", AND, OR, NOT or word*.'
    )


def _search(archive: Archive, words: str, limit: int, divides: bool) -> Iterator[Hit]:
    marked = [f"highlight(comments_fts, {column}, '{OPEN}', '{CLOSE}')" for column in range(4 if divides else 2)]
    sql = f"""
        SELECT s.name, t.native_id, c.position, c.author_name, c.published_at, c.title, c.url, c.body_text,
            {", ".join(marked)}
        FROM comments_fts f JOIN comments c ON c.id = f.rowid
        JOIN threads t ON t.id = c.thread_id JOIN sites s ON s.id = t.site_id
        WHERE comments_fts MATCH ? ORDER BY rank LIMIT ?"""  # noqa: S608 - constants
    asked = words_of(words)
    for row in archive.connection.execute(sql, (words, limit)).fetchall():
        site, thread, position, author, published_at, title, url, body, *marks = row
        title_mark, body_mark, title_words, body_words = (*marks, None, None)[:4]
        hits = spans(body, body_mark, body_words, asked)
        in_title = [] if hits else spans(title, title_mark, title_words, asked)
        found = snippet(title, in_title) if in_title else snippet(body or title or "", hits)
        yield Hit(site, thread, position, author, published_at, title, url, found)
