"""A thread as a tree for the terminal: comments under those they answer, by the site's link, else as inferred."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from belowtheline.archive.queries.holdings import HeldComment
from belowtheline.archive.queries.thread_links import HeldReply

_STRUCTURAL = ("├─ ", "└─ ")
_INFERRED = ("├┄ ", "└┄ ")
_THROUGH, _PAST = "│  ", "   "
STEP = 3
"""Columns a level."""


@dataclass(frozen=True, slots=True)
class Node:
    """A comment in its place: what is drawn before its first line, and before the others."""

    row_id: int
    lead: str
    hang: str
    is_inferred: bool


def best_replies(replies: Sequence[HeldReply]) -> dict[int, HeldReply]:
    """Return the surest inferred reply of each comment, as the flat table has it."""
    best: dict[int, HeldReply] = {}
    for reply in replies:  # the surest first
        best.setdefault(reply.comment_id, reply)
    return best


def draw(comments: Sequence[HeldComment], inferred: Mapping[int, HeldReply], levels: int) -> Iterator[Node]:
    """Yield the comments depth first, lines drawn before each for so many levels at most."""
    above = _parents(comments, inferred)
    below: dict[int | None, list[int]] = defaultdict(list)
    structural = {comment.row_id for comment in comments if comment.parent_id is not None}
    for comment in comments:
        below[above.get(comment.row_id)].append(comment.row_id)
    # A list of what is still to draw, since threads are deeper than recursion goes.
    waiting: list[tuple[int, tuple[str, ...], bool]] = [(row_id, (), True) for row_id in reversed(below[None])]
    while waiting:
        row_id, guides, is_last = waiting.pop()
        is_inferred = row_id in above and row_id not in structural
        yield _node(row_id, guides, is_last, is_root=row_id not in above, is_inferred=is_inferred)
        inner = (*guides, _PAST if is_last else _THROUGH)[-levels:] if row_id in above else ()
        children = below[row_id]
        waiting += [(child, inner, child == children[-1]) for child in reversed(children)]


def _node(row_id: int, guides: tuple[str, ...], is_last: bool, *, is_root: bool, is_inferred: bool) -> Node:
    if is_root:
        return Node(row_id, "", "", is_inferred=False)
    before = "".join(guides)
    branch = (_INFERRED if is_inferred else _STRUCTURAL)[is_last]
    return Node(row_id, before + branch, before + (_PAST if is_last else _THROUGH), is_inferred)


def _parents(comments: Sequence[HeldComment], inferred: Mapping[int, HeldReply]) -> dict[int, int]:
    """Return what each comment hangs under, those that would hang under themselves left at the top."""
    held = {comment.row_id for comment in comments}
    above = {one.row_id: one.parent_id for one in comments if one.parent_id in held and one.parent_id is not None}
    for comment in comments:
        if comment.parent_id is None and comment.row_id in inferred:
            above[comment.row_id] = inferred[comment.row_id].target_id
    safe: set[int] = set()
    for row_id in list(above):
        chain: dict[int, None] = {}
        at: int | None = row_id
        while at is not None and at not in safe and at not in chain:
            chain[at] = None
            at = above.get(at)
        if at is not None and at in chain:
            del above[at]
        safe.update(chain)
    return above
