"""Where a reading ends that has no end of its own: so many pages, or three in a row that bring nothing new.

"New" is what this reading has not shown yet, whatever the archive holds. What it has shown is known to this process
only: a crawl that is resumed takes up to three pages more to see that a chain goes nowhere.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from belowtheline.archive.store import rows
from belowtheline.reading.items import Comment, Stub, ThreadPage, shown

MAX_PAGES: Final = 10_000
"""Pages of one thread that are asked for, unless --max-pages says otherwise."""
PAGE_LIMIT: Final = "page limit"
"""Reason of a page that is not asked for, since its thread has as many pages as may be asked for."""
NOTHING_NEW: Final = "nothing new"
"""Reason of a page that is not asked for, since the pages that led to it brought nothing new."""
ENDLESS: Final = (PAGE_LIMIT, NOTHING_NEW)

_MOST_BARREN = 3
_NOTHING_NEW = f"{_MOST_BARREN} pages in a row brought nothing new"
_OF_THREAD = "kind NOT IN ('article text', 'icon')"
ASKED: Final = f"{_OF_THREAD} AND NOT (state = 'skipped' AND reason IS '{PAGE_LIMIT}')"
"""What says in SQL that a page counts towards the limit."""


@dataclass(slots=True)
class PageLimits:
    """Ends the readings of one run; None for no limit of pages, as where files are taken in."""

    max_pages: int | None = None
    _shown: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Hashes of what each reading that is under way has shown."""
    _barren: dict[int, int] = field(default_factory=dict)
    """How many pages in a row led to a page and brought nothing new, where any did."""

    def page_was_read(
        self, connection: sqlite3.Connection, page_id: int, reading_id: int, pages: Sequence[ThreadPage], last: int
    ) -> None:
        """Leave out pages that were found on a page that was read: those with a row after `last`, as far as needed."""
        if self.max_pages is None:
            return
        barren = self._barren.pop(page_id, 0) + 1
        if self._brings_news(page_id, reading_id, pages):
            barren = 0
        sql = f"SELECT id FROM pages WHERE reading_id = ? AND id > ? AND state = 'todo' AND {_OF_THREAD}"  # noqa: S608
        found = [row for (row,) in connection.execute(sql, (reading_id, last))]
        if barren >= _MOST_BARREN:
            for row in found:
                rows.update(
                    connection, "pages", row, {"state": "skipped", "reason": NOTHING_NEW, "detail": _NOTHING_NEW}
                )
        elif barren:
            self._barren |= dict.fromkeys(found, barren)
        hold(connection, reading_id, self.max_pages)

    def forget(self, reading_id: int) -> None:
        """Forget what a reading that has ended showed."""
        self._shown.pop(reading_id, None)

    def _brings_news(self, page_id: int, reading_id: int, pages: Sequence[ThreadPage]) -> bool:
        known = self._shown[reading_id]
        before = len(known)
        known.update(hash(key) for page in pages for key in _keys(page))
        # Pingbacks and the like are counted and not kept: nothing tells whether they were shown before.
        return len(known) > before or any(page.completeness.left_out for page in pages)


def _keys(page: ThreadPage) -> Iterator[tuple[object, ...]]:
    """Yield what tells the comments and stubs of a page from others."""
    thread = (page.thread.instance, page.thread.native_id)
    number = page.completeness.page_number
    for comment in page.comments:
        yield thread, *_key(comment, number)
    for stub in page.stubs:
        yield thread, "stub", *_of_stub(stub)


def _key(comment: Comment, number: int | None) -> tuple[object, ...]:
    if comment.native_id is not None:
        return (comment.native_id,)
    said = (shown(comment.body_text), shown(comment.published_raw), shown(comment.title))
    # A tombstone without an id says nothing but where it stands.
    return ("said", str(comment.author), *said) if any(said) else ("place", number, comment.position)


def _of_stub(stub: Stub) -> tuple[object, ...]:
    return (stub.native_id,) if stub.native_id is not None else ("below", shown(stub.parent_native_id), stub.count)


def hold(connection: sqlite3.Connection, reading_id: int, max_pages: int) -> None:
    """Leave out the last pages to do of a reading that has more pages than are to be asked for."""
    sql = "SELECT count(*) FROM pages WHERE reading_id = ?"
    if connection.execute(sql, (reading_id,)).fetchone()[0] <= max_pages:
        return
    over = -room(connection, reading_id, max_pages)
    if over > 0:
        connection.execute(_LEAVE_OUT, (reading_id, over, PAGE_LIMIT, f"the thread has more than {max_pages:,} pages"))


_LEAVE_OUT = f"""
    UPDATE pages SET state = 'skipped', reason = ?3, detail = ?4 WHERE id IN (
        SELECT id FROM pages WHERE reading_id = ?1 AND state = 'todo' AND {_OF_THREAD} ORDER BY id DESC LIMIT ?2)"""  # noqa: S608


def room(connection: sqlite3.Connection, reading_id: int, max_pages: int) -> int:
    """Return how many pages more a reading may ask for; less than none where it has too many."""
    sql = f"SELECT count(*) FROM pages WHERE reading_id = ? AND {ASKED}"  # noqa: S608 - constants
    return max_pages - int(connection.execute(sql, (reading_id,)).fetchone()[0])


def lift(connection: sqlite3.Connection, run_id: int, max_pages: int) -> None:
    """Take up what an earlier run left out of this run's readings, as far as may be asked now, and no more."""
    sql = "SELECT id FROM readings WHERE run_id = ? AND closed_at IS NULL"
    for (reading_id,) in connection.execute(sql, (run_id,)).fetchall():
        left = max(room(connection, reading_id, max_pages), 0)
        connection.execute(_TAKE_UP, (reading_id, left, PAGE_LIMIT))
        hold(connection, reading_id, max_pages)


_TAKE_UP = """
    UPDATE pages SET state = 'todo', reason = NULL, detail = NULL WHERE id IN (
        SELECT id FROM pages WHERE reading_id = ?1 AND state = 'skipped' AND reason = ?3 ORDER BY id LIMIT ?2)"""
