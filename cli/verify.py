"""`btl verify`: compare an archive, its captures and exported files with what was written."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.fixity.defects import Defect
    from belowtheline.jobs.verify import VerifyReport


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--file",
    "exported",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare FILE with the FILE.sha256 that `btl export --checksum` wrote; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(ctx: click.Context, archive: Path, exported: tuple[Path, ...], as_json: bool) -> None:
    """Check that ARCHIVE and its captures are as they were written, and name every row and record that is not.

    Compared are every row with its seal, every version of a comment with its hash, every comment with its present
    version, every capture with its record in the WARC files, and these with the records in them: every byte belongs to
    one. A line a defect goes to stdout: its code, its table and row, and what is wrong. The exit code is 7 where there
    is any.

    Tables, views, indexes and triggers are compared with those that btl makes. What runs when btl writes, or has a name
    of btl's, is a defect; other tables and views of yours are only noted, on stderr.

    Whole records without a row are a defect too (C07): a run was killed, and the next one gives them rows, or the
    archive's -wal file is missing.

    The run is recorded in the archive. Where that may not be written, or is damaged, it is only read.
    """
    from belowtheline.jobs.verify import verify

    report = verify(archive, exported)
    _print(report, archive, as_json=as_json)
    ctx.exit(report.ending)


def _print(report: "VerifyReport", archive: Path, *, as_json: bool) -> None:
    from belowtheline.cli.console.text import one_line, safe_json

    if as_json:
        click.echo(safe_json(_document(report, archive)))
    else:
        for defect in report.defects:
            click.echo(f"{defect.code}  {one_line(defect.place)}: {one_line(defect.sentence)}")
    for note in report.notes:
        click.echo(f"note: {one_line(note)}", err=True)
    click.echo(f"verified: {_summary(report)}", err=True)
    if report.defects:
        click.echo("Restore what is named from a copy; `btl verify --help` says what is compared.", err=True)


def _document(report: "VerifyReport", archive: Path) -> dict[str, object]:
    return {
        "archive": str(archive),
        "started_at": report.started_at,
        "is_recorded": report.is_recorded,
        "defects": [_defect(defect) for defect in report.defects],
        "notes": report.notes,
    }


def _defect(defect: "Defect") -> dict[str, object]:
    from belowtheline.archive.fixity.defects import CODES

    return {**asdict(defect), "means": CODES[defect.code]}


def _summary(report: "VerifyReport") -> str:
    files = f" and {report.exported} exported files" if report.exported else ""
    size = f"{report.bytes_read / 1_000_000:,.1f} MB"
    return f"{report.rows} sealed rows, {report.files} WARC files{files}, {size}: {len(report.defects)} defects"
