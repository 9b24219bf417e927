"""One comment of a discussion's HTML page, in the markup of 2013 to 2020 and in the two before it."""

import re
from typing import Any

from lxml import etree

from belowtheline.reading.instants import first_usable, usable
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown
from belowtheline.reading.markup import Found, Section, Sections, inner_html, visible
from belowtheline.reading.numbers import only_count
from belowtheline.sites.guardian import addresses, wording

FORMS = (
    Sections(
        "d-comment",
        classes=(
            "d-comment__author", "d-comment__body", "d-comment__avatar", "d-comment__pick", "d-comment__recommend",
            "d-comment__action--recommend", "d-comment__recommend-count", "d-comment__recommend-count--old",
            "d-comment__author-status", "d-badge", "d-comment__reply-to", "js-discussion-author-link",
            "d-comment__timestamp",
        ),
        tags=("time",),
        closed=("d-comment__body",),
    ),
    Sections("d2-comment", classes=("d2-username", "d2-body", "d2-datetime", "d2-avatar"), tags=("a",),
             closed=("d2-body",)),
    Sections("comment", classes=("profile", "date", "comment-body", "recommended", "reply", "staff", "contributor"),
             tags=("a",), closed=("comment-body",)),
)  # fmt: skip
"""The comments of a page, newest markup first; what a reader wrote in a body is no part of a comment."""
_BODIES = ("d-comment__body", "d2-body", "comment-body")
_ID = re.compile(r"(?:comment-|comment-permalink/|report-abuse(?:-ajax)?/|/comment/)(\d{1,19})$")
_USER = re.compile(r"/user/(?:id/)?([\w.-]{1,100})/?$|/users?/([\w.-]{1,100})/?$")


def find_sections(root: etree._Element) -> list[Section]:
    """Return the comments of a page by the newest markup it has; a bare class `comment` is its navigation's as well."""
    for form in FORMS:
        sections = form(root)
        if form is FORMS[-1]:
            sections = [section for section in sections if "comment-body" in section.parts or _key(section)]
        if sections:
            return sections
    return []


def read_rendered(sections: list[Section], base: str) -> tuple[tuple[Comment, ...], int]:
    """Return the comments of a page in its order, and how often nesting and reply link disagree."""
    on_page = {key for section in sections if (key := _key(section))}
    comments: list[Comment] = []
    above: list[tuple[int, str | None]] = []
    depths: dict[str | None, int] = {}
    roots: dict[str | None, str | None] = {}
    disagreements = 0
    for position, section in enumerate(sections, 1):
        while above and above[-1][0] >= section.lists:
            above.pop()
        key, around = _key(section), above[-1][1] if above else None
        answered = _answered(section)
        parent = answered or around
        root = above[0][1] if above else key
        disagreements += bool(above) and answered in on_page and roots.get(answered, root) != root
        depth = depths.get(parent, -2) + 1 if parent else 0
        if depth != -1:
            depths[key] = depth
        roots[key] = root
        above.append((section.lists, key))
        comments.append(_read(section, base, position, parent, NOT_SHOWN if depth == -1 else depth))
    return tuple(comments), disagreements


def more_replies(sections: list[Section]) -> dict[str, int]:
    """Return how many replies comments count beyond those nested in them, which a page without nesting has none of."""
    tops = [section for section in sections if section.lists == sections[0].lists]
    held = {id(top.element): -1 for top in tops}
    current = None
    for section in sections:
        current = id(section.element) if id(section.element) in held else current
        if current is not None:
            held[current] += 1
    told = {}
    for top in tops:
        count = wording.number(top.element.get("data-comment-replies") or "")
        key, here = _key(top), held[id(top.element)]
        if here and key and isinstance(count, int) and count > here:
            told[key] = count - here
    return told


