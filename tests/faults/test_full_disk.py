"""A disk that is full at any moment: exit 6 and no further request, the path is named, nothing acknowledged is lost."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.altered import defects
from tests.faults.conftest import Figure
from tests.faults.crawling import Server, done, ended_in, state
from tests.faults.faulty import assert_the_account_is_whole
from tests.loopback import POLICIES, Ended, btl

ROOM = 64 << 20
LEVELS = [3, pytest.param(50, marks=pytest.mark.long)]


@dataclass
class Disk:
    """A file system of its own whose size can be changed or, where none can be mounted, a limit on each file."""

    folder: Path
    is_mounted: bool
    size: int = ROOM

    def resize(self, size: int) -> None:
        self.size = size
        if self.is_mounted:
            _mount("-o", f"remount,size={size}", str(self.folder))

    def run(self, *arguments: object) -> Ended:
        return btl(*arguments, largest=0 if self.is_mounted or self.size == ROOM else self.size)

    def free(self, size: int) -> None:
        """Leave so much room beside what is there."""
        used = sum(-(-file.stat().st_size // 4096) * 4096 for file in self.folder.rglob("*") if file.is_file())
        self.resize(used + size if self.is_mounted else size)


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    is_mounted = _mount("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(tmp_path))
    yield Disk(tmp_path, is_mounted)
    if is_mounted:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@pytest.mark.parametrize("levels", LEVELS)
def test_a_crawl_onto_a_full_disk_stops_and_goes_on(server: Server, disk: Disk, figure: Figure, levels: int) -> None:
    full = 0
    for level in range(levels):
        archive = disk.folder / str(level) / "a.db"
        archive.parent.mkdir()
        disk.free(4096 + level * NEEDED // levels)
        before = len(server.loopback.asked)
        ended = disk.run("crawl", archive, *server.arguments)
        disk.resize(ROOM)
        committed = done(archive)
        if ended.code:
            full += 1
            assert_said(ended, archive.parent)
            asked = {asked.path for asked in server.loopback.asked[before:]} - set(POLICIES)
            assert len(asked - ended_in(archive)) <= 1, "nothing is asked for after the page that found no room"
        assert committed <= done(archive)
        before = len(server.loopback.asked)
        assert ended.code == 0 or btl("crawl", archive, *server.arguments).code == 0
        assert not {asked.path for asked in server.loopback.asked[before:]} & committed
        assert state(archive) == server.unharmed
        assert defects(archive) == []
        assert_the_account_is_whole(archive)
    assert full >= levels // 2
    how = "tmpfs" if disk.is_mounted else "limit on files"
    figure(f"full disk ({how}): crawl at {levels} levels, {full} full, exit 6 each, 0 requests after it")


NEEDED = 1_400_000
"""Bytes that the crawl needs, log and captures included, and some more."""


def assert_said(ended: Ended, place: Path) -> None:
    assert ended.code == 6, (ended.code, ended.err)
    assert str(place) in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("levels", LEVELS)
def test_an_export_onto_a_full_disk_leaves_what_was_there(
    server: Server, disk: Disk, tmp_path_factory: pytest.TempPathFactory, figure: Figure, levels: int
) -> None:
    archive = tmp_path_factory.mktemp("source") / "a.db"
    assert btl("crawl", archive, *server.arguments).code == 0
    whole = {form: exported(archive, form) for form in ("csv", "jsonl", "json")}
    full = 0
    for level in range(levels):
        form = ("csv", "jsonl", "json")[level % 3]
        target = disk.folder / f"out.{form}"
        disk.resize(ROOM)
        target.write_text("an older one")
        disk.free(level * len(whole[form]) // levels)
        ended = disk.run("export", form, archive, "-o", target, "--checksum")
        if ended.code:
            full += 1
            assert_said(ended, target)
        assert target.read_text(encoding="utf-8") in ("an older one", whole[form])
        assert ended.code or target.read_text(encoding="utf-8") == whole[form]
        assert list(disk.folder.glob(".btl-*")) == []
    assert full >= levels // 2
    figure(f"full disk: export at {levels} levels, {full} full, exit 6 each, no torn file")


def exported(archive: Path, form: str) -> str:
    ended = btl("export", form, archive)
    assert ended.code == 0
    return ended.out


@pytest.mark.parametrize("levels", LEVELS)
def test_a_verification_on_a_full_disk_is_no_false_alarm(
    server: Server, disk: Disk, figure: Figure, levels: int
) -> None:
    archive = disk.folder / "a.db"
    assert btl("crawl", archive, *server.arguments).code == 0
    codes = []
    for level in range(levels):
        disk.free(level * 4096 if disk.is_mounted else level * archive.stat().st_size // levels)
        ended = disk.run("verify", archive)
        disk.resize(ROOM)
        assert (ended.code, ended.out) in ((0, ""), (6, "")), ended
        assert "Traceback" not in ended.err
        codes.append(ended.code)
    assert state(archive) == server.unharmed
    assert defects(archive) == []
    figure(f"full disk: verify at {levels} levels, exit {sorted(set(codes))}, 0 false alarms")
