"""Titles that repeat what an earlier comment says: a whole sentence of it, or its title behind a "Re:"."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from belowtheline.archive.links.texts import CommentText
from belowtheline.pipelines.linking.folding import content_words, fold, length_in_words
from belowtheline.pipelines.linking.resolve import Index, Match
from belowtheline.pipelines.linking.texts import ARTICLE, Document
from belowtheline.pipelines.titles import re_depth, re_title

_LEAST_WORDS = 4
_LEAST_CONTENT = 2
_LEAST_BEGUN = 3
"""Words of a title that is cut short, at least."""
_CUT = re.compile(r"(?:\.{2,}|…)[\s)\]]{0,3}\Z")
_MOSTLY = 0.8
"""Share of a title that a quotation in it may fill before it is a quotation and no echo."""

Key = tuple[str, ...]


def is_asked(title: Document) -> bool:
    """Return whether a title says enough to be looked for in other comments; one that begins with "Re:" is no echo."""
    words = title.folded.words
    if re_depth(title.text):
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


@dataclass(frozen=True, slots=True)
class Answered:
    """The earlier comment whose title another's "Re: X" answers."""

    place: int
    title: str
    rule: str


class Titles:
    """The titles that earlier comments have, with and without a "Re:"."""

    def __init__(self, of_article: Sequence[str]) -> None:
        self._of_article = {tuple(fold(title).words) for title in of_article}
        self._places: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        """By words, and how many times they stand behind a "Re:"."""
        self._beginnings: dict[Key, list[Key]] = defaultdict(list)

    def note(self, place: int, comment: CommentText) -> None:
        """Note that a comment has been gone through."""
        title = comment.present.title
        key = tuple(fold(re_title(title) or title or "").words)
        if not key:
            return
        if key not in self._places:
            self._beginnings[key[:_LEAST_BEGUN]].append(key)
        self._places[key][re_depth(title)].append(place)

    def answered(self, comment: CommentText) -> Answered | None:
        """Return the one earlier comment whose title this one's "Re: X" answers; X must not be the article's own.

        The first "Re: X" answers X, and one "Re: Re: X" the one "Re: X"; of later ones nobody knows which they answer.
        """
        title = re_title(comment.present.title) or ""
        key = self._whole(title, tuple(fold(title).words))
        if not key or key in self._of_article:
            return None
        held, depth = self._places[key], re_depth(comment.present.title)
        above = held.get(depth - 1, [])
        if len(above) == 1:
            return Answered(above[0], title, "re_title_again" if depth in held else "re_title")
        return Answered(held[0][0], title, "re_title_again") if len(held.get(0, ())) == 1 else None

    def is_title(self, text: str) -> bool:
        """Return whether an earlier comment has this title, or it is the article's."""
        key = tuple(fold(text).words)
        return key in self._of_article or key in self._places

    def _whole(self, title: str, key: Key) -> Key | None:
        """Return the words of a title that may be cut short, None where no one earlier title begins so."""
        if key in self._places:
            return key
        if len(key) < _LEAST_BEGUN or not _CUT.search(title):
            return None
        whole = [of for of in self._beginnings.get(key[:_LEAST_BEGUN], ()) if _begins(of, key)]
        return whole[0] if len(whole) == 1 else None


def _begins(whole: Key, cut: Key) -> bool:
    """Return whether a title begins with the words of another, of which the last may be cut."""
    last = len(cut) - 1
    return len(whole) > last and whole[:last] == cut[:last] and whole[last].startswith(cut[last])
