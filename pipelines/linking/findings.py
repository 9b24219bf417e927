"""What single rules find, put together: edges per target, and candidates apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.links.texts import CommentText, Edge
from belowtheline.pipelines.linking.rules import GUESS, Rule, combined


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's finding about a comment: the place in time of the comment it answers, and what the rule went by."""

    rule: str
    target: int
    evidence: Mapping[str, Any]
    confidence: float | None = None
    """How sure, where the rule itself does not say it."""


def edges_and_candidates(
    place: int, findings: Iterable[Finding], comments: Sequence[CommentText], rules: Mapping[str, Rule]
) -> tuple[list[Edge], list[Edge]]:
    """Return a comment's edges, one a target and rule, and its candidates; nobody answers himself or what is later."""
    sure: dict[int, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    unsure: dict[int, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        rule = rules.get(finding.rule)
        if rule is None or finding.target >= place or is_same_author(comments[finding.target], comments[place]):
            continue
        group = sure if rule.is_on and _confidence(finding, rules) > GUESS else unsure
        group[finding.target][finding.rule].append(finding)
    edges = [edge for target in sure for edge in _edges(comments, place, target, sure[target], rules)]
    others = [target for target in unsure if target not in sure]
    guesses = [edge for target in others for edge in _edges(comments, place, target, unsure[target], rules)]
    return edges, guesses


def is_same_author(one: CommentText, other: CommentText) -> bool:
    """Return whether two comments are known to be one author's; of the anonymous nobody knows."""
    return one.author_id is not None and one.author_id == other.author_id and not one.is_nobody


def _confidence(finding: Finding, rules: Mapping[str, Rule]) -> float:
    return finding.confidence if finding.confidence is not None else rules[finding.rule].confidence


def _edges(
    comments: Sequence[CommentText],
    place: int,
    target: int,
    found: Mapping[str, Sequence[Finding]],
    rules: Mapping[str, Rule],
) -> Iterator[Edge]:
    sure = {name: max(_confidence(one, rules) for one in findings) for name, findings in found.items()}
    sure = {name: value if rules[name].is_on else min(value, GUESS) for name, value in sure.items()}
    together = combined(list(sure.values()))
    for name, findings in found.items():
        yield Edge(
            comment_id=comments[place].row_id,
            target_id=comments[target].row_id,
            rule=name,
            confidence=sure[name],
            combined=together,
            evidence=_evidence(findings),
        )


def _evidence(findings: Sequence[Finding]) -> Mapping[str, Any]:
    """Return the evidence of one rule; what it found more than once is listed beside the first."""
    first, *more = [dict(finding.evidence) for finding in findings]
    return {**first, "also": more[:5]} if more else first
