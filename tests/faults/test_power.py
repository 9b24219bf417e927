"""Power cuts: what was not synced is gone, and the archive opens with every commit that was acknowledged.

A simple model. The crawl is stopped (SIGSTOP) at random moments, and its files are copied as the disk may have them:
of the write-ahead log everything up to the last commit that the program was told of, and of what follows only a part,
cut at any byte, with some of its blocks lost or torn. That the log is synced before a commit is acknowledged is seen
in a trace of its own: `synchronous` is FULL on the connection, and so SQLite syncs the log at each commit.
"""

import os
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from belowtheline.archive.store.database import Archive
from tests.altered import defects
from tests.faults.conftest import Figure
from tests.faults.crawling import Server, done, state
from tests.loopback import btl, rows, start

PAGE = 4096
FRAME = PAGE + 24
HEADER = 32


def test_the_writer_syncs_each_commit(tmp_path: Path) -> None:
    with Archive.create_or_open(tmp_path / "a.db") as archive:
        assert archive.query("PRAGMA synchronous").fetchone() == (2,)
        assert archive.query("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("cuts", [4, pytest.param(400, marks=pytest.mark.long)])
def test_after_a_power_cut_every_acknowledged_commit_is_there(
    server: Server, tmp_path: Path, figure: Figure, cuts: int
) -> None:
    rng = random.Random(cuts)
    made = crawls = resumed = 0
    while made < cuts:
        folder = tmp_path / f"crawl-{crawls}"
        folder.mkdir()
        started = start("crawl", folder / "a.db", *server.arguments)
        copies = stopped_copies(rng, started.pid, folder, server.seconds, 4)
        started.communicate()
        assert started.returncode == 0
        for number, copy in enumerate(copies):
            made += 1
            archive = copy / "a.db"
            acknowledged = done(archive)
            log = archive.with_name("a.db-wal")
            held = done_after_loss(rng, copy, log)
            assert acknowledged <= held
            if number == 0:  # each takes as long as a crawl
                resumed += 1
                assert btl("crawl", archive, *server.arguments).code == 0
                assert state(archive) == server.unharmed
                assert defects(archive) == []
        shutil.rmtree(folder)
        crawls += 1
    figure(
        f"power model: {made} cuts over {crawls} crawls, every archive opens, 0 acknowledged commits lost,"
        f" {resumed} resumed to the dump of a crawl without cuts"
    )


def stopped_copies(rng: random.Random, pid: int, folder: Path, seconds: float, count: int) -> list[Path]:
    """Return copies of the files of a running crawl, each made while it is stopped."""
    copies = []
    for number in range(count):
        time.sleep(rng.random() * seconds / count)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        try:
            if (folder / "a.db").exists():
                copies.append(folder / f"copy-{number}")
                copies[-1].mkdir()
                for name in ("a.db", "a.db-wal"):
                    if (folder / name).exists():
                        shutil.copy(folder / name, copies[-1] / name)
                if (folder / "a.db.captures").exists():
                    shutil.copytree(folder / "a.db.captures", copies[-1] / "a.db.captures")
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    return copies


def done_after_loss(rng: random.Random, copy: Path, log: Path) -> set[str]:
    """Lose what may be lost of a log, and return the pages that are there as read when the archive is opened again."""
    if log.exists():
        content = log.read_bytes()
        end = end_of_commits(content)
        tail = bytearray(content[end:][: rng.randrange(len(content) - end + 1)])
        for place in range(0, len(tail), 512):  # a sector is written or not
            if rng.random() < 0.3:
                tail[place : place + 512] = bytes(len(tail[place : place + 512]))
        junk = rng.randbytes(rng.randrange(2 * FRAME)) if rng.random() < 0.5 else b""
        log.write_bytes(content[:end] + tail + junk)
    archive = copy / "a.db"
    for file in (copy / "a.db.captures").glob("*.gz"):
        named = rows(archive, "SELECT max(warc_offset + warc_length) FROM captures WHERE warc_file = ?", file.name)
        os.truncate(file, rng.randint(named[0][0] or 0, file.stat().st_size))
    with closing(sqlite3.connect(archive)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return done(archive)


def end_of_commits(log: bytes) -> int:
    """Return where the last commit of a write-ahead log ends: its frame names the size of the database."""
    end, salt = HEADER if len(log) >= HEADER else len(log), log[16:24]
    for place in range(HEADER, len(log) - FRAME + 1, FRAME):
        if log[place + 8 : place + 16] != salt:
            break  # what an earlier round of the log left behind
        if log[place + 4 : place + 8] != bytes(4):
            end = place + FRAME
    return end
