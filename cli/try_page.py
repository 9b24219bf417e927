"""`btl try`: what the parser finds on one page, printed and not stored."""

import sys
from pathlib import Path

import click

from belowtheline.cli.console.legal_basis import legal_basis_option
from belowtheline.cli.console.local import local_option


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
    from belowtheline.cli.console.times import fetch_time_option
    from belowtheline.jobs.request_rules import RequestRules
    from belowtheline.jobs.try_page import found_at, found_in
    from belowtheline.reading.documents import as_document

    if "://" in source:
        if url or fetched_at:
            raise click.UsageError("--url and --fetched-at are for a FILE: a URL says its address and is fetched now.")
        rules = RequestRules(contact=contact, delay=delay, local=local, legal_basis=legal_basis)
        pages = found_at(source.strip(), site, rules, is_raw=raw)
    else:
        time = fetch_time_option(fetched_at, "--fetched-at")
        pages = found_in(sys.stdin.buffer if source == "-" else Path(source), site, url, time, is_raw=raw)
    click.echo(safe_json(as_document(pages)))
