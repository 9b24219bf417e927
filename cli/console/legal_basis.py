"""The option by which a run keeps pages that their owners reserve."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def legal_basis_option(command: _Command) -> _Command:
    """Give a command --legal-basis TEXT, which must say something."""
    option = click.option(
        "--legal-basis",
        metavar="TEXT",
        callback=_told,
        help="Keep pages though their owners reserve them, on this ground, which is stored with the run.",
    )
    return option(command)


def _told(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("say on what ground, such as the law and its article.")
    return value
