"""`btl evaluate`: how right the inferred links are, measured by what is known."""

from pathlib import Path

import click


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--gold",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Compare one thread with this annotation by hand (JSON), not with the sites' own links.",
)
@click.option("--thread", "threads", metavar="THREAD", multiple=True, help="Only this thread; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(ctx: click.Context, archive: Path, gold: Path | None, threads: tuple[str, ...], as_json: bool) -> None:
    """Measure what rules find in ARCHIVE by the sites' own links, or by an annotation.

    Threads are linked anew, as if their structure were not known; nothing is read of the links that are held, and
    nothing is written. Printed are precision, recall and F1 of each rule, those that are off included; how many
    comments get an edge; how often the surest target is the right one; how right edges of one confidence are; and how
    the authors who are answered most would change.

    A site's link names one comment. Where a rule names it and others beside it, these are counted apart: the strict
    precision takes them for wrong. Comments are left out whose parent is not held, or of which the site does not say
    whether they answer anybody.

    FILE is a list of one object a comment: docs/linking.md has its form. THREAD is what `btl show` takes.
    """
    from belowtheline.cli.console import evaluation
    from belowtheline.cli.console.text import safe_json, safe_terminal
    from belowtheline.jobs.evaluate import evaluate

    report = evaluate(archive, gold=gold, threads=threads)
    for problem in report.problems:
        click.echo(safe_terminal(problem), err=True)
    against = f"the annotation {gold}" if gold else "the sites' own links"
    if as_json:
        document = evaluation.document(report.evaluation)
        click.echo(safe_json({"archive": str(archive), "gold": str(gold) if gold else None, **document}))
    else:
        click.echo(safe_terminal("\n".join(evaluation.lines(report.evaluation, against))))
    ctx.exit(report.ending)
