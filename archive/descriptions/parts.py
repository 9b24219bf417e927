"""What a description is made of: tables, columns, and columns that many tables have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from belowtheline.reading.items import described


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds and, where known, its type in the schema and the column that a view takes it from."""

    description: str
    annotation: Any = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What one table or view holds, and which of its columns names a row where another table points at it."""

    name: str
    description: str
    columns: Mapping[str, Column]
    label: str | None = None
    is_internal: bool = False
    is_view: bool = False


def of(cls: type, names: str = "", **renamed: str) -> dict[str, Column]:
    """Return columns as a schema class describes its fields: "field field" under their names, or column="field"."""
    texts, hints = described(cls), get_type_hints(cls)
    fields = {name: name for name in names.split()} | renamed
    return {column: Column(texts[field], hints[field]) for column, field in fields.items()}


def own(**texts: str) -> dict[str, Column]:
    """Return columns of the archive's own, each with its sentence."""
    return {column: Column(text) for column, text in texts.items()}


ID = Column("Number of the row, which other tables point at; it is this archive's own, not the site's.")
SITE = Column("Site it is of.")
FIELD_TIMES = Column(
    "JSON: when a unit of fields was last shown, where that differs from last_seen_at; "
    '"" for a capture without a date, null for never.'
)
LAST_SEEN = Column(
    "Time of the newest capture that shows it, ISO 8601 UTC; NULL where no capture that shows it is dated."
)
FIRST_SEEN = Column(
    "Time of the oldest capture that shows it, ISO 8601 UTC; NULL where no capture that shows it is dated."
)
CAPTURE = Column("Capture that shows it, which leads to its bytes.")
