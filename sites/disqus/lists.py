"""Comments in an article's own page: what the publisher's server, or until 2012 Disqus's script, wrote there.

The WordPress plugin writes them for readers without scripts, with the ids that they have in WordPress.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Link,
    Mark,
    Marks,
    Shown,
    Thread,
    ThreadPage,
)
from belowtheline.reading.markup import inner_html, visible
from belowtheline.reading.numbers import first_count, only_count
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.disqus import addresses, answers, embeds, wording

_LISTS = etree.XPath("//*[@id='dsq-comments']")
_AROUND = etree.XPath("ancestor-or-self::*[@id='dsq-content' or @id='disqus_thread' or @id='dsq-comments'][last()]")
_PAGING = etree.XPath(
    ".//*[contains(@class, 'nav-previous') or contains(@class, 'nav-next')]//a/@href"
    " | .//a[contains(concat(' ', @class, ' '), ' page-numbers ')]/@href"
)
_MORE = etree.XPath("boolean(.//*[@id='dsq-pagination' or contains(@class, 'dsq-pagination')]//a)")
_COUNT = etree.XPath("string(.//*[@id='dsq-comments-count'] | .//*[@id='dsq-total-posts'])")

_SECTION = re.compile(r"dsq-comment-(\d{1,20})$")
_PART = re.compile(r"(dsq-[a-z-]{1,40})-\d{1,20}$")
_WP_DEPTH = re.compile(r"\bdepth-(\d{1,3})\b")
_MARGIN = re.compile(r"margin-left\s{0,5}:\s{0,5}(\d{1,5})px")
_STEP = 30
"""Pixels that a level of answers is indented by."""
_SITE = re.compile(r"https?://\S{1,2000}")
_BODIES = ("dsq-comment-text", "dsq-comment-message")
_NAMES = ("dsq-author-user", "dsq-commenter-name")
_DATES = ("dsq-header-time", "dsq-comment-date", "dsq-footer-time", "dsq-time")


@dataclass(slots=True)
class _Section:
    """One comment with its parts by id or class, or what a removed one leaves behind."""

    element: etree._Element
    native_id: str | None
    above: str | None
    depth: int | None
    nesting: int
    parts: dict[str, etree._Element] = field(default_factory=dict)
    parent: str | None = None
    """Id of the comment it answers, where a link says so."""


def is_list(page: Page) -> bool:
    """Return whether a page has a place for comments as the plugin or the script writes them."""
    return "dsq-comments" in page.text and bool(_LISTS(page.root))


def parse_list(page: Page) -> ThreadPage:
    """Return the comments in an article's page; raise ParseError where there is no place for any."""
    places = cast(list[etree._Element], _LISTS(page.root)) if "dsq-comments" in page.text else []
    if not places:
        raise ParseError(_advice(page))
    sections = list(_distinct(places))
    if sections and not any(_body(section) is not NOT_SHOWN for section in sections):
        raise ParseError(
            f"{page.name} has a layout this reader does not know: found {len(sections)} dsq-comment without a "
            "dsq-comment-message; the capture is kept, update the site's reader."
        )
    comments = tuple(_comments(sections))
    around = _around(places)
    count = _count(page, around)
    links = tuple(_links(page, around))
    has_more = bool(links) or ("dsq-pagination" in page.text and any(_MORE(one) for one in around))
    standing = sum(comment.deletion is None for comment in comments)
    is_cut = page.is_cut
    return ThreadPage(
        thread=_thread(page, count, _pings(places) if "pingback" in page.text else 0),
        comments=comments,
        links=links,
        conventions=wording.CONVENTIONS,
        # The publisher's copy may lag behind Disqus: only a count that agrees tells that it does not.
        completeness=Completeness(
            is_whole=count in (len(comments), standing) and not has_more and not is_cut,
            is_cut=is_cut,
            counts_visible=count is not None,
        ),
    )


def _around(places: list[etree._Element]) -> list[etree._Element]:
    """Return what stands around the lists: count and paging are there."""
    found = [element for place in places for element in cast(list[etree._Element], _AROUND(place))]
    return list(dict.fromkeys(found))


