"""What an archive holds: finding a thread, its comments in their order, and how threads, runs and pages stand."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from belowtheline.archive.queries.spelling import alike, forms
from belowtheline.archive.store.database import Archive, named
from belowtheline.archive.store.runs import Account, account
from belowtheline.reading.errors import BelowTheLineError

_LISTED = 20


def place(site: str, instance: str) -> str:
    """Return where a thread stands in words: threads of two hosts may have one id.

    >>> place("theregister", ""), place("discourse", "forum.example")
    ('theregister', 'discourse at forum.example')
    """
    return f"{site} at {instance}" if instance else site


@dataclass(frozen=True, slots=True)
class HeldThread:
    """A thread by all that a reader may call it."""

    row_id: int
    site: str
    native_id: str
    title: str | None
    url: str | None
    instance: str = ""

    def __str__(self) -> str:
        title = " ".join((self.title or "(no title)").split())
        address = f"  {self.url}" if self.url else ""
        return f"{self.row_id}  {place(self.site, self.instance)}  {self.native_id}  {title}{address}"


@dataclass(frozen=True, slots=True)
class NamedComment:
    """A comment by what a reader may call it."""

    row_id: int
    thread_id: int
    thread: str
    native_id: str
    author: str | None
    url: str | None
    site: str = ""
    instance: str = ""

    def __str__(self) -> str:
        return f"{self.thread}#{self.native_id}  {self.author or '(no name)'}  {self.url or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class ThreadState:
    """A thread with what is held of it and how its last reading ended; verdict is NULL while that is open."""

    thread_id: int
    site: str
    thread: str
    title: str | None
    url: str | None
    declared: int | None
    held: int
    stubs: int
    not_seen: int
    is_closed: bool | None
    verdict: str | None
    reason: str | None
    closed_at: str | None
    last_seen_at: str | None
    verdict_at: str | None = None
    """Time of what the verdict is told from."""
    looked: str | None = None
    """What was looked at since, where that was not all of it."""
    looked_at: str | None = None
    instance: str = ""

    @property
    def place(self) -> str:
        """The site, and the host of a thread that is not on the site's own."""
        return place(self.site, self.instance)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a thread: its article, and the opener's text where it has one."""

    headline: str | None
    article_url: str | None
    teaser: str | None
    opener: str | None
    opened_at: str | None
    body_text: str | None


@dataclass(frozen=True, slots=True)
class HeldComment:
    """A comment as it stands now; depth is counted along its parents where no page showed it."""

    row_id: int
    position: int
    depth: int
    parent_id: int | None
    parent_position: int | None
    parent_native_id: str | None
    author: str | None
    author_kind: str | None
    is_staff: bool | None
    badge: str | None
    icon: str | None
    title: str | None
    body_text: str | None
    published_at: str | None
    published_raw: str | None
    published_precision: str | None
    is_edited: bool | None
    edited_at: str | None
    deletion: str | None
    not_seen_since: str | None
    upvotes: int | None
    downvotes: int | None
    score: int | None
    marks: str | None


@dataclass(frozen=True, slots=True)
class RunState:
    """A run with the account of its pages: as stored when it ended, else as it stands."""

    run_id: int
    command: str
    started_at: str
    finished_at: str | None
    verdict: str | None
    exit_code: int | None
    account: Account
    legal_basis: str | None = None
    clock_offset: int | None = None


@dataclass(frozen=True, slots=True)
class PageProblem:
    """A page that was not read, and why."""

    run_id: int
    url: str
    state: str
    reason: str | None
    detail: str | None
    attempts: int
    not_before: str | None


def held_threads(archive: Archive, where: str = "", parameters: tuple[Any, ...] = ()) -> Iterator[HeldThread]:
    """Yield the threads in the order in which they came."""
    sql = f"{_THREADS} {where} ORDER BY t.id"
    return (HeldThread(*row) for row in _rows(archive, sql, parameters))


_THREADS = """
    SELECT t.id, s.name, t.native_id, coalesce(t.title, r.headline), t.url, t.instance
    FROM threads t JOIN sites s ON s.id = t.site_id LEFT JOIN articles r ON r.id = t.article_id"""


Identity = tuple[str, str | None, str | None]
"""Site, instance and native id of a thread as an address tells them; what it does not tell is None."""


