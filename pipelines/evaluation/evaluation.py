"""Measuring links against gold: rules, coverage, calibration and what they do to a network of authors.

Threads are linked here anew, as if nothing were known of their structure; what an archive holds of links is not read.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from belowtheline.archive.links.texts import Edge, ThreadText
from belowtheline.pipelines.evaluation.degrees import Degrees, InDegrees
from belowtheline.pipelines.evaluation.gold import Gold, GoldEdge
from belowtheline.pipelines.evaluation.measures import f1, interval, share
from belowtheline.pipelines.evaluation.quotescore import QuoteCounts, QuoteScore
from belowtheline.pipelines.linking.engine import link
from belowtheline.pipelines.linking.rules import GUESS, METHOD_VERSION, RULES, Rule

ALL_EDGES = "all edges"
"""Stands for the edges as they are made: of every rule that is on, together."""
LEAST_PRECISION = 0.9
"""A rule below it is off."""
ENOUGH = 10
"""Edges that must be judged before a rule's precision says anything."""
_BINS = 10

ALL_ON: Mapping[str, Rule] = MappingProxyType({name: replace(rule, is_on=True) for name, rule in RULES.items()})
"""The rules as they are measured: those that are off as if they were on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleScore:
    """How one rule does. `right` names whom gold names; `beside` stands beside such an edge of the rule's own."""

    rule: str
    default: str
    """on, off, or guess: what it finds is a candidate at best."""
    found: int
    right: int
    beside: int
    """Named beside the comment's one parent, which the rule names too: a site's link says nothing of it."""
    other: int
    """Gold says that the comment answers another."""
    nobody: int
    """Gold says that the comment answers nobody."""
    unscored: int
    precision: float | None
    """Of right, other and nobody."""
    precision_interval: tuple[float, float] | None
    """Wilson's, 95 %."""
    strict_precision: float | None
    """The same where what stands beside counts as wrong."""
    recall: float | None
    f1: float | None

    @property
    def judged(self) -> int:
        """How many of its edges gold says to be right or wrong."""
        return self.right + self.other + self.nobody

    @property
    def is_below(self) -> bool:
        """Whether its precision is known to be less than a rule needs to be on."""
        return self.judged >= ENOUGH and self.precision is not None and self.precision < LEAST_PRECISION


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many comments get an edge, and how often the surest one is right."""

    answering: int
    """Comments that answer another, as gold says."""
    linked: int
    """Of these, how many have an edge."""
    exact: int
    """Of these, how many have as their surest target whom gold names."""
    guessed: int
    """The same where the surest candidate stands in for an edge that is missing."""
    silent: int
    """Comments that answer nobody, as gold says."""
    silent_right: int
    """Of these, how many have no edge."""
    coverage: float | None
    exact_of_answering: float | None
    exact_of_linked: float | None
    exact_of_all: float | None
    """Comments with the right target, or rightly with none, of all that are scored."""
    guessed_of_answering: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Edges and candidates whose confidence lies in [low, high): how sure they are, and how many are right."""

    low: float
    high: float
    count: int
    right: int
    mean_confidence: float
    precision: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteScore:
    """One site's threads."""

    site: str
    threads: int
    comments: int
    scored: int
    gold_edges: int
    rules: tuple[RuleScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How links compare with gold."""

    method_version: str
    threads: int
    comments: int
    scored: int
    gold_edges: int
    rules: tuple[RuleScore, ...]
    """Each rule by itself, all of them on; last the edges as they are made."""
    sites: tuple[SiteScore, ...]
    coverage: Coverage
    calibration: tuple[Bin, ...]
    degrees: Degrees
    quotes: QuoteScore | None


class Evaluator:
    """Adds up threads, one at a time, so that no more than one is held."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._sites: dict[str, Counter[str]] = {}
        self._reach: Counter[str] = Counter()
        self._bins: dict[int, list[tuple[float, bool]]] = {}
        self._degrees = InDegrees()
        self._quotes: QuoteCounts | None = None

    def add(self, site: str, thread: ThreadText, gold: Gold) -> None:
        """Link a thread and compare what is found with what is known."""
        judge = _Judge(gold)
        every, made = link(thread, ALL_ON), link(thread)
        by_rule: dict[str, set[tuple[int, int]]] = {
            ALL_EDGES: {(edge.comment_id, edge.target_id) for edge in made.edges}
        }
        for edge in every.edges:
            by_rule.setdefault(edge.rule, set()).add((edge.comment_id, edge.target_id))
        for edge in made.candidates:
            if RULES[edge.rule].confidence <= GUESS:
                by_rule.setdefault(edge.rule, set()).add((edge.comment_id, edge.target_id))
        for rule, pairs in by_rule.items():
            self._count(site, rule, pairs, judge)
        about = self._sites.setdefault(site, Counter())
        about += Counter(threads=1, comments=len(thread.comments), scored=len(gold.scored), gold_edges=len(gold.edges))
        self._cover(gold, judge, made.edges, made.candidates)
        self._calibrate(judge, (*made.edges, *made.candidates))
        pairs = {pair for pair in by_rule[ALL_EDGES] if judge.outcome(pair, ()) != "unscored"}
        self._degrees.add(thread, [(edge.comment_id, edge.targets[0]) for edge in gold.edges], pairs)
        if gold.quotes is not None:
            self._quotes = self._quotes or QuoteCounts()
            self._quotes.add(thread, gold.quotes, made.quotes)

    def _count(self, site: str, rule: str, pairs: set[tuple[int, int]], judge: "_Judge") -> None:
        named: dict[int, set[int]] = {}
        for comment_id, target_id in pairs:
            named.setdefault(comment_id, set()).add(target_id)
        for pair in pairs:
            self._counts[site, rule, judge.outcome(pair, named[pair[0]])] += 1
        self._counts[site, rule, "hit"] += judge.hits(named)

    def _cover(self, gold: Gold, judge: "_Judge", edges: Iterable[Edge], candidates: Iterable[Edge]) -> None:
        surest, guessed = _surest(edges), _surest(candidates)
        for comment_id in gold.scored:
            target = surest.get(comment_id)
            if comment_id not in judge.gold:
                self._reach.update(silent=1, silent_right=target is None)
                continue
            guess = guessed.get(comment_id) if target is None else target
            is_guessed = guess is not None and judge.is_right((comment_id, guess))
            self._reach.update(
                answering=1,
                linked=target is not None,
                exact=target is not None and is_guessed,
                guessed=is_guessed,
            )

    def _calibrate(self, judge: "_Judge", edges: Iterable[Edge]) -> None:
        sure = {(edge.comment_id, edge.target_id): edge.combined for edge in edges}
        named: dict[int, set[int]] = {}
        for comment_id, target_id in sure:
            named.setdefault(comment_id, set()).add(target_id)
        for pair, confidence in sure.items():
            outcome = judge.outcome(pair, named[pair[0]])
            if outcome in ("right", "other", "nobody"):
                at = min(int(confidence * _BINS + 1e-9), _BINS - 1)
                self._bins.setdefault(at, []).append((confidence, outcome == "right"))

    def result(self) -> Evaluation:
        """Return what all threads come to."""
        about: Counter[str] = sum(self._sites.values(), Counter())
        return Evaluation(
            method_version=METHOD_VERSION,
            threads=about["threads"],
            comments=about["comments"],
            scored=about["scored"],
            gold_edges=about["gold_edges"],
            rules=self._rules(self._sites, about["gold_edges"]),
            sites=tuple(self._site(site, counts) for site, counts in sorted(self._sites.items())),
            coverage=_coverage(self._reach),
            calibration=tuple(_bin(at, pairs) for at, pairs in sorted(self._bins.items())),
            degrees=self._degrees.result(),
            quotes=self._quotes.result() if self._quotes else None,
        )

    def _site(self, site: str, counts: Counter[str]) -> SiteScore:
        return SiteScore(
            site=site,
            threads=counts["threads"],
            comments=counts["comments"],
            scored=counts["scored"],
            gold_edges=counts["gold_edges"],
            rules=self._rules([site], counts["gold_edges"]),
        )

    def _rules(self, sites: Collection[str], gold_edges: int) -> tuple[RuleScore, ...]:
        def count(rule: str, outcome: str) -> int:
            return sum(self._counts[site, rule, outcome] for site in sites)

        return tuple(
            _score(rule, {outcome: count(rule, outcome) for outcome in _OUTCOMES}, gold_edges)
            for rule in (*RULES, ALL_EDGES)
        )


_OUTCOMES = ("right", "beside", "other", "nobody", "unscored", "hit")


class _Judge:
    """What gold says of an edge."""

    def __init__(self, gold: Gold) -> None:
        self.scored, self.doubtful, self.names_all = gold.scored, gold.doubtful, gold.names_all
        self.gold: dict[int, list[GoldEdge]] = {}
        for edge in gold.edges:
            self.gold.setdefault(edge.comment_id, []).append(edge)

    def is_right(self, pair: tuple[int, int]) -> bool:
        """Return whether gold names the target of a pair."""
        return any(pair[1] in edge.targets for edge in self.gold.get(pair[0], ()))

    def outcome(self, pair: tuple[int, int], named: Collection[int]) -> str:
        """Return what gold says of a pair; `named` are all targets that are named for its comment."""
        if pair[0] not in self.scored or (pair in self.doubtful and not self.is_right(pair)):
            return "unscored"
        if self.is_right(pair):
            return "right"
        if pair[0] not in self.gold:
            return "nobody"
        is_beside = not self.names_all and any(self.is_right((pair[0], target)) for target in named)
        return "beside" if is_beside else "other"

    def hits(self, named: Mapping[int, Collection[int]]) -> int:
        """Return how many of gold's edges are named."""
        return sum(
            not set(edge.targets).isdisjoint(named.get(comment_id, ()))
            for comment_id, edges in self.gold.items()
            for edge in edges
        )


def _surest(edges: Iterable[Edge]) -> dict[int, int]:
    """Return the surest target of each comment, as the view `comments_flat` has it."""
    surest: dict[int, tuple[float, int]] = {}
    for edge in edges:
        rank = edge.combined, edge.target_id
        surest[edge.comment_id] = max(surest.get(edge.comment_id, rank), rank)
    return {comment_id: target for comment_id, (_, target) in surest.items()}


def _score(rule: str, counts: Mapping[str, int], gold_edges: int) -> RuleScore:
    judged = counts["right"] + counts["other"] + counts["nobody"]
    precision, recall = share(counts["right"], judged), share(counts["hit"], gold_edges)
    return RuleScore(
        rule=rule,
        default=_default(rule),
        found=judged + counts["beside"] + counts["unscored"],
        right=counts["right"],
        beside=counts["beside"],
        other=counts["other"],
        nobody=counts["nobody"],
        unscored=counts["unscored"],
        precision=precision,
        precision_interval=interval(counts["right"], judged),
        strict_precision=share(counts["right"], judged + counts["beside"]),
        recall=recall,
        f1=f1(precision, recall),
    )


def _default(rule: str) -> str:
    if rule == ALL_EDGES or RULES[rule].makes_edges:
        return "on"
    return "off" if RULES[rule].confidence > GUESS else "guess"


def _coverage(counts: Counter[str]) -> Coverage:
    answering, right = counts["answering"], counts["exact"] + counts["silent_right"]
    return Coverage(
        answering=answering,
        linked=counts["linked"],
        exact=counts["exact"],
        guessed=counts["guessed"],
        silent=counts["silent"],
        silent_right=counts["silent_right"],
        coverage=share(counts["linked"], answering),
        exact_of_answering=share(counts["exact"], answering),
        exact_of_linked=share(counts["exact"], counts["linked"]),
        exact_of_all=share(right, answering + counts["silent"]),
        guessed_of_answering=share(counts["guessed"], answering),
    )


def _bin(at: int, pairs: list[tuple[float, bool]]) -> Bin:
    right = sum(is_right for _, is_right in pairs)
    mean = sum(confidence for confidence, _ in pairs) / len(pairs)
    return Bin(at / _BINS, (at + 1) / _BINS, len(pairs), right, round(mean, 4), round(right / len(pairs), 4))
