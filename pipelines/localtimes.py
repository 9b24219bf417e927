"""Local times as published into UTC, with how sure they are and how they were found; what stays open is NULL."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from belowtheline.pipelines.zones import Meanings, meanings, of_site
from belowtheline.reading.instants import FIRST_YEAR, LAST_YEAR, read_instant, utc_text
from belowtheline.reading.items import Precision, Source

Found = tuple[str | None, Precision | None, Source | None]
NOTHING: Found = (None, None, None)
"""No date, or none that a page can mean."""
OPEN: Found = (None, None, "open")
"""A date whose day nobody can tell from the page."""
_FIRST, _END = f"{FIRST_YEAR}-01-01T00:00:00Z", f"{LAST_YEAR}-01-01T00:00:00Z"
_SLACK = timedelta(days=2)
"""Clocks are wrong, and local times are ahead of UTC: a date may be so much later than the capture that shows it."""


class Zone(NamedTuple):
    """What a text says of its zone: a distance from UTC, or an abbreviation, or nothing."""

    offset: timedelta | None = None
    name: str | None = None
    is_strict: bool = False
    """Whether an abbreviation counts only where the site's own zone explains it, as in ISO 8601, which has none."""


UNSAID = Zone()


def latest(fetched_at: str | None) -> str:
    """Return the last time that a page can mean, in the form of the schema.

    >>> latest("2025-03-20T10:00:00Z"), latest(None)
    ('2025-03-22T10:00:00Z', '2100-01-01T00:00:00Z')
    """
    found = read_instant(fetched_at) if fetched_at else None
    if found is None:
        return _END  # nobody knows when it was fetched
    return utc_text(found.local - (found.offset or timedelta(0)) + _SLACK)


def bounded(found: Found, last: str) -> Found:
    """Return what was found; a time after the page was fetched is open, since one of the two is not as it is said."""
    at = found[0]
    if at is None or _FIRST <= at <= last:
        return found
    return OPEN if last < at < _END else NOTHING


def as_day(local: datetime, precision: Precision = "day", source: Source = "text") -> Found:
    """Return a day as published: what has no hour is in no zone."""
    return utc_text(local.replace(hour=0, minute=0, second=0)), precision, source


def in_utc(local: datetime, precision: Precision, source: Source, zone: Zone, site_zone: str | None) -> Found:
    """Return a local time in UTC, by the zone that it names, else by its site's.

    Where neither is known it is read as UTC, and its source says so.
    """
    if precision in ("day", "month", "year"):
        return as_day(local, precision, source)
    if zone.offset is not None:
        return utc_text(local - zone.offset if zone.offset else local), precision, source
    if zone.name is not None:
        return _of_named_zone(local, precision, source, zone, site_zone)
    if site_zone is None:
        return utc_text(local), precision, "assumed zone"
    offset = zone_info(site_zone).utcoffset(local)
    return utc_text(local - offset if offset else local), precision, source


def _of_named_zone(local: datetime, precision: Precision, source: Source, zone: Zone, site_zone: str | None) -> Found:
    """Return a time beside an abbreviation: where that has several meanings the day alone, if it is in all the same."""
    site, name = site_zone and zone_info(site_zone), zone.name or ""
    found: Meanings = meanings(name, site or None, local)
    if len(found) == 1 and not (zone.is_strict and not (site and of_site(name, site, local))):
        (offset,) = found
        return utc_text(local - offset), precision, source
    days = {(local - offset).date() for offset in found}
    if len(days) != 1:
        return OPEN
    (day,) = days
    return as_day(datetime(day.year, day.month, day.day), "day", source)


@lru_cache(maxsize=64)
def zone_info(name: str) -> ZoneInfo:
    """Return a zone by its IANA name."""
    return ZoneInfo(name)


def given_time(value: str, last: str) -> tuple[str, Precision] | None:
    """Return a time that a site's reader gives, in UTC and within what its page can mean; None for any other."""
    found = read_instant(value)
    if found is None or found.offset is None:
        return None
    at = utc_text(found.local - found.offset)
    return (at, found.precision) if _FIRST <= at <= last else None
