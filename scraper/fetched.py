"""What a page that was fetched becomes: read by its site and taken through the stages, or the reason why not."""

from belowtheline.archive.readings.drift import DRIFT
from belowtheline.reading.barriers import BARRED, is_barrier
from belowtheline.reading.errors import READER, ParseError, ReaderError
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.items import Capture
from belowtheline.reading.outcomes import ArticleRead, Outcome, PageEnded, PageLeads, PageRead
from belowtheline.reading.page import Page
from belowtheline.scraper.page_work import Found, article_text_on, lead_on, threads_on

_UNREAD = {"article": "no comments", "article text": "no article"}


def read_page(page: Page, page_id: int, capture: Capture, *, site: str, kind: str, with_article: bool) -> Outcome:
    """Return what a page's site reads on it or, of an article's page, where its comments are; purely."""
    try:
        with reader_faults(page.name):
            return _read(page, page_id, capture, site, kind, with_article)
    except ParseError as error:
        return _unread(page, page_id, capture, kind, error)


def _read(page: Page, page_id: int, capture: Capture, site: str, kind: str, with_article: bool) -> Outcome:
    if kind == "article text":
        return _article(page, page_id, capture, article_text_on(page, site))
    if kind != "article":
        return _threads(page_id, capture, threads_on(page, site, kind=kind, with_article=with_article), None)
    found = lead_on(page, with_article=with_article)
    if found.link is None:
        return _threads(page_id, capture, found, found.site)
    return PageLeads(
        page_id=page_id,
        capture=capture,
        charset=found.charset,
        site=found.site,
        link=found.link,
        article=found.article,
    )


def _threads(page_id: int, capture: Capture, found: Found, site: str | None) -> Outcome:
    if found.drifted:
        return PageEnded(page_id=page_id, state="failed", reason=DRIFT, detail=found.drifted, capture=capture)
    return PageRead(page_id=page_id, capture=capture, pages=found.pages, charset=found.charset, site=site)


def _article(page: Page, page_id: int, capture: Capture, found: Found) -> ArticleRead:
    """Return the article that a page asked for its text shows; raise ParseError where it plainly shows none."""
    if found.article is None:
        raise ParseError(
            f"{page.name} does not say which of its words are the article: looked for articleBody in JSON-LD and"
            " microdata, and for one article or main element with paragraphs; the capture is kept."
        )
    return ArticleRead(page_id=page_id, capture=capture, charset=found.charset, article=found.article)


def _unread(page: Page, page_id: int, capture: Capture, kind: str, error: ParseError) -> PageEnded:
    # A barrier sent as 200 is no change of layout, and no content either.
    reason, detail = error.reason or _UNREAD.get(kind, "layout"), str(error)
    if is_barrier(page.text, page.url):
        reason, detail = "blocked", BARRED
    elif isinstance(error, ReaderError):
        reason = READER
    return PageEnded(page_id=page_id, state="failed", reason=reason, detail=detail, capture=capture)
