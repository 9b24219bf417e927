"""Readings: one pass over a thread, open until all its pages have ended, then closed with a verdict."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from belowtheline.archive.readings import drift
from belowtheline.archive.readings.starts import OF_START, Given, Start, address_of, known_by
from belowtheline.archive.readings.unchanged import NOT_ASKED, NOT_LISTED, SAME
from belowtheline.archive.readings.verdicts import COPIED, judge
from belowtheline.archive.record import parents, stubs
from belowtheline.archive.record.absence import mark_not_seen
from belowtheline.archive.store import rows, runs
from belowtheline.archive.store.runs import now
from belowtheline.reading.items import Link, ThreadPage, shown

ARTICLE_TEXT: Final = "article text"
"""Kind of a page that is asked for the words of the thread's article: how it ends says nothing of the thread."""
ICON: Final = "icon"
"""Kind of a page that is asked for an icon's image: how it ends says nothing of the thread either."""
ELSEWHERE: Final = "other host"
"""Reason of a page that a thread's page names as its own and that is on a host which does not speak for the thread."""
BESIDE: Final = f"('{ARTICLE_TEXT}', '{ICON}')"
"""Kinds of pages beside a thread, as SQL: no verdict looks at them, and what is deferred of them is not waited for."""


def open_readings(
    connection: sqlite3.Connection,
    run_id: int,
    starts: Iterable[Start],
    known: Callable[[Start], int | None] = lambda start: None,
) -> None:
    """Continue each thread's open reading, or open one with its first page to do, in the open transaction.

    What a stopped run of the same command has read to its end is taken over as it is. `known` opens the reading of a
    thread that is known and returns it, where all its pages can be asked for their changes.
    """
    stopped = runs.stopped_before(connection, run_id)
    for start in starts:
        found = _found_reading(connection, start, stopped)
        if found is not None:
            rows.update(connection, "readings", found, {"run_id": run_id})
            continue
        reading_id = known(start) or open_given(
            connection, Given(run_id, start.site, address_of(start.link), start.is_site_named)
        )
        add_pages(connection, reading_id, [start.link])


def resume_all(connection: sqlite3.Connection, run_id: int) -> int:
    """Take every reading that a crawl left open into this run and return how many there are."""
    return connection.execute("UPDATE readings SET run_id = ? WHERE closed_at IS NULL", (run_id,)).rowcount


def open_reading(connection: sqlite3.Connection, run_id: int, site: int, url: str, thread_id: int | None = None) -> int:
    """Open a reading and return its row."""
    columns = {"run_id": run_id, "site_id": site, "start_url": url, "opened_at": now(), "thread_id": thread_id}
    return rows.insert(connection, "readings", columns)


def open_given(connection: sqlite3.Connection, given: Given, thread_id: int | None = None) -> int:
    """Open a reading that starts as given, and return its row."""
    reading_id = open_reading(connection, given.run_id, given.site, given.url, thread_id)
    if given.is_site_named:
        rows.update(connection, "readings", reading_id, {"is_site_named": 1})
    return reading_id


def _found_reading(connection: sqlite3.Connection, start: Start, stopped: int | None) -> int | None:
    sql = f"""
        SELECT r.id FROM readings r
        WHERE {OF_START} AND (r.closed_at IS NULL OR (r.run_id = ?6 AND r.verdict <> 'incomplete'))
        ORDER BY r.closed_at IS NOT NULL, r.id LIMIT 1"""  # noqa: S608 - constants
    row = connection.execute(sql, (*known_by(start), stopped)).fetchone()
    return int(row[0]) if row else None


def finished_reading(connection: sqlite3.Connection, start: Start) -> int | None:
    """Return the last reading of a thread that asked its server for all pages, where it lacked nothing."""
    sql = f"""
        SELECT r.id, r.verdict FROM readings r
        WHERE {OF_START} AND r.closed_at IS NOT NULL AND r.thread_id IS NOT NULL
            AND EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.method <> 'INGEST'
                AND p.state = 'done' AND p.form IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.reason = ?6)
        ORDER BY r.id DESC LIMIT 1"""  # noqa: S608 - constants
    row = connection.execute(sql, (*known_by(start), NOT_ASKED)).fetchone()
    return int(row[0]) if row and row[1] != "incomplete" else None


