"""One explanation: whom a comment answers and whom it quotes, and what is known of how."""

import os
from dataclasses import dataclass
from pathlib import Path

from belowtheline.archive.queries import explaining
from belowtheline.archive.queries.explaining import HeldEdge, HeldQuote
from belowtheline.archive.queries.holdings import NamedComment
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.names import comment_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is held of one comment's links."""

    comment: NamedComment
    linked_version: str | None
    """Version of the method by which its thread was linked as it stands; None where it has changed since."""
    parent: str | None
    """Native id of the comment that it answers by the site's own link, held or not."""
    edges: tuple[HeldEdge, ...]
    """What rules found of whom it answers, the surest first."""
    candidates: tuple[HeldEdge, ...]
    """Guesses that are too unsure to be edges, the surest first."""
    quotes: tuple[HeldQuote, ...]
    """Its quotations, the title's first."""

    @property
    def label(self) -> str:
        """Its native id; a provisional one without its mark."""
        return explaining.label(self.comment.native_id)


def explain(archive: str | os.PathLike[str], comment: str) -> Explanation:
    """Return what is known of the links of the comment that goes by a name; raise where none does, or several do."""
    with Archive.open_to_read(Path(archive)) as opened:
        found = comment_named(opened, comment)
        return Explanation(
            comment=found,
            linked_version=explaining.linked_version_of(opened, found.thread_id),
            parent=explaining.parent_of(opened, found.row_id),
            edges=tuple(explaining.edges_of(opened, found.row_id)),
            candidates=tuple(explaining.candidates_of(opened, found.row_id)),
            quotes=tuple(explaining.quotes_of(opened, found.row_id)),
        )
