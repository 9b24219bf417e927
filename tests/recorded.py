"""An archive that is handed pages as a site reads them, without a site: for what the archive alone decides."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from belowtheline.archive.readings.verdicts import ThreadVerdict, verdicts
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import start_run
from belowtheline.pipelines import normalise
from belowtheline.reading.items import Capture, Comment, Completeness, Stub, Thread, ThreadPage

START = "https://kettles.example/t/1"
Given = tuple[str, str | None, Sequence[ThreadPage]]
"""Address, time, and what its site reads on the page."""


def post(native_id: str, parent: str | None = None, position: int = 1, **fields: Any) -> Comment:
    """Return a comment that was written."""
    told = {"body_html": f"<p>Words of {native_id}.</p>", "published_at": "2025-03-14T09:00:00Z"} | fields
    return Comment(native_id=native_id, position=position, parent_native_id=parent, **told)


def shown_page(*comments: Comment, stubs: Sequence[Stub] = (), thread: str = "1", **said: Any) -> ThreadPage:
    """Return a page that shows comments in this order; the rest is what it says of its completeness."""
    placed = tuple(replace(comment, position=place) for place, comment in enumerate(comments, 1))
    return ThreadPage(
        thread=Thread(site="kettles", native_id=thread, url=f"https://kettles.example/t/{thread}"),
        comments=placed,
        stubs=tuple(stubs),
        completeness=Completeness(**said),
        form="json",
    )


class Recorded:
    """An archive of such pages."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "a.db"
        self._count = 0

    def take(self, *given: Given) -> list[ThreadVerdict]:
        """Take pages in one run and return the verdicts."""
        with Archive.create_or_open(self.path) as archive:
            with archive.transaction() as connection:
                run_id = start_run(connection, "ingest", {})
            recorder = Recorder(archive, run_id)
            for url, at, pages in given:
                capture = self._capture(url, at)
                recorder.add_capture(capture)
                read = [normalise(replace(page, fetched_at=at)) for page in pages]
                recorder.take_in("kettles", START, capture, read, "utf-8")
            recorder.finish()
            return verdicts(archive, run_id)

    def take_page(self, page: ThreadPage, at: str | None = None, url: str = START) -> ThreadVerdict:
        """Take one page in a run of its own and return its verdict."""
        (verdict,) = self.take((url, at, [page]))
        return verdict

    def _capture(self, url: str, at: str | None) -> Capture:
        self._count += 1
        return Capture(
            url=url,
            fetched_at=at,
            fetched_at_source="option" if at else None,
            sha256=f"{self._count:064}",
            warc_file="made-up.warc.gz",
            warc_offset=self._count,
        )

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with Archive.open_to_read(self.path) as archive:
            return archive.query(sql, parameters).fetchall()
