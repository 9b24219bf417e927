"""What the floors of HTML pages share: the tree, and the HTML inside an element."""

from html import escape

from lxml import etree


def tree(body: bytes) -> etree._Element:
    """Return the tree of a page in UTF-8."""
    return etree.fromstring(body, etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True))


def inside(element: etree._Element) -> str:
    """Return the HTML inside an element."""
    pieces = [escape(element.text or "", quote=False)]
    pieces += [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(pieces)


def text(element: etree._Element) -> str:
    """Return the text of an element, with white space collapsed."""
    return " ".join("".join(map(str, element.itertext())).split())
