"""`btl reparse`: every row made again from its capture; what is as it was stays as it is, row number and all."""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from belowtheline.archive.replay.compare import DERIVED
from belowtheline.archive.store.seals import SEALED
from belowtheline.demo.server import SampleSite
from belowtheline.jobs import reparse
from belowtheline.jobs.ingest import ingest
from belowtheline.pipelines import normalise
from belowtheline.reading.items import ThreadPage
from belowtheline.scraper import page_work
from tests.altered import alter, copy_of, flip, named, warc_file
from tests.loopback import Ended, Loopback, btl, crawl, post, response, rows, tombstone, topic, value
from tests.made_up import Held, Post, as_html, as_text, edited, gone

ACCOUNTS = {"runs", "captures", "readings", "pages", "edge_reviews", "run_policies"}
"""Tables that say what was done, which a reparse does not make again."""
CASES = Path(__file__).parents[1] / "sites"
POSTS = (
    Post(id="1", author="Ada Fenn", user="7", title="Lid", body="It will not shut.", votes=(3, 1)),
    Post(id="2", author="Bo Reed", user="8", body='"It will not shut" - mine did.', under="1", votes=(0, 2)),
    Post(id="3", body="Descale it first.", icon="Pint", under="2"),
    Post(id="4", author="Cy Moss", title="@Bo Reed", body="Which model was that?"),
)


