"""Which held row each comment of a page is, and which native id it bears."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from belowtheline.archive.record.alignment import Sighting, align, loose_address
from belowtheline.archive.record.shown_before import Showing, held_places, moved, shown_again
from belowtheline.archive.record.threads import PROVISIONAL, held_sightings, sightings
from belowtheline.archive.record.windows import is_window_enough, window
from belowtheline.reading.items import NOT_SHOWN, ThreadPage, shown


@dataclass(slots=True)
class Held:
    """What is held of a comment, as far as it tells whether its row must be read."""

    row_id: int
    native_id: str
    id_source: str
    last_seen_at: str | None
    shown_sha256: str | None


@dataclass(slots=True)
class Identities:
    """Who the comments of a page are, each by its position on the page."""

    held: dict[int, Held] = field(default_factory=dict)
    """The rows of those that are held."""
    natives: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Native id, or label, and the rule that gave it."""
    is_aligned: bool = False
    """Whether ids alone do not tell the thread's comments apart, and it matters which page showed each."""


def identify(connection: sqlite3.Connection, page: ThreadPage, thread_id: int, showing: Showing) -> Identities:
    """Settle which held row each comment of a page is, and which native id it bears."""
    native_ids = [comment.native_id for comment in page.comments if comment.native_id is not None]
    if len(native_ids) < len(page.comments) or _has_labels(connection, thread_id):
        return _Alignment(connection, page, thread_id, showing).identities()
    held = held_by_id(connection, thread_id, native_ids)
    found = Identities()
    for comment, native_id in zip(page.comments, native_ids, strict=True):
        found.natives[comment.position] = (native_id, "page")
        if native_id in held:
            found.held[comment.position] = held[native_id]
    return found


def _has_labels(connection: sqlite3.Connection, thread_id: int) -> bool:
    return connection.execute(f"{_LABELS} LIMIT 1", (thread_id, *_LABELLED)).fetchone() is not None


_LABELS = "SELECT native_id FROM comments WHERE thread_id = ? AND native_id >= ? AND native_id < ?"
_LABELLED = (PROVISIONAL, chr(ord(PROVISIONAL) + 1))


_HELD = "SELECT id, native_id, id_source, last_seen_at, shown_sha256 FROM comments"


def held_by_id(connection: sqlite3.Connection, thread_id: int, native_ids: Sequence[str]) -> dict[str, Held]:
    """Return what is held of a thread's comments by their native ids."""
    sql = _HELD + " WHERE thread_id = ? AND native_id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
    return {row[1]: Held(*row) for row in connection.execute(sql, (thread_id, json.dumps(native_ids)))}


def _held_by_row(connection: sqlite3.Connection, row_ids: Iterable[int]) -> dict[int, Held]:
    sql = _HELD + " WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
    return {row[0]: Held(*row) for row in connection.execute(sql, (json.dumps(list(row_ids)),))}


