"""Records that a killed run had written and no row names yet: the next run that writes takes them up.

A response is synced before the commit that names it, so a kill between the two leaves whole records without rows. They
become captures of the run that wrote them. Only files of a run that did not finish are looked at: of one that did,
every record has its row, and a record without one is a row that was lost.
"""

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from belowtheline.archive.store import rows
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import utc_text
from belowtheline.archive.warc.members import (
    RUN_FILE,
    Member,
    Unreadable,
    open_capture_file,
    read_member,
    whole_members,
)

METHOD = "UNKNOWN"
"""The method of a request whose record alone is left, which does not say it."""


def take_up(archive: Archive, run_id: int) -> int:
    """Give a row to every whole record that earlier runs left when they were killed, and return how many."""
    unfinished = archive.query(
        "SELECT id, started_at FROM runs WHERE finished_at IS NULL AND id <> ?", (run_id,)
    ).fetchall()
    if not unfinished:
        return 0
    started, count = dict(unfinished), 0
    for name, of_run in _files(archive.captures_folders()):
        if of_run in started:
            count += _take_up_file(archive, name, of_run, started[of_run], run_id)
    return count


def _files(folders: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Yield the WARC files of runs, and the runs."""
    for path in (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())):
        if name := RUN_FILE.fullmatch(path.name):
            yield path.name, int(name[1])


def _take_up_file(archive: Archive, name: str, of_run: int, started_at: str, run_id: int) -> int:
    count = 0
    with suppress(OSError), open_capture_file(archive.folder_of(name), name) as file:
        size = file.seek(0, 2)
        changed_at = utc_text(datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC))
        named = archive.query(
            "SELECT warc_offset, warc_length FROM captures WHERE warc_file = ? ORDER BY warc_offset", (name,)
        ).fetchall()
        with archive.transaction() as connection:
            for start, end in _gaps(file, named, size):
                for member in whole_members(file, start, end):
                    if _written_at(member, changed_at) >= started_at:
                        _insert(connection, name, member, of_run, run_id)
                        count += 1
    return count


def _gaps(file: IO[bytes], named: Sequence[tuple[int, int | None]], size: int) -> Iterator[tuple[int, int]]:
    """Yield where the bytes begin and end that no row names; what follows a damaged record of an older btl is none."""
    place = 0
    for offset, length in named:
        if place < offset:
            yield place, offset
        try:
            place = offset + (read_member(file, offset).length if length is None else length)
        except (Unreadable, zlib.error):
            return
    yield place, size


def _written_at(member: Member, changed_at: str) -> str:
    """Return when a record was written: a run that was lost with its rows may have had the number of a later one.

    A file that was taken in bears its own time, so that only the last change of the WARC file tells.
    """
    headers = member.record.headers
    return headers.get("warc-date", "") if headers.get("warc-type") == "response" else changed_at


def _insert(connection: sqlite3.Connection, name: str, member: Member, of_run: int, run_id: int) -> None:
    record, headers = member.record, member.record.headers
    is_response = headers.get("warc-type") == "response"
    columns = {
        "run_id": of_run,
        "url": headers.get("warc-target-uri", "").strip("<>"),
        "method": METHOD,
        "fetched_at": headers.get("warc-date") if is_response else None,
        "fetched_at_source": "response" if is_response else None,
        "address_source": "served" if is_response else None,
        "status": record.http_status,
        "content_type": record.http_type if is_response else None,
        "sha256": headers.get("warc-payload-digest", "").removeprefix("sha256:"),
        "warc_file": name,
        "warc_offset": member.offset,
        "warc_length": member.length,
        "warc_sha256": member.sha256,
        "found_by_run_id": run_id,
    }
    rows.insert(connection, "captures", columns)
