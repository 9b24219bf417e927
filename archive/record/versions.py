"""Versions of a comment: its full content, one row per change, in the order of time whatever the order of captures."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.record.alignment import letters
from belowtheline.archive.record.torn_texts import mends
from belowtheline.archive.store import rows
from belowtheline.reading.items import NOT_SHOWN, Comment, Quote, shown

Content = Mapping[str, str | None]
"""A version's content by column."""

CONTENT = ("author_name", "icon", "deletion", "title", "body_text", "body_html")
_EMPTY: Content = dict.fromkeys(CONTENT)


@dataclass(frozen=True, slots=True)
class Made:
    """A version that is to be inserted with its comment."""

    version_id: int
    comment_id: int
    comment: Comment


@dataclass(frozen=True, slots=True)
class Showing:
    """What one capture shows of a comment's content; what it does not show is absent."""

    capture_id: int
    time: str
    """When, '' where nobody knows."""
    content: Content
    quotes: tuple[Quote, ...] = ()

    @classmethod
    def of(cls, comment: Comment, capture_id: int, time: str, *, is_copy: bool) -> "Showing":
        """Return what a page shows of a comment; copied text shows no markup, and may have lost an icon."""
        author = comment.author
        content: dict[str, str | None] = {}
        if author is not NOT_SHOWN:
            content["author_name"] = author.name if author else None
        if comment.icon is not NOT_SHOWN and (comment.icon or not is_copy):
            content["icon"] = comment.icon.name if comment.icon else None
        for name in ("deletion", "title", "body_text", "body_html"):
            if (value := getattr(comment, name)) is not NOT_SHOWN:
                content[name] = value
        return cls(capture_id, time, content, comment.quotes)

    @property
    def is_full(self) -> bool:
        """Whether it shows the body as the site publishes it."""
        return "body_html" in self.content

    @property
    def has_words(self) -> bool:
        """Whether it shows title or body at all, as a tombstone does not."""
        return "title" in self.content or "body_text" in self.content


@dataclass(slots=True)
class Version:
    """A version as it is held, or is to be."""

    row_id: int | None
    shown_at: str | None
    capture_id: int
    captured_at: str | None
    content: Content
    is_changed: bool = False
    quotes: tuple[Quote, ...] | None = None
    """What replaces its quotes; None leaves them."""
    words_of: int | None = None
    """The version whose words, and so whose quotes, a new one has."""

    @property
    def is_full(self) -> bool:
        """Whether its body is held as the site publishes it."""
        return self.content["body_html"] is not None

    def take(self, content: Content, showing: Showing) -> None:
        """Take a content that a capture shows, from its bytes."""
        self.content, self.capture_id, self.captured_at = content, showing.capture_id, showing.time or None
        self.quotes, self.is_changed = showing.quotes, True


_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def content_sha256(content: Sequence[str | None]) -> str:
    """Return the hash of a version's content in its canonical form: a JSON list in the order of the columns."""
    return sha256_of_json(_canonical(content).encode("utf-8", "surrogatepass"))


def sha256_of_json(content: bytes) -> str:
    """Return the hash of a version's content that is in its canonical form."""
    return hashlib.sha256(content).hexdigest()


def content_of(comment: Comment) -> tuple[str | None, ...]:
    """Return the content of a comment as a page shows it, in the order of the columns."""
    author, icon = shown(comment.author), shown(comment.icon)
    return (
        author.name if author else None,
        icon.name if icon else None,
        shown(comment.deletion),
        shown(comment.title),
        shown(comment.body_text),
        shown(comment.body_html),
    )


