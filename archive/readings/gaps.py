"""Gaps: what the pages of a reading count, beside what is held and shown.

A count that means the comments a reader can see is held to the number. Any other may include what nobody is shown, so
that it proves no loss; but what is missing from it unexplained is no whole thread, unless a page names every comment
that is handed out, and where most of it is missing no hidden comments explain that. A thread without comments has an
end only where a page proves that there are none.
"""

import sqlite3
from dataclasses import dataclass
from typing import Literal

_MOST = 0.5
_MANY = 10

NO_PROOF = "nothing on the page proves the end"

Judgement = tuple[Literal["complete", "incomplete", "unverified"], str | None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What is held of a thread, and what the pages of one reading say."""

    held: int
    shown: int
    """How many comments its pages show."""
    declared: int
    """Highest count of comments that a reader can see; 0 where no page states one."""
    stated: int
    """Highest count of any kind."""
    least: int
    """Fewest that this count may stand for."""
    part_of: int
    """How many comments a page says that it shows a part of."""
    left_out: int
    """What the pages show and may count beside comments."""
    is_enumerated: bool
    """Whether a page names every comment that is handed out: what it counts beside them nobody is shown."""
    empty_proof: str | None
    elsewhere: str | None


_COUNTS = """
    SELECT (SELECT count(*) FROM comments WHERE thread_id = (SELECT thread_id FROM readings WHERE id = ?1)),
        coalesce(sum(comments), 0), coalesce(max(declared), 0), coalesce(max(stated), 0),
        coalesce(max(coalesce(stated_least, stated)), 0), coalesce(max(part_of), 0), coalesce(sum(left_out), 0),
        coalesce(max(is_enumerated), 0), max(empty_proof), max(elsewhere)
    FROM pages WHERE reading_id = ?1 AND state = 'done' AND kind <> 'article text'"""


def counts_of(connection: sqlite3.Connection, reading_id: int) -> Counts:
    """Return what is held and what the pages of a reading count."""
    return Counts(*connection.execute(_COUNTS, (reading_id,)).fetchone())


def mismatch(counts: Counts) -> str | None:
    """Return by how much fewer comments are held than its pages say can be seen, or than they show a part of."""
    if counts.held < counts.declared:
        return f"count mismatch: {counts.held:,} comments held, {_said(counts)} declared"
    if counts.held + counts.left_out < counts.part_of:
        return f"{counts.held:,} comments held of the {counts.part_of:,} that the page says it shows a part of"
    return None


def without_gap(judgement: Judgement, counts: Counts) -> Judgement:
    """Return a judgement that no gap refutes: what is counted and not held, or an empty thread without proof."""
    verdict, reason = judgement
    if verdict == "incomplete":
        return judgement
    if gap := _unexplained(counts):
        return gap
    if counts.shown or counts.empty_proof:
        return judgement
    if counts.elsewhere:
        return "unverified", counts.elsewhere
    if verdict == "complete" or reason == NO_PROOF:
        return "unverified", "no comments are shown, and nothing proves that there are none"
    return judgement


def _unexplained(counts: Counts) -> Judgement | None:
    """Return what a count is to be judged by where nothing explains what is missing from it."""
    missing = counts.least - counts.held - counts.left_out
    if missing <= 0:
        return None
    is_most = missing >= _MANY and missing > counts.least * _MOST
    if counts.is_enumerated and not is_most:
        return None
    beside = f" and {counts.left_out:,} left out as no comments" if counts.left_out else ""
    reason = f"{counts.held:,} comments held{beside}, {_said(counts)} declared"
    return ("incomplete" if is_most else "unverified"), reason


def _said(counts: Counts) -> str:
    """Return the count as the message has it: what a page rounds is not said to the number."""
    if counts.stated > counts.least:
        return f"about {counts.stated:,}"
    return f"{max(counts.stated, counts.declared):,}"
