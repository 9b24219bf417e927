"""What is held of one comment's links: its edges, its candidates and its quotations."""

import json
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.store.database import Archive


@dataclass(frozen=True, slots=True)
class HeldEdge:
    """One rule's finding, with the comment it names."""

    target: str
    rule: str
    confidence: float
    combined: float
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HeldQuote:
    """A quotation in the present text of a comment, and where its words are from."""

    field: str
    start: int
    end: int
    text: str
    kind: str
    source_type: str | None
    source: str | None
    source_field: str | None
    source_start: int | None
    source_end: int | None
    score: float | None
    is_earlier: int
    """Whether the words stand in an earlier version of the source, and no longer in the present one."""


def label(native_id: str) -> str:
    """Return what a comment is called in a sentence.

    >>> label("~32"), label("5021003")
    ('32', '5021003')
    """
    return native_id.removeprefix("~")


def linked_version_of(archive: Archive, thread_id: int) -> str | None:
    """Return the version of the method by which a thread was linked as it stands; None where it has changed since."""
    sql = "SELECT linked_version FROM threads WHERE id = ?"
    found: str | None = archive.query(sql, (thread_id,)).fetchone()[0]
    return found


def parent_of(archive: Archive, comment_id: int) -> str | None:
    """Return the native id of the comment that one answers by the site's own link, held or not."""
    sql = """
        SELECT coalesce(c.parent_native_id, p.native_id)
        FROM comments c LEFT JOIN comments p ON p.id = c.parent_id WHERE c.id = ?"""
    found: str | None = archive.query(sql, (comment_id,)).fetchone()[0]
    return found


def edges_of(archive: Archive, comment_id: int) -> list[HeldEdge]:
    """Return what rules found of whom a comment answers, the surest target first."""
    return _edges(archive, "reply_edges", "AND e.family = 'inferred'", comment_id)


def candidates_of(archive: Archive, comment_id: int) -> list[HeldEdge]:
    """Return the guesses at whom a comment answers, the surest first."""
    return _edges(archive, "reply_candidates", "", comment_id)


def _edges(archive: Archive, table: str, condition: str, comment_id: int) -> list[HeldEdge]:
    sql = f"""
        SELECT t.native_id, e.rule, e.confidence, e.combined, e.evidence
        FROM {table} e JOIN comments t ON t.id = e.target_comment_id
        WHERE e.comment_id = ? {condition} ORDER BY e.combined DESC, t.position, e.confidence DESC"""  # noqa: S608
    rows = archive.query(sql, (comment_id,))
    return [
        HeldEdge(target, rule, confidence, combined, json.loads(evidence))
        for target, rule, confidence, combined, evidence in rows
    ]


def quotes_of(archive: Archive, comment_id: int) -> list[HeldQuote]:
    """Return the quotations in the present text of a comment, in order, the title's first."""
    sql = """
        SELECT q.field, q.start, q."end", q.text, q.kind, q.source_type, s.native_id, q.source_field,
            q.source_start, q.source_end, q.score, s.version_id IS NOT q.source_version_id AND s.id IS NOT NULL
        FROM comments c JOIN quotes q ON q.version_id = c.version_id LEFT JOIN comments s ON s.id = q.source_comment_id
        WHERE c.id = ? ORDER BY q.field DESC, q.start"""
    return [HeldQuote(*row) for row in archive.query(sql, (comment_id,))]
