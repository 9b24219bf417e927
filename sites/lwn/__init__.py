"""LWN.net: what the site is; its addresses, pages and comment boxes are modules of their own."""

from typing import ClassVar

from belowtheline.reading.errors import UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.lwn import addresses, pages
from belowtheline.sites.site import Site


class Lwn(Site):
    """Comments on articles of LWN.net.

    Relies on `.CommentBox` with `.CommentTitle` and `.CommentPoster`, which pages have had since 2007: at first `div`
    in `div.Comment`, with `.CommentBody`; since about 2020 `details` in `details`, with `summary` and
    `.FormattedComment`.
    """

    name = pages.NAME
    title = "LWN.net"
    hosts = addresses.HOSTS
    example_url = "https://lwn.net/Articles/123456/"
    reads = (
        "articles at /Articles/ID/ with their comments, in the markup of 2007 to 2020 and in that since",
        "a comment's own page, which leads to the article's",
        "saved pages (.html)",
    )
    cannot = (
        "articles for subscribers, while they are",
        "a count to check against: an article's page shows none",
        "the time of day an article was published",
    )
    counts = "nothing: an article's page shows no total"
    end = "the article's page read to its end: it has all comments"
    floors: ClassVar[dict[str, float]] = {"author": 0.95, "published_at": 0.95, "body_text": 0.9}
    conventions = pages.CONVENTIONS

    def claims(self, url: str) -> bool:
        """Return whether the host is LWN's."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page names LWN and has its headline or comment boxes."""
        is_shaped = "PageHeadline" in page.text or "CommentPoster" in page.text
        return page.looks_like_html and is_shaped and "LWN.net" in page.text

    def thread_id(self, url: str) -> str | None:
        """Return the article's number; a comment's address cannot be told from an article's."""
        return addresses.article_id(url)

    def start(self, url: str) -> Link:
        """Return the article's page; raise UnknownSite for anything else."""
        native_id = addresses.article_id(url)
        if native_id is None:
            raise UnknownSite(f"{url} is no article of LWN: give an address like {self.example_url}.")
        return Link(url=url if "/SubscriberLink/" in url else addresses.article_url(native_id, url))

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the comments of a page."""
        return (pages.parse_page(page),)
