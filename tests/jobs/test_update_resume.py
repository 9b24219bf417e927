"""An update that is stopped: the same command goes on where it was, and asks for nothing twice."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.test_update import other
from tests.later import next_second
from tests.loopback import Process, crawl, dump, kill, post, rows, start, topic, value
from tests.validating import Validating, update

PATHS = [other(f"kettle{number}") for number in range(6)]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server(archive: Path) -> Iterator[Validating]:
    """A server of six threads that were crawled once, one of which has changed since."""
    with Validating() as server:
        server.pages = {path: topic([post(1, "Hm.")], key=path[12:-1]) for path in PATHS}
        assert crawl(archive, *map(server.url, PATHS)).code == 0
        next_second()
        server.pages[PATHS[3]] = topic([post(1, "Hm."), post(2, "Ah.")], key=PATHS[3][12:-1])
        server.sent.clear()
        yield server


def start_update(archive: Path) -> Process:
    return start("update", archive, "--delay", "0.4", has_session=True)


def done(archive: Path) -> set[str]:
    found = rows(archive, "SELECT url FROM pages WHERE state = 'done' AND reading_id > 6")
    return {"/" + url.split("/", 3)[3] for (url,) in found}


def wait_for(server: Validating, answers: int) -> None:
    end = time.monotonic() + 30
    while len(server.sent) < answers and time.monotonic() < end:
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["kill", "ctrl-c"])
def test_a_stopped_update_goes_on_and_asks_for_nothing_twice(archive: Path, server: Validating, how: str) -> None:
    process = start_update(archive)
    wait_for(server, 3)
    if how == "kill":
        kill(process)
    else:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
    committed = done(archive)
    assert 1 <= len(committed) <= 4
    server.sent.clear()
    ended = update(archive, "--delay", "0.4")  # the same command: its options are part of it
    assert ended.code == 0, ended.err
    asked = [path for path, _ in server.sent]
    assert len(asked) == len(set(asked)) == len(PATHS) - len(committed)
    assert not committed & set(asked)
    assert "6 discovered = 6 done" in ended.err
    assert value(archive, "SELECT count(*) FROM comments") == 7
    assert rows(archive, "SELECT count(*), count(DISTINCT thread_id) FROM readings WHERE id > 6") == [(6, 6)]


def test_a_stopped_update_is_gone_on_with_by_a_crawl_of_nothing(archive: Path, server: Validating) -> None:
    process = start_update(archive)
    wait_for(server, 3)
    kill(process)
    committed = done(archive)
    server.sent.clear()
    assert crawl(archive).code == 0
    asked = [path for path, _ in server.sent]
    assert len(asked) == len(PATHS) - len(committed)
    assert not committed & set(asked)
    assert {status for path, status in server.sent if path != PATHS[3]} <= {304}


def test_an_update_that_ended_is_done_again_in_full(archive: Path, server: Validating) -> None:
    assert update(archive).code == 0
    before = dump(archive)
    server.sent.clear()
    next_second()
    assert update(archive).code == 0
    assert sorted(server.sent) == [(path, 304) for path in PATHS]
    assert dump(archive) == before
