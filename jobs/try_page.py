"""What is found on one page, of the network or of a file, with nothing kept."""

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from belowtheline.jobs.fetch import check_barrier, fetch
from belowtheline.jobs.inputs import likely
from belowtheline.jobs.request_rules import RequestRules, with_typed
from belowtheline.reading import sources
from belowtheline.reading.errors import ParseError, UnknownSite, WrongUsage
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.scraper.apart import ask, one_process
from belowtheline.scraper.page_work import address_of, reader_of, threads_as_read, threads_on
from belowtheline.sites.articles import Lead, lead_of, start_of
from belowtheline.sites.registry import site_named
from belowtheline.sites.site import Site


def found_at(url: str, site: str | None, rules: RequestRules, *, is_raw: bool = False) -> tuple[ThreadPage, ...]:
    """Return what is found on the page at an address, asked for as a crawl asks; `is_raw` is before the stages."""
    chosen = site_named(site) if site else None
    reader, page = _fetched(url, chosen, replace(rules, local=with_typed(rules.local, [url])))
    page = replace(page, named_site=site)
    try:
        return _found(reader, page, is_raw=is_raw)
    except (ParseError, UnknownSite):
        check_barrier(page)
        raise


def found_in(
    source: Path | BinaryIO, site: str | None, url: str | None, fetched_at: str | None, *, is_raw: bool = False
) -> tuple[ThreadPage, ...]:
    """Return what is found on a saved page: a file, or what stands in a stream."""
    chosen = site_named(site) if site else None
    page = _saved(source, url, fetched_at)
    return _found(chosen, replace(page, named_site=site), is_raw=is_raw)


def _found(reader: Site | None, page: Page, *, is_raw: bool) -> tuple[ThreadPage, ...]:
    with one_process():
        name = reader.name if reader else ask(reader_of, page)
        return ask(threads_as_read, page, name) if is_raw else ask(threads_on, page, name).pages


def _fetched(url: str, site: Site | None, rules: RequestRules) -> tuple[Site | None, Page]:
    """Return the page at the address as it was given, unless the site asks elsewhere for what it shows."""
    try:
        host = urlsplit(url).hostname
        start = start_of(url, site.name if site else None)
    except ValueError as error:
        raise WrongUsage(f"{url} is no web address ({error}): check it.") from error
    is_elsewhere = start.link.method != "GET" or urlsplit(start.link.url).hostname != host
    link = start.link if is_elsewhere else Link(url=url)
    if start.link.kind != "article":
        return site, fetch(link, rules, start.site)
    leads: list[Lead] = []

    def lead(article: Page) -> Lead:
        leads.append(_lead_of(article))
        return leads[0]

    page = fetch(link, rules, start.site, lead)
    return site_named(leads[0].site), page


def _lead_of(article: Page) -> Lead:
    """Return where an article's comments are; raise BlockedPage for what stands before the article."""
    try:
        return ask(lead_of, article)
    except ParseError:
        check_barrier(article)
        raise


def _saved(source: Path | BinaryIO, url: str | None, fetched_at: str | None) -> Page:
    if not isinstance(source, Path):
        body, content_type = sources.read_bytes(source, "standard input"), None
    elif sources.is_warc(source):
        raise WrongUsage(f"{source} holds many pages: `btl ingest` takes them into an archive.")
    else:
        body, content_type = _read(source), sources.content_type(source)
    page = Page(url, body, content_type, fetched_at)
    return page if url else Page(ask(address_of, page), body, content_type, fetched_at)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return sources.read_bytes(file, str(path))
    except FileNotFoundError as error:
        what = f"{sources.printed(path)} cannot be read ({error.strerror}){likely(str(path))}"
        raise WrongUsage(f"{what} Give a URL with http:// or a file.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise WrongUsage(f"{path} cannot be read ({reason}): give a URL with http:// or a file.") from error
