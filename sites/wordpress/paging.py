"""Comment pages of a post: which one this is, how many there are, and the addresses of the others."""

import re
from typing import NamedTuple, cast

from lxml import etree

from belowtheline.reading.items import Link
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urlsplit
from belowtheline.sites.wordpress import addresses
from belowtheline.sites.wordpress.parts import Comments

_LINKS = etree.XPath("/descendant::a[contains(@href, 'comment-page-') or contains(@href, 'cpage=')]")
_CURRENT = etree.XPath("/descendant::*[contains(@class, 'page-numbers') and contains(@class, 'current')]")
_MORE = etree.XPath(
    "//*[(contains(@class, 'load-more') or contains(@class, 'loadmore') or contains(@id, 'load-more'))"
    " and (contains(@class, 'comment') or contains(@class, 'wpd') or contains(@id, 'comment')"
    " or ancestor::*[@id='comments'])]"
)
_ANCHOR = re.compile(r"comment-(\d+)$")
_STEPS = {"prev": -1, "next": 1}


class Paging(NamedTuple):
    """What a page says of the other pages of its comments."""

    number: int | None
    """Which page it is; None where it does not say, or where there is only one."""
    last: int | None
    """The highest page it knows of; None where there is only one."""
    links: tuple[Link, ...]
    """Requests for the others."""
    has_more: bool
    """Whether there is more of the thread than this page."""


def read_paging(page: Page, found: Comments, post: str) -> Paging:
    """Return the paging of a post's comments, from its links and from the comments' own addresses."""
    has_more = ("load-more" in page.text or "loadmore" in page.text) and bool(_MORE(page.root))
    linked, steps, own = _linked(page, found, post)
    told = addresses.comment_page(page.url)
    number = told or own or _marked(page, linked) or _counted(linked, steps)
    if not linked and number in (None, 1):
        return Paging(None, None, (), has_more)
    last = max({*linked, number or 1})
    others = set(range(2, last + 1)) | linked
    if told is None and number is not None and number > 1:
        others.add(1)  # the newest page is shown first: the oldest has a number
    here = addresses.at_host_of(post, page.url)
    urls = [addresses.comment_page_url(here, other) for other in sorted(others - {number})]
    if told is not None:
        urls.append(here)  # the page without a number is the first or the last one
    return Paging(number, last, tuple(Link(url=url) for url in urls), has_more=True)


def _linked(page: Page, found: Comments, post: str) -> tuple[set[int], dict[int, int], int | None]:
    """Return the pages linked to, in which direction they lie, and the page that the comments say they are on."""
    if "comment-page-" not in page.text and "cpage=" not in page.text:
        return set(), {}, None
    ids = {section.number for section in found.sections}
    linked: set[int] = set()
    steps: dict[int, int] = {}
    own: set[int] = set()
    for link in cast(list[etree._Element], _LINKS(page.root)):
        url = addresses.resolve(link.get("href") or "", page.url or post)
        number = addresses.comment_page(url)
        if url is None or number is None or not addresses.same_post(url, post):
            continue
        anchor = _ANCHOR.match(urlsplit(url).fragment)
        if anchor and anchor[1] in ids:
            own.add(number)
        else:
            linked.add(number)
            steps.update((number, step) for name, step in _STEPS.items() if name in _names_about(link))
    return linked - own, steps, own.pop() if len(own) == 1 else None


def _names_about(link: etree._Element) -> str:
    parent = link.getparent()
    names = [link.get("class"), link.get("rel"), parent.get("class") if parent is not None else None]
    return " ".join(name for name in names if name)


def _marked(page: Page, linked: set[int]) -> int | None:
    """Return the page that a list of page numbers marks as the current one."""
    marked = cast(list[etree._Element], _CURRENT(page.root)) if linked else []
    numbers = [int(text) for element in marked if (text := visible(element)).isdecimal() and len(text) < 5]
    return numbers[0] if len(numbers) == 1 and numbers[0] not in linked else None


def _counted(linked: set[int], steps: dict[int, int]) -> int | None:
    """Return the page that lies between the next and the previous one, which is all that some themes show."""
    numbers = {number - step for number, step in steps.items()}
    if len(numbers) == 1:
        return numbers.pop()
    return 1 if linked == {2} and not steps else None
