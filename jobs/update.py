"""Asking again for what is known: threads that may have changed, and pages that could not be read."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from belowtheline.archive.readings import page_limits, retrying, updating
from belowtheline.archive.readings.page_limits import MAX_PAGES
from belowtheline.archive.readings.starts import Start
from belowtheline.archive.readings.updating import DueThread
from belowtheline.archive.record.people import site_id
from belowtheline.archive.store import clock, runs
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.child_process import in_child
from belowtheline.jobs.clock_check import check_clock
from belowtheline.jobs.crawl_report import CrawlReport
from belowtheline.jobs.names import thread_named
from belowtheline.jobs.progress import Notices, Progress, Step, silent
from belowtheline.jobs.request_rules import RequestRules, start_run
from belowtheline.jobs.scrapy_run import carry_out, check_process, unfinished
from belowtheline.jobs.spans import span
from belowtheline.reading.errors import UnknownSite, WrongUsage
from belowtheline.sites.instances import instance_at
from belowtheline.sites.registry import site_named

_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOptions(RequestRules):
    """What an update is asked to do."""

    thread: str | None = None
    """Only this thread: its id, address, number or a part of its title."""
    site: str | None = None
    """Only threads of this site."""
    limit: int | None = None
    """So many threads at most."""
    older_than: str | None = None
    """Only threads not looked at for so long: 90m, 12h, 7d, 2w."""
    every_page: bool = False
    """Whether every known page of a thread is asked for, not only the most telling one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOptions(RequestRules):
    """What a retry is asked to do."""

    thread: str | None = None
    """Only this thread: its id, address, number or a part of its title."""
    site: str | None = None
    """Only threads of this site."""
    reasons: tuple[str, ...] = ()
    """Only pages that failed for one of these reasons, as `btl status` names them."""


def update(
    archive: str | os.PathLike[str],
    *,
    thread: str | None = None,
    site: str | None = None,
    limit: int | None = None,
    older_than: str | None = None,
    every_page: bool = False,
    contact: str | None = None,
    delay: float | None = None,
    link: bool = True,
    purpose: str | None = None,
    legal_basis: str | None = None,
    local: Iterable[str] = (),
    max_pages: int = MAX_PAGES,
    progress: Progress = silent,
) -> CrawlReport:
    """Look again at the known threads of an archive, in a process of its own as `crawl` does, and return the report."""
    options = UpdateOptions(
        thread=thread,
        site=site,
        limit=limit,
        older_than=older_than,
        every_page=every_page,
        contact=contact,
        delay=delay,
        link=link,
        purpose=purpose,
        legal_basis=legal_basis,
        local=tuple(local),
        max_pages=max_pages,
    )
    return in_child(update_here, archive, options, progress)


def retry(
    archive: str | os.PathLike[str],
    *,
    thread: str | None = None,
    site: str | None = None,
    reasons: Iterable[str] = (),
    contact: str | None = None,
    delay: float | None = None,
    link: bool = True,
    purpose: str | None = None,
    legal_basis: str | None = None,
    local: Iterable[str] = (),
    max_pages: int = MAX_PAGES,
    progress: Progress = silent,
) -> CrawlReport:
    """Ask again for pages that failed or are deferred, in a process of its own as `crawl` does."""
    options = RetryOptions(
        thread=thread,
        site=site,
        reasons=tuple(reasons),
        contact=contact,
        delay=delay,
        link=link,
        purpose=purpose,
        legal_basis=legal_basis,
        local=tuple(local),
        max_pages=max_pages,
    )
    return in_child(retry_here, archive, options, progress)


