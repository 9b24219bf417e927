"""One run of linking: which threads, each in a transaction of its own, and what was found."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from belowtheline.archive.links import keeping
from belowtheline.archive.links.texts import Links
from belowtheline.archive.queries.holdings import held_threads
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import finish_run, start_run
from belowtheline.jobs.endings import Ending, run_verdict
from belowtheline.jobs.names import thread_named
from belowtheline.jobs.progress import Notices, Progress, Step, silent
from belowtheline.pipelines.linking.rules import METHOD_VERSION
from belowtheline.pipelines.linking.waiting import link_thread
from belowtheline.reading.errors import ReaderError

_LABEL = "threads"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """What was found in the threads that were linked."""

    ending: Ending
    run_id: int
    threads: int
    """Threads that were to be linked."""
    quotes: int
    sourced: int
    """Quotations whose source is held."""
    edges: int
    """Replies that rules inferred."""
    candidates: int
    """Guesses that are too unsure to be replies."""
    problems: tuple[str, ...]
    """Threads that could not be linked, and why."""


def link(
    archive: str | os.PathLike[str], threads: str | Sequence[str] = (), *, progress: Progress = silent
) -> LinkReport:
    """Link the threads of these names, or all; a name that is not held is raised before anything is changed."""
    path = Path(archive)
    names = (threads,) if isinstance(threads, str) else tuple(threads)
    notices = Notices(progress)
    Archive.open_to_read(path).close()  # a name mistyped makes no archive
    with Archive.create_or_open(path) as opened:
        wanted = dict.fromkeys(thread_named(opened, name).row_id for name in names)
        linked = list(wanted) or [one.row_id for one in held_threads(opened)]
        with opened.transaction() as connection:
            run_id = start_run(connection, "link", {"threads": names, "method_version": METHOD_VERSION})
        found = _linked(opened, linked, notices)
        ending = Ending.DRIFT if found["failed"] else Ending.COMPLETE
        finish_run(opened, run_id, run_verdict(ending), ending)
        opened.checkpoint()
    return LinkReport(
        ending=ending,
        run_id=run_id,
        threads=len(linked),
        quotes=found["quotes"],
        sourced=found["sourced"],
        edges=found["edges"],
        candidates=found["candidates"],
        problems=tuple(notices.sentences),
    )


def link_what_waits(
    archive: Archive, failed: Mapping[int, str] = MappingProxyType({}), progress: Progress = silent
) -> Counter[str]:
    """Link every thread that has changed since it was linked, and count what was found.

    `failed` are those that could not be linked just now, with the reason: they are told, and not tried again, where
    they have not been linked since. Ctrl-C raises KeyboardInterrupt, whatever handled it before.
    """
    waiting = keeping.waiting(archive)
    still = [thread_id for thread_id in waiting if thread_id in failed]
    for thread_id in still:
        progress(Step(label=_LABEL, sentence=failed[thread_id]))
    with _interruptible():
        found = _linked(archive, [thread_id for thread_id in waiting if thread_id not in failed], progress)
    found["failed"] += len(still)
    return found


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt: Scrapy's handler is still there when a crawl has ended, and would do nothing."""
    if threading.current_thread() is not threading.main_thread():  # where no signal arrives, nor is a handler allowed
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _linked(archive: Archive, threads: Collection[int], progress: Progress) -> Counter[str]:
    found: Counter[str] = Counter()
    for count, thread_id in enumerate(threads):
        progress(Step(label=_LABEL, done=count, total=len(threads)))
        try:
            found.update(_counts(link_thread(archive, thread_id)))
        except ReaderError as error:
            found["failed"] += 1
            progress(Step(label=_LABEL, sentence=str(error)))
    progress(Step(label=_LABEL, done=len(threads), total=len(threads)))
    return found


def _counts(links: Links) -> dict[str, int]:
    return {
        "quotes": len(links.quotes),
        "sourced": sum(quote.source_type != "none" for quote in links.quotes),
        "edges": len({(edge.comment_id, edge.target_id) for edge in links.edges}),
        "candidates": len({(edge.comment_id, edge.target_id) for edge in links.candidates}),
    }
