"""The Guardian's own words: its dates, its badges, and what stands in place of a blocked comment."""

import re

from belowtheline.reading.items import NOT_SHOWN, Conventions, Mark, Shown
from belowtheline.reading.numbers import count_of, whole_number

NAME = "guardian"
TITLE = "The Guardian"
CONVENTIONS = Conventions(
    timezone="Europe/London",
    date_formats=("%d %B %Y %I:%M%p", "%d %b %Y %I:%M%p", "%d %b %Y, %I:%M%p", "%d %B %Y, %I:%M%p", "%d %b %Y %H:%M"),
)
PICK = Mark(kind="editors' pick")

MODERATOR = "removed by a moderator"
"""What every sentence that stands in place of a comment says."""
_BLOCKED = re.compile(
    rf"this comment was {MODERATOR}(?: because it didn['\u2019]t abide by our community standards)?\.?"
    r"(?: replies may also be deleted\.?)?(?: for more detail see our faqs\.?)?$",
    re.IGNORECASE,
)
_WORKS_FOR_IT = frozenset({"staff", "guardian staff", "contributor"})
_LONGEST = 300


def is_blocked(sentence: str) -> bool:
    """Return whether this is what stands in place of a comment that a moderator removed, and nothing else.

    >>> is_blocked("This comment was removed by a moderator because it didn't abide by our community standards.")
    True
    """
    return len(sentence) < _LONGEST and _BLOCKED.match(" ".join(sentence.split())) is not None


def works_for_it(badges: tuple[str, ...]) -> bool:
    """Return whether badges say that an account writes for the Guardian, on its staff or as a contributor."""
    return any(badge.lower() in _WORKS_FOR_IT for badge in badges)


def number(value: object) -> Shown[int]:
    """Return a number as published, with or without commas between the thousands.

    >>> number("1,204")
    1204
    """
    if isinstance(value, str):
        said = whole_number(value)
        value = count_of(value) if said is None else said
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else NOT_SHOWN


def text(value: object) -> str | None:
    """Return a text, None for an empty one."""
    return value if isinstance(value, str) and value else None
