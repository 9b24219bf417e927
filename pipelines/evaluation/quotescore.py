"""Measuring quotations against an annotation: which spans are found, and whose words they are said to have."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from belowtheline.archive.links.texts import ResolvedQuote, ThreadText
from belowtheline.pipelines.evaluation.gold import GoldQuote
from belowtheline.pipelines.evaluation.measures import f1, share

_LONG = 4
"""Words from which a span can have a source by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteScore:
    """How quotations compare with those of an annotation; `long` are those of four words or more."""

    annotated: int
    found: int
    """Annotated spans that were found, letter for letter but for blanks."""
    others: int
    """Spans that were found and are not annotated."""
    precision: float | None
    recall: float | None
    f1: float | None
    sourced: int
    """Annotated spans whose words are from something that is held."""
    sourced_right: int
    sourced_long: int
    sourced_long_right: int
    wrong: int
    """Annotated spans that are said to be from what they are not from."""
    source_precision: float | None
    source_recall: float | None
    source_recall_long: float | None


class QuoteCounts:
    """Adds up threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, thread: ThreadText, gold: Iterable[GoldQuote], found: Iterable[ResolvedQuote]) -> None:
        """Compare the quotations of the present texts of a thread's annotated comments."""
        present = {comment.present.row_id for comment in thread.comments}
        ours: dict[tuple[int, str, str], list[ResolvedQuote]] = defaultdict(list)
        for quote in found:
            if quote.version_id in present:
                ours[quote.comment_id, quote.field, _words(quote.text)].append(quote)
        for known in gold:
            alike = ours[known.comment_id, known.field, _words(known.text)]
            self._counts.update(_compared(known, alike.pop(0) if alike else None))
        self._counts["others"] += sum(map(len, ours.values()))

    def result(self) -> QuoteScore:
        """Return what all threads come to."""
        counts = self._counts
        precision = share(counts["found"], counts["found"] + counts["others"])
        recall = share(counts["found"], counts["annotated"])
        return QuoteScore(
            annotated=counts["annotated"],
            found=counts["found"],
            others=counts["others"],
            precision=precision,
            recall=recall,
            f1=f1(precision, recall),
            sourced=counts["sourced"],
            sourced_right=counts["right"],
            sourced_long=counts["sourced_long"],
            sourced_long_right=counts["right_long"],
            wrong=counts["wrong"],
            source_precision=share(counts["right"], counts["right"] + counts["wrong"]),
            source_recall=share(counts["right"], counts["sourced"]),
            source_recall_long=share(counts["right_long"], counts["sourced_long"]),
        )


def _compared(known: GoldQuote, ours: ResolvedQuote | None) -> Collection[str]:
    is_long = len(known.text.split()) >= _LONG
    marks = ["annotated"]
    marks += ["found"] if ours else []
    if known.source_type is not None:
        marks += ["sourced", "sourced_long"] if is_long else ["sourced"]
    if ours and ours.source_type != "none":
        is_right = (ours.source_type, ours.source_comment_id) == (known.source_type, known.source_id)
        marks += (["right", "right_long"] if is_long else ["right"]) if is_right else ["wrong"]
    return marks


def _words(text: str) -> str:
    return " ".join(text.split())
