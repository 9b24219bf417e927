"""derStandard's own words: its dates, its ratings, its counts, and what it calls an account that is gone."""

import re

from belowtheline.reading.items import NOT_SHOWN, Conventions, Mark, Shown

NAME = "derstandard"
TITLE = "derStandard.at"
CONVENTIONS = Conventions(
    timezone="Europe/Vienna",
    languages=("de",),
    date_formats=("%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M:%S", "%d.%m.%Y, %H:%M", "%d. %B %Y, %H:%M:%S", "%d. %B %Y %H:%M"),
    deleted_names=frozenset({"gelöschtes Profil"}),
)
RATINGS = ("brilliant", "interesting", "unnecessary")
"""The three ratings of 2011, in the order in which the page has their numbers: two for a posting, one against it."""

_RANGE = re.compile(r"Postings? (?P<first>[\d.]{1,9})(?: bis (?P<last>[\d.]{1,9}))? von (?P<all>[\d.]{1,9})")
_NONE_YET = "Posten Sie als Erste"
_COUNTED = re.compile(r"(?P<count>\d[\d.]{0,8}) ?Postings?\b")


def number(text: str | None) -> Shown[int]:
    """Return a number as published, with or without points between the thousands.

    >>> number("1.204")
    1204
    """
    digits = (text or "").strip().replace(".", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 16 else NOT_SHOWN


def shown_range(text: str) -> tuple[int, int, int] | None:
    """Return first, last and number of all postings, of the line above them; None where it says none of it.

    >>> shown_range("Posting 1 bis 25 von 779")
    (1, 25, 779)
    """
    if text.strip().startswith(_NONE_YET):
        return 0, 0, 0
    match = _RANGE.search(text)
    if match is None:
        return None
    first, last, count = (number(match[name] or match["first"]) for name in ("first", "last", "all"))
    return (first, last, count) if isinstance(first, int) and isinstance(last, int) and isinstance(count, int) else None


def count_in(text: str) -> Shown[int]:
    """Return the number of postings in a heading.

    >>> count_in("Forum: 123 Postings")
    123
    """
    match = _COUNTED.search(text)
    return number(match["count"]) if match else NOT_SHOWN


def rating_marks(numbers: tuple[int, ...]) -> tuple[Mark, ...]:
    """Return the three ratings of a posting as marks."""
    return tuple(Mark(kind=kind, value=str(count)) for kind, count in zip(RATINGS, numbers, strict=False))
