"""Readings: one pass over a thread, open until all its pages have ended, then closed with a verdict."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from belowtheline.archive import rows, runs
from belowtheline.archive.runs import now
from belowtheline.archive.verdicts import judge
from belowtheline.scraper.items import Link, ThreadPage, shown


@dataclass(frozen=True, slots=True)
class Start:
    """Where a reading of one thread is to start."""

    site: int
    native_id: str | None
    link: Link


def open_readings(connection: sqlite3.Connection, run_id: int, starts: Iterable[Start]) -> None:
    """Continue each thread's open reading, or open one with its first page to do, in the open transaction.

    What a stopped run of the same command has read to its end is taken over as it is.
    """
    stopped = runs.stopped_before(connection, run_id)
    for start in starts:
        found = _found_reading(connection, start, stopped)
        if found is not None:
            rows.update(connection, "readings", found, {"run_id": run_id})
        else:
            add_pages(connection, open_reading(connection, run_id, start.site, start.link.url), [start.link])


def resume_all(connection: sqlite3.Connection, run_id: int) -> int:
    """Take every reading that a crawl left open into this run and return how many there are."""
    return connection.execute("UPDATE readings SET run_id = ? WHERE closed_at IS NULL", (run_id,)).rowcount


def open_reading(connection: sqlite3.Connection, run_id: int, site: int, url: str, thread_id: int | None = None) -> int:
    """Open a reading and return its row."""
    columns = {"run_id": run_id, "site_id": site, "start_url": url, "opened_at": now(), "thread_id": thread_id}
    return rows.insert(connection, "readings", columns)


def _found_reading(connection: sqlite3.Connection, start: Start, stopped: int | None) -> int | None:
    sql = """
        SELECT r.id FROM readings r
        WHERE (r.start_url = ?2 OR r.thread_id IN (SELECT id FROM threads WHERE site_id = ?1 AND native_id = ?3))
            AND r.site_id = ?1 AND (r.closed_at IS NULL OR (r.run_id = ?4 AND r.verdict <> 'incomplete'))
        ORDER BY r.closed_at IS NOT NULL, r.id LIMIT 1"""
    row = connection.execute(sql, (start.site, start.link.url, start.native_id, stopped)).fetchone()
    return int(row[0]) if row else None


def add_pages(connection: sqlite3.Connection, reading_id: int, links: Sequence[Link]) -> None:
    """Add requests to do to a reading, each once."""
    connection.executemany(
        "INSERT INTO pages (reading_id, method, url, body, host, kind, state) VALUES (?, ?, ?, ?, ?, ?, 'todo')"
        " ON CONFLICT DO NOTHING",
        [
            (reading_id, link.method, link.url, link.body, urlsplit(link.url).netloc.lower(), link.kind)
            for link in links
        ],
    )


def reading_of_run(connection: sqlite3.Connection, run_id: int, site: int, start_url: str) -> int:
    """Return the run's open reading with this start, opened when there is none."""
    sql = "SELECT id FROM readings WHERE run_id = ? AND site_id = ? AND start_url = ? AND closed_at IS NULL"
    row = connection.execute(sql, (run_id, site, start_url)).fetchone()
    return int(row[0]) if row else open_reading(connection, run_id, site, start_url)


def add_taken_page(connection: sqlite3.Connection, reading_id: int, url: str) -> int:
    """Add a page that is not to be fetched and return its row; one address may be given more than once."""
    count = connection.execute(
        "SELECT count(*) FROM pages WHERE reading_id = ? AND url = ?", (reading_id, url)
    ).fetchone()[0]
    columns = {
        "reading_id": reading_id,
        "method": "INGEST",
        "url": url,
        "body": str(count or ""),
        "host": "",
        "kind": "taken in",
        "state": "done",
    }
    return rows.insert(connection, "pages", columns)


def note_change(connection: sqlite3.Connection, reading_id: int) -> None:
    """Note that a reading made or changed comments."""
    connection.execute("UPDATE readings SET has_changes = 1 WHERE id = ? AND has_changes = 0", (reading_id,))


def attach_thread(connection: sqlite3.Connection, reading_id: int, thread_id: int) -> None:
    """Note which thread a reading turned out to be of."""
    connection.execute("UPDATE readings SET thread_id = ? WHERE id = ? AND thread_id IS NULL", (thread_id, reading_id))


def page_done(
    connection: sqlite3.Connection,
    page_id: int,
    reading_id: int,
    pages: Sequence[ThreadPage],
    capture_id: int,
    url: str,
    charset: str | None,
) -> None:
    """Mark a page done with what it said of itself, add what it links to, and merge a redirect into its target."""
    first = pages[0] if pages else None
    columns: dict[str, Any] = {
        "state": "done",
        "reason": None,
        "detail": None,
        "capture_id": capture_id,
        "charset": charset,
        "not_before": None,
    }
    columns["comments"] = sum(len(page.comments) for page in pages)
    if first is not None:
        said = first.completeness
        columns |= {
            "form": first.form,
            "page_number": said.page_number,
            "page_count": said.page_count,
            "is_whole": said.is_whole,
            "is_cut": said.is_cut,
            "is_enumerated": said.is_enumerated,
            "declared": shown(first.thread.declared_count) if said.counts_visible else None,
            "disagreements": sum(page.disagreements for page in pages),
        }
    rows.update(connection, "pages", page_id, columns)
    links = [link for page in pages for link in page.links]
    _join_readings(connection, reading_id, links)
    add_pages(connection, reading_id, links)
    connection.execute(
        "UPDATE pages SET state = 'skipped', reason = 'redirect', detail = ?"
        " WHERE reading_id = ? AND url = ? AND id <> ? AND state = 'todo'",
        (f"read as page {page_id}", reading_id, url, page_id),
    )