def _count(page: Page, around: list[etree._Element]) -> int | None:
    if "dsq-comments-count" not in page.text and "dsq-total-posts" not in page.text:
        return None
    return next((found for one in around if (found := first_count(str(_COUNT(one)))) is not None), None)


def _advice(page: Page) -> str:
    found = embeds.find_embed(page)
    if found:
        url = addresses.embed_url(addresses.base_of(None), found.forum, found.ident, found.link)
        return f"{page.name} holds no comments: Disqus brings them to its readers from {url}; crawl that address."
    return f"{page.name} is no page of Disqus: looked for #disqus-threadData and #dsq-comments; check the address."


def _distinct(places: list[etree._Element]) -> Iterator[_Section]:
    """Yield the comments of all lists, once each: a page may hold them twice, with and without scripts."""
    seen: set[str] = set()
    for place in places:
        for section in _sections(place):
            if section.native_id is None or section.native_id not in seen:
                yield section
            seen.add(section.native_id or "")


def _sections(place: etree._Element) -> list[_Section]:
    """Return the comments of a list in document order, by one walk without recursion."""
    found: list[_Section] = []
    waiting: list[tuple[etree._Element, Iterator[etree._Element], _Section | None]] = [(place, iter(place), None)]
    while waiting:
        _, children, around = waiting[-1]
        for child in children:
            native_id, classes = child.get("id") or "", child.get("class") or ""
            inner = around
            if native_id.startswith("dsq-comment-") or "disqus_commentset" in classes:
                inner = _section(child, native_id, classes, around) or around
            if inner is not around and inner is not None:
                found.append(inner)
            elif around is not None:
                _note(around, child, native_id, classes)
            if len(child) and "dsq-comment-message" not in classes:
                waiting.append((child, iter(child), inner))
                break
        else:
            waiting.pop()
    return found


def _section(element: etree._Element, native_id: str, classes: str, around: _Section | None) -> _Section | None:
    match = _SECTION.match(native_id)
    if match is None and "disqus_commentset" not in classes:
        return None
    level, margin = _WP_DEPTH.search(classes), _MARGIN.search(element.get("style") or "")
    depth = int(level[1]) - 1 if level else int(margin[1]) // _STEP if margin else None
    nesting = around.nesting + 1 if around else 0
    if nesting:
        depth = max(depth or 0, nesting)
    return _Section(element, match[1] if match else None, around.native_id if around else None, depth, nesting)


def _note(section: _Section, element: etree._Element, native_id: str, classes: str) -> None:
    parts = section.parts
    if native_id.startswith("dsq-") and (part := _PART.match(native_id)):
        parts.setdefault(part[1], element)
    if "dsq-" in classes:
        for name in classes.split():
            if name not in parts:
                parts[name] = element
        if "dsq-comment-message" in classes and len(element):
            texts = element.iterfind(".//*[@class='dsq-comment-text']")
            parts.setdefault("dsq-comment-text", next(texts, element))
    if element.tag == "a" and (element.get("href") or "").startswith("#comment-") and visible(element) == "Parent":
        section.parent = element.get("href", "").removeprefix("#comment-")


def _comments(sections: list[_Section]) -> Iterator[Comment]:
    """Yield comments; which one another answers is told by a link, by nesting or by what it is indented."""
    is_shown = any(section.depth is not None for section in sections)
    line: list[tuple[str | None, int]] = []
    for position, section in enumerate(sections, 1):
        depth = min(section.depth or 0, len(line))
        del line[depth:]
        # What a removed comment leaves behind has no id: its place on the page stands for it.
        id_above, place_above = line[-1] if line else (None, None)
        above = section.parent or section.above or id_above
        line.append((section.native_id, position))
        is_gone = section.native_id is None
        yield Comment(
            native_id=section.native_id,
            position=position,
            parent_native_id=above if above or (is_shown and not line[:-1]) else NOT_SHOWN,
            parent_position=place_above if id_above is None else None,
            depth=depth if is_shown else NOT_SHOWN,
            author=NOT_SHOWN if is_gone else _author(section),
            body_html=NOT_SHOWN if is_gone else _body(section),
            published_raw=_date(section),
            deletion="unknown" if is_gone else None,
            score=_points(section),
            marks=NOT_SHOWN if is_gone else _marks(section),
        )


