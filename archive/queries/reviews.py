"""What people say of inferred replies: edges to show them, and their verdicts, each kept as it was given."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.queries.explaining import HeldEdge
from belowtheline.archive.store import rows
from belowtheline.archive.store.database import Archive
from belowtheline.reading.errors import BelowTheLineError

VERDICTS = ("right", "wrong", "unsure")
"""Words that a reviewer may say of an edge."""

Pair = tuple[int, int]
"""The comment that answers and the comment that is answered, by their rows."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of an edge's two comments, as it is now."""

    native_id: str
    author: str | None
    title: str | None
    body_text: str | None


@dataclass(frozen=True, slots=True)
class InferredReply:
    """A comment, another that it answers as rules say, and what they went by, the surest first."""

    pair: Pair
    thread: str
    comment: Side
    target: Side
    findings: tuple[HeldEdge, ...]
    method_version: str

    @property
    def rules(self) -> list[str]:
        """The names of the rules, the surest first."""
        return [finding.rule for finding in self.findings]

    @property
    def texts_sha256(self) -> str:
        """Hash of the four texts that a verdict is about."""
        texts = [self.comment.title, self.comment.body_text, self.target.title, self.target.body_text]
        return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Review:
    """One person's verdict on one edge."""

    edge: InferredReply
    verdict: str
    note: str | None


@dataclass(frozen=True, slots=True)
class HeldReview:
    """The last that one reviewer said of one edge, and which rules had found it."""

    pair: Pair
    reviewer: str
    verdict: str
    note: str | None
    rules: tuple[str, ...]
    texts_sha256: str | None


_EDGES = """
    SELECT comment_id, target_comment_id, rule, confidence, combined, evidence, method_version
    FROM reply_edges WHERE family = 'inferred'"""
_CANDIDATES = """
    SELECT comment_id, target_comment_id, rule, confidence, combined, evidence, method_version
    FROM reply_candidates"""
_REPLIES = """
    SELECT e.comment_id, e.target_comment_id, t.native_id, c.native_id, c.author_name, c.title, c.body_text,
        x.native_id, x.author_name, x.title, x.body_text,
        e.rule, e.confidence, e.combined, e.evidence, e.method_version
    FROM ({edges}) e JOIN comments c ON c.id = e.comment_id JOIN comments x ON x.id = e.target_comment_id
    JOIN threads t ON t.id = c.thread_id
    WHERE e.comment_id = ? AND e.target_comment_id = ? ORDER BY e.confidence DESC, e.rule"""


def sample(archive: Archive, size: int, seed: str, wanted: Collection[str] = ()) -> tuple[list[InferredReply], int]:
    """Return inferred replies drawn at random, and of how many; the same seed draws the same ones.

    With `wanted` rules, only what these found, be it edges or candidates; else edges. What is drawn depends on the ids
    that sites give and not on the order in which threads came, so a larger archive adds to a sample.
    """
    _require_links(archive)
    edges = f"{_EDGES} UNION ALL {_CANDIDATES}" if wanted else _EDGES
    condition = "WHERE e.rule IN (SELECT value FROM json_each(?))" if wanted else ""
    sql = f"""
        SELECT DISTINCT e.comment_id, e.target_comment_id, s.name, t.instance, t.native_id, c.native_id, x.native_id
        FROM ({edges}) e JOIN comments c ON c.id = e.comment_id JOIN comments x ON x.id = e.target_comment_id
        JOIN threads t ON t.id = c.thread_id JOIN sites s ON s.id = t.site_id {condition}"""  # noqa: S608 - constants
    found = archive.query(sql, (json.dumps(list(wanted)),) if wanted else ()).fetchall()
    drawn = sorted(found, key=lambda row: _lot(seed, row[2:]))[:size]
    replies = (inferred_reply(archive, (row[0], row[1])) for row in drawn)
    return [reply for reply in replies if reply is not None], len(found)


def _lot(seed: str, names: Sequence[str]) -> bytes:
    return hashlib.sha256(json.dumps([seed, *names], ensure_ascii=False).encode()).digest()


def inferred_reply(archive: Archive, pair: Pair) -> InferredReply | None:
    """Return what is inferred of two comments, an edge before a candidate; None where nothing is."""
    for edges in (_EDGES, _CANDIDATES):
        found = archive.query(_REPLIES.format(edges=edges), pair).fetchall()
        if found:
            return _reply(pair, found)
    return None


def _reply(pair: Pair, found: Sequence[Sequence[Any]]) -> InferredReply:
    _, _, thread, native_id, author, title, body, target_id, target_author, target_title, target_body, *_ = found[0]
    findings = tuple(
        HeldEdge(target_id, rule, confidence, combined, json.loads(evidence))
        for *_, rule, confidence, combined, evidence, _ in found
    )
    return InferredReply(
        pair=pair,
        thread=thread,
        comment=Side(native_id, author, title, body),
        target=Side(target_id, target_author, target_title, target_body),
        findings=findings,
        method_version=found[0][-1],
    )


def held_reviews(archive: Archive) -> list[HeldReview]:
    """Return what each reviewer last said of each edge."""
    _require_links(archive)
    sql = """
        SELECT comment_id, target_comment_id, reviewer, verdict, note, rules, texts_sha256
        FROM edge_reviews WHERE id IN (
            SELECT max(id) FROM edge_reviews GROUP BY comment_id, target_comment_id, reviewer) ORDER BY id"""
    return [
        HeldReview((comment, target), reviewer, verdict, note, tuple(json.loads(rules or "[]")), digest)
        for comment, target, reviewer, verdict, note, rules, digest in archive.query(sql)
    ]


def keep_reviews(connection: sqlite3.Connection, reviews: Iterable[Review], reviewer: str, reviewed_at: str) -> None:
    """Add verdicts in the open transaction; what anybody said before stays."""
    for review in reviews:
        columns = {
            "comment_id": review.edge.pair[0],
            "target_comment_id": review.edge.pair[1],
            "verdict": review.verdict,
            "reviewer": reviewer,
            "reviewed_at": reviewed_at,
            "note": review.note,
            "rules": json.dumps(review.edge.rules),
            "method_version": review.edge.method_version,
            "texts_sha256": review.edge.texts_sha256,
        }
        rows.insert(connection, "edge_reviews", columns)


def _require_links(archive: Archive) -> None:
    """Raise BelowTheLineError where an older program wrote the archive, which knew no links."""
    if not any(name == "texts_sha256" for _, name, *_ in archive.query("PRAGMA table_info(edge_reviews)")):
        raise BelowTheLineError(
            f"{archive.path} was written by an older btl, which linked nothing: run `btl link {archive.path}` first."
        )
