"""Verdicts: whether a reading holds its whole thread, told from the account of its pages."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from belowtheline.archive.readings import drift, gaps
from belowtheline.archive.readings.page_limits import ENDLESS
from belowtheline.archive.readings.unchanged import NOT_ASKED
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import REFUSED

Verdict = Literal["complete", "incomplete", "unverified"]


class Judgement(NamedTuple):
    """A verdict and why; of a reading that looked at a part only, the last full verdict, and what was looked at."""

    verdict: Verdict
    reason: str | None = None
    looked: str | None = None
    verdict_at: str | None = None
    """Time of the full reading whose verdict it is, where it is another."""


COPIED = "copied text"
"""What a reading looked at that took in nothing else."""
_NAMED_REASONS = 3
_NAMED_PAGES = 20


@dataclass(frozen=True, slots=True)
class ThreadVerdict:
    """How a reading ended, or stands, for one thread."""

    thread: str
    title: str | None
    held: int
    verdict: Verdict
    reason: str | None
    verdict_at: str | None = None
    looked: str | None = None
    looked_at: str | None = None


@dataclass(frozen=True, slots=True)
class _Page:
    state: str
    reason: str | None
    detail: str | None
    form: str | None
    page_number: int | None
    page_count: int | None
    is_whole: int | None
    is_cut: int | None
    is_enumerated: int | None
    declared: int | None
    comments: int | None


def judge(connection: sqlite3.Connection, reading_id: int) -> Judgement:
    """Return the verdict of a reading, and why."""
    sql = (
        "SELECT state, reason, detail, form, page_number, page_count, is_whole, is_cut, is_enumerated, declared,"
        " comments FROM pages WHERE reading_id = ? AND kind NOT IN ('article text', 'icon') ORDER BY id"
    )
    pages = [_Page(*row) for row in connection.execute(sql, (reading_id,))]
    done = [page for page in pages if page.state == "done"]
    counts = gaps.counts_of(connection, reading_id)
    missing = (
        _unread(pages)
        or drift.drift_of_reading(connection, reading_id)
        or _known_and_not_held(connection, reading_id, counts)
        or _fewer(counts, done)
    )
    if missing:
        return Judgement("incomplete", missing)
    if left := sum(page.reason == NOT_ASKED for page in pages):
        return _carried_over(connection, reading_id, done, left)
    verdict, reason = gaps.without_gap(_proof(done), counts)
    if fall := drift.fall_of_reading(connection, reading_id, is_complete=verdict == "complete"):
        return Judgement("incomplete", fall)
    is_whole = any(page.is_whole for page in done)
    if verdict == "complete" and not is_whole and _may_have_more(connection, reading_id):
        return Judgement("unverified", _MAY_HAVE_MORE)
    is_copy = bool(done) and all(page.form == COPIED for page in done)
    return Judgement(verdict, reason, COPIED if is_copy else None)


_MAY_HAVE_MORE = "below comments that the page names no replies of, nothing proves that all are held"


def _carried_over(connection: sqlite3.Connection, reading_id: int, done: Sequence[_Page], left: int) -> Judgement:
    """Return the verdict of the full reading that one repeats which left out pages, and what this one looked at.

    Where all that can be seen is counted, and is held, it is complete of today.
    """
    sql = """
        SELECT b.verdict, b.reason, coalesce(b.verdict_at, b.read_at, b.closed_at), r.has_changes
        FROM readings r JOIN readings b ON b.id = r.repeats_id WHERE r.id = ?"""
    verdict, reason, verdict_at, has_changes = connection.execute(sql, (reading_id,)).fetchone()
    if has_changes:  # by a page that could not be read then, and was taken up from its capture since
        return Judgement("unverified", f"{len(done)} of {len(done) + left} pages were read, and show changes")
    looked = f"{len(done)} of {len(done) + left} pages, no change"
    sql = (
        "SELECT count(*) FROM comments"
        " WHERE thread_id = (SELECT thread_id FROM readings WHERE id = ?) AND not_seen_since IS NULL"
    )
    (held,) = connection.execute(sql, (reading_id,)).fetchone()
    if verdict == "complete" and held == max((page.declared or 0 for page in done), default=0) > 0:
        return Judgement("complete", None, looked)
    return Judgement(verdict, reason, looked, verdict_at)


def _unread(pages: Sequence[_Page]) -> str | None:
    """Return which pages were not read, or not to their end."""
    bad = [
        (page.detail if page.reason in (drift.DRIFT, *ENDLESS) else None) or f"page {page.reason or page.state}"
        for page in sorted(pages, key=lambda page: page.reason != drift.DRIFT)
        if page.state in ("failed", "deferred") or (page.state == "skipped" and page.reason in (*REFUSED, *ENDLESS))
    ]
    if bad:
        in_all = f" and {len(bad)} pages in all" if len(bad) > 1 else ""
        return "; ".join(dict.fromkeys(bad[:_NAMED_REASONS])) + in_all
    if any(page.state == "todo" for page in pages):
        return "pages are still to do"
    if any(page.is_cut for page in pages):
        return "page cut: it ends before its own end"
    return None


def _known_and_not_held(connection: sqlite3.Connection, reading_id: int, counts: gaps.Counts) -> str | None:
    """Return how many comments are known and not held; of those without ids no more than the thread's count leaves."""
    where = f"+comment_id IS NULL AND +answer_capture_id IS NULL AND {_OF_READING}"
    sql = f"SELECT coalesce(sum(count) FILTER (WHERE below IS NULL), 0), sum(count) FROM stubs WHERE {where}"  # noqa: S608
    named, stubs = connection.execute(sql, (reading_id,)).fetchone()
    if stubs and counts.declared:
        stubs = min(stubs, max(counts.declared - counts.held, named, 1))
    return f"{stubs:,} comments are known and not held" if stubs else None


