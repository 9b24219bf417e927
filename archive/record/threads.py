"""Threads and their articles: which row a page belongs to, and what the page adds to it."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from belowtheline.archive.links import keeping
from belowtheline.archive.record import authorship, observations, people
from belowtheline.archive.record.alignment import Sighting, is_another_thread, is_same_thread, letters
from belowtheline.archive.record.articles import record_article
from belowtheline.archive.record.merging import Times, Values, merge
from belowtheline.archive.store import rows
from belowtheline.reading.items import NOT_SHOWN, Comment, Thread, ThreadPage, shown

PROVISIONAL = "~"
"""First character of an id that is ours for the time being, and never a match key."""

_THREAD_UNITS = {
    name: (name,)
    for name in (
        "url",
        "title",
        "is_closed",
        "declared_count",
        "score",
        "published_at",
        "published_raw",
        "body_html",
        "body_text",
        "author_id",
        "marks",
    )
}


def sightings(comments: tuple[Comment, ...]) -> list[Sighting]:
    """Return what alignment needs of the comments of a page."""
    places: dict[Any, int] = {comment.position: place for place, comment in enumerate(comments)}
    places |= {comment.native_id: place for place, comment in enumerate(comments) if comment.native_id is not None}
    return [
        Sighting(
            comment.native_id,
            author.name if (author := shown(comment.author)) else None,
            shown(comment.title),
            shown(comment.body_text),
            bool(shown(comment.deletion)),
            url=shown(comment.url),
            published=_exact_time(comment.published_at, comment.published_precision, comment.published_source),
            depth=shown(comment.depth),
            parent=_place_of(comment, places),
        )
        for comment in comments
    ]


def _place_of(comment: Comment, places: Mapping[Any, int]) -> int | None:
    """Return the place of a comment's parent on its page."""
    native_id = shown(comment.parent_native_id)
    return places.get(native_id if native_id is not None else comment.parent_position)


def _exact_time(published_at: Any, precision: str | None, source: str | None) -> str | None:
    """Return a date that says which of several comments of the same words it is: to the minute, as the site has it."""
    is_exact = precision in ("second", "minute") and source != "relative"
    return published_at[:16] if is_exact and isinstance(published_at, str) else None


def held_sightings(connection: sqlite3.Connection, thread_id: int) -> tuple[list[int], list[Sighting]]:
    """Return rows and sightings of a thread's held comments, in thread order; provisional ids count as none."""
    return sightings_of(connection.execute(_SIGHTED, (thread_id,)).fetchall())


def sightings_of(held: Sequence[Sequence[Any]]) -> tuple[list[int], list[Sighting]]:
    """Return rows and sightings of comments that are held, in their order; a parent that is not there has no place."""
    ids = [row[0] for row in held]
    places = {row: place for place, row in enumerate(ids)}
    found = []
    for _, native_id, author, title, body, deletion, url, published, precision, source, depth, parent in held:
        real = None if native_id.startswith(PROVISIONAL) else native_id
        when = _exact_time(published, precision, source)
        above = None if parent is None else places.get(parent, -parent)
        found.append(Sighting(real, author, title, body, deletion is not None, url, when, depth, above))
    return ids, found


_SIGHTED = """
    SELECT id, native_id, author_name, title, body_text, deletion, url, published_at, published_precision,
        published_source, depth, parent_id
    FROM comments WHERE thread_id = ? ORDER BY coalesce(page_number, 1), page_position, id"""


def record_thread(connection: sqlite3.Connection, page: ThreadPage, site: int, capture_id: int) -> int:
    """Return the row of a page's thread, found, joined, promoted or made, with what the page shows of it."""
    thread = page.thread
    native_id, thread_id = _find(connection, page, site)
    values = _values(connection, thread, site, native_id, page.fetched_at)
    seen = (page.fetched_at, capture_id)
    article = record_article(connection, thread.article, seen, (site, thread.instance), thread_id)
    if thread_id is None:
        thread_id = _insert(connection, page, (site, native_id), values, article)
        observed = observations.first_seen(thread_id, capture_id, values, observations.OF_THREADS)
        observations.insert(connection, observed, observations.OF_THREADS)
        return thread_id
    row = rows.fetch(connection, "threads", thread_id)
    _observe(connection, row, values, (capture_id, page.fetched_at or ""))
    opener = shown(thread.author)
    forced = authorship.settle_opener(connection, opener, row["author_id"], values) if opener else set()
    changes = merge(_THREAD_UNITS, row, values, page.fetched_at or "", forced=forced)
    if article and row["article_id"] != article:
        changes["article_id"] = article
        keeping.note_change(connection, thread_id)
    if row["headline_key"] == "" and (key := headline_key(page)):
        changes["headline_key"] = key
    if page.fetched_at and (row["first_seen_at"] is None or page.fetched_at < row["first_seen_at"]):
        changes["first_seen_at"] = page.fetched_at
    rows.update(connection, "threads", thread_id, changes)
    return thread_id


def _observe(connection: sqlite3.Connection, row: dict[str, Any], values: Values, showing: tuple[int, str]) -> None:
    """Keep what a page shows of a held thread where it differs from what was shown before."""

    def capture_at(time: str) -> int:
        return observations.capture_at(connection, row["id"], time) or showing[0]

    times = Times(_THREAD_UNITS, row["last_seen_at"], row["field_times"])
    observations.record(connection, row, values, times, showing, capture_at, observations.OF_THREADS)


def name_provisional(connection: sqlite3.Connection, thread_id: int, thread: Thread) -> None:
    """Give a thread that began with a part of it the id that a later page of its reading names."""
    if thread.native_id is not None:
        connection.execute(
            "UPDATE OR IGNORE threads SET native_id = ? WHERE id = ? AND native_id LIKE '~%' AND instance = ?",
            (thread.native_id, thread_id, thread.instance),
        )


