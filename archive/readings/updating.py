"""Looking again at known threads: which are due, and which of their pages to ask.

A thread is asked by one page: by the one that held all of it; else by the last of its numbered pages, where new
comments come; else by the first. The others wait as skipped, `not asked`, until that page shows a change. Then they are
asked as well, and so are all pages of a thread whose last full reading lost one.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.readings.lifecycle import ELSEWHERE, add_pages, finished_reading, open_given, open_reading
from belowtheline.archive.readings.page_limits import ENDLESS
from belowtheline.archive.readings.starts import Given, Start, address_of
from belowtheline.archive.readings.unchanged import NOT_ASKED, NOT_LISTED
from belowtheline.archive.store import rows, runs


@dataclass(frozen=True, slots=True)
class DueThread:
    """A thread to look at again."""

    row_id: int
    site: str
    native_id: str
    url: str | None
    repeats_id: int | None
    """Its last reading from its server that asked for all pages; None where it never came from there."""
    open_id: int | None
    """A reading of it that has not ended."""
    instance: str = ""


def due_threads(
    connection: sqlite3.Connection,
    *,
    thread_id: int | None = None,
    site: str | None = None,
    looked_at_before: str | None = None,
) -> Iterator[DueThread]:
    """Yield the threads to look at again, those first that are likeliest to have changed.

    Open threads come before closed ones, then those with the newest comment, then those not looked at for longest. A
    look that a wrong clock dated after now does not count.
    """
    return (DueThread(*row) for row in connection.execute(_DUE, (thread_id, site, looked_at_before, runs.now())))


_DUE = f"""
    WITH asked AS (
        SELECT r.id, r.thread_id, r.closed_at,
            EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.state = 'done' AND p.form IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.reason = '{NOT_ASKED}') AS is_full
        FROM readings r
        WHERE EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.method <> 'INGEST')
    ), looked AS (
        SELECT thread_id, max(closed_at) FILTER (WHERE closed_at <= ?4) AS looked_at,
            max(id) FILTER (WHERE closed_at IS NULL) AS open_id,
            max(id) FILTER (WHERE closed_at IS NOT NULL AND is_full) AS repeats_id
        FROM asked WHERE thread_id IS NOT NULL GROUP BY thread_id
    )
    SELECT t.id, s.name, t.native_id, t.url, l.repeats_id, l.open_id, t.instance
    FROM threads t JOIN sites s ON s.id = t.site_id LEFT JOIN looked l ON l.thread_id = t.id
    WHERE (?1 IS NULL OR t.id = ?1) AND (?2 IS NULL OR s.name = ?2)
        AND (?3 IS NULL OR coalesce(l.looked_at, t.last_seen_at, '') <= ?3)
    ORDER BY coalesce(t.is_closed, 0),
        coalesce((SELECT max(c.published_at) FROM comments c WHERE c.thread_id = t.id), t.published_at, '') DESC,
        coalesce(l.looked_at, t.last_seen_at, ''), t.id"""  # noqa: S608 - constants


def go_on(connection: sqlite3.Connection, run_id: int) -> bool:
    """Take over all readings of the same update where it was stopped, and return whether there was one."""
    stopped = runs.stopped_before(connection, run_id)
    if stopped is None:
        return False
    connection.execute("UPDATE readings SET run_id = ? WHERE run_id = ?", (run_id, stopped))
    return True


def look_again(connection: sqlite3.Connection, run_id: int, thread: DueThread, *, every_page: bool) -> None:
    """Open a reading that repeats the last one of a thread, or go on with the one that is open."""
    if thread.open_id is not None:
        rows.update(connection, "readings", thread.open_id, {"run_id": run_id})
        return
    assert thread.repeats_id is not None
    before = rows.fetch(connection, "readings", thread.repeats_id)
    reading_id = open_reading(connection, run_id, before["site_id"], before["start_url"], thread.row_id)
    repeated = {"repeats_id": thread.repeats_id, "is_site_named": before["is_site_named"]}
    rows.update(connection, "readings", reading_id, repeated)
    pages = _pages_of(connection, thread.repeats_id)
    first = _most_telling(pages)
    if first["is_whole"]:
        pages = [first]
    every_page |= any(page["state"] == "failed" for page in pages)
    _insert(connection, reading_id, first, is_asked=True)
    for page in pages:
        if page is not first:
            _insert(connection, reading_id, page, is_asked=every_page)
    connection.execute(_LEFT_OUT, (reading_id, thread.repeats_id, *ENDLESS))


# What a reading left out beyond its limits is as far away for the one that repeats it.
_LEFT_OUT = """
    INSERT OR IGNORE INTO pages (reading_id, method, url, body, host, kind, state, reason, detail)
    SELECT ?1, method, url, body, host, kind, state, reason, detail FROM pages
    WHERE reading_id = ?2 AND state = 'skipped' AND reason IN (?3, ?4) ORDER BY id"""


def ask_all_again(connection: sqlite3.Connection, run_id: int, start: Start) -> int | None:
    """Open a reading for a crawl of a thread that is known and finished: every page is asked, for its changes only.

    Pages without a number are those that others list today, which only these can tell: such a thread is read in full.
    """
    repeated = finished_reading(connection, start)
    if repeated is None or start.link.kind == "article":
        return None
    pages = _pages_of(connection, repeated)
    if len(pages) > 1 and any(page["page_number"] is None for page in pages):
        return None
    before = rows.fetch(connection, "readings", repeated)
    reading_id = open_reading(connection, run_id, before["site_id"], address_of(start.link))
    rows.update(connection, "readings", reading_id, {"repeats_id": repeated, "is_site_named": start.is_site_named})
    for page in pages:
        _insert(connection, reading_id, page, is_asked=True)
    return reading_id


def start_anew(connection: sqlite3.Connection, run_id: int, thread: DueThread, start: Start) -> None:
    """Open the first reading from its server of a thread that came from files."""
    given = Given(run_id, start.site, address_of(start.link), start.is_site_named)
    reading_id = open_given(connection, given, thread.row_id)
    add_pages(connection, reading_id, [start.link])


def _pages_of(connection: sqlite3.Connection, reading_id: int) -> list[dict[str, Any]]:
    """Return the pages of a reading that were read, as pages of a thread, or should have been."""
    sql = """
        SELECT id FROM pages WHERE reading_id = ? AND method <> 'INGEST' AND kind NOT IN ('article text', 'icon')
        AND ((state = 'failed' AND reason <> ?) OR (state = 'done' AND form IS NOT NULL)) ORDER BY id"""
    row_ids = [row_id for (row_id,) in connection.execute(sql, (reading_id, ELSEWHERE))]
    return [rows.fetch(connection, "pages", row_id) for row_id in row_ids]


def _most_telling(pages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the page that shows best whether a thread has changed."""
    done = [page for page in pages if page["state"] == "done"]
    whole = [page for page in done if page["is_whole"]]
    # Where no page says how many there are, new comments may come on others than the last: the first says how many.
    numbered = sorted((page for page in done if page["page_count"]), key=lambda page: -int(page["page_number"] or 0))
    return (whole or numbered or done)[0]


