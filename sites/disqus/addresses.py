"""Disqus's addresses: of discussions, of the embedded page, and of the answers of its API (3.0)."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode

from belowtheline.reading.urls import urlsplit

DOMAIN, SHORT = "disqus.com", "disq.us"
HOSTS = (DOMAIN, f"www.{DOMAIN}", SHORT)

_API = ("api", "3.0")
_SECRET = frozenset({"api_key", "api_secret", "access_token", "remote_auth", "callback", "jsonp"})
_PARTIAL = frozenset({"cursor", "since", "query", "filters", "start", "end", "offset"})
_BY = ("ident", "link", "slug")
_ID = re.compile(r"^[0-9]{1,20}$")
_SLUG = re.compile(r"^[\w%-]{1,250}$")
_NO_FORUMS = frozenset({"www", "about", "admin", "blog", "help", "import", "links", "publishers", "referrer"})


class Address(NamedTuple):
    """What an address says of a thread: its id, or the forum with what the publisher calls the thread."""

    forum: str = ""
    native_id: str | None = None
    ident: str | None = None
    link: str | None = None
    slug: str | None = None
    is_embed: bool = False


def is_ours(url: str) -> bool:
    """Return whether an address is of Disqus, one of its forums or its short links."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False  # a link in a page may be anything
    return host in HOSTS or host.endswith(f".{DOMAIN}")


def is_api(url: str) -> bool:
    """Return whether an address is of an answer of the API."""
    return tuple(_names(url)[:2]) == _API


def address_of(url: str) -> Address | None:
    """Return what an address says of a thread; None where it names none.

    >>> address_of("https://disqus.com/home/discussion/kettles/descaling/newest/").slug
    'descaling'
    """
    names = _names(url)
    query = {key: values[0].strip() for key, values in parse_qs(urlsplit(url).query).items()}
    if names[:2] == ["embed", "comments"]:
        found = Address(query.get("f", ""), ident=query.get("t_i"), link=query.get("t_u"), is_embed=True)
        return found if found.forum and (found.ident or found.link) else None
    if tuple(names[:2]) == _API:
        return _of_api(query)
    if names[:2] == ["home", "discussion"] and len(names) > 3:
        return Address(names[2], slug=names[3]) if _SLUG.match(names[3]) else None
    return _of_forum(url, names)


def _names(url: str) -> list[str]:
    return [name for name in urlsplit(url).path.split("/") if name]


def _of_api(query: dict[str, str]) -> Address | None:
    forum = query.get("forum", "")
    kind, _, value = query.get("thread", "").partition(":")
    if _ID.match(kind) and not value:
        return Address(forum, native_id=kind)
    by = {name: query.get(f"thread:{name}") or (value if kind == name else "") for name in _BY}
    found = Address(forum, **{name: text for name, text in by.items() if text})  # type: ignore[arg-type]
    return found if forum and any((found.ident, found.link, found.slug)) else None


def _of_forum(url: str, names: list[str]) -> Address | None:
    """Return the thread of a forum's own page as it was until 2012: FORUM.disqus.com/SLUG/."""
    forum = (urlsplit(url).hostname or "").removesuffix(f".{DOMAIN}")
    if not is_ours(url) or "." in forum or forum in _NO_FORUMS or not names or not _SLUG.match(names[0]):
        return None
    return Address(forum, slug=names[0]) if names[0] not in _NO_FORUMS else None


def base_of(near: str | None) -> str:
    """Return scheme and host for requests: Disqus's own, but a host that is not Disqus's is kept."""
    if not near or is_ours(near) or not urlsplit(near).netloc:
        return f"https://{DOMAIN}"
    parts = urlsplit(near)
    return f"{parts.scheme}://{parts.netloc}"


def embed_url(base: str, forum: str, ident: str | None, link: str | None) -> str:
    """Return the address of the page that Disqus embeds, which needs no key.

    >>> embed_url("https://disqus.com", "kettles", "12", None)
    'https://disqus.com/embed/comments/?base=default&f=kettles&t_i=12&s_o=default'
    """
    named = [("t_i", ident), ("t_u", link)]
    query = [("base", "default"), ("f", forum), *((key, value) for key, value in named if value), ("s_o", "default")]
    return f"{base}/embed/comments/?{urlencode(query, errors='replace')}"


def details_url(base: str, address: Address) -> str:
    """Return the address of the answer that tells a thread's id, title and count."""
    named = [(name, value) for name in _BY if (value := getattr(address, name))]
    thread = address.native_id or ":".join(named[0])
    query = [("forum", address.forum)] * bool(address.forum) + [("thread", thread)]
    return f"{base}/api/3.0/threads/details.json?{_query(query)}"


def threaded_url(
    base: str, native_id: str, *, limit: int = 100, order: str = "asc", forum: str = "", cursor: str = ""
) -> str:
    """Return the address of a page of a thread's posts as a tree; its cursor counts pages of `limit` posts."""
    query = [("forum", forum), ("thread", native_id), ("limit", str(limit)), ("order", order), ("cursor", cursor)]
    return f"{base}/api/3.0/threads/listPostsThreaded.json?{_query(pair for pair in query if pair[1])}"


def listing_url(base: str, native_id: str, order: str, cursor: str) -> str:
    """Return the address of a page of a thread's posts by date."""
    query = [("thread", native_id), ("limit", "100"), ("order", order), ("cursor", cursor)]
    return f"{base}/api/3.0/threads/listPosts.json?{_query(query)}"


def post_url(base: str, post: str) -> str:
    """Return the address of one post."""
    return f"{base}/api/3.0/posts/details.json?post={post}"


def next_url(url: str, cursor: str) -> str:
    """Return the address of another page of an answer; no key that stood in it is kept."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in _SECRET and pair[0] != "cursor"]
    return parts._replace(query=_query([*query, ("cursor", cursor)]), fragment="").geturl()


def signed_url(url: str, key: str) -> str | None:
    """Return an address with the key; None where none may be sent: not to others, nor in the clear.

    >>> signed_url("https://disqus.com/api/3.0/threads/details.json?thread=1", "k")
    'https://disqus.com/api/3.0/threads/details.json?thread=1&api_key=k'
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname != DOMAIN or parts.port not in (None, 443) or not is_api(url):
        return None
    return parts._replace(query=_query([*parse_qsl(parts.query), ("api_key", key)])).geturl()


def is_partial(url: str | None) -> bool:
    """Return whether an address asks for some of the posts that it could give."""
    return url is not None and not _PARTIAL.isdisjoint(parse_qs(urlsplit(url).query))


def page_of(cursor: object) -> int | None:
    """Return which page, from 1, a cursor stands for that counts pages; None for one that is a date.

    >>> page_of("1:0:0"), page_of("1488666260387249:0:0")
    (2, None)
    """
    number = cursor.partition(":")[0] if isinstance(cursor, str) else ""
    return int(number) + 1 if len(number) < 7 and _ID.match(number) else None


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(pairs), safe=":", errors="replace")
