"""Files that a command is told to write: none of them may belong to an archive."""

from pathlib import Path

import click


def check_target(target: Path | None, *archives: Path, option: str = "-o") -> None:
    """Raise a usage error where a file, or standard output where there is none, belongs to an archive or a database."""
    from belowtheline.cli.console.text import one_line
    from belowtheline.exports.overwriting import stdout_hindrance
    from belowtheline.jobs import targets

    if target is not None and not is_standard_output(target):
        targets.check_target(target, *archives, option=option)
    elif found := stdout_hindrance(*archives):
        raise click.UsageError(f"Standard output {one_line(found)}: send it to another file.")


def is_standard_output(target: Path | None) -> bool:
    """Return whether a command's option names standard output, as it does when it is left out."""
    return target is None or str(target) == "-"
