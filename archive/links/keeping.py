"""Keeping what linking finds: a thread's texts out; its quotes, edges and candidates in, in one transaction."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from typing import Any

from belowtheline.archive.links.texts import CommentText, Edge, Links, ResolvedQuote, ThreadText, VersionText
from belowtheline.archive.store.database import Archive

_THREAD = """
    SELECT t.title, r.headline, r.teaser, r.body_text, t.body_text
    FROM threads t LEFT JOIN articles r ON r.id = t.article_id WHERE t.id = ?"""
_COMMENTS = """
    SELECT c.id, c.native_id, c.position, c.published_at, c.author_id, c.author_name, a.kind, c.is_staff, c.re_title,
        c.parent_id, c.published_raw, c.published_precision, c.version_id, c.title, c.body_text, c.body_html
    FROM comments c LEFT JOIN authors a ON a.id = c.author_id
    WHERE c.thread_id = ? AND c.version_id IS NOT NULL ORDER BY c.position, c.id"""
_EARLIER = """
    SELECT v.comment_id, v.id, v.title, v.body_text, v.body_html
    FROM comments c JOIN comment_versions v ON v.comment_id = c.id AND v.id <> c.version_id
    WHERE c.thread_id = ? ORDER BY v.comment_id, coalesce(v.shown_at, ''), v.id"""
_QUOTE = tuple(f'"{field.name}"' for field in fields(ResolvedQuote))
_INSERT_QUOTE = f"INSERT INTO quotes ({', '.join(_QUOTE)}, method_version) VALUES ({', '.join('?' * len(_QUOTE))}, ?)"  # noqa: S608
_EDGE = ("comment_id", "target_comment_id", "rule", "confidence", "combined", "evidence", "method_version")


def note_change(connection: sqlite3.Connection, thread_id: int) -> None:
    """Note in the open transaction that what a thread's links stand on has changed, so that it is linked again."""
    sql = "UPDATE threads SET linked_version = NULL WHERE id = ? AND linked_version IS NOT NULL"
    connection.execute(sql, (thread_id,))


def waiting(archive: Archive, page_id: int | None = None, *, longest: int | None = None) -> list[int]:
    """Return the threads that have changed since they were linked, and of which no reading is open.

    With a page, only the thread whose reading that is of, if it waits and has so many comments at most.
    """
    of_page = "SELECT r.thread_id FROM pages p JOIN readings r ON r.id = p.reading_id WHERE p.id = ?1"
    sql = f"""
        SELECT t.id FROM threads t WHERE t.linked_version IS NULL {f"AND t.id = ({of_page})" if page_id else ""}
            AND NOT EXISTS (SELECT 1 FROM readings r WHERE r.thread_id = t.id AND r.closed_at IS NULL)
            AND (?2 IS NULL OR NOT EXISTS (
                SELECT 1 FROM comments c WHERE c.thread_id = t.id LIMIT 1 OFFSET coalesce(?2, 0)))
        ORDER BY t.id"""  # noqa: S608 - constants
    return [thread_id for (thread_id,) in archive.query(sql, (page_id, longest))]


def read_thread(archive: Archive, thread_id: int) -> ThreadText:
    """Return the texts of a thread and of its article."""
    title, headline, teaser, article_body, opener = archive.query(_THREAD, (thread_id,)).fetchone()
    earlier = defaultdict(list)
    for comment_id, *words in archive.query(_EARLIER, (thread_id,)):
        earlier[comment_id].append(_version(words))
    return ThreadText(
        row_id=thread_id,
        comments=tuple(_comment(row, earlier) for row in archive.query(_COMMENTS, (thread_id,))),
        titles=tuple(dict.fromkeys(text for text in (headline, title) if text)),
        teaser=teaser,
        article_body=article_body or opener,
        has_article=bool(article_body),
    )


