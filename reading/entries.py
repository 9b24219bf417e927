"""Entries of a list in an answer: those that a reader can use, and those that it can not, which are counted.

A list may be null or missing, hold null, or hold what no reader knows: none of it may cost the other entries, and none
of it is passed over in silence.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from belowtheline.reading.items import NOT_SHOWN, Shown, Stub


class Entries(NamedTuple):
    """What a list holds."""

    found: list[dict[str, Any]]
    """The entries that a reader can use, in their order."""
    lost: list[Any]
    """The others."""

    @property
    def is_unlike(self) -> bool:
        """Whether there are entries and none is what was looked for: then the form is another one."""
        return not self.found and any(value is not None for value in self.lost)


def is_object(value: Any) -> bool:
    """Return whether a value is an object, with whatever fields."""
    return isinstance(value, dict)


def entries_of(value: Any, is_one: Callable[[Any], object] = is_object) -> Entries:
    """Return the entries of a list; a list that is null has none, and what is no list is one that is lost.

    Some servers write a list with gaps as an object whose names are its numbers.

    >>> entries_of([{"id": 1}, None, 7])
    Entries(found=[{'id': 1}], lost=[None, 7])
    >>> entries_of({"0": {"id": 1}, "2": {"id": 3}}).found
    [{'id': 1}, {'id': 3}]
    """
    values = _values(value)
    found = [entry for entry in values if is_one(entry)]
    lost = [] if len(found) == len(values) else [entry for entry in values if not is_one(entry)]
    return Entries(found, lost)


def ids_of(value: Any) -> tuple[list[str], int]:
    """Return the ids in a list as text, and how many of its entries are none.

    >>> ids_of([101, "102", None, {}])
    (['101', '102'], 2)
    """
    values = _values(value)
    ids = [name for entry in values if not isinstance(entry, dict) and (name := _id(entry)) is not None]
    return ids, len(values) - len(ids)


def _values(value: Any) -> Sequence[Any]:
    if value is None or isinstance(value, list):
        return value or ()
    if isinstance(value, dict) and value and all(key.isascii() and key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
    return (value,)


def _id(entry: Any) -> str | None:
    found = entry.get("id") if isinstance(entry, dict) else entry
    is_id = isinstance(found, (int, str)) and not isinstance(found, bool)
    return str(found) or None if is_id else None


def stubs_for(lost: Sequence[Any], parent: Shown[str] = NOT_SHOWN) -> tuple[Stub, ...]:
    """Return what stands for lost entries: one stub for each that has an id, one with their count for the others."""
    ids = list(dict.fromkeys(name for entry in lost if isinstance(entry, dict) and (name := _id(entry)) is not None))
    named = tuple(Stub(native_id=name, parent_native_id=parent, shown=_SHOWN) for name in ids)
    rest = sum(1 for entry in lost if not isinstance(entry, dict) or _id(entry) is None)
    return (*named, *unnamed(rest, parent))


def unnamed(count: int, parent: Shown[str] = NOT_SHOWN) -> tuple[Stub, ...]:
    """Return the stub for so many entries of which nothing is known."""
    return (Stub(native_id=None, parent_native_id=parent, shown=_SHOWN, count=count),) if count else ()


_SHOWN = "an entry of the answer that is no comment"
