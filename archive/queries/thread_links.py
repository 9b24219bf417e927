"""What is held of a thread's links: whom its comments answer by inference, and whose words they quote."""

from collections.abc import Iterator
from dataclasses import dataclass

from belowtheline.archive.store.database import Archive


@dataclass(frozen=True, slots=True)
class HeldReply:
    """One rule's finding that a comment answers another."""

    comment_id: int
    native_id: str
    target_id: int
    target_native_id: str
    target_position: int
    rule: str
    method_version: str
    confidence: float
    combined: float
    evidence: str
    """JSON, as the rule left it."""


@dataclass(frozen=True, slots=True)
class HeldCitation:
    """A quotation in the present text of a comment whose source is held."""

    comment_id: int
    text: str
    source_type: str
    """article_title, article_teaser, article_body or comment."""
    source_native_id: str | None
    source_position: int | None
    score: float | None

    @property
    def is_changed(self) -> bool:
        """Whether any word was changed or left out."""
        return self.score is not None and self.score < 100


def has_links(archive: Archive) -> bool:
    """Return whether the archive can hold links: the first release wrote none."""
    return any(name == "linked_version" for _, name, *_ in archive.query("PRAGMA table_info(threads)"))


def is_linked(archive: Archive, thread_id: int) -> bool:
    """Return whether a thread has been linked as it stands."""
    sql = "SELECT linked_version IS NOT NULL FROM threads WHERE id = ?"
    return has_links(archive) and bool(archive.query(sql, (thread_id,)).fetchone()[0])


def inferred_replies(archive: Archive, thread_id: int) -> Iterator[HeldReply]:
    """Yield the inferred replies of a thread in the order of its comments, the surest target of each first."""
    return _replies(archive, thread_id, "reply_edges", "AND e.family = 'inferred'")


def reply_candidates(archive: Archive, thread_id: int) -> Iterator[HeldReply]:
    """Yield the guesses at who answers whom in a thread, which are no edges, in the same order."""
    return _replies(archive, thread_id, "reply_candidates", "")


def _replies(archive: Archive, thread_id: int, table: str, condition: str) -> Iterator[HeldReply]:
    sql = f"""
        SELECT c.position, c.id, c.native_id, x.id, x.native_id, x.position,
            e.rule, e.method_version, e.confidence, e.combined, e.evidence
        FROM comments c JOIN {table} e ON e.comment_id = c.id JOIN comments x ON x.id = e.target_comment_id
        WHERE c.thread_id = ? {condition}"""  # noqa: S608 - constants
    rows = archive.query(sql, (thread_id,)).fetchall() if has_links(archive) else []
    found = [(position, HeldReply(*row)) for position, *row in rows]
    return (reply for _, reply in sorted(found, key=lambda one: (one[0], one[1].comment_id, *_rank(one[1]))))


def _rank(reply: HeldReply) -> tuple[float, int, float, str]:
    """Return what sorts the surest target first, of equally sure ones the latest, as the flat table takes it."""
    return -reply.combined, -reply.target_id, -reply.confidence, reply.rule


def citations(archive: Archive, thread_id: int) -> Iterator[HeldCitation]:
    """Yield the quotations of a thread whose source is held, in the order of its comments and of their texts."""
    sql = """
        SELECT c.id, q.text, q.source_type, s.native_id, s.position, q.score
        FROM comments c JOIN quotes q ON q.version_id = c.version_id LEFT JOIN comments s ON s.id = q.source_comment_id
        WHERE c.thread_id = ? AND q.source_type <> 'none' ORDER BY c.position, c.id, q.field DESC, q.start"""
    return (HeldCitation(*row) for row in archive.query(sql, (thread_id,)))
