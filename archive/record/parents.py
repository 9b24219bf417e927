"""Parents that a page names by address alone: found among the thread's comments once it is held."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import Any

from belowtheline.archive.record.threads import PROVISIONAL

Parent = tuple[Any, ...]
"""Native id, row and address of a parent, each NULL where it is not known."""


def completed_parent(named: Parent, held: Mapping[str, Any]) -> tuple[Parent, bool]:
    """Return a parent as a page names it, with what is held of it; and whether the page alone names its id."""
    native_id, row, url = named
    if url is not None and native_id is None and held["parent_native_id"] is not None:
        return (held["parent_native_id"], held["parent_id"], url), False
    if native_id is not None and url is None and held["parent_url"] is not None:
        return (native_id, row, held["parent_url"]), held["parent_native_id"] is None
    return named, False


def resolve(connection: sqlite3.Connection, thread_id: int) -> None:
    """Point the comments of a thread that name their parent by its address at the one comment that has it.

    Where two comments have the address, or none, the parent stays unknown; a parent named by id is left as it is.
    """
    waiting = connection.execute(_WAITING, (thread_id,)).fetchall()
    if not waiting:
        return
    sql = "SELECT url, id, native_id FROM comments WHERE thread_id = ? AND url IS NOT NULL"
    held = connection.execute(sql, (thread_id,)).fetchall()
    bearers = Counter(url for url, _, _ in held)
    by_url = {url: (row, native_id) for url, row, native_id in held if bearers[url] == 1}
    found = [(*by_url[url], row_id) for row_id, url in waiting if url in by_url and by_url[url][0] != row_id]
    sql = "UPDATE comments SET parent_id = ?1, parent_native_id = iif(substr(?2, 1, 1) = ?4, NULL, ?2) WHERE id = ?3"
    connection.executemany(sql, [(*one, PROVISIONAL) for one in found])


_WAITING = """
    SELECT id, parent_url FROM comments
    WHERE thread_id = ? AND parent_url IS NOT NULL AND parent_id IS NULL AND parent_native_id IS NULL"""
