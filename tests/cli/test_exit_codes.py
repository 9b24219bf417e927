"""Every exit code of the command, through the command; and the account of a run's pages, whatever went wrong."""

import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.loopback import (
    NOT_FOUND,
    Answer,
    Ended,
    Loopback,
    btl,
    crawl,
    post,
    response,
    rows,
    slowly,
    start_crawl,
    topic,
    value,
)

ONE = "/forum/all/2025/03/14/{}/"
WHOLE = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)])
LAYOUT = WHOLE.replace(b"forum_posts", b"talk").replace(b'"post ', b'"remark ')
MANY = topic(post(number, "Hm.") for number in range(1, 31))
DRIFTED = MANY.replace(b'class="author"', b'class="byline"')
CHALLENGE = b"<html><title>Just a moment...</title></html>"
LOGIN = b'<html><title>Kettles</title><form><input type="password"></form></html>'
TEXT = {"Content-Type": "text/plain"}
BROKEN_SITE = """
from belowtheline.sites.theregister import TheRegister
def parse(self, page):
    raise RuntimeError("boom")
TheRegister.parse = parse
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def crawl_of(archive: Path, server: Loopback, *answers: Answer, **how: str) -> Ended:
    """Crawl one page for each answer; the account of the run is told, stored and true."""
    server.answers |= {ONE.format(f"p{number}"): answer for number, answer in enumerate(answers)}
    urls = [server.url(ONE.format(f"p{number}")) for number in range(len(answers))]
    ended = crawl(archive, *urls, **how)
    (stored,) = rows(archive, "SELECT discovered, done, failed, deferred, skipped, todo, exit_code FROM runs")
    discovered, *states, code = stored
    assert discovered == sum(states) == value(archive, "SELECT count(*) FROM pages") >= len(answers)
    assert code == ended.code
    assert f"{discovered} discovered = " in ended.err
    return ended


def test_0_is_complete(archive: Path, server: Loopback) -> None:
    ended = crawl_of(archive, server, response(WHOLE.replace(b"<h2>", b'<ul class="forums-page-nav"></ul><h2>')))
    assert ended.code == 0, ended.err


def test_0_is_unverified(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        '<!DOCTYPE html><html><body><div itemscope itemtype="https://schema.org/Comment" id="c1">'
        '<span itemprop="author">Ada</span><p itemprop="text">Mine never updated.</p></div></body></html>'
    )
    assert btl("ingest", archive, file, "--url", "https://kettles.example/care").code == 0
    assert value(archive, "SELECT verdict FROM readings") == "unverified"


def test_1_is_an_internal_error(archive: Path, server: Loopback) -> None:
    assert crawl_of(archive, server, response(WHOLE), change=BROKEN_SITE).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["https://forums.theregister.com/forum/all/2025/03/14/kettle/"],  # without a contact
        ["ftp://kettles.example/"],
        ["http://127.0.0.1:9/", "--site", "no-such-site"],
        ["http://127.0.0.1:9/", "--no-such-option"],
        [],
    ],
)
def test_2_is_usage_and_nothing_starts(archive: Path, arguments: list[str]) -> None:
    ended = btl("crawl", archive, *arguments)
    assert ended.code == (2 if arguments else 6)  # nothing to go on with, where there is no archive
    assert not archive.exists()


@pytest.mark.parametrize(
    "answer", [NOT_FOUND, response(b"", 500), response(b""), b"", response(b"x", 200, {"Content-Length": "9"})]
)
def test_3_is_incomplete(archive: Path, server: Loopback, answer: bytes) -> None:
    assert crawl_of(archive, server, answer, response(WHOLE)).code == 3


def test_3_is_deferred(archive: Path, server: Loopback) -> None:
    assert crawl_of(archive, server, response(b"", 429, {"Retry-After": "3600"})).code == 3
    assert value(archive, "SELECT state FROM pages") == "deferred"


@pytest.mark.parametrize("answer", [LAYOUT, DRIFTED])
def test_4_is_layout_drift(archive: Path, server: Loopback, answer: bytes) -> None:
    assert crawl_of(archive, server, response(answer)).code == 4


def test_4_is_a_count_mismatch(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "item.html"
    head = (
        '<html lang="en" op="item"><head><title>Kettle | Hacker News</title></head><body><table id="hnmain">'
        '<tr class="athing submission" id="101"><td class="title"><span class="titleline">'
        '<a href="https://k.example/">Kettle</a></span></td></tr><tr><td class="subtext"><span class="subline">'
        '<span class="age"><a href="item?id=101">1 hour ago</a></span> | <a href="item?id=101">9&nbsp;comments</a>'
        "</span></td></tr></table>"
    )
    comment = (
        '<tr class="athing comtr" id="103"><td><table><tr><td class="ind" indent="0"></td>'
        '<td class="default"><span class="comhead"><a href="user?id=bob" class="hnuser">bob</a> <span class="age"'
        ' title="2026-01-01T11:03:00 1767265380"><a href="item?id=103">2 hours ago</a></span></span>'
        '<div class="comment"><div class="commtext c00">It boils.</div></div></td></tr></table></td></tr>'
    )
    file.write_text(f'{head}<table class="comment-tree">{comment}</table></body></html>')
    ended = btl(
        "ingest",
        archive,
        file,
        "--url",
        "https://news.ycombinator.com/item?id=101",
        "--fetched-at",
        "2026-01-01T13:00Z",
    )
    assert "count mismatch: 1 comments held, 9 declared" in ended.err
    assert ended.code == 4


BLOCKED: dict[str, Answer] = {
    "challenge": response(CHALLENGE),
    "login": response(LOGIN),
    "forbidden": response(b"", 403),
    "unavailable for legal reasons": response(b"", 451),
    "opt-out": response(WHOLE, 200, {"X-Robots-Tag": "noarchive"}),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_5_is_blocked(archive: Path, server: Loopback, name: str) -> None:
    assert crawl_of(archive, server, BLOCKED[name]).code == 5


def test_5_is_robots_txt(archive: Path, server: Loopback) -> None:
    server.answers["/robots.txt"] = response(b"User-agent: *\nDisallow: /\n", 200, TEXT)
    assert crawl_of(archive, server, response(WHOLE)).code == 5


def full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))


def test_6_is_storage(archive: Path, server: Loopback) -> None:
    large = topic(post(number, "Hm. " * 4000) for number in range(1, 101))
    server.answers = {ONE.format("p"): response(large)}
    ended = crawl(archive, server.url(ONE.format("p")), before=full_disk)
    assert ended.code == 6, ended.err
    assert "a." in ended.err
    assert "Traceback" not in ended.err


def test_6_is_another_database(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("CREATE TABLE kettles (id)")
    assert btl("status", archive).code == 6
    assert crawl(archive, f"http://127.0.0.1:9{ONE.format('p')}").code == 6


def test_7_is_a_failed_verification(archive: Path, server: Loopback) -> None:
    assert crawl_of(archive, server, response(WHOLE)).code == 0
    assert btl("verify", archive).code == 0
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("UPDATE comments SET author_name = 'Ada Fern' WHERE native_id = '1'")
        connection.commit()
    assert btl("verify", archive).code == 7


def test_130_is_interrupted(archive: Path, server: Loopback) -> None:
    path = ONE.format("p")
    server.answers = {path: slowly(response(WHOLE), 20)}
    process = start_crawl(archive, server.url(path))
    end = time.monotonic() + 30
    while path not in server.paths() and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


MIXED: tuple[tuple[int, Callable[[], list[Answer]]], ...] = (
    (3, lambda: [NOT_FOUND, response(WHOLE)]),
    (4, lambda: [NOT_FOUND, response(LAYOUT)]),
    (5, lambda: [NOT_FOUND, response(LAYOUT), response(CHALLENGE)]),
    (5, lambda: [response(DRIFTED), BLOCKED["opt-out"]]),
)


@pytest.mark.parametrize(("code", "answers"), MIXED)
def test_of_several_the_first_of_1_6_7_5_4_3_is_told(
    archive: Path, server: Loopback, code: int, answers: Callable[[], list[Answer]]
) -> None:
    assert crawl_of(archive, server, *answers()).code == code
