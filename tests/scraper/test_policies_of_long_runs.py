"""A run of more than 24 hours asks for robots.txt and tdmrep.json again, and keeps to the new ones (RFC 9309, 2.4)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import (
    NOT_FOUND,
    POLICIES,
    Answer,
    Ended,
    Loopback,
    crawl,
    in_turn,
    pages,
    post,
    response,
    rows,
    topic,
)

ROBOTS, TDM = POLICIES
ALL, ONE, TWO, THREE = (f"/forum/{number}/2025/03/14/kettle/" for number in ("all", 1, 2, 3))
TEXT = {"Content-Type": "text/plain"}
FREE = response(b"User-agent: *\nDisallow: /post/\n", 200, TEXT)
# The clock goes on by nine hours with every page that is handed out, and by nothing else.
PROGRAM = """
import sys
from datetime import timedelta
from belowtheline.scraper.frontier import Frontier
from belowtheline.archive.store import clock
from belowtheline.scraper import settings
from belowtheline.scraper.politeness import RobotsRules
settings.RETRY_TIMES = 0
now, handed, hand, keep = clock.utc_now(), [], Frontier._request, RobotsRules._keep_to
clock.utc_now = lambda: now + timedelta(hours=9 * len(handed))
def request(self, *page):
    handed.append(page)
    return hand(self, *page)
def keep_to(self, *how):
    keep(self, *how)
    print("delay", self._crawler.engine.downloader.per_slot_settings["127.0.0.1"]["delay"], file=sys.stderr)
Frontier._request, RobotsRules._keep_to = request, keep_to
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        server.answers = {
            path: response(topic([post(number, f"Words {number}.")], nav=(number, 3)))
            for number, path in enumerate((ONE, TWO, THREE), 1)
        }
        yield server


def long_crawl(archive: Path, server: Loopback, policies: dict[str, Answer]) -> Ended:
    server.answers |= policies
    return crawl(archive, server.url(ALL), change=PROGRAM)


def governed(archive: Path, kind: str) -> list[tuple[object, ...]]:
    """What was told of the host, how many hours after the first, and whether its bytes are kept."""
    sql = """
        SELECT p.decision, p.status, round(24 * (julianday(p.fetched_at) - julianday(min(p.fetched_at) OVER ()))),
            c.sha256 IS NOT NULL
        FROM run_policies p LEFT JOIN captures c ON c.id = p.capture_id WHERE p.kind = ? ORDER BY p.id"""
    return rows(archive, sql, kind)


def test_rules_of_a_day_ago_are_asked_for_again_and_obeyed(tmp_path: Path, server: Loopback) -> None:
    archive = tmp_path / "a.db"
    new = response(f"User-agent: *\nDisallow: {THREE}\n".encode(), 200, TEXT)
    ended = long_crawl(archive, server, {ROBOTS: in_turn(FREE, new)})
    asked = [asked.path for asked in server.asked]
    assert asked == [ROBOTS, TDM, ALL, ONE, TWO, ROBOTS], ended.err
    assert pages(archive)[1:] == [("done", None), ("done", None), ("skipped", "robots")]
    assert ended.code == 5
    assert governed(archive, "robots.txt") == [("rules", 200, 0, 1), ("rules", 200, 27, 1)]
    told = rows(archive, "SELECT count(DISTINCT capture_id), count(DISTINCT run_id) FROM run_policies")
    assert told == [(3, 1)]
    sql = """
        SELECT p.url, (SELECT g.id FROM run_policies g WHERE g.kind = 'robots.txt' AND g.fetched_at <= k.fetched_at
            ORDER BY g.id DESC LIMIT 1) FROM pages p JOIN captures k ON k.id = p.capture_id ORDER BY p.id"""
    first = rows(archive, "SELECT min(id) FROM run_policies WHERE kind = 'robots.txt'")[0][0]
    assert rows(archive, sql) == [(server.url(path), first) for path in (ALL, ONE, TWO)]


BAD: dict[str, tuple[bytes, tuple[object, ...], str]] = {
    "error": (response(b"", 500), ("unknown", 500, 27, 1), "robots unknown"),
    "unavailable": (response(b"", 503), ("unknown", 503, 27, 1), "robots unknown"),
    "silent": (b"", ("unknown", None, 27, 0), "robots unknown"),
    "torn": (response(b"User", 200, {"Content-Length": "99"}), ("unknown", 200, 27, 1), "robots unknown"),
    "gone": (NOT_FOUND, ("no rules", 404, 27, 1), ""),
}


@pytest.mark.parametrize("name", BAD)
def test_new_rules_that_cannot_be_had_count_as_the_first_would(tmp_path: Path, server: Loopback, name: str) -> None:
    answer, told, reason = BAD[name]
    archive = tmp_path / "a.db"
    ended = long_crawl(archive, server, {ROBOTS: in_turn(FREE, answer)})
    assert ended.code == (3 if reason else 0), ended.err
    assert pages(archive)[3] == (("failed", reason) if reason else ("done", None))
    assert (THREE in server.paths()) is not bool(reason)
    assert governed(archive, "robots.txt") == [("rules", 200, 0, 1), told]


def test_a_reservation_of_today_is_obeyed(tmp_path: Path, server: Loopback) -> None:
    archive = tmp_path / "a.db"
    new = response(json.dumps([{"location": "/forum/3/*", "tdm-reservation": 1}]).encode(), 200, TEXT)
    ended = long_crawl(archive, server, {TDM: in_turn(NOT_FOUND, new)})
    assert pages(archive)[1:] == [("done", None), ("done", None), ("skipped", "opt-out")]
    assert (ended.code, THREE in server.paths()) == (5, False)
    assert governed(archive, "tdmrep.json") == [("no rules", 404, 0, 1), ("rules", 200, 27, 1)]


def test_a_shorter_crawl_delay_is_kept_to_as_well(tmp_path: Path, server: Loopback) -> None:
    slow = response(b"User-agent: *\nCrawl-delay: 0.3\n", 200, TEXT)
    ended = long_crawl(tmp_path / "a.db", server, {ROBOTS: in_turn(slow, FREE)})
    assert ended.code == 0, ended.err
    delays = [line.split()[1] for line in ended.err.splitlines() if line.startswith("delay ")]
    assert (delays[0], delays[-1]) == ("0.3", "0.0")
    assert set(delays[:-1]) == {"0.3", "0.0"} or set(delays[:-1]) == {"0.3"}
