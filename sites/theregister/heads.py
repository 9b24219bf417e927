"""Who wrote a post, when, under which badge and icon: what stands around its body."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lxml import etree

from belowtheline.reading.items import Author, Icon
from belowtheline.reading.markup import visible
from belowtheline.sites.theregister import addresses, wording
from belowtheline.sites.theregister.parts import ICON_PATH, Part, Parts

_POST_ID = re.compile(r"c_(\w+)$")
_IN_FRAGMENT = re.compile(r"#c_(\d+)$")
_LAST_SEGMENT = re.compile(r"/(?:c_)?(\d+)/?(?:[?#][^/?#]*)?$")
_USER = re.compile(r"/user/([^/?#\s]+)")
_DATE = r"\w+,? \d{1,2}(?:st|nd|rd|th)? \w+ \d{4},? \d{1,2}:\d\d(?: [A-Z]{2,4}\b)?"
_POSTED = re.compile(rf"\bPosted (?P<date>{_DATE})")
_BYLINE = re.compile(rf"(?<!\S)By (?P<name>\S.{{0,199}}) Posted (?P<date>{_DATE})")
"""The name is taken up to the last date: "Posted" may stand in a name, and a date does not."""
_EPOCH = re.compile(r"[0-9]{9,11}")
_DATED = ("time_stamp", "dateline", "date", "permalink")


def permalink_of(parts: Parts) -> tuple[etree._Element | None, str | None]:
    """Return the element that names a post, and the id that it gives."""
    links = [part.element for part in parts.all if "permalink" in part.names]
    for link in chain(links, filter(_names_post, _places(parts))):
        if native_id := _id_of(link):
            return link, native_id
    return (links[0] if links else None), None


def _places(parts: Parts) -> Iterator[etree._Element]:
    """Yield what else may bear a post's id; the element around it last, which costs a climb in deep pages."""
    yield from (part.element for part in parts.all)
    yield parts.post
    if (around := parts.post.getparent()) is not None and not parts.is_gone:
        yield around


def _names_post(element: etree._Element) -> bool:
    return any((element.get(name) or "").startswith("c_") for name in ("id", "name"))


def _id_of(link: etree._Element) -> str | None:
    named = next((name for key in ("id", "name") if (name := link.get(key) or "").startswith("c_")), "")
    href = link.get("href") or ""
    match = _POST_ID.match(named) or _POST_ID.search(href) or _LAST_SEGMENT.search(href)
    return match[1] if match else None


def reply_link(parts: Parts, own_id: str | None) -> str | None:
    """Return the parent's id from `.in-reply-to`, or from the second `.permalink` of 2010."""
    for part in parts.all:
        if "in-reply-to" in part.names:
            link = part.element if part.element.tag == "a" else part.element.find(".//a")
            return _post_of(link)
    others = (part.element for part in parts.all if "permalink" in part.names)
    return next((number for link in list(others)[1:] if (number := _post_of(link)) not in (None, own_id)), None)


def _post_of(link: etree._Element | None) -> str | None:
    href = (link.get("href") or "").strip() if link is not None else ""
    match = _IN_FRAGMENT.search(href)
    if match is None and not addresses.topic_key(href):
        match = _LAST_SEGMENT.search(href)
    return match[1] if match else None


def date_of(parts: Parts) -> dict[str, Any]:
    """Return when a post was written, as published: by its attributes first, then by its words."""
    epochs = [epoch for part in parts.all if (epoch := part.element.get("data-epoch"))]
    if sure := next(filter(_EPOCH.fullmatch, epochs), None):
        return {"published_raw": sure, "published_source": "epoch"}
    for part in parts.all:
        if part.element.tag == "time" and (at := (part.element.get("datetime") or "").strip()):
            return {"published_raw": at, "published_source": "iso"}
    match = _BYLINE.search(parts.text) or _POSTED.search(parts.text)
    said = match["date"] if match else _dated_words(parts) or next(iter(epochs), None)
    return {"published_raw": said, "published_source": "text"} if said else {}


