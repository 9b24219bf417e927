"""A raw server of threads that goes wrong on purpose, and what must hold of any archive after any fault."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.loopback import Loopback, post, response, rows, topic

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing the socket sends a reset instead of an end."""


@dataclass
class Faulty(Loopback):
    """Ends the connections of some paths with a reset."""

    resets: set[str] = field(default_factory=set)

    def _answer(self, connection: socket.socket, head: str) -> None:
        if head.split(" ", 2)[1] in self.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        super()._answer(connection, head)


def path_of(name: str, page: str = "all") -> str:
    """Return the path of a page of a thread."""
    return f"/forum/{page}/2025/03/14/{name}/"


def key_of(name: str) -> str:
    """Return the native id of a thread."""
    return f"2025/03/14/{name}"


def page_of(name: str, count: int = 3, first_id: int = 1) -> bytes:
    """Return the page of a thread whose comments are numbered and have two sentences each."""
    told = [f"Word {number} of {name}. The {number}th lid rattles." for number in range(first_id, first_id + count)]
    posts = [post(number, text) for number, text in enumerate(told, first_id)]
    return topic(posts, key=key_of(name), title=f"All about {name}")


def dripping(answer: bytes, part: int, pause: float) -> Callable[[int], Iterator[bytes]]:
    """Return an answer that comes a few bytes at a time."""

    def parts(_: int) -> Iterator[bytes]:
        for start in range(0, len(answer), part):
            yield answer[start : start + part]
            time.sleep(pause)

    return parts


def chunked(*chunks: bytes) -> bytes:
    """Return the head of an answer in chunks, and the bytes after it."""
    head = response(b"", 200, {"Content-Length": "", "Transfer-Encoding": "chunked"})
    return head + b"".join(chunks)


def chunk(body: bytes) -> bytes:
    """Return one chunk as it should be."""
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


def assert_the_account_is_whole(archive: Path) -> None:
    """Every run that finished tells of each of its pages how it ended, and no page has two states or none."""
    states = ("done", "failed", "deferred", "skipped", "todo")
    for discovered, *ended in rows(archive, f"SELECT discovered, {', '.join(states)} FROM runs WHERE verdict NOT NULL"):
        assert discovered is None or discovered == sum(ended)
    assert rows(archive, f"SELECT id FROM pages WHERE state NOT IN {states}") == []
    assert rows(archive, "SELECT id FROM pages WHERE state NOT IN ('done', 'todo') AND reason IS NULL") == []


def assert_nothing_false_is_held(archive: Path, pages: dict[str, bytes]) -> None:
    """What is held of a thread are comments that its whole page shows, each with the words it has there."""
    for thread, native_id, body in rows(archive, "SELECT thread, native_id, body_text FROM comments_flat"):
        name = thread.rpartition("/")[2]
        assert f'id="c_{native_id}"'.encode() in pages[name]
        assert f"<p>{body}</p>".encode() in pages[name]
