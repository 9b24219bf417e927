"""Pages whose owners reserve them, told by the response as the wire brought it."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from belowtheline.reading.optout import HEAD, opt_out, signals_of
from belowtheline.reading.page import MAX_BYTES
from belowtheline.reading.payloads import head_of


class OptedOut(IgnoreRequest):
    """The owner of a page reserves its use, and no legal basis was given for using it all the same."""


def signals_in(response: Response) -> dict[str, str]:
    """Return what a response says of the use of the page; a redirect or an error has no page."""
    headers = {
        key.decode("latin-1").lower(): [value.decode("latin-1") for value in values]
        for key, values in response.headers.items()
    }
    body = response.body if 200 <= response.status < 300 else b""
    return signals_of(headers, head_of(body, ",".join(headers.get("content-encoding", ())), HEAD, MAX_BYTES))


def may_opt_out(request: Request, response: Response) -> bool:
    """Return whether a response is that of a page, and so whether its owner can reserve it."""
    return "page_id" in request.meta and (200 <= response.status < 300 or response.status == 304)


class ReservedPages:
    """Stands at 800 where nothing is kept: refuses a page whose owner reserves it, as the recorder of a crawl does."""

    def __init__(self, crawler: Crawler) -> None:
        self._has_basis = crawler.settings.getbool("HAS_LEGAL_BASIS")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware, as Scrapy asks for it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, or raise OptedOut."""
        if may_opt_out(request, response) and not self._has_basis and (reserved := opt_out(signals_in(response))):
            raise OptedOut(reserved)
        return response
