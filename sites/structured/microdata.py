"""Microdata: the comments in items of schema.org, nested in each other or in the items of a list."""

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from belowtheline.reading.markup import visible
from belowtheline.reading.numbers import only_count
from belowtheline.reading.page import Page
from belowtheline.sites.structured.bodies import html_of
from belowtheline.sites.structured.bylines import add_links, name_comment, written_author
from belowtheline.sites.structured.nesting import ListItems, Nesting, holders
from belowtheline.sites.structured.nodes import TEXTS, Html, Node, Reading, Value, short_type

Element = etree._Element
_REPLIES = frozenset(("comment", "comments"))
_MARKUP = frozenset((*TEXTS, "description"))
_TEXTS = frozenset(TEXTS)
_AUTHORS, _TITLES = frozenset(("author", "creator")), frozenset(("name", "headline"))
_ADDRESSES = {"a": "href", "area": "href", "link": "href", "img": "src", "time": "datetime", "data": "value"}


def read_microdata(page: Page) -> Reading:
    """Return what a page's microdata says."""
    if "schema.org" not in page.text or "omment" not in page.text or "item" not in page.text:
        return Reading()
    return _Document(page.root).reading()


class _Document:
    """The items of one page while they are put together."""

    def __init__(self, root: Element) -> None:
        self._root = root
        marked = [element for element in root.iter() if _is_marked(element)]
        self._items = {
            element: Node(types=_types(element.get("itemtype")))
            for element in marked
            if element.get("itemscope") is not None or element.get("itemtype")
        }
        self._around = Nesting(self._items)
        self._properties = [(element, _split(said)) for element in marked if (said := element.get("itemprop"))]
        self._authors = {
            element
            for element, names in self._properties
            if element not in self._items and not _AUTHORS.isdisjoint(names)
        }
        self._replies = [element for element, names in self._properties if not _REPLIES.isdisjoint(names)]
        for element in self._replies:
            if element in self._items:
                self._items[element].is_reply = True

    def reading(self) -> Reading:
        found = [element for element, node in self._items.items() if node.is_comment]
        self._fill(holders(found))
        lists = ListItems(self._root, found)
        for element in found:
            self._place(element, lists)
            name_comment(self._items[element], element, lists)
        comments = [self._items[element] for element in found]
        return Reading(
            comments=[node for node in comments if node.is_held],
            articles=[node for node in self._items.values() if node.is_article and not node.is_comment],
            missing=[node for node in (*comments, *self._only_named()) if node.names and not node.is_held],
        )

    def _fill(self, held: frozenset[Element]) -> None:
        """Give every item its properties."""
        for element, names in self._properties:
            around = self._around.around(element)
            if around is None or (self._authors and self._is_of_an_author(element, around)):
                continue
            node, inner = self._items[around], self._items.get(element)
            for name in names:
                node.add(name, inner if inner is not None else _value(element, name, held))
            add_links(node, names, element, around)

    def _is_of_an_author(self, element: Element, around: Element) -> bool:
        """Return whether a property stands inside an author that is no item, as `url` does that leads to a profile."""
        above = element.getparent()
        while above is not None and above is not around:
            if above in self._authors:
                return True
            above = above.getparent()
        return False

    def _place(self, element: Element, lists: ListItems) -> None:
        """Note which comment a comment stands in, and what it is on."""
        node = self._items[element]
        above = lists.parent(element)
        node.above = self._items[above] if above is not None else None
        for around in self._ancestors(element):
            if around.is_comment:
                node.above = around
                return
            if "Answer" in around.types:
                node.is_open = True
                return
            if around.is_article:
                node.owner = around
                return

    def _ancestors(self, element: Element) -> Iterator[Node]:
        around = self._around.around(element)
        while around is not None:
            yield self._items[around]
            around = self._around.around(around)

    def _only_named(self) -> Iterator[Node]:
        """Yield comments that an item links to instead of holding them."""
        for element in self._replies:
            href = element.get("href")
            if href and element not in self._items:
                yield Node(types=frozenset(("Comment",)), names=[href], values={"url": [href]})


def _is_marked(element: Element) -> bool:
    # Asked of each element, as XPath does it in twice the time.
    said = element.get
    return bool(said("itemprop") or said("itemtype")) or said("itemscope") is not None


@lru_cache(maxsize=512)
def _types(said: str | None) -> frozenset[str]:
    """Return the types of an item; itemtype names them by address."""
    return frozenset(filter(None, (short_type(name) for name in (said or "").split() if "schema.org" in name)))


@lru_cache(maxsize=512)
def _split(said: str) -> tuple[str, ...]:
    """Return the names of a property, of which some are addresses."""
    names = tuple(name.rpartition("/")[2] for name in said.split())
    # "text name" says that it has no title.
    return names if _TEXTS.isdisjoint(names) else tuple(name for name in names if name not in _TITLES)


def _value(element: Element, name: str, held: frozenset[Element]) -> Value:
    if name in _AUTHORS:
        return written_author(element)
    content = (element.get("content") or element.get(_ADDRESSES.get(element.tag, "datetime")) or "").strip()
    if content and (element.tag != "a" or name not in _TITLES):
        return content
    if name.endswith("Count"):
        return "" if (count := only_count(element)) is None else str(count)
    return Html(html_of(element, held)) if name in _MARKUP else visible(element)
