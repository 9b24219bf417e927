"""An export of Disqus's as a file: its threads and posts one after the other, without a tree of all of it.

Exports of large forums have hundreds of megabytes, and one damaged post must not cost the others. So the elements are
told apart by their tags alone, CDATA apart, which is where a comment may write tags of its own.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from belowtheline.reading.page import MAX_BYTES
from belowtheline.sites.site import Part

_PART = 1 << 20
_OVERLAP = 64
_HEAD = 8192
_TOP = re.compile(rb"<(thread|post|category)[\s>]|</disqus>")
_ENDS = {name: re.compile(rb"<!\[CDATA\[|</%b\s{0,9}>|<%b[\s>]" % (name, name)) for name in (b"post", b"category")}
_ENDS[b"thread"] = re.compile(rb"<!\[CDATA\[|</thread\s{0,9}>|<(?:thread|post)[\s>]")
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_CDATA_END = re.compile(rb"\]\]>")
_OWN = re.compile(rb"""<thread\b[^<>]{0,200}?\bdsq:id\s{0,9}=\s{0,9}["']([^"'<>]{1,40})["']""")
_END = b"</disqus>"
_START = re.compile(rb"<disqus\b[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Piece:
    """A thread or a post of an export: which bytes of the file it is, and of which thread."""

    thread: str | None
    """Id of its thread; None where it names none."""
    place: int
    size: int
    is_damaged: bool = False
    """Whether its end is missing."""


def parts_of(file: BinaryIO) -> Iterator[Part] | None:
    """Return an export as one export for each thread, and what of it is damaged; None for a file that is none.

    Only the places of threads and posts are held, 16 bytes for each.
    """
    file.seek(0)
    start = _START.search(file.read(_HEAD))
    if start is None or b"http://disqus.com" not in start[0]:
        return None
    file.seek(0)
    return _parts(file, file.read(start.end()))


def _parts(file: BinaryIO, head: bytes) -> Iterator[Part]:
    threads: dict[str, array[int]] = {}
    torn: set[str] = set()
    is_ended = False
    for piece in pieces_of(file):
        if piece is None:
            is_ended = True
        elif piece.is_damaged or piece.thread is None:
            torn.update(threads if piece.thread is None else (piece.thread,))
            of = f" of thread {piece.thread}" if piece.thread else ""
            yield Part(f"byte {piece.place}", b"", f"a part{of} has no end, or names no thread")
        else:
            threads.setdefault(piece.thread, array("Q")).extend((piece.place, piece.size))
    for thread, places in threads.items():
        # An export without its end is known to be cut, and so is a thread that lacks a post.
        end = _END if is_ended and thread not in torn else b""
        if sum(places[1::2]) + len(head) + len(end) > MAX_BYTES:
            yield Part(f"thread {thread}", b"", f"its posts are larger than {MAX_BYTES // 2**20} MiB")
        else:
            yield Part(f"thread {thread}", b"".join((head, *_bytes(file, places), end)))


def _bytes(file: BinaryIO, places: Sequence[int]) -> Iterator[bytes]:
    for place, size in zip(places[::2], places[1::2], strict=True):
        file.seek(place)
        yield file.read(size) + b"\n"


def pieces_of(file: BinaryIO) -> Iterator[Piece | None]:
    """Yield the threads and posts of an export in their order, and None at its end if that stands there."""
    text = _Window(file)
    while top := text.find(_TOP):
        name = top[1]
        if name is None:
            yield None
            return
        place = text.place
        is_whole = _pass(text, name)
        if name != b"category":
            yield _piece(text, place, is_damaged=not is_whole)


def _pass(text: "_Window", name: bytes) -> bool:
    """Pass an element to its end, and return whether it has one before another begins."""
    start = text.place
    text.take(1 + len(name))
    while found := text.find(_ENDS[name], keeping=start):
        if found[0].startswith(b"<!"):
            text.take(len(found[0]))
            if not text.find(_CDATA_END, keeping=start):
                return False
            text.take(3)
        elif found[0].startswith(b"</"):
            text.take(len(found[0]))
            return True
        else:
            return False  # another begins
        if text.place - start > MAX_BYTES:
            return False
    return False


def _piece(text: "_Window", place: int, *, is_damaged: bool) -> Piece:
    element = text.since(place)
    own = _OWN.search(_CDATA.sub(b"", element))
    thread = own[1].decode("utf-8", "replace") if own else None
    return Piece(thread, place, len(element), is_damaged)


class _Window:
    """What of a file is at hand: searched from one place on, and read on as far as a search needs."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file = file
        self._held = b""
        self._base = 0
        self.place = 0
        """Byte of the file that comes next."""

    def take(self, size: int) -> None:
        """Pass that many bytes."""
        self.place += size

    def since(self, place: int) -> bytes:
        """Return the bytes from a place that was kept to the one that comes next."""
        return self._held[place - self._base : self.place - self._base]

    def find(self, pattern: re.Pattern[bytes], keeping: int | None = None) -> re.Match[bytes] | None:
        """Pass what stands before the next match and return it; keep what follows a place, up to a page's size."""
        while True:
            if found := pattern.search(self._held, self.place - self._base):
                if found.end() < len(self._held) or not self._read(keeping):
                    self.place = self._base + found.start()
                    return found
                continue
            searched = max(self._base + len(self._held) - _OVERLAP, self.place)
            if keeping is not None and searched - keeping > MAX_BYTES:
                self.place = searched
                return None
            if not self._read(keeping if keeping is not None else searched):
                self.place = self._base + len(self._held)
                return None
            self.place = max(self.place, searched)

    def _read(self, keeping: int | None) -> bool:
        more = self._file.read(_PART)
        first = self.place if keeping is None else min(keeping, self.place)
        self._held = self._held[first - self._base :] + more
        self._base = first
        return bool(more)
