"""Measuring and reviewing an archive that the first release wrote, which linked nothing; reading changes nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from belowtheline.archive.store.database import APPLICATION_ID
from belowtheline.archive.store.migrations import migrations
from belowtheline.cli import main

KETTLE = "The kettle boils over at noon, whatever the manual says, and nobody minds."
NOW = "2025-03-20T10:00:00Z"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before="m002_evidence")
        connection.execute("INSERT INTO sites VALUES (1, 'theregister')")
        connection.execute(
            f"INSERT INTO runs (id, command, tool_version, started_at) VALUES (1, 'crawl', '0', '{NOW}')"
        )
        connection.execute(
            "INSERT INTO captures (id, run_id, url, method, sha256, warc_file, warc_offset)"
            " VALUES (1, 1, 'http://kettle.example/', 'GET', '', 'a', 0)"
        )
        connection.execute(
            "INSERT INTO threads (id, site_id, instance, native_id, headline_key) VALUES (1, 1, '', '1', '')"
        )
        for number, text, parent in ((1, KETTLE, None), (2, f'"{KETTLE}"\n\nYes.', 1)):
            connection.execute(
                "INSERT INTO comments (id, thread_id, native_id, id_source, position, page_position, depth, parent_id,"
                " author_name, version_id, body_text) VALUES (?, 1, ?, 'page', ?, ?, ?, ?, ?, ?, ?)",
                (number, str(number), number, number, number - 1, parent, f"User {number}", number, text),
            )
            connection.execute(
                "INSERT INTO comment_versions (id, comment_id, capture_id, content_sha256, body_text)"
                " VALUES (?, ?, 1, '', ?)",
                (number, number, text),
            )
        connection.commit()
    return path


def test_it_is_measured_as_it_is(archive: Path) -> None:
    before = archive.read_bytes()
    result = CliRunner().invoke(main, ["evaluate", str(archive), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["gold_edges"], found["coverage"]["exact"]) == (1, 1)
    assert archive.read_bytes() == before


def test_it_cannot_be_reviewed_until_it_is_linked(archive: Path) -> None:
    refused = CliRunner().invoke(main, ["review", str(archive), "--sample", "3"])
    assert (refused.exit_code, f"run `btl link {archive}` first" in refused.stderr) == (2, True)
    assert CliRunner().invoke(main, ["link", str(archive)]).exit_code == 0
    drawn = CliRunner().invoke(main, ["review", str(archive), "--sample", "3"])
    assert drawn.exit_code == 0, drawn.output
    assert len(drawn.stdout.splitlines()) == 2
