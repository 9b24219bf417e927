"""One row at a time; table and column names come from this package, never from a page."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any


def insert(connection: sqlite3.Connection, table: str, columns: dict[str, Any]) -> int:
    """Insert one row and return its id."""
    names = ", ".join(columns)
    places = ", ".join("?" * len(columns))
    cursor = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(columns.values()))  # noqa: S608
    return int(cursor.lastrowid or 0)


def fetch(connection: sqlite3.Connection, table: str, row_id: int) -> dict[str, Any]:
    """Return one row by its id, as columns and values."""
    cursor = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,))  # noqa: S608
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def fetch_all(connection: sqlite3.Connection, table: str, row_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return rows by their ids."""
    sql = f"SELECT * FROM {table} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
    cursor = connection.execute(sql, (json.dumps(row_ids),))
    names = [column[0] for column in cursor.description]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor}


def update(connection: sqlite3.Connection, table: str, row_id: int, changes: dict[str, Any]) -> None:
    """Change the named columns of one row; no columns, no statement."""
    if changes:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", (*changes.values(), row_id))  # noqa: S608
