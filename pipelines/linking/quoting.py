"""Which of the texts that hold a quoted span it is quoted from, and of what kind the span is."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from belowtheline.archive.links.texts import ResolvedQuote
from belowtheline.pipelines.linking.bearers import places_of
from belowtheline.pipelines.linking.folding import content_words, fold, length_in_words
from belowtheline.pipelines.linking.names import Named
from belowtheline.pipelines.linking.pieces import between_gaps, passages
from belowtheline.pipelines.linking.resolve import LEAST_COVERED, Index, Match
from belowtheline.pipelines.linking.spans import Span
from belowtheline.pipelines.linking.texts import ARTICLE, Document
from belowtheline.pipelines.linking.wholes import is_whole

LEAST_WORDS = 4
"""Fewer are found by chance in three of four cases, and never make an edge by themselves."""
LEAST_MARKED = 3
"""The same on marked lines, which quote somebody or something."""
_LONG = 8
_APART = 3
"""Letters beside a quotation from which on it stands inside a sentence."""
_ADDRESS = re.compile(r"(?:https?|ftp)://\S*|www\.\S*")
_LEFT_OUT = 99.0
"""The score of words of which some are left out, with dots in their place."""
_AS_ALIKE = 3.0
"""Marks of 100 by which holders may differ and still hold the same words."""
_UNSOURCED = ("scare", "external")
_LEAST_GOING_ON = 4
"""Words after an unclosed quotation that must stand in the source too, for it to go on over its paragraph."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A quoted span with what was found of it."""

    document: Document
    span: Span
    source: Match | None = None
    others: tuple[Match, ...] = ()
    """Other comments that hold the words; where there is no source, they quote them from elsewhere."""
    is_contested: bool = False
    """Whether several authors wrote the words without marks of quotation: a saying, or taken from elsewhere by all."""
    named: Named | None = None
    """The author under whose name it stands, where the source is a comment of theirs."""

    @property
    def rule(self) -> str:
        """The rule under which the source is answered."""
        if self.source is None:
            return "relayed_quote"
        if self.is_contested:
            return "quote_contested"
        if self.source.score < 100:
            return "quote_fuzzy"
        if self.is_three:
            return "quote_three"
        if length_in_words(_words(self.document, self.span)) >= _LONG:
            return "quote_long"
        return "quote" if self.is_apart else "quote_inline"

    @property
    def is_emphasis(self) -> bool:
        """Whether it stands in italics that are nobody's words."""
        return self.span.kind == "italic" and self.source is None

    @property
    def is_three(self) -> bool:
        """Whether it has too few words to count where they are not on lines of their own."""
        return length_in_words(_words(self.document, self.span)) < LEAST_WORDS

    @property
    def is_apart(self) -> bool:
        """Whether nothing else stands on its lines."""
        text, start, end = self.document.text, self.span.start, self.span.end
        line_end = text.find("\n", end)
        before = text[text.rfind("\n", 0, start) + 1 : start]
        after = text[end : line_end if line_end >= 0 else len(text)]
        return sum(map(str.isalnum, before + after)) < _APART

    @property
    def is_short(self) -> bool:
        """Whether it has too few words to be searched for."""
        return not is_asked(self.document, self.span)

    @property
    def kind(self) -> str:
        """The kind of the span, now that its source is known."""
        if self.span.kind in ("block", "italic"):
            return "block"
        if self.span.kind == "unbalanced":
            return "unbalanced"
        if self.source is not None:
            return sourced_kind(self.source)
        return "external" if length_in_words(_words(self.document, self.span)) >= LEAST_WORDS else "scare"


def sourced_kind(source: Match) -> str:
    """Return the kind of a quotation between marks whose source is held."""
    return "verbatim" if source.score == 100 else "changed"


def is_asked(document: Document, span: Span) -> bool:
    """Return whether a span says enough for its source to be looked for."""
    return _says_enough(_words(document, span), document.text[span.start : span.end], span.kind == "block")


