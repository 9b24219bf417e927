"""Discourse's pages as crawlers and browsers without scripts see them: no ids, but numbers, names, dates and texts."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import first_usable
from belowtheline.reading.items import (
    NOT_SHOWN,
    Author,
    Comment,
    Completeness,
    Link,
    Mark,
    Shown,
    Thread,
    ThreadPage,
)
from belowtheline.reading.markup import inner_html, visible
from belowtheline.reading.numbers import whole_number
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin, urlsplit
from belowtheline.sites.discourse import addresses, wording

Found = dict[str, list[etree._Element]]


_TEXTS = etree.XPath("//div[@itemprop='articleBody' or @itemprop='text']")
_STEPS = etree.XPath("//a[@rel='next' or @rel='prev'] | //link[@rel='next' or @rel='prev']")
_GENERATOR = re.compile(r"<meta name=[\"']generator[\"'] content=[\"']Discourse\b")
_CATEGORY = frozenset({"category-name", "badge-category__name"})
_DIGITS = re.compile(r"\d{1,9}")


def is_discourse(page: Page) -> bool:
    """Return whether the page names Discourse as what made it."""
    return _GENERATOR.search(page.text) is not None


def parse_html_page(page: Page) -> ThreadPage:
    """Return one page of a topic; raise ParseError where it is none."""
    texts = [text for text in cast(list[etree._Element], _TEXTS(page.root)) if "post" in _classes(text)]
    head = _head(page.root, texts[0].getparent() if texts else None)
    url = _topic_address(page, head)
    steps = {step.get("rel") or "": step.get("href") or "" for step in cast(list[etree._Element], _STEPS(page.root))}
    named = addresses.topic_of(url) if url else None
    if not texts or url is None or named is None:
        raise ParseError(
            f"{page.name} does not read as a topic of Discourse: looked for .crawler-post with div.post[itemprop], and "
            "for the topic's address; fetch the topic's JSON at /t/ID.json instead."
        )
    slug_url = url.split("?")[0]
    comments = tuple(_read_post(text, place, slug_url) for place, text in enumerate(texts, 1))
    return ThreadPage(
        thread=_thread(head, named, slug_url),
        comments=comments,
        links=tuple(Link(url=_on_host_of(urljoin(page.url or url, href), page)) for href in steps.values()),
        completeness=_completeness(page, url, steps),
    )


def _classes(element: etree._Element) -> list[str]:
    return (element.get("class") or "").split()


def _head(root: etree._Element, first: etree._Element | None) -> list[etree._Element]:
    """Return what stands before the first post: address, title, category and tags."""
    elements = []
    for element in root.iter():
        if element is first:
            break
        elements.append(element)
    return elements


def _topic_address(page: Page, head: list[etree._Element]) -> str | None:
    """Return the topic's address as the page gives it, on the host the page came from."""
    given = [element.get("href") for element in head if element.get("rel") == "canonical"]
    given += [element.get("content") for element in head if element.get("property") == "og:url"]
    given += [link.get("href") for element in head if element.tag == "h1" for link in element.iter("a")]
    for href in given:
        found = urljoin(page.url or "", href or "")
        if addresses.topic_of(found):
            return _on_host_of(found, page)
    return page.url if page.url and addresses.topic_of(page.url) else None


def _on_host_of(url: str, page: Page) -> str:
    if not page.url or not addresses.topic_of(page.url):
        return url
    own, given = urlsplit(page.url), urlsplit(url)
    return given._replace(scheme=own.scheme, netloc=own.netloc).geturl()


def _thread(head: list[etree._Element], named: addresses.Topic, url: str) -> Thread:
    titles = [visible(element) for element in head if element.tag == "h1"]
    titles += [element.get("content") or "" for element in head if element.get("property") == "og:title"]
    return Thread(
        site=wording.NAME,
        instance=addresses.instance(named.base),
        native_id=named.native_id,
        url=url,
        title=next(filter(None, titles), None),
        marks=tuple(_topic_marks(head)) or NOT_SHOWN,
    )


