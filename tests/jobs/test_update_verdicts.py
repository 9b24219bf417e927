"""What an update of an unchanged thread may say: never more than was proved before, or than a count proves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from belowtheline.archive.store.database import Archive
from tests.jobs.test_update import ALL, POSTS, TWO, numbered
from tests.later import next_second
from tests.loopback import crawl, rows, topic, value
from tests.validating import Validating, update


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server(archive: Path) -> Iterator[Validating]:
    with Validating() as server:
        yield server


def change(archive: Path, sql: str, *parameters: object) -> None:
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute(sql, parameters)


def last(archive: Path) -> tuple[str, str | None]:
    ((verdict, reason),) = rows(archive, "SELECT verdict, reason FROM readings ORDER BY id DESC LIMIT 1")
    return verdict, reason


def test_what_was_known_and_not_held_is_still_so(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    capture = value(archive, "SELECT capture_id FROM pages")
    change(archive, "INSERT INTO stubs (thread_id, native_id, capture_id) VALUES (1, '99', ?)", capture)
    for _ in range(2):
        next_second()
        assert update(archive).code == 3
        assert last(archive) == ("incomplete", "1 comments are known and not held")
    assert [status for _, status in server.sent] == [200, 304, 304]


@pytest.mark.parametrize(
    ("declared", "expected", "is_of_today"),
    [
        (3, ("complete", None), 1),
        (2, ("complete", None), 0),
        (4, ("incomplete", "count mismatch: 3 comments held, 4 declared"), 1),
    ],
)
def test_a_count_of_what_is_visible_proves_what_one_page_cannot(
    archive: Path, server: Validating, declared: int, expected: tuple[str, str | None], is_of_today: int
) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.", "Did it boil?")
    crawl(archive, server.url(ALL))
    change(archive, "UPDATE pages SET declared = ? WHERE state = 'done'", declared)
    next_second()
    update(archive)
    assert server.sent[-1][1] == 304
    assert last(archive) == expected
    full, look = (at for (at,) in rows(archive, "SELECT verdict_at FROM readings ORDER BY id"))
    assert (look > full) == is_of_today
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0


def test_an_incomplete_thread_stays_so(archive: Path, server: Validating) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.", "Did it boil?")
    crawl(archive, server.url(ALL))
    change(archive, "UPDATE readings SET verdict = 'incomplete', reason = 'one is missing'")
    next_second()
    assert update(archive).code == 3
    assert last(archive) == ("incomplete", "one is missing")


def test_pages_read_days_apart_show_no_absence(archive: Path, server: Validating) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.")
    crawl(archive, server.url(ALL))
    for hours, is_far in ((1, 0), (30, 1)):
        sql = "UPDATE captures SET fetched_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?) WHERE url LIKE ?"
        change(archive, sql, f"-{hours} hours", f"%{TWO}")
        change(archive, "UPDATE readings SET closed_at = NULL")
        assert crawl(archive).code == 0
        assert rows(archive, "SELECT read_at IS NULL FROM readings") == [(is_far,)]
