"""`btl verify` and the WARC files: every byte belongs to a record that a capture names, as it was written."""

import gzip
import hashlib
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from belowtheline.archive.fixity.defects import Defect
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store.clock import utc_now
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.leftovers import METHOD, take_up
from belowtheline.archive.store.runs import start_run
from belowtheline.archive.warc.captures import WarcFile, new_warc_name
from belowtheline.demo.server import SampleSite
from belowtheline.jobs.input_pages import Intake
from tests.altered import alter, copy_of, defects, flip, found_in, named, warc_file
from tests.faults.faulty import page_of
from tests.loopback import btl, crawl, rows, value

WHEN = datetime(2025, 3, 20, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("crawled") / "a.db"
    with SampleSite() as site:
        assert crawl(archive, *site.threads).code == 0
    return archive


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    return copy_of(crawled, tmp_path)


def places(archive: Path) -> list[tuple[int, int, int]]:
    """Return row, offset and length of each capture."""
    return rows(archive, "SELECT id, warc_offset, warc_length FROM captures ORDER BY warc_offset")


def test_a_crawled_archive_has_no_defect(archive: Path) -> None:
    found = found_in(archive)
    assert (found.defects, found.notes, found.files) == ([], [], 1)


def test_every_byte_of_a_file_belongs_to_a_capture(archive: Path) -> None:
    ends = [0] + [offset + length for _, offset, length in places(archive)]
    assert [offset for _, offset, _ in places(archive)] == ends[:-1]
    assert ends[-1] == warc_file(archive).stat().st_size


def test_a_bit_flipped_anywhere_is_named_with_its_capture(archive: Path) -> None:
    path, chosen = warc_file(archive), random.Random(7)
    content = path.read_bytes()
    for _ in range(60):
        place, bit = chosen.randrange(len(content)), chosen.randrange(8)
        path.write_bytes(content)
        flip(path, place, bit)
        row = next(row for row, offset, length in places(archive) if offset <= place < offset + length)
        assert {defect.row_id for defect in defects(archive)} == {row}, (place, bit)


def test_the_bytes_that_no_gzip_checksum_covers_are_covered_too(archive: Path) -> None:
    path = warc_file(archive)
    _, offset, length = places(archive)[1]
    flip(path, offset + 4)  # the time in the gzip header
    assert [defect.code for defect in defects(archive)] == ["C03"]
    flip(path, offset + 4)
    assert defects(archive) == []
    assert gzip.decompress(path.read_bytes()[offset : offset + length])


def test_another_record_of_the_same_length_is_named(archive: Path) -> None:
    path = warc_file(archive)
    row, offset, length = places(archive)[2]
    content = bytearray(path.read_bytes())
    record = gzip.decompress(bytes(content[offset : offset + length])).replace(b"http://127", b"http://128")
    content[offset : offset + length] = gzip.compress(record)[:length].ljust(length, b"\0")
    path.write_bytes(content)
    assert {(defect.code, defect.row_id) for defect in defects(archive)} >= {("C03", row)}


@pytest.mark.parametrize(
    ("column", "code"),
    [("url", "C05"), ("fetched_at", "C05"), ("content_type", "C05"), ("status", "C05"), ("sha256", "C04")],
)
def test_a_row_that_says_otherwise_than_its_record_is_told_which_field(archive: Path, column: str, code: str) -> None:
    other = "404" if column == "status" else f"{column} || 'x'"
    row = places(archive)[-1][0]
    alter(archive, f"UPDATE captures SET {column} = {other} WHERE id = {row}")
    found = named(archive)
    assert (code, f"captures {row}") in found
    assert ("R01", f"captures {row}") in found


def test_a_missing_file_is_named_once(archive: Path) -> None:
    warc_file(archive).unlink()
    (defect,) = defects(archive)
    assert (defect.code, defect.table) == ("C01", "captures")
    assert "is missing" in defect.sentence
    assert "run-000001.warc.gz" in defect.sentence


def test_a_cut_file_names_the_records_that_are_gone(archive: Path) -> None:
    path = warc_file(archive)
    (row, offset, _), (last, *_) = places(archive)[-2:]
    path.write_bytes(path.read_bytes()[: offset + 10])
    assert named(archive) == [("C02", f"captures {row}"), ("C02", f"captures {last}")]


def test_a_record_taken_out_of_the_file_is_named(archive: Path) -> None:
    path = warc_file(archive)
    row, offset, length = places(archive)[1]
    content = path.read_bytes()
    path.write_bytes(content[:offset] + content[offset + length :])
    assert ("C03", f"captures {row}") in named(archive)


def test_bytes_after_the_end_of_a_finished_run_are_named(archive: Path) -> None:
    path = warc_file(archive)
    path.write_bytes(path.read_bytes() + gzip.compress(b"one more record"))
    assert named(archive) == [("C06", "run-000001.warc.gz")]


def test_a_file_of_a_finished_run_that_no_row_names_is_named(archive: Path) -> None:
    warc_file(archive, "run-000001-2.warc.gz").write_bytes(gzip.compress(b"whose is it"))
    assert named(archive) == [("C06", "run-000001-2.warc.gz")]


def leave(archive: Path, *urls: str, torn: bytes = b"") -> int:
    """Leave whole records without rows, as a run does that is killed, and return the run."""
    with Archive.create_or_open(archive) as opened:
        with opened.transaction() as connection:
            run_id = start_run(connection, "crawl", {})
        file = WarcFile(opened.captures_folder, new_warc_name(opened.captures_folder, run_id))
        for url in urls:
            file.write_response(url, utc_now(), "200 OK", [("Content-Type", "text/html")], b"synced, and then killed")
        file.close()
        with file.path.open("ab") as end:
            end.write(torn)
    return run_id


def test_whole_records_of_a_killed_run_are_named_until_the_next_run_gives_them_rows(archive: Path) -> None:
    run_id = leave(archive, "http://127.0.0.1/one", "http://127.0.0.1/two", torn=b"\x1f\x8b\x08 torn")
    name = f"run-{run_id:06}.warc.gz"
    for _ in range(2):
        ended = btl("verify", archive)
        assert (ended.code, ended.out.split(":")[0]) == (7, f"C07  {name}")
        assert "2 whole records" in ended.out
        assert "a.db-wal" in ended.out
        assert f"ends with {len(b'12345678')} bytes that are no whole record" in ended.err
    ended = btl("ingest", archive, __file__)
    assert "2 answers that an earlier run kept" in ended.err
    found = found_in(archive)
    assert found.defects == []
    assert any("no whole record" in note for note in found.notes)
    (finder,) = rows(archive, "SELECT max(id) FROM runs WHERE command = 'ingest'")[0]
    assert rows(archive, f"SELECT url, method, status, found_by_run_id FROM captures WHERE run_id = {run_id}") == [
        ("http://127.0.0.1/one", METHOD, 200, finder),
        ("http://127.0.0.1/two", METHOD, 200, finder),
    ]
    assert btl("ingest", archive, __file__).err.count("an earlier run kept") == 0


def test_records_that_are_left_behind_named_ones_are_taken_up_too(archive: Path) -> None:
    leave(archive, *(f"http://127.0.0.1/{number}" for number in range(6)))
    with Archive.create_or_open(archive) as opened:
        assert take_up(opened, 1) == 6
        opened.query("DELETE FROM captures WHERE url IN ('http://127.0.0.1/2', 'http://127.0.0.1/5')")
        assert take_up(opened, 1) == 2
        assert take_up(opened, 1) == 0
    assert defects(archive) == []


def test_pages_of_any_time_that_a_killed_ingest_left_are_taken_up(archive: Path) -> None:
    with Archive.create_or_open(archive) as opened:
        with opened.transaction() as connection:
            run_id = start_run(connection, "ingest", {})
        file = WarcFile(opened.captures_folder, new_warc_name(opened.captures_folder, run_id))
        file.write_resource("http://kettle.example/2009", datetime(2009, 7, 18, tzinfo=UTC), "text/html", b"an old one")
        file.close()
    assert [code for code, _ in named(archive)] == ["C07"]
    assert btl("ingest", archive, __file__).code == 3
    assert named(archive) == []
    os.utime(file.path, (0, 0))
    assert named(archive) == []


def test_a_record_of_a_lost_run_is_not_taken_for_one_of_the_run_that_has_its_number_now(archive: Path) -> None:
    run_id = leave(archive, "http://127.0.0.1/lost")
    alter(archive, f"UPDATE runs SET started_at = '2999-01-01T00:00:00Z' WHERE id = {run_id}")
    with Archive.create_or_open(archive) as opened:
        assert take_up(opened, 1) == 0


def test_what_a_run_writes_that_is_at_work_is_no_defect(archive: Path) -> None:
    with Archive.create_or_open(archive) as opened:
        with opened.transaction() as connection:
            run_id = start_run(connection, "crawl", {})
        file = WarcFile(opened.captures_folder, f"run-{run_id:06}.warc.gz")
        file.write_response("http://127.0.0.1/now", WHEN, "200 OK", [], b"synced, and about to be named")
        found = found_in(archive)
        file.close()
    assert found.defects == []
    assert any("at work" in note for note in found.notes)


@pytest.mark.parametrize("is_checkpointed", [False, True])
def test_committed_rows_that_a_lost_log_takes_away_are_named(tmp_path: Path, is_checkpointed: bool) -> None:
    archive = tmp_path / "a.db"
    pages = [tmp_path / f"{number}.html" for number in range(4)]
    for number, page in enumerate(pages):
        page.write_bytes(page_of(f"lost{number}", 10))
    assert btl("ingest", archive, pages[0], "--site", "theregister").code == 0
    child = os.fork()
    if not child:
        _ingest_and_stop(archive, pages[1:], is_checkpointed=is_checkpointed)
    os.waitpid(child, 0)
    assert value(archive.with_name("a.db"), "SELECT 1") == 1
    log = archive.with_name("a.db-wal")
    assert log.stat().st_size > 0
    log.unlink()
    archive.with_name("a.db-shm").unlink(missing_ok=True)
    assert value(archive, "SELECT count(*) FROM comments") < 40
    ended = btl("verify", archive)
    assert ended.code == 7
    assert ("C07" if is_checkpointed else "C06") in ended.out


def _ingest_and_stop(archive: Path, pages: list[Path], *, is_checkpointed: bool) -> None:
    """Take pages in as `btl ingest` does, and end as a killed process does: nothing is closed."""
    opened = Archive.create_or_open(archive)
    with opened.transaction() as connection:
        run_id = start_run(connection, "ingest", {})
    if is_checkpointed:
        opened.checkpoint()
    intake = Intake(Recorder(opened, run_id), "theregister")
    for page in pages:
        intake.take_path(page)
    os._exit(0)


def test_a_file_of_somebody_else_is_noted(archive: Path) -> None:
    warc_file(archive, "readme.txt").write_text("mine")
    found = found_in(archive)
    assert (found.defects, len(found.notes)) == ([], 1)


def test_an_older_capture_without_length_and_hash_is_checked_by_its_content(archive: Path) -> None:
    alter(archive, "UPDATE captures SET warc_length = NULL, warc_sha256 = NULL", "DELETE FROM seals")

    def found() -> list[Defect]:
        """Return what is named beside the seals that were taken away, which always are."""
        named_now = defects(archive)
        assert "R04" in {defect.code for defect in named_now}
        return [defect for defect in named_now if defect.code != "R04"]

    assert found() == []
    path = warc_file(archive)
    row, offset, length = places(archive)[0][0], 0, path.stat().st_size
    flip(path, offset + 200)
    assert ("C03", f"captures {row}") in named(archive)
    flip(path, offset + 200)
    path.write_bytes(path.read_bytes() + b"tail")
    assert [(defect.code, defect.table) for defect in found()] == [("C06", path.name)]
    assert length + 4 == path.stat().st_size


def test_the_hash_in_a_row_is_that_of_the_bytes_in_the_file(archive: Path) -> None:
    content = warc_file(archive).read_bytes()
    for offset, length, digest in rows(archive, "SELECT warc_offset, warc_length, warc_sha256 FROM captures"):
        assert hashlib.sha256(content[offset : offset + length]).hexdigest() == digest
