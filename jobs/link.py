"""One run of linking: which threads, each in a transaction of its own, and what was found."""

import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import click

from belowtheline.archive.links import keeping
from belowtheline.archive.links.texts import Links
from belowtheline.archive.queries.holdings import find_thread, held_threads
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import finish_run, start_run
from belowtheline.cli.console.text import one_line
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.progress import Progress, silent
from belowtheline.pipelines.linking.rules import METHOD_VERSION
from belowtheline.pipelines.linking.waiting import link_thread
from belowtheline.reading.errors import ReaderError
from belowtheline.sites.registry import identities_in


def link_what_waits(
    archive: Archive, failed: Mapping[int, str] = MappingProxyType({}), progress: Progress = silent
) -> Counter[str]:
    """Link every thread that has changed since it was linked, behind a progress bar, and count what was found.

    `failed` are those that could not be linked just now, with the reason: they are named, and not tried again, where
    they have not been linked since. Ctrl-C raises KeyboardInterrupt, whatever handled it before.
    """
    waiting = keeping.waiting(archive)
    still = [thread_id for thread_id in waiting if thread_id in failed]
    for thread_id in still:
        click.echo(f"! {one_line(failed[thread_id])}", err=True)
    with _interruptible():
        found = _linked(archive, [thread_id for thread_id in waiting if thread_id not in failed])
    found["failed"] += len(still)
    return found


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt: Scrapy's handler is still there when a crawl has ended, and would do nothing."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _linked(archive: Archive, threads: Collection[int]) -> Counter[str]:
    found: Counter[str] = Counter()
    with click.progressbar(threads, label="link", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for thread_id in bar:
            try:
                found.update(_counts(link_thread(archive, thread_id)))
            except ReaderError as error:
                found["failed"] += 1
                click.echo(f"! {one_line(str(error))}", err=True)
    return found


def link_all(path: Path, wanted: tuple[str, ...]) -> int:
    """Link the wanted threads, or all, print what was found and return the exit code."""
    Archive.open_to_read(path).close()  # a name mistyped makes no archive
    with Archive.create_or_open(path) as archive:
        threads = dict.fromkeys(_row(archive, name) for name in wanted) or [one.row_id for one in held_threads(archive)]
        with archive.transaction() as connection:
            run_id = start_run(connection, "link", {"threads": wanted, "method_version": METHOD_VERSION})
        found = _linked(archive, threads)
        code = Ending.DRIFT if found["failed"] else Ending.COMPLETE
        finish_run(archive, run_id, "incomplete" if code else "complete", code)
        archive.checkpoint()
    click.echo(
        f"linked: {len(threads)} threads, {found['sourced']} of {found['quotes']} quotations with a source, "
        f"{found['edges']} replies inferred, {found['candidates']} candidates",
        err=True,
    )
    return code


def _row(archive: Archive, wanted: str) -> int:
    name = wanted.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    try:
        identities = identities_in(name) if "://" in name else set()
    except ValueError as error:
        raise click.UsageError(f"{name!r} is no address ({error}): give the thread's id.") from error
    return find_thread(archive, name, identities).row_id


def _counts(links: Links) -> dict[str, int]:
    return {
        "quotes": len(links.quotes),
        "sourced": sum(quote.source_type != "none" for quote in links.quotes),
        "edges": len({(edge.comment_id, edge.target_id) for edge in links.edges}),
        "candidates": len({(edge.comment_id, edge.target_id) for edge in links.candidates}),
    }
