"""The Guardian's addresses: a discussion is /p/KEY, the short form of its article's address."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from belowtheline.reading.urls import urljoin, urlsplit

DOMAINS = ("theguardian.com", "guardian.co.uk", "guardianapis.com", "gu.com")
HOSTS = (
    "www.theguardian.com", "theguardian.com", "amp.theguardian.com", "discussion.theguardian.com",
    "discussion.guardianapis.com", "www.guardian.co.uk", "guardian.co.uk", "discussion.guardian.co.uk", "gu.com",
    "guardianapis.com",
)  # fmt: skip
API = "https://discussion.theguardian.com/discussion-api"
SITE = "https://www.theguardian.com"

_DISCUSSION = re.compile(r"(?:^|/discussion-api/discussion/|/discussion)(/{1,2}p/[0-9a-z]{1,12})(?=[/.#?]|$)")
_COMMENT = re.compile(r"/(?:comment|comment-permalink)/(\d{1,19})(?=[/.#?]|$)")
_ARTICLE = re.compile(r"/(?:19|20)\d\d/[a-z]{3}/\d\d/[^/]", re.IGNORECASE)
_PARTIAL = ("/topcomments", "/featuredcomments", "/highlights")
_ASKED = {"orderBy": "oldest", "pageSize": "100"}


class Address(NamedTuple):
    """What an address says of a discussion."""

    key: str | None
    """Key of the discussion ("/p/4k7x2")."""
    comment: str | None
    """The one comment it leads to."""


def is_ours(url: str) -> bool:
    """Return whether the host is the Guardian's."""
    host = urlsplit(url).hostname or ""
    return host in HOSTS or any(host.endswith(f".{domain}") for domain in DOMAINS)


def address_of(url: str) -> Address | None:
    """Return what an address says of a discussion; None where it names none.

    >>> address_of("https://discussion.theguardian.com/discussion-api/discussion//p/4k7x2?page=2").key
    '/p/4k7x2'
    """
    path = urlsplit(url).path
    if match := _DISCUSSION.search(path):
        return Address(f"/{match[1].lstrip('/')}", None)
    comment = _COMMENT.search(path)
    return Address(None, comment[1]) if comment else None


def is_api(url: str) -> bool:
    """Return whether an address is of the discussion API."""
    return "/discussion-api/" in urlsplit(url).path


def is_article(url: str) -> bool:
    """Return whether an address is an article's, by the date in it; only its page tells the discussion."""
    return _ARTICLE.search(urlsplit(url).path) is not None


def page_of(url: str | None) -> int | None:
    """Return which page of a discussion an address names; None where it names none."""
    number = parse_qs(urlsplit(url or "").query).get("page", [""])[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else None


def is_linear(url: str | None) -> bool:
    """Return whether an address asks for comments without their nesting."""
    return parse_qs(urlsplit(url or "").query).get("displayThreaded", [""])[0] == "false"


def is_partial(url: str | None) -> bool:
    """Return whether an address asks for some comments of a discussion only."""
    return urlsplit(url or "").path.rstrip("/").endswith(_PARTIAL)


def api_base(near: str | None) -> str:
    """Return the address of the API: the Guardian's, but a host that is not the Guardian's is kept."""
    parts = urlsplit(near or "")
    return f"{parts.scheme}://{parts.netloc}/discussion-api" if parts.netloc and not is_ours(near or "") else API


def site_base(near: str | None) -> str:
    """Return scheme and host for addresses of pages, kept where they are not the Guardian's."""
    parts = urlsplit(near or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc and not is_ours(near or "") else SITE


def answer_url(base: str, key: str, page: int = 1, *, threaded: bool = True) -> str:
    """Return the address of one page of a discussion's answer, oldest comments first."""
    asked = _ASKED | {"page": str(page), "displayThreaded": "true" if threaded else "false"}
    return f"{base}/discussion/{key}?{urlencode(asked)}"


def comment_url(base: str, comment: str) -> str:
    """Return the address of the answer that holds a comment with all its replies."""
    return f"{base}/comment/{comment}?displayResponses=true&displayThreaded=true"


def page_url(base: str, key: str, page: int = 1) -> str:
    """Return the address of one HTML page of a discussion, oldest comments first."""
    return f"{base}/discussion{key}?{urlencode(_ASKED | {'page': str(page)})}"


def permalink(base: str, comment: str) -> str:
    """Return the permanent address of a comment."""
    host = "https://discussion.theguardian.com" if base == SITE else f"{base}/discussion"
    return f"{host}/comment-permalink/{comment}"


def resolve(href: str, base: str) -> str:
    """Return an absolute address; the common forms are told without parsing the base again."""
    if href.startswith(("https://", "http://")):
        return href
    if href.startswith("/"):
        return f"{base.partition(':')[0]}:{href}" if href.startswith("//") else base + href
    return urljoin(f"{base}/", href)


def signed_url(url: str, key: str) -> str | None:
    """Return an address with a key; None where none may be sent: not to others, nor in the clear."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not is_ours(url) or not is_api(url):
        return None
    return parts._replace(query="&".join(part for part in (parts.query, urlencode({"api-key": key})) if part)).geturl()
