"""The crawl's memory: what is handed out, what a kill or Ctrl-C leaves behind, and that the same command goes on."""

import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from belowtheline.archive.readings import lifecycle, starts
from belowtheline.archive.record.people import site_id
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import rows, runs
from belowtheline.archive.store.database import Archive
from belowtheline.reading.items import Link
from belowtheline.scraper.frontier import Frontier, recorders
from belowtheline.scraper.spiders.threads import ThreadsSpider
from tests.growth import assert_grows
from tests.loopback import (
    NOT_FOUND,
    Loopback,
    Process,
    crawl,
    dump,
    kill,
    pages,
    post,
    response,
    slowly,
    start_crawl,
    topic,
    value,
)
from tests.loopback import rows as query

ALL, SHORT = "/forum/all/2025/03/14/kettle/", "/forum/all/2025/03/14/toaster/"
A, B = "http://a.example/forum/all/2025/01/01/", "http://b.example/forum/all/2025/01/01/"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def opened(archive: Path) -> Iterator[Archive]:
    with Archive.create_or_open(archive) as opened:
        yield opened


def frontier_over(archive: Archive, *urls: str) -> Frontier:
    """Return the frontier of a new run that is to read the threads at the URLs."""
    with archive.transaction() as connection:
        run_id = runs.start_run(connection, "crawl", {})
        site = site_id(connection, "theregister")
        lifecycle.open_readings(connection, run_id, [starts.Start(site, None, Link(url=url)) for url in urls])
    crawler = Crawler(ThreadsSpider, Settings())
    crawler.engine = SimpleNamespace(downloader=SimpleNamespace(slots={}))  # type: ignore[assignment]
    recorders[crawler] = Recorder(archive, run_id)
    frontier = Frontier.from_crawler(crawler)
    frontier.open(ThreadsSpider())
    frontier.crawler = crawler  # type: ignore[attr-defined]  # it is held weakly elsewhere
    return frontier


def taken(frontier: Frontier) -> list[str]:
    return [request.url for request in iter(frontier.next_request, None)]


