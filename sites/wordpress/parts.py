"""Where the comments of a WordPress page are, how they nest, and what their named parts are."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from belowtheline.reading.markup import Found
from belowtheline.sites.wordpress.classes import BODIES, named, words_of
from belowtheline.sites.wordpress.elements import comment_elements

_TAGS = frozenset(("a", "time", "img", "cite"))
_BODIES = frozenset(BODIES)
_LISTS = frozenset(("ol", "ul", "dl"))
_NESTED = frozenset(("children", "replies", "nested"))
_DEPTH = re.compile(r"depth-(\d{1,5})$")
_FEWEST_ALIKE = 3
_SHARE_ALIKE = 0.6
_LONGEST_ALIKE = 40
_PINGS = frozenset(("pingback", "trackback"))


@dataclass(slots=True, eq=False)
class Section:
    """One comment's element, with its place among the others and its named parts."""

    element: etree._Element
    number: str
    """The id, as its element's id carries it."""
    names: tuple[str, ...]
    """The classes of the element, which `comment_class()` writes since WordPress 2.7."""
    definition: etree._Element | None = None
    """The <dd> that holds the body, where a <dt> is the comment's element."""
    above: "Section | None" = None
    """The comment it answers, by nesting or by the depths that `comment_class()` wrote."""
    depth: int = 0
    """Levels of nesting above it."""
    parts: Found = field(default_factory=dict)
    inner: Found = field(default_factory=dict)
    """Parts inside an element whose class says that it holds what the author wrote; some themes put all in it."""

    @property
    def is_ping(self) -> bool:
        """Whether another site's link made it, and nobody wrote it here."""
        return not _PINGS.isdisjoint(self.names)

    def first(self, names: tuple[str, ...]) -> etree._Element | None:
        """Return the first part under the first of the names that the comment has."""
        return next(self.all_of(names), None)

    def all_of(self, names: tuple[str, ...]) -> Iterator[etree._Element]:
        """Yield the parts under the names, in the order of the names; those inside a named body come last."""
        for parts in (self.parts, self.inner):
            for name in names:
                yield from parts.get(name, ())

    def own_elements(self, stops: frozenset[etree._Element]) -> Iterator[etree._Element]:
        """Yield the elements that belong to this comment and to no other, in document order."""
        waiting = [iter(self.element), *((iter(self.definition),) if self.definition is not None else ())]
        waiting.reverse()
        while waiting:
            for child in waiting[-1]:
                if child not in stops:
                    yield child
                    waiting.append(iter(child))
                    break
            else:
                waiting.pop()


@dataclass(frozen=True, eq=False)
class Comments:
    """All comments of a page in document order, pingbacks included, and where their elements stand."""

    sections: tuple[Section, ...]
    stops: frozenset[etree._Element]
    """Elements of comments, and what stands around them inside other comments: no part of these."""
    open: frozenset[etree._Element] = frozenset()
    """What stands around a comment's own parts and its answers as well."""

    @property
    def pings(self) -> int:
        """How many of them are pingbacks and trackbacks."""
        return sum(section.is_ping for section in self.sections)

    @cached_property
    def repeated(self) -> frozenset[tuple[str, str, str]]:
        """Tag, class and words of the elements that most comments have alike, such as buttons in any language."""
        counts = Counter(
            said
            for section in self.sections
            for said in {_said(element) for element in section.own_elements(self.stops) if not len(element)}
        )
        fewest = max(_FEWEST_ALIKE, len(self.sections) * _SHARE_ALIKE)
        return frozenset(said for said, count in counts.items() if said[2] and count >= fewest)

    def is_repeated(self, element: etree._Element) -> bool:
        """Return whether an element stands in most comments with the same words."""
        return not len(element) and _said(element) in self.repeated


def _said(element: etree._Element) -> tuple[str, str, str]:
    """Return what tells an element of the theme from one of the author's, who writes none with a class."""
    classes, text = element.get("class") or "", (element.text or "").strip()
    is_plain = not classes and element.tag not in ("a", "span", "small")
    return element.tag, classes, "" if is_plain or len(text) > _LONGEST_ALIKE or text.startswith("@") else text


