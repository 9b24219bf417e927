"""Reading HTML: the tree of a page, the named parts of an element, and the text a reader sees."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, cast

from lxml import etree

from belowtheline.reading.errors import ParseError, TooCostly
from belowtheline.reading.faults import check_memory

_TOO_DEEP = ("Excessive depth", "resource limit", "XML_PARSE_HUGE")
_reads_deep = ContextVar("_reads_deep", default=True)
_DEEPEST = 20_000
"""Levels of the deepest page that is read, of which each costs as much as it is deep; browsers have 512."""
_STEP = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_FLAT = frozenset((
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "source", "tbody", "td", "th", "tr", "track", "wbr",
))  # fmt: skip
"""Elements that another one ends, or that hold nothing."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,200}")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that a tree of lxml cannot hold when it is built by hand."""


class DeepPage(Exception):
    """A page nests deeper than libxml2 reads, where only others are read; raised to read it in a process of its own."""


@contextmanager
def shallow_only() -> Iterator[None]:
    """Read no page in the block that nests so deep that only its elements tell what it costs; raise DeepPage."""
    token = _reads_deep.set(False)
    try:
        yield
    finally:
        _reads_deep.reset(token)


def parse_html(text: str, name: str, encoded: bytes | None = None) -> etree._Element:
    """Return the tree of an HTML text, whole; raise ParseError naming `name` where there is no tree.

    `encoded` is the text in UTF-8, where it is at hand.
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(encoded or _utf_8(text), parser)
    except etree.XMLSyntaxError as error:
        check_memory(error)
        raise ParseError(f"{name} holds no HTML ({error}): fetch or save it again.") from error
    if root is None:
        raise ParseError(f"{name} holds no HTML: fetch or save it again.")
    if any(mark in entry.message for entry in parser.error_log for mark in _TOO_DEEP):
        if not _reads_deep.get():
            raise DeepPage
        # libxml2 silently drops what stands below its depth limit; lexbor has none.
        return _parse_deep(text, name)
    _join_what_follows(root)
    return root


def _utf_8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # JSON can escape one half of a pair alone
        return _NO_XML.sub("\ufffd", text).encode()


def _join_what_follows(root: etree._Element) -> None:
    """Put what stands behind an early </html> into the page, as browsers do; libxml2 makes a second root of it."""
    for other in list(root.itersiblings("html")):
        other.tag = "div"
        (root[-1] if len(root) else root).append(other)


def _parse_deep(text: str, name: str) -> etree._Element:
    from selectolax.lexbor import LexborHTMLParser

    if _is_bottomless(text):
        raise TooCostly(f"{name} nests deeper than {_DEEPEST} levels, which no page of comments does: leave it out.")
    start = LexborHTMLParser(_NO_XML.sub("\ufffd", text)).root
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
            builder.data(_xml(getattr(node, "text_content", None)))
        elif tag[:1].isalpha():
            tag = tag if _NAME.fullmatch(tag) else "span"  # such as of "<div<div>", which is an element for lexbor
            attributes: dict[str | bytes, str | bytes] = {
                key: _xml(value) for key, value in getattr(node, "attributes", {}).items() if _NAME.fullmatch(key)
            }
            builder.start(tag, attributes)
            waiting.append(tag)
            children = list(node.iter(include_text=True))  # type: ignore[attr-defined]
            waiting.extend(reversed(children))
    return builder.close()


def _is_bottomless(text: str) -> bool:
    depth = 0
    for step in _STEP.finditer(text):
        if step[2].lower() not in _FLAT:
            depth += -1 if step[1] else 1
            if depth > _DEEPEST:
                return True
    return False


