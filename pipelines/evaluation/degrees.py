"""What inferred edges do to a network of authors: who is answered how often, by gold and by inference."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from belowtheline.archive.links.texts import CommentText, ThreadText
from belowtheline.pipelines.evaluation.measures import rank_correlation, share

TOP = 10
"""Authors that count as hubs: those who are answered most."""

Pairs = Iterable[tuple[int, int]]
_Author = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Hub:
    """An author who is answered much, by gold or by inference; a rank is 1 + those who are answered more."""

    author: str | None
    gold: int
    inferred: int
    gold_rank: int
    inferred_rank: int | None
    """None where no edge answers the author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrees:
    """How the in-degree of authors changes; the anonymous and the deleted are an author a comment."""

    authors: int
    gold_edges: int
    inferred_edges: int
    rank_correlation: float | None
    """Spearman's, over all authors; None where one side has no differences."""
    top: int
    """How many hubs are compared: 10, fewer where gold or inference has fewer."""
    shared_top: int
    """How many of gold's hubs are inference's as well."""
    overlap: float | None
    hubs: tuple[Hub, ...]
    """The hubs of either side, gold's first."""


class InDegrees:
    """Counts how often each author is answered, thread by thread."""

    def __init__(self) -> None:
        self._names: dict[_Author, str | None] = {}
        self._gold: Counter[_Author] = Counter()
        self._inferred: Counter[_Author] = Counter()

    def add(self, thread: ThreadText, gold: Pairs, inferred: Pairs) -> None:
        """Count a thread's edges, as pairs of a comment and whom it answers."""
        authors = {comment.row_id: _author(comment) for comment in thread.comments}
        self._names |= {_author(comment): comment.author_name for comment in thread.comments}
        self._gold.update(authors[target] for _, target in gold)
        self._inferred.update(authors[target] for _, target in inferred)

    def result(self) -> Degrees:
        """Return how the two sides compare."""
        authors = list(self._names)
        tops = self._top(self._gold), self._top(self._inferred)
        top = min(len(tops[0]), len(tops[1]))
        shared = len(set(tops[0][:top]) & set(tops[1][:top]))
        hubs = dict.fromkeys((*tops[0], *tops[1]))
        return Degrees(
            authors=len(authors),
            gold_edges=self._gold.total(),
            inferred_edges=self._inferred.total(),
            rank_correlation=rank_correlation(
                [self._gold[one] for one in authors], [self._inferred[one] for one in authors]
            ),
            top=top,
            shared_top=shared,
            overlap=share(shared, top),
            hubs=tuple(self._hub(author) for author in hubs),
        )

    def _top(self, counts: Counter[_Author]) -> list[_Author]:
        return sorted((author for author in counts if counts[author]), key=lambda one: (-counts[one], one))[:TOP]

    def _hub(self, author: _Author) -> Hub:
        inferred = self._inferred[author]
        return Hub(
            author=self._names[author],
            gold=self._gold[author],
            inferred=inferred,
            gold_rank=_rank(self._gold[author], self._gold.values()),
            inferred_rank=_rank(inferred, self._inferred.values()) if inferred else None,
        )


def _rank(count: int, counts: Collection[int]) -> int:
    return 1 + sum(other > count for other in counts)


def _author(comment: CommentText) -> _Author:
    return ("author", comment.author_id) if comment.author_id is not None else ("comment", comment.row_id)
