"""Spans of time as people write them: 90m, 12h, 7d, 2w."""

import re
from datetime import timedelta

_SPAN = re.compile(r"([0-9]{1,6})\s?([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span(value: str) -> timedelta:
    """Return a span of time; raise ValueError where it is none.

    >>> span("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    match = _SPAN.fullmatch(value.strip().lower())
    if match is None:
        raise ValueError(f"{value!r} is no span of time: write 90m, 12h, 7d or 2w.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
