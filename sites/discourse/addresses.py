"""Discourse's addresses: /t/slug/ID/NUMBER on any host, in a folder of it or not; the id alone names the topic."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qs

from belowtheline.reading.hosts import host_of
from belowtheline.reading.urls import urlsplit

_LAST = frozenset({"posts", "print", "last", "summary"})
_FILTERS = frozenset({"filter", "username_filters", "replies_to_post_number", "filter_upwards_post_id"})


class Topic(NamedTuple):
    """What an address says of a topic."""

    native_id: str
    base: str
    """Address of the forum, without a slash at its end."""
    is_sure: bool
    """Whether no other software has such addresses."""
    is_json: bool


def topic_of(url: str) -> Topic | None:
    """Return the topic that an address names.

    >>> topic_of("https://forum.example.org/t/kettle-care/1148/5").native_id
    '1148'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return None
    is_json = parts.path.endswith(".json")
    segments = parts.path.removesuffix(".json").rstrip("/").split("/")
    for at, segment in enumerate(segments):
        if segment == "t" and (found := _numbered(segments[at + 1 :])):
            native_id, has_slug = found
            base = f"{parts.scheme}://{parts.netloc}{'/'.join(segments[:at])}"
            return Topic(native_id, base, has_slug or is_json, is_json)
    return None


def _numbered(names: list[str]) -> tuple[str, bool] | None:
    """Return a topic's id and whether a slug stands before it; two numbers are the id and a post's number."""
    has_slug = len(names) > 1 and not _is_number(names[0])
    rest = names[1:] if has_slug else names
    if not rest or not _is_number(rest[0]) or len(rest) > 2:
        return None
    return (rest[0], has_slug) if len(rest) == 1 or _is_number(rest[1]) or rest[1] in _LAST else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def instance(base: str) -> str:
    """Return which forum an address is of: its host."""
    return host_of(base)


def is_filtered(url: str | None) -> bool:
    """Return whether an address asks for some of a topic's posts."""
    return url is not None and not _FILTERS.isdisjoint(parse_qs(urlsplit(url).query))


def page_of(url: str | None) -> int | None:
    """Return which page of a topic an address names; None where it names none."""
    number = parse_qs(urlsplit(url or "").query).get("page", [""])[0]
    return int(number) if _is_number(number) and len(number) < 7 else None


def topic_url(base: str, native_id: str, slug: str | None = None) -> str:
    """Return the address of a topic's page."""
    return f"{base}/t/{slug}/{native_id}" if slug else f"{base}/t/{native_id}"


def answer_url(base: str, native_id: str, page: int | None = None) -> str:
    """Return the address of a topic's JSON."""
    return f"{base}/t/{native_id}.json" + (f"?page={page}" if page and page > 1 else "")


def posts_url(base: str, native_id: str, ids: Iterable[str]) -> str:
    """Return the address of some posts of a topic."""
    return f"{base}/t/{native_id}/posts.json?" + "&".join(f"post_ids[]={post}" for post in ids)


def post_url(base: str, post: str) -> str:
    """Return the address of one post's JSON."""
    return f"{base}/posts/{post}.json"
