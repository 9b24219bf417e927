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
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Lock, Timer
from typing import Any, ParamSpec, TypeVar

from belowtheline.scraper import errors
from belowtheline.scraper.errors import BelowTheLineError, TooCostly
from belowtheline.scraper.itemlines import lines_of, value_of
from belowtheline.scraper.markup import DeepPage, shallow_only
from belowtheline.scraper.page import Page

P = ParamSpec("P")
T = TypeVar("T")

_LIGHT_BYTES = 1 << 20
_LIGHT_TAGS = 25_000
_LIGHT_BRACKETS = 100_000
_SMALL_BYTES = 1 << 18
_MANY_ATTRIBUTES = re.compile(
    rb"""<[a-z][^\s<>/]*+(?:[\s/]*+[^\s=>/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+){2000}""", re.IGNORECASE
)
"""A tag that costs libxml2 the square of its attributes, which matters where it is not small."""
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
        and (len(body) <= _SMALL_BYTES or not _MANY_ATTRIBUTES.search(body))
    )


def is_small(page: Page) -> bool:
    """Return whether a page can be looked at from all sides at once: few tags, whatever its bytes, and not deep."""
    body = page.body
    if body.count(b"<") > 2 * _LIGHT_TAGS or _MANY_ATTRIBUTES.search(body):
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
    found: T = _Process(_named(work), page, given[1:], told).answer()
    return found


async def ask_aside(work: Callable[P, T], *given: P.args, **told: P.kwargs) -> T:
    """Return the same while other things go on, where the page is not read at once."""
    page = given[0]
    assert isinstance(page, Page)
    if is_light(page):
        with suppress(DeepPage), shallow_only():
            return work(*given, **told)
    process = _Process(_named(work), page, given[1:], told)
    found: T = await asyncio.get_running_loop().run_in_executor(_threads(), process.answer)
    return found


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
    """One process that reads one page."""

    def __init__(self, work: str, page: Page, given: tuple[Any, ...], told: dict[str, Any]) -> None:
        self._work, self._page, self._given, self._told = work, page, given, told
        self._bound = bound
        self._is_ended = self._is_late = False
        self._child: subprocess.Popen[bytes] | None = None
        with _lock:
            _under_way.add(self)  # from here on, since it may wait for its turn when the command ends

    def end(self) -> None:
        """End the process, or let it not begin."""
        self._is_ended = True
        if self._child is not None:
            self._child.kill()

    def answer(self) -> Any:
        """Return what the work returns; raise what it raises, or TooCostly."""
        try:
            if self._is_ended:
                raise Ended
            with self._started() as self._child:
                return self._read(self._child)
        finally:
            with _lock:
                _under_way.discard(self)

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

    def _read(self, child: subprocess.Popen[bytes]) -> Any:
        late = Timer(self._bound.seconds, self._end_late, [child])
        late.daemon = True
        late.start()
        try:
            with suppress(BrokenPipeError):
                self._hand_over(child)
            return self._told_by(child)
        finally:
            late.cancel()
            child.kill()

    def _end_late(self, child: subprocess.Popen[bytes]) -> None:
        self._is_late = True
        child.kill()

    def _hand_over(self, child: subprocess.Popen[bytes]) -> None:
        page = self._page
        assert child.stdin is not None
        known = (page.url, page.content_type, page.fetched_at, page.named_site)
        task = (known, len(page.body), self._given, tuple(self._told.items()))
        head = json.dumps({"work": self._work, "bound": asdict(self._bound)}).encode() + b"\n"
        child.stdin.write(head + b"".join(lines_of(task)) + page.body)
        child.stdin.flush()

    def _told_by(self, child: subprocess.Popen[bytes]) -> Any:
        assert child.stdout is not None
        end: dict[str, str] = {}

        def lines() -> Iterator[bytes]:
            for line in child.stdout or ():
                if line.startswith(b"!"):
                    end.update(json.loads(line[1:]))
                    return
                yield line

        try:
            found = value_of(lines())
        except (ValueError, IndexError):  # its last line is torn, or it wrote none
            found = None
        if end.get("kind") == "read":
            return found
        child.kill()
        raise self._error(end, child.wait())

    def _error(self, end: dict[str, str], code: int) -> BaseException:
        if self._is_ended:
            return Ended()
        kind, said = end.get("kind", ""), end.get("said", "")
        cls = getattr(errors, kind, None)
        if isinstance(cls, type) and issubclass(cls, BelowTheLineError):
            error = cls(said)
            error.reason = end.get("reason")
            return error
        if kind and kind != "memory":
            return RuntimeError(f"{kind}: {said}")
        return TooCostly(
            f"{self._page.name} {self._why(kind)}, which no page of comments does: leave it out, or split it."
        )

    def _why(self, kind: str) -> str:
        if kind == "memory":
            return f"takes more than {self._bound.memory_mb} MB of memory to read"
        if self._is_late:
            return f"takes more than {self._bound.seconds} seconds to read"
        return f"takes more than {self._bound.cpu_seconds} seconds of CPU time, or more memory than there is, to read"
