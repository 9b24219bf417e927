"""CSV and TSV: one flat table, a row a comment, safe to open in a spreadsheet and reversible.

CSV is RFC 4180. TSV is the csv module's `excel-tab` dialect, quotes and CR LF included: bodies hold tabs and line
breaks, which plain tab-separated values cannot. NULL is an empty cell; the archive holds no empty text but the
`instance` of a thread, which is never NULL.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TextIO

from belowtheline.exports.selection import Row, SelectedComments

_DIALECTS = {"csv": "excel", "tsv": "excel-tab"}
_ESCAPED = frozenset("=+-@\t\r\n＝＋－＠'")
"""First characters by which spreadsheets take a cell for a formula, and the apostrophe, so that it can be undone."""
_NUMBERS = ("is_", "replies_to_confidence")
"""How names of columns begin that hold numbers and have no type, being expressions of the view."""


def write_table(comments: SelectedComments, file: TextIO, form: Literal["csv", "tsv"], *, is_raw: bool = False) -> None:
    """Write a header and one row a comment; text cells are escaped unless raw."""
    writer = csv.writer(file, dialect=_DIALECTS[form])
    writer.writerow(comments.columns)
    rows = comments.rows()
    writer.writerows(rows if is_raw else _escaped(rows, _text_places(comments)))


def escape_cell(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula; `restore_cell` undoes it.

    >>> escape_cell("=1+1"), escape_cell("'tis"), escape_cell("-5 degrees"), escape_cell("tea = hot")
    ("'=1+1", "''tis", "'-5 degrees", 'tea = hot')
    """
    return f"'{text}" if text[:1] in _ESCAPED and text else text


def restore_cell(cell: str) -> str:
    """Return what `escape_cell` was given.

    >>> restore_cell("'=1+1"), restore_cell("''tis"), restore_cell("tea = hot")
    ('=1+1', "'tis", 'tea = hot')
    """
    return cell.removeprefix("'")


def _text_places(comments: SelectedComments) -> list[int]:
    """Return where text stands in a row: everywhere but in numbers and truth values."""
    columns = comments.columns.items()
    return [place for place, (name, kind) in enumerate(columns) if kind != "INTEGER" and not name.startswith(_NUMBERS)]


def _escaped(rows: Iterable[Row], places: list[int]) -> Iterator[list[Any]]:
    for row in rows:
        cells = list(row)
        for place in places:
            cell = cells[place]
            if cell and cell[0] in _ESCAPED:  # `escape_cell` without its call, 40 times a row
                cells[place] = f"'{cell}"
        yield cells
