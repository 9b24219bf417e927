"""The comments of an answer in their order, and which replies it counts and does not hold."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from belowtheline.reading.entries import stubs_for
from belowtheline.reading.items import NOT_SHOWN, Comment, Shown, Stub
from belowtheline.sites.coral.authors import Authors
from belowtheline.sites.coral.comments import read_comment
from belowtheline.sites.coral.connections import Answer, Connection, connection_of, number


class Missing(NamedTuple):
    """Replies of one comment, or comments of all, that the answer does not hold."""

    parent: str | None
    size: int | None
    """How many, where the answer says."""
    cursor: str | None
    """What they come after; None for the first of them."""
    can_be_had: bool
    """Whether Coral hands them out: removed replies are counted, and shown to nobody."""


@dataclass(slots=True)
class Tree:
    """What an answer holds."""

    comments: list[Comment] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    lost: list[Stub] = field(default_factory=list)
    """What stands for entries that are no comments."""
    disagreements: int = 0


class _Level(NamedTuple):
    nodes: Iterator[Answer]
    parent: Shown[str]
    depth: Shown[int]


def read_tree(found: Connection, parent: Shown[str], depth: Shown[int], link: str | None) -> Tree:
    """Return the comments below a parent, a comment before its replies, without recursion."""
    tree = Tree()
    open_ends: list[tuple[str, int | None, Connection | None]] = []
    tree.lost += stubs_for(found.lost, parent)
    authors, held = Authors(), set[Shown[str]]()
    levels = [_Level(iter(found.nodes), parent, depth)]
    while levels:
        _, above, deep = levels[-1]
        node = next(levels[-1].nodes, None)
        if node is None:
            levels.pop()
            continue
        named = _named_parent(node, above)
        # All that is below a comment may be handed out as its replies.
        tree.disagreements += named != above and above is not NOT_SHOWN and named not in held
        deep = _depth(node, named, deep)
        tree.comments.append(read_comment(node, len(tree.comments) + 1, named, deep, link, authors))
        held.add(node["id"])
        count, replies = number(node.get("replyCount")), connection_of(node.get("replies"))
        if count or replies:
            open_ends.append((node["id"], count, replies))
        if replies:
            tree.lost += stubs_for(replies.lost, node["id"])
        if replies and replies.nodes:
            levels.append(_Level(iter(replies.nodes), node["id"], deep + 1 if isinstance(deep, int) else NOT_SHOWN))
    answers = Counter(comment.parent_native_id for comment in tree.comments)
    for stub in tree.lost:
        answers[stub.parent_native_id] += stub.count
    tree.missing = [gap for end in open_ends if (gap := _gap(*end, answers[end[0]]))]
    return tree


def _named_parent(node: Answer, above: Shown[str]) -> Shown[str]:
    """Return whom a comment answers by its own link, else by where it stands."""
    if "parent" not in node:
        return above
    parent = node["parent"]
    if isinstance(parent, dict) and isinstance(parent.get("id"), str):
        return str(parent["id"])
    # A removed parent is handed out as none, though the comment stands below it.
    return None if above is NOT_SHOWN else above


def _depth(node: Answer, parent: Shown[str], deep: Shown[int]) -> Shown[int]:
    said = number(node.get("depth"))
    if said is not None:
        return said
    return 0 if parent is None else deep


def _gap(native_id: str, count: int | None, replies: Connection | None, held: int) -> Missing | None:
    """Return what is missing below a comment, None where nothing is."""
    more = count - held if count is not None and count > held else None
    if replies is None:
        return Missing(native_id, more, None, True) if more else None
    if replies.has_next:
        return Missing(native_id, more, replies.cursor, replies.cursor is not None)
    return Missing(native_id, more, None, False) if more else None
