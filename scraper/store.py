"""The last stage: one page into the archive, in one transaction; also the Scrapy pipeline that leads there."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, Self

from scrapy.crawler import Crawler

from belowtheline.pipelines.linking.waiting import link_thread_of
from belowtheline.reading.errors import READER, ReaderError, StorageError
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.outcomes import ArticleRead, IconHeld, Outcome, PageLeads, PageNotModified, PageRead
from belowtheline.scraper.frontier import Frontier

_LONG = 1000
"""Comments, stubs and links that may take longer to record than Ctrl-C may wait."""


class Store:
    """Records a page that was read and taken through the stages, or why it was not."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._links = crawler.settings.getbool("LINKS_THREADS", True)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the pipeline, as Scrapy asks for it."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Record a page and let its host be asked again; a full disk ends the crawl."""
        engine = self._crawler.engine
        assert engine is not None
        frontier = engine.scheduler
        assert isinstance(frontier, Frontier)
        try:
            try:
                with reader_faults(item.capture.url if item.capture else "The page"), _interruptible(item):
                    self._record(frontier, item)
            except KeyboardInterrupt:  # the page is still to do, and whatever handles Ctrl-C ends the crawl
                signal.raise_signal(signal.SIGINT)
                return item
            except ReaderError as error:
                detail = _about(item, str(error))
                frontier.recorder.record_end(item.page_id, "failed", READER, detail, capture=item.capture)
            if self._links:
                frontier.recorder.unlinked |= link_thread_of(frontier.recorder.archive, item.page_id)
        except StorageError as error:
            # CloseSpider raised in a pipeline is ignored: the frontier stops handing out and the engine is closed.
            frontier.fail(error)
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason="storage"))
        frontier.release(item.page_id)
        return item

    def _record(self, frontier: Frontier, item: Outcome) -> None:
        recorder = frontier.recorder
        if isinstance(item, PageRead):
            recorder.record_page(item.page_id, item.capture, item.pages, item.charset, item.site)
            return
        if isinstance(item, PageNotModified):
            if not item.is_of_ours or not recorder.record_not_modified(item.page_id, item.capture):
                frontier.ask_in_full(item.page_id)
            return
        if isinstance(item, PageLeads):
            recorder.record_lead(item.page_id, item.capture, item.charset, item.site, item.link, item.article)
            return
        if isinstance(item, ArticleRead):
            recorder.record_article_text(item.page_id, item.capture, item.article, item.charset)
            return
        if isinstance(item, IconHeld):
            recorder.record_icon(item.page_id, item.capture)
            return
        # The other address is another way to the same pages: then this one is not missed.
        state = "skipped" if item.otherwise else item.state
        recorder.record_end(
            item.page_id,
            state,
            item.reason,
            item.detail,
            capture=item.capture,
            otherwise=item.otherwise,
            not_before=item.not_before,
        )


@contextmanager
def _interruptible(item: Outcome) -> Iterator[None]:
    """Let Ctrl-C interrupt the recording of a long page, during which the reactor would not hear of it."""
    pages = item.pages if isinstance(item, PageRead) else ()
    count = sum(len(page.comments) + len(page.stubs) + len(page.links) for page in pages)
    if count < _LONG or current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _about(item: Outcome, said: str) -> str:
    """Return a sentence with the address of its page, once."""
    url = item.capture.url if item.capture else ""
    return said if url in said else f"{url}: {said}"
