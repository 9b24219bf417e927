"""The comments of one page into their rows: new ones in batches, of unchanged ones only when they were seen."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from belowtheline.archive.record import authorship, observations, people, seen, stubs, torn_texts, versions
from belowtheline.archive.record.certainty import UNSAID, doubt
from belowtheline.archive.record.identity import Held, Identities, held_by_id, identify, is_label
from belowtheline.archive.record.merging import Times, Values, merge
from belowtheline.archive.record.parents import completed_parent
from belowtheline.archive.record.shown_before import Showing
from belowtheline.archive.search import index
from belowtheline.archive.store import rows
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Icon, ThreadPage, shown

UNITS: dict[str, tuple[str, ...]] = {
    "position": ("page_number", "page_position"),
    "depth": ("depth",),
    "parent": ("parent_native_id", "parent_id", "parent_url"),
    "author": ("author_id", "author_name", "is_staff"),
    "badge": ("badge",),
    "icon": ("icon_id",),
    "published": ("published_at", "published_raw", "published_precision", "published_source"),
    "edited": ("is_edited", "edited_at", "edited_raw"),
    "deletion": ("deletion",),
    "upvotes": ("upvotes",),
    "downvotes": ("downvotes",),
    "score": ("score",),
    "url": ("url",),
    "marks": ("marks",),
    "title": ("title", "re_title", "title_source"),
    "body": ("body_text", "body_html"),
}
_LEADING = (
    "id",
    "thread_id",
    "native_id",
    "id_source",
    "last_seen_at",
    "first_seen_at",
    "shown_sha256",
    "field_times",
    "position",
    "version_id",
    "page_id",
)
_COLUMNS = _LEADING + tuple(column for columns in UNITS.values() for column in columns)
_INSERT = f"INSERT INTO comments ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - constants
_NOTHING = {unit: (None,) * len(columns) for unit, columns in UNITS.items()}
_WEAK = frozenset({"position", "depth", "parent", "author", "icon", "marks"})
"""Units that copied text shows by its lines and indents alone, or we say: they stand until a page says them."""


@dataclass(slots=True)
class _Recording:
    """What recording one page needs on its way."""

    connection: sqlite3.Connection
    page: ThreadPage
    thread_id: int
    site: int
    showing: Showing
    who: Identities
    rows: dict[int, int] = field(default_factory=dict)
    """Row of each comment, by its position on the page."""
    authors: dict[str, int] = field(default_factory=dict)
    icons: dict[str, int] = field(default_factory=dict)
    held_authors: dict[int, authorship.Held] = field(default_factory=dict)
    """Author of each comment that has changed, by the comment's row."""
    captures: dict[str, int | None] = field(default_factory=dict)
    """Capture of the thread by its time, as far as it was asked for."""

    @property
    def capture_id(self) -> int:
        return self.showing.capture_id

    @property
    def time(self) -> str:
        return self.page.fetched_at or ""

    @property
    def is_copy(self) -> bool:
        return self.page.form == "copied text"

    @property
    def weak(self) -> Collection[str]:
        return _WEAK if self.is_copy else ()

    def capture_at(self, time: str) -> int:
        """Return the capture of this thread of a time when one of its comments was seen."""
        if time not in self.captures:
            self.captures[time] = observations.capture_at(self.connection, self.thread_id, time)
        return self.captures[time] or self.capture_id


_Changed = tuple[Comment, str, Held]


def record_comments(
    connection: sqlite3.Connection, page: ThreadPage, thread_id: int, site: int, showing: Showing
) -> bool:
    """Record a page's comments in the open transaction and return whether rows were made or their order changed."""
    who = identify(connection, page, thread_id, showing)
    digests = [seen.shown_sha256(comment, page) for comment in page.comments]
    if seen.shows_all_again(connection, page, thread_id, who.held, digests):
        seen.note_all(connection, thread_id, page.fetched_at or "")
        if who.is_aligned:
            seen.note_page(connection, [held.row_id for held in who.held.values()], showing.page_id)
        return False
    if seen.settle(connection, thread_id):
        who = identify(connection, page, thread_id, showing)
    recording = _Recording(connection, page, thread_id, site, showing, who)
    recording.rows = {position: held.row_id for position, held in who.held.items()}
    new: list[tuple[Comment, str]] = []
    changed: list[_Changed] = []
    older: list[_Changed] = []
    unchanged = []
    for comment, digest in zip(page.comments, digests, strict=True):
        before = who.held.get(comment.position)
        if before is None:
            new.append((comment, digest))
        elif before.shown_sha256 != digest:
            changed.append((comment, digest, before))
        elif recording.time > (before.last_seen_at or ""):
            if before.last_seen_at:
                unchanged.append(before.row_id)
            else:
                older.append((comment, digest, before))
        elif recording.time and recording.time != before.last_seen_at:
            older.append((comment, digest, before))
    if unchanged:
        sql = "UPDATE comments SET last_seen_at = ?, page_id = ? WHERE id IN (SELECT value FROM json_each(?))"
        connection.execute(sql, (page.fetched_at, showing.page_id, json.dumps(unchanged)))
    changed += _telling(recording, older)
    if new or changed:
        _record(recording, new, changed)
    others = who.held.values() if who.is_aligned else [held for _, _, held in (*changed, *older)]
    seen.note_page(connection, [held.row_id for held in others], showing.page_id)
    return bool(new or changed)


