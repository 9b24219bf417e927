"""Times and spans of time as options give them."""

from collections.abc import Callable

import click

from belowtheline.archive.store import clock
from belowtheline.jobs.spans import span


def utc_option(value: str | None, option: str) -> str | None:
    """Return an option's ISO 8601 time in the archive's form, in UTC where it names no zone."""
    from belowtheline.jobs.inputs import utc_time

    return _of_option(value, option, utc_time)


def fetch_time_option(value: str | None, option: str) -> str | None:
    """Return an option's time of a fetch; raise BadParameter where it is more than a day ahead of our clock."""
    from belowtheline.jobs.inputs import fetch_time

    return _of_option(value, option, fetch_time)


def _of_option(value: str | None, option: str, read: Callable[[str], str]) -> str | None:
    from belowtheline.reading.errors import WrongUsage

    try:
        return None if value is None else read(value)
    except WrongUsage as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def duration_option(value: str | None, option: str) -> str | None:
    """Return an option that gives a span of time as it was given; raise BadParameter where it gives none."""
    if value is not None:
        try:
            clock.utc_now() - span(value)
        except (ValueError, OverflowError) as error:
            message = f"{value!r} is no span of time: write 90m, 12h, 7d or 2w."
            raise click.BadParameter(message, param_hint=option) from error
    return value


def since_option(value: str, option: str) -> str:
    """Return the time that an option names, or that lies so long ago, in the archive's form."""
    from belowtheline.archive.store.runs import utc_text

    try:
        return utc_text(clock.utc_now() - span(value))
    except (ValueError, OverflowError):
        pass
    try:
        return utc_option(value, option) or ""
    except click.BadParameter as error:
        message = f"{value!r} is no time and no span of time: write 2009-07-18, 2009-07-18T09:35Z, 12h or 7d."
        raise click.BadParameter(message, param_hint=option) from error
