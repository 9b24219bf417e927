"""The Register's HTML pages, from head to page list; the posts are read in `posts`."""

from collections.abc import Iterator
from contextlib import suppress
from typing import cast

from lxml import etree

from belowtheline.reading.emptiness import post_like
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Comment,
    Completeness,
    EmptyProof,
    Link,
    Shown,
    Stub,
    Thread,
    ThreadPage,
    shown,
)
from belowtheline.reading.numbers import only_count, whole_number
from belowtheline.reading.page import Page
from belowtheline.reading.page_ranges import other_pages
from belowtheline.reading.urls import urljoin
from belowtheline.sites.theregister import addresses, posts, topics, wording

_CONTAINERS = ("forum_posts", "main-col")  # since 2016; in 2010 an outer column, which articles have as well
_BY_INDEX = etree.XPath("id($id)")  # the parser's own index, which a tree made by other means lacks
_BY_ID = etree.XPath("(//*[@id=$id])[1]")
_LOOSE_PARTS = etree.XPath(
    ".//*[contains(@class, 'permalink') or contains(@class, 'in-reply-to') or starts-with(@id, 'c_')]"
)
_NAV = etree.XPath("//*[contains(concat(' ', normalize-space(@class), ' '), ' forums-page-nav ')]//li")
_CLOSED = etree.XPath(
    "//*[normalize-space(text())=$sentence or normalize-space(text())=concat($sentence, '.')]"
    "[not(ancestor-or-self::*[contains(concat(' ', normalize-space(@class), ' '), ' body ')])]"
)
_CUT = "belowtheline-cut"


def topic_links(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the address and key of each link to a topic on a page."""
    for link in page.root.iter("a"):
        with suppress(ValueError):  # an address that is none
            url = urljoin(page.url or "", link.get("href") or "")
            if key := addresses.topic_key(url):
                yield url, key


def parse_html_page(page: Page) -> ThreadPage:
    """Return the thread of one page; raise ParseError where it is unlike every known form."""
    container = _container(page)
    sections = posts.SECTIONS(container)
    first = sections[0].element if sections else container
    key = topics.key_in_head(page) or topics.key_of_posts(page, posts.permalinks(sections), first)
    thread_url = addresses.topic_url(key, page.url) if key else page.url or addresses.UNKNOWN
    comments, disagreements = posts.read_posts(sections, thread_url, page.url or thread_url)
    comments = posts.without_unproved_guests(comments)
    numbers = _page_numbers(page)
    completeness = _completeness(page, numbers, "container" if not comments else None)
    torn = comments[-1:] if completeness.is_cut and _ends_in_post(page) else ()
    if not torn:
        _check_layout(page, container, comments)
    return ThreadPage(
        thread=_thread(page, first, key, thread_url),
        comments=comments[: len(comments) - len(torn)],
        stubs=tuple(Stub(native_id=comment.native_id, url=shown(comment.url)) for comment in torn),
        links=_links(page, key, numbers),
        conventions=wording.CONVENTIONS,
        completeness=completeness,
        disagreements=disagreements,
    )


def _container(page: Page) -> etree._Element:
    for name in _CONTAINERS:
        found = cast(list[etree._Element], _BY_INDEX(page.root, id=name) or _BY_ID(page.root, id=name))
        if found and (name == "forum_posts" or posts.SECTIONS(found[0]) or _reads_as_topic(page)):
            return found[0]
    raise ParseError(
        f"{page.name} does not read as a thread of The Register: looked for #forum_posts, or #main-col with .post; "
        "open it in a browser: if it shows comments, the layout has changed and the site's reader needs an update."
    )


def _reads_as_topic(page: Page) -> bool:
    return (
        wording.CLOSED in page.text
        or "forums-page-nav" in page.text
        or bool(page.url and addresses.topic_key(page.url))
    )


def _check_layout(page: Page, container: etree._Element, comments: tuple[Comment, ...]) -> None:
    if not comments:
        loose = len(cast(list[object], _LOOSE_PARTS(container)))
        if loose:
            raise ParseError(_changed(page, f"found {loose} permalinks or reply links but no .post"))
        if container.get("id") == "forum_posts" and (line := post_like(container)):
            raise ParseError(_changed(page, f"found a line like a post's ({line!r}) but no .post"))
        return
    standing = [comment for comment in comments if comment.deletion is None]
    if standing and not any(comment.native_id for comment in standing):
        raise ParseError(_changed(page, f"found {len(comments)} .post but no .permalink with an id"))
    if standing and not any(comment.body_html for comment in standing):
        raise ParseError(_changed(page, f"found {len(comments)} .post but no .body"))


def _changed(page: Page, what: str) -> str:
    return f"{page.name} has a layout this reader does not know: {what}; the capture is kept, update the site's reader."


def _thread(page: Page, first: etree._Element, key: str | None, url: str) -> Thread:
    article = topics.article_of(page, first, key)
    return Thread(
        site=wording.NAME,
        native_id=key,
        url=url if key else NOT_SHOWN,
        title=article.headline,
        is_closed=_is_closed(page),
        article=article,
    )


def _is_closed(page: Page) -> Shown[bool]:
    # The sentence is missing on many old topics: its absence says nothing.
    sentence = wording.CLOSED.rstrip(".")
    return True if sentence in page.text and _CLOSED(page.root, sentence=sentence) else NOT_SHOWN


def _page_numbers(page: Page) -> tuple[int | None, int | None]:
    """Return which page this is and how many there are, as the page list and the address say."""
    current = whole_number(addresses.page_of(page.url)) if page.url else None
    numbers = []
    items = cast(list[etree._Element], _NAV(page.root)) if "forums-page-nav" in page.text else []
    for item in items:
        found = only_count(item)
        if found is not None:
            numbers.append(found)
            if "current" in (item.get("class") or "").split():
                current = found
    return current, max(numbers, default=None)


def _links(page: Page, key: str | None, numbers: tuple[int | None, int | None]) -> tuple[Link, ...]:
    current, last = numbers
    if key is None or (page.url and addresses.page_of(page.url) == "all"):
        return ()
    if page.url and addresses.is_containing(page.url):
        return (Link(url=addresses.topic_url(key, page.url)),)
    return tuple(Link(url=addresses.topic_url(key, page.url, number)) for number in other_pages(current, last))


def _ends_in_post(page: Page) -> bool:
    """Return whether a page that is cut ends inside its last post, of which nobody knows the rest."""
    text = page.text
    end = text.rfind("<") if text.rfind("<") > text.rfind(">") else len(text)
    cut = Page(page.url, f'{text[:end]}<i id="{_CUT}"></i>'.encode(), "text/html; charset=utf-8")
    sections = posts.SECTIONS(_container(cut))
    return bool(sections) and sections[-1].element.find(f".//i[@id='{_CUT}']") is not None


def _completeness(page: Page, numbers: tuple[int | None, int | None], proof: EmptyProof | None) -> Completeness:
    is_cut = page.is_cut
    is_all = bool(page.url and addresses.page_of(page.url) == "all")
    if is_all:
        return Completeness(is_whole=not is_cut, is_cut=is_cut, empty_proof=proof)
    return Completeness(page_number=numbers[0], page_count=numbers[1], is_cut=is_cut, empty_proof=proof)
