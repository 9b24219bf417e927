"""CSV and TSV: one flat table, a row a comment or thread, safe to open in a spreadsheet and reversible.

CSV is RFC 4180. TSV is the csv module's `excel-tab` dialect, quotes and CR LF included: bodies hold tabs and line
breaks, which plain tab-separated values cannot. NULL is an empty cell; the archive holds no empty text but the
`instance` of a thread, which is never NULL.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TextIO

from belowtheline.exports.selection import Row, SelectedComments
from belowtheline.exports.threads import SelectedThreads

_DIALECTS = {"csv": "excel", "tsv": "excel-tab"}
_FORMULA = "=+@\t＝＋－＠'-"
"""First characters by which spreadsheets take a cell for a formula, and the apostrophe, so that it can be undone."""
_FIRST = frozenset(f"{_FORMULA}\r\n")
_INSIDE = re.compile(rf"([;\r\n])(?=\"*[{_FORMULA}])")
_UNDONE = re.compile(r"(?:^|(?<=[;\r\n]))'")
_NUMBERS = ("is_", "replies_to_confidence")
"""How names of columns begin that hold numbers and have no type, being expressions of the view."""


def write_table(
    selected: SelectedComments | SelectedThreads, file: TextIO, form: Literal["csv", "tsv"], *, is_raw: bool = False
) -> None:
    """Write a header and one row a comment or thread; text cells are escaped unless raw."""
    writer = csv.writer(file, dialect=_DIALECTS[form])
    writer.writerow(selected.columns)
    rows = selected.rows()
    writer.writerows(rows if is_raw else _escaped(rows, _text_places(selected)))


def escape_cell(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula; `restore_cell` undoes it.

    Where a spreadsheet splits at semicolons, as in countries with a decimal comma, quotes inside a row are letters to
    it: what follows a semicolon or begins a line begins a cell there, quotes before it or not.

    >>> escape_cell("=1+1"), escape_cell("'tis"), escape_cell("-5 degrees"), escape_cell("tea = hot")
    ("'=1+1", "''tis", "'-5 degrees", 'tea = hot')
    >>> escape_cell("tea;=1+1"), escape_cell("tea; hot")
    ("tea;'=1+1", 'tea; hot')
    >>> print(escape_cell('tea;"=1+1"'))
    tea;'"=1+1"
    """
    inside = _INSIDE.sub(r"\1'", text)
    return f"'{inside}" if text[:1] in _FIRST and text else inside


def restore_cell(cell: str) -> str:
    """Return what `escape_cell` was given.

    >>> restore_cell("'=1+1"), restore_cell("''tis"), restore_cell("tea = hot")
    ('=1+1', "'tis", 'tea = hot')
    """
    return _UNDONE.sub("", cell)


def _text_places(selected: SelectedComments | SelectedThreads) -> list[int]:
    """Return where text stands in a row: everywhere but in numbers and truth values."""
    columns = selected.columns.items()
    return [place for place, (name, kind) in enumerate(columns) if kind != "INTEGER" and not name.startswith(_NUMBERS)]


def _has_parts(text: str) -> bool:
    # Most cells are one line without a semicolon, and these searches cost next to nothing.
    return ";" in text or "\n" in text or "\r" in text


def _escaped(rows: Iterable[Row], places: list[int]) -> Iterator[list[Any]]:
    for row in rows:
        cells = list(row)
        for place in places:
            cell = cells[place]
            if cell and type(cell) is str and (cell[0] in _FIRST or _has_parts(cell)):
                cells[place] = escape_cell(cell)
        yield cells
