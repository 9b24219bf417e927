"""Names of months and weekdays in languages other than English, as dateparser's data has them."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@lru_cache(maxsize=64)
def months(languages: tuple[str, ...]) -> Mapping[str, int]:
    """Return the names and abbreviations of the months, in small letters and without a final dot, by language code.

    >>> months(("de",))["märz"]
    3
    """
    found = {name: number for number, month in enumerate(_MONTHS, 1) for name in _names(month, languages)}
    return {name: number for name, number in found.items() if not name[:1].isdigit()}


def weekdays(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names and abbreviations of the weekdays, in small letters and without a final dot."""
    return tuple(name for day in _WEEKDAYS for name in _names(day, languages))


def _names(english: str, languages: tuple[str, ...]) -> Iterator[str]:
    for language in languages:
        # Imported here: dateparser takes a tenth of a second, and most sites write English.
        data: dict[str, Any] = import_module(f"dateparser.data.date_translation_data.{language}").info
        yield from (name.casefold().rstrip(".") for name in data[english])
