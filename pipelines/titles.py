"""The stage for titles: blank is NULL, and "Re: X" keeps X."""

import re
from dataclasses import replace

from belowtheline.reading.items import NOT_SHOWN, Comment, ThreadPage

# "Re:", "RE :", "Re[2]:", "Re:..", "Re - ", "Re.. ", and the same of German, Dutch and Scandinavian mail programs.
_RE = re.compile(
    r"(?:re|aw|antw|sv)(?:\[\d{1,3}\]|\(\d{1,3}\))? ?[:;][\s.…:;–—-]{0,9}(?=\S)|re(?: [–—-] |\.{2,5} ?|…) ?(?=\S)",
    re.IGNORECASE,
)


def normalise_titles(page: ThreadPage) -> ThreadPage:
    """Return the page with titles trimmed and their `re_title` set."""
    return replace(page, comments=tuple(_with_title(comment) for comment in page.comments))


def _with_title(comment: Comment) -> Comment:
    if comment.title is NOT_SHOWN or comment.title is None:
        return comment
    title = " ".join(comment.title.split()) or None
    answered = re_title(title)
    if title == comment.title and answered is None:
        return comment
    return replace(comment, title=title, re_title=answered)


def re_title(title: str | None) -> str | None:
    """Return what a title answers, None where it does not say so.

    >>> re_title("RE: Re: Kettles"), re_title("Re:..Kettles"), re_title("Re-used kettles")
    ('Kettles', 'Kettles', None)
    """
    start, count = _beginning(title or "")
    return title[start:] if title and count else None


def re_depth(title: str | None) -> int:
    """Return how many times a title says "Re:".

    >>> re_depth("Kettles"), re_depth("Re: Re: Kettles")
    (0, 2)
    """
    return _beginning(title or "")[1]


def _beginning(title: str) -> tuple[int, int]:
    """Return where a title goes on behind all its "Re:", and how many these are."""
    start = count = 0
    while match := _RE.match(title, start):
        start, count = match.end(), count + 1
    return start, count
