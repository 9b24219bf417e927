"""`btl try`: what the parser finds on one page, printed and not stored."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.scraper.page import Page
    from belowtheline.scraper.site import Site


@click.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--site", help="Read the page as this site's (see `btl sites`), instead of recognising it.")
@click.option("--url", help="Address of the page, for a FILE that does not say its own.")
@click.option("--fetched-at", metavar="TIME", help="When a FILE was fetched, ISO 8601, such as 2009-07-18T09:35Z.")
@click.option(
    "--contact", metavar="ADDRESS", help="For a URL: where its server's owner can reach you; required off loopback."
)
@click.option("--raw", is_flag=True, help="Print what the site reads, before the stages clean it.")
def command(
    source: str, site: str | None, url: str | None, fetched_at: str | None, contact: str | None, raw: bool
) -> None:
    """Print as JSON what is found on one page, a URL or a FILE (- is standard input), and store nothing.

    A URL is asked for once, after its robots.txt.
    """
    from belowtheline.cli.terminal import safe_json
    from belowtheline.pipelines import normalise
    from belowtheline.scraper.documents import as_document
    from belowtheline.scraper.registry import read, site_named

    is_address = "://" in source
    if is_address and (url or fetched_at):
        raise click.UsageError("--url and --fetched-at are for a FILE: a URL says its address and is fetched now.")
    chosen = site_named(site) if site else None
    if is_address:
        reader, page = _fetched(source, chosen, contact)
    else:
        reader, page = chosen, _saved(source, url, fetched_at)
    pages = read(reader or _reader(page), replace(page, named_site=site))
    click.echo(safe_json(as_document(pages if raw else tuple(map(normalise, pages)))))


def _reader(page: "Page") -> "Site":
    from belowtheline.scraper.registry import site_of_page

    return site_of_page(page)


def _fetched(url: str, site: "Site | None", contact: str | None) -> "tuple[Site | None, Page]":
    """Return the page at the address as it was given, unless the site asks elsewhere for what it shows."""
    from urllib.parse import urlsplit

    from belowtheline.cli.fetching import fetch
    from belowtheline.scraper.articles import start_of
    from belowtheline.scraper.items import Link

    try:
        host = urlsplit(url).hostname
        start = start_of(url, site.name if site else None).link
    except ValueError as error:
        raise click.UsageError(f"{url} is no web address ({error}): check it.") from error
    is_elsewhere = start.method != "GET" or urlsplit(start.url).hostname != host
    page = fetch(start if is_elsewhere else Link(url=url), contact)
    return _led(page, contact) if start.kind == "article" else (site, page)


def _led(article: "Page", contact: str | None) -> "tuple[Site, Page]":
    """Return the site and the page of an article's comments."""
    from belowtheline.cli.fetching import fetch
    from belowtheline.scraper.articles import lead_of
    from belowtheline.scraper.registry import site_named

    lead = lead_of(article)
    return site_named(lead.site), fetch(lead.link, contact) if lead.link else article


def _saved(source: str, url: str | None, fetched_at: str | None) -> "Page":
    from belowtheline.cli.times import fetch_time_option
    from belowtheline.scraper import sources
    from belowtheline.scraper.page import Page

    time = fetch_time_option(fetched_at, "--fetched-at")
    path = Path(source)
    if source == "-":
        body, content_type = sources.read_bytes(sys.stdin.buffer, "standard input"), None
    elif sources.is_warc(path):
        raise click.UsageError(f"{source} holds many pages: `btl ingest` takes them into an archive.")
    else:
        body, content_type = _read(path), sources.content_type(path)
    page = Page(url, body, content_type, time)
    return page if url else Page(sources.saved_address(page), body, content_type, time)


def _read(path: Path) -> bytes:
    from belowtheline.cli.inputs import likely
    from belowtheline.scraper.sources import printed, read_bytes

    try:
        with path.open("rb") as file:
            return read_bytes(file, str(path))
    except FileNotFoundError as error:
        what = f"{printed(path)} cannot be read ({error.strerror}){likely(str(path))}"
        raise click.UsageError(f"{what} Give a URL with http:// or a file.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"{path} cannot be read ({reason}): give a URL with http:// or a file.") from error
