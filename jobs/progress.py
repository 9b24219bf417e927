"""What a job tells while it works: how far it is, and sentences that cannot wait for its report."""

from collections.abc import Callable
from dataclasses import dataclass, field


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
    is_problem: bool = True
    """Whether the sentence tells of something that is not as it should be."""


Progress = Callable[[Step], None]
"""What a job is given to tell its steps to; it must not raise."""


def silent(_: Step) -> None:
    """Take a step and show nothing."""


@dataclass(frozen=True, slots=True)
class Notices:
    """Hands steps on to `progress`, and keeps their sentences for the report."""

    progress: Progress
    sentences: list[str] = field(default_factory=list)

    def __call__(self, step: Step) -> None:
        """Take a step."""
        if step.sentence is not None:
            self.sentences.append(step.sentence)
        self.progress(step)
