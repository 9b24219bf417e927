"""The quoted spans of one text: between marks, on `>` lines, and what HTML sets apart as `q` or in italics."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice

from belowtheline.archive.links.texts import Field
from belowtheline.pipelines.linking.folding import Folded, fold
from belowtheline.pipelines.quotes import find_spans

_SET_APART = re.compile(r"<(/?)(q|i|em)>")
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?[uo]l)\b[^<>]*>")
_QUOTE_MARK = re.compile(
    r"\[(?:(?P<closes>/quote)|quote(?P<name>(?: ?author| name)?=[\"'“]?)?[^\]\n]{0,200})\]", re.IGNORECASE
)
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
    level: int = 1
    """From 2 on it is quoted inside of another quotation, by whom the comment answers."""
    named_at: int = -1
    """Code point of the name that its mark gives, -1 where it gives none."""


def spans_of(text: str, field: Field, folded: Folded, html: str | None = None) -> list[Span]:
    """Return the quoted spans of a text in order; those of its HTML only where they stand in no other."""
    found = [
        Span(quote.start, quote.end, quote.kind, *folded.within(quote.start, quote.end))
        for quote in find_spans(text, field)
    ]
    if ">>" in text or "> >" in text:
        found = _with_levels(text, found)
    if "[quote" in text or "[QUOTE" in text:
        tags = [Span(*mark.span(), "mark", 0, 0) for mark in islice(_QUOTE_MARK.finditer(text), _MOST_ELEMENTS)]
        marked = list(_bracketed(text, folded))
        found = sorted([*marked, *_beside(_beside(found, tags), marked)], key=lambda span: span.start)
    if html and ("<q>" in html or "<i>" in html or "<em>" in html):
        apart = _beside(list(_set_apart(html, folded)), found)
        found = sorted([*found, *apart], key=lambda span: span.start)
    return found


def _beside(spans: list[Span], others: list[Span]) -> list[Span]:
    """Return the spans that overlap none of the others, which are in order."""
    starts = [span.start for span in others]
    return [span for span in spans if not _overlaps(span, others, starts)]


def _with_levels(text: str, spans: list[Span]) -> list[Span]:
    """Return the spans, blocks with the least number of marks before their lines, counted from 1 in the text."""
    levels = {span: min(map(_marks, _lines_of(text, span))) for span in spans if span.kind == "block"}
    least = min(levels.values(), default=1)
    return [replace(span, level=max(levels[span] - least, 0) + 1) if span in levels else span for span in spans]


def _lines_of(text: str, span: Span) -> list[str]:
    lines = text[text.rfind("\n", 0, span.start) + 1 : span.end].split("\n")
    return [line for line in lines if line.strip(" >")] or lines


def _marks(line: str) -> int:
    return line[: len(line) - len(line.lstrip("> "))].count(">")


def _bracketed(text: str, folded: Folded) -> Iterator[Span]:
    """Yield what stands between the marks of forums, `[quote=Name]words[/quote]`, where a page shows them as text."""
    opened: list[re.Match[str]] = []
    at = 0
    for mark in islice(_QUOTE_MARK.finditer(text), _MOST_ELEMENTS):
        if opened:
            first, last = folded.within(at, mark.start())
            if last > first:
                named_at = opened[-1].end("name") if opened[-1]["name"] is not None else -1
                yield Span(at, mark.start(), "block", first, last, len(opened), named_at)
        if mark["closes"]:
            del opened[-1:]
        else:
            opened.append(mark)
        at = mark.end()


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
