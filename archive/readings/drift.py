"""Layout drift: pages that can still be read, and no longer show what the comments of their site always show.

How many comments show author, date, text and id is counted page by page and kept with the page. A page of at least 20
comments that falls below a floor of its site, or of 5 to 19 that falls below half of it, by 2 comments or more, is not
recorded: what it shows would be put over what is held. Nor is one that counts 5 comments or more, shows none and leads
to none, nor one with values that swallow others, whatever its site (`reading/checks.py`). A reading is judged by the
sum of its pages, since the pages of an API may be single comments; and one that shows fewer than half of the comments
that the last full one showed, where these were 10 or more, is drift too, unless the page's own count fell with them.
Deleted comments are not counted, nor are the shares of copied text, which shows less.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from belowtheline.reading.checks import odd_values
from belowtheline.reading.items import Author, Comment, ThreadPage, shown

DRIFT = "drift"
"""Reason of a page that fell below a floor of its site."""
SIGN = "layout drift: "
"""How a reason of drift begins."""

_FEWEST = 5
_MANY = 20
_STRONG = 0.5  # among a few comments, two that are a title alone are a tenth or a half
_LACKING = 2  # one odd comment is no layout
_FEWEST_BEFORE = 10
_LEAST_SHARE = 0.5

Shares = Mapping[str, tuple[int, int, float]]
"""By field: how many of the comments show it, of how many, and the least share."""


def _has_author(comment: Comment) -> bool:
    author = comment.author
    if not isinstance(author, Author):
        return False
    return bool(author.name or shown(author.native_id))


def _has_date(comment: Comment) -> bool:
    # "3 hours ago" is no time where nobody knows when the page was fetched.
    return type(comment.published_at) is str or type(comment.published_raw) is str


_SHOWS: dict[str, Callable[[Comment], bool]] = {
    "author": _has_author,
    # A date is shown, too, where the page leaves open which day it means.
    "published_at": lambda comment: type(comment.published_at) is str or comment.published_source == "open",
    "body_text": lambda comment: type(comment.body_text) is str and comment.body_text != "",
    "native_id": lambda comment: comment.native_id is not None,
    "author_if_any": _has_author,
    "readable_date": lambda comment: type(comment.published_at) is str,
}
_ASKED_OF: dict[str, Callable[[Comment], bool]] = {
    "author_if_any": lambda comment: comment.author is not None,
    "readable_date": lambda comment: type(comment.published_raw) is str,
}
"""Of which comments a field is asked, where not of all."""


def shares_of(pages: Iterable[ThreadPage]) -> Shares:
    """Return what the comments of normalised pages show, of the fields for which their site states a floor."""
    counted: dict[str, tuple[int, int, float]] = {}
    for page in pages:
        if page.form == "copied text" or not page.conventions.floors:
            continue
        shows = _SHOWS if page.fetched_at else _SHOWS | dict.fromkeys(("published_at", "readable_date"), _has_date)
        standing = [comment for comment in page.comments if not isinstance(comment.deletion, str)]
        for field, floor in page.conventions.floors:
            showing, of, _ = counted.get(field, (0, 0, floor))
            asked = list(filter(_ASKED_OF[field], standing)) if field in _ASKED_OF else standing
            counted[field] = (showing + sum(map(shows[field], asked)), of + len(asked), floor)
    return counted


def drift_in(shares: Shares) -> str | None:
    """Return which share of the comments fell below its floor, as a reason; None where none did.

    >>> drift_in({"author": (1, 20, 0.9), "body_text": (20, 20, 0.9)})
    'layout drift: 1 of 20 comments show author (5%), and at least 90% should'
    """
    fallen = [
        f"{showing} of {of} comments show {field} ({showing / of:.0%}), and at least {floor:.0%} should"
        for field, (showing, of, floor) in shares.items()
        if of >= _FEWEST and of - showing >= _LACKING and showing < floor * of * (1 if of >= _MANY else _STRONG)
    ]
    return SIGN + "; ".join(fallen) if fallen else None


def drift_of_page(pages: Sequence[ThreadPage]) -> str | None:
    """Return why what a page shows may not be recorded, as a reason; None where it may."""
    return drift_in(shares_of(pages)) or next(filter(None, (*map(_unseen, pages), *map(_odd, pages))), None)


def _odd(page: ThreadPage) -> str | None:
    found = odd_values(page)
    return SIGN + found if found else None


def _unseen(page: ThreadPage) -> str | None:
    """Return that a page counts comments and neither shows any nor leads to some, whatever its count counts."""
    declared = shown(page.thread.declared_count) or 0
    if page.comments or page.stubs or page.links or declared < _FEWEST:
        return None
    return f"{SIGN}the page counts {declared} comments, and none can be read" if page.conventions.floors else None


def as_json(shares: Shares) -> str | None:
    """Return shares in the form that is kept with a page."""
    return json.dumps(shares) if shares else None


def drift_of_reading(connection: sqlite3.Connection, reading_id: int) -> str | None:
    """Return why a reading whose pages were all read shows another layout than its site's; None where it does not."""
    sql = "SELECT shares FROM pages WHERE reading_id = ? AND state = 'done' AND shares IS NOT NULL"
    return drift_in(_sum(json.loads(text) for (text,) in connection.execute(sql, (reading_id,))))


def _sum(pages: Iterable[Mapping[str, Sequence[Any]]]) -> Shares:
    counted: dict[str, tuple[int, int, float]] = {}
    for page in pages:
        for field, (showing, of, floor) in page.items():
            before = counted.get(field, (0, 0, floor))
            counted[field] = (before[0] + showing, before[1] + of, floor)
    return counted


def fall_of_reading(connection: sqlite3.Connection, reading_id: int, *, is_complete: bool) -> str | None:
    """Return that a full reading shows fewer than half of what the last full one before it showed; None otherwise.

    Readings without a known time, of copied text, or that did not ask for every page are not compared.
    """
    shown, declared, at = connection.execute(_SHOWN, (reading_id,)).fetchone()
    if at is None or (declared is not None and declared <= shown):
        return None
    before = connection.execute(_BEFORE, (reading_id, at, is_complete)).fetchone()
    if before is None or before[0] < _FEWEST_BEFORE or shown >= before[0] * _LEAST_SHARE:
        return None
    return f"{SIGN}{shown} comments shown, where the reading of {before[1]} showed {before[0]}"


_SHOWN = """
    SELECT coalesce(sum(p.comments), 0), max(p.declared),
        CASE WHEN count(*) FILTER (WHERE p.form = 'copied text' OR k.fetched_at_source = 'file') = 0
            THEN min(k.fetched_at) END
    FROM pages p JOIN captures k ON k.id = p.capture_id WHERE p.reading_id = ?1 AND p.state = 'done'"""
# What proves no end is compared with what began at the same page: another may have asked for a part.
_BEFORE = """
    SELECT r.comments, r.read_at FROM readings r JOIN readings mine ON mine.id = ?1
    WHERE r.thread_id = mine.thread_id AND r.id <> mine.id AND r.read_at < ?2 AND r.closed_at IS NOT NULL
        AND r.verdict <> 'incomplete' AND ((r.verdict = 'complete' AND ?3)
            OR (SELECT url FROM pages WHERE reading_id = r.id ORDER BY id LIMIT 1)
            = (SELECT url FROM pages WHERE reading_id = mine.id ORDER BY id LIMIT 1))
        AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.form = 'copied text')
    ORDER BY r.read_at DESC, r.id DESC LIMIT 1"""
