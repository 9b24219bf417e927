"""The process that does one job for `child_process`: options from standard input, steps and report to standard output.

It ends when its parent does. A crawl then stops in order, as after Ctrl-C, where it can do so in time.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from typing import Any, BinaryIO

from belowtheline.jobs.endings import Ending

STEP, REPORT, ERROR = b"s", b"r", b"e"
"""First byte of a line: it tells what the JSON behind it is."""
_OURS = "belowtheline."
_IN_ORDER = 3.0  # seconds to stop in order when the parent is gone
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h


def main() -> None:
    """Do the job that standard input names, and tell its steps and how it ended."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background had ignored
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    _die_with_parent()
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        _do(source, answers)
    except KeyboardInterrupt:
        os._exit(Ending.INTERRUPTED)
    os._exit(Ending.COMPLETE)


def _die_with_parent() -> None:
    """Let the kernel say when the parent is gone, where it can; elsewhere the end of standard input says so."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _do(source: BinaryIO, answers: BinaryIO) -> None:
    from belowtheline.reading.item_lines import value_of

    name, archive, is_told, parent, options = value_of(iter([source.readline()]))
    Thread(target=_watch, args=(source,), daemon=True).start()
    if os.getppid() != parent:  # it was gone before the kernel was asked
        return
    lines = _Lines(answers)
    kind, answer = _ended(_job(name), Path(archive), options, lines if is_told else None)
    lines.write(kind, answer)


def _watch(source: BinaryIO) -> None:
    """Stop once standard input ends: the parent is gone, or wants no more."""
    with suppress(OSError):
        source.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_IN_ORDER)
    os._exit(Ending.INTERRUPTED)


def _job(name: str) -> Callable[..., Any]:
    """Return a function of ours by its module and name."""
    module, _, function = name.partition(":")
    if not module.startswith(_OURS):
        raise ValueError(f"{name} is not a job of ours")
    job: Callable[..., Any] = getattr(import_module(module), function)
    return job


def _ended(job: Callable[..., Any], archive: Path, options: Any, lines: "_Lines | None") -> tuple[bytes, Any]:
    """Return what a job reports, or why it does not."""
    from belowtheline.archive.store.blame import wrong_values_named
    from belowtheline.jobs.progress import silent
    from belowtheline.reading.errors import BelowTheLineError

    try:
        with wrong_values_named():
            return REPORT, job(archive, options, lines.tell if lines else silent)
    except BelowTheLineError as error:
        return ERROR, (type(error).__name__, str(error), error.reason)
    except Exception as error:  # noqa: BLE001 - told to the parent, where it is raised as a fault of ours
        sys.excepthook(type(error), error, error.__traceback__)
        return ERROR, (type(error).__name__, str(error), None)


class _Lines:
    """Standard output, a line a time; a parent that is gone takes none."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = Lock()

    def tell(self, step: Any) -> None:
        self.write(STEP, step)

    def write(self, kind: bytes, value: Any) -> None:
        from belowtheline.reading.item_lines import lines_of

        with self._lock, suppress(OSError):
            self._stream.write(kind + b"".join(lines_of(value)))
            self._stream.flush()
