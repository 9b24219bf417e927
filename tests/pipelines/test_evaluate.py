"""`btl evaluate`: figures for people and machines, by the sites' own links or by an annotation; it writes nothing."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.queries.site_links import silent_comments
from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.pipelines.linking.rules import METHOD_VERSION, RULES
from tests.made_up import Held, Post, as_html, as_text

KETTLE = "The kettle boils over at noon, whatever the manual says, and nobody minds."
SPOON = "A spoon of pewter bends in hot soup, which is why mine is made of horn."
NESTED = (
    Post(id="101", author="Fern Quill", user="7", title="Noon", body=KETTLE),
    Post(id="102", author="Basil Rye", user="8", body=f'"{KETTLE}"\n\n{SPOON}', under="101"),
    Post(id="103", author="Cy Spoon", user="9", body=f'"{SPOON}"\n\nNo.', under="101"),
    Post(id="104", author="Di Ladle", user="10", body=f'"{KETTLE}"\n\nYes.'),
)
FLAT = tuple(Post(id=post.id, author=post.author, user=post.user, title=post.title, body=post.body) for post in NESTED)


def btl(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def held(tmp_path: Path) -> Held:
    held = Held(tmp_path)
    assert held.take(as_html(NESTED), "2025-03-20T10:00:00Z") == 0
    return held


def figures(*arguments: str | Path) -> dict[str, Any]:
    result = btl("evaluate", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def rule(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["rules"] if one["rule"] == name)


def test_the_sites_own_links_are_gold_without_more(held: Held) -> None:
    found = figures(held.path)
    assert (found["threads"], found["comments"], found["scored"], found["gold_edges"]) == (1, 4, 4, 2)
    assert found["method_version"] == METHOD_VERSION
    score = rule(found, "quote_long")
    assert [score[name] for name in ("found", "right", "other", "nobody", "precision", "recall")] == [
        3,
        1,
        1,
        1,
        0.3333,
        0.5,
    ]


def test_the_table_has_every_rule_that_makes_edges_and_the_same_figures(held: Held) -> None:
    lines = btl("evaluate", held.path).stdout.splitlines()
    assert lines[0] == f"method version {METHOD_VERSION}, measured by the sites' own links"
    assert lines[1] == "1 thread: 4 of 4 comments scored, 2 known replies"
    rows = {line.split()[0]: line.split() for line in lines if line}
    assert {name for name, one in RULES.items() if one.confidence > 0.5} <= set(rows)
    assert rows["quote_long"][1:9] == ["on", "3", "1", "0", "1", "1", "0", "0.33"]
    assert next(line for line in lines if "have an edge" in line).split()[-2:] == ["2/2", "1.00"]


def test_a_rule_that_is_off_says_so(held: Held) -> None:
    said = btl("evaluate", held.path).stdout
    off = next(line for line in said.splitlines() if line.startswith("off by default"))
    assert all(name in off for name, one in RULES.items() if not one.is_on)


def test_it_runs_as_a_program_and_prints_no_word_of_a_page_that_is_unsafe(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html((Post(id="101", author="Fe\x1b[31mrn", user="7", body=KETTLE), *NESTED[1:])))
    for options in ((), ("--json",)):
        command = [str(Path(sys.executable).with_name("btl")), "evaluate", str(held.path), *options]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ)
        assert ended.returncode == 0, ended.stderr
        assert "[31mrn" in ended.stdout
        assert "\x1b" not in ended.stdout


def test_nothing_is_written_and_nothing_read_of_the_links_that_are_held(held: Held) -> None:
    first = figures(held.path)
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("DELETE FROM reply_edges")
        connection.execute("DELETE FROM quotes")
    with Archive.create_or_open(held.path) as archive:
        archive.checkpoint()
    before = hashlib.sha256(held.path.read_bytes()).digest()
    assert figures(held.path) == first
    assert hashlib.sha256(held.path.read_bytes()).digest() == before
    assert held.rows("SELECT count(*) FROM reply_edges") == [(0,)]


def test_a_comment_whose_parent_is_not_held_or_not_said_is_not_scored(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE comments SET parent_id = NULL WHERE native_id = '103'")
        connection.execute("UPDATE comments SET depth = NULL WHERE native_id = '104'")
    found = figures(held.path)
    assert (found["scored"], found["gold_edges"], rule(found, "quote_long")["unscored"]) == (2, 1, 2)
    with Archive.open_to_read(held.path) as archive:
        assert len(silent_comments(archive, 1)) == 2


def test_threads_can_be_named_and_those_without_links_are_left_out(held: Held) -> None:
    held.take(as_text(FLAT, "Ladles of the world"))
    assert figures(held.path)["threads"] == 1
    assert figures(held.path, "--thread", "teapot", "--thread", "1")["threads"] == 1
    refused = btl("evaluate", held.path, "--thread", "Ladles")
    assert refused.exit_code == 2
    assert "has no links of its site to measure by" in refused.stderr


def test_an_archive_without_links_of_a_site_says_what_to_give(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_text(FLAT))
    result = btl("evaluate", held.path)
    assert result.exit_code == 2
    assert "give an annotation with --gold" in result.stderr
    assert len(result.stderr.splitlines()) == 1


ANNOTATION: list[dict[str, Any]] = [
    {"n": 1, "body_starts_with": "The kettle", "body_ends_with": "nobody minds."},
    {
        "n": 2,
        "body_starts_with": '"The kettle',
        "body_ends_with": "made of horn.",
        "replies_to": [{"n": 1, "certainty": "explicit"}],
        "quotes": [{"text": KETTLE, "where": "body", "source": "comment 1"}],
    },
    {
        "n": 3,
        "body_starts_with": '"A spoon',
        "body_ends_with": "No.",
        "replies_to": [{"n": 2, "certainty": "strong"}, {"n": 1, "certainty": "weak"}],
    },
    {"n": 4, "body_starts_with": '"The', "body_ends_with": "Yes.", "replies_to": [{"n": 1, "certainty": "weak"}]},
]


def written(folder: Path, document: object) -> Path:
    path = folder / "gold.json"
    path.write_text(json.dumps(document))
    return path


def test_an_annotation_is_gold_for_a_flat_thread_and_its_quotations(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_text(FLAT))
    gold = written(tmp_path, ANNOTATION)
    found = figures(held.path, "--gold", gold)
    score = rule(found, "quote_long")
    assert [score[name] for name in ("found", "right", "unscored", "precision", "recall")] == [3, 2, 1, 1.0, 1.0]
    assert (found["quotes"]["found"], found["quotes"]["others"], found["quotes"]["sourced_long_right"]) == (1, 2, 1)
    said = btl("evaluate", held.path, "--gold", gold)
    assert said.exit_code == 0
    assert "of spans of four words or more" in said.stdout


def test_annotated_comments_that_are_not_found_are_named_and_the_others_scored(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_text(FLAT))
    changed = [*ANNOTATION[:3], ANNOTATION[3] | {"body_ends_with": "Never."}]
    result = btl("evaluate", held.path, "--gold", written(tmp_path, changed), "--json")
    assert result.exit_code == 3
    assert "1 of its 4 comments (4)" in result.stderr
    assert json.loads(result.stdout)["scored"] == 3


BAD = {
    "no JSON": ("{", "is no JSON"),
    "another form": ('{"a": 1}', "is no annotation, it is no list"),
    "too deep": ("[" * 100_000, "is no JSON"),
    "not UTF-8": ("\udcff", "is no JSON in UTF-8"),
    "another thread": (
        '[{"n": 1, "body_starts_with": "Zebras", "body_ends_with": "."}]',
        "annotates another thread",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_what_is_no_annotation_is_named(held: Held, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "gold.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = btl("evaluate", held.path, "--gold", path)
    assert result.exit_code == 2
    assert message in result.stderr
    assert str(path) in result.stderr
    assert (len(result.stderr.splitlines()), result.stdout) == (1, "")


def test_an_annotation_is_of_one_thread(held: Held, tmp_path: Path) -> None:
    held.take(as_text(FLAT, "Ladles of the world"))
    gold = written(tmp_path, ANNOTATION)
    result = btl("evaluate", held.path, "--gold", gold)
    assert result.exit_code == 2
    assert "name one with --thread" in result.stderr
    assert btl("evaluate", held.path, "--gold", gold, "--thread", "Ladles").exit_code == 0


def test_an_empty_archive_says_where_to_look(tmp_path: Path) -> None:
    Archive.create_or_open(tmp_path / "a.db").close()
    result = btl("evaluate", tmp_path / "a.db", "--gold", written(tmp_path, ANNOTATION))
    assert (result.exit_code, "holds no thread yet" in result.stderr) == (2, True)


def test_a_missing_archive_is_not_made(tmp_path: Path) -> None:
    assert btl("evaluate", tmp_path / "none.db").exit_code == 6
    assert not (tmp_path / "none.db").exists()
