"""derStandard's addresses: an article is /ID/Slug or /story/ID, with its forum below it, a page of it ?seite=N."""

import re

from belowtheline.reading.urls import urlsplit

SITE = "derstandard.at"
HOSTS = (
    SITE, f"www.{SITE}", f"mobil.{SITE}", f"apps.{SITE}", "derstandard.de", "www.derstandard.de", "diestandard.at",
    "www.diestandard.at", "dastandard.at", "www.dastandard.at",
)  # fmt: skip

_ARTICLE = re.compile(r"/(\d{5,19})(?=/|$)")
_STORY = re.compile(r"/story/(\d{5,19})(?=/|$)")
_FORUM = re.compile(r"/forum/(?:postings/index/)?1/(\d{5,19})(?=/|$)", re.IGNORECASE)
_PAGE = re.compile(r"[?&](?:seite|CurrentPage)=([0-9]{1,5})(?=[&#]|$)")
_PLINK = re.compile(r"/plink/(\d{5,19})/(\d{1,19})(?=/|$)")


def is_ours(url: str) -> bool:
    """Return whether the host is derStandard's or one of its sisters'."""
    return (urlsplit(url).hostname or "") in HOSTS


def article_of(url: str) -> str | None:
    """Return the id of the article that an address names, which is its forum's as well.

    >>> article_of("http://derstandard.at/1300000000001/Teekessel?seite=2#forumstart")
    '1300000000001'
    """
    path = urlsplit(url).path
    found = (pattern.match(path) for pattern in (_ARTICLE, _STORY, _FORUM, _PLINK))
    return next((match[1] for match in found if match), None)


def is_script_only(url: str) -> bool:
    """Return whether an address is of the time when articles load their forum by a script."""
    return _STORY.match(urlsplit(url).path) is not None


def is_fragment(url: str) -> bool:
    """Return whether an address is of a part of a page, which a script fetched."""
    return _FORUM.match(urlsplit(url).path) is not None


def is_plink(url: str) -> bool:
    """Return whether an address is a posting's own."""
    return _PLINK.match(urlsplit(url).path) is not None


def page_of(url: str | None) -> int | None:
    """Return which page of a forum an address names; None where it names none."""
    match = _PAGE.search(url or "")
    return int(match[1]) if match else None


def article_url(url: str) -> str:
    """Return the address of a forum's first page: an article's, without what asks for a page of it."""
    parts = urlsplit(url)
    return parts._replace(query="", fragment="").geturl()


def page_url(article: str, number: int) -> str:
    """Return the address of one page of a forum."""
    return f"{article}?seite={number}" if number > 1 else article


def fragment_url(url: str, number: int) -> str:
    """Return the address of another page of a forum that a script fetches by pages."""
    return re.sub(r"(?<=[?&]CurrentPage=)\d{1,5}", str(number), url)


def origin(url: str | None) -> str:
    """Return scheme and host for a forum's addresses: derStandard's where none is known."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"http://{SITE}"


def permalink(near: str | None, article: str, posting: str) -> str:
    """Return the permanent address of a posting."""
    return f"{origin(near)}/plink/{article}/{posting}"
