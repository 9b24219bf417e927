"""A page of a forum: which forum it is, how many postings and pages that has, and the article it stands under."""

import re
from typing import NamedTuple, cast

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Comment,
    Completeness,
    Link,
    Mark,
    Shown,
    Thread,
    ThreadPage,
)
from belowtheline.reading.markup import visible
from belowtheline.reading.numbers import only_count
from belowtheline.reading.page import Page
from belowtheline.reading.page_ranges import other_pages
from belowtheline.reading.urls import urljoin
from belowtheline.sites.derstandard import addresses, canvas, postings, wording

_OBJECT = re.compile(r"objectID:\s{0,9}(\d{5,19})\b")
_POST = re.compile(r"/\?page=post(?:&amp;|&)ref=(\d{5,19})\b")
_CLASS = "contains(concat(' ', normalize-space(@class), ' '), ' {} ')"
_BUTTONS = etree.XPath("//*[@data-pagenumber]")
_COUNTS = etree.XPath(
    f"//*[{_CLASS.format('js-forum-postingcount')}] | //*[{_CLASS.format('story-community-header')}]//h1"
)
_HEADERS = ("artikelHeader", "content-header")
_NOT_OPEN = re.compile(r"<dst-forum\b|<dst-posting\b")


def is_forum(page: Page) -> bool:
    """Return whether a page has a forum of derStandard, of any form that is read."""
    text = page.text
    if 'id="communityCanvas"' in text:
        return "derstandard" in text.lower()
    return "data-postingid" in text and "data-communityname" in text


def parse_page(page: Page) -> ThreadPage:
    """Return the forum of a page; raise ParseError where it has none."""
    article = _article_id(page)
    forum = canvas.container(page)
    if forum is not None:
        comments = canvas.read_canvas(forum, page, article)
        _check(page, comments)
        return _of_canvas(page, forum, comments, article)
    if postings.is_postings(page):
        comments = postings.read_postings(page, article)
        _check(page, comments)
        return _of_postings(page, comments, article)
    if _NOT_OPEN.search(page.text) or (page.url and addresses.is_script_only(page.url)):
        raise ParseError(
            f"{page.name} loads its forum by a script, so that the page does not hold it: take a page of before 2019, "
            "or one that a browser saved with its postings as div[data-postingid]."
        )
    raise ParseError(
        f"{page.name} does not read as a forum of derStandard: looked for #communityCanvas and div[data-postingid]; "
        "check the address, or take another site with --site."
    )


def _check(page: Page, comments: tuple[Comment, ...]) -> None:
    if comments and not any(comment.native_id for comment in comments):
        raise ParseError(
            f"{page.name} has {len(comments)} postings without an id: the capture is kept, update the site's reader."
        )


def _article_id(page: Page) -> str | None:
    named = addresses.article_of(page.url) if page.url else None
    if named is not None:
        return named
    match = _OBJECT.search(page.text) or _POST.search(page.text)
    return match[1] if match else None


class _Bars(NamedTuple):
    """What stands around the postings: the line that counts them, and the links to other pages."""

    info: tuple[int, int, int] | None
    links: list[str]
    current: int | None


def _bars(forum: etree._Element) -> _Bars:
    info, links, current = None, [], None
    for bar in forum:
        if "up" in (bar.get("class") or "").split():
            continue
        for part in bar.iter("a", "div"):
            names = (part.get("class") or "").split()
            if part.tag == "a":
                links.append(part.get("href") or "")
                shown = wording.number(visible(part)) if "current" in names else NOT_SHOWN
                current = shown if isinstance(shown, int) else current
            elif "info" in names and info is None:
                info = wording.shown_range(visible(part))
    return _Bars(info, links, current)


def _of_canvas(page: Page, forum: etree._Element, comments: tuple[Comment, ...], article: str | None) -> ThreadPage:
    bars = _bars(forum)
    first, last, declared = bars.info or (None, None, None)
    if not comments and declared and not page.is_cut:
        raise ParseError(
            f"{page.name} says that there are {declared} postings, and none was found in .up: the capture is kept, "
            "update the site's reader."
        )
    url = _url(page, bars, article)
    number, count = _numbers(page, bars)
    is_all = (first, last) in ((0, 0), (1, declared)) and len(comments) == declared
    links = [Link(url=addresses.page_url(url, other)) for other in other_pages(number, count)]
    return ThreadPage(
        thread=_thread(page, article, url, NOT_SHOWN if declared is None else declared),
        comments=comments,
        links=tuple(links) if page.url else (),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(
            page_number=number,
            page_count=count,
            is_whole=is_all and not page.is_cut,
            is_cut=page.is_cut,
            counts_visible=True,
        ),
    )


