"""Bounds of every query: Ctrl-C ends it, and so does a number of steps that no honest archive of its size takes.

Python looks at signals between its own instructions only, and one call of SQLite is none of them. So SQLite calls back
after so many steps: there the signal is seen, the exception ends the query, and Python turns it into an error of SQLite
that `raise_if_interrupted` turns back.
"""

import sqlite3
from typing import Final

_STEPS: Final = 100_000  # about a millisecond
_LEAST: Final = 2_000_000_000
_PER_BYTE: Final = 200
"""Steps that an archive may take for each of its bytes; exports and verifications take less than one."""
_LONGEST: Final = 268_435_456
"""Bytes that a value may have: more than a page's can become as text and markup, and less than memory holds."""


class _Bound:
    """Counts steps, and ends what takes more than it may."""

    is_over = False
    """Whether any query of this process was ended for its length."""

    def __init__(self, most: int | None) -> None:
        self._left = None if most is None else most // _STEPS

    def __call__(self) -> bool:
        """Return whether the query is to end."""
        if self._left is None:
            return False
        self._left -= 1
        if self._left < 0:
            _Bound.is_over = True
        return self._left < 0


def watch(connection: sqlite3.Connection, size: int | None) -> None:
    """Let Ctrl-C end the queries of a connection, and bound them for a file of a size; None is without a bound."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.set_progress_handler(_Bound(None if size is None else _LEAST + _PER_BYTE * size), _STEPS)


def is_ended(error: BaseException) -> bool:
    """Return whether a query was ended before its end."""
    return getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT"


def raise_if_interrupted(error: BaseException) -> None:
    """Raise KeyboardInterrupt where that ended a query."""
    if is_ended(error) and not _Bound.is_over:
        raise KeyboardInterrupt from error
