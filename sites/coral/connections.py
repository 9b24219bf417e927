"""A list of comments in an answer, with what it says of its end: edges and pageInfo, or nodes and hasNextPage."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from belowtheline.reading.entries import Entries, entries_of

Answer = dict[str, Any]


class Connection(NamedTuple):
    """Some comments of a list."""

    nodes: list[Answer]
    has_next: bool | None
    """Whether there are more; None where the answer does not say."""
    cursor: str | None
    """What to ask for them with."""
    lost: Sequence[Any] = ()
    """Entries that are no comments."""

    @property
    def is_unlike(self) -> bool:
        """Whether there are entries and none is a comment."""
        return Entries(self.nodes, list(self.lost)).is_unlike

    @property
    def says_end(self) -> bool:
        """Whether the answer says if there are more, without which a list of none says nothing."""
        return self.has_next is not None


def connection_of(value: object) -> Connection | None:
    """Return the comments of a list, None where a value is none."""
    if not isinstance(value, dict):
        return None
    edges = value.get("edges")
    nodes = [_node(edge) for edge in edges] if isinstance(edges, list) else value.get("nodes")
    if not isinstance(nodes, list):
        return None
    found, lost = entries_of(nodes, is_node)
    info = value.get("pageInfo", value)
    end = info if isinstance(info, dict) else {}
    has_next, cursor = end.get("hasNextPage"), end.get("endCursor")
    return Connection(
        found,
        has_next if isinstance(has_next, bool) else None,
        cursor if isinstance(cursor, str) and cursor else None,
        lost,
    )


def _node(edge: object) -> object:
    return edge["node"] if isinstance(edge, dict) and "node" in edge else edge


def is_node(value: object) -> bool:
    """Return whether a value is a comment with its id."""
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def text(value: object) -> str | None:
    """Return a text, None for anything else and for an empty one."""
    return value if isinstance(value, str) and value else None


def number(value: object) -> int | None:
    """Return a number that the archive can hold, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None
