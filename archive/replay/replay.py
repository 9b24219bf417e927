"""Replaying an archive: its pages recorded again, from their captures and in their order, in another archive beside.

The accounts of what was done stay as they are: runs, captures, readings and pages are copied, and each page and each
reading gets its end back at the moment when it came to it.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from belowtheline.archive.readings import icon_pages, lifecycle
from belowtheline.archive.readings.unchanged import NOT_MODIFIED, note_not_modified
from belowtheline.archive.record import stubs
from belowtheline.archive.record.people import site_id
from belowtheline.archive.record.shown_before import Showing
from belowtheline.archive.recording import by_thread, record_article_of, record_threads
from belowtheline.archive.replay.taken_up import Place, TakenUp, waiting
from belowtheline.archive.store import rows
from belowtheline.archive.store.database import Archive, reading_uri
from belowtheline.reading.items import Article, Capture, ThreadPage

_ACCOUNTS = ("sites", "runs", "captures", "run_policies", "readings", "pages")
_LEFT = "((p.state = 'done' OR (p.state = 'failed' AND p.reason = 'moved')) AND p.capture_id IS NOT NULL)"
_ENDED = f"({_LEFT} OR {waiting('held')})"
"""Pages that left something, as one of an update did that was led to another thread, and pages that may now."""
_CLOSED = ("closed_at", "verdict", "reason", "verdict_at", "looked", "read_at", "pages", "comments")
_OPENED = ("thread_id", "closed_at", "verdict", "reason", "verdict_at", "looked", "read_at")
"""Columns of a reading that has not ended, all NULL."""
_NO_END = ("capture_id", "same_as_id", "form", "comments", "declared", "charset", "charset_label")


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page that was read once, with what it takes to read it again."""

    page_id: int
    reading_id: int
    run_id: int
    is_taken_in: int
    site: str
    kind: str
    form: str | None
    is_failed: int
    """Whether it could not be read."""
    is_not_modified: int
    capture_id: int
    part: int
    """Which page of its capture it is, from 0: a file of several threads is a page of each."""
    parts: int
    with_article: int
    """Whether its reading wanted the text of its article as well."""
    is_site_named: int
    """Whether a person named the site that reads it."""
    asked_url: str
    """Address that was asked; the capture's is the one that a redirect led to."""
    capture: Capture

    @property
    def url(self) -> str | None:
        """The address as the site was given it; a file's own is none."""
        return None if self.capture.url.startswith("file:") else self.capture.url

    @property
    def known_time(self) -> str | None:
        """When it was fetched, where that is known; a file's own time is only a guess and orders nothing."""
        return None if self.capture.fetched_at_source == "file" else self.capture.fetched_at

    @property
    def is_lead(self) -> bool:
        """Whether it is an article's page that only led to its thread."""
        return self.kind == "article" and self.form is None and not self.is_failed

    @property
    def is_icon(self) -> bool:
        """Whether it is the image of an icon, and shows no thread."""
        return self.kind == lifecycle.ICON

    @property
    def is_article_text(self) -> bool:
        """Whether it was asked for the words of an article, and shows no thread."""
        return self.kind == lifecycle.ARTICLE_TEXT


@dataclass(frozen=True, slots=True)
class FoundPage:
    """What is read today on a page that could not be read before."""

    site: str
    start: str | None
    """Start of its thread's reading, where its address tells it."""
    pages: Sequence[ThreadPage]
    article: Article | None
    charset: str | None


def stage(path: Path, held: Path) -> Archive:
    """Make an archive that has the accounts of another, attached as `held`, and nothing that pages said."""
    made = Archive.create_or_open(path)
    # Nothing is lost with it: it is made anew by the same command.
    made.query("PRAGMA synchronous = OFF")
    made.query("ATTACH ? AS held", (reading_uri(held),))
    with made.transaction() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        for table in _ACCOUNTS:
            names = ", ".join(f'"{name}"' for name in shared_columns(connection, table))
            values = names.replace('"thread_id"', "NULL") if table == "readings" else names
            connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {values} FROM held.{table}")  # noqa: S608
        connection.execute(f"UPDATE main.readings SET has_changes = 0, {_as_null(_OPENED)}")  # noqa: S608 - constants
        nothing = _as_null(_NO_END)
        connection.execute(f"UPDATE main.pages AS p SET state = 'todo', {nothing} WHERE {_ENDED}")  # noqa: S608
    return made


def _as_null(names: Iterable[str]) -> str:
    return ", ".join(f"{name} = NULL" for name in names)


