"""Words for the search index: what its tokenizer cannot divide or fold is divided and folded here.

SQLite's unicode61 takes a run of Chinese, Japanese, Korean, Thai, Lao, Khmer or Burmese for one word, so such runs are
indexed a second time as pairs of characters (bigrams), and a query for a part of a run is a phrase of pairs. A text
that has such a run, or letters that only full case folding or compatibility folding makes alike (`ß`, wide letters), is
indexed so as a whole: in columns of their own, beside its words as they stand.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f"
    "\u3031-\u303c\u3041-\u30ff\u3105-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Writings without spaces between words, and Korean, whose words run on into particles."""
_FOLDED = "ßẞ\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
"""Letters that the tokenizer does not fold: sharp s, ligatures, wide letters and digits."""
_NEEDED = re.compile(f"[{_UNSPACED}{_FOLDED}]")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_JOINING = "\u3099\u309a\uff9e\uff9f"
_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\uffa0-\uffdc]")
_MARKS_FROM, _MARKS_TO, _PRIVATE = 0x0E00, 0x1900, 0xE000
"""Vowel signs and tones of these writings would divide words for the tokenizer; private characters do not."""


class Part(NamedTuple):
    """One word of the index, and the code points of the text that it stands for."""

    word: str
    start: int
    end: int


def indexed(text: str | None) -> str | None:
    """Return the words of a text for the columns beside it, None where the tokenizer does all that is needed.

    >>> indexed("新しいKettle, 2 cups")
    '新し しい い kettle 2 cups'
    >>> indexed("Kettle") is None
    True
    """
    if text is None or text.isascii() or not _NEEDED.search(text):
        return None
    return " ".join(part.word for part in parts(text)) or None


def parts(text: str) -> Iterator[Part]:
    """Yield the words of a text, of runs without spaces their pairs of characters and last the single one."""
    for characters in _runs(text):
        if _IS_UNSPACED.match(text[characters[0].start]):
            yield from _pairs(characters)
        else:
            yield Part("".join(one.word for one in characters), characters[0].start, characters[-1].end)


def has_unspaced(text: str) -> bool:
    """Return whether a text has characters of a writing without spaces."""
    return _IS_UNSPACED.search(text) is not None


def is_unspaced(text: str, part: Part) -> bool:
    """Return whether a part stands for characters of a run without spaces."""
    return _IS_UNSPACED.match(text[part.start]) is not None


def _pairs(characters: list[Part]) -> Iterator[Part]:
    for one, two in pairwise(characters):
        yield Part(one.word + two.word, one.start, two.end)
    yield characters[-1]


def _runs(text: str) -> Iterator[list[Part]]:
    """Yield the folded characters of each word, and of each run without spaces."""
    for kind, found in groupby(_characters(text), lambda one: one[0]):
        if kind:
            yield [part for _, part in found if part.word]


def _characters(text: str) -> Iterator[tuple[str, Part]]:
    """Yield each folded character of a text with its kind: unspaced, spaced, or empty between words."""
    at = 0
    while at < len(text):
        end = _end_of_character(text, at)
        kind = _kind(text[at])
        for word in _folded(text[at:end]) if kind else ("",):
            yield kind, Part(word, at, end)
        at = end


def _end_of_character(text: str, at: int) -> int:
    """Return where a character ends with the marks that are one with it, and a Korean syllable with its letters."""
    end = at + 1
    if _JAMO.match(text[at]):
        while end < len(text) and _JAMO.match(text[end]):
            end += 1
    while end < len(text) and (text[end] in _JOINING or "\u0300" <= text[end] <= "\u036f"):
        end += 1
    return end


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if _IS_UNSPACED.match(character):
        return "unspaced" if category[0] in "LNM" else ""
    return "spaced" if category[0] in "LN" or category == "Co" else ""


@lru_cache(maxsize=4096)
def _folded(character: str) -> tuple[str, ...]:
    """Return what a character is indexed as: letters and digits, the marks of some writings as private characters."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    return tuple(filter(None, map(_indexable, plain)))


def _indexable(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "M":
        return chr(_PRIVATE + ord(character)) if _MARKS_FROM <= ord(character) < _MARKS_TO else ""
    return character if category[0] in "LN" or category == "Co" else ""


def is_divided(text: str) -> bool:
    """Return whether a text of a query must be divided or folded before it is looked for."""
    return _NEEDED.search(text) is not None


def phrase(text: str) -> str:
    """Return what finds a text as FTS5 writes it: a phrase of pairs, or all words that begin with a single character.

    >>> phrase("茶壶"), phrase("壶"), phrase("小茶壶"), phrase("Straße")
    ('"茶壶"', '"壶" *', '"小茶 茶壶"', '"strasse"')
    """
    found = list(parts(text))
    if not found:
        return '""'
    last = found[-1]
    is_single = is_unspaced(text, last)
    if is_single and len(found) > 1 and found[-2].end == last.end:
        found, is_single = found[:-1], False
    return f'"{" ".join(part.word for part in found)}"' + (" *" if is_single else "")
