"""Threads as rows, opening posts before their comments, and both in the document."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.descriptions.dictionary import THREADS, declared, json_schema
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.migrations.m005_threads_flat import THREADS_FLAT
from belowtheline.cli import main
from belowtheline.exports.files import output_file
from belowtheline.exports.threads import _AS_COMMENT, OPENING
from belowtheline.reading.items import Article, Author, Mark, ThreadPage
from tests.recorded import Recorded, post, shown_page

OPENER = "=Which kettle?\n- mine\n- yours;=1"


def opened(thread: str, **fields: Any) -> ThreadPage:
    """Return a page of a thread that somebody opened, with two comments."""
    page = shown_page(post("1"), post("2", "1"), thread=thread, is_whole=True)
    about = Article(url="https://kettles.example/news/1", headline="Kettles", published_at="2025-03-01T08:00:00Z")
    told = {"title": f"Thread {thread}", "declared_count": 2, "article": about} | fields
    return replace(page, thread=replace(page.thread, **told))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three threads: one with an opening post, one with a date of it alone, one with none."""
    archive = Recorded(tmp_path_factory.mktemp("threads"))
    whole = opened(
        "a",
        author=Author(name="Ada Fenn", native_id="7", kind="account"),
        published_at="2025-03-02T09:00:00Z",
        published_raw="2 March",
        body_html="<p>=Which kettle?</p><ul><li>mine</li><li>yours;=1</li></ul>",
        score=41,
        marks=(Mark(kind="flair", value="Kettles"),),
    )
    archive.take_page(whole, "2025-03-14T10:00:00Z", "https://kettles.example/t/a")
    archive.take_page(opened("b", published_at="2025-03-03T09:00:00Z"), None, "https://kettles.example/t/b")
    archive.take_page(opened("c", article=Article(), declared_count=9), None, "https://kettles.example/t/c")
    return archive.path


def export(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def lines(*arguments: object) -> list[dict[str, Any]]:
    result = export("jsonl", *arguments)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_thread_is_a_row_with_verdict_counts_and_dates(held: Path) -> None:
    first, second, third = lines(held, "threads")
    assert [row["thread"] for row in (first, second, third)] == ["a", "b", "c"]
    assert list(first) == list(declared()[THREADS])
    assert (first["author"], first["author_native_id"], first["author_kind"]) == ("Ada Fenn", "7", "account")
    assert first["body_text"] == "=Which kettle?\n\n- mine\n- yours;=1"
    assert (first["score"], first["marks"]) == (41, [{"kind": "flair", "value": "Kettles"}])
    assert (first["declared"], first["held"], first["verdict"], first["verdict_reason"]) == (2, 2, "complete", None)
    assert (first["first_comment_at"], first["article_published_at"]) == (
        "2025-03-14T09:00:00Z",
        "2025-03-01T08:00:00Z",
    )
    assert (first["captured_at"], first["source_url"]) == ("2025-03-14T10:00:00Z", "https://kettles.example/t/a")
    assert (second["published_at"], second["captured_at"], second["body_text"]) == ("2025-03-03T09:00:00Z", None, None)
    assert (third["declared"], third["headline"]) == (9, None)


def test_rows_of_threads_agree_with_their_json_schema(held: Path) -> None:
    schema = json_schema(THREADS)
    jsonschema.Draft202012Validator.check_schema(schema)
    for row in lines(held, "threads"):
        jsonschema.Draft202012Validator(schema).validate(row)


@pytest.mark.parametrize(("form", "dialect"), [("csv", "excel"), ("tsv", "excel-tab")])
def test_a_table_of_threads_is_safe_and_whole(held: Path, form: str, dialect: str) -> None:
    text = export(form, held, "threads").stdout_bytes.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), dialect=dialect))
    assert (rows[0]["thread"], rows[0]["held"], rows[0]["verdict"]) == ("a", "2", "complete")
    assert rows[0]["body_text"] == "'=Which kettle?\n\n'- mine\n'- yours;'=1"


