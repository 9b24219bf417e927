"""Crawls called from Python: again and again, in a running loop, and with an end whenever their caller ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from belowtheline.archive.store.database import Archive
from belowtheline.jobs.crawl import CrawlOptions, crawl, crawl_here
from belowtheline.jobs.crawl_report import CrawlReport
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.progress import Step
from belowtheline.jobs.update import RetryOptions, UpdateOptions, retry, retry_here, update_here
from belowtheline.reading.errors import BelowTheLineError, StorageError, UnknownSite, WrongUsage
from tests.loopback import Loopback, in_turn, post, response, rows, slowly, topic

_WAIT = 60
"""Seconds after which a test takes what it waits for as not to come."""
ONE, TWO = "/forum/all/2025/03/14/kettle/", "/forum/all/2025/03/14/lid/"
WHOLE = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        server.answers = {ONE: response(WHOLE), TWO: response(WHOLE.replace(b"kettle", b"lid"))}
        yield server


def crawled(archive: Path, server: Loopback, *paths: str, **how: object) -> CrawlReport:
    return crawl(archive, [server.url(path) for path in paths], site="theregister", delay=0, **how)  # type: ignore[arg-type]


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + _WAIT
    while not happened():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def runs(archive: Path) -> list[tuple[object, ...]]:
    return rows(archive, "SELECT command, verdict, exit_code FROM runs ORDER BY id")


def test_calls_in_a_row_and_in_a_running_loop(archive: Path, server: Loopback) -> None:
    server.answers[TWO] = in_turn(*[response(b"", 500)] * 3, response(WHOLE.replace(b"kettle", b"lid")))
    steps: list[Step] = []
    first = crawled(archive, server, ONE, TWO, progress=steps.append)
    assert (first.ending, first.run_id, first.looked, first.changed) == (Ending.INCOMPLETE, 1, 2, 1)
    assert [problem.partition(" ")[0] for problem in first.problems] == [server.url(TWO)]
    counted = [(step.done, step.total) for step in steps if step.label == "pages"]
    assert (counted[0], counted[-1]) == ((0, 2), (2, 2))

    async def in_a_loop() -> CrawlReport:
        return retry(archive, reasons=["http 500"], delay=0, local=[server.pair])

    second = asyncio.run(in_a_loop())
    assert (second.ending, second.run_id) == (Ending.COMPLETE, 2)
    assert isinstance(second.ending, Ending)
    assert [(one.held, one.verdict) for one in second.verdicts] == [(2, "complete")]
    assert second.account.done == 1


_NO_USE: dict[str, tuple[type[BelowTheLineError], str, dict[str, Any]]] = {
    "no contact": (WrongUsage, "--contact ADDRESS is required", {"urls": ("https://kettles.example/1",), "site": None}),
    "no address": (UnknownSite, "is no web address", {"urls": ("kettles",)}),
    "no such site": (UnknownSite, "no-such-site", {"site": "no-such-site"}),
    "a delay below zero": (WrongUsage, "A delay of -1", {"delay": -1}),
    "a delay that is no number": (WrongUsage, "A delay of nan", {"delay": float("nan")}),
    "no pages": (WrongUsage, "A limit of 0 pages", {"max_pages": 0}),
    "an empty ground": (WrongUsage, "legal basis is empty", {"legal_basis": " "}),
    "half a pair": (WrongUsage, "'127.0.0.1' is not HOST:PORT", {"local": ("127.0.0.1",)}),
    "half a letter": (UnknownSite, "is no web address", {"urls": ("kettle\ud800",)}),
}


@pytest.mark.parametrize("name", _NO_USE)
def test_what_cannot_be_meant_is_said_and_nothing_starts(archive: Path, name: str) -> None:
    kind, said, how = _NO_USE[name]
    with pytest.raises(kind, match=said):
        crawl_here(archive, CrawlOptions(**{"urls": ("http://127.0.0.1:9/",), "site": "theregister", **how}))
    assert not archive.exists()


def test_urls_that_are_none_do_not_resume_what_is_unfinished(archive: Path) -> None:
    for urls in ([], "", [" "]):
        with pytest.raises(WrongUsage, match="No URL is given"):
            crawl(archive, urls)


def test_errors_of_the_other_process_are_ours(archive: Path) -> None:
    with pytest.raises(UnknownSite, match="kettle\ud800 is no web address"):
        crawl(archive, "kettle\ud800")


def test_another_database_is_a_storage_error(archive: Path) -> None:
    archive.write_bytes(b"no database at all, but long enough to be looked at as one" * 9)
    for job, options in ((crawl_here, CrawlOptions()), (update_here, UpdateOptions()), (retry_here, RetryOptions())):
        with pytest.raises(StorageError, match=str(archive)):
            job(archive, options)  # type: ignore[operator]


def test_a_span_that_is_none_is_named(archive: Path) -> None:
    Archive.create_or_open(archive).close()
    with pytest.raises(WrongUsage, match="'soon' is no span of time"):
        update_here(archive, UpdateOptions(older_than="soon"))
    assert runs(archive) == []


def test_scrapy_that_cannot_run_here_is_named_before_anything_starts(archive: Path) -> None:
    async def in_a_loop() -> None:
        crawl_here(archive, CrawlOptions(urls=("http://127.0.0.1:9/",), site="theregister"))

    with pytest.raises(WrongUsage, match="an event loop runs here"):
        asyncio.run(in_a_loop())
    assert not archive.exists()


@pytest.fixture
def slow(server: Loopback) -> Loopback:
    """The server, which answers at once for one thread and not for the other."""
    server.answers[TWO] = slowly(response(WHOLE), 30)
    return server


def interrupted(archive: Path, server: Loopback, *paths: str, times: int = 1) -> None:
    """Crawl, and press Ctrl-C once the slow page is asked for."""

    def press() -> None:
        until(lambda: TWO in server.paths())
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)

    thread = Thread(target=press)
    thread.start()
    try:
        crawled(archive, server, *paths)
    finally:
        thread.join()


def test_ctrl_c_ends_a_crawl_in_order_and_the_same_call_goes_on(archive: Path, slow: Loopback) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(archive, slow, ONE, TWO)
    assert runs(archive) == [("crawl", "interrupted", 130)]
    slow.answers[TWO] = response(WHOLE.replace(b"kettle", b"lid"))
    assert crawl(archive, delay=0, local=[slow.pair]).ending == Ending.COMPLETE
    assert rows(archive, "SELECT state FROM pages") == [("done",), ("done",)]
    assert crawl_here(archive, CrawlOptions()).notices == ("Nothing is unfinished: give the URL of a thread.",)


def test_a_second_ctrl_c_ends_a_crawl_at_once(archive: Path, slow: Loopback) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(archive, slow, TWO, times=2)
    assert runs(archive)[0][1] in (None, "interrupted")
    Archive.create_or_open(archive).close()  # nobody writes to it any more


def test_a_callback_that_fails_ends_the_crawl(archive: Path, slow: Loopback) -> None:
    def fail(step: Step) -> None:
        until(lambda: TWO in slow.paths())
        raise LookupError("boom")

    with pytest.raises(LookupError, match="boom"):
        crawled(archive, slow, TWO, progress=fail)
    assert runs(archive) == [("crawl", "interrupted", 130)]  # its standard input told it


_CALLER = """
import sys
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.crawl import CrawlOptions, crawl, crawl_here
crawl(sys.argv[1], sys.argv[2], site="theregister", delay=0)
"""


def test_a_crawl_ends_with_its_caller(archive: Path, slow: Loopback) -> None:
    caller = subprocess.Popen([sys.executable, "-c", _CALLER, str(archive), slow.url(TWO)])
    until(lambda: TWO in slow.paths())
    caller.kill()
    caller.wait(_WAIT)
    until(lambda: runs(archive) == [("crawl", "interrupted", 130)])
