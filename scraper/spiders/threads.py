"""The spider of given threads: what to ask next is in the frontier, how to read it is in the sites."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from belowtheline.scraper.articles import article_on, lead_article, lead_of, with_own_article
from belowtheline.scraper.barriers import has_barred_title, is_barrier
from belowtheline.scraper.errors import READER, ParseError, ReaderError
from belowtheline.scraper.faults import reader_faults
from belowtheline.scraper.items import Capture, Link, ThreadPage
from belowtheline.scraper.outcomes import (
    ArticleRead,
    IconHeld,
    Outcome,
    PageEnded,
    PageLeads,
    PageNotModified,
    PageRead,
)
from belowtheline.scraper.page import Page
from belowtheline.scraper.politeness import Deferred
from belowtheline.scraper.registry import read, site_named
from belowtheline.scraper.safety import StaysToDo
from belowtheline.scraper.unfetched import in_a_sentence, why_not

_ELSEWHERE = frozenset({"http 404", "http 410", "too large"})
"""Reasons for which a site's other address of the same thread is tried; a refusal holds for the thread, not for one."""
_UNREAD = {"article": "no comments", "article text": "no article", "icon": "no image"}
_BESIDE = frozenset({"article", "article text", "icon"})
"""Kinds of pages for which no site knows another address."""
_BARRIER = "the server sent a challenge, consent or login page"


class ThreadsSpider(Spider):
    """Reads the pages that the frontier hands out, each with its site."""

    name = "threads"

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the first pages are in the frontier before the crawl starts."""
        return
        yield

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Outcome]:
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
        page = Page(response.url, response.body, content_type, capture.fetched_at)
        try:
            with reader_faults(page.name):
                outcome = _outcome(meta, capture, page)
            yield outcome
        except ParseError as error:
            yield _unread(meta, capture, page, error)

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


def _outcome(meta: dict[str, Any], capture: Capture, page: Page) -> Outcome:
    """Return what the page's site reads on it or, of an article's page, where its comments are."""
    page_id = meta["page_id"]
    if meta["kind"] == "icon":
        return _icon(page_id, capture, page)
    if meta["kind"] == "article text":
        return _article(meta, capture, page)
    if meta["kind"] != "article":
        pages = _read(meta, page, read(site_named(meta["site"]), page))
        return PageRead(page_id=page_id, capture=capture, pages=pages, charset=page.charset)
    lead = lead_of(page)
    if lead.link is not None:
        article = lead_article(page, lead.site) if meta.get("with_article") else None
        return PageLeads(
            page_id=page_id,
            capture=capture,
            charset=page.charset,
            site=lead.site,
            link=lead.link,
            article=article,
        )
    pages = _read({**meta, "site": lead.site}, page, lead.pages)
    return PageRead(page_id=page_id, capture=capture, pages=pages, charset=page.charset, site=lead.site)


def _read(meta: dict[str, Any], page: Page, pages: tuple[ThreadPage, ...]) -> tuple[ThreadPage, ...]:
    return with_own_article(page, pages, meta["site"], meta["kind"]) if meta.get("with_article") else pages


def _article(meta: dict[str, Any], capture: Capture, page: Page) -> Outcome:
    """Return the article that a page asked for its text shows; raise ParseError where it plainly shows none."""
    article = None if has_barred_title(page.text) else article_on(page, meta["site"])
    if article is None:
        raise ParseError(
            f"{page.name} does not say which of its words are the article: looked for articleBody in JSON-LD and"
            " microdata, and for one article or main element with paragraphs; the capture is kept."
        )
    return ArticleRead(page_id=meta["page_id"], capture=capture, charset=page.charset, article=article)


def _icon(page_id: int, capture: Capture, page: Page) -> IconHeld:
    """Return an image, whatever its type; raise ParseError where a page for readers came in its place."""
    if (page.content_type or "").partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml"):
        raise ParseError(f"{page.name} is a page in place of an image; the capture is kept.")
    return IconHeld(page_id=page_id, capture=capture)


def _unread(meta: dict[str, Any], capture: Capture, page: Page, error: ParseError) -> PageEnded:
    # A barrier sent as 200 is no change of layout, and no content either.
    reason, detail = _UNREAD.get(meta["kind"], "layout"), str(error)
    if is_barrier(page.text, page.url):
        reason, detail = "blocked", _BARRIER
    elif isinstance(error, ReaderError):
        reason = READER
    return PageEnded(page_id=meta["page_id"], state="failed", reason=reason, detail=detail, capture=capture)


def _capture(error: BaseException, request: Request) -> Capture | None:
    response: Response | None = getattr(error, "response", None)
    meta = response.meta if response is not None and response.request is not None else request.meta
    return meta.get("capture")
