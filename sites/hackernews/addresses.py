"""Hacker News' addresses: one number space of items, in which a story and each comment of it has its own."""

import re
from urllib.parse import parse_qs

from belowtheline.reading.urls import urlsplit

SITE, TREE, ITEMS = "news.ycombinator.com", "hn.algolia.com", "hacker-news.firebaseio.com"
HOSTS = (SITE, TREE, ITEMS)

_TREE = re.compile(r"/api/v1/items/(\d+)/?$")
_ITEM = re.compile(r"/v0/item/(\d+)(?:\.json)?/?$")
_HREF = re.compile(r"(?:^|/)item\?id=(\d+)")
_USER = re.compile(r"(?:^|/)user\?id=([^&#]+)")


def is_ours(url: str) -> bool:
    """Return whether the host is one of Hacker News or of its two APIs."""
    return (urlsplit(url).hostname or "") in HOSTS


def item_of(url: str) -> str | None:
    """Return the item that an address of the site or of an API asks for.

    >>> item_of("https://news.ycombinator.com/item?id=101&p=2#103")
    '101'
    >>> item_of("https://hacker-news.firebaseio.com/v0/item/101.json?print=pretty")
    '101'
    """
    parts = urlsplit(url)
    if parts.path == "/item":
        number = parse_qs(parts.query).get("id", [""])[0]
        return number if number.isascii() and number.isdecimal() else None
    match = _TREE.match(parts.path) or _ITEM.match(parts.path)
    return match[1] if match else None


def page_of(url: str) -> int | None:
    """Return which page of a thread an address names; None where it names none."""
    number = parse_qs(urlsplit(url).query).get("p", [""])[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else None


def is_tree(url: str) -> bool:
    """Return whether an address asks Algolia for an item with all below it."""
    return _TREE.match(urlsplit(url).path) is not None


def is_item(url: str) -> bool:
    """Return whether an address asks Firebase for one item."""
    return _ITEM.match(urlsplit(url).path) is not None


def item_in(href: str) -> str | None:
    """Return the item that a link of a page leads to."""
    match = _HREF.search(href)
    return match[1] if match else None


def user_in(href: str) -> str | None:
    """Return the account that a link of a page leads to."""
    match = _USER.search(href)
    return match[1] if match else None


def origin(near: str | None, host: str = SITE) -> str:
    """Return scheme and host for an address: one of the site's own, but a host that is none of them is kept."""
    if not near or is_ours(near) or not urlsplit(near).netloc:
        return f"https://{host}"
    parts = urlsplit(near)
    return f"{parts.scheme}://{parts.netloc}"


def item_url(item: str, base: str = f"https://{SITE}") -> str:
    """Return the address of an item's page."""
    return f"{base}/item?id={item}"


def user_url(name: str, base: str) -> str:
    """Return the address of an account's page."""
    return f"{base}/user?id={name}"


def tree_url(item: str, near: str | None) -> str:
    """Return the address at which Algolia has an item with all below it."""
    return f"{origin(near, TREE)}/api/v1/items/{item}"


def firebase_url(item: str, near: str | None) -> str:
    """Return the address at which Firebase has an item alone."""
    return f"{origin(near, ITEMS)}/v0/item/{item}.json"
