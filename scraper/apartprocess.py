"""The process that reads one costly page for `apart`: work and page over standard input, the answer to standard output.

It bounds itself before it reads, so that what the page makes it do ends here, and it ends when its parent does.
"""

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO

from belowtheline.reading.errors import BelowTheLineError
from belowtheline.reading.faults import expect_no_memory
from belowtheline.reading.item_lines import lines_of, value_of
from belowtheline.reading.page import Page

_OURS = "belowtheline."
_NO_MEMORY = ("MemoryError", "SelectolaxError", "SystemError", "ImportError", "OSError")
"""Errors that a lack of memory takes the form of."""
_LOADED_LATE = ("ijson", "selectolax.lexbor")
"""What reading imports only where it is needed, which it could not once memory is short."""
STARTED = b"!\n"
"""The first line of a process that has all that it needs: what ends it from then on is the page."""
_SPARE = 8 * 2**20  # parts of libraries that are mapped already, and not in memory yet
_STATM = "/proc/self/statm"


def main() -> None:
    """Read a page as standard input asks, and write what that returns, or why it does not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends this process
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(2, 1)  # whatever a library prints is no answer
    tasks: Queue[_Task] = Queue()
    Thread(target=_take_tasks, args=(source, tasks), daemon=True).start()
    task = tasks.get()
    for name in _LOADED_LATE:
        import_module(name)
    answers.write(STARTED)
    answers.flush()
    _bind(**task.bound)
    expect_no_memory()
    page = task.page
    while _answer(task, page, answers):
        task = tasks.get()
        page = page.at(task.page.url, task.page.named_site)
    os._exit(0)  # a tree of millions of elements takes seconds to let go


@dataclass(frozen=True, slots=True)
class _Task:
    """One work that is asked of the page; only the first brings its bytes."""

    work: Any
    page: Page
    given: Any
    told: dict[str, Any]
    bound: dict[str, int]


def _take_tasks(source: BinaryIO, tasks: Queue[_Task]) -> None:
    """Hand on what the parent asks, and end with it: the end of its pipe is its end, or that it wants no more."""
    with suppress(Exception):
        while line := source.readline():
            head = json.loads(line)
            (url, *known), size, given, told = value_of(iter([source.readline()]))
            page = Page(url, source.read(size), *known)
            tasks.put(_Task(_work(head["work"]), page, given, dict(told), head["bound"]))
    os._exit(1)


def _answer(task: _Task, page: Page, answers: BinaryIO) -> bool:
    """Write what a work returns, or why it does not; return whether another may be asked."""
    end = _answered(task.work, page, task.given, task.told, answers)
    try:
        answers.write(b"!" + json.dumps(end).encode() + b"\n")
        answers.flush()
    except BrokenPipeError:
        return False
    return bool(end["kind"] != "memory")


def _work(name: str) -> Any:
    """Return a function of ours by its module and name."""
    module, _, function = name.partition(":")
    if not module.startswith(_OURS):
        raise ValueError(f"{name} is not a work of ours")
    return getattr(import_module(module), function)


def _bind(cpu_seconds: int, memory_mb: int, seconds: int) -> None:
    """Bound CPU time and memory of this process; the memory beyond what it already has as address space."""
    signal.alarm(seconds + 60)  # should the parent hang
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_CPU, spent + cpu_seconds)
    mapped, resident = _sizes()
    _limit(resource.RLIMIT_AS, mapped + max(memory_mb * 2**20 - resident - _SPARE, 2**20))


def _limit(which: int, value: int) -> None:
    with suppress(ValueError, OSError):  # a system that does not know the bound, or has a smaller one
        resource.setrlimit(which, (value, value))


def _sizes() -> tuple[int, int]:
    """Return the bytes of address space and of memory that this process has."""
    try:
        with open(_STATM, "rb") as file:
            mapped, resident = (int(pages) * resource.getpagesize() for pages in file.read().split()[:2])
    except OSError:
        return 0, 0
    return mapped, resident


def _answered(work: Any, page: Page, given: Any, told: dict[str, Any], answers: BinaryIO) -> dict[str, Any]:
    try:
        found = work(page, *given, **told)
        for line in lines_of(found):
            answers.write(line)
    except BelowTheLineError as error:
        return {"kind": type(error).__name__, "said": str(error), "reason": error.reason}
    except Exception as error:  # noqa: BLE001 - told to the parent, where it is raised as a fault of ours
        kind = type(error).__name__
        return {"kind": "memory"} if kind in _NO_MEMORY else {"kind": kind, "said": str(error)}
    return {"kind": "read"}
