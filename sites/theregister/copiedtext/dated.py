"""Posts that are told apart by their dates, as Chromium copies them: a date, an author, and no numbers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.frame import is_below_posts
from belowtheline.sites.theregister.copiedtext.headers import Header, completed
from belowtheline.sites.theregister.copiedtext.lines import EMPTY, MARKS, NUMBERED, Following, Line
from belowtheline.sites.theregister.copiedtext.openings import (
    MAX_NAME,
    Opening,
    is_reply_button,
    is_signed,
    name_weight,
    read_opening,
)

_MAX_TITLE = 100
_RELATIVE = re.compile(r"[0-9]{1,3} (?:min|minute|hr|hour|day|week|month|year)s?(?: ago)?", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{1,8}")
_BUTTONS = frozenset({"reply", "report", "report abuse", "permalink", "report post"})


def is_button(text: str) -> bool:
    """Return whether a line is a button below a post."""
    return text.casefold() in _BUTTONS


def dated_headers(lines: Sequence[Line], following: Following) -> list[Header]:
    """Return the headers of dated posts, and of the tombstones between them, which have no date."""
    openings = {index: opening for index in range(len(lines)) if (opening := _dated_at(lines, index))}
    _drop_sentences(lines, openings)
    if not openings:
        return []
    names = _names_above(lines, openings)
    headers = [
        _below_name(lines, index, opening, names[index]) if index in names else _header(lines, index, opening)
        for index, opening in openings.items()
    ]
    taken = {index for header in headers for index in range(header.line, header.after)}
    starts = frozenset(header.line for header in headers)
    tombstones = _tombstones(lines, following, starts, taken)
    return sorted([*headers, *tombstones], key=lambda header: header.line)


def _dated_at(lines: Sequence[Line], index: int) -> Opening | None:
    text = lines[index].text
    match = NUMBERED.fullmatch(text) if text[:1].isdigit() else None
    if match and match[2]:
        text = match[2]
    elif text[:2].rstrip() in MARKS:
        text = text[2:].lstrip()
    if _RELATIVE.fullmatch(text) and _stands_as_header(lines, index):
        return Opening("", text, False)
    return read_opening(text, is_header=False)


def _stands_as_header(lines: Sequence[Line], index: int) -> bool:
    """Return whether a line is the first of a block, as one that no form of its own makes a date has to be."""
    above = lines[index - 1].text if index else ""
    is_first = not above or _ends_post(above)
    below = lines[index + 1].text if index + 1 < len(lines) else ""
    return is_first and bool(below) and len(below) <= MAX_NAME and not _RELATIVE.fullmatch(below)


def _drop_sentences(lines: Sequence[Line], openings: dict[int, Opening]) -> None:
    """Drop lines of bodies that begin with a date, where authors stand on lines of their own."""
    bare = sum(not opening.name for opening in openings.values())
    if 2 * bare <= len(openings):
        return
    for index, opening in list(openings.items()):
        is_sentence = opening.name[:1].islower() or opening.name[-1:] in {".", "!", "?", ":", ","}
        is_inside = index > 0 and bool(lines[index - 1].text) and not is_button(lines[index - 1].text)
        if opening.name and not is_signed(opening.name) and (is_sentence or is_inside):
            del openings[index]


def _names_above(lines: Sequence[Line], openings: Mapping[int, Opening]) -> Mapping[int, Opening]:
    """Return the authors that stand on the line above a date, where from the first on most of them do."""
    bare = [index for index, opening in openings.items() if not opening.name]
    names = {index: name for index in bare if (name := _name_above(lines, index))}
    is_sure = len(names) > 1 or any(name.is_signed for name in names.values())
    return names if is_sure and bare[0] in names and 2 * len(names) > len(bare) else {}


def _name_above(lines: Sequence[Line], index: int) -> Opening | None:
    line = lines[index - 1] if index else EMPTY
    before = lines[index - 2] if index > 1 else EMPTY
    is_first = not before.text or before.is_closing or _ends_post(before.text)
    is_frame = line.is_closing or line.is_back or line.text.endswith(("…", "...", ":")) or _ends_post(line.text)
    if not line.text or not is_first or is_frame or is_reply_button(line.text):
        return None
    opening = read_opening(line.text)
    if opening is None or opening.date is not None or wording.deletion(opening.name) is not None:
        return None
    return opening if opening.is_signed or name_weight(opening.name) > 0 else None


def _ends_post(text: str) -> bool:
    return is_button(text) or text in MARKS or _DIGITS.fullmatch(text) is not None


def _below_name(lines: Sequence[Line], index: int, opening: Opening, name: Opening) -> Header:
    taken = Opening(name.name, opening.date, name.is_reply)
    return completed(lines, Header(index - 1, index + 1, lines[index - 1].indent, taken))


def _header(lines: Sequence[Line], index: int, opening: Opening) -> Header:
    header = completed(lines, Header(index, index + 1, lines[index].indent, opening))
    if opening.is_byline:
        return _below_title(lines, header)
    above = lines[index - 1].text if index else ""
    is_marked = above in MARKS or bool(above and NUMBERED.fullmatch(above) and above.endswith("."))
    return Header(index - is_marked, header.after, header.indent, header.opening)


def _below_title(lines: Sequence[Line], header: Header) -> Header:
    """Return a header with the title above it: up to 2009 titles stood over authors, with the permalink's #."""
    place = header.line - 1
    if place > 0 and not lines[place].text and lines[place - 1].text:
        place -= 1
    line = lines[place] if place >= 0 else EMPTY
    is_frame = line.is_closing or line.is_back or line.text.endswith(("…", "..."))
    is_alone = place == header.line - 1 or place == 0 or not lines[place - 1].text
    if not line.text or is_frame or not is_alone or len(line.text) > _MAX_TITLE:
        return header
    return replace(header, line=place, title=line.text.removesuffix("#").rstrip())


def _tombstones(
    lines: Sequence[Line], following: Following, starts: frozenset[int], taken: set[int]
) -> Iterator[Header]:
    """Yield the sentences of deleted posts that stand alone: no text follows but the next post or the page's end."""
    next_is_end = True
    for index in range(len(lines) - 1, -1, -1):
        text = lines[index].text
        if not text or (index in taken and index not in starts):
            continue
        sentence = _unnumbered(text)
        is_tombstone = wording.deletion(sentence) is not None and index not in starts
        is_alone = index == 0 or not lines[index - 1].text or lines[index - 1].text in MARKS or index - 1 not in taken
        if is_tombstone and next_is_end and is_alone:
            is_marked = index > 0 and lines[index - 1].text in MARKS
            yield Header(index - is_marked, index + 1, lines[index].indent, Opening(sentence, None, False))
            continue
        if index not in starts and not (is_button(text) or text in MARKS or _DIGITS.fullmatch(text)):
            next_is_end = (
                lines[index].is_closing
                or lines[index].is_back
                or (next_is_end and text.startswith(("Page:", "Pages:")))
            )
        if index in starts or is_below_posts(lines, index):
            next_is_end = True


def _unnumbered(text: str) -> str:
    match = NUMBERED.fullmatch(text) if text[:1].isdigit() else None
    return match[2] or text if match else text
