"""Storing: an unchanged thread read again, beside its first reading."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from belowtheline.archive.readings import lifecycle, starts
from belowtheline.archive.record.people import site_id
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import runs
from belowtheline.archive.store.database import Archive
from belowtheline.pipelines import normalise
from belowtheline.reading.items import Capture, Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from bench.measuring import Row, summary
from bench.pages import COMMENTS, page_bytes, pages

_BASE = "http://127.0.0.1"
_FIRST, _AGAIN = "2026-01-05T10:00:00Z", "2026-02-05T10:00:00Z"


def bench(quick: bool) -> Iterator[Row]:
    """Measure the store."""
    count = 10 if quick else 40
    with tempfile.TemporaryDirectory() as folder:
        rounds = [_round(Path(folder) / f"{number}.db", count) for number in range(3 if quick else 7)]
    yield summary(rounds).row("store an unchanged thread again / first", "ms", 1000 / count, 0.25)


def _round(path: Path, count: int) -> tuple[float, float]:
    """Return the CPU seconds of the second and of the first reading of the same threads."""
    bodies = page_bytes(count)
    with Archive.create_or_open(path) as archive:
        first = record(archive, pages(bodies, _BASE, _FIRST))
        before = archive.query("SELECT count(*), min(last_seen_at) FROM comments_flat").fetchone()
        again = record(archive, pages(bodies, _BASE, _AGAIN))
        after = archive.query("SELECT count(*), min(last_seen_at) FROM comments_flat").fetchone()
        versions = archive.query("SELECT count(*) FROM comment_versions").fetchone()[0]
    assert (before, after) == ((count * COMMENTS, _FIRST), (count * COMMENTS, _AGAIN))
    assert versions == count * COMMENTS
    return again, first


def record(archive: Archive, given: Sequence[Page]) -> float:
    """Record pages as one run of a crawl does, and return the CPU seconds that the store took."""
    normalised = [[normalise(found) for found in read(site_named("theregister"), page)] for page in given]
    run_id, page_ids = _open(archive, given)
    recorder = Recorder(archive, run_id)
    seconds = 0.0
    for number, (page, found, page_id) in enumerate(zip(given, normalised, page_ids, strict=True)):
        capture = _capture(page, run_id, number)
        recorder.add_capture(capture)
        seconds += _timed(recorder, page_id, capture, found)
    runs.finish_run(archive, run_id, "complete", 0)
    return seconds


def _timed(recorder: Recorder, page_id: int, capture: Capture, found: Sequence[ThreadPage]) -> float:
    start = time.process_time()
    recorder.record_page(page_id, capture, found, "utf-8")
    return time.process_time() - start


def _open(archive: Archive, given: Sequence[Page]) -> tuple[int, list[int]]:
    """Open a reading of each page's thread and return the run and the pages' rows."""
    urls = [page.url or "" for page in given]
    with archive.transaction() as connection:
        run_id = runs.start_run(connection, "crawl", {})
        site = site_id(connection, "theregister")
        lifecycle.open_readings(connection, run_id, [starts.Start(site, None, Link(url=url)) for url in urls])
        found = connection.execute("SELECT url, id FROM pages WHERE state = 'todo'")
        ids: dict[str, int] = dict(found.fetchall())
    return run_id, [ids[url] for url in urls]


def _capture(page: Page, run_id: int, number: int) -> Capture:
    return Capture(
        url=page.url or "",
        fetched_at=page.fetched_at,
        fetched_at_source="response",
        status=200,
        sha256=f"{run_id:032}{number:032}",
        warc_file=f"run-{run_id}.warc.gz",
        warc_offset=number,
    )