def join_redirect(connection: sqlite3.Connection, page_id: int, url: str) -> int | None:
    """Return the page of this run that a redirect ends on, with the two readings joined; None where there is none."""
    (reading_id,) = connection.execute("SELECT reading_id FROM pages WHERE id = ?", (page_id,)).fetchone()
    _join_readings(connection, reading_id, [Link(url=url)])
    sql = """
        SELECT id FROM pages
        WHERE reading_id = ? AND method = 'GET' AND url = ? AND body = '' AND id <> ? AND state IN ('todo', 'done')"""
    known = connection.execute(sql, (reading_id, url, page_id)).fetchone()
    return int(known[0]) if known else None


def _join_readings(connection: sqlite3.Connection, reading_id: int, links: Sequence[Link]) -> None:
    """Take in the run's other readings that start at one of the links: it takes the page to know they are one."""
    sql = """
        SELECT other.id, other.thread_id FROM readings other JOIN readings mine
            ON mine.id = ?1 AND other.id <> mine.id AND other.run_id = mine.run_id AND other.site_id = mine.site_id
        WHERE other.start_url = ?2"""
    for link in links:
        for other, thread_id in connection.execute(sql, (reading_id, link.url)).fetchall():
            attach_thread(connection, reading_id, thread_id)
            connection.execute("UPDATE OR IGNORE pages SET reading_id = ? WHERE reading_id = ?", (reading_id, other))
            connection.execute("DELETE FROM pages WHERE reading_id = ?", (other,))  # only what this reading has as well
            connection.execute("DELETE FROM readings WHERE id = ?", (other,))


def close_if_ended(connection: sqlite3.Connection, reading_id: int) -> int | None:
    """Close a reading whose pages have all ended and return its thread; None while any is to do or deferred."""
    waiting = "SELECT 1 FROM pages WHERE reading_id = ? AND state IN ('todo', 'deferred') LIMIT 1"
    if connection.execute(waiting, (reading_id,)).fetchone():
        return None
    reading = rows.fetch(connection, "readings", reading_id)
    thread_id = reading["thread_id"]
    verdict, reason = judge(connection, reading_id)
    read_at, pages, comments = connection.execute(
        "SELECT min(CASE c.fetched_at_source WHEN 'file' THEN NULL ELSE c.fetched_at END), count(*), sum(p.comments)"
        " FROM pages p JOIN captures c ON c.id = p.capture_id WHERE p.reading_id = ? AND p.state = 'done'",
        (reading_id,),
    ).fetchone()
    columns = {
        "closed_at": now(),
        "verdict": verdict,
        "reason": reason,
        "read_at": read_at,
        "pages": pages,
        "comments": comments,
    }
    rows.update(connection, "readings", reading_id, columns)
    if thread_id is not None:
        if reading["has_changes"]:
            number_comments(connection, thread_id)
        mark_not_seen(connection, thread_id)
    return int(thread_id) if thread_id is not None else None


def close_ended(connection: sqlite3.Connection) -> None:
    """Close every open reading whose pages have all ended, as those of an ingest do together at its end."""
    for (reading_id,) in connection.execute("SELECT id FROM readings WHERE closed_at IS NULL").fetchall():
        close_if_ended(connection, reading_id)


def number_comments(connection: sqlite3.Connection, thread_id: int) -> None:
    """Number a thread's comments from 1 in page order, touching only those whose number changes."""
    connection.execute(
        """
        UPDATE comments SET position = n.place FROM (
            SELECT id, row_number() OVER (ORDER BY coalesce(page_number, 1), page_position, id) AS place
            FROM comments WHERE thread_id = ?
        ) AS n WHERE comments.id = n.id AND comments.position <> n.place""",
        (thread_id,),
    )


def mark_not_seen(connection: sqlite3.Connection, thread_id: int) -> None:
    """Mark each comment by the first closed, complete reading after it was last seen; copied text is never one.

    Where the newest page showed all comments (`all_seen_at`), none can have gone.
    """
    connection.execute(
        """
        UPDATE comments SET not_seen_since = gone.since FROM (
            SELECT c.id, (
                SELECT min(r.read_at) FROM readings r
                WHERE r.thread_id = c.thread_id AND r.verdict = 'complete' AND r.read_at > c.last_seen_at
            ) AS since FROM comments c
            WHERE c.thread_id = ?1 AND (SELECT all_seen_at FROM threads WHERE id = ?1) IS NULL
        ) AS gone WHERE comments.id = gone.id AND comments.not_seen_since IS NOT gone.since""",
        (thread_id,),
    )
