"""`btl ingest`: take saved, copied and captured pages into an archive."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belowtheline.jobs.ingest import IngestReport

_LISTED = 20


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--site", help="Read every page as this site's (see `btl sites`), instead of recognising it.")
@click.option("--url", help="Address of the page, where it does not say its own; for one PATH.")
@click.option("--fetched-at", metavar="TIME", help="When the pages were fetched, ISO 8601, such as 2009-07-18T09:35Z.")
@click.pass_context
def command(
    ctx: click.Context, archive: Path, paths: tuple[str, ...], site: str | None, url: str | None, fetched_at: str | None
) -> None:
    """Import saved pages, WARC files or exports into ARCHIVE.

    A PATH is a .html, .txt, .json, .xml or .warc file, gzipped or not, a folder of them, or - for standard input.

    The bytes are kept beside the archive before they are read. Files and records that cannot be read are reported and
    the others are imported: the exit code is then 3, or 4 where a page has a layout that its site does not know. Pages
    that are held already count with the verdicts of their threads.

    In a folder, files of other kinds (.mhtml, .pdf, .zip) are skipped and reported, and the exit code stays as it is;
    named on the command line they count as not read. An export larger than a page may be (32 MiB) is read thread by
    thread, where its site can divide it.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.times import fetch_time_option
    from belowtheline.jobs.ingest import IngestInterrupted, ingest

    files = [path for path in paths if path != "-"]
    stream = sys.stdin.buffer if "-" in paths else None
    at = fetch_time_option(fetched_at, "--fetched-at")
    try:
        with progress_bar() as progress:
            report = ingest(archive, files, site=site, url=url, fetched_at=at, stream=stream, progress=progress)
    except IngestInterrupted as interrupted:
        report = interrupted.report
    print_report(report)
    ctx.exit(report.ending)


def print_report(report: "IngestReport") -> None:
    """Print to stderr what was taken in and what was not."""
    from belowtheline.cli.console.summary import print_summary
    from belowtheline.jobs.endings import Ending

    print_summary(report.account, report.verdicts, report.problems)
    _print_skipped(report.skipped)
    if report.overwritten:
        said = "by pages that only claim to be from its address: `btl log` names each"
        click.echo(f"{report.overwritten} comments that their server showed have other content now, {said}.", err=True)
    if report.undated:
        click.echo(f"{report.undated} records name a time to come, which is not taken for theirs.", err=True)
    beside = f", {report.known} already held" if report.known else ""
    beside += f", {report.others} of no thread" if report.others else ""
    left = f", {len(report.skipped)} skipped" if report.skipped else ""
    click.echo(f"ingested: {report.taken} pages taken in{beside}, {len(report.problems)} not read{left}", err=True)
    if report.ending is Ending.INTERRUPTED:
        click.echo("Interrupted: what was committed is kept, and the same command goes on.", err=True)


def _print_skipped(skipped: "Sequence[str]") -> None:
    from belowtheline.cli.console.text import one_line

    for sentence in skipped[:_LISTED]:
        click.echo(f"- {one_line(sentence)}", err=True)
    if len(skipped) > _LISTED:
        click.echo(f"- ... and {len(skipped) - _LISTED} more files were skipped.", err=True)
