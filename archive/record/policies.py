"""What governed each host of a run: its robots.txt and its tdmrep.json, as they were when its pages were asked for."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from belowtheline.archive.store import rows
from belowtheline.archive.store.database import Archive
from belowtheline.reading.outcomes import HostPolicy


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """What a run was told by a host, and the capture that shows it."""

    run_id: int
    origin: str
    kind: str
    decision: str
    status: int | None
    fetched_at: str | None
    capture_id: int | None


def record(connection: sqlite3.Connection, run_id: int, policies: Iterable[HostPolicy]) -> None:
    """Record what a run was told, in the open transaction; the captures have their rows."""
    for policy in policies:
        columns = {
            "run_id": run_id,
            "origin": policy.origin,
            "kind": policy.kind,
            "decision": policy.decision,
            "status": policy.status,
            "fetched_at": policy.fetched_at,
            "capture_id": _capture_id(connection, policy),
        }
        rows.insert(connection, "run_policies", columns)


def _capture_id(connection: sqlite3.Connection, policy: HostPolicy) -> int | None:
    if policy.capture is None:
        return None
    sql = "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?"
    row = connection.execute(sql, (policy.capture.warc_file, policy.capture.warc_offset)).fetchone()
    return int(row[0]) if row else None


def run_policies(archive: Archive) -> Iterator[RunPolicy]:
    """Yield what every run was told, the newest first; nothing where an older btl wrote the archive."""
    if archive.query("SELECT 1 FROM sqlite_master WHERE name = 'run_policies'").fetchone() is None:
        return
    sql = "SELECT run_id, origin, kind, decision, status, fetched_at, capture_id FROM run_policies ORDER BY id DESC"
    for row in archive.query(sql):
        yield RunPolicy(*row)