def _telling(recording: _Recording, older: list[_Changed]) -> list[_Changed]:
    """Return those seen unchanged by an older capture of which it tells more than is known: that they stood earlier."""
    sql = """
        SELECT c.id FROM comments c JOIN comment_versions v ON v.id = c.version_id
        WHERE c.id IN (SELECT value FROM json_each(?1)) AND c.first_seen_at <= ?2 AND v.shown_at <= ?2 AND NOT EXISTS (
            SELECT 1 FROM observations o JOIN captures k ON k.id = o.capture_id
            WHERE o.comment_id = c.id AND k.fetched_at > ?2)"""
    if not older:
        return []
    row_ids = json.dumps([held.row_id for _, _, held in older])
    known = {row for (row,) in recording.connection.execute(sql, (row_ids, recording.time))}
    return [one for one in older if one[2].row_id not in known]


def _record(recording: _Recording, new: list[tuple[Comment, str]], changed: list[_Changed]) -> None:
    held = rows.fetch_all(recording.connection, "comments", [before.row_id for _, _, before in changed])
    changed = [(torn_texts.mended(comment, held[was.row_id]), digest, was) for comment, digest, was in changed]
    recording.held_authors = authorship.held_authors(recording.connection, held)
    named = [comment for comment, _, before in changed if not _keeps_author(recording, comment, before.row_id)]
    _refer(recording, [comment for comment, _ in new], [comment for comment, _, _ in changed], named)
    _insert_new(recording, new)
    parents = _parents(recording, [comment for comment, _, _ in changed])
    for comment, digest, before in changed:
        values = dict(_values(recording, comment))
        if _keeps_author(recording, comment, before.row_id):
            values.pop("author", None)
        if "parent" in values:
            values["parent"] = (*parents[comment.position], shown(comment.parent_url))
        _change(recording, comment, values, digest, held[before.row_id])
    _adopt_children(recording, new)


def _keeps_author(recording: _Recording, comment: Comment, row_id: int) -> bool:
    return recording.held_authors[row_id].is_kept(shown(comment.author), is_copy=recording.is_copy)


def _refer(recording: _Recording, new: Sequence[Comment], changed: Sequence[Comment], named: Sequence[Comment]) -> None:
    """Find or make the rows that the comments point at; of the changed ones, `named` are those that name an author."""
    thread = recording.page.thread
    authors: dict[str, Author] = {}
    icons: dict[str, Icon] = {}
    for comment in (*new, *named):
        if author := shown(comment.author):
            authors[_author_key(recording, comment, author)] = author
    for comment in (*new, *changed):
        if icon := shown(comment.icon):
            icons[people.icon_key(icon, thread.instance)] = icon
    recording.authors = people.author_ids(
        recording.connection, authors, (recording.site, thread.instance), recording.page.fetched_at
    )
    recording.icons = people.icon_ids(recording.connection, icons, recording.site)


def _author_key(recording: _Recording, comment: Comment, author: Author) -> str:
    thread = recording.page.thread
    native_id, _ = recording.who.natives[comment.position]
    return people.author_key(author, thread.site, thread.instance, recording.thread_id, native_id)


