"""Fixity: whether every row and every byte of an archive is as it was written."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from belowtheline.archive.fixity.checksums import compare
from belowtheline.archive.fixity.defects import Defect
from belowtheline.archive.fixity.warc_check import WarcCheck, sizes_of
from belowtheline.archive.record import versions
from belowtheline.archive.search import index
from belowtheline.archive.store import rows, schema, seals
from belowtheline.archive.store.database import Archive, is_hindrance, named, real_path
from belowtheline.archive.store.query_bounds import raise_if_interrupted
from belowtheline.archive.store.runs import finish_run, now, start_run, totals
from belowtheline.archive.store.writer_lock import is_locked
from belowtheline.archive.store.wrong_values import FAILURES
from belowtheline.reading.errors import ArchiveMismatch, StorageError

_PROBLEMS = 1000
"""Lines that SQLite says at most of a damaged file."""


@dataclass(slots=True)
class Verification:
    """What was found, and what could not be checked."""

    path: Path
    started_at: str = field(default_factory=now)
    defects: list[Defect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    files: int = 0
    bytes_read: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    """What stood beside the captures before anything was looked at."""
    is_being_written: bool = False
    """Whether another btl wrote to the archive then."""
    is_replaced: bool = False
    """Whether a view or anything else stands in the place of a table, which may never end."""
    is_sealed: bool = False
    """Whether every row is as it was sealed."""
    are_seals_gone: bool = False
    """Whether rows that were sealed have no seal any more."""
    is_recorded: bool = False
    connections: list[sqlite3.Connection] = field(default_factory=list)
    """The connections of its checks."""
    is_ended: bool = False
    """Whether one of these was ended before its end."""


Check = Callable[[Archive, Verification], Iterator[Defect]]
"""Yields what is wrong with one side of an archive."""


def verify(path: Path, exported: Sequence[Path], exit_code: int) -> Verification:
    """Compare an archive and exported files with what was written, and record that where the archive may be written.

    `exit_code` is the one to record where there is any defect. Raise StorageError where there is no archive, or an
    exported file has no checksum.
    """
    found = Verification(path)
    found.defects += [defect for file in exported for defect in compare(file)]
    try:
        with Archive.open_to_verify(path) as archive:
            found.sizes = sizes_of(archive.captures_folders())
        # Asked after that, and before the rows are: a run that ends in between has named every record there was.
        found.is_being_written = is_locked(real_path(path))
    except StorageError as error:
        if isinstance(error, ArchiveMismatch) or not path.is_file() or is_hindrance(error):
            raise
        found.defects.append(Defect("D01", None, None, str(error)))
    else:
        _read(found)
    found.defects.sort(key=lambda defect: (defect.code, defect.table or "", defect.row_id or 0))
    _record(found, exit_code)
    return found


def _read(found: Verification) -> None:
    """Make all checks; SQLite's own take half of the time, need no Python, and so go on beside the others."""
    file = real_path(found.path)
    log = file.with_name(file.name + "-wal")
    found.bytes_read = sum(one.stat().st_size for one in (file, log) if one.exists())
    found.defects += _checked(found, (_schema,))
    if found.is_replaced:
        found.notes.append("Rows and captures were not checked: a table of btl is none in this file.")
        return
    with ThreadPoolExecutor(max_workers=1) as beside, _ended_together(found):
        of_sqlite = beside.submit(_checked, found, (_sqlite, _index))
        ours = _checked(found, (_sealed, _references, _contents, _counts, _captures))
        found.defects += of_sqlite.result() + ours


@contextmanager
def _ended_together(found: Verification) -> Iterator[None]:
    """End every query of a verification where one of them is ended, as by Ctrl-C."""
    try:
        yield
    except BaseException:
        found.is_ended = True
        for connection in found.connections:
            with suppress(sqlite3.Error):  # it is closed already
                connection.interrupt()
        raise


def _checked(found: Verification, checks: Sequence[Check]) -> list[Defect]:
    defects: list[Defect] = []
    with Archive.open_to_verify(found.path) as archive:
        found.connections.append(archive.connection)
        # Damaged text must not end the search for damage.
        archive.connection.text_factory = lambda text: text.decode("utf-8", "replace")
        seals.prepare(archive.connection)
        archive.query("BEGIN")  # one state of the archive, whatever a crawl commits meanwhile
        for check in checks:
            if found.is_ended:
                break
            try:
                defects.extend(check(archive, found))
            except (sqlite3.Error, StorageError, *FAILURES) as error:
                raise_if_interrupted(error)
                if is_hindrance(error):
                    raise StorageError(
                        f"{found.path} cannot be checked ({error}): free some space and try again."
                    ) from error
                what = check.__name__.strip("_")
                defects.append(Defect("D01", None, None, f"The check of {what} could not be ended: {error}"))
    return defects


def _sqlite(archive: Archive, found: Verification) -> Iterator[Defect]:
    for (line,) in archive.query(f"PRAGMA integrity_check({_PROBLEMS})"):
        if line != "ok":
            yield Defect("D01", None, None, f"SQLite says: {' '.join(line.split())}.")


