"""Asking again for what is known: threads that may have changed, and pages that could not be read."""

from dataclasses import dataclass
from pathlib import Path

import click

from belowtheline.archive.readings import page_limits, retrying, updating
from belowtheline.archive.readings.starts import Start
from belowtheline.archive.readings.updating import DueThread
from belowtheline.archive.record.people import site_id
from belowtheline.archive.store import clock, runs
from belowtheline.archive.store.database import Archive
from belowtheline.cli.console.text import one_line
from belowtheline.cli.console.times import duration
from belowtheline.jobs.clock_check import check_clock
from belowtheline.jobs.crawl import carry_out, unfinished
from belowtheline.jobs.names import thread_named
from belowtheline.jobs.progress import silent
from belowtheline.jobs.request_rules import Manner, start_run
from belowtheline.reading.errors import UnknownSite
from belowtheline.sites.instances import instance_at
from belowtheline.sites.registry import site_named

_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Manner):
    """What an update is asked to do."""

    thread: str | None
    site: str | None
    limit: int | None
    older_than: str | None
    every_page: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Manner):
    """What a retry is asked to do."""

    thread: str | None
    site: str | None
    reasons: tuple[str, ...]


def update(path: Path, wanted: Update) -> int:
    """Look again at the known threads of the archive at `path`, print the summary and return the exit code."""
    thread_id = _checked(path, wanted.thread, wanted.site)
    with Archive.create_or_open(path) as archive:
        check_clock(archive, silent)
        with archive.transaction() as connection:
            run_id = start_run(connection, "update", wanted)
            unasked: list[DueThread] = []
            if not updating.go_on(connection, run_id):
                unasked = _open(archive, run_id, wanted, thread_id)
            page_limits.lift(connection, run_id, wanted.max_pages)
            todo = unfinished(connection, run_id, wanted)
        _name_unasked(unasked)
        if not todo:
            click.echo("No thread is due: `btl status` lists what is held.", err=True)
        code = carry_out(archive, run_id, wanted, todo)
        _count_changed(archive, run_id)
        return code


def retry(path: Path, wanted: Retry) -> int:
    """Ask again for the pages of the archive at `path` that failed or are deferred, and return the exit code."""
    thread_id = _checked(path, wanted.thread, wanted.site)
    with Archive.create_or_open(path) as archive:
        check_clock(archive, silent)
        with archive.transaction() as connection:
            run_id = start_run(connection, "retry", wanted)
            if not updating.go_on(connection, run_id):
                which = {"thread_id": thread_id, "site": wanted.site, "max_pages": wanted.max_pages}
                retrying.take_up(connection, run_id, reasons=wanted.reasons, **which)  # type: ignore[arg-type]
            page_limits.lift(connection, run_id, wanted.max_pages)
            todo = unfinished(connection, run_id, wanted)
        if not todo:
            click.echo("No page of a newest reading failed or is deferred: nothing is asked.", err=True)
        return carry_out(archive, run_id, wanted, todo)


def _checked(path: Path, thread: str | None, site: str | None) -> int | None:
    """Return the row of the thread that is named; raise what says that archive, thread or site is not there."""
    if site is not None:
        site_named(site)
    with Archive.open_to_read(path) as archive:  # which makes no archive where there is none
        return thread_named(archive, thread).row_id if thread is not None else None


def _open(archive: Archive, run_id: int, wanted: Update, thread_id: int | None) -> list[DueThread]:
    """Open a reading for each thread that is due, and return those whose address is not known."""
    connection = archive.connection
    before = runs.utc_text(clock.utc_now() - duration(wanted.older_than)) if wanted.older_than else None
    due = list(updating.due_threads(connection, thread_id=thread_id, site=wanted.site, looked_at_before=before))
    opened = 0
    unasked = []
    for thread in due:
        if opened == wanted.limit:
            break
        if thread.repeats_id is not None or thread.open_id is not None:
            updating.look_again(connection, run_id, thread, every_page=wanted.every_page)
        elif start := _start(thread, site_id(connection, thread.site)):
            updating.start_anew(connection, run_id, thread, start)
        else:
            unasked.append(thread)
            continue
        opened += 1
    if unasked and thread_id is not None:
        raise UnknownSite(_unasked(unasked))
    return unasked


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


def _name_unasked(threads: list[DueThread]) -> None:
    if threads:
        click.echo(f"! {one_line(_unasked(threads))}", err=True)


def _unasked(threads: list[DueThread]) -> str:
    names = ", ".join(thread.native_id for thread in threads[:_LISTED])
    more = f" and {len(threads) - _LISTED} more" if len(threads) > _LISTED else ""
    return f"No address is known of {names}{more}, which came from files: `btl crawl` their addresses once."


def _count_changed(archive: Archive, run_id: int) -> None:
    """Say how many threads have new or changed comments."""
    sql = "SELECT count(*), coalesce(sum(has_changes), 0) FROM readings WHERE run_id = ? AND closed_at IS NOT NULL"
    looked, changed = archive.query(sql, (run_id,)).fetchone()
    listed = ": `btl diff` lists the changes" if changed else ""
    click.echo(f"threads: {looked} looked at, {changed} with new or changed comments{listed}", err=True)
