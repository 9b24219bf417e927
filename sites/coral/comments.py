"""One comment of an answer, in the words of Coral or of Talk."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from belowtheline.reading.entries import entries_of
from belowtheline.reading.items import NOT_SHOWN, Comment, Deletion, Mark, Shown
from belowtheline.sites.coral.authors import Authors
from belowtheline.sites.coral.connections import Answer, number, text

_AGAINST = "DownvoteActionSummary"
_NO_VOTES = frozenset({"DefaultActionSummary", "FlagActionSummary", "DontAgreeActionSummary", _AGAINST})
_ENDED = frozenset({"NONE", "APPROVED", "ACCEPTED", "REJECTED"})


def read_comment(
    node: Answer, position: int, parent: Shown[str], depth: Shown[int], link: str | None, authors: Authors
) -> Comment:
    """Return a comment; `link` is its address without its id, which comes last."""
    native_id = node["id"]
    is_talk = "created_at" in node
    tags = [code for tag in entries_of(node.get("tags")).found if (code := _tag(tag))]
    is_edited = _is_edited(node)
    upvotes, downvotes, actions = _summaries(node) if is_talk else (_reactions(node), NOT_SHOWN, ())
    return Comment(
        native_id=native_id,
        position=position,
        parent_native_id=parent,
        depth=depth,
        author=authors.of(node, tags, is_talk),
        published_raw=text(node.get("created_at" if is_talk else "createdAt")) or NOT_SHOWN,
        is_edited=is_edited,
        edited_raw=_edited_raw(node, is_edited),
        deletion=_deletion(node),
        upvotes=upvotes,
        downvotes=downvotes,
        url=link + native_id if link else NOT_SHOWN,
        marks=(*_marks(node, tags), *actions),
        **_body(node, is_talk),
    )


def _tag(tag: Answer) -> str | None:
    """Return a tag's code: its own in Coral, its name one level down in Talk."""
    inner = tag.get("tag")
    return text(tag.get("code")) or text((inner if isinstance(inner, dict) else tag).get("name"))


def _body(node: Answer, is_talk: bool) -> dict[str, Any]:
    """Return the body: HTML in Coral, and text in Talk unless an editor for HTML was installed."""
    html = node.get("richTextBody") if is_talk else node.get("body")
    if isinstance(html, str):
        return {"body_html": html}
    if is_talk and isinstance(node.get("body"), str):
        return {"body_text": node["body"]}
    is_gone = node.get("deleted") or "body" not in node
    return {} if is_gone else {"body_html": None, "body_text": None}


def _deletion(node: Answer) -> Shown[Deletion]:
    # Coral deletes a comment as its author's account is deleted; moderators reject.
    if node.get("deleted"):
        return "author"
    return "moderator" if node.get("status") == "REJECTED" else None


def _is_edited(node: Answer) -> Shown[bool]:
    editing = node.get("editing")
    edited = editing.get("edited") if isinstance(editing, dict) else None
    return edited if isinstance(edited, bool) else NOT_SHOWN


def _edited_raw(node: Answer, is_edited: Shown[bool]) -> Shown[str]:
    revision = node.get("revision")
    if is_edited is not True or not isinstance(revision, dict):
        return NOT_SHOWN
    return text(revision.get("createdAt")) or NOT_SHOWN


def _reactions(node: Answer) -> Shown[int]:
    counts = node.get("actionCounts")
    reaction = counts.get("reaction") if isinstance(counts, dict) else None
    total = number(reaction.get("total")) if isinstance(reaction, dict) else None
    return NOT_SHOWN if total is None else total


def _summaries(node: Answer) -> tuple[Shown[int], Shown[int], tuple[Mark, ...]]:
    """Return the votes for and against that Talk's summaries of actions hold, and each summary as it is named."""
    if not isinstance(node.get("action_summaries"), list):
        return NOT_SHOWN, NOT_SHOWN, ()
    summaries = entries_of(node["action_summaries"]).found
    # Flags are summed up by their reasons.
    counts: dict[str, int] = {}
    for summary in summaries:
        kind = summary.get("__typename")
        if isinstance(kind, str):
            counts[kind] = counts.get(kind, 0) + (number(summary.get("count")) or 0)
    upvotes = sum(count for kind, count in counts.items() if kind not in _NO_VOTES)
    return upvotes, counts.get(_AGAINST, NOT_SHOWN), tuple(_action(*action) for action in counts.items())


@lru_cache(4096)
def _action(kind: str, count: int) -> Mark:
    name = kind.removesuffix("ActionSummary")
    if name == "Flag":
        return _mark("flags", str(count))
    return _mark("action" if kind in _NO_VOTES and kind != _AGAINST else "reaction", f"{name} {count}")


# The same few marks stand at most comments, and to make one costs more than to find it.
@lru_cache(4096)
def _mark(kind: str, value: str | None = None) -> Mark:
    return Mark(kind=kind, value=value)


def _marks(node: Answer, tags: list[str]) -> Iterator[Mark]:
    status = text(node.get("status"))
    if status and status != "NONE":
        yield _mark("status", status)
    if node.get("pending") or (status and status not in _ENDED):
        yield _mark("awaiting moderation")
    for tag in tags:
        yield _mark("editors' pick" if tag == "FEATURED" else "tag", tag)
    if (rating := number(node.get("rating"))) is not None:
        yield _mark("rating", str(rating))
    revision = node.get("revision")
    media = node.get("media") or (revision.get("media") if isinstance(revision, dict) else None)
    if isinstance(media, dict) and (address := text(media.get("url"))):
        yield Mark(kind="media", value=address)
