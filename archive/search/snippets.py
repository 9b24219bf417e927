"""Where the hits of a search stand in a text, and what surrounds them."""

from collections.abc import Sequence, Set
from typing import NamedTuple

from belowtheline.archive.store.words import has_unspaced, is_unspaced, parts

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Noncharacters, which no text has, for SQLite to put around a hit."""
_LENGTH, _BEFORE = 160, 40
"""Code points of a snippet, and of what stands before its first hit, at most."""
_CUT = " … "

Span = tuple[int, int]


class Snippet(NamedTuple):
    """A piece of a text with its hits in brackets."""

    text: str
    brackets: tuple[int, ...]
    """Which of the square brackets in it stand around hits, counted from 0."""


def spans(text: str | None, marked: str | None, marked_words: str | None, asked: Set[str]) -> list[Span]:
    """Return where hits stand in a text, by what SQLite marked in the text itself and in its divided words.

    Of a pair that was not asked for as it is, its first character was.
    """
    if not text:
        return []
    found = _in_text(text, marked or "")
    if marked_words:  # a run without spaces is one word in the text itself
        found = [span for span in found if not has_unspaced(text[span[0] : span[1]])]
        found += _in_words(text, marked_words, asked)
    return _joined(sorted(found))


def _in_text(text: str, marked: str) -> list[Span]:
    if OPEN not in marked or marked.replace(OPEN, "").replace(CLOSE, "") != text:
        return []
    found: list[Span] = []
    at = 0
    for piece in marked.split(OPEN)[1:]:
        at = len(marked.partition(OPEN)[0]) if not found else at
        words, _, after = piece.partition(CLOSE)
        found.append((at, at + len(words)))
        at += len(words) + len(after)
    return found


def _in_words(text: str, marked: str, asked: Set[str]) -> list[Span]:
    if OPEN not in marked:
        return []
    places = list(parts(text))
    found, first = [], 0
    for place, word in enumerate(marked.split(" ")):
        if place >= len(places):
            break
        first = place if OPEN in word else first
        if CLOSE in word:
            is_half = is_unspaced(text, places[place]) and places[place].word not in asked
            end = places[place + 1].start if is_half and place + 1 < len(places) else places[place].end
            found.append((places[first].start, min(end, places[place].end)))
    return found


def _joined(found: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def snippet(text: str, hits: Sequence[Span]) -> Snippet:
    """Return the piece of a text that has most of its hits, which are in order; without hits, its beginning.

    >>> snippet("a kettle [of tea]", [(2, 8)])
    Snippet(text='a [kettle] [of tea]', brackets=(0, 1))
    """
    start, end = _window(text, hits)
    pieces, brackets, at = [_CUT.lstrip() if start else ""], [], start
    for first, last in hits:
        if first < start or last > end:
            continue
        pieces += [text[at:first], "[", text[first:last], "]"]
        opened = _brackets(pieces[:-3])
        brackets += [opened, opened + 1 + _brackets([text[first:last]])]
        at = last
    pieces += [text[at:end], _CUT.rstrip() if end < len(text) else ""]
    return Snippet("".join(pieces), tuple(brackets))


def _brackets(pieces: Sequence[str]) -> int:
    return sum(piece.count("[") + piece.count("]") for piece in pieces)


def _window(text: str, hits: Sequence[Span]) -> Span:
    """Return the piece that is shown: from a little before the hit after which most others stand near."""
    if not hits:
        return 0, _cut(text, _LENGTH, 0)
    first = max(hits, key=lambda hit: (sum(hit[0] <= start < hit[0] + _LENGTH - _BEFORE for start, _ in hits), -hit[0]))
    start = max(first[0] - _BEFORE, 0)
    if start:
        space = text.find(" ", start, first[0])
        start = space + 1 if space >= 0 else start
    return start, max(_cut(text, start + _LENGTH, first[1]), first[1])


def _cut(text: str, end: int, least: int) -> int:
    """Return where a piece ends that must not end inside of a word."""
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", max(least, end - _BEFORE), end)
    return space if space > 0 else end
