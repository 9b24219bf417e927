"""Printing what came from a page: hostile until proven otherwise."""

import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]"
)
"""Controls, escape sequences' first characters, and marks that reorder or hide what is printed around them."""

_ITEM = re.compile(r"(?:-|\d{1,9}\.) ")
_REDIRECTED = 100  # columns where no terminal says its own
_NARROWEST = 20
_WIDEST_CELL = 60  # a longer cell is printed whole and only its own row is out of line
_CODE = 4  # an indent from which a line without an item's mark is taken for code, as CommonMark does


def safe_terminal(text: str) -> str:
    """Return a text that can change nothing but its own place on a terminal; line breaks and tabs stay.

    >>> safe_terminal(chr(27) + "[2Jgone")
    '\\\\x1b[2Jgone'
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode(), text)


def one_line(text: str | None) -> str:
    """Return a text safe to print and on one line."""
    return safe_terminal(" ".join((text or "").split()))


def safe_json(value: Any) -> str:
    """Return a value as JSON that is safe to print and loses nothing: what is unsafe is escaped as JSON does it.

    >>> safe_json({"name": chr(0x9B) + "2Jé"})
    '{\\n  "name": "\\\\u009b2Jé"\\n}'
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def columns() -> int:
    """Return how wide to print: the terminal's width, and at most 100 where the output is no terminal."""
    width = shutil.get_terminal_size((_REDIRECTED, 24)).columns
    return max(width if sys.stdout.isatty() else min(width, _REDIRECTED), _NARROWEST)


def display_width(text: str) -> int:
    """Return how many columns a text takes: wide letters take two, combining marks none.

    >>> display_width("日本"), display_width("e" + chr(0x301))
    (4, 1)
    """
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a text made safe as lines of at most `width` characters, where words and lines of code allow it.

    >>> list(wrapped("> one two three", 9))
    ['> one two', '> three']
    """
    for line in safe_terminal(text).expandtabs(4).split("\n"):
        if len(line) <= width:
            yield line
        else:
            yield from _wrapped(line, width)


def _wrapped(line: str, width: int) -> Iterator[str]:
    rest = line.lstrip("> ")
    lead = line[: len(line) - len(rest)]
    item = _ITEM.match(rest)
    hang = lead + " " * (item.end() if item else 0)
    indent = len(lead) - lead.rfind(">") - 1
    # The text form has one space between words of prose: two, or an indent, are a line of code.
    if "  " in rest or (indent >= _CODE and not item) or len(hang) > width // 2:
        yield line
    else:
        yield from _filled(rest, width, lead, hang)


def _filled(text: str, width: int, lead: str, hang: str) -> Iterator[str]:
    start = 0
    while len(lead) + len(text) - start > width:
        room = start + width - len(lead)
        space = text.rfind(" ", start, room + 1)
        if space < 0:
            space = text.find(" ", room)  # a word longer than the line stays whole, so that an address can be copied
        if space < 0:
            break
        yield lead + text[start:space]
        lead, start = hang, space + 1
    yield lead + text[start:]


def aligned(rows: Sequence[Sequence[str | None]], right: Collection[int] = ()) -> Iterator[str]:
    """Yield rows as lines of aligned columns, each cell safe and on one line; `right` are set to the right."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [min(max(map(display_width, column)), _WIDEST_CELL) for column in zip(*cells, strict=True)]
    for row in cells:
        places = [_padded(cell, widths[index], index in right) for index, cell in enumerate(row)]
        yield "  ".join(places).rstrip()


def _padded(cell: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - display_width(cell))
    return space + cell if to_the_right else cell + space
