"""The file of an archive that goes meanwhile, is none yet, is no archive, or stands where no lock holds."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from belowtheline.archive.fixity.verify import verify
from belowtheline.archive.store import writer_lock
from belowtheline.archive.store.database import Archive
from belowtheline.reading.errors import ArchiveMismatch, StorageError
from tests.held_sample import WRITTEN, btl, copied, new_page
from tests.loopback import Loopback, after, post, response, start_crawl, topic

KEY = "2025/03/14/kettle"
ALL = f"/forum/all/{KEY}/"


@pytest.fixture
def archive(tmp_path: Path, sample_archive: Path) -> Path:
    return copied(sample_archive, tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return new_page(tmp_path)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


# What happens to the file meanwhile


def test_a_file_that_is_replaced_before_it_is_locked_is_not_the_one_locked(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, replaced = fcntl.flock, archive.with_name("new.db")

    def replace_first(descriptor: int, how: int) -> None:
        if replaced.exists():
            replaced.replace(archive)
        real(descriptor, how)

    shutil.copy(archive, replaced)
    monkeypatch.setattr(writer_lock.fcntl, "flock", replace_first)
    with Archive.create_or_open(archive), archive.open("rb") as file, pytest.raises(BlockingIOError):
        real(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("what", ["removed", "moved", "replaced"])
def test_nothing_is_committed_to_a_file_that_is_no_longer_the_archive(archive: Path, what: str) -> None:
    with Archive.create_or_open(archive) as opened:
        if what == "removed":
            archive.unlink()
        else:
            archive.rename(archive.with_name("moved.db"))
        if what == "replaced":
            shutil.copy(archive.with_name("moved.db"), archive)
        with pytest.raises(StorageError, match="was moved, removed or replaced"), opened.transaction() as connection:
            connection.execute("UPDATE runs SET purpose = 'x'")


def test_a_run_whose_archive_was_removed_does_not_end_well(tmp_path: Path, server: Loopback, page: Path) -> None:
    path, is_over = tmp_path / "a.db", Event()
    server.answers = {ALL: after(is_over, response(topic([post(7001, "The kettle asks twice.")])))}
    first = start_crawl(path, server.url(ALL))
    while ALL not in server.paths():
        assert first.poll() is None
        time.sleep(0.02)
    path.unlink()
    with pytest.raises(StorageError, match="was removed while another program had it open"):
        Archive.create_or_open(path)  # SQLite would take the index of the removed file for that of the new one
    assert not path.exists()
    is_over.set()
    _, said = first.communicate(timeout=120)
    assert (first.returncode, "was moved, removed or replaced" in said) == (6, True), said
    assert "Traceback" not in said
    assert btl("ingest", path, page)[0] == 0
    assert [defect.code for defect in verify(path, [], 7).defects] == ["C06"]  # what the removed one captured


# A file that is none yet, or no archive


def test_an_empty_file_that_a_failed_command_made_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    path, older = tmp_path / "a.db", tmp_path / "older.db"
    older.touch()
    monkeypatch.setattr("belowtheline.archive.store.database._migrate", fail)
    for one in (path, older):
        with pytest.raises(StorageError, match="the disk is full"):
            Archive.create_or_open(one)
    assert list(tmp_path.iterdir()) == [older]


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal", ".lock"])
def test_a_name_that_belongs_to_another_archive_is_refused(archive: Path, ending: str) -> None:
    beside = archive.with_name(f"a.db{ending}")
    with pytest.raises(StorageError, match="another database"):
        Archive.create_or_open(beside)
    assert not beside.exists()
    assert btl("status", archive)[0] == 0


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to(path.name)])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "a.db"
    make(path)
    with pytest.raises(StorageError, match=r"a\.db"):
        Archive.create_or_open(path)


def test_a_link_to_nothing_makes_the_archive_where_it_leads(tmp_path: Path, page: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "a.db").symlink_to("there/b.db")
    assert btl("ingest", tmp_path / "a.db", page)[0] == 0
    assert {"b.db", "b.db.captures"} <= {path.name for path in (tmp_path / "there").iterdir()}


def test_no_database_of_others_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("kettle")
    with pytest.raises(ArchiveMismatch, match="not a SQLite database"):
        Archive.create_or_open(path)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("kettle", [path])


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_without_locks_is_refused(archive: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writer_lock.fcntl, "flock", flock)
    with pytest.raises(StorageError, match="network drives"):
        Archive.create_or_open(archive)


def test_a_file_system_that_makes_both_locks_one_is_refused(archive: Path) -> None:
    hold = "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX); print(); input()"
    line = [sys.executable, "-c", hold, str(archive)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StorageError, match="network drives"):
            Archive.create_or_open(archive)
        other.communicate(b"\n")


def test_who_asks_whether_an_archive_is_locked_keeps_no_writer_out(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = os.open(archive, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)  # as `btl verify` does for a moment
    monkeypatch.setattr(writer_lock.time, "sleep", lambda seconds: fcntl.flock(asking, fcntl.LOCK_UN))
    Archive.create_or_open(archive).close()
    fcntl.flock(asking, fcntl.LOCK_SH)
    monkeypatch.setattr(writer_lock.time, "sleep", lambda seconds: None)
    with pytest.raises(StorageError, match=WRITTEN):
        Archive.create_or_open(archive)
    os.close(asking)
