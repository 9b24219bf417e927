"""Disqus's own words, and how the values of its answers are read, whatever stands in their place."""

import re
from typing import Any

from belowtheline.reading.items import NOT_SHOWN, Conventions, Mark, Shown

NAME = "disqus"
TITLE = "Disqus"
KEY = "BTL_DISQUS_API_KEY"
"""Environment variable of the public key of an application registered with Disqus."""

NOBODY = frozenset({"Guest", "Anonymous"})
"""Names that stand for nobody in particular: Disqus writes them where no name was typed, or an account is gone."""
CONVENTIONS = Conventions(timezone="UTC", date_formats=("%Y-%m-%d",), date_order="MDY", anonymous_names=NOBODY)

Data = dict[str, Any]
"""The fields of one object of Disqus's: a post, a thread or an author."""

_REMOVED = frozenset({"comment removed", "this comment was deleted", "this comment has been deleted"})
_TAGS = re.compile(r"<[^<>]*>")


def is_removed(html: str) -> bool:
    """Return whether a text is the sentence that stands in place of a deleted one.

    >>> is_removed("<p>This comment was deleted.</p>")
    True
    """
    return len(html) < 400 and _TAGS.sub("", html).strip().rstrip(".").lower() in _REMOVED


def text_of(value: object) -> str | None:
    """Return a text without white space around it; None where there is none."""
    return value.strip() or None if isinstance(value, str) else None


def id_of(value: object) -> str | None:
    """Return an id as text, published as text or number, or as the object that bears it."""
    if isinstance(value, dict):
        value = value.get("id")
    if type(value) is str:
        return value or None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value) or None


def number_of(value: object) -> Shown[int]:
    """Return a count or a score; NOT_SHOWN where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else NOT_SHOWN


def flag_of(value: object) -> Shown[bool]:
    """Return a flag; NOT_SHOWN where there is none."""
    return value if isinstance(value, bool) else NOT_SHOWN


def list_of(value: object) -> list[Any]:
    """Return a list as it is, and an empty one for whatever else an answer may hold in its place."""
    return value if isinstance(value, list) else []


def web_of(value: object) -> str | None:
    """Return a web address, those without a scheme as https; None for anything else."""
    if not value or not isinstance(value, str):
        return None
    address = value.strip()
    if address.startswith("//"):
        return f"https:{address}"
    return address if address.startswith(("http://", "https://")) else None


def counted(kind: str, value: object) -> tuple[Mark, ...]:
    """Return a mark with a number, none where the number is none or 0."""
    number = number_of(value) if value else NOT_SHOWN
    return (Mark(kind=kind, value=str(number)),) if isinstance(number, int) else ()
