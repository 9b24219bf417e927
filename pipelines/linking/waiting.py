"""Linking single threads of an archive, each in a transaction of its own."""

from belowtheline.archive import linking
from belowtheline.archive.database import Archive
from belowtheline.archive.linked import Links
from belowtheline.pipelines.linking.engine import link
from belowtheline.pipelines.linking.rules import METHOD_VERSION


def link_thread(archive: Archive, thread_id: int) -> Links:
    """Link one thread anew and keep what was found, in one transaction; return it."""
    thread = linking.read_thread(archive, thread_id)
    links = link(thread)
    linking.keep(archive, thread, links, METHOD_VERSION)
    return links


def link_thread_of(archive: Archive, page_id: int) -> None:
    """Link the thread of a page if it waits for that: if it has changed, and its reading has just been closed."""
    for thread_id in linking.waiting(archive, page_id):
        link_thread(archive, thread_id)


def link_waiting(archive: Archive) -> int:
    """Link every thread that has changed since it was linked and is not being read; return how many there were.

    What a killed run left waiting, or an older btl never linked, is linked by the next one.
    """
    threads = linking.waiting(archive)
    for thread_id in threads:
        link_thread(archive, thread_id)
    return len(threads)
