"""One evaluation: which threads by which gold, and its figures as tables or JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from belowtheline.archive.links.keeping import read_thread
from belowtheline.archive.queries.holdings import HeldThread, held_threads, listing
from belowtheline.archive.queries.site_links import silent_comments, threads_with_links
from belowtheline.archive.store.database import Archive
from belowtheline.cli.console.text import aligned, one_line, safe_json, safe_terminal
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.names import thread_named
from belowtheline.pipelines.evaluation.annotation import BadAnnotation, Entry, entries, from_annotation, matched
from belowtheline.pipelines.evaluation.evaluation import (
    ALL_EDGES,
    ENOUGH,
    LEAST_PRECISION,
    Evaluation,
    Evaluator,
    RuleScore,
)
from belowtheline.pipelines.evaluation.gold import from_parents
from belowtheline.pipelines.evaluation.measures import share
from belowtheline.reading.errors import BelowTheLineError

_MOST_NAMED = 10


def evaluate(path: Path, gold: Path | None, wanted: Sequence[str], as_json: bool) -> int:
    """Measure an archive's threads, print the figures and return the exit code."""
    annotated = _read(gold) if gold else []  # before the archive, whose locks would go if it were given here as well
    with Archive.open_to_read(path) as archive:
        threads = list({held.row_id: held for held in (thread_named(archive, name) for name in wanted)}.values())
        code, found = (
            _by_annotation(archive, gold, annotated, threads)
            if gold
            else (Ending.COMPLETE, _by_structure(archive, threads))
        )
    against = f"the annotation {gold}" if gold else "the sites' own links"
    if as_json:
        click.echo(safe_json({"archive": str(path), "gold": str(gold) if gold else None, **document(found)}))
    else:
        click.echo(safe_terminal("\n".join(report(found, against))))
    return code


def _by_structure(archive: Archive, wanted: Sequence[HeldThread]) -> Evaluation:
    """Measure by the sites' own links; raise BelowTheLineError where there are none."""
    linked = {held.row_id: held for held in threads_with_links(archive)}
    if unlinked := [held for held in wanted if held.row_id not in linked]:
        raise BelowTheLineError(
            f"The thread {unlinked[0].native_id} of {archive.path} has no links of its site to measure by: give "
            "another --thread, or an annotation with --gold."
        )
    if not linked:
        raise BelowTheLineError(
            f"{archive.path} holds no thread with links of its site to measure by: give an annotation with --gold, or "
            "an archive of a site that shows who answers whom."
        )
    evaluator = Evaluator()
    for held in wanted or linked.values():
        thread = read_thread(archive, held.row_id)
        evaluator.add(held.site, thread, from_parents(thread, silent_comments(archive, held.row_id)))
    return evaluator.result()


def _by_annotation(
    archive: Archive, gold: Path, annotated: list[Entry], wanted: Sequence[HeldThread]
) -> tuple[int, Evaluation]:
    """Measure one thread by an annotation; comments that are not found are named on stderr and change the exit code."""
    held = _one(archive, wanted)
    thread = read_thread(archive, held.row_id)
    found = matched(annotated, thread)
    if not found:
        raise BelowTheLineError(
            f"{gold} annotates another thread than {held.native_id}: none of its comments begins and ends as one of "
            f"{archive.path} does; give the right one with --thread."
        )
    missing = [entry["n"] for entry in annotated if entry["n"] not in found]
    if missing:
        names = ", ".join(map(str, missing[:_MOST_NAMED])) + (" ..." if len(missing) > _MOST_NAMED else "")
        click.echo(
            f"{safe_terminal(str(gold))}: {len(missing)} of its {len(annotated)} comments ({names}) begin or end as "
            "none of the thread does, and are not scored: check `body_starts_with` and `body_ends_with`.",
            err=True,
        )
    evaluator = Evaluator()
    evaluator.add(held.site, thread, from_annotation(annotated, thread, found))
    return Ending.INCOMPLETE if missing else Ending.COMPLETE, evaluator.result()


def _read(gold: Path) -> list[Entry]:
    try:
        return entries(json.loads(gold.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise BelowTheLineError(f"{gold} cannot be read ({error.strerror}): check the name with --gold.") from error
    except BadAnnotation as error:
        raise BelowTheLineError(f"{gold} is no annotation, {error}: docs/linking.md has the form.") from error
    except (ValueError, RecursionError) as error:
        raise BelowTheLineError(f"{gold} is no JSON in UTF-8 ({error}): docs/linking.md has the form.") from error


def _one(archive: Archive, wanted: Sequence[HeldThread]) -> HeldThread:
    threads = list(wanted or held_threads(archive))
    if len(threads) == 1:
        return threads[0]
    if not threads:
        raise BelowTheLineError(f"{archive.path} holds no thread yet: `btl status {archive.path}` says what was tried.")
    raise BelowTheLineError(
        f"An annotation is of one thread, and here are {len(threads)} of {archive.path}: name one with --thread.\n"
        + listing(threads)
    )


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


def report(found: Evaluation, against: str) -> Iterator[str]:
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
        lines = list(part)
        if lines:
            yield ""
            yield from lines


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
