"""Which element stands in which: every step up a tree is taken once, however deep it is."""

from collections import Counter
from collections.abc import Iterable

from lxml import etree

Element = etree._Element


class Nesting:
    """Finds the nearest of some elements at or around any other."""

    def __init__(self, marked: Iterable[Element]) -> None:
        self._known: dict[Element, Element | None] = {element: element for element in marked}

    def nearest(self, element: Element | None) -> Element | None:
        """Return the nearest marked element at or around an element."""
        known, passed = self._known, []
        while element is not None and element not in known:
            passed.append(element)
            element = element.getparent()
        found = known[element] if element is not None else None
        for step in passed:
            known[step] = found
        return found

    def around(self, element: Element) -> Element | None:
        """Return the nearest marked element around an element."""
        return self.nearest(element.getparent())


class ListItems:
    """The items of lists that comments stand in, which tell replies from comments where comments are not nested."""

    def __init__(self, root: Element, comments: list[Element]) -> None:
        items = Nesting(root.iter("li", "dd"))
        self._own = {comment: item for comment in comments if (item := items.nearest(comment)) is not None}
        counts = Counter(self._own.values())
        # An item with two comments side by side, such as a tab of the page, belongs to neither.
        self._comment = {item: comment for comment, item in self._own.items() if counts[item] == 1}
        self._around = Nesting(self._comment)

    def of(self, comment: Element) -> Element | None:
        """Return the list item that is a comment's alone."""
        item = self._own.get(comment)
        return item if item in self._comment else None

    def parent(self, comment: Element) -> Element | None:
        """Return the comment in whose list item another comment's list item stands."""
        item = self._own.get(comment)
        around = self._around.around(item) if item is not None else None
        return self._comment[around] if around is not None else None


def holders(comments: Iterable[Element]) -> frozenset[Element]:
    """Return the comments' elements with all elements around them."""
    found: set[Element] = set()
    for comment in comments:
        up: Element | None = comment
        while up is not None and up not in found:
            found.add(up)
            up = up.getparent()
    return frozenset(found)
