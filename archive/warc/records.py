"""WARC files of anybody: their records one by one, with those named that are damaged, and what follows them read.

warcio stops at the first damage, refuses files that are one gzip member, hands out cut records as if they were whole,
and undoes content encodings leniently or not at all; so the records are told apart here, and their payloads decoded by
`reading.payloads`. Taken care of: WARC/0.17 to 1.1; gzip by record, as one member or none; addresses in brackets
(Wget); lines that end in LF alone; chunks that were kept (Wget, Heritrix) or removed without their header.
"""

import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import IO

from belowtheline.reading.errors import ParseError
from belowtheline.reading.page import MAX_BYTES
from belowtheline.reading.payloads import GZIP, BadPayload, GzipReader, dechunked, decoded

_PART = 65_536
_LINE = 65_536
_LINES = 1000
_HEAD = 262_144  # bytes that an HTTP head may have beside a page
_MOST_DAMAGES = 1000
_MOST_AGAIN = 4 << 30  # bytes of damaged records, which may all be the same ones read from other places on
_FIRST = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\s{0,9}")
_BLANKS = re.compile(rb"[\r\n]*")
_BEGIN = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\r?\n")
_RECORD = re.compile(rb"\n(?=" + _BEGIN.pattern + rb")")  # begins with what is found fast
_STATUS = re.compile(r"HTTP/[0-9.]{1,5}\s{1,9}([1-9][0-9][0-9])(?:\s|$)")
_OVERLAP = 16
_STARTS = 10_000
_WEB = ("http:", "https:")

Headers = dict[str, str]
"""By their name in lower case; several of one name are joined by commas."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """The bytes of one WARC record with what it says of them, decoded as a client would."""

    url: str
    fetched_at: str | None
    status: int | None
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that cannot be read, and why; the records after it are read where they can be found."""

    url: str | None
    place: int
    """Byte of the file at which it stands, or its gzip member begins."""
    reason: str
    content_type: str | None = None
    status: int | None = None
    is_damaged: bool = False
    """Whether the file is damaged there, and not only what the record holds."""


class _Damage(Exception):
    """What stands here is no whole record; raised and caught in this module."""


def read_warc(path: Path) -> Iterator[StoredPage | RefusedRecord]:
    """Yield each response and resource of a WARC file; raise ParseError where it holds no record at all."""
    with path.open("rb") as file:
        place: int | None = 0
        is_any, damages, again = False, 0, 0
        while place is not None:
            records = _Records(file, place)
            try:
                for found in records:
                    is_any = True
                    yield found
                    damages += isinstance(found, RefusedRecord) and found.is_damaged
                    _give_up(path, damages, again + records.wasted)
                return
            except BadPayload as error:
                is_any, damages = is_any or records.count > 0, damages + 1
                again += records.wasted + records.since_record
                place = _next_member(file, records.place + 1)
                if not is_any and place is None:
                    raise ParseError(f"{path} is torn or no WARC file ({error}): fetch or copy it again.") from error
                yield RefusedRecord(records.url, records.place, str(error), is_damaged=True)
            _give_up(path, damages, again)


def _give_up(path: Path, damages: int, again: int) -> None:
    if damages > _MOST_DAMAGES:
        raise ParseError(f"{path} is damaged in more than {_MOST_DAMAGES} places: fetch or copy it again.")
    if again > _MOST_AGAIN:
        raise ParseError(
            f"{path} has damaged records of more than {_MOST_AGAIN // 2**30} GiB in all: fetch or copy it again."
        )


def read_record(record: bytes) -> StoredPage:
    """Return the page of one record that is at hand and known to be whole; raise BadPayload where it has none."""
    for found in _Records(io.BytesIO(record), 0):
        if isinstance(found, StoredPage):
            return found
        raise BadPayload(found.reason)
    raise BadPayload("there is no page in it")


