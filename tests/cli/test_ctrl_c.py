"""Ctrl-C: every command ends with exit code 130, whatever it is at, and what it left is whole."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import indent
from threading import Event

import pytest

from belowtheline.archive.store.interrupts import held_back
from tests.archive.test_warcs import record
from tests.blogs import blog
from tests.cli.test_ingest_faults import write
from tests.jobs.test_packed_inputs import OTHER, PAGE
from tests.loopback import Loopback, after, btl, command_line, rows
from tests.loopback import response as answer
from tests.processes import wait_until

SAID = "interrupted; what was committed is kept, and the same command goes on"
_WAIT = 120
"""Seconds after which a test takes a command for one that does not end."""


class Ended:
    """A command that was sent signals."""

    def __init__(
        self, line: Sequence[str], *, times: int = 1, after: float = 0, until: Callable[[], object] = lambda: True
    ) -> None:
        quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(line, text=True, **quiet)  # type: ignore[call-overload]
        wait_until(until)
        time.sleep(after)
        self.was_running = process.poll() is None
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        # Its output is not read before it has ended: a full pipe is not to hold it up.
        process.wait(_WAIT)
        self.out, self.err = process.communicate(timeout=_WAIT)
        self.code = process.returncode


_PROGRAM = """
import sqlite3, sys, time, zlib
from pathlib import Path
import click
from belowtheline.archive.store.database import Archive
from belowtheline.cli import Program
from belowtheline.cli.process import run_process
from belowtheline.archive.store.interrupts import held_back

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
ready = Path(sys.argv.pop(1))
archive = Archive.create_or_open(ready.with_name("a.db"))

@click.group(cls=Program)
def group():
    pass

Program.get_command = lambda self, ctx, name: command

@click.command()
def command():
    ready.touch()
{work}

run_process(group)
"""
WORK = {
    "a query": "archive.query(ENDLESS)",
    "rows of a query": "list(archive.connection.execute(ENDLESS.replace('count(*)', 'n') + ' WHERE n < 0'))",
    "one query after another": """
try:
    archive.connection.execute(ENDLESS)
except sqlite3.Error:
    archive.query(ENDLESS)""",
    "a transaction": """
with archive.transaction() as connection:
    connection.execute(ENDLESS)""",
    "a function in a query": """
archive.connection.create_function("slow", 1, lambda n: sum(range(200_000)))
archive.query(ENDLESS.replace("count(*)", "count(slow(n))"))""",
    "a function in a query, which the watch hears of late": """
import os
read = os.read
os.read = lambda *given: (time.sleep(0.5), read(*given))[1]
archive.connection.create_function("slow", 1, lambda n: sum(range(200_000)))
archive.query(ENDLESS.replace("count(*)", "count(slow(n))"))""",
    "packed bytes": "[zlib.compress(bytes(30 << 20), 9) for _ in range(10**9)]",
    "sleep": "time.sleep(1000)",
    "output that nobody reads": "[click.echo('kettle' * 1000) for _ in range(10**9)]",
    "who does not listen": """
while True:
    try:
        time.sleep(1000)
    except KeyboardInterrupt:
        pass""",
    "what is not to be cut, for too long": """
