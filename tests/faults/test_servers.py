"""Servers that send what no server should: each page ends with a reason, and nothing false is stored."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from belowtheline.reading.payloads import zstd
from tests.faults.faulty import (
    Faulty,
    assert_nothing_false_is_held,
    assert_the_account_is_whole,
    chunk,
    chunked,
    dripping,
    key_of,
    page_of,
    path_of,
)
from tests.loopback import (
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

HASTY = "from belowtheline.scraper import settings; settings.DOWNLOAD_TIMEOUT = 2; settings.RETRY_TIMES = 0;"
"""The program with a timeout of two seconds in place of a minute."""
GZIP = {"Content-Encoding": "gzip"}
OPEN = {"Content-Length": ""}
WHOLE = ("done", None, 3)
TORN = ("failed", "torn", 0)
CUT = ("done", "page cut: it ends before its own end", 1)
NETWORK = ("failed", "network", 0)

End = tuple[str, str | None, int]
"""The state of the page, its reason or, where it was read, that of the thread's verdict, and the comments held."""


def _lengths() -> Iterator[tuple[str, Answer, End]]:
    def declared(name: str, length: object) -> tuple[str, bytes]:
        return name, response(page_of(name), 200, {"Content-Length": str(length)})

    size, half = len(page_of("length-plus-1")), len(page_of("length-half")) // 2
    yield *declared("length-plus-1", size + 1), TORN
    yield *declared("length-plus-many", size + 99_999), TORN
    yield *declared("length-minus-3", size - 3), (*CUT[:2], 3)
    yield *declared("length-minus-a-post", page_of("length-minus-a-post").rindex(b"<li>")), (*CUT[:2], 2)
    yield *declared("length-half", half), CUT
    yield *declared("length-negative", -5), NETWORK
    yield *declared("length-of-letters", "many"), NETWORK
    yield *declared("length-zero", 0), ("failed", "empty", 0)
    twice = response(page_of("length-twice")).replace(b"Connection:", b"Content-Length: 7\r\nConnection:")
    yield "length-twice", twice, NETWORK


def _chunks() -> Iterator[tuple[str, Answer, End]]:
    last = b"0\r\n\r\n"
    yield "chunk-not-hex", chunked(b"zz\r\n" + page_of("chunk-not-hex") + b"\r\n" + last), TORN
    yield "chunk-huge", chunked(b"ffffffff\r\n" + page_of("chunk-huge")), TORN
    yield "chunk-negative", chunked(b"-5\r\n" + page_of("chunk-negative") + b"\r\n" + last), TORN
    yield "chunk-not-last", chunked(chunk(page_of("chunk-not-last"))), TORN
    yield "chunk-without-end", chunked(chunk(page_of("chunk-without-end"))[:-2] + last), TORN
    body = page_of("chunk-bytes")
    yield "chunk-bytes", chunked(*(chunk(bytes([byte])) for byte in body), last), WHOLE


def _connections() -> Iterator[tuple[str, Answer, End]]:
    yield "reset", response(page_of("reset")[:500], 200, {"Content-Length": "5000"}), TORN
    yield "closed-early", response(page_of("closed-early")[:700], 200, OPEN), CUT
    yield "closed-in-head", response(page_of("closed-in-head"))[:40], NETWORK
    yield "partial", response(page_of("partial")[:700], 206, {"Content-Range": "bytes 0-699/1400"}), CUT
    yield "header-of-a-megabyte", response(page_of("header-of-a-megabyte"), 200, {"X-A": "x" * 1_000_000}), NETWORK
    yield "status-2000", response(page_of("status-2000"), 2000), ("failed", "http 2000", 0)
    yield "status-304", response(b"", 304), ("failed", "http 304", 0)


