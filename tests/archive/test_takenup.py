"""Pages that could not be read: a better reader takes them up from their captures, as if they had been read then."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belowtheline.cli import main
from belowtheline.jobs.ingest import ingest
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.scraper import page_work
from belowtheline.sites.theregister import TheRegister
from tests.archive.test_order_of_captures import differences
from tests.loopback import Loopback, btl, crawl, post, response, rows, topic, value
from tests.made_up import ADDRESS, Held, Post, as_html, edited, gone, without

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"
POSTS = [
    Post(id="1", author="Ann", user="7", title="Spouts", body="Mine pours sideways.", votes=(3, 1)),
    Post(id="2", author="Bob", user="8", body='"pours sideways" - mine has none.', under="1"),
    Post(id="3", author="Cid", user="9", title="Lids", body="Which model was that?"),
]
LATER = [edited(POSTS, "1", body="Mine pours straight now.", votes=(9, 9))[0], gone(POSTS[1], named=True)]
PAGE_1, PAGE_2 = (ADDRESS.replace("/all/", f"/{number}/") for number in (1, 2))

_parse = TheRegister.parse


def _cannot(site: TheRegister, page: Page) -> tuple[ThreadPage, ...]:
    if "sideways" in page.text or "Pint" in page.text:
        raise ParseError(f"{page.name} has a layout that the reader does not know.")
    return _parse(site, page)


def _knows_none(page: Page) -> Any:
    raise UnknownSite(f"No site recognises {page.name}.")


@contextmanager
def worse(reason: str) -> Iterator[None]:
    """Read with a worse reader, which fails pages for that reason, while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        if reason == "layout":
            patch.setattr(TheRegister, "parse", _cannot)
        elif reason == "drift":
            patch.setattr(page_work, "drift_of_page", lambda pages: "layout drift: half of it is gone")
        elif reason == "unknown site":
            patch.setattr(page_work, "site_of_page", _knows_none)
        yield


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def verdicts(held: Held) -> list[tuple[Any, ...]]:
    return held.rows("SELECT verdict, reason, read_at, verdict_at, comments, has_changes FROM readings ORDER BY id")


def assert_same(held: Held, other: Held) -> None:
    """Check that two archives hold the same, versions, observations and verdicts included."""
    assert [found for found in differences(held.state(), other.state()) if "site_id" not in found] == []
    sql = """
        SELECT c.native_id, o.kind, o.value, k.fetched_at FROM observations o JOIN comments c ON c.id = o.comment_id
        JOIN captures k ON k.id = o.capture_id ORDER BY 1, 2, 4"""
    assert held.rows(sql) == other.rows(sql)
    assert verdicts(held) == verdicts(other)
    assert held.rows("SELECT done, failed FROM runs WHERE command = 'ingest'") == other.rows(
        "SELECT done, failed FROM runs WHERE command = 'ingest'"
    )


@pytest.mark.parametrize("reason", ["layout", "drift", "unknown site"])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_what_is_taken_up_is_as_if_it_had_been_read_then(tmp_path: Path, reason: str, order: tuple[int, ...]) -> None:
    pages = [(as_html(POSTS), T1), (as_html(LATER), T2), (as_html(without(POSTS, "3")), T3)]
    good, bad = Held(tmp_path / "same" / "good"), Held(tmp_path / "same" / "bad")
    for place in order:
        good.take(*pages[place], url=ADDRESS)
        with worse(reason if place != 1 else ""):
            assert bad.take(*pages[place], url=ADDRESS) == (0 if place == 1 else 3 if reason == "unknown site" else 4)
    assert len(bad.flat("native_id")) == 2
    assert "2 pages are kept that could not be read: `btl reparse" in run("status", bad.path).stdout
    tried = run("reparse", bad.path, "--diff")
    assert "taken up: 2 pages that could not be read could be read" in tried.stderr
    assert len(bad.flat("native_id")) == 2
    ended = run("reparse", bad.path)
    assert (ended.exit_code, "taken up: 2 pages" in ended.stderr) == (0, True), ended.stderr
    assert_same(good, bad)
    assert "could not be read" not in run("status", bad.path).stdout
    assert run("verify", bad.path).exit_code == 0
    again = run("reparse", bad.path)
    assert (again.exit_code, again.stdout) == (0, "")
    reparses = bad.rows("SELECT id FROM runs WHERE command = 'reparse' ORDER BY id LIMIT 1")
    assert bad.rows("SELECT DISTINCT reparse_run_id FROM pages WHERE reparse_run_id IS NOT NULL") == reparses


