"""Clocks that disagree: ours, those of the servers that were asked, and the times that captures bear.

What is newest decides what a comment is now. After one run with a clock that is a year ahead, nothing that is seen for
a year would be newer: so no run starts whose clock is more than a day behind the newest capture, and no capture is
dated by a time that has not come.
"""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from shlex import quote

from belowtheline.archive.store import clock
from belowtheline.archive.store.runs import utc_text
from belowtheline.reading.errors import ClockBehind

_BEHIND = timedelta(days=1)
"""How far a clock may be behind a capture; zones that were mistaken for each other lie no further apart."""
_APART = timedelta(hours=1)
_LONGEST_AGE = timedelta(days=30)


def check(connection: sqlite3.Connection, path: Path) -> str | None:
    """Raise ClockBehind where our clock is more than a day behind the newest capture; return what to say of less."""
    newest = connection.execute(_NEWEST).fetchone()[0]
    now = clock.utc_now()
    if newest is None or newest <= utc_text(now):
        return None
    if newest > utc_text(now + _BEHIND):
        raise ClockBehind(
            f"The clock of this machine says {utc_text(now)}, and the newest capture in {path} is of {newest}: set the"
            f" clock if it is wrong, or, if the time of the capture is,"
            f" run `btl reparse {quote(str(path))} --undate-after {utc_text(now)}`."
        )
    return (
        f"The clock of this machine says {utc_text(now)}, and the newest capture is of {newest}: what this run sees"
        " counts as older than that."
    )


# A file's own time is a guess, and orders nothing.
_NEWEST = "SELECT max(fetched_at) FROM captures WHERE fetched_at_source IS NOT 'file'"


def is_to_come(time: str | None) -> bool:
    """Return whether a time lies more than a day ahead of our clock, so that no capture can be of it."""
    return time is not None and time > utc_text(clock.utc_now() + _BEHIND)


def offset_of(headers: Mapping[str, str], received: datetime) -> int | None:
    """Return by how many seconds a server's clock is ahead of ours, where its answer says so; negative if behind.

    >>> offset_of({"Date": "Thu, 01 Jan 2026 02:00:00 GMT"}, datetime(2026, 1, 1, tzinfo=UTC))
    7200
    """
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
        said = date if date.tzinfo else date.replace(tzinfo=UTC)
        return round((said + _age(headers.get("Age", "")) - received).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _age(value: str) -> timedelta:
    """Return how long an answer lay in a cache (RFC 9111, 5.1): its Date is of the time before that."""
    value = value.strip()
    is_age = value.isascii() and value.isdecimal() and len(value) < 10
    return min(timedelta(seconds=int(value)), _LONGEST_AGE) if is_age else timedelta(0)


def is_apart(offset: int | None) -> bool:
    """Return whether a server's clock and ours differ by more than an hour."""
    return offset is not None and abs(offset) > _APART.total_seconds()


def note_offset(connection: sqlite3.Connection, run_id: int, offset: int) -> None:
    """Mark a run by the clock that was furthest from ours."""
    sql = "UPDATE runs SET clock_offset = ?2 WHERE id = ?1 AND abs(coalesce(clock_offset, 0)) < abs(?2)"
    connection.execute(sql, (run_id, offset))


def offset_of_run(connection: sqlite3.Connection, run_id: int) -> int | None:
    """Return by how many seconds the clock of a server was furthest from ours; None where all agreed."""
    found: int | None = connection.execute("SELECT clock_offset FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
    return found


def described(offset: int) -> str:
    """Return how far a clock was from ours, in words.

    >>> described(-7300), described(31_536_000)
    ('2 hours behind', '365 days ahead')
    """
    hours = abs(offset) // 3600
    span = f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours > 1 else "1 hour"
    return f"{span} {'ahead' if offset > 0 else 'behind'}"


def undate(connection: sqlite3.Connection, after: str) -> int:
    """Take the times of captures later than a time for wrong; return how many there are.

    What they claim is kept, and orders nothing any more; their readings show no absence, and what a server asked to be
    left alone until then may be asked again.
    """
    late = "fetched_at > ? AND fetched_at_source IS NOT 'file'"
    connection.execute(
        f"""
        UPDATE readings SET read_at = NULL WHERE read_at IS NOT NULL AND id IN (
            SELECT p.reading_id FROM pages p JOIN captures k ON k.id = p.capture_id WHERE k.{late})""",  # noqa: S608
        (after,),
    )
    connection.execute("UPDATE readings SET verdict_at = NULL WHERE verdict_at > ?", (after,))
    connection.execute("UPDATE readings SET closed_at = ?1 WHERE closed_at > ?1", (after,))
    connection.execute("UPDATE pages SET not_before = NULL WHERE not_before > ?", (after,))
    sql = f"UPDATE captures SET claimed_at = fetched_at, fetched_at = NULL, fetched_at_source = NULL WHERE {late}"  # noqa: S608
    return connection.execute(sql, (after,)).rowcount
