"""One post of a forum page, in every markup since 2009, and the tree that posts stand in."""

import re
from typing import Any

from lxml import etree

from belowtheline.scraper.items import NOT_SHOWN, Author, Comment, Deletion, Icon, Shown
from belowtheline.scraper.markup import Found, Section, Sections, inner_html, visible, words
from belowtheline.scraper.numbers import whole_number
from belowtheline.scraper.sites.theregister import addresses, wording

SECTIONS = Sections(
    "post",
    classes=("permalink", "author", "user_icons", "body", "in-reply-to", "actions", "up", "down", "time_stamp"),
    tags=("img", "h3", "h4", "span", "time"),
    closed=("body", "actions"),
)
"""The posts of a container; what a reader wrote in a body is no part of a post."""
_HEADINGS = ("h4", "h3")
_POST_ID = re.compile(r"c_(\w+)$")
_LAST_SEGMENT = re.compile(r"(?:c_)?(\d+)/?$")
_USER = re.compile(r"/user/(\w+)")
_POSTED = re.compile(r"\bPosted\s+(\w+ \d{1,2}(?:st|nd|rd|th)? \w+ \d{4} \d{1,2}:\d\d(?: \w+)?)")
_BY = re.compile(r"(?:^|\s)By\s+(.{1,200}?)\s+Posted\b", re.DOTALL)


def read_posts(sections: list[Section], base: str, page_url: str) -> tuple[tuple[Comment, ...], int]:
    """Return the comments of a page in its order, and how often nesting and reply link disagree.

    Addresses of posts and users are told from the topic's (`base`), those of pictures from the page's own.
    """
    comments: list[Comment] = []
    latest: dict[int, Comment] = {}
    disagreements = 0
    is_nested = any(section.lists for section in sections)
    on_page: set[str] = set()
    for position, section in enumerate(sections, 1):
        depth = section.lists - 1 if section.lists else None
        above = latest.get(depth - 1) if depth else None
        linked = _reply_link(section.parts)
        if above is not None:
            disagreements += linked is not None and above.native_id not in (None, linked)
        else:
            disagreements += is_nested and linked in on_page
        comment = _placed(_read_post(section, base, page_url), position, depth, linked, above)
        on_page.add(comment.native_id or "")
        comments.append(comment)
        if depth is not None:
            latest[depth] = comment
    return tuple(comments), disagreements


def _placed(
    fields: dict[str, Any], position: int, depth: int | None, linked: str | None, above: Comment | None
) -> Comment:
    parent: Shown[str] = linked
    # Nesting names the parent where no link does, and it is all that ties replies to a tombstone without an id.
    parent_position = above.position if above is not None and above.native_id is None else None
    if linked is None and above is not None:
        parent = above.native_id or NOT_SHOWN
    elif linked is None and depth is None:
        parent = NOT_SHOWN
    shown_depth: Shown[int] = NOT_SHOWN if depth is None else depth
    return Comment(
        position=position, depth=shown_depth, parent_native_id=parent, parent_position=parent_position, **fields
    )


def _read_post(section: Section, base: str, page_url: str) -> dict[str, Any]:
    found = section.parts
    states = section.element.get("class", "").split()
    permalink, native_id = _identity(found)
    deletion = _deletion(section) if native_id is None or "deleted" in states else None
    fields = _date(section)
    fields["native_id"], fields["deletion"] = native_id, deletion
    href = permalink.get("href", "") if permalink is not None and native_id else ""
    if href and not (href[0] == "#" and base == addresses.UNKNOWN):
        fields["url"] = addresses.resolve(href, base)
    if deletion:
        return fields
    heading = _heading(found)
    fields["author"] = _author(section, "staff" in states, base)
    fields["icon"] = _icon(found, page_url)
    fields["title"] = visible(heading) or None
    fields["title_source"] = "page"
    fields["body_html"] = _body_html(found, heading)
    fields["is_edited"] = "edited" in states
    fields["upvotes"], fields["downvotes"] = _votes(found)
    return fields


def _deletion(section: Section) -> Deletion | None:
    body = _first(section.parts, "body")
    said = wording.deletion(visible(section.element if body is None else body))
    return said or ("unknown" if "deleted" in section.element.get("class", "").split() else None)


def _first(found: Found, name: str) -> etree._Element | None:
    elements = found.get(name)
    return elements[0] if elements else None


def _identity(found: Found) -> tuple[etree._Element | None, str | None]:
    permalink = _first(found, "permalink")
    if permalink is None:
        return None, None
    match = (
        _POST_ID.match(permalink.get("id") or "")
        or _POST_ID.search(permalink.get("href") or "")
        or _LAST_SEGMENT.search(permalink.get("href") or "")
    )
    return permalink, match[1] if match else None


