"""The floor of reading Slashdot: five fields of each comment by a walk of its lists."""

import re

from lxml import etree

from bench.floor_html import inside, text, tree
from bench.made import Said

_ON = re.compile(r"on (.{1,60}?) \(")


def walk(body: bytes) -> list[Said]:
    """Return the comments of a discussion that are shown in full."""
    found: list[Said] = []
    for item in tree(body).iter("li"):
        name = item.get("id") or ""
        if not name.startswith("tree_"):
            continue
        own = next((part for part in item if part.get("class") == "cw"), None)
        if own is None or not len(own):
            continue
        around = item.getparent()
        above = (around.get("id") or "").rpartition("_")[2] if around is not None else ""
        found.append(_read(own, name[5:], above or None))
    return found


def _read(comment: etree._Element, own: str, above: str | None) -> Said:
    author = date = html = None
    for part in comment.iter("div", "span"):
        kind = part.get("class")
        if kind == "by":
            link = part.find("a")
            author = link.text if link is not None else text(part).removeprefix("by ")
        elif kind == "otherdetails":
            said = _ON.search(" ".join((part.text or "").split()))
            date = said[1] if said else None
        elif kind == "commentBody":
            html = inside(part[0])
    return Said(own, author, date, html, above if above != "commentlisting" else None)
