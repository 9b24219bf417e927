"""The parts of one post: what stands before its body, the body, and where its votes are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple, cast

from lxml import etree

from belowtheline.reading.markup import Section, Sections, visible

SECTIONS = Sections("post", classes=(), tags=(), closed=("body",))
"""The posts of a container; what a reader wrote in a body is no post."""

ICON_PATH = "/icons/comment/"
"""What the address of every known icon has, and of no other picture."""
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_VOTING = frozenset({"actions", "vote", "votes", "voting", "up", "down"})
_ZONES = {"author": "author", "user_icons": "badges", "actions": "votes", "vote": "votes", "votes": "votes"}
_LINKS = frozenset({"a", "button", "form", "label"})
_UNSEEN = frozenset({"script", "style", "template", "noscript"})
_NO_TITLE = frozenset(
    {"permalink", "author", "byline", "dateline", "time_stamp", "user_icons", "in-reply-to", "actions"}
)
_LONGEST_HEAD = 2_000  # characters in which author and date are looked for
_QUOTED = frozenset({"blockquote", "pre", "code", "li"})
_STOCK = frozenset({"link", "permalink", "permanent link", "link to this", "link to this post", "link to post"})
_BYLINE = re.compile(r"\bPosted \w+,? \d{1,2}")
_READABLE = re.compile(r"[^\W_]")


class Part(NamedTuple):
    """One element of a post, with its classes and the kind of element it stands in."""

    element: etree._Element
    names: frozenset[str]
    zone: str
    """author, badges, votes or link; empty where it stands free."""


@dataclass
class Parts:
    """A post taken apart: the elements before and after its body, without those of the posts in it."""

    post: etree._Element
    head: list[Part] = field(default_factory=list)
    foot: list[Part] = field(default_factory=list)
    body: etree._Element | None = None
    voting: list[etree._Element] = field(default_factory=list)
    """The outermost elements that hold its votes."""

    @property
    def is_gone(self) -> bool:
        """Whether the post's own class says that it was deleted."""
        return "deleted" in names_of(self.post.get("class") or "")

    @property
    def all(self) -> Iterator[Part]:
        """All elements, those before the body first."""
        yield from self.head
        yield from self.foot

    def first(self, name: str) -> etree._Element | None:
        """Return the first element of a class."""
        return next((part.element for part in self.all if name in part.names), None)

    @cached_property
    def title(self) -> etree._Element | None:
        """The heading that stands before the body."""
        headings = (part for part in self.head if part.element.tag in HEADINGS and _NO_TITLE.isdisjoint(part.names))
        return next((part.element for part in headings if not _BYLINE.search(visible(part.element))), None)

    @cached_property
    def text(self) -> str:
        """The text before the body, without its title: there the forms of 2008 keep author and date."""
        title = self.title
        inside = set() if title is None else set(title.iter())
        texts = [self.post.text or ""]
        for part in self.head:
            element = part.element
            texts.append("" if element in inside or element.tag in _UNSEEN else element.text or "")
            texts.append("" if element in inside and element is not title else element.tail or "")
        return " ".join(" ".join(texts)[:_LONGEST_HEAD].split())


@lru_cache(maxsize=1024)
def names_of(classes: str) -> frozenset[str]:
    """Return the classes that an attribute names."""
    return frozenset(classes.split())


def parts_of(section: Section) -> Parts:
    """Return the parts of a post, in one walk that no depth troubles and that enters no other post."""
    parts = Parts(section.element)
    waiting = [(iter(section.element), "")]
    while waiting:
        children, zone = waiting[-1]
        for child in children:
            names = names_of(child.get("class") or "")
            if "post" in names:
                continue
            if "body" in names:
                parts.body = child if parts.body is None else parts.body
                continue
            if zone != "votes" and (not _VOTING.isdisjoint(names) or direction_of(child)):
                parts.voting.append(child)
                zone_here = "votes"
            else:
                zone_here = zone or _zone(child, names)
            (parts.head if parts.body is None else parts.foot).append(Part(child, names, zone))
            if len(child):
                waiting.append((iter(child), zone_here))
                break
        else:
            waiting.pop()
    return parts


def _zone(element: etree._Element, names: frozenset[str]) -> str:
    named = next((zone for name, zone in _ZONES.items() if name in names), "")
    return named or ("link" if element.tag in _LINKS else "")


_DIRECTED = re.compile(
    r"(?:^|\s)(?:(?:votes?|thumbs?|likes?)[-_]?(?P<a>up|down)|(?P<b>up|down)(?:[-_]?votes?)?)(?:[-_]?(?:count|total|score|value))?(?=\s|$)"
)
_VOTE_ADDRESS = re.compile(r"/vote/(up|down)\b")


def direction_of(element: etree._Element) -> str | None:
    """Return up or down where an element's classes or address say which votes it is about."""
    said = _direction(element.get("class") or "")
    if said is None and element.tag in ("a", "form", "button"):
        address = element.get("href") or element.get("action") or element.get("formaction") or ""
        match = _VOTE_ADDRESS.search(address)
        return match[1] if match else None
    return said


@lru_cache(maxsize=1024)
def _direction(classes: str) -> str | None:
    match = _DIRECTED.search(classes)
    return (match["a"] or match["b"]) if match else None


def leading_heading(body: etree._Element) -> etree._Element | None:
    """Return the heading that a body opens with, however deep it stands; a later one is part of the text."""
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "end":
            if element is body or (element.tail or "").strip():
                return None
        elif element is not body and element.tag in HEADINGS:
            return cast(etree._Element, element)
        elif element.tag in _QUOTED or (element.text or "").strip():
            return None
    return None


def leading_icon(body: etree._Element) -> etree._Element | None:
    """Return the icon that a body opens with, as it does where the title stands in the body as well."""
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            if element is body or (element.tail or "").strip():
                return None
        elif element is not body and element.tag in ("img", *HEADINGS):
            if (image := next((one for one in element.iter("img") if _is_icon(one)), None)) is not None:
                return cast(etree._Element, image)
            walk.skip_subtree()
        elif element.tag in _QUOTED or (element.text or "").strip():
            return None
    return None


def _is_icon(image: etree._Element) -> bool:
    return ICON_PATH in (image.get("src") or "")


def title_of(heading: etree._Element) -> str | None:
    """Return the words of a heading; a permalink, a date or a name that stands in it is none of them.

    Where the permalink holds the only words, they are the title, unless it says what any permalink says.
    """
    texts = [heading.text or ""]
    linked = ""
    walk = etree.iterwalk(heading, events=("start", "end"))
    for event, element in walk:
        if element is heading:
            continue
        if event == "end":
            texts.append(element.tail or "")
        elif _is_apart(element):
            linked = linked or _words_of_link(element)
            walk.skip_subtree()
        else:
            texts.append(element.text or "")
    title = " ".join("".join(texts).split()) or linked
    return title or None


def _is_apart(element: etree._Element) -> bool:
    names = names_of(element.get("class") or "")
    if not _NO_TITLE.isdisjoint(names) or element.tag in ("time", "form") or element.get("data-epoch"):
        return True
    href = element.get("href") or ""
    return element.tag == "a" and ("#" in href or "/containing/" in href) and not _READABLE.search(visible(element))


def _words_of_link(element: etree._Element) -> str:
    is_date = any(part.tag == "time" or part.get("data-epoch") for part in element.iter())
    said = "" if is_date or element.tag != "a" else visible(element)
    return said if _READABLE.search(said) and said.casefold() not in _STOCK else ""