def _marks(section: _Section) -> Marks:
    if _has(section, "bypostauthor", "special"):
        return (Mark(kind="post author"),)
    return () if section.element.get("class") else NOT_SHOWN  # the lists of 2010 tell nothing by classes


def _has(section: _Section, *names: str) -> bool:
    return not set(names).isdisjoint((section.element.get("class") or "").split())


def _author(section: _Section) -> Author:
    """Return an author; a link to Disqus is an account's page, one to elsewhere a website."""
    element = next((section.parts[name] for name in _NAMES if name in section.parts), None)
    profile, picture = _profile(section), _picture(section)
    cite = visible(section.parts.get("dsq-cite"))
    href = element.get("href") if element is not None else None
    said = _SITE.search(cite)  # the plugin of 2010 wrote the address where its link should have been
    website = wording.web_of(href) or (said[0] if said else None)
    return Author(
        name=visible(element) or None,
        profile_url=profile or NOT_SHOWN,
        image_url=picture or NOT_SHOWN,
        kind="account" if profile else None,
        marks=(
            *((Mark(kind="website", value=website),) if website and website != profile else ()),
            *((Mark(kind="moderator"),) if _has(section, "dsq-moderator") else ()),
        ),
    )


def _profile(section: _Section) -> str | None:
    part = section.parts.get("dsq-hidden-userurl")
    hrefs = [f"http://disqus.com{visible(part)}"] if part is not None else []
    for name in ("dsq-avatar", *_NAMES):
        if (element := section.parts.get(name)) is not None:
            hrefs += [link.get("href") or "" for link in element.iter("a")]
    return next((href for href in map(wording.web_of, hrefs) if href and addresses.is_ours(href)), None)


def _picture(section: _Section) -> str | None:
    for name in ("dsq-header-avatar", "dsq-avatar"):
        if (element := section.parts.get(name)) is not None and (image := next(element.iter("img"), None)) is not None:
            return wording.web_of(image.get("src"))
    return None


def _body(section: _Section) -> Shown[str]:
    element = next((section.parts[name] for name in _BODIES if name in section.parts), None)
    return NOT_SHOWN if element is None else inner_html(element).strip() or None


def _date(section: _Section) -> Shown[str]:
    meta = section.parts.get("dsq-comment-meta")
    places = [section.parts.get(name) for name in _DATES] + ([next(meta.iter("a"), None)] if meta is not None else [])
    return next((text for place in places if (text := visible(place))), NOT_SHOWN)


def _points(section: _Section) -> Shown[int]:
    part = section.parts.get("dsq-points")
    points = only_count(part if part is not None else section.parts.get("dsq-header-points"))
    return NOT_SHOWN if points is None else points


def _pings(places: list[etree._Element]) -> int:
    return sum("pingback" in (item.get("class") or "").split() for place in places for item in place.iter("li"))


def _links(page: Page, around: list[etree._Element]) -> Iterator[Link]:
    if not any(name in page.text for name in ("nav-previous", "nav-next", "page-numbers")):
        return
    hrefs = dict.fromkeys(href for one in around for href in cast(list[str], _PAGING(one)))
    for href in hrefs:
        with suppress(ValueError):  # a link in a page may be anything
            url = urljoin(page.url or "", href).partition("#")[0]
            if url.startswith(("http://", "https://")) and url != page.url:
                yield Link(url=url)


def _thread(page: Page, count: int | None, pings: int) -> Thread:
    found = embeds.find_embed(page)
    url = found.link if found and found.link else page.url
    metas = page.root.iterfind("head/meta[@property='og:title']")
    titles = (
        found.title if found else None,
        *(meta.get("content") for meta in metas),
        visible(page.root.find(".//title")),
    )
    title = next((text for title in titles if (text := wording.text_of(title))), None)
    return Thread(
        site=wording.NAME,
        instance=found.forum if found else "",
        native_id=answers.by_name(found.ident if found else None, url),
        url=url or NOT_SHOWN,
        title=title or NOT_SHOWN,
        declared_count=NOT_SHOWN if count is None else count,
        article=Article(url=url or NOT_SHOWN, headline=title or NOT_SHOWN),
        marks=wording.counted("pingbacks", pings) or NOT_SHOWN,
    )
