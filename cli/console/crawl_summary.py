"""The summary that ends a command which asked servers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from belowtheline.cli.console.summary import print_summary
from belowtheline.cli.console.text import one_line

if TYPE_CHECKING:
    from belowtheline.jobs.crawl_report import CrawlReport

_LISTED = 20


def print_crawl(report: "CrawlReport") -> None:
    """Print to stderr what a run did, what it did not and why."""
    from belowtheline.jobs.endings import Ending

    print_summary(report.account, report.verdicts, report.problems)
    if report.clock:
        click.echo(f"! {one_line(report.clock)}", err=True)
    _print_missing(report.articles, "articles")
    _print_missing(report.icons, "icons")
    if report.ending == Ending.INTERRUPTED:
        click.echo("Interrupted: what was committed is kept, and the same command goes on.", err=True)


def _print_missing(said: Sequence[str], what: str) -> None:
    for sentence in said[:_LISTED]:
        click.echo(f"! {one_line(sentence)}", err=True)
    if len(said) > _LISTED:
        click.echo(f"! ... and {len(said) - _LISTED} more {what}: `btl status` lists their pages.", err=True)
