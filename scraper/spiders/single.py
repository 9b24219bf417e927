"""The spider of single pages: each is asked for as a crawl asks, and nothing follows from it."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from belowtheline.reading.items import Link


@dataclass(frozen=True, slots=True)
class Question:
    """A page to ask for: its link and its site, and which other one is asked for in its place once it is there."""

    link: Link
    site: str
    follow: Callable[[Response], "Question | None"] | None = None


@dataclass(slots=True)
class Answer:
    """What came of a request: a response or an error; neither where the crawl was ended before."""

    response: Response | None = None
    error: BaseException | None = None
    url: str = ""
    """Address that was asked for last, before redirects."""
    raised: BaseException | None = None
    """What `follow` raised."""


class SinglePageSpider(Spider):
    """Asks for one page, and for the one that it leads to, and leaves what came last in `answer`."""

    name = "single"

    def __init__(self, question: Question, answer: Answer) -> None:
        super().__init__()
        self._question = question
        self._answer = answer

    async def start(self) -> AsyncIterator[Any]:
        """Yield the request."""
        yield self._request()

    def _request(self) -> Request:
        link = self._question.link
        self._answer.url = link.url
        return Request(
            link.url,
            method=link.method,
            body=link.body,
            callback=self.parse,
            errback=self.failed,
            meta={"page_id": 0, "site": self._question.site, "kind": link.kind},
            dont_filter=True,
        )

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        """Keep the response, or yield the request that it leads to."""
        following = self._question.follow(response) if self._question.follow else None
        if following is None:
            self._answer.response = response
            return
        self._question = following
        yield self._request()

    def failed(self, failure: Failure) -> None:
        """Keep the error."""
        self._answer.error = failure.value
