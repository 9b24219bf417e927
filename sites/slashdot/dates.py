"""Slashdot's dates, which leave the year out for half a year after they were written."""

import re
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from belowtheline.reading.instants import local_time, utc_text

TIMEZONE = "America/New_York"
"""The zone of readers who are not logged in."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHEN = re.compile(
    r"(?P<weekday>[A-Z][a-z]{2})[a-z]*,? (?P<month>[A-Z][a-z]{2})[a-z]* (?P<day>\d{1,2}),?(?: (?P<year>\d{4}),?)?"
    r" @?(?P<hour>\d{1,2}):(?P<minute>\d\d) ?(?P<half>[AP])M"
)


def has_year(raw: str) -> bool:
    """Return whether a date as published says its year."""
    match = _WHEN.search(raw)
    return match is None or match["year"] is not None


def written_on(raw: str) -> str | None:
    """Return the date inside a line such as a story's byline, as published.

    >>> written_on("Posted by Someone on Fri Mar 07, 2025 08:52 AM")
    'Fri Mar 07, 2025 08:52 AM'
    """
    found = [match[0] for match in _WHEN.finditer(raw)]
    return found[-1] if found else None  # what stands before it may be anybody's words


def utc(raw: str, story: date | None = None) -> str | None:
    """Return a date as ISO 8601 UTC; one without a year is the first such weekday since the story's day.

    >>> utc("Friday July 06, @08:55AM", date(2007, 7, 6))
    '2007-07-06T12:55:00Z'
    """
    match = _WHEN.search(raw)
    if match is None or match["month"].lower() not in _MONTHS:
        return None
    clock = int(match["hour"]), int(match["minute"]), 0
    years = [int(match["year"])] if match["year"] else [story.year - 1, story.year, story.year + 1] if story else []
    month, day = _MONTHS.index(match["month"].lower()) + 1, int(match["day"])
    for year in years:
        when = local_time((year, month, day), clock, match["half"] + "M")
        if when and (match["year"] or (story and _fits(when.date(), match["weekday"], story))):
            return utc_text(when.replace(tzinfo=ZoneInfo(TIMEZONE)).astimezone(UTC))
    return None


def _fits(day: date, weekday: str, story: date) -> bool:
    # A story's key is in UTC, which can be a day ahead of the zone of its comments.
    return _DAYS[day.weekday()] == weekday.lower() and day >= story - timedelta(days=1)


def day_of(key: str | None) -> date | None:
    """Return the day that a story's key starts with.

    >>> day_of("07/07/06/1333257")
    datetime.date(2007, 7, 6)
    """
    if key is None:
        return None
    year, month, day = map(int, key.split("/")[:3])
    try:
        return date(year + (1900 if year >= 97 else 2000), month, day)
    except ValueError:
        return None
