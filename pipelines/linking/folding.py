"""Text as folded words with their places: what is compared, while offsets stay those of the stored text."""

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from itertools import groupby

_MARKED = (*range(0x0300, 0x2100), *range(0xA800, 0xAC00), *range(0xFE00, 0xFE30))
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""Soft hyphens, joiners and marks of direction, which are no part of what is read."""


def _ranges(codes: list[int]) -> str:
    """Return codes as the inside of a set of characters."""
    runs = (list(run) for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


# `\w` has no combining marks, and Indic vowels and Arabic points are such marks.
_MARKS = _ranges([code for code in _MARKED if unicodedata.category(chr(code))[0] == "M"])
_APOSTROPHES = "'\u2019\u02bc\uff07"
_ASCII_WORD = re.compile(r"[a-z0-9](?:[a-z0-9_']*[a-z0-9])?")
_WORD = re.compile(rf"[^\W_](?:[\w{_APOSTROPHES}{_MARKS}{_UNSEEN}]*[^\W_{_APOSTROPHES}])?[{_MARKS}]*")
_DROPPED = re.compile(f"[{_APOSTROPHES}{_UNSEEN}]")
_UNSPACED = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Writing without spaces between words, of which each character is taken for half a word."""
_SPACES = re.compile(r"\s+")
_LIKE_ASCII = (*((mark, "'") for mark in "’‘"), *((mark, '"') for mark in "“”…–—£€\xa0"))
"""What keeps most texts of English from being ASCII: each stands for a character that divides words just so."""
_MARKS_OF_QUOTATION = str.maketrans({**dict.fromkeys("‘’‚‛ʼ＇", "'"), **dict.fromkeys("“”„‟", '"')})


class Folded:
    """The words of a text as they are compared, each with its place in the text as stored."""

    def __init__(self, words: list[str], places: "tuple[array[int], array[int]] | None", plain: str) -> None:
        self.words = words
        self._places = places
        self._plain = plain

    @property
    def starts(self) -> "array[int]":
        """First code point of each word."""
        return (self._places or self._placed())[0]

    @property
    def ends(self) -> "array[int]":
        """Code point after the last of each word."""
        return (self._places or self._placed())[1]

    def _placed(self) -> "tuple[array[int], array[int]]":
        # Most texts quote nothing and are not quoted: where their words stand is never asked for.
        spans = [match.span() for match in _ASCII_WORD.finditer(self._plain)]
        self._places = array("I", [start for start, _ in spans]), array("I", [end for _, end in spans])
        return self._places

    def within(self, start: int, end: int) -> tuple[int, int]:
        """Return the first word and the one after the last that stand between two code points."""
        first = bisect_left(self.starts, start)
        return first, max(bisect_right(self.ends, end), first)

    def at(self, start: int) -> int | None:
        """Return the word that starts at a code point."""
        found = bisect_left(self.starts, start)
        return found if found < len(self.starts) and self.starts[found] == start else None


def fold(text: str) -> Folded:
    """Return a text's words as they are compared: NFKC, casefolded, apostrophes and unseen characters dropped.

    >>> fold("The dog’s “ﬁne” day...").words
    ['the', 'dogs', 'fine', 'day']
    >>> fold("It's 50\u00ad00").words, list(fold("two  words").starts)
    (['its', '5000'], [0, 5])
    """
    plain = text
    if not text.isascii():
        for mark, likeness in _LIKE_ASCII:
            plain = plain.replace(mark, likeness)
        if not plain.isascii():
            return _folded(text)
    plain = plain.lower()
    words = _ASCII_WORD.findall(plain)
    if "'" in plain:
        words = [word.replace("'", "") for word in words]
    return Folded(words, None, plain)


def _folded(text: str) -> Folded:
    words: list[str] = []
    starts, ends = array("I"), array("I")
    for match in _WORD.finditer(text):
        for piece, start, end in _pieces(match[0], *match.span()):
            words.append(piece)
            starts.append(start)
            ends.append(end)
    return Folded(words, (starts, ends), "")


def first_word(text: str, start: int) -> str:
    """Return the folded word that begins at a code point; empty where none does.

    >>> first_word("@Fern Quill", 1), first_word("@Fern", 0)
    ('fern', '')
    """
    match = _WORD.match(text, start)
    return _pieces(match[0], 0, 0)[0][0] if match else ""


def _pieces(word: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Return a word folded, in pieces where it is of a writing without spaces."""
    if word.isascii():
        return [(word.lower().replace("'", ""), start, end)]
    if not _UNSPACED.search(word):
        return [(_folded_word(word), start, end)]
    found, at = [], 0
    for match in _UNSPACED.finditer(word):
        if match.start() > at:
            found.append((_folded_word(word[at : match.start()]), start + at, start + match.start()))
        found.append((_folded_word(match[0]), start + match.start(), start + match.end()))
        at = match.end()
    if at < len(word):
        found.append((_folded_word(word[at:]), start + at, end))
    return found


def _folded_word(word: str) -> str:
    word = _DROPPED.sub("", word)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold()) or "\ufffd"


def folded_name(text: str) -> str:
    """Return a name as it is compared: NFKC, casefolded, straight marks, single spaces, nothing around it.

    >>> folded_name(" Miles  O’Brien! ")
    "miles o'brien"
    """
    name = unicodedata.normalize("NFKC", _DROPPED_NAME.sub("", text)).casefold().translate(_MARKS_OF_QUOTATION)
    return _SPACES.sub(" ", name).strip(" !?.,:;\"'()[]{}<>*~_-")


_DROPPED_NAME = re.compile(f"[{_UNSEEN}]")


def length_in_words(words: list[str]) -> float:
    """Return how long words are together, in words of a language that divides them by spaces."""
    if all(map(str.isascii, words)):
        return len(words)
    return sum(0.5 if len(word) == 1 and _UNSPACED.match(word) else 1.0 for word in words)


_FUNCTION_TEXT = """
    a about after again all also am an and any are as at be because been before being but by can could did do does done
    dont down even every for from get go going got had has have having he her here him his how i if im in into is isnt
    it its just know like made make many may me might more most much must my no not now of off on one only or other our
    out over own re really same say says see she should so some such than that thats the their them then there theres
    these they thing things think this those though to too two up us very was way we well were what when where which
    while who why will with would yes yet you your youre
    aber als am an auch auf aus bei das dass dem den der des die doch ein eine einem einen einer er es für hat ich im in
    ist ja man mit nicht noch nur oder sich sie sind so und uns von vor war was wenn wer wie wir zu zum zur
    au aux ce ces cest dans de des du elle en est et il ils je la le les leur lui mais ne nous on ou par pas plus pour
    qu que qui sa se ses son sur un une vous
    al con del el ella en era es esta este la las lo los me mi muy no para pero por que se si sin su sus un una y
"""
_FUNCTION_WORDS = frozenset(_FUNCTION_TEXT.split())
"""Words of English, German, French and Spanish that say nothing by themselves."""


def content_words(words: list[str]) -> int:
    """Return how many words say something by themselves; two characters without spaces count as one.

    >>> content_words(["at", "the", "end", "of", "the", "pier"])
    2
    """
    unspaced = sum(1 for word in words if len(word) == 1 and _UNSPACED.match(word))
    return unspaced // 2 + sum(1 for word in words if len(word) > 2 and word not in _FUNCTION_WORDS)


def is_function_word(word: str) -> bool:
    """Return whether a folded word only holds sentences together."""
    return word in _FUNCTION_WORDS
