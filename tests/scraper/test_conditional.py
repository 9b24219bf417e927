"""A crawl of a known thread and an update ask each page for its changes; a 304 is believed where it speaks of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from belowtheline.archive.store.database import Archive
from tests.jobs.test_update import ALL, ONE, POSTS, THREE, TWO, held, numbered
from tests.later import next_second
from tests.loopback import NOT_FOUND, Ended, btl, post, response, rows, topic, value
from tests.validating import Validating

TEXTS = ("Mine never updated.", "Mine did.", "Did it boil?")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Validating]:
    with Validating() as server:
        yield server


@dataclass
class Asking:
    """Runs what asks a server, without delay."""

    archive: Path

    def crawl(self, url: str, *options: str) -> Ended:
        return btl("crawl", self.archive, url, *options, "--site", "theregister", "--delay", "0")

    def update(self, *options: str) -> Ended:
        return btl("update", self.archive, *options, "--delay", "0")


@pytest.fixture
def ask(archive: Path) -> Asking:
    return Asking(archive)


def verdict(archive: Path) -> tuple[object, ...]:
    (found,) = rows(archive, "SELECT verdict, held, looked FROM thread_status")
    return found


@pytest.mark.parametrize("by", ["etag", "date"])
def test_a_crawl_of_a_finished_thread_asks_every_page_for_its_changes(
    archive: Path, server: Validating, ask: Asking, by: str
) -> None:
    server.by = by  # type: ignore[assignment]
    server.pages = numbered(*TEXTS)
    assert ask.crawl(server.url(ALL)).code == 0
    before, counts = value(archive, "SELECT max(last_seen_at) FROM comments_flat"), held(archive)
    next_second()
    server.sent.clear()
    assert ask.crawl(server.url(ALL)).code == 0
    assert sorted(server.sent) == [(ONE, 304), (TWO, 304), (THREE, 304), (ALL, 404)]
    assert verdict(archive) == ("complete", 3, None)
    assert value(archive, "SELECT min(last_seen_at) FROM comments_flat") > before
    assert held(archive) == counts
    assert btl("reparse", archive, "--diff").out == ""
    next_second()
    server.sent.clear()
    assert ask.update().code == 0
    assert server.sent == [(THREE, 304)]


def test_what_has_changed_is_read_and_what_was_added_is_found(archive: Path, server: Validating, ask: Asking) -> None:
    server.pages = numbered(*TEXTS)
    ask.crawl(server.url(ALL))
    next_second()
    server.pages = numbered(TEXTS[0], "Mine did not.", TEXTS[2], "New here.")
    server.pages[ONE] = numbered(*TEXTS)[ONE]
    server.sent.clear()
    assert ask.crawl(server.url(ALL)).code == 0
    found = dict(server.sent)
    assert (found[ONE], found[TWO], found[THREE], found[ALL.replace("all", "4")]) == (304, 200, 200, 200)
    assert rows(archive, "SELECT body_text FROM comments ORDER BY native_id") == [
        (TEXTS[0],),
        ("Mine did not.",),
        (TEXTS[2],),
        ("New here.",),
    ]
    assert verdict(archive) == ("complete", 4, None)
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0


def test_what_is_gone_is_seen_by_a_crawl_that_was_answered_304(archive: Path, server: Validating, ask: Asking) -> None:
    server.pages = numbered(*TEXTS)
    server.pages[TWO] = topic([post(2, TEXTS[1]), post(4, "Gone tomorrow.")], nav=(2, 3))
    ask.crawl(server.url(ALL))
    next_second()
    server.pages[TWO] = topic([post(2, TEXTS[1])], nav=(2, 3))
    ask.crawl(server.url(ALL))
    assert [status for path, status in server.sent if path == ONE] == [200, 304]
    assert rows(archive, "SELECT native_id FROM comments WHERE not_seen_since IS NOT NULL") == [("4",)]


def test_a_crawl_of_what_was_not_read_whole_asks_for_all_of_it(archive: Path, server: Validating, ask: Asking) -> None:
    server.pages = numbered(*TEXTS)
    del server.pages[TWO]
    assert ask.crawl(server.url(ALL)).code == 3
    next_second()
    server.pages = numbered(*TEXTS)
    server.answers.clear()
    server.sent.clear()
    assert ask.crawl(server.url(ALL)).code == 0
    assert {status for _, status in server.sent} == {200, 404}
    assert verdict(archive) == ("complete", 3, None)


def test_an_address_that_leads_to_another_thread_today_is_crawled_as_that(
    archive: Path, server: Validating, ask: Asking
) -> None:
    server.pages = {ALL: topic(POSTS)}
    ask.crawl(server.url(ALL))
    next_second()
    del server.pages[ALL]
    other = topic([post(7, "Quite another kettle.")], key="2025/03/15/pot")
    moved = ALL.replace("14/kettle", "15/pot")
    server.pages[moved] = other
    server.answers[ALL] = response(b"", 301, {"Location": moved})
    assert ask.crawl(server.url(ALL)).code == 0
    assert value(archive, "SELECT count(*) FROM threads") == 2
    assert value(archive, "SELECT count(*) FROM pages WHERE state = 'failed'") == 0
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0
    assert btl("reparse", archive, "--diff").out == ""


@pytest.mark.parametrize(
    "headers",
    [{"ETag": '"another"'}, {"ETag": 'W/"another"', "Last-Modified": "Fri, 14 Mar 2025 09:00:00 GMT"}],
)
def test_a_304_about_another_state_of_the_page_is_not_believed(
    archive: Path, server: Validating, ask: Asking, headers: dict[str, str]
) -> None:
    server.pages = {ALL: topic(POSTS)}
    ask.crawl(server.url(ALL))
    next_second()
    del server.pages[ALL]
    wrong = response(b"", 304, {**headers, "Content-Type": "", "Content-Length": ""})
    right = response(topic([*POSTS, post(4, "New here.")]), 200)
    asked = len([path for path in server.paths() if path == ALL])
    server.answers[ALL] = lambda times: wrong if times == asked else right
    assert ask.update().code == 0
    assert verdict(archive) == ("complete", 4, None)
    assert "If-None-Match" not in server.asked[-1].head


def test_a_server_that_says_304_to_everybody_is_asked_twice_and_no_more(
    archive: Path, server: Validating, ask: Asking
) -> None:
    server.pages = {ALL: topic(POSTS)}
    ask.crawl(server.url(ALL))
    next_second()
    del server.pages[ALL]
    server.answers[ALL] = response(b"", 304, {"ETag": '"x"', "Content-Type": "", "Content-Length": ""})
    ended = ask.update()
    assert ended.code == 3, ended.err
    assert "http 304" in ended.err
    assert rows(archive, "SELECT count(*), max(not_seen_since) FROM comments") == [(3, None)]


def test_two_pages_read_in_one_second_are_asked_apart(archive: Path, server: Validating, ask: Asking) -> None:
    server.pages = numbered(*TEXTS)
    ask.crawl(server.url(ALL))
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        when = connection.execute("SELECT min(fetched_at) FROM captures").fetchone()[0]
        for table, column in (("captures", "fetched_at"), ("comments", "last_seen_at")):
            connection.execute(f"UPDATE {table} SET {column} = ?", (when,))
        connection.execute("UPDATE comments SET page_number = NULL")
        connection.execute("UPDATE pages SET page_number = NULL, page_count = NULL")
    next_second()
    server.sent.clear()
    assert ask.update("--every-page").code == 0
    assert sorted(server.sent) == [(ONE, 304), (TWO, 304), (THREE, 304)]


def test_pages_that_only_another_page_lists_are_read_in_full(archive: Path, server: Validating, ask: Asking) -> None:
    server.pages = numbered(*TEXTS)
    ask.crawl(server.url(ALL))
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute("UPDATE pages SET page_number = NULL")
    next_second()
    server.sent.clear()
    assert ask.crawl(server.url(ALL)).code == 0
    assert sorted(server.sent) == [(ONE, 200), (TWO, 200), (THREE, 200), (ALL, 404)]


def test_where_the_article_is_wanted_every_page_is_read(archive: Path, server: Validating, ask: Asking) -> None:
    server.pages = {ALL: topic(POSTS)}
    ask.crawl(server.url(ALL))
    next_second()
    server.sent.clear()
    server.answers["/2025/03/14/kettle/"] = NOT_FOUND
    ask.crawl(server.url(ALL), "--with-article")
    assert (ALL, 200) in server.sent
