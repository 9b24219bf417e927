"""Crawling threads of more and more posts: what a comment costs in a long thread, beside one in a short thread."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from belowtheline.archive.store.database import Archive
from bench.measuring import ROOT, Row, btl

_SIZES = (1_000, 10_000, 50_000)
_LIMIT = 1.3
_LEAST = 20
"""Posts of the thread that tells what starting, and ending, a command costs."""


def bench(quick: bool) -> Iterator[Row]:
    """Measure a topic of each size, crawled by twenties into an archive of its own, less what the command costs."""
    sizes = _SIZES[:2] if quick else _SIZES
    with _served() as base, tempfile.TemporaryDirectory() as folder:
        for how, options in (("", ("--no-link",)), (", linked", ())):
            # Of two or three seconds starting is the most: what tells the first size is measured again and again.
            rounds = [
                [_crawl(base, size, Path(folder) / f"{size}{how}-{one}.db", options) for size in (_LEAST, sizes[0])]
                for one in range(5)
            ]
            start, short = (median(taken) for taken in zip(*rounds, strict=True))
            first = None
            for size in sizes:
                long = Path(folder) / f"{size}{how}.db"
                taken = short if size == sizes[0] else _crawl(base, size, long, options)
                each = (taken - start) * 1000 / (size - _LEAST)
                first = first or each
                name = f"crawl a topic of {size:,} posts{how} / of {sizes[0]:,} (a comment)"
                yield Row(name, "ms", each, first, each / first, _LIMIT)


@contextmanager
def _served() -> Iterator[str]:
    command = [sys.executable, "-m", "bench.serving_topic"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate("")


def _crawl(base: str, size: int, path: Path, options: tuple[str, ...]) -> float:
    """Return the CPU seconds of a crawl, of which everything must be held."""
    ran = btl("crawl", str(path), f"{base}/t/{size}.json", "--delay", "0", *options)
    with Archive.open_to_read(path) as archive:
        held = archive.query("SELECT count(*) FROM comments").fetchone()[0]
        verdicts = archive.query("SELECT verdict FROM readings").fetchall()
    assert (held, verdicts) == (size, [("complete",)])
    return ran.seconds
