"""What is asked of a page: pure works, read and taken through the stages, for `apart` to carry out wherever it must."""

from dataclasses import dataclass, replace

from belowtheline.archive.readings.drift import drift_of_page
from belowtheline.pipelines import normalise, normalise_article
from belowtheline.reading.barriers import has_barred_title, is_barrier
from belowtheline.reading.errors import ParseError, ReaderError, UnknownSite
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.items import Article, Link, ThreadPage
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.reading.page import Page
from belowtheline.reading.sources import saved_address
from belowtheline.sites.articles import article_on, lead_article, lead_of, with_own_article
from belowtheline.sites.registry import read, recognises, site_named, site_of_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is found on a page, as it is stored."""

    site: str
    """Site that reads it, or that of the thread it leads to."""
    charset: str
    """Character set its bytes were read in."""
    pages: tuple[ThreadPage, ...] = ()
    """Its threads."""
    link: Link | None = None
    """Request for the thread that it leads to, where its comments are elsewhere."""
    article: Article | None = None
    """The article that it is, where that is asked for."""
    drifted: str | None = None
    """What its comments show that people's comments do not."""


def threads_on(page: Page, site: str, *, kind: str = "page", with_article: bool = False) -> Found:
    """Return the threads that a site reads on a page; raise ParseError where it cannot."""
    pages = read(site_named(site), page)
    return _stored(page, site, pages, kind, with_article)


def threads_as_read(page: Page, site: str) -> tuple[ThreadPage, ...]:
    """Return what a site reads on a page, before the stages."""
    return read(site_named(site), page)


def lead_on(page: Page, *, with_article: bool = False) -> Found:
    """Return the threads of an article's page, or where it leads; raise ParseError where it does not say."""
    lead = lead_of(page)
    if lead.link is None:
        return _stored(page, lead.site, lead.pages, "article", with_article)
    return replace(lead_text_on(page, lead.site, is_wanted=with_article), link=lead.link)


def _stored(page: Page, site: str, pages: tuple[ThreadPage, ...], kind: str, with_article: bool) -> Found:
    if with_article:
        pages = with_own_article(page, pages, site, kind)
    pages = tuple([normalise(found) for found in pages])
    return Found(site=site, charset=page.charset, pages=pages, drifted=drift_of_page(pages))


def article_text_on(page: Page, site: str) -> Found:
    """Return the article that a page is which was asked for its words; none where it does not say which they are."""
    found = None if has_barred_title(page.text) else article_on(page, site)
    return Found(site=site, charset=page.charset, article=found and normalise_article(found, page.fetched_at))


def lead_text_on(page: Page, site: str, *, is_wanted: bool = True) -> Found:
    """Return the article of a page that led to its comments."""
    found = lead_article(page, site) if is_wanted else None
    return Found(site=site, charset=page.charset, article=found and normalise_article(found, page.fetched_at))


def found_today(page: Page, site: str, *, kind: str, with_article: bool, is_article_text: bool) -> Found | None:
    """Return what is found on a page that could not be read when it was kept; None where there still is nothing."""
    if is_article_text:
        found = article_text_on(page, site)
        return found if found.article else None
    if kind == "article":
        lead = lead_of(page)
        found = _stored(page, lead.site, lead.pages, kind, with_article)
    else:
        name = site if site != UNKNOWN_SITE else site_of_page(page).name
        found = threads_on(page, name, kind=kind, with_article=with_article)
    return found if found.pages and not found.drifted else None


def reader_of(page: Page) -> str:
    """Return the name of the site that reads a page; raise UnknownSite or ParseError where none does."""
    return site_of_page(page).name


def address_of(page: Page) -> str | None:
    """Return the address that a saved page says it has."""
    return saved_address(page)


def may_be_thread(page: Page) -> bool:
    """Return whether a page may be a thread: WARC files hold articles, fronts and pages of other sites too."""
    try:
        with reader_faults(page.name):
            site = site_of_page(page)
            try:
                is_article = site.start(page.url or "").kind == "article"
            except UnknownSite:
                is_article = True
            return not is_article or recognises(site, page)
    except ReaderError:
        return True  # it is taken for one, so that what fails is named
    except (UnknownSite, ParseError):
        return False


def why_unread(page: Page) -> str:
    """Return why a page could not be read by its site, in a word or two."""
    if not page.body.strip():
        return "empty"
    if is_barrier(page.text, page.url):
        return "blocked"
    return "unreadable" if page.is_cut else "layout"
