"""How sure the date of a comment is: of two captures that date it, the surer one stays, whichever came first."""

from typing import Any

_PRECISIONS = ("second", "minute", "hour", "day", "month", "year")
UNSAID = len(_PRECISIONS)
"""Doubt of a date that does not say how sure it is."""


def doubt(at: str | None, raw: str | None, precision: Any, source: str | None) -> float:
    """Return how unsure a date is, by its smallest unit; an assumed zone may be hours off, and no date is the worst.

    >>> doubt("2021-05-04T10:11:12Z", "4 May 2021 10:11:12", "second", "assumed zone")
    2.5
    """
    if at is None:
        return UNSAID + 1
    return max(_PRECISIONS.index(precision), 2.5 * (source == "assumed zone")) if precision in _PRECISIONS else UNSAID
