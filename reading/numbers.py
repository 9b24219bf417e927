"""Numbers in the texts of pages, read in one way by all sites: nothing is joined and nothing cut."""

import re
from itertools import pairwise

from lxml import etree

from belowtheline.reading.markup import texts

_LONGEST = 15
"""Digits at most: what is longer is no count of anything, and SQLite holds no more than 18 in full."""
_DIGITS = re.compile(r"[0-9]{1,15}")
_PLAIN = re.compile(r"[0-9]{1,9}")
_IN_WORDS = re.compile(
    r"(?<![\w.,'\u2019])[-\u2212]?(?:[0-9]{1,3}([,.'\u2019\u00a0\u2009\u202f])[0-9]{3}(?:\1[0-9]{3})?|[0-9]{1,9})"
    r"(?!\w|[.,'\u2019][0-9])"
)
_GROUPED = re.compile(r"[0-9]{1,3}([,.'\u2019\u00a0\u2009\u202f ])[0-9]{3}(?:\1[0-9]{3})?")


def whole_number(text: str | None) -> int | None:
    """Return a text that is a number of ASCII digits, and not too long to be one; None for any other.

    >>> whole_number(" 12 "), whole_number("-3"), whole_number("²"), whole_number("9" * 5000)
    (12, -3, None, None)
    """
    said = (text or "").strip()[: _LONGEST + 2]
    digits = said.removeprefix("-").removeprefix("\u2212") if said[:1] in ("-", "\u2212") else said.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
        return None
    return -int(digits) if said[:1] in ("-", "\u2212") else int(digits)


def count_of(text: str) -> int | None:
    """Return the count that a text is, None where it is anything else; a count is whole, so 1.204 is 1204.

    >>> count_of(" 1,204 "), count_of("1.204"), count_of("1.2k"), count_of("7 replies")
    (1204, 1204, None, None)
    """
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return int(text)
    match = _GROUPED.fullmatch(text)
    return int(text.replace(match[1], "")) if match else None


def first_count(text: str) -> int | None:
    """Return the first whole number among the words of a text, which may be below zero; None where there is none.

    >>> first_count("score: -1,204 points"), first_count("1.2k points")
    (-1204, None)
    """
    match = _IN_WORDS.search(text)
    if match is None:
        return None
    digits = match[0].replace(match[1], "") if match[1] else match[0]
    return int(digits.replace("\u2212", "-"))


def only_count(element: etree._Element | None) -> int | None:
    """Return the one number in an element: a text of its own, or among the words of one; never joined of several."""
    said = [text for text in texts(element) if any(map(str.isdigit, text))]
    counts = [count for text in said if (count := count_of(text)) is not None]
    if counts:
        return counts[0] if len(counts) == 1 else None
    return first_count(said[0]) if len(said) == 1 else None


def joins_digits(element: etree._Element) -> bool:
    """Return whether digits of neighbouring elements stand side by side: one number, or two."""
    said = [str(part) for part in element.itertext() if part]
    return any(one[-1].isdigit() and two[0].isdigit() for one, two in pairwise(said))
