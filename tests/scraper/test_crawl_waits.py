"""What a crawl is asked to heed: robots.txt, its crawl-delay, and how long a server says to wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response

from belowtheline.scraper.politeness import Deferred, RetryAfter, asked_wait
from tests.loopback import (
    POLICIES,
    Loopback,
    crawl,
    pages,
    post,
    redirect,
    response,
    rows,
    topic,
    value,
)

PAGE = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)])
WHOLE = response(PAGE)
TEXT = {"Content-Type": "text/plain"}


def path_of(name: str, page: str = "all") -> str:
    return f"/forum/{page}/2025/03/14/{name}/"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def test_robots_txt_is_obeyed_and_other_ways_in_are_named(archive: Path, server: Loopback) -> None:
    server.answers = {
        "/robots.txt": response(b"User-agent: *\nDisallow: /forum/\n", 200, TEXT),
        path_of("kettle"): WHOLE,
    }
    ended = crawl(archive, server.url(path_of("kettle")))
    assert ended.code == 5
    assert pages(archive) == [("skipped", "robots")]
    assert server.paths() == []
    (said,) = [line for line in ended.err.splitlines() if line.startswith("!")]
    assert all(words in said for words in ("robots.txt", "saved pages", "WARC", "copied text", "btl ingest"))
    assert rows(archive, "SELECT status FROM captures") == [(200,)]


@pytest.mark.parametrize("status", [404, 403, 410])
def test_without_robots_txt_there_are_no_rules(archive: Path, server: Loopback, status: int) -> None:
    server.answers = {"/robots.txt": response(b"Disallow: /", status, TEXT), path_of("kettle"): WHOLE}
    assert crawl(archive, server.url(path_of("kettle"))).code == 0


@pytest.mark.parametrize(
    ("robots", "end"),
    [
        (response(b"", 503), ("failed", "robots unknown")),
        (response(b"User-agent: *", 200, {**TEXT, "Content-Length": "999"}), ("failed", "robots unknown")),
        (response(b"", 429, {"Retry-After": "3600"}), ("deferred", "retry-after")),
        (b"", ("failed", "robots unknown")),
    ],
)
def test_without_an_answer_on_robots_txt_nothing_is_fetched(
    archive: Path, server: Loopback, robots: bytes, end: tuple[str, str]
) -> None:
    server.answers = {"/robots.txt": robots, path_of("kettle"): WHOLE}
    ended = crawl(archive, server.url(path_of("kettle")))
    assert ended.code == 3
    assert "Traceback" not in ended.err
    assert server.paths() == []
    assert pages(archive) == [end]


def test_a_crawl_delay_is_kept_where_it_is_longer_than_ours(archive: Path, server: Loopback) -> None:
    robots = response(b"User-agent: *\nCrawl-delay: 1\n", 200, TEXT)
    server.answers = {"/robots.txt": robots, path_of("kettle"): WHOLE, path_of("toaster"): WHOLE}
    assert crawl(archive, *map(server.url, (path_of("kettle"), path_of("toaster")))).code == 0
    first, second = (asked for asked in server.asked if asked.path not in POLICIES)
    assert second.began - first.began >= 0.5


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


SELDOM = "from scrapy.core.engine import ExecutionEngine; ExecutionEngine._SLOT_HEARTBEAT_INTERVAL = 3600"
"""A btl whose engine does not look by itself for a page whose time has come."""


@pytest.mark.parametrize(("status", "form"), [(429, "seconds"), (503, "date")])
def test_a_short_wait_is_waited_for(archive: Path, server: Loopback, status: int, form: str) -> None:
    def later(before: int) -> bytes:
        said = "1" if form == "seconds" else http_date(2)
        return WHOLE if before else response(b"", status, {"Retry-After": said})

    server.answers = {path_of("kettle"): later}
    ended = crawl(archive, server.url(path_of("kettle")), change=SELDOM)
    assert ended.code == 0, ended.err
    first, second = (asked.began for asked in server.asked if asked.path not in POLICIES)
    assert second - first >= 0.9
    assert [status for (status,) in rows(archive, "SELECT status FROM captures ORDER BY id")][2:] == [status, 200]


@pytest.mark.parametrize("said", ["3600", "date"])
def test_a_long_wait_ends_the_run_and_pauses_its_host(archive: Path, server: Loopback, said: str) -> None:
    wait = response(b"", 429, {"Retry-After": http_date(3605) if said == "date" else said})
    server.answers = {path_of("kettle"): wait, path_of("toaster"): WHOLE}
    urls = [server.url(path_of(name)) for name in ("kettle", "toaster")]
    ended = crawl(archive, *urls)
    assert ended.code == 3
    assert pages(archive) == [("deferred", "retry-after"), ("todo", None)]
    assert f"{urls[0]} is deferred until" in ended.err
    assert "as its server asks" in ended.err
    (left,) = [line for line in ended.err.splitlines() if line.startswith("!") and "still to do" in line]
    assert urls[1] in left
    not_before = datetime.fromisoformat(value(archive, "SELECT not_before FROM pages WHERE state = 'deferred'"))
    asked = datetime.fromisoformat(value(archive, "SELECT max(fetched_at) FROM captures WHERE status = 429"))
    assert not_before - asked >= timedelta(seconds=3599)
    assert crawl(archive).code == 3  # too early: nobody is asked
    assert server.paths() == [path_of("kettle")]


_ODD_WAITS = (
    "", "soon", "-5", "²", "9" * 400, "Wed, 99 Foo 2026 10:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359",
    "Sat, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 01 Jan 2026 00:00:00 +999999999999",
    "1e9", "Fri, 01 Jan " + "9" * 5000, "\0",
)  # fmt: skip


def test_zeros_before_the_seconds_of_a_retry_after_are_none() -> None:
    assert asked_wait("0000000000120", datetime.now(UTC)) == timedelta(seconds=120)


def test_a_wait_that_btl_chose_is_not_said_to_be_the_servers(archive: Path, server: Loopback) -> None:
    server.answers = {path_of("kettle"): response(b"", 429, {"Retry-After": "1"})}
    change = "import belowtheline.scraper.frontier as f; f._SOON = f.timedelta(seconds=3)"
    ended = crawl(archive, server.url(path_of("kettle")), change=change)
    assert ended.code == 3
    (said,) = [line for line in ended.err.splitlines() if "is deferred until" in line]
    assert "as its server asks" not in said
    assert "answered 429 2 times and asks to wait 1 s each time; btl waits longer each time, now 4 s" in said


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (429, None, "without a time to wait, and btl waits 60 s"),
        (429, "soon", "without a time to wait, and btl waits 60 s"),
        (503, "-5", "without a time to wait, and btl waits 60 s"),
        (429, "3600", "as its server asks"),
        (503, "9" * 300, "its server asks to wait 7 days or more, and btl tries again after 7 days"),
    ],
)
def test_who_chose_the_wait_is_said(status: int, said: str | None, expected: str) -> None:
    headers = {"Retry-After": said} if said else {}
    answer = Response("http://kettles.example/", status=status, headers=headers)
    with pytest.raises(Deferred, match=expected):
        RetryAfter().process_response(Request("http://kettles.example/"), answer)


@pytest.mark.parametrize("target", ["/robots.txt", "http://10.0.0.1/robots.txt", "http://[::kettle/"])
def test_redirects_of_robots_txt_are_not_the_pages_fault(archive: Path, server: Loopback, target: str) -> None:
    server.answers = {"/robots.txt": redirect(target), path_of("kettle"): WHOLE}
    ended = crawl(archive, server.url(path_of("kettle")))
    assert ended.code == 3
    assert pages(archive) == [("failed", "robots unknown")]
    assert server.paths() == []
    (line,) = [line for line in ended.err.splitlines() if line.startswith("!")]
    assert "/robots.txt cannot be had (it redirects" in line


@pytest.mark.parametrize("value", _ODD_WAITS)
def test_an_odd_retry_after_is_a_sane_wait(value: str) -> None:
    waited = asked_wait(value, datetime.now(UTC))
    assert waited is None or timedelta(0) <= waited <= timedelta(days=7)


def test_where_nobody_is_at_home_nothing_is_known_of_robots(archive: Path) -> None:
    with Loopback() as server:
        url = server.url(path_of("kettle"))
    ended = crawl(archive, url)
    assert ended.code == 3
    assert pages(archive) == [("failed", "robots unknown")]
    assert "refused" in ended.err
    assert "Traceback" not in ended.err
