"""The progress bar of a crawl, which counts its pages for a hundredth of the time at most."""

import time
from collections.abc import Callable

from belowtheline.archive.store.runs import Account

_SHARE = 0.01
_LEAST = 0.2
"""Seconds between two counts at least: nobody reads faster."""


class Progress:
    """Shows how many of a run's pages have ended; counting takes longer the more pages there are, and comes rarer."""

    def __init__(
        self,
        count: Callable[[], Account],
        show: Callable[[int, int], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._show = show
        self._clock = clock
        self._next = 0.0

    def advance(self) -> None:
        """Note that a page has ended, and count where it is time."""
        began = self._clock()
        if began >= self._next:
            self.show()
            ended = self._clock()
            self._next = ended + max(_LEAST, (ended - began) / _SHARE)

    def show(self) -> None:
        """Count now and show the ended pages of all."""
        counts = self._count()
        self._show(counts.discovered - counts.todo - counts.deferred, counts.discovered)
