"""Packed: what small files that hold much cost `btl ingest`, peak memory beside that of a file of two pages."""

import gzip
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench.measuring import Row, run
from bench.pages import page_bytes

_MIB = bytes(1 << 20)
_MOST_MB = 512
_PATH = "/forum/all/2025/03/14/packed/"
_EMPTY = gzip.compress(b"", mtime=0)


def bench(quick: bool) -> Iterator[Row]:
    """Measure each bomb between two pages that must be read all the same."""
    times = 300 if quick else 3000
    first, last = (gzip.compress(_record(body, path)) for path, body in page_bytes(2).items())
    with tempfile.TemporaryDirectory() as folder:
        plain = _peak(Path(folder), first + last, 0)
        for name, (bomb, code) in _BOMBS.items():
            packed = bomb(times)
            peak, seconds = _peak(Path(folder), first + packed + last, code)
            said = f"packed: {name} ({len(packed) / 1_000_000:.1f} MB; {seconds:.1f} s, limit {_MOST_MB} MB)"
            yield Row(said, "MB", peak, plain[0], peak, _MOST_MB)


def _peak(folder: Path, body: bytes, code: int) -> tuple[float, float]:
    """Return peak memory in MB and CPU seconds of taking in a file."""
    file, archive = folder / "in.warc.gz", folder / f"{len(list(folder.iterdir()))}.db"
    file.write_bytes(body)
    program = (sys.executable, "-c", "from belowtheline.cli import run; run()")
    ran = run(*program, "ingest", str(archive), str(file), expected=code)
    return ran.peak_mb, ran.seconds


def _record(body: bytes, path: str, *http: str, kind: str = "response", length: int | None = None) -> bytes:
    """Return a record; one that says another length has no end."""
    head = "\r\n".join(("HTTP/1.1 200 OK", "Content-Type: text/html", *http, "", "")) if kind == "response" else ""
    block = head.encode() + body
    address = f"https://forums.theregister.com{path}"
    size = len(block) if length is None else len(head) + length
    fields = ("WARC/1.0", f"WARC-Type: {kind}", f"WARC-Target-URI: {address}", "WARC-Date: 2026-01-05T10:00:00Z")
    end = b"\r\n\r\n" if length is None else b""
    return "\r\n".join((*fields, f"Content-Length: {size}", "", "")).encode() + block + end


def _packed(*parts: bytes, times: int = 1, repeated: bytes = b"", end: bytes = b"") -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    body: Iterable[bytes] = (*parts, *[repeated] * times, end)
    return b"".join([*map(packing.compress, body), packing.flush()])


def _zeros(times: int, kind: str) -> bytes:
    head = _record(b"", _PATH, kind=kind, length=times << 20)
    return _packed(head, times=times, repeated=_MIB, end=b"\r\n\r\n")


_BOMBS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "a response of zeros": (lambda times: _zeros(times, "response"), 3),
    "metadata of zeros": (lambda times: _zeros(times, "metadata"), 0),
    "a header line without end": (
        lambda times: _packed(b"WARC/1.0\r\nX: ", times=times, repeated=b"a" * (1 << 20)), 3
    ),
    "headers without end": (lambda times: _packed(b"WARC/1.0\r\n", times=times, repeated=b"X: a\r\n" * 170_000), 3),
    "ends of lines": (lambda times: _packed(times=times, repeated=b"\r\n" * (1 << 19)), 0),
    "gzip in gzip": (
        lambda times: gzip.compress(
            _record(_packed(_packed(times=times, repeated=_MIB)), _PATH, "Content-Encoding: gzip, gzip")
        ), 3
    ),
    "empty members": (lambda times: _EMPTY * (times * 30), 0),
    "empty members in a payload": (
        lambda times: gzip.compress(_record(_EMPTY * (times * 500), _PATH, "Content-Encoding: gzip")), 3
    ),
    "records that are none": (
        lambda times: _packed(times=times * 7, repeated=_record(b"x", _PATH).replace(b"HTTP/1.1", b"SSH")), 3
    ),
    "a length that is not true": (lambda _: gzip.compress(_record(b"x", _PATH, length=1 << 40)), 3),
}  # fmt: skip
