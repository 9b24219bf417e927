"""A forked command is as one with an interpreter of its own: streams, environment, signals, limits and exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from tests.forking import Forked, can_fork
from tests.loopback import Loopback, Process, after, btl, crawl, kill, post, response, start, start_crawl, topic, value

ALL = "/forum/all/2025/03/14/kettle/"
PAGE = response(topic([post(1, "Mine never updated.")]))
OWN = "import os; from belowtheline.cli import run; run()"
"""The same program, in an interpreter of its own."""


@pytest.mark.parametrize(
    "words", [("--version",), ("nonsense",), ("status", "missing.db"), ("sites", "--json"), ("export", "--help")]
)
def test_says_and_ends_with_the_same(words: tuple[str, ...]) -> None:
    forked, own = btl(*words), btl(*words, program=OWN)
    assert (forked.code, forked.out, forked.err) == (own.code, own.out, own.err)


def test_input_of_any_length_is_read(tmp_path: Path) -> None:
    urls = "".join(f"http://kettles.invalid/{number}\n" for number in range(20_000))
    ended = btl("crawl", tmp_path / "a.db", "-", "--site", "nonsense", stdin=urls)
    assert (ended.code, "nonsense" in ended.err) == (2, True)


def test_environment_and_folder_are_those_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as proxy:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("http_proxy", f"http://{proxy.pair}")
        monkeypatch.delenv("no_proxy", raising=False)
        order = ("http://kettles.example/forum/all/2025/03/14/kettle/", "--contact", "a@kettles.example")
        assert crawl(Path("a.db"), *order).code == 3
        assert any(asked.path.startswith("http://kettles.example/") for asked in proxy.asked)
    assert (tmp_path / "a.db").exists()


def test_what_an_interpreter_heeds_at_its_start_starts_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_fork()
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert not can_fork()
    with start("--version") as process:
        process.communicate(timeout=60)
    assert isinstance(process, subprocess.Popen)


def test_several_run_at_once(tmp_path: Path) -> None:
    with Loopback() as server:
        answers = Event()
        server.answers[ALL] = after(answers, PAGE)
        running = [start_crawl(tmp_path / f"{number}.db", server.url(ALL)) for number in range(4)]
        assert len({process.pid for process in running}) == 4
        assert [process.poll() for process in running] == [None] * 4
        answers.set()
        for process in reversed(running):
            process.communicate(timeout=60)
            assert process.returncode == 0
    assert [value(tmp_path / f"{number}.db", "SELECT count(*) FROM comments") for number in range(4)] == [1] * 4


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_signals_are_its_own(tmp_path: Path, number: int, code: int) -> None:
    with Loopback() as server, start_waiting(tmp_path, server) as process:
        assert os.getsid(process.pid) == os.getpgid(process.pid) == process.pid
        process.send_signal(number)
        process.communicate(timeout=60)
        assert (process.wait(), process.poll(), process.returncode) == (code, code, code)
        process.send_signal(number)  # nobody is there any more, which is no error
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


def start_waiting(folder: Path, server: Loopback) -> Process:
    server.answers[ALL] = after(Event(), PAGE)
    process = start_crawl(folder / "a.db", server.url(ALL))
    while not server.paths():
        time.sleep(0.02)
    return process


def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with Loopback() as server:
        server.answers[ALL] = after(Event(), PAGE)
        with pytest.raises(subprocess.TimeoutExpired):
            crawl(tmp_path / "a.db", server.url(ALL), timeout=1)


def test_limit_of_files_is_the_one_command_s(tmp_path: Path) -> None:
    with Loopback() as server:
        server.answers[ALL] = PAGE
        assert crawl(tmp_path / "a.db", server.url(ALL), largest=8192).code == 6
        assert crawl(tmp_path / "b.db", server.url(ALL)).code == 0


def test_nothing_of_the_tests_is_open_in_it(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not list what a process has open")
    with Loopback() as server, start_waiting(tmp_path, server) as process:
        streams = {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)}
        shared = opened(process.pid) & opened(os.getpid())
        kill(process)
    assert {name for name in shared - streams if not name.startswith("anon_inode")} == set()


def opened(process: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            found.add(os.readlink(descriptor))
    return found


def test_what_a_test_forks_is_what_is_installed() -> None:
    code = "import json, belowtheline.cli as cli; print(json.dumps(cli.__file__))"
    own = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    import belowtheline.cli

    assert json.loads(own.stdout) == belowtheline.cli.__file__
    with start("--version") as process:
        assert isinstance(process, Forked)