def _read(section: Section, base: str, position: int, parent: str | None, depth: Shown[int]) -> Comment:
    found, states = section.parts, section.element.get("class", "").split()
    key, body = _key(section), _first(found, *_BODIES)
    fields: dict[str, Any] = _date(section)
    html = NOT_SHOWN if body is None else inner_html(body)
    is_blocked = isinstance(html, str) and wording.MODERATOR in html and wording.is_blocked(visible(body))
    if is_blocked or "d-comment--blocked" in states:
        fields["deletion"] = "moderator"
    else:
        fields |= {"deletion": None, "body_html": html}
    is_flat = "d2-comment" not in states and "d-comment" not in states
    picked = "d-comment__pick" in found or not {"d-comment--highlighted", "d-comment--pick"}.isdisjoint(states)
    return Comment(
        native_id=key,
        position=position,
        parent_native_id=NOT_SHOWN if is_flat else parent,
        depth=NOT_SHOWN if is_flat else depth,
        author=_author(section, base),
        upvotes=_recommended(found),
        url=addresses.permalink(base, key) if key else NOT_SHOWN,
        marks=(wording.PICK,) if picked else () if "d-comment" in states else NOT_SHOWN,
        **fields,
    )


def _first(found: Found, *names: str) -> etree._Element | None:
    return next((found[name][0] for name in names if name in found), None)


def _key(section: Section) -> str | None:
    element = section.element
    if own := element.get("data-comment-id"):
        return own
    links = [link.get("href") or "" for link in section.parts.get("a", ())]
    said = (element.get("id") or "", *links)
    return next((match[1] for text in said if (match := _ID.search(text.split("?")[0]))), None)


def _answered(section: Section) -> str | None:
    link = _first(section.parts, "js-discussion-author-link", "d-comment__reply-to")
    if link is not None and link.tag != "a":
        link = link.find(".//a")
    match = _ID.search(link.get("href") or "") if link is not None else None
    return match[1] if match and match[1] != _key(section) else None


def _date(section: Section) -> dict[str, Any]:
    own, time = section.element.get("data-comment-timestamp"), _first(section.parts, "time")
    stamp = time.get("datetime") if time is not None else None
    if raw := next((raw for raw in (own, stamp) if raw and usable(raw)), None):
        return {"published_raw": raw, "published_source": "iso"}
    shown = visible(_first(section.parts, "time", "d-comment__timestamp", "d2-datetime", "date"))
    raw = first_usable(own, stamp, shown)
    return {"published_raw": raw, "published_source": "text"} if raw else {}


def _author(section: Section, base: str) -> Author:
    found, element = section.parts, section.element
    named = _first(found, "d-comment__author", "d2-username", "profile")
    link = named if named is not None and named.tag == "a" else _named_link(named)
    href = (link.get("href") or "") if link is not None else ""
    user = _USER.search(href)
    image = _first(found, "d-comment__avatar", "d2-avatar")
    source = image.get("src") if image is not None else None
    badges, shows_badges = _badges(section), "d-comment" in element.get("class", "").split()
    native_id = element.get("data-comment-author-id") or (user[1] or user[2] if user else None)
    return Author(
        name=element.get("data-comment-author") or visible(named if link is None else link) or None,
        native_id=native_id or NOT_SHOWN,
        profile_url=addresses.resolve(href, base) if href else NOT_SHOWN,
        image_url=addresses.resolve(source, base) if source else NOT_SHOWN,
        kind="account",
        is_staff=wording.works_for_it(badges) if badges or shows_badges else None,
        badge=badges[0] if badges else None if shows_badges else NOT_SHOWN,
        marks=tuple(Mark(kind="badge", value=badge) for badge in badges[1:]) if shows_badges else NOT_SHOWN,
    )


def _named_link(element: etree._Element | None) -> etree._Element | None:
    """Return the link with the account's name; the first one may be around its picture."""
    links = list(element.iter("a")) if element is not None else []
    return next((link for link in links if visible(link)), None)


def _badges(section: Section) -> tuple[str, ...]:
    found, states = section.parts, section.element.get("class", "").split()
    parts = found.get("d-badge") or found.get("d-comment__author-status") or ()
    said = [part.get("title") or visible(part) for part in parts]
    for name, badge in (("staff", "Staff"), ("contributor", "Contributor")):
        if not said and (f"d-comment--{name}" in states or name in states or name in found):
            said.append(badge)
    return tuple(dict.fromkeys(badge for badge in said if badge))


def _recommended(found: Found) -> Shown[int]:
    for name in ("d-comment__recommend", "d-comment__action--recommend"):
        for part in found.get(name, ()):
            if (count := part.get("data-recommend-count")) is not None:
                return wording.number(count)
    shown = _first(found, "d-comment__recommend-count--old", "d-comment__recommend-count", "recommended")
    found_count = only_count(shown)
    return NOT_SHOWN if found_count is None else found_count
