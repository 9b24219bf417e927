"""Hacker News' own words: what stands in place of a comment, how dates are written, what poll options are called."""

import re

from belowtheline.reading.items import Conventions, Deletion, Mark

NAME = "hackernews"
TITLE = "Hacker News"
CONVENTIONS = Conventions(date_formats=("on %B %d, %Y",))
TOMBSTONES: dict[str, Deletion] = {"[deleted]": "unknown", "[flagged]": "moderator", "[dead]": "moderator"}
"""What stands in place of a text that readers may not see; authors and moderators delete, and the page says not who."""

_STATE = re.compile(r"\[(dead|deleted|dupe|flagged)\]")


def states(text: str) -> tuple[str, ...]:
    """Return the states that a line of the site says in brackets.

    >>> states("[flagged] [dead] ")
    ('flagged', 'dead')
    """
    return tuple(_STATE.findall(text)) if "[" in text else ()


def marks(found: tuple[str, ...]) -> tuple[Mark, ...]:
    """Return states as marks; a deletion is a field of its own."""
    return tuple(Mark(kind=state) for state in found if state != "deleted")


def poll_option(text: str, points: object) -> Mark:
    """Return one option of a poll with its points, where they are shown."""
    return Mark(kind="poll option", value=f"{text}: {points}" if isinstance(points, int) else text)


def text_of(value: object) -> str | None:
    """Return a JSON value as text, None where it is none: ids are numbers there and text with us.

    >>> text_of(101)
    '101'
    """
    return None if value is None or isinstance(value, (dict, list, bool)) else str(value)