with held_back():
    time.sleep(1000)""",
}


@pytest.mark.parametrize(
    ("name", "times"), [*((name, 1) for name in WORK), ("a query", 2), ("what is not to be cut, for too long", 2)]
)
def test_whatever_is_under_way_ends(tmp_path: Path, name: str, times: int) -> None:
    work = indent(WORK[name], "    ")
    ready = tmp_path / "ready"
    line = [sys.executable, "-c", _PROGRAM.replace("{work}", work), str(ready), "command"]
    ended = Ended(line, times=times, until=ready.exists, after=0.2)
    assert ended.was_running, ended.err
    assert ended.code == 130, ended.err
    assert "Traceback" not in ended.err
    assert times == 2 or SAID in ended.err


def test_what_is_held_back_comes_after() -> None:
    done = []

    def work(error: Exception | None = None) -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            done.append("whole")
            if error:
                raise error

    for error in (None, ValueError("kettle")):
        with pytest.raises(KeyboardInterrupt):
            work(error)
    assert done == ["whole", "whole"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def has_taken_in(archive: Path) -> bool:
    """Return whether a page is held; the next one is to come from standard input."""
    has_pages = archive.exists() and rows(archive, "SELECT 1 FROM sqlite_master WHERE name = 'pages'")
    return bool(has_pages and rows(archive, "SELECT 1 FROM pages WHERE state = 'done'"))


def test_an_ingest_prints_its_summary_and_goes_on(tmp_path: Path) -> None:
    file = write(tmp_path / "in.html", PAGE)
    archive = tmp_path / "a.db"
    ended = Ended(command_line("ingest", archive, file, "-"), until=lambda: has_taken_in(archive))
    assert ended.was_running
    assert ended.code == 130, ended.err
    assert "1 pages taken in, 0 not read" in ended.err
    assert "Interrupted: what was committed is kept" in ended.err
    assert rows(archive, "SELECT verdict, exit_code FROM runs") == [("interrupted", 130)]
    assert btl("verify", archive).code == 0
    again = btl("ingest", archive, file, write(tmp_path / "other.html", OTHER))
    assert (again.code, "1 pages taken in, 1 already held" in again.err) == (0, True)


@pytest.mark.parametrize("command", ["try", "new-site"])
def test_a_single_fetch_does_not_wait_for_its_server(tmp_path: Path, command: str) -> None:
    with Loopback() as server:
        server.answers = {"/kettle": after(is_over := Event(), answer(PAGE))}
        name = ("kettles",) if command == "new-site" else ()
        ended = Ended(command_line(command, *name, server.url("/kettle")), until=server.paths)
        assert not server.asked[-1].ended, "its server has not answered"
        is_over.set()
    assert ended.code == 130, ended.err
    assert "Traceback" not in ended.err


def test_a_crawl_does_not_wait_for_a_server_that_is_slow(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with Loopback() as server:
        server.answers = {"/kettle/": after(is_over := Event(), answer(PAGE))}
        line = command_line("crawl", archive, server.url("/kettle/"), "--site", "wordpress", "--delay", "0")
        ended = Ended(line, until=server.paths)
        assert not server.asked[-1].ended, "its server has not answered"
        is_over.set()
    assert ended.code == 130, ended.err
    assert "Interrupted: what was committed is kept" in ended.err
    assert rows(archive, "SELECT verdict FROM runs") == [("interrupted",)]
    assert rows(archive, "SELECT state FROM pages") == [("todo",)]


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that every command takes some time over."""
    folder = tmp_path_factory.mktemp("heavy")
    texts = [f"Kettle {number} has a lid, and <i>no spout</i>." for number in range(60)]
    pages = [record(number, blog(*texts, number=number).encode()) for number in range(100, 300)]
    assert btl("ingest", folder / "a.db", write(folder / "in.warc", *pages), timeout=600).code in (0, 3)
    return folder / "a.db"


COMMANDS = (
    "status A", "show A 1", "search A kettle", "log A", "diff A 1", "verify A", "reparse A", "link A", "explain A 1",
    "evaluate A", "export csv A", "export json A", "export jsonl A", "export tsv A", "sites", "demo", "update A",
    "retry A", "review sample A",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_at_any_moment(heavy: Path, tmp_path: Path, command: str) -> None:
    chance = random.Random(command)
    for _ in range(6):
        words = [str(heavy) if word == "A" else word for word in command.split()]
        ended = Ended(command_line(*words), after=chance.uniform(0.5, 4))
        if not ended.was_running:
            continue
        assert ended.code in (0, 130, -signal.SIGINT), ended.err  # done already, or the interpreter is starting
        assert "Traceback" not in ended.err or ended.code < 0
    assert btl("verify", heavy, timeout=600).code == 0
