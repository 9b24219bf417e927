"""An archive of the sample pages, crawled and taken in, and what may happen to its files behind btl's back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from belowtheline.archive.fixity.defects import Defect
from belowtheline.archive.fixity.verify import Verification, verify

FAILED = 7
"""The exit code of a verification that finds anything."""


def copy_of(archive: Path, folder: Path) -> Path:
    """Return a copy of an archive and of its captures."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(archive, folder / archive.name)
    shutil.copytree(archive.with_name(f"{archive.name}.captures"), folder / f"{archive.name}.captures")
    return folder / archive.name


def alter(archive: Path, *statements: str) -> None:
    """Change an archive as any other program could, rules on references included."""
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def warc_file(archive: Path, name: str = "run-000001.warc.gz") -> Path:
    """Return a WARC file of an archive."""
    return archive.with_name(f"{archive.name}.captures") / name


def flip(path: Path, place: int, bit: int = 0) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


def found_in(archive: Path) -> Verification:
    """Return what a verification finds."""
    return verify(archive, [], FAILED)


def named(archive: Path) -> list[tuple[str, str]]:
    """Return code and place of each defect that a verification names."""
    return [(defect.code, defect.place) for defect in defects(archive)]


def defects(archive: Path) -> list[Defect]:
    """Return the defects that a verification names."""
    return found_in(archive).defects
