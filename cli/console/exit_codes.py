"""How a command ends: the exit codes, and which of several applies."""

from collections.abc import Iterable

from belowtheline.archive.readings.page_limits import ENDLESS
from belowtheline.archive.readings.verdicts import ThreadVerdict
from belowtheline.archive.store.runs import REFUSED
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

COMPLETE = 0
INTERNAL = 1
USAGE = 2
INCOMPLETE = 3
DRIFT = 4
BLOCKED = 5
STORAGE = 6
VERIFICATION = 7
INTERRUPTED = 130

_ORDER = (INTERRUPTED, INTERNAL, STORAGE, VERIFICATION, BLOCKED, DRIFT, INCOMPLETE, USAGE)
_CODES: tuple[tuple[type[BelowTheLineError], int], ...] = (
    (UnknownSite, USAGE),
    (TooCostly, INCOMPLETE),
    (ParseError, DRIFT),
    (BlockedPage, BLOCKED),
    (FetchFailed, INCOMPLETE),
    (StorageError, STORAGE),
    (BelowTheLineError, USAGE),
)
_REASONS = {
    "layout": DRIFT,
    READER: DRIFT,
    "drift": DRIFT,
    "blocked": BLOCKED,
    "robots": BLOCKED,
    "opt-out": BLOCKED,
    "internal": INTERNAL,
}
_DRIFT_SIGNS = ("layout drift: ", "count mismatch: ")


def exit_code(error: BelowTheLineError) -> int:
    """Return the exit code of an error that ended a command."""
    return next(code for kind, code in _CODES if isinstance(error, kind))


def worst(codes: Iterable[int]) -> int:
    """Return the one code that stands for several.

    >>> worst([3, 5, 0])
    5
    """
    present = set(codes)
    return next((code for code in _ORDER if code in present), COMPLETE)


def code_of_pages(ends: Iterable[tuple[str, str | None]], verdicts: Iterable[ThreadVerdict]) -> int:
    """Return the exit code for pages by state and reason, and for the verdicts of their threads."""
    codes = [
        _REASONS.get(reason or "", INCOMPLETE)
        for state, reason in ends
        if state in ("failed", "deferred") or reason in (*REFUSED, *ENDLESS)
    ]
    codes += [_code_of(verdict) for verdict in verdicts if verdict.verdict == "incomplete"]
    return worst(codes)


def _code_of(verdict: ThreadVerdict) -> int:
    return DRIFT if (verdict.reason or "").startswith(_DRIFT_SIGNS) else INCOMPLETE
