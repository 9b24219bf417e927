"""Lobsters' own words: what stands in place of a removed comment, and the marks beside names and dates."""

import re

from belowtheline.reading import instants
from belowtheline.reading.items import Conventions, Deletion, Shown

NAME = "lobsters"
CONVENTIONS = Conventions(timezone="America/Chicago")
"""The server's zone; older dates name their offset, newer ones stand beside Unix time."""
DISOWNED = "inactive-user"
"""The account that holds what others have disowned."""

_TAG = re.compile(r"<[^<>]*>")
_REMOVED: tuple[tuple[str, Deletion], ...] = (
    ("removed by moderator", "moderator"),
    ("banned user", "moderator"),
    ("removed by author", "author"),
)


def plain(html: str) -> str:
    """Return a sentence without its tags and brackets.

    >>> plain("<em>Comment removed by author</em>")
    'Comment removed by author'
    """
    return " ".join(_TAG.sub("", html).split()).removeprefix("[").removesuffix("]").strip()


def deletion(sentence: str) -> Deletion:
    """Return who removed a comment, by the sentence that stands in its place.

    >>> deletion("Comment removed by moderator ann: Off-topic.")
    'moderator'
    """
    return next((who for words, who in _REMOVED if words in sentence.lower()), "unknown")


def utc(raw: str | None) -> Shown[str]:
    """Return a date as published in ISO 8601 UTC.

    >>> utc("2018-06-17 20:07:42 -0500")
    '2018-06-18T01:07:42Z'
    """
    return instants.utc(raw, CONVENTIONS.timezone)