def _dated_words(parts: Parts) -> str | None:
    timed = (part.element for part in parts.all)
    places = [element for element in timed if element.tag == "time" or element.get("data-epoch") is not None]
    titled = set(parts.title.iter()) if parts.title is not None else set()  # "Windows 7" is no date
    dated = [part for name in _DATED for part in parts.all if name in part.names]
    places += [part.element for part in dated if "permalink" not in part.names or part.element not in titled]
    texts = (visible(element) for element in places)
    return next((text for text in texts if any(character.isdigit() for character in text)), None)


def author_of(parts: Parts, is_staff: bool, base: str) -> Author | None:
    """Return who wrote a post; None where it names nobody."""
    shown = parts.first("author")
    byline = _BYLINE.search(parts.text) if shown is None else _BYLINE.search(visible(shown))
    link = _user_link(parts, shown) if shown is not None or byline is not None else None
    if shown is None and link is None:
        staff = True if byline is not None and wording.STAFF_SUFFIX in byline["name"] else None
        return Author(name=byline["name"], is_staff=staff) if byline is not None else None
    href = (link.get("href") or "") if link is not None else ""
    user = _USER.search(href)
    whole = visible(shown if shown is not None else link) if byline is None else byline["name"]
    badge = _badge(parts)
    name = (visible(link) if link is not None else "") or (whole.removesuffix(badge).rstrip() if badge else whole)
    return Author(
        name=name or None,
        native_id=user[1] if user else None,
        profile_url=addresses.resolve(href, base) if user else None,
        is_staff=True if is_staff or wording.STAFF_SUFFIX in whole or _says_staff(parts) else None,
        badge=badge,
    )


def _says_staff(parts: Parts) -> bool:
    tails = (part.element.tail for part in parts.head)
    return any(tail and wording.STAFF_SUFFIX in tail for tail in tails) and wording.STAFF_SUFFIX in parts.text


def _user_link(parts: Parts, shown: etree._Element | None) -> etree._Element | None:
    """Return the link to the author's page, else any link that the author's element is or has."""
    inside = [shown, *shown.iterdescendants("a")] if shown is not None else [part.element for part in parts.head]
    links = [element for element in inside if element.tag == "a"]
    users = (link for link in links if _USER.search(link.get("href") or "") and visible(link))
    return next(users, links[0] if links and shown is not None else None)


def _badge(parts: Parts) -> str | None:
    icons = parts.first("user_icons")
    if icons is None:
        alts = (_described(part.element) for part in parts.head if part.element.tag == "img")
        return next((alt for alt in alts if alt in wording.BADGES), None)
    said = visible(icons) or " ".join(_described(image) for image in icons.iter("img")).strip()
    return next((badge for badge in wording.BADGES if badge in said), said or None)


def icon_of(parts: Parts, base: str) -> Icon | None:
    """Return the picture chosen for a post: by its address, or by its place between author and title."""
    images = [part for part in parts.head if part.element.tag == "img" and not _is_badge(part)]
    images += [part for part in parts.foot if ICON_PATH in (part.element.get("src") or "")]
    by_path = (part for part in images if "/icons/" in (part.element.get("src") or ""))
    by_place = (part for part in images if not part.zone and _described(part.element))
    part = next(by_path, None) or next(by_place, None)
    if part is None:
        return None
    return icon_in(part.element, base)


def icon_in(image: etree._Element, base: str) -> Icon:
    """Return the icon that an image is."""
    return Icon(name=_described(image) or None, image_url=addresses.resolve(image.get("src") or "", base))


def _is_badge(part: Part) -> bool:
    source, said = part.element.get("src") or "", _described(part.element)
    is_comment_icon = ICON_PATH in source
    return part.zone == "badges" or said in wording.BADGES or ("badge" in source and not is_comment_icon) or not source


def _described(image: etree._Element) -> str:
    return (image.get("alt") or image.get("title") or "").strip()
