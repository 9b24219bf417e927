"""Commands in processes that need no second to start: one process imports everything, and forks a child a command.

The children are as real as any: each has its own memory, streams, environment, folder and signals, is killed by its
own number, and ends as the interpreter ends. What they share is what was imported, so that a test of imports, of an
interpreter's options, or with changes to our modules, takes an interpreter of its own.
"""

import atexit
import gc
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from io import FileIO
from pathlib import Path
from typing import IO, Any, Self

MODULES = (
    *(f"belowtheline.cli.{name}" for name in ("crawl", "export", "ingest", "process", "retry", "update", "verify")),
    *(f"belowtheline.jobs.{name}" for name in ("crawl", "fetch", "ingest", "link", "reparse", "update")),
    *(f"belowtheline.archive.{name}" for name in ("fixity.verify", "store.migrations")),
    *(f"belowtheline.exports.{name}" for name in ("documents", "tables")),
    *(f"belowtheline.scraper.{name}" for name in ("fetched", "reserved", "spiders.single", "store", "wire")),
    "belowtheline.sites.registry",
)
"""What is imported once. A module that is missing here is imported by each command that needs it."""

_OF_SCRAPY = ("statscollectors", "logformatter", "extensions.telnet", "utils.engine", "utils.request")
_SETTINGS = ("DOWNLOADER_MIDDLEWARES_BASE", "EXTENSIONS_BASE", "SPIDER_MIDDLEWARES_BASE")
_OTHERS = ("encodings.idna", "tldextract.suffix_list", "requests_file", "aiohttp.web")
"""What Scrapy imports when a crawl starts."""

_PROGRAM = "from tests.forking import serve; exec(serve()); from belowtheline.cli import run; run()"
_STARTING = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_")
"""What an interpreter heeds only when it starts."""

_ENVIRONMENT = dict(os.environ)
_ROOT = Path(__file__).parents[1]
_LARGEST = 1 << 16


def can_fork() -> bool:
    """Return whether a command of now may be forked: its environment asks nothing of the interpreter itself."""
    return _of_start(os.environ) == _of_start(_ENVIRONMENT)


def _of_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_STARTING)}


def limit_files(largest: int) -> None:
    """Let this process write no file beyond so many bytes, unless that is zero."""
    if largest:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


class Forked:
    """A command that runs, forked; it is read, signalled and waited for as a Popen is."""

    def __init__(
        self, arguments: list[str], *, has_input: bool, has_session: bool, largest: int = 0, change: str = ""
    ) -> None:
        self.args = arguments
        self.returncode: int | None = None
        order = {
            "arguments": arguments,
            "change": change,
            "environment": dict(os.environ),
            "folder": os.getcwd(),
            "has_session": has_session,
            "largest": largest,
        }
        self._end, end = os.pipe()
        read, self.stdin = _to_child() if has_input else (os.open(os.devnull, os.O_RDONLY), None)
        (self.stdout, out), (self.stderr, err) = _from_child(), _from_child()
        theirs = [read, out, err, end]
        try:
            _forker().send(order, theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self.pid = self._told()
        self._threads: list[threading.Thread] = []
        self._read: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self.wait()

    def _told(self) -> int:
        with FileIO(self._end, closefd=False) as file:
            line = file.readline()
        assert line, "the process that forks has ended"
        return int(line)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code."""
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = self._told()
            os.close(self._end)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:
        """Hand over its input, and return what it prints on both streams until it has ended."""
        end = None if timeout is None else time.monotonic() + timeout
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._hand_over, args=(input or "",), daemon=True),
                threading.Thread(target=self._take, args=("out", self.stdout), daemon=True),
                threading.Thread(target=self._take, args=("err", self.stderr), daemon=True),
            ]
            for thread in self._threads:
                thread.start()
        for thread in self._threads:
            thread.join(None if end is None else max(end - time.monotonic(), 0))
            if thread.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if end is None else max(end - time.monotonic(), 0))
        return self._read["out"], self._read["err"]

    def _hand_over(self, given: str) -> None:
        if self.stdin is not None:
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(given)

    def _take(self, name: str, stream: IO[str]) -> None:
        with stream:
            self._read[name] = stream.read()


def _to_child() -> tuple[int, IO[str]]:
    read, write = os.pipe()
    return read, open(write, "w")


def _from_child() -> tuple[IO[str], int]:
    read, write = os.pipe()
    return open(read), write


class _Forker:
    """The process that forks, seen from the tests."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            line = [sys.executable, "-c", _PROGRAM, str(theirs.fileno())]
            self._process = subprocess.Popen(line, pass_fds=[theirs.fileno()], cwd=_ROOT, env=_ENVIRONMENT)
        assert self._control.recv(1), "the process that forks has not started"
        atexit.register(self.end)

    def send(self, order: dict[str, Any], descriptors: list[int]) -> None:
        """Order a command: its streams, and where its number and its end are told."""
        body = json.dumps(order).encode()
        with self._lock:
            socket.send_fds(self._control, [len(body).to_bytes(4, "big")], descriptors)
            self._control.sendall(body)

    def end(self) -> None:
        """End it; commands that run go on."""
        self._control.close()
        self._process.wait(30)


_forker = cache(_Forker)


def serve() -> str:
    """Import everything and fork a child an order; return in the child, whose program then goes on: what it changes."""
    _import()
    control = socket.socket(fileno=int(sys.argv[1]))
    ends, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running: dict[int, int] = {}
    control.send(b"!")
    while True:
        ready, _, _ = select.select([control, ends], [], [])
        if ends in ready:
            os.read(ends, _LARGEST)
            _tell_ends(running)
        if control in ready:
            order, descriptors = _order(control)
            # Ctrl-C that comes before the child has its handler must wait for it: one that is ignored is lost.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            child = os.fork()
            if not child:
                control.close()
                _become(order, descriptors)
                return str(order["change"])
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            *streams, running[child] = descriptors
            for descriptor in streams:
                os.close(descriptor)
            os.write(running[child], b"%d\n" % child)


def _import() -> None:
    for name in MODULES:
        import_module(name)
    import_module("belowtheline.sites.registry").all_sites()
    settings = import_module("scrapy.settings.default_settings")
    of_settings = {path.rpartition(".")[0] for name in _SETTINGS for path in getattr(settings, name, ())}
    for name in (*sorted(of_settings), *(f"scrapy.{name}" for name in _OF_SCRAPY), *_OTHERS):
        with suppress(ImportError):
            import_module(name)
    # A reactor and a thread would be the parent's alone.
    assert "twisted.internet.reactor" not in sys.modules
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()


def _order(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    head, descriptors, _, _ = socket.recv_fds(control, 4, 4)
    if not head:
        os._exit(0)
    size, body = int.from_bytes(head, "big"), b""
    while len(body) < size:
        body += control.recv(min(size - len(body), _LARGEST))
    return json.loads(body), descriptors


def _tell_ends(running: dict[int, int]) -> None:
    while running:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        end = running.pop(child)
        with suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(end, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(end)


def _become(order: dict[str, Any], descriptors: list[int]) -> None:
    """Make this child what a process that has just started is."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, number)
    os.closerange(3, max(map(int, os.listdir("/dev/fd"))) + 1)
    _open_streams()
    if order["has_session"]:
        os.setsid()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    limit_files(order["largest"])
    sys.argv[1:] = order["arguments"]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _open_streams() -> None:
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old: Any = getattr(sys, name)
        mode, buffering = ("w" if number else "r"), (1 if number == 2 else -1)
        stream = open(number, mode, buffering, encoding=old.encoding, errors=old.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
