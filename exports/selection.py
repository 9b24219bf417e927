"""Which comments an export holds, read in thread order from one snapshot of the archive."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, TypeVar

from belowtheline.archive.queries.holdings import HeldThread, find_thread
from belowtheline.archive.queries.spelling import alike
from belowtheline.archive.store.database import Archive, named
from belowtheline.archive.store.query_bounds import is_ended
from belowtheline.exports.expressions import Budget, check_alone, compile_both, guarded
from belowtheline.reading.errors import BelowTheLineError, WrongUsage

T = TypeVar("T")
VIEW = "comments_flat"
"""The view that every export is made of; its columns, in its order, are the fields of a row."""

Row = tuple[Any, ...]
Scope = tuple[str, ...]
"""The first one or three of `_SCOPE`: a site, or a thread by its identity."""
FindThread = Callable[[Archive, str], HeldThread]
"""Returns the one thread that goes by a name; raises BelowTheLineError where it is none or several."""

_SCOPE = ("site", "instance", "thread")
_COLUMNS = "SELECT * FROM pragma_table_info(?)"
_CHUNK = 100  # rows held at once: bodies may have 100 kB each
_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_STORAGE_CODES = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL}
    | {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY}
)


class BadSelection(WrongUsage):
    """A filter names what the archive does not hold, or is no expression; raised before anything is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was asked for; with nothing given, every comment."""

    threads: tuple[str, ...] = ()
    """Threads, each as `btl show` takes it: by native id, by address, by a part of the title."""
    site: str | None = None
    """Name of the one site."""
    author: str | None = None
    """Name as displayed, whatever its case, its blanks and its Unicode form."""
    since: str | None = None
    """Earliest published_at, as `time_bound` gives it."""
    until: str | None = None
    """First published_at too late."""
    where: str | None = None
    """An SQL expression over the view's columns."""

    @property
    def takes_whole_threads(self) -> bool:
        """Whether no filter looks at single comments, so that an empty thread belongs to the result."""
        return self.author is self.since is self.until is self.where is None


def time_bound(text: str) -> str:
    """Return the beginning of a year, month or day, or a time in UTC, in the form that sorts with published_at.

    Raise ValueError for anything else. A time without a zone is UTC.

    >>> time_bound("2009-07"), time_bound("2009-07-18T10:35+01:00")
    ('2009-07', '2009-07-18T09:35:00')
    """
    period = _PERIOD.fullmatch(text)
    if period:
        date(*(int(part or 1) for part in period.groups()))
        return text
    when = datetime.fromisoformat(text)
    try:
        when = when.astimezone(UTC) if when.tzinfo else when
    except OverflowError as error:
        raise ValueError(f"{text} is outside of the calendar") from error
    return when.replace(tzinfo=None).isoformat()  # no Z: a time with a fraction of that second sorts before its Z


