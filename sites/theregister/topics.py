"""Which topic a page is of, and under which article: what stands before the posts, and where they link to."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import cast

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Article
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.theregister import addresses, wording

_HREFS = etree.XPath(
    "//link[@rel='canonical']/@href | //*[contains(@class, 'forums-page-nav')]//a/@href"
    " | //meta[@property='og:url']/@content"
)
_BLOCKS = frozenset(("p", "div"))
_ALTS = etree.XPath(".//img/@alt | @title | @aria-label")
_SUFFIX = re.compile(
    r"(?<!\s)\s*(?:[•|·]|::)\s*"
    r"(?:(?:(?:The )?(?:Channel )?Register|(?:Reg )?Forums|Reg Hardware)\b[^•|·]*|Page \d{1,6})\s*$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?:(?:User |Reader )?Comments(?: on)?\s*:)\s+", re.IGNORECASE)
_BACK = re.compile(rf"\W{{0,20}}{wording.BACK.replace('to ', 'to (?:the )?')}\b\s*:?", re.IGNORECASE)
_ARROWS = " <\u00ab\u2039\u2190\u25c0\u25c4\u27f5\u21e6\u2b05"
_NAMES_NOTHING = frozenset(
    {"", "back", "article", "comments", "user comments", "reader comments", "read the article", "read article",
     "view article", "full story", "original article", "forums", "the register", "the register forums", "page"}
)  # fmt: skip
_READABLE = re.compile(r"[^\W_]")
_LONGEST_TITLE = 1_000
_UNTIED = (2026, 5)
"""Year and month since which the addresses of an article and of its topic have nothing in common."""


def key_in_head(page: Page) -> str | None:
    """Return a page's topic by its address, or by what its head and page list say."""
    if page.url and (key := addresses.topic_key(page.url)):
        return key
    hrefs = cast(list[str], _HREFS(page.root))
    return next((key for href in hrefs if (key := addresses.topic_key(href))), None)


def key_of_posts(page: Page, permalinks: Iterable[str], first: etree._Element) -> str | None:
    """Return the topic that all addresses of posts name, where the link back to the article does not name another."""
    keys = {key for href in permalinks if _is_of_forums(href) and (key := addresses.topic_key(href))}
    if len(keys) != 1:
        return None
    (key,) = keys
    link = back_link(first, key, _title(page))
    article = addresses.article_key(link.get("href", "")) if link is not None else None
    return key if article in (None, key) or _is_untied(key) else None


def _is_of_forums(href: str) -> bool:
    return (href.startswith("/") and not href.startswith("//")) or addresses.is_ours(urljoin(addresses.UNKNOWN, href))


def _is_untied(key: str) -> bool:
    year, month, *_ = key.split("/")
    return (int(year), int(month)) >= _UNTIED


def article_of(page: Page, first: etree._Element, key: str | None) -> Article:
    """Return the article above the posts, the first of which is given."""
    title = _title(page)
    link = back_link(first, key, title)
    headline = (_headline(visible(link)) if link is not None else None) or title or _heading_before(first)
    return Article(
        url=addresses.resolve(link.get("href", ""), page.url or addresses.ARTICLES) if link is not None else NOT_SHOWN,
        headline=headline or NOT_SHOWN,
        teaser=_teaser(first) or NOT_SHOWN,
    )


def _title(page: Page) -> str | None:
    """Return the headline in the page's title, without the site's own words around it."""
    title, before = visible(page.root.find(".//title")), ""
    while title != before and len(title) <= _LONGEST_TITLE:
        title, before = _SUFFIX.sub("", title), title
    return _headline(_PREFIX.sub("", title, count=1) if _PREFIX.match(title) else title)


def _headline(text: str) -> str | None:
    """Return a headline without the words and arrows of a link back; None where there is no other word.

    >>> _headline("< back to the article: Kettle boils"), _headline("«"), _headline("Comments")
    ('Kettle boils', None, None)
    """
    match = _BACK.match(text)
    text = (text[match.end() :] if match else text).lstrip(_ARROWS).strip()
    is_headline = _READABLE.search(text) and text.casefold().strip(" :.") not in _NAMES_NOTHING
    return text if is_headline else None


def _heading_before(first: etree._Element) -> str | None:
    headings = _before(first, "h1", "h2")
    return next((text for heading in reversed(headings) if (text := _headline(visible(heading)))), None)


def _before(first: etree._Element, *tags: str) -> list[etree._Element]:
    """Return the elements that end before another one; the axis `preceding` of XPath costs their number squared."""
    around, found = set(first.iterancestors()), []
    for element in first.getroottree().iter(*tags, str(first.tag)):
        if element is first:
            break
        if element.tag in tags and element not in around:
            found.append(element)
    return found


def back_link(first: etree._Element, key: str | None, title: str | None) -> etree._Element | None:
    """Return the link back to the article: the one that says so, has the topic's key or title, or is an arrow."""
    links = _before(first, "a")
    candidates = [link for link in reversed(links) if addresses.article_key(link.get("href", ""))]
    said = (link for link in candidates if _says_back(link) or _said_before(link))
    same_key = (link for link in candidates if key and addresses.article_key(link.get("href", "")) == key)
    same_title = (link for link in candidates if title and _headline(visible(link)) == title)
    arrows = (link for link in candidates if set(visible(link)) <= set(_ARROWS) and visible(link))
    return next(chain(said, same_key, same_title, arrows), None)


def _says_back(link: etree._Element) -> bool:
    texts: Iterator[str] = chain((visible(link),), cast(list[str], _ALTS(link)))
    return any(_BACK.match(text) for text in texts)


def _said_before(link: etree._Element) -> bool:
    parent, before = link.getparent(), link.getprevious()
    if before is not None:
        text = (before.tail or "") + visible(before)
    else:
        text = (parent.text or "") if parent is not None else ""
    return wording.BACK in text.lower()


def _teaser(first: etree._Element) -> str | None:
    blocks = [
        block for block in _before(first, "p", "div", "h2", "span") if _BLOCKS.isdisjoint(child.tag for child in block)
    ]
    return next((text for block in reversed(blocks) if (text := visible(block)).endswith("…")), None)
