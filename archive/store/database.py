"""Opening an archive: the SQLite file, its folder of captures, its one writer and its transactions."""

import contextlib
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from belowtheline.archive.store import files, interrupts, query_bounds, schema, seals, wrong_values
from belowtheline.archive.store.files import APPLICATION_ID, LOCK, OF_SQLITE, SQLITE, Identity, identity
from belowtheline.archive.store.migration_names import MIGRATIONS
from belowtheline.archive.store.words import indexed
from belowtheline.archive.store.writer_lock import WriterLock, count_connection, discount_connection
from belowtheline.archive.warc.members import is_capture_name
from belowtheline.reading.errors import ArchiveMismatch, StorageError

_BUSY_SECONDS = 30


class _Connection(sqlite3.Connection):
    """A connection that can be referred to weakly, so that Ctrl-C finds its query."""


class Archive:
    """One archive: a connection in autocommit mode, on which every change is an explicit transaction."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None = None) -> None:
        self.path = path
        """As it was named, for messages."""
        self.file = real_path(path)
        """Where it is, without links: what belongs to the archive is beside this."""
        self.connection = connection
        self._lock = lock
        self._counted: Identity | None = count_connection(self.file)
        _opened.append(path)

    @classmethod
    def create_or_open(cls, path: Path) -> Self:
        """Open for writing, making the file if there is none; raise StorageError where another run writes to it."""
        return cls._open_to_write(path, creates=True)

    @classmethod
    def open_to_read(cls, path: Path) -> Self:
        """Open an existing archive for reading only; raise StorageError or ArchiveMismatch where it is none."""
        return cls._open_reading(path, _check_to_read)

    @classmethod
    def open_to_verify(cls, path: Path) -> Self:
        """Open an existing archive for reading only, whatever its tables and views are: do not ask its views."""
        return cls._open_reading(path, _check)

    @classmethod
    def _open_reading(cls, path: Path, check: Callable[[sqlite3.Connection, Path], object]) -> Self:
        if not path.is_file():
            raise StorageError(
                f"{path} does not exist: `btl crawl` and `btl ingest` make an archive, or check the name."
            )
        _refuse_stdout(path)
        file = real_path(path)
        archive = cls(path, _connect(path, file, _reading_mode(file)))
        try:
            with _named(path):
                check(archive.connection, path)
                archive.connection.execute("PRAGMA query_only = ON")
        except BaseException:
            archive.close()
            raise
        return archive

    @classmethod
    def open_to_try(cls, path: Path) -> Self:
        """Open an existing archive for what is rolled back again; it is not migrated, and nobody else writes to it."""
        return cls._open_to_write(path, creates=False)

    @classmethod
    def _open_to_write(cls, path: Path, *, creates: bool) -> Self:
        _refuse_stdout(path)
        file = real_path(path)
        lock = WriterLock.acquire(path, file, creates=creates)
        archive = None
        try:
            if creates:
                _refuse_other_file(path, file, lock)
            archive = cls(path, _connect(path, file, "rw"), lock)
            with _named(path):
                if creates:
                    _migrate(archive.connection, path)
                    schema.trust_views(archive.connection)
                    seals.watch(archive.connection)
                else:
                    _check_to_write(archive.connection, path)
            lock.check()
        except BaseException:
            if archive is not None:
                archive.close(is_failed=True)
            lock.release(is_failed=True)
            raise
        return archive

    @property
    def captures_folder(self) -> Path:
        """The folder beside the database that new WARC files go to.

        It is named after the whole file name. An archive of an older version keeps the folder that it has, unless
        another archive uses that as well.
        """
        folder, older = files.captures_folder(self.file), files.older_folder(self.file)
        if folder == older or folder.is_dir() or not older.is_dir():
            return folder
        names = self.query("SELECT DISTINCT warc_file FROM captures")
        is_used = any(is_capture_name(name) and os.path.isfile(older / name) for (name,) in names)
        return older if is_used and not files.is_shared(self.file) else folder

    def folder_of(self, warc_file: str) -> Path:
        """Return the folder where a WARC file is that a row names."""
        folder = files.captures_folder(self.file)
        # By a link, an older version put captures beside the link.
        older = (files.older_folder(self.file), files.older_folder(self.path))
        if not is_capture_name(warc_file):
            return folder
        return next((found for found in (folder, *older) if os.path.lexists(found / warc_file)), folder)

    def captures_folders(self) -> Iterator[Path]:
        """Yield the folders that hold WARC files of this archive and of no other."""
        folder, older = files.captures_folder(self.file), files.older_folder(self.file)
        yield folder
        if older != folder and older.is_dir() and not files.is_shared(self.file):
            yield older

    def is_own_file(self, path: Path) -> bool:
        """Return whether a path leads to the database or to what SQLite keeps beside it.

        Reading and closing one of them would drop SQLite's locks on it.
        """
        return identity(path) in files.database_and_log(self.file)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction, rolled back on any exception; StorageError names the file."""
        with _named(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                if self._lock is not None:
                    self._lock.check()
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

    def close(self, *, is_failed: bool = False) -> None:
        """Close the connection and let the next writer in; closing twice is harmless."""
        self.connection.close()
        discount_connection(self._counted)
        self._counted = None
        if self._lock is not None:
            self._lock.release(is_failed=is_failed)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, sqlite3.Error):
            raise named(self.path, error) from error


