"""Forged pages: the cases of every site with other words in them, as if another host had made them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from belowtheline.archive.warc.captures import WarcFile
from belowtheline.authoring.cases import page_of
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read
from belowtheline.sites.site import Site

CASES = Path(__file__).parent / "sites"
EVIL = "evil.example"
FORGED = "forgedword"
DERIVED = (
    "threads", "articles", "authors", "icons", "comments", "comment_versions", "observations", "thread_observations",
    "stubs", "quotes", "reply_edges", "reply_candidates",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True)
class Forgery:
    """A genuine page of a site, and the bytes of one that says other words in the name of the same people."""

    page: Page
    body: bytes

    def at(self, origin: str) -> str:
        """Return the address of the forged page: the genuine path on another host."""
        parts = urlsplit(self.page.url or "")
        return parts._replace(scheme=urlsplit(origin).scheme, netloc=urlsplit(origin).netloc).geturl()


def forgeries(site: Site) -> Iterator[Forgery]:
    """Yield each case of a site that has an address and comments, with its forged bytes."""
    for known in sorted((CASES / site.name).glob("*/page.json")):
        page = page_of(known.parent)
        if page.url and (body := _forged(site, page)):
            yield Forgery(page, body)


def _forged(site: Site, page: Page) -> bytes | None:
    """Return a page with one word of a comment replaced everywhere, where that leaves it readable."""
    for word in _words(site, page):
        body = page.body.replace(word.encode(), FORGED.encode())
        if any(FORGED in text for text in _texts(site, Page(page.url, body, page.content_type, page.fetched_at))):
            return body
    return None


def _words(site: Site, page: Page) -> Iterator[str]:
    return (word for text in _texts(site, page) for word in _WORD.findall(text))


def _texts(site: Site, page: Page) -> list[str]:
    try:
        found = read(site, page)
    except ParseError:
        return []
    bodies = [shown(comment.body_text) or shown(comment.body_html) for part in found for comment in part.comments]
    return [body for body in bodies if body]


def write_warc(path: Path, when: datetime, pages: list[tuple[str, bytes, str | None]]) -> Path:
    """Write a WARC file of responses, each as address, body and content type."""
    file = WarcFile(path.parent, path.name)
    for url, body, kind in pages:
        file.write_response(url, when, "200 OK", [("Content-Type", kind or "application/octet-stream")], body)
    file.close()
    return path


def held(path: Path) -> set[tuple[Any, ...]]:
    """Return every row that was made from pages, with its table."""
    with closing(sqlite3.connect(path)) as connection:
        return {(table, *row) for table in DERIVED for row in connection.execute(f"SELECT * FROM {table}")}


def query(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, values).fetchall()
