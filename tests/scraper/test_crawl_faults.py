"""Servers and programs that fail: every page ends with a reason, what came is kept, and the exit code tells."""

import gzip
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from belowtheline.jobs import endings
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
