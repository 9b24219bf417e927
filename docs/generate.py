"""What `make docs` writes between the cog marks: the data dictionary, marks, commands, sites and defects."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from belowtheline.archive.descriptions import Column, Table
from belowtheline.archive.descriptions.dictionary import TABLES, Declared, declared, flat_columns
from belowtheline.archive.fixity.defects import CODES
from belowtheline.cli import COMMANDS, main
from belowtheline.reading.items import described
from belowtheline.sites.registry import all_sites
from belowtheline.sites.site import Site

_WIDTH = 100
_ONE_LINE = 200
_CASES = Path(__file__).parents[1] / "tests/sites"


def tables() -> str:
    """Return every table and view as a section with its columns."""
    return _joined(_table(table) for table in TABLES.values() if not table.is_internal)


def flat() -> str:
    """Return the columns of an exported row as a table."""
    rows = (f"| `{name}` | {_cell(text)} |" for name, text in flat_columns().items())
    return _lines("| column | what it holds |", "|---|---|", *rows)


def commands() -> str:
    """Return each command with its one line as a table."""
    rows = (f"| `btl {name}` | {_cell(command.get_short_help_str(_ONE_LINE))} |" for name, command in _commands())
    return _lines("| command | what it does |", "|---|---|", *rows)


def help_texts() -> str:
    """Return the help of each command as a section."""
    top = click.Context(main, info_name="btl", terminal_width=_WIDTH, **main.context_settings)
    below = (click.Context(command, info_name=name, parent=top) for name, command in _commands())
    return _joined(_help(context) for context in (top, *below))


def defect_codes() -> str:
    """Return every code of `btl verify` with what it stands for as a table."""
    rows = (f"| {code} | {text} |" for code, text in CODES.items())
    return _lines("| code | what it stands for |", "|---|---|", *rows)


def sites() -> str:
    """Return every site as a section."""
    return _joined(_site(site) for site in all_sites().values())


def site_attributes() -> str:
    """Return what a site class declares as a table."""
    rows = (f"| `{name}` | {_cell(text)} |" for name, text in described(Site).items())
    return _lines("| attribute | what it says |", "|---|---|", *rows)


def marks() -> str:
    """Return every kind of mark with what bears it on which site, as the cases of the sites' tests show them."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted(_CASES.glob("*/*/expected.json")):
        for bearer, kind in _marks_in(json.loads(path.read_text()), "thread"):
            found[kind][bearer].add(path.parts[-3])
    rows = (f"| `{kind}` | {_cell(_bearers(found[kind]))} |" for kind in sorted(found, key=str.casefold))
    return _lines("| kind | borne by, on the sites |", "|---|---|", *rows)


def _marks_in(value: Any, bearer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _marks_in(item, bearer)
    elif isinstance(value, dict):
        yield from ((bearer, mark["kind"]) for mark in value.get("marks", ()))
        for name, item in value.items():
            yield from _marks_in(item, {"author": "author", "comments": "comment"}.get(name, bearer))


def _bearers(sites: Mapping[str, set[str]]) -> str:
    return "; ".join(f"{bearer}: {', '.join(sorted(names))}" for bearer, names in sorted(sites.items()))


def _table(table: Table) -> str:
    kind = "view" if table.is_view else "table"
    columns = declared()[table.name].items()
    rows = (_row(name, as_declared, table.columns[name]) for name, as_declared in columns)
    heading = f"### `{table.name}` ({kind})"
    return _lines(heading, "", table.description, "", "| column | type | what it holds |", "|---|---|---|", *rows)


def _row(name: str, as_declared: Declared, column: Column) -> str:
    kind = as_declared.type + (" NOT NULL" if as_declared.is_required else "")
    refers = f" → `{as_declared.refers_to}`" if as_declared.refers_to else ""
    return f"| `{name}` | {kind}{refers} | {_cell(column.description)} |"


def _commands() -> Iterator[tuple[str, click.Command]]:
    """Yield the commands in the order of work."""
    for name, module in COMMANDS.items():
        yield name, import_module(f"belowtheline.cli.{module}").command


def _help(context: click.Context) -> str:
    return _lines(f"## `{context.command_path}`", "", "```text", context.command.get_help(context), "```")


def _site(site: Site) -> str:
    first, _, rest = (type(site).__doc__ or "").strip().partition("\n\n")
    return _lines(
        f"## {site.title} (`{site.name}`)",
        "",
        " ".join(first.split()),
        "",
        " ".join(rest.split()),
        "",
        "Reads:",
        "",
        *(f"- {what}" for what in site.reads),
        "",
        "Cannot read:",
        "",
        *(f"- {what}" for what in site.cannot or ("nothing that is known of",)),
        "",
        *_facts(site),
    )


def _facts(site: Site) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    yield f"| hosts | {', '.join(f'`{host}`' for host in site.hosts) or 'any, with `--site`'} |"
    yield f"| example | `{site.example_url}` |"
    yield f"| its count counts | {_cell(site.counts)} |"
    yield f"| its end is proved by | {_cell(site.end)} |"
    yield f"| delay | {site.delay:g} s between two requests to a host |"
    shares = ", ".join(f"{name} {share:.0%}" for name, share in site.floors.items())
    yield f"| floors | {shares or 'none'} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _lines(*lines: str) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _joined(sections: Iterator[str]) -> str:
    return "\n".join(sections)