def is_looked_for(text: str, kind: str) -> bool:
    """Return whether a quotation of that kind says enough for its source to be looked for in the whole thread."""
    return _says_enough(fold(text).words, text, kind == "block")


def _says_enough(words: list[str], text: str, is_marked: bool) -> bool:
    # Of lines that are marked three words are enough.
    least = LEAST_MARKED if is_marked else LEAST_WORDS
    if length_in_words(words) < least:
        return False
    if "://" in text or "www." in text:
        words = fold(_ADDRESS.sub(" ", text)).words
    return length_in_words(words) >= least and content_words(words) >= (1 if is_marked else 2)


def asked(document: Document) -> Iterator["array[int]"]:
    """Yield the words that will be looked for, of quotations and of their parts."""
    for span in document.spans:
        for part in (
            span,
            *passages(document, span),
            *between_gaps(document, span),
        ):
            if is_asked(document, part):
                yield document.ids[part.first : part.last]


def _words(document: Document, span: Span) -> list[str]:
    return document.folded.words[span.first : span.last]


def sourced(document: Document, index: Index, has_article: bool) -> list[Sourced]:
    """Return the quoted spans of a text with their sources, and note which of its words are from elsewhere."""
    found = []
    for span in document.spans:
        one = _searched(document, span, index, has_article)
        parts = [one] if one.source or one.others else _in_passages(document, span, index, has_article)
        is_led_in = bool(parts) and parts[0].span.start > span.start  # a line that says whose words it has
        found += parts if is_led_in or any(part.source for part in parts) else [one]
    found = [replace(one, others=()) if one.is_emphasis else one for one in found]
    document.elsewhere += [
        (one.span.first, one.span.last)
        for one in found
        if not one.is_emphasis and (one.source is None or one.source.document.place == ARTICLE)
    ]
    return found


def _searched(document: Document, span: Span, index: Index, has_article: bool) -> Sourced:
    """Return a span with its source, which may have more words where the span has dots."""
    if not is_asked(document, span):
        return Sourced(document, span)
    matches = index.matches(document.ids[span.first : span.last])
    earlier = [match for match in matches if match.document.place < document.place]
    source, others = _chosen(earlier, has_article)
    one = Sourced(document, span, source, others, _is_contested(document, matches))
    if one.is_three and not (source and _is_only(one, source)):
        return Sourced(document, span)
    if source is None and not others:
        return _across_gaps(one, index, has_article)
    return _going_on(one)


def _is_only(one: Sourced, source: Match) -> bool:
    """Return whether a source has exactly these words, and no other comment has them."""
    is_exact = source.score == 100 and is_whole(one.document, one.span, source)
    return is_exact and not one.others and not one.is_contested


def _in_passages(document: Document, span: Span, index: Index, has_article: bool) -> list[Sourced]:
    """Return a block's levels and paragraphs, each with its own source."""
    return [_searched(document, part, index, has_article) for part in passages(document, span)]


def _across_gaps(one: Sourced, index: Index, has_article: bool) -> Sourced:
    """Return a span with dots in it with its source, where one text has all of its parts in their order."""
    parts = between_gaps(one.document, one.span)
    longest = max(parts, key=lambda part: part.last - part.first, default=None)
    if longest is None or not is_asked(one.document, longest):
        return one
    words = one.document.ids[longest.first : longest.last]
    matches = index.matches(words)
    fitting = [
        whole
        for match in matches
        if match.document.place < one.document.place and match.score == 100 and (whole := _in_order(one, parts, match))
    ]
    source, others = _chosen(fitting, has_article)
    return replace(one, source=source, others=others, is_contested=_is_contested(one.document, matches))


