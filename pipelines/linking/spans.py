"""The quoted spans of one text: between marks, on `>` lines, and what HTML sets apart as `q` or in italics."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from belowtheline.archive.linked import Field
from belowtheline.pipelines.linking.folding import Folded, fold
from belowtheline.pipelines.quotes import find_spans

_SET_APART = re.compile(r"<(/?)(q|i|em)>")
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?[uo]l)\b[^<>]*>")
_LEAST_ITALIC = 4
"""Words in italics that may be a quotation; fewer are emphasis."""
_MOST_ELEMENTS, _MOST_TRIES = 500, 500
"""Elements that are looked at, and places where each is looked for; a body that needs more is made by a program."""


@dataclass(frozen=True, slots=True)
class Span:
    """A quoted span: code points of the text, half-open, and the words that stand in it."""

    start: int
    end: int
    kind: str
    """quoted, block, unbalanced; italic is a quotation only where a source is found."""
    first: int
    last: int
    """The word after the last."""


def spans_of(text: str, field: Field, folded: Folded, html: str | None = None) -> list[Span]:
    """Return the quoted spans of a text in order; those of its HTML only where they stand in no other."""
    found = [
        Span(quote.start, quote.end, quote.kind, *folded.within(quote.start, quote.end))
        for quote in find_spans(text, field)
    ]
    if html and ("<q>" in html or "<i>" in html or "<em>" in html):
        starts = [span.start for span in found]
        apart = [span for span in _set_apart(html, folded) if not _overlaps(span, found, starts)]
        found = sorted([*found, *apart], key=lambda span: span.start)
    return found


def _overlaps(span: Span, others: list[Span], starts: list[int]) -> bool:
    before = bisect_left(starts, span.end) - 1
    return before >= 0 and others[before].end > span.start


def _set_apart(html: str, folded: Folded) -> Iterator[Span]:
    """Yield the words of each `q` and of longer italics, found again in the text form one after the other."""
    at = 0
    for name, inside in _elements(html):
        words = fold(unescape(_TAG.sub("", _BREAK.sub(" ", inside)))).words
        if not words or (name != "q" and len(words) < _LEAST_ITALIC):
            continue
        first = _find(folded.words, words, at)
        if first is None:
            continue
        at = first + len(words)
        yield Span(folded.starts[first], folded.ends[at - 1], "block" if name == "q" else "italic", first, at)


def _elements(html: str) -> Iterator[tuple[str, str]]:
    """Yield name and inside of the outermost elements that are set apart, as sanitised HTML nests them."""
    depth, start, name = 0, 0, ""
    for count, match in enumerate(_SET_APART.finditer(html)):
        if count > _MOST_ELEMENTS:
            return
        if not match[1]:
            if not depth:
                start, name = match.end(), match[2]
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield name, html[start : match.start()]


def _find(words: list[str], wanted: list[str], start: int) -> int | None:
    """Return where words follow each other, the first place from `start` on."""
    at = start - 1
    for _ in range(_MOST_TRIES):
        try:
            at = words.index(wanted[0], at + 1)
        except ValueError:
            return None
        if words[at : at + len(wanted)] == wanted:
            return at
    return None
