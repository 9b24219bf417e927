"""What holds for every job that reads an archive: bad archives, names that are not held, threads, loops, no screen."""

import asyncio
import dataclasses
import hashlib
import io
import json
import shutil
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from belowtheline.jobs.endings import Ending
from belowtheline.jobs.evaluate import evaluate
from belowtheline.jobs.explain import explain
from belowtheline.jobs.export import export
from belowtheline.jobs.link import link
from belowtheline.jobs.progress import Step
from belowtheline.jobs.reparse import reparse
from belowtheline.jobs.review import draw_sample, review
from belowtheline.jobs.search import search
from belowtheline.jobs.verify import verify
from belowtheline.reading.errors import BelowTheLineError, StorageError, WrongUsage
from tests.made_up import TOPIC, Held, Post, as_html

BOILS = "The kettle boils over at noon, whatever the manual says, and nobody minds."
POSTS = (
    Post(id="101", author="Fern Quill", user="7", title="Noon", body=BOILS),
    Post(id="102", author="Basil Rye", user="8", title="@ Fern Quill", body="Mine does so at eleven.", under="101"),
    Post(id="103", author="Cy Spoon", user="9", title=None, body=f'"{BOILS}"\n\nI mind.'),
)
JOBS: dict[str, Callable[[Any], Any]] = {
    "evaluate": evaluate,
    "explain": lambda archive: explain(archive, "103"),
    "export csv": lambda archive: export(archive, "csv", io.StringIO()),
    "export json": lambda archive: export(archive, "json", io.StringIO(), candidates=True),
    "export threads": lambda archive: export(archive, "jsonl", io.StringIO(), what="threads"),
    "link": link,
    "reparse": reparse,
    "reparse in thought": lambda archive: reparse(archive, is_applied=False),
    "review": review,
    "sample": lambda archive: draw_sample(archive, 5, io.StringIO()),
    "search": lambda archive: search(archive, "kettle"),
    "verify": verify,
}
every_job = pytest.mark.parametrize("name", JOBS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    held = Held(tmp_path_factory.mktemp("held"))
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held.path


@pytest.fixture
def archive(tmp_path: Path, made: Path) -> Path:
    """A copy of one archive, so that every test may write to its own."""
    return Path(shutil.copytree(made.parent, tmp_path / "held")) / made.name


def plain(report: Any) -> dict[str, Any]:
    """Return a report without what tells one run from another."""
    values = dataclasses.asdict(report)
    return {name: value for name, value in values.items() if name not in ("run_id", "started_at", "rows", "bytes_read")}


@every_job
def test_it_works_twice_in_a_row_and_prints_nothing(
    archive: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    first, again = JOBS[name](archive), JOBS[name](str(archive))
    assert plain(first) == plain(again)
    assert getattr(first, "ending", Ending.COMPLETE) is Ending.COMPLETE
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(first, dataclasses.fields(first)[0].name, None)
    assert capfd.readouterr() == ("", "")


@every_job
def test_it_works_in_any_thread_and_where_a_loop_runs(archive: Path, name: str) -> None:
    before = signal.getsignal(signal.SIGINT)
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(JOBS[name], archive).result()

    async def cell() -> Any:
        return JOBS[name](archive)

    assert plain(beside) == plain(asyncio.run(cell()))
    assert signal.getsignal(signal.SIGINT) is before


@every_job
def test_an_archive_that_is_not_there_is_told_and_not_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match=r"a\.db"):
        JOBS[name](tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []


def refusal(call: Callable[[], Any]) -> str:
    """Return in words why a job refuses an archive; `verify` reports what is damaged."""
    try:
        return " ".join(defect.sentence for defect in call().defects)
    except BelowTheLineError as error:
        return str(error)


@every_job
@pytest.mark.parametrize("kind", ["folder", "text", "another database", "empty"])
def test_what_is_no_archive_is_told_by_name_and_left_as_it_is(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / "other.db"
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes({"text": b"Kettles.\n" * 200, "empty": b"", "another database": b"SQLite format 3\0"}[kind])
    digest = path.is_file() and hashlib.sha256(path.read_bytes()).digest()
    assert "other.db" in refusal(lambda: JOBS[name](path))
    assert digest == (path.is_file() and hashlib.sha256(path.read_bytes()).digest())


NOT_HELD: dict[str, Callable[[Path, str], Any]] = {
    "evaluate": lambda archive, wanted: evaluate(archive, threads=[wanted]),
    "explain": explain,
    "export": lambda archive, wanted: export(archive, "csv", io.StringIO(), threads=[wanted]),
    "link": lambda archive, wanted: link(archive, [wanted]),
}


@pytest.mark.parametrize("name", NOT_HELD)
@pytest.mark.parametrize(
    "wanted",
    ["", " ", "nothing of the kind", "99", "9" * 40, "http://[::1", "https://example.org/x", "\udcff", "a#b", "#"],
)
def test_a_name_that_is_not_held_is_told(archive: Path, name: str, wanted: str) -> None:
    before = hashlib.sha256(archive.read_bytes()).digest()
    with pytest.raises(BelowTheLineError, match=r"holds no|is no address|not valid UTF-8"):
        NOT_HELD[name](archive, wanted)
    assert hashlib.sha256(archive.read_bytes()).digest() == before


@pytest.mark.parametrize(
    "wanted", [TOPIC, "1", "TEAPOT recall", f"https://forums.theregister.com/forum/all/{TOPIC}/#c_102"]
)
def test_every_job_finds_a_thread_by_the_same_names(archive: Path, wanted: str) -> None:
    assert link(archive, wanted).threads == 1
    assert evaluate(archive, threads=wanted).evaluation.threads == 1
    assert export(archive, "csv", io.StringIO(), threads=wanted).count == 3


@pytest.mark.parametrize(
    "wanted",
    [
        "102",
        f"{TOPIC}#102",
        "1#c_102",
        "1#comment-102",
        "teapot#102",
        f"https://forums.theregister.com/forum/all/{TOPIC}/#c_102",
    ],
)
def test_a_comment_is_found_by_all_its_names(archive: Path, wanted: str) -> None:
    assert explain(archive, wanted).comment.native_id == "102"


def test_an_export_goes_to_a_file_or_a_stream_and_is_the_same(archive: Path, tmp_path: Path) -> None:
    stream, file = io.StringIO(newline=""), tmp_path / "comments.csv"
    steps: list[Step] = []
    first = export(archive, "csv", stream)
    again = export(archive, "csv", file, bom=True, checksum=True, progress=steps.append)
    assert (first.count, again.count) == (3, 3)
    assert file.read_bytes().decode("utf-8-sig") == stream.getvalue()
    assert (steps[-1].done, steps[-1].total) == (3, 3)
    assert verify(archive, file).exported == 1
    file.write_text("changed")
    assert verify(archive, [file]).ending is Ending.VERIFICATION


WRONG: dict[str, dict[str, Any]] = {
    "format": {"form": "xml"},
    "what": {"what": "kettles"},
    "raw json": {"form": "json", "raw": True},
    "threads as json": {"form": "json", "what": "threads"},
    "candidates in a table": {"candidates": True},
    "filters of threads": {"what": "threads", "author": "Fern Quill"},
    "since": {"since": "yesterday"},
    "since until": {"since": "2025", "until": "2024"},
    "where": {"where": "DROP TABLE comments"},
    "site": {"site": "kettle"},
    "surrogates": {"author": "\udcff"},
}


@pytest.mark.parametrize("name", WRONG)
def test_an_export_that_cannot_be_meant_leaves_the_older_file(archive: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / "out"
    file.write_text("older")
    options = {"form": "csv"} | WRONG[name]
    with pytest.raises(WrongUsage):
        export(archive, options.pop("form"), file, **options)
    assert file.read_text() == "older"


def test_no_job_writes_over_an_archive(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(WrongUsage, match="not overwritten"):
        export(archive, "csv", archive)
    with pytest.raises(WrongUsage, match="exists"):
        draw_sample(archive, 3, archive)
    with pytest.raises(WrongUsage, match="give one with -o FILE"):
        export(archive, "csv", io.StringIO(), checksum=True)
    assert archive.read_bytes() == before


def test_a_review_goes_out_and_comes_back(archive: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.tsv"
    drawn = draw_sample(archive, 5, sheet)
    lines = [line.split("\t") for line in sheet.read_text().splitlines()]
    assert (drawn.drawn, drawn.count) == (len(lines) - 1, len(lines) - 1)
    place = lines[0].index("verdict")
    for line in lines[1:]:
        line[place] = "right"
    lines.append(["7", *[""] * (len(lines[0]) - 1)])
    lines[-1][place] = "perhaps"
    sheet.write_text("".join("\t".join(line) + "\n" for line in lines))
    report = review(archive, sheet=sheet, reviewer="Ada  Fenn")
    assert report.ending is Ending.INCOMPLETE
    assert report.sheet is not None
    assert (report.sheet.kept, report.sheet.reviewer, report.reviews) == (drawn.drawn, "Ada Fenn", drawn.drawn)
    assert [line for line, _ in report.sheet.problems] == [len(lines)]
    again = review(archive, sheet=sheet, reviewer="Ada Fenn").sheet
    assert again is not None
    assert (again.kept, again.known) == (0, drawn.drawn)


@pytest.mark.parametrize(
    "call",
    [
        lambda archive: draw_sample(archive, 0, io.StringIO()),
        lambda archive: draw_sample(archive, 5, io.StringIO(), rules=["kettle"]),
        lambda archive: review(archive, sheet=archive),
        lambda archive: review(archive, reviewer="Ada"),
        lambda archive: review(archive, sheet=archive, reviewer=" "),
        lambda archive: search(archive, " "),
        lambda archive: search(archive, "\udcff"),
        lambda archive: search(archive, "kettle", limit=0),
        lambda archive: reparse(archive, is_applied=False, undate_after="2025"),
        lambda archive: reparse(archive, undate_after="yesterday"),
    ],
)
def test_what_cannot_be_meant_is_raised_and_nothing_is_changed(archive: Path, call: Callable[[Path], Any]) -> None:
    before = archive.read_bytes()
    with pytest.raises(WrongUsage):
        call(archive)
    assert archive.read_bytes() == before


def test_an_evaluation_by_an_annotation_names_what_is_not_found(archive: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.json"
    for body in (b"", b"\xff\xfe", b"{}", b"[1]", b"[" * 5000):
        gold.write_bytes(body)
        with pytest.raises(BelowTheLineError, match=r"gold\.json"):
            evaluate(archive, gold=gold)
    with pytest.raises(BelowTheLineError, match="nowhere"):
        evaluate(archive, gold=tmp_path / "nowhere")


def test_a_reparse_shows_what_it_changes_and_changes_nothing_in_thought(archive: Path) -> None:
    with sqlite3.connect(archive) as connection:
        connection.execute("UPDATE comments SET title = 'Not on the page' WHERE native_id = '101'")
    connection.close()
    shown: list[Any] = []
    thought = reparse(archive, is_applied=False, show=shown.append)
    assert thought.differences == len(shown) > 0
    assert reparse(archive).differences == thought.differences
    assert reparse(archive).differences == 0


def test_reports_are_json_as_they_stand(archive: Path) -> None:
    for report in (link(archive), verify(archive), search(archive, "kettle"), explain(archive, "102")):
        assert json.dumps(dataclasses.asdict(report))
