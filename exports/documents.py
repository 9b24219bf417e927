"""JSON and JSONL: one nested document, or one flat comment a line; UTF-8, compact, truth values and arrays as such."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from belowtheline.exports.selection import Row, SelectedComments
from belowtheline.scraper.errors import StorageError

_JSON_COLUMNS = ("marks", "quotes")
_TRUTH = {None: None, 0: False}
_ARTICLE = {"article_url": "url", "headline": "headline", "teaser": "teaser"}
_THREAD = {
    "site": "s.name",
    "instance": "t.instance",
    "thread": "t.native_id",
    "thread_url": "t.url",
    "thread_title": "t.title",
    "is_closed": "t.is_closed",
}
"""The view's columns that an article or a thread states for all its comments, and where the archive has them."""
_ARTICLES = f"SELECT id, {', '.join(_ARTICLE.values())} FROM articles ORDER BY key"  # noqa: S608
_THREADS = (
    f"SELECT {', '.join(_THREAD.values())} FROM threads t JOIN sites s ON s.id = t.site_id "  # noqa: S608
    "WHERE t.article_id IS ? ORDER BY t.id"
)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def write_lines(comments: SelectedComments, file: TextIO) -> None:
    """Write one comment a line, with the names of the view's columns as keys."""
    encoder = _Encoder(comments.archive.path, comments.columns)
    file.writelines(f"{encoder.text(row)}\n" for row in comments.rows())


def write_document(comments: SelectedComments, file: TextIO) -> None:
    """Write articles that hold threads that hold comments; each level states its own columns.

    Articles stand in the order of their keys, threads in the order in which the archive met them. Threads under no
    article stand last, under one whose fields are null. An empty thread is left out where a filter looks at comments.
    """
    file.writelines(_filled('{"articles":[\n', "\n]}\n", _articles(comments), is_kept=True))


class _Encoder:
    """Turns rows of these columns into JSON objects."""

    def __init__(self, path: Path, names: Iterable[str]) -> None:
        self._path = path
        self._names = tuple(names)
        self._truths = [place for place, name in enumerate(self._names) if name.startswith("is_")]
        self._arrays = [place for place, name in enumerate(self._names) if name in _JSON_COLUMNS]

    def text(self, row: Row) -> str:
        """Return a row as the text of one object."""
        return _encode(self.document(row))

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


def _articles(comments: SelectedComments) -> Iterator[Iterator[str]]:
    for article_id, *values in comments.read(_ARTICLES):
        yield _object(dict(zip(_ARTICLE, values, strict=True)), "threads", _threads(comments, article_id))
    yield _object(dict.fromkeys(_ARTICLE), "threads", _threads(comments, None))


def _threads(comments: SelectedComments, article_id: int | None) -> Iterator[Iterator[str]]:
    heads = _Encoder(comments.archive.path, _THREAD)
    is_kept = comments.selection.takes_whole_threads
    for row in comments.read(_THREADS, (article_id,)):
        if comments.takes(*row[:3]):
            yield _object(heads.document(row), "comments", _comments(comments, row[:3]), is_kept=is_kept)


def _comments(comments: SelectedComments, thread: tuple[str, ...]) -> Iterator[Iterator[str]]:
    names = tuple(name for name in comments.columns if name not in _ARTICLE and name not in _THREAD)
    encoder = _Encoder(comments.archive.path, names)
    return (iter((encoder.text(row),)) for row in comments.rows_of(thread, names))


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
