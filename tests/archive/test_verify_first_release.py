"""`btl verify` of an archive that the first release wrote, and of one whose tables have grown since it was sealed."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from belowtheline.archive.record.versions import content_sha256
from belowtheline.archive.store import seals
from belowtheline.archive.store.database import APPLICATION_ID, Archive
from belowtheline.archive.store.migrations import migrations
from belowtheline.archive.warc.captures import WarcFile
from tests.altered import alter, found_in, named
from tests.loopback import btl, rows

WHEN = datetime(2025, 3, 20, 10, 0, tzinfo=UTC)
NOW = "2025-03-20T10:00:00Z"
URL = "http://kettle.example/thread"
CONTENT = ("Ada Fenn", None, None, "Lid", "It will not shut.", "<p>It will not shut.</p>")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive as the first release left it: one capture, one comment, no seals."""
    path = tmp_path / "a.db"
    file = WarcFile(tmp_path / "a.captures", "run-000001.warc.gz")
    written = file.write_response(URL, WHEN, "200 OK", [("Content-Type", "text/html")], b"<p>It will not shut.</p>")
    file.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before="m002_evidence")
        for table, columns in _rows(written.sha256):
            marks = ", ".join("?" * len(columns))
            connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))
        connection.execute("INSERT INTO comments_fts (comments_fts) VALUES ('rebuild')")
        connection.commit()
    return path


def _rows(sha256: str) -> list[tuple[str, dict[str, object]]]:
    author, _, _, title, text, html = CONTENT
    words = {"author_name": author, "title": title, "body_text": text, "body_html": html}
    thread = {"site_id": 1, "instance": "", "native_id": "1", "headline_key": "lid", "first_seen_at": NOW}
    capture = {"run_id": 1, "url": URL, "method": "GET", "fetched_at": NOW, "fetched_at_source": "response"}
    capture |= {"status": 200, "content_type": "text/html", "sha256": sha256, "warc_file": "run-000001.warc.gz"}
    comment = {
        "thread_id": 1,
        "native_id": "1",
        "id_source": "page",
        "position": 1,
        "page_position": 1,
        "version_id": 1,
    }
    return [
        ("sites", {"name": "theregister"}),
        ("runs", {"command": "crawl", "tool_version": "0.1.0", "started_at": NOW, "finished_at": NOW}),
        ("threads", thread),
        ("captures", {**capture, "warc_offset": 0}),
        ("comments", {**comment, **words}),
        ("comment_versions", {"comment_id": 1, "capture_id": 1, "content_sha256": content_sha256(CONTENT), **words}),
    ]


def test_it_is_verified_and_what_cannot_be_checked_is_said(archive: Path) -> None:
    ended = btl("verify", archive)
    assert (ended.code, ended.out) == (0, "")
    assert "An older btl wrote this archive, without seals" in ended.err


def test_from_then_on_its_rows_are_sealed(archive: Path) -> None:
    assert btl("verify", archive).code == 0
    assert rows(archive, "SELECT count(*) > 0 FROM seals") == [(1,)]
    assert found_in(archive).notes == []
    alter(archive, "UPDATE threads SET score = 4")
    assert named(archive) == [("R01", "threads 1")]


def test_a_changed_text_is_named_without_seals(archive: Path) -> None:
    alter(archive, "UPDATE comments SET title = 'Led'", "UPDATE comment_versions SET body_text = 'It will shut.'")
    found = [place for place in named(archive) if place[0] != "D04"]
    assert found == [("V01", "comment_versions 1"), ("V02", "comments 1")]


def test_a_changed_capture_is_named_without_seals(archive: Path) -> None:
    alter(archive, "UPDATE captures SET status = 404, url = url || '/2'")
    assert named(archive) == [("C05", "captures 1"), ("C05", "captures 1")]


def test_a_column_that_a_later_release_adds_breaks_no_seal(archive: Path) -> None:
    assert btl("verify", archive).code == 0
    alter(archive, "ALTER TABLE threads ADD COLUMN later TEXT", "UPDATE threads SET score = 4 WHERE id = 99")
    assert {code for code, _ in named(archive)} == {"D02"}


def test_a_seal_made_anew_with_more_columns_keeps_what_was_wrong_named(archive: Path) -> None:
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute("INSERT INTO threads (site_id, instance, native_id, headline_key) VALUES (1, '', '2', '')")
        seals.seal(connection)
    alter(archive, "UPDATE threads SET score = 4 WHERE id = 1", "ALTER TABLE threads ADD COLUMN later TEXT")
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute("UPDATE threads SET later = 'now' WHERE id = 2")
        seals.seal(connection)
    assert [place for place in named(archive) if place[0] != "D02"] == [("R01", "threads 1")]
