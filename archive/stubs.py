"""Stubs: comments known to exist whose text is not held; counted in the verdict, never rows of `comments`."""

import sqlite3
from collections.abc import Sequence

from belowtheline.scraper.items import ThreadPage, shown


def record_stubs(connection: sqlite3.Connection, page: ThreadPage, thread_id: int, capture_id: int) -> None:
    """Record a page's stubs, leaving out those whose comment is held."""
    rows = [
        (
            thread_id,
            stub.native_id,
            shown(stub.parent_native_id),
            stub.shown,
            stub.url,
            capture_id,
            thread_id,
            stub.native_id,
        )
        for stub in page.stubs
        if stub.native_id is not None
    ]
    connection.executemany(
        "INSERT INTO stubs (thread_id, native_id, parent_native_id, shown, url, capture_id) SELECT ?, ?, ?, ?, ?, ?"
        " WHERE NOT EXISTS (SELECT 1 FROM comments WHERE thread_id = ? AND native_id = ?)"
        " ON CONFLICT (thread_id, native_id) DO UPDATE SET capture_id = excluded.capture_id WHERE comment_id IS NULL",
        rows,
    )


def promote(connection: sqlite3.Connection, arrived: Sequence[tuple[int, int, str]]) -> None:
    """Point stubs at the comments that have come for them, given as row, thread and native id."""
    if arrived and connection.execute("SELECT 1 FROM stubs WHERE thread_id = ? LIMIT 1", arrived[0][1:2]).fetchone():
        sql = "UPDATE stubs SET comment_id = ? WHERE thread_id = ? AND native_id = ? AND comment_id IS NULL"
        connection.executemany(sql, arrived)
