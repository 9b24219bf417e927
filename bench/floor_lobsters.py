"""The floor of reading Lobsters: five fields by a walk of its lists, or from an answer."""

import json

from lxml import etree

from bench.floor_html import inside, tree
from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the comments of a page."""
    found: list[Said] = []
    for items in tree(body).iter("ol"):
        if items.get("id") == "story_comments":
            _read_items(items, None, found)
    return found


def _read_items(items: etree._Element, above: str | None, found: list[Said]) -> None:
    for item in items:
        own = None
        for part in item:
            if part.tag == "div":
                own = part.get("data-shortid")
                found.append(_read(part, own or "", above))
            elif part.tag == "ol":
                _read_items(part, own, found)


def _read(comment: etree._Element, own: str, above: str | None) -> Said:
    author = date = html = None
    for part in comment.iter("a", "div", "time"):
        if part.tag == "time":
            date = part.get("data-at-unix")
        elif part.tag == "a":
            if part.text and (part.get("href") or "").startswith("/~"):
                author = part.text
        elif part.get("class") == "comment_text":
            html = inside(part)
            break
    return Said(own, author, date, html, above)


def walk_answer(body: bytes) -> list[Said]:
    """Return the comments of an answer."""
    return [
        Said(
            said["short_id"],
            said["commenting_user"],
            said["created_at"],
            said["comment"],
            said["parent_comment"],
        )
        for said in json.loads(body)["comments"]
    ]
