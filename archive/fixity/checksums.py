"""Checksums beside exported files, in the form that `sha256sum --check` reads."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from belowtheline.archive.fixity.defects import Defect
from belowtheline.reading.errors import StorageError

_LINE = re.compile(r"(\\?)([0-9a-f]{64}) [ *](.+)")


def checksum_file(path: Path) -> Path:
    """Return where the checksum of a file stands."""
    return path.with_name(path.name + ".sha256")


def checksum_line(path: Path) -> str:
    """Return a file's line as sha256sum writes it; raise OSError where it cannot be read."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # A backslash before the hash says that the name is escaped, since a line break in it would end the line.
    name = path.name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if name == path.name else chr(92)}{digest}  {name}\n"


def compare(path: Path) -> Iterator[Defect]:
    """Yield what differs between an exported file and its checksum; raise StorageError where it has none."""
    beside = checksum_file(path)
    try:
        found = _LINE.match(beside.read_text("utf-8", "replace"))
    except OSError as error:
        raise StorageError(
            f"{beside} cannot be read ({error.strerror}): `btl export --checksum` writes it beside a file."
        ) from error
    if found is None:
        yield Defect("F01", str(beside), None, "This is no checksum as `btl export --checksum` writes it.")
        return
    try:
        held = checksum_line(path)
    except OSError as error:
        yield Defect("F02", str(path), None, f"This file cannot be read ({error.strerror}).")
        return
    if held.lstrip("\\")[:64] != found[2]:
        yield Defect("F01", str(path), None, f"Its SHA-256 is not the one that {beside.name} holds.")
