"""`btl crawl --with-article`: the article's own page, politely, apart from the thread, and what is quoted from it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import NOT_FOUND, Ended, Loopback, btl, in_turn, pages, post, response, rows, topic, value

KEY = "2025/03/14/kettle"
THREAD = f"/forum/all/{KEY}/"
ARTICLE = f"/{KEY}/"
WORDS = "The kettle now needs a reboot before every single cup of tea, its maker says."
QUOTE = "needs a reboot before every single cup of tea"
PAGE = (
    '<!DOCTYPE html><html><head><title>Kettle</title></head><body><div id="article"><h1>Kettle asks for update</h1>'
    f'<h2>Nobody asked the kettle</h2><div id="body"><p>{WORDS}</p><p>More on page two.</p></div></div></body></html>'
).encode()
EMPTY = b"<!DOCTYPE html><html><head><title>Kettle</title></head><body><p>Gone fishing.</p></body></html>"
ROBOTS = response(f"User-agent: *\nDisallow: {ARTICLE}\n".encode(), headers={"Content-Type": "text/plain"})
LATER = response(b"wait", 503, {"Retry-After": "3600"})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        server.answers = {THREAD: response(thread()), ARTICLE: response(PAGE)}
        yield server


def thread(*more: str, text: str = f'"{QUOTE}" is a bit much.') -> bytes:
    return topic([post(5000001, text), *more]).replace(b"https://www.theregister.com/", b"/")


def crawl(archive: Path, server: Loopback, *more: object, path: str = THREAD) -> Ended:
    return btl("crawl", archive, server.url(path), "--delay", "0", "--site", "theregister", "--with-article", *more)


def article(archive: Path) -> Any:
    ((found),) = rows(archive, "SELECT headline, teaser, body_text FROM articles")
    return found


def verdict(archive: Path) -> list[tuple[Any, ...]]:
    return rows(archive, "SELECT verdict, reason, pages, comments FROM readings ORDER BY id DESC LIMIT 1")


COMPLETE = [("complete", None, 1, 1)]


def test_the_article_is_fetched_kept_and_found_as_the_source_of_a_quotation(archive: Path, server: Loopback) -> None:
    ended = crawl(archive, server)
    assert ended.code == 0, ended.err
    assert server.paths() == [THREAD, ARTICLE]
    assert article(archive) == ("Kettle asks for update", "Nobody asked the kettle", f"{WORDS}\n\nMore on page two.")
    assert rows(archive, "SELECT kind, source_type, source_start FROM quotes") == [
        ("verbatim", "article_body", WORDS.index(QUOTE))
    ]
    assert pages(archive, "kind, state") == [("page", "done"), ("article text", "done")]
    assert verdict(archive) == COMPLETE


def test_its_bytes_are_a_capture_that_the_article_leads_to(archive: Path, server: Loopback) -> None:
    crawl(archive, server)
    sql = "SELECT k.url, k.status FROM articles a JOIN captures k ON k.id = a.capture_id"
    assert rows(archive, sql) == [(server.url(ARTICLE), 200)]
    assert btl("verify", archive).code == 0


def test_without_the_option_nothing_but_the_thread_is_asked_for(archive: Path, server: Loopback) -> None:
    assert btl("crawl", archive, server.url(THREAD), "--delay", "0", "--site", "theregister").code == 0
    assert server.paths() == [THREAD]
    assert value(archive, "SELECT body_text FROM articles") is None


@pytest.mark.parametrize(
    ("answer", "code", "state", "said"),
    [
        (NOT_FOUND, 3, ("failed", "http 404"), "an article, was not read (http 404"),
        (response(b"", 403), 5, ("failed", "blocked"), "an article, was refused (blocked"),
        (response(EMPTY), 3, ("failed", "no article"), "does not say which of its words are the article"),
        (response(b"%PDF-1.4 words"), 3, ("failed", "no article"), "the capture is kept"),
        (response(b"<title>Just a moment...</title>"), 5, ("failed", "blocked"), "was refused"),
        (LATER, 3, ("deferred", "retry-after"), "an article, is deferred until"),
        (response(PAGE, headers={"tdm-reservation": "1"}), 5, ("skipped", "opt-out"), "was refused (opt-out"),
    ],
)
def test_an_article_that_cannot_be_had_leaves_the_thread_complete(
    archive: Path, server: Loopback, answer: bytes, code: int, state: tuple[str, str], said: str
) -> None:
    server.answers[ARTICLE] = answer
    ended = crawl(archive, server)
    assert ended.code == code, ended.err
    assert verdict(archive) == COMPLETE
    assert value(archive, "SELECT closed_at IS NOT NULL FROM readings")
    assert said in ended.err
    assert pages(archive)[1] == state
    assert value(archive, "SELECT linked_version IS NOT NULL FROM threads")
    assert value(archive, "SELECT body_text FROM articles") is None


def test_robots_txt_is_obeyed_for_the_article(archive: Path, server: Loopback) -> None:
    server.answers["/robots.txt"] = ROBOTS
    ended = crawl(archive, server)
    assert (ended.code, server.paths(), verdict(archive)) == (5, [THREAD], COMPLETE)
    assert pages(archive)[1] == ("skipped", "robots")


def test_retry_asks_for_the_article_alone_and_links_again(archive: Path, server: Loopback) -> None:
    server.answers[ARTICLE] = NOT_FOUND
    assert crawl(archive, server).code == 3
    assert value(archive, "SELECT source_type FROM quotes") == "none"
    server.answers[ARTICLE] = response(PAGE)
    server.asked.clear()
    ended = btl("retry", archive, "--delay", "0")
    assert ended.code == 0, ended.err
    assert server.paths() == [ARTICLE]
    assert verdict(archive) == COMPLETE
    assert value(archive, "SELECT source_type FROM quotes") == "article_body"


def test_what_the_threads_page_says_of_the_article_does_not_replace_what_its_own_says(
    archive: Path, server: Loopback
) -> None:
    crawl(archive, server)
    held = article(archive)
    server.answers[THREAD] = response(thread(post(5000002, "Mine too.")).replace(b"It was confirmed", b"It is said"))
    server.asked.clear()
    assert btl("update", archive, "--delay", "0").code == 0
    assert server.paths() == [THREAD]
    assert article(archive) == held
    assert value(archive, "SELECT source_type FROM quotes") == "article_body"


def test_an_article_that_is_given_is_not_asked_for_twice(archive: Path, server: Loopback) -> None:
    link = f'<a href="{THREAD}">2 comments</a></body>'.encode()
    server.answers[ARTICLE] = response(PAGE.replace(b"</body>", link))
    ended = crawl(archive, server, path=ARTICLE)
    assert ended.code == 0, ended.err
    assert server.paths() == [ARTICLE, THREAD]
    assert article(archive)[2] == f"{WORDS}\n\nMore on page two."
    assert value(archive, "SELECT count(*) FROM articles") == 1
    assert value(archive, "SELECT source_type FROM quotes") == "article_body"


def test_an_article_with_its_comments_below_is_read_for_both(archive: Path, server: Loopback) -> None:
    case = Path(__file__).parents[1] / "sites/wordpress/twenty-ten-closed/page.html"
    path = "/2024/05/the-slow-kettle/"
    page = case.read_text().replace("https://kettleblog.example", server.url(""))
    words = f'<div itemscope><div itemprop="articleBody"><p>{WORDS}</p></div></div></body>'
    server.answers[path] = response(page.replace("</body>", words).encode())
    ended = btl("crawl", archive, server.url(path), "--delay", "0", "--with-article")
    assert ended.code == 0, ended.err
    assert server.paths() == [path]
    assert value(archive, "SELECT body_text FROM articles WHERE capture_id IS NOT NULL") == WORDS
    assert btl("reparse", archive, "--diff").err.count(" 0 rows would change") == 1


def test_a_crawl_that_goes_on_later_asks_for_the_article_as_well(archive: Path, server: Loopback) -> None:
    server.answers[THREAD] = in_turn(LATER, response(thread()))
    assert crawl(archive, server).code == 3
    assert server.paths() == [THREAD]
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE pages SET not_before = '2020-01-01T00:00:00Z' WHERE state = 'deferred'")
    ended = btl("crawl", archive, "--delay", "0")
    assert ended.code == 0, ended.err
    assert server.paths() == [THREAD, THREAD, ARTICLE]
    assert article(archive)[0] == "Kettle asks for update"


def test_the_article_of_two_threads_is_asked_for_once_and_serves_both(archive: Path, server: Loopback) -> None:
    other = THREAD.replace("kettle", "kettle_two")
    server.answers[other] = response(thread().replace(f"/forum/all/{KEY}".encode(), other.encode()))
    order = ("--delay", "0", "--site", "theregister", "--with-article")
    ended = btl("crawl", archive, server.url(THREAD), server.url(other), *order)
    assert ended.code == 0, ended.err
    assert sorted(server.paths()) == sorted([THREAD, other, ARTICLE])
    assert rows(archive, "SELECT source_type FROM quotes") == [("article_body",)] * 2


def test_a_redirected_article_is_kept_under_the_threads_address(archive: Path, server: Loopback) -> None:
    moved = response(b"", 301, {"Location": "/news/kettle/5253754"})
    server.answers |= {ARTICLE: moved, "/news/kettle/5253754": response(PAGE)}
    ended = crawl(archive, server)
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT url, headline FROM articles") == [(server.url(ARTICLE), "Kettle asks for update")]


def test_an_address_that_is_none_is_named_and_harms_nothing(archive: Path, server: Loopback) -> None:
    server.answers[THREAD] = response(thread().replace(f'href="/{KEY}/"'.encode(), f'href="http://[/{KEY}/"'.encode()))
    ended = crawl(archive, server)
    assert ended.code == 0, ended.err
    assert "no article's page or text was found for 1 threads" in ended.err
    assert verdict(archive) == COMPLETE


def test_reparse_makes_the_article_again_from_its_capture(archive: Path, server: Loopback) -> None:
    crawl(archive, server)
    ended = btl("reparse", archive, "--diff")
    assert ended.code == 0, ended.err
    assert "2 pages read again, 0 rows would change" in ended.err
