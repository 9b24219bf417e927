"""One page into the archive, in one transaction: capture, thread, comments, found pages and the page's own end."""

import contextlib
import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from belowtheline.archive.links import keeping
from belowtheline.archive.readings import article_pages, icon_pages, lifecycle
from belowtheline.archive.readings.page_limits import PageLimits
from belowtheline.archive.readings.starts import Given
from belowtheline.archive.readings.unchanged import Watch, note_not_modified
from belowtheline.archive.readings.updating import is_of_another, note_another_thread, widen
from belowtheline.archive.record import articles, policies, stubs
from belowtheline.archive.record.comments import record_comments
from belowtheline.archive.record.people import site_id
from belowtheline.archive.record.shown_before import Showing
from belowtheline.archive.record.threads import (
    as_of,
    is_of_instance,
    name_provisional,
    provisional_id,
    record_thread,
)
from belowtheline.archive.search import index
from belowtheline.archive.store import clocks, interrupts, rows
from belowtheline.archive.store.database import Archive
from belowtheline.reading.errors import ReaderError, StorageError
from belowtheline.reading.items import Article, Capture, Completeness, Link, ThreadPage, shown
from belowtheline.reading.outcomes import UNKNOWN_SITE, HostPolicy

_OF_PAGES = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
"""Errors of SQLite that a value makes, of another type or out of range."""


