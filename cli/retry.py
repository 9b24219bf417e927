"""`btl retry`: ask again for pages that failed or whose server asked to come back later."""

from pathlib import Path

import click

from belowtheline.cli.console.legal_basis import legal_basis_option
from belowtheline.cli.console.local import local_option
from belowtheline.cli.console.max_pages import max_pages_option


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--thread", metavar="THREAD", help="Only this one: its id, address, number or a part of its title.")
@click.option("--site", help="Only threads of this site (see `btl sites`).")
@click.option(
    "--reason",
    "reasons",
    metavar="REASON",
    multiple=True,
    help="Only pages that failed for this reason, as `btl status` names it; may be given again.",
)
@click.option(
    "--contact",
    metavar="ADDRESS",
    help="Where a server's owner can reach you: mail or web address; required off loopback.",
)
@click.option(
    "--delay", metavar="SECONDS", type=click.FloatRange(0, 3600), help="Least time between two requests to one host."
)
@click.option("--purpose", help="Kept with the run: what the retry is for.")
@local_option
@legal_basis_option
@max_pages_option
@click.pass_context
def command(
    ctx: click.Context,
    archive: Path,
    thread: str | None,
    site: str | None,
    reasons: tuple[str, ...],
    contact: str | None,
    delay: float | None,
    purpose: str | None,
    local: tuple[str, ...],
    legal_basis: str | None,
    max_pages: int,
) -> None:
    """Ask again for the pages of ARCHIVE that failed or are deferred, of the newest reading of each thread.

    Pages that were read are not asked again, and the verdict is told anew from all of them. A page whose server asked
    to come back later is not asked before that time. An interrupted reading goes on with what it has to do as well.
    Pages that were left out since their thread has too many, or since those before them brought nothing new, are asked
    as well, the former as far as --max-pages allows.
    Pages on this machine or in an inner network need --local HOST:PORT.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.crawl_summary import print_crawl
    from belowtheline.jobs.update import RetryOptions, retry_here

    options = RetryOptions(
        thread=thread,
        site=site,
        reasons=reasons,
        contact=contact,
        delay=delay,
        purpose=purpose,
        local=local,
        legal_basis=legal_basis,
        max_pages=max_pages,
    )
    with progress_bar() as progress:
        report = retry_here(archive, options, progress)
    print_crawl(report)
    ctx.exit(report.ending)
