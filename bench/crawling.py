"""Crawling with everything on, beside the sum of the least that its parts could cost; and where the time goes."""

import gzip
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from belowtheline.archive.store.database import Archive
from belowtheline.archive.warc import captures
from belowtheline.pipelines import STEPS
from belowtheline.reading.items import ThreadPage
from belowtheline.sites.registry import read, site_named
from bench import floor_storing
from bench.floor_reading import walk
from bench.measuring import ROOT, Row, btl, cpu, script, summary
from bench.pages import COMMENTS, CONTENT_TYPE, page_bytes, pages
from bench.storing import record

_In = TypeVar("_In")


def bench(quick: bool) -> Iterator[Row]:
    """Measure a crawl of many threads of one page each."""
    count = 40 if quick else 200
    with served(count) as base, tempfile.TemporaryDirectory() as folder:
        crawl = _Crawl(base, count, Path(folder))
        rounds = [crawl.round(number) for number in range(2 if quick else 5)]
        compared = summary([(ours, sum(parts.values())) for ours, parts in rounds])
        yield compared.row("crawl a page of 100 comments / walk + Scrapy + rows + gzip", "ms", 1000 / count, 2.0)
        for name in rounds[0][1]:
            print(f"    floor: {name:<30} {min(parts[name] for _, parts in rounds) * 1000 / count:7.2f} ms a page")
        crawl.print_parts(min(ours for ours, _ in rounds))


@contextmanager
def served(count: int) -> Iterator[str]:
    """Serve the pages from another process, whose time does not count."""
    command = [sys.executable, "-m", "bench.serving", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate("")


class _Crawl:
    """One set of pages, crawled again and again into new archives."""

    def __init__(self, base: str, count: int, folder: Path) -> None:
        self.base, self.count, self.folder = base, count, folder
        self.bodies = page_bytes(count)
        self.sent = [gzip.compress(body, compresslevel=6, mtime=0) for body in self.bodies.values()]
        self.urls = folder / "urls.txt"
        self.urls.write_text("".join(f"{base}{path}\n" for path in self.bodies))

    def round(self, number: int) -> tuple[float, dict[str, float]]:
        """Return the CPU seconds of a crawl and of each part of the floor."""
        path = self.folder / f"{number}.db"
        ours = self._crawl(path)
        stored = floor_storing.take(path)
        return ours, {
            "lxml walk by hand": cpu(self._walk)(),
            "Scrapy, empty callback": self._fetch(),
            "executemany of the same rows": self._store(path.with_suffix(".floor.db"), stored),
            "gzip of the same bytes": cpu(self._pack)(),
        }

    def _crawl(self, path: Path) -> float:
        options = ("--site", "theregister", "--delay", "0", "--no-link")  # linking has a row and a floor of its own
        ran = btl("crawl", str(path), *(self.base + page for page in self.bodies), *options)
        with Archive.open_to_read(path) as archive:
            held = archive.query("SELECT count(*) FROM comments").fetchone()[0]
            done = archive.query("SELECT count(*) FROM pages WHERE state = 'done'").fetchone()[0]
        assert (held, done) == (self.count * COMMENTS, self.count)
        return ran.seconds

    def _walk(self) -> None:
        found = [walk(body, self.base) for body in self.bodies.values()]
        assert sum(len(page.posts) for page in found) == self.count * COMMENTS

    def _fetch(self) -> float:
        ran = script("floor_crawling", str(self.urls))
        assert json.loads(ran.output) == [self.count, sum(map(len, self.bodies.values()))]
        return ran.seconds

    def _store(self, path: Path, stored: floor_storing.Stored) -> float:
        with Archive.create_or_open(path) as archive:
            seconds = cpu(lambda: floor_storing.write(archive, stored))()
            floor_storing.assert_same(archive, stored)
        return seconds

    def _pack(self) -> None:
        for body in self.sent:
            member = zlib.compressobj(captures._LEVEL, zlib.DEFLATED, 31)
            packed = member.compress(body) + member.flush()
            assert len(packed) > len(body) // 2

    def print_parts(self, whole: float) -> None:
        """Print where a crawl's time goes, by running its parts one by one on the same pages."""
        parts = self._parts()
        parts["Scrapy, frontier, start and the rest"] = whole - sum(parts.values())
        for name, seconds in parts.items():
            print(f"    {name:<37} {seconds * 1000 / self.count:7.2f} ms a page  {seconds / whole:4.0%}")

    def _parts(self) -> dict[str, float]:
        site = site_named("theregister")
        given = pages(self.bodies, self.base)
        parts: dict[str, float] = {}
        parts["parse"], found = _mapped(lambda page: read(site, page)[0], given)
        for step in STEPS:
            parts[step.__name__], found = _mapped(step, found)
        with Archive.create_or_open(self.folder / "parts.db") as archive:
            parts["store"] = record(archive, pages(self.bodies, self.base))
        parts["WARC"] = cpu(self._write_warc)()
        return parts

    def _write_warc(self) -> None:
        file = captures.WarcFile(self.folder, "parts.warc.gz")
        headers = [("Content-Type", CONTENT_TYPE), ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        for path, body in zip(self.bodies, self.sent, strict=True):
            file.write_response(self.base + path, datetime.now(UTC), "200 OK", headers, body)
        file.close()


def _mapped(step: Callable[[_In], ThreadPage], given: Iterable[_In]) -> tuple[float, list[ThreadPage]]:
    start = time.process_time()
    found = [step(page) for page in given]
    return time.process_time() - start, found
