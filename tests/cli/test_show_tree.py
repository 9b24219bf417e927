"""`btl show` marks quotations and inferred replies, and `--tree` draws who answers whom."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.queries.holdings import held_comments
from belowtheline.archive.queries.thread_links import inferred_replies
from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.cli.console.tree import best_replies, draw
from tests.made_up import TEASER, Held, Post, as_html

BOILS = "The kettle boils over at noon, whatever the manual says, and nobody minds."
QUOTED = TEASER[:43]
POSTS = (
    Post(id="101", author="Fern Quill", user="7", title="Noon", body=BOILS),
    Post(id="102", author="Basil Rye", user="8", title="@ Fern Quill", body="Mine does so at eleven."),
    Post(id="103", author="Cy Spoon", user="9", under="101", body=f'"{BOILS}"\n\nI mind.'),
    Post(id="104", author="Di Ladle", user="10", under="102", body=f'"{QUOTED}" - so it says.'),
    Post(id="105", author="Ed Fork", user="11", body=f'On topic.\n\n"{BOILS}"'),
)


def btl(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "100"})


def shown(*arguments: object) -> str:
    result = btl("show", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def held(tmp_path: Path) -> Held:
    held = Held(tmp_path)
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held


def test_the_tree_hangs_comments_under_what_they_answer_and_marks_the_inferred(held: Held) -> None:
    tree = shown(held.path, "--tree").partition("\n\n1. ")[2].splitlines()
    assert [line.split("  2025")[0] for line in tree if ". " in line[:12]] == [
        "├─ 2. Cy Spoon",
        "├┄ 3. Basil Rye",
        "│  └─ 4. Di Ladle",
        "└┄ 5. Ed Fork",
    ]


def test_the_tree_says_by_which_rule_and_how_surely_a_reply_is_inferred(held: Held) -> None:
    lines = {line.split(". ")[0][-1]: line for line in shown(held.path, "--tree").splitlines() if ". " in line[:12]}
    assert "inferred reply to 1 (0.95: address)" in lines["3"]
    assert "inferred reply to 1 (0.95: quote_long)" in lines["5"]
    assert "inferred" not in lines["2"]  # the site itself says so
    assert "inferred" not in lines["4"]


def test_each_comment_of_the_tree_has_the_beginning_of_its_text(held: Held) -> None:
    tree = shown(held.path, "--tree").splitlines()
    assert "│  @ Fern Quill: Mine does so at eleven." in tree
    assert all(len(line) <= 100 for line in tree)


def test_quotations_stand_below_the_comment_with_their_source(held: Held) -> None:
    text = shown(held.path)
    assert "  quotes 1: The kettle boils over at noon" in text
    assert f"  quotes the teaser: {QUOTED[:20]}" in text
    assert text.count("quotes 1:") == 2


def test_inferred_replies_are_marked_beside_the_date(held: Held) -> None:
    lines = [line for line in shown(held.path).splitlines() if "inferred" in line]
    assert [line.split()[0] for line in lines] == ["3.", "5."]
    assert "inferred reply to 1 (0.95: quote_long)" in shown(held.path, "--position", "5")


def test_the_tree_is_of_a_whole_thread(held: Held) -> None:
    result = btl("show", held.path, "--tree", "--position", "2")
    assert result.exit_code == 2
    assert "leave out --position" in result.stderr


def test_a_thread_that_was_not_linked_again_is_drawn_and_says_so(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("DELETE FROM reply_edges")
        connection.execute("UPDATE threads SET linked_version = NULL")
    result = btl("show", held.path, "--tree")
    assert result.exit_code == 0
    assert "run `btl link" in result.stderr
    assert "┄" not in result.stdout
    assert "├─ 2. Cy Spoon" in result.stdout or "└─ 2. Cy Spoon" in result.stdout


def test_what_a_page_says_harms_no_terminal(tmp_path: Path) -> None:
    held = Held(tmp_path)
    bad = "Mine \x9b2J boils \u202e over at noon, whatever the manual of it says."
    posts = (Post(id="101", author="F\x9bern", user="7", body=bad), Post(id="102", author="Cy", body=f'"{bad}" No.'))
    held.take(as_html(posts), "2025-03-20T10:00:00Z")
    for arguments in ((), ("--tree",)):
        assert not set("\x9b\u202e") & set(shown(held.path, *arguments))


def test_links_that_lead_in_a_circle_draw_every_comment_once(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        ids = dict(connection.execute("SELECT native_id, id FROM comments").fetchall())
        connection.execute(
            "INSERT INTO reply_edges (comment_id, target_comment_id, rule, method_version, confidence, combined,"
            " evidence, family) VALUES (?, ?, 'made', '0', 0.9, 0.9, ?, 'inferred')",
            (ids["101"], ids["105"], json.dumps({})),
        )
    assert len([line for line in shown(held.path, "--tree").splitlines() if "2025-" in line]) == len(POSTS)


def test_a_chain_of_20_000_replies_is_drawn_whole_and_no_wider(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        ids = [row for (row,) in connection.execute("SELECT id FROM comments ORDER BY position")]
        columns = "thread_id, native_id, id_source, position, page_position, parent_id, body_text"
        for number in range(20_000):
            row = connection.execute(
                f"INSERT INTO comments ({columns}) VALUES (1, ?, 'page', ?, ?, ?, 'Deeper.')",
                (f"d{number}", number + 6, number + 6, ids[-1]),
            ).lastrowid
            assert row is not None
            ids.append(row)
    with Archive.open_to_read(held.path) as archive:
        best = best_replies(list(inferred_replies(archive, 1)))
        nodes = list(draw(list(held_comments(archive, 1)), best, 11))
    assert len(nodes) == 20_005
    assert max(len(node.lead) for node in nodes) == 12 * 3