@dataclass(slots=True)
class Recorder:
    """Records what one run reads; captures wait here until the transaction that names them."""

    archive: Archive
    run_id: int
    storage_error: str | None = None
    named_site: str | None = None
    """Site as which a person has the pages read that are taken in."""
    limits: PageLimits = field(default_factory=PageLimits)
    unlinked: dict[int, str] = field(default_factory=dict)
    """Why threads whose readings were closed could not be linked, by their rows."""
    _unrecorded: list[tuple[Capture, dict[str, str]]] = field(default_factory=list)
    _policies: list[HostPolicy] = field(default_factory=list)
    _clock_offset: int = 0

    def add_capture(self, capture: Capture, **said: str) -> None:
        """Take a capture whose bytes are synced, and what its headers said; its row goes in with the next transaction.

        `said` are further columns of `captures`: signals, etag, last_modified.
        """
        self._unrecorded.append((capture, said))

    def add_policy(self, policy: HostPolicy) -> None:
        """Take what a host was asked before its pages; its row goes in with the next transaction."""
        self._policies.append(policy)

    def note_clock(self, offset: int | None) -> None:
        """Take by how many seconds a server's clock is ahead of ours; more than an hour marks the run."""
        if clocks.is_apart(offset) and abs(offset or 0) > abs(self._clock_offset):
            self._clock_offset = offset or 0

    def threads_held(self, body: bytes, url: str, fetched_at: str | None) -> set[int] | None:
        """Return the threads of the same bytes from the same address and time, where these were read; None otherwise.

        Bytes without a time add nothing to those of any.
        """
        sql = """
            SELECT r.thread_id
            FROM captures k JOIN pages p ON p.capture_id = k.id JOIN readings r ON r.id = p.reading_id
            WHERE k.sha256 = ?1 AND (k.url = ?2 OR (k.url LIKE 'file:%' AND ?2 LIKE 'file:%')) AND p.state = 'done'
            AND (?3 IS NULL OR (k.fetched_at = ?3 AND k.fetched_at_source <> 'file'))"""
        found = self.archive.query(sql, (hashlib.sha256(body).hexdigest(), url, fetched_at)).fetchall()
        return {thread for (thread,) in found if thread is not None} if found else None

    def kept(self, body: bytes, url: str, fetched_at: str | None) -> Capture | None:
        """Return the capture of the same bytes from the same address and time that could not be read before."""
        sql = """
            SELECT k.url, k.fetched_at, k.fetched_at_source, k.sha256, k.warc_file, k.warc_offset
            FROM captures k JOIN pages p ON p.capture_id = k.id
            WHERE k.sha256 = ?1 AND k.url = ?2 AND p.state = 'failed'
                AND (?3 IS NULL OR (k.fetched_at = ?3 AND k.fetched_at_source <> 'file'))
            ORDER BY k.id LIMIT 1"""
        row = self.archive.query(sql, (hashlib.sha256(body).hexdigest(), url, fetched_at)).fetchone()
        names = ("url", "fetched_at", "fetched_at_source", "sha256", "warc_file", "warc_offset")
        return Capture(**dict(zip(names, row, strict=True))) if row else None

    def record_page(
        self,
        page_id: int,
        capture: Capture,
        pages: Sequence[ThreadPage],
        charset: str | None = None,
        site: str | None = None,
    ) -> None:
        """Record a page that was read: all of it or, on a StorageError, nothing.

        `site` names the site that read an article's page, of which nobody knew before whose it is.
        """
        with self._transaction() as connection:
            reading_id = _reading_of(connection, page_id)
            if site is not None:
                lifecycle.name_site(connection, reading_id, site_id(connection, site))
            before = connection.execute("SELECT max(id) FROM pages").fetchone()[0]
            _record_pages(connection, reading_id, page_id, capture, pages, charset)
            self.limits.page_was_read(connection, page_id, reading_id, pages, before)
            article_pages.ask_for(connection, reading_id)
            icon_pages.ask_for(connection, reading_id)
            if lifecycle.close_if_ended(connection, reading_id) is not None:
                self.limits.forget(reading_id)

    def record_article_text(self, page_id: int, capture: Capture, article: Article, charset: str) -> None:
        """Record the page of an article that was asked for its words, and what it says."""
        with self._transaction() as connection:
            reading_id = _reading_of(connection, page_id)
            capture_id = _capture_id(connection, capture)
            record_article_of(connection, reading_id, article, (capture.fetched_at, capture_id))
            ended = {"state": "done", "reason": None, "detail": None, "not_before": None}
            rows.update(connection, "pages", page_id, {**ended, "capture_id": capture_id, "charset": charset})
            lifecycle.close_if_ended(connection, reading_id)

    def record_icon(self, page_id: int, capture: Capture) -> None:
        """Record the image of an icon, of which nothing is read."""
        with self._transaction() as connection:
            capture_id = _capture_id(connection, capture)
            icon_pages.hold(connection, page_id, capture_id)
            ended = {"state": "done", "reason": None, "detail": None, "not_before": None}
            rows.update(connection, "pages", page_id, {**ended, "capture_id": capture_id})
            lifecycle.close_if_ended(connection, _reading_of(connection, page_id))

    def record_not_modified(self, page_id: int, capture: Capture) -> bool:
        """Record a page whose server says that it is as it was; False where it must be asked for in full."""
        with self._transaction() as connection:
            is_known = note_not_modified(connection, page_id, _capture_id(connection, capture))
            if is_known:
                lifecycle.close_if_ended(connection, _reading_of(connection, page_id))
        return is_known

    def record_lead(
        self, page_id: int, capture: Capture, charset: str, site: str, link: Link, article: Article | None = None
    ) -> None:
        """Record an article's page, the request for the thread it leads to and, where it is wanted, the article."""
        with self._transaction() as connection:
            reading_id = _reading_of(connection, page_id)
            lifecycle.name_site(connection, reading_id, site_id(connection, site))
            reading_id = lifecycle.follow(connection, reading_id, link)
            capture_id = _capture_id(connection, capture)
            if article is not None:
                # Any page may lead to a thread: what it shows is the article of its own address, and not the thread's.
                seen = (capture.fetched_at, capture_id)
                articles.record_article(connection, article, seen, (site_id(connection, site), None), None)
            lifecycle.page_done(connection, page_id, reading_id, (), capture_id, capture.url, charset)
            lifecycle.close_if_ended(connection, reading_id)

    def take_in(
        self, site: str, start_url: str, capture: Capture, pages: Sequence[ThreadPage], charset: str | None
    ) -> None:
        """Record a page that was not fetched by a crawl, in the reading of this run that has the same start.

        A file of several threads is a page of one reading for each of them.
        """
        with self._transaction() as connection:
            site_row = site_id(connection, site)
            for start, of_thread in by_thread(start_url, pages):
                given = Given(self.run_id, site_row, start, is_site_named=site == self.named_site)
                reading_id = _reading_for(connection, given, of_thread)
                page_id = lifecycle.add_taken_page(connection, reading_id, capture.url)
                alone = [replace(page, links=(), foreign_links=()) for page in of_thread]
                _record_pages(connection, reading_id, page_id, capture, alone, charset)

    def refuse(self, site: str | None, url: str, reason: str, detail: str, capture: Capture | None = None) -> None:
        """Record a page that was given and could not be read."""
        with self._transaction() as connection:
            given = Given(self.run_id, site_id(connection, site or UNKNOWN_SITE), url, site == self.named_site)
            reading_id = lifecycle.open_given(connection, given)
            page_id = lifecycle.add_taken_page(connection, reading_id, url)
            columns = {"state": "failed", "reason": reason, "detail": detail, "attempts": 1}
            if capture is not None:
                columns["capture_id"] = _capture_id(connection, capture)
            rows.update(connection, "pages", page_id, columns)
            lifecycle.close_if_ended(connection, reading_id)

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
                lifecycle.add_pages(connection, reading_id, [otherwise])
            elif state == "failed":
                lifecycle.miss_what_it_stood_for(connection, page_id)
            others = lifecycle.defer_with(connection, page_id) if state == "deferred" else set()
            for ended in sorted({reading_id, *others}):
                lifecycle.close_if_ended(connection, ended)

    def finish(self) -> None:
        """Record the captures that belong to no page, close what has ended and index what waits."""
        with self._transaction() as connection:
            lifecycle.close_ended(connection)
            index.index_waiting(connection)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Begin with the captures that wait; they stop waiting only when all is committed.

        Raises ReaderError where the tables refuse what a page says, which is no fault of the file or its disk.
        """
        with interrupts.held_back():  # what was committed and what waits are to agree
            try:
                with self.archive.transaction() as connection:
                    self._record_captures(connection)
                    policies.record(connection, self.run_id, self._policies)
                    if self._clock_offset:
                        clocks.note_offset(connection, self.run_id, self._clock_offset)
                    yield connection
            except (OverflowError, UnicodeEncodeError) as error:
                raise ReaderError(f"what it says cannot be stored ({error}): report it.") from error
            except StorageError as error:
                if not isinstance(error.__cause__, _OF_PAGES):
                    raise
                raise ReaderError(f"what it says cannot be stored ({error.__cause__}): report it.") from error
            self._unrecorded.clear()
            self._policies.clear()

    def _record_captures(self, connection: sqlite3.Connection) -> None:
        for capture, said in self._unrecorded:
            rows.insert(
                connection,
                "captures",
                {
                    "run_id": self.run_id,
                    "url": capture.url,
                    "method": capture.method,
                    "fetched_at": capture.fetched_at,
                    "fetched_at_source": capture.fetched_at_source,
                    "address_source": capture.address_source,
                    "status": capture.status,
                    "content_type": capture.content_type,
                    "sha256": capture.sha256,
                    "warc_file": capture.warc_file,
                    "warc_offset": capture.warc_offset,
                    "warc_length": capture.warc_length,
                    "warc_sha256": capture.warc_sha256,
                    **said,
                },
            )


def by_thread(start_url: str, pages: Sequence[ThreadPage]) -> Iterator[tuple[str, Sequence[ThreadPage]]]:
    """Yield what a file holds of each thread, with the start of its reading; a file of one thread starts as asked."""
    threads: dict[tuple[str, str], list[ThreadPage]] = defaultdict(list)
    for page in pages:
        threads[page.thread.instance, page.thread.native_id or provisional_id(page)].append(page)
    if len(threads) < 2:
        yield start_url, pages
        return
    for (_, native_id), of_thread in threads.items():
        yield f"{shown(of_thread[0].thread.url) or start_url}#{native_id}", of_thread


def _reading_for(connection: sqlite3.Connection, given: Given, pages: Sequence[ThreadPage]) -> int:
    """Return the run's reading that a page belongs to: another copy of a page begins another reading.

    What proves nothing of the thread, as an answer with some of its comments, adds to the reading there is.
    """
    found = lifecycle.reading_of_run(connection, given)
    if pages and all(page.completeness == Completeness() and page.form != "copied text" for page in pages):
        return found
    number = pages[0].completeness.page_number if pages else None
    sql = _ANY_THAT_TELLS if number is None else _SAME_THAT_TELLS
    if connection.execute(sql, (found, number)).fetchone() is None:
        return found
    lifecycle.close_if_ended(connection, found)
    return lifecycle.open_given(connection, given)


# By an index of pages with a form, which all have that tell anything: a reading may have thousands with other numbers.
_ANY_THAT_TELLS = """
    SELECT 1 FROM pages WHERE reading_id = ?1 AND form IS NOT NULL AND ?2 IS NULL
        AND (page_number OR is_whole OR is_cut OR is_enumerated OR declared IS NOT NULL OR form = 'copied text')"""
_SAME_THAT_TELLS = " UNION ALL ".join(
    _ANY_THAT_TELLS.replace("?2 IS NULL", f"page_number {which}") for which in ("IS NULL", "= ?2")
)


def _record_pages(
    connection: sqlite3.Connection,
    reading_id: int,
    page_id: int,
    capture: Capture,
    pages: Sequence[ThreadPage],
    charset: str | None,
) -> None:
    capture_id = _capture_id(connection, capture)
    watch = Watch(connection, page_id)
    recorded, has_changes = record_threads(connection, Showing(page_id, reading_id, capture_id), pages)
    is_elsewhere = bool(recorded) and is_of_another(connection, page_id, recorded)
    # What another thread leads to is no page of this one.
    is_same = is_elsewhere or watch.is_same(pages, lifecycle.what_it_says(pages), has_changes)
    lifecycle.page_done(connection, page_id, reading_id, pages, capture_id, capture.url, charset, is_same=is_same)
    if not is_same:
        widen(connection, reading_id)
    if is_elsewhere:
        note_another_thread(connection, page_id, recorded[0])
    stubs.answer(connection, page_id)


def record_threads(
    connection: sqlite3.Connection, showing: Showing, pages: Sequence[ThreadPage]
) -> tuple[list[int], bool]:
    """Record what a page shows of its threads; return these, and whether comments were made or changed."""
    reading_id, capture_id = showing.reading_id, showing.capture_id
    has_changes = False
    recorded = []
    for page in pages:
        site = site_id(connection, page.thread.site)
        being_read = _thread_of(connection, reading_id)
        if being_read is not None and not page.is_part:
            name_provisional(connection, being_read, page.thread)
        is_of_it = page.is_part and is_of_instance(connection, being_read, page)
        thread_id = being_read if being_read and is_of_it else record_thread(connection, page, site, capture_id)
        if page.is_unaddressed:
            page = as_of(connection, page, thread_id)
        if record_comments(connection, page, thread_id, site, showing):
            has_changes = True
            lifecycle.note_change(connection, reading_id)
            keeping.note_change(connection, thread_id)
            index.index_if_many(connection)
        recorded.append(thread_id)
        lifecycle.attach_thread(connection, reading_id, thread_id)
        stubs.record_stubs(connection, page, thread_id, capture_id, reading_id)
    return recorded, has_changes


def record_article_of(
    connection: sqlite3.Connection, reading_id: int, article: Article, seen: tuple[str | None, int]
) -> None:
    """Record what a page says of the article of a reading's thread; `seen` is when it was fetched, and its capture."""
    sql = """
        SELECT r.site_id, r.thread_id, t.instance FROM readings r LEFT JOIN threads t ON t.id = r.thread_id
        WHERE r.id = ?"""
    site, thread_id, instance = connection.execute(sql, (reading_id,)).fetchone()
    found = articles.record_article(connection, article, seen, (site, instance), thread_id)
    if found is not None and thread_id is not None:
        sql = "UPDATE threads SET article_id = ?1 WHERE id = ?2 AND article_id <> ?1"
        connection.execute(sql, (found, thread_id))


def _capture_id(connection: sqlite3.Connection, capture: Capture) -> int:
    sql = "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?"
    return int(connection.execute(sql, (capture.warc_file, capture.warc_offset)).fetchone()[0])


def _thread_of(connection: sqlite3.Connection, reading_id: int) -> int | None:
    found: int | None = connection.execute("SELECT thread_id FROM readings WHERE id = ?", (reading_id,)).fetchone()[0]
    return found


def _reading_of(connection: sqlite3.Connection, page_id: int) -> int:
    return int(connection.execute("SELECT reading_id FROM pages WHERE id = ?", (page_id,)).fetchone()[0])