def find_thread(archive: Archive, wanted: str, identities: Collection[Identity] = ()) -> HeldThread:
    """Return the one thread of that native id, address, row or part of a title; raise BelowTheLineError otherwise.

    `identities` are those that sites read in an address. The first way that finds any thread decides.
    """
    for found in (found for form in forms(wanted) for found in _candidates(archive, form, identities)):
        if len(found) == 1:
            return found[0]
        if found:
            raise BelowTheLineError(
                f"{wanted!r} could be {len(found)} threads of {archive.path}: give the address of one, or the number"
                " before it.\n" + listing(found)
            )
    raise BelowTheLineError(
        f"{archive.path} holds no thread {wanted!r}: `btl status {archive.path}` lists what it holds."
    )


def is_thread_id(archive: Archive, native_id: str) -> bool:
    """Return whether a thread has exactly that native id."""
    return next(_rows(archive, "SELECT 1 FROM threads WHERE native_id = ?", (native_id,)), None) is not None


def comments_called(archive: Archive, native_id: str, thread_id: int | None = None) -> list[NamedComment]:
    """Return the comments of that native id, in one thread or in all."""
    where = "WHERE c.native_id = ?1 AND (?2 IS NULL OR c.thread_id = ?2)"
    rows = (row for form in forms(native_id) for row in _rows(archive, f"{_NAMED} {where}", (form, thread_id)))
    return [NamedComment(*row) for row in rows]


def comments_at(archive: Archive, address: str, identities: Collection[Identity] = ()) -> list[NamedComment]:
    """Return the comments of that permanent address: those of its host, if any, since any page may name it."""
    rows = (row for form in forms(address) for row in _rows(archive, f"{_NAMED} WHERE c.url = ?", (form,)))
    found = [NamedComment(*row) for row in rows]
    return _of_host(found, identities) or found


_NAMED = """
    SELECT c.id, c.thread_id, t.native_id, c.native_id, c.author_name, c.url, s.name, t.instance
    FROM comments c JOIN threads t ON t.id = c.thread_id JOIN sites s ON s.id = t.site_id"""
_Held = TypeVar("_Held", HeldThread, NamedComment)


def _of_host(found: Sequence[_Held], identities: Collection[Identity]) -> list[_Held]:
    """Return those of the instances that an address stands for."""
    places = {(site, instance) for site, instance, _ in identities}
    return [one for one in found if (one.site, one.instance) in places]


def listing(threads: Sequence[HeldThread | NamedComment]) -> str:
    """Return threads or comments a line each, the first few of many."""
    more = [f"  ... and {len(threads) - _LISTED} more"] if len(threads) > _LISTED else []
    return "\n".join([f"  {thread}" for thread in threads[:_LISTED]] + more)


_SHOWS = "WHERE t.id IN (SELECT thread_id FROM comments WHERE url IN (?, ?))"
_IS = "WHERE s.name = ?1 AND t.native_id = ?2 AND t.instance = coalesce(?3, t.instance)"


def _candidates(archive: Archive, wanted: str, identities: Collection[Identity]) -> Iterator[list[HeldThread]]:
    yield list(held_threads(archive, "WHERE t.native_id = ?", (wanted,)))
    if "://" in wanted:
        address = wanted.partition("#")[0]
        yield [
            thread
            for site, instance, native_id in identities
            if native_id is not None
            for thread in held_threads(archive, _IS, (site, native_id, instance))
        ]
        named = list(held_threads(archive, "WHERE t.url IN (?, ?) OR r.url IN (?, ?)", (wanted, address) * 2))
        shown = list(held_threads(archive, _SHOWS, (wanted, address)))
        for found in (named, shown):
            yield _of_host(found, identities)
            yield found
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        yield list(held_threads(archive, "WHERE t.id = ?", (int(wanted),)))
    words = alike(wanted)
    if words:
        titled = [thread for thread in held_threads(archive) if words in alike(thread.title or "")]
        yield [thread for thread in titled if words == alike(thread.title or "")]
        yield titled


def heading(archive: Archive, thread_id: int) -> Heading:
    """Return what stands above a thread."""
    sql = """
        SELECT coalesce(r.headline, t.title), r.url, r.teaser, a.name, t.published_at, t.body_text
        FROM threads t LEFT JOIN articles r ON r.id = t.article_id LEFT JOIN authors a ON a.id = t.author_id
        WHERE t.id = ?"""
    return Heading(*archive.query(sql, (thread_id,)).fetchone())


def thread_states(archive: Archive, thread_id: int | None = None) -> Iterator[ThreadState]:
    """Yield how every thread stands, or one."""
    where, parameters = ("WHERE thread_id = ?", (thread_id,)) if thread_id is not None else ("", ())
    names = {name for _, name, *_ in _rows(archive, "PRAGMA table_info(thread_status)")}
    # Where an older btl wrote the archive, some are not there.
    newer = ", ".join(name if name in names else "NULL" for name in ("verdict_at", "looked", "looked_at"))
    for row in _rows(archive, f"{_STATES.format(newer)} {where} ORDER BY thread_id", parameters):
        state = ThreadState(*row)
        yield state if state.is_closed is None else replace(state, is_closed=bool(state.is_closed))


