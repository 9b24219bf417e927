"""Threads and comments by what a reader calls them: an address, an id, a part of a title."""

import re

from belowtheline.archive.queries.holdings import (
    HeldThread,
    Identity,
    NamedComment,
    comments_at,
    comments_called,
    find_thread,
    is_thread_id,
    listing,
)
from belowtheline.archive.store.database import Archive
from belowtheline.reading.errors import BelowTheLineError

_ID_IN_ANCHOR = re.compile(r"[0-9]{1,30}$")


def thread_named(archive: Archive, wanted: str) -> HeldThread:
    """Return the one thread of that id, address, number or part of a title; raise where it is none or several."""
    name = printable(wanted)
    return find_thread(archive, name, _identities(name) if "://" in name else ())


def named(archive: Archive, wanted: str) -> HeldThread | NamedComment:
    """Return the one comment or thread that goes by a name; raise where none does, or several do.

    A comment goes by its address, by THREAD#ID, and by its id alone where no thread goes by that.
    """
    name = printable(wanted)
    if found := comments_at(archive, name, _identities(name)) if "://" in name else _in_thread(archive, name):
        return _one(archive, name, found)
    try:
        thread = thread_named(archive, name)
    except BelowTheLineError as error:
        if "://" not in name and "#" not in name and (called := _called(archive, name)):
            return _one(archive, name, called)
        raise error
    anchor = name.partition("#")[2]
    return next(iter(_of_thread(archive, thread, anchor)), thread) if "://" in name and anchor else thread


def comment_named(archive: Archive, wanted: str) -> NamedComment:
    """Return the one comment that goes by an address, by THREAD#ID or by its id; raise where none does, or several do.

    An id is that of a comment here even where a thread goes by it as well.
    """
    name = printable(wanted)
    address, _, anchor = name.partition("#")
    if "://" in name:
        found = comments_at(archive, name, _identities(name))
        if not found and anchor:
            found = _of_thread(archive, thread_named(archive, address), anchor)
    else:
        found = _in_thread(archive, name) or _called(archive, name)
    if found:
        return _one(archive, name, found)
    raise BelowTheLineError(
        f"{archive.path} holds no comment {name!r}: give its address, THREAD#ID or its id, as `btl show` and exports"
        " have it."
    )


def _called(archive: Archive, name: str, thread_id: int | None = None) -> list[NamedComment]:
    """Return the comments of an id, or of the label that stands for one in copied text, which needs no ~ here."""
    return comments_called(archive, name, thread_id) or comments_called(archive, f"~{name}", thread_id)


def _in_thread(archive: Archive, name: str) -> list[NamedComment]:
    """Return what goes by THREAD#ID, nothing where a name is not of that form or is itself a thread's id."""
    thread, mark, native_id = name.rpartition("#")
    if not mark or not thread or not native_id or is_thread_id(archive, name):
        return []
    held = thread_named(archive, thread)
    if found := _of_thread(archive, held, native_id):
        return found
    raise BelowTheLineError(
        f"The thread {held.native_id} holds no comment {native_id!r}: `btl show {archive.path} {held.row_id}` shows"
        " what it holds."
    )


def _of_thread(archive: Archive, thread: HeldThread, anchor: str) -> list[NamedComment]:
    """Return the comment of a thread that goes by an id, or by the anchor of an address, as in #c_17."""
    ids = dict.fromkeys((anchor, anchor.replace("-", "_").rpartition("_")[2], *_ID_IN_ANCHOR.findall(anchor)))
    return next((found for one in ids if one and (found := _called(archive, one, thread.row_id))), [])


def _one(archive: Archive, name: str, found: list[NamedComment]) -> NamedComment:
    if len(found) == 1:
        return found[0]
    raise BelowTheLineError(
        f"{name!r} could be {len(found)} comments of {archive.path}: give the address of one, or write THREAD#ID with"
        f" the address or the number of its thread.\n{listing(found)}"
    )


def printable(argument: str) -> str:
    """Return an argument without what no encoding holds: lone surrogates, which SQLite does not take."""
    return argument.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _identities(url: str) -> set[Identity]:
    """Return what the sites read in an address; raise BelowTheLineError where it is none."""
    from belowtheline.sites.registry import identities_in

    try:
        return identities_in(url)
    except ValueError as error:
        raise BelowTheLineError(
            f"{url!r} is no address ({error}): give the thread's id or a part of its title."
        ) from error
