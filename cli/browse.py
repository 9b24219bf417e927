"""`btl browse`: read an archive in the browser, with Datasette."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

_PORT = 8001
_STARTING_SECONDS = 60.0
_STOPPING_SECONDS = 0.8
_SETTINGS = {
    "default_page_size": 50,  # a comment is a long row
    "default_facet_size": 12,  # a column of thirty names hides the data
    "max_returned_rows": 5000,  # a canned query shows a whole thread
    "sql_time_limit_ms": 5000,  # the default of one second cuts a count over a million comments
    "facet_time_limit_ms": 1000,  # the default of 200 ms leaves out facets from some 300,000 comments on
    "suggest_facets": 0,  # ours are chosen, and each suggestion costs a query a column
    "truncate_cells_html": 1000,  # the page of a row shows it whole
}


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"Port on 127.0.0.1; 0 takes any free one.  [default: {_PORT}, or any free one where that is taken]",
)
@click.option("--open/--no-open", "opens", default=False, help="Open the address in a browser, or only print it.")
def command(archive: Path, port: int | None, opens: bool) -> None:
    """Show ARCHIVE in the browser, until Ctrl-C; nobody but this machine can see it.

    Needs Datasette: pip install 'belowtheline[browse]'. It reads a live archive and may run while a crawl writes to it.

    The server answers only at 127.0.0.1 and localhost with its own port, and no page of another site. Through an SSH
    tunnel, use the same port at both ends.
    """
    from belowtheline.archive.search.index import waiting
    from belowtheline.archive.store.database import Archive

    _check_datasette()
    with Archive.open_to_read(archive) as held:
        unindexed = waiting(held)
    if unindexed:
        click.echo(f"{unindexed} comments are not in the search index yet: `btl search` adds them.", err=True)
    chosen = _choose_port(port)
    with _stopped_by_signals(), _datasette(archive, chosen) as server, _until_interrupted():
        click.echo(server.address)
        click.echo("Ctrl-C ends it.", err=True)
        if opens:
            click.launch(server.address)
        server.wait()


def _check_datasette() -> None:
    from importlib.util import find_spec

    from belowtheline.reading.errors import BelowTheLineError

    if find_spec("datasette") is None:
        raise BelowTheLineError("`btl browse` needs Datasette: run pip install 'belowtheline[browse]' and try again.")


def _choose_port(port: int | None) -> int:
    """Return the port to listen on; raise UsageError where the one that was asked for is taken."""
    for candidate in (_PORT, 0) if port is None else (port,):
        with socket.socket() as probe:
            # As the server does, so that a port that was just left counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.UsageError(f"--port {port} cannot be had: give another one, or 0 for any that is free.")


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a terminal that closes, end what the block has started, too."""
    import signal

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        if before[number] is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """End the block quietly on Ctrl-C, which is how reading ends."""
    try:
        yield
    except KeyboardInterrupt:
        from belowtheline.archive.store import interrupts

        interrupts.tidies_up.set()  # the server may take a while to end
        click.echo("", err=True)


@dataclass(frozen=True, slots=True)
class _Server:
    """A Datasette that answers at an address."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def wait(self) -> None:
        """Wait until the server ends, which it does not do by itself."""
        if self.process.wait():
            raise _failed(f"Datasette ended with code {self.process.returncode}", self.log)


@contextmanager
def _datasette(archive: Path, port: int) -> Iterator[_Server]:
    """Run Datasette while the block runs, and yield it once it answers."""
    import json
    from tempfile import TemporaryDirectory

    from belowtheline.exports.datasette.lifetime import FOLDER
    from belowtheline.exports.datasette.metadata import PLUGIN, STYLE, database_name, metadata

    name = database_name(archive)
    with TemporaryDirectory(prefix=FOLDER) as temporary:
        folder = Path(temporary)
        # Datasette puts a path into a URI as it stands, where # and ? and % mean something else.
        link = folder / f"{name}.db"
        link.symlink_to(archive.absolute())
        (folder / "metadata.json").write_text(json.dumps(metadata(name, archive.name)))
        (folder / "plugins").mkdir()
        (folder / "plugins" / "btl_browse.py").write_text(PLUGIN)
        (folder / "static").mkdir()
        (folder / "static" / "browse.css").write_text(STYLE)
        with (folder / "log").open("wb") as log:
            arguments = _arguments(link, folder, port)
            # The server ends when its standard input closes, which nothing but this process holds open.
            environment = os.environ | {"TMPDIR": str(folder)}  # so that its own temporary files go with the folder
            process = subprocess.Popen(  # noqa: S603
                arguments, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
            )
        try:
            _wait_until_it_answers(process, port, folder / "log")
            yield _Server(process, f"http://127.0.0.1:{port}/{name}", folder / "log")
        finally:
            _stop(process)


def _arguments(database: Path, folder: Path, port: int) -> list[str]:
    settings = [part for name, value in _SETTINGS.items() for part in ("--setting", name, str(value))]
    return [
        sys.executable,
        "-P",  # the working directory is not a place to import from
        "-m",
        "datasette",
        "serve",
        str(database),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--metadata",
        str(folder / "metadata.json"),
        "--plugins-dir",
        str(folder / "plugins"),
        "--static",
        f"btl:{folder / 'static'}",
        *settings,
    ]


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server refuses a request for another host: then it is ours, and its guard is in place."""
    from http.client import HTTPException

    from belowtheline.exports.datasette.guard import MISDIRECTED

    end = time.monotonic() + _STARTING_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            status = _status_for_another_host(port)
        except (OSError, HTTPException):
            time.sleep(0.05)
            continue
        if status == MISDIRECTED:
            return
        raise _failed(f"What answers at port {port} does not check the Host header", log)
    raise _failed("Datasette did not start", log)


def _status_for_another_host(port: int) -> int:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", port, timeout=_STARTING_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": "another.invalid"})
        return connection.getresponse().status
    finally:
        connection.close()


def _failed(what: str, log: Path) -> Exception:
    from belowtheline.reading.errors import BelowTheLineError

    said = log.read_text(errors="replace").strip().rpartition("\n")[2]
    return BelowTheLineError(f"{what} ({said}): run `btl browse` again, with another --port or a newer datasette.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process; by force where a browser keeps its connection, a query is long or Ctrl-C comes again."""
    process.terminate()
    try:
        process.wait(_STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
