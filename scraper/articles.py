"""From an article's page to its comments: on the page itself, or elsewhere."""

from dataclasses import dataclass
from urllib.parse import urldefrag

from belowtheline.scraper.errors import ParseError, UnknownSite
from belowtheline.scraper.items import Link, ThreadPage
from belowtheline.scraper.page import Page
from belowtheline.scraper.registry import all_sites, read, site_named, site_of_url
from belowtheline.scraper.site import UNKNOWN_SITE, Site

_ANY_MARKUP = 2


@dataclass(frozen=True, slots=True)
class Start:
    """Where the thread at an address is to be asked for first, and what the address says of it."""

    site: str
    native_id: str | None
    link: Link


def start_of(url: str, name: str | None = None) -> Start:
    """Return where to start for an address, read as that of the site named or claiming it, else as an article's.

    Raises UnknownSite for a name that is none, and for an address of a site that is no thread of it.
    """
    try:
        site = site_named(name) if name else site_of_url(url)
    except UnknownSite:
        if name:
            raise
        return Start(UNKNOWN_SITE, None, Link(url=urldefrag(url).url, kind="article"))
    return Start(site.name, site.thread_id(url), site.start(url))


@dataclass(frozen=True, slots=True)
class Lead:
    """Where an article's comments are: on its page, as these threads, or behind a request."""

    site: str
    pages: tuple[ThreadPage, ...] = ()
    link: Link | None = None


def lead_of(page: Page) -> Lead:
    """Return where an article's comments are; raise ParseError where its page does not say.

    Comments that a platform shows on the page come first, then embedded threads, links to discussions elsewhere,
    comments told by markup that any site may have, and a place for comments that holds none yet.
    """
    own = [found for site in all_sites().values() if (found := _on_page(site, page))]
    for found in own:
        if _has_comments(found) and all_sites()[found.site].rank < _ANY_MARKUP:
            return found
    for site in sorted(all_sites().values(), key=lambda site: not site.is_embedded):
        link = site.find_thread(page)
        if link is not None and link.url != page.url:
            return Lead(site.name, link=link)
    if own:
        return next((found for found in own if _has_comments(found)), own[0])
    raise ParseError(
        f"{page.name} shows no comments and leads to none: looked for comments in the markup of each site of"
        " `btl sites`, for embedded threads and for links to discussions; give the address of the thread itself."
    )


def _on_page(site: Site, page: Page) -> Lead | None:
    try:
        return Lead(site.name, read(site, page)) if site.recognises(page) else None
    except ParseError:
        return None


def _has_comments(lead: Lead) -> bool:
    return any(page.comments or page.stubs for page in lead.pages)
