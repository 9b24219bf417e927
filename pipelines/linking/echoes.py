"""Titles that repeat what an earlier comment says: a whole sentence of it, or its title behind a "Re:"."""

from collections import defaultdict
from collections.abc import Sequence

from belowtheline.archive.linked import CommentText
from belowtheline.pipelines.linking.folding import content_words, fold, length_in_words
from belowtheline.pipelines.linking.resolve import Index, Match
from belowtheline.pipelines.linking.texts import ARTICLE, Document

_LEAST_WORDS = 4
_LEAST_CONTENT = 2
_MOSTLY = 0.8
"""Share of a title that a quotation in it may fill before it is a quotation and no echo."""

Key = tuple[str, ...]


def is_asked(title: Document) -> bool:
    """Return whether a title says enough to be looked for in other comments; one that begins with "Re:" is no echo."""
    words = title.folded.words
    if title.comment is not None and title.comment.re_title:
        return False
    quoted = sum(span.last - span.first for span in title.spans)
    is_long = length_in_words(words) >= _LEAST_WORDS and content_words(words) >= _LEAST_CONTENT
    return is_long and quoted < _MOSTLY * len(words)


def echoed(title: Document, index: Index) -> Match | None:
    """Return where a whole title stands, if that is in one earlier comment and not in the article."""
    if not is_asked(title):
        return None
    found = [
        match
        for match in index.matches(title.ids)
        if match.document.place < title.place and match.score == 100 and match.covered == len(title.ids)
    ]
    places = {match.document.place for match in found}
    if len(places) != 1 or ARTICLE in places:
        return None
    match = max(found, key=lambda one: one.document.is_present)
    return None if _is_all_of_a_quotation(match) else match


def _is_all_of_a_quotation(match: Match) -> bool:
    """Return whether the words are one whole quotation from elsewhere, which both may have taken from there."""
    length = match.last - match.first
    return any(
        first <= match.first and match.last <= last and last - first <= length + 2
        for first, last in match.document.elsewhere
    )


class Titles:
    """The titles that earlier comments have of their own, without a "Re:"."""

    def __init__(self, of_article: Sequence[str]) -> None:
        self._of_article = {tuple(fold(title).words) for title in of_article}
        self._places: dict[Key, list[int]] = defaultdict(list)

    def note(self, place: int, comment: CommentText) -> None:
        """Note that a comment has been gone through."""
        if comment.present.title and not comment.re_title:
            self._places[tuple(fold(comment.present.title).words)].append(place)

    def answered(self, comment: CommentText) -> int | None:
        """Return the one earlier comment whose title this one's "Re: X" answers; X must not be the article's own."""
        key = tuple(fold(comment.re_title or "").words)
        if not key or key in self._of_article:
            return None
        places = self._places.get(key, [])
        return places[0] if len(places) == 1 else None
