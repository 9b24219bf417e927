"""Which form an answer of Reddit's has: a thread, what is added to one, or a list."""

from typing import Any


def is_of_kind(thing: Any, kind: str) -> bool:
    """Return whether a value is a thing of Reddit's of this kind."""
    return isinstance(thing, dict) and thing.get("kind") == kind


def is_comment(thing: Any) -> bool:
    """Return whether a value is a comment with its id."""
    data = thing.get("data") if is_of_kind(thing, "t1") else None
    return isinstance(data, dict) and isinstance(data.get("id"), str)


def is_thing(thing: Any) -> bool:
    """Return whether a value is a comment, or what stands in place of comments that are left out."""
    return is_comment(thing) or (is_of_kind(thing, "more") and isinstance(thing.get("data"), dict))


def replies_of(value: Any) -> Any:
    """Return the replies of a comment, None where it has none: an empty text stands for them then."""
    if value is None or value == "":
        return None
    things = things_of(value)
    data = value.get("data") if is_of_kind(value, "Listing") else None
    is_empty = isinstance(data, dict) and data.get("children", 0) is None
    return None if is_empty else [value] if things is None else things


def things_of(value: Any) -> list[Any] | None:
    """Return the things of a listing, None where it is none."""
    data = value.get("data") if is_of_kind(value, "Listing") else None
    things = data.get("children") if isinstance(data, dict) else None
    return things if isinstance(things, list) else None


def is_thread(value: Any) -> bool:
    """Return whether an answer is a listing of one post with a listing of comments."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    posts = things_of(value[0])
    return posts is not None and len(posts) == 1 and is_of_kind(posts[0], "t3") and things_of(value[1]) is not None


def is_list_of_comments(value: Any) -> bool:
    """Return whether an answer is a listing of comments alone, of whatever threads."""
    things = things_of(value) or []
    return any(map(is_comment, things)) and not any(is_of_kind(thing, "t3") for thing in things)


def added_things(value: Any) -> list[Any] | None:
    """Return the things of an answer of /api/morechildren: as JSON, or as what the site's own script was to do."""
    if not isinstance(value, dict):
        return None
    answer = value.get("json")
    if isinstance(answer, dict) and not answer.get("errors"):
        data = answer.get("data", {})
        things = data.get("things", []) if isinstance(data, dict) else None
        return things if isinstance(things, list) else None
    steps = value.get("jquery")
    return next(filter(None, map(_things_in, steps)), None) if isinstance(steps, list) else None


def _things_in(step: Any) -> list[Any] | None:
    """Return the things that a step of the script is called with: `[25, 26, "call", [[thing, thing], false]]`."""
    called = step[3] if isinstance(step, list) and len(step) > 3 and step[2] == "call" else None
    things = called[0] if isinstance(called, list) and called else None
    if not isinstance(things, list) or (things and not any(map(is_thing, things))):
        return None
    return things
