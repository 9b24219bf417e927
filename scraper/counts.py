"""Counts as pages write them: whole numbers, with or without marks between the thousands."""

import re

LONGEST = 9
"""Digits of the largest count: what is longer is an id or a prank."""
_PLAIN = re.compile(rf"[0-9]{{1,{LONGEST}}}")
_GROUPED = re.compile(r"[0-9]{1,3}([,.'\u2019\u00a0\u2009\u202f ])[0-9]{3}(?:\1[0-9]{3})?")


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
