"""What `btl ingest` and `btl crawl` were given: arguments are checked before anything starts, folders listed."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from belowtheline.archive.store import clock
from belowtheline.archive.store.runs import utc_text
from belowtheline.reading import sources
from belowtheline.reading.errors import WrongUsage

_SQLITE = b"SQLite format 3\0"
_ADDRESS = re.compile(r"^(https?|ftp):/{1,2}", re.IGNORECASE)
_AN_ADDRESS = "is an address"
_ARCHIVES = (".db", ".sqlite", ".sqlite3")
_SKEW = timedelta(days=1)  # clocks and zones differ


@dataclass(slots=True)
class Inputs:
    """Files to read in their order, and what was left out."""

    files: list[Path] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Files of folders that may hold comments and cannot be read, in a sentence each."""
    others: int = 0
    """How many files of folders stand beside pages, as pictures do."""
    problems: list[str] = field(default_factory=list)
    """What was named and holds nothing to read."""


def check_archive(archive: Path, others: Sequence[str], command: str) -> None:
    """Raise WrongUsage where the argument that names the archive is plainly a page, a file of pages or an address."""
    name = sources.printed(archive)
    what = _no_archive(archive)
    if what is None:
        return
    found = next((other for other in others if _is_archive(Path(other))), None)
    meant = found or next((other for other in others if other.lower().endswith(_ARCHIVES)), None)
    is_address = what == _AN_ADDRESS
    first = [_address(name)] if is_address or command == "ingest" else []
    order = [meant or "archive.db", *first, *(other for other in others if other != meant)]
    words = os.fsencode(" ".join(("crawl" if is_address else command, *order))).decode("utf-8", "replace")
    raise WrongUsage(f"{_address(name)} {what}, and the archive comes first: did you mean `btl {words}`?")


def _no_archive(path: Path) -> str | None:
    """Return what a path is that names no archive; None where it may name one."""
    if _ADDRESS.match(os.fspath(path)):
        return _AN_ADDRESS
    if path.is_dir():
        return "is a folder"
    is_page = sources.is_readable(path) or sources.kind_of(path) not in (None, "a database")
    if not is_page or _is_archive(path):
        return None
    return "is a file of pages" if path.exists() else "is no name for an archive"


def _address(name: str) -> str:
    return _ADDRESS.sub(r"\1://", name)  # a Path makes one slash of two


def _is_archive(path: Path) -> bool:
    """Return whether a file is a database, or is to become one."""
    try:
        if not path.is_file():
            return False  # a pipe cannot be read twice
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
    except (OSError, ValueError):
        return False
    return head == _SQLITE or (not head and path.suffix.lower() in _ARCHIVES)


def utc_time(value: str) -> str:
    """Return an ISO 8601 time in the archive's form, in UTC where it names no zone; raise WrongUsage for others.

    >>> utc_time("2009-07-18T10:35+01:00")
    '2009-07-18T09:35:00Z'
    """
    try:
        when = datetime.fromisoformat(value)
        return utc_text(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise WrongUsage(f"{value!r} is no ISO 8601 time: write 2009-07-18T09:35Z.") from error


def fetch_time(value: str) -> str:
    """Return the time of a fetch in the archive's form; raise WrongUsage where it is more than a day ahead of us."""
    when = utc_time(value)
    if when > utc_text(clock.utc_now() + _SKEW):
        raise WrongUsage(
            f"{value!r} is in the future, and pages were fetched before now: check the time, or this clock."
        )
    return when


def check_paths(paths: Sequence[str]) -> None:
    """Raise WrongUsage, with the name that was likely meant, where a path does not exist or is an archive."""
    for path in paths:
        if not path:
            raise WrongUsage("Nothing was started. One of the paths is empty: is a variable of the shell not set?")
        if not _exists(Path(path)):
            raise WrongUsage(f"Nothing was started. {sources.printed(Path(path))} does not exist{likely(path)}")
        if _is_archive(Path(path)):
            raise WrongUsage(
                f"{sources.printed(Path(path))} is a database, not a page: give its captures, or the pages themselves;"
                " the archive to write to comes first."
            )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def likely(path: str) -> str:
    """Return as the end of a sentence what a path that does not exist was likely meant to be."""
    if "://" in path or path.lower().startswith("www."):
        return ": `btl crawl` fetches addresses, which begin with http:// or https://."
    if os.path.islink(path):
        return ", since it links to nothing: give the file itself."
    missing = Path(path)
    while not _exists(missing.parent):
        missing = missing.parent
    try:
        names = [name for name in os.listdir(missing.parent) if not name.startswith(".") and name != missing.name]
    except OSError:
        names = []
    same = [name for name in names if name.lower() == missing.name.lower()]
    close = same or [name for name in names if Path(name).stem == missing.stem] or get_close_matches(
        missing.name, names, 1, 0.6
    )  # fmt: skip
    if not close:
        return ": check its name."
    return f": did you mean {sources.printed(missing.with_name(close[0]))}?"


def listed(paths: Sequence[str]) -> Inputs:
    """Return the files to read: those named, whatever they are, and of folders those of a kind that is read."""
    found = Inputs()
    for path in map(Path, paths):
        if not path.is_dir():
            found.files.append(path)
            continue
        before = len(found.files)
        for file in _files_below(path, found.problems):
            if not file.is_file():
                found.skipped.append(f"{sources.printed(file)} was skipped, since it is no file, or links to none.")
            elif sources.is_readable(file):
                found.files.append(file)
            elif sources.is_beside_pages(file):
                found.others += 1
            else:
                found.skipped.append(_why_skipped(file))
        if len(found.files) == before:
            found.problems.append(f"{sources.printed(path)} holds no file that could be a page: {sources.GIVE}")
    return found


def _files_below(folder: Path, problems: list[str]) -> Iterator[Path]:
    """Yield the files of a folder and of those in it, in order; a folder that cannot be read is named."""

    def name(error: OSError) -> None:
        where = sources.printed(Path(error.filename or folder))
        problems.append(f"{where} cannot be read ({error.strerror}): check its rights.")

    found = [Path(where) / file for where, _, names in os.walk(folder, onerror=name) for file in names]
    yield from sorted(found)


def _why_skipped(file: Path) -> str:
    kind = sources.kind_of(file)
    name = sources.printed(file)
    if kind is None:
        return f"{name} was skipped, since its name does not say what it is: name the file itself to read it."
    return f"{name} was skipped, since it is {kind}, which btl does not read: {sources.GIVE}"
