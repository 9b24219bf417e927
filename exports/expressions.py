"""What an expression of the user may read, and how much work it may cause."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Final

TABLE_FUNCTIONS: Final = ("json_each", "json_tree")
"""What may stand after FROM beside the view itself."""

_FUNCTIONS = """
    -> ->> abs acos acosh alike asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos cosh
    count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp first_value floor
    format glob group_concat hex if ifnull iif instr json json_array json_array_length json_error_position json_extract
    json_group_array json_group_object json_insert json_object json_patch json_pretty json_quote json_remove
    json_replace json_set json_type json_valid julianday lag last_value lead length like likelihood likely ln log log10
    log2 lower ltrim max min mod nth_value ntile nullif octet_length percent_rank pi pow power printf quote radians
    random rank replace round row_number rtrim sign sin sinh soundex sqlite_version sqrt strftime string_agg substr
    substring sum tan tanh time timediff total trim trunc typeof unhex unicode unixepoch unlikely upper"""
FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
"""Functions of a value alone: none reads a table, and none makes a value of any size out of nothing."""

LONGEST: Final = 16 << 20
"""Bytes of a value at most: no comment has so many, and a page twice as many."""

_STEPS: Final = 200_000_000
_STEPS_A_COMMENT: Final = 100_000
_SECONDS: Final = 60.0
_SECONDS_A_COMMENT: Final = 0.005  # twice the time of so many ordinary steps
_EVERY = 200  # steps of SQLite's machine between two looks: those on values of 16 MB are slow

# What SQLite takes for one token; in quotes and comments no word counts.
_TOKEN = re.compile(
    r"""'(?:[^']|'')*(?:'|\Z)|"(?:[^"]|"")*(?:"|\Z)|`(?:[^`]|``)*(?:`|\Z)|\[[^\]]*(?:\]|\Z)"""
    r"""|--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<word>[\w$]+)|.""",
    re.DOTALL,
)


class Budget:
    """Ends a statement that takes more steps or time than an honest one would without giving rows."""

    def __init__(self, connection: sqlite3.Connection, comments: int) -> None:
        self.limit = _STEPS + _STEPS_A_COMMENT * comments
        """Steps of SQLite's machine from one bunch of rows to the next."""
        self.seconds = _SECONDS + _SECONDS_A_COMMENT * comments
        """Processor time, for steps that are long ones."""
        self.is_spent = False
        """Whether the statement was ended."""
        self.renew()
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.set_progress_handler(self._count, _EVERY)

    def renew(self) -> None:
        """Begin to count anew, since rows have come."""
        self._steps, self._began = 0, time.process_time()

    def _count(self) -> bool:
        self._steps += _EVERY
        self.is_spent = self._steps > self.limit or time.process_time() - self._began > self.seconds
        return self.is_spent


def check_alone(where: str, view: str, columns: Mapping[str, str]) -> None:
    """Raise sqlite3.Error unless an expression is about the columns of a view, and of nothing that is not in it.

    It is compiled where there is only one table, of the name and the columns of the view: no other can be named, not
    even by what reads no column of it.
    """
    if any((token["word"] or "").lower() == "with" for token in _TOKEN.finditer(where)):
        raise sqlite3.OperationalError("WITH is not supported: use a subquery")
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.create_function("alike", 1, str, deterministic=True)
        names = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns.items())
        empty.execute(f"CREATE TABLE {_quoted(view)} ({names})")
        with guarded(empty, lambda name, column, through: name == view):
            compile_both(empty, where, view, f"SELECT 1 FROM {view} WHERE (\n{where}\n)")  # noqa: S608 - checked here


def compile_both(
    connection: sqlite3.Connection, where: str, view: str, framed: str, values: tuple[str, ...] = ()
) -> None:
    """Compile an expression in two frames: what leaves the one by its own brackets or words breaks the other."""
    connection.execute(f"EXPLAIN {framed}", values).close()
    connection.execute(f"EXPLAIN SELECT CASE WHEN\n{where}\nTHEN 1 END FROM {view}").close()  # noqa: S608


@contextlib.contextmanager
def guarded(
    connection: sqlite3.Connection, may_read: Callable[[str | None, str | None, str | None], bool]
) -> Iterator[None]:
    """Let statements prepared in the block read what is allowed, by functions that are, and do nothing else.

    `may_read` is asked with a table, a column and the view that reads it.
    """

    def guard(action: int, name: str | None, column: str | None, _: str | None, through: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            is_fine = name in TABLE_FUNCTIONS or may_read(name, column, through)
        elif action == sqlite3.SQLITE_FUNCTION:
            is_fine = (column or "").lower() in FUNCTIONS
        else:
            is_fine = action == sqlite3.SQLITE_SELECT
        return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY

    for function in TABLE_FUNCTIONS:  # their first use declares a table, which the guard would refuse
        connection.execute(f"EXPLAIN SELECT 1 FROM {function}('[]')").close()  # noqa: S608
    connection.set_authorizer(guard)
    try:
        yield
    finally:
        connection.set_authorizer(None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
