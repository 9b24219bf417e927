"""Other processes, as the system lists them."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_MOST_SECONDS = 120
"""After which a test takes what it waits for for what does not come."""


def is_running(pid: int) -> bool:
    """Return whether a process is at work: one that has ended and is not yet waited for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started, as far as they run."""
    with suppress(OSError):
        return [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]
    return []


def wait_until(is_so: Callable[[], object]) -> bool:
    """Wait until something is so, and return whether it came to be."""
    end = time.monotonic() + _MOST_SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(is_so())
