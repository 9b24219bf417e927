"""`btl search`: full text over titles and bodies."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.search.index import Hit

_BRACKET = re.compile(r"[\[\]]")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("query", metavar="QUERY...", nargs=-1, required=True)
@click.option("--limit", metavar="N", type=click.IntRange(1), default=20, show_default=True, help="Hits at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the hits as JSON.")
def command(archive: Path, query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search the comments of ARCHIVE for QUERY, the best hits first.

    All the words must occur; "a phrase", AND, OR, NOT, NEAR(a b, 5), word* and title:word work as in SQLite's FTS5. Of
    Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese any part of a word is found. Case, accents and punctuation
    do not count: C++ finds every C. Hits stand in [brackets]. Write -- before a query that begins with a dash.
    """
    from belowtheline.cli.console.bar import progress_bar
    from belowtheline.cli.console.text import safe_json
    from belowtheline.jobs.search import search

    with progress_bar() as progress:
        hits = search(archive, " ".join(query), limit=limit, progress=progress).hits
    if as_json:
        click.echo(safe_json([hit.as_dict() for hit in hits]))
    elif hits:
        click.echo("\n\n".join("\n".join(_lines(hit)) for hit in hits))
    if not hits:
        click.echo("no hits", err=True)


def _lines(hit: "Hit") -> Iterator[str]:
    from belowtheline.cli.console.text import columns, one_line, wrapped

    width = columns() - 2
    date = (hit.published_at or "")[:16].replace("T", " ")
    author = click.style(one_line(hit.author) or "(no name)", fg="cyan", bold=True)
    yield f"{one_line(hit.site)} {one_line(hit.thread)}  {hit.position}. {author}  {one_line(date)}".rstrip()
    if hit.title:
        yield from (f"  {click.style(line, bold=True)}" for line in wrapped(one_line(hit.title), width))
    yield from ("  " + line for line in _coloured(wrapped(one_line(hit.snippet).lstrip("> "), width), hit))
    if hit.url:
        yield f"  {one_line(hit.url)}"


def _coloured(lines: Iterable[str], hit: "Hit") -> Iterator[str]:
    """Yield lines with the hits in colour: what stands between the brackets that mark them, over the ends of lines."""
    marking, count, is_hit = frozenset(hit.found.brackets), 0, False
    for line in lines:
        pieces, at = [], 0
        for bracket in _BRACKET.finditer(line):
            if count in marking:
                edge = bracket.end() if is_hit else bracket.start()
                pieces.append(_styled(line[at:edge], is_hit))
                is_hit, at = not is_hit, edge
            count += 1
        yield "".join([*pieces, _styled(line[at:], is_hit)])


def _styled(text: str, is_hit: bool) -> str:
    return click.style(text, fg="yellow", bold=True) if is_hit and text else text
