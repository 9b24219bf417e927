"""`btl diff`: what has changed in an archive since a time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belowtheline.cli.console.times import since_option

if TYPE_CHECKING:
    from belowtheline.archive.queries.changes import ThreadChanges


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", metavar="WHEN", required=True, help="A date, a time, or so long ago: 90m, 12h, 7d, 2w.")
@click.option("--thread", metavar="THREAD", help="Only this one: its id, address, number or a part of its title.")
@click.option("--votes", "with_votes", is_flag=True, help="List changed votes and scores as well.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON, with both texts of each.")
def command(archive: Path, since: str, thread: str | None, with_votes: bool, as_json: bool) -> None:
    """List what captures have shown ARCHIVE since WHEN: comments new, edited, deleted, not seen or seen again.

    Threads come in the order in which they came into the archive, comments in thread order. Times are those of the
    captures, so that an old page taken in today is as old as it says.
    """
    from belowtheline.archive.queries.changes import changes_since
    from belowtheline.archive.queries.holdings import place
    from belowtheline.archive.store.database import Archive
    from belowtheline.cli.console.text import one_line
    from belowtheline.cli.log import lines
    from belowtheline.jobs.names import thread_named

    start = since_option(since, "--since")
    counted: Counter[str] = Counter()
    with Archive.open_to_read(archive) as opened:
        thread_id = thread_named(opened, thread).row_id if thread is not None else None
        found = changes_since(opened, start, thread_id=thread_id, with_votes=with_votes)
        if as_json:
            for part in json_parts(found):
                click.echo(part, nl=False)
            return
        for changed in found:
            where = f"{place(changed.site, changed.instance)} {changed.native_id}"
            click.echo(click.style(one_line(f"{where}  {changed.title or ''}"), bold=True))
            for change in changed.changes:
                counted[change.kind] += 1
                who = f"#{one_line(change.comment)}" if change.comment else "thread"
                for line in lines(change, f"{who:<10}  "):
                    click.echo(line)
    parts = ", ".join(f"{count} {kind}" for kind, count in counted.most_common())
    click.echo(f"since {start}: {parts or 'nothing has changed'}", err=True)


def json_parts(found: "Iterable[ThreadChanges]") -> Iterator[str]:
    """Yield the changes as one JSON list, a change at a time: a large archive's may not fit into memory."""
    from belowtheline.cli.console.text import safe_json

    opening = "[\n"
    for changed in found:
        thread = {name: getattr(changed, name) for name in ("thread_id", "site", "instance", "native_id", "title")}
        yield opening + _indented(safe_json(thread), 1).removesuffix("\n  }") + ',\n    "changes": [\n'
        for number, change in enumerate(changed.changes):
            yield (",\n" if number else "") + _indented(safe_json(asdict(change)), 3)
        yield "\n    ]\n  }"
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _indented(text: str, levels: int) -> str:
    """Return JSON that stands so many levels deep: no value of it holds a line break."""
    return "\n".join("  " * levels + line for line in text.split("\n"))
