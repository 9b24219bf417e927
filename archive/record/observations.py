"""What captures showed that changes often, of comments and of threads themselves, kept only where it changes."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.record.merging import Times, Values

Row = tuple[int, int, str, str | None]
"""Comment or thread, capture, kind and value."""


@dataclass(frozen=True, slots=True)
class Series:
    """One table of observations: of what it is, and which units of that are observed."""

    table: str
    owner: str
    units: tuple[str, ...]


OF_COMMENTS = Series("observations", "comment_id", ("badge", "upvotes", "downvotes", "score", "marks"))
"""What changes without the comment changing, and is no part of a version."""
OF_THREADS = Series(
    "thread_observations",
    "thread_id",
    ("title", "is_closed", "declared_count", "score", "body_text", "marks"),
)
"""What pages show of a thread itself."""


def first_seen(row_id: int, capture_id: int, values: Values, series: Series = OF_COMMENTS) -> list[Row]:
    """Return the observations of a comment, or of a thread, that one capture shows for the first time."""
    shown = [(unit, values[unit][0]) for unit in series.units if unit in values]
    return [(row_id, capture_id, unit, str(value)) for unit, value in shown if value is not None]


def insert(connection: sqlite3.Connection, observed: list[Row], series: Series = OF_COMMENTS) -> None:
    """Insert observations."""
    connection.executemany(
        f"INSERT INTO {series.table} ({series.owner}, capture_id, kind, value) VALUES (?, ?, ?, ?)",  # noqa: S608
        observed,
    )


def capture_at(connection: sqlite3.Connection, thread_id: int, time: str) -> int | None:
    """Return the capture of that time which a page of a thread was read from; None where there is none."""
    sql = """
        SELECT p.capture_id FROM pages p
        JOIN readings r ON r.id = p.reading_id JOIN captures k ON k.id = p.capture_id
        WHERE r.thread_id = ? AND k.fetched_at = ? ORDER BY p.form = 'copied text', p.id LIMIT 1"""
    row = connection.execute(sql, (thread_id, time)).fetchone()
    return int(row[0]) if row else None


def record(
    connection: sqlite3.Connection,
    held: Mapping[str, Any],
    values: Values,
    times: Times,
    showing: tuple[int, str],
    capture_at: Callable[[str], int],
    series: Series = OF_COMMENTS,
) -> None:
    """Record what a capture (row and time) shows of a held row, where it differs from what was shown before it."""
    capture_id, time = showing
    for unit in series.units:
        if unit not in values:
            continue
        value, current, last = _text(values[unit][0]), _text(held[unit]), times.of(unit)
        observed = (held["id"], capture_id, unit, value)
        if last is None or (time and time >= last):
            if value != current:
                _record_newer(connection, observed, (last, current), capture_at, series)
        else:
            _record_older(connection, observed, time, (last, current), capture_at, series)


def _record_newer(
    connection: sqlite3.Connection,
    observed: Row,
    present: tuple[str | None, str | None],
    capture_at: Callable[[str], int],
    series: Series,
) -> None:
    last, current = present
    if last and current is not None and not _history(connection, observed[0], observed[2], series):
        # An archive of the first release kept no observations of threads: what it held is kept now.
        insert(connection, [(observed[0], capture_at(last), observed[2], current)], series)
    insert(connection, [observed], series)


def _record_older(
    connection: sqlite3.Connection,
    observed: Row,
    time: str,
    present: tuple[str, str | None],
    capture_at: Callable[[str], int],
    series: Series,
) -> None:
    row_id, capture_id, unit, value = observed
    history = _history(connection, row_id, unit, series)
    if not time:
        if value is not None and all(value != known for _, known, _ in history):
            insert(connection, [observed], series)
        return
    before = next((known for _, known, at in reversed(history) if at <= time), None)
    after = next(((row, known) for row, known, at in history if at > time), None)
    if value == before:
        return
    if after is not None and after[1] == value:
        sql = f"UPDATE {series.table} SET capture_id = ? WHERE id = ?"  # noqa: S608 - constants
        connection.execute(sql, (capture_id, after[0]))
        return
    insert(connection, [observed], series)
    if after is None and value != present[1]:
        insert(connection, [(row_id, capture_at(present[0]), unit, present[1])], series)


def _history(
    connection: sqlite3.Connection, row_id: int, unit: str, series: Series
) -> list[tuple[int, str | None, str]]:
    sql = f"""
        SELECT o.id, o.value, CASE k.fetched_at_source WHEN 'file' THEN '' ELSE coalesce(k.fetched_at, '') END AS at
        FROM {series.table} o JOIN captures k ON k.id = o.capture_id
        WHERE o.{series.owner} = ? AND o.kind = ? ORDER BY at, o.id"""  # noqa: S608 - constants
    return connection.execute(sql, (row_id, unit)).fetchall()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
