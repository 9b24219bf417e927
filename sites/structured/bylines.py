"""Who wrote and where it stands: an author without an item of its own, a link at a date, ids of elements."""

from collections.abc import Sequence

from lxml import etree

from belowtheline.reading.markup import visible
from belowtheline.sites.structured.nesting import ListItems
from belowtheline.sites.structured.nodes import DATES, Node

Element = etree._Element
_DATES = frozenset(DATES)


def written_author(element: Element) -> Node:
    """Return an author that is written as a name, with the link at or in the name."""
    node = Node(values={"name": [element.get("content") or visible(element)]})
    link = element if element.tag == "a" else element.find(".//a[@href]")
    if link is not None and (href := link.get("href")):
        node.add("url", href)
    return node


def link_at(element: Element, item: Element) -> str | None:
    """Return the link around an element of an item, or in it."""
    up: Element | None = element
    while up is not None and up is not item:
        if up.tag == "a":
            return up.get("href")
        up = up.getparent()
    return next((link.get("href") for link in element.iter("a")), None)


def add_links(node: Node, names: Sequence[str], element: Element, item: Element) -> None:
    """Note where a name and a date lead to: by custom to whom it names, and to the comment itself."""
    kind = "nameLink" if "name" in names else "dateLink" if not _DATES.isdisjoint(names) else None
    if kind and (link := link_at(element, item)):
        node.add(kind, link)


def name_comment(node: Node, comment: Element, lists: ListItems) -> None:
    """Note what identifies a comment: its identifier, its addresses, the ids of its element and of its list item."""
    item = lists.of(comment)
    ids = [element.get("id") for element in (comment, item) if element is not None]
    known = (comment.get("itemid"), *node.texts("uid", "url", "dateLink"), *(f"#{found}" for found in ids if found))
    node.names = [name for name in known if name]
    node.container = (comment if item is None else item).getparent()
