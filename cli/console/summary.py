"""The summary that ends a crawl or an ingest: the account of its pages and a verdict for each thread."""

from collections.abc import Sequence

import click

from belowtheline.archive.readings.verdicts import ThreadVerdict
from belowtheline.archive.store.runs import Account
from belowtheline.cli.console.text import one_line

_LISTED = 40


def print_summary(account: Account, verdicts: Sequence[ThreadVerdict], problems: Sequence[str]) -> None:
    """Print to stderr what was done, what was not and why."""
    for verdict in verdicts[:_LISTED]:
        why = "".join(f" ({one_line(said)})" for said in (verdict.reason, _looked(verdict)) if said)
        click.echo(
            f"{verdict.verdict:<10} {verdict.held:>6} held  {one_line(verdict.thread)}  {one_line(verdict.title)}{why}",
            err=True,
        )
    if len(verdicts) > _LISTED:
        click.echo(f"... and {len(verdicts) - _LISTED} more threads: `btl status` lists them all.", err=True)
    for problem in problems[:_LISTED]:
        click.echo(f"! {one_line(problem)}", err=True)
    if len(problems) > _LISTED:
        click.echo(f"! ... and {len(problems) - _LISTED} more: the table `pages` has them all.", err=True)
    click.echo(f"pages: {account}", err=True)


def _looked(verdict: ThreadVerdict) -> str | None:
    """Return what was looked at, where the verdict is of an earlier reading."""
    if verdict.verdict_at is None or verdict.looked is None:
        return None
    when = f" on {verdict.looked_at[:10]}" if verdict.looked_at else ""
    return f"of {verdict.verdict_at[:10]}; looked at{when}: {verdict.looked}"