def _topic_marks(head: list[etree._Element]) -> Iterator[Mark]:
    names = [visible(element) for element in head if not _CATEGORY.isdisjoint(_classes(element))]
    if names:
        # A category stands behind the one it is in.
        yield Mark(kind="category name", value=names[-1])
    lists = (element for element in head if "tags-list" in _classes(element))
    tags = [visible(element) for element in head if "discourse-tag" in _classes(element)]
    tags += [visible(name) for tagged in lists for name in tagged.iter("span") if name.get("itemprop") == "name"]
    for tag in dict.fromkeys(filter(None, tags)):
        yield Mark(kind="tag", value=tag)


def _completeness(page: Page, url: str, steps: Mapping[str, str]) -> Completeness:
    is_cut = page.is_cut
    number = addresses.page_of(page.url) or addresses.page_of(url) or 1
    if "next" in steps:
        return Completeness(page_number=number, is_cut=is_cut)
    if number == 1 and "prev" not in steps:
        return Completeness(is_whole=not is_cut, is_cut=is_cut)
    return Completeness(page_number=number, page_count=number, is_cut=is_cut)


def _read_post(text: etree._Element, place: int, topic_url: str) -> Comment:
    section = cast(etree._Element, text.getparent())
    found = _parts(section, text)
    number = _number(section, found)
    times = (*found.get("datePublished", ()), *found.get("post-time", ()), *found.get("time", ()))
    published = first_usable(*(time.get("datetime") or time.get("content") for time in times))
    return Comment(
        native_id=None,
        position=place,
        author=_author(found, topic_url),
        body_html=wording.written(inner_html(text)),
        published_raw=published or NOT_SHOWN,
        deletion=None,
        score=_likes(found),
        url=f"{topic_url}/{number}" if number else NOT_SHOWN,
        marks=tuple(_marks(section)) or NOT_SHOWN,  # the JSON shows many more
    )


def _parts(section: etree._Element, text: etree._Element) -> Found:
    """Return what stands around a post's text, by what it says of itself: itemprop, else class or tag."""
    found: Found = {}
    for child in section:
        if child is text:
            continue
        for element in child.iter("a", "b", "div", "meta", "span", "time"):
            name = element.get("itemprop") or element.get("class") or element.tag
            found.setdefault(str(name), []).append(element)
    return found


def _number(section: etree._Element, found: Found) -> str | None:
    anchor = section.get("id") or ""
    texts = (anchor.removeprefix("post_"), *(visible(element).lstrip("#") for element in found.get("position", ())))
    return next((text for text in texts if _DIGITS.fullmatch(text)), None)


def _author(found: Found, topic_url: str) -> Author | None:
    """Return the account: `creator` with a name in it, or in older pages `author` on the name itself."""
    named = next((element for kind in ("name", "author") for element in found.get(kind, ())), None)
    if named is None:
        return None
    name = visible(named)
    link = next((up for up in (named, *named.iterancestors("a", "div")) if up.tag == "a"), None)
    href = link.get("href") if link is not None else None
    return Author(
        name=name or None,
        profile_url=urljoin(topic_url, href) if href else NOT_SHOWN,
        kind="account" if name else "deleted",
    )


def _likes(found: Found) -> Shown[int]:
    """Return the likes: a counter named LikeAction, or in older pages `UserLikes:5`."""
    for element in found.get("interactionCount", ()):
        kind, _, count = (element.get("content") or "").partition(":")
        if kind == "UserLikes" and (likes := whole_number(count)) is not None:
            return likes
    for element in found.get("interactionStatistic", ()):
        contents = [(child.get("content") or "") for child in element.iter("meta")]
        if any("LikeAction" in content for content in contents):
            return next((int(content) for content in contents if _DIGITS.fullmatch(content)), NOT_SHOWN)
    return NOT_SHOWN


def _marks(section: etree._Element) -> list[Mark]:
    around = section.getparent()
    props = [element.get("itemprop") for element in (section, around) if element is not None]
    return [Mark(kind="accepted answer")] if "acceptedAnswer" in props else []
