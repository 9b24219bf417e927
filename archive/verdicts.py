"""Verdicts: whether a reading holds its whole thread, told from the account of its pages."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from belowtheline.archive.database import Archive

Verdict = Literal["complete", "incomplete", "unverified"]
Judgement = tuple[Verdict, str | None]

_NAMED_REASONS = 3


@dataclass(frozen=True, slots=True)
class ThreadVerdict:
    """How a reading ended, or stands, for one thread."""

    thread: str
    title: str | None
    held: int
    verdict: Verdict
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Page:
    state: str
    reason: str | None
    form: str | None
    page_number: int | None
    page_count: int | None
    is_whole: int | None
    is_cut: int | None
    is_enumerated: int | None
    declared: int | None


def judge(connection: sqlite3.Connection, reading_id: int) -> Judgement:
    """Return the verdict of a reading, and why."""
    sql = (
        "SELECT state, reason, form, page_number, page_count, is_whole, is_cut, is_enumerated, declared"
        " FROM pages WHERE reading_id = ? ORDER BY id"
    )
    pages = [_Page(*row) for row in connection.execute(sql, (reading_id,))]
    done = [page for page in pages if page.state == "done"]
    missing = _unread(pages) or _known_and_not_held(connection, reading_id) or _fewer(connection, reading_id, done)
    return ("incomplete", missing) if missing else _proof(done)


def _unread(pages: Sequence[_Page]) -> str | None:
    """Return which pages were not read, or not to their end."""
    bad = [
        f"page {page.reason or page.state}"
        for page in pages
        if page.state in ("failed", "deferred") or (page.state, page.reason) == ("skipped", "robots")
    ]
    if bad:
        in_all = f" and {len(bad)} pages in all" if len(bad) > 1 else ""
        return "; ".join(dict.fromkeys(bad[:_NAMED_REASONS])) + in_all
    if any(page.state == "todo" for page in pages):
        return "pages are still to do"
    if any(page.is_cut for page in pages):
        return "page cut: it ends before its own end"
    return None


def _known_and_not_held(connection: sqlite3.Connection, reading_id: int) -> str | None:
    sql = (
        "SELECT count(*) FROM stubs WHERE comment_id IS NULL"
        " AND capture_id IN (SELECT capture_id FROM pages WHERE reading_id = ?)"
    )
    stubs = connection.execute(sql, (reading_id,)).fetchone()[0]
    return f"{stubs} comments are known and not held" if stubs else None


def _fewer(connection: sqlite3.Connection, reading_id: int, done: Sequence[_Page]) -> str | None:
    """Return by how much fewer comments are held than the pages say can be seen."""
    declared = max((page.declared or 0 for page in done), default=0)
    if not declared:
        return None
    sql = "SELECT count(*) FROM comments WHERE thread_id = (SELECT thread_id FROM readings WHERE id = ?)"
    held = connection.execute(sql, (reading_id,)).fetchone()[0]
    return f"count mismatch: {held} comments held, {declared} declared" if held < declared else None


def _proof(done: Sequence[_Page]) -> Judgement:
    """Return what the pages prove, where all of them were read and nothing known is missing."""
    if any(page.is_whole or page.is_enumerated for page in done):
        return "complete", None
    last = max((page.page_count or 0 for page in done), default=0)
    if last:
        absent = sorted(set(range(1, last + 1)) - {page.page_number for page in done})
        if absent:
            return "incomplete", f"pages {', '.join(map(str, absent))} of {last} were not read"
        return "complete", None
    if any(page.form == "copied text" for page in done):
        return "unverified", "copied text proves no end"
    return "unverified", "nothing on the page proves the end"


def verdicts(archive: Archive, run_id: int) -> list[ThreadVerdict]:
    """Return the verdict of every reading of a run, open ones judged as they stand."""
    sql = """
        SELECT r.id, coalesce(t.native_id, r.start_url), t.title, r.verdict, r.reason,
            (SELECT count(*) FROM comments c WHERE c.thread_id = t.id)
        FROM readings r LEFT JOIN threads t ON t.id = r.thread_id WHERE r.run_id = ? ORDER BY r.id"""
    found = []
    for reading_id, thread, title, verdict, reason, held in archive.query(sql, (run_id,)).fetchall():
        if verdict is None:
            verdict, reason = judge(archive.connection, reading_id)
        found.append(ThreadVerdict(thread, title, held, verdict, reason))
    return found
