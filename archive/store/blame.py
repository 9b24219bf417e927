"""Whether an error is that of a value in an archive; it imports what it needs when there is one."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def wrong_values_named() -> Iterator[None]:
    """Name the archive where an error is that of a value in it which btl did not write."""
    try:
        yield
    except _failures() as error:
        from belowtheline.archive.store.database import blame_values

        blame_values(error)
        raise


def _failures() -> tuple[type[Exception], ...]:
    from belowtheline.archive.store.wrong_values import FAILURES

    return FAILURES
