"""Files that a job is told to write: none of them may belong to an archive."""

from pathlib import Path

from belowtheline.exports.overwriting import hindrance
from belowtheline.reading.errors import WrongUsage


def check_target(target: Path, *archives: Path, option: str = "-o") -> None:
    """Raise WrongUsage where a file belongs to one of the archives, or is a database or a WARC file."""
    if found := hindrance(target, *archives):
        raise WrongUsage(f"{option} {target} {found}, and is not overwritten: give another path.")
