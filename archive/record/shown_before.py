"""Which held comments a page without ids may show again: those of the same page, and those that moved from another.

The words of a comment tell it from others of its page only. Another page of the same reading shows other comments,
whatever their words, unless it is the same list a second time; so does another page of one time that the same run took
in. Another page of another reading may show what new comments have pushed there: then author, words and date agree to
the minute, or a run of comments stands as it stood, or the page that showed it has been read again without it.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from belowtheline.archive.record.alignment import (
    MIN_SHARED,
    Matched,
    Sighting,
    dated,
    grouped,
    have_one_date,
    loose_address,
    one_to_one,
)
from belowtheline.reading.items import ThreadPage

Relation = Literal[
    "same page",
    "another page",
    "another address",
    "left its page",
    "other page of this reading",
    "other list of this reading",
    "unknown",
]

_LEAST_SHARE = 0.5
"""Share of the smaller side that two lists have in common where nothing else says that they are one."""
_LONGEST_RUN = 200
_ONE_TIME = timedelta(hours=1)
"""How far apart the pages of one run are fetched at most between which nothing has moved."""


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as far as it tells which other captures show the same page."""

    page_id: int | None
    reading_id: int | None
    number: int | None
    address: str | None
    """Where it was asked for; None of files and of copied text, whose address is the thread's."""
    run_id: int | None = None
    fetched_at: str | None = None

    def relation(self, other: "ShownPage", number: int | None) -> Relation:
        """Return what the page that showed a comment last is to this one; `number` is that of its newest capture."""
        found = self._relation(other, number)
        # The pages of a thread that one run takes in are files each, and yet of one time.
        return "other page of this reading" if found == "another page" and self._is_of_one_time(other) else found

    def _is_of_one_time(self, other: "ShownPage") -> bool:
        if self.run_id is None or self.run_id != other.run_id:
            return False
        if self.fetched_at is None or other.fetched_at is None:
            return True
        return abs(datetime.fromisoformat(self.fetched_at) - datetime.fromisoformat(other.fetched_at)) <= _ONE_TIME

    def _relation(self, other: "ShownPage", number: int | None) -> Relation:
        is_here = other.page_id is not None and other.reading_id == self.reading_id
        number = other.number if is_here else number
        if is_here and other.page_id == self.page_id:
            return "other page of this reading"
        if self.number is not None and number is not None:
            if self.number == number:
                return "same page"
            return "other page of this reading" if is_here else "another page"
        if self.address is not None and other.address is not None:
            if self.address == other.address:
                return "same page"
            if is_here:
                return "other list of this reading"
            # One page may have many addresses, and an address without a number may be of any page.
            return "another address" if self.number is None and number is None else "another page"
        return "other list of this reading" if is_here else "unknown"


@dataclass(frozen=True, slots=True)
class Showing:
    """Which page is being recorded."""

    page_id: int
    reading_id: int
    capture_id: int


@dataclass(slots=True)
class HeldPlaces:
    """The places of a thread's held comments by what the pages that showed them are to the one recorded now."""

    by_relation: dict[Relation, list[int]] = field(default_factory=dict)
    of_reading: dict[int | None, list[int]] = field(default_factory=dict)
    """Those that other pages of this reading showed, by page."""
    unknown: dict[int | None, list[int]] = field(default_factory=dict)
    """Those of which nothing says which page showed them, by page."""
    addresses: dict[int | None, list[int]] = field(default_factory=dict)
    """Those that pages without a number showed at other addresses, by page."""

    def of(self, relation: Relation) -> list[int]:
        """Return the places of one relation."""
        return self.by_relation.get(relation, [])