class _Records:
    """The records from one place of a file on; raises BadPayload where its gzip encoding is damaged."""

    def __init__(self, file: IO[bytes], place: int) -> None:
        length = file.seek(0, io.SEEK_END)
        file.seek(place)
        is_gzip = file.read(len(GZIP)) == GZIP
        file.seek(place)
        self._start = place
        self._gzip = GzipReader(file) if is_gzip else None
        is_twice = is_gzip and _is_gzip_again(file, place)
        self._bytes = _Bytes(GzipReader(self._gzip) if is_twice and self._gzip else self._gzip or file)
        self._block = b""
        self._most: float = inf if is_gzip else length - place
        self._is_skipping = False
        self.place = place
        """Where the record is that is being read."""
        self.url: str | None = None
        self.count = 0
        """How many records were read."""
        self.wasted = 0
        """How many bytes of damaged records were read."""
        self._begun_at = 0

    @property
    def since_record(self) -> int:
        """How many bytes were read since the last record began."""
        return self._bytes.taken + self._bytes.held - self._begun_at

    def __iter__(self) -> Iterator[StoredPage | RefusedRecord]:
        while self._bytes.follow_blanks():
            self._block, self.place, self.url = b"", self._now(), None
            self._begun_at = self._bytes.taken
            self._bytes.forget_starts()
            failure: BadPayload | None = None
            found: StoredPage | RefusedRecord | None
            try:
                found = self._record(self._headers())
                failure = self._failure_behind()
                self.count += 1
            except _Damage as error:
                found = RefusedRecord(self.url, self.place, str(error), is_damaged=True)
                if self._is_skipping:
                    raise BadPayload(str(error)) from error  # what was passed over is to be looked at again
                self.wasted += self.since_record
                # A false length may have taken what follows for a part of the record.
                self._bytes.give_back(self._block)
                if not self._bytes.find_record() and not self.count:
                    raise BadPayload(str(error)) from error
            self._block = b""  # it is as large as a page, and so is what is made of it
            if found is not None:
                yield found
                found = None
            if failure is not None:
                self.place, self.url = self._now(), None
                raise failure

    def _now(self) -> int:
        return self._gzip.member_at if self._gzip else self._start + self._bytes.taken

    def _headers(self) -> Headers:
        if not _FIRST.fullmatch(self._bytes.line()):
            raise _Damage("no record begins where one should")
        return _fields(self._bytes)

    def _record(self, headers: Headers) -> StoredPage | RefusedRecord | None:
        """Return a record as it is read, with its block left behind; None for one that is no page."""
        self.url = headers.get("warc-target-uri", "").strip("<> ").replace(" ", "%20") or None
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 16):
            raise _Damage("a record does not say its length")
        size = int(length)
        self._block = self._bytes.take(min(size, MAX_BYTES + _HEAD))
        if self._bytes.taken + size - len(self._block) > self._most:
            raise _Damage("a record is cut")
        self._is_skipping = True
        self._bytes.skip(size - len(self._block))
        self._is_skipping = False
        if headers.get("warc-type", "").lower() not in ("response", "resource"):
            return None
        return _stored(self.url, self.place, headers, self._block, is_large=size > len(self._block))

    def _failure_behind(self) -> BadPayload | None:
        """Return what is wrong behind a record; raise where that shows that the record itself is not whole."""
        member = self._gzip.member_at if self._gzip else 0
        try:
            is_ended = self._bytes.peek(4).startswith((b"\r\n\r\n", b"\n\n"))
            if self._bytes.follow_blanks() and self._bytes.peek(5) != b"WARC/" and not is_ended:
                raise _Damage("a record is longer or shorter than it says")
        except BadPayload as error:
            if self._gzip is None or (self._gzip.is_within and self._gzip.member_at == member):
                raise
            return error
        return None


def _is_gzip_again(file: IO[bytes], place: int) -> bool:
    """Return whether what is gzipped was gzipped before, as servers do that pack what they send."""
    try:
        return GzipReader(file).read(len(GZIP)) == GZIP
    except BadPayload:
        return False
    finally:
        file.seek(place)


