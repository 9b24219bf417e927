"""Times as options give them."""

from datetime import UTC, datetime

import click


def utc_option(value: str | None, option: str) -> str | None:
    """Return an option's ISO 8601 time in the archive's form, in UTC where it names no zone.

    >>> utc_option("2009-07-18T10:35+01:00", "--fetched-at")
    '2009-07-18T09:35:00Z'
    """
    from belowtheline.archive.runs import utc_text

    if value is None:
        return None
    try:
        when = datetime.fromisoformat(value)
        return utc_text(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is no ISO 8601 time: write 2009-07-18T09:35Z.", param_hint=option
        ) from error
