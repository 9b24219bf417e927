"""The Register: what the site is; its addresses, HTML pages, copied text and wording are modules of their own."""

import re
from typing import ClassVar

from belowtheline.reading.errors import UnknownSite
from belowtheline.reading.items import Article, Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.site import Site
from belowtheline.sites.theregister import addresses, articles, copied, pages, wording

_MARKS = re.compile(r"""id=["']?forum_posts|Register Forums|<a\s[^<>]{0,200}\bid=["']?c_\d""")
"""What only pages of the forums have; those to 2010 have no container of their own, but numbered permalinks."""


class TheRegister(Site):
    """Forums of The Register, from the comment pages of 2008 to the topics of today.

    Relies on `#forum_posts .post` (since 2010 `#main-col`, since 2016 `#forum_posts`), `a.permalink#c_ID`, `.author`
    and `.body`; on copied text it relies on numbers, with or without indents, or on the dates above posts.
    """

    name = wording.NAME
    title = "The Register"
    hosts = addresses.HOSTS
    example_url = "https://forums.theregister.com/forum/all/2025/01/02/example_slug/"
    reads = (
        "topics at /forum/all/, /forum/N/ and /forum/containing/ID, on every host the forums have had",
        "comment pages at /YYYY/MM/DD/slug/comments/ (to 2009)",
        "articles, whose page links to their topic",
        "saved pages (.html) and text copied from a page (.txt)",
    )
    cannot = (
        "articles that link to several topics, and by no address of their own: give the topic's",
        "ids and addresses from copied text, which does not show them",
        "copied text whose posts have neither numbers nor dates: save the page",
        "a count to check against: the pages show none",
    )
    counts = "nothing: the pages show no total"
    end = "the page at /forum/all/ read to its end, or every page of the page list"
    delay = 5.0
    floors: ClassVar[dict[str, float]] = {"author": 0.9, "published_at": 0.9, "body_text": 0.9}  # tombstones have none
    conventions = wording.CONVENTIONS

    def claims(self, url: str) -> bool:
        """Return whether the host is one of The Register's."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page has the forum's container and name, or reads as text copied from one."""
        if page.looks_like_html:
            return "Register" in page.text and _MARKS.search(page.text) is not None
        return copied.looks_copied(page.text)

    def thread_id(self, url: str) -> str | None:
        """Return the topic's date and slug."""
        return addresses.topic_key(url)

    def start(self, url: str) -> Link:
        """Return the topic's whole-thread page, or the article's, which links to it; raise UnknownSite otherwise."""
        key = addresses.topic_key(url)
        if key:
            return Link(url=addresses.topic_url(key, url))
        if addresses.is_containing(url):
            return Link(url=url)
        if addresses.article_key(url):
            return Link(url=url, kind="article")
        raise UnknownSite(f"{url} is no comment thread of The Register: give an address like {self.example_url}.")

    def otherwise(self, url: str) -> Link | None:
        """Return the first numbered page where the whole-thread page cannot be had."""
        key = addresses.topic_key(url)
        if key and addresses.page_of(url) == "all":
            return Link(url=addresses.topic_url(key, url, 1), kind="fallback")
        return None

    def find_thread(self, page: Page) -> Link | None:
        """Return the topic that an article's page links to as its own, by its address or as the only one."""
        if not page.url or not page.looks_like_html or "/forum/" not in page.text:
            return None
        own = addresses.article_key(page.url)
        found = {key: url for url, key in pages.topic_links(page) if addresses.is_ours(url) or key == own}
        key = own if own in found else next(iter(found)) if len(found) == 1 else None
        return Link(url=addresses.topic_url(key, found[key])) if key else None

    def read_article(self, page: Page) -> Article | None:
        """Return headline, standfirst and text of an article's page."""
        return articles.read_article(page)

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one thread of a page, from HTML or from copied text."""
        return (pages.parse_html_page(page) if page.looks_like_html else copied.parse_copied(page),)
