"""The loopback server of the sample site: invented pages at addresses shaped like The Register's."""

import gzip
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from threading import Lock, Thread
from types import MappingProxyType
from typing import Self

_KETTLE = "2025/03/14/kettle_firmware/"
_MOON = "2009/07/18/moon_broadband/"
_FAX = "2025/04/02/fax_revival/"
_THREADS = (f"/forum/all/{_KETTLE}", f"/forum/1/{_MOON}", f"/forum/all/{_FAX}")
_FILES = {
    f"/forum/all/{_KETTLE}": "kettle_firmware.html",
    f"/forum/1/{_KETTLE}": "kettle_firmware.html",
    # A thread without a /forum/all/ page, so that its numbered pages are needed.
    f"/forum/1/{_MOON}": "moon_broadband-1.html",
    f"/forum/2/{_MOON}": "moon_broadband-2.html",
    f"/forum/all/{_FAX}": "fax_revival.html",
    f"/forum/1/{_FAX}": "fax_revival.html",
}
_MOVED = {
    f"/{_KETTLE}comments/": f"/forum/all/{_KETTLE}",
    f"/{_MOON}comments/": f"/forum/1/{_MOON}",
    f"/{_FAX}comments/": f"/forum/all/{_FAX}",
}
_ROBOTS = b"User-agent: *\nDisallow: /post/\n"
_NOT_FOUND = b"<!DOCTYPE html>\n<title>Not found</title>\n<p>There is no such page on the sample site.</p>\n"
_POST_ID = re.compile(rb'id="c_([0-9]+)"')


def copied_text() -> Traversable:
    """Return the bundled thread in the form of text copied from a page; no address leads to it."""
    return _page("copied-thread.txt")


class SampleSite:
    """Serve the sample pages, and `pages` by path besides, on 127.0.0.1 while the `with` block runs."""

    def __init__(self, port: int = 0, *, pages: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self.requests: list[str] = []
        """The target of each request, in the order of arrival."""
        bundled = {path: _page(name).read_bytes() for path, name in _FILES.items()}
        self._server = _Server(port, bundled | dict(pages), self.requests)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The address of the site, without a final slash."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def pair(self) -> str:
        """The host and port of the site, as --local names them."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def threads(self) -> tuple[str, ...]:
        """The addresses of the bundled threads; the second has numbered pages only, the third has no comments."""
        return tuple(self.url + path for path in _THREADS)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, pages: Mapping[str, bytes], requests: list[str]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.pages = pages
        self.packed = {path: gzip.compress(body, compresslevel=6, mtime=0) for path, body in pages.items()}
        self.containing = _containing(pages)
        self.requests = requests
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep alive, so that no thread waits for another request."""
        with self._lock:
            for connection in self._open:
                # The client may have left first.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave in the middle of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in two writes, and Nagle's algorithm would hold back the second by 40 ms.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard error belongs to the program that crawls."""

    def _answer(self) -> None:
        self.server.requests.append(self.path)
        path = self.path.partition("?")[0]
        if path in self.server.pages:
            self._send_page(path)
        elif target := self._target(path):
            self._send(*target)
        elif path == "/robots.txt":
            self._send(200, _ROBOTS, {"Content-Type": "text/plain; charset=utf-8"})
        else:
            self._send(404, _NOT_FOUND)

    def _target(self, path: str) -> tuple[int, bytes, dict[str, str]] | None:
        if path in _MOVED:
            return 301, b"", {"Location": _MOVED[path]}
        parent, _, native_id = path.removesuffix("/").rpartition("/")
        if parent == "/forum/containing" and native_id in self.server.containing:
            return 302, b"", {"Location": f"{self.server.containing[native_id]}#c_{native_id}"}
        return None

    def _send_page(self, path: str) -> None:
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self._send(200, self.server.packed[path], {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
        else:
            self._send(200, self.server.pages[path], {"Vary": "Accept-Encoding"})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | dict(headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _page(name: str) -> Traversable:
    return files("belowtheline.demo") / "pages" / name


def _containing(pages: Mapping[str, bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, body in pages.items():
        for native_id in _POST_ID.findall(body):
            found.setdefault(native_id.decode(), path)
    return found