_opened: deque[Path] = deque(maxlen=4)
"""The archives that were opened last: a reparse opens another one beside."""


def blame_values(error: BaseException) -> None:
    """Raise StorageError where an archive that was opened has a value that btl did not write.

    Then that made the error, which comes wherever such a value is used; where there is none, btl is at fault.
    """
    for path in dict.fromkeys(reversed(_opened)):
        wrong = None
        with contextlib.suppress(StorageError), Archive.open_to_verify(path) as archive:
            wrong = wrong_values.first_wrong_value(archive.connection)
        if wrong:
            raise StorageError(
                f"{path} cannot be read: {wrong}, which btl does not write there. `btl verify` names what has changed;"
                " restore the archive from a copy."
            ) from error


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged schema SQLite's own message is no UTF-8
        raise named(path, error) from error


def named(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> StorageError:
    """Return the error that names the file and the next step; raise KeyboardInterrupt where that ended a query."""
    query_bounds.raise_if_interrupted(error)
    return StorageError(_explain(path, error))


_HINDRANCES = ("FULL", "BUSY", "LOCKED", "READONLY", "PERM", "CANTOPEN", "IOERR_SHM", "IOERR_WRITE", "IOERR_FSYNC")


def is_hindrance(error: BaseException | None) -> bool:
    """Return whether an error, or its cause, says nothing of the file itself: the disk is full, or the file is held."""
    cause = getattr(error, "__cause__", None)
    name: str = getattr(error, "sqlite_errorname", None) or getattr(cause, "sqlite_errorname", None) or ""
    return name.removeprefix("SQLITE_").startswith(_HINDRANCES)


def _explain(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> str:
    said = str(error)
    if query_bounds.is_ended(error):
        return f"{path} is not answered within any bound of its size: `btl verify` names what is not as btl wrote it."
    if "too big" in said:
        return f"{path} has a value that is larger than any page: `btl verify` names what is not as btl wrote it."
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


def real_path(path: Path) -> Path:
    """Return where a path leads to, all links followed."""
    return Path(os.path.realpath(path))


def _connect(path: Path, file: Path, mode: str) -> sqlite3.Connection:
    with _named(path):
        connection = sqlite3.connect(
            f"{file.as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=_BUSY_SECONDS,
            factory=_Connection,
        )
        interrupts.running.add(connection)
        # What the search index keeps beside words.
        connection.create_function("divided", 1, indexed, deterministic=True)
        is_reading = mode.startswith("ro") and file.exists()
        query_bounds.watch(connection, file.stat().st_size if is_reading else None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")  # what a schema calls may do nothing beside reading
        connection.execute("PRAGMA cell_size_check = ON")  # a damaged page is found before it is followed
        connection.execute("PRAGMA mmap_size = 0")  # a file that another program cuts must not end the process
        return connection


def reading_uri(path: Path) -> str:
    """Return the address by which SQLite attaches a file for reading only."""
    file = real_path(path)
    return f"{file.as_uri()}?mode={_reading_mode(file)}"


def _reading_mode(file: Path) -> str:
    return "ro&immutable=1" if _is_out_of_reach(file) else "ro"


def _is_out_of_reach(file: Path) -> bool:
    """Return whether SQLite could not make its -shm file here, and needs none since no log is left to be read."""
    log = file.with_name(file.name + "-wal")
    return not os.access(file.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


def _refuse_stdout(path: Path) -> None:
    """Refuse `>> ARCHIVE`: what is printed would be written into the database."""
    try:
        stdout = os.fstat(1)
    except OSError:
        return
    if identity(path) == (stdout.st_dev, stdout.st_ino):
        raise StorageError(f"Standard output is {path} itself: send it to another file.")


def _refuse_other_file(path: Path, file: Path, lock: WriterLock) -> None:
    """Refuse what is no archive before it is written to."""
    head = lock.head(len(SQLITE))
    if not head and file.name.endswith((*OF_SQLITE, LOCK, ".captures")):
        raise StorageError(f"{path} is a name of files that belong to another database: take another path.")
    if not head:
        return
    if head != SQLITE:
        raise ArchiveMismatch(f"{path} is not a SQLite database: take another path; the file was left as it is.")
    counted = count_connection(file)
    try:
        with contextlib.closing(_connect(path, file, "ro")) as connection, _named(path):
            if not _is_empty(connection):
                _check_to_write(connection, path)
    finally:
        discount_connection(counted)


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0  # type: ignore[no-any-return]


def _check(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether an archive has every migration; raise ArchiveMismatch where it is none, or a newer one."""
    identifier = connection.execute("PRAGMA application_id").fetchone()[0]
    if identifier == 0 and schema.applied(connection):
        raise ArchiveMismatch(
            f"{path} has the tables of an archive and not its mark, as a copy made by `sqlite3 .dump` has none: set it"
            f' with `sqlite3 FILE "PRAGMA application_id = {APPLICATION_ID}"`, then run `btl verify`.'
        )
    if identifier != APPLICATION_ID:
        raise ArchiveMismatch(
            f"{path} is a database, but no archive of Below the Line: take another path; it was left as it is."
        )
    applied = schema.applied(connection)
    if unknown := sorted(applied - set(MIGRATIONS)):
        raise ArchiveMismatch(
            f"{path} was written by a newer version of btl (it has {', '.join(unknown)}): upgrade belowtheline."
        )
    return applied == set(MIGRATIONS)


def _check_to_read(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ArchiveMismatch where a table or a view of ours is another one than btl makes."""
    _check(connection, path)
    _refuse_strange(path, schema.findings(connection).unreadable, "read")
    schema.trust_views(connection)


def _check_to_write(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether an archive has every migration; raise ArchiveMismatch where something of others would run."""
    is_current = _check(connection, path)
    _refuse_strange(path, schema.findings(connection).unwritable, "written to")
    return is_current


def _refuse_strange(path: Path, strange: Sequence[schema.Piece], done: str) -> None:
    """Raise ArchiveMismatch where a schema has pieces that are not as btl makes them."""
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise ArchiveMismatch(
            f"{path} is not {done}: the {strange[0]}{more} is not of btl, or not as btl makes it. `btl verify` names"
            " what differs; restore a copy, or remove what was added."
        )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    is_current = not _is_empty(connection) and _check_to_write(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # WAL with NORMAL loses acknowledged commits on power failure
    connection.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: fewer, larger checkpoints while a crawl runs
    if not is_current:
        from sqlite_utils import Database

        from belowtheline.archive.store.migrations import migrations

        # The id comes first: a kill between the two leaves a file that the next start still takes for its own.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection))
        _check_to_write(connection, path)
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # the log of it is used again