_INSERT = (
    "INSERT INTO comment_versions"
    " (id, comment_id, capture_id, shown_at, content_sha256, author_name, icon, deletion, title, body_text, body_html)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def insert_made(connection: sqlite3.Connection, made: list[Made], capture_id: int, shown_at: str | None) -> None:
    """Insert the first versions of new comments, with their quotes."""
    contents = [content_of(version.comment) for version in made]
    connection.executemany(
        _INSERT,
        [
            (version.version_id, version.comment_id, capture_id, shown_at, content_sha256(content), *content)
            for version, content in zip(made, contents, strict=True)
        ],
    )
    insert_quotes(
        connection,
        [(version.comment_id, version.version_id, quote) for version in made for quote in version.comment.quotes],
    )


def insert_quotes(connection: sqlite3.Connection, quotes: list[tuple[int, int, Quote]]) -> None:
    """Insert the quoted spans of versions."""
    connection.executemany(
        'INSERT INTO quotes (comment_id, version_id, field, start, "end", text, kind) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [
            (comment, version, quote.field, quote.start, quote.end, quote.text, quote.kind)
            for comment, version, quote in quotes
        ],
    )


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two contents have the same words, however these are split into title and body."""
    return letters(one["title"], one["body_text"]) == letters(other["title"], other["body_text"])


def has_words(content: Mapping[str, Any]) -> bool:
    """Return whether a content has a title or a body."""
    return content["title"] is not None or content["body_text"] is not None


def agrees(version: Version, showing: Showing) -> bool:
    """Return whether what a capture shows is this version, seen again or in another form."""
    content = overlay(version.content, showing)
    if content["deletion"] != version.content["deletion"]:
        return False
    if showing.is_full and version.is_full:
        return content == version.content or mends(content, version.content)
    if letters(content["author_name"]) != letters(version.content["author_name"]):
        return False
    is_unknown = not has_words(version.content) and content["deletion"] is None
    return is_unknown or not showing.has_words or says_the_same(content, version.content)


def overlay(content: Content, showing: Showing) -> Content:
    """Return a content with what a capture shows laid over it; markup of the same words is kept under copied text."""
    above = dict(showing.content)
    over = {**content, **above}
    if showing.is_full or not showing.has_words:
        return over
    if content["body_html"] is not None and says_the_same(over, content):
        return {**over, "title": content["title"], "body_text": content["body_text"]}
    return {**over, "body_html": None}


def place(
    timeline: list[Version], showing: Showing, state: Content, last_seen: str, capture_at: Callable[[str], int]
) -> None:
    """Put what a capture showed in its place among the versions, so that the last of them is the present state.

    `timeline` is in the order of time, the present version last among those of no known time. `last_seen` is when
    the comment was last seen before; `capture_at` finds the capture of such a time.
    """
    spot, present = _spot(timeline, showing.time), timeline[-1].row_id
    before = timeline[spot - 1] if spot else None
    undated = [version for version in timeline if version.shown_at is None]
    near = [*timeline[max(spot - 1, 0) : spot + 1], *undated] if showing.time else timeline
    placed = next((version for version in near if agrees(version, showing)), None)
    if placed is None:
        base = before.content if before is not None and showing.time else _EMPTY
        placed = Version(None, None, showing.capture_id, showing.time or None, _EMPTY)
        placed.take(overlay(base, showing), showing)
        placed.shown_at = showing.time or None
        if before is not None and _words(placed.content) == _words(before.content):
            placed.quotes, placed.words_of = None, before.row_id
        _inherit(timeline[spot:], base, placed)
        timeline.insert(spot, placed)
    else:
        _confirm(placed, showing)
    timeline.sort(key=lambda version: version.shown_at or "")
    _lend_form(timeline)
    last = timeline[-1]
    if last is placed and showing.time and showing.time <= last_seen and _differ(last.content, state):
        again = Version(None, last_seen, capture_at(last_seen), last_seen, state, is_changed=True, words_of=present)
        timeline.append(again)
    elif last.content != state:
        if not _is_shown(state, showing) and (twin := _twin(timeline, state)):
            last.quotes, last.words_of = None, twin.row_id
        _become(last, state, showing)


def _lend_form(timeline: Sequence[Version]) -> None:
    """Give versions from copied text the form in which the site published the same words at another time."""
    full = [version for version in timeline if version.is_full]
    for version in timeline:
        if version.is_full or not has_words(version.content):
            continue
        lender = next((other for other in full if says_the_same(other.content, version.content)), None)
        if lender is not None:
            form = {name: lender.content[name] for name in ("title", "body_text", "body_html")}
            version.content, version.is_changed = {**version.content, **form}, True
            version.quotes, version.words_of = lender.quotes, lender.row_id


def _words(content: Content) -> tuple[str | None, str | None]:
    return content["title"], content["body_text"]


def _differ(one: Content, other: Content) -> bool:
    """Return whether two contents are no mere forms of the same."""
    if one["body_html"] is not None and other["body_html"] is not None:
        return one != other
    names = letters(one["author_name"]) != letters(other["author_name"])
    return names or one["deletion"] != other["deletion"] or not says_the_same(one, other)


def _spot(timeline: list[Version], time: str) -> int:
    """Return where a capture of that time stands; undated ones first, and of two at one time the present one last."""
    if not time:
        return 0
    spot = sum((version.shown_at or "") <= time for version in timeline)
    return spot - 1 if timeline[-1].shown_at == time else spot


def _inherit(later: Sequence[Version], base: Content, placed: Version) -> None:
    """Give the tombstones that follow a version its words, as the last that were shown."""
    for version in later:
        if version.content["deletion"] is None:
            return
        names = [name for name in CONTENT if name != "deletion" and version.content[name] == base[name]]
        content = {**version.content, **{name: placed.content[name] for name in names}}
        if content != version.content:
            version.content, version.is_changed = content, True
            version.quotes = placed.quotes if _words(content) == _words(placed.content) else None


def _confirm(version: Version, showing: Showing) -> None:
    """Note that a version was shown at another time too; its bytes are the earliest of the fullest form."""
    if showing.time and showing.time < (version.shown_at or "~"):
        version.shown_at, version.is_changed = showing.time, True
    content = overlay(version.content, showing)
    is_fuller = showing.is_full and (not version.is_full or mends(content, version.content))
    if showing.has_words and (is_fuller or not has_words(version.content)):
        version.take(content, showing)
        return
    is_as_full = showing.is_full or not version.is_full or bool(content["deletion"])
    if content == version.content and is_as_full and showing.time and showing.time < (version.captured_at or "~"):
        version.capture_id, version.captured_at, version.is_changed = showing.capture_id, showing.time, True


def _twin(timeline: Sequence[Version], state: Content) -> Version | None:
    return next((version for version in timeline if _words(version.content) == _words(state)), None)


def _is_shown(state: Content, showing: Showing) -> bool:
    return showing.has_words and _words({**_EMPTY, **showing.content}) == _words(state)


def _become(last: Version, state: Content, showing: Showing) -> None:
    """Make the last version the present state, which a capture has filled or changed."""
    if _is_shown(state, showing) and _words(last.content) != _words(state):
        last.take(state, showing)
    last.content, last.is_changed = state, True


def record(
    connection: sqlite3.Connection,
    held: Mapping[str, Any],
    changes: Mapping[str, Any],
    showing: Showing,
    capture_at: Callable[[str], int],
) -> None:
    """Record what a capture showed among a comment's versions; `changes` is what it changed in the held row."""
    is_newest = bool(held["last_seen_at"]) and showing.time >= held["last_seen_at"]
    if is_newest and not changes.keys() & {*CONTENT, "icon_id"}:
        return
    timeline = _timeline(connection, held)
    state = _state(connection, {**held, **changes})
    place(timeline, showing, state, held["last_seen_at"] or "", capture_at)
    for version in timeline:
        if version.is_changed:
            _save(connection, held["id"], version)
    if timeline[-1].row_id != held["version_id"]:
        rows.update(connection, "comments", held["id"], {"version_id": timeline[-1].row_id})


