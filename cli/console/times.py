"""Times and spans of time as options give them."""

from datetime import UTC, datetime, timedelta

import click

from belowtheline.archive.store import clock
from belowtheline.jobs.spans import span

_SKEW = timedelta(days=1)  # clocks and zones differ


def utc_option(value: str | None, option: str) -> str | None:
    """Return an option's ISO 8601 time in the archive's form, in UTC where it names no zone.

    >>> utc_option("2009-07-18T10:35+01:00", "--fetched-at")
    '2009-07-18T09:35:00Z'
    """
    from belowtheline.archive.store.runs import utc_text

    if value is None:
        return None
    try:
        when = datetime.fromisoformat(value)
        return utc_text(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is no ISO 8601 time: write 2009-07-18T09:35Z.", param_hint=option
        ) from error


def fetch_time_option(value: str | None, option: str) -> str | None:
    """Return an option's time of a fetch; raise BadParameter where it is more than a day ahead of our clock."""
    from belowtheline.archive.store.runs import utc_text

    when = utc_option(value, option)
    if when is not None and when > utc_text(datetime.now(UTC) + _SKEW):
        message = f"{value!r} is in the future, and pages were fetched before now: check the time, or this clock."
        raise click.BadParameter(message, param_hint=option)
    return when


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
