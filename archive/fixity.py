"""Fixity: whether every row and every byte of an archive is as it was written."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from belowtheline.archive import rows, seals, search, versions
from belowtheline.archive.checksums import compare
from belowtheline.archive.database import Archive, is_hindrance, real_path
from belowtheline.archive.defects import Defect
from belowtheline.archive.history import MIGRATION_SET
from belowtheline.archive.records import WarcCheck
from belowtheline.archive.runs import finish_run, now, start_run, totals
from belowtheline.scraper.errors import ArchiveMismatch, StorageError

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
    is_sealed: bool = False
    """Whether every row is as it was sealed."""
    is_recorded: bool = False


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
        Archive.open_to_read(path).close()
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
    with ThreadPoolExecutor(max_workers=1) as beside:
        of_sqlite = beside.submit(_checked, found, (_sqlite, _index))
        ours = _checked(found, (_schema, _sealed, _references, _contents, _counts, _captures))
    found.defects += of_sqlite.result() + ours


def _checked(found: Verification, checks: Sequence[Check]) -> list[Defect]:
    defects: list[Defect] = []
    with Archive.open_to_read(found.path) as archive:
        # Damaged text must not end the search for damage.
        archive.connection.text_factory = lambda text: text.decode("utf-8", "replace")
        seals.prepare(archive.connection)
        archive.query("BEGIN")  # one state of the archive, whatever a crawl commits meanwhile
        for check in checks:
            try:
                defects.extend(check(archive, found))
            except (sqlite3.Error, StorageError, UnicodeDecodeError) as error:
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
    """Compare tables, indexes and views with those that the archive's migrations make, unless all are as sealed."""
    sealed = seals.seal_of(archive.connection, seals.SCHEMA, 0) if seals.sealed_tables(archive.connection) else None
    if sealed is not None and sealed.sha256 == seals.schema_sha256(archive.connection):
        return
    expected, held = _made(archive), dict(archive.query(_SCHEMA).fetchall())
    for name, made in expected.items():
        if held.get(name) != made:
            what = "is not as btl made it" if name in held else "is missing"
            yield Defect("D02", name, None, f"{name} {what}.")


# The tables below the search index, and that of the migrations, are made by SQLite and by sqlite-utils, in their words.
_SCHEMA = """
    SELECT name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'comments_fts_%' AND tbl_name NOT LIKE '%_sqlite_migrations'"""


def _made(archive: Archive) -> dict[str, str]:
    """Return each table, index and view with the statement by which the archive's migrations make it."""
    from sqlite_utils import Database

    from belowtheline.archive.migrations import migrations

    applied = {name for (name,) in archive.query(_APPLIED, (MIGRATION_SET,))}
    with closing(sqlite3.connect(":memory:")) as fresh:
        database = Database(fresh)
        later = [step.name for step in migrations.pending(database) if step.name not in applied]
        migrations.apply(database, stop_before=later)
        return dict(fresh.execute(_SCHEMA).fetchall())


_APPLIED = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"


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
        for defect in _compared(archive.connection, table, marked, end, found):
            defects += 1
            yield defect
    if unsealed:
        found.notes.append(
            f"{unsealed} rows are not sealed yet, since a run has not finished; the next one seals them."
        )
    found.is_sealed = bool(tables) and not unsealed and not defects


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
    except (sqlite3.Error, UnicodeDecodeError):
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
    there = {name for _, name, *_ in archive.query("PRAGMA table_info(runs)")}
    if "versions" not in there:
        return
    last = archive.query("SELECT id, finished_at, captures, comments, versions FROM runs ORDER BY id DESC").fetchone()
    if last is None or last[1] is None or last[4] is None:
        return
    counted = dict(zip(("captures", "comments", "versions"), last[2:], strict=True))
    for name, held in totals(archive.connection).items():
        if counted[name] != held:
            yield Defect("N01", "runs", last[0], f"It counted {counted[name]} {name}, and there are {held}.")


def _captures(archive: Archive, found: Verification) -> Iterator[Defect]:
    check = WarcCheck(archive, found.notes)
    yield from check.defects()
    found.files, found.bytes_read = check.files, found.bytes_read + check.bytes_read


def _index(archive: Archive, found: Verification) -> Iterator[Defect]:
    """Compare the search index with the comments; SQLite does that only where the file may be written."""
    try:
        with Archive.open_to_try(found.path) as writable:
            if not search.is_right(writable.connection):
                yield Defect("D04", "comments_fts", None, "It does not hold the words of the comments.")
    except StorageError as error:
        found.notes.append(f"The search index was not checked: {error}")


def _record(found: Verification, exit_code: int) -> None:
    """Record the run where the archive may be written and is not damaged."""
    if any(defect.code == "D01" for defect in found.defects):
        found.notes.append("This run is not recorded: a damaged file is better not written to.")
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