def _packed() -> Iterator[tuple[str, Answer, End]]:
    def packed(name: str, end: End = TORN, *, tail: bytes = b"", body: slice = slice(None)) -> tuple[str, Answer, End]:
        return name, response(gzip.compress(page_of(name)[body], mtime=0) + tail, 200, GZIP), end

    yield packed("gzip", WHOLE)
    yield packed("gzip-and-more", tail=b"junk")
    yield packed("gzip-and-zeros", tail=bytes(10))
    yield packed("gzip-of-half", CUT, body=slice(700))
    yield "gzip-said-only", response(page_of("gzip-said-only"), 200, GZIP), WHOLE
    yield "gzip-not-said", response(gzip.compress(page_of("gzip-not-said"))), WHOLE
    yield "gzip-of-nothing", response(gzip.compress(b""), 200, GZIP), ("failed", "empty", 0)
    twice = gzip.compress(gzip.compress(page_of("gzip-twice")))
    yield "gzip-twice", response(twice, 200, {"Content-Encoding": "gzip, gzip"}), WHOLE
    for name, pack in {"br": brotli.compress, "deflate": zlib.compress, "zstd": zstd.compress}.items():
        told = {"Content-Encoding": name}
        yield name, response(pack(page_of(name)), 200, told), WHOLE
        yield f"{name}-and-more", response(pack(page_of(f"{name}-and-more")) + b"\1junk\2", 200, told), TORN
        yield f"{name}-cut", response(pack(page_of(f"{name}-cut"))[:-4], 200, told), TORN
    mixed = gzip.compress(brotli.compress(page_of("br-in-gzip")))
    yield "br-in-gzip", response(mixed, 200, {"Content-Encoding": "br, gzip"}), WHOLE


def _redirects() -> Iterator[tuple[str, Answer, End]]:
    yield "to-and-fro", redirect(path_of("fro-and-to")), ("failed", "refused", 0)
    yield "ever-on", redirect(path_of("ever-on-0")), ("failed", "refused", 0)
    yield "to-nowhere", response(b"", 302), ("failed", "http 302", 0)
    yield "to-no-address", redirect("http://[::1/x"), NETWORK
    yield "to-a-script", redirect("javascript:alert(1)"), NETWORK
    yield "to-a-data-address", redirect("data:text/html,x"), ("failed", "http 302", 0)
    yield "to-a-login", redirect("http://a:b@127.0.0.1/"), ("failed", "refused", 0)
    yield "to-the-router", redirect("http://192.168.0.1/"), ("failed", "not public", 0)
    yield "to-the-router-of-ipv6", redirect("http://[fe80::1]/"), ("failed", "not public", 0)


FAULTS = {
    name: (answer, end)
    for group in (_lengths, _chunks, _connections, _packed, _redirects)
    for name, answer, end in group()
}
DRIPS: dict[str, tuple[Answer, End]] = {
    "drip": (dripping(response(page_of("drip")), 20, 0.3), NETWORK),
    "drip-in-head": (dripping(response(page_of("drip-in-head")), 2, 0.3), NETWORK),
    "drip-that-ends": (dripping(response(page_of("drip-that-ends")), 1000, 0.2), WHOLE),
}
ON_THE_WAY: dict[str, Answer] = {path_of("fro-and-to"): redirect(path_of("to-and-fro"))} | {
    path_of(f"ever-on-{step}"): redirect(path_of(f"ever-on-{step + 1}")) for step in range(30)
}
ALL = FAULTS | DRIPS


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """One crawl over all faults; what drips has a host of its own."""
    archive = tmp_path_factory.mktemp("servers") / "a.db"
    with Faulty() as server, Faulty(host="127.0.0.2") as dripper:
        server.answers = {path_of(name): answer for name, (answer, _) in FAULTS.items()} | ON_THE_WAY
        server.resets = {path_of("reset")}
        dripper.answers = {path_of(name): answer for name, (answer, _) in DRIPS.items()}
        urls = [server.url(path_of(name)) for name in FAULTS] + [dripper.url(path_of(name)) for name in DRIPS]
        return archive, crawl(archive, *urls, change=HASTY, timeout=120)


@pytest.mark.parametrize("name", ALL)
def test_a_fault_ends_its_page_with_a_reason(attacked: tuple[Path, Ended], name: str) -> None:
    sql = """
        SELECT p.state, coalesce(p.reason, r.reason), (SELECT count(*) FROM comments c WHERE c.thread_id = r.thread_id)
        FROM pages p JOIN readings r ON r.id = p.reading_id WHERE p.url LIKE ?"""
    assert rows(attacked[0], sql, f"%{path_of(name)}") == [ALL[name][1]]


def test_faults_of_all_kinds_leave_an_account_and_nothing_false(attacked: tuple[Path, Ended]) -> None:
    archive, ended = attacked
    assert ended.code == 3, ended.err
    assert "Traceback" not in ended.err
    assert_the_account_is_whole(archive)
    assert_nothing_false_is_held(archive, {name: page_of(name) for name in ALL})
    read = [end for _, end in ALL.values() if end[0] == "done"]
    assert f"{len(ALL)} discovered = {len(read)} done + {len(ALL) - len(read)} failed + 0 deferred" in ended.err
    complete = {thread for (thread,) in rows(archive, "SELECT thread FROM thread_status WHERE verdict = 'complete'")}
    assert complete == {key_of(name) for name, (_, end) in ALL.items() if end == WHOLE}


