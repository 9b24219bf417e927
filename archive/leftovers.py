"""Records that a killed run had written and no row names yet: the next run that writes takes them up.

A response is synced before the commit that names it, so a kill between the two leaves whole records without rows. They
become captures of the run that wrote them. Only files of a run that did not finish are looked at: of one that did,
every record has its row, and a record without one is a row that was lost.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from belowtheline.archive import rows
from belowtheline.archive.database import Archive
from belowtheline.archive.members import RUN_FILE, Member, open_capture_file, read_member, whole_members

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
        named = archive.query(
            "SELECT warc_offset, warc_length FROM captures WHERE warc_file = ? ORDER BY warc_offset", (name,)
        ).fetchall()
        place = 0
        for offset, length in [*named, (size, 0)]:
            left = [member for member in whole_members(file, place, offset) if _is_of(member, started_at)]
            with archive.transaction() as connection:
                for member in left:
                    _insert(connection, name, member, of_run, run_id)
            count += len(left)
            place = offset + (read_member(file, offset).length if length is None else length)
    return count


def _is_of(member: Member, started_at: str) -> bool:
    """Return whether a record can be of a run: one of the same number may have been lost with its rows."""
    return member.record.headers.get("warc-date", "") >= started_at


def _insert(connection: sqlite3.Connection, name: str, member: Member, of_run: int, run_id: int) -> None:
    record, headers = member.record, member.record.headers
    is_response = headers.get("warc-type") == "response"
    columns = {
        "run_id": of_run,
        "url": headers.get("warc-target-uri", "").strip("<>"),
        "method": METHOD,
        "fetched_at": headers.get("warc-date") if is_response else None,
        "fetched_at_source": "response" if is_response else None,
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
