"""Faults of a reader on one page: what a pure function raised that nobody foresaw, told as a failure of that page.

Reading and normalising know no network, clock or database, so that only the page can make them fail. A site checks the
forms that it expects; what a hostile or broken page does beyond them ends here, in one place for crawl, ingest, try and
reparse, and harms no other page. Errors that a page cannot cause, such as RuntimeError, pass: they are faults of ours.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb

from lxml import etree

from belowtheline.reading.errors import ReaderError

_OF_PAGES = (
    ArithmeticError,  # OverflowError of a date or a number
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,  # UnicodeError, the limit of digits, JSON
    etree.LxmlError,
    zlib.error,
)
_LONGEST = 200
_bounded: list[bool] = []
"""Holds a value in a process whose memory is bounded."""
_ROOT = Path(__file__).resolve().parents[1]
_NOT_READ = "is not read, since its reader fails on it ({}): report it, and run `btl reparse` with a newer btl."


def expect_no_memory() -> None:
    """Take errors of lxml for a lack of memory from now on, in a process that bounds its own: libxml2 says nothing."""
    _bounded.append(True)


def check_memory(error: Exception) -> None:
    """Raise MemoryError where that is what an error of lxml stands for."""
    if _bounded and isinstance(error, etree.LxmlError):
        raise MemoryError from error


@contextmanager
def reader_faults(name: str, sentence: str = _NOT_READ) -> Iterator[None]:
    """Raise ReaderError, naming page, error and place, for what the block raises on account of its page."""
    try:
        yield
    except (*_OF_PAGES, RuntimeError) as error:
        if not isinstance(error, _OF_PAGES) and not isinstance(error.__cause__, StopIteration):
            raise  # but for what a generator makes of StopIteration
        check_memory(error)
        said = " ".join(str(error).split())[:_LONGEST]
        what = f"{type(error).__name__}{f': {said}' if said else ''}"
        raise ReaderError(f"{name} {sentence.format(f'{what}, in {_place(error)}')}") from error


def _place(error: Exception) -> str:
    """Return module and line of ours in which an error arose."""
    frames = [frame for frame in extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    if not frames:
        return "a library"
    last = frames[-1]
    return f"{Path(last.filename).resolve().relative_to(_ROOT)}:{last.lineno}"


def _is_ours(filename: str) -> bool:
    path = Path(filename).resolve()
    if path == Path(__file__).resolve():
        return False  # only the block it guards can fail
    return path.is_relative_to(_ROOT) and ".venv" not in path.relative_to(_ROOT).parts
