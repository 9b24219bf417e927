"""What is known to be true of a thread's links: the site's own, or a person's annotation."""

from collections.abc import Collection
from dataclasses import dataclass

from belowtheline.archive.links.texts import ThreadText


@dataclass(frozen=True, slots=True)
class GoldEdge:
    """That a comment answers another; where several could be meant, any of them is right."""

    comment_id: int
    targets: tuple[int, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """That a span is a quotation, and whose words it has; no source type where the words are from nothing held."""

    comment_id: int
    field: str
    text: str
    source_type: str | None
    source_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What is true of one thread's links, and of which comments that is known."""

    scored: frozenset[int]
    """Comments of which it is known whom they answer, if anybody."""
    edges: tuple[GoldEdge, ...] = ()
    doubtful: frozenset[tuple[int, int]] = frozenset()
    """Pairs of comment and target that are neither right nor wrong."""
    names_all: bool = False
    """Whether a comment's gold names everybody it answers; a site's link names one, whomever else it quotes."""
    quotes: tuple[GoldQuote, ...] | None = None


def from_parents(thread: ThreadText, silent: Collection[int]) -> Gold:
    """Return the site's own links as gold; `silent` are comments of which the site does not say whom they answer."""
    held = {comment.row_id for comment in thread.comments}
    known = [comment for comment in thread.comments if comment.row_id not in silent]
    known = [comment for comment in known if comment.parent_id is None or comment.parent_id in held]
    return Gold(
        scored=frozenset(comment.row_id for comment in known),
        edges=tuple(
            GoldEdge(comment.row_id, (comment.parent_id,), "site") for comment in known if comment.parent_id is not None
        ),
    )
