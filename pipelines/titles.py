"""The stage for titles: blank is NULL, and "Re: X" keeps X."""

import re
from dataclasses import replace

from belowtheline.scraper.items import NOT_SHOWN, Comment, ThreadPage, changed

_RE = re.compile(r"re: ?(?=\S)", re.IGNORECASE)


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
    return changed(comment, title=title, re_title=answered)


def re_title(title: str | None) -> str | None:
    """Return what a title answers, None where it does not say so.

    >>> re_title("RE: Re: Kettles")
    'Kettles'
    """
    start = 0
    while title and (match := _RE.match(title, start)):
        start = match.end()
    return title[start:] if title and start else None
