"""`btl sites`: what can be read, from the site classes themselves."""

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from belowtheline.sites.site import Site

_LABEL = 9


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(as_json: bool) -> None:
    """List the sites that can be read, what of each is read and what is not."""
    from belowtheline.cli.console.text import safe_json
    from belowtheline.sites.registry import all_sites

    documents = [_document(site) for site in all_sites().values()]
    if as_json:
        click.echo(safe_json(documents))
        return
    for number, document in enumerate(documents):
        click.echo("\n" * (number > 0) + "\n".join(_lines(document)))


def _document(site: "Site") -> dict[str, Any]:
    return {
        "name": site.name,
        "title": site.title,
        "description": (inspect.getdoc(type(site)) or "").partition("\n\n")[0],
        "hosts": list(site.hosts),
        "example_url": site.example_url,
        "reads": list(site.reads),
        "cannot": list(site.cannot),
        "counts": site.counts,
        "end": site.end,
        "delay": site.delay,
        "floors": dict(site.floors),
    }


def _lines(document: dict[str, Any]) -> Iterator[str]:
    from belowtheline.cli.console.text import one_line

    yield f"{click.style(one_line(document['name']), bold=True)}: {one_line(document['title'])}"
    yield from _labelled("", document["description"])
    yield from _labelled("hosts", ", ".join(document["hosts"]) or "any")
    yield from _labelled("example", document["example_url"])
    for label in ("reads", "cannot"):
        for number, text in enumerate(document[label]):
            yield from _labelled(label if number == 0 else "", f"- {text}")
    yield from _labelled("counts", document["counts"])
    yield from _labelled("end", document["end"])
    yield from _labelled("delay", f"{document['delay']:g} seconds between two requests to one host")
    if document["floors"]:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in document["floors"].items())
        yield from _labelled("floors", f"{shares}: with less of these the layout has changed")


def _labelled(label: str, text: str) -> Iterator[str]:
    from belowtheline.cli.console.text import columns, one_line, wrapped

    for number, line in enumerate(wrapped(one_line(text), columns() - _LABEL - 2)):
        yield f"  {label if number == 0 else '':<{_LABEL}}{line}"
