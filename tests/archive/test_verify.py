"""`btl verify`: every change is named by its row or its record, and nothing is named that has not changed."""

import json
import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from belowtheline.archive.descriptions import DESCRIBED
from belowtheline.archive.fixity.defects import CODES
from belowtheline.archive.store import seals
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.seals import SEALED
from belowtheline.jobs.ingest import ingest
from tests.altered import alter, copy_of, flip, found_in, named
from tests.loopback import btl, rows, value


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    return copy_of(sample_archive, tmp_path)


def test_an_untouched_archive_has_no_defect_and_the_run_is_recorded(archive: Path) -> None:
    ended = btl("verify", archive)
    assert (ended.code, ended.out) == (0, "")
    assert re.search(r"verified: \d+ sealed rows, 1 WARC files, [\d.]+ MB: 0 defects", ended.err)
    assert rows(archive, "SELECT command, verdict, exit_code FROM runs ORDER BY id DESC LIMIT 1") == [
        ("verify", "complete", 0)
    ]
    assert btl("verify", archive).code == 0


def test_a_changed_row_is_named_and_the_exit_code_tells(archive: Path) -> None:
    alter(archive, "UPDATE comments SET position = position + 1 WHERE id = 3")
    ended = btl("verify", archive)
    assert (ended.code, ended.out) == (7, "R01  comments 3: This row is not as it was sealed.\n")
    assert "Restore" in ended.err
    assert rows(archive, "SELECT verdict, exit_code FROM runs ORDER BY id DESC LIMIT 1") == [("defective", 7)]


def test_json_says_the_same_with_what_each_code_means(archive: Path) -> None:
    alter(archive, "UPDATE authors SET name = 'Somebody Else' WHERE id = 1")
    ended = btl("verify", "--json", archive)
    (defect,) = json.loads(ended.out)["defects"]
    assert ended.code == 7
    assert (defect["code"], defect["table"], defect["row_id"]) == ("R01", "authors", 1)
    assert defect["means"] == CODES["R01"]


