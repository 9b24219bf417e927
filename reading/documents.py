"""Items as plain JSON values."""

from typing import Any

from belowtheline.reading.items import NOT_SHOWN


def as_document(item: Any) -> Any:
    """Return an item as plain JSON values; what is not shown is left out, and so is what is empty by default.

    >>> from belowtheline.reading.items import Icon
    >>> as_document(Icon(name="Pint"))
    {'name': 'Pint'}
    """
    if isinstance(item, (tuple, list)):
        return [as_document(value) for value in item]
    if isinstance(item, frozenset):
        return sorted(item)
    if not hasattr(item, "__dataclass_fields__"):
        return item
    return {
        name: as_document(getattr(item, name))
        for name in item.__dataclass_fields__
        if getattr(item, name) is not NOT_SHOWN and getattr(item, name) != ()
    }
