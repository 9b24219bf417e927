"""`btl browse` ends its server however it ends itself, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from tests.browsing import COMMAND, ENDS_WITHIN, browsing, is_listening
from tests.processes import is_running, wait_until

pytest.importorskip("datasette", reason="datasette is not installed: pip install 'belowtheline[browse]'")


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder in which the command makes its temporary one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def server_of(pid: int) -> int:
    """Return the process of the server; 0 where there is none yet."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("the system does not list the children of a process in /proc")
    return int((children.read_text().split() or ["0"])[0])


def test_ctrl_c_ends_quietly_and_leaves_nothing(sample_archive: Path, temporary: Path) -> None:
    with browsing(sample_archive, TMPDIR=str(temporary)) as (process, address), busy(address):
        assert is_listening(address)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=ENDS_WITHIN)
        assert process.returncode == 0
        assert "Traceback" not in said
        assert not is_listening(address)


def test_a_server_that_dies_is_reported(sample_archive: Path) -> None:
    with browsing(sample_archive) as (process, address):
        os.kill(server_of(process.pid), signal.SIGKILL)
        _, said = process.communicate(timeout=ENDS_WITHIN)
        assert process.returncode == 2
        assert "Datasette ended with code -9" in said
        assert not is_listening(address)


@pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
def test_the_server_ends_when_btl_is_killed(sample_archive: Path, temporary: Path, is_busy: bool) -> None:
    with browsing(sample_archive, TMPDIR=str(temporary)) as (process, address), ExitStack() as stack:
        if is_busy:
            stack.enter_context(busy(address))
        server = server_of(process.pid)
        assert list(temporary.glob("btl-browse-*"))
        process.kill()
        process.wait(ENDS_WITHIN)
        assert wait_until(lambda: not is_listening(address))
        assert wait_until(lambda: not is_running(server))
    assert list(temporary.iterdir()) == []
    assert sample_archive.exists()


def test_the_server_ends_when_btl_is_killed_before_it_answers(sample_archive: Path) -> None:
    with subprocess.Popen([*COMMAND, str(sample_archive), "--port", "0"], stdout=subprocess.PIPE) as process:
        assert wait_until(lambda: server_of(process.pid) != 0)
        server = server_of(process.pid)
        process.kill()
    assert wait_until(lambda: not is_running(server))


def busy(address: str) -> socket.socket:
    """Ask for a query that goes on until its time limit, and do not wait for the answer."""
    where = urlsplit(address)
    endless = "with+recursive+n(i)+as+(select+1+union+all+select+i%2B1+from+n)+select+count(*)+from+n"
    connection = socket.create_connection(("127.0.0.1", where.port or 0))
    connection.sendall(f"GET {where.path}.json?sql={endless} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
    return connection


def test_ctrl_c_twice_ends_the_server_at_once(sample_archive: Path, temporary: Path) -> None:
    with browsing(sample_archive, TMPDIR=str(temporary)) as (process, address):
        assert process.stderr is not None
        assert process.stderr.readline() == "Ctrl-C ends it.\n"
        server = server_of(process.pid)
        os.kill(server, signal.SIGSTOP)  # it does not end when it is asked to
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline() == "\n"  # the first one has arrived
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=ENDS_WITHIN)
        assert process.returncode == 130
        assert "Traceback" not in said
        assert wait_until(lambda: not is_running(server))
        assert not is_listening(address)
    assert list(temporary.iterdir()) == []


def test_ctrl_c_in_a_terminal_reaches_both_and_ends_quietly(sample_archive: Path) -> None:
    line = [*COMMAND, str(sample_archive), "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=ENDS_WITHIN)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert not is_listening(address)


def test_ctrl_c_before_the_server_answers_ends_it(sample_archive: Path, temporary: Path) -> None:
    line = [*COMMAND, str(sample_archive), "--port", "0"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert wait_until(lambda: server_of(process.pid) != 0)
        server = server_of(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=ENDS_WITHIN)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert wait_until(lambda: not is_running(server))
    assert list(temporary.iterdir()) == []


def test_a_terminal_that_closes_ends_the_server(sample_archive: Path, temporary: Path) -> None:
    with browsing(sample_archive, TMPDIR=str(temporary)) as (process, address):
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=ENDS_WITHIN)
        assert process.returncode == 128 + signal.SIGHUP
        assert not is_listening(address)
    assert list(temporary.iterdir()) == []


def test_sigterm_ends_the_server_as_well_and_nohup_keeps_it(sample_archive: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited, as nohup does it
    try:
        with browsing(sample_archive) as (process, address):
            process.send_signal(signal.SIGHUP)
            assert is_listening(address)
            process.terminate()
            process.communicate(timeout=ENDS_WITHIN)
            assert process.returncode == 128 + signal.SIGTERM
            assert not is_listening(address)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_port_that_is_taken_is_named(sample_archive: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["browse", str(sample_archive), "--port", str(port)])
    assert result.exit_code == 2
    assert f"--port {port} cannot be had" in result.output


def test_a_server_that_btl_did_not_start_has_a_life_of_its_own() -> None:
    from belowtheline.exports.datasette.lifetime import startup

    before = threading.active_count()
    for folder in (None, "plugins"):
        startup(SimpleNamespace(plugins_dir=folder))
    assert threading.active_count() == before
