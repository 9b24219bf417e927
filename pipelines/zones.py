"""Abbreviations of time zones, which only stand for one zone where it is known whose clock is meant."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

UNIVERSAL = {"GMT": timedelta(0), "UTC": timedelta(0), "Z": timedelta(0), "BST": timedelta(hours=1)}
"""Abbreviations that mean the same on every site, by their distance from UTC."""
_AMERICAN = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""Hours from UTC by RFC 5322, section 4.3 (obs-zone)."""


def offset_of(name: str, zone: ZoneInfo, local: datetime) -> timedelta | None:
    """Return the distance from UTC that an abbreviation means beside a local time of a site in that zone.

    None where it is unknown, or where the site's own clocks bear the name at another time of the year: then one of
    name and hour is wrong.

    >>> offset_of("CST", ZoneInfo("Asia/Shanghai"), datetime(2020, 7, 4, 12))
    datetime.timedelta(seconds=28800)
    """
    for fold in (0, 1):
        aware = local.replace(tzinfo=zone, fold=fold)
        if aware.tzname() == name:
            return aware.utcoffset()
    seasons = (local.replace(month=month, day=1, tzinfo=zone).tzname() for month in (1, 7))
    hours = None if name in seasons else _AMERICAN.get(name)
    return None if hours is None else timedelta(hours=hours)
