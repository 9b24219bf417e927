"""Dates counted back from the time of the capture, such as "2 days ago", in the languages of news sites."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from belowtheline.pipelines.calendars import LANGUAGES, folded, language_data
from belowtheline.pipelines.localtimes import NOTHING, Found
from belowtheline.reading.instants import read_instant, utc_text
from belowtheline.reading.items import Precision

_ENGLISH = re.compile(
    r"(?:about |over |almost |~ ?)?(?P<count>\d{1,4}|an?) ?"
    r"(?P<unit>s|sec|min|minute|h|hr|hour|d|day|w|week|wk|mo|month|y|yr|year)s?\.?(?: ago)?$",
    re.IGNORECASE,
)
_NOW = frozenset(("just now", "now", "moments ago", "a moment ago"))
_UNITS: dict[str, tuple[timedelta, Precision]] = {
    "s": (timedelta(seconds=1), "second"),
    "m": (timedelta(minutes=1), "minute"),
    "h": (timedelta(hours=1), "hour"),
    "d": (timedelta(days=1), "day"),
    "w": (timedelta(weeks=1), "month"),  # what is rounded to weeks is sure of the month at best
    "mo": (timedelta(days=30.44), "year"),
    "y": (timedelta(days=365.25), "year"),
}
_AGO = re.compile(r"\\1 (\w+) ago$")
_COUNT = re.compile(r"\d{1,4}(?![\d.,])")
_PLACE = r"(\d++[.,]?\d*+)"


def read_relative(text: str, fetched_at: str | None) -> Found | None:
    """Return a time counted back from the capture's, nothing where nobody knows when that was; None for other texts.

    >>> read_relative("vor 2 Tagen", "2025-03-20T10:00:00Z")
    ('2025-03-18T10:00:00Z', 'day', 'relative')
    """
    match = _ENGLISH.match(text)
    if match:
        unit = match["unit"].lower()
        return _counted_back(match["count"], "mo" if unit.startswith("mo") else unit[0], fetched_at)
    if text.lower() in _NOW:
        return _counted_back("0", "m", fetched_at)
    counts = _COUNT.findall(text)
    if len(counts) != 1 or ":" in text:
        return None
    unit = _units().get(_COUNT.sub("#", folded(text), count=1), "")
    return _counted_back(counts[0], unit, fetched_at) if unit else None


def _counted_back(count: str, unit: str, fetched_at: str | None) -> Found:
    fetched = read_instant(fetched_at) if fetched_at else None
    if fetched is None:
        return NOTHING
    step, precision = _UNITS[unit]
    try:
        when = fetched.local - (fetched.offset or timedelta(0)) - (int(count) if count.isdigit() else 1) * step
    except OverflowError:
        return NOTHING  # 9999 years ago
    return utc_text(when), precision, "relative"


@lru_cache(maxsize=1)
def _units() -> Mapping[str, str]:
    """Return the unit of each wording, folded, with # for its number; without those that stand for two units."""
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for meaning, wordings in language_data(language)["relative-type-regex"].items():
            if match := _AGO.match(meaning):
                unit = "mo" if match[1].startswith("mo") else match[1][0]
                for wording in wordings:
                    found.setdefault(folded(wording.replace(_PLACE, "#").replace(r"\s*", "")), set()).add(unit)
    return {wording: units.pop() for wording, units in found.items() if len(units) == 1}
