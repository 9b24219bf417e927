"""Headers: the lines that open posts, as the shapes of copied text have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.lines import NUMBERED, Following, Line
from belowtheline.sites.theregister.copiedtext.openings import (
    Opening,
    is_reply_button,
    name_and_badge,
    read_opening,
)

_BESIDE_NAMES = frozenset({*wording.BADGES, wording.STAFF_SUFFIX})


@dataclass(frozen=True, slots=True)
class Header:
    """What opens a post: the lines from `line` up to `after`; parent is the index of the header it is nested under."""

    line: int
    after: int
    indent: int
    opening: Opening
    parent: int | None = None
    title: str | None = None
    """The title, where it stands above the author: empty where its place there is."""

    @property
    def text(self) -> str:
        """The author's words, or the sentence of a tombstone."""
        return self.opening.name


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line that may open a post, or may be an item of a list in a body."""

    line: int
    indent: int
    number: int
    text: str
    opening: Opening

    @property
    def column(self) -> int:
        """Where the number ends: numbers of one list are aligned there, or at their first digit."""
        return self.indent + len(str(self.number))

    def header(self, lines: Sequence[Line], parent: int | None) -> Header:
        """Return the header that the line is, with the author or date that stands on the line below it."""
        header = Header(self.line, self.line + 1, self.indent, self.opening, parent)
        below = _line_below(lines, header)
        if below is None:
            return header if self.text else _signed_below(lines, header)
        if not self.text and below.text not in wording.ICONS:
            opening = read_opening(below.text)  # the number has a line of its own
            header = replace(header, after=header.after + 1, opening=opening) if opening else header
        return completed(lines, header)


def completed(lines: Sequence[Line], header: Header) -> Header:
    """Return a header with the lines below it that belong to it: date, author, badge, staff suffix, reply button."""
    below = _line_below(lines, header)
    if below is None:
        return header
    opening = header.opening
    if opening.date is None:
        found = read_opening(below.text, is_header=False)
        if found is not None and not (found.name and opening.name):
            taken = Opening(found.name or opening.name, found.date, opening.is_reply or found.is_reply)
            return completed(lines, replace(header, after=header.after + 1, opening=taken))
    elif not opening.name and not is_reply_button(below.text) and wording.deletion(below.text) is None:
        found = read_opening(below.text)
        if found is not None and found.date is None:
            taken = Opening(found.name, opening.date, opening.is_reply or found.is_reply)
            return completed(lines, replace(header, after=header.after + 1, opening=taken))
    if below.text in _BESIDE_NAMES and opening.name and not name_and_badge(opening.name)[1]:
        taken = replace(opening, name=f"{opening.name} {below.text}")
        return completed(lines, replace(header, after=header.after + 1, opening=taken))
    if is_reply_button(below.text):
        taken = Opening(opening.name, opening.date, True)
        return replace(header, after=header.after + 1, opening=taken)
    return header


def _signed_below(lines: Sequence[Line], header: Header) -> Header:
    """Return the header of a number alone with the author below a blank line, where nothing but an author ends so."""
    place = header.after + 1
    if place < len(lines) and lines[place].text:
        opening = read_opening(lines[place].text)
        if opening is not None and opening.is_signed:
            return completed(lines, replace(header, after=place + 1, opening=opening))
    return header


def _line_below(lines: Sequence[Line], header: Header) -> Line | None:
    if header.after < len(lines) and lines[header.after].text and not NUMBERED.fullmatch(lines[header.after].text):
        return lines[header.after]
    return None


def numbered_at(lines: Sequence[Line], index: int) -> Numbered | None:
    """Return the line as one that may open a post, None where it has no number or is too long."""
    line = lines[index]
    match = NUMBERED.fullmatch(line.text) if line.text[:1].isdigit() else None
    opening = read_opening(match[2] or "") if match else None
    if match is None or opening is None:
        return None
    return Numbered(index, line.indent, int(match[1]), match[2] or "", opening)


def is_sure_sign(candidate: Numbered, lines: Sequence[Line], following: Following) -> bool:
    """Return whether only a post of this site has such a header, or such lines below it."""
    if candidate.opening.is_signed or candidate.opening.date is not None:
        return True
    below = following[candidate.line]
    if below >= len(lines) or NUMBERED.fullmatch(lines[below].text):
        return False
    text = lines[below].text
    if below == candidate.line + 1:
        is_icon = text in wording.ICONS and not following.text(below)[:1].isdigit()
        return is_icon or is_reply_button(text) or read_opening(text, is_header=False) is not None
    return text.startswith("Re: ")
