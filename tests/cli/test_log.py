"""`btl log` and `btl diff`: what changed when, by which capture, of one comment, of a thread and since a time."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.cli.console.worddiff import word_diff
from tests.growth import assert_grows
from tests.made_up import ADDRESS, TOPIC, Held, Post, as_html, as_text, edited, gone, without

T1, T2, T3, T4, T5 = (f"2025-03-{day}T10:00:00Z" for day in (16, 17, 18, 19, 20))
ADA = Post(
    id="101", author="Ada", user="7", badge="Bronze badge", title="Spouts", body="One spout is plenty.", votes=(3, 1)
)

BEN = Post(id="102", author="Ben", user="8", body="Two are better.", under="101", votes=(0, 0))
CYD = Post(id="103", author="Cyd", user="9", body="I will regret this.", votes=(1, 0))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """A thread that changed in every way over five days."""
    held = Held(tmp_path_factory.mktemp("log"))
    posts = [ADA, BEN, CYD]
    held.take(as_html(posts), T1)
    posts = edited(posts, "101", body="One spout was plenty.", votes=(9, 1), badge="Silver badge")
    held.take(as_html(posts), T2)
    posts = [*posts, Post(id="104", author="Dot", body="Late \x1b[2J to this.")]
    posts[2] = gone(CYD, named=True)
    held.take(as_html(posts, headline="Teapots recalled"), T3)
    held.take(as_html(without(posts, "102"), headline="Teapots recalled"), T4)
    held.take(as_html(posts, headline="Teapots recalled"), T5)
    return held


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def log(held: Held, name: str) -> list[dict[str, Any]]:
    result = run("log", held.path, name, "--json")
    assert result.exit_code == 0, result.output
    changes: list[dict[str, Any]] = json.loads(result.stdout)["changes"]
    return changes


def short(changes: list[dict[str, Any]], *kinds: str) -> list[tuple[Any, ...]]:
    return [
        (change["at"], change["kind"], change["before"], change["after"])
        for change in changes
        if change["kind"] in kinds or not kinds
    ]


def test_a_comment_tells_all_that_has_changed(held: Held) -> None:
    changes = log(held, f"{TOPIC}#101")
    assert short(changes)[0] == (T1, "first seen", None, "One spout is plenty.")
    assert short(changes, "edited") == [(T2, "edited", "One spout is plenty.", "One spout was plenty.")]
    assert short(changes, "upvotes") == [(T1, "upvotes", None, "3"), (T2, "upvotes", "3", "9")]
    assert short(changes, "badge") == [
        (T1, "badge", None, "Bronze badge"),
        (T2, "badge", "Bronze badge", "Silver badge"),
    ]
    assert [change["at"] for change in changes] == sorted(change["at"] for change in changes)


def test_each_change_bears_the_capture_that_showed_it(held: Held) -> None:
    for name in (f"{TOPIC}#101", f"{TOPIC}#103", TOPIC):
        for change in log(held, name):
            where = "SELECT count(*) FROM captures WHERE fetched_at = ? AND sha256 = ? AND url = ?"
            source = change["source"]
            assert held.rows(where, change["at"], source["sha256"], source["url"]) == [(1,)], change


def test_a_deletion_keeps_the_words_and_is_told(held: Held) -> None:
    assert short(log(held, f"{TOPIC}#103"), "deleted", "edited") == [(T3, "deleted", None, "author")]


def test_an_absence_and_a_return_are_told(held: Held) -> None:
    assert short(log(held, f"{TOPIC}#102"), "not seen", "seen again") == [
        (T4, "not seen", None, None),
        (T5, "seen again", None, None),
    ]


def test_a_thread_tells_of_itself_and_counts_its_comments(held: Held) -> None:
    assert short(log(held, TOPIC)) == [
        (T1, "first seen", None, "Teapot recall leaves a bitter taste"),
        (T1, "comments arrived", None, "3"),
        (T2, "comments edited", None, "1"),
        (T3, "title", "Teapot recall leaves a bitter taste", "Teapots recalled"),
        (T3, "comments arrived", None, "1"),
        (T3, "comments deleted", None, "1"),
        (T4, "comments not seen", None, "1"),
        (T5, "comments seen again", None, "1"),
    ]


def test_the_log_is_printed_safely_with_time_digest_address_and_words(held: Held) -> None:
    shown = run("log", held.path, f"{TOPIC}#101")
    digest = held.rows("SELECT substr(sha256, 1, 12) FROM captures WHERE fetched_at = ?", T2)[0][0]
    assert f"{T2}  edited      {digest}  {ADDRESS} (claimed by the page)\n" in shown.stdout
    assert "    One spout [-is-]{+was+} plenty." in shown.stdout
    assert "    3 -> 9" in shown.stdout
    assert "\x1b" not in run("log", held.path, f"{TOPIC}#104").stdout


@pytest.mark.parametrize(
    "name", [f"{TOPIC}#102", f"{ADDRESS}#c_102", "102", "1#102", ADDRESS.replace("/all/", "/2/") + "#c_102"]
)
def test_a_comment_goes_by_many_names(held: Held, name: str) -> None:
    result = run("log", held.path, name, "--json")
    assert json.loads(result.stdout)["of"]["native_id"] == "102"


def test_a_comment_goes_by_its_own_address(held: Held) -> None:
    ((url,),) = held.rows("SELECT url FROM comments WHERE native_id = '102'")
    assert json.loads(run("log", held.path, url, "--json").stdout)["of"]["native_id"] == "102"


@pytest.mark.parametrize("name", [TOPIC, ADDRESS, "1", "teapots"])
def test_a_thread_goes_by_many_names(held: Held, name: str) -> None:
    assert json.loads(run("log", held.path, name, "--json").stdout)["of"]["row_id"] == 1


@pytest.mark.parametrize("name", ["nothing like it", f"{TOPIC}#999", "https://nowhere.example/1"])
def test_what_is_not_held_is_named(held: Held, name: str) -> None:
    result = run("log", held.path, name)
    assert result.exit_code == 2
    assert "holds no" in result.stderr
    assert "Traceback" not in result.output


def test_a_thread_whose_id_looks_like_a_comment_of_another_goes_by_it(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html([ADA]), T1)
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE threads SET native_id = 'N#1'")
    assert run("log", held.path, "N#1").exit_code == 0


def test_a_comment_of_copied_text_goes_by_its_number(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_text([ADA, BEN]), T1)
    assert "#~2" in run("log", held.path, "2").stdout.splitlines()[0]


def test_an_id_in_two_threads_is_not_guessed(tmp_path: Path) -> None:
    held = Held(tmp_path)
    for topic in (TOPIC, "2025/03/15/kettle_recall"):
        held.take(as_html([CYD], ADDRESS.replace(TOPIC, topic)), T1)
    result = run("log", held.path, "103")
    assert result.exit_code == 2
    assert "could be 2 comments" in result.stderr
    assert "2025/03/15/kettle_recall#103" in result.stderr


def test_a_diff_lists_what_changed_since(held: Held) -> None:
    result = run("diff", held.path, "--since", "2025-03-18")
    assert result.exit_code == 0
    (thread,) = json.loads(run("diff", held.path, "--since", "2025-03-18", "--json").stdout)
    found = [(change["at"], change["kind"], change["comment"]) for change in thread["changes"]]
    assert found == [
        (T3, "title", None),
        (T4, "not seen", "102"),
        (T5, "seen again", "102"),
        (T3, "deleted", "103"),
        (T3, "new", "104"),
    ]
    assert "since 2025-03-18T00:00:00Z: 1 title, 1 not seen, 1 seen again, 1 deleted, 1 new" in result.stderr
    assert "\x1b" not in result.stdout


def test_a_diff_lists_votes_where_they_are_wanted(held: Held) -> None:
    without_votes = run("diff", held.path, "--since", T2, "--json").stdout
    assert "upvotes" not in without_votes
    assert "badge" in without_votes
    assert "upvotes" in run("diff", held.path, "--since", T2, "--votes", "--json").stdout


def test_a_diff_of_a_quiet_time_says_so(held: Held) -> None:
    result = run("diff", held.path, "--since", "1h")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing has changed" in result.stderr


def test_a_diff_of_one_thread_leaves_out_the_others(tmp_path: Path) -> None:
    held = Held(tmp_path)
    for topic in (TOPIC, "2025/03/15/kettle_recall"):
        held.take(as_html([CYD], ADDRESS.replace(TOPIC, topic)), T1)
    (thread,) = json.loads(run("diff", held.path, "--since", T1, "--thread", TOPIC, "--json").stdout)
    assert thread["native_id"] == TOPIC


def test_an_old_page_taken_in_late_is_as_old_as_it_says(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(edited([ADA], "101", body="One spout was plenty.")), T3)
    held.take(as_html([ADA]), T1)
    changes = short(log(held, f"{TOPIC}#101"), "first seen", "edited")
    assert [change[:2] for change in changes] == [(T1, "first seen"), (T3, "edited")]
    (thread,) = json.loads(run("diff", held.path, "--since", T2, "--json").stdout)
    assert [change["kind"] for change in thread["changes"]] == ["edited"]


@pytest.mark.parametrize("value", ["yesterday", "", "7 moons", "999999w", "2025-13-01"])
def test_no_time_is_refused(held: Held, value: str) -> None:
    result = run("diff", held.path, "--since", value)
    assert result.exit_code == 2
    assert "no time and no span of time" in result.stderr


def test_titles_and_closing_of_a_thread_are_observed_once(held: Held) -> None:
    kinds = held.rows("SELECT kind, count(*) FROM thread_observations GROUP BY kind ORDER BY kind")
    assert dict(kinds)["title"] == 2


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a b c", "a x c", "a [-b-]{+x+} c"),
        ("a", "a b", "a {+b+}"),
        ("a b", "b", "[-a-] b"),
        (None, "a", "{+a+}"),
        ("a", None, "[-a-]"),
        ("a  b", "a b", "(only spaces differ)"),
        ("a\n\nb", "a b", "a [-¶-] b"),
    ],
)
def test_words_that_went_and_came_are_marked(before: str | None, after: str | None, said: str) -> None:
    assert word_diff(before, after) == said


def test_the_middle_of_many_equal_words_is_left_out() -> None:
    words = " ".join(str(number) for number in range(100))
    assert word_diff(f"{words} old", f"{words} new") == "… 94 95 96 97 98 99 [-old-]{+new+}"


@pytest.mark.parametrize("unit", ["spam ", "a b ", "x"])
def test_huge_and_hostile_texts_are_compared_in_linear_time(unit: str) -> None:
    assert_grows(lambda size: word_diff(unit * size + "old", unit * (size - 9_000) + "new " + unit * 500), 200_000)
    near = [f"{number % 97} {number % 89}" for number in range(499)]
    assert_grows(lambda size: word_diff(" ".join(near[:size]), " ".join(reversed(near[:size]))), len(near))


def test_an_archive_of_the_first_release_has_a_log(held: Held, tmp_path: Path) -> None:
    copy = tmp_path / "old.db"
    copy.write_bytes(held.path.read_bytes())
    with Archive.create_or_open(copy) as archive, archive.transaction() as connection:
        connection.execute("DROP TABLE thread_observations")
    assert run("log", copy, TOPIC).exit_code == 0
