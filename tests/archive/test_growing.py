"""What a page costs however much is held: counted in steps of SQLite's machine, which are the same on any machine."""

import os
import signal
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from belowtheline.archive.links import keeping
from belowtheline.archive.queries.changes import changes_since
from belowtheline.archive.readings import lifecycle
from belowtheline.archive.record.people import site_id
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import runs
from belowtheline.archive.store.database import Archive
from belowtheline.cli import diff
from belowtheline.cli.console.text import safe_json
from belowtheline.jobs.link import link_what_waits
from belowtheline.jobs.progress import Notices, silent
from belowtheline.pipelines import normalise
from belowtheline.pipelines.linking import waiting
from belowtheline.reading.items import Author, Capture, Comment, Completeness, Link, Stub, Thread, ThreadPage
from tests.scraper.test_frontier import frontier_over

SIZE = 20
"""Comments a page."""
FEW, MANY = 25, 100
"""Pages before those whose steps are counted."""
LAST = 5
"""Pages whose steps are counted."""
MOST = 1.35
"""Times the steps of a page of a short thread that one of a long thread may take: indexes are a level deeper."""
GRAIN = 20
Made = Callable[[int], ThreadPage]


class Steps:
    """Counts the steps that SQLite takes on a connection."""

    def __init__(self, archive: Archive) -> None:
        self.count = 0
        archive.connection.set_progress_handler(self._note, GRAIN)

    def _note(self) -> int:
        self.count += GRAIN
        return 0


def page_of(number: int, comments: Sequence[Comment], stubs: Sequence[Stub] = (), thread: str = "1") -> ThreadPage:
    return normalise(
        ThreadPage(
            thread=Thread(site="kettles", native_id=thread, url=f"https://kettles.example/t/{thread}"),
            comments=tuple(comments),
            stubs=tuple(stubs),
            completeness=Completeness(page_number=number, page_count=1000),
            form="json",
            fetched_at=f"2025-03-15T10:{number // 60 % 60:02}:{number % 60:02}Z",
        )
    )


def post(number: int, place: int, **fields: Any) -> Comment:
    told = {"author": Author(name=f"Author {number % 50}"), "body_html": f"<p>Words of number {number}.</p>", **fields}
    return Comment(native_id=str(number), position=place, **told)


def plain(number: int) -> ThreadPage:
    """Return a page of comments that answer others: some that came before, some that have not come."""
    first = number * SIZE
    answered = [max(first + place - 30, 0) if place % 3 else first + place + 1_000_000 for place in range(SIZE)]
    posts = [post(first + place, place + 1, parent_native_id=str(answered[place])) for place in range(SIZE)]
    return page_of(number, posts)


def with_tombstones(number: int) -> ThreadPage:
    """Return a page with a comment that is gone, with its id."""
    gone = Comment(native_id=None, position=SIZE, deletion="author")
    return page_of(number, [*(post(number * SIZE + place, place + 1) for place in range(SIZE - 1)), gone])


def with_accounts(number: int) -> ThreadPage:
    """Return a page of one account, which is shown by another picture each time."""
    seen = Author(name="Ada", native_id="7", kind="account", image_url=f"https://kettles.example/{number}.png")
    return page_of(number, [post(number * SIZE + place, place + 1, author=seen) for place in range(SIZE)])


def with_stubs(number: int) -> ThreadPage:
    """Return a page that names comments which it does not show."""
    stubs = [Stub(native_id=f"later {number} {place}") for place in range(5)]
    return page_of(number, plain(number).comments, stubs)


def with_unnamed_stubs(number: int) -> ThreadPage:
    """Return a page that names no id of what else stands below one of its comments."""
    posts = [post(number * SIZE + place, place + 1) for place in range(SIZE)]
    return page_of(number, posts, [Stub(native_id=None, parent_native_id=str(number * SIZE), count=2)])


def steps_of_last(folder: Path, made: Made, before: int, again: bool) -> int:
    """Return the steps that SQLite takes for some pages after many others; `again` for those of a second reading."""
    folder.mkdir()
    with Archive.create_or_open(folder / "a.db") as archive:
        for reading in range(1 + again):
            with archive.transaction() as connection:
                run_id = runs.start_run(connection, "crawl", {})
                site = site_id(connection, "kettles")
                links = [Link(url=f"https://kettles.example/t/1?page={page}") for page in range(before + LAST + 3)]
                reading_id = lifecycle.open_reading(connection, run_id, site, links[0].url)
                lifecycle.add_pages(connection, reading_id, links)
                (first,) = connection.execute(
                    "SELECT min(id) FROM pages WHERE reading_id = ?", (reading_id,)
                ).fetchone()
            recorder = Recorder(archive, run_id)
            steps = Steps(archive)
            for number in range(before + LAST):
                if number == before:
                    steps.count = 0
                page = made(number + 1)
                if reading:
                    page = later(page)
                capture = Capture(
                    url=links[number].url,
                    fetched_at=page.fetched_at,
                    fetched_at_source="response",
                    sha256=f"{reading}{number:063}",
                    warc_file="made-up.warc.gz",
                    warc_offset=reading * 10_000 + number,
                )
                recorder.add_capture(capture)
                recorder.record_page(first + number, capture, [page], "utf-8")
        return steps.count


