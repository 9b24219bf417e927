"""A discussion's HTML page, or what the site's scripts fetched of it: HTML in a JSON answer."""

import re
from typing import Any, cast

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Link,
    Shown,
    Stub,
    Thread,
    ThreadPage,
    shown,
)
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.reading.page_ranges import other_pages
from belowtheline.reading.urls import urljoin
from belowtheline.sites.guardian import addresses, embeds, wording
from belowtheline.sites.guardian.rendered import find_sections, more_replies, read_rendered

_LISTS = re.compile(
    r"""<(?:ul|ol|div)\b[^<>]{0,300}\bclass=["'][^"'<>]{0,200}\bd-thread\b|<li\b[^<>]{0,300}\bclass=["']d2?-comment\b"""
)
_OF_2010 = re.compile(r"""<ul\b[^<>]{0,300}\bclass=["']comment["' ]""")
_HEADLINE = etree.XPath("//h1[contains(@class, 'content__headline') or @itemprop='headline']")
_LIST = etree.XPath("//div[@data-comment-count]")
_PAGES = etree.XPath("//*[@data-page]")
_CURRENT = etree.XPath("//*[contains(@class, 'pagination__action') and contains(@class, 'is-active')]")
_FIRST_PARAGRAPH = etree.XPath("//form[@id='sort-comments']//p")
_COUNTED = re.compile(r"^\s{0,9}(\d{1,3}(?:,\d{3})*|\d{1,9}) comments?\b")
_CANONICAL = etree.XPath("//link[@rel='canonical']/@href")


def has_comments(page: Page) -> bool:
    """Return whether a page has the Guardian's list of comments, with or without comments in it."""
    text = page.text
    if "guardian" not in text.lower() or "comment" not in text:
        return False
    if _LISTS.search(text):
        return True
    return "guardian.co.uk" in text and "comment-body" in text and _OF_2010.search(text) is not None


def is_fragment(value: object) -> bool:
    """Return whether a value is the JSON that the site's scripts fetched, with comments as HTML."""
    return isinstance(value, dict) and isinstance(value.get("commentsHtml"), str)


def parse_fragment(page: Page, value: dict[str, Any]) -> ThreadPage:
    """Return the thread of HTML in a JSON answer."""
    html = f"<html><body>{value['commentsHtml']}{value.get('paginationHtml') or ''}</body></html>"
    inner = Page(page.url, html.encode("utf-8", "replace"), "text/html; charset=utf-8", page.fetched_at)
    return _parse(inner, wording.number(value.get("commentCount")), wording.number(value.get("lastPage")))


def parse_html_page(page: Page) -> ThreadPage:
    """Return the thread of a page; raise ParseError where it shows no comments of the Guardian's."""
    if has_comments(page):
        return _parse(page, NOT_SHOWN, NOT_SHOWN)
    link = embeds.discussion_of(page)
    way = f"take {link.url}" if link else "give the address of the discussion, like https://www.theguardian.com/p/4k7x2"
    raise ParseError(
        f"{page.name} shows no comments of the Guardian: looked for .d-thread with li.d-comment, li.d2-comment and "
        f"ul.comment; later pages load them by a script: {way}."
    )


def _parse(page: Page, counted: Shown[int], last: Shown[int]) -> ThreadPage:
    sections = find_sections(page.root)
    base = addresses.site_base(page.url)
    comments, disagreements = read_rendered(sections, base)
    thread = _thread(page, counted)
    _check(page, thread, comments)
    left_out = [_stub(page, key, count) for key, count in (more_replies(sections) if sections else {}).items()]
    stubs = (*_parents_elsewhere(page, comments), *left_out)
    number, count = _numbers(page, last)
    links = [Link(url=stub.url) for stub in left_out if stub.url]
    if thread.native_id and page.url and addresses.address_of(page.url):
        pages = other_pages(number, count)
        links += [Link(url=addresses.page_url(base, thread.native_id, other)) for other in pages]
    is_all = _is_all(thread.declared_count, len(comments)) or count == 1
    return ThreadPage(
        thread=thread,
        comments=comments,
        stubs=stubs,
        links=tuple(links),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(
            page_number=number,
            page_count=count,
            is_whole=is_all and not stubs and not page.is_cut,
            is_cut=page.is_cut,
            counts_visible=True,
        ),
        disagreements=disagreements,
    )