def _comment(row: Sequence[Any], earlier: dict[int, list[VersionText]]) -> CommentText:
    row_id, native_id, position, published_at, author_id, name, kind, is_staff, re_title, parent_id, *more = row
    published_raw, precision, *words = more
    present = _version(words)
    return CommentText(
        row_id=row_id,
        native_id=native_id,
        position=position,
        present=present,
        earlier=tuple(_others(present, earlier.get(row_id, ()))),
        published_at=published_at,
        published_raw=published_raw,
        published_precision=precision,
        author_id=author_id,
        author_name=name,
        is_nobody=kind in ("anonymous", "deleted"),
        is_anonymous=kind == "anonymous",
        is_staff=bool(is_staff),
        re_title=re_title,
        parent_id=parent_id,
    )


def _version(words: Sequence[Any]) -> VersionText:
    row_id, title, body_text, body_html = words
    return VersionText(row_id=row_id, title=title, body_text=body_text, body_html=body_html)


def _others(present: VersionText, earlier: Iterable[VersionText]) -> Iterator[VersionText]:
    """Yield the earlier versions whose words are neither those of the present one nor of one before."""
    seen = {(present.title, present.body_text)}
    for version in earlier:
        if (version.title, version.body_text) not in seen:
            seen.add((version.title, version.body_text))
            yield version


def keep(archive: Archive, thread: ThreadText, links: Links, method_version: str) -> None:
    """Put what was found in a thread in the place of what an earlier linking found; reviews are left as they are.

    Rows that say the same already are not written again.
    """
    with archive.transaction() as connection:
        _keep_quotes(connection, thread, links.quotes, method_version)
        _keep_edges(connection, thread, "reply_edges", links.edges, method_version)
        _keep_edges(connection, thread, "reply_candidates", links.candidates, method_version)
        connection.execute("UPDATE threads SET linked_version = ? WHERE id = ?", (method_version, thread.row_id))


def _keep_quotes(
    connection: sqlite3.Connection, thread: ThreadText, quotes: Iterable[ResolvedQuote], method_version: str
) -> None:
    held: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    sql = f"""
        SELECT {", ".join(f"q.{name}" for name in _QUOTE)}, q.method_version
        FROM comments c JOIN quotes q ON q.comment_id = c.id WHERE c.thread_id = ? ORDER BY q.id"""  # noqa: S608
    for row in connection.execute(sql, (thread.row_id,)):
        held[row[1]].append(row)
    found: dict[int, list[tuple[Any, ...]]] = {version.row_id: [] for version in _versions(thread)}
    for quote in quotes:
        found[quote.version_id].append((*astuple(quote), method_version))
    changed = [version_id for version_id, rows in found.items() if rows != held.get(version_id, [])]
    connection.executemany("DELETE FROM quotes WHERE version_id = ?", [(version_id,) for version_id in changed])
    connection.executemany(_INSERT_QUOTE, [row for version_id in changed for row in found[version_id]])


def _versions(thread: ThreadText) -> Iterator[VersionText]:
    return (version for comment in thread.comments for version in (comment.present, *comment.earlier))


def _keep_edges(
    connection: sqlite3.Connection, thread: ThreadText, table: str, edges: Iterable[Edge], method_version: str
) -> None:
    condition = "e.family = 'inferred'" if table == "reply_edges" else "1"
    sql = f"""
        SELECT e.id, {", ".join(f"e.{name}" for name in _EDGE)} FROM comments c JOIN {table} e ON e.comment_id = c.id
        WHERE c.thread_id = ? AND {condition}"""  # noqa: S608
    held = {row[1:]: row[0] for row in connection.execute(sql, (thread.row_id,))}
    found = dict.fromkeys((*_row(edge), method_version) for edge in edges)
    gone = [(row_id,) for row, row_id in held.items() if row not in found]
    connection.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608
    family = ", family" if table == "reply_edges" else ""
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(_EDGE)}{family})"  # noqa: S608
        f" VALUES ({', '.join('?' * len(_EDGE))}{', ' + repr('inferred') if family else ''})",
        [row for row in found if row not in held],
    )


def _row(edge: Edge) -> tuple[Any, ...]:
    evidence = json.dumps(edge.evidence, ensure_ascii=False, separators=(",", ":"))
    return edge.comment_id, edge.target_id, edge.rule, edge.confidence, edge.combined, evidence
