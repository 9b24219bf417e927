"""`btl explain`: where a comment's quotations come from and why it is taken to answer another, in sentences."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.queries.explaining import HeldEdge, HeldQuote
    from belowtheline.jobs.explain import Explanation

_SHOWN = 60  # letters of a quotation that are printed
_ARTICLE = {"article_title": "headline", "article_teaser": "teaser", "article_body": "text"}


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("comment")
@click.option("--candidates", is_flag=True, help="Also print the guesses, which are no edges and are not exported.")
def command(archive: Path, comment: str, candidates: bool) -> None:
    """Explain whom COMMENT of ARCHIVE answers and whom it quotes, and how that is known.

    COMMENT is its address, THREAD#ID, or its id where only one comment has it. Offsets are code points of the stored
    title or body, the first being 0, the last excluded.
    """
    from belowtheline.jobs.explain import explain

    found = explain(archive, comment)
    lines = [*_structural(found), *_edges(found, found.edges, "answers"), *map(_quotation, found.quotes)]
    if candidates:
        lines += _edges(found, found.candidates, "may answer")
    _print(archive, found, lines)


def _print(archive: Path, found: "Explanation", lines: list[str]) -> None:
    from belowtheline.cli.console.text import one_line
    from belowtheline.pipelines.linking.rules import METHOD_VERSION

    for line in lines or [f"{found.label} quotes nothing, and no rule says whom it answers."]:
        click.echo(one_line(line))
    if found.linked_version is None:
        click.echo(f"Its thread has changed since it was linked: run `btl link {one_line(str(archive))}`.", err=True)
    elif found.linked_version != METHOD_VERSION:
        click.echo(
            f"Its thread was linked with method version {found.linked_version}, and this btl has {METHOD_VERSION}: "
            f"run `btl link {one_line(str(archive))}`.",
            err=True,
        )


def _structural(found: "Explanation") -> Iterator[str]:
    from belowtheline.archive.queries.explaining import label

    if found.parent is not None:
        yield f"{found.label} answers {label(found.parent)} (1.00): the site's own link or nesting says so."


def _edges(found: "Explanation", edges: "Sequence[HeldEdge]", verb: str) -> Iterator[str]:
    """Yield a sentence a target, with the reason of each rule that names it."""
    from belowtheline.archive.queries.explaining import label
    from belowtheline.exports.reasons import reason

    for (combined, target), of_target in groupby(edges, key=lambda edge: (edge.combined, edge.target)):
        reasons = "; ".join(reason(edge, label(target)) for edge in of_target)
        yield f"{found.label} {verb} {label(target)} ({combined:.2f}): {reasons}."


def _quotation(quote: "HeldQuote") -> str:
    words = " ".join(quote.text.split())
    words = words if len(words) <= _SHOWN else words[: _SHOWN - 3].rstrip() + "..."
    return f"Its {quote.field}, code points {quote.start}-{quote.end}, quotes `{words}`: {_source(quote)}."


def _source(quote: "HeldQuote") -> str:
    from belowtheline.archive.queries.explaining import label

    if quote.source_type is None:
        return "its source has not been looked for"
    if quote.source_type == "none":
        return f"{quote.kind}, {_sourceless(quote)}"
    where = f"code points {quote.source_start}-{quote.source_end}"
    kind, alike = _kind(quote), f"{quote.score:g} of 100 alike"
    if quote.source is None:
        return f"{kind}, from the article's {_ARTICLE[quote.source_type]}, {where} ({alike})"
    version = " as it was before an edit" if quote.is_earlier else ""
    return f"{kind}, from {label(quote.source)}{version}, {where} of its {quote.source_field} ({alike})"


def _sourceless(quote: "HeldQuote") -> str:
    """Return what is true of words without a source: few words are not looked for in every comment."""
    from belowtheline.pipelines.linking.quoting import is_looked_for

    if is_looked_for(quote.text, quote.kind):
        return "from nothing that is held"
    return "too few words that tell to be looked for in other comments than the one that is answered"


def _kind(quote: "HeldQuote") -> str:
    """Return the kind of a quotation whose source is held; a changed one is never called verbatim."""
    if quote.score is None or quote.score == 100:
        return quote.kind
    return f"{quote.kind}, with small changes" if quote.kind in ("block", "unbalanced") else "with small changes"
