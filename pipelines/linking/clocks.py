"""Times of day beside a name, `@ Name 3rd Aug 12:41`, which tell whose comments of one name is meant."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from belowtheline.archive.links.texts import CommentText

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATE_WORDS = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}"
    r"|\d{1,2}(?:st|nd|rd|th)|\d{1,4}|at|on|of|the|posted|@",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d.:])(\d{1,2})(?::(\d\d)(?!\d)|[.](\d\d)(?= ?[ap]\.?m\b))(?: ?([ap])\.?m\b)?", re.IGNORECASE
)
_BESIDE = 48
"""Code points behind a name in which its time ends."""
_BLANKS = dict.fromkeys(map(ord, ",.()-–—/"), " ")
_STATED = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?::\d\d)?(?:\.\d+)?(?: ?([ap])\.?m\b)?", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)", re.IGNORECASE)
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)\b", re.IGNORECASE)
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})", re.IGNORECASE)
_FINE = ("second", "minute")
_NOON, _LAST_HOUR, _LAST_MINUTE = 12, 23, 59


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day that stands beside a name, with its date where one is given."""

    hours: tuple[int, ...]
    """Two where the text does not say which half of the day."""
    minute: int
    day: int | None
    month: int | None
    end: int


def clock_after(text: str, start: int) -> Clock | None:
    """Return the time that follows a name directly.

    >>> clock_after("@AC 3rd Aug 12:41", 3)
    Clock(hours=(12,), minute=41, day=3, month=8, end=17)
    """
    match = _CLOCK.search(text, start, start + _BESIDE)
    minute = int(match[2] or match[3]) if match else _LAST_MINUTE + 1
    if not match or int(match[1]) > _LAST_HOUR or minute > _LAST_MINUTE:
        return None
    date = text[start : match.start()]
    if date[:1].isalnum() or not all(map(_DATE_WORDS.fullmatch, date.translate(_BLANKS).split())):
        return None
    hour, half = int(match[1]), (match[4] or "").lower()
    hours = (_hour(hour, half),) if half or not 0 < hour < _NOON else (hour, hour + _NOON)
    month = _MONTH.search(date)
    day = _DAY.search(date) if month or _ORDINAL.search(date) else None  # of numbers alone nobody knows the order
    return Clock(
        hours,
        minute,
        int(day[1]) if day else None,
        _MONTHS.index(month[1].lower()) + 1 if month else None,
        match.end(),
    )


def _hour(hour: int, half: str) -> int:
    return hour % _NOON + (_NOON if half == "p" else 0) if half else hour


def are_timed(comments: Sequence[CommentText], places: Collection[int]) -> bool:
    """Return whether the minute of every one of these comments is known."""
    return all(_time(comments[place]) is not None for place in places)


def at(clock: Clock, comments: Sequence[CommentText], places: Collection[int]) -> list[int]:
    """Return which comments were written at a time of day, as their page states it, in UTC, or in summer time."""
    for hours in (clock.hours[:1], clock.hours[1:]):
        for is_summer in (False, True):
            found = [place for place in places if _is_at(comments[place], hours, clock, is_summer=is_summer)]
            if found:
                return found
    return []


def _is_at(comment: CommentText, hours: Collection[int], clock: Clock, *, is_summer: bool) -> bool:
    time = _time(comment)
    if time is None:
        return False
    stated = {(_hour(int(hour), half.lower()), int(minute)) for hour, minute, half in _stated(comment)}
    if is_summer and stated:
        return False
    local = time + timedelta(hours=1) if is_summer else time
    on_days = [time, local]
    fits_date = (clock.day is None or clock.day in {when.day for when in on_days} | _days(comment)) and (
        clock.month is None or clock.month in {when.month for when in on_days}
    )
    known = stated | {(local.hour, local.minute)}
    return fits_date and any((hour, clock.minute) in known for hour in hours)


def _stated(comment: CommentText) -> list[tuple[str, str, str]]:
    return _STATED.findall((comment.published_raw or "")[:80])


def _days(comment: CommentText) -> set[int]:
    return {int(day) for day in _DAY.findall((comment.published_raw or "")[:80])} if _stated(comment) else set()


def _time(comment: CommentText) -> datetime | None:
    if not comment.published_at or comment.published_precision not in (None, *_FINE):
        return None
    try:
        return datetime.fromisoformat(comment.published_at)
    except ValueError:
        return None
