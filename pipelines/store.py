"""The last stage: one page into the archive, in one transaction; also the Scrapy pipeline that leads there."""

import asyncio
from typing import Any, Self

from scrapy.crawler import Crawler

from belowtheline.archive.frontier import Frontier
from belowtheline.pipelines import normalise
from belowtheline.scraper.errors import StorageError
from belowtheline.scraper.outcomes import PageEnded, PageRead


class Store:
    """Takes a page through the stages and records it, or records why it was not read."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

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
            self._record(frontier, item)
        except StorageError as error:
            # CloseSpider raised in a pipeline is ignored: the frontier stops handing out and the engine is closed.
            frontier.fail(error)
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason="storage"))
        frontier.release(item.page_id)
        return item

    def _record(self, frontier: Frontier, item: PageRead | PageEnded) -> None:
        recorder = frontier.recorder
        if isinstance(item, PageRead):
            pages = [normalise(page) for page in item.pages]
            recorder.record_page(item.page_id, item.capture, pages, item.charset)
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
