"""One search over the titles and bodies of an archive, which are indexed first where any wait for that."""

import os
from dataclasses import dataclass
from pathlib import Path

from belowtheline.archive.search import index
from belowtheline.archive.search.index import Hit
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.progress import Notices, Progress, Step, silent
from belowtheline.reading.errors import StorageError, WrongUsage

LIMIT = 20
"""Hits that are returned at most, unless another number is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReport:
    """What was found, and what may be missing."""

    hits: tuple[Hit, ...]
    """The best first."""
    notices: tuple[str, ...]
    """Why some comments may be missing, where the archive cannot be written."""


def search(
    archive: str | os.PathLike[str], query: str, *, limit: int = LIMIT, progress: Progress = silent
) -> SearchReport:
    """Return the comments that a query finds, in the words of `btl search`; raise WrongUsage where it is no query."""
    _check(query, limit)
    path, notices = Path(archive), Notices(progress)
    _bring_up_to_date(path, notices)
    with Archive.open_to_read(path) as opened:
        hits = tuple(index.search(opened, query, limit))
    return SearchReport(hits=hits, notices=tuple(notices.sentences))


def _check(query: str, limit: int) -> None:
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise WrongUsage(f"The query {query!r} is not text in the terminal's encoding: type it again.") from error
    if not query.strip() or "\0" in query:
        raise WrongUsage("The query is empty: give a word to search for.")
    if limit < 1:
        raise WrongUsage(f"{limit} hits are none: give 1 or more as the limit.")


def _bring_up_to_date(path: Path, progress: Progress) -> None:
    """Index what waits, where the archive can be written; tell what may be missing where it cannot."""
    with Archive.open_to_read(path) as archive:  # makes sure that there is one: opening to write would make a new file
        count, is_of_today = index.waiting(archive), index.divides_words(archive.connection)
    if not count and is_of_today:
        return
    try:
        with Archive.create_or_open(path) as archive, archive.transaction() as connection:
            index.index_waiting(connection)
    except StorageError as error:
        missing = f"The newest {count} comments may be missing, not indexed yet"
        if not is_of_today:
            missing = "Words of Chinese, Japanese, Korean and Thai may be missing, the index is of an older btl"
        progress(Step(label="comments", sentence=f"{missing}: {error}", is_problem=False))
