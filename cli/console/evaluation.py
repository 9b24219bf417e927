"""The figures of an evaluation as tables for people, and as JSON values."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from belowtheline.cli.console.text import aligned, one_line
from belowtheline.pipelines.evaluation.evaluation import (
    ALL_EDGES,
    ENOUGH,
    LEAST_PRECISION,
    Evaluation,
    RuleScore,
)
from belowtheline.pipelines.evaluation.measures import share


def document(found: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON values, each rule with whether it is known to be below what a rule needs."""
    values = asdict(found)
    for rules, scores in ((values["rules"], found.rules), *_of_sites(values, found)):
        for rule, score in zip(rules, scores, strict=True):
            rule["judged"], rule["is_below"] = score.judged, score.is_below
    return {**values, "least_precision": LEAST_PRECISION, "enough": ENOUGH}


def _of_sites(values: dict[str, Any], found: Evaluation) -> Iterator[tuple[Any, tuple[RuleScore, ...]]]:
    for site, scored in zip(values["sites"], found.sites, strict=True):
        yield site["rules"], scored.rules


def lines(found: Evaluation, against: str) -> Iterator[str]:
    """Yield an evaluation as lines for people."""
    yield f"method version {found.method_version}, measured by {one_line(against)}"
    yield (
        f"{_count(found.threads, 'thread')}: {found.scored} of {found.comments} comments scored,"
        f" {_count(found.gold_edges, 'known reply', 'known replies')}"
    )
    for part in (
        _rules(found),
        _by_site(found),
        _coverage(found),
        _calibration(found),
        _degrees(found),
        _quotes(found),
    ):
        block = list(part)
        if block:
            yield ""
            yield from block


def _count(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _rules(found: Evaluation) -> Iterator[str]:
    yield "Rules, each by itself"
    heads = ["rule", "default", "found", "right", "beside", "other", "nobody", "unscored"]
    heads += ["precision", "95 %", "strict", "recall", "F1"]
    shown = [rule for rule in found.rules if rule.found or rule.default != "guess"]
    yield from aligned([heads, *map(_rule, shown)], right=range(2, len(heads)))
    yield "beside: named beside the comment's parent, of which a site's link says nothing; strict takes it for wrong"
    yield "other, nobody: the comment is known to answer another, or nobody"
    yield from _remarks(shown)


def _rule(score: RuleScore) -> list[str]:
    counts = (score.found, score.right, score.beside, score.other, score.nobody, score.unscored)
    low_high = "{:.2f}-{:.2f}".format(*score.precision_interval) if score.precision_interval else "-"
    shares = (
        _share(score.precision),
        low_high,
        _share(score.strict_precision),
        _share(score.recall, 3),
        _share(score.f1, 3),
    )
    return [score.rule, score.default, *map(str, counts), *shares]


def _share(value: float | None, places: int = 2) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _remarks(shown: Sequence[RuleScore]) -> Iterator[str]:
    """Yield which rules are off and how that stands to what was measured, and which are on without a good measure."""
    for default in ("on", "off"):
        rules = [score for score in shown if score.default == default and score.rule != ALL_EDGES]
        groups = {
            f"below {LEAST_PRECISION:.2f} here": [score for score in rules if score.is_below],
            f"not to be judged here, by fewer than {ENOUGH}": [score for score in rules if score.judged < ENOUGH],
            f"{LEAST_PRECISION:.2f} or more here": [
                score for score in rules if score.judged >= ENOUGH and not score.is_below
            ],
        }
        for finding, scores in groups.items():
            if scores:
                yield f"{default} by default, precision {finding}: {', '.join(score.rule for score in scores)}"


def _by_site(found: Evaluation) -> Iterator[str]:
    if len(found.sites) < 2:
        return
    yield "Sites, right of those judged"
    rules = [place for place, rule in enumerate(found.rules) if rule.judged and rule.default != "guess"]
    heads = ["site", "threads", "known replies", *(found.rules[place].rule for place in rules)]
    rows = [
        [site.site, str(site.threads), str(site.gold_edges), *(_right_of(site.rules[place]) for place in rules)]
        for site in found.sites
    ]
    yield from aligned([heads, *rows], right=range(1, len(heads)))


def _right_of(score: RuleScore) -> str:
    return f"{score.right}/{score.judged}" if score.judged else "-"


def _coverage(found: Evaluation) -> Iterator[str]:
    reach = found.coverage
    yield "Coverage"
    rows = (
        ("comments that answer another and have an edge", reach.linked, reach.answering),
        ("their surest target is the right one", reach.exact, reach.linked),
        ("of all that answer another", reach.exact, reach.answering),
        ("with the surest candidate where there is no edge", reach.guessed, reach.answering),
        ("comments that answer nobody and have no edge", reach.silent_right, reach.silent),
        ("right target, or rightly none, of all scored", reach.exact + reach.silent_right, found.scored),
    )
    yield from _parts(rows)


def _parts(rows: Sequence[tuple[str, int, int]]) -> Iterator[str]:
    """Yield parts of wholes as lines."""
    cells = [[label, f"{part}/{whole}", _share(share(part, whole))] for label, part, whole in rows]
    yield from aligned(cells, right=(1, 2))


def _calibration(found: Evaluation) -> Iterator[str]:
    if not found.calibration:
        return
    yield "Calibration of edges and candidates (of 0.5 at most)"
    rows = [
        [f"{bin.low:.1f}-{bin.high:.1f}", str(bin.count), f"{bin.mean_confidence:.2f}", f"{bin.precision:.2f}"]
        for bin in found.calibration
    ]
    yield from aligned([["confidence", "judged", "mean", "right"], *rows], right=(1, 2, 3))


def _degrees(found: Evaluation) -> Iterator[str]:
    degrees = found.degrees
    counts = f"{degrees.gold_edges} known, {degrees.inferred_edges} inferred"
    yield f"Answers received by {_count(degrees.authors, 'author')}: {counts}"
    rho = "not defined" if degrees.rank_correlation is None else f"{degrees.rank_correlation:.2f}"
    yield f"rank correlation (Spearman) {rho}; {degrees.shared_top} of the {degrees.top} most answered are the same"
    if degrees.hubs:
        rows = [
            [
                hub.author or "(no name)",
                str(hub.gold),
                str(hub.inferred),
                str(hub.gold_rank),
                str(hub.inferred_rank or "-"),
            ]
            for hub in degrees.hubs
        ]
        yield from aligned([["author", "known", "inferred", "rank", "inferred rank"], *rows], right=(1, 2, 3, 4))


def _quotes(found: Evaluation) -> Iterator[str]:
    quotes = found.quotes
    if quotes is None:
        return
    yield "Quotations"
    rows = (
        ("spans found as annotated", quotes.found, quotes.annotated),
        ("spans found that are annotated", quotes.found, quotes.found + quotes.others),
        ("sources right, where the words are from what is held", quotes.sourced_right, quotes.sourced),
        ("of spans of four words or more", quotes.sourced_long_right, quotes.sourced_long),
        ("right, of the sources that are named", quotes.sourced_right, quotes.sourced_right + quotes.wrong),
    )
    yield from _parts(rows)
