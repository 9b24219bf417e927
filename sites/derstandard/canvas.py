"""The forum below an article of 2011: postings in one flat list, indented by how deep they stand."""

import json
import re
from typing import Any

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown
from belowtheline.reading.markup import Section, Sections, inner_html, visible
from belowtheline.reading.page import Page
from belowtheline.sites.derstandard import addresses, wording

_SECTIONS = Sections("up", classes=("thread", "uname", "row2", "txt", "follow"), tags=("a",), closed=("txt", "uname"))
_RATINGS = re.compile(r"ratingData\s{0,9}=\s{0,9}(\{[^{}]{0,2000000}\})")
_INDENT = re.compile(r"padding-left:\s{0,9}(\d{1,6})px")
_STEP = 7
"""Pixels by which a reply stands further in; a posting on the article stands one step in."""
_CANVAS = "communityCanvas"


def container(page: Page) -> etree._Element | None:
    """Return the element that holds the forum, None where the page has none of this form."""
    if _CANVAS not in page.text:
        return None
    return next((part for part in page.root.iter("div") if part.get("id") == _CANVAS), None)


def read_canvas(forum: etree._Element, page: Page, article: str | None) -> tuple[Comment, ...]:
    """Return the postings of a page in its order."""
    ratings = _ratings(page)
    comments: list[Comment] = []
    above: list[tuple[int, str | None]] = []
    for position, section in enumerate(_SECTIONS(forum), 1):
        depth, key = _depth(section), _key(section)
        while above and (depth is None or above[-1][0] >= depth):
            above.pop()
        parent: Shown[str] = NOT_SHOWN
        if depth == 0:
            parent = None
        elif depth is not None and above and above[-1][0] == depth - 1:
            # A page may begin in the middle of a branch: what its first postings answer is on the page before.
            parent = above[-1][1] or NOT_SHOWN
        if depth is not None:
            above.append((depth, key))
        comments.append(
            Comment(
                position=position,
                parent_native_id=parent,
                depth=NOT_SHOWN if depth is None else depth,
                **_fields(section, key, page, article, ratings),
            )
        )
    return tuple(comments)


def _fields(
    section: Section, key: str | None, page: Page, article: str | None, ratings: dict[str, tuple[int, ...]] | None
) -> dict[str, Any]:
    text = _first(section, "txt")
    title = text.find("strong") if text is not None and not (text.text or "").strip() else None
    if title is not None and text is not None and title is not text[0]:
        title = None  # bold words in the middle of a body
    published = visible(_first_of(section, "row2", "l"))
    rated = ratings.get(key or "") if ratings is not None else None
    return {
        "native_id": key,
        "author": _author(section),
        "title": visible(title) or None,
        "title_source": "page",
        "body_html": NOT_SHOWN if text is None else inner_html(text, without=title),
        "published_raw": published or NOT_SHOWN,
        "published_source": "text" if published else None,
        "deletion": None,
        "upvotes": NOT_SHOWN if ratings is None else rated[0] + rated[1] if rated else None,
        "downvotes": NOT_SHOWN if ratings is None else rated[2] if rated else None,
        "url": addresses.permalink(page.url, article, key) if article and key else NOT_SHOWN,
        "marks": NOT_SHOWN if ratings is None else wording.rating_marks(rated or ()),
    }


def _first(section: Section, name: str) -> etree._Element | None:
    found = section.parts.get(name)
    return found[0] if found else None


def _first_of(section: Section, name: str, inner: str) -> etree._Element | None:
    around = _first(section, name)
    return next((child for child in around if child.get("class") == inner), None) if around is not None else None


def _depth(section: Section) -> int | None:
    match = _INDENT.search(section.element.get("style") or "")
    return max(int(match[1]) // _STEP - 1, 0) if match else None


def _key(section: Section) -> str | None:
    """Return the posting's id: of its block, else of its anchor."""
    thread = _first(section, "thread")
    own = (thread.get("id") or "").removeprefix("t") if thread is not None else ""
    names = (own, *((link.get("name") or "").removeprefix("pid") for link in section.parts.get("a", ())))
    return next((name for name in names if name.isascii() and name.isdecimal()), None)


def _author(section: Section) -> Author | None:
    name = visible(_first(section, "uname"))
    if not name:
        return None
    followers = visible(_first(section, "follow"))
    marks = (Mark(kind="followers", value=followers),) if isinstance(wording.number(followers), int) else NOT_SHOWN
    return Author(name=name, kind="account", marks=marks)


def _ratings(page: Page) -> dict[str, tuple[int, ...]] | None:
    """Return the three ratings by posting, which the page's script has for those that were rated; None without it."""
    # What the page has of it is found faster than what a pattern would search for.
    match = _RATINGS.match(page.text, page.text.find("ratingData"))
    if match is None:
        return None
    try:
        found = json.loads(match[1])
    except ValueError:
        return None
    return {
        key: tuple(numbers)
        for key, numbers in found.items()
        if isinstance(numbers, list) and len(numbers) == len(wording.RATINGS) and all(type(n) is int for n in numbers)
    }
