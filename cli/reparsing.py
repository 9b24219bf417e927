"""Reading an archive's captures again with today's sites, and comparing the rows that makes with those held."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click

from belowtheline.archive import clocks
from belowtheline.archive.captures import read_capture
from belowtheline.archive.comparing import Comparison, Difference
from belowtheline.archive.database import Archive
from belowtheline.archive.drift import drift_of_page
from belowtheline.archive.replaying import KeptPage, Replay, stage
from belowtheline.archive.runs import finish_run, start_run
from belowtheline.cli import ending
from belowtheline.pipelines import normalise, normalise_article
from belowtheline.pipelines.linking.waiting import link_waiting
from belowtheline.scraper.articles import article_on, lead_article, with_own_article
from belowtheline.scraper.errors import ParseError, StorageError, UnknownSite
from belowtheline.scraper.items import Article, ThreadPage
from belowtheline.scraper.page import Page
from belowtheline.scraper.registry import read, site_named


@dataclass(slots=True)
class Reparse:
    """An archive made again beside the one that is held."""

    archive: Archive
    made: Archive
    codes: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pages: int = 0
    _left: set[int] = field(default_factory=set)
    _last: tuple[int, tuple[list[ThreadPage], Article | None] | None] = (0, None)
    """The capture that was read last, and what was found in it: a file of several threads is read once."""

    def replay(self) -> None:
        """Record every page again; one whose bytes are damaged, or that cannot be read today, is named."""
        replay = Replay(self.made, link_waiting)
        pages = list(replay.pages())
        with click.progressbar(pages, label="reparse", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for page in bar:
                if page.capture_id != self._last[0]:
                    self._last = page.capture_id, self._read(page)
                found = self._last[1]
                if found is None:
                    replay.leave(page)
                else:
                    replay.record(page, *found)
                    self.pages += 1
        replay.finish()

    def _read(self, page: KeptPage) -> tuple[list[ThreadPage], Article | None] | None:
        """Return what is read on a page today, threads and an article; None where that cannot be told."""
        if page.is_not_modified or (page.is_lead and not page.with_article):
            return [], None
        try:
            stored = read_capture(self.archive.captures_folder, page.capture)
            if page.is_icon:
                return [], None
            return _found(page, Page(page.url, stored.body, page.capture.content_type, page.known_time))
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

    def apply(self) -> None:
        """Make the archive's rows those that were made, in one transaction."""
        self.archive.query("ATTACH ? AS made", (f"{self.made.path.absolute().as_uri()}?mode=ro",))
        with self.archive.transaction() as connection:
            Comparison(connection, "made", "main").apply()
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
        outcome = Outcome(ending.worst(work.codes), work.pages, count, len(comparison.left()), work.problems)
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
    if os.access(path.parent, os.W_OK) and path.is_file():
        return Archive.open_to_try(path)
    return Archive.open_to_read(path)


def _folder(path: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is removed at the end, beside the archive where there is room for another of its size."""
    beside = path.absolute().parent
    return tempfile.TemporaryDirectory(prefix=".btl-reparse-", dir=beside if os.access(beside, os.W_OK) else None)


def _apply(work: Reparse, outcome: Outcome) -> None:
    archive = work.archive
    with archive.transaction() as connection:
        run_id = start_run(connection, "reparse", {})
    work.apply()
    finish_run(archive, run_id, "incomplete" if outcome.code else "complete", outcome.code)
    archive.checkpoint()
