"""A loopback server that knows whether a page has changed: it answers conditional requests, by ETag or by date."""

import hashlib
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.loopback import POLICIES, Ended, Loopback, btl, response

MODIFIED = "Fri, 14 Mar 2025 09:00:00 GMT"


@dataclass
class Validating(Loopback):
    """Sends `pages` with an ETag or a Last-Modified, and 304 to who holds them; without a validator always the page."""

    by: Literal["etag", "date", "nothing"] = "etag"
    pages: dict[str, bytes] = field(default_factory=dict)
    sent: list[tuple[str, int]] = field(default_factory=list)
    """Path and status of each answer that is no policy of the host."""
    dates: dict[str, str] = field(default_factory=dict)
    """Last-Modified of a page, where it is another than that of all."""

    def _answer(self, connection: socket.socket, head: str) -> None:
        path = head.split(" ", 2)[1]
        if path in self.pages:
            self.answers[path] = self._page(path, head)
        super()._answer(connection, head)
        answer = self.answers.get(path, b"HTTP/1.1 404")
        if path not in POLICIES and isinstance(answer, bytes):
            self.sent.append((path, int(answer[9:12])))

    def _page(self, path: str, head: str) -> bytes:
        body = self.pages[path]
        date = self.dates.get(path, MODIFIED)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.by == "etag":
            is_held, headers = _header(head, "If-None-Match") == tag, {"ETag": tag}
        elif self.by == "date":
            is_held, headers = _header(head, "If-Modified-Since") == date, {"Last-Modified": date}
        else:
            is_held, headers = False, {}
        if is_held:
            return response(b"", 304, {**headers, "Content-Type": "", "Content-Length": ""})
        return response(body, 200, headers)


def _header(head: str, name: str) -> str | None:
    match = re.search(rf"^{name}: (.*?)\r?$", head, re.IGNORECASE | re.MULTILINE)
    return match[1] if match else None


def update(archive: Path, *arguments: object, **how: Any) -> Ended:
    """Run `btl update` without delay."""
    return btl("update", archive, "--delay", "0", *arguments, **how)