def _reply_link(found: Found) -> str | None:
    """Return the parent's id from `.in-reply-to`, or from the second `.permalink` of 2010."""
    link = _first(found, "in-reply-to")
    if link is None:
        link = found["permalink"][1] if len(found.get("permalink", ())) > 1 else None
    if link is not None and link.tag != "a":
        link = link.find(".//a")
    match = _LAST_SEGMENT.search(link.get("href") or "") if link is not None else None
    return match[1] if match else None


def _date(section: Section) -> dict[str, Any]:
    found = section.parts
    for name in ("span", "time", "time_stamp", "permalink"):
        for part in found.get(name, ()):
            if epoch := part.get("data-epoch"):
                return {"published_raw": epoch, "published_source": "epoch"}
    match = _POSTED.search(_head_text(section))
    if match:
        return {"published_raw": match[1], "published_source": "text"}
    for name in ("time_stamp", "permalink"):
        text = visible(_first(found, name))
        if any(character.isdigit() for character in text):
            return {"published_raw": text, "published_source": "text"}
    return {}


def _head_text(section: Section) -> str:
    """Return the text of a post before its body, without its title: there the forms of 2009 keep author and date."""
    body, heading = _first(section.parts, "body"), _heading(section.parts)
    texts: list[str] = []
    for child in section.element.iter():
        if child is body:
            break
        is_outside = child is not heading and (heading is None or heading not in child.iterancestors())
        texts.append((child.text or "") if is_outside else "")
        texts.append((child.tail or "") if child is not section.element else "")
    return " ".join(" ".join(texts).split())


def _author(section: Section, is_staff: bool, base: str) -> Author | None:
    shown = _first(section.parts, "author")
    if shown is None:
        match = _BY.match(_head_text(section))
        return Author(name=match[1]) if match else None
    link = shown if shown.tag == "a" else next(shown.iter("a"), None)
    href = link.get("href", "") if link is not None else ""
    user = _USER.search(href)
    whole = visible(shown)
    name = whole if link is None or link is shown else visible(link)
    badge = _badge(section.parts)
    if badge:
        name = name.removesuffix(badge).rstrip()
    by = _BY.match(name) if name.startswith("By") else None
    return Author(
        name=(by[1] if by else name) or None,
        native_id=user[1] if user else None,
        profile_url=addresses.resolve(href, base) if user else None,
        is_staff=True if is_staff or wording.STAFF_SUFFIX in whole else None,
        badge=badge,
    )


def _badge(found: Found) -> str | None:
    icons = _first(found, "user_icons")
    if icons is None:
        return None
    said = visible(icons) or " ".join(image.get("alt") or image.get("title") or "" for image in icons.iter("img"))
    return next((badge for badge in wording.BADGES if badge in said), said or None)


def _icon(found: Found, base: str) -> Icon | None:
    for image in found.get("img", ()):
        source = image.get("src") or ""
        if "/icons/" in source and "badge" not in source:
            return Icon(name=(image.get("alt") or "").strip() or None, image_url=addresses.resolve(source, base))
    return None


def _heading(found: Found) -> etree._Element | None:
    headings = found.get("h4") or found.get("h3")
    if headings:
        return headings[0]
    body = _first(found, "body")
    if body is None:
        return None
    first = next(iter(body), None)
    if first is None or first.tag in _HEADINGS:
        return first  # most often, and without a look at the others
    child = next(body.iterchildren(*_HEADINGS), None)
    return child if child is not None else _leading(body)


def _leading(element: etree._Element) -> etree._Element | None:
    """Return the heading that a body opens with, however deep it stands."""
    while len(element) and not (element.text or "").strip():
        element = element[0]
        if element.tag in _HEADINGS:
            return element
        if element.tag in ("blockquote", "pre"):
            return None
    return None


def _body_html(found: Found, heading: etree._Element | None) -> Shown[str]:
    body = _first(found, "body")
    if body is None:
        return NOT_SHOWN
    is_inside = heading is not None and (heading.getparent() is body or body in heading.iterancestors())
    return inner_html(body, without=heading if is_inside else None)


def _votes(found: Found) -> tuple[Shown[int], Shown[int]]:
    """Return votes up and down: the inputs of 2010, or the two numbers among the actions since 2016."""
    if "up" in found or "down" in found:
        return _input_value(found, "up"), _input_value(found, "down")
    actions = _first(found, "actions")
    if actions is None:
        return NOT_SHOWN, NOT_SHOWN
    # Each number is a part of its own on the pages seen; where it is not, all words are looked at.
    counts = _counts([text.strip() for child in actions if (text := child.text)])
    counts = counts if len(counts) == 2 else _counts(words(actions))
    return (counts[0], counts[1]) if len(counts) == 2 else (NOT_SHOWN, NOT_SHOWN)


def _counts(said: list[str]) -> list[int]:
    return [number for word in said if (number := whole_number(word)) is not None]


def _input_value(found: Found, name: str) -> Shown[int]:
    values = [element.get("value") or "" for element in found.get(name, ()) if element.tag == "input"]
    number = whole_number(values[0]) if values else None
    return NOT_SHOWN if number is None else number
