"""Looking again at threads that have not changed: requests a thread, and time beside bare conditional requests."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from belowtheline.archive.store.database import Archive
from bench.measuring import ROOT, Row, btl, script, summary
from bench.pages import path

_SLOPE = "update an unchanged thread / bare conditional GET (command start left out)"


def bench(quick: bool) -> Iterator[Row]:
    """Measure updates of an archive of many unchanged threads of 100 comments each."""
    count = 40 if quick else 200
    with _Server(count) as server, tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "a.db"
        btl("crawl", str(archive), *server.urls, "--site", "theregister", "--delay", "0")
        server.answered()
        wanted = Path(folder) / "wanted.json"
        wanted.write_text(json.dumps(_known(archive)))
        rounds = [_round(server, archive, wanted, count) for _ in range(2 if quick else 5)]
        requests = max(asked for _, _, asked in rounds)
        yield Row("requests for an unchanged thread", "", requests / count, 1, requests / count, 1.0)
        compared = summary([(ours, floor) for ours, floor, _ in rounds])
        yield compared.row(_SLOPE, "ms", 1000 / count, 40.0)


def _round(server: "_Server", archive: Path, wanted: Path, count: int) -> tuple[float, float, int]:
    """Return CPU seconds of an update less its start, and of the bare loop, and the requests of the update."""
    ran = btl("update", str(archive), "--delay", "0", "--local", server.pair).seconds
    statuses = server.answered()
    assert statuses.get("304") == count, statuses
    started = btl("update", str(archive), "--delay", "0", "--limit", "1", "--local", server.pair).seconds
    floor = float(script("floor_updating", str(wanted)).output)
    server.answered()
    return ran - started, floor, sum(statuses.values())


def _known(archive: Path) -> list[tuple[str, str]]:
    with Archive.open_to_read(archive) as opened:
        return opened.query("SELECT url, etag FROM captures WHERE etag IS NOT NULL").fetchall()


class _Server:
    """The pages, served from another process, whose time does not count."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._base = ""

    @property
    def urls(self) -> list[str]:
        """The addresses of the threads."""
        return [self._base + path(number) for number in range(self._count)]

    @property
    def pair(self) -> str:
        """Host and port, as --local names them."""
        return self._base.removeprefix("http://")

    def answered(self) -> dict[str, int]:
        """Return how many requests were answered with which status since this was last asked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        statuses: dict[str, int] = json.loads(self._process.stdout.readline())
        return statuses

    def __enter__(self) -> "_Server":
        command = [sys.executable, "-m", "bench.serving_unchanged", str(self._count)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self._base = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")
