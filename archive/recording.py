"""One page into the archive, in one transaction: capture, thread, comments, found pages and the page's own end."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from belowtheline.archive import readings, rows, search, stubs
from belowtheline.archive.comments import record_comments
from belowtheline.archive.database import Archive
from belowtheline.archive.people import site_id
from belowtheline.archive.threads import name_provisional, record_thread
from belowtheline.scraper.items import Capture, Link, ThreadPage


@dataclass(slots=True)
class Recorder:
    """Records what one run reads; captures wait here until the transaction that names them."""

    archive: Archive
    run_id: int
    storage_error: str | None = None
    _unrecorded: list[tuple[Capture, str | None]] = field(default_factory=list)

    def add_capture(self, capture: Capture, signals: str | None = None) -> None:
        """Take a capture whose bytes are synced; its row goes in with the next transaction."""
        self._unrecorded.append((capture, signals))

    def holds(self, body: bytes, url: str, fetched_at: str | None) -> bool:
        """Return whether the same bytes from the same address and time were read; no time adds nothing to any."""
        sql = """
            SELECT 1 FROM captures k WHERE k.sha256 = ?1 AND (k.url = ?2 OR (k.url LIKE 'file:%' AND ?2 LIKE 'file:%'))
            AND (?3 IS NULL OR (k.fetched_at = ?3 AND k.fetched_at_source <> 'file'))
            AND EXISTS (SELECT 1 FROM pages p WHERE p.capture_id = k.id AND p.state = 'done')"""
        return self.archive.query(sql, (hashlib.sha256(body).hexdigest(), url, fetched_at)).fetchone() is not None

    def record_page(
        self, page_id: int, capture: Capture, pages: Sequence[ThreadPage], charset: str | None = None
    ) -> None:
        """Record a page that was read: all of it or, on a StorageError, nothing."""
        with self._transaction() as connection:
            reading_id = _reading_of(connection, page_id)
            _record_pages(connection, reading_id, page_id, capture, pages, charset)
            readings.close_if_ended(connection, reading_id)

    def take_in(
        self, site: str, start_url: str, capture: Capture, pages: Sequence[ThreadPage], charset: str | None
    ) -> None:
        """Record a page that was not fetched by a crawl, in the reading of this run that has the same start."""
        with self._transaction() as connection:
            reading_id = _reading_for(connection, self.run_id, site_id(connection, site), start_url, pages)
            page_id = readings.add_taken_page(connection, reading_id, capture.url)
            alone = [replace(page, links=()) for page in pages]
            _record_pages(connection, reading_id, page_id, capture, alone, charset)

    def refuse(self, site: str | None, url: str, reason: str, detail: str, capture: Capture | None = None) -> None:
        """Record a page that was given and could not be read."""
        with self._transaction() as connection:
            reading_id = readings.open_reading(connection, self.run_id, site_id(connection, site or "unknown"), url)
            page_id = readings.add_taken_page(connection, reading_id, url)
            columns = {"state": "failed", "reason": reason, "detail": detail, "attempts": 1}
            if capture is not None:
                columns["capture_id"] = _capture_id(connection, capture)
            rows.update(connection, "pages", page_id, columns)
            readings.close_if_ended(connection, reading_id)

    def record_end(
        self,
        page_id: int,
        state: str,
        reason: str,
        detail: str | None = None,
        *,
        capture: Capture | None = None,
        otherwise: Link | None = None,
        not_before: str | None = None,
    ) -> None:
        """Record a page that was not read: failed, deferred or skipped, why, and another way where there is one."""
        with self._transaction() as connection:
            columns = {"state": state, "reason": reason, "detail": detail, "not_before": not_before}
            if capture is not None:
                columns["capture_id"] = str(_capture_id(connection, capture))
            rows.update(connection, "pages", page_id, columns)
            connection.execute("UPDATE pages SET attempts = attempts + 1 WHERE id = ?", (page_id,))
            reading_id = _reading_of(connection, page_id)
            if otherwise is not None:
                readings.add_pages(connection, reading_id, [otherwise])
            readings.close_if_ended(connection, reading_id)

    def finish(self) -> None:
        """Record the captures that belong to no page, close what has ended and index what waits."""
        with self._transaction() as connection:
            readings.close_ended(connection)
            search.index_waiting(connection)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Begin with the captures that wait; they stop waiting only when all is committed."""
        with self.archive.transaction() as connection:
            self._record_captures(connection)
            yield connection
        self._unrecorded.clear()

    def _record_captures(self, connection: sqlite3.Connection) -> None:
        for capture, signals in self._unrecorded:
            rows.insert(
                connection,
                "captures",
                {
                    "run_id": self.run_id,
                    "url": capture.url,
                    "method": capture.method,
                    "fetched_at": capture.fetched_at,
                    "fetched_at_source": capture.fetched_at_source,
                    "status": capture.status,
                    "content_type": capture.content_type,
                    "sha256": capture.sha256,
                    "warc_file": capture.warc_file,
                    "warc_offset": capture.warc_offset,
                    "signals": signals,
                },
            )


def _reading_for(
    connection: sqlite3.Connection, run_id: int, site: int, start_url: str, pages: Sequence[ThreadPage]
) -> int:
    """Return the run's reading that a page belongs to: another copy of a page begins another reading."""
    found = readings.reading_of_run(connection, run_id, site, start_url)
    number = pages[0].completeness.page_number if pages else None
    sql = "SELECT 1 FROM pages WHERE reading_id = ? AND (page_number IS NULL OR ? IS NULL OR page_number = ?)"
    if connection.execute(sql, (found, number, number)).fetchone() is None:
        return found
    readings.close_if_ended(connection, found)
    return readings.open_reading(connection, run_id, site, start_url)


def _record_pages(
    connection: sqlite3.Connection,
    reading_id: int,
    page_id: int,
    capture: Capture,
    pages: Sequence[ThreadPage],
    charset: str | None,
) -> None:
    capture_id = _capture_id(connection, capture)
    for page in pages:
        site = site_id(connection, page.thread.site)
        being_read = _thread_of(connection, reading_id)
        if being_read is not None and not page.is_part:
            name_provisional(connection, being_read, page.thread)
        thread_id = being_read if being_read and page.is_part else record_thread(connection, page, site)
        if record_comments(connection, page, thread_id, site, capture_id):
            readings.note_change(connection, reading_id)
            search.index_if_many(connection)
        stubs.record_stubs(connection, page, thread_id, capture_id)
        readings.attach_thread(connection, reading_id, thread_id)
    readings.page_done(connection, page_id, reading_id, pages, capture_id, capture.url, charset)


def _capture_id(connection: sqlite3.Connection, capture: Capture) -> int:
    sql = "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?"
    return int(connection.execute(sql, (capture.warc_file, capture.warc_offset)).fetchone()[0])


def _thread_of(connection: sqlite3.Connection, reading_id: int) -> int | None:
    found: int | None = connection.execute("SELECT thread_id FROM readings WHERE id = ?", (reading_id,)).fetchone()[0]
    return found


def _reading_of(connection: sqlite3.Connection, page_id: int) -> int:
    return int(connection.execute("SELECT reading_id FROM pages WHERE id = ?", (page_id,)).fetchone()[0])