_STATES = """
    SELECT thread_id, site, thread, title, url, declared, held, stubs, not_seen, is_closed, verdict, reason,
        closed_at, last_seen_at, {}, (SELECT instance FROM threads WHERE id = thread_id)
    FROM thread_status"""


def held_comments(archive: Archive, thread_id: int, position: int | None = None) -> Iterator[HeldComment]:
    """Yield a thread's comments in thread order, one at a time, or the one at a position."""
    depths = _depths(archive, thread_id)
    where, parameters = ("AND c.position = ?", (thread_id, position)) if position is not None else ("", (thread_id,))
    for row_id, place, depth, *rest in _rows(archive, _COMMENTS.format(where), parameters):
        yield HeldComment(row_id, place, depths.get(row_id, 0) if depth is None else depth, *rest)


_COMMENTS = """
    SELECT c.id, c.position, c.depth, c.parent_id, p.position, c.parent_native_id,
        c.author_name, a.kind, c.is_staff, c.badge, i.name, c.title, c.body_text,
        c.published_at, c.published_raw, c.published_precision, c.is_edited, c.edited_at,
        c.deletion, c.not_seen_since, c.upvotes, c.downvotes, c.score, c.marks
    FROM comments c LEFT JOIN comments p ON p.id = c.parent_id
    LEFT JOIN authors a ON a.id = c.author_id LEFT JOIN icons i ON i.id = c.icon_id
    WHERE c.thread_id = ? {} ORDER BY c.position, c.id"""


def _depths(archive: Archive, thread_id: int) -> dict[int, int]:
    """Return the depth of each comment along its parents, where a page left any depth unsaid."""
    unsaid = "SELECT 1 FROM comments WHERE thread_id = ? AND depth IS NULL LIMIT 1"
    if archive.query(unsaid, (thread_id,)).fetchone() is None:
        return {}
    parents: dict[int, int | None] = {}
    known: dict[int, int] = {}
    for row_id, parent, depth in _rows(
        archive, "SELECT id, parent_id, depth FROM comments WHERE thread_id = ?", (thread_id,)
    ):
        parents[row_id] = parent
        if depth is not None:
            known[row_id] = depth
    for row_id in parents:
        _count_up(row_id, parents, known)
    return known


def _count_up(row_id: int, parents: dict[int, int | None], known: dict[int, int]) -> None:
    chain = []
    at: int | None = row_id
    while at is not None and at in parents and at not in known:
        chain.append(at)
        known[at] = 0  # for the time being, so that a chain that leads back into itself ends
        at = parents[at]
    depth = -1 if at is None else known.get(at, -1)
    for number, below in enumerate(reversed(chain), depth + 1):
        known[below] = number


def run_states(archive: Archive) -> Iterator[RunState]:
    """Yield every run, the oldest first."""
    names = {name for _, name, *_ in _rows(archive, "PRAGMA table_info(runs)")}
    # Where an older btl wrote the archive, some are not there.
    newer = ", ".join(name if name in names else "NULL" for name in ("legal_basis", "clock_offset"))
    sql = f"""
        SELECT id, command, started_at, finished_at, verdict, exit_code, {newer},
            discovered, done, failed, deferred, skipped, todo
        FROM runs ORDER BY id"""  # noqa: S608 - a constant
    for run_id, command, started, finished, verdict, code, basis, offset, *counts in _rows(archive, sql):
        counted = account(archive, run_id) if finished is None else Account(*(count or 0 for count in counts))
        yield RunState(run_id, command, started, finished, verdict, code, counted, basis, offset)


def page_problems(archive: Archive) -> Iterator[PageProblem]:
    """Yield the pages that failed, are deferred or were refused by their owners, the newest first."""
    sql = """
        SELECT r.run_id, p.url, p.state, p.reason, p.detail, p.attempts, p.not_before
        FROM pages p JOIN readings r ON r.id = p.reading_id
        WHERE p.state IN ('failed', 'deferred') OR (
            p.state = 'skipped' AND p.reason IN ('robots', 'opt-out', 'page limit', 'nothing new'))
        ORDER BY p.id DESC"""
    return (PageProblem(*row) for row in _rows(archive, sql))


def _rows(archive: Archive, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[Any]:
    try:
        # `yield from` would close the cursor of an archive that is closed before its reader is done.
        for row in archive.query(sql, parameters):  # noqa: UP028
            yield row
    except sqlite3.Error as error:
        raise named(archive.path, error) from error
