"""What a reader of standard output may do: go away, or be a full disk; for every command that prints."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from belowtheline.cli import COMMANDS
from tests.loopback import command_line, post, rows, topic

_SILENT = {"crawl", "update", "retry", "ingest", "browse", "new-site", "link", "demo", "reparse", "verify"}
"""Commands that write to files and say the rest on standard error."""


@pytest.fixture(scope="module")
def printing(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """The arguments with which each command prints something."""
    ((thread, comment),) = rows(
        sample_archive, "SELECT t.id, c.native_id FROM comments c JOIN threads t ON t.id = c.thread_id LIMIT 1"
    )
    page = tmp_path_factory.mktemp("pages") / "topic.html"
    page.write_bytes(topic([post(1, "Kettles.")]))
    archive = sample_archive
    return {
        "status": [archive],
        "show": [archive, thread],
        "log": [archive, f"{thread}#{comment}"],
        "diff": [archive, "--since", "2000-01-01"],
        "explain": [archive, f"{thread}#{comment}"],
        "search": [archive, "kettle"],
        "export": ["csv", archive],
        "sites": [],
        "try": [page],
        "evaluate": [archive],
        "review": [archive, "--sample", "2"],
    }


@pytest.fixture
def closed_pipe() -> Iterator[int]:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def _codes(arguments: list[object], stdout: int) -> tuple[int, int, str]:
    """Return the exit code with standard output open, and with this one, and what the latter said."""
    line = command_line(*arguments)
    as_ever = subprocess.run(line, capture_output=True, timeout=60, check=False)
    ended = subprocess.run(line, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return (as_ever.returncode if as_ever.stdout else -1), ended.returncode, ended.stderr


def test_every_command_is_tried_or_prints_nothing(printing: dict[str, list[object]]) -> None:
    assert set(printing) | _SILENT == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - _SILENT))
def test_a_closed_pipe_is_no_error(command: str, printing: dict[str, list[object]], closed_pipe: int) -> None:
    as_ever, code, said = _codes([command, *printing[command]], closed_pipe)
    assert as_ever >= 0, f"btl {command} printed nothing on standard output"
    assert (code, said.count("Traceback"), said.count("Exception")) == (0, 0, 0), said


@pytest.mark.parametrize("command", ["show", "status", "search", "sites", "diff", "export"])
def test_a_full_disk_is_a_storage_error(command: str, printing: dict[str, list[object]]) -> None:
    with open("/dev/full", "w") as full:
        _, code, said = _codes([command, *printing[command]], full.fileno())
    assert code == 6, said
    assert said.splitlines()[-1].startswith("btl: standard output cannot be written (No space left on device)")


@pytest.mark.parametrize("command", ["show", "export"])
def test_an_output_that_is_not_open_is_told(command: str, printing: dict[str, list[object]]) -> None:
    line = shlex.join(command_line(command, *printing[command]))
    ended = subprocess.run(["sh", "-c", f"{line} >&-"], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (6, 1), ended.stderr
    assert ended.stderr.startswith("btl: standard output cannot be written")
    unheard = subprocess.run(["sh", "-c", f"{line} 2>&-"], capture_output=True, timeout=60, check=False)
    assert (unheard.returncode, unheard.stdout != b"") == (0, True)


@pytest.mark.parametrize("arguments", [["--help"], ["export", "--help"], ["--version"]])
def test_help_into_a_closed_pipe_is_no_error(arguments: list[object], closed_pipe: int) -> None:
    assert _codes(arguments, closed_pipe)[1:] == (0, "")


def test_messages_that_nobody_reads_do_not_stop_the_work(sample_archive: Path, tmp_path: Path) -> None:
    pages = Path(__file__).parents[1] / "sites/theregister"
    page = next(pages.glob("*/page.html"))
    reading, writing = os.pipe()
    os.close(reading)
    line = command_line("ingest", tmp_path / "a.db", page, tmp_path / "missing.html")
    code = subprocess.run(line, stdout=writing, stderr=writing, timeout=60, check=False).returncode
    os.close(writing)
    heard = subprocess.run(
        command_line("ingest", tmp_path / "b.db", page, tmp_path / "missing.html"), capture_output=True, check=False
    )
    assert code == heard.returncode
    if code != 2:
        assert rows(tmp_path / "a.db", "SELECT count(*) FROM comments") == rows(
            tmp_path / "b.db", "SELECT count(*) FROM comments"
        )


@pytest.mark.parametrize("where", ["click.get_current_context().exit(3)", "return None", "raise click.Abort"])
def test_ctrl_c_after_the_summary_is_an_exit_code(where: str) -> None:
    # The signal comes between the end of the command and the end of the interpreter.
    program = f"""
import atexit, os, signal, sys
import click
from belowtheline.cli.process import run_process

@click.command()
def program():
    click.echo("summary", err=True)
    click.get_current_context().call_on_close(lambda: os.kill(os.getpid(), signal.SIGINT))
    {where}

atexit.register(os.kill, os.getpid(), signal.SIGINT)
run_process(program)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (130, "summary")
