"""The stage for dates: as published into ISO 8601 UTC, with how sure it is and how it was found."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from belowtheline.pipelines import calendars
from belowtheline.pipelines.zones import UNIVERSAL, offset_of
from belowtheline.scraper.items import Article, Comment, Conventions, Precision, Thread, ThreadPage, changed, shown

_LONGEST = 64  # dateparser takes 0.6 s for 20 kB, and no date is longer
Source = Literal["epoch", "iso", "text", "relative", "dateparser"]
Found = tuple[str | None, Precision | None, Source | None]
_NOTHING: Found = (None, None, None)
_Opened = TypeVar("_Opened", Thread, Article)

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_LETTERS = {
    "%A": r"[^\W\d_]+", "%a": r"[^\W\d_]+\.?", "%d": r"(?P<day>\d{1,2})", "%m": r"(?P<number>\d{1,2})",
    "%B": r"(?P<month>[^\W\d_]{3,9})", "%b": r"(?P<month>[^\W\d_]{3})", "%Y": r"(?P<year>\d{4})",
    "%H": r"(?P<hour>\d{1,2})", "%M": r"(?P<minute>\d\d)", "%S": r"(?P<second>\d\d)",
    "%Z": r"(?P<zone>[A-Z]{1,5})", "%p": r"(?P<half>[AaPp]\.?[Mm]\.?)", "%I": r"(?P<hour>\d{1,2})",
}  # fmt: skip
_ENGLISH = ("en",)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_EPOCH = re.compile(r"\d{9,11}$")
_RELATIVE = re.compile(
    r"(?:about )?(?P<count>\d{1,4}) ?"
    r"(?P<unit>s|sec|min|minute|h|hr|hour|d|day|w|week|wk|mo|month|y|yr|year)s?\.?(?: ago)?$",
    re.IGNORECASE,
)
_UNITS: dict[str, tuple[timedelta, Precision]] = {
    "s": (timedelta(seconds=1), "second"),
    "m": (timedelta(minutes=1), "minute"),
    "h": (timedelta(hours=1), "hour"),
    "d": (timedelta(days=1), "day"),
    "w": (timedelta(weeks=1), "month"),  # what is rounded to weeks is sure of the month at best
    "mo": (timedelta(days=30.44), "year"),
    "y": (timedelta(days=365.25), "year"),
}

fallbacks = 0
"""How many dates had to be given to dateparser, which costs a thousand times a known format."""


def normalise_dates(page: ThreadPage) -> ThreadPage:
    """Return the page with `published_at` and `edited_at` derived from what was published."""
    comments = tuple(_with_dates(comment, page.conventions, page.fetched_at) for comment in page.comments)
    return replace(page, comments=comments, thread=_with_opening(page))


def _with_opening(page: ThreadPage) -> Thread:
    article = _published(page.thread.article, page)
    thread = _published(page.thread, page)
    return thread if article is page.thread.article else replace(thread, article=article)


def _published(item: _Opened, page: ThreadPage) -> _Opened:
    raw = shown(item.published_raw)
    if raw is None or isinstance(item.published_at, str):
        return item
    return replace(item, published_at=find_date(raw, page.conventions, page.fetched_at)[0])


def _with_dates(comment: Comment, conventions: Conventions, fetched_at: str | None) -> Comment:
    raw, edited = shown(comment.published_raw), shown(comment.edited_raw)
    if raw is None and edited is None:
        return comment
    changes: dict[str, str | None] = {}
    if raw is not None and not isinstance(comment.published_at, str):
        at, precision, source = find_date(raw, conventions, fetched_at)
        changes = {"published_at": at, "published_precision": precision, "published_source": source}
    if edited is not None and not isinstance(comment.edited_at, str):
        changes["edited_at"] = find_date(edited, conventions, fetched_at)[0]
    return changed(comment, **changes)


def find_date(raw: str, conventions: Conventions, fetched_at: str | None) -> Found:
    """Return UTC time, precision and source of a date as published; all None where it says no time that exists.

    >>> find_date("1219758300", Conventions(), None)
    ('2008-08-26T13:45:00Z', 'second', 'epoch')
    """
    text = " ".join(raw[: 4 * _LONGEST].split())
    if len(text) > _LONGEST:
        return _NOTHING
    if text.isdigit() and text.isascii() and _EPOCH.match(text):
        return _utc(datetime.fromtimestamp(int(text), UTC)), "second", "epoch"
    for form in _compiled(conventions.date_formats, conventions.languages):
        match = form.match(text)
        if match:
            return form.read(match, conventions.timezone)
    if _ISO.match(text):
        return _from_iso(text, conventions.timezone)
    match = _RELATIVE.match(text)
    if match:
        return _from_relative(match["count"], match["unit"], fetched_at)
    return _from_dateparser(text, conventions, fetched_at and fetched_at[:10])


_PARTS = ("year", "month", "number", "day", "hour", "minute", "second", "half", "zone")


class _Format:
    """One format, compiled: a pattern, and where in its groups each part of a date stands."""

    def __init__(self, letters: str, languages: tuple[str, ...]) -> None:
        self._months = None if languages == _ENGLISH else calendars.months(languages)
        known = _LETTERS if self._months is None else _LETTERS | _names(self._months, languages)
        pieces = re.split(r"(%[A-Za-z])", letters)
        pattern = "".join(known[piece] if piece in known else re.escape(piece) for piece in pieces)
        # "18th", "1st": the format says th for any of them.
        pattern = pattern.replace(r"\d{1,2})th", r"\d{1,2})(?:st|nd|rd|th)")
        # The group that matches nothing stands for the parts that the format has not.
        compiled = re.compile(pattern + "(?P<absent>(?!))?$")
        self.match = compiled.match
        places = compiled.groupindex
        self._places = tuple(places.get(name, places["absent"]) for name in _PARTS)
        parts: tuple[Precision, ...] = ("second", "minute", "hour", "day")
        self._precision: Precision = next((part for part in parts if part in places), "month")

    def read(self, match: re.Match[str], timezone: str) -> Found:
        """Return the date of a match; nothing where no such day or hour exists."""
        year, month, number, day, hour, minute, second, half, zone = match.group(*self._places)
        at = int(hour or 0)
        if half:
            at = at % 12 + (12 if half[0] in "pP" else 0)
        if month:
            months, name = self._months, month[:3].lower()
            number = _MONTHS.get(name, 0) if months is None else months.get(month.casefold(), 0)
        try:
            local = datetime(int(year or 0), int(number or 0), int(day or 1), at, int(minute or 0), int(second or 0))
        except ValueError:
            return _NOTHING  # it looks like a date and is none: February has no 31st
        offset = UNIVERSAL.get(zone) if zone else _zone(timezone).utcoffset(local)
        if zone and offset is None:
            return self._of_named_zone(local, zone, _zone(timezone))
        return _utc(local - offset if offset else local), self._precision, "text"

    def _of_named_zone(self, local: datetime, name: str, zone: ZoneInfo) -> Found:
        offset, precision = offset_of(name, zone, local), self._precision
        if offset is None:
            # Whose clock it is nobody knows: the day is kept, the hour would be a guess.
            local = local.replace(hour=0, minute=0, second=0)
            offset, precision = zone.utcoffset(local), "month" if precision == "month" else "day"
        return _utc(local - offset if offset else local), precision, "text"


def _names(months: Mapping[str, int], languages: tuple[str, ...]) -> dict[str, str]:
    """Return the patterns for names of months and weekdays, the longest of them first."""
    month, day = (
        "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        for names in (set(months), set(calendars.weekdays(languages)))
    )
    month, day = rf"(?P<month>(?i:{month}))\.?", rf"(?i:{day})\.?"
    return {"%B": month, "%b": month, "%A": day, "%a": day}


@lru_cache(maxsize=64)
def _compiled(formats: tuple[str, ...], languages: tuple[str, ...]) -> tuple[_Format, ...]:
    return tuple(_Format(letters, languages) for letters in formats)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _from_iso(text: str, timezone: str) -> Found:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return _NOTHING
    aware = when if when.tzinfo else when.replace(tzinfo=_zone(timezone))
    return _utc(aware.astimezone(UTC)), "second" if text.count(":") > 1 else "minute", "iso"


def _from_relative(count: str, unit: str, fetched_at: str | None) -> Found:
    """Return a time counted back from the capture's; nothing where nobody knows when that was."""
    if fetched_at is None:
        return _NOTHING
    step, precision = _UNITS["mo" if unit.lower().startswith("mo") else unit[0].lower()]
    when = datetime.fromisoformat(fetched_at) - int(count) * step
    return _utc(when.astimezone(UTC)), precision, "relative"


@lru_cache(maxsize=4096)
def _from_dateparser(text: str, conventions: Conventions, day: str | None) -> Found:
    """Return what dateparser makes of a form no site has declared; counted and cached, since it is slow."""
    global fallbacks
    fallbacks += 1
    if not any(character.isdigit() for character in text):
        return _NOTHING
    from dateparser import parse

    settings = {
        "TIMEZONE": conventions.timezone, "TO_TIMEZONE": "UTC", "RETURN_AS_TIMEZONE_AWARE": True,
        "DATE_ORDER": conventions.date_order,
        "REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True, "PARSERS": ["absolute-time"],
    }  # fmt: skip
    when = parse(text, languages=list(conventions.languages), settings=settings)
    if when is None:
        return _NOTHING
    return _utc(when.astimezone(UTC)), "minute" if ":" in text else "day", "dateparser"


def _utc(when: datetime) -> str:
    return when.isoformat()[:19] + "Z"
