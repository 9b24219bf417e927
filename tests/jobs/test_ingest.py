"""`ingest` from Python: a report of every input, the same in any thread and loop, and nothing on a screen."""

import asyncio
import gzip
import io
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from belowtheline.archive.store.database import Archive
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.ingest import IngestInterrupted, IngestReport, ingest
from belowtheline.jobs.progress import Step
from belowtheline.reading.errors import ArchiveMismatch, StorageError, UnknownSite, WrongUsage
from tests.made_up import ADDRESS, Post, as_html

AT = "2025-03-20T10:00:00Z"
POSTS = (
    Post(id="1", author="Fern Quill", user="7", title="Noon", body="The kettle boils over at noon."),
    Post(id="2", author="Basil Rye", user="8", title="@ Fern Quill", body="Mine does so at eleven."),
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    file.write_text(as_html(POSTS))
    return file


def comments(archive: Path) -> list[str]:
    with Archive.open_to_read(archive) as opened:
        return [native_id for (native_id,) in opened.query("SELECT native_id FROM comments ORDER BY 1")]


def test_a_report_tells_what_was_taken_in(tmp_path: Path, page: Path, capfd: pytest.CaptureFixture[str]) -> None:
    report = ingest(tmp_path / "a.db", [page], fetched_at=AT)
    assert (report.ending, report.taken, report.known, report.problems) == (Ending.COMPLETE, 1, 0, ())
    assert [(verdict.verdict, verdict.held) for verdict in report.verdicts] == [("complete", 2)]
    assert (report.account.done, report.run_id) == (1, 1)
    assert capfd.readouterr() == ("", "")


def test_it_works_twice_in_a_row_and_what_is_held_counts_as_known(tmp_path: Path, page: Path) -> None:
    first, again = (ingest(str(tmp_path / "a.db"), str(page), fetched_at=AT) for _ in range(2))
    assert (first.taken, again.taken, again.known, again.ending) == (1, 0, 1, Ending.COMPLETE)
    assert comments(tmp_path / "a.db") == ["1", "2"]


@pytest.mark.parametrize(
    "given", ["2025-03-20T10:00:00Z", "2025-03-20T11:00+01:00", datetime(2025, 3, 20, 10, tzinfo=UTC)]
)
def test_a_time_is_text_or_a_datetime(tmp_path: Path, page: Path, given: Any) -> None:
    ingest(tmp_path / "a.db", page, fetched_at=given)
    with Archive.open_to_read(tmp_path / "a.db") as opened:
        assert opened.query("SELECT fetched_at, fetched_at_source FROM captures").fetchall() == [(AT, "option")]


def bad_inputs(folder: Path) -> list[Path]:
    made = {
        "cut.html.gz": gzip.compress(as_html(POSTS).encode())[:-9],
        "empty.html": b"",
        "noise.html": bytes(range(256)) * 40,
        "other.html": b"<html><body><p>A page of nothing.</p></body></html>",
        "book.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "half.warc": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 900\r\n\r\nHTTP/1.1 200 OK\r\n",
        "list.json": b'[{"kettle": 1',
    }
    for name, body in made.items():
        (folder / name).write_bytes(body)
    return [folder / name for name in made]


def test_inputs_that_cannot_be_read_are_named_and_the_others_taken_in(tmp_path: Path, page: Path) -> None:
    bad = bad_inputs(tmp_path)
    report = ingest(tmp_path / "a.db", [*bad[:3], page, *bad[3:]], fetched_at=AT)
    assert report.taken == 1
    assert comments(tmp_path / "a.db") == ["1", "2"]
    assert report.ending not in (Ending.COMPLETE, Ending.INTERNAL)
    for file in bad:
        assert any(file.name in problem for problem in report.problems), file.name


@pytest.mark.parametrize("number", range(7))
def test_one_bad_input_alone_is_no_error_of_ours(tmp_path: Path, number: int) -> None:
    report = ingest(tmp_path / "a.db", bad_inputs(tmp_path)[number], fetched_at=AT)
    assert (report.taken, len(report.problems)) == (0, 1)
    assert report.ending in (Ending.INCOMPLETE, Ending.DRIFT)


def test_a_stream_is_one_page_more(tmp_path: Path, page: Path) -> None:
    other = as_html(POSTS[:1], "https://forums.theregister.com/forum/all/2025/01/02/jug/", "Jug")
    report = ingest(tmp_path / "a.db", [page], stream=io.BytesIO(other.encode()), fetched_at=AT)
    assert report.taken == 2
    alone = ingest(tmp_path / "b.db", (), stream=io.BytesIO(other.encode()), fetched_at=AT)
    assert alone.taken == 1


REFUSED: dict[str, tuple[Callable[[Path, Path], IngestReport], type[Exception]]] = {
    "nothing to read": (lambda archive, page: ingest(archive, []), WrongUsage),
    "an empty name": (lambda archive, page: ingest(archive, [""]), WrongUsage),
    "a file that is not there": (lambda archive, page: ingest(archive, [page, page.with_name("no.html")]), WrongUsage),
    "a time that is none": (lambda archive, page: ingest(archive, page, fetched_at="yesterday"), WrongUsage),
    "a time to come": (lambda archive, page: ingest(archive, page, fetched_at="2999-01-01"), WrongUsage),
    "an address that is none": (lambda archive, page: ingest(archive, page, url="kettle"), WrongUsage),
    "an address for two": (lambda archive, page: ingest(archive, [page, page], url=ADDRESS), WrongUsage),
    "an address for a folder": (lambda archive, page: ingest(archive, page.parent, url=ADDRESS), WrongUsage),
    "a site that is none": (lambda archive, page: ingest(archive, page, site="kettle"), UnknownSite),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_raised_before_anything_is_made(tmp_path: Path, page: Path, name: str) -> None:
    call, kind = REFUSED[name]
    with pytest.raises(kind):
        call(tmp_path / "a.db", page)
    assert not (tmp_path / "a.db").exists()


def test_an_archive_that_is_none_is_raised(tmp_path: Path, page: Path) -> None:
    with pytest.raises(WrongUsage, match="is a folder"):
        ingest(tmp_path, page)
    with pytest.raises(WrongUsage, match="is a file of pages"):
        ingest(page, page)
    with pytest.raises(StorageError):
        ingest(tmp_path / "no" / "folder" / "a.db", page)
    other = tmp_path / "other.db"
    other.write_bytes(b"no database at all")
    with pytest.raises(ArchiveMismatch):
        ingest(other, page)
    assert other.read_bytes() == b"no database at all"


def test_steps_are_told_and_count_every_file(tmp_path: Path, page: Path) -> None:
    steps: list[Step] = []
    ingest(tmp_path / "a.db", [page, *bad_inputs(tmp_path)], fetched_at=AT, progress=steps.append)
    files = [(step.done, step.total) for step in steps if step.label == "files"]
    assert files == [(count, 8) for count in range(9)]
    assert "threads" in {step.label for step in steps}


def test_ctrl_c_keeps_what_was_taken_in_and_the_next_call_goes_on(tmp_path: Path, page: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text(as_html(POSTS[:1], "https://forums.theregister.com/forum/all/2025/01/02/jug/", "Jug"))

    def interrupt(step: Step) -> None:
        if step.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as ended:
        ingest(tmp_path / "a.db", [page, other], fetched_at=AT, progress=interrupt)
    assert isinstance(ended.value, IngestInterrupted)
    assert (ended.value.report.ending, ended.value.report.taken) == (Ending.INTERRUPTED, 1)
    assert comments(tmp_path / "a.db") == ["1", "2"]
    again = ingest(tmp_path / "a.db", [page, other], fetched_at=AT)
    assert (again.ending, again.taken, again.known) == (Ending.COMPLETE, 1, 1)


def test_it_works_in_any_thread_and_leaves_the_signals_alone(tmp_path: Path, page: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with ThreadPoolExecutor(3) as pool:
        made = [pool.submit(ingest, tmp_path / f"{number}.db", page, fetched_at=AT) for number in range(3)]
        assert [one.result().taken for one in made] == [1, 1, 1]
    assert signal.getsignal(signal.SIGINT) is before
    assert threading.current_thread() is threading.main_thread()


def test_it_works_where_a_loop_runs(tmp_path: Path, page: Path) -> None:
    async def cell() -> list[int]:
        here = ingest(tmp_path / "a.db", page, fetched_at=AT)
        beside = await asyncio.to_thread(ingest, tmp_path / "b.db", page, fetched_at=AT)
        return [here.taken, beside.taken]

    assert asyncio.run(cell()) == [1, 1]
