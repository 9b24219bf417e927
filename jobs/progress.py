"""What a job tells while it works: how far it is, and sentences that cannot wait for its report."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a job tells; a screen shows it, a log writes it, a program may count it."""

    label: str
    """What is under way, in a word: pages, files, threads."""
    done: int = 0
    """How many of them are done."""
    total: int | None = None
    """How many there are in all, None where nobody knows."""
    sentence: str | None = None
    """What a person is to be told now; it may hold text of a page, which is hostile until it is made safe."""


Progress = Callable[[Step], None]
"""What a job is given to tell its steps to; it must not raise."""


def silent(_: Step) -> None:
    """Take a step and show nothing."""
