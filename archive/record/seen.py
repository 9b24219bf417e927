"""When comments were last seen: a page that shows a whole thread unchanged says so once, at the thread.

Writing it at each comment would rewrite a row of kilobytes to say that nothing happened; what is said at the thread is
written into its comments as soon as anything else is to be recorded of them.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from operator import attrgetter

from belowtheline.archive.record.identity import Held
from belowtheline.reading.items import Author, Comment, Icon, ThreadPage

_META = attrgetter(
    "native_id", "position", "parent_native_id", "parent_position", "parent_url", "depth", "published_at",
    "published_raw", "edited_at", "edited_raw", "is_edited", "deletion", "upvotes", "downvotes", "score", "url",
    "marks", "title_source",
)  # fmt: skip
_AUTHOR = attrgetter("name", "native_id", "kind", "is_staff", "badge", "marks")


def shown_sha256(comment: Comment, page: ThreadPage) -> str:
    """Return the hash of all that a page shows of a comment: an unchanged one is known without reading its row."""
    author, icon = comment.author, comment.icon
    meta = (
        page.completeness.page_number,
        _META(comment),
        _AUTHOR(author) if isinstance(author, Author) else author,
        icon.name if isinstance(icon, Icon) else icon,
    )
    # Text is made of HTML: where there is HTML it says all, and hashing both would cost twice.
    body = comment.body_html if isinstance(comment.body_html, str) else comment.body_text
    text = f"{meta}\0{comment.title}\0{body}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def shows_all_again(
    connection: sqlite3.Connection, page: ThreadPage, thread_id: int, held: Mapping[int, Held], digests: Sequence[str]
) -> bool:
    """Return whether a newer page shows just what is held of its thread, every comment as it is."""
    time = page.fetched_at
    if time is None or len(held) < max(len(digests), 1):
        return False
    for comment, digest in zip(page.comments, digests, strict=True):
        before = held[comment.position]
        if before.shown_sha256 != digest or not before.last_seen_at or time <= before.last_seen_at:
            return False
    return is_whole_thread(connection, thread_id, len(digests), time)


def is_whole_thread(connection: sqlite3.Connection, thread_id: int, comments: int, time: str) -> bool:
    """Return whether so many comments are all that is held of a thread, none gone, and the time is the newest."""
    sql = """
        SELECT ?3 > coalesce(t.all_seen_at, '')
            AND (SELECT count(*) FROM (SELECT 1 FROM comments WHERE thread_id = ?1 LIMIT ?2 + 1)) = ?2
            AND NOT EXISTS (SELECT 1 FROM comments WHERE thread_id = ?1 AND not_seen_since IS NOT NULL)
        FROM threads t WHERE t.id = ?1"""
    return bool(connection.execute(sql, (thread_id, comments, time)).fetchone()[0])


def note_all(connection: sqlite3.Connection, thread_id: int, time: str) -> None:
    """Note that a page of that time showed every comment of a thread as it is held."""
    connection.execute("UPDATE threads SET all_seen_at = ? WHERE id = ?", (time, thread_id))


def settle(connection: sqlite3.Connection, thread_id: int) -> bool:
    """Write what is noted at a thread into its comments and return whether there was anything."""
    noted = connection.execute("SELECT all_seen_at FROM threads WHERE id = ?", (thread_id,)).fetchone()[0]
    if noted is None:
        return False
    sql = "UPDATE comments SET last_seen_at = ?1 WHERE thread_id = ?2 AND last_seen_at < ?1"
    connection.execute(sql, (noted, thread_id))
    connection.execute("UPDATE threads SET all_seen_at = NULL WHERE id = ?", (thread_id,))
    return True


def note_page(connection: sqlite3.Connection, row_ids: Sequence[int], page_id: int) -> None:
    """Note which page showed comments last."""
    if not row_ids:
        return
    sql = "UPDATE comments SET page_id = ? WHERE id IN (SELECT value FROM json_each(?))"
    connection.execute(sql, (page_id, json.dumps(row_ids)))
