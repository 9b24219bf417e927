"""kill -9 at random moments: nothing lost, nothing doubled, nothing that was committed fetched again."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.altered import copy_of, defects
from tests.faults.conftest import Figure
from tests.faults.crawling import Server, done, state
from tests.faults.faulty import assert_the_account_is_whole, page_of
from tests.loopback import btl, kill, start


@pytest.mark.parametrize(("crawls", "kills"), [(2, 3), pytest.param(50, 200, marks=pytest.mark.long)])
def test_a_crawl_that_is_killed_loses_and_doubles_nothing(
    server: Server, tmp_path: Path, figure: Figure, crawls: int, kills: int
) -> None:
    rng = random.Random(kills)
    hits: list[int] = []
    while sum(hits) < kills or len(hits) < crawls:
        archive = tmp_path / str(len(hits)) / "a.db"
        archive.parent.mkdir()
        attack = Attack(server, archive)
        hits.append(attack.kill(rng, kills // crawls))
        attack.end()
        assert state(archive) == server.unharmed
        assert defects(archive) == []
        assert_the_account_is_whole(archive)
        shutil.rmtree(archive.parent)
    figure(
        f"kill -9 of crawl: {sum(hits)} kills over {len(hits)} crawls, 0 lost, 0 doubled, 0 committed pages fetched"
        " again, every dump equal to that of a crawl nobody killed, verify clean"
    )


@dataclass
class Attack:
    """One crawl that is killed again and again, and then left to end."""

    server: Server
    archive: Path

    def kill(self, rng: random.Random, most: int) -> int:
        """Kill the crawl up to so many times, at any moment of it, and return how often it was at work."""
        hits = 0
        while hits < most and not self._is_read():
            with self._nothing_committed_asked_again():
                started = start("crawl", self.archive, *self.server.arguments)
                time.sleep(rng.random() * self.server.seconds)
                hits += kill(started)
        return hits

    def end(self) -> None:
        """Let the crawl end; where all was read, only what is unfinished is asked for."""
        options = self.server.arguments[-4:] if self._is_read() else self.server.arguments
        with self._nothing_committed_asked_again():
            ended = btl("crawl", self.archive, *options)
        assert ended.code == 0, ended.err

    def _is_read(self) -> bool:
        return done(self.archive) == set(self.server.loopback.answers)

    @contextmanager
    def _nothing_committed_asked_again(self) -> Iterator[None]:
        committed, before = done(self.archive), len(self.server.loopback.asked)
        yield
        assert not {asked.path for asked in self.server.loopback.asked[before:]} & committed
        assert committed <= done(self.archive)


@pytest.mark.parametrize("kills", [1, pytest.param(25, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["ingest", "update", "link", "reparse", "export"])
def test_other_commands_that_are_killed_lose_nothing(
    server: Server, tmp_path: Path, figure: Figure, name: str, kills: int
) -> None:
    rng = random.Random(kills)
    source, out = tmp_path / "source" / "a.db", tmp_path / "out.jsonl"
    source.parent.mkdir()
    assert btl("crawl", source, *server.arguments).code == 0
    arguments = arguments_of(name, tmp_path, out)
    whole = copy_of(source, tmp_path / "whole")
    ended = btl(name, *placed(whole, arguments))
    expected, written = state(whole), out.read_bytes() if out.exists() else b""
    hits = 0
    while hits < kills:
        archive = copy_of(source, tmp_path / f"killed-{hits}")
        out.unlink(missing_ok=True)
        started = start(name, *placed(archive, arguments))
        time.sleep(rng.random() * ended.seconds)
        hits += kill(started)
        assert not out.exists() or out.read_bytes() == written
        again = btl(name, *placed(archive, arguments))
        assert again.code == ended.code, again.err
        assert state(archive) == expected
        assert defects(archive) == []
        shutil.rmtree(archive.parent)
    figure(f"kill -9 of {name}: {hits} kills, then the same as without, verify clean")


def arguments_of(name: str, folder: Path, out: Path) -> tuple[object, ...]:
    """Return the arguments of a command; None stands for the archive."""
    if name == "ingest":
        pages = folder / "pages"
        pages.mkdir()
        for number in range(12):
            (pages / f"{number}.html").write_bytes(page_of(f"saved{number}", 6))
        return (None, pages, "--fetched-at", "2025-03-20T10:00Z", "--site", "theregister")
    return {
        "update": (None, "--delay", "0"),
        "link": (None,),
        "reparse": (None,),
        "export": ("jsonl", None, "-o", out),
    }[name]


def placed(archive: Path, arguments: tuple[object, ...]) -> list[object]:
    return [archive if argument is None else argument for argument in arguments]
