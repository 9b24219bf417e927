"""Opening an archive: the SQLite file, its folder of captures, its one writer and its transactions."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from belowtheline.archive import seals
from belowtheline.archive.history import MIGRATION_SET, MIGRATIONS
from belowtheline.archive.searchwords import indexed
from belowtheline.scraper import interrupts
from belowtheline.scraper.errors import ArchiveMismatch, StorageError

APPLICATION_ID = 0x42544C31
"""`BTL1` in SQLite's header: how an archive of ours is told from any other database."""

_BUSY_SECONDS = 30


class _Connection(sqlite3.Connection):
    """A connection that can be referred to weakly, so that Ctrl-C finds its query."""


class Archive:
    """One archive: a connection in autocommit mode, on which every change is an explicit transaction."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int | None = None) -> None:
        self.path = path
        self.connection = connection
        self._lock = lock

    @classmethod
    def create_or_open(cls, path: Path) -> Self:
        """Open for writing, making the file if there is none; raise StorageError where another run writes to it."""
        _refuse_other_file(path)
        lock = _lock(path)
        try:
            with _named(path):
                connection = _connect(path, "rwc")
                try:
                    _migrate(connection, path)
                    seals.watch(connection)
                except BaseException:
                    connection.close()
                    raise
        except BaseException:
            os.close(lock)
            raise
        return cls(path, connection, lock)

    @classmethod
    def open_to_read(cls, path: Path) -> Self:
        """Open an existing archive for reading only; raise StorageError or ArchiveMismatch where it is none."""
        if not path.is_file():
            raise StorageError(
                f"{path} does not exist: `btl crawl` and `btl ingest` make an archive, or check the name."
            )
        with _named(path):
            connection = _connect(path, _reading_mode(path))
            try:
                _check(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    @classmethod
    def open_to_try(cls, path: Path) -> Self:
        """Open an existing archive for what is rolled back again; it is not migrated, and nobody else writes to it."""
        lock = _lock(path)
        try:
            with _named(path):
                return cls(path, _connect(path, "rw"), lock)
        except BaseException:
            os.close(lock)
            raise

    @property
    def captures_folder(self) -> Path:
        """The folder of WARC files beside the database."""
        return self.path.with_name(self.path.stem + ".captures")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction, rolled back on any exception; StorageError names the file."""
        with _named(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def query(self, sql: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run one statement; StorageError names the file."""
        with _named(self.path):
            return self.connection.execute(sql, parameters)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database file, as at the end of a run."""
        with _named(self.path):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection and let the next writer in; closing twice is harmless."""
        self.connection.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged schema SQLite's own message is no UTF-8
        raise named(path, error) from error


def named(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> StorageError:
    """Return the error that names the file and the next step."""
    return StorageError(_explain(path, error))


_HINDRANCES = ("FULL", "BUSY", "LOCKED", "READONLY", "PERM", "CANTOPEN", "IOERR_SHM", "IOERR_WRITE", "IOERR_FSYNC")


def is_hindrance(error: BaseException | None) -> bool:
    """Return whether an error, or its cause, says nothing of the file itself: the disk is full, or the file is held."""
    cause = getattr(error, "__cause__", None)
    name: str = getattr(error, "sqlite_errorname", None) or getattr(cause, "sqlite_errorname", None) or ""
    return name.removeprefix("SQLITE_").startswith(_HINDRANCES)


def _explain(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> str:
    said = str(error)
    if "locked" in said:
        return f"{path} is locked by another program: close it and run the same command again; nothing was lost."
    if "readonly" in said:
        return f"{path} cannot be written: make the file and its folder writable, or take another path."
    if "disk I/O error" in said:
        return f"{path} cannot be written (disk I/O error): free some space, then run the same command again."
    if "full" in said:
        return (
            f"{path} cannot grow, the disk is full: free some space and run the same command again; nothing was lost."
        )
    if "not a database" in said:
        return f"{path} is not a SQLite database: take another path; the file was left as it is."
    if "unable to open" in said:
        return f"{path} cannot be opened: check that the folder exists and may be written."
    return f"{path} failed: {said}; `btl status` shows what is held."


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=_BUSY_SECONDS,
        factory=_Connection,
    )
    interrupts.running.add(connection)
    connection.create_function("divided", 1, indexed, deterministic=True)  # what the search index keeps beside words
    connection.execute("PRAGMA foreign_keys = ON")
    if mode.startswith("ro"):
        connection.execute("PRAGMA query_only = ON")
    return connection


def reading_uri(path: Path) -> str:
    """Return the address by which SQLite attaches a file for reading only."""
    return f"{path.absolute().as_uri()}?mode={_reading_mode(path)}"


def _reading_mode(path: Path) -> str:
    return "ro&immutable=1" if _is_out_of_reach(path) else "ro"


def _is_out_of_reach(path: Path) -> bool:
    """Return whether SQLite could not make its -shm file here, and needs none since no log is left to be read."""
    log = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def _refuse_other_file(path: Path) -> None:
    """Refuse what is no archive before a lock file is made beside it."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return  # there is none yet, or it will be named when it is opened
    if not head:
        return
    if head != b"SQLite format 3\0":
        raise ArchiveMismatch(f"{path} is not a SQLite database: take another path; the file was left as it is.")
    with _named(path), contextlib.closing(_connect(path, "ro")) as connection:
        if not _is_empty(connection):
            _check(connection, path)


def _lock(path: Path) -> int:
    """Take the archive's lock file, so that two crawls never share a frontier."""
    name = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}): check that its folder exists and may be written."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StorageError(
            f"{path} is being written by another btl: wait until it ends, then run the same command again."
        ) from error
    return descriptor


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0  # type: ignore[no-any-return]


def _check(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether an archive has every migration; raise ArchiveMismatch where it is none, or a newer one."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise ArchiveMismatch(
            f"{path} is a database, but no archive of Below the Line: take another path; it was left as it is."
        )
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,))
    applied = {name for (name,) in rows}
    if unknown := sorted(applied - set(MIGRATIONS)):
        raise ArchiveMismatch(
            f"{path} was written by a newer version of btl (it has {', '.join(unknown)}): upgrade belowtheline."
        )
    return applied == set(MIGRATIONS)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    is_current = not _is_empty(connection) and _check(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # WAL with NORMAL loses acknowledged commits on power failure
    connection.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: fewer, larger checkpoints while a crawl runs
    if not is_current:
        from sqlite_utils import Database

        from belowtheline.archive.migrations import migrations

        # The id comes first: a kill between the two leaves a file that the next start still takes for its own.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection))
        _check(connection, path)