def shared_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table that both archives have: an older one lacks some."""
    ours, theirs = (
        [name for _, name, *_ in connection.execute(f"PRAGMA {schema}.table_info({table})")]
        for schema in ("main", "held")
    )
    return [name for name in ours if name in theirs]


@dataclass(slots=True)
class Replay:
    """Records kept pages again, one after the other, and closes and links as the runs did."""

    made: Archive
    link: Callable[[Archive], object]
    """Links the threads that wait for it."""
    _left: Counter[int] = field(default_factory=Counter)
    """How many pages each reading still has to come."""
    _run: int | None = None
    _divided: tuple[int, list[Sequence[ThreadPage]]] = (0, [])
    _opened: dict[int, int] = field(default_factory=dict)
    """The open readings in the order of their first page, and whether files were taken in by them."""
    taken: TakenUp = field(init=False)

    def __post_init__(self) -> None:
        self.taken = TakenUp(self.made.connection)

    def pages(self) -> Iterator[KeptPage]:
        """Yield the pages in the order in which they were recorded."""
        sql = f"SELECT p.reading_id, count(*) FROM held.pages p WHERE {_ENDED} GROUP BY 1"  # noqa: S608 - constants
        self._left = Counter(dict(self.made.query(sql).fetchall()))
        for *of_page, capture in self.made.query(_PAGES).fetchall():
            of_page.append(Capture(**json.loads(capture)))
            yield KeptPage(*of_page)

    def record(self, page: KeptPage, found: Sequence[ThreadPage], article: Article | None = None) -> None:
        """Record a page with what is read on it today: its threads and, where it is an article's own, that."""
        self._begin(page)
        with self.made.transaction() as connection:
            self._give_thread(connection, page.reading_id)
            if article is not None:
                record_article_of(connection, page.reading_id, article, (page.capture.fetched_at, page.capture_id))
            if page.is_not_modified:
                note_not_modified(connection, page.page_id, page.capture_id)
            else:
                showing = Showing(page.page_id, page.reading_id, page.capture_id)
                record_threads(connection, showing, self._of(page, found))
            if page.is_icon:
                icon_pages.hold(connection, page.page_id, page.capture_id)
            _end_page(connection, page.page_id)
            if not (page.is_article_text or page.is_icon):
                stubs.answer(connection, page.page_id)
        self._end(page)

    def take_up(self, page: KeptPage, found: FoundPage) -> None:
        """Record a page that could not be read before, as if it had been read then."""
        for number, (start, pages) in enumerate(self._starts(page, found)):
            with self.made.transaction():
                place = self._placed(page, found, start, pages, is_first=not number)
            self._begin(replace(page, page_id=place.page_id, reading_id=place.reading_id))
            with self.made.transaction() as connection:
                self._give_thread(connection, place.reading_id)
                if found.article is not None:
                    seen = (page.capture.fetched_at, page.capture_id)
                    record_article_of(connection, place.reading_id, found.article, seen)
                record_threads(connection, Showing(place.page_id, place.reading_id, page.capture_id), pages)
                self.taken.end_page(place, pages, page.capture_id, found.charset)
                if not page.is_taken_in:
                    self.taken.add_links(place, pages)
                if not page.is_article_text:
                    stubs.answer(connection, place.page_id)
            self._end(replace(page, page_id=place.page_id, reading_id=place.reading_id))

    def _starts(self, page: KeptPage, found: FoundPage) -> list[tuple[str | None, Sequence[ThreadPage]]]:
        """Return what a page has of each thread, with the start of its reading; a crawl has all in one reading."""
        if not page.is_taken_in:
            return [(None, found.pages)]
        return list(by_thread(found.start or page.capture.url, found.pages))

    def _placed(
        self, page: KeptPage, found: FoundPage, start: str | None, pages: Sequence[ThreadPage], *, is_first: bool
    ) -> Place:
        """Return the row and the reading for what a page has of one thread."""
        place = Place(page.page_id, page.reading_id, page.run_id)
        if not page.is_taken_in:
            lifecycle.name_site(self.made.connection, page.reading_id, site_id(self.made.connection, found.site))
            return place
        if not is_first:
            place = self.taken.add_reading(place, start or page.capture.url)
            self._left[place.reading_id] += 1
            return place
        reading_id = self.taken.join(place, found.site, start, pages)
        self._left[page.reading_id] -= 1
        self._left[reading_id] += 1
        return replace(place, reading_id=reading_id)

    def _of(self, page: KeptPage, found: Sequence[ThreadPage]) -> Sequence[ThreadPage]:
        """Return what a page has of all that was found in its capture, each thread in a reading of its own."""
        if page.parts == 1:
            return found
        if page.capture_id != self._divided[0]:
            self._divided = page.capture_id, [of_thread for _, of_thread in by_thread("", found)]
        threads = self._divided[1]
        last = page.part + 1 if page.part + 1 < page.parts else len(threads)
        return list(chain.from_iterable(threads[page.part : last]))

    def leave(self, page: KeptPage) -> None:
        """Go on without a page that cannot be read again."""
        self._begin(page)
        with self.made.transaction() as connection:
            _end_page(connection, page.page_id)
        self._end(page)

    def finish(self) -> None:
        """Close and link what is left."""
        self._close([reading for reading, _ in self._opened.items()])

    def _begin(self, page: KeptPage) -> None:
        """Close what had been closed before this page was recorded: files of a run are closed together at its end."""
        if self._run != page.run_id:
            self._close([reading for reading, is_taken_in in self._opened.items() if is_taken_in])
            self._run = page.run_id
        if page.is_taken_in and page.reading_id not in self._opened:
            same = self.made.query(_SUPERSEDED, (page.reading_id,)).fetchall()
            self._close([reading for (reading,) in same if reading in self._opened], is_linked=False)
        self._opened.setdefault(page.reading_id, page.is_taken_in)

    def _end(self, page: KeptPage) -> None:
        self._left[page.reading_id] -= 1
        if not page.is_taken_in and not self._left[page.reading_id]:
            self._close([page.reading_id])

    def _close(self, reading_ids: Sequence[int], *, is_linked: bool = True) -> None:
        with self.made.transaction() as connection:
            for reading_id in sorted(reading_ids):
                if not self._left[reading_id]:
                    self._opened.pop(reading_id, None)
                    _close_reading(connection, reading_id, self.taken)
        if is_linked and reading_ids:
            self.link(self.made)

    def _give_thread(self, connection: sqlite3.Connection, reading_id: int) -> None:
        """Let the reading of an update be of the thread that it looks at again."""
        sql = """
            SELECT b.thread_id FROM readings r JOIN readings b ON b.id = r.repeats_id
            JOIN held.readings was ON was.id = r.id JOIN held.readings before ON before.id = b.id
            WHERE r.id = ? AND was.thread_id IS before.thread_id"""
        row = connection.execute(sql, (reading_id,)).fetchone()
        if row is not None and row[0] is not None:
            lifecycle.attach_thread(connection, reading_id, row[0])


