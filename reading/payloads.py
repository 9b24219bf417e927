"""What stands between a body and its bytes: content encodings and chunks, undone strictly, bounded and in one place."""

import io
import re
import sys
import zlib
from collections.abc import Callable, Iterable
from typing import IO, Any

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES = 32 * 1024 * 1024
"""Most bytes that a page may have; it is known here, where nothing heavy is imported."""

GZIP = b"\x1f\x8b\x08"
"""How gzip begins where its contents are deflated, as they always are."""

ZSTD = b"\x28\xb5\x2f\xfd"
"""How a frame of Zstandard begins."""

_PART = 65_536
_FIRST = 512  # a member of a few bytes costs no more than these
_MOST = 5
_FRAMES = 10_000  # of zstd or members of gzip, each of which costs more than its bytes; an answer is one
_HEAD = 4096
_WINDOW = 25  # powers of two: 32 MiB, as much as a page may have; RFC 9659 has 8 on the web
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]{0,9}(?:;[^\r\n]{0,200})?\r\n")
_ALIASES = {"x-gzip": "gzip", "x-deflate": "deflate", "zlib": "deflate", "brotli": "br", "x-zstd": "zstd"}
_NONE = frozenset({"", "identity", "none"})


class BadPayload(Exception):
    """A body is cut, damaged or in an unknown encoding; raised here, to be refused with the page, file or record."""

    head: bytes = b""
    """What was decoded before."""


class LargePayload(BadPayload):
    """A body is larger, decoded, than was allowed."""