def held_places(
    connection: sqlite3.Connection, page: ThreadPage, showing: Showing, thread_id: int, rows: Sequence[int]
) -> HeldPlaces:
    """Return the places of a thread's held comments, whose rows are given in thread order."""
    ours = _recorded(connection, page, showing)
    last_shown = {row: rest for row, *rest in connection.execute(_SHOWN, (thread_id,))}
    pages = {row[0]: _page(*row) for row in connection.execute(_PAGES, (thread_id,))}
    again = _read_again(connection, showing.reading_id)
    addresses: dict[int, set[str]] | None = None
    relations: dict[tuple[int | None, int | None], Relation] = {}
    found = HeldPlaces()
    for place, row in enumerate(rows):
        number, page_id = last_shown[row]
        other = pages.get(page_id, _UNKNOWN)
        relation = relations.get((page_id, number)) or ours.relation(other, number)
        relations[page_id, number] = relation
        if relation == "another address":
            addresses = _addresses(connection, thread_id) if addresses is None else addresses
            relation = "same page" if ours.address in addresses.get(row, ()) else relation
        if relation.startswith("another") and not again.isdisjoint({number, other.address} - {None}):
            relation = "left its page"
        found.by_relation.setdefault(relation, []).append(place)
        if relation == "unknown":
            found.unknown.setdefault(other.page_id, []).append(place)
        elif relation == "another address":
            found.addresses.setdefault(other.page_id, []).append(place)
        elif relation.startswith("other"):
            found.of_reading.setdefault(other.page_id, []).append(place)
    return found


def _addresses(connection: sqlite3.Connection, thread_id: int) -> dict[int, set[str]]:
    """Return the addresses that showed the words of each comment first, or since they changed."""
    sql = """
        SELECT DISTINCT c.id, k.url FROM comments c JOIN comment_versions v ON v.comment_id = c.id
        JOIN captures k ON k.id = v.capture_id WHERE c.thread_id = ?"""
    found: dict[int, set[str]] = {}
    for row, url in connection.execute(sql, (thread_id,)):
        found.setdefault(row, set()).add(loose_address(url))
    return found


def _read_again(connection: sqlite3.Connection, reading_id: int) -> set[int | str | None]:
    """Return numbers and addresses of the pages that a reading has read."""
    sql = f"""
        SELECT {_PAGE} FROM pages p JOIN captures k ON k.id = p.capture_id
        WHERE p.reading_id = ? AND p.state = 'done'"""  # noqa: S608 - constants
    pages = [_page(*row) for row in connection.execute(sql, (reading_id,))]
    return {page.number for page in pages} | {page.address for page in pages}


_TIME = """
    (SELECT r.run_id FROM readings r WHERE r.id = p.reading_id),
    CASE WHEN k.fetched_at_source IS NOT 'file' THEN k.fetched_at END"""
_PAGE = f"p.id, p.reading_id, p.page_number, p.form, p.method, p.body, k.url, {_TIME}"
_SHOWN = "SELECT id, page_number, page_id FROM comments WHERE thread_id = ?"
_PAGES = f"""
    SELECT {_PAGE} FROM pages p LEFT JOIN captures k ON k.id = p.capture_id
    WHERE p.id IN (SELECT page_id FROM comments WHERE thread_id = ?)"""  # noqa: S608 - constants
_UNKNOWN = ShownPage(None, None, None, None)


def _recorded(connection: sqlite3.Connection, page: ThreadPage, showing: Showing) -> ShownPage:
    """Return the page that is being recorded, whose row does not say yet what it shows."""
    sql = f"SELECT p.method, p.body, k.url, {_TIME} FROM pages p, captures k WHERE p.id = ? AND k.id = ?"  # noqa: S608
    asked = connection.execute(sql, (showing.page_id, showing.capture_id)).fetchone()
    return _page(showing.page_id, showing.reading_id, page.completeness.page_number, page.form, *asked)


def _page(
    page_id: int | None,
    reading_id: int | None,
    number: int | None,
    form: str | None,
    method: str | None,
    body: str | None,
    url: str | None,
    run_id: int | None,
    fetched_at: str | None,
) -> ShownPage:
    is_address = url is not None and url.startswith(("http://", "https://")) and form != "copied text"
    address = loose_address(url) + (f"#{body}" if method == "POST" else "") if url and is_address else None
    return ShownPage(page_id, reading_id, number, address, run_id, fetched_at)


def shown_again(shown: Sequence[Sighting], held: Sequence[Sighting], places: HeldPlaces) -> list[int]:
    """Return the places of the held comments whose words the page may show again."""
    among = list(places.of("same page"))
    unknown = [place for of_list in places.unknown.values() for place in of_list if not _is_other(shown, held, of_list)]
    if _share(shown, [held[place] for place in unknown]) >= _LEAST_SHARE:
        among += unknown
    for of_list in places.addresses.values():
        if _is_one_list(shown, [held[place] for place in of_list]):
            among += of_list
    for of_list in places.of_reading.values():
        has_numbers = not set(of_list).isdisjoint(places.of("other page of this reading"))
        if _is_repeated(shown, [held[place] for place in of_list], is_dated=has_numbers):
            among += of_list
    return sorted(among)


