"""Runs: what was done when, with which program, and the account of its pages."""

import hashlib
import json
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from belowtheline.archive.store import clock, rows, seals
from belowtheline.archive.store.database import Archive

STATES = ("done", "failed", "deferred", "skipped", "todo")
REFUSED = ("robots", "opt-out")
"""Reasons of pages that were left out because their owners ask for it."""


PageEnd = tuple[str, str, str | None, str, str | None]
"""State, reason, detail, address and not_before of a page that was not simply read."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where the pages of a run ended: discovered = done + failed + deferred + skipped + todo."""

    discovered: int
    done: int
    failed: int
    deferred: int
    skipped: int
    todo: int

    def __str__(self) -> str:
        parts = " + ".join(f"{getattr(self, state)} {state}" for state in STATES)
        sign = "=" if self.discovered == sum(getattr(self, state) for state in STATES) else "!="
        return f"{self.discovered} discovered {sign} {parts}"


def now() -> str:
    """Return the time in the archive's form."""
    return utc_text(clock.utc_now())


def utc_text(when: datetime) -> str:
    """Return an aware time as ISO 8601 UTC with seconds and a final Z."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tool_version() -> str:
    """Return the version of the installed program."""
    try:
        return version("belowtheline")
    except PackageNotFoundError:
        return "unknown"


def start_run(
    connection: sqlite3.Connection,
    command: str,
    settings: dict[str, Any],
    contact: str | None = None,
    purpose: str | None = None,
    legal_basis: str | None = None,
) -> int:
    """Record that a run has started, in the open transaction, and return its row."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()
    columns = {
        "command": command,
        "tool_version": tool_version(),
        "settings_sha256": digest,
        "contact": contact,
        "purpose": purpose,
        "legal_basis": legal_basis,
        "started_at": now(),
    }
    return rows.insert(connection, "runs", columns)


def stopped_before(connection: sqlite3.Connection, run_id: int) -> int | None:
    """Return the run before this one that asked servers, if it was the same command and was killed or interrupted."""
    sql = """
        SELECT before.id FROM runs mine JOIN runs before
            ON before.id = (SELECT max(id) FROM runs WHERE id < mine.id AND command IN ('crawl', 'update', 'retry'))
        WHERE mine.id = ? AND before.settings_sha256 = mine.settings_sha256 AND before.command = mine.command
            AND (before.finished_at IS NULL OR before.verdict = 'interrupted')"""
    row = connection.execute(sql, (run_id,)).fetchone()
    return int(row[0]) if row else None


def account(archive: Archive, run_id: int) -> Account:
    """Return where the pages of the run's readings stand; each state is counted apart from the total."""
    sql = (
        "SELECT p.state, count(*) FROM pages p JOIN readings r ON r.id = p.reading_id"
        " WHERE r.run_id = ? GROUP BY p.state"
    )
    counts = dict(archive.query(sql, (run_id,)).fetchall())
    total = archive.query(
        "SELECT count(*) FROM pages WHERE reading_id IN (SELECT id FROM readings WHERE run_id = ?)", (run_id,)
    )
    return Account(total.fetchone()[0], *(counts.get(state, 0) for state in STATES))


def page_ends(archive: Archive, run_id: int, kind: str | None = None) -> list[PageEnd]:
    """Return how the pages of threads ended that a run did not simply read, or those of a kind beside the threads."""
    sql = """
        SELECT p.state, p.reason, p.detail, p.url, p.not_before FROM pages p JOIN readings r ON r.id = p.reading_id
        WHERE r.run_id = ?1 AND p.reason IS NOT NULL
            AND CASE WHEN ?2 IS NULL THEN p.kind NOT IN ('article text', 'icon') ELSE p.kind = ?2 END
        ORDER BY p.id"""
    return archive.query(sql, (run_id, kind)).fetchall()


def left_to_do(archive: Archive, run_id: int) -> list[tuple[str, int, str, str | None]]:
    """Return the hosts whose pages a run did not come to: how many, the first one, and when the host may be asked."""
    sql = """
        SELECT p.host, count(*), min(p.url),
            (SELECT max(d.not_before) FROM pages d WHERE d.state = 'deferred' AND d.host = p.host)
        FROM pages p JOIN readings r ON r.id = p.reading_id WHERE r.run_id = ? AND p.state = 'todo'
        GROUP BY p.host ORDER BY min(p.id)"""
    return archive.query(sql, (run_id,)).fetchall()


def finish_run(archive: Archive, run_id: int, verdict: str, exit_code: int) -> Account:
    """Record how a run ended and return its account; every row that was written since the last seals is sealed."""
    counts = account(archive, run_id)
    with archive.transaction() as connection:
        ended = {"finished_at": now(), "verdict": verdict, "exit_code": exit_code}
        rows.update(connection, "runs", run_id, {**ended, **asdict(counts), **totals(connection)})
        seals.seal(connection)
    return counts


_COUNTED = {"captures": "captures", "comments": "comments", "versions": "comment_versions"}


def totals(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many captures, comments and versions the archive holds."""
    counts = "SELECT count(*) FROM {}"
    return {name: connection.execute(counts.format(table)).fetchone()[0] for name, table in _COUNTED.items()}
