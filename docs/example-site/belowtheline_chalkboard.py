"""Chalkboard, an invented forum: how a package of its own teaches Below the Line to read a site."""

from typing import cast
from urllib.parse import urlsplit

from lxml import etree

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Completeness, Link, Thread, ThreadPage
from belowtheline.reading.markup import Section, Sections, inner_html, visible
from belowtheline.reading.page import Page
from belowtheline.sites.site import Site

_BOARD = etree.XPath("(//main[@class='board'])[1]")
_POSTS = Sections("chalk", classes=("hand", "words", "wiped"), tags=("time",), closed=("words",))


class Chalkboard(Site):
    """Threads of the forum Chalkboard.

    Relies on `main.board .chalk`, and in each on `.hand`, `time[datetime]` and `.words`, or on `.wiped`.
    """

    name = "chalkboard"
    title = "Chalkboard"
    hosts = ("chalkboard.example",)
    example_url = "https://chalkboard.example/t/41"
    reads = ("threads at /t/NUMBER, saved pages (.html)",)
    counts = "nothing: a thread shows no total"
    end = "one page holds the whole thread, read to its end"
    floors = {"author": 0.9, "published_at": 0.9, "body_text": 0.9}  # noqa: RUF012 - wiped posts show no author

    def claims(self, url: str) -> bool:
        """Return whether the host is Chalkboard's."""
        return urlsplit(url).hostname in self.hosts

    def recognises(self, page: Page) -> bool:
        """Return whether a page says that Chalkboard made it."""
        return '<meta name="generator" content="Chalkboard' in page.text[:2000]

    def thread_id(self, url: str) -> str | None:
        """Return the thread's number."""
        kind, _, number = urlsplit(url).path.strip("/").partition("/")
        return number if kind == "t" and number.isdecimal() else None

    def start(self, url: str) -> Link:
        """Return the thread's page; raise UnknownSite for any other."""
        if self.thread_id(url) is None:
            raise UnknownSite(f"{url} is no thread of Chalkboard: give an address like {self.example_url}.")
        return Link(url=url)

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the thread of a page; raise ParseError where there is no board."""
        boards = cast(list[etree._Element], _BOARD(page.root))
        if not boards:
            raise ParseError(f"{page.name} is no thread of Chalkboard: looked for main.board; fetch or save it again.")
        native_id = self.thread_id(page.url) if page.url else boards[0].get("data-thread")
        thread = Thread(site=self.name, native_id=native_id, title=visible(page.root.find(".//h1")) or None)
        comments = tuple(_comment(post, position) for position, post in enumerate(_POSTS(boards[0]), 1))
        ended = Completeness(is_whole=not page.is_cut, is_cut=page.is_cut)
        return (ThreadPage(thread=thread, comments=comments, completeness=ended),)


def _comment(post: Section, position: int) -> Comment:
    parts = {name: elements[0] for name, elements in post.parts.items()}
    words, time = parts.get("words"), parts.get("time")
    return Comment(
        native_id=post.element.get("id", "").removeprefix("chalk-") or None,
        position=position,
        parent_native_id=post.element.get("data-below"),
        author=Author(name=visible(parts["hand"])) if "hand" in parts else NOT_SHOWN,
        body_html=inner_html(words) if words is not None else NOT_SHOWN,
        published_raw=time.get("datetime") if time is not None else NOT_SHOWN,
        deletion="unknown" if "wiped" in parts else None,
    )
