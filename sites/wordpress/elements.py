"""Which elements of a WordPress page are comments: those with a comment's id, or around an anchor with one."""

import re
from collections.abc import Iterator

from lxml import etree

_ID = re.compile(r"(?:(?:li|div|article|dt)-)?comment-(\d+)$|(?:wpd|wc)-comm-(\d+)_\d+$")
_HOLDERS = ("li", "div", "article", "section", "dt", "dl", "tr", "table", "tbody", "blockquote", "ul", "ol")
_AROUND_ANCHORS = frozenset(("li", "div", "article", "section", "dl", "tr"))
_Sizes = dict[etree._Element, int]


def has_comments(root: etree._Element) -> bool:
    """Return whether a page has any element with a comment's id."""
    return next(_marked(root), None) is not None


def comment_elements(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield the elements of comments with their ids in page order, each id once.

    Where an id stands in two lists, such as a tab of the best comments, the longer one has the comment whole and in
    its place.
    """
    chosen: dict[str, etree._Element] = {}
    sizes: _Sizes = {}
    for element, number in _marked(root):
        first = chosen.get(number)
        if first is None or _is_in_longer_list(element, first, sizes):
            chosen[number] = element
    numbers = {element: number for number, element in chosen.items()}
    if sizes:  # only then another than the first may have been chosen
        yield from ((element, numbers[element]) for element, _ in _marked(root) if element in numbers)
    else:
        yield from ((element, number) for number, element in chosen.items())


def _is_in_longer_list(element: etree._Element, first: etree._Element, sizes: _Sizes) -> bool:
    """Return whether more comments stand around an element than around the first of the same id; not inside that."""
    if any(around is first for around in element.iterancestors()):
        return False  # as in `li#li-comment-1 > div#comment-1`
    above = [first, *first.iterancestors()]
    places = {around: place for place, around in enumerate(above)}
    branch = element
    for around in element.iterancestors():
        if around in places:
            place = places[around]
            return place > 0 and _size(branch, sizes) > _size(above[place - 1], sizes)
        branch = around
    return False


def _size(element: etree._Element, sizes: _Sizes) -> int:
    if element not in sizes:
        sizes[element] = sum(1 for _ in _marked(element))
    return sizes[element]


def _marked(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    # Not an XPath: libxml2 sorts what it finds, in a time that is quadratic for deep nesting.
    is_any = False
    for element in root.iter(*_HOLDERS):
        name = element.get("id")
        if name and (match := _ID.match(name)):
            is_any = True
            yield element, match[1] or match[2]
    if not is_any:
        yield from _anchored(root)


def _anchored(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield the elements around anchors with a comment's id, where each is the only one in its element."""
    held: dict[etree._Element, str] = {}
    for anchor in root.iter("a", "span"):
        match = _ID.match(anchor.get("id") or anchor.get("name") or "")
        around = next((up for up in anchor.iterancestors() if up.tag in _AROUND_ANCHORS), None) if match else None
        if match and around is not None:
            held[around] = "" if around in held else match[1] or match[2]
    yield from ((element, number) for element, number in held.items() if number)
