"""What a discussion's own script says of its comments: it knows those that the page hides as well."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

_ENTRY = re.compile(r'(\d{1,20}): ?\{ ?uid: ?\d+, ?pid: ?(\d{1,20})(?:, ?subject: ?("(?:[^"\\]|\\.)*"))?')
_NUMBER = re.compile(r"\d{1,20}")
_CUT = re.compile(r"(\d{1,20}):")


class Said(NamedTuple):
    """What the script says."""

    number: str | None
    """The discussion's number."""
    parents: Mapping[str, str | None]
    """Every comment's parent, by id."""
    subjects: Mapping[str, str]
    """Titles that the page shows shortened to "Re:"."""
    cut: frozenset[str]
    """Comments whose text the page shows in part."""


def read_script(text: str) -> Said:
    """Return what the script in a page's text says; nothing where it has none, as before 2008."""
    parents: dict[str, str | None] = {}
    subjects: dict[str, str] = {}
    for cid, parent, subject in _ENTRY.findall(_call(text, "comments")):
        parents[cid] = parent if parent.strip("0") else None
        if subject:
            subjects[cid] = _string(subject)
    number = _NUMBER.search(_call(text, "discussion_id"))
    cut = frozenset(_CUT.findall(_call(text, "abbrev_comments")))
    return Said(number[0] if number else None, parents, subjects, cut)


def _call(text: str, name: str) -> str:
    """Return the line of a page that calls one of the script's functions."""
    start = text.find(f"D2.{name}(")
    end = text.find("\n", start)
    return text[start + len(name) + 4 : end if end > 0 else None] if start >= 0 else ""


def _string(literal: str) -> str:
    try:
        return " ".join(str(json.loads(literal)).split())
    except ValueError:
        return literal[1:-1]
