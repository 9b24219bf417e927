"""Gzip members of our own WARC files, each with one record: opened from plain files only, and read with a bound."""

import errno
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from belowtheline.reading.payloads import MAX_BYTES

RUN_FILE = re.compile(r"run-([0-9]{1,18})(?:-[0-9]{1,18})?\.warc\.gz")
"""Names that btl gives WARC files, with the number of the run."""
LARGEST = 2 * MAX_BYTES
"""Bytes that a record may have: those of the largest page, and more than any headers take."""
_PART, _MOST = 65_536, 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record as it was read back."""

    headers: Mapping[str, str]
    http_status: int | None
    http_type: str | None
    payload: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """A whole gzip member with its record, and where it stands."""

    offset: int
    length: int
    sha256: str
    record: Record


class Unreadable(ValueError):
    """The bytes are no whole WARC record; raised in this module, caught by who reads records."""


def is_capture_name(name: object) -> bool:
    """Return whether btl gives a WARC file this name."""
    return isinstance(name, str) and RUN_FILE.fullmatch(name) is not None


def open_capture_file(folder: Path, name: object) -> IO[bytes]:
    """Open a WARC file of an archive; raise OSError for any name but those btl gives, and for all but a plain file."""
    if not is_capture_name(name):
        raise OSError(errno.EINVAL, "btl gives no WARC file this name")
    try:
        # Without O_NONBLOCK a FIFO would wait for its other end for ever.
        descriptor = os.open(folder / str(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.EINVAL, "it is a link, and no plain file") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file")
    return os.fdopen(descriptor, "rb")


def is_place(value: object) -> bool:
    """Return whether a value of a row can be a place in a file."""
    return isinstance(value, int) and 0 <= value < 1 << 62


def whole_members(file: IO[bytes], start: int, end: int) -> Iterator[Member]:
    """Yield the whole records that stand one behind the other from a place on; what follows them is none."""
    while start < end:
        try:
            member = read_member(file, start)
        except (zlib.error, Unreadable):
            return
        if member.offset + member.length > end:
            return
        yield member
        start += member.length


def read_member(file: IO[bytes], offset: int, length: int | None = None) -> Member:
    """Return the record at a place; raise Unreadable or zlib.error where there is none that is whole.

    `length` is what its row says, and spares reading more than that.
    """
    file.seek(offset)
    member, block = unpacked(file, length or _PART)
    return Member(offset, len(member), hashlib.sha256(member).hexdigest(), parsed(block))


def unpacked(file: IO[bytes], length: int = _PART) -> tuple[bytes, bytes]:
    """Return the gzip member that begins here, and what it holds; raise Unreadable or zlib.error where it is not whole.

    Unlike a WARC reader this checks the member's checksum, and so the record's headers too.
    """
    unpacking = zlib.decompressobj(31)
    members, parts, room = [], [], LARGEST
    while not unpacking.eof:
        packed = unpacking.unconsumed_tail
        if not packed:
            packed = file.read(min(length, _MOST))
            members.append(packed)
        if not packed:
            raise Unreadable("its gzip member does not end")
        parts.append(unpacking.decompress(packed, room + 1))
        room -= len(parts[-1])
        if room < 0:
            raise Unreadable(f"it has more than {LARGEST} bytes")
    members[-1] = members[-1][: len(members[-1]) - len(unpacking.unused_data)]
    return b"".join(members), b"".join(parts)


def parsed(block: bytes) -> Record:
    """Return the record that a member holds; raise Unreadable where it is none."""
    head, _, rest = block.partition(b"\r\n\r\n")
    version, headers = _headers(head)
    if not version.startswith("WARC/1."):
        raise Unreadable("it does not begin as a WARC record")
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < _DIGITS):
        raise Unreadable("it does not say its length")
    if len(rest) != int(length) + 4 or not rest.endswith(b"\r\n\r\n"):
        raise Unreadable("its length is not the one it names")
    content = rest[:-4]
    if headers.get("warc-type") != "response":
        return Record(headers, None, headers.get("content-type"), content)
    http, _, payload = content.partition(b"\r\n\r\n")
    line, http_headers = _headers(http)
    status = line.split(" ", 2)[1:2]
    code = int(status[0]) if status and re.fullmatch(r"[0-9]{1,9}", status[0]) else None
    return Record(headers, code, http_headers.get("content-type"), payload)


_DIGITS = 16


def _headers(head: bytes) -> tuple[str, dict[str, str]]:
    """Return the first line and each header by its name in small letters, the first of several."""
    line, *rest = head.decode("utf-8", "replace").split("\r\n")
    headers: dict[str, str] = {}
    for header in rest:
        name, _, value = header.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return line, headers
