"""The articles' own pages: which readings ask for them, and how that ended."""

import sqlite3

from belowtheline.archive.readings.lifecycle import ARTICLE_TEXT, add_pages
from belowtheline.archive.store.database import Archive
from belowtheline.reading.items import Link
from belowtheline.reading.urls import web_address


def want(connection: sqlite3.Connection, run_id: int) -> None:
    """Let the open readings of a run ask for the pages of their articles as well."""
    connection.execute("UPDATE readings SET with_article = 1 WHERE run_id = ? AND closed_at IS NULL", (run_id,))
    sql = "SELECT id FROM readings WHERE run_id = ? AND closed_at IS NULL AND thread_id IS NOT NULL"
    for (reading_id,) in connection.execute(sql, (run_id,)).fetchall():
        ask_for(connection, reading_id)


def ask_for(connection: sqlite3.Connection, reading_id: int) -> None:
    """Add the page of its article to a reading that wants it, where its run has neither read nor asked for it."""
    row = connection.execute(_WANTED, (reading_id,)).fetchone()
    if row is None or (url := web_address(row[1])) is None:
        return
    if connection.execute(_ASKED, (reading_id, row[0], url)).fetchone() is None:
        add_pages(connection, reading_id, [Link(url=url, kind=ARTICLE_TEXT)])


_WANTED = """
    SELECT a.id, a.url FROM readings r JOIN threads t ON t.id = r.thread_id JOIN articles a ON a.id = t.article_id
    LEFT JOIN captures k ON k.id = a.capture_id
    WHERE r.id = ? AND r.with_article AND a.url IS NOT NULL AND k.run_id IS NOT r.run_id"""
_ASKED = """
    SELECT 1 FROM readings mine JOIN threads t ON t.article_id = ?2
    JOIN readings r ON r.thread_id = t.id AND r.run_id = mine.run_id
    JOIN pages p ON p.reading_id = r.id AND p.method = 'GET' AND p.url = ?3 AND p.body = ''
    WHERE mine.id = ?1"""


def without_text(archive: Archive, run_id: int) -> list[str]:
    """Return the threads of a run whose articles were wanted, and for which no page was there to be asked."""
    sql = """
        SELECT t.native_id FROM readings r JOIN threads t ON t.id = r.thread_id
        LEFT JOIN articles a ON a.id = t.article_id
        WHERE r.run_id = ? AND r.with_article AND a.body_text IS NULL AND NOT EXISTS (
            SELECT 1 FROM threads o JOIN readings x ON x.thread_id = o.id AND x.run_id = r.run_id
            JOIN pages p ON p.reading_id = x.id AND p.kind = ?
            WHERE o.id = t.id OR o.article_id = t.article_id)
        ORDER BY r.id"""
    return [native_id for (native_id,) in archive.query(sql, (run_id, ARTICLE_TEXT))]
