"""From an article's page to its comments, on the page itself or elsewhere; and to its own text."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urldefrag

from belowtheline.reading.article_text import any_article, joined
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.hosts import host_of, is_loopback
from belowtheline.reading.items import Article, Link, ThreadPage, shown
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.reading.page import Page
from belowtheline.sites.instances import instance_at
from belowtheline.sites.registry import all_sites, kept_elsewhere, read, recognises, site_named, site_of_url
from belowtheline.sites.site import Site

_ANY_MARKUP = 2


@dataclass(frozen=True, slots=True)
class Start:
    """Where the thread at an address is to be asked for first, and what the address says of it."""

    site: str
    native_id: str | None
    link: Link
    instance: str | None = ""
    """Instance of its thread; None where only its page tells it."""
    is_site_named: bool = False
    """Whether its site was named, for an address on this machine."""


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
    link = site.start(url)
    is_named = name is not None and is_loopback(link.url)
    return Start(site.name, site.thread_id(url), link, instance_at(site, link.url, name), is_named)


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
    own, refused = _on_page(page)
    for found in own:
        if _has_comments(found) and all_sites()[found.site].rank < _ANY_MARKUP:
            return found
    for site in sorted(all_sites().values(), key=lambda site: not site.is_embedded):
        link = site.find_thread(page)
        if link is not None and link.url != page.url:
            return Lead(site.name, link=link)
    if own:
        return next((found for found in own if _has_comments(found)), own[0])
    if refused:
        raise refused[0]
    raise ParseError(
        f"{page.name} shows no comments and leads to none{kept_elsewhere(page)}: looked for comments in the markup of "
        "each site of `btl sites`, for embedded threads and for links to discussions; give the address of the thread "
        "itself."
    )


def _on_page(page: Page) -> tuple[list[Lead], list[ParseError]]:
    """Return what the sites that recognise a page read on it, and why others of them cannot."""
    own, refused = [], []
    for site in all_sites().values():
        try:
            if recognises(site, page):
                own.append(Lead(site.name, read(site, page)))
        except ParseError as error:
            refused.append(error)
    return own, refused


def _has_comments(lead: Lead) -> bool:
    return any(page.comments or page.stubs for page in lead.pages)


def article_on(page: Page, name: str) -> Article | None:
    """Return the article that a page is: as a site lays it out, or as any page marks it up; None where it is none.

    The site that claims the address is asked before the one named, which is that of the article's comments.
    """
    if not page.looks_like_html:
        return None
    for site in _sites_of(page, name):
        if (article := site.read_article(page)) is not None:
            return article
    return any_article(page)


def _sites_of(page: Page, name: str) -> Iterator[Site]:
    yield from (site for site in all_sites().values() if page.url and site.claims(page.url))
    if name != UNKNOWN_SITE:
        yield site_named(name)


def with_own_article(page: Page, pages: tuple[ThreadPage, ...], name: str, kind: str) -> tuple[ThreadPage, ...]:
    """Return what was read on a page, with the text of the article where its comments stand on the article's page."""
    if len(pages) != 1 or shown(pages[0].thread.article.body_text) is not None:
        return pages
    thread = pages[0].thread
    url = shown(thread.article.url)
    is_own = _form(url) == _form(page.url) if url else kind == "article"
    if not is_own or (found := article_on(page, name)) is None:
        return pages
    return (replace(pages[0], thread=replace(thread, article=joined(thread.article, found))),)


def _form(url: str | None) -> str:
    """Return an address without what two forms of it differ in: scheme, `www.`, fragment, last slash.

    >>> _form("https://www.kettles.example/a/#c1") == _form("http://kettles.example/a")
    True
    """
    return urldefrag(url or "").url.partition("://")[2].removeprefix("www.").rstrip("/")


def _host(url: str | None) -> str:
    return host_of(url).removeprefix("www.")


def lead_article(page: Page, name: str) -> Article | None:
    """Return the article of a page that led to its comments, under the page's address; None where it shows none.

    An address on another host is the page's own word, and what it shows is no article of that host.
    """
    article = article_on(page, name)
    if article is None or _host(shown(article.url)) == _host(page.url):
        return article
    return replace(article, url=page.url)
