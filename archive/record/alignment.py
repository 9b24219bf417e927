"""Which of the comments a page shows are which of those held, where ids alone do not say it."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from rapidfuzz import fuzz

_EDITED = 80.0
"""Least likeness, of 100, of two texts of one author at one place for one to be an edit of the other."""
_ADDED_TO = 20
"""Least letters of a text for one that holds them all to be the same text, added to."""

_ZONE, _ZONES = timedelta(minutes=15), timedelta(hours=26)
"""What offsets of zones are multiples of, and how far zones lie apart at most."""
_MOST_PAIRS = 10_000
"""Pairs of a gap above which no comment of it is looked at as the only one that fits."""
_WWW = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)

MIN_SHARED = 3
MIN_SHARE = 0.8

Matched = dict[int, int]
"""Held places by shown places."""


@dataclass(frozen=True)
class Sighting:
    """What alignment needs of one comment, shown or held."""

    native_id: str | None
    name: str | None
    title: str | None
    body: str | None
    is_tombstone: bool = False
    url: str | None = None
    """Its permalink."""
    published: str | None = None
    """When it was published, to the minute, where that is known."""
    depth: int | None = None
    parent: int | None = None
    """Place of its parent on the same side."""

    # Most comments are matched by their ids, and their words are never looked at.
    @cached_property
    def author(self) -> str:
        """The author's name in letters."""
        return letters(self.name)

    @cached_property
    def text(self) -> str:
        """Title and body in letters."""
        return letters(self.title, self.body)

    @property
    def key(self) -> tuple[str, str] | None:
        """Author and text, None where there is no text to tell it by."""
        return (self.author, self.text) if self.text else None


def letters(*texts: str | None) -> str:
    """Return texts as letters and digits only, caseless, which copied text and HTML have in common.

    >>> letters("Re: Kettles", "It's HOT.")
    'rekettlesitshot'
    >>> letters(None, ":-) !")
    ':-)!'
    """
    joined = "".join(text for text in texts if text)
    return "".join(filter(str.isalnum, joined)).casefold() or "".join(joined.split())


def align(shown: Sequence[Sighting], held: Sequence[Sighting], among: Collection[int] | None = None) -> Matched:
    """Return which shown comment (index) is which held one (index); what is ambiguous stays apart.

    Ids and permalinks decide first. The other rules look at those held that are `among` what the page may show again:
    equal author and text, in order, where both sides have equally many; then, between two matched neighbours, the one
    comment of the same author that reads much the same, the one that a tombstone fits, and what has no words.
    """
    matched = _by_id(shown, held)
    matched |= _by_url(shown, held, matched)
    if len(matched) == len(shown):
        return matched
    among = range(len(held)) if among is None else among
    matched |= _by_date(shown, held, matched, among)
    matched |= _by_text(shown, held, matched, among)
    for match in (_equal_words, _edit, _gone, _wordless):
        for gap in list(_gaps(shown, held, matched, among)):
            matched |= match(gap)
    return matched


def _by_id(shown: Sequence[Sighting], held: Sequence[Sighting]) -> Matched:
    places = {sighting.native_id: index for index, sighting in enumerate(held) if sighting.native_id}
    return {index: places[sighting.native_id] for index, sighting in enumerate(shown) if sighting.native_id in places}


def _by_url(shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched) -> Matched:
    """Match permalinks that one comment of each side has."""
    taken = set(matched.values())
    ours = grouped(shown, (place for place in range(len(shown)) if place not in matched), _permalink)
    theirs = grouped(held, (place for place in range(len(held)) if place not in taken), _permalink)
    return one_to_one(shown, held, ours, theirs)


def one_to_one(
    shown: Sequence[Sighting],
    held: Sequence[Sighting],
    ours: dict[Hashable, list[int]],
    theirs: dict[Hashable, list[int]],
) -> Matched:
    """Match those whose key one comment of each side has."""
    found: Matched = {}
    for key, places in ours.items():
        if len(places) == len(theirs.get(key, ())) == 1:
            found |= _pairs(shown, held, places, theirs[key])
    return found


def _permalink(sighting: Sighting) -> str | None:
    return loose_address(sighting.url) if sighting.url else None


def loose_address(url: str) -> str:
    """Return an address without what differs between captures of one page.

    >>> loose_address("http://www.kettles.example/7/") == loose_address("https://kettles.example/7")
    True
    """
    return _WWW.sub("", url).rstrip("/")


