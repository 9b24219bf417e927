"""Formats that a site declares in strptime's letters, compiled to patterns that name the parts of a date."""

import re
from collections.abc import Mapping
from functools import lru_cache

from belowtheline.pipelines import calendars
from belowtheline.pipelines.localtimes import NOTHING, UNSAID, Found, Zone, in_utc
from belowtheline.pipelines.zones import UNIVERSAL
from belowtheline.reading.instants import local_time, utc_text
from belowtheline.reading.items import DateOrder, Precision

_LETTERS = {
    "%A": r"[^\W\d_]+", "%a": r"[^\W\d_]+\.?", "%d": r"(?P<day>\d{1,2})", "%m": r"(?P<number>\d{1,2})",
    "%B": r"(?P<month>[^\W\d_]{3,9})", "%b": r"(?P<month>[^\W\d_]{3,4})", "%Y": r"(?P<year>\d{4})",
    "%H": r"(?P<hour>\d{1,2})", "%M": r"(?P<minute>\d\d)", "%S": r"(?P<second>\d\d)",
    "%Z": r"(?P<zone>[A-Z]{1,5})", "%p": r"(?P<half>[AaPp]\.?[Mm]\.?)", "%I": r"(?P<hour>\d{1,2})",
}  # fmt: skip
_ENGLISH = ("en",)
_PARTS = ("year", "month", "number", "day", "hour", "minute", "second", "half", "zone")
_NUMBERS = re.compile(r"%([dmY])[./-]%([dmY])[./-]%([dmY])")
_TRIPLE = re.compile(r"\D{0,20}(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d\d)(?!\d)")


class DateFormat:
    """One format, compiled: a pattern, and where in its groups each part of a date stands."""

    def __init__(self, letters: str, languages: tuple[str, ...]) -> None:
        self._months = calendars.months(languages or _ENGLISH)
        known = _LETTERS if languages in ((), _ENGLISH) else _LETTERS | _names(self._months, languages)
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
        self.order = _order(letters)
        """Order of its numbers, where it has no name of a month."""

    def read(self, match: re.Match[str], timezone: str | None) -> Found:
        """Return the date of a match; nothing where no such day or hour exists."""
        year, month, number, day, hour, minute, second, half, zone = match.group(*self._places)
        if month:
            number = self._months.get(month.casefold(), 0)
        clock = int(hour or 0), int(minute or 0), int(second or 0)
        local = local_time((int(year or 0), int(number or 0), int(day or 1)), clock, half)
        if local is None:
            return NOTHING
        if zone in UNIVERSAL and hour:
            return utc_text(local), self._precision, "text"
        return in_utc(local, self._precision, "text", Zone(None, zone) if zone else UNSAID, timezone)


def _order(letters: str) -> DateOrder | None:
    match = _NUMBERS.search(letters)
    orders: dict[str, DateOrder] = {"DMY": "DMY", "MDY": "MDY", "YMD": "YMD"}
    return orders.get("".join(match.groups()).upper()) if match else None


def _names(months: Mapping[str, int], languages: tuple[str, ...]) -> dict[str, str]:
    """Return the patterns for names of months and weekdays, the longest of them first."""
    month, day = (
        "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        for names in (set(months), set(calendars.weekdays(languages)))
    )
    month, day = rf"(?P<month>(?i:{month}))\.?", rf"(?i:{day})\.?"
    return {"%B": month, "%b": month, "%A": day, "%a": day}


@lru_cache(maxsize=64)
def compiled(formats: tuple[str, ...], languages: tuple[str, ...]) -> tuple[DateFormat, ...]:
    """Return the formats of a site, compiled."""
    return tuple(DateFormat(letters, languages) for letters in formats)


def contradicts(text: str, order: DateOrder) -> bool:
    """Return whether the numbers of a date cannot stand in an order.

    >>> contradicts("05/25/2021 10:11", "DMY"), contradicts("05/06/2021", "DMY")
    (True, False)
    """
    match = _TRIPLE.match(text)
    place = {"DMY": 2, "MDY": 1}.get(order)
    return match is not None and place is not None and 12 < int(match[place]) <= 31
