"""What changed when, of a comment, of a thread and since a time: each change with the capture that showed it.

All of it is read from what is kept anyway: versions, observations, and when comments were first seen. The time of a
change is the time of the capture that showed it, whenever that was taken in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from belowtheline.archive.record.absence import NOT_SEEN
from belowtheline.archive.store.database import Archive

VOTES = frozenset({"upvotes", "downvotes", "score"})
"""Kinds of change that come with nearly every look at a thread."""


@dataclass(frozen=True, slots=True)
class Source:
    """The capture that showed a change."""

    url: str
    sha256: str
    fetched_at: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `at` is NULL where no capture that shows it is dated."""

    at: str | None
    kind: str
    before: str | None
    after: str | None
    source: Source
    comment: str | None = None
    """Native id of the comment, NULL where the thread itself has changed."""
    author: str | None = None
    is_first: bool = False
    """Whether it is how the comment or the thread was first seen, and no change of anything held."""


@dataclass(frozen=True, slots=True)
class ThreadChanges:
    """A thread with what has changed of it and of its comments, read as it is gone through, and once."""

    thread_id: int
    site: str
    native_id: str
    title: str | None
    instance: str = ""
    changes: Iterable[Change] = field(default=())


_FIELDS = {"author_name": "author", "icon": "icon", "deletion": "deleted", "title": "title", "body_text": "edited"}
_VERSION_COLUMNS = ("shown_at", *_FIELDS, "body_html")

_VERSIONS = f"""
    SELECT v.comment_id, c.native_id, c.author_name, k.url, k.sha256, k.fetched_at,
        {", ".join(f"v.{name}" for name in _VERSION_COLUMNS)}
    FROM comments c JOIN comment_versions v ON v.comment_id = c.id JOIN captures k ON k.id = v.capture_id
    WHERE {{}} ORDER BY c.position, c.id, coalesce(v.shown_at, ''), v.id = c.version_id, v.id"""  # noqa: S608 - constants

_AT = "CASE k.fetched_at_source WHEN 'file' THEN NULL ELSE k.fetched_at END"
_OBSERVED = f"""
    SELECT o.comment_id, c.native_id, c.author_name, k.url, k.sha256, k.fetched_at, {_AT} AS at, o.kind, o.value
    FROM comments c JOIN observations o ON o.comment_id = c.id JOIN captures k ON k.id = o.capture_id
    WHERE {{}} ORDER BY c.position, c.id, coalesce(at, ''), o.id"""  # noqa: S608 - constants
_THREAD_OBSERVED = f"""
    SELECT o.thread_id, k.url, k.sha256, k.fetched_at, {_AT} AS at, o.kind, o.value
    FROM thread_observations o JOIN captures k ON k.id = o.capture_id
    WHERE o.thread_id = ? ORDER BY coalesce(at, ''), o.id"""  # noqa: S608 - constants


def comment_changes(archive: Archive, comment_id: int) -> list[Change]:
    """Return how a comment was first seen and what has changed of it since, the oldest first."""
    return sorted(_each_of_comments(archive, "c.id = ?", comment_id), key=_order)


def thread_changes(archive: Archive, thread_id: int) -> list[Change]:
    """Return how a thread was first seen, what has changed of it, and how many comments changed at a time."""
    counted: Counter[tuple[str, str, Source]] = Counter()
    for change in _each_of_comments(archive, "c.thread_id = ?", thread_id):
        if change.kind in _COUNTED:
            counted[change.at or "", _COUNTED[change.kind], change.source] += 1
    summed = [
        Change(at or None, kind, None, str(counted[at, kind, source]), source)
        for at, kind, source in sorted(counted, key=lambda one: _SUMMED.index(one[1]))
    ]
    return sorted(chain(_of_thread(archive, thread_id), summed), key=_order)


_COUNTED = {
    "first seen": "comments arrived",
    "edited": "comments edited",
    "deleted": "comments deleted",
    "restored": "comments restored",
    "not seen": "comments not seen",
    "seen again": "comments seen again",
}


_SUMMED = tuple(_COUNTED.values())


def changes_since(
    archive: Archive, since: str, *, thread_id: int | None = None, with_votes: bool = False
) -> Iterator[ThreadChanges]:
    """Yield the threads in which anything has changed since a time, each with its changes in thread order.

    However much has changed, one comment is held at a time: a thread's changes are gone through before the next thread.
    """
    changed = archive.query(_CHANGED, (since, thread_id))
    for (row_id, site, instance, native_id, title), rows in groupby(changed, key=itemgetter(0, 1, 2, 3, 4)):
        comments = (row[5] for row in rows if row[5] is not None)
        found = chain(_of_thread(archive, row_id), _of_each(archive, comments))
        told = (change for change in map(_as_new, found) if (change.at or "") >= since and _is_told(change, with_votes))
        first = next(told, None)
        if first is not None:
            yield ThreadChanges(row_id, site, native_id, title, instance, chain((first,), told))


