"""Reading pages that may be costly in a process of their own, which ends at a bound of time and memory.

A page is weighed by its bytes, tags and brackets, and by its depth where it is deeper than libxml2 reads. What is
light, as nearly every page is, is read at once. What is heavy is read by `apartprocess`: the same pure work, on the
same bytes that come over a pipe, with its answer as lines of JSON. No page costs more than the bound.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from threading import Lock, Timer
from typing import Any, ParamSpec, Self, TypeVar

from belowtheline.archive.store.interrupts import held_back
from belowtheline.reading.errors import TooCostly, named_error
from belowtheline.reading.item_lines import lines_of, value_of
from belowtheline.reading.markup import DeepPage, shallow_only
from belowtheline.reading.page import Page
from belowtheline.scraper.apartprocess import STARTED

P = ParamSpec("P")
T = TypeVar("T")

_LIGHT_BYTES = 1 << 20
_LIGHT_TAGS = 25_000
_LIGHT_BRACKETS = 100_000
_SMALL_BYTES = 1 << 18
_ATTRIBUTE = rb"""[^\s=>/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_TAG = re.compile(rb"<[a-z][^\s<>/]*+((?:[\s/]*+%b)*+)" % _ATTRIBUTE, re.IGNORECASE)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_MANY_ATTRIBUTES = 2000
"""So many in one tag cost libxml2 their square, which matters where the page is not small."""
_AT_ONCE = 2  # a crawl reads on while one page is under way, and the bound of memory is one for each
_ENTRY = "from belowtheline.scraper.apartprocess import main; main()"


@dataclass(frozen=True, slots=True)
class Bound:
    """What one page may cost."""

    cpu_seconds: int = 60
    memory_mb: int = 512
    seconds: int = 600
    """Time by the clock, on a machine so busy that the CPU time does not pass."""


bound = Bound()
"""What a page may cost that is read now."""


class Ended(Exception):
    """The process that reads a page was ended because the command ends; the page is neither read nor failed."""


def is_light(page: Page) -> bool:
    """Return whether a page can cost little, however it is made, unless it is deep."""
    body = page.body
    return (
        len(body) <= _LIGHT_BYTES
        and body.count(b"<") <= _LIGHT_TAGS
        and body.count(b"{") + body.count(b"[") <= _LIGHT_BRACKETS
        and (len(body) <= _SMALL_BYTES or not _has_many_attributes(body))
    )


def _has_many_attributes(body: bytes) -> bool:
    """Return whether one tag has so many; each tag is looked at once, whatever stands in it."""
    for tag in _TAG.finditer(body):
        start, end = tag.span(1)
        if end - start >= 2 * _MANY_ATTRIBUTES and len(_ONE_ATTRIBUTE.findall(body, start, end)) >= _MANY_ATTRIBUTES:
            return True
    return False


def is_small(page: Page) -> bool:
    """Return whether a page can be looked at from all sides at once: few tags, whatever its bytes, and not deep."""
    body = page.body
    if body.count(b"<") > 2 * _LIGHT_TAGS or _has_many_attributes(body):
        return False
    try:
        with shallow_only():
            return page.root is not None
    except DeepPage:
        return False


def ask(work: Callable[P, T], *given: P.args, **told: P.kwargs) -> T:
    """Return what a pure work makes of a page, its first argument; raise TooCostly where that is over the bound.

    The work is a function of a module; what else it is told, and what it returns, are items and plain values.
    """
    page = given[0]
    assert isinstance(page, Page)
    if is_light(page):
        with suppress(DeepPage), shallow_only():
            return work(*given, **told)
    with one_process():
        found: T = _kept_now().process_of(page).answer(_named(work), page, given[1:], told)
    return found


async def ask_aside(work: Callable[P, T], *given: P.args, **told: P.kwargs) -> T:
    """Return the same while other things go on, where the page is not read at once."""
    page = given[0]
    assert isinstance(page, Page)
    if is_light(page):
        with suppress(DeepPage), shallow_only():
            return work(*given, **told)
    process = _Process()  # from here on, since it may wait for its turn when the command ends

    def answer() -> T:
        with process:
            found: T = process.answer(_named(work), page, given[1:], told)
            return found

    return await asyncio.get_running_loop().run_in_executor(_threads(), answer)


@contextmanager
def one_process() -> Iterator[None]:
    """Ask all that the block asks of one page of one process: the bound then is one for all of it.

    The process is started for the first page that is not read at once, and goes on to another page as a new one.
    """
    if _kept.get() is not None:
        yield
        return
    with ExitStack() as stack:
        token = _kept.set(_Kept(stack))
        try:
            yield
        finally:
            _kept.reset(token)


class _Kept:
    """The process that a block asks."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._process: _Process | None = None
        self._body = b""

    def process_of(self, page: Page) -> "_Process":
        """Return the process that has a page, or a new one."""
        if self._process is None or self._body is not page.body:
            self._stack.close()
            self._process, self._body = self._stack.enter_context(_Process()), page.body
        return self._process


_kept: ContextVar[_Kept | None] = ContextVar("_kept", default=None)


def _kept_now() -> _Kept:
    kept = _kept.get()
    assert kept is not None
    return kept


_pool: list[ThreadPoolExecutor] = []


def _threads() -> ThreadPoolExecutor:
    if not _pool:
        _pool.append(ThreadPoolExecutor(_AT_ONCE, "costly-page"))
    return _pool[0]


def _named(work: Callable[..., Any]) -> str:
    return f"{work.__module__}:{work.__qualname__}"


_under_way: "set[_Process]" = set()
_lock = Lock()


def end_all() -> None:
    """End the processes that read pages, since the command ends; what waits for them raises Ended."""
    with _lock:
        for process in _under_way:
            process.end()


class _Process:
    """One process that reads one page, once or several times."""

    def __init__(self) -> None:
        self._bound = bound
        self._is_ended = self._is_late = False
        self._child: subprocess.Popen[bytes] | None = None
        self._is_started = False
        self._failed: TooCostly | None = None
        with _lock:
            _under_way.add(self)

    def end(self) -> None:
        """End the process, or let it not begin."""
        self._is_ended = True
        if self._child is not None:
            self._child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with _lock:
            _under_way.discard(self)
        if self._child is not None:
            self._child.kill()
            with suppress(BrokenPipeError), self._child:  # it may not have taken all that was handed over
                pass

    def answer(self, work: str, page: Page, given: tuple[Any, ...], told: dict[str, Any]) -> Any:
        """Return what a work returns; raise what it raises, or TooCostly, which the page then stays."""
        if self._is_ended:
            raise Ended
        if self._failed is not None:
            raise self._failed
        body = page.body if self._child is None else b""
        if self._child is None:
            with held_back():  # a process that is started is to be known, so that it is ended
                self._child = self._started()
        child = self._child
        if self._is_ended:  # while it was started
            child.kill()
        late = Timer(self._bound.seconds, self._end_late, [child])
        late.daemon = True
        late.start()
        try:
            with suppress(BrokenPipeError):
                known = (page.url, page.content_type, page.fetched_at, page.named_site)
                self._hand_over(child, (work, known, given, told), body)
            return self._told_by(child, page.name)
        except TooCostly as error:
            self._failed = error
            raise
        finally:
            late.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C is for us, who then end it. Its standard input stays open while we live.
        return subprocess.Popen(  # noqa: S603 - this program
            [sys.executable, "-P", "-c", _ENTRY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            start_new_session=True,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # a second arena takes address space that nobody uses
        )

    def _end_late(self, child: subprocess.Popen[bytes]) -> None:
        self._is_late = True
        child.kill()

    def _hand_over(self, child: subprocess.Popen[bytes], asked: tuple[Any, ...], body: bytes) -> None:
        assert child.stdin is not None
        work, known, given, told = asked
        task = (known, len(body), given, tuple(told.items()))
        head = json.dumps({"work": work, "bound": asdict(self._bound)}).encode() + b"\n"
        child.stdin.write(head + b"".join(lines_of(task)) + body)
        child.stdin.flush()

    def _told_by(self, child: subprocess.Popen[bytes], name: str) -> Any:
        assert child.stdout is not None
        end: dict[str, str] = {}

        def lines() -> Iterator[bytes]:
            for line in child.stdout or ():
                if self._is_ended:
                    return
                if line == STARTED:
                    self._is_started = True
                    continue
                if line.startswith(b"!"):
                    end.update(json.loads(line[1:]))
                    return
                yield line

        try:
            found = value_of(lines())
        except (ValueError, IndexError):  # its last line is torn, or it wrote none
            found = None
        kind = end.get("kind", "")
        if self._is_ended:
            raise Ended
        if kind == "read":
            return found
        if not self._is_started and not self._is_late:
            raise RuntimeError(f"{sys.executable} could not be started to read {name}, or ended before it began.")
        if not kind or kind == "memory":
            child.kill()
            raise self._too_costly(kind, name)
        raise _error(end)

    def _too_costly(self, kind: str, name: str) -> TooCostly:
        return TooCostly(f"{name} {self._why(kind)}, which no page of comments does: leave it out, or split it.")

    def _why(self, kind: str) -> str:
        if kind == "memory":
            return f"takes more than {self._bound.memory_mb} MB of memory to read"
        if self._is_late:
            return f"takes more than {self._bound.seconds} seconds to read"
        return f"takes more than {self._bound.cpu_seconds} seconds of CPU time, or more memory than there is, to read"


def _error(end: dict[str, str]) -> Exception:
    """Return the error that a work raised: one of ours as it was, any other as a fault of ours."""
    kind, said = end["kind"], end.get("said", "")
    return named_error(kind, said, end.get("reason")) or RuntimeError(f"{kind}: {said}")
