"""The server of the update bench, a process of its own: pages with an ETag, and 304 for who holds them.

It prints its address, and after standard input ends how many requests it answered with which status.
"""

import gzip
import hashlib
import json
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

from bench.pages import CONTENT_TYPE, page_bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    pages: ClassVar[dict[str, tuple[str, bytes]]] = {}
    answered: ClassVar[Counter[int]] = Counter()

    def do_GET(self) -> None:
        tag, body = self.pages.get(self.path, ("", b""))
        status = 404 if not tag else 304 if self.headers.get("If-None-Match") == tag else 200
        if tag:
            self.answered[status] += 1
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        if status != 304:
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Encoding", "gzip" if tag else "identity")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if status == 200 else b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard error belongs to the bench."""


if __name__ == "__main__":
    for path, page in page_bytes(int(sys.argv[1])).items():
        _Handler.pages[path] = (f'"{hashlib.sha256(page).hexdigest()[:16]}"', gzip.compress(page, 6, mtime=0))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    for _ in sys.stdin:
        print(json.dumps(_Handler.answered), flush=True)
        _Handler.answered.clear()
