"""What the crawl tests stand on: a loopback server that may misbehave, and the real command in a process of its own."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import responses
from pathlib import Path
from threading import Event, Lock, Thread
from types import MappingProxyType
from typing import Any, Self

from tests.forking import Forked, can_fork, limit_files

Answer = bytes | Callable[[int], bytes | Iterable[bytes]]
"""The bytes to send, or what makes them from how often the path was asked for before."""

POLICIES = ("/robots.txt", "/.well-known/tdmrep.json")
"""What every host is asked for before its pages."""

_MAIN = "from belowtheline.cli import run; run()"


@dataclass(slots=True)
class Asked:
    """One request as the server saw it."""

    path: str
    head: str
    began: float
    ended: float = 0.0


@dataclass
class Loopback:
    """Sends exactly the bytes it is given, on a raw socket, one connection a request."""

    answers: dict[str, Answer] = field(default_factory=dict)
    host: str = "127.0.0.1"
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0

    def __enter__(self) -> Self:
        self._lock = Lock()
        self._socket = socket.create_server((self.host, 0), backlog=64)
        self._socket.settimeout(0.05)
        self._is_open = True
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        _OPEN.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _OPEN.remove(self)
        self._is_open = False
        self._thread.join()
        self._socket.close()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def pair(self) -> str:
        """Host and port, as --local names them."""
        return f"{self.host}:{self.port}"

    def url(self, path: str, host: str | None = None) -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    def paths(self) -> list[str]:
        """The paths that were asked for, in order, without those that say what may be asked for."""
        return [asked.path for asked in self.asked if asked.path not in POLICIES]

    def _serve(self) -> None:
        while self._is_open:
            with suppress(TimeoutError):
                connection, _ = self._socket.accept()
                Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        # A client that is killed, or that has had enough, leaves in the middle.
        with closing(connection), suppress(OSError):
            connection.settimeout(30)
            head = _read_head(connection)
            if head:
                self._answer(connection, head)

    def _answer(self, connection: socket.socket, head: str) -> None:
        path = head.split(" ", 2)[1]
        with self._lock:
            before = sum(asked.path == path for asked in self.asked)
            asked = Asked(path, head, time.monotonic())
            self.asked.append(asked)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            answer = self.answers.get(path, NOT_FOUND)
            parts = answer(before) if callable(answer) else answer
            for part in (parts,) if isinstance(parts, bytes) else parts:
                connection.sendall(part)
        finally:
            with self._lock:
                self._now -= 1
                asked.ended = time.monotonic()


_OPEN: list[Loopback] = []
"""The servers that are open now."""


def _read_head(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return ""
        received += part
    return received.decode("latin-1")


def response(body: bytes = b"", status: int = 200, headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """Return a whole response; a header given as "" is left out."""
    wanted = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    } | dict(headers)
    lines = [
        f"HTTP/1.1 {status} {responses.get(status, 'Odd')}",
        *(f"{name}: {value}" for name, value in wanted.items() if value),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return a redirect without a body."""
    return response(b"", status, {"Location": location})


NOT_FOUND = response(b"<!DOCTYPE html><title>Not found</title>", 404)


def slowly(answer: bytes, seconds: float) -> Callable[[int], Iterator[bytes]]:
    """Return an answer that comes after a while."""

    def parts(_: int) -> Iterator[bytes]:
        time.sleep(seconds)
        yield answer

    return parts


def after(event: Event, answer: bytes) -> Callable[[int], bytes]:
    """Return an answer that comes once something has happened."""

    def answered(_: int) -> bytes:
        event.wait(120)
        return answer

    return answered


def in_turn(*answers: bytes) -> Callable[[int], bytes]:
    """Return the answers one after another; the last one stays."""
    return lambda before: answers[min(before, len(answers) - 1)]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


Process = subprocess.Popen[str] | Forked
"""A command that runs: forked from one that has imported everything, or in an interpreter of its own."""


def btl(*arguments: object, stdin: str = "", timeout: float = 60, **how: Any) -> Ended:
    """Run the command to its end in a process of its own, as `start` does."""
    began = time.monotonic()
    with start(*arguments, has_input=True, **how) as process:
        try:
            out, err = process.communicate(stdin, timeout)
        except BaseException:
            process.kill()
            raise
    return Ended(process.wait(), out, err, time.monotonic() - began)


def start(
    *arguments: object,
    has_input: bool = False,
    has_session: bool = False,
    largest: int = 0,
    before: Callable[[], None] | None = None,
    program: str = _MAIN,
    change: str = "",
    local: bool = True,
) -> Process:
    """Start the command and leave it running; the caller ends it. `local` is as in `command_line`.

    No file that it writes may grow beyond `largest` bytes, unless that is zero. The process is forked, but where the
    test has a program of its own or one that comes before it. `change` is run first in the forked process too: it sets
    attributes of what is imported, and what took a function's name from elsewhere before is not reached by it.
    """
    if before is None and program == _MAIN and can_fork():
        line = naming_servers(*arguments) if local else [*map(str, arguments)]
        return Forked(line, has_input=has_input, has_session=has_session, largest=largest, change=change)
    return subprocess.Popen(
        command_line(*arguments, program=f"{change}\n{program}", local=local),
        stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=has_session,
        preexec_fn=before or partial(limit_files, largest),
    )


