"""Posts that are numbered but not indented: of all numbered lines, those that make the likeliest thread.

Replies restart their numbers and lists in bodies have numbers of their own, so each line is weighed by its look and
its surroundings, and the best choice whose numbers make sense as a thread is searched, with a few choices kept open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.frame import is_below_posts
from belowtheline.sites.theregister.copiedtext.headers import Header, Numbered, is_sure_sign, numbered_at
from belowtheline.sites.theregister.copiedtext.lines import Following, Line
from belowtheline.sites.theregister.copiedtext.openings import name_and_badge, name_weight

_KEPT_OPEN, _FEW = 24, 2_000
"""Choices kept open from line to line, and the numbered lines up to which so many are: no thread seen has 1,000."""
_HOPELESS = -3.0
_SIGNED, _NEW_LEVEL, _JUMP, _NOT_FIRST, _NEXT_ITEM = 8.0, -1.5, -4.0, -0.5, 3.0
_INTRODUCED, _ALONE, _EXPECTED = 1.25, 2.0, -3.0
_DEEPEST = 40  # levels of replies; more would only cost time


def numbered_headers(lines: Sequence[Line], following: Following) -> list[Header]:
    """Return the headers of posts whose indents are lost; who answers whom is not to be seen then."""
    candidates = [found for index in range(len(lines)) if (found := numbered_at(lines, index))]
    if not candidates:
        return []
    weights = _Weights(lines, following, candidates)
    frames = [index for index, line in enumerate(lines) if line.is_back]
    chosen = _choose(candidates, weights, frames)
    return [candidates[place].header(lines, None) for place in chosen]


def _below_closing(lines: Sequence[Line], candidates: Sequence[Numbered]) -> set[int]:
    """Return the lines of those below the sentence that closes the posts, which a body may quote as well."""
    numbered = {candidate.line for candidate in candidates}
    is_new = is_below = False  # a numbered line since the frame, and what is below the posts
    found = set[int]()
    for index, line in enumerate(lines):
        if line.is_back:
            is_new = is_below = False
        elif line.is_closing:
            is_new, is_below = False, is_new
        elif index in numbered:
            is_new = True
            found |= {index} if is_below else set()
    return found


class _Weights:
    """How much each numbered line looks like a header: above zero if it does."""

    def __init__(self, lines: Sequence[Line], following: Following, candidates: Sequence[Numbered]) -> None:
        self.lines = lines
        self.following = following
        self.candidates = candidates
        self.at = {candidate.line for candidate in candidates}
        self.below = _below_closing(lines, candidates)
        self.is_dense = len(candidates) > 1 and not any(self._is_blank(one.line - 1) for one in candidates[1:])
        self.is_signed = [is_sure_sign(candidate, lines, following) for candidate in candidates]
        signed = [one for one, is_signed in zip(candidates, self.is_signed, strict=True) if is_signed]
        self.indents = {one.indent for one in signed or candidates}
        self.names = {name_and_badge(one.text)[0] for one in signed} - {""}

    def of(self, place: int) -> float:
        """Return the weight of one of the lines."""
        candidate = self.candidates[place]
        weight = _SIGNED if self.is_signed[place] else 0.0
        weight += 2 if candidate.text in self.names else 0
        weight += name_weight(name_and_badge(candidate.opening.name)[0]) + self._surroundings(candidate)
        weight -= 2 if candidate.indent not in self.indents else 0
        weight -= 3 if candidate.line in self.below else 0
        return weight + self._paragraphs(place)

    def is_introduced(self, candidate: Numbered) -> bool:
        """Return whether the text above ends with a colon, as what introduces a list does."""
        before = self._before(candidate)
        return before >= 0 and self.lines[before].text.endswith(":")

    def _before(self, candidate: Numbered) -> int:
        """Return the line with text above a candidate; -1 where there is none near."""
        line = candidate.line
        return next((index for index in range(line - 1, max(line - 4, -1), -1) if self.lines[index].text), -1)

    def _surroundings(self, candidate: Numbered) -> float:
        line, before = candidate.line, self._before(candidate)
        is_list = before >= 0 and (self.is_introduced(candidate) or is_below_posts(self.lines, before))
        colon = -4.0 if is_list else 0.0
        if self.is_dense:
            return colon
        is_after_frame = before < 0 or self.lines[before].is_closing or self.lines[before].is_back
        above = 1.0 if self._is_blank(line - 1) or is_after_frame else 0.0 if line - 1 in self.at else -2.0
        is_apart = self._is_blank(line + 1) or self._is_blank(line + 2)
        below = 1.0 if is_apart else 0.0 if line + 1 in self.at else -2.0
        return colon + above + below

    def _is_alone(self, place: int) -> bool:
        """Return whether a first number has no second below it: lists of bodies have more than one item."""
        numbers = [candidate.number for candidate in self.candidates[place : place + 2]]
        return numbers[0] == 1 and numbers[1:] != [2] and not self.is_introduced(self.candidates[place])

    def _is_blank(self, index: int) -> bool:
        return index < 0 or index >= len(self.lines) or not self.lines[index].text

    def _paragraphs(self, place: int) -> float:
        """Return what the texts up to the next numbered line say: a post has a title and a body, few items have."""
        end = self.candidates[place + 1].line if place + 1 < len(self.candidates) else len(self.lines)
        line, count = self.following[self.candidates[place].line], 0
        while line < end and count < 2:
            count += self.is_dense or not self.lines[line - 1].text or line == self.candidates[place].line + 1
            line = self.following[line]
        is_icon = self.lines[min(self.candidates[place].line + 1, len(self.lines) - 1)].text in wording.ICONS
        if count > 1 and self._is_alone(place):
            return 1.0 + _ALONE
        return 1.0 if count > 1 or is_icon else -0.5 if count else -1.0


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice of headers up to a line: the open levels by their last numbers, and the last item of a body's list."""

    levels: tuple[int, ...]
    item: int
    is_introduced: bool
    """Whether a colon introduced that list."""
    score: float
    last: "tuple[int, object] | None"
    """The place of the last header, and those before it, as a chain."""


