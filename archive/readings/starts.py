"""Where readings start: at the address of a thread, which tells the thread only with whose it is."""

import hashlib
from dataclasses import dataclass

from belowtheline.reading.items import Link


@dataclass(frozen=True, slots=True)
class Start:
    """Where a reading of one thread is to start."""

    site: int
    native_id: str | None
    link: Link
    instance: str | None = ""
    """Instance of its thread; NULL where only its page tells it."""
    is_site_named: bool = False
    """Whether a person named its site."""


@dataclass(frozen=True, slots=True)
class Given:
    """Where a reading of pages starts that are taken in, and in which run."""

    run_id: int
    site: int
    url: str
    is_site_named: bool = False


def address_of(link: Link) -> str:
    """Return what a reading that starts with a request is known by: many threads may be asked for at one address.

    >>> address_of(Link(url="https://kettles.example/api", method="POST", body="{}"))
    'https://kettles.example/api#44136fa355b3678a'
    """
    return f"{link.url}#{hashlib.sha256(link.body.encode()).hexdigest()[:16]}" if link.body else link.url


# An id names a thread of its own instance only, and none in a file without address.
OF_START = """
    (r.start_url = ?2 OR (r.start_url NOT LIKE 'file:%' AND r.thread_id IN (
        SELECT id FROM threads WHERE site_id = ?1 AND native_id = ?3 AND instance = ?5)))
    AND (r.site_id = ?1 OR ?4)"""


def known_by(start: Start) -> tuple[object, ...]:
    """Return what tells the readings of a thread from others, for `OF_START`."""
    is_article = start.link.kind == "article"  # its reading is of another site once the page has told which
    return (start.site, address_of(start.link), start.native_id, is_article, start.instance)
