"""Servers and programs that fail: every page ends with a reason, what came is kept, and the exit code tells."""

import gzip
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest
from scrapy import Request
from scrapy.http import Response

from belowtheline.jobs import endings
from belowtheline.scraper.politeness import Deferred, RetryAfter, asked_wait
from tests.loopback import (
    POLICIES,
    Answer,
    Ended,
    Loopback,
    btl,
    crawl,
    in_turn,
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
PACKED = gzip.compress(PAGE, mtime=0)
GZIP = {"Content-Encoding": "gzip"}
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


def flipped(body: bytes) -> bytes:
    return body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 0xFF]) + body[len(body) // 2 + 1 :]


FAULTS: dict[str, tuple[Answer, str]] = {
    "short": (response(PAGE[:200], 200, {"Content-Length": str(len(PAGE))}), "torn"),
    "chunks-cut": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n"
        + PAGE[:100]
        + b"\r\n",
        "torn",
    ),
    "gzip-cut": (response(PACKED[:-20], 200, GZIP), "torn"),
    "gzip-flipped": (response(flipped(PACKED), 200, GZIP), "torn"),
    "gzip-crc": (response(PACKED[:-8] + bytes(8), 200, GZIP), "torn"),
    "brotli-cut": (response(brotli.compress(PAGE)[:-3], 200, {"Content-Encoding": "br"}), "torn"),
    "deflate-cut": (response(zlib.compress(PAGE)[:-3], 200, {"Content-Encoding": "deflate"}), "torn"),
    "unknown-encoding": (response(bytes(range(256)) * 9, 200, {"Content-Encoding": "compress"}), "torn"),
    "empty": (response(b""), "empty"),
    "no-content": (response(b"", 204), "empty"),
    "layout": (response(PAGE.replace(b"forum_posts", b"talk").replace(b'"post ', b'"remark ')), "layout"),
    "error": (response(b"<html>Oops</html>", 500), "http 500"),
    "challenge": (response(b"<html><title>Just a moment...</title><p>Checking your browser</p></html>"), "blocked"),
    "forbidden": (response(b"<html>No</html>", 403), "blocked"),
    "login": (response(b"<html>Who?</html>", 401), "blocked"),
    "loop": (lambda _: redirect(path_of("loop")), "refused"),
    "to-file": (redirect("file:///etc/passwd"), "http 302"),
    "to-private": (redirect("http://10.0.0.1/forum/all/2025/03/14/to-private/"), "not public"),
    "to-metadata": (redirect("http://169.254.169.254/latest/"), "not public"),
    "to-elsewhere": (redirect("http://192.0.2.7/"), "not public"),
    "silent": (b"", "network"),
    "garbage": (b"\0\1\2\3", "network"),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended, Loopback]:
    """One crawl over every fault, and a thread that is well."""
    archive = tmp_path_factory.mktemp("faults") / "a.db"
    with Loopback() as server:
        server.answers = {path_of(name): answer for name, (answer, _) in FAULTS.items()}
        server.answers[path_of("well")] = WHOLE
        return archive, crawl(archive, *map(server.url, server.answers)), server


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_its_page_with_a_reason(faulty: tuple[Path, Ended, Loopback], name: str) -> None:
    archive, ended, _ = faulty
    (page,) = rows(archive, "SELECT state, reason FROM pages WHERE url LIKE ?", f"%{path_of(name)}")
    assert page == ("failed", FAULTS[name][1])
    (line,) = [line for line in ended.err.splitlines() if line.startswith("!") and path_of(name) in line]
    assert line.endswith(".")


def test_faults_harm_no_other_thread(faulty: tuple[Path, Ended, Loopback]) -> None:
    archive, ended, _ = faulty
    assert rows(archive, "SELECT thread, held, verdict FROM thread_status") == [("2025/03/14/well", 2, "complete")]
    assert "Traceback" not in ended.err
    failed = len(FAULTS)
    assert f"{failed + 1} discovered = 1 done + {failed} failed + 0 deferred" in ended.err


def test_what_came_of_a_faulty_page_is_kept_and_cuts_are_marked(faulty: tuple[Path, Ended, Loopback]) -> None:
    archive = faulty[0]
    kept = {url.split("/")[-2] for (url,) in rows(archive, "SELECT p.url FROM pages p WHERE p.capture_id IS NOT NULL")}
    assert kept >= {name for name, (_, reason) in FAULTS.items() if reason != "network"} - {"loop"}
    records = b"".join(zlib_members(archive.with_name("a.db.captures") / "run-000001.warc.gz"))
    assert records.count(b"WARC-Truncated: disconnect") == 2


def zlib_members(path: Path) -> Iterator[bytes]:
    rest = path.read_bytes()
    while rest:
        member = zlib.decompressobj(31)
        yield member.decompress(rest)
        assert member.eof
        rest = member.unused_data


