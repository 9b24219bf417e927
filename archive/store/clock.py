"""The clock of this machine: the one place where the time is read, so that a test can set it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time; call it as `clock.utc_now()`."""
    return datetime.now(UTC)