def _values(recording: _Recording, comment: Comment) -> Values:
    """Return what the page shows of a comment, unit by unit."""
    values: dict[str, tuple[Any, ...]] = {"position": (recording.page.completeness.page_number, comment.position)}
    for unit in ("depth", "deletion", "upvotes", "downvotes", "score", "url"):
        value = getattr(comment, unit)
        if value is not NOT_SHOWN:
            values[unit] = (value,)
    if comment.author is not NOT_SHOWN:
        _add_author(recording, comment, values)
    if comment.icon is not NOT_SHOWN and (comment.icon or not recording.is_copy):
        instance = recording.page.thread.instance
        values["icon"] = (recording.icons[people.icon_key(comment.icon, instance)] if comment.icon else None,)
    if comment.published_raw is not NOT_SHOWN or comment.published_at is not NOT_SHOWN:
        at, raw = shown(comment.published_at), shown(comment.published_raw)
        values["published"] = (at, raw, comment.published_precision, comment.published_source)
    if comment.is_edited is not NOT_SHOWN:
        values["edited"] = (comment.is_edited, shown(comment.edited_at), shown(comment.edited_raw))
    if comment.title is not NOT_SHOWN:
        values["title"] = (comment.title, comment.re_title, comment.title_source)
    if comment.body_text is not NOT_SHOWN:
        values["body"] = (comment.body_text, shown(comment.body_html))
    if comment.marks is not NOT_SHOWN:
        values["marks"] = (people.marks_text(comment.marks),)
    names_parent = comment.parent_native_id is not NOT_SHOWN or comment.parent_url is not NOT_SHOWN
    if names_parent or comment.parent_position is not None:
        values["parent"] = (shown(comment.parent_native_id), None, shown(comment.parent_url))
    return values


def _add_author(recording: _Recording, comment: Comment, values: dict[str, tuple[Any, ...]]) -> None:
    author = shown(comment.author)
    if author is None:
        values["author"] = (None, None, None)
        return
    row = recording.authors.get(_author_key(recording, comment, author))
    if row is not None:
        values["author"] = (row, author.name, author.is_staff)
    if author.badge is not NOT_SHOWN:
        values["badge"] = (author.badge,)


def _insert_new(recording: _Recording, new: list[tuple[Comment, str]]) -> None:
    if not new:
        return
    connection, time = recording.connection, recording.page.fetched_at
    first_row, first_version = _next_id(connection, "comments"), _next_id(connection, "comment_versions")
    for offset, (comment, _) in enumerate(new):
        recording.rows[comment.position] = first_row + offset
    parents = _parents(recording, [comment for comment, _ in new])
    comment_rows, made = [], []
    encoded: dict[frozenset[str], str | None] = {}
    observed: list[observations.Row] = []
    for offset, (comment, digest) in enumerate(new):
        row_id, version_id = first_row + offset, first_version + offset
        native_id, rule = recording.who.natives[comment.position]
        values = dict(_values(recording, comment))
        if "parent" in values:
            values["parent"] = (*parents[comment.position], shown(comment.parent_url))
        units = frozenset(values)
        if units not in encoded:
            encoded[units] = Times.of_new(UNITS, values, time or "", recording.weak).encoded(time)
        page_id = recording.showing.page_id
        leading = (native_id, rule, time, time, digest, encoded[units], comment.position, version_id, page_id)
        shown_units = {**_NOTHING, **values}.values()
        comment_rows.append((row_id, recording.thread_id, *leading, *chain.from_iterable(shown_units)))
        made.append(versions.Made(version_id, row_id, comment))
        observed += observations.first_seen(row_id, recording.capture_id, values)
    connection.executemany(_INSERT, comment_rows)
    versions.insert_made(connection, made, recording.capture_id, time)
    observations.insert(connection, observed)
    index.queue_new(connection, [row[0] for row in comment_rows])


def _next_id(connection: sqlite3.Connection, table: str) -> int:
    # Ids are given here, so that rows that name each other go in by batches; there is one writer, in a transaction.
    return int(connection.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])  # noqa: S608


def _parents(recording: _Recording, comments: Sequence[Comment]) -> dict[int, tuple[str | None, int | None]]:
    """Return native id and row of each comment's parent, by the comment's position; the row where it is held."""
    on_page = {recording.who.natives[position][0]: row for position, row in recording.rows.items()}
    named = {parent for comment in comments if isinstance(parent := comment.parent_native_id, str)}
    elsewhere = sorted(named - on_page.keys())
    held = held_by_id(recording.connection, recording.thread_id, elsewhere) if elsewhere else {}
    found: dict[int, tuple[str | None, int | None]] = {}
    # An answer to the thread itself has no parent; pages of single comments call the thread its parent.
    thread = recording.page.thread.native_id
    thread = thread or rows.fetch(recording.connection, "threads", recording.thread_id)["native_id"]
    for comment in comments:
        native_id, position = shown(comment.parent_native_id), comment.parent_position
        native_id = None if native_id == thread else native_id
        if native_id is None and position is not None:
            label = recording.who.natives[position][0]
            found[comment.position] = (None if is_label(label) else label, recording.rows.get(position))
        elif native_id is not None:
            row = on_page.get(native_id) or (held[native_id].row_id if native_id in held else None)
            found[comment.position] = (native_id, row)
        else:
            found[comment.position] = (None, None)
    return found


