"""What a run was told by its hosts is kept with it, and where robots.txt cannot be had nothing is fetched."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import POLICIES, Answer, Loopback, btl, crawl, pages, post, response, rows, topic, value

ALL = "/forum/all/2025/03/14/kettle/"
WHOLE = response(topic([post(1, "Mine never updated.")]))
TEXT = {"Content-Type": "text/plain"}
IMPATIENT = """
from belowtheline.scraper import settings
settings.DOWNLOAD_TIMEOUT, settings.RETRY_TIMES = 2, 0
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def never(_: int) -> Iterator[bytes]:
    time.sleep(5)
    yield b""


ROBOTS: dict[str, tuple[Answer, str, int | None, tuple[str, str]]] = {
    "silent": (b"", "unknown", None, ("failed", "robots unknown")),
    "slow": (never, "unknown", None, ("failed", "robots unknown")),
    "error": (response(b"", 500), "unknown", 500, ("failed", "robots unknown")),
    "unavailable": (response(b"", 503), "unknown", 503, ("failed", "robots unknown")),
    "torn": (response(b"User", 200, {"Content-Length": "99"}), "unknown", 200, ("failed", "robots unknown")),
    "later": (response(b"", 429, {"Retry-After": "3600"}), "deferred", 429, ("deferred", "retry-after")),
    "refusing": (response(b"User-agent: *\nDisallow: /", 200, TEXT), "rules", 200, ("skipped", "robots")),
    "missing": (response(b"", 404), "no rules", 404, ("done", "")),
    "forbidden": (response(b"Disallow: /", 403), "no rules", 403, ("done", "")),
}


@pytest.mark.parametrize("name", ROBOTS)
def test_what_governed_a_host_is_kept_with_the_run(archive: Path, server: Loopback, name: str) -> None:
    answer, decision, status, end = ROBOTS[name]
    server.answers = {POLICIES[0]: answer, ALL: WHOLE}
    ended = crawl(archive, server.url(ALL), change=IMPATIENT)
    assert pages(archive, "state, coalesce(reason, '')") == [end], ended.err
    sql = """
        SELECT p.origin, p.decision, p.status, p.fetched_at IS NOT NULL, c.url
        FROM run_policies p LEFT JOIN captures c ON c.id = p.capture_id WHERE kind = 'robots.txt'"""
    kept = server.url(POLICIES[0]) if status else None
    assert rows(archive, sql) == [(server.url(""), decision, status, 1, kept)]
    if end[0] != "done":
        assert server.paths() == []
    assert decision in btl("status", archive).out


def test_rules_that_change_are_two_captures(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: WHOLE}
    for path in ("/a/", "/b/"):
        server.answers[POLICIES[0]] = response(f"User-agent: *\nDisallow: {path}\n".encode(), 200, TEXT)
        assert crawl(archive, server.url(ALL)).code == 0
    sql = """
        SELECT count(DISTINCT c.sha256), count(*) FROM run_policies p JOIN captures c ON c.id = p.capture_id
        WHERE p.kind = 'robots.txt'"""
    assert rows(archive, sql) == [(2, 2)]
    assert value(archive, "SELECT count(DISTINCT run_id) FROM run_policies") == 2
    assert btl("verify", archive).code == 0