def _of_each(archive: Archive, comments: Iterable[int]) -> Iterator[Change]:
    for comment_id in comments:
        yield from comment_changes(archive, comment_id)


def _as_new(change: Change) -> Change:
    return replace(change, kind="new") if change.kind == "first seen" else change


def _is_told(change: Change, with_votes: bool) -> bool:
    """Return whether a change is listed: what came with a new comment is not, and votes only where they are wanted."""
    return (with_votes or change.kind not in VOTES) and (change.kind == "new" or not change.is_first)


_CHANGED = """
    WITH recent AS (SELECT id FROM captures WHERE fetched_at >= ?1), changed AS (
        SELECT v.comment_id FROM recent JOIN comment_versions v ON v.capture_id = recent.id
        UNION SELECT o.comment_id FROM recent JOIN observations o ON o.capture_id = recent.id
    )
    SELECT t.id, s.name, t.instance, t.native_id, t.title, w.comment_id FROM (
        SELECT c.thread_id, c.position, changed.comment_id FROM changed JOIN comments c ON c.id = changed.comment_id
        UNION ALL
        SELECT o.thread_id, 0, NULL FROM recent JOIN thread_observations o ON o.capture_id = recent.id
    ) w JOIN threads t ON t.id = w.thread_id JOIN sites s ON s.id = t.site_id
    WHERE ?2 IS NULL OR t.id = ?2 ORDER BY t.id, w.position, w.comment_id"""


def _each_of_comments(archive: Archive, where: str, row_id: int) -> Iterator[Change]:
    """Yield the changes of comments: what their versions tell, then what was observed of them."""
    for sql, read in ((_VERSIONS, _from_versions), (_OBSERVED, _from_observations)):
        found = archive.query(sql.format(where), (row_id,))
        for (_, native_id, author), rows in groupby(found, key=itemgetter(0, 1, 2)):
            yield from read(rows, (native_id, author))


def _order(change: Change) -> tuple[str, bool]:
    return change.at or "", not (change.is_first and change.kind == "first seen")


def _from_versions(rows: Iterable[Sequence[Any]], name: tuple[str, str | None]) -> Iterator[Change]:
    before: dict[str, Any] | None = None
    for _, _, _, url, sha256, fetched_at, *values in rows:
        source, version = Source(url, sha256, fetched_at), dict(zip(_VERSION_COLUMNS, values, strict=True))
        if before is None:
            yield Change(version["shown_at"], "first seen", None, version["body_text"], source, *name, is_first=True)
            if version["deletion"]:
                yield Change(version["shown_at"], "deleted", None, version["deletion"], source, *name, is_first=True)
        else:
            yield from _differences(before, version, source, name)
        before = version


def _differences(
    before: dict[str, Any], version: dict[str, Any], source: Source, name: tuple[str, str | None]
) -> Iterator[Change]:
    """Yield what tells a version from the one before it."""
    count = 0
    for column, kind in _FIELDS.items():
        if before[column] != version[column]:
            count += 1
            named = "restored" if column == "deletion" and version[column] is None else kind
            yield Change(version["shown_at"], named, before[column], version[column], source, *name)
    if not count and before["body_html"] != version["body_html"]:
        yield Change(version["shown_at"], "markup", before["body_html"], version["body_html"], source, *name)


def _from_observations(rows: Iterable[Sequence[Any]], name: tuple[str, str | None]) -> Iterator[Change]:
    last: dict[str, str | None] = {}
    for _, _, _, url, sha256, fetched_at, at, kind, value in rows:
        source = Source(url, sha256, fetched_at)
        if kind == NOT_SEEN:
            yield Change(value or at, kind if value else "seen again", None, None, source, *name)
        else:
            yield Change(at, kind, last.get(kind), value, source, *name, is_first=kind not in last)
        last[kind] = value


_THREAD_KINDS = {"declared_count": "count", "body_text": "edited"}


def _of_thread(archive: Archive, thread_id: int) -> Iterator[Change]:
    """Yield how a thread itself was first seen and what has changed of it."""
    last: dict[str, str | None] = {}
    for _, url, sha256, fetched_at, at, kind, value in _observed_of_thread(archive, thread_id):
        source = Source(url, sha256, fetched_at)
        if not last:
            title = archive.query("SELECT title FROM threads WHERE id = ?", (thread_id,)).fetchone()[0]
            shown = value if kind == "title" else title
            yield Change(at, "first seen", None, shown, source, is_first=True)
        named = ("closed" if value == "1" else "reopened") if kind == "is_closed" else _THREAD_KINDS.get(kind, kind)
        is_first = kind not in last
        if not is_first or named in ("closed", "count", "score"):
            yield Change(at, named, last.get(kind), value, source, is_first=is_first)
        last[kind] = value


def _observed_of_thread(archive: Archive, thread_id: int) -> Iterable[Any]:
    known = archive.query("SELECT 1 FROM sqlite_master WHERE name = 'thread_observations'").fetchone()
    return archive.query(_THREAD_OBSERVED, (thread_id,)) if known else ()
