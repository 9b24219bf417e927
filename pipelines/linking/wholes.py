"""Whether words that were found in a text are whole words of it."""

from belowtheline.pipelines.linking.resolve import Match
from belowtheline.pipelines.linking.spans import Span
from belowtheline.pipelines.linking.texts import Document

_JOINTS = "-‐‑'’._@/&:"
"""What joins words to a longer one where no space is beside it: `re-read`, `10.5`, `kettles.example`."""
_SIGNS = "+#"
"""What is part of a word at its end: `C++`, `C#`."""
_ACRONYM = 3


def is_whole(quoting: Document, span: Span, match: Match) -> bool:
    """Return whether the words are words of the source and no parts of longer ones, and an acronym stands as one."""
    text, start, end = match.document.text, match.start, match.end
    if _is_joined(text[max(start - 2, 0) : start][::-1]) or _is_joined(text[end : end + 2]):
        return False
    if _sign(text, end) != _sign(quoting.text, quoting.folded.ends[span.last - 1]):
        return False
    words = quoting.text[quoting.folded.starts[span.first] : quoting.folded.ends[span.last - 1]]
    return not (1 < len(words) <= _ACRONYM and words.isupper()) or text[start:end].isupper()


def _is_joined(beside: str) -> bool:
    """Return whether a joint and a letter or digit follow a word: the two characters beside it, outwards."""
    if len(beside) < 2:
        return False
    return beside[1].isalnum() if beside[0] in _JOINTS else beside[0] == "," and beside[1].isdigit()


def _sign(text: str, end: int) -> str:
    return text[end : end + 1] if text[end : end + 1] in _SIGNS else ""
