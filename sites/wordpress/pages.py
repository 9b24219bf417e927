"""WordPress pages: a post with its comments, from head to paging; the comments are read in `comments`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from lxml import etree

from belowtheline.reading.counts import Count
from belowtheline.reading.elsewhere import keeper_of
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import first_usable, usable
from belowtheline.reading.items import NOT_SHOWN, Article, Completeness, Mark, Shown, Thread, ThreadPage
from belowtheline.reading.markup import visible
from belowtheline.reading.numbers import only_count
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urlsplit
from belowtheline.sites.wordpress import addresses, wording
from belowtheline.sites.wordpress.comments import read_comments
from belowtheline.sites.wordpress.elements import has_comments
from belowtheline.sites.wordpress.paging import Paging, read_paging
from belowtheline.sites.wordpress.parts import Comments, find_comments
from belowtheline.sites.wordpress.places import has_place, linked_count, proof_of_empty
from belowtheline.sites.wordpress.unread import names_lacking

_SIGNS = (
    "comment_post_ID", "thread-even depth-", "thread-alt depth-", '"wp-block-comment', " wp-block-comment",
)  # fmt: skip
_LOADS = re.compile(r"<(?:link|script|meta)\b[^<>]{0,400}(?:/wp-content/|/wp-includes/|/wp-json/|[\"']WordPress\b)")
"""What only pages made by WordPress hold, saved ones included; a link in a text is none of it."""
_CLOSED = etree.XPath("boolean(/descendant::p[contains(@class, 'nocomments') or contains(@class, 'no-comments')])")
_REPLY_POST = etree.XPath("string((/descendant::a[@data-commentid]/@data-postid)[1])")
_LIKES = etree.XPath("//*[starts-with(@id, 'comment-like-count-')]")
_OWN_HEADING = etree.XPath("(//*[starts-with(@id, 'post-')]//*[self::h1 or self::h2][1])[1]")
_BLOCK_DATE = etree.XPath("/descendant::*[contains(@class, 'wp-block-post-date')]//time[@datetime]")
_TITLES = ("entry-title", "post-title")  # the second is a part of wp-block-post-title, too
_DATES = ("entry-date", "published")
_BODY_POST = re.compile(r"(?:^|\s)(?:postid|page-id|attachmentid)-(\d+)(?:\s|$)")
_ROUTE_POST = re.compile(r"/wp/v2/(?:posts|pages|media)/(\d+)$")
_ARTICLE_POST = re.compile(r"post-(\d+)$")
Head = dict[str, str]


def has_signs(page: Page) -> bool:
    """Return whether a page was made by WordPress."""
    return any(sign in page.text for sign in _SIGNS) or _LOADS.search(page.text) is not None


def is_post(page: Page) -> bool:
    """Return whether a page was made by WordPress and holds comments of its own, or the place for them."""
    if not has_signs(page):
        return False
    if has_comments(page.root):
        return True
    keeper = keeper_of(page, wording.NAME) if has_place(page) else None
    return has_place(page) and not (keeper and keeper.is_sure)


def parse_html_page(page: Page) -> ThreadPage:
    """Return the thread of one page; raise ParseError where it is no post of WordPress with a place for comments."""
    found = find_comments(page.root) if has_signs(page) else Comments((), frozenset())
    if not found.sections:
        _check_place(page)
    head = _head(page.root)
    post = _post_url(page, head, found)
    paging = read_paging(page, found, post)
    comments = read_comments(found, post, _likes(page))
    if comments and all(comment.body_html is None for comment in comments):
        raise ParseError(
            f"{page.name} has a layout this reader does not know: found {len(comments)} comments and no text in any "
            "of them; the capture is kept, update the site's reader."
        )
    if lacking := names_lacking(comments, found):
        raise ParseError(
            f"{page.name} has a layout this reader does not know: {lacking}; looked for .fn, .comment-author, cite, a "
            "link to a website and a heading; the capture is kept, update the site's reader."
        )
    headline = _headline(page.root, head)
    count = _declared_count(found, headline, paging) if found.sections else _count_of_empty(page, post)
    thread = _thread(page, head, post, found, headline)
    marks = (Mark(kind="pingbacks", value=str(found.pings)),) if found.pings and not paging.has_more else NOT_SHOWN
    return ThreadPage(
        thread=replace(thread, marks=marks, declared_count=NOT_SHOWN if count is None else count.value),
        comments=comments,
        links=paging.links,
        conventions=wording.CONVENTIONS,
        completeness=_completeness(page, count, found, paging),
    )


def _check_place(page: Page) -> None:
    """Raise ParseError unless a page without comments is a post that may have some."""
    if not has_signs(page) or not has_place(page):
        raise ParseError(
            f"{page.name} does not read as a post of WordPress with comments: looked for elements #comment-ID, a "
            "comment form or #comments; open it in a browser: if it shows comments, the site's reader needs an update."
        )
    keeper = keeper_of(page, wording.NAME)
    if keeper is not None and keeper.is_sure:
        raise ParseError(
            f"{page.name} is a page of WordPress, and {keeper.sentence}: read the thread from there, where `btl sites` "
            "lists a reader."
        )


def _head(root: etree._Element) -> Head:
    """Return what the page's links and meta elements say, the first of each name."""
    said: Head = {}
    for element in root.iter("link", "meta"):
        value = (element.get("href") or element.get("content") or "").strip()
        name = element.get("rel") or element.get("property") or element.get("name") or ""
        if value and name:
            said.setdefault(f"{name} {element.get('type')}" if name == "alternate" else name, value)
    return said


