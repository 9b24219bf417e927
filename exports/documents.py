"""JSON and JSONL: one nested document, or one flat comment a line; UTF-8, compact, truth values and arrays as such.

Beside the view's columns each comment has `reply_edges`, the site's own link and what rules infer, with the evidence.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from belowtheline.archive.queries.thread_links import HeldReply, inferred_replies, reply_candidates
from belowtheline.exports.selection import Row, SelectedComments
from belowtheline.exports.threads import OPENING, SelectedThreads, source_of_threads
from belowtheline.reading.errors import StorageError

_JSON_COLUMNS = ("marks", "quotes")
_TRUTH = {None: None, 0: False}
_ARTICLE = {
    "article_url": "url",
    "headline": "headline",
    "teaser": "teaser",
    "article_published_at": "published_at",
    "article_published_raw": "published_raw",
    "article_text": "body_text",
}
"""What an article states, and the column of `articles` that holds it."""
_SCOPE = ("site", "instance", "thread")
_OF_THREAD = (*_SCOPE, "thread_url", "thread_title", "is_closed")
_OF_ALL_COMMENTS = (*_OF_THREAD, "article_url", "headline", "teaser")
"""The view's columns that an article or a thread states for all its comments."""
_OF_READING = (
    "declared", "held", "stubs", "not_seen", "verdict", "verdict_reason", "verdict_at", "looked", "looked_at",
    "first_comment_at", "last_comment_at",
)  # fmt: skip
_NEWER = "address_source"
_SEEN = ("first_seen_at", "last_seen_at", "captured_at", "source_url", _NEWER, "capture_sha256")
"""Columns of a thread that its comments have as well: in a thread they begin with `thread_`."""
_ARTICLES = f"SELECT id, {', '.join(_ARTICLE.values())} FROM articles ORDER BY key"  # noqa: S608
_THREADS = """
    SELECT s.name, t.instance, t.native_id FROM threads t JOIN sites s ON s.id = t.site_id
    WHERE t.article_id IS ? ORDER BY t.id"""
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What JSON allows in a text and other readers of lines take for the end of one."""


def _encode(value: Any) -> str:
    text = _encoder.encode(value)
    return text if text.isascii() or not any(chr(end) in text for end in _LINE_ENDS) else text.translate(_LINE_ENDS)


def write_lines(comments: SelectedComments, file: TextIO, *, with_candidates: bool = False) -> None:
    """Write one comment a line, with the names of the view's columns as keys."""
    encoder = _Encoder(comments.archive.path, comments.columns)
    links = _Links(comments, tuple(comments.columns), with_candidates)
    file.writelines(f"{encoder.text(row, links.of(row))}\n" for row in comments.rows())


def write_thread_lines(threads: SelectedThreads, file: TextIO) -> None:
    """Write one thread a line, with the names of the view's columns as keys."""
    encoder = _Encoder(threads.archive.path, threads.columns)
    file.writelines(f"{encoder.text(row, {})}\n" for row in threads.rows())


def write_document(comments: SelectedComments, file: TextIO, *, with_candidates: bool = False) -> None:
    """Write articles that hold threads that hold comments; each level states its own columns.

    Articles stand in the order of their keys, threads in the order in which the archive met them. Threads under no
    article stand last, under one whose fields are null. An empty thread is left out where a filter looks at comments.
    """
    links = _Links(comments, _names(comments), with_candidates)
    file.writelines(_filled('{"articles":[\n', "\n]}\n", _articles(comments, links), is_kept=True))


