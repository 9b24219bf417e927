"""The spider of single pages: each is asked for as a crawl asks, and nothing follows from it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from belowtheline.scraper.items import Link


@dataclass(slots=True)
class Answer:
    """What came of a request: a response or an error; neither where the crawl was ended before."""

    response: Response | None = None
    error: BaseException | None = None


class SinglePageSpider(Spider):
    """Asks for one page, read by a site or by none, and leaves what came in `answer`."""

    name = "single"

    def __init__(self, link: Link, site: str, answer: Answer) -> None:
        super().__init__()
        self._link = link
        self._site = site
        self._answer = answer

    async def start(self) -> AsyncIterator[Any]:
        """Yield the one request."""
        yield Request(
            self._link.url,
            method=self._link.method,
            body=self._link.body,
            callback=self.parse,
            errback=self.failed,
            meta={"page_id": 0, "site": self._site, "kind": self._link.kind},
            dont_filter=True,
        )

    def parse(self, response: Response, **kwargs: Any) -> None:
        """Keep the response."""
        self._answer.response = response

    def failed(self, failure: Failure) -> None:
        """Keep the error."""
        self._answer.error = failure.value
