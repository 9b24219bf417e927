"""The option that names hosts of this machine or an inner network, which a command may ask at one port each."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def local_option(command: _Command) -> _Command:
    """Give a command --local HOST:PORT, which may be given again."""
    option = click.option(
        "--local",
        metavar="HOST:PORT",
        multiple=True,
        callback=_pairs,
        help="Allow requests to this host and port on this machine or an inner network; may be given again.",
    )
    return option(command)


def _pairs(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        return ()
    from belowtheline.reading.hosts import named_pair

    try:
        return tuple(named_pair(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(f"{error}: give a host and its port, such as 127.0.0.1:8000 or [::1]:8000.") from error
