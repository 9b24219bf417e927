"""Where an export goes: a file that appears under its name only when it is complete, or standard output."""

import contextlib
import errno
import fcntl
import io
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from belowtheline.reading.errors import StorageError

_YOUNG_SECONDS = 5  # a part is made a moment before it is locked
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


@contextlib.contextmanager
def output_file(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a file for an export; after an exception what stood under the name still stands there.

    A device or a pipe is written straight. Raise StorageError naming the path where it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding=encoding, newline="") as stream:
                yield stream
        else:
            with _replacement(Path(os.path.realpath(path)), encoding) as file:
                yield file
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(
            f"{path} cannot be written ({reason}): give a path with -o whose folder exists, may be written and has "
            "room; nothing was changed there."
        ) from error


@contextlib.contextmanager
def standard_output(encoding: str = "utf-8") -> Iterator[TextIO]:
    """Write to standard output, whatever the locale; raise StorageError where it is full."""
    text = io.TextIOWrapper(sys.stdout.buffer, encoding=encoding, newline="")
    try:
        with closed_output():
            yield text
            text.flush()
    finally:
        text.detach()


@contextlib.contextmanager
def closed_output() -> Iterator[None]:
    """Give up standard output once it cannot be written; raise StorageError where it is full.

    Where its reader has gone away BrokenPipeError goes on.
    """
    try:
        yield
    except BrokenPipeError:
        _give_up_stdout()
        raise
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        _give_up_stdout()
        raise StorageError(
            f"standard output cannot be written ({error.strerror}): make room, or write to a file elsewhere."
        ) from error


@contextlib.contextmanager
def _replacement(target: Path, encoding: str) -> Iterator[TextIO]:
    _remove_dead_parts(target.parent)
    temporary = target.with_name(f".btl-{os.urandom(6).hex()}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # held until the file is closed: by it a living part is told
        with open(descriptor, "w", encoding=encoding, newline="") as file:
            if target.exists():
                os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))  # a private file stays private
            yield file
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
        _sync_folder(target.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _remove_dead_parts(folder: Path) -> None:
    """Remove what killed exports left in a folder: parts of ours that nobody writes any more."""
    for part in folder.glob(".btl-*.part"):
        # What cannot be opened, locked or removed is somebody else's, or alive; what has a second name is no part.
        with contextlib.suppress(OSError):
            found = part.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                continue
        with contextlib.suppress(OSError), part.open("rb") as file:
            is_old = time.time() - os.fstat(file.fileno()).st_mtime > _YOUNG_SECONDS
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_old:
                part.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_up_stdout() -> None:
    """Send the rest nowhere, so that the interpreter's last flush neither fails nor complains."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
