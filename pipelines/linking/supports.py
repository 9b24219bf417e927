"""Sources that only another cue names: quoted words of a comment that is answered, too few to be searched for."""

from collections.abc import Iterable, Iterator, Sequence

from belowtheline.archive.linked import ResolvedQuote
from belowtheline.pipelines.linking import quoting
from belowtheline.pipelines.linking.bearers import places_of
from belowtheline.pipelines.linking.quoting import Sourced
from belowtheline.pipelines.linking.resolve import Match
from belowtheline.pipelines.linking.texts import Texts

_MOST = 50
"""Quotations of one comment that are looked for in the comments it answers."""
_JOINTS = "-‐‑'’._@/&:"
"""What joins words to a longer one where no space is beside it: `re-read`, `10.5`, `kettles.example`."""
_SIGNS = "+#"
"""What is part of a word at its end: `C++`, `C#`."""
_ACRONYM = 3


def resolved(quoted: Iterable[Sourced], answered: Sequence[int], texts: Texts) -> Iterator[ResolvedQuote]:
    """Yield the spans of a comment as they are kept; where no search found their source, those answered are looked at.

    Italics that are nobody's words are emphasis, and left out.
    """
    tried = 0
    for one in quoted:
        supported = None
        if one.source is None and answered and tried < _MOST:
            tried += 1
            supported = support(one, answered, texts)
        if one.span.kind != "italic" or one.source or supported:
            yield quoting.resolved(one, supported)


def support(one: Sourced, answered: Iterable[int], texts: Texts) -> Match | None:
    """Return where the words of a quotation stand in one of these comments, as it is now or was before an edit."""
    words = one.document.ids[one.span.first : one.span.last]
    for place in answered:
        for document in texts.of_comment[place]:
            for first in places_of(document, words):
                match = Match(document, first, first + len(words), 100.0, len(words))
                if is_whole(one, match):
                    return match
    return None


def is_whole(one: Sourced, match: Match) -> bool:
    """Return whether the words are words of the source and no parts of longer ones, and an acronym stands as one."""
    text, start, end = match.document.text, match.start, match.end
    if _is_joined(text[max(start - 2, 0) : start][::-1]) or _is_joined(text[end : end + 2]):
        return False
    if _sign(text, end) != _sign(one.document.text, _end(one)):
        return False
    words = one.document.text[_start(one) : _end(one)]
    return not (1 < len(words) <= _ACRONYM and words.isupper()) or text[start:end].isupper()


def _start(one: Sourced) -> int:
    return one.document.folded.starts[one.span.first]


def _end(one: Sourced) -> int:
    return one.document.folded.ends[one.span.last - 1]


def _is_joined(beside: str) -> bool:
    """Return whether a joint and a letter or digit follow a word: the two characters beside it, outwards."""
    if len(beside) < 2:
        return False
    return beside[1].isalnum() if beside[0] in _JOINTS else beside[0] == "," and beside[1].isdigit()


def _sign(text: str, end: int) -> str:
    return text[end : end + 1] if text[end : end + 1] in _SIGNS else ""
