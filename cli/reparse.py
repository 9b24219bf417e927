"""`btl reparse`: make every row again from its capture, and show what that changes."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.replay.compare import Difference
    from belowtheline.jobs.reparse import ReparseReport

_WIDEST = 160  # characters of a value that are printed; --json prints all


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--diff", "is_diff", is_flag=True, help="Only print what would change; change nothing.")
@click.option(
    "--undate-after",
    metavar="TIME",
    help="First take the times of captures later than TIME for wrong, as after a run with a wrong clock.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(ctx: click.Context, archive: Path, is_diff: bool, undate_after: str | None, as_json: bool) -> None:
    """Make every row of ARCHIVE again from its captures, as today's btl reads them, and print what that changes.

    Every page that was read is read again, in the order in which it was recorded, and the rows that makes are compared
    with those that are held. Then, unless --diff is given, the held rows become the made ones, in one transaction.
    Runs, captures, readings, pages and reviews stay as they are, and a row that is still the same keeps its number.

    Pages that are kept and could not be read are tried as well. What is read on them now is recorded as if it had been
    read then, and the verdicts of their readings are recomputed.

    A page whose capture is damaged is named, and the exit code is 7; one that today's btl cannot read, 4. The threads
    of such pages are left as they are.

    With --undate-after the captures of later times are kept without one: they fill gaps and overwrite nothing, so that
    what is seen from now on counts as newer.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.times import utc_option
    from belowtheline.jobs.reparse import reparse

    differences: list[Difference] = []
    show = differences.append if as_json else _print
    after = utc_option(undate_after, "--undate-after")
    with progress_bar() as progress:
        report = reparse(archive, is_applied=not is_diff, undate_after=after, show=show, progress=progress)
    if as_json:
        _print_json(archive, report, differences)
    _summarise(report, is_diff)
    ctx.exit(report.ending)


def _print(difference: "Difference") -> None:
    from belowtheline.cli.console.text import one_line

    place = f"{one_line(difference.place)}  {difference.table} {difference.row_id}"
    if difference.kind != "changed":
        click.echo(f"{place}: {difference.kind}")
        return
    for name, (before, after) in difference.fields.items():
        click.echo(f"{place}: {name}: {_value(before)} -> {_value(after)}")


def _value(value: object) -> str:
    from belowtheline.cli.console.text import one_line

    if value is None:
        return "nothing"
    text = one_line(str(value))
    return f'"{text}"' if len(text) <= _WIDEST else f'"{text[:_WIDEST]}…" ({len(text)} characters)'


def _print_json(archive: Path, report: "ReparseReport", differences: "list[Difference]") -> None:
    from dataclasses import asdict

    from belowtheline.cli.console.text import safe_json

    found = [
        {
            **asdict(difference),
            "fields": {name: {"before": old, "after": new} for name, (old, new) in difference.fields.items()},
        }
        for difference in differences
    ]
    document = {"archive": str(archive), "pages": report.pages, "taken_up": report.taken_up, "differences": found}
    click.echo(safe_json({**document, "problems": report.problems}))


def _summarise(report: "ReparseReport", is_diff: bool) -> None:
    from belowtheline.cli.console.text import one_line

    for problem in report.problems:
        click.echo(f"! {one_line(problem)}", err=True)
    if report.left:
        click.echo(
            f"{report.left} threads are left as they are: some of what they hold cannot be made again.", err=True
        )
    if report.taken_up:
        done = "could be" if is_diff else "were"
        click.echo(f"taken up: {report.taken_up} pages that could not be read {done} read", err=True)
    what = "would change" if is_diff else "changed"
    click.echo(f"reparsed: {report.pages} pages read again, {report.differences} rows {what}", err=True)