def _is_one_list(shown: Sequence[Sighting], held: Sequence[Sighting]) -> bool:
    """Return whether two lists are one by their words: enough of them, or all of two comments or more."""
    ours, theirs = [one.key for one in shown], [one.key for one in held]
    if len(ours) > 1 and None not in ours and ours == theirs:
        return True
    common = len((set(ours) & set(theirs)) - {None})
    return common >= MIN_SHARED and _share(shown, held) >= _LEAST_SHARE


def _is_other(shown: Sequence[Sighting], held: Sequence[Sighting], of_list: Sequence[int]) -> bool:
    """Return whether a list is long enough to show by its words that the page is another list."""
    side = [held[place] for place in of_list]
    return len({one.key for one in side if one.key}) >= MIN_SHARED and _share(shown, side) < _LEAST_SHARE


def _share(shown: Sequence[Sighting], held: Sequence[Sighting]) -> float:
    """Return how much of the smaller side stands on the other as well, by its words or by its ids."""
    return max(_common([one.key for one in shown], [one.key for one in held]), _common(_ids(shown), _ids(held)))


def _ids(side: Sequence[Sighting]) -> list[str | None]:
    return [one.native_id for one in side]


def _common(shown: Sequence[Hashable], held: Sequence[Hashable]) -> float:
    ours, theirs = Counter(filter(None, shown)), Counter(filter(None, held))
    smaller = min(ours.total(), theirs.total())
    return (ours & theirs).total() / smaller if smaller else 0.0


def _is_repeated(shown: Sequence[Sighting], held: Sequence[Sighting], *, is_dated: bool) -> bool:
    """Return whether a list is another of the same reading, record by record; with page numbers, by its dates too."""
    if is_dated:
        has_dates = all(one.published for one in shown)
        if not has_dates or [one.published for one in shown] != [one.published for one in held]:
            return False
    ours, theirs = [one.key for one in shown], [one.key for one in held]
    shorter, longer = sorted((ours, theirs), key=len)
    if None in shorter or len(set(shorter)) < MIN_SHARED:
        return False
    starts = (place for place, key in enumerate(longer) if key == shorter[0])
    return any(longer[start : start + len(shorter)] == shorter for start in starts)


def moved(shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched, places: HeldPlaces) -> Matched:
    """Return which comments, not matched yet, stood on another page before."""
    left = set(places.of("left its page"))
    elsewhere = left | set(places.of("another page")) | set(places.of("another address"))
    known = matched | _equal(shown, held, matched, elsewhere, dated)
    for one, other in _equal(shown, held, known, elsewhere, _words).items():
        if one not in known:
            known |= _run(shown, held, known, elsewhere, (one, other))
    known |= _equal(shown, held, known, left, _words)
    return {one: other for one, other in known.items() if one not in matched}


def _equal(
    shown: Sequence[Sighting],
    held: Sequence[Sighting],
    known: Matched,
    among: Collection[int],
    key: Callable[[Sighting], Hashable],
) -> Matched:
    """Match those that are equal and, of what is not matched yet, the only ones."""
    free = sorted(set(among) - set(known.values()))
    ours = grouped(shown, (place for place in range(len(shown)) if place not in known), key)
    found = one_to_one(shown, held, ours, grouped(held, iter(free), key))
    return {one: other for one, other in found.items() if have_one_date(shown[one], held[other])}


def _words(sighting: Sighting) -> Hashable:
    return sighting.key


def _run(
    shown: Sequence[Sighting], held: Sequence[Sighting], known: Matched, free: Collection[int], seed: tuple[int, int]
) -> Matched:
    """Return the comments about a pair that stand in the same order on both sides; none where they are too few."""
    taken = set(known.values())
    run = [seed]
    for step in (-1, 1):
        one, other = seed[0] + step, seed[1] + step
        while 0 <= one < len(shown) and 0 <= other < len(held) and len(run) < _LONGEST_RUN:
            is_known = known.get(one) == other
            is_same = one not in known and other in free and other not in taken and shown[one].key == held[other].key
            if not (is_known or (is_same and shown[one].key)):
                break
            run.append((one, other))
            one, other = one + step, other + step
    is_run = len({shown[one].key for one, _ in run}) >= MIN_SHARED
    return dict(run) if is_run else {}