@pytest.mark.parametrize("table", SEALED)
def test_a_change_in_any_column_of_any_table_changes_the_hash_of_its_row(archive: Path, table: str) -> None:
    with closing(sqlite3.connect(archive, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        seals.prepare(connection)
        columns = seals.hashed_columns(connection, table)
        (first,) = connection.execute(f"SELECT min(id) FROM {table}").fetchone()
        if first is None:
            pytest.skip(f"the sample holds no row of {table}")
        before = seals.row_hashes(connection, table, columns, first, first + 1)
        unchanged = {
            name
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall()
            if name != "id" and _hashes_with_other(connection, table, columns, first, name, kind) == before
        }
    assert unchanged == seals.ELSEWHERE.get(table, set())


def _hashes_with_other(
    connection: sqlite3.Connection, table: str, columns: str, row: int, name: str, kind: str
) -> dict[int, bytes]:
    other = {"INTEGER": f'coalesce("{name}", 0) + 1', "REAL": f'coalesce("{name}", 0.5) * (1 + 1e-15)'}
    connection.execute("BEGIN")
    connection.execute(f'UPDATE {table} SET "{name}" = {other.get(kind, _other_text(name))} WHERE id = {row}')
    hashes = seals.row_hashes(connection, table, columns, row, row + 1)
    connection.execute("ROLLBACK")
    return hashes


def _other_text(name: str) -> str:
    return f"coalesce(\"{name}\", '') || '.'"


@pytest.mark.parametrize(
    ("table", "column", "code"),
    [
        ("comments", "body_text", "V02"),
        ("comments", "body_html", "V02"),
        ("comments", "title", "V02"),
        ("comments", "author_name", "R01"),
        ("comments", "deletion", "R01"),
        ("comments", "published_at", "R01"),
        ("comments", "marks", "R01"),
        ("comment_versions", "body_text", "V01"),
        ("comment_versions", "body_html", "V01"),
        ("comment_versions", "title", "V01"),
        ("comment_versions", "author_name", "V01"),
        ("comment_versions", "icon", "V01"),
        ("comment_versions", "shown_at", "R01"),
        ("comment_versions", "content_sha256", "R01"),
        ("threads", "title", "R01"),
        ("articles", "teaser", "R01"),
        ("observations", "value", "R01"),
        ("readings", "verdict", "R01"),
        ("pages", "reason", "R01"),
        ("captures", "url", "R01"),
        ("captures", "content_type", "R01"),
        ("quotes", "text", "R01"),
        ("runs", "started_at", "R01"),
        ("sites", "name", "R01"),
    ],
)
def test_one_letter_more_is_named(archive: Path, table: str, column: str, code: str) -> None:
    (row,) = rows(archive, f"SELECT max(id) FROM {table}")[0]
    alter(archive, f'UPDATE {table} SET "{column}" = {_other_text(column)} WHERE id = {row}')
    assert (code, f"{table} {row}") in named(archive)


def test_a_removed_row_is_named(archive: Path) -> None:
    alter(archive, "DELETE FROM observations WHERE id = 2", "DELETE FROM captures WHERE id = 1")
    found = named(archive)
    assert ("R02", "observations 2") in found
    assert ("R02", "captures 1") in found
    assert any(code == "C06" for code, _ in found)
    assert any(code == "N01" for code, _ in found)
    assert any(code == "D03" for code, _ in found)


def test_a_row_that_btl_did_not_make_is_named(archive: Path) -> None:
    alter(archive, "DELETE FROM sites WHERE id = 99", "INSERT INTO sites (id, name) VALUES (99, 'invented')")
    assert btl("ingest", archive, Path(__file__)).code == 3  # which is no page of anything
    assert named(archive) == []  # it stands above all rows there were, as one of a killed run would
    alter(archive, "INSERT INTO sites (id, name) VALUES (50, 'invented too')")
    assert named(archive) == [("R03", "sites 50")]


def test_a_comment_that_names_another_comments_version_is_named(archive: Path) -> None:
    alter(archive, "UPDATE comments SET version_id = (SELECT version_id FROM comments WHERE id = 2) WHERE id = 1")
    assert ("V03", "comments 1") in named(archive)


def test_a_parent_in_another_thread_is_named(archive: Path) -> None:
    other = value(
        archive, "SELECT min(id) FROM comments WHERE thread_id <> (SELECT thread_id FROM comments WHERE id = 1)"
    )
    alter(archive, f"UPDATE comments SET parent_id = {other} WHERE id = 1")
    assert ("V04", "comments 1") in named(archive)


def test_an_index_that_is_gone_and_a_view_that_says_otherwise_are_named(archive: Path) -> None:
    alter(archive, "DROP INDEX idx_comments_parent_id", "DROP VIEW quote_graph", "CREATE VIEW quote_graph AS SELECT 1")
    assert named(archive) == [("D02", "idx_comments_parent_id"), ("D02", "quote_graph")]


def test_what_somebody_adds_to_the_file_is_no_defect(archive: Path) -> None:
    alter(archive, "CREATE TABLE my_notes (note TEXT)", "INSERT INTO my_notes VALUES ('mine')")
    assert named(archive) == []


def test_a_search_index_that_holds_other_words_is_named(archive: Path) -> None:
    alter(archive, "INSERT INTO comments_fts (rowid, title, body_text) VALUES (1, 'never', 'written')")
    assert named(archive) == [("D04", "comments_fts")]


def test_comments_that_wait_to_be_indexed_are_no_defect(archive: Path) -> None:
    alter(
        archive,
        "INSERT INTO comments_fts (comments_fts, rowid, title, body_text)"
        " SELECT 'delete', id, title, body_text FROM comments WHERE id = 1",
        "INSERT INTO search_queue (comment_id, is_indexed) VALUES (1, 0)",
    )
    assert named(archive) == []
    assert value(archive, "SELECT count(*) FROM search_queue") == 1


def test_a_change_of_a_seal_is_told_from_a_change_of_its_rows(archive: Path) -> None:
    alter(archive, "UPDATE seals SET digests = zeroblob(length(digests)) WHERE table_name = 'comments'")
    assert named(archive) == [("R04", "comments 0")]


def test_a_change_is_not_sealed_over_by_a_later_run(archive: Path) -> None:
    alter(archive, "UPDATE comments SET score = 7 WHERE id = 1", "UPDATE authors SET kind = 'guest' WHERE id = 2")
    page = archive.with_name("copied.txt")
    page.write_text("back to article Kettles and no others\n\n\n  1. Bo Reed\n\n  Mine sings.\n\n")
    ingest(archive, [str(page)], site="theregister", fetched_at="2025-06-01T10:00:00Z")
    assert value(archive, "SELECT max(run_id) FROM captures") == 2
    assert named(archive) == [("R01", "authors 2"), ("R01", "comments 1")]


@pytest.mark.parametrize(
    ("which", "tables"), [("1", {"comments", "threads", "runs"}), ("table_name = 'comments'", {"comments"})]
)
def test_seals_that_were_taken_away_are_named(archive: Path, which: str, tables: set[str]) -> None:
    alter(archive, "UPDATE comments SET score = 7 WHERE id = 1", f"DELETE FROM seals WHERE {which}")
    for _ in range(2):
        found = named(archive)
        assert {code for code, _ in found} == {"R04"}
        assert tables <= {place.split()[0] for _, place in found}


def test_the_last_seal_of_several_that_was_taken_away_is_named(archive: Path) -> None:
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.executemany("INSERT INTO sites (name) VALUES (?)", [(f"site {n}",) for n in range(600)])
    assert named(archive) == []
    assert value(archive, "SELECT count(*) FROM seals WHERE table_name = 'sites'") == 3
    alter(archive, "DELETE FROM seals WHERE table_name = 'sites' AND first_row = 512")
    assert named(archive) == [("R04", "sites 512")]


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TABLE comments_fts",
        "UPDATE comments_fts_config SET v = 99",
        "INSERT INTO comments_fts (comments_fts, rank) VALUES ('rank', 'nope(1)')",
        "DELETE FROM comments_fts_data",
    ],
)
def test_a_search_names_the_index_and_not_the_query_where_that_is_damaged(archive: Path, harm: str) -> None:
    alter(archive, harm)
    assert "D04" in {code for code, _ in named(archive)}
    ended = btl("search", archive, "kettle")
    assert (ended.code, f"{archive} has a damaged search index" in ended.err) == (6, True), ended.err