class GzipReader(io.RawIOBase):
    """Reads the contents of gzip members in a row, from where the file stands; raises BadPayload where one is torn.

    Each member's length and checksum are checked; behind the last one of a file zeros may stand, as tapes left them.
    """

    def __init__(self, file: IO[bytes] | io.RawIOBase, *, is_file: bool = True) -> None:
        super().__init__()
        self._is_file = is_file
        self._file = file
        self._read = b""
        self._at = 0
        self._place = file.tell() if file.seekable() else 0
        self._step = _FIRST
        self._member: Any = None
        self.members = 0
        """How many members have begun."""
        self.member_at = self._place
        """Where the member begins that is being read."""

    @property
    def is_within(self) -> bool:
        """Whether a member has begun that has not ended."""
        return self._member is not None

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what comes next of one member."""
        view = memoryview(buffer).cast("B")
        while len(view) and (self._member is not None or self._begins()):
            try:
                part = self._inflate(len(view))
            except zlib.error as error:
                raise BadPayload(f"its gzip encoding is damaged ({error})") from error
            if part:
                view[: len(part)] = part
                return len(part)
        return 0

    def _begins(self) -> bool:
        """Return whether another member begins here."""
        head = self._peek(len(GZIP))
        if not head or (self._is_file and not head.strip(b"\0")):
            while head and not head.strip(b"\0"):
                self._at += len(head)
                head = self._peek(_PART)
            if not head:
                return False
        if not head.startswith(GZIP):
            raise BadPayload("bytes follow its gzip encoding that are none of it")
        self._member, self._step = zlib.decompressobj(31), _FIRST
        self.members += 1
        if not self._is_file and self.members > _FRAMES:
            raise BadPayload(f"its gzip encoding has more than {_FRAMES} members")
        self.member_at = self._place - len(self._read) + self._at
        return True

    def _inflate(self, size: int) -> bytes:
        given = self._peek(self._step)
        part: bytes = self._member.decompress(given, size)
        left = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        self._at += len(given) - len(left)
        self._step = min(self._step * 2, _PART)
        if self._member.eof:
            self._member = None
        elif not part and not given:
            raise BadPayload("its gzip encoding is cut")
        return part

    def _peek(self, size: int) -> bytes:
        held = len(self._read) - self._at
        if held < size:
            parts = [self._read[self._at :]]
            while held < size and (more := self._file.read(_PART)):
                parts.append(more)  # a file that is a GzipReader too hands out few bytes at a time
                held += len(more)
                self._place += len(more)
            self._read, self._at = b"".join(parts), 0
        return self._read[self._at : self._at + size]


def decoded(body: bytes, encodings: str, limit: int) -> bytes:
    """Return a body without the encodings that a Content-Encoding header lists, and without gzip that it conceals.

    Raises BadPayload where it is not whole to its last byte or in an unknown encoding, and LargePayload where it grows
    beyond the limit. A body that is not encoded at all, whatever the header says, is returned as it is.

    >>> decoded(b"<p>Lids</p>", "gzip", 100), decoded(zlib.compress(b"Lids"), "identity, deflate", 100)
    (b'<p>Lids</p>', b'Lids')
    """
    names = _names(encodings)
    if len(names) > _MOST:
        raise BadPayload(f"it is said to be encoded {len(names)} times over")
    while names:
        name, found = names.pop(), _of_magic(body)
        if found in names:
            names.remove(found)  # the header has them in another order
            names.append(name)
            name = found
        body = _undone(body, name, found, limit)
    for _ in range(_MOST):
        if (found := _of_magic(body)) is None:
            break
        body = _bounded(_DECODERS[found], body, limit)
    if not is_text(body):
        body = _guessed(body, limit) or body
    if len(body) > limit:
        error = LargePayload(f"it is larger than {limit} bytes")
        error.head = body[:limit]
        raise error
    return body


def head_of(body: bytes, encodings: str, size: int, limit: int) -> bytes:
    """Return how a body begins without its encodings, as far as that can be told; empty where it cannot."""
    try:
        return decoded(body, encodings, limit if len(_names(encodings)) > 1 else size)[:size]
    except BadPayload as error:
        return error.head[:size]


def _names(encodings: str) -> list[str]:
    names = (part.strip().lower() for part in encodings.split(","))
    return [_ALIASES.get(name, name) for name in names if name not in _NONE]


def dechunked(body: bytes) -> bytes:
    """Return a body without the chunks of HTTP/1.1, or as it is where it has none; raise BadPayload where one is cut.

    >>> dechunked(b"4\\r\\nLids\\r\\n0\\r\\n\\r\\n"), dechunked(b"<p>Lids</p>")
    (b'Lids', b'<p>Lids</p>')
    """
    whole = bytearray()  # a list of chunks of one byte would take fifty times as much
    at = 0
    while chunk := _CHUNK.match(body, at):
        start, size = chunk.end(), int(chunk[1], 16)
        if not size:
            return bytes(whole)
        end = start + size
        if body[end : end + 2] != b"\r\n":
            if not whole and end + 2 <= len(body):
                return body  # a word that only looks like a length
            raise BadPayload("it is cut between its chunks")
        whole += memoryview(body)[start:end]
        at = end + 2
    if whole:
        raise BadPayload("it is cut between its chunks")
    return body


def is_text(body: bytes) -> bool:
    """Return whether bytes are of a text, which has next to no control characters; what is encoded has many."""
    head = body[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head) * 50 <= len(head)


def _undone(body: bytes, name: str, found: str | None, limit: int) -> bytes:
    """Return a body without one encoding that was promised; `found` is the one that it shows."""
    decode = _DECODERS.get(found or name)
    if decode is not None and body:
        try:
            return _bounded(decode, body, limit)
        except LargePayload:
            raise
        except BadPayload:
            if found is not None or not (is_text(body) or _guessed(body, limit)):
                raise
    elif not (is_text(body) or _guessed(body, limit)):
        raise BadPayload(f"it is in the encoding {name[:40]!r}, which is not known")
    return body  # the header is not true


def _guessed(body: bytes, limit: int) -> bytes | None:
    """Return a text that a body is packed from in a way that it does not show; None where there is none."""
    for decode in (_deflate, _brotli):
        try:
            found = _bounded(decode, body, limit)
        except BadPayload:
            continue
        if len(found) > len(body) and is_text(found):
            return found
    return None


def _bounded(decode: Callable[[bytes, int], Iterable[bytes]], body: bytes, limit: int) -> bytes:
    """Return what a decoder yields, which stops as soon as that is more than the limit."""
    whole = bytearray()
    try:
        for part in decode(body, limit):
            whole += part
            if len(whole) > limit:
                raise LargePayload(f"it is larger than {limit} bytes when decoded")
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise _with_head(BadPayload(f"its encoding is damaged ({error})"), whole) from error
    except BadPayload as error:
        raise _with_head(error, whole) from error.__cause__
    return bytes(whole)


def _with_head(error: BadPayload, whole: bytearray) -> BadPayload:
    error.head = bytes(whole)
    return error


def _gzip(body: bytes, limit: int) -> Iterable[bytes]:
    reader = GzipReader(io.BytesIO(body), is_file=False)
    if not body.startswith(GZIP):
        raise BadPayload("its gzip encoding is damaged (it does not begin as gzip does)")
    while part := reader.read(_PART):
        yield part


def _deflate(body: bytes, limit: int) -> Iterable[bytes]:
    # RFC 9110 means zlib; what servers send is as often the bare stream within it.
    is_wrapped = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    stream = zlib.decompressobj(15 if is_wrapped else -15)
    found = stream.decompress(body, limit + 1)
    yield found
    if not stream.eof:
        raise BadPayload("its deflate encoding is cut")
    if stream.unused_data:
        raise BadPayload("bytes follow its deflate encoding that are none of it")


def _brotli(body: bytes, limit: int) -> Iterable[bytes]:
    stream = brotli.Decompressor()
    at = 0
    while not stream.is_finished():
        # What is given and not yet used is copied with every call.
        given = body[at : at + _PART] if stream.can_accept_more_data() else b""
        at += len(given)
        part = stream.process(given, output_buffer_limit=_PART)
        yield part
        if not (part or given or stream.is_finished()):
            raise BadPayload("its br encoding is cut")
    if at < len(body):
        raise BadPayload("bytes follow its br encoding that are none of it")


def _zstd(body: bytes, limit: int) -> Iterable[bytes]:
    at, frames = 0, 0
    while at < len(body):
        frames += 1
        if frames > _FRAMES:
            raise BadPayload(f"its zstd encoding has more than {_FRAMES} frames")
        frame = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})
        step = _FIRST
        while not frame.eof:
            given = body[at : at + step] if frame.needs_input else b""
            if frame.needs_input and not given:
                raise BadPayload("its zstd encoding is cut")
            yield frame.decompress(given, _PART)
            at += len(given) - len(frame.unused_data)
            step = min(step * 2, _PART)


_DECODERS: dict[str, Callable[[bytes, int], Iterable[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def _of_magic(body: bytes) -> str | None:
    """Return the encoding that a body shows by its first bytes."""
    return "gzip" if body.startswith(GZIP) else "zstd" if body.startswith(ZSTD) else None
