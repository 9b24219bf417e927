"""Structured data: what it is read from; addresses, notations, comments and pages are modules of their own."""

from belowtheline.reading.errors import UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.site import Site
from belowtheline.sites.structured import addresses, pages


class Structured(Site):
    """Comments that any page marks up for machines, when no other site knows the page.

    Relies on schema.org's `Comment` (2013) and `UserComments` (2011) in microdata, and on `Comment` in JSON-LD (2014),
    nested in an article or a forum's posting (2023), in a `@graph`, or with `parentItem`; on microformats2 (2013):
    `h-entry` or `h-cite` with `u-comment`, or with `u-in-reply-to` this page; on hAtom (2005) with the class `comment`.
    What several notations say of one comment goes together by its id; the one with the most texts leads.
    """

    name = pages.NAME
    title = "Structured data"
    hosts = ()
    example_url = "https://kettles.example/2024/limescale/"
    reads = (
        "comments in microdata and JSON-LD of schema.org: Comment, UserComments, and those of a DiscussionForumPosting",
        "comments in microformats: h-entry and h-cite, webmentions shown as comments among them, and hAtom",
        "what the article or the forum's first post says of itself; saved pages (.html)",
    )
    cannot = (
        "comments that a page shows and does not mark up, or marks up after its scripts ran only",
        "likes, reposts, bookmarks and mentions: they are no comments, the thread says how many were left out",
        "answers of question pages; a comment on an answer is read, what it answers is left open",
        "what answers what, where items are neither nested nor in nested lists and do not say it",
        "the zone of dates that name none, unless time elements show it: read as UTC, and marked so",
        "properties given by itemref",
    )
    counts = "whatever the page calls its comments: visible or not, replies or not, it does not say"
    end = "nothing: what is marked up says what there is, never that there is no more"
    # No floor for dates: they may stand outside of what is marked up, or in the words of any language.
    floors = {"author": 0.8, "body_text": 0.8, "native_id": 0.0}  # markup need not name its comments
    rank = 2

    def claims(self, url: str) -> bool:
        """Return False: no address tells what a page marks up."""
        return False

    def recognises(self, page: Page) -> bool:
        """Return whether a page marks up at least one comment."""
        return pages.has_comments(page)

    def thread_id(self, url: str) -> str | None:
        """Return None: only the page tells which address is its own."""
        return None

    def start(self, url: str) -> Link:
        """Return the page at an address, without fragment; raise UnknownSite where it is none of the web."""
        found = addresses.resolve(url, "")
        if found is None:
            raise UnknownSite(f"{url} is no web address: give one like {self.example_url}.")
        return Link(url=found.partition("#")[0])

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the thread of a page, or one for each article with comments of its own."""
        return pages.parse_page(page)