def _by_date(shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched, among: Iterable[int]) -> Matched:
    """Match author and text that one comment of each side has at one time."""
    taken = set(matched.values())
    ours = grouped(shown, (place for place in range(len(shown)) if place not in matched), dated)
    return one_to_one(shown, held, ours, grouped(held, (place for place in among if place not in taken), dated))


def dated(sighting: Sighting) -> Hashable:
    """Return author, text and time of a comment; None where one is not known."""
    return (sighting.key, sighting.published) if sighting.key and sighting.published else None


def _by_text(shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched, among: Iterable[int]) -> Matched:
    taken = set(matched.values())
    ours = grouped(shown, (place for place in range(len(shown)) if place not in matched), lambda one: one.key)
    theirs = grouped(held, (place for place in among if place not in taken), lambda one: one.key)
    found: Matched = {}
    for key, places in ours.items():
        others = theirs.get(key, [])
        with_id = [place for place in others if held[place].native_id]
        # Where the same words stand more often than here, those with ids are the site's, and labels are our own copies.
        for candidates in (others, with_id, [place for place in others if not held[place].native_id]):
            if len(places) == len(candidates) and (pairs := _pairs(shown, held, places, candidates)):
                found |= pairs
                break
    return found


def grouped(
    sightings: Sequence[Sighting], places: Iterator[int], key: Callable[[Sighting], Hashable]
) -> dict[Hashable, list[int]]:
    """Return the places of those that have a key, by it."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place in places:
        if (value := key(sightings[place])) is not None:
            groups[value].append(place)
    return groups


def _pairs(shown: Sequence[Sighting], held: Sequence[Sighting], ours: Sequence[int], theirs: Sequence[int]) -> Matched:
    return {one: other for one, other in zip(ours, theirs, strict=True) if _may_match(shown[one], held[other])}


def _may_match(shown: Sighting, held: Sighting) -> bool:
    if shown.native_id is not None and held.native_id is not None:
        return shown.native_id == held.native_id
    ours, theirs = _permalink(shown), _permalink(held)
    has_no_id = shown.native_id is None and held.native_id is None
    return not (has_no_id and ours and theirs and ours != theirs) and have_one_date(shown, held)


def have_one_date(one: Sighting, other: Sighting) -> bool:
    """Return whether two may be of one time, which a reader, or a page, may have taken to be of another zone.

    >>> ten, eleven, later = (
    ...     Sighting(None, "Ann", None, "+1", published=f"2025-03-14T{time}") for time in ("10:00", "11:00", "11:01")
    ... )
    >>> have_one_date(ten, eleven), have_one_date(eleven, later)
    (True, False)
    """
    if None in (one.published, other.published) or one.published == other.published:
        return True
    apart = abs(datetime.fromisoformat(one.published or "") - datetime.fromisoformat(other.published or ""))
    return apart <= _ZONES and not apart % _ZONE


@dataclass(frozen=True, slots=True)
class _Gap:
    """What is not matched between two matched neighbours, or between one and an end."""

    shown: Sequence[Sighting]
    held: Sequence[Sighting]
    matched: Matched
    taken: Collection[int]
    ours: list[int]
    theirs: list[int]
    is_inside: bool
    """Whether both ends are matched neighbours."""

    is_tree: bool
    """Whether both sides stand as trees, each reply below what it answers."""

    def may_stand_for(self, one: int, other: int) -> bool:
        """Return whether a shown comment may be a held one by its id and its place in the tree."""
        shown, held = self.shown[one], self.held[other]
        if not _may_match(shown, held):
            return False
        if shown.depth is not None and held.depth is not None and shown.depth != held.depth:
            # Where replies are links, a tombstone has lost its own, and stands on top.
            is_alone = len(self.ours) == len(self.theirs) == 1
            return 0 in (shown.depth, held.depth) and (is_alone or not self.is_tree)
        if shown.parent is None or held.parent is None:
            return True
        above = self.matched.get(shown.parent)
        return above == held.parent if above is not None else held.parent not in self.taken


def is_tree(side: Sequence[Sighting]) -> bool:
    """Return whether there are replies, and each stands below what it answers."""
    above: dict[int, int] = {}
    has_replies = False
    for place, sighting in enumerate(side):
        if sighting.depth is None:
            return False
        if sighting.parent is not None:
            has_replies = True
            if above.get(sighting.depth - 1) != sighting.parent:
                return False
        above[sighting.depth] = place
    return has_replies


def _gaps(
    shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched, among: Collection[int]
) -> Iterator[_Gap]:
    anchors = [(-1, -1), *sorted(matched.items()), (len(shown), len(held))]
    taken = set(matched.values())
    free = set(among) - taken
    stands_as_tree = is_tree(shown) and is_tree(held)
    for (left, held_left), (right, held_right) in pairwise(anchors):
        ours = list(range(left + 1, right))
        theirs = [place for place in range(held_left + 1, held_right) if place in free] if ours else []
        if theirs:
            yield _Gap(shown, held, matched, taken, ours, theirs, left >= 0 and right < len(shown), stands_as_tree)


def _equal_words(gap: _Gap) -> Matched:
    """Match words that stand more than once, where they stand equally often in the gap."""
    ours = grouped(gap.shown, iter(gap.ours), lambda one: one.key)
    theirs = grouped(gap.held, iter(gap.theirs), lambda one: one.key)
    return _equally_many(gap, ours, theirs)


def _equally_many(gap: _Gap, ours: dict[Hashable, list[int]], theirs: dict[Hashable, list[int]]) -> Matched:
    found: Matched = {}
    for key, places in ours.items():
        if len(places) == len(theirs.get(key, ())):
            found |= _pairs(gap.shown, gap.held, places, theirs[key])
    return found


def _edit(gap: _Gap) -> Matched:
    """Match the one comment of a gap with the one that is held, where it reads as an edit of it."""
    if len(gap.ours) == len(gap.theirs) == 1:
        shown, held = gap.shown[gap.ours[0]], gap.held[gap.theirs[0]]
        if _may_match(shown, held) and shown.author == held.author and _reads_as_edit(shown.text, held.text):
            return {gap.ours[0]: gap.theirs[0]}
    return {}


def _reads_as_edit(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return (len(shorter) >= _ADDED_TO and shorter in longer) or (
        bool(shorter) and fuzz.ratio(shorter, longer) >= _EDITED
    )


def _gone(gap: _Gap) -> Matched:
    """Match a tombstone with the one comment of the gap that it fits, whichever was seen first.

    It fits none surely where another of the gap may stand for the same comment, or where it may stand for another.
    """
    if not gap.is_inside or len(gap.ours) * len(gap.theirs) > _MOST_PAIRS:
        return {}
    fitting = [(one, other) for one in gap.ours for other in gap.theirs if _fits(gap, one, other)]
    ours, theirs = Counter(one for one, _ in fitting), Counter(other for _, other in fitting)
    return {
        one: other
        for one, other in fitting
        if ours[one] == theirs[other] == 1 and (_is_bare(gap.shown[one]) or _is_bare(gap.held[other]))
    }


def _fits(gap: _Gap, one: int, other: int) -> bool:
    """Return whether two may be one comment: words beside a tombstone, or of one author, who may have edited them."""
    shown, held = gap.shown[one], gap.held[other]
    is_like = _is_bare(shown) or _is_bare(held) or shown.author == held.author
    return is_like and gap.may_stand_for(one, other)


def _wordless(gap: _Gap) -> Matched:
    """Match what has no words, where equally many of one author, or equally many tombstones, stand in the gap."""
    ours = grouped(gap.shown, iter(gap.ours), _wordless_key)
    theirs = grouped(gap.held, iter(gap.theirs), _wordless_key)
    found = _equally_many(gap, ours, theirs)
    return {one: other for one, other in found.items() if gap.may_stand_for(one, other)}


def _wordless_key(sighting: Sighting) -> Hashable:
    if _is_bare(sighting):
        return True
    return None if sighting.text else (sighting.author,)


def _is_bare(sighting: Sighting) -> bool:
    return sighting.is_tombstone and not sighting.text


def is_same_thread(shown: Sequence[Sighting], held: Sequence[Sighting]) -> bool:
    """Return whether two sides with one headline are one thread: enough comments match, and most of the smaller."""
    same, smaller = _shared(shown, held)
    return smaller > 0 and same >= min(MIN_SHARED, smaller) and same >= MIN_SHARE * smaller


def is_another_thread(shown: Sequence[Sighting], held: Sequence[Sighting]) -> bool:
    """Return whether two sides that begin alike are two threads: both have comments enough to tell, and few match."""
    _, smaller = _shared(shown, held)
    return smaller > MIN_SHARED and not is_same_thread(shown, held)


def _shared(shown: Sequence[Sighting], held: Sequence[Sighting]) -> tuple[int, int]:
    """Return how many comments stand on both sides, and how many on the smaller."""
    ours = Counter(sighting.key for sighting in shown if sighting.key)
    theirs = Counter(sighting.key for sighting in held if sighting.key)
    return (ours & theirs).total(), min(ours.total(), theirs.total())
