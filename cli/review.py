"""`btl review`: people judge a sample of what rules infer."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.jobs.review import KeptVerdicts, ReviewReport
    from belowtheline.pipelines.evaluation.agreement import Agreement, ReviewedRule

_FOR_SAMPLES = ("seed", "rules", "output")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--sample", "size", metavar="N", type=click.IntRange(1), help="Write N inferred replies, drawn at random."
)
@click.option("--seed", metavar="TEXT", default="0", show_default=True, help="Draw others; the same draw the same.")
@click.option("--rule", "rules", metavar="RULE", multiple=True, help="Only what RULE found; may be repeated.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write here, not to stdout.")
@click.option(
    "--read",
    "sheet",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Keep the verdicts of FILE, which --sample wrote.",
)
@click.option("--reviewer", metavar="NAME", help="Who judged.")
@click.option("--json", "as_json", is_flag=True, help="Print agreement and precision as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    archive: Path,
    size: int | None,
    seed: str,
    rules: tuple[str, ...],
    output: Path | None,
    sheet: Path | None,
    reviewer: str | None,
    as_json: bool,
) -> None:
    """Let people judge what rules infer in ARCHIVE; without an option, print what reviews come to.

    `btl review ARCHIVE --sample 200 -o FILE.tsv` writes a line a reply: the two comments, the rules and what they went
    by. A reviewer writes right, wrong or unsure into the column verdict, in a spreadsheet or an editor, and at will a
    note; what is left empty is not judged. `btl review ARCHIVE --read FILE.tsv --reviewer NAME` keeps the verdicts
    beside all earlier ones. Then, as without an option, the agreement of each two reviewers is printed (percent, and
    Cohen's kappa), and the precision of each rule as they see it, by the last verdict of each reviewer.

    RULE is as `btl link --method-version` names it; without one, only replies are drawn and no candidates. A line that
    cannot be read, or whose texts were changed in the sheet or in the archive since, is named and the others are kept:
    the exit code is then 3.
    """
    _refuse(ctx)
    if size is not None:
        _write_sample(archive, size, seed, rules, output)
        return
    from belowtheline.jobs.review import review

    report = review(archive, sheet=sheet, reviewer=reviewer)
    if report.sheet is not None and sheet is not None:
        _print_sheet(report.sheet, sheet)
    _print(report, archive, as_json=as_json)
    ctx.exit(report.ending)


def _refuse(ctx: click.Context) -> None:
    """Raise UsageError for options that cannot be meant together."""
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE}
    if {"size", "sheet"} <= given:
        raise click.UsageError("--sample writes a sheet and --read reads one: give one of them.")
    if "size" not in given and (extra := given & set(_FOR_SAMPLES)):
        option = {"seed": "--seed", "rules": "--rule", "output": "-o"}[min(extra)]
        raise click.UsageError(f"{option} is for --sample: say how many to draw.")
    if {"size", "reviewer"} <= given:
        raise click.UsageError("--read and --reviewer go together: give the sheet, and who judged.")
    if {"size", "as_json"} <= given:
        raise click.UsageError("--json is for what reviews come to: leave it out with --sample.")


def _write_sample(archive: Path, size: int, seed: str, rules: tuple[str, ...], output: Path | None) -> None:
    from belowtheline.cli.console.targets import check_target, is_standard_output
    from belowtheline.cli.console.text import one_line
    from belowtheline.exports.files import standard_output
    from belowtheline.jobs.review import draw_sample

    where = ""
    if output is not None and not is_standard_output(output):
        report = draw_sample(archive, size, output, seed=seed, rules=rules)
        where = f" to {one_line(str(output))}"
    else:
        check_target(output, archive)
        with standard_output() as file:
            report = draw_sample(archive, size, file, seed=seed, rules=rules)
    drawn = f"sampled: {report.drawn} of {report.count} inferred replies{where}, seed {one_line(report.seed)}"
    click.echo(drawn, err=True)


def _print_sheet(said: "KeptVerdicts", sheet: Path) -> None:
    from belowtheline.cli.console.text import one_line

    for line, sentence in said.problems:
        click.echo(f"{one_line(str(sheet))}, line {line}: {one_line(sentence)}; not kept.", err=True)
    click.echo(
        f"reviewed: {said.kept} verdicts of {one_line(said.reviewer)} kept, {said.known} held already, "
        f"{said.unjudged} lines without a verdict, {len(said.problems)} not kept",
        err=True,
    )


def _print(report: "ReviewReport", archive: Path, *, as_json: bool) -> None:
    """Print how reviewers agree and how right each rule is as they see it."""
    from belowtheline.cli.console.text import one_line, safe_json, safe_terminal

    if as_json:
        counts = {"archive": str(archive), "reviews": report.reviews}
        parts = {"agreement": list(map(asdict, report.agreement)), "rules": list(map(asdict, report.rules))}
        click.echo(safe_json({**counts, **parts}))
        return
    if not report.reviews:
        name = one_line(str(archive))
        click.echo(f"{name} holds no reviews: `btl review {name} --sample N -o FILE.tsv` begins.", err=True)
        return
    for line in (*_rules(report.rules), "", *_agreement(report.agreement)):
        click.echo(safe_terminal(line))


def _rules(rules: "Sequence[ReviewedRule]") -> Iterator[str]:
    from belowtheline.cli.console.text import aligned

    heads = ["rule", "reviewed", "right", "wrong", "disputed", "unsure", "precision", "95 %"]
    yield from aligned([heads, *map(_rule, rules)], right=range(1, len(heads)))


def _rule(rule: "ReviewedRule") -> list[str]:
    counts = rule.edges, rule.right, rule.wrong, rule.disputed, rule.unsure
    precision = "-" if rule.precision is None else f"{rule.precision:.2f}"
    low_high = "{:.2f}-{:.2f}".format(*rule.precision_interval) if rule.precision_interval else "-"
    return [rule.rule, *map(str, counts), precision, low_high]


def _agreement(agreed: "Sequence[Agreement]") -> Iterator[str]:
    from belowtheline.cli.console.text import aligned

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
