"""`btl verify`: compare an archive, its captures and exported files with what was written."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.fixity.defects import Defect
    from belowtheline.archive.fixity.verify import Verification


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
    from belowtheline.archive.fixity.verify import verify
    from belowtheline.jobs.endings import Ending

    found = verify(archive, exported, Ending.VERIFICATION)
    _print(found, len(exported), as_json)
    if found.defects:
        ctx.exit(Ending.VERIFICATION)


def _print(found: "Verification", exported: int, as_json: bool) -> None:
    from belowtheline.cli.console.text import one_line, safe_json

    if as_json:
        click.echo(safe_json(_document(found)))
    else:
        for defect in found.defects:
            click.echo(f"{defect.code}  {one_line(defect.place)}: {one_line(defect.sentence)}")
    for note in found.notes:
        click.echo(f"note: {one_line(note)}", err=True)
    click.echo(f"verified: {_summary(found, exported)}", err=True)
    if found.defects:
        click.echo("Restore what is named from a copy; `btl verify --help` says what is compared.", err=True)


def _document(found: "Verification") -> dict[str, object]:
    return {
        "archive": str(found.path),
        "started_at": found.started_at,
        "is_recorded": found.is_recorded,
        "defects": [_defect(defect) for defect in found.defects],
        "notes": found.notes,
    }


def _defect(defect: "Defect") -> dict[str, object]:
    from belowtheline.archive.fixity.defects import CODES

    return {**asdict(defect), "means": CODES[defect.code]}


def _summary(found: "Verification", exported: int) -> str:
    files = f" and {exported} exported files" if exported else ""
    size = f"{found.bytes_read / 1_000_000:,.1f} MB"
    return f"{found.rows} sealed rows, {found.files} WARC files{files}, {size}: {len(found.defects)} defects"