class _Bytes:
    """Bytes of a stream, some of them seen before they are taken."""

    def __init__(self, stream: IO[bytes] | io.RawIOBase) -> None:
        self._stream = stream
        self._held = bytearray()
        self._starts: deque[int] = deque(maxlen=_STARTS)
        """Where gzip members begin as records do, if they begin no line."""
        self.taken = 0

    @property
    def held(self) -> int:
        """How many bytes were read and not taken."""
        return len(self._held)

    def peek(self, size: int) -> bytes:
        """Return what comes next, less than that many bytes at the end only."""
        while len(self._held) < size and (part := self._read()):
            self._held += part
        with memoryview(self._held) as held:
            return bytes(held[:size])

    def _read(self) -> bytes | None:
        if not isinstance(self._stream, GzipReader):
            return self._stream.read(_PART)
        before = self._stream.members
        part: bytes | None = self._stream.read(_PART)
        if part and self._stream.members > before and part.startswith(b"WARC/"):
            self._starts.append(self.taken + len(self._held))
        return part

    def forget_starts(self) -> None:
        """Forget the members that begin before what comes next."""
        while self._starts and self._starts[0] <= self.taken:
            self._starts.popleft()

    def take(self, size: int) -> bytes:
        """Return and pass that many bytes; raise where there are fewer."""
        part = self.peek(size)
        if len(part) < size:
            raise _Damage("a record is cut")
        del self._held[:size]
        self.taken += size
        return part

    def give_back(self, part: bytes) -> None:
        """Put bytes back before those that come next."""
        self._held[:0] = part
        self.taken -= len(part)

    def skip(self, size: int) -> None:
        """Pass that many bytes; raise where there are fewer."""
        while size > 0:
            size -= len(self.take(min(size, _PART)))

    def follow_blanks(self) -> bool:
        """Pass the ends of lines and return whether anything follows them."""
        while self.peek(1):
            blanks = _BLANKS.match(self._held)
            if blanks is None or not blanks.end():
                return True
            self.take(blanks.end())
        return False

    def find_record(self) -> bool:
        """Pass what stands before the next line with which a record begins, and return whether there is one."""
        if _BEGIN.match(self._held):
            return True
        while True:
            found = _RECORD.search(self._held)
            self.forget_starts()
            places = ([found.end()] if found else []) + [start - self.taken for start in (*self._starts,)[:1]]
            if places:
                self.take(min(places))
                return True
            self.take(max(len(self._held) - _OVERLAP, 0))
            held = len(self._held)
            if len(self.peek(held + 1)) == held:
                self.take(held)
                return False

    def line(self) -> bytes:
        """Return and pass one line; raise where it has no end."""
        seen = 0
        while (end := self._held.find(b"\n", seen)) < 0:
            seen = len(self._held)
            if seen > _LINE or len(self.peek(seen + 1)) == seen:
                raise _Damage("a record is cut" if self.taken else "no record begins where one should")
        return self.take(end + 1)


def _fields(source: _Bytes) -> Headers:
    """Return the header fields up to an empty line, those that go on in the next line as one."""
    found: Headers = {}
    name, end = "", source.taken + _HEAD
    for _ in range(_LINES):
        if source.taken > end:
            break
        line = source.line().decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            return found
        if line[0] in " \t":
            found[name] = f"{found.get(name, '')} {line.strip()}".strip()
            continue
        key, colon, value = line.partition(":")
        if colon:
            name = key.strip().lower()
            found[name] = f"{found[name]},{value.strip()}" if name in found else value.strip()
    raise _Damage("the head of a record does not end")


def _stored(
    url: str | None, place: int, headers: Headers, block: bytes, *, is_large: bool
) -> StoredPage | RefusedRecord | None:
    """Return the page that a record's block holds, as far as it is at hand; None for what no browser asks for."""
    kind, payload, status = headers.get("content-type"), block, None
    http: Headers = {}
    if url is None:
        return RefusedRecord(url, place, "it does not say its address")
    if headers.get("warc-type", "").lower() == "response":
        if not url.lower().startswith(_WEB):
            return None
        response = _response(block)
        if response is None:
            return RefusedRecord(url, place, "it holds no HTTP response")
        status, http, payload = response
        kind = http.get("content-type")
    try:
        if is_large:
            raise BadPayload(f"it is larger than {MAX_BYTES // 2**20} MiB")
        if "warc-segment-number" in headers:
            raise BadPayload("it is one segment of a record that goes on elsewhere")
        return StoredPage(url, headers.get("warc-date"), status, kind, _decoded(http, payload))
    except BadPayload as error:
        return RefusedRecord(url, place, str(error), kind, status)


def _response(block: bytes) -> tuple[int, Headers, bytes] | None:
    """Return status, header fields and body of an HTTP response; None where there is none."""
    source = _Bytes(io.BytesIO(block))
    try:
        line = _STATUS.match(source.line().decode("latin-1"))
        return (int(line[1]), _fields(source), block[source.taken :]) if line else None
    except _Damage:
        return None


def _decoded(http: Headers, payload: bytes) -> bytes:
    is_said = "chunked" in http.get("transfer-encoding", "").lower()
    try:
        payload = dechunked(payload)
    except BadPayload:
        if is_said:
            raise
    return decoded(payload, http.get("content-encoding", ""), MAX_BYTES)


def _next_member(file: IO[bytes], place: int) -> int | None:
    """Return where the next gzip member begins that holds a record, at or after a place; None for nowhere."""
    kept = b""
    while True:
        file.seek(place + len(kept))
        part = file.read(_PART)
        window = kept + part
        at = window.find(GZIP)
        while at >= 0:
            if _is_record(file, place + at):
                return place + at
            at = window.find(GZIP, at + 1)
        if not part:
            return None
        kept = window[1 - len(GZIP) :]
        place += len(window) - len(kept)


def _is_record(file: IO[bytes], place: int) -> bool:
    file.seek(place)
    try:
        return bool(_FIRST.match(zlib.decompressobj(31).decompress(file.read(512), 8)))
    except zlib.error:
        return False