def contents(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables that are made from pages, and those of the accounts."""
    tables = [table for table in SEALED if table not in ("runs", "run_policies")]
    return {table: rows(archive, f"SELECT * FROM {table} ORDER BY id") for table in tables}


def assert_nothing_changes(archive: Path) -> None:
    before = contents(archive)
    shown = btl("reparse", archive, "--diff")
    assert (shown.code, shown.out) == (0, ""), shown.err
    applied = btl("reparse", archive)
    assert (applied.code, applied.out) == (0, ""), applied.err
    assert contents(archive) == before
    assert named(archive) == []


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    return copy_of(sample_archive, tmp_path)


def test_files_and_copied_text_are_made_again_as_they_were(archive: Path) -> None:
    assert_nothing_changes(archive)


def test_a_crawl_an_update_and_older_files_of_the_same_threads_are_made_again(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with SampleSite() as site:
        assert crawl(archive, *site.threads).code == 0
        assert btl("update", archive, "--delay", "0", "--local", site.url.removeprefix("http://")).code == 0
    with as_pages() as pages:
        for time in ("2012-01-01T00:00Z", "2020-01-01T00:00Z", None):
            taken = ("--fetched-at", time) if time else ()
            btl("ingest", archive, pages, *taken)
    assert value(archive, "SELECT count(*) FROM captures") > 10
    assert_nothing_changes(archive)


class as_pages:
    """The folder of the sample pages while the block runs."""

    def __enter__(self) -> Path:
        from importlib.resources import as_file, files

        self._open = as_file(files("belowtheline.demo") / "pages")
        return self._open.__enter__()

    def __exit__(self, *what: Any) -> None:
        self._open.__exit__(*what)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 0, 1)])
def test_captures_of_one_thread_in_any_order_are_made_again(tmp_path: Path, order: Sequence[int]) -> None:
    later = edited(POSTS, "1", body="It shuts now.", votes=(9, 9))
    captures = [
        (as_html(POSTS), "2025-03-20T10:00:00Z"),
        (as_text(POSTS), "2025-03-21T10:00:00Z"),
        (as_html([later[0], gone(POSTS[1], named=True), *later[2:]]), "2025-03-22T10:00:00Z"),
        (as_html(later[:3]), None),
    ]
    held = Held(tmp_path)
    for place in order:
        assert held.take(*captures[place]) == 0
    assert value(held.path, "SELECT count(*) FROM comment_versions") > len(POSTS)
    assert_nothing_changes(held.path)


def test_a_thread_crawled_twice_with_edits_and_tombstones_is_made_again(tmp_path: Path) -> None:
    archive, path = tmp_path / "a.db", "/forum/all/2025/03/14/kettle/"
    first = [post(1, "Mine sings."), post(2, "Mine hums.", answers=1), post(3, "Mine is silent.", badge="Gold")]
    second = [post(1, "Mine sang."), tombstone(), post(4, "Mine is new.", votes="0 7")]
    with Loopback() as server:
        for posts in (first, second):
            server.answers[path] = response(topic(posts))
            crawl(archive, server.url(path))
    assert value(archive, "SELECT count(*) FROM captures WHERE url LIKE '%kettle%'") == 2
    assert_nothing_changes(archive)


def cases() -> Iterator[str]:
    return (site.name for site in sorted(CASES.iterdir()) if site.is_dir())


@pytest.mark.parametrize("site", list(cases()))
def test_the_pages_of_every_site_are_made_again(tmp_path: Path, site: str) -> None:
    archive = tmp_path / "a.db"
    for case in sorted(path for path in (CASES / site).iterdir() if path.is_dir()):
        asked = json.loads((case / "page.json").read_text())
        given = [file for file in case.iterdir() if file.name not in ("page.json", "expected.json")]
        for file in given:
            ingest(archive, [str(file)], site=site, url=asked.get("url"), fetched_at=asked.get("fetched_at"))
    if not value(archive, "SELECT count(*) FROM pages WHERE state = 'done'"):
        pytest.skip(f"no case of {site} is a page that can be read")
    ended = btl("reparse", archive, "--diff")
    assert (ended.code, ended.out) == (0, ""), ended.err


def test_what_a_reader_would_make_otherwise_is_shown_and_then_made_so(archive: Path) -> None:
    before = contents(archive)
    row, text = rows(archive, "SELECT id, body_text FROM comments WHERE body_text IS NOT NULL ORDER BY id")[0]
    alter(
        archive,
        f"UPDATE comments SET body_text = 'Misread.' WHERE id = {row}",
        "UPDATE articles SET teaser = NULL WHERE id = 1",
        "DELETE FROM observations WHERE id = 1",
        "INSERT INTO authors (id, key, site_id, instance, kind) VALUES (9999, 'account nobody', 1, '', 'account')",
    )
    altered = contents(archive)
    shown = btl("reparse", archive, "--diff")
    assert shown.code == 0
    assert f'comments {row}: body_text: "Misread." -> "{" ".join(text.split())[:20]}' in shown.out
    assert "articles 1: teaser: nothing -> " in shown.out
    assert "authors 9999: removed" in shown.out
    assert "4 rows would change" in shown.err
    assert contents(archive) == altered
    applied = btl("reparse", archive)
    assert (applied.code, applied.out) == (0, shown.out)
    after = contents(archive)
    assert {table for table in after if after[table] != before[table]} <= {"observations"}
    assert [row[1:] for row in sorted(after["observations"])] != []
    assert sorted(row[1:] for row in after["observations"]) == sorted(row[1:] for row in before["observations"])
    assert named(archive) == []
    assert btl("search", archive, "Misread").out == ""


def test_a_comment_that_is_gone_comes_back_with_its_parent_and_its_words(archive: Path) -> None:
    row = value(
        archive, "SELECT max(id) FROM comments WHERE id NOT IN (SELECT parent_id FROM comments WHERE parent_id)"
    )
    told = rows(archive, "SELECT native_id, parent_id, body_text FROM comments WHERE id = ?", row)
    alter(
        archive,
        f"INSERT INTO comments_fts (comments_fts, rowid, title, body_text)"
        f" SELECT 'delete', id, title, body_text FROM comments WHERE id = {row}",
        f"DELETE FROM comments WHERE id = {row}",
        *(f"DELETE FROM {table} WHERE comment_id = {row}" for table in ("comment_versions", "observations", "quotes")),
        *(f"DELETE FROM {table} WHERE {row} IN (comment_id, target_comment_id)" for table in ("reply_edges",)),
    )
    ended = btl("reparse", archive)
    assert (ended.code, "new" in ended.out) == (0, True)
    assert rows(archive, "SELECT native_id, parent_id, body_text FROM comments ORDER BY id DESC LIMIT 1") == told
    assert btl("verify", archive).code == 0


def test_what_an_older_btl_did_not_keep_is_no_difference(archive: Path) -> None:
    alter(archive, "UPDATE comments SET page_id = NULL")
    ended = btl("reparse", archive, "--diff")
    assert (ended.code, ended.out) == (0, "")


def test_an_archive_without_the_newest_columns_is_compared(archive: Path) -> None:
    alter(
        archive,
        "DROP VIEW threads_flat",
        "DROP VIEW thread_status",
        *(f"ALTER TABLE readings DROP COLUMN {name}" for name in ("verdict_at", "looked")),
        *(f"DROP INDEX idx_{name}" for name in ("comments_page_id", "comments_of_no_page", "pages_reparse_run_id")),
        "ALTER TABLE comments DROP COLUMN page_id",
        "ALTER TABLE pages DROP COLUMN reparse_run_id",
    )
    ended = btl("reparse", archive, "--diff")
    assert (ended.code, ended.out) == (0, ""), ended.err


def test_json_has_every_value_whole(archive: Path) -> None:
    alter(archive, "UPDATE comments SET body_text = printf('%.500c', 'x') WHERE id = 1")
    document = json.loads(btl("reparse", archive, "--diff", "--json").out)
    (difference,) = document["differences"]
    assert (difference["table"], difference["row_id"], difference["kind"]) == ("comments", 1, "changed")
    assert difference["fields"]["body_text"]["before"] == "x" * 500


def test_a_damaged_capture_is_named_and_its_thread_left_as_it_is(archive: Path) -> None:
    thread, offset = rows(
        archive,
        "SELECT r.thread_id, k.warc_offset FROM pages p JOIN readings r ON r.id = p.reading_id"
        " JOIN captures k ON k.id = p.capture_id JOIN comments c ON c.thread_id = r.thread_id"
        " GROUP BY r.thread_id HAVING count(DISTINCT k.id) = 1 ORDER BY k.id LIMIT 1",
    )[0]
    other = value(archive, "SELECT max(id) FROM comments WHERE thread_id <> ?", thread)
    alter(
        archive,
        f"UPDATE comments SET published_raw = 'misread' WHERE thread_id = {thread}",
        f"UPDATE comments SET published_raw = 'misread' WHERE id = {other}",
    )
    flip(warc_file(archive), offset + 60)
    before = contents(archive)
    ended = btl("reparse", archive)
    assert ended.code == 7
    assert f"run-000001.warc.gz cannot be read at byte {offset}" in ended.err
    assert "1 threads are left as they are" in ended.err
    assert f"comments {other}: published_raw" in ended.out
    after = contents(archive)
    kept = [row for row in before["comments"] if row[0] != other]
    assert [row for row in after["comments"] if row[0] != other] == kept
    assert {table for table in after if after[table] != before[table]} == {"comments"}


def test_a_page_that_is_not_read_any_more_is_drift_and_its_thread_left_as_it_is(archive: Path) -> None:
    alter(
        archive,
        "INSERT INTO sites (name) VALUES ('lwn')",
        "UPDATE readings SET site_id = (SELECT max(id) FROM sites) WHERE thread_id = 1",
    )
    before = contents(archive)
    ended = btl("reparse", archive)
    assert ended.code == 4, ended.err
    assert "is not read as it was" in ended.err
    assert {table for table in before if contents(archive)[table] != before[table]} <= {"sites"}


def test_a_page_whose_values_swallow_others_today_is_left_as_it_is(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misread(page: ThreadPage) -> ThreadPage:
        names = ((comment, getattr(comment.author, "name", None)) for comment in page.comments)
        return replace(page, comments=tuple(replace(comment, body_text=name) for comment, name in names))

    before = contents(archive)
    monkeypatch.setattr(page_work, "normalise", lambda page: misread(normalise(page)))
    report = reparse.reparse(archive)
    assert report.ending == 4
    assert any("comments have their author's name as text" in problem for problem in report.problems)
    assert contents(archive)["comments"] == before["comments"]


def test_reviews_keep_the_comments_that_they_are_of(archive: Path) -> None:
    alter(
        archive,
        "UPDATE comments SET native_id = 'not on any page' WHERE id = 1",
        "INSERT INTO edge_reviews (comment_id, target_comment_id, verdict, reviewer, reviewed_at)"
        " VALUES (1, 2, 'right', 'ada', '2025-03-20T10:00:00Z')",
    )
    ended = btl("reparse", archive)
    assert ended.code == 0, ended.err
    assert "1 threads are left as they are" in ended.err
    assert value(archive, "SELECT native_id FROM comments WHERE id = 1") == "not on any page"
    assert value(archive, "SELECT count(*) FROM edge_reviews") == 1


def test_what_is_printed_of_a_page_is_safe(archive: Path) -> None:
    alter(archive, "UPDATE comments SET title = 'a' || char(27) || '[2Jb' WHERE id = 1")
    ended = btl("reparse", archive, "--diff")
    assert "\\x1b[2Jb" in ended.out
    assert "\x1b" not in ended.out


def test_the_run_is_recorded_and_nothing_is_left_beside_the_archive(archive: Path) -> None:
    names = {path.name for path in archive.parent.iterdir()}
    assert btl("reparse", archive).code == 0
    assert rows(archive, "SELECT command, exit_code, done FROM runs ORDER BY id DESC LIMIT 1") == [("reparse", 0, 0)]
    assert {path.name for path in archive.parent.iterdir()} <= names | {
        "sample.db.lock",
        "sample.db-wal",
        "sample.db-shm",
    }


def test_an_archive_that_is_being_written_is_refused_with_the_next_step(archive: Path) -> None:
    from belowtheline.archive.store.database import Archive

    with Archive.create_or_open(archive):
        ended: Ended = btl("reparse", archive, "--diff")
    assert ended.code == 6
    assert "being written by another btl" in ended.err


def test_no_archive_is_no_reparse(tmp_path: Path) -> None:
    for options in ((), ("--diff",)):
        ended = btl("reparse", tmp_path / "a.db", *options)
        assert (ended.code, "does not exist" in ended.err) == (6, True)
    assert list(tmp_path.iterdir()) == []


def test_every_table_is_made_again_or_an_account(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        sealed = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {table.name for table in DERIVED} == sealed & set(SEALED) - ACCOUNTS
    shutil.rmtree(archive.with_name("sample.db.captures"))
    assert btl("reparse", archive, "--diff").code == 7