def test_the_opening_post_is_a_row_before_its_comments(held: Path) -> None:
    rows = lines(held, "--opening")
    assert [(row["thread"], row["depth"], row["native_id"]) for row in rows][:4] == [
        ("a", -1, "a"), ("a", None, "1"), ("a", None, "2"), ("b", -1, "b"),
    ]  # fmt: skip
    assert [row["thread"] for row in rows if row["depth"] == -1] == ["a", "b"]
    first = rows[0]
    assert (first["parent_native_id"], first["replies_to"], first["reply_edges"]) == (None, None, [])
    assert (first["author"], first["title"], first["score"], first["position"]) == ("Ada Fenn", "Thread a", 41, 0)
    assert first["id_source"] == "thread"
    for row in rows:
        jsonschema.Draft202012Validator(json_schema()).validate(row)
    assert [row for row in rows if row["depth"] != -1] == lines(held)


def test_filters_look_at_opening_posts_too(held: Path) -> None:
    assert [row["native_id"] for row in lines(held, "--opening", "--author", "ada fenn")] == ["a"]
    assert [row["native_id"] for row in lines(held, "--opening", "--until", "2025-03-04")] == ["a", "b"]
    assert [row["native_id"] for row in lines(held, "--opening", "--where", "score > 40")] == ["a"]
    assert [row["thread"] for row in lines(held, "--opening", "--thread", "b")] == ["b", "b", "b"]


def test_the_document_has_the_opening_post_and_the_verdict_in_its_thread(held: Path) -> None:
    articles = json.loads(export("json", held).stdout)["articles"]
    threads = {thread["thread"]: thread for article in articles for thread in article["threads"]}
    assert articles[0]["article_published_at"] == "2025-03-01T08:00:00Z"
    assert threads["a"]["opening"]["body_text"].startswith("=Which kettle?")
    assert set(threads["a"]["opening"]) == set(OPENING)
    assert threads["c"]["opening"] is None
    assert (threads["a"]["verdict"], threads["c"]["declared"]) == ("complete", 9)
    assert threads["a"]["thread_captured_at"] == "2025-03-14T10:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("json", "threads"), "json already has them"),
        (("json", "--opening"), "json has the opening post in its thread"),
        (("csv", "threads", "--opening"), "are for comments"),
        (("jsonl", "threads", "--candidates"), "are for comments"),
        (("csv", "threads", "--author", "Ada"), "look at comments"),
        (("csv", "people"), "comments"),
    ],
)
def test_what_cannot_be_meant_is_said(held: Path, arguments: tuple[str, ...], said: str) -> None:
    form, *rest = arguments
    result = export(form, held, *rest)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_archive_of_an_older_btl_gives_the_same_rows(held: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(held, tmp_path / "old.db"))
    with Archive.create_or_open(path) as archive:
        archive.connection.execute(f"DROP VIEW {THREADS}")
    assert lines(path, "threads") == lines(held, "threads")
    assert lines(path, "--opening") == lines(held, "--opening")
    assert export("csv", path, "threads").stdout == export("csv", held, "threads").stdout


def test_an_opening_post_fills_columns_that_comments_have() -> None:
    assert set(_AS_COMMENT) <= set(declared()["comments_flat"])
    assert "FROM threads t" in THREADS_FLAT


def test_what_a_killed_export_left_is_removed_and_what_lives_is_not(held: Path, tmp_path: Path) -> None:
    dead, kept = tmp_path / ".btl-0123456789ab.part", tmp_path / "notes.part"
    for path in (dead, kept):
        path.write_text("half")
        os.utime(path, (time.time() - 3600,) * 2)
    with output_file(tmp_path / "alive.csv") as file:
        (alive,) = set(tmp_path.glob(".btl-*.part")) - {dead}
        os.utime(alive, (time.time() - 3600,) * 2)
        program = "from belowtheline.cli import run; run()"
        command = [sys.executable, "-c", program, "export", "csv", held, "-o", tmp_path / "out.csv"]
        subprocess.run(command, check=True, capture_output=True)
        file.write("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alive.csv", "notes.part", "out.csv"]
    assert (tmp_path / "alive.csv").read_text() == "whole"
