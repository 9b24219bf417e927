"""Reading an archive's captures again with today's sites, and comparing the rows that makes with those held."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from belowtheline.archive.replay import taken_up
from belowtheline.archive.replay.compare import Comparison, Difference
from belowtheline.archive.replay.replay import FoundPage, KeptPage, Replay, stage
from belowtheline.archive.replay.taken_up import TakenUp
from belowtheline.archive.store import clocks
from belowtheline.archive.store.database import Archive, real_path
from belowtheline.archive.store.runs import finish_run, start_run
from belowtheline.archive.warc.captures import read_capture
from belowtheline.jobs import endings
from belowtheline.jobs.endings import Ending, run_verdict
from belowtheline.jobs.inputs import utc_time
from belowtheline.jobs.progress import Progress, Step, silent
from belowtheline.pipelines.linking.waiting import link_waiting
from belowtheline.reading.errors import ParseError, StorageError, UnknownSite, WrongUsage
from belowtheline.reading.hosts import host_of
from belowtheline.reading.items import Article, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.scraper.apart import ask
from belowtheline.scraper.page_work import article_text_on, found_today, lead_text_on, threads_on
from belowtheline.sites.registry import site_named


@dataclass(slots=True)
class Reparse:
    """An archive made again beside the one that is held."""

    archive: Archive
    made: Archive
    endings: list[Ending] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pages: int = 0
    taken: TakenUp | None = None
    """What was taken up of pages that could not be read before."""
    _left: set[int] = field(default_factory=set)
    _last: tuple[int, tuple[Sequence[ThreadPage], Article | None] | None] = (0, None)
    """The capture that was read last, and what was found in it: a file of several threads is read once."""

    def replay(self, progress: Progress) -> None:
        """Record every page again; one whose bytes are damaged, or that cannot be read today, is named."""
        replay = Replay(self.made, link_waiting)
        pages = list(replay.pages())
        for count, page in enumerate(pages, 1):
            self._replay(replay, page)
            progress(Step(label="pages", done=count, total=len(pages)))
        replay.finish()
        self.taken = replay.taken

    def _replay(self, replay: Replay, page: KeptPage) -> None:
        if page.is_failed:
            self._take_up(replay, page)
            return
        if page.capture_id != self._last[0]:
            self._last = page.capture_id, self._read(page)
        found = self._last[1]
        if found is None:
            replay.leave(page)
        else:
            replay.record(page, *found)
            self.pages += 1

    def _take_up(self, replay: Replay, page: KeptPage) -> None:
        """Record a page that could not be read where today's sites can read it; else it stays as it was."""
        try:
            found = _found_today(page, self._page(page)) if not page.part else None
        except (ParseError, UnknownSite):
            found = None
        except StorageError as error:
            self.endings.append(Ending.VERIFICATION)
            self.problems.append(str(error))
            found = None
        if found is None:
            replay.leave(page)
        else:
            replay.take_up(page, found)
            self.pages += 1

    def _page(self, page: KeptPage) -> Page:
        stored = read_capture(self.archive.folder_of(page.capture.warc_file), page.capture)
        is_named = page.is_site_named and host_of(page.asked_url) == host_of(page.capture.url)
        named_site = page.site if is_named else None
        return Page(page.url, stored.body, page.capture.content_type, page.known_time, named_site)

    def _read(self, page: KeptPage) -> tuple[Sequence[ThreadPage], Article | None] | None:
        """Return what is read on a page today, threads and an article; None where that cannot be told."""
        if page.is_not_modified or (page.is_lead and not page.with_article):
            return [], None
        try:
            if page.is_icon:
                self._page(page)  # its bytes must be there, and nothing is read in them
                return [], None
            return _found(page, self._page(page))
        except StorageError as error:
            self._leave(page, Ending.VERIFICATION, str(error))
        except (ParseError, UnknownSite) as error:
            self._leave(page, Ending.DRIFT, f"{page.capture.url} is not read as it was: {error}")
        return None

    def _leave(self, page: KeptPage, ending: Ending, problem: str) -> None:
        self.endings.append(ending)
        self.problems.append(problem)
        self._left.update(thread for (thread,) in self.archive.query(_THREADS, (page.capture_id,)))

    def compared(self) -> Comparison:
        """Return the two archives beside each other, with threads that lack a page left as they are."""
        comparison = Comparison(self.made.connection, "main", "held")
        with self.made.transaction():
            comparison.match()
            comparison.leave(sorted(self._left))
        return comparison

    def apply(self, run_id: int) -> None:
        """Make the archive's rows those that were made, in one transaction."""
        self.archive.query("ATTACH ? AS made", (f"{self.made.file.as_uri()}?mode=ro",))
        with self.archive.transaction() as connection:
            Comparison(connection, "made", "main").apply()
            if self.taken is not None and self.taken.pages:
                taken_up.apply(connection, self.taken, run_id)
        self.archive.query("DETACH made")


