"""`btl crawl`: fetch threads into an archive, politely, and go on where a stopped crawl left off."""

import sys
from pathlib import Path
from typing import Any

import click

from belowtheline.cli.console.legal_basis import legal_basis_option
from belowtheline.cli.console.local import local_option
from belowtheline.cli.console.max_pages import max_pages_option


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("urls", metavar="[URL...]", nargs=-1)
@click.option(
    "--contact",
    metavar="ADDRESS",
    help="Where a server's owner can reach you: mail or web address; required off loopback.",
)
@click.option("--site", help="Read pages of any host as this site's (see `btl sites`).")
@click.option(
    "--delay", metavar="SECONDS", type=click.FloatRange(0, 3600), help="Least time between two requests to one host."
)
@click.option("--with-article", is_flag=True, help="Also fetch the page of each thread's article and keep its text.")
@click.option("--with-icons", is_flag=True, help="Also fetch the image of each comment icon, once per site.")
@click.option("--no-link", is_flag=True, help="Leave quotations and replies to `btl link`, or to the next run.")
@click.option("--purpose", help="Kept with the run: what the crawl is for.")
@local_option
@legal_basis_option
@max_pages_option
@click.pass_context
def command(ctx: click.Context, /, archive: Path, urls: tuple[str, ...], no_link: bool, **options: Any) -> None:
    """Crawl the threads at the URLs into ARCHIVE; - reads URLs from standard input, a line each.

    Without a URL it goes on with what is unfinished. The same command after any stop goes on where it was.
    robots.txt is obeyed, one request at a time goes to a host, and nothing starts off loopback without --contact.
    A loopback URL that you type may be asked at its host and port. Anything else on this machine or in an inner network
    needs --local HOST:PORT, also when a crawl is resumed: a page or the archive never permits it.
    A page that its owner reserves (noarchive, none, noai or noimageai for robots; tdm-reservation) is left out, unless
    --legal-basis says on what ground it is kept.
    --with-article asks for articles as politely as for threads, on whatever host they are, so that what comments quote
    of them is found; an article that cannot be had is named apart and changes the exit code, not the thread's verdict.
    --with-icons does the same for the images of icons: each is asked for once per site (500 at most), and not again
    once it is held.
    A thread ends at --max-pages pages, and where three pages in a row bring nothing new: it is incomplete then, and
    `btl retry` goes on, beyond the limit with a larger one.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.crawl_summary import print_crawl
    from belowtheline.jobs.crawl import CrawlOptions, crawl_here
    from belowtheline.jobs.inputs import check_archive

    check_archive(archive, urls, "crawl")

    lines = (line for url in urls for line in (sys.stdin.readlines() if url == "-" else [url]))
    given = [line.removeprefix("\ufeff").strip() for line in lines]  # some editors begin a list with that mark
    wanted = tuple(dict.fromkeys(url for url in given if url and not url.startswith("#")))
    if urls and not wanted:
        said = "Standard input held no URL: give one address a line."
        raise click.UsageError(said if "-" in urls else "The URL is empty: is a variable of the shell not set?")
    with progress_bar() as progress:
        report = crawl_here(archive, CrawlOptions(urls=wanted, link=not no_link, **options), progress)
    print_crawl(report)
    ctx.exit(report.ending)
