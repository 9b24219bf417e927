"""Articles: which row a page's article belongs to, and what the page adds to it.

A page that shows the article's text outranks those that only name it: what it says of the article stays, and pages of
threads only fill what it leaves out.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from belowtheline.archive.links import keeping
from belowtheline.archive.record.alignment import letters
from belowtheline.archive.record.merging import Times, Values, merge
from belowtheline.archive.store import rows
from belowtheline.reading.items import NOT_SHOWN, Article, shown

_UNITS = {name: (name,) for name in ("url", "headline", "teaser", "body_text", "published_at", "published_raw")}
_QUOTED = ("headline", "teaser", "body_text")
_NEVER = "~"

Owner = tuple[int, str | None]
"""Site and instance of the thread whose page speaks of an article; the latter is None where a page only leads to it."""


def record_article(
    connection: sqlite3.Connection,
    article: Article,
    seen: tuple[str | None, int],
    owner: Owner,
    thread_id: int | None,
) -> int | None:
    """Record what a page shows of an article and return its row; None where it shows nothing of one.

    `seen` is when the page was fetched, and its capture. The article is that of the thread, else that of its address
    among those that threads of the same instance stand under: of an article on another host anybody may say anything.
    """
    values: Values = {unit: (value,) for unit in _UNITS if (value := getattr(article, unit)) is not NOT_SHOWN}
    if not values:
        return None
    url = shown(article.url)
    keys = _keys(url, owner) if url else (_NEVER + letters(shown(article.headline)) + f" {owner[0]}",)
    row_id = _article_of(connection, thread_id, owner) or (_known(connection, keys, owner) if url else None)
    if row_id is None:
        return _insert(connection, values, seen, {"key": _free(connection, keys), "site_id": owner[0]})
    row = rows.fetch(connection, "articles", row_id)
    changes = _merged(row, values, seen)
    if url and row["key"].startswith(_NEVER) and _free(connection, keys) == url:
        changes["key"] = url
    rows.update(connection, "articles", row_id, changes)
    if not changes.keys().isdisjoint(_QUOTED):
        _note_change(connection, row_id)
    return row_id


def _keys(url: str, owner: Owner) -> tuple[str, ...]:
    """Return the keys that an article of this address may have: the address, and where it is another's, with whose."""
    site, instance = owner
    return (url, *(f"{url} {json.dumps([site, name])}" for name in dict.fromkeys((instance, None))))


def _article_of(connection: sqlite3.Connection, thread_id: int | None, owner: Owner) -> int | None:
    row = connection.execute("SELECT article_id FROM threads WHERE id = ?", (thread_id,)).fetchone()
    return row[0] if row and row[0] is not None and _is_of(connection, row[0], owner) else None


def _known(connection: sqlite3.Connection, keys: Iterable[str], owner: Owner) -> int | None:
    sql = "SELECT id FROM articles WHERE key = ? AND site_id = ?"
    found = (connection.execute(sql, (key, owner[0])).fetchone() for key in keys)
    return next((row[0] for row in found if row and _is_of(connection, row[0], owner)), None)


def _is_of(connection: sqlite3.Connection, article_id: int, owner: Owner) -> bool:
    """Return whether no thread of another site or instance stands under an article."""
    sql = "SELECT 1 FROM threads WHERE article_id = ?1 AND (site_id <> ?2 OR instance <> ?3) LIMIT 1"
    return connection.execute(sql, (article_id, *owner)).fetchone() is None


def _free(connection: sqlite3.Connection, keys: Sequence[str]) -> str:
    """Return the first of some keys that no article has, or one made of the last."""
    sql = "SELECT 1 FROM articles WHERE key = ?"
    free = next((key for key in keys if connection.execute(sql, (key,)).fetchone() is None), None)
    (count,) = connection.execute("SELECT count(*) FROM articles").fetchone() if free is None else (0,)
    return free or f"{keys[-1]} {count}"


def _insert(
    connection: sqlite3.Connection, values: Values, seen: tuple[str | None, int], columns: dict[str, Any]
) -> int:
    time, capture_id = seen
    columns |= {unit: value[0] for unit, value in values.items()}
    columns |= {"last_seen_at": time, "field_times": Times.of_new(_UNITS, values, time or "").encoded(time)}
    return rows.insert(connection, "articles", columns | {"capture_id": capture_id if _has_text(values) else None})


def _merged(row: dict[str, Any], values: Values, seen: tuple[str | None, int]) -> dict[str, Any]:
    """Return the columns of a held article that a page changes."""
    time, capture_id = seen
    is_first = row["capture_id"] is None
    if _has_text(values):
        changes = merge(_UNITS, row, values, time or "", forced=tuple(values) if is_first else ())
        return changes | ({"capture_id": capture_id} if is_first or "body_text" in changes else {})
    if not is_first:
        values = {unit: value for unit, value in values.items() if row[unit] is None}
    return merge(_UNITS, row, values, time or "")


def _has_text(values: Values) -> bool:
    return values.get("body_text", (None,))[0] is not None


def _note_change(connection: sqlite3.Connection, article_id: int) -> None:
    for (thread_id,) in connection.execute("SELECT id FROM threads WHERE article_id = ?", (article_id,)).fetchall():
        keeping.note_change(connection, thread_id)