class _Encoder:
    """Turns rows of these columns into JSON objects."""

    def __init__(self, path: Path, names: Iterable[str]) -> None:
        self._path = path
        self._names = tuple(names)
        self._truths = [place for place, name in enumerate(self._names) if name.startswith("is_")]
        self._arrays = [place for place, name in enumerate(self._names) if name in _JSON_COLUMNS]

    def text(self, row: Row, more: dict[str, Any]) -> str:
        """Return a row, and what is more of it, as the text of one object."""
        return _encode(self.document(row) | more)

    def document(self, row: Row) -> dict[str, Any]:
        """Return a row as an object."""
        values = list(row)
        for place in self._truths:
            values[place] = _TRUTH.get(values[place], True)
        for place in self._arrays:
            if values[place] is not None:
                values[place] = self._array(values[place])
        return dict(zip(self._names, values, strict=True))

    def _array(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise StorageError(
                f"{self._path} holds marks that are no JSON: {text[:80]!r}; export csv keeps them."
            ) from error


class _Links:
    """Whom comments answer, a thread at a time, since rows come thread by thread."""

    def __init__(self, comments: SelectedComments, names: Sequence[str], with_candidates: bool) -> None:
        self._comments = comments
        self._place = [names.index(name) if name in names else None for name in _SCOPE]
        self._own = [names.index(name) for name in ("native_id", "replies_to", "replies_to_family") if name in names]
        self._depth = names.index("depth") if "depth" in names else None
        self._with_candidates = with_candidates
        self._thread: tuple[Any, ...] = ()
        self._edges: Mapping[str, list[dict[str, Any]]] = {}
        self._candidates: Mapping[str, list[dict[str, Any]]] = {}

    def of(self, row: Row, thread: tuple[Any, ...] = ()) -> dict[str, Any]:
        """Return the edges of a comment, and its candidates where they are wanted; `thread` where the row has none."""
        if self._depth is not None and row[self._depth] == _OPENING_DEPTH:
            return {"reply_edges": []} | ({"reply_candidates": []} if self._with_candidates else {})
        self._begin(thread or tuple(row[place] for place in self._place if place is not None))
        native_id, *answered = (row[place] for place in self._own)
        site = [_structural(answered[0])] if answered and answered[1] == "structural" else []
        found = {"reply_edges": site + self._edges.get(native_id, [])}
        if self._with_candidates:
            found["reply_candidates"] = self._candidates.get(native_id, [])
        return found

    def _begin(self, thread: tuple[Any, ...]) -> None:
        if thread == self._thread:
            return
        self._thread = thread
        (row_id,) = next(self._comments.read(_ROW_OF_THREAD, thread))
        archive = self._comments.archive
        self._edges = _by_comment(inferred_replies(archive, row_id))
        self._candidates = _by_comment(reply_candidates(archive, row_id)) if self._with_candidates else {}


_OPENING_DEPTH = -1
_ROW_OF_THREAD = """
    SELECT t.id FROM threads t JOIN sites s ON s.id = t.site_id
    WHERE s.name = ? AND t.instance = ? AND t.native_id = ?"""


def _structural(target: str) -> dict[str, Any]:
    how = {"family": "structural", "rule": "site", "confidence": 1.0, "combined": 1.0}
    return {"target_native_id": target, **how, "evidence": {}, "method_version": None}


def _by_comment(replies: Iterable[HeldReply]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for reply in replies:
        how = {"family": "inferred", "rule": reply.rule, "confidence": reply.confidence, "combined": reply.combined}
        edge = {"target_native_id": reply.target_native_id, **how, "evidence": json.loads(reply.evidence)}
        found[reply.native_id].append({**edge, "method_version": reply.method_version})
    return found


def _articles(comments: SelectedComments, links: _Links) -> Iterator[Iterator[str]]:
    for article_id, *values in comments.read(_ARTICLES):
        yield _object(dict(zip(_ARTICLE, values, strict=True)), "threads", _threads(comments, article_id, links))
    yield _object(dict.fromkeys(_ARTICLE), "threads", _threads(comments, None, links))


def _threads(comments: SelectedComments, article_id: int | None, links: _Links) -> Iterator[Iterator[str]]:
    names = (*_OF_THREAD, *_OF_READING, *OPENING, *_SEEN)
    encoder = _Encoder(comments.archive.path, names)
    # An archive of an older btl does not say how addresses are known.
    columns = (f"NULL AS {name}" if name == _NEWER and name not in comments.columns else name for name in names)
    sql = (
        f"SELECT {', '.join(columns)} FROM {source_of_threads(comments.archive)}"  # noqa: S608 - constants
        " WHERE site = ? AND instance = ? AND thread = ?"
    )
    is_kept = comments.selection.takes_whole_threads
    for thread in comments.read(_THREADS, (article_id,)):
        if comments.takes(*thread):
            head = _head(encoder.document(next(comments.read(sql, thread))))
            yield _object(head, "comments", _comments(comments, thread, links), is_kept=is_kept)


def _head(thread: dict[str, Any]) -> dict[str, Any]:
    """Return what a thread states of itself, no key of it being a comment's."""
    opening = {name: thread.pop(name) for name in OPENING}
    seen = {f"thread_{name}": thread.pop(name) for name in _SEEN}
    is_empty = all(value is None for value in opening.values())
    return thread | {"opening": None if is_empty else opening} | seen


def _comments(comments: SelectedComments, thread: tuple[str, ...], links: _Links) -> Iterator[Iterator[str]]:
    names = _names(comments)
    encoder = _Encoder(comments.archive.path, names)
    return (iter((encoder.text(row, links.of(row, thread)),)) for row in comments.rows_of(thread, names))


def _names(comments: SelectedComments) -> tuple[str, ...]:
    """Return the columns that a comment states, its article and its thread stating the others."""
    return tuple(name for name in comments.columns if name not in _OF_ALL_COMMENTS)


def _object(
    head: Mapping[str, Any], key: str, items: Iterable[Iterator[str]], *, is_kept: bool = False
) -> Iterator[str]:
    return _filled(f'{_encode(head)[:-1]},"{key}":[\n', "\n]}", items, is_kept=is_kept)


def _filled(opening: str, ending: str, items: Iterable[Iterator[str]], *, is_kept: bool) -> Iterator[str]:
    """Yield an array's items between opening and ending; nothing at all where there are none, unless it is kept."""
    before = opening
    for item in items:
        first = next(item, None)
        if first is not None:
            yield before + first
            yield from item
            before = ",\n"
    if before == opening:
        if not is_kept:
            return
        yield opening
    yield ending
