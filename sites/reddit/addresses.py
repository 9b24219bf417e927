"""Reddit's addresses: a thread is named by its id alone, whatever subreddit, slug or comment stands around it."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs

from belowtheline.reading.urls import urlsplit

DOMAIN, SITE, SIGNED_IN, SHORT = "reddit.com", "www.reddit.com", "oauth.reddit.com", "redd.it"
HOSTS = (SITE, DOMAIN, "old.reddit.com", "np.reddit.com", "new.reddit.com", SIGNED_IN, SHORT)

_WAYS = frozenset({"comments", "duplicates", "gallery", "info", "poll", "tb"})
_OWNERS = {"r": "r", "u": "user", "user": "user"}
_ID = re.compile(r"[0-9a-z]{1,13}$", re.IGNORECASE)
_PARTIAL = frozenset({"comment", "showmore", "truncate"})
_ASKED = "limit=500&raw_json=1"


class Address(NamedTuple):
    """What an address says of a thread."""

    native_id: str
    owner: str
    """Subreddit or user as a path ("/r/kettles"); empty where the address names none."""
    comment: str | None
    """The comment it leads to, which such an answer holds with what is below it, and nothing else."""


def is_ours(url: str) -> bool:
    """Return whether an address is of Reddit, in any of its languages and looks, or of its short links."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return host in (DOMAIN, SHORT) or host.endswith(f".{DOMAIN}")


def address_of(url: str) -> Address | None:
    """Return what an address says of a thread; None where it names none.

    >>> address_of("https://old.reddit.com/r/kettles/comments/1abcde/descaling/kx1/?context=3")
    Address(native_id='1abcde', owner='/r/kettles', comment='kx1')
    """
    parts = urlsplit(url)
    names = [name for name in parts.path.removesuffix(".json").split("/") if name]
    query = parse_qs(parts.query)
    if names[:2] == ["api", "morechildren"]:
        link = query.get("link_id", [""])[0].removeprefix("t3_")
        return Address(link.lower(), "", None) if _ID.match(link) else None
    if (parts.hostname or "").removeprefix("www.") == SHORT:
        return Address(names[0].lower(), "", None) if len(names) == 1 and _ID.match(names[0]) else None
    owner = ""
    if len(names) > 1 and names[0] in _OWNERS:
        owner, names = f"/{_OWNERS[names[0]]}/{names[1]}", names[2:]
    if len(names) < 2 or names[0] not in _WAYS or not _ID.match(names[1]):
        return None
    comment = names[3] if len(names) > 3 else query.get("comment", [""])[0].removeprefix("t1_")
    return Address(names[1].lower(), owner, comment.lower() if _ID.match(comment) else None)


def is_partial(url: str) -> bool:
    """Return whether an address asks for a part of a thread only."""
    address = address_of(url)
    return address is None or bool(address.comment) or not _PARTIAL.isdisjoint(parse_qs(urlsplit(url).query))


def is_raw(url: str) -> bool:
    """Return whether an address asks for texts that are not escaped."""
    return parse_qs(urlsplit(url).query).get("raw_json", [""])[0] == "1"


def site_base(near: str | None) -> str:
    """Return scheme and host for addresses of pages: Reddit's own, but a host that is not Reddit's is kept."""
    if not near or is_ours(near) or not urlsplit(near).netloc:
        return f"https://{SITE}"
    parts = urlsplit(near)
    return f"{parts.scheme}://{parts.netloc}"


def api_base(near: str | None) -> str:
    """Return scheme and host for requests: those of pages, or of the API for programs that have signed in."""
    return f"https://{SIGNED_IN}" if near and urlsplit(near).hostname == SIGNED_IN else site_base(near)


def listing_url(base: str, address: Address) -> str:
    """Return the address of a thread's answer, or of the part of it below a comment."""
    below = f"_/{address.comment}/" if address.comment else ""
    return f"{base}{address.owner}/comments/{address.native_id}/{below}.json?{_ASKED}"


def more_url(base: str, thread: str, ids: Sequence[str]) -> str:
    """Return the address of some comments that a thread's answer leaves out."""
    return f"{base}/api/morechildren.json?link_id=t3_{thread}&children={','.join(ids)}&raw_json=1&api_type=json"


def signed_url(url: str) -> str | None:
    """Return an address as it is asked with a token; None where none may be sent: not to others, nor in the clear.

    >>> signed_url("https://www.reddit.com/comments/1abcde/.json")
    'https://oauth.reddit.com/comments/1abcde/.json'
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not (host == DOMAIN or host.endswith(f".{DOMAIN}")) or parts.port not in (None, 443):
        return None
    return parts._replace(netloc=SIGNED_IN).geturl()
