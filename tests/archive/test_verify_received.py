"""Archives of hostile origin: capture names that lead elsewhere, places that are none, bombs; and read-only ones."""

import gzip
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.archive.warc.captures import read_capture
from belowtheline.archive.warc.members import LARGEST, open_capture_file
from belowtheline.cli import main
from belowtheline.reading.errors import StorageError
from belowtheline.reading.items import Capture
from tests.altered import alter, copy_of, found_in, named, warc_file
from tests.loopback import Ended

NAMES = (
    "../../x",
    "/etc/passwd",
    "../a.captures/run-000001.warc.gz",
    "",
    ".",
    "run-1.warc.gz\0",
    "run-٣.warc.gz",
    "a/b",
)
NOBODY = 65_534


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    return copy_of(sample_archive, tmp_path)


def btl(*arguments: object) -> Ended:
    """Run a command in this process."""
    ended = CliRunner().invoke(main, [*map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info
    return Ended(ended.exit_code, ended.stdout, ended.stderr, 0)


def capture(name: object, offset: object = 0) -> Capture:
    said = {"fetched_at": None, "fetched_at_source": None, "sha256": ""}
    return Capture(url="http://a.example/", warc_file=name, warc_offset=offset, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_but_those_that_btl_gives_is_opened(archive: Path, name: str) -> None:
    with pytest.raises(StorageError, match="no WARC file this name"):
        read_capture(warc_file(archive).parent, capture(name))
    written = name.replace("\0", "' || char(0) || '")
    alter(archive, f"UPDATE captures SET warc_file = '{written}', warc_offset = id")
    assert "C01" in {code for code, _ in named(archive)}
    assert btl("reparse", archive, "--diff").code == 7


@pytest.mark.parametrize("kind", ["a FIFO", "a link", "a folder", "a device"])
def test_only_plain_files_are_opened(archive: Path, tmp_path: Path, kind: str) -> None:
    path = warc_file(archive)
    content = path.read_bytes()
    path.unlink()
    if kind == "a FIFO":
        os.mkfifo(path)
    elif kind == "a link":
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "a folder":
        path.mkdir()
    else:
        try:
            os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("only root makes devices")
    assert {code for code, _ in named(archive)} == {"C01"}
    assert btl("reparse", archive, "--diff").code == 7
    with pytest.raises(OSError, match=r"no plain file|Permission"):
        open_capture_file(path.parent, path.name)


def test_a_thing_of_such_a_name_that_no_row_names_is_named(archive: Path) -> None:
    os.mkfifo(warc_file(archive, "run-000009.warc.gz"))
    (defect,) = found_in(archive).defects
    assert (defect.code, defect.table) == ("C01", "run-000009.warc.gz")


@pytest.mark.parametrize("offset", ["-1", str(-(2**63)), str(2**63 - 1), str(10**9)])
def test_a_place_that_is_none_is_named(archive: Path, offset: str) -> None:
    alter(archive, f"UPDATE captures SET warc_offset = {offset} WHERE id = 1")
    assert {"C01", "C02"} & {code for code, place in named(archive) if place == "captures 1"}
    assert btl("reparse", archive, "--diff").code == 7
    alter(archive, f"UPDATE captures SET warc_offset = 0, warc_length = {offset} WHERE id = 1")
    assert {"C01", "C02"} & {code for code, place in named(archive) if place == "captures 1"}


def test_a_record_that_unpacks_without_end_is_read_with_a_bound(archive: Path) -> None:
    path = warc_file(archive)
    bomb = gzip.compress(b"WARC/1.0\r\nContent-Length: 1\r\n\r\n" + bytes(LARGEST + 1))
    path.write_bytes(bomb)
    alter(archive, f"UPDATE captures SET warc_length = {len(bomb)} WHERE warc_offset = 0")
    found = found_in(archive)
    assert any(defect.code == "C03" and "more than" in defect.sentence for defect in found.defects)
    assert btl("reparse", archive, "--diff").code == 7


@pytest.fixture
def of_somebody_else(sample_archive: Path) -> Iterator[Path]:
    """An archive in a folder that anybody may enter, since pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield copy_of(sample_archive, Path(folder) / "held")


@pytest.mark.parametrize("what", ["the file", "the folder", "the captures", "all of it"])
def test_what_its_reader_may_not_write_is_no_false_alarm(of_somebody_else: Path, what: str) -> None:
    archive = of_somebody_else
    captures = warc_file(archive).parent
    for path in (archive.parent, archive, captures, *captures.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
        os.chown(path, *_READER)
    if what in ("the file", "all of it"):
        archive.chmod(0o444)
    if what in ("the captures", "all of it"):
        captures.chmod(0o555)
    if what in ("the folder", "all of it"):
        archive.parent.chmod(0o555)
    try:
        found = _found_by_reader(archive)
    finally:
        archive.parent.chmod(0o755)
    assert found["defects"] == []
    assert bool(found["notes"]) == (what != "the captures")


_READER = (NOBODY, NOBODY) if os.geteuid() == 0 else (-1, -1)


def _found_by_reader(archive: Path) -> dict[str, list[str]]:
    """Return what a verification finds that may not do more than the owner of the files: root may do all."""
    end, start = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            found = found_in(archive)
            said = {"defects": [str(defect) for defect in found.defects], "notes": found.notes}
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = {"defects": [repr(error)], "notes": []}
        os.write(start, json.dumps(said).encode())
        os._exit(0)
    os.close(start)
    with os.fdopen(end, "rb") as file:
        told: dict[str, list[str]] = json.load(file)
    os.waitpid(child, 0)
    return told
