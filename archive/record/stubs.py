"""Stubs: comments known to exist whose text is not held; counted in the verdict, never rows of `comments`.

Where a page names no ids ("continue this thread", "load more"), what it stands for is kept by the parent, under a label
that is never a match key. Such a stub is done with when so many comments have come below its parent, or when a page was
read at its address.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from belowtheline.archive.record.threads import PROVISIONAL
from belowtheline.reading.items import Stub, ThreadPage, shown

UNNAMED = f"{PROVISIONAL}under "
"""What the label of a stub without an id begins with; its parent's native id follows."""


def record_stubs(
    connection: sqlite3.Connection, page: ThreadPage, thread_id: int, capture_id: int, reading_id: int
) -> None:
    """Record a page's stubs: those with an id unless their comment is held, the others by their parent."""
    named = [stub for stub in page.stubs if stub.native_id is not None]
    _record_named(connection, named, thread_id, capture_id)
    unnamed: dict[str | None, list[Stub]] = defaultdict(list)
    for stub in page.stubs:
        if stub.native_id is None:
            unnamed[shown(stub.parent_native_id)].append(stub)
    if unnamed:
        _record_unnamed(connection, page, unnamed, (thread_id, capture_id, reading_id))
        # What stands below other parents was counted when the page's comments came.
        settle(connection, thread_id, {parent for parent in unnamed if parent is not None})


def _record_named(connection: sqlite3.Connection, stubs: Sequence[Stub], thread_id: int, capture_id: int) -> None:
    connection.executemany(
        "INSERT INTO stubs (thread_id, native_id, parent_native_id, shown, url, count, capture_id)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"
        " WHERE NOT EXISTS (SELECT 1 FROM comments WHERE thread_id = ?1 AND native_id = ?2)"
        " ON CONFLICT (thread_id, native_id) DO UPDATE SET capture_id = excluded.capture_id, count = excluded.count"
        " WHERE comment_id IS NULL",
        [
            (thread_id, stub.native_id, shown(stub.parent_native_id), stub.shown, stub.url, stub.count, capture_id)
            for stub in stubs
        ],
    )


def _record_unnamed(
    connection: sqlite3.Connection,
    page: ThreadPage,
    unnamed: Mapping[str | None, Sequence[Stub]],
    place: tuple[int, int, int],
) -> None:
    """Record one stub for each parent, with how many comments must stand below it before it is done with."""
    thread_id, capture_id, reading_id = place
    below = _counts_below(page, unnamed)
    if None in unnamed:
        sql = "SELECT coalesce(sum(comments), 0) FROM pages WHERE reading_id = ? AND state = 'done'"
        (read_before,) = connection.execute(sql, (reading_id,)).fetchone()
        below[None] = read_before + len(page.comments)
    for parent, stubs in unnamed.items():
        label, count = _label(parent), sum(stub.count for stub in stubs)
        said = (thread_id, label, parent, stubs[0].shown, stubs[0].url, count, below[parent] + count)
        connection.execute(_INSERT_UNNAMED, (*said, capture_id, reading_id))


def _label(parent: str | None) -> str:
    return UNNAMED + (parent or "the thread")


_INSERT_UNNAMED = """
    INSERT INTO stubs
        (thread_id, native_id, parent_native_id, shown, url, count, below, capture_id, answer_capture_id)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (
        SELECT coalesce(p.capture_id, p.same_as_id)
        FROM readings mine JOIN readings r ON +r.run_id = mine.run_id AND r.thread_id = ?1
        JOIN pages p ON p.reading_id = r.id AND p.method IN ('GET', 'INGEST') AND p.url = ?5
        WHERE mine.id = ?9 AND (p.state = 'done' OR p.same_as_id IS NOT NULL) AND p.capture_id IS NOT ?8))
    ON CONFLICT (thread_id, native_id) DO UPDATE SET shown = excluded.shown, url = excluded.url,
        count = excluded.count, below = excluded.below, capture_id = excluded.capture_id, comment_id = NULL,
        answer_capture_id = excluded.answer_capture_id"""


def _counts_below(page: ThreadPage, parents: Iterable[str | None]) -> dict[str | None, int]:
    """Return how many comments the page shows below each of the parents, at any depth."""
    children: dict[str | None, list[str | None]] = defaultdict(list)
    ids = {comment.position: comment.native_id for comment in page.comments}
    for comment in page.comments:
        above = shown(comment.parent_native_id) or ids.get(comment.parent_position or 0)
        children[above].append(comment.native_id)
    return {parent: _count_below(parent, children) for parent in parents}


