"""The one writer of an archive: a lock on the database file itself, whichever name leads to it.

Closing any descriptor of a file drops all POSIX locks that the process has on it, SQLite's own among them. So the
descriptor of the lock is opened before SQLite opens the file, and closed after the last connection of this process.
"""

import contextlib
import fcntl
import os
import stat
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Self

from belowtheline.archive.store.files import LOCK, Identity, identity
from belowtheline.reading.errors import StorageError

_AGAIN = 20  # how often a file may be replaced between its opening and its locking
_LOOKS, _LOOK_SECONDS = 5, 0.02  # who asks whether an archive is locked holds the lock for a moment
_PROBED = 0x40000000 + 512
"""The first byte after those that SQLite locks."""


_IN_USE = 128
"""The byte of a -shm file that SQLite locks while it has it open (UNIX_SHM_DMS in its os_unix.c)."""


class WriterLock:
    """Held by one process at most for each archive; ends with the process, and is not inherited by its children."""

    def __init__(self, path: Path, file: Path, descriptor: int, *, is_new: bool) -> None:
        self.path = path
        """The archive as it was named, for messages."""
        self.file = file
        """Its real path."""
        self._descriptor: int | None = descriptor
        found = os.fstat(descriptor)
        self._identity = found.st_dev, found.st_ino
        self._is_new, self._is_held = is_new, False
        self._older: list[int] = []
        with _guard:
            _locks.add(self)

    @classmethod
    def acquire(cls, path: Path, file: Path, *, creates: bool) -> Self:
        """Lock an archive, making an empty file where there is none; raise StorageError where it is not to be had."""
        for _ in range(_AGAIN):
            descriptor, is_new = _opened(path, file, creates=creates)
            lock = cls(path, file, descriptor, is_new=is_new)
            try:
                lock._take()
                if lock._is_in_place():
                    lock._refuse_other_names()
                    lock._take_older()
                    lock._refuse_orphans()
                    return lock
            except BaseException:
                lock.release(is_failed=True)
                raise
            lock.release()
        raise StorageError(
            f"{path} is being replaced all the time: end what does that, then run the same command again."
        )

    def head(self, length: int) -> bytes:
        """Return the first bytes of the file."""
        assert self._descriptor is not None
        try:
            return os.pread(self._descriptor, length, 0)
        except OSError as error:
            raise StorageError(f"{self.path} cannot be read ({error.strerror}): restore it from a copy.") from error

    def check(self) -> None:
        """Raise StorageError where the archive's name no longer leads to the file that is locked and written to."""
        if self._descriptor is not None and not self._is_in_place():
            raise StorageError(
                f"{self.path} was moved, removed or replaced while btl wrote to it: put the same file back under this"
                f" name, beside {self.file.name}-wal, then run the same command again."
            )

    def release(self, *, is_failed: bool = False) -> None:
        """Let the next writer in; the file that a failed command made is removed again where it is still empty."""
        with _guard:
            if self._descriptor is None:
                return
            if is_failed and self._is_new and self._is_held:
                self._remove_empty()
            with contextlib.suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            _close_late(self._descriptor, self._identity)
            self._descriptor = None
            for descriptor in self._older:
                os.close(descriptor)
            self._older = []
            _locks.discard(self)

    def _take(self) -> None:
        assert self._descriptor is not None
        _flock(self._descriptor, self.path)
        self._is_held = True
        _refuse_mixed_locks(self._descriptor, self.path)
        if not os.access(self.file.parent, os.W_OK):
            raise StorageError(
                f"{self.path} cannot be written, since SQLite keeps its log in the folder: make the folder writable."
            )

    def _is_in_place(self) -> bool:
        return identity(self.file) == self._identity

    def _refuse_other_names(self) -> None:
        """Refuse a file of several names: SQLite keeps its log under one of them, and looks for it under the other."""
        assert self._descriptor is not None
        if (names := os.fstat(self._descriptor).st_nlink) > 1:
            raise StorageError(
                f"{self.path} has {names} names (hard links), and writing through two of them would damage it: remove"
                " the others, or write to a copy."
            )

    def _take_older(self) -> None:
        """Lock the lock files that an older version left: it may be running, and knows no other lock."""
        for name in dict.fromkeys((self.file, self.path.absolute())):
            beside = name.with_name(name.name + LOCK)
            try:
                if identity(beside) == self._identity:
                    continue
                descriptor = os.open(beside, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StorageError(
                    f"{beside}, the lock of an older btl, cannot be opened ({error.strerror}): remove it where no other"
                    " btl is running."
                ) from error
            self._older.append(descriptor)
            _flock(descriptor, self.path)

    def _refuse_orphans(self) -> None:
        """Refuse to begin anew where a program still has the removed archive open: SQLite would share its index."""
        assert self._descriptor is not None
        if os.fstat(self._descriptor).st_size:
            return
        index = self.file.with_name(f"{self.file.name}-shm")
        try:
            descriptor = os.open(index, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return  # there is none
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _IN_USE)
        except OSError as error:
            raise StorageError(
                f"{self.path} was removed while another program had it open, which still has {index.name}: end that"
                " program, then run the same command again."
            ) from error
        finally:
            os.close(descriptor)

    def _remove_empty(self) -> None:
        assert self._descriptor is not None
        with contextlib.suppress(OSError):
            if not os.fstat(self._descriptor).st_size and self._is_in_place() and not _uses[self._identity]:
                self.file.unlink()


_guard = threading.RLock()
_locks: set[WriterLock] = set()
_uses: Counter[Identity] = Counter()
"""How many connections of this process are open on a file."""
_late: dict[Identity, list[int]] = {}
"""Descriptors to be closed with the last of them."""


def count_connection(file: Path) -> Identity | None:
    """Count one connection of this process on a file, to be given to `discount_connection` when it is closed."""
    found = identity(file)
    if found is not None:
        with _guard:
            _uses[found] += 1
    return found


def discount_connection(found: Identity | None) -> None:
    """Take note that a connection was closed."""
    if found is None:
        return
    with _guard:
        _uses[found] -= 1
        if _uses[found] <= 0:
            del _uses[found]
            for descriptor in _late.pop(found, ()):
                os.close(descriptor)


def is_locked(file: Path) -> bool:
    """Return whether a btl writes to an archive at this moment; who may only read can ask as well."""
    return any(_is_locked(one) for one in (file, file.with_name(file.name + LOCK)))


def _is_locked(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    found = os.fstat(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        with _guard:
            _close_late(descriptor, (found.st_dev, found.st_ino))
    return False


def _close_late(descriptor: int, found: Identity) -> None:
    """Close a descriptor of a database once no connection of this process is open on it."""
    if _uses[found] > 0:
        _late.setdefault(found, []).append(descriptor)
    else:
        del _uses[found]
        os.close(descriptor)


def _leave_to_the_parent() -> None:
    """Close what a forked child inherited: its copy would hold the lock after the parent's death."""
    global _guard
    _guard = threading.RLock()
    inherited = [descriptor for descriptors in _late.values() for descriptor in descriptors]
    for lock in _locks:
        inherited += [*lock._older, *((lock._descriptor,) if lock._descriptor is not None else ())]
        lock._descriptor, lock._older = None, []
    for descriptor in inherited:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _locks.clear()
    _late.clear()
    _uses.clear()


os.register_at_fork(after_in_child=_leave_to_the_parent)


def _opened(path: Path, file: Path, *, creates: bool) -> tuple[int, bool]:
    """Return a descriptor of the file and whether it was made for that; no link is followed any more."""
    how = os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        for _ in range(_AGAIN):
            with contextlib.suppress(FileNotFoundError):
                if not stat.S_ISREG(file.lstat().st_mode):
                    raise StorageError(f"{path} is not a file: give the path of an archive; it was left as it is.")
                return os.open(file, how), False
            if not creates:
                break
            with contextlib.suppress(FileExistsError):
                return os.open(file, how | os.O_CREAT | os.O_EXCL, 0o644), True
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}): check that its folder exists and may be written."
        ) from error
    raise StorageError(f"{path} does not exist: `btl crawl` and `btl ingest` make an archive, or check the name.")


def _flock(descriptor: int, path: Path) -> None:
    for look in range(_LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if look == _LOOKS - 1:
                raise StorageError(
                    f"{path} is being written by another btl: wait until it ends, then run the same command again."
                ) from error
            time.sleep(_LOOK_SECONDS)
        except OSError as error:
            raise _without_locks(path, error) from error
        else:
            return


def _refuse_mixed_locks(descriptor: int, path: Path) -> None:
    """Refuse a file system where flock is made of POSIX locks, as on NFS: it would lock out SQLite itself."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _PROBED)
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, _PROBED)
    except OSError as error:
        raise _without_locks(path, error) from error


def _without_locks(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be locked ({error.strerror}), as on many network drives: put the archive on a disk of this"
        " machine."
    )
