"""The WARC files of an archive beside the rows that name their records: every byte must belong to one."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import IO

from belowtheline.archive.database import Archive
from belowtheline.archive.defects import Defect

_RUN = re.compile(r"run-(\d{1,18})(?:-\d{1,18})?\.warc\.gz")
_PART = 1 << 20
_LARGEST = 64 << 20  # bytes of a record: a page as it came and its head


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture as its row names it."""

    row_id: int
    run_id: int
    url: str
    fetched_at: str | None
    status: int | None
    content_type: str | None
    sha256: str
    warc_file: str
    offset: int
    length: int | None
    member_sha256: str | None

    def defect(self, code: str, what: str) -> Defect:
        """Return a defect of this capture."""
        return Defect(code, "captures", self.row_id, f"{self.warc_file} at byte {self.offset}: {what}")


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record as it was read back."""

    headers: Mapping[str, str]
    http_status: int | None
    http_type: str | None
    payload: bytes


class Unreadable(ValueError):
    """The bytes are no whole WARC record; raised here only."""


@dataclass(slots=True)
class WarcCheck:
    """Compares WARC files with captures; what is no defect and worth knowing is left in `notes`."""

    archive: Archive
    notes: list[str]
    files: int = 0
    bytes_read: int = 0

    def defects(self) -> Iterator[Defect]:
        """Yield what is wrong with the WARC files and their records."""
        named = set()
        for name, captures in groupby(self._captures(), key=attrgetter("warc_file")):
            named.add(name)
            yield from self._file(name, list(captures))
        yield from self._other_files(named)

    def _captures(self) -> Iterator[Recorded]:
        there = {name for _, name, *_ in self.archive.query("PRAGMA table_info(captures)")}
        newer = ("warc_length", "warc_sha256")
        columns = ", ".join(name if name in there else "NULL" for name in newer)
        sql = f"""
            SELECT id, run_id, url, fetched_at, status, content_type, sha256, warc_file, warc_offset, {columns}
            FROM captures ORDER BY warc_file, warc_offset"""  # noqa: S608 - names of ours
        return (Recorded(*row) for row in self.archive.query(sql))

    def _file(self, name: str, captures: list[Recorded]) -> Iterator[Defect]:
        path = self.archive.folder_of(name) / name
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                self.files += 1
                self.bytes_read += size
                yield from self._records(file, size, captures)
        except OSError as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
            rows = f"{len(captures)} captures, the first of which is row {captures[0].row_id}"
            yield Defect("C01", "captures", captures[0].row_id, f"{name} {reason}, and with it the bytes of {rows}.")

    def _records(self, file: IO[bytes], size: int, captures: list[Recorded]) -> Iterator[Defect]:
        place = 0
        for number, capture in enumerate(captures):
            if place < min(capture.offset, size):
                yield _unnamed(capture.warc_file, place, capture.offset)
            following = captures[number + 1].offset if number + 1 < len(captures) else size
            end, found = _check(file, capture, following, size)
            yield from found
            place = max(place, end)
        if place < size:
            yield from self._tail(captures[-1].warc_file, captures[-1].run_id, place, size)

    def _tail(self, name: str, run_id: int | None, place: int, size: int) -> Iterator[Defect]:
        """Yield the bytes after the last record that a row names, unless a killed or running run left them."""
        run = self.archive.query("SELECT finished_at FROM runs WHERE id = ?", (run_id,)).fetchone()
        if run is not None and run[0] is None:
            self.notes.append(
                f"{name} ends with {size - place} bytes that no row names, as run {run_id} left them, which did not"
                " finish: harmless."
            )
        else:
            yield _unnamed(name, place, size)

    def _other_files(self, named: set[str]) -> Iterator[Defect]:
        folders = [folder for folder in self.archive.captures_folders() if folder.is_dir()]
        for path in (path for folder in folders for path in sorted(folder.iterdir())):
            if path.name in named or not path.is_file():
                continue
            ours = _RUN.fullmatch(path.name)
            if ours:
                yield from self._tail(path.name, int(ours[1]), 0, path.stat().st_size)
            else:
                self.notes.append(f"{path.name} beside the captures is no file of btl, and was not looked at.")


def _unnamed(name: str, start: int, end: int) -> Defect:
    return Defect("C06", name, None, f"Bytes {start} to {end} of {name} belong to no capture.")


def _check(file: IO[bytes], capture: Recorded, following: int, size: int) -> tuple[int, list[Defect]]:
    """Return where a record ends, and what is wrong with it."""
    end = capture.offset + capture.length if capture.length is not None else following
    file.seek(capture.offset)
    named = max(end - capture.offset, 0)
    member = file.read(min(named, _LARGEST))
    if len(member) < min(named, _LARGEST) or not member:
        return size, [capture.defect("C02", f"the file has {size} bytes and ends before the record does.")]
    try:
        packed, block = _unpacked(member)
        record = _parsed(block)
    except (zlib.error, Unreadable) as error:
        return end, [capture.defect("C03", f"its bytes are no whole record ({error}).")]
    if capture.length is None and following == size:
        end = capture.offset + packed  # of the last one only the record itself says where it ends
    elif packed != named:
        return end, [capture.defect("C03", f"it has {named} bytes, of which a record takes {packed}.")]
    return end, list(_differences(capture, record, member))


def _unpacked(member: bytes) -> tuple[int, bytes]:
    """Return how many bytes the gzip member takes, and what it holds."""
    unpacking = zlib.decompressobj(31)
    block = unpacking.decompress(member, _LARGEST)
    if len(block) == _LARGEST:
        raise Unreadable(f"it is larger than {_LARGEST // 2**20} MiB, which none of btl is")
    if not unpacking.eof:
        raise Unreadable("its gzip member does not end")
    return len(member) - len(unpacking.unused_data), block


def _parsed(block: bytes) -> Record:
    head, _, rest = block.partition(b"\r\n\r\n")
    version, headers = _headers(head)
    if not version.startswith("WARC/1."):
        raise Unreadable("it does not begin as a WARC record")
    length = headers.get("content-length", "")
    if not length.isdecimal() or len(rest) != int(length) + 4 or not rest.endswith(b"\r\n\r\n"):
        raise Unreadable("its length is not the one it names")
    content = rest[:-4]
    if headers.get("warc-type") != "response":
        return Record(headers, None, headers.get("content-type"), content)
    http, _, payload = content.partition(b"\r\n\r\n")
    line, http_headers = _headers(http)
    status = line.split(" ", 2)[1:2]
    code = int(status[0]) if status and status[0].isdecimal() else None
    return Record(headers, code, http_headers.get("content-type"), payload)


def _headers(head: bytes) -> tuple[str, dict[str, str]]:
    """Return the first line and each header by its name in small letters, the first of several."""
    line, *rest = head.decode("utf-8", "replace").split("\r\n")
    headers: dict[str, str] = {}
    for header in rest:
        name, _, value = header.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return line, headers


def _differences(capture: Recorded, record: Record, member: bytes) -> Iterator[Defect]:
    digest = hashlib.sha256(record.payload).hexdigest()
    if digest != capture.sha256:
        yield capture.defect("C04", f"its payload has SHA-256 {digest}, and its row names {capture.sha256}.")
    for name, said, held in _said(capture, record):
        if said != held:
            yield capture.defect("C05", f"its {name} is {said!r}, and its row names {held!r}.")
    if capture.member_sha256 is not None and hashlib.sha256(member).hexdigest() != capture.member_sha256:
        yield capture.defect("C03", "its bytes are not those that were written, though its content can be read.")


def _said(capture: Recorded, record: Record) -> Iterable[tuple[str, object, object]]:
    """Yield what the record's headers say beside what the row says, where both say it."""
    headers = record.headers
    yield "address", headers.get("warc-target-uri", "").strip("<>"), capture.url
    yield "digest", headers.get("warc-payload-digest"), f"sha256:{capture.sha256}"
    yield "type", headers.get("warc-type"), "resource" if capture.status is None else "response"
    yield "status", record.http_status, capture.status
    if capture.fetched_at is not None:
        yield "time", headers.get("warc-date"), capture.fetched_at
    # Letters that HTTP does not allow in a header were escaped when it was written.
    if capture.content_type is not None and capture.content_type.isascii():
        yield "content type", record.http_type, capture.content_type.strip()
