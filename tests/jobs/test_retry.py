"""`btl retry`: failed and deferred pages alone, of the newest reading of each thread."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import (
    NOT_FOUND,
    Ended,
    Loopback,
    btl,
    crawl,
    in_turn,
    pages,
    post,
    response,
    rows,
    topic,
    value,
)

ALL = "/forum/all/2025/03/14/kettle/"
ONE, TWO, THREE = (ALL.replace("all", str(number)) for number in (1, 2, 3))
REFUSED = response(b"", 403)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def three_pages() -> dict[str, Any]:
    texts = {ONE: "Mine never updated.", TWO: "Mine did.", THREE: "Did it boil?"}
    return {
        path: response(topic([post(number, text)], nav=(number, 3)))
        for number, (path, text) in enumerate(texts.items(), 1)
    }


def retry(archive: Path, *arguments: object) -> Ended:
    return btl("retry", archive, "--delay", "0", *arguments)


def test_only_the_failed_pages_are_asked_and_the_verdict_is_told_anew(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: NOT_FOUND, **three_pages(), TWO: REFUSED}
    assert crawl(archive, server.url(ALL)).code == 5
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("incomplete", "page blocked")]
    server.answers[TWO] = three_pages()[TWO]
    server.asked.clear()
    ended = retry(archive)
    assert ended.code == 0, ended.err
    assert server.paths() == [TWO]
    assert rows(archive, "SELECT verdict, reason, pages, comments FROM readings") == [("complete", None, 3, 3)]
    assert rows(archive, "SELECT native_id, position FROM comments ORDER BY position") == [("1", 1), ("2", 2), ("3", 3)]
    assert rows(archive, "SELECT command, exit_code FROM runs ORDER BY id") == [("crawl", 5), ("retry", 0)]


def test_a_page_that_fails_again_is_still_failed(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: NOT_FOUND, **three_pages(), TWO: REFUSED}
    crawl(archive, server.url(ALL))
    assert retry(archive).code == 5
    assert pages(archive, "state, reason, attempts")[2] == ("failed", "blocked", 2)
    assert rows(archive, "SELECT verdict, closed_at IS NOT NULL FROM readings") == [("incomplete", 1)]


def test_only_pages_of_the_given_reasons_are_asked(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: NOT_FOUND, **three_pages(), TWO: REFUSED, THREE: response(b"", 410)}
    assert crawl(archive, server.url(ALL)).code == 5
    server.asked.clear()
    assert retry(archive, "--reason", "http 410").code == 5
    assert server.paths() == [THREE]
    server.asked.clear()
    ended = retry(archive, "--reason", "torn")
    assert server.paths() == []
    assert "nothing is asked" in ended.err
    assert ended.code == 0


def test_a_deferred_page_is_not_asked_before_its_time(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: response(b"", 429, {"Retry-After": "3600"})}
    assert crawl(archive, server.url(ALL)).code == 3
    server.asked.clear()
    not_before = value(archive, "SELECT not_before FROM pages")
    ended = retry(archive)
    assert ended.code == 3
    assert server.asked == []
    assert (
        f"is deferred until {not_before} (as its server asks): run `btl retry` on the archive after that" in ended.err
    )
    assert value(archive, "SELECT not_before FROM pages") == not_before


def test_a_deferred_page_whose_time_has_come_is_asked(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: in_turn(response(b"", 429, {"Retry-After": "600"}), response(topic([post(1, "Hm.")])))}
    assert crawl(archive, server.url(ALL)).code == 3
    _make_due(archive)
    ended = retry(archive)
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT verdict FROM readings") == [("complete",)]


def _make_due(archive: Path) -> None:
    from belowtheline.archive.store.database import Archive

    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute("UPDATE pages SET not_before = '2025-01-01T00:00:00Z' WHERE state = 'deferred'")


def test_a_failure_that_a_newer_reading_has_made_good_is_left_alone(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: REFUSED, ONE: REFUSED}
    assert crawl(archive, server.url(ALL)).code == 5
    server.answers = {ALL: response(topic([post(1, "Hm.")]))}
    assert crawl(archive, server.url(ALL)).code == 0
    server.asked.clear()
    ended = retry(archive)
    assert (ended.code, server.asked) == (0, [])


def test_threads_are_chosen_by_name_and_site(archive: Path, server: Loopback) -> None:
    for name in ("kettle", "toaster"):
        server.answers |= {path.replace("kettle", name): answer for path, answer in three_pages().items()}
        server.answers[TWO.replace("kettle", name)] = REFUSED
    urls = [server.url(ALL.replace("kettle", name)) for name in ("kettle", "toaster")]
    crawl(archive, *urls)
    server.asked.clear()
    retry(archive, "--thread", "2025/03/14/toaster")
    assert server.paths() == [TWO.replace("kettle", "toaster")]
    server.asked.clear()
    assert retry(archive, "--site", "hackernews").code == 0
    assert server.paths() == []
    assert retry(archive, "--thread", "no such thread").code == 2
