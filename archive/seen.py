"""When comments were last seen: a page that shows a whole thread unchanged says so once, at the thread.

Writing it at each comment would rewrite a row of kilobytes to say that nothing happened; what is said at the thread is
written into its comments as soon as anything else is to be recorded of them.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from belowtheline.archive.identity import Held
from belowtheline.scraper.items import ThreadPage


def shows_all_again(
    connection: sqlite3.Connection, page: ThreadPage, thread_id: int, held: Mapping[int, Held], digests: Sequence[str]
) -> bool:
    """Return whether a newer page shows just what is held of its thread, every comment as it is."""
    time = page.fetched_at
    if time is None or len(held) < max(len(digests), 1):
        return False
    for comment, digest in zip(page.comments, digests, strict=True):
        before = held[comment.position]
        if before.shown_sha256 != digest or not before.last_seen_at or time <= before.last_seen_at:
            return False
    return is_whole_thread(connection, thread_id, len(digests), time)


def is_whole_thread(connection: sqlite3.Connection, thread_id: int, comments: int, time: str) -> bool:
    """Return whether so many comments are all that is held of a thread, none gone, and the time is the newest."""
    sql = """
        SELECT ?3 > coalesce(t.all_seen_at, '')
            AND (SELECT count(*) FROM comments WHERE thread_id = ?1) = ?2
            AND NOT EXISTS (SELECT 1 FROM comments WHERE thread_id = ?1 AND not_seen_since IS NOT NULL)
        FROM threads t WHERE t.id = ?1"""
    return bool(connection.execute(sql, (thread_id, comments, time)).fetchone()[0])


def note_all(connection: sqlite3.Connection, thread_id: int, time: str) -> None:
    """Note that a page of that time showed every comment of a thread as it is held."""
    connection.execute("UPDATE threads SET all_seen_at = ? WHERE id = ?", (time, thread_id))


def settle(connection: sqlite3.Connection, thread_id: int) -> bool:
    """Write what is noted at a thread into its comments and return whether there was anything."""
    noted = connection.execute("SELECT all_seen_at FROM threads WHERE id = ?", (thread_id,)).fetchone()[0]
    if noted is None:
        return False
    sql = "UPDATE comments SET last_seen_at = ?1 WHERE thread_id = ?2 AND last_seen_at < ?1"
    connection.execute(sql, (noted, thread_id))
    connection.execute("UPDATE threads SET all_seen_at = NULL WHERE id = ?", (thread_id,))
    return True
