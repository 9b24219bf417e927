"""The forum of 2013 to 2022: postings whose attributes name them, their parents and their accounts."""

from typing import Any

from lxml import etree

from belowtheline.reading.instants import first_usable
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown
from belowtheline.reading.markup import Section, Sections, inner_html, visible
from belowtheline.reading.numbers import only_count
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.derstandard import addresses, wording

_SECTIONS = Sections(
    "posting",
    classes=(
        "posting-content", "upost-text", "upost-title", "timestamp", "js-timestamp", "upost-follower",
        "upost-verified-identity", "upost-organization-identity", "upost-supporter", "upost-usercontainer", "counter",
        "ratings-positive-count", "js-ratings-positive-count", "ratings-negative-count", "js-ratings-negative-count",
    ),
    tags=("h4",),
    closed=("upost-text",),
)  # fmt: skip
_STANDINGS = (
    ("upost-verified-identity", "verified identity"),
    ("upost-organization-identity", "organisation"),
    ("upost-supporter", "supporter"),
)


def is_postings(page: Page) -> bool:
    """Return whether a page has a forum of this form, with or without postings."""
    text = page.text
    return "data-postingid" in text or 'id="postinglist"' in text or 'class="no-postings' in text


def read_postings(page: Page, article: str | None) -> tuple[Comment, ...]:
    """Return the postings of a page in its order."""
    sections = [section for section in _SECTIONS(page.root) if section.element.get("data-postingid")]
    return tuple(_read(section, position, page, article) for position, section in enumerate(sections, 1))


def _read(section: Section, position: int, page: Page, article: str | None) -> Comment:
    element = section.element
    level, key = wording.number(element.get("data-level")), element.get("data-postingid") or ""
    parent = element.get("data-parentpostingid")
    title, body = _title_and_body(section)
    return Comment(
        native_id=key,
        position=position,
        parent_native_id=NOT_SHOWN if parent is None else None if parent in ("", "0") else parent,
        depth=level,
        author=_author(section, page),
        title=title,
        title_source="page",
        body_html=body,
        deletion=None,
        upvotes=_votes(section, "positive", "p"),
        downvotes=_votes(section, "negative", "n"),
        url=addresses.permalink(page.url, article, key) if article else NOT_SHOWN,
        **_date(section),
    )


def _first(section: Section, *names: str) -> etree._Element | None:
    return next((section.parts[name][0] for name in names if name in section.parts), None)


def _title_and_body(section: Section) -> tuple[str | None, Shown[str]]:
    """Return title and body: parts of their own since about 2016, before them a heading and what is below it."""
    title = _first(section, "upost-title", "h4")
    body = _first(section, "upost-text")
    if body is None:
        body = _first(section, "posting-content")
        if body is not None and title is not None and body in title.iterancestors() and not _opens(body, title):
            title = None  # a heading later in a text
        inner = title if body is not None and title is not None and title.getparent() is body else None
        return visible(title) or None, NOT_SHOWN if body is None else inner_html(body, without=inner)
    return visible(title) or None, inner_html(body)


def _opens(body: etree._Element, title: etree._Element) -> bool:
    return not (body.text or "").strip() and next(iter(body)) is title


def _date(section: Section) -> dict[str, Any]:
    shown = _first(section, "js-timestamp", "timestamp")
    if shown is None:
        return {}
    raw = first_usable(shown.get("data-livestamp"), shown.get("data-date"), visible(shown)) or ""
    source = "epoch" if raw.isdecimal() else "iso" if raw[4:5] == "-" else "text"
    return {"published_raw": raw, "published_source": source} if raw else {}


def _author(section: Section, page: Page) -> Author:
    element = section.element
    name = (element.get("data-communityname") or "").strip()
    if not name or name in wording.CONVENTIONS.deleted_names:
        return Author(kind="deleted")
    link = _first(section, "upost-usercontainer")
    href = link.get("href") if link is not None else None
    marks = [
        Mark(kind=kind, value=part.get("title") or visible(part) or None)
        for part_name, kind in _STANDINGS
        if (part := _first(section, part_name)) is not None
    ]
    if (followers := only_count(_first(section, "upost-follower"))) is not None:
        marks.append(Mark(kind="followers", value=str(followers)))
    return Author(
        name=name,
        native_id=element.get("data-communityidentityid") or NOT_SHOWN,
        profile_url=urljoin(addresses.origin(page.url) + "/", href) if href else NOT_SHOWN,
        kind="account",
        marks=tuple(marks),
    )


def _votes(section: Section, name: str, short: str) -> Shown[int]:
    found = _first(section, f"js-ratings-{name}-count", f"ratings-{name}-count")
    if found is None:
        counters = section.parts.get("counter", ())
        found = next((part for part in counters if short in (part.get("class") or "").split()), None)
    if found is None:
        return NOT_SHOWN
    return only_count(found)  # None where nobody has rated it yet
