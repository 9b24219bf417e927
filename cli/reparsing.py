"""Reading an archive's captures again with today's sites, and comparing the rows that makes with those held."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click

from belowtheline.archive import clocks, takenup
from belowtheline.archive.captures import read_capture
from belowtheline.archive.comparing import Comparison, Difference
from belowtheline.archive.database import Archive, real_path
from belowtheline.archive.drift import drift_of_page
from belowtheline.archive.replaying import FoundPage, KeptPage, Replay, stage
from belowtheline.archive.runs import finish_run, start_run
from belowtheline.archive.takenup import TakenUp
from belowtheline.cli import ending
from belowtheline.pipelines import normalise, normalise_article
from belowtheline.pipelines.linking.waiting import link_waiting
from belowtheline.scraper.articles import article_on, lead_article, lead_of, with_own_article
from belowtheline.scraper.barriers import has_barred_title
from belowtheline.scraper.errors import ParseError, StorageError, UnknownSite
from belowtheline.scraper.items import Article, ThreadPage
from belowtheline.scraper.page import Page
from belowtheline.scraper.registry import read, site_named, site_of_page
from belowtheline.scraper.site import UNKNOWN_SITE


@dataclass(slots=True)
class Reparse:
    """An archive made again beside the one that is held."""

    archive: Archive
    made: Archive
    codes: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pages: int = 0
    taken: TakenUp | None = None
    """What was taken up of pages that could not be read before."""
    _left: set[int] = field(default_factory=set)
    _last: tuple[int, tuple[list[ThreadPage], Article | None] | None] = (0, None)
    """The capture that was read last, and what was found in it: a file of several threads is read once."""

    def replay(self) -> None:
        """Record every page again; one whose bytes are damaged, or that cannot be read today, is named."""
        replay = Replay(self.made, link_waiting)
        pages = list(replay.pages())
        with click.progressbar(pages, label="reparse", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for page in bar:
                if page.is_failed:
                    self._take_up(replay, page)
                    continue
                if page.capture_id != self._last[0]:
                    self._last = page.capture_id, self._read(page)
                found = self._last[1]
                if found is None:
                    replay.leave(page)
                else:
                    replay.record(page, *found)
                    self.pages += 1
        replay.finish()
        self.taken = replay.taken

    def _take_up(self, replay: Replay, page: KeptPage) -> None:
        """Record a page that could not be read where today's sites can read it; else it stays as it was."""
        try:
            found = _found_today(page, self._page(page)) if not page.part else None
        except (ParseError, UnknownSite):
            found = None
        except StorageError as error:
            self.codes.append(ending.VERIFICATION)
            self.problems.append(str(error))
            found = None
        if found is None:
            replay.leave(page)
        else:
            replay.take_up(page, found)
            self.pages += 1

    def _page(self, page: KeptPage) -> Page:
        stored = read_capture(self.archive.folder_of(page.capture.warc_file), page.capture)
        return Page(page.url, stored.body, page.capture.content_type, page.known_time)

    def _read(self, page: KeptPage) -> tuple[list[ThreadPage], Article | None] | None:
        """Return what is read on a page today, threads and an article; None where that cannot be told."""
        if page.is_not_modified or (page.is_lead and not page.with_article):
            return [], None
        try:
            if page.is_icon:
                self._page(page)  # its bytes must be there, and nothing is read in them
                return [], None
            return _found(page, self._page(page))
        except StorageError as error:
            self._leave(page, ending.VERIFICATION, str(error))
        except (ParseError, UnknownSite) as error:
            self._leave(page, ending.DRIFT, f"{page.capture.url} is not read as it was: {error}")
        return None

    def _leave(self, page: KeptPage, code: int, problem: str) -> None:
        self.codes.append(code)
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
                takenup.apply(connection, self.taken, run_id)
        self.archive.query("DETACH made")


def _found(kept: KeptPage, page: Page) -> tuple[list[ThreadPage], Article | None]:
    if kept.is_article_text or kept.is_lead:
        article = (article_on if kept.is_article_text else lead_article)(page, kept.site)
        if article is None and kept.is_article_text:
            raise ParseError("no article is found on it")
        return [], article and normalise_article(article, page.fetched_at)
    pages = read(site_named(kept.site), page)
    if kept.with_article:
        pages = with_own_article(page, pages, kept.site, kept.kind)
    normalised = [normalise(found) for found in pages]
    if drifted := drift_of_page(normalised):
        raise ParseError(drifted)
    return normalised, None


def _found_today(kept: KeptPage, page: Page) -> FoundPage | None:
    """Return what is read on a page that could not be read; None where it still may not be recorded."""
    if kept.is_article_text:
        article = None if has_barred_title(page.text) else article_on(page, kept.site)
        found = article and normalise_article(article, page.fetched_at)
        return FoundPage(kept.site, None, (), found, page.charset) if found else None
    site, pages = _read_today(kept, page)
    if kept.with_article:
        pages = with_own_article(page, pages, site, kept.kind)
    normalised = [normalise(found) for found in pages]
    if not normalised or drift_of_page(normalised):
        return None
    return FoundPage(site, _start(site, page.url), normalised, None, page.charset)


def _read_today(kept: KeptPage, page: Page) -> tuple[str, tuple[ThreadPage, ...]]:
    """Return what a page shows and which site reads it; nothing of an article's page that leads elsewhere."""
    if kept.kind == "article":
        lead = lead_of(page)
        return lead.site, lead.pages
    site = site_named(kept.site) if kept.site != UNKNOWN_SITE else site_of_page(page)
    return site.name, read(site, page)


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reparse ended."""

    code: int
    pages: int
    taken_up: int
    """Pages among them that could not be read before."""
    differences: int
    left: int
    """Threads that were left as they are."""
    problems: Sequence[str]


Show = Callable[[Difference], object]
"""Takes each difference as it is found."""


def reparse(path: Path, show: Show, *, is_applied: bool) -> Outcome:
    """Make every row again from its capture, show what differs and, if it is to be applied, make it so."""
    with ExitStack() as stack:
        archive = stack.enter_context(_opened(path, is_applied))
        folder = Path(stack.enter_context(_folder(path)))
        work = Reparse(archive, stack.enter_context(stage(folder / "made.db", path)))
        work.replay()
        comparison = work.compared()
        count = 0
        for count, difference in enumerate(comparison.differences(), 1):  # noqa: B007 - the last count is returned
            show(difference)
        taken_up = len(work.taken.pages) if work.taken else 0
        outcome = Outcome(ending.worst(work.codes), work.pages, taken_up, count, len(comparison.left()), work.problems)
        work.made.close()
        if is_applied:
            _apply(work, outcome)
        return outcome


def undate(path: Path, after: str) -> int:
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


def _apply(work: Reparse, outcome: Outcome) -> None:
    archive = work.archive
    with archive.transaction() as connection:
        run_id = start_run(connection, "reparse", {})
    work.apply(run_id)
    finish_run(archive, run_id, "incomplete" if outcome.code else "complete", outcome.code)
    archive.checkpoint()
