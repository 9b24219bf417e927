"""What reviews come to: how far reviewers agree, and how right each rule is as they see it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from belowtheline.archive.queries.reviews import HeldReview, Pair
from belowtheline.pipelines.evaluation.measures import interval, kappa, share
from belowtheline.pipelines.linking.rules import RULES

ALL_RULES = "all reviewed"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers on the edges that both have judged."""

    reviewers: tuple[str, str]
    edges: int
    agreed: int
    percent: float
    kappa: float | None
    """Cohen's, over right, wrong and unsure; None where both always say the same one word."""


@dataclass(frozen=True, slots=True)
class ReviewedRule:
    """One rule by its reviewed edges. Disputed are those that some call right and others wrong."""

    rule: str
    edges: int
    right: int
    wrong: int
    disputed: int
    unsure: int
    """Those that nobody calls right or wrong."""
    precision: float | None
    """Of right and wrong."""
    precision_interval: tuple[float, float] | None


def agreements(reviews: Iterable[HeldReview]) -> list[Agreement]:
    """Return how each two reviewers agree who have judged one edge, by their last verdicts."""
    said: dict[str, dict[Pair, str]] = defaultdict(dict)
    for review in reviews:
        said[review.reviewer][review.pair] = review.verdict
    found = []
    for one, other in combinations(sorted(said), 2):
        pairs = [(said[one][pair], said[other][pair]) for pair in said[one] if pair in said[other]]
        if pairs:
            agreed = sum(ours == theirs for ours, theirs in pairs)
            percent = round(100 * agreed / len(pairs), 1)
            found.append(Agreement((one, other), len(pairs), agreed, percent, kappa(pairs)))
    return found


def reviewed_rules(reviews: Iterable[HeldReview]) -> list[ReviewedRule]:
    """Return each rule that found a reviewed edge, in the order of the rules, and last all edges together."""
    words: dict[Pair, set[str]] = defaultdict(set)
    rules: dict[Pair, set[str]] = defaultdict(set)
    for review in reviews:
        words[review.pair].add(review.verdict)
        rules[review.pair].update(review.rules)
    named = {rule for of_pair in rules.values() for rule in of_pair}
    names = [name for name in RULES if name in named] + sorted(named - set(RULES))
    found = [_rule(name, [words[pair] for pair in words if name in rules[pair]]) for name in names]
    return [*found, _rule(ALL_RULES, list(words.values()))] if words else []


def _rule(name: str, verdicts: list[set[str]]) -> ReviewedRule:
    disputed = sum({"right", "wrong"} <= words for words in verdicts)
    right = sum("right" in words for words in verdicts) - disputed
    wrong = sum("wrong" in words for words in verdicts) - disputed
    unsure = len(verdicts) - right - wrong - disputed
    decided = right + wrong
    return ReviewedRule(
        name, len(verdicts), right, wrong, disputed, unsure, share(right, decided), interval(right, decided)
    )