def update_here(archive_path: Path, options: UpdateOptions, progress: Progress = silent) -> CrawlReport:
    """Look again at the known threads of an archive in this process, as `crawl_here` does, and return the report."""
    notices = Notices(progress)
    check_process()
    thread_id = _checked(archive_path, options.thread, options.site)
    with Archive.create_or_open(archive_path) as archive:
        check_clock(archive, notices)
        with archive.transaction() as connection:
            run_id = start_run(connection, "update", options)
            unasked: list[DueThread] = []
            if not updating.go_on(connection, run_id):
                unasked = _open(archive, run_id, options, thread_id)
            page_limits.lift(connection, run_id, options.max_pages)
            todo = unfinished(connection, run_id, options)
        if unasked:
            notices(Step(label="update", sentence=_unasked(unasked)))
        if not todo:
            nothing = "No thread is due: `btl status` lists what is held."
            notices(Step(label="update", sentence=nothing, is_problem=False))
        return carry_out(archive, run_id, options, todo, notices)


def retry_here(archive_path: Path, options: RetryOptions, progress: Progress = silent) -> CrawlReport:
    """Ask again for pages that failed or are deferred in this process, as `crawl_here` does, and return the report."""
    notices = Notices(progress)
    check_process()
    thread_id = _checked(archive_path, options.thread, options.site)
    with Archive.create_or_open(archive_path) as archive:
        check_clock(archive, notices)
        with archive.transaction() as connection:
            run_id = start_run(connection, "retry", options)
            if not updating.go_on(connection, run_id):
                which = {"thread_id": thread_id, "site": options.site, "max_pages": options.max_pages}
                retrying.take_up(connection, run_id, reasons=options.reasons, **which)  # type: ignore[arg-type]
            page_limits.lift(connection, run_id, options.max_pages)
            todo = unfinished(connection, run_id, options)
        if not todo:
            nothing = "No page of a newest reading failed or is deferred: nothing is asked."
            notices(Step(label="retry", sentence=nothing, is_problem=False))
        return carry_out(archive, run_id, options, todo, notices)


def _checked(path: Path, thread: str | None, site: str | None) -> int | None:
    """Return the row of the thread that is named; raise what says that archive, thread or site is not there."""
    if site is not None:
        site_named(site)
    with Archive.open_to_read(path) as archive:  # which makes no archive where there is none
        return thread_named(archive, thread).row_id if thread is not None else None


def _open(archive: Archive, run_id: int, options: UpdateOptions, thread_id: int | None) -> list[DueThread]:
    """Open a reading for each thread that is due, and return those whose address is not known."""
    connection = archive.connection
    before = _looked_at_before(options.older_than)
    due = list(updating.due_threads(connection, thread_id=thread_id, site=options.site, looked_at_before=before))
    opened = 0
    unasked = []
    for thread in due:
        if opened == options.limit:
            break
        if thread.repeats_id is not None or thread.open_id is not None:
            updating.look_again(connection, run_id, thread, every_page=options.every_page)
        elif start := _start(thread, site_id(connection, thread.site)):
            updating.start_anew(connection, run_id, thread, start)
        else:
            unasked.append(thread)
            continue
        opened += 1
    if unasked and thread_id is not None:
        raise UnknownSite(_unasked(unasked))
    return unasked


def _looked_at_before(older_than: str | None) -> str | None:
    if not older_than:
        return None
    try:
        return runs.utc_text(clock.utc_now() - span(older_than))
    except (ValueError, OverflowError) as error:
        raise WrongUsage(f"{older_than!r} is no span of time: write 90m, 12h, 7d or 2w.") from error


def _start(thread: DueThread, site: int) -> Start | None:
    """Return where a thread that came from files can be asked for, None where it names no address of a thread."""
    reader, named = site_named(thread.site), None if thread.instance else thread.site
    try:
        link = reader.start(thread.url or "")
    except UnknownSite:
        return None
    if link.kind != "article" and instance_at(reader, link.url, named) not in (None, thread.instance):
        return None  # the address is the page's own word: another host is not asked for a thread that it may not have
    # On this machine it is a thread of the site itself only where a person named the site.
    return Start(site, thread.native_id, link, thread.instance, is_site_named=named is not None)


def _unasked(threads: list[DueThread]) -> str:
    names = ", ".join(thread.native_id for thread in threads[:_LISTED])
    more = f" and {len(threads) - _LISTED} more" if len(threads) > _LISTED else ""
    return f"No address is known of {names}{more}, which came from files: `btl crawl` their addresses once."