def test_a_loop_of_redirects_is_short(faulty: tuple[Path, Ended, Loopback]) -> None:
    assert faulty[2].paths().count(path_of("loop")) == 6
    assert faulty[2].paths().count(path_of("error")) == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [(FAULTS["short"][0], 3), (FAULTS["layout"][0], 4), (FAULTS["forbidden"][0], 5), (FAULTS["error"][0], 3)],
)
def test_the_exit_code_tells_what_kind_of_fault(archive: Path, server: Loopback, answer: Answer, code: int) -> None:
    server.answers = {path_of("kettle"): answer}
    assert crawl(archive, server.url(path_of("kettle"))).code == code
    assert value(archive, "SELECT exit_code FROM runs") == code
    assert value(archive, "SELECT verdict FROM readings") == "incomplete"
    assert value(archive, "SELECT count(*) FROM comments") == 0


def test_of_several_exit_codes_the_worst_is_told() -> None:
    ends = [("failed", "torn"), ("failed", "layout"), ("skipped", "robots")]
    assert [endings.ending_of_pages(ends[:count], []) for count in range(4)] == [0, 3, 4, 5]
    assert endings.ending_of_pages([*ends, ("failed", "internal")], []) == 1


RUN = "from belowtheline.cli import run; run()"
PEAK = (
    "import atexit, re, sys;"
    # ru_maxrss would count what the process that started it had.
    "peak = lambda: re.search(r'VmHWM:\\s+([0-9]+)', open('/proc/self/status').read())[1];"
    "atexit.register(lambda: print('peak', peak(), file=sys.stderr));"
    "from belowtheline.cli import run; run()"
)


def endless(_: int) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>"
    for _ in range(1600):
        yield b"x" * 65536


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()


@pytest.mark.parametrize("kind", ["100 MB", "declared", "bomb"])
def test_a_page_that_is_too_large_is_read_in_numbered_pages(archive: Path, server: Loopback, kind: str) -> None:
    large: dict[str, Answer] = {
        "100 MB": endless,
        "declared": response(b"<html>", 200, {"Content-Length": "99000000"}),
        "bomb": response(bomb(), 200, GZIP),
    }
    server.answers = {path_of("kettle"): large[kind]}
    for number in (1, 2):
        page = topic([post(number, "Hm.")], nav=(number, 2))
        server.answers[path_of("kettle", str(number))] = response(page)
    ended = crawl(archive, server.url(path_of("kettle")), program=PEAK)
    assert ended.code == 0, ended.err
    assert pages(archive) == [("skipped", "too large"), ("done", None), ("done", None)]
    assert rows(archive, "SELECT held, verdict FROM thread_status") == [(2, "complete")]
    assert int(ended.err.rsplit("peak", 1)[1]) < 256 * 1024  # KiB; the program alone takes about 90 MiB


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


SELDOM = f"from scrapy.core.engine import ExecutionEngine; ExecutionEngine._SLOT_HEARTBEAT_INTERVAL = 3600; {RUN}"
"""A btl whose engine does not look by itself for a page whose time has come."""


@pytest.mark.parametrize(("status", "form"), [(429, "seconds"), (503, "date")])
def test_a_short_wait_is_waited_for(archive: Path, server: Loopback, status: int, form: str) -> None:
    def later(before: int) -> bytes:
        said = "1" if form == "seconds" else http_date(2)
        return WHOLE if before else response(b"", status, {"Retry-After": said})

    server.answers = {path_of("kettle"): later}
    ended = crawl(archive, server.url(path_of("kettle")), program=SELDOM)
    assert ended.code == 0, ended.err
    first, second = (asked.began for asked in server.asked if asked.path not in POLICIES)
    assert second - first >= 0.9
    assert [status for (status,) in rows(archive, "SELECT status FROM captures ORDER BY id")][2:] == [status, 200]


@pytest.mark.parametrize("said", ["3600", "date"])
def test_a_long_wait_ends_the_run_and_pauses_its_host(archive: Path, server: Loopback, said: str) -> None:
    wait = response(b"", 429, {"Retry-After": http_date(3600) if said == "date" else said})
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
    assert 3500 < (not_before - datetime.now(UTC)).total_seconds() < 3602
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