def _adopt_children(recording: _Recording, new: list[tuple[Comment, str]]) -> None:
    """Point comments that named a parent before it was held at the parent that has now come."""
    arrived = [
        (recording.rows[comment.position], recording.thread_id, recording.who.natives[comment.position][0])
        for comment, _ in new
    ]
    recording.connection.executemany(
        "UPDATE comments SET parent_id = ? WHERE thread_id = ? AND parent_id IS NULL AND parent_native_id = ?", arrived
    )
    stubs.promote(recording.connection, arrived)


def _change(
    recording: _Recording, comment: Comment, values: dict[str, tuple[Any, ...]], digest: str, held: dict[str, Any]
) -> None:
    """Merge what the page shows into a held comment, with a version and observations where it differs."""
    connection, time = recording.connection, recording.time
    if recording.is_copy:
        _fill_out(connection, comment, held, values)
    forced = _forced(comment, held, values)
    if "author" in values and recording.held_authors[held["id"]].is_settled_by(shown(comment.author)):
        forced.add("author")
    changes = merge(UNITS, held, values, time, weak=recording.weak, forced=forced)
    if time > (held["last_seen_at"] or ""):
        changes["shown_sha256"] = digest
    if time and (held["first_seen_at"] is None or time < held["first_seen_at"]):
        changes["first_seen_at"] = time
    if comment.native_id is not None and held["id_source"] != "page":
        changes["id_source"] = "page"
    rows.update(connection, "comments", held["id"], changes)
    showing = versions.Showing.of(comment, recording.capture_id, time, is_copy=recording.is_copy)
    versions.record(connection, held, changes, showing, recording.capture_at)
    times = Times(UNITS, held["last_seen_at"], held["field_times"])
    observations.record(connection, held, values, times, (recording.capture_id, time), recording.capture_at)
    if "title" in changes or "body_text" in changes:
        index.queue_changed(connection, held["id"], held["title"], held["body_text"])
    if "author_id" in changes and held["author_id"] is not None:
        people.forget_placeholders(connection, [held["author_id"]])


def _fill_out(
    connection: sqlite3.Connection, comment: Comment, held: dict[str, Any], values: dict[str, tuple[Any, ...]]
) -> None:
    """Give copied text that goes back to an earlier version the form in which the site published that."""
    if "title" not in values or "body" not in values or versions.says_the_same(_words(values), held):
        return
    if full := versions.fuller(connection, held["id"], _words(values)):
        re_title = comment.re_title if full["title"] == comment.title else None
        values["title"] = (full["title"], re_title, "page")
        values["body"] = (full["body_text"], full["body_html"])


def _forced(comment: Comment, held: dict[str, Any], values: dict[str, tuple[Any, ...]]) -> set[str]:
    """Return the units that the page shows in a better form than is held, and let what it shows worse confirm that."""
    forced = torn_texts.mended_units(values, held, UNITS)
    if "parent" in values:
        values["parent"], is_better = completed_parent(values["parent"], held)
        forced |= {"parent"} if is_better else set()
    if "body" in values and "title" in values and versions.says_the_same(_words(values), held):
        better = _form(comment.title_source, values["body"][1]) - _form(held["title_source"], held["body_html"])
        if better > 0:
            forced |= {"title", "body"}
        elif better < 0:
            values |= {unit: tuple(held[column] for column in UNITS[unit]) for unit in ("title", "body")}
    if "published" in values:
        known = tuple(held[column] for column in UNITS["published"])
        ours, theirs = doubt(*values["published"]), doubt(*known)
        if ours < theirs != UNSAID:
            forced.add("published")
        elif ours > theirs and theirs < UNSAID:
            values["published"] = known
    return forced


def _words(values: dict[str, tuple[Any, ...]]) -> dict[str, str | None]:
    return {"title": values["title"][0], "body_text": values["body"][0]}


def _form(title_source: str | None, body_html: str | None) -> int:
    """Return how surely title and body are told apart: as published, by their lines, or by a guess."""
    if body_html is not None or title_source == "page":
        return 3
    return {"slot": 2, "guess": 1}.get(title_source or "", 0)
