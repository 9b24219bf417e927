"""The last full verdict of a thread stays, with its date; what was looked at since stands beside it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from belowtheline.archive.queries.holdings import thread_states
from belowtheline.archive.store import seals
from belowtheline.archive.store.database import APPLICATION_ID, Archive
from belowtheline.archive.store.migrations import migrations
from belowtheline.cli import main
from tests.altered import named
from tests.jobs.test_update import ALL, numbered
from tests.loopback import crawl, rows, value
from tests.made_up import ADDRESS, Held, Post, as_html, as_text
from tests.validating import Validating, update

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-04-16T10:00:00Z", "2025-05-17T10:00:00Z"
POSTS = [Post(id=f"{n}", author=f"A{n}", user=f"7{n}", body=f"Words of number {n}.") for n in range(1, 5)]
PAGE_1 = ADDRESS.replace("/all/", "/1/")


def run(*arguments: object) -> str:
    ended = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout


def standing(archive: Path) -> tuple[str | None, str | None, str | None, str | None]:
    with Archive.open_to_read(archive) as opened:
        (state,) = thread_states(opened)
    return state.verdict, state.reason, state.verdict_at, state.looked


def test_a_look_at_one_page_leaves_the_verdict_and_says_what_was_looked_at(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with Validating() as server:
        server.pages = numbered("Mine never updated.", "Mine did.", "Did it boil?")
        crawl(archive, server.url(ALL))
        first = value(archive, "SELECT verdict_at FROM readings")
        with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
            connection.execute("UPDATE captures SET fetched_at = '2025-11-02T10:00:00Z'")
            connection.execute("UPDATE readings SET verdict_at = '2025-11-02T10:00:00Z'")
        assert standing(archive) == ("complete", None, "2025-11-02T10:00:00Z", None)
        ended = update(archive)
        assert ended.code == 0
        assert f"(of 2025-11-02; looked at on {first[:10]}: 1 of 3 pages, no change)" in ended.err
        assert standing(archive) == ("complete", None, "2025-11-02T10:00:00Z", "1 of 3 pages, no change")
    shown = " ".join(run("show", archive).split())  # whatever the width of the terminal
    assert f"looked at since, on {first[:10]}: 1 of 3 pages, no change" in shown
    assert "complete (2025-11-02): 3 comments held" in shown
    assert f"{first[:10]}: 1 of 3 pages, no change" in run("status", archive)
    (thread,) = json.loads(run("status", archive, "--json"))["threads"]
    assert (thread["verdict"], thread["verdict_at"][:10], thread["looked_at"][:10]) == (
        "complete",
        "2025-11-02",
        first[:10],
    )


def test_copied_text_undoes_no_verdict(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS), T1)
    held.take(as_text(POSTS), T2)
    assert standing(held.path) == ("complete", None, T1, "copied text")
    held.take(as_html(POSTS[:3]), T3)
    assert standing(held.path) == ("complete", None, T3, None)


def test_copied_text_alone_has_its_own_verdict(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_text(POSTS), T1)
    assert standing(held.path)[:2] == ("unverified", "copied text proves no end")
    assert standing(held.path)[3] is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_verdict_is_of_the_newest_reading_and_not_of_the_last_one_taken_in(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    pages = [(as_html(POSTS), T1), (as_html(POSTS[:2], address=PAGE_1, pages=(1, 2)), T2)]
    held = Held(tmp_path)
    for place in order:
        held.take(*pages[place])
    assert standing(held.path) == ("incomplete", "pages 2 of 2 were not read", T2, None)


def before_m003(path: Path) -> None:
    """Make an archive of the second form: a full reading, a look at one of three pages, and copied text."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before="m003_keeping")
        connection.executescript(
            """
            INSERT INTO sites (name) VALUES ('theregister');
            INSERT INTO runs (command, tool_version, started_at, finished_at)
                VALUES ('crawl', '0', '2025-11-02T10:00:00Z', '2025-11-02T10:00:09Z');
            INSERT INTO threads (site_id, instance, native_id, headline_key) VALUES (1, '', '1', 'k');
            INSERT INTO readings
                (run_id, thread_id, site_id, start_url, opened_at, closed_at, read_at, verdict, reason, repeats_id)
            VALUES
                (1, 1, 1, 'u', '2025-11-02T10:00:00Z', '2025-11-02T10:00:09Z', '2025-11-02T10:00:01Z', 'complete',
                    NULL, NULL),
                (1, 1, 1, 'u', '2025-11-03T10:00:00Z', '2025-11-03T10:00:09Z', NULL, 'unverified',
                    'only 1 of 3 pages were looked at, and show no change', 1),
                (1, 1, 1, 'u', '2025-11-04T10:00:00Z', '2025-11-04T10:00:09Z', NULL, 'unverified',
                    'copied text proves no end', NULL);
            INSERT INTO pages (reading_id, method, url, body, host, kind, state, form)
                VALUES (3, 'INGEST', 'u', '', '', 'taken in', 'done', 'copied text');
            """
        )
        seals.prepare(connection)
        seals.seal(connection)
        connection.commit()


def test_an_archive_of_the_second_form_tells_its_last_full_verdict(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    before_m003(path)
    with Archive.open_to_read(path) as archive:
        (state,) = thread_states(archive)
        assert (state.verdict, state.verdict_at, state.looked) == ("unverified", None, None)
    Archive.create_or_open(path).close()
    assert standing(path) == ("complete", None, "2025-11-02T10:00:01Z", "copied text")
    assert rows(path, "SELECT verdict, looked, verdict_at FROM readings WHERE id = 2") == [
        ("complete", "1 of 3 pages, no change", "2025-11-02T10:00:01Z")
    ]
    CliRunner().invoke(main, ["verify", str(path)])
    assert [defect for defect in named(path) if "readings" in str(defect)] == []
