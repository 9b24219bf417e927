"""`btl export`: comments as CSV, TSV, JSON or JSONL."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import click

if TYPE_CHECKING:
    from belowtheline.archive.queries.holdings import Identity
    from belowtheline.exports.selection import Snapshot


def _bound(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    from belowtheline.exports.selection import time_bound

    try:
        return None if value is None else time_bound(value)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is no date: write 2009, 2009-07, 2009-07-18 or 2009-07-18T09:35Z."
        ) from error


def _text(ctx: click.Context, option: click.Parameter, value: Any) -> Any:
    try:
        "".join(value or ()).encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter(f"{str(value)!r} is not valid UTF-8: check the terminal's encoding.") from error
    return value


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(("csv", "tsv", "json", "jsonl")))
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("what", metavar="[comments|threads]", type=click.Choice(("comments", "threads")), default="comments")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write here, not to stdout.")
@click.option(
    "--thread", "threads", metavar="ID_OR_URL", multiple=True, callback=_text, help="Only this thread; may be repeated."
)
@click.option("--site", metavar="NAME", callback=_text, help="Only this site's, as `btl status` names it.")
@click.option(
    "--author", metavar="NAME", callback=_text, help="Only by this displayed name, in any case or Unicode form."
)
@click.option("--since", metavar="DATE", callback=_bound, help="Only published at the beginning of DATE or later.")
@click.option("--until", metavar="DATE", callback=_bound, help="Only published before the beginning of DATE.")
@click.option("--where", metavar="SQL", callback=_text, help='Only where this holds, such as "upvotes > 10".')
@click.option("--candidates", is_flag=True, help="Also write guesses at who answers whom, in json and jsonl.")
@click.option("--opening", is_flag=True, help="Also write each thread's opening post, as a row before its comments.")
@click.option("--raw", is_flag=True, help="Leave cells as they are, even where a spreadsheet runs them as formulas.")
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, by which Excel knows UTF-8.")
@click.option("--checksum", is_flag=True, help="Write FILE.sha256 beside FILE, for `btl verify --file` and sha256sum.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    form: str,
    archive: Path,
    what: str,
    output: Path | None,
    candidates: bool,
    opening: bool,
    raw: bool,
    bom: bool,
    checksum: bool,
    **filters: Any,
) -> None:
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
    from belowtheline.archive.store.database import Archive
    from belowtheline.exports.selection import BadSelection, Selection

    _refuse(form, raw or bom, filters)
    _refuse_together(form, what, is_with_candidates=candidates, is_with_opening=opening)
    if checksum and (output is None or str(output) == "-" or (output.exists() and not output.is_file())):
        raise click.UsageError("--checksum is written beside a file: give one with -o FILE.")
    _check_targets(archive, output, with_checksum=checksum)
    try:
        with Archive.open_to_read(archive) as held:
            selected = _selected(what, opening)(held, Selection(**filters), _identities)
            writer = _writer(form, what, is_raw=raw, with_candidates=candidates)
            _export(selected, writer, output, "utf-8-sig" if bom else "utf-8")
        if checksum and output is not None:
            _write_checksum(output)
    except BadSelection as error:
        raise click.UsageError(_printable(error)) from error
    _report(selected.count, what, output)


def _refuse_together(form: str, what: str, *, is_with_candidates: bool, is_with_opening: bool) -> None:
    """Raise UsageError for options that do not go with the format or with what is exported."""
    if what == "threads" and form == "json":
        raise click.UsageError("Threads are exported as csv, tsv or jsonl: json already has them, with their comments.")
    if what == "threads" and (is_with_candidates or is_with_opening):
        raise click.UsageError("--candidates and --opening are for comments: a row of threads has its opening post.")
    if is_with_candidates and form in ("csv", "tsv"):
        raise click.UsageError(f"--candidates is for json and jsonl: a row of {form} has room for one reply.")
    if is_with_opening and form == "json":
        raise click.UsageError("--opening is for csv, tsv and jsonl: json has the opening post in its thread.")


def _selected(what: str, is_with_opening: bool) -> "type[Snapshot]":
    from belowtheline.exports.selection import SelectedComments
    from belowtheline.exports.threads import CommentsWithOpenings, SelectedThreads

    if what == "threads":
        return SelectedThreads
    return CommentsWithOpenings if is_with_opening else SelectedComments


def _identities(address: str) -> "set[Identity]":
    """Return what the sites read in an address, so that any form of it finds its thread."""
    if "://" not in address:
        return set()
    from belowtheline.sites.registry import identities_in

    try:
        return identities_in(address)
    except ValueError:
        return set()  # no address at all: then it is no thread's either, which is said by name


def _refuse(form: str, is_for_tables: bool, filters: dict[str, Any]) -> None:
    """Raise UsageError for what cannot be meant."""
    if is_for_tables and form in ("json", "jsonl"):
        raise click.UsageError(f"--raw and --bom are for csv and tsv: {form} is always raw and never has a mark.")
    if filters["since"] and filters["until"] and filters["since"] >= filters["until"]:
        raise click.UsageError("--until is not after --since, so nothing can lie between them: --until is exclusive.")


def _check_targets(archive: Path, output: Path | None, *, with_checksum: bool) -> None:
    from belowtheline.archive.fixity.checksums import checksum_file
    from belowtheline.cli.console.targets import check_target

    check_target(output, archive)
    if output is not None and with_checksum:
        check_target(checksum_file(output), archive, option="--checksum:")


def _export(comments: "Snapshot", writer: "_Writer", output: Path | None, encoding: str) -> None:
    from belowtheline.exports.files import output_file, standard_output

    is_file = output is not None and str(output) != "-"
    target: AbstractContextManager[TextIO] = (
        output_file(output, encoding) if output is not None and is_file else standard_output(encoding)
    )
    with _progress(comments, is_shown=is_file or not sys.stdout.isatty()), target as file:
        writer(comments, file)


def _write_checksum(output: Path) -> None:
    from belowtheline.archive.fixity.checksums import checksum_file, checksum_line
    from belowtheline.exports.files import output_file

    with output_file(checksum_file(output)) as file:
        file.write(checksum_line(output))


_Writer: TypeAlias = "Callable[[Any, TextIO], None]"


def _writer(form: str, what: str, *, is_raw: bool, with_candidates: bool) -> "_Writer":
    if form in ("json", "jsonl"):
        from belowtheline.exports.documents import write_document, write_lines, write_thread_lines

        if what == "threads":
            return write_thread_lines
        return partial(write_document if form == "json" else write_lines, with_candidates=with_candidates)
    from belowtheline.exports.tables import write_table

    return lambda selected, file: write_table(selected, file, "tsv" if form == "tsv" else "csv", is_raw=is_raw)


@contextlib.contextmanager
def _progress(comments: "Snapshot", *, is_shown: bool) -> Iterator[None]:
    """Show a bar on stderr while comments are read, where a person sees it and stdout is not on the same screen."""
    if not (is_shown and sys.stderr.isatty()):
        yield
        return
    with click.progressbar(length=comments.total(), label="export", file=sys.stderr) as bar:
        comments.progress = bar.update
        yield


def _report(count: int, what: str, output: Path | None) -> None:
    if not count:
        click.echo(f"btl: no {what} match; the output is valid and empty.", err=True)
    if output is not None and str(output) != "-":
        click.echo(f"exported: {count} {what} to {_printable(output)}", err=True)


def _printable(value: object) -> str:
    from belowtheline.cli.console.text import safe_terminal

    return safe_terminal(str(value))
