"""What no export may be written over: the files of an archive, databases, and WARC files."""

import os
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from belowtheline.archive.store.files import (
    LOCK,
    OF_SQLITE,
    SQLITE,
    Identity,
    captures_folder,
    entries,
    head_of,
    identity,
    older_folder,
)

_OF_SQLITE = (SQLITE, b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
"""How a database, its write-ahead log and its journal begin, https://www.sqlite.org/fileformat.html."""
_HEAD = 1024
_CAPTURES = ".captures"


def hindrance(target: Path, *archives: Path) -> str | None:
    """Return why nothing may be written to a path, as the end of a sentence; None where it may.

    The path is taken for what it leads to: by links, by descriptors such as /dev/fd/3, by another name of the file.
    """
    real = Path(os.path.realpath(target))
    for archive in archives:
        if _belongs(target, real, archive):
            return f"belongs to the archive {archive}"
    # Asked before an archive is opened: closing a file of it would drop SQLite's locks.
    if head_of(real, _HEAD).startswith(_OF_SQLITE):
        return "is a database"
    if _begins_as_warc(head_of(real, _HEAD)):
        return "is a WARC file"
    if beside := next(_databases_beside(real), None):
        return f"belongs to the database {beside}"
    return None


def stdout_hindrance(*archives: Path) -> str | None:
    """Return why nothing may be written to standard output, as `>> FILE` lets it lead to a file of an archive."""
    try:
        found = os.fstat(1)
    except OSError:
        return None
    owners = (archive for archive in archives if (found.st_dev, found.st_ino) in _held(archive))
    owner = next(owners, None)
    return f"belongs to the archive {owner}" if owner else None


def _belongs(target: Path, real: Path, archive: Path) -> bool:
    """Return whether a path leads to a file of an archive, to one that it may come to have, or into its captures."""
    held = _held(archive)
    if identity(target) in held or any(identity(folder) in held for folder in real.parents):
        return True
    names = {_folded(path.name) for path in _named(archive) if identity(path.parent) == identity(real.parent)}
    return _folded(real.name) in names


def _held(archive: Path) -> set[Identity]:
    """Return the files that an archive has, and the folders of its captures."""
    found = {identity(path) for path in _named(archive)}
    for folder in _folders(archive):
        for place, _, names in os.walk(folder):
            found |= {identity(Path(place)), *(identity(Path(place, name)) for name in names)}
    return {one for one in found if one is not None}


def _named(archive: Path) -> Iterator[Path]:
    for file in (Path(os.path.realpath(archive)), archive.absolute()):
        yield from (file.with_name(f"{file.name}{ending}") for ending in ("", *OF_SQLITE, LOCK))
    yield from _folders(archive)


def _folders(archive: Path) -> Iterator[Path]:
    file = Path(os.path.realpath(archive))
    yield from (captures_folder(file), older_folder(file), older_folder(archive.absolute()))


def _databases_beside(real: Path) -> Iterator[Path]:
    """Yield the database that a file belongs to by its name, or by that of a folder above it."""
    for ending in (*OF_SQLITE, LOCK):
        if real.name.endswith(ending):
            yield from _databases(real.with_name(real.name.removesuffix(ending)))
    for folder in (real, *real.parents):
        if folder.name.endswith(_CAPTURES):
            stem = folder.name.removesuffix(_CAPTURES)
            yield from _databases(folder.with_name(stem))
            if folder.is_dir():
                yield from _databases(*(path for path in entries(folder.parent) if path.stem == stem))


def _databases(*paths: Path) -> Iterator[Path]:
    return (path for path in paths if head_of(path, len(SQLITE)) == SQLITE)


def _begins_as_warc(head: bytes) -> bool:
    try:
        return (head if head.startswith(b"WARC/") else zlib.decompressobj(31).decompress(head)).startswith(b"WARC/")
    except zlib.error:
        return False


def _folded(name: str) -> str:
    """Return a name as a file system does that takes letters of any case for the same."""
    return unicodedata.normalize("NFC", name).casefold()