class Snapshot:
    """One state of an archive open for reading, of which a selection takes some threads; counted as it is read."""

    view = VIEW
    """The view whose rows are written."""

    def __init__(self, archive: Archive, selection: Selection, find: FindThread = find_thread) -> None:
        self.archive = archive
        self.selection = selection
        self.count = 0
        self.progress: Callable[[int], object] | None = None
        self._budget: Budget | None = None
        archive.query("BEGIN")  # ended by closing the archive: what is written meanwhile is not in this export
        archive.connection.create_function("alike", 1, _alike, deterministic=True)
        self.columns: Mapping[str, str] = {name: kind for _, name, kind, *_ in archive.query(_COLUMNS, (self.view,))}
        self.scopes = _scopes(archive, selection, find)
        self._taken = frozenset(self.scopes)

    def read(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of another query, in the same snapshot."""
        return chain.from_iterable(self._chunks(sql, values))

    def total(self) -> int:
        """Return how many rows there are to come."""
        raise NotImplementedError

    def takes(self, site: str, instance: str, thread: str) -> bool:
        """Return whether the selection's threads include this one."""
        return (site,) in self._taken or (site, instance, thread) in self._taken

    def counted(self, sql: str, values: Sequence[Any]) -> Iterator[Row]:
        """Yield the rows of a query that are written, and count them."""
        for chunk in self._chunks(sql, values):
            yield from chunk
            self.count += len(chunk)
            if self.progress:
                self.progress(len(chunk))

    def _chunks(self, sql: str, values: Sequence[Any]) -> Iterator[list[Row]]:
        cursor = self._guarded(lambda: self.archive.connection.execute(sql, values))
        while chunk := self._guarded(lambda: cursor.fetchmany(_CHUNK)):
            yield chunk

    def _guarded(self, step: Callable[[], T]) -> T:
        if self._budget is not None:
            self._budget.renew()
        try:
            return step()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.Error) -> BelowTheLineError:
        """Tell an expression that fails on some row from an archive that cannot be read."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if self._budget is not None and code == sqlite3.SQLITE_INTERRUPT:
            if not self._budget.is_spent:
                raise KeyboardInterrupt from error  # it came while the budget was looked at, where SQLite swallows it
            return _too_costly(self._budget)
        if self.selection.where is not None and not is_ended(error) and code not in _STORAGE_CODES:
            return _bad_expression(self.selection.where, error)
        return named(self.archive.path, error)


class SelectedComments(Snapshot):
    """The comments that a selection takes, in thread order."""

    def __init__(self, archive: Archive, selection: Selection, find: FindThread = find_thread) -> None:
        super().__init__(archive, selection, find)
        self._condition, self._values = _condition(selection)
        if selection.where is not None:
            self._check(selection.where)
            (comments,) = archive.query("SELECT count(*) FROM comments").fetchone()
            self._budget = Budget(archive.connection, comments)

    def rows(self) -> Iterator[Row]:
        """Yield whole rows of the view, in the order of site, instance, thread and position."""
        for scope in self.scopes:
            yield from self.rows_of(scope, tuple(self.columns))

    def rows_of(self, scope: Scope, names: Sequence[str]) -> Iterator[Row]:
        """Yield these columns of one site's or one thread's comments, in thread order."""
        return self.counted(self.statement(scope, names), (*scope, *self._values))

    def total(self) -> int:
        """Return how many comments there are to come."""
        return sum(self._count(scope) for scope in self.scopes)

    def statement(self, scope: Scope, names: Sequence[str]) -> str:
        """Return the SELECT behind `rows_of`."""
        order = ", ".join((*_SCOPE[len(scope) :], "position"))
        return f"SELECT {', '.join(names)} FROM {VIEW} WHERE {self._within(scope)} ORDER BY {order}"  # noqa: S608

    def _within(self, scope: Scope) -> str:
        # In a CASE no term of the filters can lead the planner away from the index that gives the order.
        filters = f" AND CASE WHEN {self._condition} THEN 1 END" if self._condition else ""
        return " AND ".join(f"{name} = ?" for name in _SCOPE[: len(scope)]) + filters

    def _count(self, scope: Scope) -> int:
        sql = f"SELECT count(*) FROM {VIEW} WHERE {self._within(scope)}"  # noqa: S608
        return int(next(self.read(sql, (*scope, *self._values)))[0])

    def _check(self, where: str) -> None:
        """Raise BadSelection unless the text is one expression that reads the view and nothing else."""
        connection = self.archive.connection
        try:
            check_alone(where, VIEW, self.columns)
            with guarded(connection, _read_by_the_view(connection)):
                compile_both(connection, where, VIEW, self.statement(("",), tuple(self.columns)), ("", *self._values))
        except (sqlite3.Error, sqlite3.Warning) as error:  # Warning: Python 3.11 has it for a second statement
            raise _bad_expression(where, error) from error


def _alike(text: str | None) -> str | None:
    return None if text is None else alike(text)


def _bad_expression(where: str, error: Exception) -> BadSelection:
    return BadSelection(
        f"--where {where!r} cannot be used ({error}): write one SQL expression over the columns of {VIEW}, such as "
        "\"upvotes > 10 AND icon = 'Pint'\"; the header of `btl export csv`, `btl browse` and the docs name them."
    )


def _too_costly(budget: Budget) -> BadSelection:
    return BadSelection(
        f"--where was ended, since no row came within {budget.limit:,} steps of SQLite or {budget.seconds:.0f} seconds:"
        " make the expression simpler, or narrow the export with --thread, --site, --since or --until."
    )


def _condition(selection: Selection) -> tuple[str, tuple[str, ...]]:
    """Return the filters that look at single comments, as SQL and its values."""
    terms = {
        "alike(author) = ?": _alike(selection.author),
        "published_at >= ?": selection.since,
        "published_at < ?": selection.until,
    }
    given = {term: value for term, value in terms.items() if value is not None}
    where = [f"(\n{selection.where}\n)"] if selection.where is not None else []
    return " AND ".join([*given, *where]), tuple(given.values())


def _scopes(archive: Archive, selection: Selection, find: FindThread) -> list[Scope]:
    """Return the sites or threads that the selection takes, in order; raise BadSelection for one not held."""
    site = selection.site
    held = [name for (name,) in archive.query("SELECT name FROM sites ORDER BY name")]
    if site is not None and site not in held:
        raise BadSelection(f"{archive.path} holds no site called {site!r}: `btl status {archive.path}` names them.")
    if not selection.threads:
        return [(name,) for name in held if site in (None, name)]
    chosen = {_identity(find(archive, given)) for given in selection.threads}
    elsewhere = sorted(thread for of_site, _, thread in chosen if site not in (None, of_site))
    if elsewhere:
        raise BadSelection(f"--thread {elsewhere[0]!r} is not of --site {site!r}: leave out one of the two.")
    return sorted(chosen)


def _identity(thread: HeldThread) -> tuple[str, str, str]:
    return thread.site, thread.instance, thread.native_id


def _read_by_the_view(connection: sqlite3.Connection) -> Callable[[str | None, str | None, str | None], bool]:
    """Return which table and column may be read, through which view: what the view itself reads."""
    beneath: set[tuple[str | None, str | None]] = set()

    def learn(action: int, name: str | None, column: str | None, _: str | None, through: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            beneath.add((name, column))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(learn)
    try:
        connection.execute(f"EXPLAIN SELECT * FROM {VIEW}").close()  # noqa: S608
        connection.execute(f"EXPLAIN SELECT 1 FROM {VIEW}").close()  # noqa: S608
    finally:
        connection.set_authorizer(None)

    def may_read(name: str | None, column: str | None, through: str | None) -> bool:
        # No column is how SQLite asks for a joined table of which nothing is used; `check_alone` has seen to it that
        # the expression names no table itself.
        return name == VIEW or ((through == VIEW or not column) and (name, column) in beneath)

    return may_read