def is_of_instance(connection: sqlite3.Connection, thread_id: int | None, page: ThreadPage) -> bool:
    """Return whether a page that does not name its thread comes from where that of its reading is from."""
    sql = "SELECT 1 FROM threads WHERE id = ? AND (instance = ? OR ?)"
    return connection.execute(sql, (thread_id, page.thread.instance, page.is_unaddressed)).fetchone() is not None


def as_of(connection: sqlite3.Connection, page: ThreadPage, thread_id: int) -> ThreadPage:
    """Return a page without an address as one of the instance of the thread that it joins."""
    (instance,) = connection.execute("SELECT instance FROM threads WHERE id = ?", (thread_id,)).fetchone()
    return replace(page, thread=replace(page.thread, instance=instance))


def headline_key(page: ThreadPage) -> str:
    """Return the headline as letters and digits, by which captures without an address find their thread."""
    return letters(shown(page.thread.article.headline) or shown(page.thread.title))


def _values(
    connection: sqlite3.Connection, thread: Thread, site: int, native_id: str, fetched_at: str | None
) -> dict[str, tuple[Any, ...]]:
    values: dict[str, tuple[Any, ...]] = {}
    for unit in _THREAD_UNITS:
        value = getattr(thread, unit, NOT_SHOWN)
        if unit not in ("author_id", "marks") and value is not NOT_SHOWN:
            values[unit] = (int(value) if isinstance(value, bool) else value,)
    if thread.marks is not NOT_SHOWN:
        values["marks"] = (people.marks_text(thread.marks),)
    if author := shown(thread.author):
        opened = f"opener of {thread.site} {thread.instance} {native_id}"
        key = people.author_key(author, thread.site, thread.instance, 0, opened)
        values["author_id"] = (people.author_ids(connection, {key: author}, (site, thread.instance), fetched_at)[key],)
    return values


def _find(connection: sqlite3.Connection, page: ThreadPage, site: int) -> tuple[str, int | None]:
    """Return the id that a page's thread goes by, and its row where it is held."""
    thread = page.thread
    if thread.native_id is None:
        native_id, row = _provisional(connection, page, site)
        return native_id, row if row is not None else _same_headline(connection, page, site, only_provisional=False)
    row = _held(connection, site, thread.instance, thread.native_id)
    if row is None and (row := _same_headline(connection, page, site, only_provisional=True)) is not None:
        connection.execute(
            "UPDATE threads SET native_id = ?, instance = ? WHERE id = ?", (thread.native_id, thread.instance, row)
        )
    return thread.native_id, row


def _held(connection: sqlite3.Connection, site: int, instance: str, native_id: str) -> int | None:
    sql = "SELECT id FROM threads WHERE site_id = ? AND instance = ? AND native_id = ?"
    row = connection.execute(sql, (site, instance, native_id)).fetchone()
    return int(row[0]) if row else None


def _provisional(connection: sqlite3.Connection, page: ThreadPage, site: int) -> tuple[str, int | None]:
    """Return the id of a page without an address, and the row that has it; one headline may open alike many times."""
    ours = sightings(page.comments)
    for number in count(1):
        native_id = provisional_id(page) + (f"-{number}" if number > 1 else "")
        row = _held(connection, site, page.thread.instance, native_id)
        if row is None or not is_another_thread(ours, held_sightings(connection, row)[1]):
            break
    return native_id, row


def _same_headline(connection: sqlite3.Connection, page: ThreadPage, site: int, only_provisional: bool) -> int | None:
    """Return the one held thread with this headline that most comments stand in; None where none or two qualify."""
    key = headline_key(page)
    if not key:
        return None
    candidates = [
        row
        for row, native_id, is_open in connection.execute(
            _ALIKE, (site, key, page.thread.instance, page.is_foreign)
        ).fetchall()
        if (native_id.startswith(PROVISIONAL) or not only_provisional) and (is_open or page.is_unaddressed)
    ]
    if not candidates:
        return None
    ours = sightings(page.comments)
    same = [row for row in candidates if is_same_thread(ours, held_sightings(connection, row)[1])]
    return same[0] if len(same) == 1 else None


# A page joins threads of its own instance, and those of which nobody knows the address; copied text joins any.
# Where a site has hosts of its own, what has no address is taken for a thread of these, and no other host's page joins.
_ALIKE = """
    SELECT t.id, t.native_id, t.instance = ?3 OR NOT ?4 AND NOT EXISTS (
        SELECT 1 FROM readings r JOIN pages p ON p.reading_id = r.id JOIN captures k ON k.id = p.capture_id
        WHERE r.thread_id = t.id AND k.url NOT LIKE 'file:%')
    FROM threads t WHERE t.site_id = ?1 AND t.headline_key = ?2"""


def provisional_id(page: ThreadPage) -> str:
    """Return the id of a thread without an address: the hash of its headline and of its opening comment."""
    opening = sightings(page.comments[:1])
    parts = [headline_key(page), *(value for sighting in opening for value in (sighting.author, sighting.text))]
    return PROVISIONAL + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _insert(
    connection: sqlite3.Connection, page: ThreadPage, key: tuple[int, str], values: Values, article: int | None
) -> int:
    time = page.fetched_at
    times = Times.of_new(_THREAD_UNITS, values, time or "").encoded(time)
    columns = {unit: value[0] for unit, value in values.items()}
    columns |= {
        "site_id": key[0],
        "instance": page.thread.instance,
        "native_id": key[1],
        "article_id": article,
        "headline_key": headline_key(page),
        "first_seen_at": time,
        "last_seen_at": time,
        "field_times": times,
    }
    return rows.insert(connection, "threads", columns)
