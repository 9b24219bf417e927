"""`btl review`: a sample for people to judge, and a sheet that is safe to open in a spreadsheet."""

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.exports.reviewing import COLUMNS, excerpt
from tests.made_up import Held, Post, as_html

KETTLE = "The kettle boils over at noon, whatever the manual says, and nobody minds."
POSTS = (
    Post(id="101", author="Fern Quill", user="7", title="=Noon()", body=f"{KETTLE}\n\nMine does."),
    *(
        Post(id=str(number), author=f"User {number}", user=str(number), title="@ Fern Quill", body="No.")
        for number in range(102, 112)
    ),
    Post(id="112", author="Cy Spoon", user="9", title="@Fern Quill", body=f'"{KETTLE}"\n\nI mind.'),
    Post(id="113", author="Di Ladle", user="10", body="As Cy Spoon said so well."),
)


def btl(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    held = Held(tmp_path_factory.mktemp("review"))
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held.path


def sheet(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), dialect="excel-tab"))


def sampled(path: Path, *options: str | Path) -> list[dict[str, str]]:
    result = btl("review", path, "--sample", *options)
    assert result.exit_code == 0, result.output
    return sheet(result.stdout)


def test_a_sheet_has_a_line_a_reply_with_what_the_rules_went_by(path: Path) -> None:
    rows = {row["comment"]: row for row in sampled(path, "100")}
    assert list(rows["112"]) == list(COLUMNS)
    assert len(rows) == 11
    row = rows["112"]
    assert (row["target"], row["rule"], row["confidence"]) == ("101", "address quote_long", "0.99")
    assert (row["thread"], row["verdict"], row["note"]) == ("2025/03/14/teapot_recall", "", "")
    assert "names the author of 101, the only earlier Fern Quill" in row["evidence"]
    assert row["comment_text"] == f'[@Fern Quill] "{KETTLE}" I mind.'
    assert row["target_text"] == f"[=Noon()] {KETTLE} Mine does."
    assert (row["comment_author"], row["target_author"]) == ("Cy Spoon", "Fern Quill")


def test_no_cell_runs_as_a_formula_or_breaks_a_line(tmp_path: Path) -> None:
    held = Held(tmp_path)
    posts = (
        Post(
            id="1", author="=HYPERLINK(1)", user="7", body="-5 degrees\n\nwere\tmeasured here on the day of the flood"
        ),
        Post(id="2", author="@Cy", user="8", body='+ "-5 degrees were measured here on the day of the flood"'),
    )
    held.take(as_html(posts))
    text = btl("review", held.path, "--sample", "9").stdout
    (row,) = sheet(text)
    assert (row["target_author"], row["comment_author"]) == ("'=HYPERLINK(1)", "'@Cy")
    assert row["target_text"].startswith("'-5 degrees were measured")
    assert len(text.splitlines()) == 2
    assert not [cell for cell in row.values() if cell[:1] in tuple("=+-@")]


def test_the_same_seed_draws_the_same_and_another_seed_others(path: Path) -> None:
    first = sampled(path, "5")
    assert len(first) == 5
    assert first == sampled(path, "5") == sampled(path, "5", "--seed", "0")
    assert first == sampled(path, "100")[:5]
    assert first != sampled(path, "5", "--seed", "another")


def test_a_sample_does_not_depend_on_the_order_in_which_threads_came(tmp_path: Path) -> None:
    pages = [as_html(POSTS), as_html(POSTS[:3], "https://forums.theregister.com/forum/all/2025/01/02/jug/", "Jug")]
    names = []
    for folder, order in (("a", pages), ("b", pages[::-1])):
        held = Held(tmp_path / folder)
        for page in order:
            held.take(page, "2025-03-20T10:00:00Z")
        names.append([(row["thread"], row["comment"], row["target"]) for row in sampled(held.path, "6")])
    assert names[0] == names[1]


def test_only_what_a_rule_found_is_drawn_and_candidates_when_named(path: Path) -> None:
    assert {row["comment"] for row in sampled(path, "100", "--rule", "quote_long")} == {"112"}
    assert "113" not in {row["comment"] for row in sampled(path, "100")}
    (row,) = sampled(path, "100", "--rule", "reported")
    assert (row["comment"], row["target"], row["rule"], row["confidence"]) == ("113", "112", "reported", "0.5")


def test_a_file_is_written_whole_and_one_that_may_hold_verdicts_is_left_alone(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.tsv"
    result = btl("review", path, "--sample", "3", "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"sampled: 3 of 11 inferred replies to {out}, seed 0" in result.stderr
    before = out.read_bytes()
    assert before.startswith(b"comment_id\ttarget_comment_id\t")
    again = btl("review", path, "--sample", "4", "-o", out)
    assert (again.exit_code, out.read_bytes()) == (2, before)
    assert "may hold verdicts" in again.stderr


WRONG = {
    "neither number nor sheet": (("-o", "x.tsv"), "-o is for --sample"),
    "both": (("--sample", "3", "--read", "SHEET", "--reviewer", "Ann"), "give one of them"),
    "no reviewer": (("--read", "SHEET"), "go together"),
    "reviewer alone": (("--reviewer", "Ann"), "go together"),
    "empty reviewer": (("--read", "SHEET", "--reviewer", " "), "--reviewer is empty"),
    "seed alone": (("--seed", "3"), "--seed is for --sample"),
    "unknown rule": (("--sample", "3", "--rule", "hunch"), "There is no rule 'hunch'"),
    "none drawn": (("--sample", "0"), "x>=1"),
    "json of a sample": (("--sample", "3", "--json"), "leave it out with --sample"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_options_that_cannot_be_meant_are_refused(
    path: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    empty = tmp_path / "sheet.tsv"
    empty.touch()
    result = btl("review", path, *(str(empty) if option == "SHEET" else option for option in options))
    assert result.exit_code == 2
    assert message in re.sub(r"\s+", " ", result.stderr)


def test_an_archive_without_inferred_replies_says_what_infers_them(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS[:1]))
    result = btl("review", held.path, "--sample", "3")
    assert result.exit_code == 2
    assert "holds no inferred reply" in result.stderr
    assert "btl link" in result.stderr


def test_an_archive_of_an_older_program_says_what_to_run(path: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old.write_bytes(path.read_bytes())
    with Archive.create_or_open(old) as archive:
        archive.connection.execute("ALTER TABLE edge_reviews DROP COLUMN texts_sha256")
        archive.checkpoint()
    for options in (("--sample", "3"), ()):
        result = btl("review", old, *options)
        assert result.exit_code == 2
        assert f"run `btl link {old}` first" in result.stderr


def test_of_a_long_text_what_surrounds_the_words_that_matter_is_shown() -> None:
    text = "a " * 1000 + "HERE" + " b" * 1000
    shown = excerpt(text, 2000, 2004)
    assert shown.startswith("... a")
    assert shown.endswith("b ...")
    assert "HERE" in shown
    assert len(shown) < 500
    assert excerpt(text, 0, 0).startswith("a a")
    assert len(excerpt(text, 10, 3900)) < 900
    assert excerpt("short", 0, 5) == "short"
