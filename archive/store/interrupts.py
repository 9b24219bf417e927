"""Ctrl-C: what it stops instead of raising KeyboardInterrupt, what it must not cut in two, and what it wakes up."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol
from weakref import WeakSet


class Interruptible(Protocol):
    """Work outside the interpreter, such as a query, that another thread can end."""

    def interrupt(self) -> None:
        """End it, so that the interpreter sees the signal."""


running: WeakSet[Interruptible] = WeakSet()
"""What may be under way outside the interpreter."""


class Mark:
    """What is set once; unlike an event it has no lock, which a signal's handler could find taken by itself."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Set it."""
        self._is_set = True

    def is_set(self) -> bool:
        """Return whether it is set."""
        return self._is_set


came = Mark()
"""Whether Ctrl-C came, set by its handler and by another thread."""
tidies_up = threading.Event()
"""Whether the command has seen Ctrl-C and ends by itself, which a second one cuts short."""
_stopped_in_order: list[Callable[[], None]] = []


def is_interruption(error: BaseException | None) -> bool:
    """Return whether an error came of Ctrl-C, which functions that SQLite calls turn into an error of its own."""
    if came.is_set():
        return True
    while error is not None and getattr(error, "sqlite_errorname", None) != "SQLITE_INTERRUPT":
        error = error.__cause__
    return error is not None


def wake() -> None:
    """End what is under way outside the interpreter, unless something stops in an order of its own."""
    if not _stopped_in_order:
        for work in list(running):
            with suppress(Exception):  # it may be closed at this very moment
                work.interrupt()


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM call `stop` while the block runs, which then ends on its own."""
    numbers = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
    _stopped_in_order.append(stop)
    try:
        yield
    finally:
        _stopped_in_order.pop()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held_back() -> Iterator[None]:
    """Keep Ctrl-C until the end of the block, which is to be done wholly or not at all."""
    before: Any = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    waiting: list[tuple[int, Any]] = []
    signal.signal(signal.SIGINT, lambda number, frame: waiting.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting:
            before(*waiting[0])
