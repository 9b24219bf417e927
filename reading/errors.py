"""The errors of the program: one tree, each message one sentence that names the file or URL and the next step."""

READER = "reader error"
"""Reason of a page that makes its reader fail."""
COSTLY = "too costly"
"""Reason of a page that takes more time or memory than any page of comments does."""


class BelowTheLineError(Exception):
    """Any error the program foresees; catch it at the edge and print its message."""

    reason: str | None = None
    """Why a page could not be read, in a word or two, where that was told with the page at hand."""


class WrongUsage(BelowTheLineError):
    """What was asked cannot be meant; raised before anything is started or written: ask for something else."""


class UnknownSite(BelowTheLineError):
    """No site claims the address or recognises the page; raised before anything is fetched or stored: name a site."""


class ParseError(BelowTheLineError):
    """A page is unlike every form its site knows; raised by `parse`: keep the capture, fail the page, go on."""


class LargePage(ParseError):
    """A file is larger than a page may be; raised while it is opened: read it in parts, where its site knows how."""


class ReaderError(ParseError):
    """A page makes its reader fail as nobody foresaw; raised around `parse` and the stages: go on, report it."""


class TooCostly(ParseError):
    """A page takes more time or memory than a page may; raised around `parse`: keep the capture, fail it, go on."""

    reason = COSTLY


class BlockedPage(BelowTheLineError):
    """A server or robots.txt refused the page; raised while fetching: take one of the other ways in."""


class FetchFailed(BelowTheLineError):
    """One page could not be fetched, or not whole; raised by `btl try`: ask again later, or save the page."""


class ClockBehind(BelowTheLineError):
    """Our clock is far behind the newest capture; raised before a run starts: set the clock, or undate the capture."""


class StorageError(BelowTheLineError):
    """The archive or an output file cannot be read or written; raised by archive and exports: stop, nothing is lost."""


class ArchiveMismatch(StorageError):
    """The file is no archive of ours, or one of a newer program; raised on opening: take another file or upgrade."""


def named_error(kind: str, said: str, reason: str | None = None) -> BelowTheLineError | None:
    """Return the error of a class by its name, as another process told it; None where it is none of these.

    >>> named_error("BlockedPage", "https://kettles.example/ was refused: ask its owner.")
    BlockedPage('https://kettles.example/ was refused: ask its owner.')
    """
    cls = globals().get(kind)
    if not (isinstance(cls, type) and issubclass(cls, BelowTheLineError)):
        return None
    error: BelowTheLineError = cls(said)
    error.reason = reason
    return error
