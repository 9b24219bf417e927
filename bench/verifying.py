"""Verifying: `btl verify` beside `sha256sum` over the same files, database and WARC."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.crawling import served
from bench.measuring import Row, btl, compare, run
from bench.pages import page_bytes

_RATE = 0.5


def bench(quick: bool) -> Iterator[Row]:
    """Measure the verification of a crawled archive, start of the program included."""
    count = 40 if quick else 200
    with served(count) as base, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        options = ("--site", "theregister", "--delay", "0")
        btl("crawl", str(path), *(base + page for page in page_bytes(count)), *options)
        files = [path, *path.with_name("a.db.captures").iterdir()]
        size = sum(file.stat().st_size for file in files) / 1_000_000
        program = shutil.which("sha256sum") or "sha256sum"
        compared = compare(
            lambda: _elapsed(lambda: btl("verify", str(path))),
            lambda: _elapsed(lambda: run(program, *map(str, files))),
            rounds=3 if quick else 5,
        )
    rate = f"by the clock, rate {1 / compared.ratio:.2f}, at least {_RATE}; {size / compared.ours:.0f} MB/s"
    yield compared.row(f"verify {size:.0f} MB / sha256sum ({rate})", "s", 1, 1 / _RATE)


def _elapsed(work: Callable[[], object]) -> float:
    # How fast files are read is a matter of the clock: verify uses two cores where there are two.
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