def _post_url(page: Page, head: Head, found: Comments) -> str:
    """Return the post's address as the page says it; raise ParseError where nothing does."""
    own = (
        link.get("href", "")
        for section in found.sections
        for link in section.parts.get("a", ())
        if f"#comment-{section.number}" in link.get("href", "")
    )
    for url in (head.get("canonical"), head.get("og:url"), page.url, next(own, None)):
        if url and (resolved := addresses.resolve(url, page.url or "")):
            return addresses.post_url(resolved)
    raise ParseError(f"{page.name} does not say where it is from: give its address with --url.")


def _post_id(page: Page, head: Head, found: Comments) -> str | None:
    """Return the post's number, which core and themes write in many places."""
    return next((number for number in _post_ids(page, head, found) if number.isdecimal() and number != "0"), None)


def _post_ids(page: Page, head: Head, found: Comments) -> Iterator[str]:
    root = page.root
    if "comment_post_ID" in page.text:
        yield from (field.get("value") or "" for field in root.iter("input") if field.get("name") == "comment_post_ID")
    body = root.find(".//body")
    yield from _BODY_POST.findall(body.get("class") or "" if body is not None else "")[:1]
    yield from _ROUTE_POST.findall(head.get("alternate application/json", ""))
    yield addresses.query(head.get("shortlink")).get("p", "")
    yield cast(str, _REPLY_POST(root))
    for ancestor in found.sections[0].element.iterancestors() if found.sections else ():
        yield from _ARTICLE_POST.findall(ancestor.get("id") or "")
    named = addresses.query(page.url)
    yield named.get("p") or named.get("page_id") or ""


def _thread(page: Page, head: Head, post: str, found: Comments, headline: Shown[str]) -> Thread:
    return Thread(
        site=wording.NAME,
        instance=addresses.host(page.url) or addresses.host(post),
        native_id=_post_id(page, head, found) or urlsplit(post).path.strip("/") or None,
        url=post,
        title=headline,
        is_closed=_is_closed(page),
        article=Article(url=post, headline=headline, published_raw=_published(page, head)),
    )


def _classed(root: etree._Element, tag: str, names: tuple[str, ...]) -> etree._Element | None:
    """Return the first element of a tag whose class has one of the names in it."""
    return next((found for found in root.iter(tag) if any(name in (found.get("class") or "") for name in names)), None)


def _headline(root: etree._Element, head: Head) -> Shown[str]:
    if text := visible(_classed(root, "h1", _TITLES)) or head.get("og:title"):
        return text
    own = cast(list[etree._Element], _OWN_HEADING(root))
    return visible(own[0] if own else root.find(".//title")) or NOT_SHOWN


def _published(page: Page, head: Head) -> Shown[str]:
    said = head.get("article:published_time")
    return (said if said and usable(said) else first_usable(said, _date_of_post(page))) or NOT_SHOWN


def _date_of_post(page: Page) -> str:
    root = page.root
    found = _classed(root, "time", _DATES)
    if found is None and "wp-block-post-date" in page.text:
        found = next(iter(cast(list[etree._Element], _BLOCK_DATE(root))), None)
    return found.get("datetime") or "" if found is not None else ""


def _is_closed(page: Page) -> Shown[bool]:
    has_fields = "commentform" in page.text or "comment_post_ID" in page.text
    fields = page.root.iter("form", "input") if has_fields else ()
    if any(field.get("id") == "commentform" or field.get("name") == "comment_post_ID" for field in fields):
        return False
    if "respond" in page.text and any(element.get("id") == "respond" for element in page.root.iter()):
        return False
    return True if ("nocomments" in page.text or "no-comments" in page.text) and _CLOSED(page.root) else NOT_SHOWN


def _likes(page: Page) -> dict[str, int]:
    """Return likes by comment, which WordPress.com and Jetpack write below a comment's text."""
    if "comment-like-count-" not in page.text:
        return {}
    found = cast(list[etree._Element], _LIKES(page.root))
    numbers = ((element.get("id", "").rpartition("-")[2], only_count(element)) for element in found)
    return {comment: number for comment, number in numbers if number is not None}


def _count_of_empty(page: Page, post: str) -> Count | None:
    """Return what a post without comments counts, in its place for them or in the link to it."""
    found = (linked_count(page, post), proof_of_empty(page)[1])
    return next((Count(count, count) for count in found if count is not None), None)


def _declared_count(found: Comments, headline: Shown[str], paging: Paging) -> Count | None:
    count = wording.count_before(found.sections[0].element, headline if isinstance(headline, str) else "")
    # Some themes count the comments of one page, which is not what the thread has.
    is_of_page = paging.has_more and count is not None and count.value <= len(found.sections)
    return None if is_of_page else count


def _completeness(page: Page, count: Count | None, found: Comments, paging: Paging) -> Completeness:
    is_cut = page.is_cut
    lacks = count is not None and count.least > len(found.sections)
    return Completeness(
        page_number=paging.number,
        page_count=paging.last,
        is_whole=not (is_cut or lacks or paging.has_more),
        is_cut=is_cut,
        count_least=count.least if count is not None and count.least < count.value else None,
        left_out=found.pings,
        # A list of nothing but pingbacks is the page's own, read to its end.
        empty_proof="container" if found.sections else proof_of_empty(page)[0],
    )
