"""Which of the comments a page shows are which of those held, where ids alone do not say it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from rapidfuzz import fuzz

_EDITED = 80.0
"""Least likeness, of 100, of two texts of one author at one place for one to be an edit of the other."""
_ADDED_TO = 20
"""Least letters of a text for one that holds them all to be the same text, added to."""

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


def align(shown: Sequence[Sighting], held: Sequence[Sighting]) -> Matched:
    """Return which shown comment (index) is which held one (index); what is ambiguous stays apart.

    Ids decide first; then equal author and text, in order, where both sides have equally many; then, between two
    matched neighbours, the one comment of the same author that reads much the same, and what has no words.
    """
    matched = _by_id(shown, held)
    if len(matched) == len(shown):
        return matched
    matched |= _by_text(shown, held, matched)
    for match in (_equal_words, _edit, _gone, _wordless):
        for gap in list(_gaps(shown, held, matched)):
            matched |= match(gap)
    return matched


def _by_id(shown: Sequence[Sighting], held: Sequence[Sighting]) -> Matched:
    places = {sighting.native_id: index for index, sighting in enumerate(held) if sighting.native_id}
    return {index: places[sighting.native_id] for index, sighting in enumerate(shown) if sighting.native_id in places}


def _by_text(shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched) -> Matched:
    taken = set(matched.values())
    ours = _grouped(shown, (place for place in range(len(shown)) if place not in matched), lambda one: one.key)
    theirs = _grouped(held, (place for place in range(len(held)) if place not in taken), lambda one: one.key)
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


def _grouped(
    sightings: Sequence[Sighting], places: Iterator[int], key: Callable[[Sighting], Hashable]
) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place in places:
        if (value := key(sightings[place])) is not None:
            groups[value].append(place)
    return groups


def _pairs(shown: Sequence[Sighting], held: Sequence[Sighting], ours: Sequence[int], theirs: Sequence[int]) -> Matched:
    return {one: other for one, other in zip(ours, theirs, strict=True) if _may_match(shown[one], held[other])}


def _may_match(shown: Sighting, held: Sighting) -> bool:
    return shown.native_id is None or held.native_id is None or shown.native_id == held.native_id


@dataclass(frozen=True, slots=True)
class _Gap:
    """What is not matched between two matched neighbours, or between one and an end."""

    shown: Sequence[Sighting]
    held: Sequence[Sighting]
    ours: list[int]
    theirs: list[int]
    is_inside: bool
    """Whether both ends are matched neighbours."""


def _gaps(shown: Sequence[Sighting], held: Sequence[Sighting], matched: Matched) -> Iterator[_Gap]:
    anchors = [(-1, -1), *sorted(matched.items()), (len(shown), len(held))]
    taken = set(matched.values())
    for (left, held_left), (right, held_right) in pairwise(anchors):
        ours = list(range(left + 1, right))
        theirs = [place for place in range(held_left + 1, held_right) if place not in taken] if ours else []
        if theirs:
            yield _Gap(shown, held, ours, theirs, left >= 0 and right < len(shown))


def _equal_words(gap: _Gap) -> Matched:
    """Match words that stand more than once, where they stand equally often in the gap."""
    ours = _grouped(gap.shown, iter(gap.ours), lambda one: one.key)
    theirs = _grouped(gap.held, iter(gap.theirs), lambda one: one.key)
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
    """Match a tombstone with the one comment that stood between the same neighbours, whichever was seen first."""
    if len(gap.ours) == len(gap.theirs) == 1 and gap.is_inside:
        shown, held = gap.shown[gap.ours[0]], gap.held[gap.theirs[0]]
        if (_is_bare(shown) or _is_bare(held)) and _may_match(shown, held):
            return {gap.ours[0]: gap.theirs[0]}
    return {}


def _wordless(gap: _Gap) -> Matched:
    """Match what has no words, where equally many of one author, or equally many tombstones, stand in the gap."""
    ours = _grouped(gap.shown, iter(gap.ours), _wordless_key)
    theirs = _grouped(gap.held, iter(gap.theirs), _wordless_key)
    return _equally_many(gap, ours, theirs)


def _wordless_key(sighting: Sighting) -> Hashable:
    if _is_bare(sighting):
        return True
    return None if sighting.text else (sighting.author,)


def _is_bare(sighting: Sighting) -> bool:
    return sighting.is_tombstone and not sighting.text


def is_same_thread(shown: Sequence[Sighting], held: Sequence[Sighting]) -> bool:
    """Return whether two sides with one headline are one thread: enough comments match, and most of the smaller."""
    ours = Counter(sighting.key for sighting in shown if sighting.key)
    theirs = Counter(sighting.key for sighting in held if sighting.key)
    smaller = min(ours.total(), theirs.total())
    same = (ours & theirs).total()
    return smaller > 0 and same >= min(MIN_SHARED, smaller) and same >= MIN_SHARE * smaller
