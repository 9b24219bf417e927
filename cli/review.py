"""`btl review`: people judge a sample of what rules infer."""

from pathlib import Path

import click


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
    from belowtheline.jobs.review import read_verdicts, refuse, report, write_sample

    refuse(ctx, archive, output)
    if size is not None:
        write_sample(archive, size, seed, rules, output)
    elif sheet is not None and reviewer is not None:
        ctx.exit(read_verdicts(archive, sheet, reviewer, as_json))
    else:
        report(archive, as_json)
