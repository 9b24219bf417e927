"""Quotations and replies in exports: JSON forms carry the evidence, the flat table the surest one, reviews neither."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.descriptions.dictionary import json_schema
from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from tests.made_up import Held, Post, as_html

BOILS = "The kettle boils over at noon, whatever the manual says, and nobody minds."
POSTS = (
    Post(id="101", author="Fern Quill", user="7", title="Noon", body=BOILS),
    Post(id="102", author="Basil Rye", user="8", title="@ Fern Quill", body="Mine does so at eleven."),
    Post(id="103", author="Cy Spoon", user="9", body=f'@Basil Rye: see "{BOILS}"\n\nI mind.'),
    Post(id="104", author="Di Ladle", user="10", under="102", body="Zirconium samovars whistle."),
    Post(id="105", author="Ed Fork", user="11", body="Zirconium samovars whistle beautifully, as somebody said above."),
)


def btl(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def held(tmp_path: Path) -> Held:
    held = Held(tmp_path)
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held


def lines(held: Held, *arguments: object) -> dict[str, dict[str, Any]]:
    result = btl("export", "jsonl", held.path, *arguments)
    assert result.exit_code == 0, result.output
    return {row["native_id"]: row for row in map(json.loads, result.stdout.split("\n")[:-1])}


def test_an_inferred_reply_has_rule_confidence_and_evidence(held: Held) -> None:
    (edge,) = lines(held)["102"]["reply_edges"]
    evidence = edge.pop("evidence")
    assert edge.pop("method_version")
    assert edge == {
        "target_native_id": "101",
        "family": "inferred",
        "rule": "address",
        "confidence": 0.95,
        "combined": 0.95,
    }
    assert evidence["field"] == "title"


def test_the_sites_own_link_is_an_edge_of_its_family(held: Held) -> None:
    assert lines(held)["104"]["reply_edges"] == [
        {
            "target_native_id": "102",
            "family": "structural",
            "rule": "site",
            "confidence": 1.0,
            "combined": 1.0,
            "evidence": {},
            "method_version": None,
        }
    ]


def test_a_comment_may_answer_several_and_the_surest_is_that_of_the_flat_table(held: Held) -> None:
    row = lines(held)["103"]
    assert {edge["target_native_id"] for edge in row["reply_edges"]} == {"101", "102"}
    assert row["reply_edges"][0]["target_native_id"] == row["replies_to"]
    assert row["reply_edges"][0]["combined"] == row["replies_to_confidence"]
    assert lines(held)["101"]["reply_edges"] == []


def test_a_quotation_leads_to_the_words_of_its_source(held: Held) -> None:
    rows = lines(held)
    (quote,) = rows["103"]["quotes"]
    source = rows[quote["source_native_id"]]["body_text"]
    assert quote["source_field"] == "body"
    assert quote["text"] == BOILS
    assert source[quote["source_start"] : quote["source_end"]] == BOILS.rstrip(".")
    assert quote["score"] == 100


def test_candidates_are_written_when_they_are_asked_for_and_only_then(held: Held) -> None:
    assert all("reply_candidates" not in row for row in lines(held).values())
    rows = lines(held, "--candidates")
    assert all(isinstance(row["reply_candidates"], list) for row in rows.values())
    found = [edge for row in rows.values() for edge in row["reply_candidates"]]
    assert len(found) == held.rows("SELECT count(*) FROM reply_candidates")[0][0] > 0
    assert all(edge["combined"] <= 0.5 for edge in found)


def test_the_document_has_the_same_edges_as_the_lines(held: Held) -> None:
    for extra in ((), ("--candidates",)):
        result = btl("export", "json", held.path, *extra)
        (article,) = json.loads(result.stdout)["articles"]
        (thread,) = article["threads"]
        rows = lines(held, *extra)
        for comment in thread["comments"]:
            for name in ("reply_edges", "reply_candidates", "quotes"):
                assert comment.get(name) == rows[comment["native_id"]].get(name)


def test_rows_agree_with_the_json_schema_with_and_without_candidates(held: Held) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    for row in (*lines(held).values(), *lines(held, "--candidates").values()):
        validator.validate(row)


def test_the_flat_table_says_whom_a_comment_answers_and_how_that_is_known(held: Held) -> None:
    table = csv.DictReader(io.StringIO(btl("export", "csv", held.path).stdout, newline=""))
    names = ("native_id", "replies_to", "replies_to_family", "replies_to_confidence")
    found = {row["native_id"]: tuple(row[name] for name in names[1:]) for row in table}
    assert found["101"] == ("", "", "")
    assert found["102"] == ("101", "inferred", "0.95")
    assert found["104"] == ("102", "structural", "1.0")


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_a_flat_table_has_no_room_for_candidates(held: Held, form: str) -> None:
    result = btl("export", form, held.path, "--candidates")
    assert result.exit_code == 2
    assert "--candidates is for json and jsonl" in result.stderr


def test_what_people_said_of_an_edge_changes_no_export(held: Held) -> None:
    before = btl("export", "jsonl", held.path, "--candidates").stdout
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute(
            "INSERT INTO edge_reviews (comment_id, target_comment_id, verdict, reviewer, reviewed_at)"
            " SELECT comment_id, target_comment_id, 'wrong', 'Ann', '2025-01-01T00:00:00Z' FROM reply_edges"
        )
    assert btl("export", "jsonl", held.path, "--candidates").stdout == before