def add_pages(connection: sqlite3.Connection, reading_id: int, links: Sequence[Link]) -> None:
    """Add requests to do to a reading, each once."""
    left_out = (NOT_ASKED, NOT_LISTED)
    connection.executemany(
        "INSERT INTO pages (reading_id, method, url, body, host, kind, state) VALUES (?, ?, ?, ?, ?, ?, 'todo')"
        " ON CONFLICT DO UPDATE SET state = 'todo', reason = NULL, detail = NULL, same_as_id = NULL"
        " WHERE state = 'skipped' AND reason IN (?, ?)",
        [
            (reading_id, link.method, link.url, link.body, urlsplit(link.url).netloc.lower(), link.kind, *left_out)
            for link in links
        ],
    )


def refuse_pages(connection: sqlite3.Connection, reading_id: int, links: Sequence[Link]) -> None:
    """Add pages to a reading that are not asked for, since their host does not speak for its thread."""
    connection.executemany(
        "INSERT INTO pages (reading_id, method, url, body, host, kind, state, reason, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, 'failed', ?, 'another host does not speak for the thread, and is not asked')"
        " ON CONFLICT DO NOTHING",
        [
            (reading_id, link.method, link.url, link.body, urlsplit(link.url).netloc.lower(), link.kind, ELSEWHERE)
            for link in links
        ],
    )


def reading_of_run(connection: sqlite3.Connection, given: Given) -> int:
    """Return the run's open reading with this start, opened when there is none."""
    # By its address: the signs + leave aside that a run, or a site, may have many readings.
    sql = "SELECT id FROM readings WHERE +run_id = ? AND +site_id = ? AND start_url = ? AND closed_at IS NULL"
    row = connection.execute(sql, (given.run_id, given.site, given.url)).fetchone()
    return int(row[0]) if row else open_given(connection, given)


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
    *,
    is_same: bool = False,
) -> None:
    """Mark a page done with what it said of itself, add what it links to, and merge a redirect into its target.

    A page of an update that shows just what it showed before (`is_same`) leads nowhere new.
    """
    columns = {
        "state": "done",
        "reason": SAME if is_same else None,
        "detail": None,
        "capture_id": capture_id,
        "same_as_id": None,
        "charset": charset,
        "not_before": None,
    }
    rows.update(connection, "pages", page_id, columns | what_it_says(pages))
    links = [link for page in pages for link in page.links] if not is_same else []
    _join_readings(connection, reading_id, links)
    add_pages(connection, reading_id, links)
    if not is_same:
        refuse_pages(connection, reading_id, [link for page in pages for link in page.foreign_links])
    connection.execute(
        "UPDATE pages SET state = 'skipped', reason = 'redirect', detail = ?"
        " WHERE reading_id = ? AND url = ? AND id <> ? AND state = 'todo' AND method = 'GET'",
        (f"read as page {page_id}", reading_id, url, page_id),
    )


def miss_what_it_stood_for(connection: sqlite3.Connection, page_id: int) -> None:
    """Fail the pages that were left out since another address stood for them, now that this one failed as well."""
    connection.execute(
        "UPDATE pages SET state = 'failed' WHERE state = 'skipped'"
        " AND reason IN ('http 404', 'http 410', 'too large', 'blocked')"
        " AND reading_id = (SELECT reading_id FROM pages WHERE id = ? AND kind = 'fallback')",
        (page_id,),
    )


