"""What is said of clocks: before a run starts, and at its end."""

import click

from belowtheline.archive.store import clocks
from belowtheline.archive.store.database import Archive
from belowtheline.cli.console.text import one_line


def check_clock(archive: Archive) -> None:
    """Raise ClockBehind where our clock is far behind the newest capture, and name it where it is a little behind."""
    if behind := clocks.check(archive.connection, archive.path):
        click.echo(f"! {one_line(behind)}", err=True)


def name_clocks(archive: Archive, run_id: int) -> None:
    """Say that the clock of a server that a run asked differs from ours."""
    offset = clocks.offset_of_run(archive.connection, run_id)
    if offset is not None:
        click.echo(
            f"! The clock of a server was {clocks.described(offset)} of this machine's: if this one is wrong, set it,"
            " since the times of this run are its.",
            err=True,
        )