@pytest.mark.parametrize("failing", [(0,), (1,), (0, 1)])
@pytest.mark.parametrize("reason", ["layout", "unknown site"])
def test_pages_of_one_run_are_one_reading_again(tmp_path: Path, reason: str, failing: Sequence[int]) -> None:
    texts = [as_html(POSTS[:1], address=PAGE_1, pages=(1, 2)), as_html(POSTS[2:], address=PAGE_2, pages=(2, 2))]
    files = [tmp_path / f"{number}.html" for number in range(2)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text.replace("Which model", "Pint? Which model"))
    good, bad = Held(tmp_path / "same" / "good"), Held(tmp_path / "same" / "bad")
    ingest(good.path, [str(file) for file in files], fetched_at=T1)
    with pytest.MonkeyPatch.context() as patch:
        if reason == "layout":
            patch.setattr(TheRegister, "parse", _failing(failing, texts))
        else:
            patch.setattr(page_work, "site_of_page", _not_knowing(failing))
        ingest(bad.path, [str(file) for file in files], fetched_at=T1)
    assert len(bad.flat("native_id")) == 2 - len(failing)
    assert run("reparse", bad.path).exit_code == 0
    assert_same(good, bad)
    assert bad.rows("SELECT verdict, pages FROM readings") == [("complete", 2)]
    assert run("reparse", bad.path, "--diff").stdout == ""


def _failing(failing: Sequence[int], texts: Sequence[str]) -> Callable[[TheRegister, Page], tuple[ThreadPage, ...]]:
    def parse(site: TheRegister, page: Page) -> tuple[ThreadPage, ...]:
        if any(f"/{number + 1}/2025" in (page.url or "") for number in failing):
            raise ParseError(f"{page.name} has a layout that the reader does not know.")
        return _parse(site, page)

    return parse


def _not_knowing(failing: Sequence[int]) -> Callable[[Page], TheRegister]:
    def site_of_page(page: Page) -> TheRegister:
        if any(f"/{number + 1}/2025" in (page.url or "") for number in failing):
            raise UnknownSite(f"No site recognises {page.name}.")
        return TheRegister()

    return site_of_page


def test_what_still_cannot_be_read_waits_on(tmp_path: Path) -> None:
    held = Held(tmp_path)
    with worse("layout"):
        held.take(as_html(POSTS), T1)
        held.take(as_html([Post(id="9", body="Pint.")]), T2)
        before = held.rows("SELECT * FROM pages")
        ended = run("reparse", held.path)
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert held.rows("SELECT * FROM pages") == before
    assert json.loads(run("status", held.path, "--json").stdout)["waiting_for_reparse"] == 2


def test_bytes_of_an_unknown_site_are_kept_once(tmp_path: Path) -> None:
    held = Held(tmp_path)
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>Nobody's thread.</p></body></html>")
    for _ in range(3):
        assert run("ingest", held.path, page, "--fetched-at", T1).exit_code == 3
    assert held.rows("SELECT count(*) FROM captures") == [(1,)]
    assert held.rows("SELECT reason, capture_id FROM pages") == [("unknown site", 1)] * 3
    assert json.loads(run("status", held.path, "--json").stdout)["waiting_for_reparse"] == 1
    assert run("verify", held.path).exit_code == 0
    assert run("reparse", held.path).exit_code == 0