class _Alignment:
    """A page beside the comments held, for where ids alone do not say who is who."""

    def __init__(self, connection: sqlite3.Connection, page: ThreadPage, thread_id: int, showing: Showing) -> None:
        self.connection = connection
        self.page = page
        self.thread_id = thread_id
        self.showing = showing
        self.ours = self._without_page_addresses(sightings(page.comments))
        self.parents_named: dict[int, set[str]] = defaultdict(set)
        for comment in page.comments:
            if comment.parent_position is not None and isinstance(comment.parent_native_id, str):
                self.parents_named[comment.parent_position].add(comment.parent_native_id)
        self.among: list[int] | None = None
        """Places of those held that the page may show again, where these are told without the whole thread."""
        self.rows, held = self._held()
        self.held = self._without_page_addresses(held)
        self.row_of = {sighting.native_id: row for row, sighting in zip(self.rows, self.held, strict=True)}

    def _held(self) -> tuple[list[int], list[Sighting]]:
        """Return rows and sightings of what the page can be about, in thread order."""
        number = self.page.completeness.page_number
        if not is_window_enough(self.connection, self.ours, number, self.thread_id, self.showing):
            return held_sightings(self.connection, self.thread_id)
        named = {native_id for ids in self.parents_named.values() for native_id in ids}
        shown_ids = named | {one.native_id for one in self.ours if one.native_id is not None}
        rows, held, self.among = window(self.connection, self.thread_id, self.showing, number, shown_ids)
        return rows, held

    def _without_page_addresses(self, side: Sequence[Sighting]) -> list[Sighting]:
        """Return sightings without addresses that are the page's or the thread's, and no permalinks."""
        sql = "SELECT url FROM captures WHERE id = ?"
        (address,) = self.connection.execute(sql, (self.showing.capture_id,)).fetchone()
        own = {loose_address(url) for url in (address, shown(self.page.thread.url)) if url}
        return [replace(one, url=None) if one.url and loose_address(one.url) in own else one for one in side]

    def _matched(self) -> dict[int, int]:
        """Return the row of each comment that is held, by its place on the page."""
        if self.among is not None:
            return {index: self.rows[place] for index, place in align(self.ours, self.held, self.among).items()}
        places = held_places(self.connection, self.page, self.showing, self.thread_id, self.rows)
        matched = align(self.ours, self.held, shown_again(self.ours, self.held, places))
        matched |= moved(self.ours, self.held, matched, places)
        return {index: self.rows[place] for index, place in matched.items()}

    def identities(self) -> Identities:
        row_ids = self._matched()
        natives = self._natives()
        taken = set(row_ids.values())
        for index, (native_id, _) in enumerate(natives):
            row = self.row_of.get(native_id) if native_id is not None else None
            if row is None or row == row_ids.get(index):
                continue
            if row in taken:
                natives[index] = (None, "label")
            else:
                row_ids[index] = row
                taken.add(row)
        held = _held_by_row(self.connection, row_ids.values())
        return self._settled({index: held[row] for index, row in row_ids.items()}, natives)

    def _settled(self, held: dict[int, Held], natives: Sequence[tuple[str | None, str]]) -> Identities:
        found = Identities(is_aligned=True)
        labels = self._free_labels()
        for index, comment in enumerate(self.page.comments):
            native_id, rule = natives[index]
            before = held.get(index)
            if before is not None:
                self._promote(before, native_id, rule)
                found.held[comment.position] = before
                native_id, rule = before.native_id, before.id_source
            found.natives[comment.position] = (native_id, rule) if native_id is not None else (next(labels), "label")
        return found

    def _natives(self) -> list[tuple[str | None, str]]:
        """Return the id of each comment with the rule that gives it, no id twice."""
        given = {comment.native_id for comment in self.page.comments}
        natives: list[tuple[str | None, str]] = []
        for index, comment in enumerate(self.page.comments):
            native_id, rule = comment.native_id, "page"
            if native_id is None:
                native_id, rule = self._tombstone_id(index) or (None, "label")
                native_id, rule = (None, "label") if native_id in given else (native_id, rule)
                given.add(native_id)
            natives.append((native_id, rule))
        return natives

    def _tombstone_id(self, index: int) -> tuple[str, str] | None:
        """Return the id that the replies of a tombstone name as their parent; alignment finds one that is missing."""
        comment = self.page.comments[index]
        named = self.parents_named.get(comment.position, set())
        is_named = comment.deletion not in (None, NOT_SHOWN) and len(named) == 1
        return (next(iter(named)), "named by replies") if is_named else None

    def _promote(self, held: Held, native_id: str | None, rule: str) -> None:
        """Give a labelled row the id that is now known, and to its replies the id of their parent."""
        if native_id is None or not held.native_id.startswith(PROVISIONAL) or native_id in self.row_of:
            return
        self.row_of[native_id] = held.row_id
        held.native_id, held.id_source = native_id, rule
        sql = "UPDATE comments SET native_id = ?, id_source = ? WHERE id = ?"
        self.connection.execute(sql, (native_id, rule, held.row_id))
        sql = "UPDATE comments SET parent_native_id = ? WHERE parent_id = ? AND parent_native_id IS NULL"
        self.connection.execute(sql, (native_id, held.row_id))

    def _free_labels(self) -> Iterator[str]:
        taken = {native_id for (native_id,) in self.connection.execute(_LABELS, (self.thread_id, *_LABELLED))}
        number = 0
        while True:
            number += 1
            if (label := f"{PROVISIONAL}{number}") not in taken:
                yield label


def is_label(native_id: str) -> bool:
    """Return whether a native id is one of ours for the time being."""
    return native_id.startswith(PROVISIONAL)
