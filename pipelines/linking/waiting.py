"""Linking single threads of an archive, each in a transaction of its own."""

from contextlib import suppress

from belowtheline.archive.links import keeping
from belowtheline.archive.links.texts import Links
from belowtheline.archive.store.database import Archive
from belowtheline.pipelines.linking.engine import link
from belowtheline.pipelines.linking.rules import METHOD_VERSION
from belowtheline.reading.errors import ReaderError
from belowtheline.reading.faults import reader_faults

_LONGEST = 300  # comments, which take a tenth of a second
_NOT_LINKED = "is not linked, since linking fails on it ({}): report it, and run `btl link` with a newer btl."


def link_thread(archive: Archive, thread_id: int) -> Links:
    """Link one thread anew and keep what was found, in one transaction; return it.

    Raises ReaderError where linking fails on what the thread says; the thread then waits for a newer btl.
    """
    thread = keeping.read_thread(archive, thread_id)
    name = (thread.titles or (f"The thread of row {thread_id}",))[0]
    with reader_faults(repr(name), _NOT_LINKED):
        links = link(thread)
    keeping.keep(archive, thread, links, METHOD_VERSION)
    return links


def link_thread_of(archive: Archive, page_id: int) -> dict[int, str]:
    """Link the thread of a page if it waits for that: if it has changed, and its reading has just been closed.

    A long thread is left to the end of the run, since a crawl can do nothing else meanwhile, nor be interrupted. What
    could not be linked is returned, with why.
    """
    failed: dict[int, str] = {}
    for thread_id in keeping.waiting(archive, page_id, longest=_LONGEST):
        try:
            link_thread(archive, thread_id)
        except ReaderError as error:
            failed[thread_id] = str(error)
    return failed


def link_waiting(archive: Archive) -> int:
    """Link every thread that has changed since it was linked and is not being read; return how many there were.

    What a killed run left waiting, or an older btl never linked, is linked by the next one.
    """
    threads = keeping.waiting(archive)
    for thread_id in threads:
        with suppress(ReaderError):
            link_thread(archive, thread_id)
    return len(threads)
