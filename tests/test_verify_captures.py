"""`btl verify` and the WARC files: every byte belongs to a record that a capture names, as it was written."""

import gzip
import hashlib
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from belowtheline.archive.captures import WarcFile
from belowtheline.archive.database import Archive
from belowtheline.archive.runs import start_run
from belowtheline.demo.server import SampleSite
from tests.altered import alter, copy_of, defects, flip, found_in, named, warc_file
from tests.loopback import crawl, rows

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


def test_what_a_killed_run_left_is_harmless_and_noted(archive: Path) -> None:
    with Archive.create_or_open(archive) as opened:
        with opened.transaction() as connection:
            run_id = start_run(connection, "crawl", {})
        file = WarcFile(opened.captures_folder, f"run-{run_id:06}.warc.gz")
        file.write_response("http://127.0.0.1/late", WHEN, "200 OK", [], b"synced, and then the power went")
        file.close()
    found = found_in(archive)
    assert found.defects == []
    assert any("no row names" in note and "harmless" in note for note in found.notes)


def test_a_file_of_somebody_else_is_noted(archive: Path) -> None:
    warc_file(archive, "readme.txt").write_text("mine")
    found = found_in(archive)
    assert (found.defects, len(found.notes)) == ([], 1)


def test_an_older_capture_without_length_and_hash_is_checked_by_its_content(archive: Path) -> None:
    alter(archive, "UPDATE captures SET warc_length = NULL, warc_sha256 = NULL", "DELETE FROM seals")
    assert [defect.code for defect in defects(archive)] == []
    path = warc_file(archive)
    row, offset, length = places(archive)[0][0], 0, path.stat().st_size
    flip(path, offset + 200)
    assert ("C03", f"captures {row}") in named(archive)
    flip(path, offset + 200)
    path.write_bytes(path.read_bytes() + b"tail")
    assert [(defect.code, defect.table) for defect in defects(archive)] == [("C06", path.name)]
    assert length + 4 == path.stat().st_size


def test_the_hash_in_a_row_is_that_of_the_bytes_in_the_file(archive: Path) -> None:
    content = warc_file(archive).read_bytes()
    for offset, length, digest in rows(archive, "SELECT warc_offset, warc_length, warc_sha256 FROM captures"):
        assert hashlib.sha256(content[offset : offset + length]).hexdigest() == digest
