"""Slashdot: what the site is; its addresses, dates, pages, comments and their script are modules of their own."""

from typing import ClassVar

from belowtheline.reading.errors import UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.site import Site
from belowtheline.sites.slashdot import addresses, pages


class Slashdot(Site):
    """Discussions of Slashdot, under stories, polls, journals and submissions.

    Relies on `ul#commentlisting`, `li.comment#tree_ID` and `#comment_body_ID`, which pages have had since 2006: at
    first with one-line entries as plain list items, later with the classes full, oneline and hidden and a script that
    knows all comments. The text of a oneline entry is in the page, whole unless the script calls it abbreviated.
    """

    name = pages.NAME
    title = "Slashdot"
    hosts = addresses.HOSTS
    example_url = "https://news.slashdot.org/story/25/01/02/1234567/example-story"
    reads = (
        "stories at /story/, article.pl and NN/NN/NN/NNN.shtml, in every section, with the comments below them",
        "discussions at comments.pl, also one comment with its replies",
        "polls, journals and submissions with comments",
        "saved pages (.html) since 2006",
    )
    cannot = (
        "hidden comments, until comments.pl shows them: they are stubs",
        "abbreviated texts: such comments have no body, but a mark, until comments.pl shows them in full",
        "dates of one-line entries, which show none",
        "a year that the page leaves out, but by the story's day",
        "the hour for certain: Slashdot shows all times with the offset New York had when the page was fetched",
    )
    counts = "all comments of the discussion, hidden ones too; it is cached and lags behind"
    end = "as many comments in full as the page counts, none of them hidden, listed or abbreviated"
    # Entries of one line show no date, and abbreviated ones no body: a page may have few others, or none. That full
    # ones show a date is checked by the page; of the dates shown, nearly all must be readable.
    floors: ClassVar[dict[str, float]] = {"author": 0.9, "readable_date": 0.6, "body_text": 0.5}
    conventions = pages.CONVENTIONS

    def claims(self, url: str) -> bool:
        """Return whether the host is Slashdot's or one of its sections'."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page has the list of comments and names Slashdot."""
        return page.looks_like_html and 'id="commentlisting"' in page.text and "slashdot.org" in page.text

    def thread_id(self, url: str) -> str | None:
        """Return the story's date and number."""
        return addresses.story_key(url)

    def start(self, url: str) -> Link:
        """Return the story's page, or the whole discussion; raise UnknownSite for anything else."""
        if key := addresses.story_key(url):
            return Link(url=addresses.story_url(key, url))
        if number := addresses.discussion_id(url):
            return Link(url=addresses.discussion_url(number, url))
        if addresses.is_other_thread(url):
            return Link(url=url)
        raise UnknownSite(f"{url} is no discussion of Slashdot: give an address like {self.example_url}.")

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one discussion of a page."""
        return (pages.parse_page(page),)