def test_rows_of_a_killed_run_are_noted_and_the_next_run_seals_them(archive: Path) -> None:
    with Archive.create_or_open(archive) as opened, opened.transaction() as connection:
        connection.execute("INSERT INTO sites (name) VALUES ('half a run')")
        connection.execute("UPDATE threads SET score = 4 WHERE id = 1")
    found = found_in(archive)
    assert found.defects == []
    assert any(note.startswith("2 rows are not sealed yet") for note in found.notes)
    assert found_in(archive).notes == []
    alter(archive, "UPDATE threads SET score = 5 WHERE id = 1")
    assert named(archive) == [("R01", "threads 1")]


def test_an_archive_that_is_being_written_is_only_read(archive: Path) -> None:
    with Archive.create_or_open(archive):
        ended = btl("verify", archive)
    assert (ended.code, ended.out) == (0, "")
    assert "this run is not recorded" in ended.err.lower()
    assert value(archive, "SELECT count(*) FROM runs") == 1


def test_a_torn_database_is_named_and_not_written_to(archive: Path) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    ended = btl("verify", archive)
    assert ended.code == 7
    assert ended.out.startswith("D01  database: ")
    assert "Traceback" not in ended.err
    assert archive.read_bytes() == content[: len(content) // 2]


@pytest.mark.parametrize("what", ["missing", "text"])
def test_what_is_no_archive_is_no_verification(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.db"
    if what == "text":
        path.write_text("A kettle is no database, and never claimed to be one.")
    ended = btl("verify", path)
    assert ended.code == (6 if what == "missing" else 7)
    assert str(path) in ended.err + ended.out
    assert "Traceback" not in ended.err


def test_every_flipped_bit_that_changes_what_is_held_is_named(archive: Path) -> None:
    seed = 20_250_314
    content, before, chosen = archive.read_bytes(), _dump(archive), random.Random(seed)
    missed = []
    for _ in range(60):
        archive.write_bytes(content)
        place, bit = chosen.randrange(len(content)), chosen.randrange(8)
        flip(archive, place, bit)
        for beside in (f"{archive.name}-wal", f"{archive.name}-shm"):
            archive.with_name(beside).unlink(missing_ok=True)
        changed = _dump(archive)
        if changed != before and not named(archive):
            missed.append((place, bit))
    assert missed == []


def _dump(archive: Path) -> list[str] | str:
    """Return all rows of an archive; what cannot be read any more is another dump."""
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            return list(connection.iterdump())
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return str(error)


def test_all_tables_are_sealed_but_those_that_hold_nothing_of_a_page() -> None:
    of_ours = {"search_queue", "search_words", "comments_fts", "seals", "unsealed"}
    tables = {table.name for table in DESCRIBED if not table.is_view}
    assert tables - set(SEALED) == of_ours
    assert len(set(SEALED)) == len(SEALED)


def test_every_code_has_a_sentence() -> None:
    assert all(re.fullmatch(r"[DRVCNF]\d\d", code) and sentence.endswith(".") for code, sentence in CODES.items())
