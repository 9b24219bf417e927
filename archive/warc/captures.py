"""WARC files beside the database: bytes are appended, synced and only then named by a row."""

import contextlib
import errno
import hashlib
import os
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from belowtheline.archive.warc.members import Unreadable, is_place, open_capture_file, unpacked
from belowtheline.archive.warc.records import StoredPage, read_record
from belowtheline.reading.errors import ParseError, StorageError
from belowtheline.reading.items import Capture
from belowtheline.reading.payloads import BadPayload

_LEVEL = 6  # zlib's default: level 9 costs twice the time for about 2 % of size
_SECRET_HEADERS = frozenset({"cookie", "set-cookie", "authorization", "proxy-authorization"})


class Written(NamedTuple):
    """Where a record was written, the SHA-256 of its payload, and length and SHA-256 of its gzip member."""

    offset: int
    sha256: str
    length: int
    member_sha256: str


class WarcFile:
    """One run's WARC file, which only grows; never reopened, so that a torn end is never appended to."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.path = folder / name
        self._offset = 0
        self._descriptor: int | None = None
        self._broken = False

    def write_response(
        self, url: str, when: datetime, status: str, headers: Iterable[tuple[str, str]], body: bytes, note: str = ""
    ) -> Written:
        """Append a response as it came from the wire."""
        kept = [(name, value) for name, value in headers if name.lower() not in _SECRET_HEADERS]
        http = StatusAndHeaders(status, kept, protocol="HTTP/1.1")
        extra = {"WARC-Truncated": note} if note else {}
        return self._append("response", url, when, body, http=http, extra=extra)

    def write_resource(self, url: str, when: datetime, content_type: str, body: bytes) -> Written:
        """Append a file's bytes."""
        return self._append("resource", url, when, body, content_type=content_type)

    def _append(
        self,
        kind: str,
        url: str,
        when: datetime,
        body: bytes,
        *,
        http: Any = None,
        content_type: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> Written:
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=False)
        digest = hashlib.sha256(body).hexdigest()
        headers = {"WARC-Date": _warc_date(when), "WARC-Payload-Digest": f"sha256:{digest}", **(extra or {})}
        record = writer.create_warc_record(
            url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict=headers,
            warc_content_type=content_type,
        )
        writer.write_record(record)
        packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        member = packing.compress(buffer.getvalue()) + packing.flush()
        return Written(self._write(member), digest, len(member), hashlib.sha256(member).hexdigest())

    def _write(self, member: bytes) -> int:
        offset = self._offset
        try:
            if self._broken:
                raise OSError(errno.EIO, "an earlier record could not be written")
            if self._descriptor is None:
                self._descriptor = self._open()
            view = memoryview(member)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fdatasync(self._descriptor)
        except OSError as error:
            self._cut_torn_end()
            raise StorageError(
                f"{self.path} cannot be written ({error.strerror}): free space or fix its folder,"
                " then run the same command again."
            ) from error
        self._offset += len(member)
        return offset

    def _cut_torn_end(self) -> None:
        """Cut off what was written of a record, and write no other: its place in the file would not be known."""
        self._broken = True
        with contextlib.suppress(OSError):
            if self._descriptor is not None:
                os.ftruncate(self._descriptor, self._offset)

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the file's name must survive as well as its bytes
        finally:
            os.close(folder)
        return descriptor

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _warc_date(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_warc_name(folder: Path, run_id: int) -> str:
    """Return a name no earlier run has used, even one whose row was never committed."""
    name, again = f"run-{run_id:06}.warc.gz", 1
    while os.path.lexists(folder / name):
        again += 1
        name = f"run-{run_id:06}-{again}.warc.gz"
    return name


def read_capture(folder: Path, capture: Capture) -> StoredPage:
    """Return the page of one capture; raise StorageError where its bytes are gone or changed."""
    path = f"{folder}/{capture.warc_file}"
    try:
        if not is_place(capture.warc_offset):
            raise OSError(errno.EINVAL, "its row names no place in a file")
        with open_capture_file(folder, capture.warc_file) as file:
            file.seek(capture.warc_offset)
            _, record = unpacked(file)
            if _payload_sha256(record) != capture.sha256:
                raise StorageError(
                    f"{path} has changed at byte {capture.warc_offset} since it was captured: restore it from a copy."
                )
            return read_record(record)
    except BadPayload as error:
        raise ParseError(f"{capture.url} cannot be read, {error}: fetch or save it again.") from error
    except (OSError, Unreadable, ArchiveLoadFailed, zlib.error) as error:
        raise StorageError(
            f"{path} cannot be read at byte {capture.warc_offset} ({error}): restore it from a copy."
        ) from error


def _payload_sha256(record: bytes) -> str | None:
    """Return the SHA-256 of a record's payload as it came from the wire."""
    for found in ArchiveIterator(BytesIO(record)):
        return hashlib.sha256(found.raw_stream.read()).hexdigest()
    return None
