"""Microformats: entries that are comments by their class or by what they answer, of microformats2 and of hAtom."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from belowtheline.reading.items import Mark
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.sites.structured import addresses
from belowtheline.sites.structured.bodies import html_of
from belowtheline.sites.structured.bylines import add_links, name_comment, written_author
from belowtheline.sites.structured.nesting import ListItems, Nesting, holders
from belowtheline.sites.structured.nodes import DATES, Html, Node, Reading, Value

Element = etree._Element
_SIGN = "-comment"
_SIGNS = (" u-comment", '"u-comment', "'u-comment", " p-comment", '"p-comment', "'p-comment")
_ENTRY = re.compile(r"hentry|h-entry")
_COMMENT = re.compile(r"(?<![\w-])comment(?![\w-])")
_NEAR = 200
_ENTRIES = frozenset(("h-entry", "h-cite", "hentry"))
_POSTS = frozenset(("h-entry", "hentry"))
_CARDS = frozenset(("h-card", "vcard"))
_ROOTS = _ENTRIES | _CARDS | {"h-feed", "h-event", "h-review", "h-adr", "h-geo", "h-product", "h-item"}
_COMMENTS = frozenset(("u-comment", "p-comment", "u-comments", "p-comments"))
_REACTIONS = {
    "u-like": "likes", "p-like": "likes", "u-repost": "reposts", "p-repost": "reposts",
    "u-bookmark": "bookmarks", "p-bookmark": "bookmarks", "u-mention": "mentions", "p-mention": "mentions",
}  # fmt: skip
_REACTED = {
    "u-like-of": "likes", "u-favorite-of": "likes", "u-repost-of": "reposts", "u-bookmark-of": "bookmarks",
}  # fmt: skip
_CONTEXTS = frozenset(("u-in-reply-to", "p-in-reply-to", "u-quotation-of", *_REACTED))
_ANSWERS = frozenset(("u-in-reply-to", "p-in-reply-to", "in-reply-to"))
_CONTENTS = frozenset(("e-content", "p-content", "entry-content"))
_PROPERTIES = {
    "e-content": "text", "p-content": "text", "entry-content": "text",
    "p-summary": "description", "e-summary": "description", "entry-summary": "description",
    "p-name": "name", "entry-title": "name", "fn": "name",
    "dt-published": "datePublished", "published": "datePublished", "dt-updated": "dateModified",
    "u-uid": "uid", "u-url": "url", "url": "url", "bookmark": "url", "u-photo": "image", "photo": "image",
    "p-author": "author", "author": "author",
    "u-in-reply-to": "parentItem", "p-in-reply-to": "parentItem", "in-reply-to": "parentItem",
    **dict.fromkeys(_REACTED, "reaction"),
}  # fmt: skip
_ADDRESSES = frozenset(("uid", "url", "image", "parentItem", "reaction"))
_PIECES = frozenset(("value", "value-title"))
_OF_INTEREST = _ROOTS | _PROPERTIES.keys() | _REACTIONS.keys()


def read_microformats(page: Page, url: str) -> Reading:
    """Return what the microformats of the page at `url` say; likes and reposts are no comments, marks count them."""
    return _Document(page.root, url).reading() if _has_signs(page.text) else Reading()


def _has_signs(text: str) -> bool:
    """Return whether a page could hold comments, so that most pages are not walked for them."""
    if "in-reply-to" in text or (_SIGN in text and any(sign in text for sign in _SIGNS)):
        return True
    return any(_COMMENT.search(text, max(at.start() - _NEAR, 0), at.end() + _NEAR) for at in _ENTRY.finditer(text))


class _Document:
    """The entries of one page while they are put together."""

    def __init__(self, root: Element, url: str) -> None:
        self._root, self._url = root, url
        self._names = dict(_classed(root))
        self._nodes = {element: Node() for element, names in self._names.items() if not _ROOTS.isdisjoint(names)}
        self._around = Nesting(self._nodes)
        # What a text holds is said in it, not of it.
        self._contents = {element for element, names in self._names.items() if not _CONTENTS.isdisjoint(names)}
        self._around_or_said = Nesting((*self._nodes, *self._contents))
        self._properties = list(self._find_properties())

    def reading(self) -> Reading:
        reacted, answers = self._links()
        reactions: Counter[str] = Counter()
        found, posts = [], []
        for element in self._nodes:
            names = self._names[element]
            is_comment = self._is_comment(names) or element in answers
            kinds = {_REACTIONS[name] for name in names if name in _REACTIONS} or (is_comment and reacted.get(element))
            if kinds:
                reactions.update(kinds)
            elif is_comment and not _ENTRIES.isdisjoint(names) and _CONTEXTS.isdisjoint(names):
                found.append(element)
            elif not _POSTS.isdisjoint(names):
                posts.append(element)
        for element in found:
            self._nodes[element].types = frozenset(("Comment",))
        for element in posts:
            self._nodes[element].types = frozenset(("BlogPosting",))
        self._fill(found)
        return Reading(
            comments=[self._nodes[element] for element in found],
            articles=[self._nodes[element] for element in posts if self._around.around(element) is None],
            marks=[Mark(kind=kind, value=str(count)) for kind, count in sorted(reactions.items())],
        )

    def _find_properties(self) -> Iterator[tuple[Element, frozenset[str], Element]]:
        """Yield each property with the classes of its element and the entry or card that it is one of."""
        for element, names in self._names.items():
            if not _said_by(names):
                continue
            around, is_said = self._place_of(element)
            # What an entry answers is often linked to at the beginning of its text.
            if around is not None and not (is_said and _ANSWERS.isdisjoint(names)):
                yield element, names, around

    def _is_comment(self, names: frozenset[str]) -> bool:
        return not _COMMENTS.isdisjoint(names) or ("comment" in names and not _POSTS.isdisjoint(names))

    def _links(self) -> tuple[dict[Element, set[str]], set[Element]]:
        """Return which entries react to something and how, and which answer this page."""
        reacted: dict[Element, set[str]] = {}
        answers: set[Element] = set()
        for element, names, around in self._properties:
            kinds = [_REACTED[name] for name in names if name in _REACTED]
            if kinds:
                reacted.setdefault(around, set()).update(kinds)
            href = element.get("href") if not _ANSWERS.isdisjoint(names) else None
            target = addresses.resolve(href, self._url) if href else None
            if target and addresses.is_own(target, self._url) and addresses.same_thread(target, self._url):
                answers.add(around)
        return reacted, answers

    def _fill(self, found: list[Element]) -> None:
        """Give every entry and card its properties, and every comment its place and what identifies it."""
        held = holders(found)
        for element, names, around in self._properties:
            node, said = self._nodes[around], _said_by(names)
            for name in said:
                node.add(name, self._value(element, name, held))
            add_links(node, said, element, around)
        lists, cards = ListItems(self._root, found), self._find_cards()
        for element in found:
            self._place(element, lists)
            self._complete(element, cards)
            name_comment(self._nodes[element], element, lists)

    def _value(self, element: Element, name: str, held: frozenset[Element]) -> Value:
        if element in self._nodes:
            return self._nodes[element]
        if name == "author":
            card = next((self._nodes[inner] for inner in element.iter() if inner in self._nodes), None)
            return card or written_author(element)
        if name in _ADDRESSES:
            return (element.get("href") or element.get("src") or visible(element)).strip()
        if name in DATES or name == "dateModified":
            return _date(element)
        return Html(html_of(element, held)) if name in ("text", "description") else visible(element)

    def _complete(self, element: Element, cards: dict[Element | None, Node]) -> None:
        """Give a comment the text and the author that it implies: its name, and the card in it."""
        node = self._nodes[element]
        if not node.text("text", "description") and "name" in node.values:
            node.values["text"] = node.values.pop("name")
        if "author" not in node.values and element in cards:
            node.add("author", cards[element])

    def _imply(self, element: Element) -> Node:
        """Return a card with the name, address and picture that its element implies."""
        node, image = self._nodes[element], next(element.iter("img"), None)
        if "name" not in node.values:
            name = visible(element) or (image.get("alt") if image is not None else None)
            if name:
                node.add("name", name)
        if "url" not in node.values and (url := element.get("href")):
            node.add("url", url)
        if "image" not in node.values and image is not None and (source := image.get("src")):
            node.add("image", source)
        return node

    def _find_cards(self) -> dict[Element | None, Node]:
        """Return the first card of each entry that does not stand in its text."""
        cards: dict[Element | None, Node] = {}
        for element in self._nodes:
            if not _CARDS.isdisjoint(self._names[element]):
                card = self._imply(element)
                around, is_said = self._place_of(element)
                if not is_said:
                    cards.setdefault(around, card)
        return cards

    def _place_of(self, element: Element) -> tuple[Element | None, bool]:
        """Return the entry or card around an element, and whether the element stands in the text of that."""
        near = self._around_or_said.around(element)
        is_said = near in self._contents
        return near if near is None or near in self._nodes else self._around.around(near), is_said

    def _place(self, element: Element, lists: ListItems) -> None:
        """Note which comment a comment stands in, and what it is on."""
        node = self._nodes[element]
        above = lists.parent(element)
        node.above = self._nodes[above] if above is not None else None
        around = self._around.around(element)
        while around is not None:
            outer = self._nodes[around]
            if outer.is_comment:
                node.above = outer
                return
            if outer.is_article:
                node.owner = outer
                return
            around = self._around.around(around)


def _classed(root: Element) -> Iterator[tuple[Element, frozenset[str]]]:
    known: dict[str, frozenset[str]] = {}
    for element in root.iter():
        classes, rel = element.get("class"), element.get("rel")
        said = f"{classes or ''} {rel}" if rel else classes
        if not said:
            continue
        names = known.get(said)
        if names is None:
            names = known[said] = frozenset(said.split())
        if not _OF_INTEREST.isdisjoint(names):
            yield element, names


@lru_cache(maxsize=512)
def _said_by(names: frozenset[str]) -> tuple[str, ...]:
    """Return the properties that an element with these classes is."""
    said = dict.fromkeys(_PROPERTIES[name] for name in sorted(names) if name in _PROPERTIES)
    if "text" in said:
        said.pop("name", None)  # it has no title
    return tuple(said)


def _date(element: Element) -> str:
    """Return a date as published for machines, by the value-class pattern where it is in pieces."""
    pieces = [part for part in element.iter() if _PIECES.intersection((part.get("class") or "").split())]
    if found := " ".join(_stamp(part) or visible(part) for part in pieces) or _stamp(element):
        return found
    return next((inner.get("datetime", "") for inner in element.iter("time")), "") or visible(element)


def _stamp(element: Element) -> str:
    titled = element.tag == "abbr" or "value-title" in (element.get("class") or "")
    return element.get("datetime") or (element.get("title") if titled else None) or element.get("value") or ""
