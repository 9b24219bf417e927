"""Votes, scores, badges and marks: what each capture showed of them, kept only where it changes over time."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from belowtheline.archive.merging import Times, Values

OBSERVED = ("badge", "upvotes", "downvotes", "score", "marks")
"""Units that change without the comment changing."""

Row = tuple[int, int, str, str | None]
"""Comment, capture, kind and value."""


def first_seen(comment_id: int, capture_id: int, values: Values) -> list[Row]:
    """Return the observations of a comment that one capture shows for the first time."""
    shown = [(unit, values[unit][0]) for unit in OBSERVED if unit in values]
    return [(comment_id, capture_id, unit, str(value)) for unit, value in shown if value is not None]


def insert(connection: sqlite3.Connection, observed: list[Row]) -> None:
    """Insert observations."""
    connection.executemany(
        "INSERT INTO observations (comment_id, capture_id, kind, value) VALUES (?, ?, ?, ?)", observed
    )


def record(
    connection: sqlite3.Connection,
    held: Mapping[str, Any],
    values: Values,
    times: Times,
    showing: tuple[int, str],
    capture_at: Callable[[str], int],
) -> None:
    """Record what a capture (row and time) shows of a held comment, where it differs from what was shown before it."""
    capture_id, time = showing
    for unit in OBSERVED:
        if unit not in values:
            continue
        value, current, last = _text(values[unit][0]), _text(held[unit]), times.of(unit)
        if last is None or (time and time >= last):
            if value != current:
                insert(connection, [(held["id"], capture_id, unit, value)])
        else:
            _record_older(connection, (held["id"], capture_id, unit, value), time, (last, current), capture_at)


def _record_older(
    connection: sqlite3.Connection,
    observed: Row,
    time: str,
    present: tuple[str, str | None],
    capture_at: Callable[[str], int],
) -> None:
    comment_id, capture_id, unit, value = observed
    history = _history(connection, comment_id, unit)
    if not time:
        if value is not None and all(value != known for _, known, _ in history):
            insert(connection, [observed])
        return
    before = next((known for _, known, at in reversed(history) if at <= time), None)
    after = next(((row, known) for row, known, at in history if at > time), None)
    if value == before:
        return
    if after is not None and after[1] == value:
        connection.execute("UPDATE observations SET capture_id = ? WHERE id = ?", (capture_id, after[0]))
        return
    insert(connection, [observed])
    if after is None and value != present[1]:
        insert(connection, [(comment_id, capture_at(present[0]), unit, present[1])])


def _history(connection: sqlite3.Connection, comment_id: int, unit: str) -> list[tuple[int, str | None, str]]:
    sql = """
        SELECT o.id, o.value, CASE k.fetched_at_source WHEN 'file' THEN '' ELSE coalesce(k.fetched_at, '') END AS at
        FROM observations o JOIN captures k ON k.id = o.capture_id
        WHERE o.comment_id = ? AND o.kind = ? ORDER BY at, o.id"""
    return connection.execute(sql, (comment_id, unit)).fetchall()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
