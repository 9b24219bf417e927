"""The spider of given threads: what to ask next is in the frontier, how to read it is in the sites."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cached_property
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from belowtheline.reading.barriers import BARRED, is_barrier
from belowtheline.reading.errors import COSTLY, TooCostly
from belowtheline.reading.hosts import host_of
from belowtheline.reading.items import Capture, Link
from belowtheline.reading.outcomes import IconHeld, Outcome, PageEnded, PageNotModified
from belowtheline.reading.page import Page
from belowtheline.scraper.apart import Ended, ask_aside
from belowtheline.scraper.politeness import Deferred
from belowtheline.scraper.safety import StaysToDo
from belowtheline.scraper.unfetched import in_a_sentence, why_not
from belowtheline.sites.registry import site_named

_ELSEWHERE = frozenset({"http 404", "http 410", "too large"})
"""Reasons for which a site's other address of the same thread is tried; a refusal holds for the thread, not for one."""
_BESIDE = frozenset({"article", "article text", "icon"})
"""Kinds of pages for which no site knows another address."""


class ThreadsSpider(Spider):
    """Reads the pages that the frontier hands out, each with its site."""

    name = "threads"

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the first pages are in the frontier before the crawl starts."""
        return
        yield

    @cached_property
    def _reader(self) -> Callable[..., Outcome]:
        # Reading and the stages are one work, since both take as long as the page makes them.
        reader: Callable[..., Outcome] = load_object(self.settings["PAGE_READER"])
        return reader

    async def parse(self, response: Response, **kwargs: Any) -> AsyncIterator[Outcome]:
        """Yield the page as its site reads it, or the reason why it cannot."""
        meta = response.meta
        capture: Capture = meta["capture"]
        if response.status == 304:
            yield PageNotModified(page_id=meta["page_id"], capture=capture, is_of_ours=_is_of_ours(response))
            return
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
        if not response.body.strip():
            detail = "the server sent an empty page"
            yield PageEnded(page_id=meta["page_id"], state="failed", reason="empty", detail=detail, capture=capture)
            return
        page = Page(response.url, response.body, content_type, capture.fetched_at, _named_site(response))
        if meta["kind"] == "icon":
            yield _icon(meta["page_id"], capture, page)
            return
        told = {"site": meta["site"], "kind": meta["kind"], "with_article": bool(meta.get("with_article"))}
        try:
            yield await ask_aside(self._reader, page, meta["page_id"], capture, **told)
        except TooCostly as error:
            yield PageEnded(page_id=meta["page_id"], state="failed", reason=COSTLY, detail=str(error), capture=capture)
        except Ended:
            return  # the crawl ends, and the page is still to do

    def failed(self, failure: Failure) -> Iterator[PageEnded]:
        """Yield why a page could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        assert error is not None
        if isinstance(error, StaysToDo):
            return
        state, reason = why_not(error)
        yield PageEnded(
            page_id=request.meta["page_id"],
            state=state,
            reason=reason,
            detail=in_a_sentence(error),
            capture=_capture(error, request),
            otherwise=self._otherwise(request, reason),
            not_before=f"{error.not_before:%Y-%m-%dT%H:%M:%SZ}" if isinstance(error, Deferred) else None,
        )

    def _otherwise(self, request: Request, reason: str) -> Link | None:
        if reason not in _ELSEWHERE or request.meta["kind"] in _BESIDE:
            return None
        return site_named(request.meta["site"]).otherwise(request.url)


def _named_site(response: Response) -> str | None:
    """Return the site that a person named for a page of this machine; a redirect to another host is not named."""
    asked = response.meta.get("redirect_urls", [response.url])[0]
    return response.meta.get("named_site") if host_of(asked) == host_of(response.url) else None


def _is_of_ours(response: Response) -> bool:
    """Return whether a 304 answers the validators that were sent, which a redirect may have left out.

    RFC 9110, 15.4.5: it bears the ETag that the page would have been sent with.
    """
    assert response.request is not None
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    asked = [(response.request.headers.get(ours), response.headers.get(theirs)) for ours, theirs in pairs]
    said = [(ours, theirs) for ours, theirs in asked if ours]
    # RFC 9110, 8.8.3.2: what is weak is compared without its sign.
    return bool(said) and all(not theirs or _strong(ours) == _strong(theirs) for ours, theirs in said)


def _strong(validator: bytes) -> bytes:
    return validator.strip().removeprefix(b"W/")


def _icon(page_id: int, capture: Capture, page: Page) -> IconHeld | PageEnded:
    """Return an image, whatever its type, or why it is none where a page for readers came in its place."""
    if (page.content_type or "").partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml"):
        reason, detail = "no image", f"{page.name} is a page in place of an image; the capture is kept."
        if is_barrier(page.text, page.url):
            reason, detail = "blocked", f"{BARRED} in place of the image"
        return PageEnded(page_id=page_id, state="failed", reason=reason, detail=detail, capture=capture)
    return IconHeld(page_id=page_id, capture=capture)


def _capture(error: BaseException, request: Request) -> Capture | None:
    response: Response | None = getattr(error, "response", None)
    meta = response.meta if response is not None and response.request is not None else request.meta
    return meta.get("capture")
