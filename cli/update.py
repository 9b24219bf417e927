"""`btl update`: look again at known threads, with one small request for each that has not changed."""

from pathlib import Path

import click

from belowtheline.cli.console.legal_basis import legal_basis_option
from belowtheline.cli.console.local import local_option
from belowtheline.cli.console.max_pages import max_pages_option
from belowtheline.cli.console.times import duration_option


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--thread", metavar="THREAD", help="Only this one: its id, address, number or a part of its title.")
@click.option("--site", help="Only threads of this site (see `btl sites`).")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Threads at most.")
@click.option("--older-than", metavar="SPAN", help="Only threads not looked at for so long: 90m, 12h, 7d, 2w.")
@click.option("--every-page", is_flag=True, help="Ask every known page of a thread, not only the most telling one.")
@click.option(
    "--contact",
    metavar="ADDRESS",
    help="Where a server's owner can reach you: mail or web address; required off loopback.",
)
@click.option(
    "--delay", metavar="SECONDS", type=click.FloatRange(0, 3600), help="Least time between two requests to one host."
)
@click.option("--purpose", help="Kept with the run: what the update is for.")
@local_option
@legal_basis_option
@max_pages_option
@click.pass_context
def command(
    ctx: click.Context,
    archive: Path,
    thread: str | None,
    site: str | None,
    limit: int | None,
    older_than: str | None,
    every_page: bool,
    contact: str | None,
    delay: float | None,
    purpose: str | None,
    local: tuple[str, ...],
    legal_basis: str | None,
    max_pages: int,
) -> None:
    """Look again at the threads of ARCHIVE, and record what is new, changed, deleted or gone.

    Open threads come first, those with the newest comment before the others, then those not looked at for longest. A
    thread is asked by one page, for changes only where its server can tell: the page that holds all of it, else the
    last of its numbered pages, else its first. Where that page shows no change the others are not asked; what they
    held stands, and so does the verdict of the last full reading, with its date; beside it stands how many pages were
    looked at. The same command after any stop goes on where it was.
    Threads on this machine or in an inner network need --local HOST:PORT.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.crawl_summary import print_crawl
    from belowtheline.jobs.update import UpdateOptions, update_here

    options = UpdateOptions(
        thread=thread,
        site=site,
        limit=limit,
        older_than=duration_option(older_than, "--older-than"),
        every_page=every_page,
        contact=contact,
        delay=delay,
        purpose=purpose,
        legal_basis=legal_basis,
        max_pages=max_pages,
        local=local,
    )
    with progress_bar() as progress:
        report = update_here(archive, options, progress)
    print_crawl(report)
    listed = ": `btl diff` lists the changes" if report.changed else ""
    said = f"threads: {report.looked} looked at, {report.changed} with new or changed comments{listed}"
    click.echo(said, err=True)
    ctx.exit(report.ending)
