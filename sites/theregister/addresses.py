"""The Register's addresses: one topic has many, and its key is (date, slug), whatever host, scheme, page or anchor."""

import re

from belowtheline.reading.urls import urljoin, urlsplit

HOSTS = tuple(
    f"{prefix}{domain}"
    for domain in (
        "theregister.com",
        "theregister.co.uk",
        "channelregister.co.uk",
        "reghardware.com",
        "reghardware.co.uk",
    )
    for prefix in ("forums.", "m.forums.", "www.", "")
)
CANONICAL = "https://forums.theregister.com"
ARTICLES = "https://www.theregister.com/"
UNKNOWN = CANONICAL + "/"
"""Base of a page that does not say its address: good for what starts at the host, not for an anchor of the page."""

_KEY = r"(?P<key>\d{4}/\d\d/\d\d/[^/?#]+)"
_TOPIC = re.compile(rf"/forum/(?P<page>all|\d{{1,6}})/{_KEY}/?$")
_COMMENTS = re.compile(rf"/{_KEY}/comments(?:/page(?P<page>\d{{1,6}}))?(?:\.html)?/?$")
_CONTAINING = re.compile(r"/forum/containing/(?P<post>\d+)/?$")
_ARTICLE = re.compile(rf"(?:/[a-z_-]+)?/{_KEY}(?:/\d+)?/?$")


def topic_key(url: str) -> str | None:
    """Return a topic's key, None where the address does not hold it.

    >>> topic_key("http://m.forums.theregister.co.uk/forum/3/2013/04/01/slug/#c_1783759")
    '2013/04/01/slug'
    """
    path = urlsplit(url).path
    match = _TOPIC.match(path) or _COMMENTS.match(path)
    return match["key"] if match else None


def page_of(url: str) -> str | None:
    """Return which page of the topic an address is: all, a number, or None where it does not say."""
    path = urlsplit(url).path
    match = _TOPIC.match(path) or _COMMENTS.match(path)
    return match["page"] if match else None


def is_containing(url: str) -> bool:
    """Return whether the address is the topic that holds a post."""
    return _CONTAINING.match(urlsplit(url).path) is not None


def article_key(url: str) -> str | None:
    """Return the date and slug of an article's address, None where it is none."""
    match = _ARTICLE.match(urlsplit(url).path)
    return match["key"] if match and "/forum/" not in url else None


def is_ours(url: str) -> bool:
    """Return whether the host is one of The Register's."""
    return (urlsplit(url).hostname or "") in HOSTS


def origin(url: str | None) -> str:
    """Return scheme and host for a topic's addresses: the canonical ones, but any other host is kept as it is."""
    if not url or is_ours(url) or not urlsplit(url).netloc:
        return CANONICAL
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def topic_url(key: str, near: str | None, page: int | str = "all") -> str:
    """Return the address of a topic's page, on the host that `near` stands for."""
    return f"{origin(near)}/forum/{page}/{key}/"


def resolve(href: str, base: str) -> str:
    """Return an absolute address; the common forms are joined without parsing the base again."""
    if href.startswith("#"):
        return base + href
    if href.startswith("/") and not href.startswith("//"):
        end = base.find("/", 8)
        return (base[:end] if end > 0 else base) + href
    return urljoin(base, href)
