"""One writer for each archive, by whatever name it is called."""

import fcntl
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from belowtheline.archive.fixity.verify import verify
from belowtheline.archive.store import writer_lock
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.files import identity
from belowtheline.cli import main
from belowtheline.reading.errors import StorageError
from tests.held_sample import WRITTEN, btl, by_folder, chained, copied, hard, new_page, relative, with_dots
from tests.loopback import Loopback, after, crawl, post, response, start_crawl, topic, value

KEY = "2025/03/14/kettle"
ALL = f"/forum/all/{KEY}/"
SHARED = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"
"""Takes the bytes of SQLite's shared lock, unless another process has them."""


@pytest.fixture
def archive(tmp_path: Path, sample_archive: Path) -> Path:
    return copied(sample_archive, tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return new_page(tmp_path)


NAMES = [hard, relative, chained, by_folder, with_dots]


@pytest.mark.parametrize("other", NAMES)
def test_a_second_writer_is_refused_by_any_name(archive: Path, other: Callable[[Path], Path]) -> None:
    with Archive.create_or_open(archive):
        name = other(archive)
        for opened in (Archive.create_or_open, Archive.open_to_try):
            with pytest.raises(StorageError, match=WRITTEN):
                opened(name)


@pytest.mark.parametrize("other", NAMES[1:])
def test_what_is_written_through_a_link_belongs_to_the_archive(
    archive: Path, page: Path, other: Callable[[Path], Path]
) -> None:
    name = other(archive)
    before = {path.name for path in archive.with_name("a.db.captures").iterdir()}
    assert btl("ingest", name, page)[0] == 0
    assert len({path.name for path in archive.with_name("a.db.captures").iterdir()} - before) == 1
    assert sorted(path.name for path in archive.parent.parent.rglob("*.captures")) == ["a.db.captures"]
    assert not [path for path in archive.parent.parent.rglob("*-wal") if path.name != "a.db-wal"]
    assert verify(archive, [], 7).defects == []
    assert verify(name, [], 7).defects == []
    assert btl("reparse", name, "--diff")[0] == 0


def test_an_archive_of_two_names_is_read_and_not_written(archive: Path, page: Path) -> None:
    other = hard(archive)
    for name in (archive, other):
        code, said = btl("ingest", name, page)
        assert (code, "2 names (hard links)" in said) == (6, True)
        assert btl("status", name)[0] == 0
        assert "2 names" in "".join(verify(name, [], 7).notes)
    other.unlink()
    assert btl("ingest", archive, page)[0] == 0


def test_a_removed_lock_file_lets_nobody_in(archive: Path) -> None:
    lock = archive.with_name("a.db.lock")
    lock.touch()
    with Archive.create_or_open(archive):
        lock.unlink()
        with pytest.raises(StorageError, match=WRITTEN):
            Archive.create_or_open(archive)
    assert not lock.exists()


def test_an_older_version_that_writes_is_waited_for(archive: Path) -> None:
    for place in (archive, relative(archive)):
        lock = place.with_name(f"{place.name}.lock")
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with pytest.raises(StorageError, match=WRITTEN):
                Archive.create_or_open(place)
        with Archive.create_or_open(place), lock.open("w") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert lock.exists()


def test_a_lock_file_that_leads_to_the_archive_is_no_lock_of_its_own(archive: Path) -> None:
    archive.with_name("a.db.lock").symlink_to("a.db")
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute("UPDATE runs SET purpose = 'x'")


# Two commands at once, in processes of their own


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def test_of_two_crawls_one_is_refused_and_the_archive_is_undamaged(archive: Path, server: Loopback, page: Path) -> None:
    is_over = Event()
    server.answers = {ALL: after(is_over, response(topic([post(7001, "The kettle asks twice.")])))}
    first = start_crawl(archive, server.url(ALL))
    while ALL not in server.paths():
        assert first.poll() is None
        time.sleep(0.02)
    second = crawl(hard(archive), server.url(ALL))
    taken = btl("ingest", chained(archive), page)
    is_over.set()
    first.communicate(timeout=120)
    assert (second.code, WRITTEN in second.err) == (6, True)
    assert (taken[0], WRITTEN in taken[1]) == (6, True)
    assert first.returncode == 0
    assert verify(archive, [], 7).defects == []
    assert value(archive, "SELECT count(*) FROM comments WHERE native_id = '7001'") == 1
    assert value(archive, "SELECT count(*) FROM runs WHERE command = 'crawl'") == 1


def open_at_once(path: Path, answers: Connection, start: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    try:
        with Archive.create_or_open(path) as archive:
            answers.send("opened")
            answers.recv()
            archive.query("SELECT * FROM runs").fetchall()
    except StorageError as error:
        answers.send(str(error))


def test_of_many_that_make_one_archive_at_once_one_does(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for number in range(8):
        path, start = tmp_path / f"{number}.db", context.Event()
        pipes = [context.Pipe() for _ in range(4)]
        tasks = [context.Process(target=open_at_once, args=(path, there, start)) for _, there in pipes]
        for task in tasks:
            task.start()
        start.set()
        said = [here.recv() for here, _ in pipes]
        for here, _ in pipes:
            here.send("end")
        for task in tasks:
            task.join()
        assert said.count("opened") == 1
        assert all(WRITTEN in one for one in said if one != "opened")
        assert value(path, "PRAGMA integrity_check") == "ok"


# SQLite's own locks


def is_locked(path: Path) -> bool:
    """Return whether SQLite holds its shared lock, as another process sees it."""
    return subprocess.run([sys.executable, "-S", "-c", SHARED, path], stderr=subprocess.DEVNULL).returncode != 0


def test_closing_the_writer_lets_other_connections_keep_their_locks(archive: Path) -> None:
    with ExitStack() as stack:
        reader = stack.enter_context(Archive.open_to_read(archive))
        reader.query("BEGIN")
        reader.query("SELECT count(*) FROM comments").fetchall()
        assert is_locked(archive)
        for opened in (Archive.open_to_try, Archive.create_or_open):
            opened(archive).close()
            assert is_locked(archive)
        with Archive.create_or_open(archive), pytest.raises(StorageError, match=WRITTEN):
            Archive.create_or_open(archive)
        assert is_locked(archive)
        assert writer_lock._late
        Archive.create_or_open(archive).close()  # the lock itself went with its writer
    assert not is_locked(archive)
    assert (writer_lock._late, writer_lock._uses, writer_lock._locks) == ({}, {}, set())


opens: list[tuple[str, str]] = []
watched: list[Path] = []


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Take note of who opens a file of the archive while a connection of this process is open on it."""
    if event != "open" or not watched or not isinstance(arguments[0], str | bytes | os.PathLike):
        return
    path = Path(os.fsdecode(arguments[0]))
    held = {identity(watched[0].with_name(watched[0].name + ending)) for ending in ("", "-wal", "-shm")} - {None}
    if identity(path) in held and writer_lock._uses.get(identity(watched[0]) or (0, 0)):
        frame = sys._getframe(1)
        while frame.f_back is not None and "belowtheline" not in frame.f_globals.get("__name__", ""):
            frame = frame.f_back
        opens.append((frame.f_globals.get("__name__", ""), path.name))


def test_no_command_opens_the_file_of_the_archive_beside_sqlite(archive: Path, page: Path) -> None:
    sys.addaudithook(note)  # stays for good, and notes nothing once nothing is watched
    folder = archive.parent / "pages"
    folder.mkdir()
    shutil.copy(page, folder / "page.html")
    for ending in ("", "-wal", "-shm"):
        (folder / f"link{ending}.html").symlink_to(archive.with_name(f"a.db{ending}"))
    thread = value(archive, "SELECT native_id FROM threads LIMIT 1")
    commands = (
        ("ingest", archive, folder),
        ("status", archive),
        ("show", archive, thread),
        ("log", archive, thread),
        ("search", archive, "kettle"),
        ("diff", archive, "2020"),
        ("export", "csv", archive),
        ("export", "json", archive, "-o", archive.with_name("out.json"), "--checksum"),
        ("verify", archive, "--file", archive.with_name("out.json")),
        ("verify", archive, "--file", archive),
        ("evaluate", archive, "--gold", archive),
        ("review", archive, "--read", archive, "--reviewer", "ada"),
        ("link", archive),
        ("reparse", archive, "--diff"),
        ("reparse", archive),
    )
    watched[:], opens[:] = [archive], []
    try:
        codes = [btl_of_any_end(*command) for command in commands]
    finally:
        watched.clear()
    assert codes[0] == 3  # the links are named, and the page is taken in
    assert opens  # verification takes the lock beside its readers
    assert [one for one in opens if one[0] != "belowtheline.archive.store.writer_lock"] == []
    assert verify(archive, [], 7).defects == []


def btl_of_any_end(*arguments: object) -> int:
    return CliRunner().invoke(main, list(map(str, arguments))).exit_code


# Children


def sleep_in_a_child(started: Connection) -> None:
    started.send("started")
    time.sleep(60)


def test_a_child_keeps_no_lock_after_its_parent(archive: Path) -> None:
    def parent(answers: Connection) -> None:
        Archive.create_or_open(archive)
        here, there = context.Pipe()
        child = context.Process(target=sleep_in_a_child, args=(there,), daemon=False)
        child.start()
        here.recv()
        answers.send(child.pid)
        os._exit(0)

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    held = context.Process(target=parent, args=(there,))
    held.start()
    child = here.recv()
    held.join()
    try:
        os.kill(child, 0)
        Archive.create_or_open(archive).close()
    finally:
        os.kill(child, 9)


def test_standard_output_is_never_the_archive(archive: Path) -> None:
    before = archive.read_bytes()
    with archive.open("ab") as file:
        for code, command in ((2, ["export", "csv"]), (6, ["status"])):
            line = [sys.executable, "-c", "from belowtheline.cli import run; run()", *command, archive]
            ended = subprocess.run(line, stdout=file, stderr=subprocess.PIPE, text=True)
            assert (ended.returncode, "Standard output " in ended.stderr) == (code, True)
    assert archive.read_bytes() == before
