"""What no command writes over: files of an archive, databases and WARC files, by whatever name they are called."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.fixity.verify import verify
from belowtheline.cli import main
from belowtheline.exports.files import output_file
from tests.made_up import Post, as_html

WARC = "run-000001.warc.gz"


def btl(*arguments: object) -> Result:
    ended = CliRunner().invoke(main, list(map(str, arguments)))
    assert not ended.exception or isinstance(ended.exception, SystemExit), ended.exception
    return ended


@pytest.fixture
def archive(tmp_path: Path, sample_archive: Path) -> Iterator[Path]:
    """A copy of the sample in a folder of its own; no byte of it may be changed."""
    held = tmp_path / "held" / "a.db"
    held.parent.mkdir()
    shutil.copy(sample_archive, held)
    shutil.copytree(sample_archive.with_name("sample.db.captures"), held.with_name("a.db.captures"))
    held.with_name("a.db.lock").touch()
    before = contents(held.parent)
    yield held
    after = contents(held.parent)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) <= {"hard.csv", "a.db-wal", "a.db-shm"}
    assert verify(held, [], 7).defects == []


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def link_to(path: Path) -> Path:
    link = path.parents[-1] / path.relative_to("/")  # absolute
    out = _outside(path) / "link.csv"
    out.symlink_to(link)
    return out


def chain_to(path: Path) -> Path:
    out = _outside(path) / "chain.csv"
    out.symlink_to(link_to(path).name)
    return out


def hard_link_to(path: Path) -> Path:
    out = _outside(path) / "hard.csv"
    os.link(path, out)
    return out


def through_a_folder(path: Path) -> Path:
    out = _outside(path) / "folder"
    out.symlink_to(path.parent)
    return out / path.name


def with_dots(path: Path) -> Path:
    return path.parent / ".." / path.parent.name / "." / path.name


def _outside(path: Path) -> Path:
    return next(folder for folder in path.parents if folder.name == "held").parent


OF_ARCHIVE = ["a.db", "a.db.lock", f"a.db.captures/{WARC}"]


@pytest.mark.parametrize("name", OF_ARCHIVE)
@pytest.mark.parametrize("spelled", [Path, link_to, chain_to, through_a_folder, with_dots])
def test_an_export_over_a_file_of_the_archive_is_refused(
    archive: Path, name: str, spelled: Callable[[Path], Path]
) -> None:
    ended = btl("export", "csv", archive, "-o", spelled(archive.parent / name))
    assert (ended.exit_code, "belongs to the archive" in ended.stderr) == (2, True)
    assert "give another path" in ended.stderr


@pytest.mark.parametrize("name", OF_ARCHIVE[1:])
def test_another_name_of_the_same_file_is_refused(archive: Path, name: str) -> None:
    out = hard_link_to(archive.parent / name)
    assert btl("export", "csv", archive, "-o", out).exit_code == 2
    out.unlink()


def test_another_name_of_the_database_is_refused(archive: Path) -> None:
    out = hard_link_to(archive)
    assert btl("export", "json", archive, "-o", out).exit_code == 2
    assert btl("export", "json", out, "-o", archive).exit_code == 2
    out.unlink()


@pytest.mark.parametrize("name", OF_ARCHIVE)
@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd"])
def test_a_descriptor_of_the_file_is_refused(archive: Path, name: str, folder: str) -> None:
    with (archive.parent / name).open("rb") as file:
        assert btl("export", "csv", archive, "-o", f"{folder}/{file.fileno()}").exit_code == 2


@pytest.mark.parametrize(
    "name",
    [
        "a.db-wal",
        "a.db-shm",
        "a.db-journal",
        "A.DB-WAL",
        "A.Db.LocK",
        "a.db.captures",
        "a.captures",
        "a.db.captures/new.csv",
        "a.db.captures/../a.db.captures/new.csv",
        "a.db.captures/run-000002.warc.gz",
    ],
)
def test_names_that_the_archive_may_need_are_refused(archive: Path, name: str) -> None:
    assert btl("export", "csv", archive, "-o", archive.parent / name).exit_code == 2


def test_names_beside_a_link_are_refused_as_well(archive: Path) -> None:
    link = archive.parent.parent / "link.db"
    link.symlink_to(archive)
    for name in (f"held/a.db.captures/{WARC}", "held/a.db-wal", "link.db.lock", "link.db", "held/a.db"):
        assert btl("export", "csv", link, "-o", archive.parent.parent / name).exit_code == 2
    assert link.is_symlink()


@pytest.mark.parametrize("spelled", [Path, link_to, with_dots])
def test_the_checksum_is_written_over_none_of_them_either(archive: Path, spelled: Callable[[Path], Path]) -> None:
    for number, name in enumerate(OF_ARCHIVE):
        out = archive.parent.parent / f"{number}.csv"
        out.with_name(f"{number}.csv.sha256").symlink_to(spelled(archive.parent / name))
        ended = btl("export", "csv", archive, "-o", out, "--checksum")
        assert (ended.exit_code, "--checksum: " in ended.stderr, out.exists()) == (2, True, False)
        for link in archive.parent.parent.glob("link.csv"):
            link.unlink()


def test_files_of_another_archive_are_refused(archive: Path, sample_archive: Path) -> None:
    other = archive.parent / "b.db"
    others = ["b.db", "b.db-wal", "b.db-shm", "b.db.lock", "b.db.captures/new.csv", "b.captures/new.csv", "b.captures"]
    shutil.copy(sample_archive, other)
    (archive.parent / "b.captures").mkdir()
    try:
        before = other.read_bytes()
        for name in others:
            assert btl("export", "csv", archive, "-o", archive.parent / name).exit_code == 2, name
        assert other.read_bytes() == before
    finally:
        other.unlink()
        (archive.parent / "b.captures").rmdir()


def test_databases_and_warc_files_are_refused_and_ordinary_files_replaced(archive: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.csv")) as notes:
        notes.execute("PRAGMA journal_mode = WAL")
        notes.execute("CREATE TABLE kettles (name)")
        shutil.copy(tmp_path / "notes.csv-wal", tmp_path / "log.csv")
    shutil.copy(archive.parent / "a.db.captures" / WARC, tmp_path / "saved.csv")
    (tmp_path / "plain.csv").write_bytes(gzip.decompress((tmp_path / "saved.csv").read_bytes()))
    for name in ("notes.csv", "log.csv", "saved.csv", "plain.csv"):
        ended = btl("export", "csv", archive, "-o", tmp_path / name)
        assert (ended.exit_code, " is a " in ended.stderr) == (2, True)
    for name, old in (
        ("old.csv", b"old"),
        ("old.csv.gz", gzip.compress(b"old")),
        ("empty.csv", b""),
        ("zip", b"\x1f\x8b"),
    ):
        (tmp_path / name).write_bytes(old)
        assert btl("export", "csv", archive, "-o", tmp_path / name).exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(b"site,")
    for name in ("a.csv", "a.db.csv", "a.db.sha256", "b-wal", "b.lock", "b.captures"):
        assert btl("export", "csv", archive, "-o", tmp_path / name).exit_code == 0, name


def test_a_sample_for_reviews_is_written_over_none_of_them(archive: Path) -> None:
    for name in (*OF_ARCHIVE, "a.db-wal", "a.db.captures/new.tsv"):
        assert btl("review", archive, "--sample", 5, "-o", archive.parent / name).exit_code == 2


def test_the_demo_writes_over_none_of_them(archive: Path, tmp_path: Path) -> None:
    for name in ("copied-thread.txt", "comments.csv", "comments.json"):
        folder = tmp_path / f"demo {name}"
        folder.mkdir()
        (folder / name).symlink_to(archive)
        assert btl("demo", folder).exit_code == 2
        (folder / name).unlink()
        (folder / name).symlink_to("demo.db")
        assert btl("demo", folder).exit_code == 2
        assert [path.name for path in folder.iterdir()] == [name]
    assert btl("demo", archive.with_name("a.db.captures")).exit_code == 2


def test_a_new_site_is_written_over_none_of_them(archive: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(as_html([Post(id="1", body="Nobody said so.")], address=None))
    line = ("new-site", "gazette", page, "--url", "https://gazette.example/1", "--force", "--dir")
    assert btl(*line, archive.with_name("a.db.captures")).exit_code == 2
    folder = tmp_path / "package"
    case = folder / "tests" / "first"
    case.mkdir(parents=True)
    (case / "expected.json").symlink_to(archive.with_name("a.db-wal"))
    assert btl(*line, folder).exit_code == 2
    assert not archive.with_name("a.db-wal").exists()


def test_standard_output_is_no_file_of_the_archive(archive: Path) -> None:
    line = [sys.executable, "-c", "from belowtheline.cli import run; run()", "export", "csv", archive]
    with archive.with_name("a.db.captures").joinpath(WARC).open("ab") as file:
        ended = subprocess.run(line, stdout=file, stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, "Standard output belongs to the archive" in ended.stderr) == (2, True)


def test_what_only_looks_like_a_part_of_an_export_stays(archive: Path, tmp_path: Path) -> None:
    hard, soft, pipe = (tmp_path / f".btl-{name}.part" for name in ("hard", "soft", "pipe"))
    os.link(archive, hard)
    soft.symlink_to(archive)
    os.mkfifo(pipe)
    os.utime(archive, (0, 0))
    with output_file(tmp_path / "out.csv") as file:
        file.write("whole")
    assert hard.exists()
    assert soft.is_symlink()
    hard.unlink()
