"""`btl explain`: where a comment's quotations come from and why it is taken to answer another, in sentences."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from belowtheline.archive.queries.explaining import FoundComment, HeldEdge, HeldQuote
    from belowtheline.archive.queries.holdings import Identity
    from belowtheline.archive.store.database import Archive

_SHOWN = 60  # letters of a quotation that are printed
_ARTICLE = {"article_title": "headline", "article_teaser": "teaser", "article_body": "text"}
_ADDRESSED = ("address", "address_several", "address_nearest", "address_anonymous", "address_time", "honorific")
_BY = {
    "quoted": "it quotes this one",
    "title echo": "its title stands in this one",
    "rare words": "this one shares most rare words with it",
    "nearest": "this one is the latest",
    "time": "this one was written at that time",
}


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("comment")
@click.option("--candidates", is_flag=True, help="Also print the guesses, which are no edges and are not exported.")
def command(archive: Path, comment: str, candidates: bool) -> None:
    """Explain whom COMMENT of ARCHIVE answers and whom it quotes, and how that is known.

    COMMENT is its address, thread#id, or its id where only one comment has it. Offsets are code points of the stored
    title or body, the first being 0, the last excluded.
    """
    from belowtheline.archive.queries.explaining import candidates_of, edges_of, find_comment, parent_of, quotes_of
    from belowtheline.archive.store.database import Archive

    with Archive.open_to_read(archive) as opened:
        # An argument that is not in the terminal's encoding comes with lone surrogates, which SQLite does not take.
        found = find_comment(opened, comment.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), _identities)
        lines = [*_structural(found, parent_of(opened, found.row_id))]
        lines += _edges(found, edges_of(opened, found.row_id), "answers")
        lines += [_quotation(quote) for quote in quotes_of(opened, found.row_id)]
        if candidates:
            lines += _edges(found, candidates_of(opened, found.row_id), "may answer")
        _print(opened, found, lines)


def _identities(url: str) -> "set[Identity]":
    from belowtheline.sites.registry import identities_in

    try:
        return identities_in(url)
    except ValueError as error:
        raise click.UsageError(f"{url!r} is no address ({error}): give the comment as thread#id or its id.") from error


def _print(archive: "Archive", found: "FoundComment", lines: list[str]) -> None:
    from belowtheline.cli.console.text import one_line
    from belowtheline.pipelines.linking.rules import METHOD_VERSION

    for line in lines or [f"{found.label} quotes nothing, and no rule says whom it answers."]:
        click.echo(one_line(line))
    if found.linked_version is None:
        click.echo(f"Its thread has changed since it was linked: run `btl link {archive.path}`.", err=True)
    elif found.linked_version != METHOD_VERSION:
        click.echo(
            f"Its thread was linked with method version {found.linked_version}, and this btl has {METHOD_VERSION}: "
            f"run `btl link {archive.path}`.",
            err=True,
        )


def _structural(found: "FoundComment", parent: str | None) -> Iterator[str]:
    from belowtheline.archive.queries.explaining import label

    if parent is not None:
        yield f"{found.label} answers {label(parent)} (1.00): the site's own link or nesting says so."


def _edges(found: "FoundComment", edges: list["HeldEdge"], verb: str) -> Iterator[str]:
    """Yield a sentence a target, with the reason of each rule that names it."""
    from belowtheline.archive.queries.explaining import label

    for (combined, target), of_target in groupby(edges, key=lambda edge: (edge.combined, edge.target)):
        reasons = "; ".join(reason(edge, label(target)) for edge in of_target)
        yield f"{found.label} {verb} {label(target)} ({combined:.2f}): {reasons}."


def reason(edge: "HeldEdge", target: str) -> str:
    """Return what a rule went by, as a part of a sentence in which the target has that name."""
    evidence = edge.evidence
    if edge.rule in _ADDRESSED:
        return _address(edge.rule, evidence, target)
    if edge.rule == "re_title":
        return f"its title is the first to answer `{evidence['title']}`, which is the title of {target} alone"
    if edge.rule == "re_title_again":
        return f"its title answers `{evidence['title']}`, the title of {target}, as other titles before it do"
    if edge.rule == "title_echo":
        return f"its title stands in {target}, {_place(evidence)}, and in no other earlier comment or the article"
    if "source_start" in evidence:
        what = (
            "inside of another quotation "
            if "level" in evidence
            else {
                "quote_fuzzy": "with small changes ",
                "attribution": f"under the name of {evidence.get('name')} ",
                "quote_contested": "what others wrote too ",
                "relayed_quote": "what that quotes from elsewhere ",
                "other_holder": "what others wrote before ",
            }.get(edge.rule, "")
        )
        span = f"its {evidence['field']}, code points {evidence['start']}-{evidence['end']},"
        verb = "repeats a sentence of" if edge.rule == "repeated" else f"quotes {what}".rstrip()
        return f"{span} {verb} {target}, {_place(evidence)}"
    return _hint(edge.rule, evidence, target)


def _address(rule: str, evidence: dict[str, Any], target: str) -> str:
    cue = f"its {evidence['field']} `{evidence['cue']}` names the author of {target}"
    name = {
        "honorific": f"comment of {evidence['name']}",
        "address_anonymous": "comment that is anonymous",
    }.get(rule, evidence["name"])
    if "by" not in evidence:
        return f"{cue}, the only earlier {name}"
    earlier = "1 earlier comment" if evidence["bearers"] == 1 else f"{evidence['bearers']} earlier comments"
    return f"{cue}, {evidence['name']}, who has {earlier}; {_BY[evidence['by']]}"


def _hint(rule: str, evidence: dict[str, Any], target: str) -> str:
    if rule == "rare_terms":
        return f"both have {', '.join(evidence['words'])}, which hardly any other comment has"
    if rule == "reported":
        return f"its {evidence['field']} reports what {evidence['name']}, the author of {target}, said"
    if rule == "other_bearer":
        return f"it names {evidence['name']}, who also wrote {target}"
    return f"{target} stands right before it"


def _place(evidence: dict[str, Any]) -> str:
    return f"code points {evidence['source_start']}-{evidence['source_end']} of its {evidence['source_field']}"


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