def _xml(text: str | None) -> str:
    # A reference such as &#8; names what could not stand in the text itself.
    return _NO_XML.sub("\ufffd", text or "")


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
        tags = self._tags
        sections: list[Section] = []
        known: dict[str | None, tuple[tuple[str, ...], bool, bool]] = {None: ((), False, True)}
        # The elements themselves are held as well: lxml climbs, for each that it lets go, up to one that is held.
        waiting: list[tuple[etree._Element, Iterator[etree._Element], int, Found | None]]
        waiting = [(container, iter(container), container.tag in _LISTS, None)]
        while waiting:
            _, children, lists, parts = waiting[-1]
            for child in children:
                classes = child.get("class")
                said = known.get(classes)
                if said is None:
                    said = known[classes] = self._said(classes or "")
                names, is_section, is_open = said
                tag = child.tag
                inner = parts
                if is_section:
                    inner = {}
                    sections.append(Section(child, lists, inner))
                elif parts is not None:
                    for name in (*names, tag) if tag in tags else names:
                        if name in parts:
                            parts[name].append(child)
                        else:
                            parts[name] = [child]
                if is_open and len(child):
                    waiting.append((child, iter(child), lists + (tag in _LISTS), inner))
                    break
            else:
                waiting.pop()
        return sections

    def _said(self, classes: str) -> tuple[tuple[str, ...], bool, bool]:
        """Return the named ones of an element's classes, and whether it is a section and whether it is open."""
        names = tuple(name for name in dict.fromkeys(classes.split()) if name in self._classes)
        return names, self._of in names, self._closed.isdisjoint(names)


def visible(element: etree._Element | None) -> str:
    """Return the text of an element with white space collapsed; empty for none."""
    return " ".join(words(element))


def texts(element: etree._Element | None) -> list[str]:
    """Return the texts of an element's parts, each alone, without white space around them; none for none."""
    if element is None:
        return []
    return [text for part in element.itertext() if (text := str(part).strip())]


def words(element: etree._Element | None) -> list[str]:
    """Return the words of an element's text; none for none."""
    if element is None:
        return []
    if not len(element):
        return (element.text or "").split()  # most parts of a comment: no tree to write out
    # Ten times as fast as joining itertext(), in one step that no depth troubles.
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False).split()


def inner_html(element: etree._Element, without: etree._Element | None = None) -> str:
    """Return the HTML inside an element, leaving out one of its children.

    Where lines and spaces are kept because of the element itself, or by the style of one right around it, so they are
    in what is returned.
    """
    html = _inner(element, without)
    if element.tag in _PLAIN_TEXT:
        return f"<pre>{html}</pre>" if html.strip() else html
    style = _style_of_lines(element)
    return f'<div style="white-space: {style}">{html}</div>' if style and html.strip() else html


_PLAIN_TEXT = frozenset({"pre", "listing", "xmp", "textarea", "plaintext"})
_KEEPS_LINES = re.compile(
    r"(?:^|[;\s])white-space\s*:\s*(?:-\w{1,5}-)?(pre(?:-wrap|-line)?|break-spaces)\b", re.IGNORECASE
)
_LEVELS = 2  # the body, and what wraps it; farther up a climb costs as much as a page is deep


def _style_of_lines(element: etree._Element) -> str | None:
    """Return the white space that an element is shown with, by the nearest style that says; None for the usual."""
    around: etree._Element | None = element
    for _ in range(_LEVELS):
        if around is None:
            return None
        style = around.get("style")
        if style and "white-space" in style.lower():
            found = _KEEPS_LINES.search(style)
            return found[1].lower() if found else None
        around = around.getparent()
    return None


def _inner(element: etree._Element, without: etree._Element | None) -> str:
    html = outer_html(element)
    # The start tag ends at the first bracket: libxml2 escapes those in attributes.
    start, end = html.index(">") + 1, html.rfind("</")
    if without is None:
        return html[start:end] if len(element) or element.text else ""
    if without is next(iter(element), None) and not (element.text or "").strip():
        close = f"</{without.tag}>"
        # The first thing in it need not be written out to be cut; the white space before it stays.
        return html[start : html.index("<", start)] + html[html.index(close, start) + len(close) : end]
    return html[start:end].replace(outer_html(without), "", 1)


def outer_html(element: etree._Element) -> str:
    """Return the HTML of an element without what follows it."""
    return etree.tostring(element, encoding="unicode", method="html", with_tail=False)


def escape(text: str) -> str:
    """Return a text as HTML.

    >>> escape("1 < 2 & 3")
    '1 &lt; 2 &amp; 3'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
