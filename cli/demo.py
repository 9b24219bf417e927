"""`btl demo`: the main job on a sample site of invented pages, served on loopback."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.jobs.export import Form

_FORMS: "tuple[Form, ...]" = ("csv", "json")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo-archive"))
@click.pass_context
def command(ctx: click.Context, folder: Path) -> None:
    """Crawl a bundled sample site on loopback, ingest a copied page and export both, all into FOLDER.

    FOLDER is `demo-archive` unless given, and is made when missing; a second run updates the same archive.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.crawl_summary import print_crawl
    from belowtheline.cli.console.targets import check_target
    from belowtheline.cli.export import print_export
    from belowtheline.cli.ingest import print_report
    from belowtheline.demo.server import SampleSite, copied_text
    from belowtheline.exports.files import output_file
    from belowtheline.jobs.crawl import CrawlOptions, crawl_here
    from belowtheline.jobs.endings import worst
    from belowtheline.jobs.export import export
    from belowtheline.jobs.ingest import ingest

    archive, text = folder / "demo.db", folder / "copied-thread.txt"
    for file in (text, *(folder / f"comments.{form}" for form in _FORMS)):
        check_target(file, archive, option="FOLDER:")
    folder.mkdir(parents=True, exist_ok=True)
    with SampleSite() as site:
        click.echo(f"1. Crawling the sample site at {site.url} into {archive}", err=True)
        options = CrawlOptions(urls=site.threads, site="theregister", delay=0.0, purpose="demo")
        with progress_bar() as progress:
            crawled = crawl_here(archive, options, progress)
        print_crawl(crawled)
    click.echo("2. Ingesting a page that was copied as text", err=True)
    with output_file(text) as copied:
        copied.write(copied_text().read_text("utf-8"))
    with progress_bar() as progress:
        taken = ingest(archive, text, progress=progress)
    print_report(taken)
    click.echo("3. Exporting to CSV and JSON", err=True)
    for form in _FORMS:
        print_export(export(archive, form, folder / f"comments.{form}"), folder / f"comments.{form}")
    click.echo(_NEXT.format(btl=_program(), archive=archive), err=True)
    ctx.exit(worst([crawled.ending, taken.ending]))


_NEXT = """
Try next:
  {btl} status {archive}
  {btl} show   {archive} 2025/03/14/kettle_firmware
  {btl} search {archive} kettle
  {btl} export jsonl {archive} --author "Percy Flange"
  {btl} browse {archive}"""


def _program() -> str:
    """Return how to call the program from here: it may be in an environment that is not active."""
    return "btl" if shutil.which("btl") else sys.argv[0]
