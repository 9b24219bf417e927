"""`btl export` as a command: files and pipes, the ends it can come to, and what it costs."""

import codecs
import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from belowtheline.cli import main
from belowtheline.exports.files import output_file
from belowtheline.reading.errors import StorageError

KETTLE = "2025/03/14/kettle_firmware"
NOBODY = 65534
MEGABYTES = 1024
"""In the kilobytes of /proc."""

RUN = "from belowtheline.cli import run; run()"
RUN_SMALL = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); {RUN}"
RUN_AS_NOBODY = f"""
import os, sys
from click.testing import CliRunner
from belowtheline.cli import main
for out in ("-", "/nowhere/out"):  # imports what nobody may not be allowed to read
    CliRunner().invoke(main, ["export", "csv", sys.argv[-1], "-o", out])
sys.argv.pop()
os.geteuid() or (os.setgid({NOBODY}), os.setuid({NOBODY}))
main()
"""
RUN_AND_LOOK = """
import sys
from belowtheline.cli import main
try:
    main()
finally:
    high = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    heavy = {"scrapy", "twisted", "lxml", "parsel", "dateparser", "sqlite_utils", "datasette"} & set(sys.modules)
    print(high, *sorted(heavy), file=sys.stderr)
"""


@pytest.fixture
def archive_path(sample_archive: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive in a folder of its own."""
    (tmp_path / "held").mkdir()
    return Path(shutil.copy(sample_archive, tmp_path / "held" / "a.db"))


@pytest.fixture
def large_archive(archive_path: Path) -> Path:
    """An archive with 6,000 comments of 20 kB: 120 MB, for which no export may take the memory."""
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) "
            "INSERT INTO comments (thread_id, native_id, id_source, position, page_position, body_text, body_html) "
            "SELECT 1, 'n' || i, 'page', 100 + i, i, printf('%.10000c', 'x'), printf('%.10000c', 'y') FROM n"
        )
    return archive_path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, which pytest's own are not."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


def btl(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def process(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, "export", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_a_file_holds_what_stdout_gets(archive_path: Path, tmp_path: Path, form: str) -> None:
    printed, written = btl(form, archive_path), btl(form, archive_path, "-o", tmp_path / "out")
    assert (printed.exit_code, written.exit_code, printed.stderr, written.stdout) == (0, 0, "", "")
    assert (tmp_path / "out").read_bytes() == printed.stdout_bytes
    assert "32 comments" in written.stderr
    assert str(tmp_path / "out") in written.stderr


def test_stdout_is_utf_8_whatever_the_locale(archive_path: Path) -> None:
    command = [sys.executable, "-c", RUN, "export", "jsonl", archive_path]
    plain = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    printed = subprocess.run(command, capture_output=True, env=plain, timeout=60)
    assert printed.returncode == 0
    assert "…" in printed.stdout.decode()


def test_the_mark_for_excel_stands_once(archive_path: Path, tmp_path: Path) -> None:
    btl("csv", archive_path, "--bom", "-o", tmp_path / "out.csv")
    written = (tmp_path / "out.csv").read_bytes()
    assert written.startswith(codecs.BOM_UTF8 + b"site,")
    assert written.count(codecs.BOM_UTF8) == 1
    assert btl("csv", archive_path, "--bom").stdout_bytes == written


def test_raw_takes_the_escapes_off(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE comments SET title = '=1+1' WHERE id = 1")
    assert ",'=1+1," in btl("csv", archive_path).stdout
    assert ",=1+1," in btl("csv", archive_path, "--raw").stdout


def test_options_select(archive_path: Path) -> None:
    def count(*options: str) -> int:
        return len(btl("jsonl", archive_path, *options).stdout.splitlines())

    assert count("--since", "2009-07", "--until", "2009-08") == 10
    assert count("--thread", KETTLE, "--thread", "2009/07/18/moon_broadband", "--site", "theregister") == 24
    assert count("--thread", f"https://forums.theregister.com/forum/1/{KETTLE}/") == 14
    assert count("--author", "PERCY flange", "--where", "upvotes > 50") == 1


def test_no_match_is_a_valid_output_and_a_note(archive_path: Path) -> None:
    result = btl("csv", archive_path, "--author", "nobody at all")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert "no comments match" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--thread", "nosuch"), "nosuch"),
        (("--thread", "https://nosuch.test/[/"), "nosuch.test"),
        (("--site", "nosuch"), "btl status"),
        (("--where", "nosuch > 1"), "btl browse"),
        (("--where", "1; DROP TABLE comments"), "DROP"),
        (("--since", "soon"), "soon"),
        (("--since", "2010", "--until", "2009"), "--until"),
        (("--author", "\udcff"), "UTF-8"),
    ],
)
def test_what_cannot_be_selected_is_wrong_usage(archive_path: Path, options: tuple[str, ...], said: str) -> None:
    result = btl("jsonl", archive_path, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_options_of_tables_are_refused_elsewhere(archive_path: Path) -> None:
    assert [btl(form, archive_path, "--bom").exit_code for form in ("csv", "tsv", "json", "jsonl")] == [0, 0, 2, 2]


def test_a_missing_archive_is_named_and_no_file_is_made(tmp_path: Path) -> None:
    result = btl("csv", tmp_path / "nosuch.db", "-o", tmp_path / "out.csv")
    assert (result.exit_code, "nosuch.db" in result.stderr, list(tmp_path.iterdir())) == (6, True, [])


@pytest.mark.parametrize("ending", ["", "-wal", ".lock"])
def test_the_archive_is_never_the_output(archive_path: Path, ending: str) -> None:
    before = archive_path.read_bytes()
    assert btl("csv", archive_path, "-o", f"{archive_path}{ending}").exit_code == 2
    assert archive_path.read_bytes() == before


def test_exporting_changes_no_byte_of_the_archive(archive_path: Path) -> None:
    before = archive_path.read_bytes()
    for form in ("csv", "json", "jsonl"):
        assert btl(form, archive_path).exit_code == 0
    assert archive_path.read_bytes() == before


def test_a_file_that_grows_too_large_leaves_the_old_one(large_archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "out.csv"
    out.parent.mkdir()
    out.write_text("older")
    result = process(RUN_SMALL, "csv", large_archive, "-o", out)
    assert result.returncode == 6, result.stderr
    assert (out.read_text(), list(out.parent.iterdir())) == ("older", [out])
    assert str(out) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_full_stdout_is_a_storage_error(archive_path: Path) -> None:
    command = [sys.executable, "-c", RUN, "export", "csv", archive_path]
    with open("/dev/full", "w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (result.returncode, result.stderr.count("\n")) == (6, 1)
    assert "standard output" in result.stderr


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_a_closed_pipe_ends_quietly(large_archive: Path, form: str) -> None:
    command = [sys.executable, "-c", RUN, "export", form, large_archive]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(100)
        running.stdout.close()
        said = running.stderr.read()
        assert (running.wait(60), said) == (0, b"")


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_memory_does_not_grow_with_the_archive(large_archive: Path, tmp_path: Path, form: str) -> None:
    result = process(RUN_AND_LOOK, form, large_archive, "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    high, *heavy = result.stderr.splitlines()[-1].split()
    assert (tmp_path / "out").stat().st_size > 100_000_000
    assert int(high) < 60 * MEGABYTES
    assert heavy == []


@pytest.mark.parametrize("folder_mode", [0o777, 0o555])
def test_a_read_only_archive_is_exported(sample_archive: Path, open_folder: Path, folder_mode: int) -> None:
    held = Path(shutil.copy(sample_archive, open_folder / "a.db"))
    held.chmod(0o444)
    open_folder.chmod(folder_mode)
    result = process(RUN_AS_NOBODY, "csv", held, sample_archive)
    assert result.returncode == 0, result.stderr
    assert len(list(csv.reader(result.stdout.splitlines()))) > 1


def test_a_folder_that_may_not_be_written_is_named(archive_path: Path, open_folder: Path) -> None:
    held = Path(shutil.copy(archive_path, open_folder / "a.db"))
    (open_folder / "closed").mkdir(mode=0o555)
    open_folder.chmod(0o777)
    result = process(RUN_AS_NOBODY, "csv", held, "-o", open_folder / "closed" / "out.csv", archive_path)
    assert result.returncode == 6
    assert "closed/out.csv" in result.stderr
    assert list((open_folder / "closed").iterdir()) == []


def write_half(path: Path) -> None:
    with output_file(path) as file:
        file.write("half")
        file.flush()
        raise KeyboardInterrupt


def test_a_file_stands_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("older")
    path.chmod(0o600)
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert (path.read_text(), [entry.name for entry in tmp_path.iterdir()]) == ("older", ["out.csv"])
    with output_file(path) as file:
        file.write("whole")
        assert path.read_text() == "older"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("whole", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "target.csv")
    with output_file(tmp_path / "link.csv") as file:
        file.write("x")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "target.csv").read_text() == "x"


@pytest.mark.parametrize("name", ["missing/out.csv", "file/out.csv", "folder", "n" * 300])
def test_a_path_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=name), output_file(tmp_path / name) as file:
        file.write("x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_a_device_is_written_and_not_replaced() -> None:
    with output_file(Path("/dev/null")) as file:
        file.write("x")
    assert Path("/dev/null").is_char_device()
