"""LWN's addresses: articles and comments are numbered alike, and an article's comments stand on its own page."""

import re

from belowtheline.reading.urls import urlsplit

HOSTS = ("lwn.net", "www.lwn.net", "old.lwn.net")
CANONICAL = "https://lwn.net"

_ARTICLE = re.compile(r"/(?:Articles|headlines|SubscriberLink)/(?P<id>\d{1,12})(?:/|$)")
_TARGET = re.compile(r"/Articles/(?P<id>\d{1,12})/?")


def is_ours(url: str) -> bool:
    """Return whether the host is LWN's."""
    return (urlsplit(url).hostname or "") in HOSTS


def article_id(url: str) -> str | None:
    """Return the number of an article or a comment, None where the address has none.

    >>> article_id("https://lwn.net/Articles/250967/rss")
    '250967'
    """
    match = _ARTICLE.match(urlsplit(url).path)
    return match["id"] if match else None


def named_in(href: str) -> str | None:
    """Return the number of an article that a link names anywhere, as links to log in do.

    >>> named_in("/login?target=/Articles/250967/")
    '250967'
    """
    match = _TARGET.search(href) or _ARTICLE.search(href)
    return match["id"] if match else None


def article_url(native_id: str, near: str | None = None) -> str:
    """Return the address of an article or a comment, on the host that `near` stands for."""
    parts = urlsplit(near or "")
    is_elsewhere = parts.netloc and not is_ours(near or "")
    return f"{f'{parts.scheme}://{parts.netloc}' if is_elsewhere else CANONICAL}/Articles/{native_id}/"
