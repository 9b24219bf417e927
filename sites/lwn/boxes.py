"""The comment boxes of a page, in the markup of tables and in that of details, and how they stand below each other."""

import re
from html import escape
from typing import Any

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown
from belowtheline.reading.markup import Found, Section, Sections, inner_html, visible
from belowtheline.sites.lwn import addresses

SECTIONS = Sections(
    "CommentBox",
    classes=("CommentTitle", "CommentPoster", "CommentBody", "FormattedComment"),
    tags=("b", "summary", "form"),
    closed=("FormattedComment",),
)
"""The comments of a page; what a plain-text comment says is no part of one."""
_LEVELS = frozenset({"Comment", "CommentBox"})
_DATE = re.compile(r"\bPosted (\S.{0,60}?) by\b")
_STANDING = re.compile(r"\((?P<standing>[^()#]{0,40}), #(?P<id>\d{1,12})\)")
_NO_LETTERS = re.compile(r"[^\w -]+")
_NOT_BODY = etree.XPath(
    "boolean(descendant-or-self::*[contains(@class, 'CommentBox') or contains(@class, 'CommentReplyButton')]"
    " | descendant-or-self::a[starts-with(@name, 'CommAnchor')])"
)


def read_boxes(root: etree._Element, is_part: bool) -> tuple[Comment, ...]:
    """Return the comments of a page in its order, each below the last that stands a level above it.

    On a part of a thread the first ones may stand below others, which are not there.
    """
    top = NOT_SHOWN if is_part else None
    comments: list[Comment] = []
    above: list[tuple[int, Comment]] = []
    sections = SECTIONS(root)
    for section, level in zip(sections, _levels(root, sections), strict=True):
        while above and above[-1][0] >= level:
            above.pop()
        parent = above[-1][1] if above else None
        comment = Comment(
            position=len(comments) + 1,
            depth=NOT_SHOWN if is_part else len(above),
            parent_native_id=(parent.native_id or NOT_SHOWN) if parent else top,
            parent_position=parent.position if parent and parent.native_id is None else None,
            **_read_box(section),
        )
        comments.append(comment)
        above.append((level, comment))
    return tuple(comments)


def _levels(root: etree._Element, sections: list[Section]) -> list[int]:
    """Return how many boxes and indents stand around each box, climbing over no element twice."""
    known: dict[etree._Element, int] = {root: 0}
    levels = []
    for section in sections:
        climbed = []
        at = section.element.getparent()
        while at is not None and at not in known:
            climbed.append(at)
            at = at.getparent()
        level = known[at] if at is not None else 0
        for element in reversed(climbed):
            level += not _LEVELS.isdisjoint((element.get("class") or "").split())
            known[element] = level
        levels.append(level)
    return levels


def _read_box(section: Section) -> dict[str, Any]:
    parts = section.parts
    poster = _first(parts, "CommentPoster")
    native_id = _native_id(poster, parts)
    line = visible(poster)
    date = _DATE.search(line)
    return {
        "native_id": native_id,
        "author": _author(parts, line),
        "title": visible(_first(parts, "CommentTitle")) or None if "CommentTitle" in parts else NOT_SHOWN,
        "title_source": "page",
        "body_html": _body(section, poster),
        "published_raw": date[1] if date else NOT_SHOWN,
        "url": addresses.article_url(native_id) if native_id else NOT_SHOWN,
    }


def _first(parts: Found, name: str) -> etree._Element | None:
    elements = parts.get(name)
    return elements[0] if elements else None


def _native_id(poster: etree._Element | None, parts: Found) -> str | None:
    links = [link.get("href") or "" for link in poster.iter("a")] if poster is not None else []
    actions = [form.get("action") or "" for form in parts.get("form", ())]
    return next((found for href in (*links, *actions) if (found := addresses.named_in(href))), None)


def _author(parts: Found, line: str) -> Author | None:
    names = (visible(bold) for bold in parts.get("b", ()) if "CommentPoster" in _around(bold))
    name = next(filter(None, names), None)
    match = _STANDING.search(line)
    if match is None:
        return Author(name=name) if name else None
    standing = _NO_LETTERS.sub("", match["standing"]).strip()
    return Author(
        name=name,
        native_id=match["id"],
        is_staff=standing == "editor",
        marks=(Mark(kind=standing),) if standing else (),
    )


def _around(element: etree._Element) -> str:
    parent = element.getparent()
    return (parent.get("class") or "") if parent is not None else ""


def _body(section: Section, poster: etree._Element | None) -> Shown[str]:
    formatted, body = _first(section.parts, "FormattedComment"), _first(section.parts, "CommentBody")
    if formatted is not None:
        return inner_html(formatted)
    if body is not None:
        return inner_html(body, without=poster)
    summary = _first(section.parts, "summary")
    return _between(summary) if summary is not None else NOT_SHOWN


def _between(summary: etree._Element) -> str:
    """Return what stands between the heading of a box and its button or its first reply."""
    pieces = [escape(summary.tail or "", quote=False)]
    for element in summary.itersiblings():
        if _NOT_BODY(element):
            break
        pieces.append(etree.tostring(element, encoding="unicode", method="html"))
    return "".join(pieces)