def _is_all(declared: Shown[int], held: int) -> bool:
    return isinstance(declared, int) and held >= declared


def _check(page: Page, thread: Thread, comments: tuple[Comment, ...]) -> None:
    if comments and not any(isinstance(comment.author, Author) and comment.author.name for comment in comments):
        raise ParseError(f"{page.name} has comments without authors: the capture is kept, update the site's reader.")
    declared = thread.declared_count if isinstance(thread.declared_count, int) else 0
    if not comments and not page.is_cut and (declared or "data-comment-id" in page.text):
        raise ParseError(
            f"{page.name} has comments that were not found in li.d-comment, li.d2-comment or ul.comment: the capture "
            "is kept, update the site's reader."
        )


def _parents_elsewhere(page: Page, comments: tuple[Comment, ...]) -> list[Stub]:
    """Return the comments that are answered and are on another page."""
    held, base = {comment.native_id for comment in comments}, addresses.api_base(page.url)
    parents = dict.fromkeys(shown(comment.parent_native_id) for comment in comments)
    return [
        Stub(native_id=parent, url=addresses.comment_url(base, parent))
        for parent in parents
        if parent not in held
        if parent is not None
    ]


def _stub(page: Page, key: str, count: int) -> Stub:
    url = addresses.comment_url(addresses.api_base(page.url), key)
    return Stub(native_id=None, parent_native_id=key, shown=f"{count} more replies", url=url, count=count)


def _thread(page: Page, counted: Shown[int]) -> Thread:
    address = addresses.address_of(page.url) if page.url else None
    key = (address.key if address else None) or embeds.key_of(page.text)
    headings = _found(_HEADLINE, page, "<h1")
    headline = visible(headings[0]) if headings else ""
    link = headings[0].find(".//a[@href]") if headings else None
    canonical = cast(list[str], _CANONICAL(page.root))
    url = urljoin(page.url or addresses.SITE, link.get("href") or "") if link is not None else None
    if url is None and canonical and addresses.is_article(canonical[0]):
        url = canonical[0]
    if url is None and page.url and addresses.is_article(page.url):
        url = page.url.split("#")[0].split("?")[0]
    return Thread(
        site=wording.NAME,
        native_id=key,
        url=url or NOT_SHOWN,
        title=headline or NOT_SHOWN,
        declared_count=_declared(page, counted),
        article=Article(url=url or NOT_SHOWN, headline=headline or NOT_SHOWN),
    )


def _declared(page: Page, counted: Shown[int]) -> Shown[int]:
    """Return the count: of the JSON answer, of the list of 2013, or of the form above the comments before."""
    if isinstance(counted, int):
        return counted
    for element in _found(_LIST, page, "data-comment-count"):
        return wording.number(element.get("data-comment-count"))
    for paragraph in _found(_FIRST_PARAGRAPH, page, "sort-comments"):
        match = _COUNTED.match(visible(paragraph))
        return wording.number(match[1]) if match else NOT_SHOWN
    return NOT_SHOWN


def _found(path: etree.XPath, page: Page, mark: str) -> list[etree._Element]:
    """Return the elements of a path, which is looked for only where the page's text has a mark of it."""
    return cast(list[etree._Element], path(page.root)) if mark in page.text else []


def _numbers(page: Page, last: Shown[int]) -> tuple[int | None, int | None]:
    """Return which page this is and how many there are, as the page's own links and its address say."""
    current = addresses.page_of(page.url)
    said = [wording.number(element.get("data-page")) for element in _found(_PAGES, page, "data-page=")]
    for element in _found(_CURRENT, page, "pagination__action")[:1]:
        own = wording.number(visible(element).removeprefix("Page "))
        said.append(own)
        current = own if isinstance(own, int) else current
    for element in _found(_LIST, page, "data-page-count"):
        said.append(wording.number(element.get("data-page-count")))
        own = wording.number(element.get("data-current-page"))
        current = own if isinstance(own, int) else current
    count = max((number for number in (*said, last) if isinstance(number, int) and 0 < number < 10_000), default=None)
    return (current or (1 if count else None)), count
