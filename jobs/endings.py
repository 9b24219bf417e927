"""How a job ends: one word for it, whose number is the exit code of the command, and which of several applies."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from belowtheline.reading.errors import (
    READER,
    BelowTheLineError,
    BlockedPage,
    FetchFailed,
    ParseError,
    StorageError,
    TooCostly,
    UnknownSite,
)

if TYPE_CHECKING:
    from belowtheline.archive.readings.verdicts import ThreadVerdict


class Ending(IntEnum):
    """How a job ended; the command line exits with its number."""

    COMPLETE = 0
    INTERNAL = 1
    USAGE = 2
    INCOMPLETE = 3
    DRIFT = 4
    BLOCKED = 5
    STORAGE = 6
    VERIFICATION = 7
    INTERRUPTED = 130


_ORDER = (
    Ending.INTERRUPTED,
    Ending.INTERNAL,
    Ending.STORAGE,
    Ending.VERIFICATION,
    Ending.BLOCKED,
    Ending.DRIFT,
    Ending.INCOMPLETE,
    Ending.USAGE,
)
_ENDINGS: tuple[tuple[type[BelowTheLineError], Ending], ...] = (
    (UnknownSite, Ending.USAGE),
    (TooCostly, Ending.INCOMPLETE),
    (ParseError, Ending.DRIFT),
    (BlockedPage, Ending.BLOCKED),
    (FetchFailed, Ending.INCOMPLETE),
    (StorageError, Ending.STORAGE),
    (BelowTheLineError, Ending.USAGE),
)
_REASONS = {
    "layout": Ending.DRIFT,
    READER: Ending.DRIFT,
    "drift": Ending.DRIFT,
    "blocked": Ending.BLOCKED,
    "robots": Ending.BLOCKED,
    "opt-out": Ending.BLOCKED,
    "internal": Ending.INTERNAL,
}
_DRIFT_SIGNS = ("layout drift: ", "count mismatch: ")


def ending_of(error: BelowTheLineError) -> Ending:
    """Return how a job has ended that an error ended."""
    return next(ending for kind, ending in _ENDINGS if isinstance(error, kind))


def worst(endings: Iterable[Ending]) -> Ending:
    """Return the one ending that stands for several.

    >>> worst([Ending.INCOMPLETE, Ending.BLOCKED, Ending.COMPLETE]).name
    'BLOCKED'
    """
    present = set(endings)
    return next((ending for ending in _ORDER if ending in present), Ending.COMPLETE)


def run_verdict(ending: Ending) -> str:
    """Return the verdict that a run is recorded with.

    >>> run_verdict(Ending.INTERRUPTED), run_verdict(Ending.DRIFT)
    ('interrupted', 'incomplete')
    """
    if ending is Ending.INTERRUPTED:
        return "interrupted"
    return "incomplete" if ending else "complete"


def ending_of_pages(ends: Iterable[tuple[str, str | None]], verdicts: "Iterable[ThreadVerdict]") -> Ending:
    """Return the ending for pages by state and reason, and for the verdicts of their threads."""
    # Not before: `btl --help` asks for endings, and for nothing of the archive.
    from belowtheline.archive.readings.page_limits import ENDLESS
    from belowtheline.archive.store.runs import REFUSED

    endings = [
        _REASONS.get(reason or "", Ending.INCOMPLETE)
        for state, reason in ends
        if state in ("failed", "deferred") or reason in (*REFUSED, *ENDLESS)
    ]
    endings += [_ending_of(verdict) for verdict in verdicts if verdict.verdict == "incomplete"]
    return worst(endings)


def _ending_of(verdict: "ThreadVerdict") -> Ending:
    return Ending.DRIFT if (verdict.reason or "").startswith(_DRIFT_SIGNS) else Ending.INCOMPLETE
