"""Pages that were kept and could not be read, which a better reader may take up: what they were, and what they become.

Such a page becomes one that was read, in its own reading and at its own time, and the verdicts that rested on its
failure are told anew. A page that was taken in, and so stood in a reading of its own, joins the one of the same run
whose other pages are of the same thread.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from belowtheline.archive.readings import lifecycle
from belowtheline.archive.record.people import site_id
from belowtheline.archive.store import rows
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import STATES
from belowtheline.reading.errors import COSTLY, READER
from belowtheline.reading.items import ThreadPage

REASONS = ("layout", "drift", "unknown site", "no comments", "no article", "unreadable", "internal", READER, COSTLY)
"""Why a page that is kept was not read, where the reader is to blame and not the page's server."""

_REASONS_IN_SQL = ", ".join(f"'{reason}'" for reason in REASONS)
_WAITS = f"p.state = 'failed' AND p.capture_id IS NOT NULL AND p.reason IN ({_REASONS_IN_SQL})"
_IS_READ = "EXISTS (SELECT 1 FROM {pages} d WHERE d.capture_id = p.capture_id AND d.state = 'done')"


def waiting(schema: str = "main") -> str:
    """Return whether a page `p` of an archive waits for a better reader and was not read elsewhere, in SQL."""
    return f"({_WAITS} AND NOT {_IS_READ.format(pages=f'{schema}.pages')})"


def count_waiting(archive: Archive) -> int:
    """Return how many pages are kept that could not be read."""
    sql = f"SELECT count(DISTINCT p.capture_id) FROM pages p WHERE {waiting()}"  # noqa: S608 - constants
    return int(archive.query(sql).fetchone()[0])


