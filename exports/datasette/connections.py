"""Connections of Datasette to an archive."""

import sqlite3
from typing import Final

from belowtheline.archive.search.user_queries import literal
from belowtheline.exports.datasette.hooks import hookimpl

_LONGEST: Final = 64 * 1024 * 1024  # twice the largest page; a view of a received archive can make gigabytes of nothing


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Let search boxes read words as `btl search` does, and bound the length of a value."""
    conn.create_function("escape_fts", 1, literal, deterministic=True)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
