"""Texts with letters that damaged bytes have lost: where another capture shows them whole, that is no edit."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from belowtheline.reading.items import Author, Comment, shown

LOST = "\ufffd"
"""What stands where bytes are none of a letter."""
FIELDS = ("author_name", "title", "body_text", "body_html")
_RUN = re.compile(f"({LOST}+)")
_LETTERS = 2  # that one mark may stand for: bytes of one letter count apart, and a bad one may hide another


def is_torn(torn: str | None, whole: str | None) -> bool:
    """Return whether a text is another one of which damage has made letters illegible.

    >>> is_torn("sch\\ufffdn", "schön"), is_torn("sch\\ufffdn", "schrecklich"), is_torn("schön", "schön")
    (True, False, False)
    """
    if torn is None or whole is None or LOST not in torn or torn == whole or LOST in whole:
        return False
    at, slack = 0, 0
    for piece in filter(None, _RUN.split(torn)):
        if piece.startswith(LOST):
            slack = len(piece) * _LETTERS
            continue
        found = whole.find(piece, at, at + slack + len(piece))
        if found < 0:
            return False
        at, slack = found + len(piece), 0
    return len(whole) - at <= slack


def mends(content: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Return whether a content is a held one with letters that were lost there, and the same otherwise."""
    differing = [name for name in content if content[name] != held[name]]
    return bool(differing) and all(name in FIELDS and is_torn(held[name], content[name]) for name in differing)


def mended(comment: Comment, held: Mapping[str, Any]) -> Comment:
    """Return a comment as it is held, where the page shows the same with letters lost."""
    changes: dict[str, Any] = {
        name: held[name] for name in FIELDS[1:] if is_torn(shown(getattr(comment, name)), held[name])
    }
    author = shown(comment.author)
    if isinstance(author, Author) and is_torn(author.name, held["author_name"]):
        changes["author"] = replace(author, name=held["author_name"])
    return replace(comment, **changes) if changes else comment


def mended_units(values: Mapping[str, tuple[Any, ...]], held: Mapping[str, Any], units: Mapping[str, Any]) -> set[str]:
    """Return the units of a held comment whose lost letters a page shows."""
    return {
        unit
        for unit in ("author", "title", "body")
        if unit in values
        for name, value in zip(units[unit], values[unit], strict=True)
        if name in FIELDS and is_torn(held[name], value)
    }