_NOT_REACHED = "the page that leads to it could not be read then"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is that was not read: its row, its reading and its run."""

    page_id: int
    reading_id: int
    run_id: int


@dataclass(slots=True)
class TakenUp:
    """What was taken up in the archive that is made beside the one that is held."""

    connection: sqlite3.Connection
    pages: set[int] = field(default_factory=set)
    readings: set[int] = field(default_factory=set)
    """Readings that have such a page, whose verdicts are told anew."""
    found: set[int] = field(default_factory=set)
    """Pages that such pages lead to and that nobody knew of, and those for which such pages stand."""
    threads: set[int] = field(default_factory=set)
    judged: set[int] = field(default_factory=set)
    """Readings whose verdict was told anew, as it rests on such a page."""

    def join(self, place: Place, site: str, start: str | None, pages: Sequence[ThreadPage]) -> int:
        """Let a page that was taken in stand in the reading that it would have been read in; return that."""
        site_row = site_id(self.connection, site)
        changes = {"site_id": site_row} | ({"start_url": start} if start else {})
        rows.update(self.connection, "readings", place.reading_id, changes)
        number = pages[0].completeness.page_number if pages else None
        found = self.connection.execute(_JOINED, (place.run_id, site_row, start, place.reading_id, number)).fetchone()
        if found is None:
            return place.reading_id
        sql = "SELECT count(*) FROM pages WHERE reading_id = ? AND url = (SELECT url FROM pages WHERE id = ?)"
        (count,) = self.connection.execute(sql, (found[0], place.page_id)).fetchone()
        rows.update(self.connection, "pages", place.page_id, {"reading_id": found[0], "body": str(count or "")})
        self.connection.execute("DELETE FROM readings WHERE id = ?", (place.reading_id,))
        return int(found[0])

    def add_reading(self, place: Place, start: str) -> Place:
        """Return the place of a further thread of a file, with a reading of its own."""
        before = rows.fetch(self.connection, "readings", place.reading_id)
        columns = {name: before[name] for name in ("run_id", "site_id", "opened_at", "is_site_named")}
        reading_id = rows.insert(self.connection, "readings", {**columns, "start_url": start})
        (url,) = self.connection.execute("SELECT url FROM pages WHERE id = ?", (place.page_id,)).fetchone()
        return Place(lifecycle.add_taken_page(self.connection, reading_id, url), reading_id, place.run_id)

    def end_page(self, place: Place, pages: Sequence[ThreadPage], capture_id: int, charset: str | None) -> None:
        """End a page as one that was read."""
        ended = {"state": "done", "reason": None, "detail": None, "capture_id": capture_id, "not_before": None}
        rows.update(
            self.connection, "pages", place.page_id, {**lifecycle.what_it_says(pages), **ended, "charset": charset}
        )
        missed = self.connection.execute(_STOOD_FOR, (place.page_id,)).fetchall()
        self.connection.executemany("UPDATE pages SET state = 'skipped' WHERE id = ?", missed)
        self.found |= {row for (row,) in missed}
        self.pages.add(place.page_id)
        self.readings.add(place.reading_id)
        thread = rows.fetch(self.connection, "readings", place.reading_id)["thread_id"]
        if thread is not None:
            self.threads.add(thread)

    def add_links(self, place: Place, pages: Sequence[ThreadPage]) -> None:
        """Add the pages that a page of a crawl leads to: to do while its reading is open, else for `btl retry`."""
        before = self._pages_of(place.reading_id)
        lifecycle.add_pages(self.connection, place.reading_id, [link for page in pages for link in page.links])
        foreign = [link for page in pages for link in page.foreign_links]
        lifecycle.refuse_pages(self.connection, place.reading_id, foreign)
        added = self._pages_of(place.reading_id) - before
        self.found |= added
        sql = """
            UPDATE pages SET state = 'failed', reason = 'not reached', detail = ?2 WHERE id IN (
                SELECT value FROM json_each(?1)) AND (SELECT closed_at FROM held.readings WHERE id = ?3) IS NOT NULL"""
        self.connection.execute(sql, (json.dumps(sorted(added)), _NOT_REACHED, place.reading_id))

    def _pages_of(self, reading_id: int) -> set[int]:
        return {row for (row,) in self.connection.execute("SELECT id FROM pages WHERE reading_id = ?", (reading_id,))}

    def is_judged_anew(self, reading: dict[str, Any]) -> bool:
        """Return whether the verdict of a reading rests on a page that was taken up."""
        return (
            reading["id"] in self.readings
            or reading["repeats_id"] in self.readings
            or reading["thread_id"] in self.threads
        )


# What `readings.miss_what_it_stood_for` failed, since the address that stood for it had failed as well.
_STOOD_FOR = """
    SELECT m.id FROM pages p JOIN pages m ON m.reading_id = p.reading_id
    WHERE p.id = ? AND p.kind = 'fallback' AND m.kind <> 'fallback' AND m.state = 'failed'
        AND m.reason IN ('http 404', 'http 410', 'too large', 'blocked')"""
# Only where its number says that it is another page than those which are there.
_JOINED = """
    SELECT r.id FROM main.readings r
    WHERE r.run_id = ?1 AND r.site_id = ?2 AND r.start_url = ?3 AND r.id <> ?4 AND r.closed_at IS NULL
        AND ?5 IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM main.pages p WHERE p.reading_id = r.id AND p.page_number = ?5 AND p.state = 'done')
        AND NOT EXISTS (SELECT 1 FROM held.pages p WHERE p.reading_id = r.id AND p.page_number = ?5)
    ORDER BY r.id LIMIT 1"""

_READING = (
    "run_id", "start_url", "opened_at", "closed_at", "verdict", "reason", "verdict_at", "looked", "read_at", "pages",
    "comments", "has_changes", "with_article", "repeats_id", "is_site_named",
)  # fmt: skip
_MAPPED = {
    "site_id": "(SELECT s.held FROM made.same_sites s WHERE s.made = m.site_id)",
    "thread_id": "(SELECT s.held FROM made.same_threads s WHERE s.made = m.thread_id)",
}


def apply(connection: sqlite3.Connection, taken: TakenUp, run_id: int) -> None:
    """Let pages and readings of the held archive be as they are made.

    The made archive is attached as `made`; threads that are left as they are keep their pages and readings as well.
    """
    for table, ids in (
        ("written_pages", taken.pages | taken.found),
        ("written_readings", taken.readings | taken.judged),
    ):
        connection.execute(f"CREATE TEMP TABLE {table} (id INTEGER PRIMARY KEY)")
        connection.executemany(f"INSERT INTO {table} VALUES (?)", [(row,) for row in sorted(ids)])  # noqa: S608
    left = "SELECT m.id FROM made.readings m WHERE m.thread_id IN made.left_made"
    connection.execute(f"DELETE FROM written_readings WHERE id IN ({left})")  # noqa: S608 - constants
    sql = f"DELETE FROM written_pages WHERE id IN (SELECT id FROM made.pages WHERE reading_id IN ({left}))"  # noqa: S608
    connection.execute(sql)
    _write(connection, "readings", "written_readings", {**{name: f'm."{name}"' for name in _READING}, **_MAPPED})
    names = [name for _, name, *_ in connection.execute("PRAGMA main.table_info(pages)") if name != "id"]
    as_made = {name: f'm."{name}"' for name in names}
    _write(connection, "pages", "written_pages", {**as_made, "reparse_run_id": _READ_BY}, run_id)
    connection.execute(_EMPTIED)
    connection.execute(_COUNTED_ANEW)
    for table in ("written_pages", "written_readings"):
        connection.execute(f"DROP TABLE {table}")


def _write(
    connection: sqlite3.Connection, table: str, written: str, values: Mapping[str, str], *parameters: object
) -> None:
    """Write rows as they are made: those that are held, and those that are new."""
    made = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    rows_made = f"SELECT m.id, {made} FROM made.{table} m WHERE m.id IN {written}"  # noqa: S608 - names of ours
    changes = ", ".join(f'"{name}" = n."{name}"' for name in values)
    update = f"UPDATE main.{table} AS h SET {changes} FROM ({rows_made}) n WHERE n.id = h.id"  # noqa: S608
    connection.execute(update, parameters)
    names = ", ".join(f'"{name}"' for name in ("id", *values))
    new = f"SELECT {names} FROM ({rows_made}) n WHERE n.id NOT IN (SELECT id FROM main.{table})"  # noqa: S608
    connection.execute(f"INSERT INTO main.{table} ({names}) {new}", parameters)


_READ_BY = "CASE WHEN m.state = 'done' THEN ?1 END"
_EMPTIED = """
    DELETE FROM main.readings WHERE id NOT IN (SELECT id FROM made.readings)
        AND NOT EXISTS (SELECT 1 FROM main.pages p WHERE p.reading_id = main.readings.id)"""
# The account of a run is the one of its pages; how it ended then stays as it is.
_COUNTED_ANEW = f"""
    UPDATE main.runs AS u SET discovered = n.discovered, {", ".join(f"{state} = n.{state}" for state in STATES)}
    FROM (
        SELECT r.run_id, count(*) AS discovered,
            {", ".join(f"count(*) FILTER (WHERE p.state = '{state}') AS {state}" for state in STATES)}
        FROM main.pages p JOIN main.readings r ON r.id = p.reading_id
        WHERE r.run_id IN (
            SELECT x.run_id FROM main.readings x JOIN main.pages y ON y.reading_id = x.id WHERE y.id IN written_pages)
        GROUP BY r.run_id
    ) AS n WHERE n.run_id = u.id AND u.finished_at IS NOT NULL"""  # noqa: S608 - constants
