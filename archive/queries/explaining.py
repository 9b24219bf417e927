"""What is held of one comment's links: finding the comment, its edges, its candidates and its quotations."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.queries.holdings import Identity, comments_at, find_thread
from belowtheline.archive.queries.spelling import forms
from belowtheline.archive.store.database import Archive
from belowtheline.reading.errors import BelowTheLineError

_LISTED = 20
Identities = Callable[[str], Collection[Identity]]
"""What the sites read in an address: (site, native id), for `find_thread`."""


@dataclass(frozen=True, slots=True)
class FoundComment:
    """A comment by what it may be called, and with which version of the method its thread was linked as it stands."""

    row_id: int
    thread: str
    native_id: str
    author: str | None
    linked_version: str | None
    url: str | None = None

    @property
    def label(self) -> str:
        """Its native id; a provisional one without its mark."""
        return label(self.native_id)


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


def find_comment(archive: Archive, wanted: str, identities: Identities = lambda address: ()) -> FoundComment:
    """Return the one comment of that address, of that id in a thread (`thread#id`), or of that id.

    Raise BelowTheLineError where there is none, or several.
    """
    there = comments_at(archive, wanted, identities(wanted)) if "://" in wanted else ()
    found = [comment for one in there for comment in _found(archive, "c.id = ?", (one.row_id,))]
    if not found and "#" in wanted:
        thread, _, native_id = wanted.rpartition("#")
        held = find_thread(archive, thread, identities(thread) if "://" in thread else ())
        found = _of_ids(archive, [form for name in _ids_in(native_id) for form in forms(name)], held.row_id)
    elif not found:
        found = _of_ids(archive, [form for name in (wanted, f"~{wanted}") for form in forms(name)])
    if len(found) == 1:
        return found[0]
    if not found:
        raise BelowTheLineError(
            f"{archive.path} holds no comment {wanted!r}: give its address, thread#id or its id, as `btl show` and "
            "exports have it."
        )
    listed = (f"  {one.thread}#{one.native_id}  {one.author or ''}  {one.url or ''}" for one in found[:_LISTED])
    names = "\n".join(line.rstrip() for line in listed)
    raise BelowTheLineError(
        f"{wanted!r} could be {len(found)} comments of {archive.path}: give the address of one, or thread#id with the"
        f" address or the number of its thread.\n{names}"
    )


def _ids_in(fragment: str) -> list[str]:
    """Return the ids that the end of an address may stand for.

    >>> _ids_in("c_123"), _ids_in("comment-9")
    (['c_123', '~c_123', '123', '~123'], ['comment-9', '~comment-9', '9', '~9'])
    """
    last = fragment.replace("-", "_").rpartition("_")[2]
    return [mark + name for name in dict.fromkeys((fragment, last)) for mark in ("", "~")]


def _of_ids(archive: Archive, native_ids: list[str], thread_id: int | None = None) -> list[FoundComment]:
    """Return the comments of the first of these ids that any has."""
    for native_id in native_ids:
        where = "c.native_id = ?" + (" AND c.thread_id = ?" if thread_id is not None else "")
        found = _found(archive, where, (native_id, thread_id) if thread_id is not None else (native_id,))
        if found:
            return found
    return []


def _found(archive: Archive, where: str, values: tuple[Any, ...]) -> list[FoundComment]:
    sql = f"""
        SELECT c.id, t.native_id, c.native_id, c.author_name, t.linked_version, c.url
        FROM comments c JOIN threads t ON t.id = c.thread_id WHERE {where} ORDER BY c.id"""  # noqa: S608 - constants
    return [FoundComment(*row) for row in archive.query(sql, values)]


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
