"""What the class names and short texts of an unknown page say: who, when, a comment."""

import re

from lxml import etree

AUTHOR_WORDS = frozenset((
    "author", "username", "user", "nickname", "nick", "poster", "commenter", "byline", "by", "fn", "name",
    "writer", "member", "creator", "owner",
))  # fmt: skip
"""Words of class names that stand for who wrote something."""
DATE_WORDS = frozenset((
    "date", "time", "timestamp", "datetime", "ago", "age", "posted", "published", "when", "created",
))  # fmt: skip
"""Words of class names that stand for when."""
COMMENT_WORDS = frozenset((
    "comment", "comments", "reply", "replies", "response", "letter", "message", "post", "posting", "answer",
    "note", "feedback", "opinion", "remark",
))  # fmt: skip
"""Words of class names that stand for a comment."""
_AFTER_AUTHOR = frozenset((
    "link", "info", "url", "box", "meta", "wrap", "text", "id", "avatar", "image", "line",
))  # fmt: skip
_CLASS = re.compile(r"[A-Za-z][\w-]{0,60}")
_SERIAL = re.compile(r"\d{3}")
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\b\d{1,2}[./]\d{1,2}[./]\d{2}|\b\d{1,2}:\d\d|\b\d{1,4} (?:second|minute|hour|day|week|month|year)"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d|\d\.? (?:jan|feb|mar|apr|may|jun|jul|aug"
    r"|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:users?|u|profiles?|members?|people|authors?|accounts?)[/?=.]|user\?id=|/[~@]", re.IGNORECASE
)
_AUTHOR_OF = re.compile(r"(?:[A-Za-z]{1,20}[-_]){0,3}(?:author|user|member|poster|by)[-_]")
_PERSONAL = ("author", "name", "user", "nick", "poster", "mail")
LONGEST_DATE = 80
"""Characters of a text beyond which it is no date."""


def classes_of(element: etree._Element) -> list[str]:
    """Return the classes of an element that could name a part: not those that number it or name somebody."""
    names = (element.get("class") or "").split()
    return [name for name in names if is_named(name)]


def is_named(name: str) -> bool:
    """Return whether a class or id could name a part: it has no serial number and is nobody's."""
    return bool(_CLASS.fullmatch(name)) and not _SERIAL.search(name) and not _names_somebody(name)


def _names_somebody(name: str) -> bool:
    return bool(somebody_in(name))


def somebody_in(name: str) -> str:
    """Return what stands in a class after the word for an author, where that is no part of a page; else "".

    >>> somebody_in("comment-author-ann7"), somebody_in("author-link"), somebody_in("comment")
    ('ann7', '', '')
    """
    match = _AUTHOR_OF.match(name)
    rest = name[match.end() :] if match else ""
    return "" if words_in(rest) and words_in(rest) <= AUTHOR_WORDS | _AFTER_AUTHOR else rest


def words_in(name: str) -> frozenset[str]:
    """Return the words of a class or attribute name.

    >>> sorted(words_in("comment-authorName"))
    ['author', 'comment', 'name']
    """
    return frozenset(piece.lower() for piece in _PIECES.findall(name))


def is_personal(name: str) -> bool:
    """Return whether an attribute or a key of data says who somebody is.

    >>> is_personal("data-fullname"), is_personal("data-depth")
    (True, False)
    """
    return any(word in AUTHOR_WORDS or word.endswith(_PERSONAL) for word in words_in(name))


def is_profile(url: str) -> bool:
    """Return whether an address looks like that of somebody's page.

    >>> is_profile("/user/17/"), is_profile("/used-kettles/")
    (True, False)
    """
    return bool(_PROFILE.search(url[:400]))


def is_date(text: str) -> bool:
    """Return whether a short text has a date or a time in it.

    >>> is_date("3 May 2021 at 14:05"), is_date("3 kettles")
    (True, False)
    """
    return len(text) <= LONGEST_DATE and bool(_DATE.search(text))
