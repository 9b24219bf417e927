"""What stands around the comments of a page, found in one walk that leaves out the comments themselves."""

from lxml import etree

from belowtheline.reading.markup import Found, visible

LISTING = "commentlisting"
STORY = "story-text"
ARCHIVED = "archived"
_IDS = frozenset({LISTING, "commentwrap"})
_CLASSES = frozenset(
    {
        "commentBox", "commentspl", "dept-text", "details", "intro", "story-byline", "story-title", "tagname",
        "totalcommentcnt",
    }
)  # fmt: skip
_TAGS = frozenset({"input", "link", "meta", "title"})
_SENTENCE = "discussion has been archived"


def read_frame(root: etree._Element) -> Found:
    """Return the named parts of a page in document order; the list of comments is one of them."""
    found: Found = {}
    waiting = [root]
    while waiting:
        element = waiting.pop()
        for name in _names(element):
            found.setdefault(name, []).append(element)
        if element.get("id") != LISTING:
            waiting.extend(reversed(element))
    return found


def _names(element: etree._Element) -> list[str]:
    own, classes = element.get("id"), element.get("class")
    names = [element.tag] if element.tag in _TAGS else []
    if own is not None and own in _IDS:
        names.append(own)
    if own is not None and own.startswith("text-"):
        names.append(STORY)
    if classes is not None:
        names += _CLASSES.intersection(classes.split())
    if element.get("rel") == "statictag":
        names.append("tagname")
    if _SENTENCE in (element.text or "") or _SENTENCE in (element.tail or ""):
        names.append(ARCHIVED)
    return names


def first(found: Found, *names: str) -> etree._Element | None:
    """Return the first part that has one of the names, tried in their order."""
    return next((found[name][0] for name in names if name in found), None)


def links_in(found: Found, name: str) -> list[etree._Element]:
    """Return the links inside the parts of a name, and those parts that are links."""
    return [link for element in found.get(name, ()) for link in element.iter("a")]


def headline(found: Found) -> str:
    """Return the headline of the story that is discussed, empty where the page shows none."""
    links = links_in(found, "story-title") + links_in(found, "commentspl")
    links += [link for link in links_in(found, "commentBox") if "article.pl" in (link.get("href") or "")]
    return visible(links[0]) if links else ""