@pytest.mark.parametrize(("status", "step"), [(410, "gone for good"), (404, "check the address")])
def test_what_is_gone_is_not_to_be_asked_for_again(archive: Path, server: Loopback, status: int, step: str) -> None:
    server.answers = {path_of("kettle"): response(b"<p>No", status), path_of("kettle", "1"): response(b"<p>No", status)}
    ended = crawl(archive, server.url(path_of("kettle")))
    assert ended.code == 3
    lines = [line for line in ended.err.splitlines() if line.startswith("!")]
    assert lines
    assert all(step in line and "btl retry" not in line for line in lines)


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refusal_of_one_address_is_a_refusal_of_the_thread(archive: Path, server: Loopback, status: int) -> None:
    server.answers = {path_of("kettle"): response(b"<p>No", status), path_of("kettle", "1"): WHOLE}
    assert crawl(archive, server.url(path_of("kettle"))).code == 5
    assert server.paths() == [path_of("kettle")]
    assert pages(archive) == [("failed", "blocked")]


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


def test_two_server_errors_and_a_page_are_three_captures(archive: Path, server: Loopback) -> None:
    server.answers = {path_of("kettle"): in_turn(response(b"", 500), response(b"", 502), WHOLE)}
    ended = crawl(archive, server.url(path_of("kettle")))
    assert ended.code == 0, ended.err
    assert [status for (status,) in rows(archive, "SELECT status FROM captures ORDER BY id")][2:] == [500, 502, 200]


def test_a_redirect_to_another_page_of_the_thread_is_counted_once(archive: Path, server: Loopback) -> None:
    two = response(topic([post(2, "Mine did.")], nav=(2, 3)))
    first = response(topic([post(1, "Mine never updated.")], nav=(1, 3)))
    server.answers = {path_of("kettle", "1"): first, path_of("kettle", "2"): two}
    server.answers[path_of("kettle", "3")] = redirect(path_of("kettle", "2"))
    crawl(archive, server.url(path_of("kettle")))
    assert pages(archive)[1:] == [("done", None), ("done", None), ("skipped", "redirect")]
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("incomplete", "pages 3 of 3 were not read")]
    assert server.paths().count(path_of("kettle", "2")) == 1


def test_where_nobody_is_at_home_nothing_is_known_of_robots(archive: Path) -> None:
    with Loopback() as server:
        url = server.url(path_of("kettle"))
    ended = crawl(archive, url)
    assert ended.code == 3
    assert pages(archive) == [("failed", "robots unknown")]
    assert "refused" in ended.err
    assert "Traceback" not in ended.err


NO_NAMES = """
import socket
def nobody(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")
socket.getaddrinfo = nobody
import twisted.internet._resolver as resolver
resolver.getaddrinfo = nobody
resolver.GAIResolver.__init__.__defaults__ = (*resolver.GAIResolver.__init__.__defaults__[:-1], nobody)
"""


def test_a_name_that_does_not_resolve_is_a_network_failure(archive: Path) -> None:
    ended = crawl(archive, f"http://name.invalid{path_of('kettle')}", "--contact", "a@example.org", change=NO_NAMES)
    assert ended.code == 3, ended.err
    assert pages(archive) == [("failed", "network")]
    assert "name.invalid" in ended.err


BROKEN_SITE = """
from belowtheline.sites.theregister import TheRegister
whole = TheRegister.parse
def parse(self, page):
    if "broken" in page.url:
        raise RuntimeError("boom")
    return whole(self, page)
TheRegister.parse = parse
"""


def test_an_error_of_ours_fails_its_page_and_no_other(archive: Path, server: Loopback) -> None:
    names = ("broken", "kettle", "broken-too")
    server.answers = {path_of(name): WHOLE for name in names}
    ended = crawl(archive, *(server.url(path_of(name)) for name in names), change=BROKEN_SITE)
    assert ended.code == 1
    assert pages(archive) == [("failed", "internal"), ("done", None), ("failed", "internal")]
    assert "RuntimeError: boom" in value(archive, "SELECT detail FROM pages WHERE id = 1")
    assert value(archive, "SELECT count(*) FROM pages WHERE capture_id IS NULL") == 0
    assert rows(archive, "SELECT held, verdict FROM thread_status") == [(2, "complete")]


def test_a_server_that_never_answers_does_not_stop_the_others(archive: Path, server: Loopback) -> None:
    """The timeout is a minute; here it is two seconds."""
    change = "from belowtheline.scraper import settings; settings.DOWNLOAD_TIMEOUT = 2; settings.RETRY_TIMES = 0"

    def never(_: int) -> Iterator[bytes]:
        time.sleep(5)
        yield b""

    with Loopback(host="127.0.0.2") as mute:
        mute.answers = {path_of("mute"): never}
        server.answers = {path_of("kettle"): WHOLE}
        urls = (mute.url(path_of("mute")), server.url(path_of("kettle")))
        ended = crawl(archive, *urls, change=change)
    assert ended.code == 3, ended.err
    assert pages(archive) == [("failed", "network"), ("done", None)]


def test_help_of_the_command_names_its_options() -> None:
    ended = btl("crawl", "--help")
    assert ended.code == 0
    assert all(option in ended.out for option in ("--contact", "--site", "--delay", "--purpose"))