def _found(kept: KeptPage, page: Page) -> tuple[Sequence[ThreadPage], Article | None]:
    if kept.is_article_text or kept.is_lead:
        found = ask(article_text_on if kept.is_article_text else lead_text_on, page, kept.site)
        if found.article is None and kept.is_article_text:
            raise ParseError("no article is found on it")
        return (), found.article
    found = ask(threads_on, page, kept.site, kind=kept.kind, with_article=bool(kept.with_article))
    if found.drifted:
        raise ParseError(found.drifted)
    return found.pages, None


def _found_today(kept: KeptPage, page: Page) -> FoundPage | None:
    """Return what is read on a page that could not be read; None where it still may not be recorded."""
    found = ask(
        found_today,
        page,
        kept.site,
        kind=kept.kind,
        with_article=bool(kept.with_article),
        is_article_text=kept.is_article_text,
    )
    if found is None:
        return None
    start = _start(found.site, page.url) if found.pages else None
    return FoundPage(found.site, start, found.pages, found.article, found.charset)


def _start(site: str, url: str | None) -> str | None:
    try:
        return site_named(site).start(url).url if url else None
    except UnknownSite:
        return None


_THREADS = """
    SELECT r.thread_id FROM pages p JOIN readings r ON r.id = p.reading_id
    WHERE p.capture_id = ?1 AND r.thread_id IS NOT NULL
    UNION SELECT c.thread_id FROM comment_versions v JOIN comments c ON c.id = v.comment_id WHERE v.capture_id = ?1
    UNION SELECT c.thread_id FROM observations o JOIN comments c ON c.id = o.comment_id WHERE o.capture_id = ?1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReparseReport:
    """What was read again, and how what that made differs from what is held."""

    ending: Ending
    pages: int
    """Pages that were read again."""
    taken_up: int
    """Pages among them that could not be read before."""
    undated: int
    """Captures whose times were taken for wrong first."""
    differences: int
    """Rows that differ."""
    left: int
    """Threads that were left as they are, since some of what they hold cannot be made again."""
    problems: tuple[str, ...]
    """Pages that could not be read again, and why."""


Show = Callable[[Difference], object]
"""Takes each difference as it is found."""


def reparse(
    archive: str | os.PathLike[str],
    *,
    is_applied: bool = True,
    undate_after: str | None = None,
    show: Show | None = None,
    progress: Progress = silent,
) -> ReparseReport:
    """Make every row of an archive again from its capture, and let the archive have these rows, unless told not to.

    `show` takes each row that differs. With `undate_after` the times of captures later than that are first taken for
    wrong, which changes the archive.
    """
    path, undated = Path(archive), 0
    if undate_after is not None:
        if not is_applied:
            raise WrongUsage("--undate-after changes the archive: leave out --diff.")
        undated = _undate(path, utc_time(undate_after))
        progress(
            Step(label="captures", sentence=f"undated: {undated} captures are kept without a time", is_problem=False)
        )
    with ExitStack() as stack:
        held = stack.enter_context(_opened(path, is_applied))
        folder = Path(stack.enter_context(_folder(path)))
        work = Reparse(held, stack.enter_context(stage(folder / "made.db", path)))
        work.replay(progress)
        progress(Step(label="rows"))
        comparison = work.compared()
        count = 0
        for count, difference in enumerate(comparison.differences(), 1):  # noqa: B007 - the last count is returned
            if show is not None:
                show(difference)
        report = ReparseReport(
            ending=endings.worst(work.endings),
            pages=work.pages,
            taken_up=len(work.taken.pages) if work.taken else 0,
            undated=undated,
            differences=count,
            left=len(comparison.left()),
            problems=tuple(work.problems),
        )
        work.made.close()
        if is_applied:
            _apply(work, report.ending)
        return report


def _undate(path: Path, after: str) -> int:
    """Take the times of captures later than a time for wrong, and return how many there are."""
    Archive.open_to_read(path).close()
    with Archive.create_or_open(path) as archive, archive.transaction() as connection:
        return clocks.undate(connection, after)


def _opened(path: Path, is_applied: bool) -> Archive:
    """Open an archive so that nobody writes to it meanwhile, where anybody could."""
    if is_applied:
        Archive.open_to_read(path).close()  # nothing to read again where there is no archive
        return Archive.create_or_open(path)
    if os.access(real_path(path).parent, os.W_OK) and path.is_file():
        return Archive.open_to_try(path)
    return Archive.open_to_read(path)


def _folder(path: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is removed at the end, beside the archive where there is room for another of its size."""
    beside = real_path(path).parent
    return tempfile.TemporaryDirectory(prefix=".btl-reparse-", dir=beside if os.access(beside, os.W_OK) else None)


def _apply(work: Reparse, ending: Ending) -> None:
    archive = work.archive
    with archive.transaction() as connection:
        run_id = start_run(connection, "reparse", {})
    work.apply(run_id)
    finish_run(archive, run_id, run_verdict(ending), ending)
    archive.checkpoint()
