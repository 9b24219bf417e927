"""One comment of a WordPress page: its author, date and place, in the forms of the core's walker and of themes."""

import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

from lxml import etree

from belowtheline.reading.instants import usable
from belowtheline.reading.items import NOT_SHOWN, Comment, Mark, Shown
from belowtheline.reading.markup import visible
from belowtheline.sites.wordpress.addresses import resolve
from belowtheline.sites.wordpress.authors import Named, is_button, names_like, plain, read_author
from belowtheline.sites.wordpress.bodies import read_body
from belowtheline.sites.wordpress.bylines import date_in, has_day, is_date
from belowtheline.sites.wordpress.classes import BYLINES, DATES, WAITING, role_of
from belowtheline.sites.wordpress.parts import Comments, Section
from belowtheline.sites.wordpress.unread import place_of_unread

_LINE_TAGS = ("small", "abbr", "cite", "span", "em", "i", "p", "div", "a", "h5", "h6", "td")
_BLOCKS = ("p", "div", "ul", "ol", "table", "blockquote")
_LEVELS = 6
_PROSE = ("p", "blockquote", "li")
_STARTS_AS_ISO = re.compile(r"\d{4}-\d")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.{0,16})?$")


def read_comments(found: Comments, base: str, likes: dict[str, int]) -> tuple[Comment, ...]:
    """Return the comments of a page; pingbacks and trackbacks are none. `likes` are the counts by id."""
    written = [section for section in found.sections if not section.is_ping]
    names = names_like(written, found.stops)
    return tuple(
        Comment(
            native_id=section.number,
            position=position,
            depth=section.depth,
            parent_native_id=_parent(section),
            upvotes=likes.get(section.number, NOT_SHOWN),
            marks=tuple(_marks(section)),
            **_read(section, names.get(section.number), found, base),
        )
        for position, section in enumerate(written, 1)
    )


def _parent(section: Section) -> Shown[str]:
    # A pingback that was answered is no comment: a mark says so, and the parent is left open.
    if section.above is None:
        return None
    return NOT_SHOWN if section.above.is_ping else section.above.number


def _marks(section: Section) -> Iterator[Mark]:
    if "bypostauthor" in section.names:
        yield Mark(kind="post author")
    if WAITING in section.parts:
        yield Mark(kind="awaiting moderation")
    if section.above is not None and section.above.is_ping:
        yield Mark(kind="answers pingback", value=section.above.number)


def _read(section: Section, name: Named | None, found: Comments, base: str) -> dict[str, Any]:
    permalink = _permalink(section)
    fields, date = _date(section, permalink, name, found.stops)
    heads = [name.element if name else None, permalink, section.first(("time",)), section.first(DATES), date]
    is_nameless = name is None and place_of_unread(section, found) is None
    fields["author"] = None if is_nameless else read_author(section, name, base)
    fields["body_html"] = read_body(section, found, [head for head in heads if head is not None])
    if permalink is not None:
        fields["url"] = resolve(permalink.get("href", ""), base) or NOT_SHOWN
    return fields


def _permalink(section: Section) -> etree._Element | None:
    """Return the link to the comment itself, the one with a date in it if there are several."""
    end = f"comment-{section.number}"
    links = [
        link
        for link in section.all_of(("a",))
        if (href := link.get("href")) and href.endswith(end) and "#" in href and not is_button(link)
    ]
    return next((link for link in links if _has_digit(visible(link))), links[0] if links else None)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _date(
    section: Section, permalink: etree._Element | None, name: Named | None, stops: frozenset[etree._Element]
) -> tuple[dict[str, Any], etree._Element | None]:
    """Return the fields of a comment's date, and the element that shows it."""
    timed = section.all_of(("time", "a"))
    stamps = [(stamp, element) for element in timed if (stamp := (element.get("datetime") or "").strip())]
    for stamp, element in stamps:
        if _STARTS_AS_ISO.match(stamp) and usable(stamp):
            return {"published_raw": stamp, "published_source": "iso"}, element
    found = next((one for one in _dates_in_words(section, permalink) if has_day(one[0])), None)
    if found is None:
        found = _less_plain_date(section, permalink, name, stops)
    if found is None:
        return ({"published_raw": stamps[0][0]}, stamps[0][1]) if stamps else ({}, None)
    text, element = found
    is_iso = _ISO.match(text) is not None
    raw = text if is_iso else date_in(text, name.text if name else None)
    return {"published_raw": raw, "published_source": "iso" if is_iso else "text"}, element


def _less_plain_date(
    section: Section, permalink: etree._Element | None, name: Named | None, stops: frozenset[etree._Element]
) -> tuple[str, etree._Element] | None:
    """Return a date that no known class marks, else what a known class marks and is no plain date."""
    found = next(_other_dates(section, stops), None)
    if found is None and name is not None:
        found = next(_beside(name.element), None)
    known = [one for one in _dates_in_words(section, permalink) if _has_digit(one[0])] if found is None else []
    found = found or next((one for one in known if is_date(one[0])), None)
    # "#12" counts comments
    return found or next((one for one in known if not one[0].strip(" #.()").isdecimal()), None)


def _dates_in_words(section: Section, permalink: etree._Element | None) -> Iterator[tuple[str, etree._Element]]:
    if permalink is not None:
        yield visible(permalink), permalink
    for part in section.all_of(("time", *DATES)):
        yield (part.get("title") or "" if "wpd-comment-date" in (part.get("class") or "") else ""), part
        yield plain(part), part
    byline = section.first(BYLINES)
    if byline is not None:
        yield " ".join(" ".join(child.tail or "" for child in byline).split()), byline


def _other_dates(section: Section, stops: frozenset[etree._Element]) -> Iterator[tuple[str, etree._Element]]:
    """Yield what reads as a date though no known class says so: attributes first, then short texts."""
    own = [element for element in section.own_elements(stops) if not is_button(element)]
    for element in own:
        for name in ("datetime", "content", "title"):
            if _ISO.match(value := (element.get(name) or "").strip()):
                yield value, element
    lines = [element for element in own if all(part is element for part in element.iter(*_BLOCKS))]
    roles = [(element, role_of(element.get("class") or "")) for element in lines]
    for element, role in roles:
        if role in ("date", "byline", "name") and has_day(text := plain(element)):
            yield text, element
    plainer = [part for part, role in roles if role is None and part.tag in _LINE_TAGS and not _is_prose(part, section)]
    dated = [(text, part) for part in plainer if has_day(text := plain(part))]
    around = {up for _, part in dated for up in islice(part.iterancestors(), _LEVELS)}
    yield from ((text, part) for text, part in dated if part not in around)


def _beside(name: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield the dates in the line of a name, after it or in the same words."""
    yield from ((text, name) for text in (plain(name), " ".join((name.tail or "").split())) if has_day(text))
    for part in name.itersiblings():
        if part.tag in _BLOCKS:
            return
        yield from ((text, part) for text in (plain(part), " ".join((part.tail or "").split())) if has_day(text))


def _is_prose(element: etree._Element, section: Section) -> bool:
    """Return whether an element without a class is one of the author's paragraphs, or a part of one."""
    if element.get("class") is not None or element.tag in ("small", "abbr", "cite"):
        return False
    around = takewhile(lambda up: up is not section.element, islice(element.iterancestors(), 4))
    return element.tag in ("p", "div", "li") or any(up.tag in _PROSE for up in around)
