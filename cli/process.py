"""The command line as a process: Ctrl-C at any time, closed pipes and full disks end it with an exit code.

Ctrl-C ends a command in its own order: the open transaction is rolled back, the summary printed. What has not ended so
within two seconds, or is interrupted twice, ends at once, as by `kill -9`, from which every command goes on.
"""

import io
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

import click

from belowtheline.archive.store import interrupts
from belowtheline.exports.files import closed_output
from belowtheline.jobs.endings import Ending
from belowtheline.reading.errors import StorageError

_AT_ONCE = 1.4  # seconds after a second Ctrl-C, for what is removed and ended on the way out
_IN_ORDER: Final = 1.7
"""Seconds that a command has to end in order after Ctrl-C."""
INTERRUPTED_SAID: Final = "btl: interrupted; what was committed is kept, and the same command goes on."
"""What a command says that Ctrl-C has ended."""


class _Talk(io.TextIOWrapper):
    """Standard error that never fails: who stops reading messages must not stop the work."""

    def write(self, text: str) -> int:
        """Write a message, unless nobody can read it."""
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, unless nobody can read it."""
        with suppress(OSError):
            super().flush()


@contextmanager
def output_until_closed() -> Iterator[None]:
    """End the command with exit code 0 where the reader of standard output goes away, as `head` does."""
    try:
        with closed_output():
            yield
    except BrokenPipeError:
        raise click.exceptions.Exit(0) from None


def run_process(program: click.Command) -> NoReturn:
    """Run a program to its end and exit with its code; a late Ctrl-C changes the code to 130, never to a signal."""
    _protect_stderr()
    _open_closed()
    _end_in_time()
    try:
        code = _run(program)
        if code in (Ending.INTERNAL, Ending.STORAGE) and interrupts.came.is_set():  # a query that was ended for it
            code = Ending.INTERRUPTED
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to interrupt but the interpreter's own end
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = Ending.INTERRUPTED
    sys.exit(code)


def _end_in_time() -> None:
    """Watch for Ctrl-C in a thread of its own, which C code that lets others run does not hold up."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, _interrupted)
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=(reader,), daemon=True).start()


def _interrupted(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, noted before that: SQLite makes an error of its own of what a function raises."""
    interrupts.came.set()
    signal.default_int_handler(number, frame)


def _watch(reader: int) -> None:
    end: float | None = None
    is_twice = False
    while True:
        if not select.select([reader], [], [], None if end is None else max(end - time.monotonic(), 0))[0]:
            if is_twice or not interrupts.tidies_up.is_set():
                break
            end = time.monotonic() + _IN_ORDER
            continue
        for number in os.read(reader, 64):
            if number == signal.SIGINT and end is not None:
                end, is_twice = min(end, time.monotonic() + _AT_ONCE), True
            elif number == signal.SIGINT:
                end = time.monotonic() + _IN_ORDER
                interrupts.came.set()
                interrupts.wake()
    with suppress(OSError):
        os.write(2, INTERRUPTED_SAID.encode() + b"\n")
    os._exit(Ending.INTERRUPTED)


def _open_closed() -> None:
    """Put something in the place of standard streams that are closed (`>&-`), so that no archive is opened there.

    Standard output can then not be written, which a command that prints tells; messages are lost.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = _Talk(os.fdopen(2, "wb", closefd=False), encoding="utf-8", line_buffering=True)
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)


def _protect_stderr() -> None:
    """Let messages be lost where standard error is closed or full."""
    stream = sys.stderr
    if isinstance(stream, io.TextIOWrapper):
        how = {"encoding": stream.encoding, "errors": stream.errors, "line_buffering": True}
        sys.stderr = _Talk(stream.buffer, **how)  # type: ignore[arg-type]


def _run(program: click.Command) -> int:
    try:
        with output_until_closed():
            code = program.main(standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return Ending.INTERRUPTED
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except StorageError as error:
        click.echo(f"btl: {error}", err=True)
        return Ending.STORAGE
    except Exception as error:
        if interrupts.is_interruption(error):
            click.echo(INTERRUPTED_SAID, err=True)
            return Ending.INTERRUPTED
        raise
    return code if isinstance(code, int) else 0
