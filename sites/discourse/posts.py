"""One post of a Discourse answer: the first is comment 1, and what the forum says itself is a post as well."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from belowtheline.reading.entries import entries_of
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Deletion, Mark, Shown
from belowtheline.sites.discourse import wording

Answer = dict[str, Any]

_LIKE = 2
"""Discourse's number of the action `like`."""
_POST_TYPES = {2: "moderator action", 3: "small action", 4: "whisper"}
_STANDINGS = ("moderator", "admin", "group_moderator")
_FLAGS = {name: name.replace("_", " ") for name in ("accepted_answer", "hidden", "wiki", "via_email", "locked")}
_TOLD = {"edit_reason": "edit reason", "reads": "reads", "score": "computed score"}


def is_post(value: object) -> bool:
    """Return whether a value is a post with the numbers that this reader needs."""
    return isinstance(value, dict) and isinstance(value.get("id"), int) and isinstance(value.get("post_number"), int)


def read_post(post: Answer, position: int, numbers: Mapping[int, str], base: str | None) -> Comment:
    """Return a post; `numbers` has the ids of the posts at hand, and `base` is the address of the forum."""
    parent, parent_url = _parent(post, numbers, base)
    is_unresolved = parent is NOT_SHOWN and parent_url is NOT_SHOWN
    version = post.get("version")
    is_edited: Shown[bool] = version > 1 if isinstance(version, int) else NOT_SHOWN
    deletion = _deletion(post)
    return Comment(
        native_id=str(post["id"]),
        position=position,
        parent_native_id=parent,
        parent_url=parent_url,
        author=read_user(post, base),
        body_html=_body_html(post),
        published_raw=text(post.get("created_at")) or NOT_SHOWN,
        is_edited=is_edited,
        # Within some minutes of publishing an edit counts as none, and still moves updated_at.
        edited_raw=text(post.get("updated_at")) if is_edited is True else NOT_SHOWN,
        deletion=deletion,
        score=_likes(post),
        url=_url(post, base, post["post_number"]),
        marks=(*(_answered_number(post) if is_unresolved else ()), *_marks(post)),
    )


def _parent(post: Answer, numbers: Mapping[int, str], base: str | None) -> tuple[Shown[str], Shown[str]]:
    """Return id and address of the post that is answered: where it is on another page, only its number is known."""
    number = post.get("reply_to_post_number")
    if number is None:
        return (None if "reply_to_post_number" in post else NOT_SHOWN), NOT_SHOWN
    if number in numbers:
        return numbers[number], NOT_SHOWN
    return NOT_SHOWN, _url(post, base, number)


def _answered_number(post: Answer) -> Iterator[Mark]:
    if number := post.get("reply_to_post_number"):
        yield Mark(kind="reply to post number", value=str(number))


def _deletion(post: Answer) -> Deletion | None:
    if post.get("user_deleted"):
        return "author"
    if not post.get("deleted_at"):
        return None
    deleter = post.get("deleted_by")
    if not isinstance(deleter, dict):
        return "unknown"
    return "author" if deleter.get("username") == post.get("username") else "moderator"


def _body_html(post: Answer) -> Shown[str]:
    # Both have a sentence of the forum in place of the text.
    if post.get("cooked_hidden") or post.get("user_deleted"):
        return NOT_SHOWN
    cooked = post.get("cooked")
    return wording.written(cooked) if isinstance(cooked, str) else NOT_SHOWN


def _likes(post: Answer) -> Shown[int]:
    actions = post.get("actions_summary")
    if not isinstance(actions, list):
        return NOT_SHOWN
    likes = (action.get("count", 0) for action in actions if isinstance(action, dict) and action.get("id") == _LIKE)
    return number(next(likes, 0))


def _url(post: Answer, base: str | None, number: int) -> Shown[str]:
    slug, topic = post.get("topic_slug"), post.get("topic_id")
    if base is None or not slug or not topic:
        return NOT_SHOWN
    return f"{base}/t/{slug}/{topic}/{number}"


def _marks(post: Answer) -> Iterator[Mark]:
    if (kind := post.get("post_type")) in _POST_TYPES:
        yield Mark(kind=_POST_TYPES[kind])
    if code := post.get("action_code"):
        yield Mark(kind="action", value=str(code))
    if who := post.get("action_code_who"):
        yield Mark(kind="action on", value=str(who))
    for name, kind in _FLAGS.items():
        if post.get(name):
            yield Mark(kind=kind)
    for name, kind in _TOLD.items():
        if (value := post.get(name)) not in (None, ""):
            yield _mark(kind, str(value))
    for reaction in entries_of(post.get("reactions")).found:
        if reaction.get("id"):
            yield Mark(kind="reaction", value=f"{reaction['id']} {reaction.get('count', '')}".rstrip())
    if isinstance(user := post.get("reply_to_user"), dict) and user.get("username"):
        yield Mark(kind="reply to user", value=str(user["username"]))


# The same few marks stand at most posts, and to make one costs more than to find it.
@lru_cache(4096)
def _mark(kind: str, value: str) -> Mark:
    return Mark(kind=kind, value=value)


def read_user(user: Answer, base: str | None) -> Author:
    """Return the author of a post, or the account that opened a topic."""
    name, native_id = text(user.get("username")), user.get("user_id", user.get("id") if "cooked" not in user else None)
    if name is None:
        return Author(kind="deleted")
    picture = text(user.get("avatar_template"))
    return Author(
        name=name,
        native_id=str(native_id) if isinstance(native_id, int) else NOT_SHOWN,
        image_url=_picture(picture, base) if picture else NOT_SHOWN,
        kind="account",
        is_staff=bool(user["staff"]) if "staff" in user else None,
        badge=text(user.get("user_title")) if "user_title" in user else NOT_SHOWN,
        marks=tuple(_standing(user, name)),
    )


def _picture(template: str, base: str | None) -> Shown[str]:
    picture = template.replace("{size}", "96")
    if picture.startswith("//"):
        return f"https:{picture}"
    if picture.startswith("/"):
        # A template has the folder of the forum already.
        return "/".join((base or "").split("/")[:3]) + picture if base else NOT_SHOWN
    return picture


def _standing(user: Answer, name: str) -> Iterator[Mark]:
    full = text(user.get("name"))
    if full and full != name:
        yield Mark(kind="full name", value=full)
    for standing in _STANDINGS:
        if user.get(standing) is True:
            yield Mark(kind=standing.replace("_", " "))
    if isinstance(user.get("trust_level"), int):
        yield _mark("trust level", str(user["trust_level"]))
    group, flair = text(user.get("primary_group_name")), text(user.get("flair_name"))
    if group:
        yield Mark(kind="group", value=group)
    if flair and flair != group:
        yield Mark(kind="group", value=flair)
    for granted in entries_of(user.get("badges_granted")).found:
        badge = granted.get("badge")
        if isinstance(badge, dict) and badge.get("name"):
            yield Mark(kind="badge", value=str(badge["name"]))


def text(value: object) -> str | None:
    """Return a text, None for anything else and for an empty one."""
    return value if isinstance(value, str) and value else None


def number(value: object) -> Shown[int]:
    """Return a number that the archive can hold, NOT_SHOWN for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else NOT_SHOWN
