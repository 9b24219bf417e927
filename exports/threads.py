"""Threads as rows of their own, and their opening posts as rows before their comments."""

from collections.abc import Iterator, Mapping
from typing import Final

from belowtheline.archive.queries.holdings import find_thread
from belowtheline.archive.store.database import Archive
from belowtheline.exports.selection import (
    VIEW,
    BadSelection,
    FindThread,
    Row,
    SelectedComments,
    Selection,
    Snapshot,
)

THREADS: Final = "threads_flat"
"""The view of threads; its columns, in its order, are the fields of a row."""
OPENING: Final = ("author", "author_native_id", "author_kind", "author_url", "published_at", "published_raw",
                  "body_text", "body_html", "score", "marks")  # fmt: skip
"""The columns of a thread that are of its opening post."""

_SOURCE = "k.url AS source_url,"
_IS_THREAD = "site = ? AND instance = ? AND thread = ?"
_IDENTITIES = """
    SELECT s.name, t.instance, t.native_id FROM threads t JOIN sites s ON s.id = t.site_id
    ORDER BY s.name, t.instance, t.native_id"""
_AS_COMMENT: Mapping[str, str] = {
    "position": "0",
    "native_id": "thread",
    "id_source": "'thread'",
    "url": "thread_url",
    "depth": "-1",
    "title": "thread_title",
    "is_anonymous": "iif(author IS NULL AND author_kind IS NULL, NULL, author_kind IS 'anonymous')",
    "quotes": "'[]'",
}
"""What the columns of a comment hold for an opening post where they are not the thread's of the same name."""


class SelectedThreads(Snapshot):
    """The threads that a selection takes, in the order of site, instance and thread."""

    view = THREADS

    def __init__(self, archive: Archive, selection: Selection, find: FindThread = find_thread) -> None:
        if not selection.takes_whole_threads:
            raise BadSelection("--author, --since, --until and --where look at comments: leave them out for threads.")
        super().__init__(archive, selection, find)
        self._source = source_of_threads(archive)
        if not self.columns:
            described = archive.query(f"SELECT * FROM {self._source} LIMIT 0").description  # noqa: S608 - constants
            self.columns = {name: "" for name, *_ in described}

    def rows(self) -> Iterator[Row]:
        """Yield whole rows of the view."""
        sql = f"SELECT {', '.join(self.columns)} FROM {self._source} WHERE {_IS_THREAD}"  # noqa: S608 - constants
        for thread in threads_of(self):
            yield from self.counted(sql, thread)

    def total(self) -> int:
        """Return how many threads there are to come."""
        return sum(1 for _ in threads_of(self))


class CommentsWithOpenings(SelectedComments):
    """The comments that a selection takes, each thread's opening post before them where the thread has one."""

    def rows(self) -> Iterator[Row]:
        """Yield whole rows of the view; an opening post has depth -1 and position 0."""
        for thread in threads_of(self):
            yield from self.counted(self._opening(), (*thread, *self._values))
            yield from self.rows_of(thread, tuple(self.columns))

    def _opening(self) -> str:
        source = source_of_threads(self.archive)
        held = {name for name, *_ in self.archive.query(f"SELECT * FROM {source} LIMIT 0").description}  # noqa: S608
        columns = (f"{_AS_COMMENT.get(name) or (name if name in held else 'NULL')} AS {name}" for name in self.columns)
        shows = "coalesce(author, body_text, body_html, published_at, published_raw) IS NOT NULL"
        opening = f"SELECT {', '.join(columns)} FROM {source} WHERE {shows}"  # noqa: S608 - constants
        return f"SELECT * FROM ({opening}) AS {VIEW} WHERE {self._within(('', '', ''))}"  # noqa: S608 - constants


def threads_of(selected: Snapshot) -> Iterator[tuple[str, ...]]:
    """Yield site, instance and id of each thread that a selection takes, in this order."""
    return (thread for thread in selected.read(_IDENTITIES) if selected.takes(*thread))


def source_of_threads(archive: Archive) -> str:
    """Return what stands after FROM for the view of threads, which an archive of an older btl does not have."""
    if archive.query("SELECT 1 FROM sqlite_master WHERE name = ?", (THREADS,)).fetchone():
        return THREADS
    from belowtheline.archive.store.migrations.m005_threads_flat import THREADS_FLAT

    has_sources = any(name == "address_source" for _, name, *_ in archive.query("PRAGMA table_info(captures)"))
    source = "k.address_source" if has_sources else "NULL"
    return f"({THREADS_FLAT.replace(_SOURCE, f'{_SOURCE} {source} AS address_source,')})"
