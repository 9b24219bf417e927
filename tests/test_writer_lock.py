"""One writer for each archive, by whatever name it is called, and the folder that its captures belong to."""

import errno
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
from belowtheline.reading.errors import ArchiveMismatch, StorageError
from tests.loopback import Loopback, after, crawl, post, response, start_crawl, topic, value
from tests.made_up import Post, as_html

KEY = "2025/03/14/kettle"
ALL = f"/forum/all/{KEY}/"
WRITTEN = "is being written by another btl"
SHARED = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"
"""Takes the bytes of SQLite's shared lock, unless another process has them."""


def btl(*arguments: object) -> tuple[int, str]:
    """Run a command in this process; return its exit code and what it says."""
    ended = CliRunner().invoke(main, list(map(str, arguments)))
    assert not ended.exception or isinstance(ended.exception, SystemExit | StorageError), ended.exception
    return (6 if isinstance(ended.exception, StorageError) else ended.exit_code), f"{ended.output}{ended.exception}"


@pytest.fixture
def archive(tmp_path: Path, sample_archive: Path) -> Path:
    """A copy of the sample, with its captures."""
    held = tmp_path / "held" / "a.db"
    held.parent.mkdir()
    shutil.copy(sample_archive, held)
    shutil.copytree(sample_archive.with_name("sample.db.captures"), held.with_name("a.db.captures"))
    return held


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.html"
    page.write_text(as_html([Post(id="900", body="Nobody has said this before.")]))
    return page


# Other names of an archive


def hard(archive: Path) -> Path:
    other = archive.with_name("hard.db")
    os.link(archive, other)
    return other


def relative(archive: Path) -> Path:
    other = archive.parent.parent / "relative.db"
    other.symlink_to(Path("held", "a.db"))
    return other


def chained(archive: Path) -> Path:
    other = archive.with_name("chained.sqlite")
    other.symlink_to(relative(archive))
    return other


def by_folder(archive: Path) -> Path:
    folder = archive.parent.parent / "folder"
    folder.symlink_to(archive.parent)
    return folder / "a.db"


def with_dots(archive: Path) -> Path:
    return archive.parent / ".." / "held" / "." / "a.db"


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


# The folder of captures


def as_before(archive: Path) -> Path:
    """Give an archive the folder that an older version gave it."""
    return archive.with_name("a.db.captures").rename(archive.with_name("a.captures"))


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_two_archives_of_one_stem_share_no_folder(tmp_path: Path, page: Path) -> None:
    for name in ("reg.db", "reg.sqlite", "reg"):
        assert btl("ingest", tmp_path / name, page)[0] == 0
    assert {path.name for path in tmp_path.glob("*.captures")} == {
        f"{name}.captures" for name in ("reg.db", "reg.sqlite", "reg")
    }
    for name in ("reg.db", "reg.sqlite", "reg"):
        assert verify(tmp_path / name, [], 7).defects == []


def test_an_archive_of_an_older_version_keeps_its_folder(archive: Path, page: Path) -> None:
    older = as_before(archive)
    before = names_in(older)
    assert btl("reparse", archive, "--diff")[0] == 0
    assert btl("ingest", archive, page)[0] == 0
    assert len(names_in(older) - before) == 1
    assert not archive.with_name("a.db.captures").exists()
    assert verify(archive, [], 7).defects == []
    assert verify(archive, [], 7).files == len(names_in(older))
    warc = next(iter(names_in(older) - before))
    (older / warc).unlink()
    assert {defect.code for defect in verify(archive, [], 7).defects} == {"C01"}


def test_two_older_archives_that_share_a_folder_do_no_harm_to_each_other(archive: Path, page: Path) -> None:
    older, other = as_before(archive), archive.with_name("a.sqlite")
    shutil.copy(archive, other)
    before = {path.name: path.read_bytes() for path in older.iterdir()}
    for one in (archive, other):
        assert btl("ingest", one, page)[0] == 0
        assert len(names_in(one.with_name(f"{one.name}.captures"))) == 1
    assert {path.name: path.read_bytes() for path in older.iterdir()} == before
    for one in (archive, other):
        assert verify(one, [], 7).defects == []
        assert btl("reparse", one, "--diff")[0] == 0


def test_a_new_archive_takes_no_folder_that_was_left_behind(archive: Path, page: Path) -> None:
    older = as_before(archive)
    before = names_in(older)
    archive.unlink()
    assert btl("ingest", archive, page)[0] == 0
    assert names_in(older) == before
    assert len(names_in(archive.with_name("a.db.captures"))) == 1


def test_captures_that_an_older_version_put_beside_a_link_are_read_by_it(archive: Path, tmp_path: Path) -> None:
    link = relative(archive)
    archive.with_name("a.db.captures").rename(tmp_path / "relative.captures")
    assert verify(link, [], 7).defects == []
    assert btl("reparse", link, "--diff")[0] == 0