def later(page: ThreadPage) -> ThreadPage:
    """Return a page as it is shown a day later, with one comment edited."""
    comments = [*page.comments]
    comments[3] = replace(comments[3], body_html="<p>Edited.</p>", body_text="Edited.")
    return replace(page, fetched_at=f"2025-03-16{(page.fetched_at or '')[10:]}", comments=tuple(comments))


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("made", [plain, with_tombstones, with_accounts, with_stubs, with_unnamed_stubs])
def test_a_page_costs_the_same_after_many_pages_as_after_few(tmp_path: Path, made: Made, again: bool) -> None:
    few, many = (steps_of_last(tmp_path / str(before), made, before, again) for before in (FEW, MANY))
    assert many < few * MOST, f"{few / LAST:.0f} and {many / LAST:.0f} steps a page"


def test_a_thread_costs_the_same_in_a_large_archive_as_in_a_small_one(tmp_path: Path) -> None:
    def cost(others: int) -> int:
        with Archive.create_or_open(tmp_path / f"{others}.db") as archive:
            with archive.transaction() as connection:
                run_id = runs.start_run(connection, "ingest", {})
            recorder = Recorder(archive, run_id)
            steps = Steps(archive)
            for number in range(others + LAST):
                if number == others:
                    steps.count = 0
                stubs = [Stub(native_id=f"s{number}"), Stub(native_id=None, parent_native_id="3", count=2)]
                page = page_of(1, [post(place, place) for place in range(1, 5)], stubs, thread=str(number))
                url = f"https://kettles.example/t/{number}"
                capture = Capture(
                    url=url, fetched_at=page.fetched_at, fetched_at_source="option", sha256=f"{number:064}",
                    warc_file="made-up.warc.gz", warc_offset=number,
                )  # fmt: skip
                assert recorder.threads_held(b"%d" % number, url, None) is None
                assert recorder.kept(b"%d" % number, url, None) is None
                recorder.add_capture(capture)
                recorder.take_in("kettles", url, capture, [page], "utf-8")
                with archive.transaction() as connection:
                    open_id = connection.execute("SELECT id FROM readings WHERE closed_at IS NULL").fetchone()[0]
                    lifecycle.close_if_ended(connection, open_id)
            return steps.count

    few, many = cost(25), cost(400)
    # The one SELECT above looks at every reading, and takes a few steps for each.
    assert many - few < 400 * LAST * 12, f"{few / LAST:.0f} and {many / LAST:.0f} steps a thread"


def test_a_numbered_page_is_taken_in_as_cheaply_after_many_others(tmp_path: Path) -> None:
    def cost(before: int) -> int:
        with Archive.create_or_open(tmp_path / f"{before}.db") as archive:
            with archive.transaction() as connection:
                run_id = runs.start_run(connection, "ingest", {})
            recorder = Recorder(archive, run_id)
            steps = Steps(archive)
            for number in range(before + LAST):
                if number == before:
                    steps.count = 0
                page = page_of(number + 1, [post(number, 1)])
                capture = Capture(
                    url=f"https://kettles.example/t/1?page={number}", fetched_at=page.fetched_at,
                    fetched_at_source="option", sha256=f"{number:064}", warc_file="made-up.warc.gz", warc_offset=number,
                )  # fmt: skip
                recorder.add_capture(capture)
                recorder.take_in("kettles", "https://kettles.example/t/1", capture, [page], "utf-8")
            (opened,) = archive.query("SELECT count(*) FROM readings").fetchone()
            assert opened == 1
            return steps.count

    few, many = cost(50), cost(400)
    # What is said of other numbers took ten steps a page and more.
    assert many - few < 350 * LAST * 5, f"{few / LAST:.0f} and {many / LAST:.0f} steps a page"


def test_a_page_is_handed_out_as_cheaply_beside_many_pages_of_other_runs(tmp_path: Path) -> None:
    def cost(others: int) -> int:
        with Archive.create_or_open(tmp_path / f"{others}.db") as archive:
            stopped = [f"https://{number % 50}.example/forum/all/2025/01/01/{number}/" for number in range(others)]
            frontier_over(archive, *stopped)
            with archive.transaction() as connection:
                waits = "UPDATE pages SET state = 'deferred', not_before = '2999-01-01T00:00:00Z' WHERE id % 2"
                connection.execute(waits)
            frontier = frontier_over(archive, *(f"https://own.example/forum/all/2025/01/02/{n}/" for n in range(20)))
            steps = Steps(archive)
            for _ in range(10):
                request = frontier.next_request()
                assert request is not None
                assert frontier.next_request() is None
                frontier.recorder.record_end(request.meta["page_id"], "failed", "network")
                frontier.release(request.meta["page_id"])
            return steps.count

    assert cost(1_000) < cost(50) * MOST


