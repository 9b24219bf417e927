"""The text form of a sanitised body, which offsets stand on: blocks, lines, lists and quotations as plain text."""

import re
from collections.abc import Callable
from html import unescape

from belowtheline.pipelines import whitespace
from belowtheline.pipelines.elements import INLINE, KEPT, PLAIN_BLOCKS
from belowtheline.pipelines.whitespace import Mode

_ALT = re.compile(r'\balt="([^"]*)"')
_START = re.compile(r'\bstart="(-?\d{1,9})"')
_MOST_MARKS = 20
"""Quotes and lists nested deeper than this are marked no further, or 10,000 levels would fill the disk."""
_LINE, _BLOCK, _APART = range(3)
_TAG = re.compile(r"(<[^<>]*>)")
_ELEMENT = re.compile(r"<(/?)([a-z0-9]+)")
_VOID = frozenset({"br", "hr", "img"})
_GAPS = ("\n", "\n\n", "\n\n")


def text_form(html: str) -> str:
    r"""Return the text form of sanitised HTML.

    >>> text_form("<p>One<br>two</p><ul><li>three</li></ul><blockquote>four</blockquote>")
    'One\ntwo\n\n- three\n\n> four'
    """
    form = _Form()
    pieces = _TAG.split(html)
    if ' style="' in html:
        return _styled(form, pieces)
    form.parts.append(pieces[0])
    for tag, text in zip(pieces[1::2], pieces[2::2], strict=True):
        step = form.steps.get(tag) or form.steps.get(tag.partition(" ")[0])
        if step is not None:
            step(form, tag)
        if text:
            form.parts.append(text)
    form.block()
    return "".join(form.out)


def _styled(form: "_Form", pieces: list[str]) -> str:
    """Return the text form where styles say which lines and spaces are kept: they hold for all that is inside."""
    around: list[tuple[str, Mode]] = [("", "normal")]
    form.text(pieces[0], "normal")
    for tag, text in zip(pieces[1::2], pieces[2::2], strict=True):
        found = _ELEMENT.match(tag)
        closes, name = (found[1], found[2]) if found else ("", "")
        step = form.steps.get(tag) or form.steps.get(f"<{name}>") or form.steps.get(f"<{name}")
        step = form.steps.get(tag) if closes else step
        if step is not None:
            step(form, tag)
        if closes and around[-1][0] == name:
            around.pop()
        elif name and not closes and name not in _VOID:
            around.append((name, whitespace.mode_in(tag, around[-1][1])))
        if text:
            form.text(text, around[-1][1])
    form.block()
    return "".join(form.out)


def _collapsed(text: str) -> str:
    if "&" in text:
        text = unescape(text)
    text = text.strip()
    return text if text.isprintable() and "  " not in text else " ".join(text.split())


