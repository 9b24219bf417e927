"""Addresses of WordPress: a post, its comment pages, and the comments route of its REST interface."""

import re
from urllib.parse import parse_qsl, urlencode, urlunsplit

from belowtheline.reading.urls import urljoin, urlsplit

PER_PAGE = 100
"""The most that the comments route gives at once."""

_COMMENT_PAGE = re.compile(r"/comment-page-(\d{1,4})/?$")
_ROUTE = re.compile(r"/wp/v2/(?P<kind>comments|posts|pages)(?:/(?P<id>\d+))?/?$")
_NO_POST = re.compile(
    r"/feed/?$|/wp-(?:admin|content|includes)/|/wp-[a-z-]+\.php$|^(?:/blog)?/(?:category|tag|author)/[^/]+/?$"
)
_WEB = re.compile(r"https?://[\w.-]+(?:[/?#]\S*)?$")
"""The common form, which needs no joining."""
_PAGING = {"cpage", "replytocom", "unapproved", "moderation-hash"}


def host(url: str | None) -> str:
    """Return the host of an address in lower case, empty where it has none."""
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def query(url: str | None) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(url or "").query, keep_blank_values=True))


def route(url: str | None) -> tuple[str, str | None] | None:
    """Return which REST route an address is, comments or posts, and the id it names; None where it is none.

    >>> route("https://blog.example/wp-json/wp/v2/comments?post=12")
    ('comments', None)
    """
    path = query(url).get("rest_route") or urlsplit(url or "").path
    match = _ROUTE.search(path)
    return (match["kind"], match["id"]) if match else None


def route_url(url: str, **parameters: str) -> str:
    """Return the comments route of the same site with other parameters, by path or by `rest_route` as given."""
    parts = urlsplit(url)
    if "rest_route" in query(url):
        parameters = {"rest_route": "/wp/v2/comments", **parameters}
        path = parts.path
    else:
        path = _ROUTE.sub("/wp/v2/comments", parts.path)
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(parameters, safe="/,"), ""))


def home(url: str) -> str:
    """Return the front page of the site that a REST address belongs to."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.partition("/wp-json")[0].rstrip("/") + "/", "", ""))


def comment_page(url: str | None) -> int | None:
    """Return the number of a comment page, None where the address has none.

    >>> comment_page("https://blog.example/2024/05/kettles/comment-page-3/#comments")
    3
    """
    match = _COMMENT_PAGE.search(urlsplit(url or "").path)
    number = match[1] if match else query(url).get("cpage", "")
    return int(number) if number.isdecimal() and len(number) < 5 else None


def post_url(url: str) -> str:
    """Return the address of the post: without comment page, reply form and anchor.

    >>> post_url("https://blog.example/kettles/comment-page-3/?replytocom=7#respond")
    'https://blog.example/kettles/'
    """
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in _PAGING]
    path = _COMMENT_PAGE.sub("/", parts.path)
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(kept), ""))


def comment_page_url(post: str, number: int) -> str:
    """Return the address of a comment page: in the path, or as `cpage` where the post itself is a parameter."""
    parts = urlsplit(post)
    if parts.query:
        return f"{post}&cpage={number}"
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/comment-page-{number}/", "", ""))


def at_host_of(url: str, page_url: str | None) -> str:
    """Return an address on the host the page came from, which a mirror or a proxy may have changed."""
    if not page_url:
        return url
    there, here = urlsplit(url), urlsplit(page_url)
    if not here.netloc:
        return url
    return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))


def same_post(url: str, other: str) -> bool:
    """Return whether two addresses are of one post, whatever scheme, host, comment page and anchor."""
    ours, theirs = urlsplit(post_url(url)), urlsplit(post_url(other))
    return (ours.path.rstrip("/"), ours.query) == (theirs.path.rstrip("/"), theirs.query)


def is_no_post(url: str) -> bool:
    """Return whether an address of a WordPress site is certainly no post: front page, feed, archive or machinery."""
    parts = urlsplit(url)
    named = {"p", "page_id", "attachment_id"} & query(url).keys()
    return not named and (parts.path in ("", "/") or _NO_POST.search(parts.path) is not None)


def resolve(href: str, base: str) -> str | None:
    """Return an absolute web address, None where the text is none."""
    if href.startswith("#"):
        return base + href
    if _WEB.match(href):
        return href
    try:
        url = urljoin(base, href.strip())
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc else None
    except ValueError:
        return None
