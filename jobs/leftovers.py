"""Taking up what runs left that were killed, and saying so."""

import click

from belowtheline.archive.store import leftovers
from belowtheline.archive.store.database import Archive


def take_up_leftovers(archive: Archive, run_id: int) -> None:
    """Give rows to the records that killed runs had written, and say how many there were."""
    if count := leftovers.take_up(archive, run_id):
        click.echo(f"{count} answers that an earlier run kept when it was killed are captures now.", err=True)