def find_comments(root: etree._Element) -> Comments:
    """Return the comments of a page, each id once."""
    by_element: dict[etree._Element, Section] = {}
    between: dict[etree._Element, Section] = {}
    path: list[Section] = []
    for element, number in comment_elements(root):
        section = _section(_outermost(element), number)
        _place(section, _around(section.element, by_element, between), path)
        by_element[section.element] = section
    stops = set(by_element)
    stops.update(section.definition for section in by_element.values() if section.definition is not None)
    stops.update(element for element in between if _is_list(element))
    stops.update(_without_own_text({part: between[part] for part in between.keys() - stops}, stops))
    comments = Comments(tuple(by_element.values()), frozenset(stops), frozenset(between.keys() - stops))
    for section in comments.sections:
        _collect(section, comments.stops)
    return comments


def _outermost(element: etree._Element) -> etree._Element:
    """Return the element that carries the comment's classes, where only one inside it carries the id."""
    parent = element.getparent()
    if parent is not None and "depth-" in (parent.get("class") or "") and "depth-" not in (element.get("class") or ""):
        return parent
    return element


def _section(element: etree._Element, number: str) -> Section:
    following = element.getnext() if element.tag == "dt" else None
    definition = following if following is not None and following.tag == "dd" else None
    return Section(element, number, tuple((element.get("class") or "").split()), definition)


def _around(
    element: etree._Element, known: dict[etree._Element, Section], between: dict[etree._Element, Section]
) -> Section | None:
    """Return the comment whose element stands around another's, and note what stands between the two."""
    passed: list[etree._Element] = []
    for ancestor in element.iterancestors():
        around = between.get(ancestor) or known.get(ancestor)
        if around is not None:
            between.update(dict.fromkeys(passed, around))
            return around
        passed.append(ancestor)
    return None


def _is_list(element: etree._Element) -> bool:
    """Return whether an element between two comments is the list of answers, and nothing of the first."""
    classes = (element.get("class") or "").split()
    return element.tag in _LISTS or any(not _NESTED.isdisjoint(words_of(name)[-1:]) for name in classes)


def _without_own_text(between: dict[etree._Element, Section], stops: set[etree._Element]) -> Iterator[etree._Element]:
    """Yield what stands between two comments and shows nothing of the first, unlike one around it and its answers."""
    shows: set[etree._Element] = set()
    fixed = frozenset(stops)
    for section in dict.fromkeys(between.values()):
        for element in section.own_elements(fixed):
            if _shows(element):
                _mark(element, shows)
    return (element for element in between if element not in shows)


def _shows(element: etree._Element) -> bool:
    return bool((element.text or "").strip()) or element.tag == "img"


def _mark(element: etree._Element | None, shows: set[etree._Element]) -> None:
    while element is not None and element not in shows:
        shows.add(element)
        element = element.getparent()


def _place(section: Section, around: Section | None, path: list[Section]) -> None:
    """Set a comment's depth and the comment it answers; `path` leads to the comment before it."""
    written = next((int(match[1]) for name in section.names if (match := _DEPTH.match(name))), None)
    if written:
        section.depth = written - 1
    elif around is not None:
        section.depth = around.depth + 1
    del path[section.depth :]
    section.above = around or (path[-1] if path and section.depth else None)
    path.append(section)


def _collect(section: Section, stops: frozenset[etree._Element]) -> None:
    """Find a comment's parts in one walk that enters no other comment."""
    parts = section.parts
    # What waits: an element's children, and the parts that it belongs to.
    waiting: list[tuple[Iterator[etree._Element], Found]] = [(iter(section.element), parts)]
    if section.definition is not None:
        waiting.insert(0, (iter(section.definition), parts))
    while waiting:
        children, parts = waiting[-1]
        for child in children:
            if child in stops:
                continue
            classes, tag = child.get("class"), child.tag
            names = named(classes) if classes else ()
            for name in (*names, tag) if tag in _TAGS else names:
                if name in parts:
                    parts[name].append(child)
                else:
                    parts[name] = [child]
            if len(child):
                is_body = bool(names) and not _BODIES.isdisjoint(names)
                waiting.append((iter(child), section.inner if is_body else parts))
                break
        else:
            waiting.pop()
