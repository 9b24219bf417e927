"""`btl export`: comments as CSV, TSV, JSON or JSONL."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from belowtheline.jobs.export import ExportReport, Form
    from belowtheline.jobs.progress import Progress


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(("csv", "tsv", "json", "jsonl")))
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("what", metavar="[comments|threads]", type=click.Choice(("comments", "threads")), default="comments")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write here, not to stdout.")
@click.option("--thread", "threads", metavar="ID_OR_URL", multiple=True, help="Only this thread; may be repeated.")
@click.option("--site", metavar="NAME", help="Only this site's, as `btl status` names it.")
@click.option("--author", metavar="NAME", help="Only by this displayed name, in any case or Unicode form.")
@click.option("--since", metavar="DATE", help="Only published at the beginning of DATE or later.")
@click.option("--until", metavar="DATE", help="Only published before the beginning of DATE.")
@click.option("--where", metavar="SQL", help='Only where this holds, such as "upvotes > 10".')
@click.option("--candidates", is_flag=True, help="Also write guesses at who answers whom, in json and jsonl.")
@click.option("--opening", is_flag=True, help="Also write each thread's opening post, as a row before its comments.")
@click.option("--raw", is_flag=True, help="Leave cells as they are, even where a spreadsheet runs them as formulas.")
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, by which Excel knows UTF-8.")
@click.option("--checksum", is_flag=True, help="Write FILE.sha256 beside FILE, for `btl verify --file` and sha256sum.")
def command(archive: Path, form: "Form", output: Path | None, **options: Any) -> None:
    """Export the comments of ARCHIVE as FORMAT: csv, tsv, json or jsonl, to stdout or to a file.

    csv, tsv and jsonl have one row per comment, in thread order, with the columns of the view comments_flat. json
    is one document of articles, their threads (verdict, counts, opening post) and their comments. Every row names
    the capture that it came from. `btl export csv ARCHIVE threads` writes one row per thread, with the columns of
    threads_flat. --opening adds a row for the opening post: depth -1, position 0, and the native id of the thread.

    json and jsonl also have reply_edges: whom a comment answers, by the site's own link and by each rule of `btl link`,
    with confidence and evidence. --candidates adds guesses that are too unsure to be edges.

    DATE is a year, a month (2009-07), a day or an ISO 8601 time, in UTC unless it names a zone. Comments without a date
    are left out when --since or --until is given. SQL is one expression over the columns of comments_flat. It
    may have subqueries over comments_flat, json_each and json_tree, and reads nothing else. It is ended where it takes
    too long without giving a row.

    In csv and tsv a text that a spreadsheet would run as a formula gets an apostrophe in front, as does a text that
    begins with one; so does each line of a cell, and what follows a semicolon. Removing one apostrophe from each
    of these places restores the text. --raw writes cells unchanged. An empty cell is NULL. tsv quotes as csv does.

    A file appears under its name only when it is complete; until then an older one stays. Files of an archive,
    databases and WARC files are never overwritten.
    """
    from belowtheline.cli.console.targets import check_target, is_standard_output
    from belowtheline.exports.files import standard_output
    from belowtheline.jobs.export import export

    if output is not None and not is_standard_output(output):
        with _progress(is_wanted=True) as progress:
            report = export(archive, form, output, **options, progress=progress)
    else:
        check_target(output, archive)
        encoding = "utf-8-sig" if options["bom"] else "utf-8"
        with _progress(is_wanted=not sys.stdout.isatty()) as progress, standard_output(encoding) as file:
            report = export(archive, form, file, **options, progress=progress)
    print_export(report, output)


def _progress(*, is_wanted: bool) -> "AbstractContextManager[Progress]":
    """Return a bar where a person sees it; elsewhere nobody needs to count what is to come."""
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.jobs.progress import silent

    return progress_bar() if is_wanted and sys.stderr.isatty() else nullcontext(silent)


def print_export(report: "ExportReport", output: Path | None) -> None:
    """Print to stderr how many rows were written, and where to."""
    from belowtheline.cli.console.targets import is_standard_output
    from belowtheline.cli.console.text import safe_terminal

    if not report.count:
        click.echo(f"btl: no {report.what} match; the output is valid and empty.", err=True)
    if not is_standard_output(output):
        click.echo(f"exported: {report.count} {report.what} to {safe_terminal(str(output))}", err=True)
