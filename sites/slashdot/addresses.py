"""Slashdot's addresses: a story has a key of date and number, and its discussion a number of its own."""

import re
from urllib.parse import parse_qs

from belowtheline.reading.urls import urlsplit

HOSTS = tuple(
    prefix + "slashdot.org"
    for prefix in (
        "", "apple.", "ask.", "backslash.", "books.", "bsd.", "build.", "developers.", "devices.", "entertainment.",
        "features.", "games.", "hardware.", "idle.", "interviews.", "it.", "linux.", "m.", "meta.", "mobile.", "news.",
        "politics.", "science.", "slashdot.", "tech.", "www.", "yro.",
    )
)  # fmt: skip
CANONICAL = "https://slashdot.org"

_KEY = r"(?P<key>\d\d/\d\d/\d\d/\d{3,12})"
_STORY = re.compile(rf"/[a-z]+/{_KEY}(?:\.shtml|/[^/]+)?(?P<filter>/[a-z]+-comments)?/?$")
_SID = re.compile(rf"{_KEY}$")
_OTHER_THREAD = re.compile(r"/(?:poll|submission|journal)/\d+(?:/[^/]+)?/?$|/~[^/]+/journal/\d+/?$")
_MOST_DIGITS = 20


def is_ours(url: str) -> bool:
    """Return whether the host is Slashdot's or one of its sections'."""
    host = urlsplit(url).hostname or ""
    return host == "slashdot.org" or host.endswith(".slashdot.org")


def story_key(url: str) -> str | None:
    """Return a story's date and number, None where the address does not hold them.

    >>> story_key("//linux.slashdot.org/article.pl?sid=07/07/06/1333257")
    '07/07/06/1333257'
    """
    parts = urlsplit(url)
    match = _STORY.match(parts.path) or _SID.match(_asked(parts.query, "sid"))
    return match["key"] if match else None


def discussion_id(url: str) -> str | None:
    """Return a discussion's number, None where the address does not hold it.

    >>> discussion_id("https://slashdot.org/comments.pl?sid=246319&cid=19766655")
    '246319'
    """
    parts = urlsplit(url)
    sid = _asked(parts.query, "sid")
    return sid if parts.path.endswith("/comments.pl") and sid.isdigit() and len(sid) < _MOST_DIGITS else None


def is_other_thread(url: str) -> bool:
    """Return whether the address is a poll, a submission or a journal, which have discussions as stories have."""
    return _OTHER_THREAD.match(urlsplit(url).path) is not None


def is_partial(url: str) -> bool:
    """Return whether the address shows a part of its discussion: one comment and its replies, or a filter."""
    parts = urlsplit(url)
    story = _STORY.match(parts.path)
    below = _asked(parts.query, "cid") or _asked(parts.query, "pid")
    return bool(below.strip("0") or (story and story["filter"]))


def is_unfiltered(url: str) -> bool:
    """Return whether the address asks for every comment, whatever its score."""
    return _asked(urlsplit(url).query, "threshold") == "-1" and not is_partial(url)


def story_url(key: str, near: str | None = None) -> str:
    """Return the address of a story, on the host that `near` stands for."""
    return f"{origin(near)}/story/{key}"


def discussion_url(number: str, near: str | None = None) -> str:
    """Return the address of a discussion with every comment in full, on the host that `near` stands for."""
    query = f"sid={number}&threshold=-1&highlightthresh=-1&commentsort=0&mode=nested&pid=0"
    return f"{origin(near)}/comments.pl?{query}"


def comment_url(number: str, native_id: str) -> str:
    """Return the permanent address of a comment."""
    return f"{CANONICAL}/comments.pl?sid={number}&cid={native_id}"


def origin(url: str | None) -> str:
    """Return scheme and host for further requests: those of the address, or the canonical ones without any."""
    parts = urlsplit(url or "")
    if not parts.netloc:
        return CANONICAL
    return f"{'https' if is_ours(url or '') else parts.scheme}://{parts.netloc}"


def absolute(href: str) -> str | None:
    """Return a link of a page with scheme and host, None where it leads to no page.

    >>> absolute("//slashdot.org/~someone")
    'https://slashdot.org/~someone'
    """
    if href.startswith("//"):
        return "https:" + href
    if href.startswith("/"):
        return CANONICAL + href
    return href if href.startswith(("http://", "https://")) else None


def _asked(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0]
