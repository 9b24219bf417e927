"""WordPress pages: a post with its comments, from head to paging; the comments are read in `comments`."""

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from belowtheline.scraper.errors import ParseError
from belowtheline.scraper.instants import first_usable, usable
from belowtheline.scraper.items import NOT_SHOWN, Article, Completeness, Mark, Shown, Thread, ThreadPage
from belowtheline.scraper.markup import visible
from belowtheline.scraper.page import Page
from belowtheline.scraper.sites.wordpress import addresses, wording
from belowtheline.scraper.sites.wordpress.comments import read_comments
from belowtheline.scraper.sites.wordpress.paging import Paging, read_paging
from belowtheline.scraper.sites.wordpress.parts import Comments, find_comments, has_comments
from belowtheline.scraper.urls import urlsplit

_SIGNS = (
    "comment_post_ID", "thread-even depth-", "thread-alt depth-", '"wp-block-comment', " wp-block-comment",
)  # fmt: skip
_LOADS = re.compile(r"<(?:link|script|meta)\b[^<>]{0,400}(?:/wp-content/|/wp-includes/|/wp-json/|[\"']WordPress\b)")
"""What only pages made by WordPress hold, saved ones included; a link in a text is none of it."""
_ELSEWHERE = {
    "disqus_thread": "Disqus", "coral_thread": "Coral", "coral_talk_stream": "Coral", "fb-comments": "Facebook",
    "hyvor-talk-view": "Hyvor Talk",
}  # fmt: skip
_AREA = etree.XPath(
    "boolean(//*[@id='respond' or @id='commentform' or @name='comment_post_ID' or @id='comments'"
    " or contains(@class, 'comment-list') or contains(@class, 'commentlist') or contains(@class, 'comments-area')"
    " or contains(@class, 'wp-block-comments') or contains(@class, 'nocomments') or contains(@class, 'no-comments')])"
)
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
_NUMBER = re.compile(r"\d{1,9}")
Head = dict[str, str]


def has_signs(page: Page) -> bool:
    """Return whether a page was made by WordPress."""
    return any(sign in page.text for sign in _SIGNS) or _LOADS.search(page.text) is not None


def is_post(page: Page) -> bool:
    """Return whether a page was made by WordPress and holds comments of its own, or the place for them."""
    if not has_signs(page):
        return False
    return has_comments(page.root) or (bool(_AREA(page.root)) and _elsewhere(page) is None)


def parse_html_page(page: Page) -> ThreadPage:
    """Return the thread of one page; raise ParseError where it is no post of WordPress with a place for comments."""
    found = find_comments(page.root) if has_signs(page) else Comments((), frozenset())
    if not found.sections:
        _check_empty(page)
    head = _head(page.root)
    post = _post_url(page, head, found)
    paging = read_paging(page, found, post)
    comments = read_comments(found, post, _likes(page))
    if comments and all(comment.body_html is None for comment in comments):
        raise ParseError(
            f"{page.name} has a layout this reader does not know: found {len(comments)} comments and no text in any "
            "of them; the capture is kept, update the site's reader."
        )
    thread = _thread(page, head, post, found, paging)
    return ThreadPage(
        thread=thread,
        comments=comments,
        links=paging.links,
        conventions=wording.CONVENTIONS,
        completeness=_completeness(page, thread, len(found.sections), paging),
    )


def _check_empty(page: Page) -> None:
    """Raise ParseError unless a page without comments is a post that may have some."""
    if not has_signs(page) or not _AREA(page.root):
        raise ParseError(
            f"{page.name} does not read as a post of WordPress with comments: looked for elements #comment-ID, a "
            "comment form or #comments; open it in a browser: if it shows comments, the site's reader needs an update."
        )
    if other := _elsewhere(page):
        raise ParseError(
            f"{page.name} is a post of WordPress whose comments are kept by {other}, not on this page: "
            "read the thread from there (see `btl sites`)."
        )


def _elsewhere(page: Page) -> str | None:
    return next(
        (name for sign, name in _ELSEWHERE.items() if f'id="{sign}"' in page.text or f'class="{sign}"' in page.text),
        None,
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


def _thread(page: Page, head: Head, post: str, found: Comments, paging: Paging) -> Thread:
    headline = _headline(page.root, head)
    pings = found.pings
    return Thread(
        site=wording.NAME,
        instance=addresses.host(page.url) or addresses.host(post),
        native_id=_post_id(page, head, found) or urlsplit(post).path.strip("/") or None,
        url=post,
        title=headline,
        is_closed=_is_closed(page),
        declared_count=_declared_count(found, headline, paging),
        article=Article(url=post, headline=headline, published_raw=_published(page, head)),
        marks=(Mark(kind="pingbacks", value=str(pings)),) if pings and not paging.has_more else NOT_SHOWN,
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
    numbers = ((element.get("id", "").rpartition("-")[2], _NUMBER.search(visible(element))) for element in found)
    return {comment: int(number[0]) for comment, number in numbers if number}


def _declared_count(found: Comments, headline: Shown[str], paging: Paging) -> Shown[int]:
    if not found.sections:
        return NOT_SHOWN
    count = wording.count_before(found.sections[0].element, headline if isinstance(headline, str) else "")
    # Some themes count the comments of one page, which is not what the thread has.
    is_of_page = paging.has_more and count is not None and count <= len(found.sections)
    return NOT_SHOWN if count is None or is_of_page else count


def _completeness(page: Page, thread: Thread, seen: int, paging: Paging) -> Completeness:
    is_cut = page.is_cut
    lacks = isinstance(thread.declared_count, int) and thread.declared_count > seen
    return Completeness(
        page_number=paging.number,
        page_count=paging.last,
        is_whole=not (is_cut or lacks or paging.has_more),
        is_cut=is_cut,
    )
