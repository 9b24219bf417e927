"""Addresses on any host: which one is the thread's, what is a page of it, and what a comment's own says as an id."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlunsplit

from belowtheline.reading.urls import urljoin, urlsplit

_PAGE_PATH = re.compile(r"/(?:comment-page-|page[-/])(\d{1,5})/?$")
_PAGE_QUERY = ("page", "cpage", "comments_page")
_WEB = re.compile(r"https?://[\w.-]+(?::\d+)?(?:[/?#][^\s\\]*)?\Z")
"""The common form, which needs no joining."""
_HOST = re.compile(r"https?://([\w.-]+)(?::\d{1,5})?(?=[/?#]|\Z)", re.ASCII)
_ROOTED = re.compile(r"/(?![./])[\w%~./-]*\Z", re.ASCII)
"""A path from the root, which needs no working out unless it has dots or slashes in a row."""
_SPACE = re.compile(r"\s")
_WHOLE_LISTS = frozenset(("", "comments", "comment", "respond", "replies", "discussion", "top"))
_BLANK = "_:"


@lru_cache(maxsize=4096)
def host(url: str | None) -> str:
    """Return the host of an address in lower case, empty where it has none."""
    if found := _HOST.match(url or ""):
        return found[1].lower()
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def resolve(href: str, base: str) -> str | None:
    """Return an absolute web address, None where the text is none.

    >>> resolve("#c7", "https://kettles.example/2024/limescale")
    'https://kettles.example/2024/limescale#c7'
    """
    if _WEB.match(href):
        return href
    if href[:1] == "#" and _WEB.match(base) and not _SPACE.search(href):
        return base.partition("#")[0] + href
    if href[:1] == "/" and (root := _HOST.match(base)) and _ROOTED.match(href) and "/." not in href:
        return root[0] + href
    try:
        url = urljoin(base, href.strip())
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.netloc and not _SPACE.search(url) else None
    except ValueError:
        return None


def thread_url(url: str) -> str:
    """Return an address without fragment and without the number of a page of comments.

    >>> thread_url("https://kettles.example/limescale/comment-page-2/?ref=7&cpage=2#c9")
    'https://kettles.example/limescale/?ref=7'
    """
    parts = urlsplit(url)
    if not any(name in parts.query for name in _PAGE_QUERY):
        query = parts.query
    else:
        asked = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in asked if name not in _PAGE_QUERY])
    return urlunsplit((parts.scheme, parts.netloc, _PAGE_PATH.sub("/", parts.path), query, ""))


def key(url: str) -> str:
    """Return what identifies a thread on its host: path and query.

    >>> key("https://kettles.example/limescale?ref=7#c9")
    '/limescale?ref=7'
    """
    parts = urlsplit(thread_url(url))
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def same_thread(url: str, other: str) -> bool:
    """Return whether two addresses are of one thread, whatever scheme, host, page and trailing slash."""
    return _loose(url) == _loose(other)


def _loose(url: str) -> tuple[str, str]:
    parts = urlsplit(thread_url(url))
    return parts.path.rstrip("/"), parts.query


def page_number(url: str | None) -> int | None:
    """Return which page of a thread an address names; None where it names none."""
    parts = urlsplit(url or "")
    asked = dict(parse_qsl(parts.query))
    match = _PAGE_PATH.search(parts.path)
    number = match[1] if match else next((asked[name] for name in _PAGE_QUERY if name in asked), "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else None


def at_host_of(url: str, page_url: str | None) -> str:
    """Return an address on the host the page came from, which a mirror or a proxy may have changed."""
    there, here = urlsplit(url), urlsplit(page_url or "")
    if not here.netloc:
        return url
    return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))


def comment_id(name: str, thread: str) -> str | None:
    """Return the id that an identifier or address of a comment holds, as published: its fragment if it has one.

    >>> comment_id("https://kettles.example/limescale#comment-9", "https://kettles.example/limescale")
    'comment-9'
    """
    name = name.strip()
    address, mark, fragment = name.partition("#")
    if mark:
        return None if fragment.lower() in _WHOLE_LISTS else fragment
    if not address or address.startswith(_BLANK):
        return None
    resolved = resolve(address, thread)
    return None if resolved and same_thread(resolved, thread) else name


def is_own(url: str, thread: str) -> bool:
    """Return whether an address is on the thread's host, or on one that is a part of it or around it."""
    theirs, ours = host(url).removeprefix("www."), host(thread).removeprefix("www.")
    return theirs == ours or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}")


def is_account(url: str, thread: str) -> bool:
    """Return whether an author's address is a page of the site's: not its front page, which is anybody's website.

    >>> is_account("/members/ann", "https://kettles.example/limescale")
    True
    """
    resolved = resolve(url, thread) or ""
    if not is_own(resolved, thread):
        return False
    is_front = urlsplit(resolved).path in ("", "/") and not urlsplit(resolved).query
    return not (is_front and host(resolved).removeprefix("www.") == host(thread).removeprefix("www."))