def _insert(connection: sqlite3.Connection, reading_id: int, page: dict[str, Any], *, is_asked: bool) -> None:
    columns = {name: page[name] for name in ("method", "url", "body", "host", "kind")}
    if is_asked:
        rows.insert(connection, "pages", {**columns, "reading_id": reading_id, "state": "todo"})
        return
    columns |= {name: page[name] for name in ("form", "page_number", "comments")}
    columns |= {"same_as_id": page["same_as_id"] or page["capture_id"], "reason": NOT_ASKED}
    columns["detail"] = "it is asked when another page of the thread shows a change"
    rows.insert(connection, "pages", {**columns, "reading_id": reading_id, "state": "skipped"})


def widen(connection: sqlite3.Connection, reading_id: int) -> None:
    """Ask for the numbered pages that were left out, since another page of the reading shows a change.

    Pages without a number come from what a page lists: those that it still lists are asked, the others are not.
    """
    # The reason stands in the statements: an index of the few that have it is used for no other way to say it.
    connection.execute(
        "UPDATE pages SET state = 'todo', reason = NULL, detail = NULL, same_as_id = NULL"  # noqa: S608 - a constant
        f" WHERE reading_id = ? AND reason = '{NOT_ASKED}' AND page_number IS NOT NULL",
        (reading_id,),
    )
    connection.execute(
        "UPDATE pages SET reason = ?, detail = 'the page that led to it has changed and leads elsewhere'"  # noqa: S608
        f" WHERE reading_id = ? AND reason = '{NOT_ASKED}'",
        (NOT_LISTED, reading_id),
    )


def is_of_another(connection: sqlite3.Connection, page_id: int, threads: Sequence[int]) -> bool:
    """Return whether the threads that a page shows are others than its reading is of, and it is no page of that.

    An update looks at one thread, whose page is elsewhere then. A crawl asks for what is at an address, whatever thread
    that is today; but what another host shows is no page of the thread that its reading is of.
    """
    return connection.execute(_ANOTHER, (page_id, threads[0], json.dumps(list(threads)))).fetchone() is not None


_ANOTHER = """
    SELECT 1 FROM pages p JOIN readings r ON r.id = p.reading_id JOIN threads t ON t.id = r.thread_id
    LEFT JOIN readings b ON b.id = r.repeats_id JOIN threads shown ON shown.id = ?2
    WHERE p.id = ?1 AND t.id NOT IN (SELECT value FROM json_each(?3))
        AND (b.thread_id = r.thread_id OR t.instance <> shown.instance OR t.site_id <> shown.site_id)"""


def note_another_thread(connection: sqlite3.Connection, page_id: int, thread_id: int) -> None:
    """Fail a page that was led to another thread: it shows neither what its own holds nor what is gone."""
    connection.execute(_MOVED, (page_id, thread_id))


_MOVED = """
    UPDATE pages SET state = 'failed', reason = 'moved', attempts = attempts + 1,
        detail = 'it shows another thread, ' || t.native_id || iif(t.instance = '', '', ' of ' || t.instance)
    FROM threads t WHERE pages.id = ?1 AND t.id = ?2"""
