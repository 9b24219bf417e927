"""Jobs in a process of their own, for programs that call them: Scrapy runs once in a process, and in no running loop.

The options go to the child over standard input, its steps and its report come back over standard output, a line of JSON
each. The child's standard input stays open while we live: its end is the child's end.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from belowtheline.archive.store.interrupts import held_back
from belowtheline.jobs.child import REPORT, STEP
from belowtheline.jobs.progress import Progress, silent
from belowtheline.reading.errors import named_error
from belowtheline.reading.item_lines import lines_of, value_of

Options = TypeVar("Options")
Report = TypeVar("Report")

_PIPE = subprocess.PIPE
_ENTRY = "from belowtheline.jobs.child import main; main()"
_LAST_SECONDS = 5.0
"""Time that a child has to end once nobody listens any more."""


def in_child(
    job: Callable[[Path, Options, Progress], Report],
    archive: str | os.PathLike[str],
    options: Options,
    progress: Progress,
) -> Report:
    """Return the report of a job that a child does; raise what it raises.

    Ctrl-C is handed on, so that the child ends in order; then KeyboardInterrupt is raised. A second one kills the
    child, from which the same call goes on as well.
    """
    with held_back():  # a child that is started is to be known, so that it is ended
        child = _started()
    try:
        task = (f"{job.__module__}:{job.__qualname__}", os.fspath(archive), progress is not silent, os.getpid())
        _hand_over(child, task, options)
        report: Report = _told_by(child, progress)
    except KeyboardInterrupt:
        _interrupt(child)
        raise
    finally:
        _end(child)
    return report


def _started() -> subprocess.Popen[bytes]:
    # It lets Ctrl-C in when it can handle it. Its session is its own: Ctrl-C of a terminal is for us, who hand it on.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(  # noqa: S603 - this program
            [sys.executable, "-P", "-c", _ENTRY], stdin=_PIPE, stdout=_PIPE, start_new_session=True
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hand_over(child: subprocess.Popen[bytes], task: tuple[Any, ...], options: Any) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError):  # how it ended is told by its output
        child.stdin.write(b"".join(lines_of((*task, options))))
        child.stdin.flush()


def _told_by(child: subprocess.Popen[bytes], progress: Progress) -> Any:
    """Hand on the steps that a child tells, and return its report or raise its error."""
    assert child.stdout is not None
    for line in child.stdout:
        kind, said = line[:1], value_of(iter([line[1:]]))
        if kind == STEP:
            progress(said)
        elif kind == REPORT:
            return said
        else:
            name, sentence, reason = said
            raise named_error(name, sentence, reason) or RuntimeError(f"{name}: {sentence}")
    code = child.wait()
    raise RuntimeError(f"The process that does the job ended with code {code} before its report: call it again.")


def _interrupt(child: subprocess.Popen[bytes]) -> None:
    """Hand Ctrl-C on, and wait until the child has ended in order."""
    assert child.stdout is not None
    child.send_signal(signal.SIGINT)
    try:
        child.stdout.read()  # a line may be torn, and nobody is to be told of it
    except KeyboardInterrupt:
        child.kill()
        raise


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child that has told all, or is not to tell more."""
    for stream in (child.stdin, child.stdout):
        assert stream is not None
        with suppress(BrokenPipeError):
            stream.close()
    try:
        child.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:  # whatever comes meanwhile, nothing is left running
        child.kill()
        child.wait()
