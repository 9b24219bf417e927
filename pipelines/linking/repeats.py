"""Sentences that a comment repeats of an earlier one without marks of quotation, before words of its own."""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from belowtheline.pipelines.linking.bearers import holds, places_of
from belowtheline.pipelines.linking.findings import is_same_author
from belowtheline.pipelines.linking.folding import content_words, length_in_words
from belowtheline.pipelines.linking.resolve import Match
from belowtheline.pipelines.linking.texts import ARTICLE, Document, Texts

_LEAST_WORDS = 8
_LEAST_CONTENT = 3
_LEAST_CUT = 3
"""Words by which the sentence is told in which a teaser breaks off."""
_WINDOW = 5
"""Words that are compared first; each run of eight holds one that begins at a fourth word."""
_STEP = _LEAST_WORDS - _WINDOW + 1
_MOST_HOLDERS = 4
"""Texts that are kept of one window, the earliest."""
_PERSONAL = frozenset("i im ive id ill me my mine myself ich mir mich mein meine je moi mon ma mes yo mi".split())  # noqa: SIM905
_AFTER = 8
"""Code points behind a sentence in which its paragraph ends."""
_MOST_SENTENCES = 50
_MOST_TRIED = 40
"""Texts that share a window with a comment, for it to be looked at."""
_DOTS = re.compile(r"[\s.…]{1,20}\Z")
_ENDS = re.compile(r"(?:[.!?…]{1,5}[\"'”’»)\]]{0,2}(?=\s)|\n)\s*")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A sentence and where it was said first; offsets are code points of the text that repeats it."""

    start: int
    end: int
    source: Match


class Repeats:
    """The windows of words that earlier texts have."""

    def __init__(self, texts: Texts, *, has_article: bool) -> None:
        self._texts = texts
        self._holders: dict[int, list[Document]] = defaultdict(list)
        self._has_article = has_article
        self._cut: Sequence[int] = ()
        for document in texts.documents:
            if document.place == ARTICLE:
                self._note(document)
                self._cut = _cut_sentence(document) if document.source_type == "article_teaser" else self._cut

    def note(self, place: int) -> None:
        """Note that a comment has been gone through."""
        for document in self._texts.of_comment[place]:
            if document.field == "body":
                self._note(document)

    def _note(self, document: Document) -> None:
        for window in set(islice(_windows(document.ids), 0, None, _STEP)):
            held = self._holders[window]
            if len(held) < _MOST_HOLDERS:
                held.append(document)

    def of(self, place: int) -> Repeat | None:
        """Return the sentence with which a comment begins a line, and which one earlier comment alone has."""
        bodies = (one for one in self._texts.of_comment[place] if one.field == "body" and one.is_present)
        document = next(bodies, None)
        if document is None or len(document.ids) <= _LEAST_WORDS:
            return None
        shared = self._holders.keys() & set(_windows(document.ids))
        holders = {id(one): one for window in shared for one in self._holders[window]}
        if not holders or len(holders) > _MOST_TRIED:  # who else has the words could not be told
            return None
        return next(self._repeats(document, list(holders.values())), None)

    def _repeats(self, document: Document, holders: Sequence[Document]) -> Iterator[Repeat]:
        for start, end, is_first in islice(_sentences(document.text), _MOST_SENTENCES):
            first, last = document.folded.within(start, end)
            words = document.ids[first:last]
            if not is_first or not _says_enough(document, first, last) or _is_quoted(document, start, end):
                continue
            if self._cut and words[: len(self._cut)] == self._cut:
                continue
            found = [one for one in holders if holds(one, words)]
            match = self._only(document, found, words)
            if match and not _is_all(document, match.document) and last < len(document.ids):
                yield Repeat(start, document.folded.ends[last - 1], match)

    def _only(self, document: Document, found: Sequence[Document], words: "array[int]") -> Match | None:
        """Return where the words stand, if one earlier comment of somebody else has them as its own."""
        places = {one.place for one in found}
        if len(places) != 1 or ARTICLE in places:
            return None
        (place,) = places
        source = max(found, key=lambda one: one.is_present)
        comments = self._texts.comments
        if is_same_author(comments[place], comments[document.place]):
            return None
        at = next(places_of(source, words))
        match = Match(source, at, at + len(words), 100.0, len(words))
        return None if _is_relayed(match, self._has_article) else match


def _cut_sentence(teaser: Document) -> "array[int]":
    """Return the words of the sentence in which a teaser breaks off; none where it ends, or breaks off too soon."""
    text = teaser.text.rstrip()
    if not text.endswith(("…", "...")):
        return teaser.ids[:0]
    start, end, _ = max(_sentences(_DOTS.sub("", text)), default=(0, 0, True))
    first, last = teaser.folded.within(start, end)
    return teaser.ids[first:last] if last - first >= _LEAST_CUT else teaser.ids[:0]


def _windows(ids: "array[int]") -> Iterator[int]:
    return map(hash, zip(*(ids[at:] for at in range(_WINDOW)), strict=False))


def _sentences(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield beginning and end of each sentence, and whether a line begins with it."""
    at, is_first = 0, True
    for match in _ENDS.finditer(text):
        if match.start() > at:
            yield at, match.start(), is_first
        at, is_first = match.end(), "\n" in match[0]
    if at < len(text):
        yield at, len(text), is_first


def _says_enough(document: Document, first: int, last: int) -> bool:
    words = document.folded.words[first:last]
    if "https" in words or "http" in words or "www" in words:
        return False
    return length_in_words(words) >= _LEAST_WORDS and content_words(words) >= _LEAST_CONTENT


def _is_quoted(document: Document, start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in document.spans)


def _is_all(document: Document, source: Document) -> bool:
    """Return whether a comment says nothing that its source does not say: it was sent twice."""
    return set(document.ids) <= set(source.ids)


def _is_relayed(match: Match, has_article: bool) -> bool:
    """Return whether the source quotes the words too, or may: it begins with them as a paragraph, before its answer.

    What speaks of oneself is a comment's own; the rest may be of an article that is not held.
    """
    source = match.document
    if any(span.first <= match.first and match.last <= span.last for span in source.spans):
        return True
    after = source.text[match.end : match.end + _AFTER]
    if has_article or match.first or "\n" not in after:
        return False
    return _PERSONAL.isdisjoint(source.folded.words[match.first : match.last])
