"""Times written for machines: ISO 8601 and Unix time, read in one place and never beyond what a page can mean."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from belowtheline.reading.items import NOT_SHOWN, Precision, Shown

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""No comment is older than the web, and no calendar of a site is ahead by generations; what is beyond is no date."""
_LONGEST = 64
_ZERO = timedelta(0)
_GREENWICH = frozenset(("Z", "UTC", "GMT", "UT"))
_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
    r"(?:(?P<apart>[Tt] ?|,? )(?P<hour>\d{1,2})(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d{1,20})?)?)?"
    r" ?(?P<half>[AaPp][Mm])? ?"
    r"(?:(?P<name>[A-Za-z]{1,5})|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?(?::?00)?)?"
    r")?$"
)
_EPOCH = re.compile(r"(\d{9,11}|\d{13}|\d{16}|\d{19})(?:\.\d{1,9})?$")
_FOR_MACHINES = re.compile(r"[+-]?(?:\d{4,6}-\d\d-\d\d|\d{1,40}$)")
_FARTHEST = timedelta(hours=14)
"""Local clocks are at most so far from UTC, as those of Kiritimati are."""


class Instant(NamedTuple):
    """What a text for machines says."""

    local: datetime
    """The clock that it shows, without a zone; UTC for Unix time."""
    offset: timedelta | None
    """How far that clock is ahead of UTC, None where the text does not say."""
    name: str | None
    """Abbreviation of a zone, where it is given by that alone."""
    precision: Precision
    is_epoch: bool = False


def read_instant(text: str) -> Instant | None:
    """Return what ISO 8601 or Unix time says; None for anything else and for a day or hour that does not exist.

    24:00 is the start of the next day, and :60 a leap second, for which other clocks show :59.

    >>> read_instant("2012-06-30 24:00 UTC").local
    datetime.datetime(2012, 7, 1, 0, 0)
    """
    if len(text) > _LONGEST or not text.isascii():
        return None
    if text[10:11] == "T" and (found := _plain_iso(text)):
        return found
    text = text.strip()
    if match := _EPOCH.match(text):
        # Seconds have ten digits for centuries to come; more are of milli-, micro- or nanoseconds.
        seconds = int(match[1][:10] if len(match[1]) > 11 else match[1])
        return _within(Instant(datetime(1970, 1, 1) + timedelta(seconds=seconds), _ZERO, None, "second", True))
    match = _ISO.match(text)
    return _from_iso(match) if match else None


def _plain_iso(text: str) -> Instant | None:
    """Return what nearly all texts say, ten times as fast; None for what needs a second look."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = when.utcoffset()
    if text[4] != "-" or not FIRST_YEAR < when.year < LAST_YEAR or (offset and abs(offset) > _FARTHEST):
        return None
    parts = text.count(":", 0, 17)
    precision: Precision = "second" if parts == 2 else "minute"
    return Instant(when.replace(tzinfo=None), offset, None, precision) if parts else None


def _from_iso(match: re.Match[str]) -> Instant | None:
    minute, second = match["minute"], match["second"]
    if match["hour"] and not minute and match["apart"][:1] not in ("T", "t"):
        return None  # a number behind a date may be anything
    local = local_time(
        (int(match["year"]), int(match["month"]), int(match["day"])),
        (int(match["hour"] or 0), int(minute or 0), int(second or 0)),
        match["half"],
    )
    offset, name = _offset(match), (match["name"] or "").upper() or None
    if local is None or (match["sign"] and offset is None):
        return None
    if name in _GREENWICH:
        offset, name = _ZERO, None
    parts: tuple[tuple[str | None, Precision], ...] = ((second, "second"), (minute, "minute"), (match["hour"], "hour"))
    precision: Precision = next((precision for part, precision in parts if part), "day")
    return _within(Instant(local, offset, name, precision))


def local_time(day: tuple[int, int, int], clock: tuple[int, int, int], half: str | None = None) -> datetime | None:
    """Return a local time from its numbers; None where no such day or hour exists.

    >>> local_time((2021, 5, 4), (12, 5, 60), "AM")
    datetime.datetime(2021, 5, 4, 0, 5, 59)
    """
    hour, minute, second = clock
    year, month, number = day
    if half:
        is_late = half[0] in "pP"
        if hour > 12 and not is_late:
            return None  # 15:00 AM is one or the other
        hour = hour % 12 + (12 if is_late else 0)
    if not FIRST_YEAR - 1 <= year <= LAST_YEAR:
        return None
    try:
        if hour == 24 and minute == second == 0:
            return datetime(year, month, number) + timedelta(days=1)
        return datetime(year, month, number, hour, minute, 59 if second == 60 else second)
    except ValueError:
        return None  # it looks like a date and is none: February has no 31st


def _offset(match: re.Match[str]) -> timedelta | None:
    if not match["sign"]:
        return None
    size = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    if size > _FARTHEST or int(match["minutes"] or 0) > 59:
        return None
    return size if match["sign"] == "+" else -size


def _within(found: Instant) -> Instant | None:
    return found if FIRST_YEAR <= (found.local - (found.offset or _ZERO)).year < LAST_YEAR else None


def utc(value: object, timezone: str | None = None) -> Shown[str]:
    """Return Unix time or ISO 8601 as the schema wants its times; NOT_SHOWN where it is neither, or names no zone.

    `timezone` is that of times that name none.

    >>> utc("2018-06-17 20:07:42 -0500"), utc(1767261600)
    ('2018-06-18T01:07:42Z', '2026-01-01T10:00:00Z')
    """
    if isinstance(value, float):
        value = int(value) if abs(value) < 1e20 else None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return NOT_SHOWN
    found = read_instant(value if isinstance(value, str) else str(value) if abs(value) < 10**20 else "")
    if found is None or found.name:
        return NOT_SHOWN
    if found.offset is not None:
        return utc_text(found.local - found.offset)
    if timezone in (None, "UTC"):
        return utc_text(found.local) if timezone else NOT_SHOWN
    return utc_text(found.local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC))


def utc_text(when: datetime) -> str:
    """Return a time in UTC in the form of the schema.

    >>> utc_text(datetime(2021, 5, 4, 10, 11, 12, 999))
    '2021-05-04T10:11:12Z'
    """
    return when.isoformat()[:19] + "Z"


def usable(raw: str) -> bool:
    """Return whether a text says a time, as far as it is for machines: what stands for "never" does not.

    >>> usable("-0001-11-30T00:00:00"), usable("0"), usable("2021-05-04 10:11"), usable("4 May 2021")
    (False, False, True, True)
    """
    return bool(raw) and (_FOR_MACHINES.match(raw) is None or read_instant(raw) is not None)


def first_usable(*raws: str | None) -> str | None:
    """Return the first text that says a time, so that a zero hides no other; the first of all where none does.

    >>> first_usable(None, "0000-00-00", "4 May 2021")
    '4 May 2021'
    """
    held = [raw for raw in raws if raw]
    return held[0] if len(held) == 1 else next(filter(usable, held), held[0] if held else None)