def test_what_faults_left_is_as_it_was_written(attacked: tuple[Path, Ended]) -> None:
    ended = btl("verify", attacked[0])
    assert (ended.code, ended.out) == (0, "")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def test_a_wait_that_makes_no_sense_defers_the_pages_of_its_host(archive: Path) -> None:
    said = {"127.0.0.1": (429, ""), "127.0.0.2": (503, "99999999999999"), "127.0.0.3": (429, "-1")}
    with Loopback(host="127.0.0.1") as one, Loopback(host="127.0.0.2") as two, Loopback(host="127.0.0.3") as three:
        servers = (one, two, three)
        for server in servers:
            status, wait = said[server.host]
            server.answers = {path_of("kettle"): response(b"", status, {"Retry-After": wait})}
        urls = [server.url(path_of(name)) for server in servers for name in ("kettle", "other")]
        ended = crawl(archive, *urls, change=IMPATIENT)
        assert [server.paths() for server in servers] == [[path_of("kettle")]] * 3
    assert ended.code == 3, ended.err
    assert pages(archive) == [("deferred", "retry-after"), ("todo", None)] * 3
    assert_the_account_is_whole(archive)


IMPATIENT = "from datetime import timedelta; from belowtheline.scraper import frontier; frontier._SOON = timedelta(0);"
"""The program leaving every page that is deferred to a later run."""


def test_a_robots_txt_that_changes_is_obeyed_from_the_next_run_on(archive: Path) -> None:
    """Rules are asked for once in 24 hours and host, as RFC 9309, 2.4 allows."""
    allowed = response(b"User-agent: *\nDisallow: /post/\n", 200, {"Content-Type": "text/plain"})
    refused = response(b"User-agent: *\nDisallow: /forum/\n", 200, {"Content-Type": "text/plain"})
    with Loopback() as server:
        server.answers = {"/robots.txt": in_turn(allowed, refused)}
        server.answers |= {path_of(name): response(page_of(name)) for name in ("first", "second")}
        assert crawl(archive, server.url(path_of("first"))).code == 0
        before = rows(archive, "SELECT native_id, body_text, not_seen_since FROM comments_flat")
        ended = crawl(archive, *map(server.url, (path_of("first"), path_of("second"))))
        assert ended.code == 5
        assert server.paths() == [path_of("first")]
    assert pages(archive) == [("done", None), ("skipped", "robots"), ("skipped", "robots")]
    assert rows(archive, "SELECT native_id, body_text, not_seen_since FROM comments_flat") == before
    assert value(archive, "SELECT count(DISTINCT sha256) FROM captures WHERE url LIKE '%robots.txt'") == 2
    assert_the_account_is_whole(archive)


def numbered(name: str, first: int, last: int, page: int, of: int) -> bytes:
    posts = [post(number, f"Word {number}.") for number in range(first, last + 1)]
    return response(topic(posts, nav=(page, of), key=key_of(name)))


def test_threads_that_change_while_they_are_read_are_whole_or_said_not_to_be(archive: Path) -> None:
    """One grows by a page, in one a comment is pushed onto the next page, of one the last page is gone."""
    grown, pushed, shrunk = "grown", "pushed", "shrunk"
    with Loopback() as server:
        server.answers = {
            path_of(grown, "1"): numbered(grown, 1, 3, 1, 2),
            path_of(grown, "2"): numbered(grown, 4, 6, 2, 3),
            path_of(grown, "3"): numbered(grown, 7, 8, 3, 3),
            path_of(pushed, "1"): numbered(pushed, 1, 3, 1, 2),
            path_of(pushed, "2"): numbered(pushed, 3, 6, 2, 2),
            path_of(shrunk, "1"): numbered(shrunk, 1, 3, 1, 3),
            path_of(shrunk, "2"): numbered(shrunk, 4, 5, 2, 2),
        }
        ended = crawl(archive, *(server.url(path_of(name)) for name in (grown, pushed, shrunk)))
    assert ended.code == 3, ended.err
    held = rows(archive, "SELECT thread, held, verdict FROM thread_status ORDER BY thread")
    expected = [(grown, 8, "complete"), (pushed, 6, "complete"), (shrunk, 5, "incomplete")]
    assert held == [(key_of(name), *end) for name, *end in expected]
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0
    assert_the_account_is_whole(archive)
