"""Reading HTML: the tree of a page, the named parts of an element, and the text a reader sees."""

from collections.abc import Iterator
from typing import NamedTuple, cast

from lxml import etree

from belowtheline.scraper.errors import ParseError

_TOO_DEEP = ("Excessive depth", "resource limit", "XML_PARSE_HUGE")


def parse_html(text: str, name: str, encoded: bytes | None = None) -> etree._Element:
    """Return the tree of an HTML text, whole; raise ParseError naming `name` where there is no tree.

    `encoded` is the text in UTF-8, where it is at hand.
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(encoded or text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"{name} holds no HTML ({error}): fetch or save it again.") from error
    if root is None:
        raise ParseError(f"{name} holds no HTML: fetch or save it again.")
    if any(mark in entry.message for entry in parser.error_log for mark in _TOO_DEEP):
        # libxml2 silently drops what stands below its depth limit; lexbor has none.
        return _parse_deep(text, name)
    return root


def _parse_deep(text: str, name: str) -> etree._Element:
    from selectolax.lexbor import LexborHTMLParser

    start = LexborHTMLParser(text).root
    if start is None:
        raise ParseError(f"{name} holds no HTML: fetch or save it again.")
    builder = etree.TreeBuilder()
    # A list of what is still to open (a node) or to close (a tag), since the tree is too deep for recursion.
    waiting: list[object] = [start]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            builder.end(node)
            continue
        tag = cast(str, getattr(node, "tag", ""))
        if tag == "-text":
            builder.data(getattr(node, "text_content", None) or "")
        elif tag[:1].isalpha():
            attributes = {
                key: value or ""
                for key, value in getattr(node, "attributes", {}).items()
                if key.isidentifier() or "-" in key
            }
            builder.start(tag, attributes)
            waiting.append(tag)
            children = list(node.iter(include_text=True))  # type: ignore[attr-defined]
            waiting.extend(reversed(children))
    return builder.close()


_LISTS = ("ol", "ul")
Found = dict[str, list[etree._Element]]
"""Parts in document order, by class name or tag."""


class Section(NamedTuple):
    """One of the repeated elements of a page, such as a post."""

    element: etree._Element
    lists: int
    """How many lists it stands in, the container included."""
    parts: Found


class Sections:
    """The sections of a container with their named parts: declare class names and tags once, then call it.

    One walk without recursion serves all sections and all fields, so that a site names its parts and pays no query a
    field. What stands inside a part that is `closed` is neither a section nor a part.
    """

    def __init__(self, of: str, *, classes: tuple[str, ...], tags: tuple[str, ...], closed: tuple[str, ...]) -> None:
        self._of = of
        self._classes = frozenset((of, *classes))
        self._tags = frozenset(tags)
        self._closed = frozenset(closed)

    def __call__(self, container: etree._Element) -> list[Section]:
        """Return the sections in document order; a part belongs to the innermost section around it."""
        of, tags, closed = self._of, self._tags, self._closed
        sections: list[Section] = []
        known: dict[str | None, tuple[str, ...]] = {None: ()}
        # The elements themselves are held as well: lxml climbs, for each that it lets go, up to one that is held.
        waiting: list[tuple[etree._Element, Iterator[etree._Element], int, Found | None]]
        waiting = [(container, iter(container), container.tag in _LISTS, None)]
        while waiting:
            _, children, lists, parts = waiting[-1]
            for child in children:
                classes = child.get("class")
                names = known.get(classes)
                if names is None:
                    names = known[classes] = self._names(classes)
                tag = child.tag
                inner = parts
                if of in names:
                    inner = {}
                    sections.append(Section(child, lists, inner))
                elif parts is not None:
                    for name in (*names, tag) if tag in tags else names:
                        if name in parts:
                            parts[name].append(child)
                        else:
                            parts[name] = [child]
                if len(child) and closed.isdisjoint(names):
                    waiting.append((child, iter(child), lists + (tag in _LISTS), inner))
                    break
            else:
                waiting.pop()
        return sections

    def _names(self, classes: str | None) -> tuple[str, ...]:
        return tuple(name for name in dict.fromkeys((classes or "").split()) if name in self._classes)


def visible(element: etree._Element | None) -> str:
    """Return the text of an element with white space collapsed; empty for none."""
    return " ".join(words(element))


def words(element: etree._Element | None) -> list[str]:
    """Return the words of an element's text; none for none."""
    if element is None:
        return []
    if not len(element):
        return (element.text or "").split()  # most parts of a comment: no tree to write out
    # Ten times as fast as joining itertext(), in one step that no depth troubles.
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False).split()


def inner_html(element: etree._Element, without: etree._Element | None = None) -> str:
    """Return the HTML inside an element, leaving out one of its children."""
    html = _outer_html(element)
    # The start tag ends at the first bracket: libxml2 escapes those in attributes.
    inner = html[html.index(">") + 1 : html.rfind("</")] if len(element) or element.text else ""
    if without is None:
        return inner
    if without is element[0] and not (element.text or "").strip():
        end = f"</{without.tag}>"
        # The first thing in it need not be written out to be cut; the white space before it stays.
        return inner[: inner.index("<")] + inner[inner.index(end) + len(end) :]
    return inner.replace(_outer_html(without), "", 1)


def _outer_html(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", method="html", with_tail=False)


def escape(text: str) -> str:
    """Return a text as HTML.

    >>> escape("1 < 2 & 3")
    '1 &lt; 2 &amp; 3'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