def _timeline(connection: sqlite3.Connection, held: Mapping[str, Any]) -> list[Version]:
    sql = f"""
        SELECT v.id, v.shown_at, v.capture_id, CASE k.fetched_at_source WHEN 'file' THEN NULL ELSE k.fetched_at END,
            {", ".join(f"v.{name}" for name in CONTENT)}
        FROM comment_versions v JOIN captures k ON k.id = v.capture_id
        WHERE v.comment_id = ? ORDER BY coalesce(v.shown_at, ''), v.id = ?, v.id"""  # noqa: S608 - constants
    cursor = connection.execute(sql, (held["id"], held["version_id"]))
    return [Version(row[0], row[1], row[2], row[3], dict(zip(CONTENT, row[4:], strict=True))) for row in cursor]


def _state(connection: sqlite3.Connection, row: Mapping[str, Any]) -> Content:
    icon = connection.execute("SELECT name FROM icons WHERE id = ?", (row["icon_id"],)).fetchone()
    return {**{name: row[name] for name in CONTENT if name != "icon"}, "icon": icon[0] if icon else None}


def fuller(connection: sqlite3.Connection, comment_id: int, words: Mapping[str, str | None]) -> Content | None:
    """Return an earlier version with these words as the site published them, of which copied text shows less."""
    sql = f"SELECT {', '.join(CONTENT)} FROM comment_versions WHERE comment_id = ? AND body_html IS NOT NULL"  # noqa: S608
    held = (dict(zip(CONTENT, row, strict=True)) for row in connection.execute(sql, (comment_id,)))
    return next((content for content in held if says_the_same(content, words)), None)


def _save(connection: sqlite3.Connection, comment_id: int, version: Version) -> None:
    content = tuple(version.content[name] for name in CONTENT)
    columns: dict[str, Any] = dict(zip(CONTENT, content, strict=True))
    columns |= {"capture_id": version.capture_id, "shown_at": version.shown_at}
    columns["content_sha256"] = content_sha256(content)
    if version.row_id is None:
        version.row_id = rows.insert(connection, "comment_versions", {"comment_id": comment_id, **columns})
    else:
        rows.update(connection, "comment_versions", version.row_id, columns)
    if version.words_of != version.row_id and (version.quotes is not None or version.words_of is not None):
        connection.execute("DELETE FROM quotes WHERE version_id = ?", (version.row_id,))
        _copy_quotes(connection, version.words_of, version.row_id)
    insert_quotes(connection, [(comment_id, version.row_id, quote) for quote in version.quotes or ()])


def _copy_quotes(connection: sqlite3.Connection, of: int | None, to: int) -> None:
    names = 'comment_id, field, start, "end", text, kind, source_type, source_comment_id, source_version_id, '
    names += "source_field, source_start, source_end, score, method_version"
    sql = f"INSERT INTO quotes (version_id, {names}) SELECT ?, {names} FROM quotes WHERE version_id = ?"  # noqa: S608
    connection.execute(sql, (to, of))
