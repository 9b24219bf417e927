"""Numbers in the texts of pages, read in one way by all sites."""

import re

_LONGEST = 15
"""Digits at most: what is longer is no count of anything, and SQLite holds no more than 18 in full."""
_DIGITS = re.compile(r"[0-9]{1,15}")
_PLAIN = re.compile(r"[0-9]{1,9}")
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
