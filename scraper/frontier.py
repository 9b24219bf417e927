"""The frontier: a Scrapy scheduler over the `pages` table, so that the crawl's memory is the archive."""

import asyncio
import sqlite3
from collections import deque
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urldefrag
from weakref import WeakKeyDictionary

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from belowtheline.archive.readings import lifecycle
from belowtheline.archive.readings.unchanged import validators
from belowtheline.archive.readings.waiting_hosts import WaitingHosts
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import clock
from belowtheline.archive.store.database import Archive, named
from belowtheline.archive.store.runs import now, utc_text
from belowtheline.reading.errors import StorageError
from belowtheline.reading.items import Capture
from belowtheline.reading.outcomes import HostPolicy, Outcome, policy_asked
from belowtheline.scraper.politeness import drop_waiting

_SOON = timedelta(minutes=2)  # a page deferred longer is left to a later run

recorders: WeakKeyDictionary[Crawler, Recorder] = WeakKeyDictionary()
"""The recorder of each crawler; Scrapy copies settings, so that an open archive cannot travel in them."""


class Frontier:
    """Hands out the pages to do of a run's readings, one a host at a time; writes nothing when it hands one out.

    More of a host would wait in the downloader, and Ctrl-C waits for all of them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._recorder = recorders[crawler]
        self._again: deque[Request] = deque()
        self._in_flight: dict[int, str] = {}
        self._in_full: set[int] = set()
        self._is_over = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the scheduler, as Scrapy asks for it."""
        return cls(crawler)

    @property
    def recorder(self) -> Recorder:
        """The recorder of the run."""
        return self._recorder

    @property
    def _archive(self) -> Archive:
        return self._recorder.archive

    def open(self, spider: Spider) -> None:
        """Take up what the run has to do."""
        self._spider = spider
        self._hosts = WaitingHosts(self._archive.connection, self._recorder.run_id)
        self._note_next_due()
        # An exception in a callback or in the stages reaches no errback.
        self._crawler.signals.connect(self._reading_failed, signal=signals.spider_error)
        self._crawler.signals.connect(self._item_failed, signal=signals.item_error)
        self._crawler.signals.connect(self._note_policy, signal=policy_asked)

    def _note_policy(self, policy: HostPolicy) -> None:
        self._recorder.add_policy(policy)

    def close(self, reason: str) -> None:
        """Note nothing more: what is not done stays to do in the archive."""
        if self._alarm:
            self._alarm.cancel()
        self._hosts.close()

    def has_pending_requests(self) -> bool:
        """Return whether there is anything to do now, in memory, or soon; never raise, which would hang the crawl."""
        if self._is_over:
            return False
        if self._again:
            return True
        try:
            self._sweep()
            return self._next_page() is not None or self._is_due_soon()
        except (sqlite3.Error, StorageError) as error:
            self.fail(error)
            return False

    def _sweep(self) -> None:
        """Fail pages that were handed out and never ended: Scrapy asks for more only when nothing is under way."""
        for page_id in list(self._in_flight):
            self._recorder.record_end(page_id, "failed", "internal", "the page was handed out and never came back")
            self.release(page_id)

    def _reading_failed(self, failure: Failure, response: Response | Failure) -> None:
        if isinstance(response, Response):
            self._failed(response.meta["page_id"], failure, response.meta.get("capture"))

    def _item_failed(self, failure: Failure, item: Outcome) -> None:
        self._failed(item.page_id, failure, item.capture)

    def _failed(self, page_id: int, failure: Failure, capture: Capture | None) -> None:
        """Fail one page on an error of ours, so that it harms no other."""
        detail = f"{type(failure.value).__name__}: {failure.getErrorMessage()}"
        try:
            self._recorder.record_end(page_id, "failed", "internal", detail, capture=capture)
        except StorageError as error:
            self.fail(error)
        self.release(page_id)

    def enqueue_request(self, request: Request) -> bool:
        """Keep a retry or a redirect of a page in memory; other requests come from the table only."""
        if "page_id" not in request.meta or self._is_over:
            return False
        try:
            is_of_thread = request.meta["kind"] not in (lifecycle.ARTICLE_TEXT, lifecycle.ICON)
            if "redirect_times" in request.meta and is_of_thread and self._is_merged(request):
                return False
        except (sqlite3.Error, StorageError) as error:
            self.fail(error)
            return False
        self._again.append(request)
        return True

    def _is_merged(self, request: Request) -> bool:
        """Merge a redirect into the page it leads to, where that one is read or to be read in this run."""
        page_id, url = request.meta["page_id"], urldefrag(request.url).url
        with self._archive.transaction() as connection:
            known = lifecycle.join_redirect(connection, page_id, url)
        if known is None:
            return False
        detail = f"it leads to {url}, which is page {known}"
        self._recorder.record_end(page_id, "skipped", "redirect", detail, capture=request.meta.get("capture"))
        self.release(page_id)
        return True

    def next_request(self) -> Request | None:
        """Return the next request, or None when all hosts are busy or nothing is to do."""
        if self._is_over:
            return None
        return self._again.popleft() if self._again else self._next_of_table()

    def _next_of_table(self) -> Request | None:
        try:
            self._wake()
            page = self._next_page()
            if page is None:
                self._set_alarm()
                return None
            return self._request(*page)
        except (sqlite3.Error, StorageError) as error:
            self.fail(error)
            return None

    def _set_alarm(self) -> None:
        """Wake up when the first deferred page is due: of itself the engine looks every five seconds only."""
        due = self._hosts.next_due
        if not due or due == self._alarm_at or not self._is_due_soon():
            return
        if self._alarm:
            self._alarm.cancel()
        wait = (datetime.fromisoformat(due) - clock.utc_now()).total_seconds()
        self._alarm_at, self._alarm = due, asyncio.get_running_loop().call_later(max(wait, 0), self._ring)

    def _ring(self) -> None:
        self._alarm_at = None
        engine = self._crawler.engine
        if self._is_over or self._again or engine is None:
            return
        if request := self._next_of_table():
            engine.crawl(request)  # it comes back by `enqueue_request`, and the engine looks for more

    def _request(
        self,
        page_id: int,
        host: str,
        method: str,
        url: str,
        body: str,
        site: str,
        kind: str,
        is_update: int,
        with_article: int,
        is_site_named: int,
    ) -> Request:
        is_conditional = is_update and page_id not in self._in_full
        asked_with = validators(self._archive.connection, page_id) if is_conditional else None
        conditions = {"validators": asked_with, "handle_httpstatus_list": [304]} if asked_with else {}
        if with_article:
            conditions["with_article"] = True
        if is_site_named:
            conditions["named_site"] = site
        self._in_flight[page_id] = host
        self._hosts.take(page_id)
        return Request(
            url,
            method=method,
            body=body,
            callback=self._spider.parse,
            errback=self._spider.failed,  # type: ignore[attr-defined]
            meta={"page_id": page_id, "site": site, "kind": kind, **conditions},
            dont_filter=True,
        )

    def release(self, page_id: int) -> None:
        """Note that a page has ended, so that its host may be asked again."""
        host = self._in_flight.pop(page_id, None)
        if host is not None:
            self._hosts.free(host)

    def ask_in_full(self, page_id: int) -> None:
        """Hand out a page again, with no condition, of which its server says what cannot be made use of."""
        self._in_full.add(page_id)
        self._hosts.note(self._in_flight[page_id], page_id)

    def fail(self, error: Exception) -> None:
        """End the crawl, since the archive cannot be read or written."""
        named_error = named(self._archive.path, error) if isinstance(error, sqlite3.Error) else error
        self._recorder.storage_error = self._recorder.storage_error or str(named_error)
        self.stop()

    def stop(self) -> None:
        """Hand out nothing more, and let go of what waits for its host's delay."""
        self._is_over = True
        drop_waiting(self._crawler)

    def _next_page(self) -> tuple[int, str, str, str, str, str, str, int, int, int] | None:
        while (found := self._hosts.next(now())) is not None:
            host, after = found
            asked = (host, after, self._recorder.run_id)
            row = self._archive.connection.execute(_NEXT, asked).fetchone()
            if row is not None:
                return row  # type: ignore[no-any-return]
            self._hosts.drop()
        return None

    def _wake(self) -> None:
        # One comparison a call in the common case: nothing is deferred.
        if self._hosts.next_due is None or self._hosts.next_due > (time := now()):
            return
        due = self._archive.connection.execute(_DUE, (self._recorder.run_id, time)).fetchall()
        if due:
            with self._archive.transaction() as connection:
                connection.executemany("UPDATE pages SET state = 'todo', not_before = NULL WHERE id = ?", due)
        self._note_next_due()

    def _note_next_due(self) -> None:
        row = self._archive.connection.execute(_NEXT_DUE, (self._recorder.run_id,)).fetchone()
        self._hosts.next_due = row[0]

    def _is_due_soon(self) -> bool:
        return self._hosts.next_due is not None and self._hosts.next_due <= utc_text(clock.utc_now() + _SOON)


_NEXT = """
    SELECT p.id, p.host, p.method, p.url, p.body, s.name, p.kind, r.repeats_id IS NOT NULL, r.with_article,
        r.is_site_named
    FROM pages p JOIN readings r ON r.id = p.reading_id JOIN sites s ON s.id = r.site_id
    WHERE p.state = 'todo' AND p.host = ?1 AND p.id > ?2 AND r.run_id = ?3 ORDER BY p.id LIMIT 1"""

_DEFERRED = f"""
    FROM readings r JOIN pages p ON p.reading_id = r.id
    WHERE r.run_id = ?1 AND p.state = 'deferred' AND (r.closed_at IS NULL OR p.kind IN {lifecycle.BESIDE})"""
_DUE = f"SELECT p.id {_DEFERRED} AND coalesce(p.not_before, '') <= ?2"
_NEXT_DUE = f"SELECT min(coalesce(p.not_before, '')) {_DEFERRED}"
