"""Rows that comments point at: sites, authors and icons, one for each natural key."""

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from belowtheline.reading.documents import as_document
from belowtheline.reading.items import NOT_SHOWN, Author, Icon, Mark, shown


def site_id(connection: sqlite3.Connection, name: str) -> int:
    """Return the row of a site, made when it is new."""
    connection.execute("INSERT INTO sites (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    return int(connection.execute("SELECT id FROM sites WHERE name = ?", (name,)).fetchone()[0])


def author_key(author: Author, site: str, instance: str, thread_id: int, comment_id: str) -> str:
    """Return an author's natural key: accounts by id or name, guests by thread and name, the nameless by comment.

    Of whom the page shows neither an account nor that there is none is told apart as a guest is, by thread and name.
    """
    native_id = shown(author.native_id)
    if author.kind == "account" and (native_id or author.name):
        return f"account {_place(site, instance)} {'id ' + native_id if native_id else f'name {author.name}'}"
    if author.kind in ("guest", None) and author.name:
        # An opener has no thread yet: guests of one name who open two threads are two.
        opened = "" if thread_id else f"{comment_id} "
        return f"{author.kind or 'named'} {thread_id} {opened}{author.name}"
    kind = author.kind if author.kind in ("anonymous", "deleted") else "nameless"
    return f"{kind} {thread_id} {comment_id}"


@lru_cache(maxsize=256)
def _place(site: str, instance: str) -> str:
    return json.dumps([site, instance])[1:-1]


def author_ids(
    connection: sqlite3.Connection, authors: dict[str, Author], site: tuple[int, str], seen_at: str | None
) -> dict[str, int]:
    """Return the row of each author by key, made when new; a newer capture's name, page and picture replace the old."""
    columns = "id, key, name, profile_url, image_url, marks, seen_at"
    held = {row[1]: row for row in _held(connection, "authors", columns, authors)}
    rows, changes, gaps = [], [], []
    for key, author in authors.items():
        row = held.get(key)
        marks = marks_text(author.marks) if author.marks is not NOT_SHOWN else row and row[5]
        values = (author.name, shown(author.profile_url), shown(author.image_url), marks)
        if row is None:
            rows.append((key, site[0], site[1], shown(author.native_id), author.kind, *values, seen_at))
        elif row[2:6] == values:
            continue
        elif (seen_at or "") > _seen_at(connection, row):
            changes.append((*values, seen_at, row[0]))
        elif any(old is None and new is not None for old, new in zip(row[3:6], values[1:], strict=True)):
            gaps.append((*values[1:], row[0]))
    connection.executemany(
        "INSERT INTO authors (key, site_id, instance, native_id, kind, name, profile_url, image_url, marks, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    connection.executemany(
        "UPDATE authors SET name = ?, profile_url = coalesce(?, profile_url), image_url = coalesce(?, image_url),"
        " marks = ?, seen_at = ? WHERE id = ?",
        changes,
    )
    connection.executemany(
        "UPDATE authors SET profile_url = coalesce(profile_url, ?), image_url = coalesce(image_url, ?),"
        " marks = coalesce(marks, ?) WHERE id = ?",
        gaps,
    )
    if not rows:
        return {key: row[0] for key, row in held.items()}
    return {row[1]: row[0] for row in _held(connection, "authors", "id, key", authors)}


def _seen_at(connection: sqlite3.Connection, row: tuple[Any, ...]) -> str:
    """Return when an author was last shown by the held name; a row is not written each time it is seen unchanged."""
    sql = "SELECT max(last_seen_at) FROM comments WHERE author_id = ? AND author_name IS ?"
    (seen,) = connection.execute(sql, (row[0], row[2])).fetchone()
    return max(row[6] or "", seen or "")


def _held(connection: sqlite3.Connection, table: str, columns: str, keys: Iterable[str]) -> list[Any]:
    sql = f"SELECT {columns} FROM {table} WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants of this module
    return connection.execute(sql, (json.dumps(list(keys)),)).fetchall()


def marks_text(marks: tuple[Mark, ...]) -> str | None:
    """Return marks as JSON; NULL where there are none."""
    return json.dumps(as_document(marks), ensure_ascii=False) if marks else None


def forget_placeholders(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Remove guests and anonymous rows that stood for a comment until a fuller page named its author."""
    connection.executemany(
        "DELETE FROM authors WHERE id = ? AND native_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.author_id = authors.id)"
        " AND NOT EXISTS (SELECT 1 FROM threads t WHERE t.author_id = authors.id)",
        [(row,) for row in ids],
    )


def icon_key(icon: Icon, instance: str) -> str:
    """Return an icon's key on its site: its name, or the file name where it has none, and its instance if any."""
    key = icon.name or "file " + urlsplit(shown(icon.image_url) or "").path.rsplit("/", 1)[-1]
    return f"{key} at {instance}" if instance else key


def icon_ids(connection: sqlite3.Connection, icons: dict[str, Icon], site: int) -> dict[str, int]:
    """Return the row of each icon by key, made when new; of several addresses the first in their own order is kept."""
    if not icons:
        return {}
    rows = [(site, key, icon.name, shown(icon.image_url)) for key, icon in icons.items()]
    sql = "SELECT key, id, image_url FROM icons WHERE site_id = ? AND key IN (SELECT value FROM json_each(?))"
    keys = json.dumps(list(icons))
    held = {key: (row, url) for key, row, url in connection.execute(sql, (site, keys))}
    missing = [row for row in rows if row[1] not in held or _is_first(row[3], held[row[1]][1])]
    if missing:
        connection.executemany(
            "INSERT INTO icons (site_id, key, name, image_url) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET image_url = excluded.image_url",
            missing,
        )
        return {key: row for key, row, _ in connection.execute(sql, (site, keys))}
    return {key: row for key, (row, _) in held.items()}


def _is_first(url: str | None, held: str | None) -> bool:
    # The same picture lies at several addresses, and which page came first must not matter.
    return url is not None and (held is None or url < held)