def test_a_damaged_capture_of_a_page_that_waits_is_named(tmp_path: Path) -> None:
    held = Held(tmp_path)
    with worse("layout"):
        held.take(as_html(POSTS), T1)
    (file,) = (tmp_path / "a.db.captures").iterdir()
    file.write_bytes(file.read_bytes()[:-40])
    ended = run("reparse", held.path)
    assert (ended.exit_code, "cannot be read at byte 0" in ended.stderr) == (7, True)
    assert held.rows("SELECT state FROM pages") == [("failed",)]


_WORSE = """
from belowtheline.sites.theregister import TheRegister
from belowtheline.reading.errors import ParseError
parse = TheRegister.parse
def worse(site, page):
    if "sideways" in page.text:
        raise ParseError(page.name + " has a layout that the reader does not know.")
    return parse(site, page)
TheRegister.parse = worse"""


def test_a_page_of_a_crawl_that_failed_completes_its_reading(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    paths = [f"/forum/{number}/2025/03/14/kettle/" for number in (1, 2, 3)]
    texts = ["It hums.", "It pours sideways.", "It boils."]
    with Loopback() as server:
        for number, (path, text) in enumerate(zip(paths, texts, strict=True), 1):
            server.answers[path] = response(topic([post(number, text)], nav=(number, 3)))
        ended = crawl(archive, server.url(paths[0]), change=_WORSE)
    assert ended.code == 4, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("incomplete", "page layout")]
    assert "1 pages are kept that could not be read" in run("status", archive).stdout
    assert run("reparse", archive).exit_code == 0
    assert rows(archive, "SELECT body_text FROM comments ORDER BY position") == [(text,) for text in texts]
    assert rows(archive, "SELECT verdict, reason, pages FROM readings") == [("complete", None, 3)]
    assert rows(archive, "SELECT verdict FROM thread_status") == [("complete",)]
    assert rows(archive, "SELECT discovered, done, failed, skipped FROM runs WHERE id = 1") == [(4, 3, 0, 1)]
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0
    assert run("verify", archive).exit_code == 0


def test_pages_that_a_page_leads_to_are_asked_by_retry(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    paths = [f"/forum/{number}/2025/03/14/kettle/" for number in (1, 2)]
    with Loopback() as server:
        for number, (path, text) in enumerate(zip(paths, ["It pours sideways.", "It boils."], strict=True), 1):
            server.answers[path] = response(topic([post(number, text)], nav=(number, 2)))
        assert crawl(archive, server.url(paths[0]), change=_WORSE).code == 4
        assert run("reparse", archive).exit_code == 0
        assert rows(archive, "SELECT verdict, reason FROM thread_status") == [("incomplete", "page not reached")]
        assert btl("retry", archive, "--delay", "0").code == 0
    assert rows(archive, "SELECT verdict, held FROM thread_status") == [("complete", 2)]
    assert run("reparse", archive, "--diff").stdout == ""


def test_a_thread_whose_only_page_failed_is_found(tmp_path: Path) -> None:
    archive, path = tmp_path / "a.db", "/forum/all/2025/03/14/kettle/"
    with Loopback() as server:
        server.answers[path] = response(topic([post(1, "It pours sideways."), post(2, "It hums.")]))
        assert crawl(archive, server.url(path), change=_WORSE).code == 4
        assert value(archive, "SELECT count(*) FROM threads") == 0
        assert run("reparse", archive).exit_code == 0
        assert rows(archive, "SELECT verdict, held FROM thread_status") == [("complete", 2)]
        server.answers[path] = response(topic([post(1, "It pours sideways.")]))
        assert btl("update", archive, "--delay", "0").code == 0
    assert rows(archive, "SELECT native_id FROM comments WHERE not_seen_since IS NOT NULL") == [("2",)]
