"""Reviews: a sample out, verdicts in, and what they come to."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from belowtheline.archive.queries.explaining import HeldEdge, label
from belowtheline.archive.queries.reviews import (
    HeldReview,
    InferredReply,
    Pair,
    Review,
    held_reviews,
    inferred_reply,
    keep_reviews,
    sample,
)
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import finish_run, now, start_run
from belowtheline.cli.console.targets import check_target
from belowtheline.cli.console.text import aligned, one_line, safe_json, safe_terminal
from belowtheline.cli.explain import reason
from belowtheline.exports.files import output_file, standard_output
from belowtheline.exports.reviewing import Judgement, Sheet, read_sheet, write_sheet
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.names import printable
from belowtheline.pipelines.evaluation.agreement import Agreement, ReviewedRule, agreements, reviewed_rules
from belowtheline.pipelines.linking.rules import RULES
from belowtheline.reading.errors import BelowTheLineError

_FOR_SAMPLES = ("seed", "rules", "output")


def refuse(ctx: click.Context, archive: Path, output: Path | None) -> None:
    """Raise UsageError for options that cannot be meant together."""
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE}
    if {"size", "sheet"} <= given:
        raise click.UsageError("--sample writes a sheet and --read reads one: give one of them.")
    if "size" not in given and (extra := given & set(_FOR_SAMPLES)):
        option = {"seed": "--seed", "rules": "--rule", "output": "-o"}[min(extra)]
        raise click.UsageError(f"{option} is for --sample: say how many to draw.")
    if ("sheet" in given) != ("reviewer" in given):
        raise click.UsageError("--read and --reviewer go together: give the sheet, and who judged.")
    if "size" in given and "as_json" in given:
        raise click.UsageError("--json is for what reviews come to: leave it out with --sample.")
    if unknown := [rule for rule in ctx.params["rules"] if rule not in RULES]:
        raise click.UsageError(f"There is no rule {unknown[0]!r}: give one of {', '.join(RULES)}.")
    if output is not None and output.is_file():
        raise click.UsageError(f"{one_line(str(output))} exists, and may hold verdicts: give another path with -o.")
    if "size" in given:
        check_target(output, archive)


def write_sample(path: Path, size: int, seed: str, rules: Sequence[str], output: Path | None) -> None:
    """Write a sheet of inferred replies to a file or to stdout."""
    with Archive.open_to_read(path) as archive:
        drawn, count = sample(archive, size, printable(seed), rules)
    if not drawn:
        raise BelowTheLineError(
            f"{path} holds no inferred reply{' of that rule' if rules else ''}: `btl link {path}` infers them, and "
            "`btl link --method-version` lists the rules."
        )
    is_file = output is not None and str(output) != "-"
    with output_file(output) if output is not None and is_file else standard_output() as file:
        write_sheet(drawn, _reason, file)
    where = f" to {one_line(str(output))}" if is_file else ""
    click.echo(f"sampled: {len(drawn)} of {count} inferred replies{where}, seed {one_line(printable(seed))}", err=True)


def _reason(edge: HeldEdge) -> str:
    return reason(edge, label(edge.target))


def read_verdicts(path: Path, sheet_path: Path, reviewer: str, as_json: bool) -> int:
    """Keep the verdicts of a sheet, name the lines that cannot be kept, and return the exit code."""
    name = unicodedata.normalize("NFC", " ".join(printable(reviewer).split()))
    if not name:
        raise click.UsageError("--reviewer is empty: say who judged.")
    sheet = read_sheet(sheet_path)
    Archive.open_to_read(path).close()  # a name mistyped makes no archive
    with Archive.create_or_open(path) as archive:
        reviews, problems = _checked(archive, sheet)
        said = {(held.pair, held.verdict, held.note, held.texts_sha256) for held in _of(archive, name)}
        fresh = [one for one in reviews if (one.edge.pair, one.verdict, one.note, one.edge.texts_sha256) not in said]
        code = Ending.INCOMPLETE if problems else Ending.COMPLETE
        with archive.transaction() as connection:
            run_id = start_run(connection, "review", {"reviewer": name})
            keep_reviews(connection, fresh, name, now())
        finish_run(archive, run_id, "incomplete" if problems else "complete", code)
        archive.checkpoint()
    for line, sentence in sorted(problems):
        click.echo(f"{one_line(str(sheet_path))}, line {line}: {one_line(sentence)}; not kept.", err=True)
    click.echo(
        f"reviewed: {len(fresh)} verdicts of {one_line(name)} kept, {len(reviews) - len(fresh)} held already, "
        f"{sheet.unjudged} lines without a verdict, {len(problems)} not kept",
        err=True,
    )
    report(path, as_json)
    return code


def _of(archive: Archive, reviewer: str) -> Iterator[HeldReview]:
    return (held for held in held_reviews(archive) if held.reviewer == reviewer)


def _checked(archive: Archive, sheet: Sheet) -> tuple[list[Review], list[tuple[int, str]]]:
    """Return the verdicts on edges that are held and unchanged, and what is wrong with the others by line."""
    reviews: dict[Pair, tuple[int, Review]] = {}
    problems = list(sheet.problems)
    for judgement in sheet.judgements:
        edge = inferred_reply(archive, judgement.pair)
        if edge is None or not judgement.is_about(edge):
            problems.append((judgement.line, _problem(judgement, edge)))
            continue
        review = Review(edge, judgement.verdict, judgement.note)
        line, first = reviews.setdefault(judgement.pair, (judgement.line, review))
        if first.verdict != review.verdict:
            problems.append((judgement.line, f"it says {review.verdict} of what line {line} says {first.verdict} of"))
    return [review for _, review in reviews.values()], problems


def _problem(judgement: Judgement, edge: InferredReply | None) -> str:
    if edge is None:
        one, other = judgement.pair
        return f"nothing infers now that comment_id {one} answers {other}: draw a new sample"
    return (
        "its texts or rules are not those of the sample (changed in the sheet, or in the archive since, or another "
        "archive's): draw a new sample"
    )


def report(path: Path, as_json: bool) -> None:
    """Print how reviewers agree and how right each rule is as they see it."""
    with Archive.open_to_read(path) as archive:
        reviews = held_reviews(archive)
    agreed, rules = agreements(reviews), reviewed_rules(reviews)
    if as_json:
        counts = {"archive": str(path), "reviews": len(reviews)}
        click.echo(safe_json({**counts, "agreement": list(map(asdict, agreed)), "rules": list(map(asdict, rules))}))
        return
    if not reviews:
        name = one_line(str(path))
        click.echo(f"{name} holds no reviews: `btl review {name} --sample N -o FILE.tsv` begins.", err=True)
        return
    for line in (*_rules(rules), "", *_agreement(agreed)):
        click.echo(safe_terminal(line))


def _rules(rules: Sequence[ReviewedRule]) -> Iterator[str]:
    heads = ["rule", "reviewed", "right", "wrong", "disputed", "unsure", "precision", "95 %"]
    yield from aligned([heads, *map(_rule, rules)], right=range(1, len(heads)))


def _rule(rule: ReviewedRule) -> list[str]:
    counts = rule.edges, rule.right, rule.wrong, rule.disputed, rule.unsure
    precision = "-" if rule.precision is None else f"{rule.precision:.2f}"
    low_high = "{:.2f}-{:.2f}".format(*rule.precision_interval) if rule.precision_interval else "-"
    return [rule.rule, *map(str, counts), precision, low_high]


def _agreement(agreed: Sequence[Agreement]) -> Iterator[str]:
    if not agreed:
        yield "No two reviewers have judged the same reply yet."
        return
    heads = ["reviewers", "both judged", "agree", "percent", "kappa"]
    rows = [
        [
            " and ".join(one.reviewers),
            str(one.edges),
            str(one.agreed),
            f"{one.percent:.1f}",
            "-" if one.kappa is None else f"{one.kappa:.2f}",
        ]
        for one in agreed
    ]
    yield from aligned([heads, *rows], right=range(1, len(heads)))