def _in_order(one: Sourced, parts: Sequence[Span], match: Match) -> Match | None:
    """Return where all parts stand in the text that has one of them, one after the other."""
    document, at, starts = match.document, 0, []
    for part in parts:
        words = one.document.ids[part.first : part.last]
        start = next((place for place in places_of(document, words) if place >= at), None)
        if start is None:
            return None
        starts.append(start)
        at = start + len(words)
    covered = sum(part.last - part.first for part in parts)
    return Match(document, starts[0], at, _LEFT_OUT, covered)


def _chosen(matches: Sequence[Match], has_article: bool) -> tuple[Match | None, tuple[Match, ...]]:
    """Return the source and the other holders: the article, unless a comment holds more, else the earliest original.

    Words that a comment itself quotes from elsewhere are not its own; where the article's text is held and has not
    these words, who relays them is quoted all the same.
    """
    holders: dict[int, Match] = {}
    for match in matches:
        best = holders.get(match.document.place)
        if best is None or _goodness(match) > _goodness(best):
            holders[match.document.place] = match
    article = holders.pop(ARTICLE, None)
    if not holders:
        return article, ()
    if article is not None and article.covered >= max(match.covered for match in holders.values()):
        return article, ()
    best_score = max(match.score for match in holders.values())
    alike = [holders[place] for place in sorted(holders) if holders[place].score >= best_score - _AS_ALIKE]
    originals = [match for match in alike if not _is_relayed(match)] or (alike if has_article else [])
    if not originals:
        return None, tuple(alike)
    return originals[0], tuple(match for match in alike if match is not originals[0])


def _goodness(match: Match) -> tuple[float, float, bool]:
    return match.score, match.covered, match.document.is_present


def _is_relayed(match: Match) -> bool:
    return _stands_in(match, match.document.elsewhere)


def _stands_in(match: Match, runs: Iterable[tuple[int, int]]) -> bool:
    least = LEAST_COVERED * (match.last - match.first)
    return any(min(match.last, last) - max(match.first, first) >= least for first, last in runs)


def _is_contested(document: Document, matches: Sequence[Match]) -> bool:
    """Return whether several others hold the words, whenever they wrote them, outside of all quotation."""
    authors = set()
    for match in matches:
        comment = match.document.comment
        if comment is None or match.document.place == document.place:
            continue
        if not _stands_in(match, ((span.first, span.last) for span in match.document.spans)):
            authors.add(-match.document.place - 1 if comment.is_nobody else comment.author_id)
    return len(authors) > 1


def _going_on(one: Sourced) -> Sourced:
    """Return an unclosed quotation with what follows its paragraph, as far as its source says the same."""
    if one.span.kind != "unbalanced" or one.source is None:
        return one
    ours, theirs = one.document.ids[one.span.last :], one.source.document.ids[one.source.last :]
    pairs = zip(ours, theirs, strict=False)
    count = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if count < _LEAST_GOING_ON:
        return one
    last = one.span.last + count
    span = Span(one.span.start, one.document.folded.ends[last - 1], "quoted", one.span.first, last)
    match = replace(one.source, last=one.source.last + count, covered=one.source.covered + count)
    return replace(one, span=span, source=match)


def resolved(one: Sourced, supported: Match | None = None) -> ResolvedQuote:
    """Return a span as it is kept; `supported` is a source that only another cue names."""
    document, span, source = one.document, one.span, one.source or supported
    assert document.comment is not None
    assert document.version is not None
    assert document.field is not None
    there = source.document if source else None
    comment = there.comment if there else None
    return ResolvedQuote(
        comment_id=document.comment.row_id,
        version_id=document.version.row_id,
        field=document.field,
        start=span.start,
        end=span.end,
        text=document.text[span.start : span.end],
        kind=sourced_kind(supported) if supported and one.kind in _UNSOURCED else one.kind,
        source_type=there.source_type if there else "none",
        source_comment_id=comment.row_id if comment else None,
        source_version_id=there.version.row_id if there and there.version else None,
        source_field=there.field if there else None,
        source_start=source.start if source else None,
        source_end=source.end if source else None,
        score=source.score if source else None,
    )
