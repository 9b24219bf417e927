"""Made-up pages: one thread a page, 1.5 KB of HTML a comment, no text twice."""

from belowtheline.demo.generator import forum_page
from belowtheline.reading.page import Page

COMMENTS = 100
"""Comments on a page, unless a bench says otherwise."""
CONTENT_TYPE = "text/html; charset=utf-8"


def path(number: int) -> str:
    """Return the path of a thread."""
    return f"/forum/all/2026/01/02/made_up_{number}/"


def page_bytes(count: int, comments: int = COMMENTS) -> dict[str, bytes]:
    """Return so many pages by their paths; ids are unique over all of them."""
    return {
        path(number): forum_page(comments, seed=number, first_id=1_000_001 + number * comments, path=path(number))
        for number in range(count)
    }


def pages(bodies: dict[str, bytes], base: str, fetched_at: str = "2026-01-05T10:00:00Z") -> list[Page]:
    """Return pages as a crawl of `base` would receive them."""
    return [Page(base + path, body, CONTENT_TYPE, fetched_at) for path, body in bodies.items()]
