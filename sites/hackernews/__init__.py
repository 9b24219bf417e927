"""Hacker News: what the site is; its addresses, its HTML pages and the answers of its APIs are modules of their own."""

import re
from typing import Any

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.sites.hackernews import addresses, algolia, firebase, pages, wording
from belowtheline.sites.site import Site

_POINTS_AT = re.compile(r"\b(?:discuss|comment|hacker news|hn)", re.IGNORECASE)


class HackerNews(Site):
    """Threads of Hacker News, from its pages since 2007 and from its two APIs.

    Relies on `td.subtext` below the title and on `td.default` with `.comhead` and `.comment`, since 2007; on spacers
    of 40 pixels a level, since 2021 `td.ind[indent]`; ids stand in links, since 2016 in `tr.comtr[id]`. Of the APIs it
    relies on Algolia's `children` and on Firebase's `kids` and `parent`.
    """

    name = wording.NAME
    title = wording.TITLE
    hosts = addresses.HOSTS
    example_url = "https://news.ycombinator.com/item?id=1"
    reads = (
        "pages of stories and of single comments at news.ycombinator.com/item?id=ID, with further pages",
        "item trees at hn.algolia.com/api/v1/items/ID",
        "single items at hacker-news.firebaseio.com/v0/item/ID.json",
        "saved pages (.html) and answers (.json)",
    )
    cannot = (
        "lists of stories, and comments of a user: give the addresses of the threads",
        "texts of deleted and of flagged comments, which are shown to no one or only to who asks for them",
        "what is dead or deleted from Algolia, which leaves it out; points of a poll's options from Firebase",
        "the whole of a thread of before 2014 that had several pages: their addresses have expired",
    )
    counts = "the comments that a reader can see: deleted and dead ones are shown in place and not counted"
    end = "a story's page without a link to more, or the last of its pages; Algolia and Firebase prove no end"
    delay = 5.0
    floors = {"author": 0.8, "published_at": 0.8, "body_text": 0.8}  # what is deleted has no author and no text
    conventions = wording.CONVENTIONS

    def claims(self, url: str) -> bool:
        """Return whether the host is Hacker News' or one of its APIs'."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page has the frame of the site, or is an answer of an API."""
        if page.looks_like_html:
            return pages.looks_like_site(page)
        value = _answer(page)
        is_tree = algolia.is_tree(value) and "story_id" in value
        return is_tree or (firebase.is_item(value) and "time" in value)

    def thread_id(self, url: str) -> str | None:
        """Return the item of an address, which is the thread unless the item is a comment."""
        return addresses.item_of(url)

    def start(self, url: str) -> Link:
        """Return the item's page, since it shows what readers see: their order, what was deleted, and if there is more.

        Algolia's tree is one request as well, but it leaves out what is dead and has no order by rank; an address of an
        API was given on purpose and is kept.
        """
        item = addresses.item_of(url)
        if item is None:
            raise UnknownSite(f"{url} is no thread of Hacker News: give an address like {self.example_url}.")
        if addresses.is_tree(url):
            return Link(url=addresses.tree_url(item, url))
        if addresses.is_item(url):
            return Link(url=addresses.firebase_url(item, url))
        return Link(url=addresses.item_url(item, addresses.origin(url)))

    def otherwise(self, url: str) -> Link | None:
        """Return Algolia's tree, where a page or an item cannot be had."""
        item = addresses.item_of(url)
        if item is None or addresses.is_tree(url):
            return None
        return Link(url=addresses.tree_url(item, url), kind="fallback")

    def find_thread(self, page: Page) -> Link | None:
        """Return the one thread that an article's page links to as its discussion."""
        if addresses.SITE not in page.text or not page.looks_like_html:
            return None
        links = [link for link in page.root.iter("a") if addresses.SITE in (link.get("href") or "")]
        items = {addresses.item_in(link.get("href") or "") for link in links if _POINTS_AT.search(visible(link))}
        found = items - {None}
        return Link(url=addresses.item_url(str(found.pop()))) if len(found) == 1 else None

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one thread of a page or of an answer."""
        if page.looks_like_html:
            return (pages.parse_html_page(page),)
        said = " ".join(page.text[:400].split())
        if said != "null" and said[:1] not in ("{", "["):
            raise ParseError(
                f"{page.name} is neither a page nor an answer of Hacker News but says {said[:80]!r}: check that the "
                "item exists, or fetch it again later."
            )
        value = page.json
        if algolia.is_tree(value):
            return (algolia.parse_tree(page),)
        if firebase.is_item(value):
            return (firebase.parse_item(page),)
        raise ParseError(
            f"{page.name} is no item of Hacker News{_said(value)}: looked for id, author and created_at_i (Algolia), "
            "or id and type (Firebase); check that the item exists, or fetch its page at news.ycombinator.com."
        )


def _answer(page: Page) -> Any:
    if not page.text[:64].lstrip("\ufeff \t\r\n").startswith("{") or '"id"' not in page.text:
        return None
    try:
        return page.json
    except ParseError:
        return None


def _said(value: Any) -> str:
    """Return what an answer says of an error, in brackets."""
    if value is None:
        return " (the answer is null)"
    if not isinstance(value, dict):
        return ""
    found = [str(value[key])[:80] for key in ("status", "error", "message") if key in value]
    return f" ({' '.join(found)})" if found else ""
