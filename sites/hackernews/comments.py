"""The comments of a page in every markup since 2007, and the tree they stand in.

Each stands in a `td.default`, with `.comhead` above and `.comment` below. In the tree its row begins with a spacer, an
image that is 40 pixels wide for each level (since 2021 `td.ind[indent]` says the level); the one comment of a comment's
own page has no spacer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Comment, Mark, Shown
from belowtheline.reading.markup import inner_html
from belowtheline.reading.numbers import whole_number
from belowtheline.sites.hackernews import addresses, wording
from belowtheline.sites.hackernews.bylines import Byline, read_byline

_PIXELS = 40
_SHADE = re.compile(r"\bc[0-9a-fA-F]{2}\b")
_BLACK = frozenset({"c00", "#000000"})
_REPLY = re.compile(r'<div class="reply|<p>\s*<font size="1"')
"""Where the reply link begins, if it stands inside the text's element: readers can write neither div nor font."""


@dataclass(slots=True)
class Cell:
    """One comment's place in the page, with the line above it already read."""

    body: etree._Element
    said: Byline
    native_id: str | None
    indent: int | None
    is_in_tree: bool


def find_cells(cells: Sequence[etree._Element], base: str) -> list[Cell]:
    """Return those of a page's `td.default` that hold a comment; options of polls have no `.comment` there."""
    return [cell for element in cells if (cell := _cell(element, base)) is not None]


def _cell(element: etree._Element, base: str) -> Cell | None:
    line = body = None
    for part in element.iterdescendants("span", "div"):
        names = (part.get("class") or "").split()
        if "comment" in names:
            body = part
            break
        if "comhead" in names:
            line = part
    if line is None or body is None:
        return None
    said = read_byline(line, base)
    thing = _thing(element)
    row_id = thing.get("id") if thing is not None else None
    indent = _indent(element)
    is_in_tree = indent is not None or (thing is not None and "comtr" in (thing.get("class") or ""))
    return Cell(body, said, row_id or said.item, indent, is_in_tree)


def _thing(element: etree._Element) -> etree._Element | None:
    """Return the row that bears the comment's id, since 2016."""
    return next((row for row in element.iterancestors("tr") if (row.get("class") or "").startswith("athing")), None)


def _indent(element: etree._Element) -> int | None:
    row = element.getparent()
    first = row[0] if row is not None else element
    said = first.get("indent")
    if said is None:
        spacer = first.find("img")
        width = (spacer.get("width") if spacer is not None else None) or ""
        pixels = whole_number(width)
        return pixels // _PIXELS if pixels is not None else None
    return whole_number(said)


def read_comments(
    cells: Sequence[Cell], thread: str | None, base: str, head: Comment | None = None
) -> tuple[list[Comment], int]:
    """Return the comments of a tree, and how often nesting and parent link disagree; below `head`, if there is one."""
    found: list[Comment] = []
    disagreements = 0
    chain: list[Comment] = []
    first = 2 if head is not None else 1
    for position, cell in enumerate(cells, first):
        # A level may be missing only where a page begins inside a tree: then the page does not show the parent.
        is_under_head = head is not None and cell.indent == 0
        if cell.indent is not None:
            del chain[cell.indent :]
        above = head if is_under_head else chain[-1] if chain and len(chain) == cell.indent else None
        linked = cell.said.parent
        disagreements += None not in (linked, above) and above.native_id not in (None, linked)  # type: ignore[union-attr]
        comment = read_comment(cell, position, base, **_place(cell.indent, linked, above, head, thread))
        found.append(comment)
        if cell.indent is not None and len(chain) == cell.indent:
            chain.append(comment)
    return found, disagreements


def _place(
    indent: int | None, linked: str | None, above: Comment | None, head: Comment | None, thread: str | None
) -> dict[str, Any]:
    parent: Shown[str] = NOT_SHOWN
    if linked is not None:
        parent = None if linked == thread else linked
    elif above is not None:
        parent = above.native_id or NOT_SHOWN
    elif indent == 0:
        parent = None
    depth: Shown[int] = NOT_SHOWN if indent is None else indent
    if head is not None and indent is not None:
        depth = NOT_SHOWN if head.depth is NOT_SHOWN or head.depth is None else head.depth + 1 + indent
    parent_position = above.position if above is not None and above.native_id is None else None
    return {"parent_native_id": parent, "parent_position": parent_position, "depth": depth}


def read_comment(cell: Cell, position: int, base: str, **place: Any) -> Comment:
    """Return one comment, or what is left of it."""
    said, native_id = cell.said, cell.native_id
    fields: dict[str, Any] = {
        "native_id": native_id,
        "position": position,
        "url": addresses.item_url(native_id, base) if native_id else NOT_SHOWN,
        "score": said.score,
        **place,
    }
    if said.author is not None:
        fields["author"] = said.author
    if said.published_raw is not None:
        fields["published_raw"] = said.published_raw
    holder = _holder(cell.body)
    tombstone = (cell.body.text or "").strip() if holder is None else ""
    if tombstone in wording.TOMBSTONES:
        states = dict.fromkeys((*said.states, *wording.states(tombstone)))
        return Comment(**fields, deletion=wording.TOMBSTONES[tombstone], marks=wording.marks(tuple(states)))
    html, shade = _body(cell.body, holder)
    faded = (Mark(kind="faded", value=shade),) if shade and shade not in _BLACK else ()
    return Comment(**fields, deletion=None, body_html=html, marks=(*wording.marks(said.states), *faded))


def _holder(body: etree._Element) -> etree._Element | None:
    """Return what holds the text: `.commtext` (since 2016), `.c00` (2014), `.dead`, or the first font of before."""
    for child in body:
        names = child.get("class") or ""
        if names[:8] == "commtext" or names == "dead" or _SHADE.match(names) or child.tag == "font":
            return child
    return None


def _body(body: etree._Element, holder: etree._Element | None) -> tuple[str, str | None]:
    """Return the text as HTML and the shade of grey it stands in."""
    shade = None
    if holder is not None and holder.tag == "font":
        shade = holder.get("color")
    elif holder is not None and (match := _SHADE.search(holder.get("class") or "")):
        shade = match[0]
    # A browser that saves an old page gives each paragraph a font of its own.
    is_alone = holder is not None and (holder.tag != "font" or len(body) == 1)
    html = inner_html(holder if holder is not None and is_alone else body)
    reply = _REPLY.search(html)
    return (html[: reply.start()] if reply else html), shade
