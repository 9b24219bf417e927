"""One post of an answer: the API's, and that of the embedded page."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from belowtheline.reading.items import NOT_SHOWN, Author, AuthorKind, Comment, Deletion, Mark, Shown
from belowtheline.sites.disqus import wording
from belowtheline.sites.disqus.wording import Data, id_of, list_of, number_of, text_of

_STATES = {
    "isSpam": "spam",
    "isFlagged": "flagged",
    "isHighlighted": "highlighted",
    "isAtFlagLimit": "at flag limit",
    "isNewUserNeedsApproval": "new user needs approval",
    "sb": "shadow banned",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What a post needs to know of the others on its page, and of its thread."""

    depths: Mapping[str, int]
    link: str | None = None
    """Address of the article, to which permanent addresses of posts belong."""
    moderators: Collection[str] = field(default_factory=frozenset)


def is_post(value: object) -> bool:
    """Return whether a value is a post, with the fields that this reader needs."""
    if not isinstance(value, dict) or id_of(value) is None:
        return False
    return (
        ("message" in value or "raw_message" in value) and "author" in value and id_of(value.get("thread")) is not None
    )


def read_post(post: Data, position: int, place: Place) -> Comment:
    """Return a post; what stands in place of a deleted one's text and name is neither text nor name."""
    native_id = id_of(post) or ""
    deletion = _deletion(post)
    return Comment(
        native_id=native_id,
        position=position,
        parent_native_id=parent_of(post),
        depth=_depth(post, place.depths),
        author=read_author(post.get("author"), place.moderators, is_gone=bool(deletion)),
        body_html=_body(post, is_gone=bool(deletion)),
        published_raw=text_of(post.get("createdAt")) or NOT_SHOWN,
        is_edited=wording.flag_of(post.get("isEdited")),
        deletion=deletion,
        upvotes=number_of(post.get("likes")),
        downvotes=number_of(post.get("dislikes")),
        score=number_of(post.get("points")),
        url=wording.web_of(post.get("url")) or (f"{place.link}#comment-{native_id}" if place.link else NOT_SHOWN),
        marks=tuple(_marks(post)),
    )


def parent_of(post: Data) -> Shown[str]:
    """Return the id of the post that a post answers, None where it answers the article."""
    return id_of(post["parent"]) if "parent" in post else NOT_SHOWN


def depths_of(parents: Mapping[str, Shown[str]]) -> dict[str, int]:
    """Return the depth of each post whose line to a post on the article stands on the page.

    >>> depths_of({"1": None, "2": "1", "3": "9"})
    {'1': 0, '2': 1}
    """
    depths: dict[str, int] = {}
    for native_id in parents:
        line: list[str] = []
        above: Shown[str] = native_id
        while isinstance(above, str) and above in parents and above not in depths and len(line) <= len(parents):
            line.append(above)
            above = parents[above]
        if above is not None and not (isinstance(above, str) and above in depths):
            continue  # the line leaves the page, or is a circle
        depth = -1 if above is None else depths[above]
        depths |= {one: depth + step for step, one in enumerate(reversed(line), 1)}
    return depths


def _depth(post: Data, depths: Mapping[str, int]) -> Shown[int]:
    depth = number_of(post.get("depth"))
    return depth if isinstance(depth, int) else depths.get(id_of(post) or "", NOT_SHOWN)


def _deletion(post: Data) -> Shown[Deletion]:
    if post.get("isDeletedByAuthor") is True:
        return "author"
    if post.get("isDeleted") is True:
        return "moderator" if post.get("isDeletedByAuthor") is False else "unknown"
    return None if "isDeleted" in post else NOT_SHOWN


def _body(post: Data, *, is_gone: bool) -> Shown[str]:
    html = text_of(post.get("message"))
    if html is None and (raw := text_of(post.get("raw_message"))):
        html = f"<p>{raw}</p>".replace("\n\n", "</p><p>").replace("\n", "<br>")
    if is_gone and (html is None or wording.is_removed(html)):
        return NOT_SHOWN
    return html


def _marks(post: Data) -> Iterator[Mark]:
    for key, kind in _STATES.items():
        if post.get(key) is True:
            yield Mark(kind=kind)
    if post.get("isApproved") is False:
        yield Mark(kind="not approved")
    yield from wording.counted("reports", post.get("numReports"))
    for label in list_of(post.get("moderationLabels")):
        if isinstance(label, (str, int)):
            yield Mark(kind="moderation label", value=str(label))
    for media in list_of(post.get("media")):
        addresses = [media.get(key) for key in ("resolvedUrl", "url", "location")] if isinstance(media, dict) else []
        if address := next(filter(None, map(wording.web_of, addresses)), None):
            yield Mark(kind="media", value=address)


def read_author(author: object, moderators: Iterable[str] = (), *, is_gone: bool = False) -> Shown[Author]:
    """Return who wrote a post; e-mail addresses, their hashes, IP addresses and places are never looked at."""
    if not isinstance(author, dict):
        native_id = id_of(author)
        return Author(native_id=native_id, kind="account") if native_id else NOT_SHOWN
    name = text_of(author.get("name")) or text_of(author.get("username"))
    if author.get("isAnonymous") is True:
        return _guest(author, name, is_gone=is_gone)
    badges = [text for badge in list_of(author.get("badges")) if (text := _badge(badge))]
    native_id = id_of(author)
    return Author(
        name=name,
        native_id=native_id or NOT_SHOWN,
        profile_url=wording.web_of(author.get("profileUrl")) or NOT_SHOWN,
        image_url=_picture(author),
        kind="account",
        badge=badges[0] if badges else None if "badges" in author else NOT_SHOWN,
        marks=(
            *_standing(author),
            *(Mark(kind="moderator") for one in moderators if one == native_id),
            *(Mark(kind="badge", value=badge) for badge in badges[1:]),
        ),
    )


def _guest(author: Data, name: str | None, *, is_gone: bool) -> Shown[Author]:
    is_nobody = name is None or name in wording.NOBODY
    if is_gone and is_nobody:
        return NOT_SHOWN  # stands in place of the name
    kind: AuthorKind = "anonymous" if is_nobody else "guest"
    return Author(name=name, image_url=_picture(author), kind=kind, marks=tuple(_standing(author)))


def _standing(author: Data) -> Iterator[Mark]:
    if username := text_of(author.get("username")):
        yield Mark(kind="username", value=username)
    if website := wording.web_of(author.get("url")):
        yield Mark(kind="website", value=website)
    if author.get("isPowerContributor") is True:
        yield Mark(kind="power contributor")


def _badge(badge: object) -> str | None:
    return text_of(badge.get("name") or badge.get("title")) if isinstance(badge, dict) else text_of(badge)


def _picture(author: Data) -> Shown[str]:
    avatar = author.get("avatar")
    if not isinstance(avatar, dict):
        return NOT_SHOWN
    return wording.web_of(avatar.get("cache")) or wording.web_of(avatar.get("permalink")) or NOT_SHOWN