def _found(path: etree.XPath, root: etree._Element) -> list[etree._Element]:
    return cast(list[etree._Element], path(root))


def _url(page: Page, bars: _Bars, article: str | None) -> str:
    """Return the article's address: the page's own, else the one that the links to other pages have."""
    if page.url and addresses.article_of(page.url):
        return addresses.article_url(page.url)
    base = f"http://{addresses.SITE}/"
    near = next((href for href in bars.links if addresses.page_of(href)), None)
    return addresses.article_url(urljoin(base, near)) if near else f"{base}{article or ''}"


def _numbers(page: Page, bars: _Bars) -> tuple[int | None, int | None]:
    """Return which page this is and how many there are: the list of pages may leave out those far away."""
    numbers = [number for href in bars.links if (number := addresses.page_of(href))]
    number = bars.current or addresses.page_of(page.url)
    return (number or 1, max(*numbers, number or 1)) if numbers else (number, number)


def _blocks(page: Page) -> dict[str, etree._Element]:
    """Return the blocks of a page by their ids, those of the forum left out."""
    found: dict[str, etree._Element] = {}
    for part in page.root.iter("div"):
        if name := part.get("id"):
            if name == "communityCanvas":
                break
            found.setdefault(name, part)
    return found


def _thread(page: Page, article: str | None, url: str, declared: Shown[int]) -> Thread:
    blocks = _blocks(page)
    header = next((blocks[name] for name in _HEADERS if name in blocks), None)
    headline = visible(header.find(".//h1")) if header is not None else ""
    kicker = visible(header.find(".//h4")) if header is not None else ""
    dates = [visible(part) for part in header.iter("span") if part.get("class") == "date"] if header is not None else []
    body = blocks.get("artikelBody")
    teaser = visible(body.find(".//h2")) if body is not None else ""
    return Thread(
        site=wording.NAME,
        native_id=article,
        url=url if article else NOT_SHOWN,
        title=headline or NOT_SHOWN,
        is_closed=False if "/?page=post&" in page.text else NOT_SHOWN,
        declared_count=declared,
        article=Article(
            url=url if article else NOT_SHOWN,
            headline=headline or NOT_SHOWN,
            teaser=teaser or NOT_SHOWN,
            published_raw=dates[0] if dates and dates[0] else NOT_SHOWN,
        ),
        marks=(Mark(kind="kicker", value=kicker),) if kicker else NOT_SHOWN,
    )


def _of_postings(page: Page, comments: tuple[Comment, ...], article: str | None) -> ThreadPage:
    counts: list[Shown[int]] = [only_count(part) for part in _found(_COUNTS, page.root)]
    counts += [wording.count_in(visible(part)) for part in _found(_COUNTS, page.root)]
    declared = next((count for count in counts if isinstance(count, int)), NOT_SHOWN)
    declared = 0 if declared is NOT_SHOWN and 'class="no-postings' in page.text and not comments else declared
    buttons = [wording.number(part.get("data-pagenumber")) for part in _found(_BUTTONS, page.root)]
    count = max((number for number in buttons if isinstance(number, int)), default=None)
    number = addresses.page_of(page.url)
    is_all = isinstance(declared, int) and len(comments) >= declared
    is_page = page.url and not addresses.is_fragment(page.url)
    url = addresses.article_url(page.url) if page.url and is_page else f"http://{addresses.SITE}/{article or ''}"
    is_cut = _is_cut(page)
    links = (
        [Link(url=addresses.fragment_url(page.url or "", other)) for other in other_pages(number, count)]
        if number and count
        else []
    )
    return ThreadPage(
        thread=_thread(page, article, url, declared),
        comments=comments,
        links=tuple(links),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(
            page_number=number,
            page_count=count,
            is_whole=is_all and not is_cut,
            is_cut=is_cut,
            counts_visible=True,
        ),
    )


def _is_cut(page: Page) -> bool:
    """Return whether a page ends before its own end, or a part of a page inside a tag."""
    if "<html" in page.text[:4096].lower():
        return page.is_cut
    return not page.text.rstrip().endswith(">")
