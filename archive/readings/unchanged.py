"""A page asked for again: what its server is asked with, and what it says that nothing has changed.

All of it rests on the newest time the same request was answered. It counts only while every comment that this answer
showed was last seen by it: where another capture has shown them since, the page is asked for and read in full.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from belowtheline.archive.record import seen
from belowtheline.archive.store import rows
from belowtheline.reading.items import ThreadPage

NOT_MODIFIED = "not modified"
"""Reason of a page whose server says (304) that it is as it was."""
SAME = "unchanged"
"""Reason of a page that was sent again and shows what it showed."""
NOT_ASKED = "not asked"
"""Reason of a page that an update leaves out as long as another page of its thread shows no change."""
NOT_LISTED = "not listed"
"""Reason of a page that an update leaves out, since the page that led to it has changed and leads elsewhere."""

_WEAKEST = timedelta(seconds=60)  # RFC 9110, 8.8.2.2: a page may change twice within the second it is dated by


@dataclass(frozen=True, slots=True)
class Validators:
    """What to ask with for changes only, and the one address whose answer they are from."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page as it was last read: what it said of itself, and when and by which bytes."""

    thread_id: int
    seen_at: str | None
    bytes_id: int
    """Capture that holds its bytes."""
    page_id: int
    """Its row in `pages`."""
    says: Mapping[str, Any]
    """Columns of `pages` that stand as long as the page does."""


_SAYS = (
    "form",
    "page_number",
    "page_count",
    "is_whole",
    "is_cut",
    "is_enumerated",
    "declared",
    "comments",
    "disagreements",
    "charset",
    "charset_label",
    "shares",
    "stated",
    "stated_least",
    "part_of",
    "left_out",
    "empty_proof",
    "elsewhere",
)
_COMPARED = ("form", "page_number", "page_count", "is_whole", "is_cut", "is_enumerated", "declared", "comments")

_KNOWN = f"""
    SELECT earlier.thread_id, k.fetched_at, coalesce(b.same_as_id, b.capture_id), b.id,
        {", ".join(f"b.{name}" for name in _SAYS)}
    FROM pages p JOIN readings r ON r.id = p.reading_id JOIN readings repeated ON repeated.id = r.repeats_id
    JOIN readings earlier ON earlier.thread_id = coalesce(r.thread_id, repeated.thread_id)
    JOIN pages b ON b.reading_id = earlier.id AND b.method = p.method AND b.url = p.url AND b.body = p.body
    JOIN captures k ON k.id = b.capture_id
    WHERE p.id = ? AND b.id <> p.id AND b.state = 'done' AND b.form IS NOT NULL
    ORDER BY earlier.id DESC LIMIT 1"""  # noqa: S608 - constants


def known_page(connection: sqlite3.Connection, page_id: int) -> KnownPage | None:
    """Return the page of an update as it was last read; None where it is new, or its reading asks for everything."""
    row = connection.execute(_KNOWN, (page_id,)).fetchone()
    if row is None:
        return None
    thread_id, seen_at, bytes_id, known_id, *values = row
    return KnownPage(thread_id, seen_at, bytes_id, known_id, dict(zip(_SAYS, values, strict=True)))


def validators(connection: sqlite3.Connection, page_id: int) -> Validators | None:
    """Return what a page can be asked for its changes with; None where it must be read in full."""
    known = known_page(connection, page_id)
    if known is None or not _stands(connection, known):
        return None
    capture = rows.fetch(connection, "captures", known.bytes_id)
    if capture["method"] != "GET":
        return None  # RFC 9110, 13.1.2: the answer to a POST would be a refusal
    headers = {"If-None-Match": capture["etag"]} if capture["etag"] else {}
    if capture["last_modified"] and _is_strong(capture["last_modified"], capture["fetched_at"]):
        headers["If-Modified-Since"] = capture["last_modified"]
    return Validators(capture["url"], headers) if headers else None


def _is_strong(last_modified: str, fetched_at: str) -> bool:
    try:
        when = parsedate_to_datetime(last_modified)
        return datetime.fromisoformat(fetched_at) - when >= _WEAKEST
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return False


