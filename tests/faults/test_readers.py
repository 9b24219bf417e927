"""Readers beside a crawl: nobody is told that the archive is locked, and the writer is not kept waiting."""

import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.request import ProxyHandler, build_opener

import pytest

from belowtheline.archive.store.database import Archive
from tests.faults.conftest import Figure
from tests.loopback import value
from tests.recorded import Recorded, post, shown_page

pytest.importorskip("datasette", reason="datasette is not installed: pip install 'belowtheline[browse]'")

QUERY = "SELECT native_id, body_text FROM comments_flat ORDER BY body_text LIMIT 500"


def read_slowly(path: Path, stop: Event, seen: Counter[str]) -> None:
    """Hold a read transaction open for a second at a time, a row now and then."""
    while not stop.is_set():
        try:
            with Archive.open_to_read(path) as archive:
                archive.query("BEGIN")
                for _ in archive.query(QUERY):
                    time.sleep(0.01)
                    if stop.is_set():
                        break
                seen["read"] += 1
        except Exception as error:  # noqa: BLE001 - whatever a reader is told is counted
            seen[f"{type(error).__name__}: {error}"] += 1


@contextmanager
def datasette(path: Path) -> Iterator[str]:
    """Serve an archive with Datasette, which reads it as `btl browse` lets it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "datasette", "serve", str(path), "--port", str(port)]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def ask(address: str, stop: Event, seen: Counter[str]) -> None:
    opener = build_opener(ProxyHandler({}))
    while not stop.is_set():
        try:
            with opener.open(f"{address}/a/comments_flat.json?_size=100", timeout=30) as answer:
                seen["asked"] += answer.status == 200
        except OSError as error:
            seen["starting" if not seen["asked"] else str(error)] += 1
            time.sleep(0.2)


@pytest.mark.parametrize("seconds", [6.0, pytest.param(120.0, marks=pytest.mark.long)])
def test_slow_readers_and_datasette_beside_a_writer(tmp_path: Path, figure: Figure, seconds: float) -> None:
    recorded = Recorded(tmp_path)
    recorded.take_page(shown_page(*(post(str(n)) for n in range(200))), "2025-01-01T00:00:00Z")
    alone = writes(recorded, 1.5, 0)
    stop, seen = Event(), Counter[str]()
    with datasette(recorded.path) as address:
        readers = [Thread(target=read_slowly, args=(recorded.path, stop, seen)) for _ in range(3)]
        readers.append(Thread(target=ask, args=(address, stop, seen)))
        for reader in readers:
            reader.start()
        beside = writes(recorded, seconds, 100_000)
        stop.set()
        for reader in readers:
            reader.join(40)
    told = {what: count for what, count in seen.items() if what not in ("read", "asked", "starting")}
    assert told == {}
    assert seen["read"] >= 3
    assert seen["asked"] >= 1
    assert max(beside) < 5
    with closing(sqlite3.connect(recorded.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert value(recorded.path, "SELECT count(*) FROM comments") == 200 + len(alone) + len(beside)
    rates = f"{len(beside) / seconds:.0f} commits a second ({len(alone) / 1.5:.0f} alone)"
    answers = f"{seen['read']} and {seen['asked']} answers, 0 locked"
    figure(f"3 slow readers and Datasette, {seconds:g} s: {answers}; {rates}, slowest {max(beside):.2f} s")


def writes(recorded: Recorded, seconds: float, first: int) -> list[float]:
    """Record pages for so long, and return the seconds that each took."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        thread = f"w{first + len(took)}"
        recorded.take_page(shown_page(post("1"), thread=thread), "2025-02-01T00:00:00Z")
        took.append(time.monotonic() - start)
    return took
