"""The present state of a row: per unit of fields, the newest value shown, whatever the order of captures."""

import json
from collections.abc import Collection, Mapping
from typing import Any

Units = Mapping[str, tuple[str, ...]]
"""Columns that are shown together, by the unit's name."""
Values = Mapping[str, tuple[Any, ...]]
"""What one capture shows: a unit's values in the order of its columns; what it does not show is absent."""


class Times:
    """When each unit of a row was last shown: '' undated, None never."""

    def __init__(self, units: Units, last_seen_at: str | None, field_times: str | None) -> None:
        newest = last_seen_at or ""
        self._times: dict[str, str | None] = dict.fromkeys(units, newest)
        if field_times:
            self._times.update(json.loads(field_times))

    @classmethod
    def of_new(cls, units: Units, values: Values, time: str, weak: Collection[str] = ()) -> "Times":
        """Return the times of a row that one capture shows for the first time; weak units count as never shown."""
        new = cls(units, time, None)
        new._times.update({unit: None for unit in units if unit not in values or unit in weak})
        return new

    def of(self, unit: str) -> str | None:
        """Return when a unit was last shown."""
        return self._times[unit]

    def allows(self, unit: str, time: str) -> bool:
        """Return whether a value of that time replaces the held one: newer, or the first."""
        held = self._times[unit]
        return held is None or time > held

    def confirm(self, unit: str, time: str) -> None:
        """Note that a capture of that time showed the unit."""
        held = self._times[unit]
        self._times[unit] = time if held is None else max(held, time)

    def encoded(self, last_seen_at: str | None) -> str | None:
        """Return the times that differ from the row's own, as JSON; NULL where none does."""
        newest = last_seen_at or ""
        apart = {unit: time for unit, time in self._times.items() if time != newest}
        return json.dumps(apart, separators=(",", ":")) if apart else None


def merge(
    units: Units,
    held: Mapping[str, Any],
    values: Values,
    time: str,
    *,
    weak: Collection[str] = (),
    forced: Collection[str] = (),
) -> dict[str, Any]:
    """Return the columns of `held` that a capture of that time changes, its own two time columns included.

    Units in `weak` are what a poor source says until any other shows them; units in `forced` replace what is held
    whatever their time, as the fuller form of the same words does.
    """
    times = Times(units, held["last_seen_at"], held["field_times"])
    is_newer = time > (held["last_seen_at"] or "")
    changes: dict[str, Any] = {}
    for unit, shown in values.items():
        columns = units[unit]
        if unit in weak:
            is_gap = is_newer or all(held[column] is None for column in columns)
            is_taken = unit in forced or (times.of(unit) is None and is_gap)
        else:
            is_taken = unit in forced or times.allows(unit, time)
            times.confirm(unit, time)
        if is_taken:
            pairs = zip(columns, shown, strict=True)
            changes |= {column: value for column, value in pairs if held[column] != value}
    newest = max(held["last_seen_at"] or "", time) or None
    encoded = times.encoded(newest)
    if newest != held["last_seen_at"]:
        changes["last_seen_at"] = newest
    if encoded != held["field_times"]:
        changes["field_times"] = encoded
    return changes
