"""Files that a command is told to write: none of them may belong to an archive."""

from pathlib import Path

import click


def check_target(target: Path | None, *archives: Path, option: str = "-o") -> None:
    """Raise UsageError where a file, or standard output where there is none, belongs to an archive or a database."""
    from belowtheline.cli.console.text import one_line
    from belowtheline.exports.overwriting import hindrance, stdout_hindrance

    if target is None or str(target) == "-":
        if found := stdout_hindrance(*archives):
            raise click.UsageError(f"Standard output {one_line(found)}: send it to another file.")
    elif found := hindrance(target, *archives):
        raise click.UsageError(
            f"{option} {one_line(str(target))} {one_line(found)}, and is not overwritten: give another path."
        )
