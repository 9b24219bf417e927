"""Keeping every response as the wire brought it: a Scrapy downloader middleware that writes WARC first."""

import json
from datetime import UTC, datetime
from http.client import responses
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from belowtheline.archive.captures import WarcFile, new_warc_name
from belowtheline.archive.frontier import Frontier, recorders
from belowtheline.archive.runs import utc_text
from belowtheline.scraper.errors import StorageError
from belowtheline.scraper.items import Capture
from belowtheline.scraper.safety import NotKept

_SIGNALS = ("X-Robots-Tag", "TDM-Reservation", "TDM-Policy")


class WireRecorder:
    """Stands at 800: it sees robots.txt, redirects, refusals and errors, still compressed as they were sent."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._recorder = recorders[crawler]
        folder = self._recorder.archive.captures_folder
        self._file = WarcFile(folder, new_warc_name(folder, self._recorder.run_id))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware, as Scrapy asks for it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Forget the capture of an earlier attempt: retries copy a request's meta."""
        request.meta.pop("capture", None)

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the response and leave its capture with the request."""
        when = datetime.now(UTC)
        status = f"{response.status} {responses.get(response.status, '')}".strip()
        note = "disconnect" if "dataloss" in response.flags else ""
        try:
            offset, digest = self._file.write_response(
                response.url, when, status, _headers(response), response.body, note
            )
        except StorageError as error:
            scheduler = self._crawler.engine.scheduler if self._crawler.engine else None
            if isinstance(scheduler, Frontier):
                scheduler.fail(error)
            raise NotKept(str(error)) from error
        capture = Capture(
            url=response.url,
            fetched_at=utc_text(when),
            fetched_at_source="response",
            method=request.method,
            status=response.status,
            content_type=_header(response, "Content-Type"),
            sha256=digest,
            warc_file=self._file.name,
            warc_offset=offset,
        )
        signals = {name: value for name in _SIGNALS if (value := _header(response, name))}
        self._recorder.add_capture(capture, json.dumps(signals) if signals else None)
        request.meta["capture"] = capture
        return response


def _headers(response: Response) -> list[tuple[str, str]]:
    pairs = (
        (key.decode("latin-1"), value.decode("latin-1")) for key, values in response.headers.items() for value in values
    )
    # The body is stored without its chunks: the header that promised them is kept under another name.
    return [
        ("X-Crawler-Transfer-Encoding" if key.lower() == "transfer-encoding" else key, value) for key, value in pairs
    ]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
