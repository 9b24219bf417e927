"""Comments that are shown no longer: marked by complete readings alone, and observed, so that a return is seen too."""

import sqlite3
from functools import lru_cache

from belowtheline.archive.record import observations

NOT_SEEN = "not seen"
"""Kind of the observation: the time of the reading that did not show a comment; no value where one showed it again."""


def mark_not_seen(connection: sqlite3.Connection, thread_id: int) -> None:
    """Mark each comment by the first closed, complete reading after it was last seen; copied text is never one.

    Where the newest page showed all comments (`all_seen_at`), none can have gone.
    """
    capture_at = lru_cache(maxsize=None)(lambda time: observations.capture_at(connection, thread_id, time))
    for comment_id, before, last_seen, since in connection.execute(_TURNED, (thread_id,)).fetchall():
        connection.execute("UPDATE comments SET not_seen_since = ? WHERE id = ?", (since, comment_id))
        if before is not None and since is not None and since < before:
            _move_back(connection, capture_at(since), comment_id, since)
            continue
        if before is not None:
            _observe(connection, capture_at(last_seen), comment_id, None)
        if since is not None:
            _observe(connection, capture_at(since), comment_id, since)


_TURNED = """
    SELECT id, not_seen_since, last_seen_at, since FROM (
        SELECT c.id, c.not_seen_since, c.last_seen_at, (
            SELECT min(r.read_at) FROM readings r
            WHERE r.thread_id = c.thread_id AND r.verdict = 'complete' AND r.read_at > c.last_seen_at
        ) AS since FROM comments c
        WHERE c.thread_id = ?1 AND (SELECT all_seen_at FROM threads WHERE id = ?1) IS NULL
    ) WHERE not_seen_since IS NOT since"""


def _observe(connection: sqlite3.Connection, capture_id: int | None, comment_id: int, value: str | None) -> None:
    if capture_id is not None:
        observations.insert(connection, [(comment_id, capture_id, NOT_SEEN, value)])


def _move_back(connection: sqlite3.Connection, capture_id: int | None, comment_id: int, since: str) -> None:
    """Let an absence begin earlier, since an older reading has come that did not show the comment either."""
    sql = """
        UPDATE observations SET value = ?, capture_id = coalesce(?, capture_id) WHERE id = (
            SELECT max(id) FROM observations WHERE comment_id = ? AND kind = ? AND value IS NOT NULL)"""
    connection.execute(sql, (since, capture_id, comment_id, NOT_SEEN))
