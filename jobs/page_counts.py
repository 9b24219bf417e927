"""How many pages of a crawl have ended, counted for a hundredth of its time at most."""

import time
from collections.abc import Callable

from belowtheline.archive.store.runs import Account

_SHARE = 0.01
_LEAST = 0.2
"""Seconds between two counts at least: nobody reads faster."""


class PageCounts:
    """Tells how many of a run's pages have ended; counting takes longer the more pages there are, and comes rarer."""

    def __init__(
        self,
        count: Callable[[], Account],
        tell: Callable[[int, int], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._tell = tell
        self._clock = clock
        self._next = 0.0

    def advance(self) -> None:
        """Note that a page has ended, and count where it is time."""
        began = self._clock()
        if began >= self._next:
            self.tell()
            ended = self._clock()
            self._next = ended + max(_LEAST, (ended - began) / _SHARE)

    def tell(self) -> None:
        """Count now and tell the ended pages of all."""
        counts = self._count()
        self._tell(counts.discovered - counts.todo - counts.deferred, counts.discovered)
