"""The files of an archive: the database, what SQLite keeps beside it, and the folders of its captures."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x42544C31
"""`BTL1` in SQLite's header: how an archive of ours is told from any other database."""

SQLITE: Final = b"SQLite format 3\0"
"""How the file of a database begins."""

OF_SQLITE: Final = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database."""
LOCK: Final = ".lock"
"""Ending of the lock file of older versions."""

_ID_OFFSET = 68  # of the application id in the header, https://www.sqlite.org/fileformat.html

Identity = tuple[int, int]
"""Device and inode: what two names of one file share."""


def identity(path: Path) -> Identity | None:
    """Return which file a path leads to, None where it leads to none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def database_and_log(file: Path) -> set[Identity]:
    """Return the files on which SQLite holds locks.

    Closing any descriptor of one of them drops all locks that the process has on it.
    """
    found = (identity(file), *(identity(file.with_name(file.name + ending)) for ending in OF_SQLITE))
    return {one for one in found if one is not None}


def captures_folder(file: Path) -> Path:
    """Return the folder of an archive's captures, named after the whole file name."""
    return file.with_name(f"{file.name}.captures")


def older_folder(file: Path) -> Path:
    """Return where older versions put captures, a folder that `reg.db` and `reg.sqlite` shared."""
    return file.with_name(f"{file.stem}.captures")


def is_shared(file: Path) -> bool:
    """Return whether another archive beside this one has the same older folder."""
    return any(begins_as_archive(other) for other in _namesakes(file))


def _namesakes(file: Path) -> Iterator[Path]:
    """Yield the other files whose names differ from an archive's by the last ending alone."""
    own = database_and_log(file)
    for other in entries(file.parent):
        if other.stem == file.stem and not other.name.endswith(OF_SQLITE) and identity(other) not in own:
            yield other


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def begins_as_archive(path: Path) -> bool:
    """Return whether a file begins as an archive does; never to be asked of a file that this process has open."""
    head = head_of(path, _ID_OFFSET + 4)
    return head.startswith(SQLITE) and head[_ID_OFFSET:] == APPLICATION_ID.to_bytes(4, "big")


def head_of(path: Path, length: int) -> bytes:
    """Return the first bytes of a plain file; none of anything else, and of what cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b""  # a pipe would keep us waiting
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return b""
    try:
        return os.pread(descriptor, length, 0)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