def what_it_says(pages: Sequence[ThreadPage]) -> dict[str, Any]:
    """Return the columns of `pages` that tell what a page said of itself."""
    count = sum(len(page.comments) for page in pages)
    if not pages:
        return {"comments": count}
    said, stated = pages[0].completeness, shown(pages[0].thread.declared_count)
    return {
        "comments": count,
        "shares": drift.as_json(drift.shares_of(pages)),
        "form": pages[0].form,
        "page_number": said.page_number,
        "page_count": said.page_count,
        "is_whole": said.is_whole,
        "is_cut": said.is_cut,
        "is_enumerated": said.is_enumerated,
        "declared": (stated if said.count_least is None else said.count_least) if said.counts_visible else None,
        "stated": stated,
        "stated_least": said.count_least,
        "part_of": said.part_of,
        "left_out": sum(page.completeness.left_out for page in pages),
        "empty_proof": said.empty_proof or ("states zero" if stated == 0 and not said.elsewhere else None),
        "elsewhere": said.elsewhere,
        "disagreements": sum(page.disagreements for page in pages),
        "charset_label": pages[0].charset_label,
    }


def name_site(connection: sqlite3.Connection, reading_id: int, site: int) -> None:
    """Note which site a reading turned out to be of, where it began at an article's page."""
    sql = "UPDATE readings SET is_site_named = is_site_named AND site_id = ?1, site_id = ?1 WHERE id = ?2"
    connection.execute(sql, (site, reading_id))


def follow(connection: sqlite3.Connection, reading_id: int, link: Link) -> int:
    """Let a reading go on with the thread that its article leads to; return the reading, which may be another's."""
    sql = """
        SELECT other.id FROM readings mine CROSS JOIN pages p ON p.url = ?3 AND p.method = ?2 AND p.body = ?4
        CROSS JOIN readings other ON other.id = p.reading_id AND other.id <> mine.id
            AND other.run_id = mine.run_id AND other.site_id = mine.site_id
        WHERE mine.id = ?1 ORDER BY other.id"""
    other = connection.execute(sql, (reading_id, link.method, link.url, link.body)).fetchone()
    if other is None:
        add_pages(connection, reading_id, [link])
        return reading_id
    connection.execute("UPDATE pages SET reading_id = ? WHERE reading_id = ?", (other[0], reading_id))
    connection.execute("DELETE FROM readings WHERE id = ?", (reading_id,))
    return int(other[0])


def join_redirect(connection: sqlite3.Connection, page_id: int, url: str) -> int | None:
    """Return the page of this run that a redirect ends on, with the two readings joined; None where there is none."""
    (reading_id, host) = connection.execute("SELECT reading_id, host FROM pages WHERE id = ?", (page_id,)).fetchone()
    _join_readings(connection, reading_id, [Link(url=url)], is_same_host=urlsplit(url).netloc.lower() == host)
    sql = """
        SELECT id FROM pages
        WHERE reading_id = ? AND method = 'GET' AND url = ? AND body = '' AND id <> ? AND state IN ('todo', 'done')"""
    known = connection.execute(sql, (reading_id, url, page_id)).fetchone()
    return int(known[0]) if known else None


def _join_readings(
    connection: sqlite3.Connection, reading_id: int, links: Sequence[Link], *, is_same_host: bool = True
) -> None:
    """Take in the run's other readings that start at one of the links: it takes the page to know they are one.

    A reading whose thread is known takes in none of a thread that is not, where only another host leads there.
    """
    joined = """
        SELECT other.id, other.thread_id FROM readings other JOIN readings mine
            ON mine.id = ?1 AND other.id <> mine.id AND +other.run_id = mine.run_id AND +other.site_id = mine.site_id
        WHERE other.start_url = ?2 AND coalesce((
            SELECT a.instance = b.instance FROM threads a, threads b
            WHERE a.id = mine.thread_id AND b.id = other.thread_id), ?3 OR mine.thread_id IS NULL)"""
    for link in links:
        for other, thread_id in connection.execute(joined, (reading_id, address_of(link), is_same_host)).fetchall():
            attach_thread(connection, reading_id, thread_id)
            connection.execute("UPDATE OR IGNORE pages SET reading_id = ? WHERE reading_id = ?", (reading_id, other))
            # What is left is what this reading has as well.
            sql = "UPDATE comments SET page_id = NULL WHERE page_id IN (SELECT id FROM pages WHERE reading_id = ?)"
            connection.execute(sql, (other,))
            connection.execute("DELETE FROM pages WHERE reading_id = ?", (other,))
            connection.execute("DELETE FROM readings WHERE id = ?", (other,))


