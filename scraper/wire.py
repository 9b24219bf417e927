"""Keeping every response as the wire brought it: a Scrapy downloader middleware that writes WARC first."""

import json
from http.client import responses
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from belowtheline.archive.readings.unchanged import Validators
from belowtheline.archive.store import clock, clocks
from belowtheline.archive.store.runs import utc_text
from belowtheline.archive.warc.captures import WarcFile, new_warc_name
from belowtheline.reading.errors import StorageError
from belowtheline.reading.items import Capture
from belowtheline.reading.optout import opt_out
from belowtheline.scraper.frontier import Frontier, recorders
from belowtheline.scraper.reserved import OptedOut, may_opt_out, signals_in
from belowtheline.scraper.safety import NotKept

_VALIDATORS = {"etag": "ETag", "last_modified": "Last-Modified"}
_LONGEST = 1000  # an ETag is sent back with every request


class WireRecorder:
    """Stands at 800: it sees robots.txt, redirects, refusals and errors, still compressed as they were sent.

    Of a page whose owner reserves it only the headers are kept, unless the run names a legal basis.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._recorder = recorders[crawler]
        self._has_basis = crawler.settings.getbool("HAS_LEGAL_BASIS")
        folder = self._recorder.archive.captures_folder
        self._file = WarcFile(folder, new_warc_name(folder, self._recorder.run_id))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware, as Scrapy asks for it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Forget the capture of an earlier attempt, and ask for changes only where the held bytes came from.

        Retries and redirects copy a request's meta and headers, and validators say nothing of another address.
        """
        request.meta.pop("capture", None)
        validators: Validators | None = request.meta.get("validators")
        if validators is None:
            return
        for name, value in validators.headers.items():
            request.headers.pop(name, None)
            if request.url == validators.url:
                request.headers[name] = value

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the response and leave its capture with the request; raise OptedOut where it may not be kept."""
        signals = signals_in(response)
        reserved = opt_out(signals) if may_opt_out(request, response) and not self._has_basis else None
        request.meta["capture"] = self._keep(request, response, signals, is_reserved=reserved is not None)
        if reserved is not None:
            raise OptedOut(reserved)
        return response

    def _keep(self, request: Request, response: Response, signals: dict[str, str], *, is_reserved: bool) -> Capture:
        when = clock.utc_now()
        status = f"{response.status} {responses.get(response.status, '')}".strip()
        note = "unspecified" if is_reserved else "disconnect" if "dataloss" in response.flags else ""
        body = b"" if is_reserved else response.body
        try:
            headers = _headers(response, is_reserved=is_reserved)
            written = self._file.write_response(response.url, when, status, headers, body, note)
        except StorageError as error:
            scheduler = self._crawler.engine.scheduler if self._crawler.engine else None
            if isinstance(scheduler, Frontier):
                scheduler.fail(error)
            raise NotKept(str(error)) from error
        capture = Capture(
            url=response.url,
            fetched_at=utc_text(when),
            fetched_at_source="response",
            address_source="served",
            method=request.method,
            status=response.status,
            content_type=_header(response, "Content-Type"),
            sha256=written.sha256,
            warc_file=self._file.name,
            warc_offset=written.offset,
            warc_length=written.length,
            warc_sha256=written.member_sha256,
        )
        self._recorder.add_capture(capture, **_said(response, signals, is_kept=not is_reserved))
        times = {name: value for name in ("Date", "Age") if (value := _header(response, name))}
        self._recorder.note_clock(clocks.offset_of(times, when))
        return capture


def _said(response: Response, signals: dict[str, str], *, is_kept: bool) -> dict[str, str]:
    """Return what is said of the use of the page, and of the state it is in, as columns of `captures`."""
    said = {"signals": json.dumps(signals)} if signals else {}
    if response.status == 200 and is_kept:
        values = {column: _header(response, name) for column, name in _VALIDATORS.items()}
        said |= {column: value for column, value in values.items() if value and len(value) <= _LONGEST}
    return said


def _headers(response: Response, *, is_reserved: bool) -> list[tuple[str, str]]:
    pairs = (
        (key.decode("latin-1"), value.decode("latin-1")) for key, values in response.headers.items() for value in values
    )
    # What the record does not have, as chunks or a body that is not kept, is promised under another name.
    moved = ("transfer-encoding", "content-length", "content-encoding") if is_reserved else ("transfer-encoding",)
    return [(f"X-Crawler-{key}" if key.lower() in moved else key, value) for key, value in pairs]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
