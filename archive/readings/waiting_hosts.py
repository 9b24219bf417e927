"""The hosts that a run has pages to do of, kept in memory: what they are is noted as pages are written, not looked up.

Pages of other runs wait in the same table, and may be many. What is kept here only says where to look: a host without
pages of the run is dropped when nothing is found, and comes back when a page of it is written.
"""

import sqlite3
from heapq import heappop, heappush

Order = tuple[int, str]


class WaitingHosts:
    """Hosts with pages to do, those asked longest ago first; of each, the page after which to look."""

    def __init__(self, connection: sqlite3.Connection, run_id: int) -> None:
        self._connection = connection
        self._after: dict[str, int] = {}
        self._last_given: dict[str, int] = {}
        self._given = 0
        self._busy: set[str] = set()
        self._queue: list[Order] = []
        self._queued: set[str] = set()
        self._waits: list[tuple[str, str]] = []
        self.next_due: str | None = None
        """Time of the first deferred page of the run, '' where it has none; None where no page is deferred."""
        self._watch()
        for host, first in connection.execute(_TO_DO, (run_id,)).fetchall():
            self.note(host, first)

    def _watch(self) -> None:
        """Let the connection note pages that are added, and those that wait or are to be asked again."""
        self._connection.create_function("note_page_to_do", 2, self.note)
        self._connection.create_function("note_deferred_page", 1, self.note_deferred)
        self.close()
        for name, event, condition, call in _NOTES:
            self._connection.execute(
                f"CREATE TEMP TRIGGER {name} AFTER {event} ON main.pages WHEN {condition} BEGIN SELECT {call}; END"
            )

    def close(self) -> None:
        """Note no more."""
        for name, *_ in _NOTES:
            self._connection.execute(f"DROP TRIGGER IF EXISTS temp.{name}")

    def note(self, host: str, page_id: int) -> None:
        """Note that a page of a host is to be looked at."""
        self._after[host] = min(self._after.get(host, page_id - 1), page_id - 1)
        self._enqueue(host)

    def note_deferred(self, not_before: str | None) -> None:
        """Note that a page waits until a time."""
        self.next_due = min(not_before or "", self.next_due or "~")

    def _enqueue(self, host: str) -> None:
        if host not in self._queued and host not in self._busy:
            self._queued.add(host)
            heappush(self._queue, (self._last_given.get(host, 0), host))

    def next(self, now: str) -> tuple[str, int] | None:
        """Return the host to ask next and the page after which to look; None where every host is busy or waits."""
        while self._waits and self._waits[0][0] <= now:
            _, host = heappop(self._waits)
            heappush(self._queue, (self._last_given.get(host, 0), host))
        while self._queue:
            host = self._queue[0][1]
            (until,) = self._connection.execute(_WAITS, (host,)).fetchone()
            if until is None or until <= now:
                return host, self._after[host]
            # Retry-After is meant for the host, whichever run was told.
            heappop(self._queue)
            heappush(self._waits, (until, host))
        return None

    def drop(self) -> None:
        """Drop the host that is next, of which there is no page to do."""
        _, host = heappop(self._queue)
        self._queued.remove(host)
        del self._after[host]

    def take(self, page_id: int) -> None:
        """Note that a page of the host that is next is asked for."""
        _, host = heappop(self._queue)
        self._queued.remove(host)
        self._busy.add(host)
        self._after[host] = page_id
        self._given += 1
        self._last_given[host] = self._given

    def free(self, host: str) -> None:
        """Note that a host may be asked again."""
        self._busy.discard(host)
        self._enqueue(host)


_TO_DO = """
    SELECT p.host, min(p.id) FROM readings r JOIN pages p ON p.reading_id = r.id
    WHERE r.run_id = ? AND p.state = 'todo' GROUP BY p.host ORDER BY p.host"""
_WAITS = "SELECT max(not_before) FROM pages WHERE state = 'deferred' AND host = ?"
_NOTES = (
    ("note_added", "INSERT", "NEW.state = 'todo'", "note_page_to_do(NEW.host, NEW.id)"),
    (
        "note_again",
        "UPDATE OF state",
        "NEW.state = 'todo' AND OLD.state <> 'todo'",
        "note_page_to_do(NEW.host, NEW.id)",
    ),
    ("note_deferred", "UPDATE OF state", "NEW.state = 'deferred'", "note_deferred_page(NEW.not_before)"),
)