def close_if_ended(connection: sqlite3.Connection, reading_id: int) -> int | None:
    """Close a reading whose pages have all ended and return its thread; None while any is to do or deferred.

    A deferred page of its article or of an icon is not waited for.
    """
    if connection.execute(_WAITING, (reading_id,)).fetchone():
        return None
    return close(connection, rows.fetch(connection, "readings", reading_id), lambda: account(connection, reading_id))


def defer_with(connection: sqlite3.Connection, page_id: int) -> set[int]:
    """Defer all pages beside threads that a run has to ask of the host of one that is; return their readings.

    A thread is not to wait for them, and its server has said when it may be asked again.
    """
    page = rows.fetch(connection, "pages", page_id)
    if page["kind"] not in (ARTICLE_TEXT, ICON):
        return set()
    said = (page["reason"], page["detail"], page["not_before"], page["host"], page["reading_id"])
    return {reading_id for (reading_id,) in connection.execute(_DEFER, said).fetchall()}


_DEFER = f"""
    UPDATE pages SET state = 'deferred', reason = ?1, detail = ?2, not_before = ?3
    WHERE state = 'todo' AND host = ?4 AND kind IN {BESIDE} AND reading_id IN (
        SELECT o.id FROM readings mine JOIN readings o ON o.run_id = mine.run_id WHERE mine.id = ?5)
    RETURNING reading_id"""  # noqa: S608 - a constant
_WAITING = f"""
    SELECT 1 FROM pages WHERE reading_id = ? AND (state = 'todo' OR state = 'deferred')
    AND (state = 'todo' OR kind NOT IN {BESIDE}) LIMIT 1"""  # noqa: S608 - a constant


def close(
    connection: sqlite3.Connection, reading: Mapping[str, Any], ended: Callable[[], dict[str, Any]]
) -> int | None:
    """Close a reading with its account, which is told once its thread's stubs and parents are; return the thread."""
    thread_id = reading["thread_id"]
    if thread_id is not None and reading["has_changes"]:
        parents.resolve(connection, thread_id)
        stubs.settle(connection, thread_id)
    rows.update(connection, "readings", reading["id"], ended())
    if thread_id is not None:
        if reading["has_changes"]:
            number_comments(connection, thread_id)
        mark_not_seen(connection, thread_id)
    return int(thread_id) if thread_id is not None else None


def account(connection: sqlite3.Connection, reading_id: int, closed_at: str | None = None) -> dict[str, Any]:
    """Return the columns that say how a reading ended, now or when it did."""
    found = judge(connection, reading_id)
    read_at, newest, pages, comments = connection.execute(_READ, (reading_id,)).fetchone()
    closed_at = closed_at or now()
    # Copied text shows less than any page: what other readings prove is not undone by it.
    verdict_at = None if found.looked == COPIED else found.verdict_at or newest or closed_at
    return {
        "closed_at": closed_at,
        "verdict": found.verdict,
        "reason": found.reason,
        "looked": found.looked,
        "verdict_at": verdict_at,
        "read_at": read_at,
        "pages": pages,
        "comments": comments,
    }


# What was left out, or lies a day apart, shows what is there and cannot show that a comment is gone: it may have moved.
_READ = f"""
    SELECT CASE WHEN julianday(max(at)) - julianday(min(at)) > 1 OR EXISTS (
        SELECT 1 FROM pages WHERE reading_id = ?1 AND reason = '{NOT_ASKED}'
    ) THEN NULL ELSE min(at) END, max(at), count(*), sum(comments) FROM (
        SELECT CASE c.fetched_at_source WHEN 'file' THEN NULL ELSE c.fetched_at END AS at, p.comments
        FROM pages p JOIN captures c ON c.id = p.capture_id
        WHERE p.reading_id = ?1 AND p.state = 'done' AND p.kind NOT IN {BESIDE})"""  # noqa: S608


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