def _count_below(parent: str | None, children: Mapping[str | None, Sequence[str | None]]) -> int:
    waiting, count = [parent], 0
    known = {parent, None}  # a parent that stands below itself ends, too
    while waiting:
        found = children.get(waiting.pop(), ())
        count += len(found)
        waiting += [native_id for native_id in found if native_id not in known]
        known.update(found)
    return count


def promote(connection: sqlite3.Connection, arrived: Sequence[tuple[int, int, str]]) -> None:
    """Point stubs at the comments that have come for them, given as row, thread and native id."""
    if arrived and connection.execute("SELECT 1 FROM stubs WHERE thread_id = ? LIMIT 1", arrived[0][1:2]).fetchone():
        sql = "UPDATE stubs SET comment_id = ? WHERE thread_id = ? AND native_id = ?"
        sql += " AND +comment_id IS NULL AND below IS NULL"
        connection.executemany(sql, arrived)
        if connection.execute(f"{_WAITING} LIMIT 1", (arrived[0][1], UNNAMED)).fetchone() is None:
            return  # a comment may stand below as many as there are
        rows = json.dumps([row for row, _, _ in arrived])
        settle(connection, arrived[0][1], {native_id for (native_id,) in connection.execute(_ABOVE, (rows,))})


_ABOVE = """
    WITH RECURSIVE above(id) AS (
        SELECT value FROM json_each(?)
        UNION SELECT c.parent_id FROM above a JOIN comments c ON c.id = a.id WHERE c.parent_id IS NOT NULL
    ) SELECT native_id FROM above JOIN comments USING (id)"""


def settle(connection: sqlite3.Connection, thread_id: int, parents: Collection[str] | None = None) -> None:
    """Count what is still missing below the parent of each stub without an id; where nothing is, it has come.

    Of a page's comments only those above them have to be looked at: their native ids are `parents`.
    """
    if parents is None:
        waiting = connection.execute(_WAITING, (thread_id, UNNAMED)).fetchall()
    else:
        labels = json.dumps([_label(parent) for parent in (None, *sorted(parents))])
        waiting = connection.execute(_WAITING_UNDER, (thread_id, labels)).fetchall()
    for row_id, parent, below in waiting:
        held, newest = connection.execute(_HELD if parent else _HELD_IN_ALL, (thread_id, parent)).fetchone()
        missing = max(below - held, 0)
        sql = "UPDATE stubs SET count = ?, comment_id = ? WHERE id = ?"
        connection.execute(sql, (missing, None if missing else newest, row_id))


_WAITING = """
    SELECT id, parent_native_id, below FROM stubs
    WHERE thread_id = ?1 AND native_id >= ?2 AND native_id < ?2 || char(1114111) AND +comment_id IS NULL"""
_WAITING_UNDER = """
    SELECT id, parent_native_id, below FROM stubs
    WHERE thread_id = ?1 AND native_id IN (SELECT value FROM json_each(?2)) AND +comment_id IS NULL"""
_HELD_IN_ALL = "SELECT count(*), max(id) FROM comments WHERE thread_id = ?1 AND ?2 IS NULL"
_HELD = """
    WITH RECURSIVE below(id) AS (
        SELECT c.id FROM comments p JOIN comments c ON c.parent_id = p.id WHERE p.thread_id = ?1 AND p.native_id = ?2
        UNION SELECT c.id FROM below b JOIN comments c ON c.parent_id = b.id
    ) SELECT count(*), max(id) FROM below"""


def answer(connection: sqlite3.Connection, page_id: int) -> None:
    """Note that a page was read at the address of stubs without ids: what they stood for is on it, or is gone."""
    connection.execute(
        """
        UPDATE stubs SET answer_capture_id = page.capture_id FROM (
            SELECT r.thread_id, p.url, p.capture_id, k.fetched_at
            FROM pages p JOIN readings r ON r.id = p.reading_id JOIN captures k ON k.id = p.capture_id
            WHERE p.id = ?1 AND p.state = 'done' AND p.method IN ('GET', 'INGEST')
        ) AS page
        WHERE stubs.thread_id = page.thread_id AND stubs.native_id >= ?2 AND stubs.native_id < ?2 || char(1114111)
            AND stubs.url = page.url AND stubs.answer_capture_id IS NULL AND stubs.capture_id <> page.capture_id
            AND NOT EXISTS (SELECT 1 FROM captures s WHERE s.id = stubs.capture_id AND s.fetched_at > page.fetched_at)
        """,
        (page_id, UNNAMED),
    )
