"""Lobsters' addresses: a story is /s/ID with or without its slug, a comment is /c/ID."""

import re

from belowtheline.reading.hosts import host_of
from belowtheline.reading.urls import urljoin, urlsplit

SITE = "lobste.rs"
HOSTS = (SITE, f"www.{SITE}")

_STORY = re.compile(r"/s/([a-z0-9]+)(?:[/.].*)?$")
_COMMENT = re.compile(r"/c/([a-z0-9]+)(?:\.json)?/?$")


def is_ours(url: str) -> bool:
    """Return whether the host is Lobsters itself, and not one of its sister sites."""
    return (urlsplit(url).hostname or "") in HOSTS


def story_of(url: str) -> str | None:
    """Return the story that an address names.

    >>> story_of("https://lobste.rs/s/abc123/some_title#c_xyz789")
    'abc123'
    """
    match = _STORY.match(urlsplit(url).path)
    return match[1] if match else None


def comment_of(url: str) -> str | None:
    """Return the comment whose own address this is."""
    match = _COMMENT.match(urlsplit(url).path)
    return match[1] if match else None


def is_json(url: str) -> bool:
    """Return whether an address asks for JSON."""
    return urlsplit(url).path.endswith(".json")


def origin(url: str | None) -> str:
    """Return scheme and host for a thread's addresses: the canonical ones, but any other host is kept as it is."""
    parts = urlsplit(url or "")
    if not parts.netloc or is_ours(url or ""):
        return f"https://{SITE}"
    return f"{parts.scheme}://{parts.netloc}"


def instance(url: str | None) -> str:
    """Return which of the sites that run this software an address is of; empty for Lobsters itself."""
    return "" if is_ours(url or "") else host_of(url)


def story_url(story: str, near: str) -> str:
    """Return the address of a story's page."""
    return f"{origin(near)}/s/{story}"


def resolve(href: str, base: str) -> str:
    """Return an absolute address; the common form is joined without parsing the base again."""
    return base + href if href.startswith("/") and not href.startswith("//") else urljoin(base + "/", href)