def _choose(candidates: Sequence[Numbered], weights: _Weights, frames: Sequence[int]) -> list[int]:
    """Return the places of the best choice of headers."""
    kept = [_Choice((), 0, False, 0.0, None)]
    many = _KEPT_OPEN if len(candidates) <= _FEW else 2
    seen_frames = 0
    for place, candidate in enumerate(candidates):
        weight, is_introduced = weights.of(place), weights.is_introduced(candidate)
        frame = sum(1 for _ in range(seen_frames, len(frames)) if frames[_] < candidate.line)
        if frame:
            seen_frames += frame
            kept = [replace(choice, levels=(), item=0) for choice in kept]
        found = [_without(choice, candidate.number, weight, is_introduced=is_introduced) for choice in kept]
        if weight > _HOPELESS:
            found += [taken for choice in kept for taken in _with(choice, place, candidate.number, weight)]
        kept = _best(found, many)
    chain = kept[0].last
    places: list[int] = []
    while chain is not None:
        places.append(chain[0])
        chain = chain[1]  # type: ignore[assignment]
    return places[::-1]


def _best(choices: Sequence[_Choice], many: int) -> list[_Choice]:
    best: dict[tuple[tuple[int, ...], int], _Choice] = {}
    for choice in sorted(choices, key=lambda choice: -choice.score):
        best.setdefault((choice.levels, choice.item), choice)
        if len(best) == many:
            break
    return list(best.values())


def _without(choice: _Choice, number: int, weight: float, *, is_introduced: bool) -> _Choice:
    """Return the choice with the line as an item of a list in a body, or as no more than a line of it."""
    is_next = bool(choice.levels) and choice.item > 0 and number == choice.item + 1
    is_introduced = choice.is_introduced if is_next else is_introduced and number == 1
    bonus = 0.0
    if is_next and weight < _SIGNED / 2 + 1:
        bonus = _NEXT_ITEM + (_INTRODUCED if is_introduced else 0)
    elif not is_next and number > 1 and any(number == last + 1 for last in choice.levels):
        bonus = _EXPECTED  # the number that a level goes on with, and no list of a body does
    item = number if is_next or number == 1 else choice.item
    return replace(choice, item=item, is_introduced=is_introduced, score=choice.score + bonus)


def _with(choice: _Choice, place: int, number: int, weight: float) -> list[_Choice]:
    """Return the choices with the line as a header: on an open level, on a new one, or after a gap."""
    levels = choice.levels
    if not levels:
        return [_taken(choice, (number,), place, weight + (0.0 if number == 1 else _NOT_FIRST))]
    found = [
        _taken(choice, (*levels[:level], number), place, weight)
        for level, last in enumerate(levels)
        if number == last + 1
    ]
    if number == 1 and len(levels) < _DEEPEST:
        found.append(_taken(choice, (*levels, 1), place, weight + _NEW_LEVEL))
    elif not found:
        level = max((level for level, last in enumerate(levels) if last < number), default=None)
        kept = levels[:_DEEPEST] if level is None else levels[:level]
        found.append(_taken(choice, (*kept, number), place, weight + _JUMP))
    return found


def _taken(choice: _Choice, levels: tuple[int, ...], place: int, weight: float) -> _Choice:
    return _Choice(levels, 0, False, choice.score + weight, (place, choice.last))
