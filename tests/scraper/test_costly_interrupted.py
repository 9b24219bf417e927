"""Ctrl-C by a real signal while a costly page is read or recorded: the command ends in order, and its processes too."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.loopback import Loopback, command_line, crawl, pages, post, response, topic, value
from tests.processes import children_of, is_running

READING = """
from belowtheline.scraper import apart
apart._LIGHT_BYTES, apart._ENTRY = -1, "while True: pass"
from belowtheline.cli import run; run()
"""
"""A btl whose every page is heavy, and is read without end."""

RECORDING = """
import os, signal
from belowtheline.archive import recording
from belowtheline.scraper import store
store._LONG = 2
record = recording._record_pages
def recorded_without_end(*given):
    record(*given)
    os.kill(os.getpid(), signal.SIGINT)
    while True: pass
recording._record_pages = recorded_without_end
"""
PATH = "/forum/all/2025/03/14/kettle/"
PAGE = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)])


def interrupted(line: list[str], signals: int) -> tuple[int, str, int]:
    """Interrupt a command while another process reads for it; return its code and messages, and the other process."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, text=True, start_new_session=True, **streams) as process:  # type: ignore[call-overload]
        while not (children := children_of(process.pid)) and process.poll() is None:
            time.sleep(0.02)
        assert process.poll() is None, process.communicate()[1]
        (child,) = children
        for _ in range(signals):
            os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=120)
        return process.returncode, said, child


@pytest.mark.parametrize("signals", [1, 2])
def test_a_crawl_ends_while_a_page_is_read(tmp_path: Path, signals: int) -> None:
    archive = tmp_path / "a.db"
    with Loopback() as server:
        server.answers[PATH] = response(PAGE)
        line = command_line(
            "crawl", archive, server.url(PATH), "--site", "theregister", "--delay", "0", program=READING
        )
        code, said, child = interrupted(line, signals)
        assert (code, is_running(child)) == (130, False), said
        assert pages(archive) == [("todo", None)]
        assert "Traceback" not in said
        assert crawl(archive).code == 0
    assert value(archive, "SELECT count(*) FROM comments") == 2


def test_ingest_ends_while_a_page_is_read(tmp_path: Path) -> None:
    file = tmp_path / "kettle.html"
    file.write_bytes(PAGE)
    code, said, child = interrupted(command_line("ingest", tmp_path / "a.db", file, program=READING), 1)
    assert (code, is_running(child)) == (130, False), said
    assert "Traceback" not in said


def test_a_crawl_ends_while_a_long_page_is_recorded_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with Loopback() as server:
        server.answers[PATH] = response(PAGE)
        ended = crawl(archive, server.url(PATH), change=RECORDING, timeout=120)
        assert ended.code == 130, ended.err
        assert "Traceback" not in ended.err
        assert pages(archive) == [("todo", None)]
        assert value(archive, "SELECT count(*) FROM comments") == 0
        assert crawl(archive).code == 0
    assert value(archive, "SELECT count(*) FROM comments") == 2
