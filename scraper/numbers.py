"""Numbers in the texts of pages, read in one way by all sites."""

import re

_LONGEST = 15
"""Digits at most: what is longer is no count of anything, and SQLite holds no more than 18 in full."""
_DIGITS = re.compile(r"[0-9]{1,15}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,.'\u2019\u00a0\u202f ][0-9]{3}){1,4}")


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


def grouped_number(text: str | None) -> int | None:
    """Return a number whose thousands may be set apart; None for any other text.

    >>> grouped_number("1,204"), grouped_number("1.204.000"), grouped_number("1204"), grouped_number("1,2")
    (1204, 1204000, 1204, None)
    """
    said = (text or "").strip()
    return whole_number(re.sub("[^0-9]", "", said)) if _GROUPED.fullmatch(said) else whole_number(said)
