"""The line that opens a post: author, staff suffix, badge, date, and the button "in reply to"."""

import re
from dataclasses import dataclass

from belowtheline.sites.theregister import wording

MAX_NAME = 80
"""Longest author with badge and staff suffix; a longer line opens no post."""
_LONGEST = MAX_NAME + 70  # with a date

_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
_DAYS = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_DATE = (
    rf"(?:(?:{_DAYS}),?\s+)?[0-9]{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS}),?\s+[0-9]{{4}},?\s+(?:at\s+|//\s*)?"
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s*(?:GMT|BST|UTC)(?![a-z]))?(?![0-9:])"
)
_DATE_FIRST = re.compile(rf"(?:Posted\s+)?({_DATE})(?:\s*[,:-])?\s*(.*)", re.IGNORECASE)
_DATE_LAST = re.compile(rf"\s({_DATE})\Z", re.IGNORECASE)
_REPLY = "in reply to"
_POSTED = "posted"


_MINOR = frozenset(
    ["a", "an", "and", "at", "for", "from", "in", "it", "of", "off", "on", "or", "out", "the", "to", "up", "with"]
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What one line says of a post: its author's words, its date, and whether it answers another."""

    name: str
    date: str | None
    is_reply: bool
    is_byline: bool = False
    """Whether it is "By NAME Posted DATE", the form of the pages up to 2009."""

    @property
    def is_signed(self) -> bool:
        """Whether the words end as only this site's authors do."""
        return self.is_reply or is_signed(self.name)


def is_signed(text: str) -> bool:
    """Return whether a text ends with a badge, the staff suffix or the name of the anonymous, or is a tombstone."""
    ours = (*wording.BADGES, wording.STAFF_SUFFIX, *wording.CONVENTIONS.anonymous_names)
    return text.endswith(ours) or wording.deletion(text) is not None


def is_reply_button(text: str) -> bool:
    """Return whether a line is the link to the post that is answered."""
    return len(text) < 20 and text.rstrip(": ").casefold() == _REPLY


def read_opening(text: str, *, is_header: bool = True) -> Opening | None:
    """Return what a line opens, None where it is too long; a line that is no header for sure needs a date in front.

    >>> opening = read_opening("Wednesday 7th November 2012 15:26 GMT Ann Other")
    >>> (opening.name, opening.date)
    ('Ann Other', 'Wednesday 7th November 2012 15:26 GMT')
    """
    if len(text) > _LONGEST:
        return None
    date, name = _dated(text, is_header)
    if date is None and not is_header:
        return None
    bare = name[: -len(_REPLY)].rstrip() if name.casefold().endswith(_REPLY) else name
    is_byline = date is not None and text.startswith("By ")
    return Opening(bare, date, bare != name, is_byline) if len(bare) <= MAX_NAME else None


def _dated(text: str, is_header: bool) -> tuple[str | None, str]:
    if not any(character.isdigit() for character in text):
        return None, text
    if match := _DATE_FIRST.fullmatch(text):
        return match[1], match[2]
    match = _DATE_LAST.search(text)
    name = _name_before(text[: match.start()].rstrip(), is_header) if match else ""
    return (match[1], name) if match and name else (None, text)


def _name_before(text: str, is_header: bool) -> str:
    """Return the name in what stands before a date: "By NAME Posted", or the name alone in a header; else nothing."""
    bare = text[: -len(_POSTED)]
    if text.casefold().endswith(_POSTED) and bare[-1:].isspace():
        name = bare.rstrip().removesuffix(",").rstrip()
        return name[3:].lstrip() if name[:3].casefold() == "by " else name
    return text.removesuffix(",").rstrip() if is_header else ""


def name_and_badge(text: str) -> tuple[str, str | None]:
    """Return the name with its staff suffix, and the badge that stands after or before that suffix.

    >>> name_and_badge("Ed Itor (Written by Reg staff) Gold badge")
    ('Ed Itor (Written by Reg staff)', 'Gold badge')
    """
    bare = text.removesuffix(wording.STAFF_SUFFIX)
    for badge in wording.BADGES:
        if bare.rstrip().endswith(badge):  # with or without a blank before it, as a browser joins the two
            return f"{bare.rstrip().removesuffix(badge).rstrip()} {text[len(bare) :]}".strip(), badge
    return text, None


def name_weight(text: str) -> float:
    """Return how much a text looks like an author's name: above zero if it does.

    >>> name_weight("Ann Other") > 0 > name_weight("Switch it on")
    True
    """
    words = text.split()
    if not words:
        return 0.0
    weight = 0.5 if len(words) <= 3 else -0.5 if len(words) == 4 else -2.0
    is_named = len(words) == 1 or not any(word[:1].islower() for word in words)
    weight += 0.5 if is_named else -1.5 if words[-1][:1].islower() else -0.5
    weight += 0.5 if is_named and 1 < len(words) < 4 else 0.0
    weight -= 0.5 if sum(word[:1].islower() for word in words) > 1 else 0.0
    weight -= 0.5 if any(word in _MINOR for word in words) else 0.0
    weight -= 1.0 if len(text) > 40 else 0.0
    return weight - (2.0 if text[-1] in ".!?:;," and len(words) > 1 else 0.0)
