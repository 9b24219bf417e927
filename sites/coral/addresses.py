"""Coral's addresses: the API of a tenant, and the frame that an article embeds, whose address names the story."""

from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlunsplit

from belowtheline.reading.hosts import host_of
from belowtheline.reading.urls import urlsplit

FRAME = "/embed/stream"
GRAPH = "/api/graphql"
TALK_GRAPH = "/api/v1/graph/ql"


class Story(NamedTuple):
    """What an address says of a story."""

    base: str
    """Address of the tenant, without a slash at its end."""
    native_id: str | None
    url: str | None
    """Address of the article."""
    is_talk: bool = False
    """Whether the tenant runs Talk, which Coral was called up to version 4."""


def story_of(url: str) -> Story | None:
    """Return the story that the address of an embedded frame names, None where it names none.

    >>> story_of("https://coral.example.org/embed/stream?storyID=kettle-1").native_id
    'kettle-1'
    """
    parts = _split(url)
    if parts is None or not parts.path.rstrip("/").endswith(FRAME):
        return None
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    base = _base(parts, FRAME)
    for names, is_talk in ((("storyID", "storyURL"), False), (("asset_id", "asset_url"), True)):
        native_id, address = (said.get(name) for name in names)
        if native_id or address:
            return Story(base, native_id, address, is_talk)
    return None


def base_of(url: str | None) -> str | None:
    """Return the tenant whose API has this address, None where it is no address of one."""
    parts = _split(url or "")
    if parts is None:
        return None
    return next((_base(parts, path) for path in (GRAPH, TALK_GRAPH) if parts.path.rstrip("/").endswith(path)), None)


def is_ours(url: str) -> bool:
    """Return whether no other software has such addresses: a frame that names its story, or the API of Talk."""
    parts = _split(url)
    return story_of(url) is not None or (parts is not None and parts.path.rstrip("/").endswith(TALK_GRAPH))


def is_at(url: str, host: str) -> bool:
    """Return whether an address is of this host, and reached by https."""
    parts = _split(url)
    return parts is not None and parts.scheme == "https" and parts.netloc.lower() == host.strip().lower()


def is_frame_or_api(url: str) -> bool:
    """Return whether an address is a tenant's own, and so no article's."""
    parts = _split(url)
    return parts is not None and parts.path.rstrip("/").endswith((FRAME, GRAPH, TALK_GRAPH))


def instance(base: str | None) -> str:
    """Return which tenant an address is of: its host."""
    return host_of(base)


def comment_url(story: str, name: str, native_id: str) -> str:
    """Return the address of a comment: its story's, with the comment's id as the parameter `name`.

    >>> comment_url("https://www.example.org/kettles?page=2", "commentID", "c1")
    'https://www.example.org/kettles?page=2&commentID=c1'
    """
    parts = urlsplit(story)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), (name, native_id)])
    return urlunsplit(parts._replace(query=query, fragment=""))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.netloc else None


def _base(parts: SplitResult, path: str) -> str:
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix(path)}"