def crawl(archive: Path, *arguments: object, **how: Any) -> Ended:
    """Run `btl crawl` as The Register's reader, without delay unless one is given."""
    return btl(*_crawl_arguments(archive, arguments), **how)


def _crawl_arguments(archive: Path, arguments: tuple[object, ...]) -> tuple[object, ...]:
    delay = () if "--delay" in arguments else ("--delay", "0")
    return ("crawl", archive, *arguments, "--site", "theregister", *delay)


def start_crawl(archive: Path, *arguments: object) -> Process:
    """Start `btl crawl` in a session of its own and leave it running; the caller ends it."""
    return start(*_crawl_arguments(archive, arguments), has_session=True)


def kill(process: Process) -> bool:
    """Kill a process as a power cut would, wait for it, and return whether it was still at work."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    return process.returncode == -signal.SIGKILL


def command_line(*arguments: object, program: str = _MAIN, local: bool = True) -> list[str]:
    """Return the command as an argument list; without `local` it names no server that it does not type."""
    return [sys.executable, "-c", program, *(naming_servers(*arguments) if local else map(str, arguments))]


def naming_servers(*arguments: object) -> list[str]:
    """Return the arguments of a command; one that types no URL names the servers that are open with --local."""
    line = [*map(str, arguments)]
    has_url = any("://" in word or word == "-" for word in line)
    if line and line[0] in ("crawl", "update", "retry") and not has_url and "--local" not in line:
        line += [word for server in _OPEN for word in ("--local", server.pair)]
    return line


def rows(archive: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query, from a connection that cannot write."""
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, parameters).fetchall()


def value(archive: Path, sql: str, *parameters: object) -> Any:
    """Return the one value of a query."""
    ((found,),) = rows(archive, sql, *parameters)
    return found


def pages(archive: Path, columns: str = "state, reason") -> list[tuple[Any, ...]]:
    """Return the named columns of all pages, oldest first."""
    return rows(archive, f"SELECT {columns} FROM pages ORDER BY id")


def dump(archive: Path) -> list[tuple[Any, ...]]:
    """Return all that is held of comments, in order, without what differs between two crawls of the same pages."""
    columns = [name for _, name, *_ in rows(archive, "PRAGMA table_info(comments_flat)")]
    times = {"captured_at", "first_seen_at", "last_seen_at"}
    wanted = ", ".join(name for name in columns if name not in times)
    return rows(archive, f"SELECT {wanted} FROM comments_flat ORDER BY thread, position, native_id")


def post(
    native_id: int,
    text: str,
    *,
    author: str = "Ada Fenn",
    votes: str = "3 1",
    badge: str = "",
    answers: int | None = None,
    classes: str = "",
) -> str:
    """Return one invented post in the markup of 2025."""
    reply = f'<a class="in-reply-to" href="/forum/containing/{answers}">in reply to</a>' if answers else ""
    icons = f'<span class="user_icons">{badge} badge</span>' if badge else ""
    up, down = votes.split()
    return (
        f'<li><div class="post {classes}"><a class="permalink" id="c_{native_id}" href="/forum/containing/{native_id}">'
        f'<span data-epoch="{1741942800 + native_id % 1000 * 60}">2 days</span></a>'
        f'<a class="author" href="/user/{len(author)}/">{author}</a>{icons}{reply}<div class="body"><p>{text}</p></div>'
        f'<div class="actions"><span>{up}</span> <span>{down}</span></div></div></li>'
    )


def tombstone() -> str:
    """Return what a deleted post leaves behind."""
    return '<li><div class="post deleted"><div class="body">This post has been deleted by its author</div></div></li>'


def topic(
    posts: Iterable[str],
    *,
    key: str = "2025/03/14/kettle",
    title: str = "Kettle asks for update",
    nav: tuple[int, int] | None = None,
    closed: bool = False,
) -> bytes:
    """Return an invented page of a topic; `nav` is which page it is, and of how many."""
    items = "".join(
        f'<li class="current">{n}</li>' if nav and n == nav[0] else f'<li><a href="/forum/{n}/{key}/">{n}</a></li>'
        for n in range(1, (nav or (0, 0))[1] + 1)
    )
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} • The Register Forums</title></head><body>'
        f'<h2><a href="https://www.theregister.com/{key}/"><span>back to article</span> {title}</a></h2>'
        "<p>It was confirmed today …</p>"
        + ("<p>This topic is closed for new posts.</p>" if closed else "")
        + (f'<ul class="forums-page-nav">{items}</ul>' if nav else "")
        + f'<div id="forum_posts"><ol>{"".join(posts)}</ol></div></body></html>'
    ).encode()


def open_sockets(pid: int) -> list[str]:
    """Return the states of a process's TCP sockets, as the kernel names them (0A is LISTEN)."""
    held = set()
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                held |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(descriptor)))
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    return [parts[3] for parts in lines if parts[9] in held]
