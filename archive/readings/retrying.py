"""Trying again what could not be read: the failed and deferred pages of each thread's newest reading, and no others."""

import json
import sqlite3
from collections.abc import Sequence

from belowtheline.archive.readings.lifecycle import ELSEWHERE
from belowtheline.archive.readings.page_limits import ASKED, MAX_PAGES, NOTHING_NEW, PAGE_LIMIT, lift


def take_up(
    connection: sqlite3.Connection,
    run_id: int,
    *,
    thread_id: int | None = None,
    site: str | None = None,
    reasons: Sequence[str] = (),
    max_pages: int = MAX_PAGES,
) -> int:
    """Take readings with pages that were not read into a run, and return how many there are.

    A closed reading is opened again: its pages that were done stay done, and its verdict is told anew. What is deferred
    stays so until its time, which its server has named. What was left out beyond a limit of pages is taken up as far as
    the limit of today has room for it, and a chain of pages that brought nothing new is followed once more.
    """
    wanted = (thread_id, site, json.dumps(reasons) if reasons else None, max_pages, ELSEWHERE)
    found = [(run_id, row_id) for (row_id,) in connection.execute(_UNREAD, wanted)]
    connection.executemany(
        "UPDATE readings SET run_id = ?, closed_at = NULL, verdict = NULL, reason = NULL, verdict_at = NULL,"
        " looked = NULL WHERE id = ?",
        found,
    )
    connection.execute(
        "UPDATE pages SET state = 'todo', reason = NULL, detail = NULL WHERE method <> 'INGEST'"
        " AND ((state = 'failed' AND reason IS NOT ?4) OR (state = 'skipped' AND reason = ?3))"
        " AND reading_id IN (SELECT value FROM json_each(?1))"
        " AND (?2 IS NULL OR reason IN (SELECT value FROM json_each(?2)))",
        (json.dumps([row_id for _, row_id in found]), wanted[2], NOTHING_NEW, ELSEWHERE),
    )
    lift(connection, run_id, max_pages)
    return len(found)


# A reading that never learnt its thread is known by its start.
_UNREAD = f"""
    SELECT r.id FROM readings r JOIN sites s ON s.id = r.site_id
    WHERE (?1 IS NULL OR r.thread_id = ?1) AND (?2 IS NULL OR s.name = ?2)
    AND EXISTS (
        SELECT 1 FROM pages p WHERE p.reading_id = r.id AND p.method <> 'INGEST' AND p.reason IS NOT ?5
        AND (p.state IN ('failed', 'deferred') OR (p.state = 'skipped' AND (p.reason = '{NOTHING_NEW}'
            OR (p.reason = '{PAGE_LIMIT}' AND (
                SELECT count(*) FROM pages a WHERE a.reading_id = r.id AND {ASKED}) < ?4))))
        AND (?3 IS NULL OR p.reason IN (SELECT value FROM json_each(?3))))
    AND NOT EXISTS (
        SELECT 1 FROM readings n WHERE n.id > r.id AND (n.thread_id = r.thread_id OR n.start_url = r.start_url)
        AND EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = n.id AND p.method <> 'INGEST'))
    ORDER BY r.id"""  # noqa: S608 - constants
