"""`btl log`: what changed when, of one comment or of a whole thread."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.queries.changes import Change


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("name", metavar="COMMENT|THREAD")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON, with both texts of each.")
def command(archive: Path, name: str, as_json: bool) -> None:
    """Say what ARCHIVE has seen change of a comment or of a thread, and which capture showed it.

    A comment goes by its address, by THREAD#ID, or by its id where no thread goes by that. Times are those of the
    captures; where a file only claims a capture's address, that is said. In an edited text [-words-] went and {+words+}
    came; sha256 stands with its first 12 digits.
    """
    from belowtheline.archive.queries.changes import comment_changes, thread_changes
    from belowtheline.archive.queries.holdings import NamedComment
    from belowtheline.archive.record.claims import claim_on
    from belowtheline.archive.store.database import Archive
    from belowtheline.cli.console.text import one_line, safe_json
    from belowtheline.jobs.names import named

    with Archive.open_to_read(archive) as opened:
        found = named(opened, name)
        of = comment_changes if isinstance(found, NamedComment) else thread_changes
        changes = of(opened, found.row_id)
        sources = {(change.source.url, change.source.sha256) for change in changes}
        claims = {source: claim_on(opened, *source) for source in sources}
    if as_json:
        click.echo(safe_json({"of": asdict(found), "changes": [asdict(change) for change in changes]}))
        return
    click.echo(click.style(one_line(str(found)), bold=True))
    for change in changes:
        for line in lines(change, claim=claims[change.source.url, change.source.sha256]):
            click.echo(line)


def lines(change: "Change", who: str = "", claim: str | None = None) -> Iterator[str]:
    """Yield a change as lines safe to print: when and what by which capture, then the words."""
    from belowtheline.cli.console.text import columns, one_line, wrapped

    source = f"{change.source.sha256[:12]}  {one_line(change.source.url)}{f' ({claim})' if claim else ''}"
    yield f"{change.at or 'not dated':<20}  {change.kind:<10}  {who}{source}"
    if said := _said(change):
        for line in wrapped(one_line(said), columns() - 4):
            yield f"    {line}"


def _said(change: "Change") -> str:
    """Return a change in words."""
    from belowtheline.cli.console.worddiff import word_diff

    if change.kind in ("first seen", "new"):
        return (f"{change.author or '(no name)'}: " if change.comment else "") + (change.after or "(no text)")
    if change.kind in ("edited", "markup"):
        return word_diff(change.before, change.after)
    if change.kind == "deleted":
        return f"by {change.after}" if change.after != "unknown" else "nobody says by whom"
    if change.kind in ("closed", "reopened", "restored", "not seen", "seen again"):
        return ""
    if change.kind.startswith("comments "):
        return change.after or ""
    return change.after or "none" if change.is_first else f"{change.before or 'none'} -> {change.after or 'none'}"
