"""Where the comments of a WordPress page are, how they nest, and what their named parts are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from belowtheline.scraper.markup import Found

FULL_NAMES = (
    "fn", "comment-author-name", "wp-block-comment-author-name", "wpd-comment-author", "comment-author-link",
)  # fmt: skip
"""Classes of elements that hold a name and nothing else."""
BYLINES = ("comment_author", "comment-author", "commentauthor", "author")
"""Classes of elements that hold a name among other things."""
DATES = (
    "comment-metadata", "commentmetadata", "comment_permalink", "comment-permalink", "comment_time", "comment-time",
    "comment_date", "comment-date", "wp-block-comment-date", "wpd-comment-date", "comment-meta", "date",
)  # fmt: skip
BODIES = (
    "comment-content", "comment_content", "comment-text", "comment_text", "commenttext", "comment-entry",
    "wp-block-comment-content", "wpd-comment-text",
)  # fmt: skip
"""Classes of elements that hold what the author wrote; nothing in them is a part."""
WRAPPERS = ("comment-body", "comment_body", "commentbody", "comment-inner", "entry-content", "format_text", "text")
"""Classes of elements that hold what the author wrote in some themes, and the whole comment in others."""
WAITING = "comment-awaiting-moderation"
NOISE = frozenset(
    {
        WAITING, "reply", "comment_reply", "comment-reply", "comment-reply-link", "comment-edit-link", "edit-link",
        "says", "comment-likes", "comment-like-feedback", "pd-rating", "cs-rating", "sharedaddy",
        "wp-block-comment-reply-link", "wp-block-comment-edit-link", "comment-respond", "by-post-author",
        "screen-reader-text",
    }
)  # fmt: skip
"""Classes of elements that are buttons and notes of the site."""

_CLASSES = frozenset((*FULL_NAMES, *BYLINES, *DATES, *BODIES, *WRAPPERS, WAITING))
_TAGS = frozenset(("a", "time", "img", "cite"))
_BODIES = frozenset(BODIES)
_ID = re.compile(r"(?:(?:li|div|article|dt)-)?comment-(\d+)$|wpd-comm-(\d+)_\d+$")
_HOLDERS = ("li", "div", "article", "section", "dt")
_DEPTH = re.compile(r"depth-(\d{1,5})$")
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

    @property
    def is_ping(self) -> bool:
        """Whether another site's link made it, and nobody wrote it here."""
        return not _PINGS.isdisjoint(self.names)

    def first(self, names: tuple[str, ...]) -> etree._Element | None:
        """Return the first part under the first of the names that the comment has."""
        parts = self.parts
        for name in names:
            if name in parts:
                return parts[name][0]
        return None


@dataclass(frozen=True, slots=True)
class Comments:
    """All comments of a page in document order, pingbacks included, and where their elements stand."""

    sections: tuple[Section, ...]
    stops: frozenset[etree._Element]
    """Elements of comments, and what stands around them inside other comments: no part of these."""

    @property
    def pings(self) -> int:
        """How many of them are pingbacks and trackbacks."""
        return sum(section.is_ping for section in self.sections)


def find_comments(root: etree._Element) -> Comments:
    """Return the comments of a page, each id once."""
    by_element: dict[etree._Element, Section] = {}
    stops: set[etree._Element] = set()
    path: list[Section] = []
    numbers: set[str] = set()
    for element, number in _elements(root):
        if number in numbers:
            continue
        numbers.add(number)
        section = _section(_outermost(element), number)
        _place(section, _around(section.element, by_element, stops), path)
        by_element[section.element] = section
    stops.update(by_element)
    stops.update(section.definition for section in by_element.values() if section.definition is not None)
    comments = Comments(tuple(by_element.values()), frozenset(stops))
    known: dict[str | None, tuple[str, ...]] = {None: ()}
    for section in comments.sections:
        _collect(section, comments.stops, known)
    return comments


def has_comments(root: etree._Element) -> bool:
    """Return whether a page has any element with a comment's id."""
    return next(_elements(root), None) is not None


def _elements(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    # Not an XPath: libxml2 sorts what it finds, in a time that is quadratic for deep nesting.
    for element in root.iter(*_HOLDERS):
        name = element.get("id")
        if name and (match := _ID.match(name)):
            yield element, match[1] or match[2]


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
    element: etree._Element, known: dict[etree._Element, Section], stops: set[etree._Element]
) -> Section | None:
    """Return the comment whose element stands around another's; what stands between the two becomes a stop."""
    between: list[etree._Element] = []
    for ancestor in element.iterancestors():
        if ancestor in known:
            stops.update(between)
            return known[ancestor]
        between.append(ancestor)
    return None


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


def _collect(section: Section, stops: frozenset[etree._Element], known: dict[str | None, tuple[str, ...]]) -> None:
    """Find a comment's parts in one walk that enters neither other comments nor what the author wrote."""
    parts = section.parts
    waiting: list[Iterator[etree._Element]] = [iter(section.element)]
    if section.definition is not None:
        waiting.insert(0, iter(section.definition))
    while waiting:
        for child in waiting[-1]:
            if child in stops:
                continue
            classes, tag = child.get("class"), child.tag
            names = known.get(classes)
            if names is None:
                names = known[classes] = _named(classes or "")
            for name in (*names, tag) if tag in _TAGS else names:
                if name in parts:
                    parts[name].append(child)
                else:
                    parts[name] = [child]
            if len(child) and (not names or _BODIES.isdisjoint(names)):
                waiting.append(iter(child))
                break
        else:
            waiting.pop()


def _named(classes: str) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(classes.split()) if name in _CLASSES)