_CAPTURE = (
    "url", "fetched_at", "fetched_at_source", "method", "status", "content_type", "sha256", "warc_file", "warc_offset",
)  # fmt: skip
_PAGES = f"""
    SELECT p.id, p.reading_id, k.run_id, p.method = 'INGEST', s.name, p.kind, p.form,
        NOT {_LEFT}, p.reason IS '{NOT_MODIFIED}', k.id,
        row_number() OVER (PARTITION BY k.id ORDER BY p.id) - 1, count(*) OVER (PARTITION BY k.id), m.with_article,
        m.is_site_named, p.url,
        json_object({", ".join(f"'{name}', k.{name}" for name in _CAPTURE)})
    FROM held.pages p JOIN held.captures k ON k.id = p.capture_id
    JOIN held.readings r ON r.id = p.reading_id JOIN held.sites s ON s.id = r.site_id
    JOIN main.readings m ON m.id = r.id
    WHERE {_ENDED} ORDER BY k.id, p.id"""  # noqa: S608 - constants
_SUPERSEDED = """
    SELECT b.id FROM readings r JOIN readings b
        ON b.run_id = r.run_id AND b.site_id = r.site_id AND b.start_url = r.start_url AND b.id < r.id
    WHERE r.id = ? ORDER BY b.id"""


def _end_page(connection: sqlite3.Connection, page_id: int) -> None:
    """Give a page the end back that it had."""
    names = [name for name in shared_columns(connection, "pages") if name != "id"]
    values = ", ".join(f'"{name}" = h."{name}"' for name in names)
    sql = f"UPDATE main.pages AS p SET {values} FROM held.pages h WHERE h.id = p.id AND p.id = ?"  # noqa: S608 - ours
    connection.execute(sql, (page_id,))


def _close_reading(connection: sqlite3.Connection, reading_id: int, taken: TakenUp) -> None:
    """Close a reading with the verdict it had, where it was closed, or with another if a page was taken up since."""

    def account() -> dict[str, Any]:
        names = [name for name in shared_columns(connection, "readings") if name in _CLOSED]
        sql = f"SELECT {', '.join(names)} FROM held.readings WHERE id = ?"  # noqa: S608 - names of ours
        row = connection.execute(sql, (reading_id,)).fetchone()
        return dict(zip(names, row, strict=True)) if row else {"closed_at": reading["opened_at"]}

    def told_anew() -> dict[str, Any]:
        return lifecycle.account(connection, reading_id, account()["closed_at"])

    reading = rows.fetch(connection, "readings", reading_id)
    if account()["closed_at"] is not None:
        is_anew = taken.is_judged_anew(reading)
        taken.judged |= {reading_id} if is_anew else set()
        lifecycle.close(connection, reading, told_anew if is_anew else account)