def test_one_page_a_host_is_handed_out_until_it_has_ended(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/", f"{A}2/", f"{B}1/")
    assert sorted(taken(frontier)) == [f"{A}1/", f"{B}1/"]
    frontier.recorder.record_end(1, "failed", "network")
    frontier.release(1)
    assert taken(frontier) == [f"{A}2/"]


def test_a_page_is_handed_out_with_its_number_and_no_other_request_is_taken(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/")
    request = frontier.next_request()
    assert request is not None
    assert request.meta == {"page_id": 1, "site": "theregister", "kind": "page"} | {"kind": request.meta["kind"]}
    assert frontier.enqueue_request(Request(f"{A}2/")) is False
    again = request.replace(url=f"{A}1/")
    assert frontier.enqueue_request(again) is True
    assert frontier.next_request() is again


def test_a_host_that_asked_to_wait_is_left_alone_and_others_are_not(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/", f"{A}2/", f"{B}1/", f"{B}2/")
    assert len(taken(frontier)) == 2
    frontier.recorder.record_end(1, "deferred", "retry-after", not_before="2999-01-01T00:00:00Z")
    frontier.recorder.record_end(3, "failed", "network")
    frontier.release(1)
    frontier.release(3)
    assert taken(frontier) == [f"{B}2/"]
    frontier.recorder.record_end(4, "failed", "network")
    frontier.release(4)
    assert frontier.has_pending_requests() is False


def test_a_page_that_is_due_is_handed_out_again(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/", f"{A}2/")
    taken(frontier)
    frontier.recorder.record_end(1, "deferred", "retry-after", not_before="2020-01-01T00:00:00Z")
    frontier.release(1)
    assert frontier.has_pending_requests() is True
    assert taken(frontier) == [f"{A}1/"]


def test_a_page_that_never_came_back_fails_when_nothing_else_runs(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/", f"{A}2/")
    taken(frontier)
    assert frontier.has_pending_requests() is True
    assert opened.query("SELECT state, reason FROM pages ORDER BY id").fetchall() == [
        ("failed", "internal"),
        ("todo", None),
    ]
    assert taken(frontier) == [f"{A}2/"]


def test_an_archive_that_cannot_be_read_stops_the_crawl_and_raises_nothing(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/")
    opened.connection.execute("ALTER TABLE pages RENAME TO leaves")
    assert frontier.next_request() is None
    assert frontier.has_pending_requests() is False
    assert str(opened.path) in (frontier.recorder.storage_error or "")


def test_a_locked_archive_is_named_and_nothing_is_written(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/")
    taken(frontier)
    opened.connection.execute("PRAGMA busy_timeout = 50")  # half a minute is long for a test
    with closing(sqlite3.connect(opened.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert frontier.has_pending_requests() is False  # it would have swept the page
    assert f"{opened.path} is locked by another program" in (frontier.recorder.storage_error or "")
    assert opened.query("SELECT state FROM pages").fetchall() == [("todo",)]


def test_a_redirect_to_a_page_that_is_to_be_read_is_merged(opened: Archive) -> None:
    frontier = frontier_over(opened, f"{A}1/", f"{A}2/")
    request = frontier.next_request()
    assert request is not None
    moved = request.replace(url=f"{A}2/#c_7", meta={**request.meta, "redirect_times": 1})
    assert frontier.enqueue_request(moved) is False
    assert opened.query("SELECT state, reason, reading_id FROM pages ORDER BY id").fetchall() == [
        ("skipped", "redirect", 1),
        ("todo", None, 1),
    ]
    assert opened.query("SELECT id FROM readings").fetchall() == [(1,)]
    assert taken(frontier) == [f"{A}2/"]


def test_pages_of_other_runs_are_not_handed_out(opened: Archive) -> None:
    frontier_over(opened, f"{A}1/")
    assert taken(frontier_over(opened, f"{B}1/")) == [f"{B}1/"]


def test_only_the_same_command_takes_over_what_a_stopped_run_has_read(opened: Archive) -> None:
    stopped = frontier_over(opened, f"{A}1/")
    sql = "UPDATE readings SET closed_at = '2025-01-01T00:00:00Z', verdict = 'complete'"
    opened.connection.execute(sql)
    opened.connection.execute("UPDATE pages SET state = 'done'")
    assert taken(frontier_over(opened, f"{A}1/")) == []
    runs.finish_run(opened, stopped.recorder.run_id + 1, "complete", 0)
    assert taken(frontier_over(opened, f"{A}1/")) == [f"{A}1/"]


def test_the_start_of_many_threads_costs_no_more_for_each(opened: Archive) -> None:
    urls = [f"{A}{number}/" for number in range(3000)]
    for _ in range(2):
        assert_grows(lambda size: frontier_over(opened, *urls[:size]), len(urls))


def test_an_open_reading_goes_on_in_the_next_run(opened: Archive) -> None:
    frontier_over(opened, f"{A}1/")
    assert taken(frontier_over(opened, f"{A}1/")) == [f"{A}1/"]
    assert opened.query("SELECT count(*) FROM readings").fetchone() == (1,)


@pytest.mark.parametrize("hosts", [1, 50])
def test_the_next_page_of_ten_thousand_is_found_at_once(opened: Archive, hosts: int) -> None:
    frontier = frontier_over(opened, f"{A}1/")
    with opened.transaction() as connection:
        for number in range(10_000):
            url = f"http://{number % hosts}.example/{number}"
            columns = {"reading_id": 1, "method": "GET", "url": url, "body": "", "kind": "", "state": "todo"}
            rows.insert(connection, "pages", {**columns, "host": f"{number % hosts}.example"})
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    opened.connection.set_progress_handler(step, 100)
    for _ in range(200):
        request = frontier.next_request()
        assert request is not None
        frontier.release(request.meta["page_id"])
    opened.connection.set_progress_handler(None, 0)
    assert steps < 200 * 100  # 100 times 100 instructions of SQLite a page, where a search of all pages takes 40,000


PARTS = 8


@pytest.fixture(scope="module")
def slow_server() -> Iterator[Loopback]:
    """A thread of one page, and one of eight numbered pages that take a moment each."""
    with Loopback() as server:
        short = topic([post(7, "A thread of one page.")], key=SHORT[12:-1])
        server.answers = {ALL: NOT_FOUND, SHORT: response(short)}
        for part in range(1, PARTS + 1):
            posts = [
                post(part * 10 + n, f"Part {part}, post {n}.", answers=part * 10 - 10 + n or None) for n in range(3)
            ]
            page = response(topic(posts, nav=(part, PARTS)))
            server.answers[ALL.replace("all", str(part))] = slowly(page, 0.15)
        yield server


@pytest.fixture(scope="module")
def unharmed(slow_server: Loopback, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("unharmed") / "a.db"
    assert crawl(archive, slow_server.url(SHORT), slow_server.url(ALL)).code == 0
    return archive


def wait_for(server: Loopback, requests: int) -> None:
    end = time.monotonic() + 30
    while len(server.asked) < requests and time.monotonic() < end:
        time.sleep(0.01)


def done(archive: Path) -> list[str]:
    """Return the paths of the pages that are committed."""
    found = query(archive, "SELECT url FROM pages WHERE state = 'done'") if archive.exists() else []
    return ["/" + url.split("/", 3)[3] for (url,) in found]


@pytest.mark.parametrize("seed", [1, 2])
def test_five_kills_lose_nothing_and_fetch_nothing_again(
    archive: Path, slow_server: Loopback, unharmed: Path, seed: int
) -> None:
    rng = random.Random(seed)
    urls = (slow_server.url(SHORT), slow_server.url(ALL))
    for _ in range(5):
        before = len(slow_server.asked)
        committed = done(archive)
        process = start_crawl(archive, *urls)
        wait_for(slow_server, before + rng.randint(1, 3))
        time.sleep(rng.random() * 0.3)
        kill(process)
        asked = [asked.path for asked in slow_server.asked[before:]]
        assert not set(asked) & set(committed)
    before, committed = len(slow_server.asked), done(archive)
    ended = crawl(archive, *urls)
    assert ended.code == 0, ended.err
    assert not {asked.path for asked in slow_server.asked[before:]} & set(committed)
    assert dump(archive) == dump(unharmed)
    assert query(archive, "SELECT verdict, pages FROM readings ORDER BY id") == [("complete", 1), ("complete", PARTS)]
    assert f"{PARTS + 2} discovered = {PARTS + 1} done" in ended.err
    tables = ("comments", "comment_versions", "threads", "authors", "observations", "quotes", "articles")
    assert [value(archive, f"SELECT count(*) FROM {table}") for table in tables] == [
        value(unharmed, f"SELECT count(*) FROM {table}") for table in tables
    ]
    assert value(archive, "PRAGMA integrity_check") == "ok"


def test_a_kill_before_the_first_page_leaves_a_file_that_opens(archive: Path, slow_server: Loopback) -> None:
    for seconds in (0.2, 0.5, 0.8, 1.1):
        process = start_crawl(archive, slow_server.url(ALL))
        time.sleep(seconds)
        kill(process)
    assert crawl(archive, slow_server.url(ALL)).code == 0


def interrupted(archive: Path, server: Loopback, times: int, after: int) -> tuple[Process, str]:
    """Start a crawl, press Ctrl-C so many times, and return the ended process and what it said."""
    before = len(server.asked)
    process = start_crawl(archive, server.url(SHORT), server.url(ALL))
    wait_for(server, before + after)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, said = process.communicate(timeout=30)
    return process, said


def test_one_ctrl_c_ends_the_run_in_order_and_it_goes_on(archive: Path, slow_server: Loopback, unharmed: Path) -> None:
    process, said = interrupted(archive, slow_server, 1, 4)
    assert process.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert query(archive, "SELECT verdict, exit_code, finished_at IS NOT NULL FROM runs") == [("interrupted", 130, 1)]
    assert not archive.with_name("a.db-wal").exists() or archive.with_name("a.db-wal").stat().st_size == 0
    committed = set(done(archive))
    before = len(slow_server.asked)
    assert crawl(archive).code == 0  # no URL: what is unfinished
    assert not {asked.path for asked in slow_server.asked[before:]} & committed
    assert dump(archive) == dump(unharmed)


def test_two_ctrl_c_end_the_run_at_once_and_it_goes_on(archive: Path, slow_server: Loopback, unharmed: Path) -> None:
    process, said = interrupted(archive, slow_server, 2, 4)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    committed, before = set(done(archive)), len(slow_server.asked)
    assert crawl(archive, slow_server.url(SHORT), slow_server.url(ALL)).code == 0
    assert not {asked.path for asked in slow_server.asked[before:]} & committed
    assert dump(archive) == dump(unharmed)


def test_ctrl_c_before_the_first_page_is_an_interruption_as_well(archive: Path, slow_server: Loopback) -> None:
    for after in (0, 1):  # before the first request, and before the first page
        process, said = interrupted(archive, slow_server, 1, after)
        assert process.returncode in (130, -signal.SIGINT), said  # the interpreter itself may still be starting
    assert crawl(archive, slow_server.url(ALL)).code == 0


def test_two_ctrl_c_do_not_wait_for_a_server_that_hangs(archive: Path) -> None:
    with Loopback() as server:
        server.answers = {SHORT: slowly(NOT_FOUND, 120)}  # longer than is waited for the process
        process, said = interrupted(archive, server, 2, 2)
    assert process.returncode == 130, said
    assert pages(archive) == [("todo", None), ("todo", None)]


def test_ctrl_c_does_not_wait_for_the_delay(archive: Path) -> None:
    with Loopback() as server:
        server.answers = {ALL: NOT_FOUND}
        urls = [server.url(ALL.replace("kettle", f"kettle{number}")) for number in range(3)]
        process = start_crawl(archive, *urls, "--delay", "600")
        wait_for(server, 1)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)  # a tenth of the delay
    assert process.returncode == 130


def test_the_host_asked_longest_ago_comes_next_wherever_its_pages_stand_in_the_table(opened: Archive) -> None:
    frontier = frontier_over(
        opened, *(f"{A}{number}/" for number in range(3)), *(f"{B}{number}/" for number in range(3))
    )
    asked = []
    for _ in range(6):
        request = frontier.next_request()
        assert request is not None
        asked.append(request.url[7])
        frontier.recorder.record_end(request.meta["page_id"], "failed", "network")
        frontier.release(request.meta["page_id"])
    assert asked == ["a", "b"] * 3