def _schema(archive: Archive, found: Verification) -> Iterator[Defect]:
    """Name what is not as the archive's migrations make it, and what they do not make at all."""
    strange = schema.findings(archive.connection)
    found.is_replaced = bool(strange.replaced)
    for piece in strange.changed:
        yield Defect("D02", piece.name, None, f"The {piece.kind} {piece.name} is not as btl made it.")
    for piece in strange.missing:
        yield Defect("D02", piece.name, None, f"The {piece.kind} {piece.name} is missing.")
    for piece in strange.acting:
        yield Defect("D05", piece.name, None, f"The {piece.kind} {piece.name} on {piece.table} is not of btl.")
    for piece in strange.others:
        found.notes.append(f"The {piece.kind} {piece.name} is not of btl, which never reads it: it was not checked.")


def _references(archive: Archive, found: Verification) -> Iterator[Defect]:
    """Look for rows that name a row there is not; where all are as they were sealed, SQLite made sure of that then."""
    if found.is_sealed:
        return
    for table, row, target, _ in archive.query("PRAGMA foreign_key_check"):
        yield Defect("D03", table, row, f"It names a row of {target} that there is not.")


def _sealed(archive: Archive, found: Verification) -> Iterator[Defect]:
    tables = seals.sealed_tables(archive.connection)
    if not tables:
        found.notes.append("An older btl wrote this archive, without seals: rows were checked as far as they tell.")
    unsealed, defects = 0, 0
    for table in tables:
        marked = {row for (row,) in archive.query("SELECT row_id FROM unsealed WHERE table_name = ?", (table,))}
        end = seals.end_of(archive.connection, table)
        (new,) = archive.query(f"SELECT count(*) FROM {table} WHERE id >= ?", (end,)).fetchone()  # noqa: S608 - ours
        unsealed += new + len(marked)
        if new and end % seals.ROWS in (0, 1) and _is_sealed_by_now(archive):
            defects += 1
            found.are_seals_gone = True
            yield Defect("R04", table, end, f"The seals of {new} rows from this one on are gone.")
        for defect in _compared(archive.connection, table, marked, end, found):
            defects += 1
            yield defect
    if unsealed:
        found.notes.append(
            f"{unsealed} rows are not sealed yet, since a run has not finished; the next one seals them."
        )
    found.is_sealed = bool(tables) and not unsealed and not defects


def _is_sealed_by_now(archive: Archive) -> bool:
    """Return whether the last run finished under a btl that seals, and so left no row without a seal."""
    there = {name for _, name, *_ in archive.query("PRAGMA table_info(runs)")}
    if "versions" not in there:
        return False
    last = archive.query("SELECT finished_at, versions FROM runs ORDER BY id DESC").fetchone()
    return last is not None and None not in last


def _compared(
    connection: sqlite3.Connection, table: str, marked: set[int], end: int, found: Verification
) -> Iterator[Defect]:
    """Yield what differs between the rows of a table and their seals, and between these, where there is none."""
    place = 1
    for seal in seals.seals_of(connection, table):
        yield from _strangers(connection, table, place, seal.first_row)
        place = seal.first_row + seals.ROWS
        yield from _compare(connection, seal, marked, end, found)


def _strangers(connection: sqlite3.Connection, table: str, start: int, end: int) -> Iterator[Defect]:
    for (row,) in connection.execute(f"SELECT id FROM {table} WHERE id >= ? AND id < ?", (start, end)):  # noqa: S608
        yield Defect("R03", table, row, "No run of btl put this row here.")


def _compare(
    connection: sqlite3.Connection, seal: seals.Seal, marked: set[int], end: int, found: Verification
) -> Iterator[Defect]:
    """Compare the rows of one seal; those that a run has changed since are left out."""
    if not seal.is_whole:
        last = seal.first_row + seals.ROWS - 1
        yield Defect("R04", seal.table, seal.first_row, f"The seal of rows {seal.first_row} to {last} has changed.")
        return
    sealed = seal.rows()
    held = _held(connection, seal, min(seal.first_row + seals.ROWS, end))
    found.rows += len(held)
    if held == sealed:
        return
    for row in sorted(sealed.keys() | held.keys()):
        if row in marked or sealed.get(row) == held.get(row):
            continue
        if row not in held:
            yield Defect("R02", seal.table, row, "This row is gone.")
        elif row not in sealed:
            yield Defect("R03", seal.table, row, "No run of btl put this row here.")
        else:
            yield Defect("R01", seal.table, row, "This row is not as it was sealed.")


def _held(connection: sqlite3.Connection, seal: seals.Seal, end: int) -> dict[int, bytes]:
    """Return the hashes of the rows that there are; one that cannot be read has none that could be right."""
    try:
        return seals.row_hashes(connection, seal.table, seal.columns, seal.first_row, end)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise_if_interrupted(error)
        hashes: dict[int, bytes] = {}
    for row in range(seal.first_row, end):
        try:
            hashes |= seals.row_hashes(connection, seal.table, seal.columns, row, row + 1)
        except (sqlite3.Error, UnicodeDecodeError):
            hashes[row] = b"unreadable"
    return hashes


