"""Abbreviations of time zones, which only stand for one zone where it is known whose clock is meant."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

UNIVERSAL = {name: timedelta(0) for name in ("GMT", "UTC", "UT", "Z")}
"""Abbreviations that mean the same on every site, by their distance from UTC."""
_STATED = {"EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""Hours from UTC by RFC 5322, section 4.3 (obs-zone), of what is in use for one zone."""
_AMERICAN = _STATED | {"CST": -6, "CDT": -5}
_SEVERAL: dict[str, tuple[float, ...]] = {
    "ACST": (9.5,), "ADT": (-3, 4), "AEDT": (11,), "AEST": (10,), "AKDT": (-8,), "AKST": (-9,), "AMT": (-4, 4),
    "AST": (-4, 3), "AWST": (8,), "BST": (1, 6, 11), "CDT": (-5, -4, 10.5), "CEST": (2,), "CET": (1, 2),
    "CST": (-6, -5, 8, 9.5), "CT": (-6, -5, 8), "ECT": (-5, -4), "EEST": (3,), "EET": (2, 3), "GST": (-2, 4),
    "HKT": (8,), "HST": (-10,),
    "IST": (1, 2, 5.5), "JST": (9,), "KST": (9,), "MESZ": (2,), "MEZ": (1, 2), "NZDT": (13,),
    "NZST": (12, 13), "SGT": (8,), "SST": (-11, 8), "WEST": (1,), "WET": (0, 1), "WIB": (7,), "WST": (1, 8, 13),
}  # fmt: skip
"""Hours from UTC of all that an abbreviation is used for; of what many write all year, both seasons."""
_ANYWHERE = _SEVERAL | {name: (hours,) for name, hours in _STATED.items()}
_OF_PLACES = {
    "ET": "America/New_York", "MT": "America/Denver", "PT": "America/Los_Angeles", "MSK": "Europe/Moscow",
}  # fmt: skip
"""Names of the clocks of a place, in summer as in winter."""
KNOWN = frozenset((*_ANYWHERE, *UNIVERSAL, *_OF_PLACES))
"""Abbreviations whose meanings are known, though there may be several."""
Meanings = frozenset[timedelta]
"""All distances from UTC that an abbreviation may mean; empty where it is unknown."""


def meanings(name: str, zone: ZoneInfo | None, local: datetime) -> Meanings:
    """Return what an abbreviation may mean beside a local time of a site in a zone, None where that is unknown.

    Where the site's own clocks bear the name at another time of the year, one of name and hour is wrong: both seasons
    may be meant.

    >>> meanings("CST", ZoneInfo("Asia/Shanghai"), datetime(2020, 7, 4, 12)) == {timedelta(hours=8)}
    True
    >>> len(meanings("IST", None, datetime(2020, 7, 4, 12)))
    3
    """
    if name in UNIVERSAL:
        return frozenset((UNIVERSAL[name],))
    if name in _OF_PLACES:
        offset = local.replace(tzinfo=ZoneInfo(_OF_PLACES[name])).utcoffset()
        return frozenset(() if offset is None else (offset,))
    found = zone and of_site(name, zone, local)
    return found or _hours(*_ANYWHERE.get(name, ()))


def of_site(name: str, zone: ZoneInfo, local: datetime) -> Meanings:
    """Return what an abbreviation means where the site's zone says it; empty where it says nothing."""
    for fold in (0, 1):
        aware = local.replace(tzinfo=zone, fold=fold)
        if aware.tzname() == name and (offset := aware.utcoffset()) is not None:
            return frozenset((offset,))
    own = _seasons(zone, local.year)
    if name in own:
        # Britons write BST and GMT as they mean it, whatever the season.
        return frozenset((own[name],)) if name == "BST" else frozenset(own.values())
    is_american = zone.key.startswith(("America/", "US/", "Canada/")) and zone.key != "America/Havana"
    return _hours(_AMERICAN[name]) if is_american and name in _AMERICAN else frozenset()


@lru_cache(maxsize=256)
def _seasons(zone: ZoneInfo, year: int) -> dict[str, timedelta]:
    """Return the abbreviations of a zone's winter and summer, with their distances from UTC."""
    times = (datetime(year, month, 1, tzinfo=zone) for month in (1, 7))
    return {name: offset for time in times if (name := time.tzname()) and (offset := time.utcoffset()) is not None}


@lru_cache(maxsize=64)
def _hours(*hours: float) -> Meanings:
    return frozenset(timedelta(hours=each) for each in hours)
