"""What a job tells while it works, on stderr: a bar where a person looks, and sentences at once."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from belowtheline.cli.console.text import one_line

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from belowtheline.jobs.progress import Progress, Step


class _Bars:
    """One bar after the other: each step is of the bar that bears its label."""

    def __init__(self, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._label: str | None = None
        self._bar: ProgressBar[int] | None = None
        self._stack = ExitStack()

    def take(self, step: "Step") -> None:
        if step.sentence is not None:
            click.echo(f"{'! ' if step.is_problem else ''}{one_line(step.sentence)}", err=True)
        elif self._is_shown and step.total is not None:
            self._show(step.label, step.done, step.total)
        else:
            self.close()  # what comes next may be printed

    def _show(self, label: str, done: int, total: int) -> None:
        if self._bar is None or self._label != label:
            self.close()
            self._label = label
            self._bar = self._stack.enter_context(click.progressbar(length=total, label=label, file=sys.stderr))
        self._bar.length = total
        self._bar.update(done - self._bar.pos)

    def close(self) -> None:
        """End the line of the bar that is shown, if any."""
        self._stack.close()
        self._bar = None


@contextmanager
def progress_bar(*, is_wanted: bool = True) -> Iterator["Progress"]:
    """Yield what shows the steps of a job on stderr: sentences, and bars where it is a terminal."""
    bars = _Bars(is_wanted and sys.stderr.isatty())
    try:
        yield bars.take
    finally:
        bars.close()
