"""The floor of crawling: Scrapy with an empty callback, with our settings but its own scheduler and no pipelines."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings

from belowtheline.scraper import settings as ours

_MIDDLEWARES = {
    **{name: place for name, place in ours.DOWNLOADER_MIDDLEWARES.items() if not name.startswith("belowtheline.")},
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
}
_DIFFERENT = {
    "SCHEDULER": "scrapy.core.scheduler.Scheduler",
    "ITEM_PIPELINES": {},
    "DOWNLOADER_MIDDLEWARES": _MIDDLEWARES,
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "SPIDER_MODULES": [],
}


class EmptySpider(Spider):
    """Fetches the URLs that a file lists and reads nothing."""

    name = "empty"
    pages = 0
    size = 0

    async def start(self) -> AsyncIterator[Request]:
        """Yield the requests."""
        for line in Path(sys.argv[1]).read_text().split():
            yield Request(line, callback=self.parse)

    def parse(self, response: Response, **kwargs: object) -> None:
        """Count what came, so that a crawl that fetched nothing is seen."""
        EmptySpider.pages += 1
        EmptySpider.size += len(response.body)


if __name__ == "__main__":
    settings = Settings()
    settings.setmodule(ours, priority="project")
    for key, value in _DIFFERENT.items():
        settings.set(key, value, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    process.crawl(EmptySpider)
    process.start()
    print(json.dumps([EmptySpider.pages, EmptySpider.size]))
