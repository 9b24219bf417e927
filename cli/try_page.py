"""`btl try`: what the parser finds on one page, printed and not stored."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belowtheline.cli.console.legal_basis import legal_basis_option
from belowtheline.cli.console.local import local_option

if TYPE_CHECKING:
    from belowtheline.jobs.request_rules import RequestRules
    from belowtheline.reading.items import ThreadPage
    from belowtheline.reading.page import Page
    from belowtheline.sites.articles import Lead
    from belowtheline.sites.site import Site


@click.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--site", help="Read the page as this site's (see `btl sites`), instead of recognising it.")
@click.option("--url", help="Address of the page, for a FILE that does not say its own.")
@click.option("--fetched-at", metavar="TIME", help="When a FILE was fetched, ISO 8601, such as 2009-07-18T09:35Z.")
@click.option(
    "--contact", metavar="ADDRESS", help="For a URL: where its server's owner can reach you; required off loopback."
)
@click.option(
    "--delay", metavar="SECONDS", type=click.FloatRange(0, 3600), help="Least time between two requests to one host."
)
@local_option
@legal_basis_option
@click.option("--raw", is_flag=True, help="Print what the site reads, before the stages clean it.")
def command(
    source: str,
    site: str | None,
    url: str | None,
    fetched_at: str | None,
    contact: str | None,
    delay: float | None,
    local: tuple[str, ...],
    legal_basis: str | None,
    raw: bool,
) -> None:
    """Print as JSON what is found on one page, a URL or a FILE (- is standard input), and store nothing.

    A URL is asked for as `btl crawl` asks: after robots.txt and tdmrep.json, and not where its owner reserves it.
    """
    from belowtheline.cli.console.text import safe_json
    from belowtheline.jobs.request_rules import with_typed
    from belowtheline.reading.documents import as_document
    from belowtheline.sites.registry import site_named

    is_address = "://" in source
    source = source.strip() if is_address else source
    if is_address and (url or fetched_at):
        raise click.UsageError("--url and --fetched-at are for a FILE: a URL says its address and is fetched now.")
    chosen = site_named(site) if site else None
    if is_address:
        from belowtheline.jobs.request_rules import RequestRules

        typed = with_typed(local, [source])
        rules = RequestRules(contact=contact, delay=delay, local=typed, legal_basis=legal_basis)
        reader, page = _fetched(source, chosen, rules)
        pages = _read_fetched(reader, replace(page, named_site=site), raw)
    else:
        page = _saved(source, url, fetched_at)
        pages = _found(chosen, replace(page, named_site=site), raw)
    click.echo(safe_json(as_document(pages)))


def _found(reader: "Site | None", page: "Page", raw: bool) -> "tuple[ThreadPage, ...]":
    from belowtheline.scraper.apart import ask, one_process
    from belowtheline.scraper.page_work import reader_of, threads_as_read, threads_on

    with one_process():
        name = reader.name if reader else ask(reader_of, page)
        return ask(threads_as_read, page, name) if raw else ask(threads_on, page, name).pages


def _read_fetched(reader: "Site | None", page: "Page", raw: bool) -> "tuple[ThreadPage, ...]":
    """Return what is read on a page; raise BlockedPage where it is one that stands before the thread."""
    from belowtheline.jobs.fetch import check_barrier
    from belowtheline.reading.errors import ParseError, UnknownSite

    try:
        return _found(reader, page, raw)
    except (ParseError, UnknownSite):
        check_barrier(page)
        raise


def _fetched(url: str, site: "Site | None", rules: "RequestRules") -> "tuple[Site | None, Page]":
    """Return the page at the address as it was given, unless the site asks elsewhere for what it shows."""
    from urllib.parse import urlsplit

    from belowtheline.jobs.fetch import fetch
    from belowtheline.reading.items import Link
    from belowtheline.reading.page import Page
    from belowtheline.sites.articles import Lead, start_of
    from belowtheline.sites.registry import site_named

    try:
        host = urlsplit(url).hostname
        start = start_of(url, site.name if site else None)
    except ValueError as error:
        raise click.UsageError(f"{url} is no web address ({error}): check it.") from error
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


def _lead_of(article: "Page") -> "Lead":
    """Return where an article's comments are; raise BlockedPage for what stands before the article."""
    from belowtheline.jobs.fetch import check_barrier
    from belowtheline.reading.errors import ParseError
    from belowtheline.scraper.apart import ask
    from belowtheline.sites.articles import lead_of

    try:
        return ask(lead_of, article)
    except ParseError:
        check_barrier(article)
        raise


def _saved(source: str, url: str | None, fetched_at: str | None) -> "Page":
    from belowtheline.cli.console.times import fetch_time_option
    from belowtheline.reading import sources
    from belowtheline.reading.page import Page
    from belowtheline.scraper.apart import ask
    from belowtheline.scraper.page_work import address_of

    time = fetch_time_option(fetched_at, "--fetched-at")
    path = Path(source)
    if source == "-":
        body, content_type = sources.read_bytes(sys.stdin.buffer, "standard input"), None
    elif sources.is_warc(path):
        raise click.UsageError(f"{source} holds many pages: `btl ingest` takes them into an archive.")
    else:
        body, content_type = _read(path), sources.content_type(path)
    page = Page(url, body, content_type, time)
    return page if url else Page(ask(address_of, page), body, content_type, time)


def _read(path: Path) -> bytes:
    from belowtheline.jobs.inputs import likely
    from belowtheline.reading.sources import printed, read_bytes

    try:
        with path.open("rb") as file:
            return read_bytes(file, str(path))
    except FileNotFoundError as error:
        what = f"{printed(path)} cannot be read ({error.strerror}){likely(str(path))}"
        raise click.UsageError(f"{what} Give a URL with http:// or a file.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"{path} cannot be read ({reason}): give a URL with http:// or a file.") from error