class _Form:
    """A text form while it is written, tag by tag, without recursion."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.parts: list[str] = []  # text of the line at hand, its character references not yet decoded
        self.gap = _BLOCK  # what stands between the last line and the next
        self.broken = False  # whether a <br> was the last that was seen
        self.prefix = ""  # what every line here begins with
        self.lead: str | None = None  # what the first line of an item begins with, until it is written
        self.quotes = 0
        self.items = 0
        self.in_item = False
        self.stack: list[tuple[str, str | None, int, int, bool]] = []
        self.lists: list[tuple[int | None, int]] = []  # the next number, and the length of `out` when it began
        self.cells: list[str] = []
        self.depth = 0  # how deep inside a cell or a <pre>
        self.joint = ""
        self.steps = _FLOW

    def taken(self) -> str:
        text = whitespace.written(_collapsed("".join(self.parts)))
        self.parts.clear()
        return text

    def text(self, text: str, mode: Mode) -> None:
        """Take a text whose lines or spaces may be kept."""
        if self.steps is _IN_CODE:
            self.parts.append(whitespace.in_code(text, mode))
        elif mode == "normal" or self.steps is not _FLOW:
            self.parts.append(text)
        else:
            for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
                if number:
                    self.line_break("")
                self.parts.append(whitespace.kept(line) if mode == "all" else line)

    def write(self, line: str, prefix: str) -> None:
        if self.out:
            self.out.append(_GAPS[self.gap])
        self.out.append(prefix if self.lead is None else self.lead)
        self.out.append(line)
        self.lead = None
        self.gap = _BLOCK

    def block(self, _tag: str = "") -> None:
        """End a block, if there is one."""
        if self.parts and (text := self.taken()):
            self.write(text, self.prefix)
        if self.gap == _LINE and self.lead is None:
            self.gap = _BLOCK
        self.broken = False

    def line_break(self, _tag: str) -> None:
        if text := self.taken():
            self.write(text, self.prefix)
            self.gap = _LINE
        elif self.broken and self.gap == _LINE and self.lead is None:
            self.gap = _BLOCK
        self.broken = True

    def image(self, tag: str) -> None:
        if found := _ALT.search(tag):
            self.parts.append(found[1])

    def push(self, prefix: str, lead: str | None, *, in_item: bool = False) -> None:
        self.stack.append((self.prefix, self.lead, self.quotes, self.items, self.in_item))
        self.prefix, self.lead, self.in_item = prefix, lead, in_item

    def pop(self, _tag: str) -> None:
        self.block()
        if self.stack:
            self.prefix, lead, self.quotes, self.items, self.in_item = self.stack.pop()
            self.lead = None if self.lead is None else lead

    def quote(self, _tag: str) -> None:
        self.block()
        mark = "> " if self.quotes < _MOST_MARKS else ""
        self.push(self.prefix + mark, None if self.lead is None else self.lead + mark)
        self.quotes += bool(mark)

    def begin(self, tag: str) -> None:
        """Begin what has its items on consecutive lines: a list, or a table with its rows."""
        self.block()
        start = _START.search(tag)
        number = int(start[1]) if start else 1
        nested = self.in_item and self.lead is None and tag.startswith(("<ol", "<ul"))
        self.lists.append((number if tag.startswith("<ol") else None, -1 if nested else len(self.out)))

    def finish(self, _tag: str) -> None:
        self.block()
        if self.lists:
            self.lists.pop()

    def follow(self) -> None:
        """Put the next line right below the item before it."""
        self.block()
        if self.gap < _APART and (not self.lists or len(self.out) > self.lists[-1][1]):
            self.gap = _LINE

    def marker(self) -> str:
        number, began = self.lists[-1] if self.lists else (None, -1)
        if number is None:
            return "- "
        self.lists[-1] = (number + 1, began)
        return f"{number}. "

    def item(self, _tag: str) -> None:
        self.follow()
        marker, deep = self.marker(), self.items >= _MOST_MARKS
        lead = self.prefix + marker
        if self.lead is not None:
            lead = self.lead if deep else self.lead + marker
        self.push(self.prefix if deep else self.prefix + "  ", lead, in_item=True)
        self.items += not deep

    def term(self, _tag: str) -> None:
        self.follow()
        self.push(self.prefix, self.prefix if self.lead is None else self.lead)

    def end_row(self, tag: str) -> None:
        if line := "\t".join(self.cells).rstrip():
            self.write(line, self.prefix)
        self.cells.clear()
        self.pop(tag)

    def cell(self, _tag: str) -> None:
        self.steps, self.depth, self.joint = _IN_CELL, 1, " "

    def end_cell(self, tag: str) -> None:
        self.shallower(tag)
        if not self.depth:
            self.cells.append(self.taken())
            self.steps = _FLOW

    def join(self, _tag: str) -> None:
        """Divide what are blocks elsewhere, inside a cell or a <pre>."""
        if self.parts and not self.parts[-1].endswith(self.joint):
            self.parts.append(self.joint)

    def deeper(self, tag: str) -> None:
        self.depth += 1
        self.join(tag)

    def shallower(self, tag: str) -> None:
        self.depth -= 1
        self.join(tag)

    def code(self, _tag: str) -> None:
        self.block()
        self.steps, self.depth, self.joint = _IN_CODE, 1, "\n"

    def code_break(self, _tag: str) -> None:
        self.parts.append("\n")

    def end_code(self, tag: str) -> None:
        self.shallower(tag)
        if self.depth:
            return
        text = unescape("".join(self.parts)).replace("\xa0", " ")
        lines = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n").split("\n")
        self.parts.clear()
        self.steps = _FLOW
        if lines != [""]:
            quotes = "> " * self.quotes
            self.write(lines[0], quotes)
            self.out.extend("\n" + (quotes + line).rstrip() for line in lines[1:])
            self.gap = _APART


_Steps = dict[str, Callable[[_Form, str], None]]
_FLOW: _Steps = {
    **{tag: _Form.block for name in PLAIN_BLOCKS | {"caption"} for tag in (f"<{name}>", f"</{name}>")},
    "<br>": _Form.line_break,
    "<img": _Form.image,
    "<blockquote>": _Form.quote, "</blockquote>": _Form.pop,
    "<ul>": _Form.begin, "<dl>": _Form.begin, "<table>": _Form.begin,
    "<ol>": _Form.begin, "<ol": _Form.begin,
    "</ul>": _Form.finish, "</ol>": _Form.finish, "</dl>": _Form.finish, "</table>": _Form.finish,
    "<li>": _Form.item, "</li>": _Form.pop,
    "<dt>": _Form.term, "<dd>": _Form.term, "</dt>": _Form.pop, "</dd>": _Form.pop,
    "<tr>": _Form.term, "</tr>": _Form.end_row,
    "<td>": _Form.cell, "<th>": _Form.cell,
    "<pre>": _Form.code,
}  # fmt: skip
_IN_CELL: _Steps = {
    **{tag: _Form.join for name in KEPT - INLINE for tag in (f"<{name}>", f"</{name}>", f"<{name}")},
    "<img": _Form.image,
    "<td>": _Form.deeper, "<th>": _Form.deeper, "</td>": _Form.end_cell, "</th>": _Form.end_cell,
}  # fmt: skip
_IN_CODE: _Steps = {
    **{tag: _Form.join for name in KEPT - INLINE for tag in (f"<{name}>", f"</{name}>", f"<{name}")},
    "<br>": _Form.code_break,
    "<img": _Form.image,
    "<pre>": _Form.deeper, "</pre>": _Form.end_code,
}  # fmt: skip
