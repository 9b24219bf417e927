"""The floor of reading WordPress: five fields by a walk of its lists, or from the answer of its REST route."""

import json

from lxml import etree

from bench.floor_html import inside, text, tree
from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the comments of a page in the core's HTML5 form."""
    found: list[Said] = []
    for items in tree(body).iter("ol", "ul"):
        if "list" in (items.get("class") or "") and "comment" in (items.get("class") or ""):
            _read_items(items, None, found)
    return found


def _read_items(items: etree._Element, above: str | None, found: list[Said]) -> None:
    for item in items:
        number = (item.get("id") or "").rpartition("-")[2]
        if item.tag != "li" or not number.isdigit():
            continue
        own = item[0] if len(item) else item
        author = date = html = None
        waiting = [own]
        while waiting:
            for part in waiting.pop():
                kind = part.get("class") or ""
                if kind == "comment-content":
                    html = inside(part)
                elif kind == "fn" and author is None:
                    author = text(part)
                elif part.tag == "time":
                    date = part.get("datetime")
                elif len(part):
                    waiting.append(part)
        found.append(Said(number, author, date, html, above))
        for part in item:
            if part.get("class") == "children":
                _read_items(part, number, found)


def walk_answer(body: bytes) -> list[Said]:
    """Return the comments of an answer."""
    return [
        Said(
            str(said["id"]),
            said["author_name"],
            said["date_gmt"],
            said["content"]["rendered"],
            str(said["parent"]) if said["parent"] else None,
        )
        for said in json.loads(body)
    ]
