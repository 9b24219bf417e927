"""Values that btl writes into no row: of another type than the column's, no UTF-8, no JSON, or beyond any number.

Tables refuse most of them, but an archive may come from anybody. Only where a command failed are they looked for, so
that what is wrong is the archive and not btl.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from belowtheline.archive.store.seals import SEALED

FAILURES: Final = (
    TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError, StopIteration,
)  # fmt: skip
"""What a value makes that is not of the kind its reader expects."""

_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"TEXT": ("text",), "INTEGER": ("integer",), "REAL": ("real", "integer"), "BLOB": ("blob",)}
)
_BESIDE = ("search_queue", "search_words", "seals", "unsealed")
_LARGEST = 1 << 53
"""Beyond it no number of a page is."""
_DEEPEST = 10_000_000
"""No comment stands further down, or below more others."""
_JSON: Mapping[str, type[list[Any]] | type[dict[str, Any]]] = MappingProxyType(
    {"marks": list, "field_times": dict, "evidence": dict, "rules": list, "signals": dict, "shares": dict}
)


def first_wrong_value(connection: sqlite3.Connection) -> str | None:
    """Return where a value stands that btl did not write, as a part of a sentence; None where there is none."""
    connection.text_factory = bytes
    there = {name.decode("utf-8", "replace") for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    tables = (table for table in (*SEALED, *_BESIDE) if table in there)
    found = chain.from_iterable(_wrong_values(connection, table) for table in tables)
    return next(chain(found, _wrong_references(connection)), None)


def _wrong_references(connection: sqlite3.Connection) -> Iterator[str]:
    for table, row_id, target, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row_id} of {table.decode()} names a row of {target.decode()} that there is not"


def _wrong_values(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [
        (name.decode(), kind.decode().upper(), bool(is_needed))
        for _, name, kind, is_needed, *_ in connection.execute(f"PRAGMA table_info({table})")
    ]
    listed = ", ".join(f'"{name}", typeof("{name}")' for name, *_ in columns)
    for row_id, *values in connection.execute(f"SELECT {_number(table)}, {listed} FROM {table}"):  # noqa: S608 - names of ours
        pairs = zip(values[::2], values[1::2], strict=True)
        for (name, kind, is_needed), (value, stored) in zip(columns, pairs, strict=True):
            if wrong := _wrong(name, kind, is_needed, value, stored.decode()):
                yield f"{name} of row {row_id} of {table} {wrong}"


def _number(table: str) -> str:
    """Return the expression for a row's number."""
    return "row_id" if table == "unsealed" else "rowid"


def _wrong(name: str, kind: str, is_needed: bool, value: Any, stored: str) -> str | None:
    if value is None:
        return "is missing" if is_needed and name != "id" else None
    if stored not in _TYPES.get(kind, (stored,)):
        return f"is {stored} in the place of {kind.lower()}"
    if isinstance(value, int) and not -_LARGEST < value < _LARGEST:
        return f"is {value}"
    if name in ("depth", "position", "page_position") and not -1 <= value <= _DEEPEST:
        return f"is {value}"
    return _wrong_text(name, value) if stored == "text" else None


def _wrong_text(name: str, value: bytes) -> str | None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    if name in _JSON and not _is_document(name, text):
        return "is not the JSON that btl writes there"
    if name.endswith("_at") and text and not text[:4].isdecimal():
        return "is no time"
    return None


def _is_document(name: str, text: str) -> bool:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if name != "marks" or not isinstance(document, list):
        return isinstance(document, _JSON[name])
    return all(isinstance(mark, dict) and isinstance(mark.get("kind"), str) for mark in document)
