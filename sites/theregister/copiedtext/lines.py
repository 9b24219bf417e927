"""The lines of a copied text: their indents, their words, and what a line is by its own wording."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.linkmarks import without_link_marks

NUMBERED = re.compile(r"([0-9]{1,5})\.(?:\s+(.*))?", re.DOTALL)
"""A line that opens with the number of a list item, and its text."""
MARKS = frozenset("-*•·–—◦‣∙+o")
"""Marks of a list without numbers, as text browsers write them on a line of their own."""
_ARROWS = "<«‹←◀◄⟵⇦⬅ "
_CLOSED = wording.CLOSED.rstrip(".").casefold()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the width of its indent, and its text without white space around it."""

    indent: int
    text: str

    @property
    def is_closing(self) -> bool:
        """Whether the line says that the topic is closed."""
        return self.text[:1] in "Tt" and self.text.rstrip(".").casefold() == _CLOSED

    @property
    def is_back(self) -> bool:
        """Whether the line is the link back to the article, which opens a page."""
        return self.text[: len(wording.BACK) + 1].casefold().rstrip() == wording.BACK


EMPTY = Line(0, "")


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text, whatever ends them; a no-break space is a space, as browsers copy it as either."""
    plain = text.lstrip("\ufeff").replace("\u00a0", " ")
    for end in ("\r\r\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"):
        plain = plain.replace(end, "\n")
    plain = without_link_marks(plain)
    return [_line(raw.rstrip()) if raw.strip() else EMPTY for raw in plain.split("\n")]


def _line(raw: str) -> Line:
    text = raw.lstrip()
    link = text.lstrip(_ARROWS) if text[0] in _ARROWS else ""
    is_back = link[: len(wording.BACK)].casefold() == wording.BACK  # the arrow belongs to the link and says no more
    return Line(len(raw[: len(raw) - len(text)].expandtabs(4)), link if is_back else text)


def paragraphs_of(lines: Sequence[Line]) -> list[str]:
    """Return the paragraphs of lines, which blank lines part; their inner line ends and indents are kept."""
    groups = groupby(lines, key=lambda line: bool(line.text))
    return [_paragraph(list(group)) for has_text, group in groups if has_text]


def _paragraph(lines: Sequence[Line]) -> str:
    margin = min(line.indent for line in lines)
    return "\n".join(" " * (line.indent - margin) + line.text for line in lines)


class Following:
    """For each line the next one that has text."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self._next = [len(lines)] * len(lines)
        for index in range(len(lines) - 2, -1, -1):
            self._next[index] = index + 1 if lines[index + 1].text else self._next[index + 1]

    def __getitem__(self, index: int) -> int:
        """Return the index of the next line with text after a line; the number of lines where none follows."""
        return self._next[index]

    def text(self, index: int) -> str:
        """Return the text of the next line that has one, empty where none follows."""
        return self.lines[self._next[index]].text if self._next[index] < len(self.lines) else ""