def _may_have_more(connection: sqlite3.Connection, reading_id: int) -> bool:
    """Return whether a place without ids was filled from elsewhere, while its own address was not read."""
    filled = "comment_id IS NOT NULL AND +answer_capture_id IS NULL AND url IS NOT NULL AND below IS NOT NULL"
    sql = f"SELECT 1 FROM stubs WHERE {filled} AND {_OF_READING} LIMIT 1"  # noqa: S608 - constants
    return connection.execute(sql, (reading_id,)).fetchone() is not None


# Found by its captures: of the stubs that stand open, which the signs + leave aside, other threads may have many.
_OF_READING = """
    capture_id IN (SELECT coalesce(same_as_id, capture_id) FROM pages WHERE reading_id = ?1)
    AND (thread_id = (SELECT thread_id FROM readings WHERE id = ?1)
        OR NOT EXISTS (SELECT 1 FROM readings r WHERE r.thread_id = stubs.thread_id))"""


def _fewer(counts: gaps.Counts, done: Sequence[_Page]) -> str | None:
    """Return by how much fewer comments are held, or shown where all are, than the pages say can be seen."""
    if missing := gaps.mismatch(counts):
        return missing
    # What is held may be from before: pages that are all of the thread have to show it.
    is_all = _proof(done)[0] == "complete" and not any(page.is_enumerated for page in done)
    if not is_all or counts.shown >= counts.declared:
        return None
    return f"count mismatch: {counts.shown:,} comments shown, {counts.declared:,} declared"


def _proof(done: Sequence[_Page]) -> tuple[Verdict, str | None]:
    """Return what the pages prove, where all of them were read and nothing known is missing."""
    if any(page.is_whole or page.is_enumerated for page in done):
        return "complete", None
    last = max((page.page_count or 0 for page in done), default=0)
    if last:
        if all(page.page_number is None for page in done):
            return "incomplete", f"the page names {last} pages, and not which of them it is"
        read = {page.page_number for page in done if 1 <= (page.page_number or 0) <= last}
        if absent := last - len(read):
            # A page may name a million millions of others: they are counted, and not made a list of.
            named = list(islice((number for number in range(1, last + 1) if number not in read), _NAMED_PAGES))
            more = f" and {absent - len(named):,} more" if absent > len(named) else ""
            return "incomplete", f"pages {', '.join(map(str, named))}{more} of {last} were not read"
        return "complete", None
    if any(page.form == COPIED for page in done):
        return "unverified", "copied text proves no end"
    return "unverified", gaps.NO_PROOF


def verdicts(archive: Archive, run_id: int) -> list[ThreadVerdict]:
    """Return the verdict of every reading of a run, open ones judged as they stand."""
    sql = """
        SELECT r.id, coalesce(t.native_id, r.start_url), t.title,
            (SELECT count(*) FROM comments c WHERE c.thread_id = t.id),
            r.closed_at, r.verdict, r.reason, r.looked, r.verdict_at
        FROM readings r LEFT JOIN threads t ON t.id = r.thread_id WHERE r.run_id = ? ORDER BY r.id"""
    found = []
    for reading_id, thread, title, held, closed_at, *judged in archive.query(sql, (run_id,)).fetchall():
        as_it_is = Judgement(*judged) if judged[0] is not None else judge(archive.connection, reading_id)
        verdict, reason, looked, verdict_at = as_it_is
        found.append(ThreadVerdict(thread, title, held, verdict, reason, verdict_at, looked, closed_at))
    return found


def standing(archive: Archive, thread_ids: Iterable[int], run_id: int) -> list[ThreadVerdict]:
    """Return the verdicts that threads have from earlier runs; those that a run reads again have another."""
    sql = """
        SELECT thread, title, held, verdict, reason FROM thread_status
        WHERE thread_id IN (SELECT value FROM json_each(?1)) AND verdict IS NOT NULL
        AND thread_id NOT IN (SELECT thread_id FROM readings WHERE run_id = ?2 AND thread_id IS NOT NULL)
        ORDER BY thread_id"""
    found = archive.query(sql, (json.dumps(sorted(thread_ids)), run_id)).fetchall()
    return [ThreadVerdict(*row) for row in found]