def _contents(archive: Archive, found: Verification) -> Iterator[Defect]:
    """Compare every version with its own hash, and the comment whose present one it is with it."""
    presents = 0
    for row, digest, text, comment, is_shown, is_own, is_parted in archive.query(_VERSIONS):
        if versions.sha256_of_json(text) != digest and _hashed_otherwise(archive, row) != digest:
            yield Defect("V01", "comment_versions", row, "Its content does not have the hash it was stored with.")
        if comment is None:
            continue
        presents += 1
        if not is_shown:
            yield Defect(
                "V02", "comments", comment, f"It does not show its present version, row {row} of comment_versions."
            )
        if not is_own:
            yield Defect(
                "V03", "comments", comment, f"Its present version, row {row} of comment_versions, is another's."
            )
        if is_parted:
            yield Defect("V04", "comments", comment, "Its parent stands in another thread.")
    if presents != archive.query("SELECT count(*) FROM comments").fetchone()[0]:
        for comment, row in archive.query(_WITHOUT):
            yield Defect("V03", "comments", comment, f"Its present version, row {row} of comment_versions, is missing.")


def _hashed_otherwise(archive: Archive, row: int) -> str:
    """Return the hash of a version in the form in which it was made: another SQLite may escape otherwise."""
    sql = f"SELECT {', '.join(versions.CONTENT)} FROM comment_versions WHERE id = ?"  # noqa: S608 - constants
    return versions.content_sha256(archive.query(sql, (row,)).fetchone())


_SAME = " AND ".join(f"c.{name} IS v.{name}" for name in versions.CONTENT if name != "icon")
_VERSIONS = f"""
    SELECT v.id, v.content_sha256, CAST(json_array({", ".join(f"v.{name}" for name in versions.CONTENT)}) AS BLOB),
        c.id, {_SAME} AND i.name IS v.icon, v.comment_id = c.id, p.thread_id <> c.thread_id
    FROM comment_versions v LEFT JOIN comments c ON c.version_id = v.id
    LEFT JOIN icons i ON i.id = c.icon_id LEFT JOIN comments p ON p.id = c.parent_id ORDER BY v.id"""  # noqa: S608
_WITHOUT = """
    SELECT id, version_id FROM comments
    WHERE version_id IS NULL OR version_id NOT IN (SELECT id FROM comment_versions)"""


def _counts(archive: Archive, found: Verification) -> Iterator[Defect]:
    """Compare how much there is with what the last run counted, unless another has begun since."""
    if not _is_sealed_by_now(archive):
        return
    last = archive.query("SELECT id, finished_at, captures, comments, versions FROM runs ORDER BY id DESC").fetchone()
    counted = dict(zip(("captures", "comments", "versions"), last[2:], strict=True))
    for name, held in totals(archive.connection).items():
        if counted[name] != held:
            yield Defect("N01", "runs", last[0], f"It counted {counted[name]} {name}, and there are {held}.")


def _captures(archive: Archive, found: Verification) -> Iterator[Defect]:
    check = WarcCheck(archive, found.notes, found.sizes, found.is_being_written)
    yield from check.defects()
    found.files, found.bytes_read = check.files, found.bytes_read + check.bytes_read


def _index(archive: Archive, found: Verification) -> Iterator[Defect]:
    """Compare the search index with the comments; SQLite does that only where the file may be written."""
    try:
        with Archive.open_to_try(found.path) as writable:
            found.connections.append(writable.connection)
            if not index.is_right(writable.connection):
                yield Defect("D04", "comments_fts", None, "It does not hold the words of the comments.")
    except StorageError as error:
        found.notes.append(f"The search index was not checked: {error}")
    except sqlite3.Error as error:
        if not is_hindrance(error):
            raise
        found.notes.append(f"The search index was not checked: {named(found.path, error)}")


def _record(found: Verification, exit_code: int) -> None:
    """Record the run where the archive may be written and is not damaged."""
    if any(defect.code == "D01" for defect in found.defects):
        found.notes.append("This run is not recorded: a damaged file is better not written to.")
        return
    if found.are_seals_gone:
        found.notes.append("This run is not recorded: it would seal what may have changed since its seals are gone.")
        return
    try:
        with Archive.create_or_open(found.path) as archive:
            _add_run(archive, found, exit_code)
    except StorageError as error:
        found.notes.append(f"This run is not recorded: {error}")


def _add_run(archive: Archive, found: Verification, exit_code: int) -> None:
    with archive.transaction() as connection:
        run_id = start_run(connection, "verify", {})
        rows.update(connection, "runs", run_id, {"started_at": found.started_at})
    finish_run(archive, run_id, "defective" if found.defects else "complete", exit_code if found.defects else 0)
    archive.checkpoint()
    found.is_recorded = True
