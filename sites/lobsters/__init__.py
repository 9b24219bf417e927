"""Lobsters: what the site is; its addresses, its JSON, its HTML pages and its wording are modules of their own."""

import re

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.lobsters import addresses, answers, pages, wording
from belowtheline.sites.site import Site

_POINTS_AT = re.compile(r"\b(?:lobste|discuss|comment)", re.IGNORECASE)


class Lobsters(Site):
    """Stories of Lobsters and of the sites that run its software, from JSON and from HTML.

    Relies in JSON on `short_id`, `comments` and `indent_level` with accounts as objects (recorded in 2018), or on
    `depth` with names as text (the software's source, later); in HTML on `li.story[data-shortid]`, `.comment[id^=c_]`
    in nested `ol.comments`, `.byline`, `.comment_text` and `.upvoter` (recorded in 2026), or on `.score` and dates in
    titles (older templates of the software). The pages of 2012, with `li[id^=comment_]`, are not read.
    """

    name = wording.NAME
    title = "Lobsters"
    hosts = addresses.HOSTS
    example_url = "https://lobste.rs/s/abc123/example_slug"
    reads = (
        "stories at /s/ID.json: the whole thread in one answer",
        "pages at /s/ID/slug, of lobste.rs and of sister sites, which are told by their markup",
        "addresses of comments at /c/ID, which lead to their story's page",
    )
    cannot = (
        "texts of removed comments, and comments that were removed before anyone answered: no one is shown them",
        "the date of an edited comment from HTML, which shows the date of the edit: JSON has both",
        "who flagged, and scores that are hidden on the page for the first hours: JSON has them",
        "lists of stories or of an account's comments",
    )
    counts = "the comments that stand: removed ones are shown in place and not counted"
    end = "the answer or the page, which always is the whole thread"
    delay = 5.0
    # Half of the comments on a young page may be edited, which hides their date; tombstones have no body.
    floors = {"author": 0.95, "published_at": 0.5, "body_text": 0.8}
    conventions = wording.CONVENTIONS

    def claims(self, url: str) -> bool:
        """Return whether the host is Lobsters'."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page is a story with its comments, on any host."""
        if page.looks_like_html:
            return pages.looks_like_story(page)
        if '"short_id"' not in page.text or '"submitter_user"' not in page.text:
            return False
        try:
            return answers.is_story(page.json)
        except ParseError:
            return False

    def thread_id(self, url: str) -> str | None:
        """Return the story's short id."""
        return addresses.story_of(url)

    def start(self, url: str) -> Link:
        """Return the story's JSON, or a comment's address as it is; raise UnknownSite for anything else."""
        story = addresses.story_of(url)
        if story:
            return Link(url=addresses.story_url(story, url) + ".json")
        comment = addresses.comment_of(url)
        if comment:
            return Link(url=f"{addresses.origin(url)}/c/{comment}")
        raise UnknownSite(f"{url} is no story of Lobsters: give an address like {self.example_url}.")

    def otherwise(self, url: str) -> Link | None:
        """Return the story's page where its JSON cannot be had."""
        story = addresses.story_of(url)
        return Link(url=addresses.story_url(story, url), kind="fallback") if story and addresses.is_json(url) else None

    def find_thread(self, page: Page) -> Link | None:
        """Return the one story that an article's page links to as its discussion."""
        if f"{addresses.SITE}/s/" not in page.text or not page.looks_like_html:
            return None
        found = set()
        for link in page.root.iter("a"):
            href = urljoin(page.url or "", link.get("href") or "")
            if addresses.is_ours(href) and _POINTS_AT.search(visible(link)) and (story := addresses.story_of(href)):
                found.add(story)
        return self.start(f"https://{addresses.SITE}/s/{found.pop()}") if len(found) == 1 else None

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one thread of an answer or of a page."""
        return (pages.parse_html_page(page) if page.looks_like_html else answers.parse_story(page),)
