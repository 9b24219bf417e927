"""Verdicts: read from a sheet, added and never overwritten, each line that cannot be kept named; what they come to."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.queries.reviews import HeldReview
from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.exports.reviewing import COLUMNS
from belowtheline.pipelines.evaluation.agreement import agreements, reviewed_rules
from belowtheline.pipelines.linking.rules import METHOD_VERSION
from tests.made_up import Held, Post, as_html, edited

KETTLE = "The kettle boils over at noon, whatever the manual says, and nobody minds."
POSTS = (
    Post(id="101", author="Fern Quill", user="7", title="Noon", body=KETTLE),
    Post(id="102", author="Basil Rye", user="8", title="@ Fern Quill", body="Mine does so at eleven."),
    Post(id="103", author="Cy Spoon", user="9", body=f'"{KETTLE}"\n\nI mind.'),
    Post(id="104", author="Di Ladle", user="10", title="@Cy Spoon", body="=So do I."),
)
KEPT = "SELECT c.native_id, e.verdict, e.reviewer, e.note, e.rules, e.method_version FROM edge_reviews e"
KEPT += " JOIN comments c ON c.id = e.comment_id ORDER BY e.id"
Sheet = list[dict[str, str]]


def btl(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def held(tmp_path: Path) -> Held:
    held = Held(tmp_path)
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held


def sampled(held: Held) -> Sheet:
    """Return the lines of a sample, in the order of its comments."""
    text = btl("review", held.path, "--sample", "100").stdout
    return sorted(csv.DictReader(io.StringIO(text, newline=""), dialect="excel-tab"), key=lambda row: row["comment"])


def saved(held: Held, rows: Sheet, verdicts: Mapping[str, str], encoding: str = "utf-8", delimiter: str = "\t") -> Path:
    """Return a file of a sheet with verdicts by comment."""
    path = held.path.with_name(f"sheet-{encoding}-{ord(delimiter)}.tsv")
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(row | {"verdict": verdicts.get(row["comment"], "")} for row in rows)
    return path


def judged(held: Held, reviewer: str = "Ann", **verdicts: str) -> Result:
    of = {name.removeprefix("c"): verdict for name, verdict in verdicts.items()}
    return btl("review", held.path, "--read", saved(held, sampled(held), of), "--reviewer", reviewer)


def test_verdicts_are_kept_with_who_gave_them_and_what_found_the_edge(held: Held) -> None:
    rows = sampled(held)
    rows[0]["note"] = " plainly "
    sheet = saved(held, rows, {"102": "right", "103": " WRONG "})
    result = btl("review", held.path, "--read", sheet, "--reviewer", "Ann  Lee")
    assert result.exit_code == 0, result.output
    assert held.rows(KEPT) == [
        ("102", "right", "Ann Lee", "plainly", '["address"]', METHOD_VERSION),
        ("103", "wrong", "Ann Lee", None, '["quote_long"]', METHOD_VERSION),
    ]
    assert "2 verdicts of Ann Lee kept, 0 held already, 1 lines without a verdict, 0 not kept" in result.stderr
    assert held.rows("SELECT command, verdict, exit_code FROM runs ORDER BY id DESC LIMIT 1") == [
        ("review", "complete", 0)
    ]


def test_the_same_sheet_twice_adds_nothing_and_another_mind_is_added(held: Held) -> None:
    judged(held, c102="right")
    assert "0 verdicts of Ann kept, 1 held already" in judged(held, c102="right").stderr
    judged(held, c102="wrong")
    judged(held, c102="right")
    assert [row[1] for row in held.rows(KEPT)] == ["right", "wrong", "right"]
    assert "right" in btl("review", held.path).stdout


SPOILT: dict[str, tuple[Callable[[Sheet], object], str]] = {
    "a word that is no verdict": (lambda rows: rows[0].update(verdict="maybe"), "line 2: 'maybe' is no verdict"),
    "a formula": (lambda rows: rows[0].update(verdict="=A1"), "line 2: '=a1' is no verdict"),
    "an unknown edge": (
        lambda rows: rows[0].update(comment_id="999"),
        "line 2: nothing infers now that comment_id 999",
    ),
    "no number": (lambda rows: rows[0].update(comment_id="1e3"), "line 2: its comment_id or target_comment_id is no"),
    "a huge number": (lambda rows: rows[0].update(comment_id="9" * 99), "line 2: its comment_id"),
    "another's edge": (
        lambda rows: rows[0].update(comment_id=rows[1]["comment_id"]),
        "line 2: its texts or rules are not",
    ),
    "a changed text": (
        lambda rows: rows[0].update(comment_text="Mine does not."),
        "line 2: its texts or rules are not",
    ),
    "a changed target": (lambda rows: rows[0].update(target_text=""), "line 2: its texts or rules are not"),
    "no check": (lambda rows: rows[0].update(check=""), "line 2: its texts or rules are not"),
    "two verdicts on one": (lambda rows: rows.append(rows[0] | {"verdict": "wrong"}), "line 5: it says wrong of what"),
}


@pytest.mark.parametrize(("spoil", "message"), SPOILT.values(), ids=SPOILT)
def test_a_line_that_cannot_be_kept_is_named_and_the_others_are_kept(
    held: Held, spoil: Callable[[Sheet], object], message: str
) -> None:
    rows = [row | {"verdict": "right"} for row in sampled(held)]
    spoil(rows)
    path = held.path.with_name("sheet.tsv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, dialect="excel-tab")
        writer.writeheader()
        writer.writerows(rows)
    result = btl("review", held.path, "--read", path, "--reviewer", "Ann")
    assert result.exit_code == 3
    assert f"{path}, {message}" in result.stderr
    assert "not kept" in result.stderr
    assert {row[0] for row in held.rows(KEPT)} >= {"103", "104"}
    assert held.rows("SELECT verdict, exit_code FROM runs ORDER BY id DESC LIMIT 1") == [("incomplete", 3)]


def test_a_text_that_was_edited_since_the_sample_is_not_what_was_judged(held: Held) -> None:
    rows = sampled(held)
    held.take(as_html(edited(POSTS, "102", body="Mine does so at ten.")), "2025-03-21T10:00:00Z")
    result = btl(
        "review", held.path, "--read", saved(held, rows, {"102": "right", "103": "right"}), "--reviewer", "Ann"
    )
    assert result.exit_code == 3
    assert "in the archive since" in result.stderr
    assert [row[0] for row in held.rows(KEPT)] == ["103"]


def test_an_edge_that_linking_no_longer_finds_is_named(held: Held) -> None:
    rows = sampled(held)
    held.take(as_html(edited(POSTS, "102", title="Eleven")), "2025-03-21T10:00:00Z")
    result = btl("review", held.path, "--read", saved(held, rows, {"102": "right"}), "--reviewer", "Ann")
    assert (result.exit_code, held.rows(KEPT)) == (3, [])
    assert "its texts or rules are not those of the sample" in result.stderr


def test_an_edge_of_which_only_a_guess_is_left_is_named(held: Held) -> None:
    rows = sampled(held)
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute(
            "INSERT INTO reply_candidates (comment_id, target_comment_id, rule, method_version, confidence, combined,"
            " evidence) SELECT comment_id, target_comment_id, 'nearness', '0', 0.1, 0.1, '{}' FROM reply_edges"
        )
        connection.execute("DELETE FROM reply_edges")
    sheet = saved(held, rows, {"102": "right"})
    assert btl("review", held.path, "--read", sheet, "--reviewer", "Ann").exit_code == 3
    assert held.rows(KEPT) == []


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_is_read_as_spreadsheets_save_it(held: Held, encoding: str, delimiter: str) -> None:
    rows = [row | {"comment_text": row["comment_text"].removeprefix("'")} for row in sampled(held)]
    path = saved(held, rows, {"102": "right", "104": "Unsure"}, encoding, delimiter)
    assert btl("review", held.path, "--read", path, "--reviewer", "Zoë").exit_code == 0
    assert [row[:3] for row in held.rows(KEPT)] == [("102", "right", "Zoë"), ("104", "unsure", "Zoë")]


NO_SHEETS = {
    "empty": (b"", "has no column comment_id"),
    "another table": (b"a\tb\n1\t2\n", "has no column comment_id"),
    "not UTF-8": (b"comment_id\xff", "is not UTF-8"),
    "half UTF-16": (b"\xff\xfea", "is not UTF-8"),
}


@pytest.mark.parametrize(("content", "message"), NO_SHEETS.values(), ids=NO_SHEETS)
def test_what_is_no_sheet_is_named_and_nothing_is_written(held: Held, content: bytes, message: str) -> None:
    path = held.path.with_name("sheet.tsv")
    path.write_bytes(content)
    result = btl("review", held.path, "--read", path, "--reviewer", "Ann")
    assert result.exit_code == 2
    assert f"{path} {message}" in result.stderr
    assert held.rows("SELECT count(*) FROM runs WHERE command = 'review'") == [(0,)]


def test_a_line_torn_by_an_editor_is_named_and_those_before_it_are_kept(held: Held) -> None:
    path = saved(held, sampled(held)[:2], {"102": "right", "103": "right"})
    with path.open("a", encoding="utf-8") as file:
        file.write('1\t"torn' + "x" * 2_000_000 + "\n")
    result = btl("review", held.path, "--read", path, "--reviewer", "Ann")
    assert result.exit_code == 3
    assert "line 4: it cannot be read" in result.stderr
    assert [row[0] for row in held.rows(KEPT)] == ["102", "103"]


def test_a_line_with_too_many_cells_is_named(held: Held) -> None:
    path = saved(held, sampled(held)[:1], {"102": "right"})
    with path.open("a", encoding="utf-8") as file:
        file.write("\t".join(["x"] * 20) + "\n\n")
    result = btl("review", held.path, "--read", path, "--reviewer", "Ann")
    assert (result.exit_code, "line 3: it has 20 cells" in result.stderr) == (3, True)


def test_agreement_and_precision_are_printed_by_the_last_verdicts(held: Held) -> None:
    judged(held, "Ann", c102="wrong", c103="right", c104="wrong")
    alone = judged(held, "Ann", c102="right").stdout
    assert "No two reviewers have judged the same reply yet." in alone
    lines = judged(held, "Bo", c102="right", c103="right", c104="right").stdout.splitlines()
    rows = {line.split()[0]: line.split() for line in lines if line}
    assert rows["Ann"] == ["Ann", "and", "Bo", "3", "2", "66.7", "0.00"]
    assert rows["address"][1:7] == ["2", "1", "0", "1", "0", "1.00"]
    assert rows["quote_long"][1:7] == ["1", "1", "0", "0", "0", "1.00"]
    assert btl("review", held.path).stdout.splitlines() == lines
    found = json.loads(btl("review", held.path, "--json").stdout)
    assert found["agreement"] == [{"reviewers": ["Ann", "Bo"], "edges": 3, "agreed": 2, "percent": 66.7, "kappa": 0.0}]
    assert [rule["rule"] for rule in found["rules"]] == ["address", "quote_long", "all reviewed"]


def test_without_reviews_it_is_said_how_to_begin(held: Held) -> None:
    result = btl("review", held.path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "--sample N" in result.stderr


def test_reviews_outlast_linking_and_are_sealed(held: Held) -> None:
    judged(held, c102="right", c103="wrong")
    before = held.rows("SELECT * FROM edge_reviews")
    assert btl("link", held.path).exit_code == 0
    assert held.rows("SELECT * FROM edge_reviews") == before
    assert btl("verify", held.path).exit_code == 0
    assert "edge_reviews" in {name for (name,) in held.rows("SELECT table_name FROM seals")}


def test_a_reviewer_is_safe_to_print(held: Held) -> None:
    judged(held, "A\x1b[2Jn", c102="right")
    result = judged(held, "Bo", c102="right")
    assert "\x1b" not in result.output
    assert "[2Jn" in result.stdout


def said(reviewer: str, *verdicts: str) -> list[HeldReview]:
    return [HeldReview((at, 0), reviewer, verdict, None, ("address",), None) for at, verdict in enumerate(verdicts)]


def test_kappa_takes_chance_off_the_agreement() -> None:
    (found,) = agreements(
        [*said("Ann", "right", "right", "wrong", "wrong"), *said("Bo", "right", "wrong", "wrong", "wrong")]
    )
    assert (found.edges, found.agreed, found.percent, found.kappa) == (4, 3, 75.0, 0.5)


def test_kappa_is_not_defined_where_nothing_is_left_to_chance() -> None:
    (found,) = agreements([*said("Ann", "right"), *said("Bo", "right")])
    assert (found.percent, found.kappa) == (100.0, None)


def test_each_two_of_three_reviewers_are_compared_and_only_where_both_judged() -> None:
    reviews = [*said("Ann", "right", "wrong"), *said("Bo", "right"), *said("Cy", "wrong", "wrong")]
    assert [(one.reviewers, one.edges) for one in agreements(reviews)] == [
        (("Ann", "Bo"), 1),
        (("Ann", "Cy"), 2),
        (("Bo", "Cy"), 1),
    ]


def test_a_disputed_edge_is_neither_right_nor_wrong_and_an_unsure_one_neither() -> None:
    reviews = [*said("Ann", "right", "right", "unsure", "wrong"), *said("Bo", "unsure", "wrong", "unsure")]
    score = reviewed_rules(reviews)[0]
    assert (score.edges, score.right, score.wrong, score.disputed, score.unsure) == (4, 1, 1, 1, 1)
    assert score.precision == 0.5


def test_a_rule_that_no_longer_exists_keeps_its_reviews() -> None:
    gone = [HeldReview((1, 2), "Ann", "right", None, ("hunch",), None)]
    assert [score.rule for score in reviewed_rules(gone)] == ["hunch", "all reviewed"]
