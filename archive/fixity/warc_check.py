"""The WARC files of an archive beside the rows that name their records: every byte must belong to one."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO

from belowtheline.archive.fixity.defects import Defect
from belowtheline.archive.store.database import Archive
from belowtheline.archive.warc.members import (
    RUN_FILE,
    Member,
    Record,
    Unreadable,
    is_place,
    open_capture_file,
    read_member,
    whole_members,
)


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

    @property
    def is_placed(self) -> bool:
        """Whether the row names a file and a place in it."""
        is_long = self.length is None or is_place(self.length)
        return isinstance(self.warc_file, str) and is_place(self.offset) and is_long

    def defect(self, code: str, what: str) -> Defect:
        """Return a defect of this capture."""
        return Defect(code, "captures", self.row_id, f"{self.warc_file} at byte {self.offset}: {what}")


@dataclass(slots=True)
class WarcCheck:
    """Compares WARC files with captures; what is no defect and worth knowing is left in `notes`.

    `sizes` are those of the files before the rows were looked at: what has come since may have its rows later.
    """

    archive: Archive
    notes: list[str]
    sizes: Mapping[str, int]
    is_being_written: bool
    files: int = 0
    bytes_read: int = 0

    def defects(self) -> Iterator[Defect]:
        """Yield what is wrong with the WARC files and their records."""
        named = set()
        nowhere: list[int] = []
        for name, captures in groupby(self._placed(nowhere), key=attrgetter("warc_file")):
            named.add(name)
            yield from self._file(name, list(captures))
        for row_id in nowhere:
            yield Defect("C01", "captures", row_id, "Its row names no WARC file and no place in one.")
        yield from self._other_files(named)

    def _placed(self, nowhere: list[int]) -> Iterator[Recorded]:
        """Yield the captures that name a file and a place; the rows of the others are added to a list."""
        for capture in self._captures():
            if capture.is_placed:
                yield capture
            else:
                nowhere.append(capture.row_id)

    def _captures(self) -> Iterator[Recorded]:
        there = {name for _, name, *_ in self.archive.query("PRAGMA table_info(captures)")}
        newer = ("warc_length", "warc_sha256")
        columns = ", ".join(name if name in there else "NULL" for name in newer)
        sql = f"""
            SELECT id, run_id, url, fetched_at, status, content_type, sha256, warc_file, warc_offset, {columns}
            FROM captures ORDER BY warc_file, warc_offset"""  # noqa: S608 - names of ours
        return (Recorded(*row) for row in self.archive.query(sql))

    def _file(self, name: str, captures: list[Recorded]) -> Iterator[Defect]:
        try:
            with open_capture_file(self.archive.folder_of(name), name) as file:
                size = file.seek(0, 2)
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
                yield from self._unnamed(file, capture.warc_file, place, capture.offset, None)
            following = captures[number + 1].offset if number + 1 < len(captures) else size
            end, found = _check(file, capture, following, size)
            yield from found
            place = max(place, end)
        yield from self._tail(file, captures[-1].warc_file, captures[-1].run_id, place)

    def _tail(self, file: IO[bytes], name: str, run_id: int, place: int) -> Iterator[Defect]:
        """Yield what follows the last record that a row names."""
        size = self.sizes.get(name, 0)
        if place >= size:
            return
        run = self.archive.query("SELECT finished_at FROM runs WHERE id = ?", (run_id,)).fetchone()
        is_unfinished = run is not None and run[0] is None
        if is_unfinished and self.is_being_written:
            self.notes.append(f"{name} ends with {size - place} bytes that the run that is at work has yet to name.")
        else:
            yield from self._unnamed(file, name, place, size, run_id if is_unfinished else None)

    def _unnamed(self, file: IO[bytes], name: str, start: int, end: int, unfinished: int | None) -> Iterator[Defect]:
        """Yield bytes that no row names: records of a run that did not finish, its torn end, or what nothing left."""
        count, last, first = 0, start, None
        for member in whole_members(file, start, end):
            first = first or member.record.headers.get("warc-target-uri")
            count, last = count + 1, member.offset + member.length
        if unfinished is None:
            records = f": {count} whole records, the first of {first}; their rows are lost" if count else ""
            yield Defect("C06", name, None, f"Bytes {start} to {end} of {name} belong to no capture{records}.")
            return
        if count:
            yield Defect(
                "C07",
                name,
                None,
                f"{count} whole records of {name}, the first of {first} at byte {start}, have no row. Run"
                f" {unfinished} did not finish: if {self.archive.path.name}-wal was lost or left out of a copy, bring"
                " it back; if not, the next run of btl crawl, update, retry or ingest gives them rows.",
            )
        if last < end:
            self.notes.append(
                f"{name} ends with {end - last} bytes that are no whole record, as run {unfinished} left them, which"
                " did not finish: harmless."
            )

    def _other_files(self, named: set[str]) -> Iterator[Defect]:
        for name in sorted(self.sizes.keys() - named):
            ours = RUN_FILE.fullmatch(name)
            if not ours:
                self.notes.append(f"{name} beside the captures is no file of btl, and was not looked at.")
                continue
            try:
                with open_capture_file(self.archive.folder_of(name), name) as file:
                    yield from self._tail(file, name, int(ours[1]), 0)
            except OSError as error:
                yield Defect("C01", name, None, f"{name} cannot be read ({error.strerror}).")


def sizes_of(folders: Iterable[Path]) -> dict[str, int]:
    """Return what stands beside an archive's captures, each with its size."""
    held = (path for folder in folders if folder.is_dir() for path in folder.iterdir())
    return {path.name: path.lstat().st_size for path in held}


def _check(file: IO[bytes], capture: Recorded, following: int, size: int) -> tuple[int, list[Defect]]:
    """Return where a record ends, and what is wrong with it."""
    end = capture.offset + capture.length if capture.length is not None else following
    if capture.offset >= end or end > size:
        return size, [capture.defect("C02", f"the file has {size} bytes and ends before the record does.")]
    try:
        member = read_member(file, capture.offset, end - capture.offset)
    except (zlib.error, Unreadable) as error:
        return end, [capture.defect("C03", f"its bytes are no whole record ({error}).")]
    if capture.length is None and following == size:
        end = capture.offset + member.length  # of the last one only the record itself says where it ends
    elif member.length != end - capture.offset:
        said = f"it has {end - capture.offset} bytes, of which a record takes {member.length}."
        return end, [capture.defect("C03", said)]
    return end, list(_differences(capture, member))


def _differences(capture: Recorded, member: Member) -> Iterator[Defect]:
    record = member.record
    digest = hashlib.sha256(record.payload).hexdigest()
    if digest != capture.sha256:
        yield capture.defect("C04", f"its payload has SHA-256 {digest}, and its row names {capture.sha256}.")
    for name, said, held in _said(capture, record):
        if said != held:
            yield capture.defect("C05", f"its {name} is {said!r}, and its row names {held!r}.")
    if capture.member_sha256 is not None and member.sha256 != capture.member_sha256:
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
    if isinstance(capture.content_type, str) and capture.content_type.isascii():
        yield "content type", record.http_type, capture.content_type.strip()