def archive_of(path: Path, comments: int) -> Archive:
    """Return an open archive with a thread of so many comments."""
    archive = Archive.create_or_open(path)
    with archive.transaction() as connection:
        run_id = runs.start_run(connection, "ingest", {})
    recorder = Recorder(archive, run_id)
    words = "Kettles and the like. " * 100
    posts = [post(place, place, body_html=f"<p>{place} {words}</p>") for place in range(1, comments + 1)]
    page = page_of(1, posts)
    url = "https://kettles.example/t/1"
    capture = Capture(
        url=url, fetched_at=page.fetched_at, fetched_at_source="option", sha256="0" * 64,
        warc_file="made-up.warc.gz", warc_offset=1,
    )  # fmt: skip
    recorder.add_capture(capture)
    recorder.take_in("kettles", url, capture, [page], "utf-8")
    recorder.finish()
    return archive


def test_changes_are_held_one_comment_at_a_time(tmp_path: Path) -> None:
    def peak_and_size(comments: int) -> tuple[int, int]:
        with archive_of(tmp_path / f"{comments}.db", comments) as archive:
            tracemalloc.start()
            size = sum(len(part) for part in diff.json_parts(changes_since(archive, "2025-01-01")))
            _, found = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return found, size

    peak_and_size(10)
    peak, size = peak_and_size(800)
    assert size > 800 * 2_000
    assert peak < size / 5


def test_changes_as_json_are_one_list_in_the_form_of_every_other(tmp_path: Path) -> None:
    with archive_of(tmp_path / "a.db", 5) as archive:
        for since in ("2025-01-01", "2999-01-01"):
            found = [
                {
                    **{name: getattr(thread, name) for name in ("thread_id", "site", "instance", "native_id", "title")},
                    "changes": [asdict(change) for change in thread.changes],
                }
                for thread in changes_since(archive, since)
            ]
            assert "".join(diff.json_parts(changes_since(archive, since))) == safe_json(found) + "\n"


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[int]]:
    """The threads that are linked, by their rows, with how often."""
    counted: Counter[int] = Counter()
    keep = keeping.keep

    def counting(archive: Archive, thread: Any, *rest: Any) -> None:
        counted[thread.row_id] += 1
        keep(archive, thread, *rest)

    monkeypatch.setattr(keeping, "keep", counting)
    return counted


@pytest.mark.parametrize(("comments", "is_at_once"), [(20, True), (301, False)])
def test_a_thread_is_linked_once_and_a_long_one_when_nothing_else_waits(
    tmp_path: Path, linked: Counter[int], comments: int, is_at_once: bool
) -> None:
    with archive_of(tmp_path / "a.db", comments) as archive:
        assert waiting.link_thread_of(archive, 1) == {}
        assert linked == ({1: 1} if is_at_once else {})
        assert link_what_waits(archive)["failed"] == 0
        assert linked == {1: 1}
        assert waiting.link_thread_of(archive, 1) == {}
        assert linked == {1: 1}


def test_a_thread_that_was_linked_after_it_failed_is_not_named(tmp_path: Path, linked: Counter[int]) -> None:
    told = Notices(silent)
    with archive_of(tmp_path / "a.db", 20) as archive:
        assert waiting.link_thread_of(archive, 1) == {}
        assert link_what_waits(archive, {1: "it failed when it was shorter"}, told)["failed"] == 0
    assert linked == {1: 1}
    assert told.sentences == []


def test_a_thread_that_cannot_be_linked_is_tried_once_and_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    told = Notices(silent)

    def fails(thread: Any) -> Any:
        tried.append(thread.row_id)
        raise IndexError("list index out of range")

    monkeypatch.setattr(waiting, "link", fails)
    with archive_of(tmp_path / "a.db", 20) as archive:
        failed = waiting.link_thread_of(archive, 1)
        assert link_what_waits(archive, failed, told)["failed"] == 1
    assert tried == [1]
    assert [sentence.count("is not linked") for sentence in told.sentences] == [1]


def test_a_thread_that_is_being_linked_is_interrupted_and_waits_whatever_handled_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(thread: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100_000_000):
            pass

    monkeypatch.setattr(waiting, "link", endless)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as Scrapy leaves it after a second Ctrl-C
    try:
        with archive_of(tmp_path / "a.db", 301) as archive:
            with pytest.raises(KeyboardInterrupt):
                link_what_waits(archive)
            assert keeping.waiting(archive) == [1]
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
