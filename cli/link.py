"""`btl link`: find whose words the comments of threads quote and whom they answer, once more."""

from pathlib import Path

import click


def _print_method(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from belowtheline.pipelines.linking.rules import METHOD_VERSION, RULES

        click.echo(f"method version {METHOD_VERSION}")
        for rule in RULES.values():
            click.echo(f"{rule.name:<17} {rule.confidence:.2f}  {'on ' if rule.makes_edges else 'off'}  {rule.meaning}")
        ctx.exit()


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--thread", "threads", metavar="THREAD", multiple=True, help="Link only this thread; may be repeated.")
@click.option(
    "--method-version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_method,
    help="Print the version of the method and its rules, and end.",
)
@click.pass_context
def command(ctx: click.Context, archive: Path, threads: tuple[str, ...]) -> None:
    """Link the threads of ARCHIVE: find the sources of quotations, and who answers whom where the site does not say.

    Crawl, update and ingest do so for every thread that has changed, so this is for another version of the method, and
    for what a killed run left. What was found before is replaced; what people said of edges is kept. THREAD is what
    `btl show` takes.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.jobs.link import link

    with progress_bar() as progress:
        report = link(archive, threads, progress=progress)
    click.echo(
        f"linked: {report.threads} threads, {report.sourced} of {report.quotes} quotations with a source, "
        f"{report.edges} replies inferred, {report.candidates} candidates",
        err=True,
    )
    ctx.exit(report.ending)
