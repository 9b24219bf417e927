"""Threads without end: so many pages are asked for and no more, and a chain that brings nothing new is left."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from belowtheline.archive.readings import lifecycle, page_limits, retrying
from belowtheline.archive.readings.page_limits import MAX_PAGES, NOTHING_NEW, PAGE_LIMIT, PageLimits
from belowtheline.archive.record.people import site_id
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import runs
from belowtheline.archive.store.database import Archive
from belowtheline.cli.console.max_pages import MAX_PAGES as OPTION
from belowtheline.pipelines import normalise
from belowtheline.reading.items import Capture, Comment, Link, Stub, ThreadPage
from tests.loopback import Ended, Loopback, btl, dump, pages, response, rows, topic
from tests.loopback import post as topic_post
from tests.recorded import START, post, shown_page

KEY = "2025/03/14/kettle"
Shows = Callable[[int], ThreadPage]
"""What the page of a number shows."""


class Walk:
    """A crawl without a network: the pages of one thread, recorded as a run does."""

    def __init__(self, folder: Path, shows: Shows) -> None:
        self.path = folder / "a.db"
        self.shows = shows
        self.asked: list[int] = []
        self._captures = 0

    def run(self, max_pages: int = 40, command: str = "crawl", most: int = 200) -> tuple[str, str | None]:
        """Walk until nothing is to do, and return the verdict; `most` is how many pages the test puts up with."""
        with Archive.create_or_open(self.path) as archive:
            with archive.transaction() as connection:
                run_id = runs.start_run(connection, command, {"number": self._captures})
                start = lifecycle.Start(site_id(connection, "kettles"), "1", Link(url=f"{START}?page=1"))
                if command == "crawl":
                    lifecycle.open_readings(connection, run_id, [start])
                else:
                    retrying.take_up(connection, run_id, max_pages=max_pages)
                page_limits.lift(connection, run_id, max_pages)
            recorder = Recorder(archive, run_id, limits=PageLimits(max_pages))
            for _ in range(most):
                sql = "SELECT id, url FROM pages WHERE state = 'todo' ORDER BY id LIMIT 1"
                row = archive.query(sql).fetchone()
                if row is None:
                    break
                self._read(recorder, *row)
            (reading,) = archive.query("SELECT verdict, reason FROM readings ORDER BY id DESC LIMIT 1").fetchall()
            return reading

    def _read(self, recorder: Recorder, page_id: int, url: str) -> None:
        number = int(url.rpartition("=")[2])
        self.asked.append(number)
        self._captures += 1
        at = f"2025-03-14T{10 + self._captures // 3600:02}:{self._captures // 60 % 60:02}:{self._captures % 60:02}Z"
        where = {"warc_file": "made-up.warc.gz", "warc_offset": self._captures}
        capture = Capture(url=url, fetched_at=at, fetched_at_source="response", sha256="0" * 64, **where)  # type: ignore[arg-type]
        recorder.add_capture(capture)
        page = replace(self.shows(number), fetched_at=at)
        recorder.record_page(page_id, capture, [normalise(page)], "utf-8")

    def left(self) -> list[tuple[str, str]]:
        """Return the addresses of pages that were left out, and why."""
        sql = "SELECT url, reason FROM pages WHERE state = 'skipped' ORDER BY id"
        return [(str(url).rpartition("?")[2], str(reason)) for url, reason in rows(self.path, sql)]


def following(page: ThreadPage, *numbers: int) -> ThreadPage:
    return replace(page, links=tuple(Link(url=f"{START}?page={number}") for number in numbers))


def chain(of_page: Callable[[int], Iterable[Comment]], last: int = 10_000) -> Shows:
    """Return pages each of which leads to the next one, up to the last."""
    return lambda number: following(
        shown_page(*of_page(number), is_whole=number == last), *([number + 1] if number < last else [])
    )


def same(_: int) -> list[Comment]:
    return [post("a"), post("b")]


def fresh(number: int) -> list[Comment]:
    return [post(f"{number}-{place}") for place in range(3)]


def test_the_limit_of_the_option_is_that_of_the_archive() -> None:
    assert OPTION == MAX_PAGES


ENDLESS: dict[str, Shows] = {
    "the same comments": chain(same),
    "nothing at all": chain(lambda number: same(number)[: 2 * (number == 1)]),
    "an ever smaller part of them": chain(lambda number: same(number)[number > 2 :]),
    "the same comments without ids": chain(
        lambda number: [replace(post("x", body_text=words), native_id=None) for words in ("Steam.", "Water.")]
    ),
    "the same stubs": lambda number: following(
        shown_page(*same(number), stubs=[Stub(native_id="s"), Stub(native_id=None, count=7, url=f"{START}?page=2")]),
        number + 1,
    ),
    "stubs that name the next page alone": lambda number: following(
        shown_page(*same(number), stubs=[Stub(native_id=None, url=f"{START}?page={number + 1}")]), number + 1
    ),
    "page n of n + 1": lambda number: following(
        shown_page(*same(number), page_number=number, page_count=number + 1), number + 1
    ),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_chain_that_brings_nothing_new_ends_after_three_pages(tmp_path: Path, kind: str) -> None:
    walk = Walk(tmp_path, ENDLESS[kind])
    verdict, reason = walk.run()
    assert walk.asked == [1, 2, 3, 4]
    assert walk.left() == [("page=5", NOTHING_NEW)]
    assert (verdict, "3 pages in a row brought nothing new" in (reason or "")) == ("incomplete", True)


HONEST: dict[str, tuple[Shows, int]] = {
    "three pages in the middle whose posts are all moderated, listed by the first": (
        lambda number: following(
            shown_page(*(fresh(number) if number not in (3, 4, 5, 6) else []), page_number=number, page_count=8),
            *(range(2, 9) if number == 1 else ()),
        ),
        8,
    ),
    "two empty pages in a chain": (chain(lambda number: fresh(number) if number not in (3, 4) else [], 8), 8),
    "pages that overlap but for one comment": (chain(lambda number: [*fresh(1), post(f"new {number}")], 9), 9),
    "pages of pingbacks": (
        lambda number: following(
            shown_page(*(fresh(1) if number == 1 else []), left_out=50, is_whole=number == 7),
            *([number + 1] if number < 7 else []),
        ),
        7,
    ),
    "pages of tombstones without ids": (
        lambda number: following(
            shown_page(
                *(replace(post("x", body_html=None, deletion="moderator"), native_id=None) for _ in range(3)),
                page_number=number,
                page_count=6,
            ),
            *([number + 1] if number < 6 else []),
        ),
        6,
    ),
    "pages of stubs": (
        lambda number: following(
            shown_page(*(same(1) if number == 1 else []), stubs=[Stub(native_id=f"s{number}")]),
            *([number + 1] if number < 7 else []),
        ),
        7,
    ),
    "replies that were shown already, each page with one that leads on": (
        lambda number: following(
            shown_page(*(fresh(1) if number < 12 else [post(f"late {number}")])),
            *(range(2, 12) if number == 1 else [number + 10] if number < 12 else []),
        ),
        21,
    ),
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_chain_is_walked_to_its_end(tmp_path: Path, kind: str) -> None:
    shows, last = HONEST[kind]
    walk = Walk(tmp_path, shows)
    verdict, reason = walk.run()
    assert sorted(walk.asked) == list(range(1, last + 1))
    assert walk.left() == []
    assert verdict != "incomplete" or "known and not held" in str(reason)


def test_what_is_known_from_before_is_new_to_a_reading(tmp_path: Path) -> None:
    walk = Walk(tmp_path, chain(fresh, 8))
    assert walk.run()[0] == "complete"
    assert walk.run()[0] == "complete"
    assert walk.asked == [*range(1, 9), *range(1, 9)]


def test_pages_beyond_the_limit_are_left_and_taken_up_with_a_larger_one(tmp_path: Path) -> None:
    walk = Walk(tmp_path, chain(fresh, 25))
    assert walk.run(max_pages=10) == ("incomplete", "the thread has more than 10 pages")
    assert walk.asked == list(range(1, 11))
    assert walk.left() == [("page=11", PAGE_LIMIT)]
    assert walk.run(max_pages=10, command="retry")[0] == "incomplete"
    assert len(walk.asked) == 10
    assert walk.run(max_pages=20, command="retry") == ("incomplete", "the thread has more than 20 pages")
    assert walk.asked == list(range(1, 21))
    assert walk.run(max_pages=30, command="retry") == ("complete", None)
    assert walk.asked == list(range(1, 26))


def test_a_page_that_lists_more_pages_than_the_limit(tmp_path: Path) -> None:
    walk = Walk(
        tmp_path,
        lambda number: following(
            shown_page(*fresh(number), page_number=number, page_count=90), *(range(2, 91) if number == 1 else ())
        ),
    )
    assert walk.run(max_pages=10)[0] == "incomplete"
    assert walk.asked == list(range(1, 11))
    assert len(walk.left()) == 80
    assert walk.run(max_pages=90, command="retry")[0] == "complete"
    assert sorted(walk.asked) == list(range(1, 91))


def test_a_chain_that_was_left_is_followed_once_more(tmp_path: Path) -> None:
    walk = Walk(tmp_path, chain(lambda number: same(1) if number < 7 else fresh(number), 9))
    assert walk.run()[0] == "incomplete"
    assert walk.asked == [1, 2, 3, 4]
    assert walk.run(command="retry")[0] == "complete"
    assert walk.asked == list(range(1, 10))


class Endless(dict[str, bytes]):
    """The pages of a topic that never ends."""

    def __init__(self, shows: Callable[[int], Iterable[str]]) -> None:
        super().__init__()
        self._shows = shows

    def get(self, path: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        """Return the page at a path."""
        if KEY not in path or "/all/" in path:  # which would be the whole thread
            return default
        number = int(path.split("/")[2])
        return response(topic(self._shows(number), nav=(number, number + 1)))


def ask(command: str, archive: Path, server: Loopback, *options: object) -> Ended:
    address = [server.url(f"/forum/all/{KEY}/")] if command == "crawl" else []
    return btl(command, archive, *address, "--site", "theregister", *options, "--delay", "0")


def test_endless_topics_are_left_and_say_so(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with Loopback(Endless(lambda number: [topic_post(1, "The lid leaks."), topic_post(2, "Mine pours.")])) as server:
        ended = ask("crawl", archive, server)
        assert ended.code == 3
        assert "3 pages in a row brought nothing new: look at the thread; `btl retry` goes on" in ended.err
        assert len(server.paths()) == 5
    said = btl("status", archive)
    assert "nothing new" in said.out


def test_a_calendar_of_new_comments_ends_at_the_limit(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with Loopback(Endless(lambda number: [topic_post(number, f"Lid {number} leaks.")])) as server:
        ended = ask("crawl", archive, server, "--max-pages", 8)
        assert ended.code == 3
        assert "has more than 8 pages: look at the thread; `btl retry` with a larger --max-pages goes on" in ended.err
        assert len(dump(archive)) + 1 == len(server.paths()) == 8
        again = btl("retry", archive, "--delay", "0", "--max-pages", 12)
        assert again.code == 3
        assert len(dump(archive)) == 11
        more = btl("crawl", archive, "--delay", "0", "--max-pages", 15)
        assert more.code == 3
        assert len(dump(archive)) == 14
        looked = ask("update", archive, server, "--max-pages", 15)
        assert looked.code == 3
        assert len(dump(archive)) == 15  # the address that is missing is none of its pages
        assert ("skipped", PAGE_LIMIT) in pages(archive)