def _stands(connection: sqlite3.Connection, known: KnownPage) -> bool:
    """Return whether just the comments that a page showed were last seen by it, and none of them since."""
    count = known.says["comments"] or 0
    if known.says["is_cut"]:
        return False
    (all_seen_at,) = connection.execute("SELECT all_seen_at FROM threads WHERE id = ?", (known.thread_id,)).fetchone()
    if all_seen_at is not None and all_seen_at == known.seen_at:
        return bool(connection.execute(_HOLDS_JUST, (known.thread_id, count)).fetchone()[0])
    of_page = (known.thread_id, known.page_id, known.says["page_number"], known.seen_at)
    shown, since = connection.execute(_OF_PAGE, of_page).fetchone()
    return bool(shown == count and not since)


# Of a long thread a page shows a part: no more of it is counted than tells that it does.
_HOLDS_JUST = "SELECT count(*) = ?2 FROM (SELECT 1 FROM comments WHERE thread_id = ?1 LIMIT ?2 + 1)"
# By their own rows, which the signs + say: a thread may have many more than its page.
# Comments that no page of ours is known to have shown are those of an older btl.
_SHOWN_BY = """
    SELECT id FROM comments WHERE page_id = ?2
    UNION ALL SELECT id FROM comments WHERE thread_id = ?1 AND page_id IS NULL AND page_number IS ?3"""
_OF_PAGE = f"""
    SELECT count(*) FILTER (WHERE at = ?4), count(*) FILTER (WHERE at > ?4) FROM (
        SELECT max(c.last_seen_at, coalesce(t.all_seen_at, '')) AS at
        FROM comments c JOIN threads t ON t.id = c.thread_id
        WHERE +c.thread_id = ?1 AND c.id IN ({_SHOWN_BY}))"""  # noqa: S608 - constants


def note_not_modified(connection: sqlite3.Connection, page_id: int, capture_id: int) -> bool:
    """End a page whose server says that it is as it was, with all it said then; False where it must be read in full."""
    known = known_page(connection, page_id)
    if known is None or not _stands(connection, known):
        return False
    time = rows.fetch(connection, "captures", capture_id)["fetched_at"]
    if time and time > (known.seen_at or ""):
        _see_again(connection, known, time, page_id)
    ended = {"state": "done", "reason": NOT_MODIFIED, "detail": None, "not_before": None}
    same = {"capture_id": capture_id, "same_as_id": known.bytes_id}
    rows.update(connection, "pages", page_id, {**known.says, **ended, **same})
    of_reading = "id = (SELECT reading_id FROM pages WHERE id = ?)"
    sql = f"UPDATE readings SET thread_id = ? WHERE {of_reading} AND thread_id IS NULL"  # noqa: S608 - constants
    connection.execute(sql, (known.thread_id, page_id))
    return True


def _see_again(connection: sqlite3.Connection, known: KnownPage, time: str, page_id: int) -> None:
    """Note that all a page showed was shown again."""
    connection.execute(
        "UPDATE threads SET last_seen_at = ? WHERE id = ? AND last_seen_at = ?", (time, known.thread_id, known.seen_at)
    )
    if seen.is_whole_thread(connection, known.thread_id, known.says["comments"] or 0, time):
        seen.note_all(connection, known.thread_id, time)
        return
    seen.settle(connection, known.thread_id)
    connection.execute(
        f"UPDATE comments SET last_seen_at = ?5, page_id = ?6 WHERE id IN ({_SHOWN_BY})"  # noqa: S608 - constants
        " AND +thread_id = ?1 AND last_seen_at = ?4",
        (known.thread_id, known.page_id, known.says["page_number"], known.seen_at, time, page_id),
    )


class Watch:
    """Watches whether a page of an update, while it is recorded, shows anything but what it showed before."""

    def __init__(self, connection: sqlite3.Connection, page_id: int) -> None:
        self._connection = connection
        self._known = known_page(connection, page_id)
        self._before = self._counts()

    def is_same(self, pages: Sequence[ThreadPage], said: Mapping[str, Any], has_changes: bool) -> bool:
        """Return whether the page, now recorded, shows what it showed; `said` are its columns in `pages`."""
        if self._known is None or has_changes or len(pages) != 1 or self._before != self._counts():
            return False
        return all(said.get(name) == self._known.says[name] for name in _COMPARED)

    def _counts(self) -> tuple[Any, ...] | None:
        """Return what a thread says and holds beside its comments: its declared count, and its stubs."""
        if self._known is None:
            return None
        sql = """
            SELECT t.declared_count, count(s.id), sum(s.count)
            FROM threads t LEFT JOIN stubs s ON s.thread_id = t.id AND s.comment_id IS NULL WHERE t.id = ?"""
        row: tuple[Any, ...] = self._connection.execute(sql, (self._known.thread_id,)).fetchone()
        return row
