"""The order in which captures arrive must not matter: text and HTML, dated and not, edits, deletions and votes."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.made_up import ADDRESS, TOPIC, Held, Post, as_html, as_text, edited, gone, taken, without

ADDRESS_1 = "https://forums.theregister.com/forum/1/2025/03/14/teapot_recall/"
T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"

FLAT = [
    Post(
        id="101", author="Dave", user="7", title="Spouts", body="Mine pours sideways.\n\nInto the sugar.", icon="Pint"
    ),
    Post(id="102", title="+1", body="Same here.", icon="Anonymous Coward"),
    Post(id="103", author="Dave", user="8", badge="Gold badge", title='"pours sideways"', body="A feature, surely."),
    Post(id="104", title="+1", body="Same here.", icon="Anonymous Coward"),
    Post(id="105", author="Ann Other", user="9", body="Untitled, like the best of my work."),
    Post(id="106", author="Typed Name", title="No account", body="And none wanted."),
]
NESTED = [
    Post(id="201", author="Dave", user="7", title="Lids", body="The lid is the wrong way up."),
    Post(id="202", under="201"),
    Post(id="203", author="Ann Other", user="9", under="202", title="Re: Lids", body="I read that before you did."),
    Post(id="204", under="203", title="Re: Lids", body="Everybody did, it was on the box."),
    Post(id="205", author="Zoe", user="11", body="Is it dishwasher proof?", title="Dishwasher"),
]
EDITED = edited(FLAT, "103", body="A feature, surely, and a patented one.")


def same(tmp_path: Path, pages: Sequence[tuple[str, str | None]], *but: str) -> dict[str, Any]:
    """Check that every order of the pages gives the same archive, and return what it holds."""
    states = {}
    for number, order in enumerate(permutations(range(len(pages)))):
        held = taken(tmp_path / str(number), [pages[place] for place in order])
        states[order] = held.state(*but)
    first = states[min(states)]
    for order, state in states.items():
        assert differences(first, state) == [], f"in the order {order}"
    return first


def differences(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> list[str]:
    """Return where two archives differ, in words that fit on a screen."""
    found = [
        f"{table}: {len(rows)} and {len(other[table])} rows"
        for table, rows in one.items()
        if len(rows) != len(other[table])
    ]
    for table, rows in one.items():
        for place, (ours, theirs) in enumerate(zip(rows, other[table], strict=False)):
            names = ours.keys() if isinstance(ours, dict) else range(len(ours))
            found += [
                f"{table} {place} {name}: {ours[name]!r} and {theirs[name]!r}"
                for name in names
                if ours[name] != theirs[name]
            ]
    return found


def identities(state: dict[str, Any]) -> list[str]:
    return [row["native_id"] for row in state["comments"]]


@pytest.mark.parametrize("posts", [FLAT, NESTED], ids=["flat", "nested with a tombstone"])
@pytest.mark.parametrize("times", [(None, T2), (T1, T2), (T2, T1), (T2, None), (None, None)], ids=str)
def test_text_and_html_in_either_order_are_the_same(
    tmp_path: Path, posts: list[Post], times: tuple[str | None, str | None]
) -> None:
    state = same(tmp_path, [(as_text(posts), times[0]), (as_html(posts), times[1])])
    assert identities(state) == [post.id for post in posts]
    assert len(state["versions"]) == len(posts)
    assert all(row["body_html"] for row in state["comments"] if not row["deletion"])
    assert all(row["published_at"] for row in state["comments"] if not row["deletion"])


def test_two_daves_are_two_accounts_and_one_text_name(tmp_path: Path) -> None:
    state = same(tmp_path, [(as_text(FLAT), None), (as_html(FLAT), T1)])
    assert sorted(row["native_id"] for row in state["authors"] if row["name"] == "Dave") == ["7", "8"]


def test_parents_are_known_by_their_ids_whichever_came_first(tmp_path: Path) -> None:
    state = same(tmp_path, [(as_text(NESTED), T2), (as_html(NESTED), T1)])
    parents = [(row["native_id"], row["parent_native_id"], row["parent_author"]) for row in state["comments"]]
    assert parents[1:4] == [("202", "201", "Dave"), ("203", "202", None), ("204", "203", "Ann Other")]


def test_copied_text_three_times_adds_nothing(tmp_path: Path) -> None:
    repeated = [*FLAT, Post(id="107", body="!!!"), Post(id="108", title="+1", body="Same here.")]
    held = Held(tmp_path)
    for page in (as_text(repeated), as_text(repeated) + "\n", as_text(repeated) + "\n\n"):
        held.take(page)
    assert [row[0] for row in held.flat("native_id")] == [f"~{number}" for number in range(1, 9)]


def test_words_without_letters_are_words(tmp_path: Path) -> None:
    posts = [*FLAT, Post(id="107", author="Zoe", body=":-)"), Post(id="108", author="Zoe", body="???")]
    state = same(tmp_path, [(as_text(posts), None), (as_html(posts), T1)])
    assert identities(state)[-2:] == ["107", "108"]


def test_text_after_an_edit_is_the_same_comment(tmp_path: Path) -> None:
    state = same(tmp_path, [(as_html(FLAT), T1), (as_text(EDITED), T2)])
    assert identities(state) == [post.id for post in FLAT]
    changed = state["comments"][2]
    assert (changed["body_text"], changed["body_html"]) == ("A feature, surely, and a patented one.", None)
    assert (changed["author_native_id"], changed["url"] is not None) == ("8", True)
    assert [row[2] for row in state["versions"] if row[1] == 3] == [T1, T2]


def test_html_before_and_after_an_edit(tmp_path: Path) -> None:
    state = same(tmp_path, [(as_html(FLAT), T1), (as_html(EDITED), T2), (as_text(EDITED), T3)], "last_seen_at")
    assert [(row[2], row[8]) for row in state["versions"] if row[1] == 3] == [
        (T1, "A feature, surely."),
        (T2, "A feature, surely, and a patented one."),
    ]


def test_a_guessed_title_is_corrected_by_html(tmp_path: Path) -> None:
    # No post of this capture has an empty line for a title, so the titles are guessed, one of them wrongly.
    guessed = (
        "back to article Teapot recall leaves a bitter taste\n\nNobody had …\n\n\n"
        "  1. Dave\n\n    Spouts\n\n    Mine pours sideways.\n\n"
        "  2. Zoe\n\n    Is it dishwasher proof?\n\n    Mine was, once.\n\n"
        "  3. Ann Other\n\n    Lids\n\n    The lid is the wrong way up.\n\n"
    )
    posts = [
        Post(id="301", author="Dave", user="7", title="Spouts", body="Mine pours sideways."),
        Post(id="302", author="Zoe", user="11", body="Is it dishwasher proof?\n\nMine was, once."),
        Post(id="303", author="Ann Other", user="9", title="Lids", body="The lid is the wrong way up."),
    ]
    for times in ((None, T1), (T1, T2), (T2, T1)):
        pages = [(guessed, times[0]), (as_html(posts), times[1])]
        state = same(tmp_path / str(times), pages, "teaser")
        titles = [(row["title"], row["title_source"]) for row in state["comments"]]
        assert titles == [("Spouts", "page"), (None, "page"), ("Lids", "page")]
        assert state["comments"][1]["body_text"] == "Is it dishwasher proof?\n\nMine was, once."


def body(text: str) -> list[Post]:
    return edited(FLAT, "103", body=text)


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ("AAA", [(T1, "A")]),
        ("ABA", [(T1, "A"), (T2, "B"), (T3, "A")]),
        ("ABC", [(T1, "A"), (T2, "B"), (T3, "C")]),
        ("AAB", [(T1, "A"), (T3, "B")]),
        ("ABB", [(T1, "A"), (T2, "B")]),
    ],
)
def test_three_captures_in_any_order(tmp_path: Path, bodies: str, expected: list[tuple[str, str]]) -> None:
    pages = [(as_html(body(text)), at) for text, at in zip(bodies, (T1, T2, T3), strict=True)]
    state = same(tmp_path, pages)
    assert [(row[2], row[8]) for row in state["versions"] if row[1] == 3] == expected
    assert [row[10] for row in state["versions"] if row[1] == 3][-1] == 1
    assert (state["comments"][2]["first_seen_at"], state["comments"][2]["last_seen_at"]) == (T1, T3)


@pytest.mark.parametrize("bodies", ["ABA", "ABC", "AAB", "ABB"])
def test_three_copied_texts_in_any_order(tmp_path: Path, bodies: str) -> None:
    words = {"A": "A feature, surely.", "B": "A feature, surely, yes.", "C": "A fine feature, surely."}
    pages: list[tuple[str, str | None]] = [(as_html(FLAT), None)]
    pages += [(as_text(body(words[text])), at) for text, at in zip(bodies, (T1, T2, T3), strict=True)]
    states = []
    for number, order in enumerate(permutations(pages[1:])):
        states.append(taken(tmp_path / str(number), [pages[0], *order]).state())
    for state in states[1:]:
        assert differences(states[0], state) == []


@pytest.mark.parametrize("named", [True, False])
def test_deletion_in_any_order(tmp_path: Path, named: bool) -> None:
    later = [gone(post, named) if post.id == "103" else post for post in EDITED]
    state = same(tmp_path, [(as_html(FLAT), T1), (as_html(EDITED), T2), (as_html(later), T3)])
    assert identities(state) == [post.id for post in FLAT]
    words = "A feature, surely, and a patented one."
    assert [row[2:3] + row[6:9] for row in state["versions"] if row[1] == 3] == [
        (T1, None, '"pours sideways"', "A feature, surely."),
        (T2, None, '"pours sideways"', words),
        (T3, "author", '"pours sideways"', words),
    ]
    deleted = state["comments"][2]
    assert (deleted["deletion"], deleted["body_text"], deleted["author"]) == ("author", words, "Dave")


def test_a_deleted_comment_that_comes_back(tmp_path: Path) -> None:
    later = [gone(post, True) if post.id == "103" else post for post in FLAT]
    state = same(tmp_path, [(as_html(FLAT), T1), (as_html(later), T2), (as_html(FLAT), T3)])
    assert [row[2:3] + row[6:7] for row in state["versions"] if row[1] == 3] == [(T1, None), (T2, "author"), (T3, None)]
    assert state["comments"][2]["deletion"] is None


def voted(up: int, badge: str | None = "Gold badge") -> str:
    return as_html(edited(FLAT, "103", votes=(up, 1), badge=badge))


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ((5, 5, 5), [(T1, "5")]),
        ((5, 6, 5), [(T1, "5"), (T2, "6"), (T3, "5")]),
        ((5, 5, 6), [(T1, "5"), (T3, "6")]),
        ((5, 6, 6), [(T1, "5"), (T2, "6")]),
        ((5, 6, 7), [(T1, "5"), (T2, "6"), (T3, "7")]),
    ],
)
def test_votes_are_observed_when_they_change(
    tmp_path: Path, votes: tuple[int, int, int], expected: list[tuple[str, str]]
) -> None:
    pages = [(voted(up), at) for up, at in zip(votes, (T1, T2, T3), strict=True)]
    for number, order in enumerate(permutations(pages)):
        held = taken(tmp_path / str(number), order)
        assert held.observed("103", "upvotes") == expected, order
        assert held.observed("103", "downvotes") == [(T1, "1")]
        assert len(held.versions("103")) == 1
        assert held.flat("upvotes")[2] == (votes[2],)


def test_a_badge_is_observed_and_is_no_version(tmp_path: Path) -> None:
    badges = (None, "Silver badge", None)
    pages = [(as_html(edited(FLAT, "103", badge=badge)), at) for badge, at in zip(badges, (T1, T2, T3), strict=True)]
    for number, order in enumerate(permutations(pages)):
        held = taken(tmp_path / str(number), order)
        assert held.observed("103", "badge") == [(T2, "Silver badge"), (T3, None)], order
        assert len(held.versions("103")) == 1


def test_a_rename_stays_with_the_capture_that_showed_it(tmp_path: Path) -> None:
    names = ("Dave", "David", "David")
    pages = [(as_html(edited(FLAT, "101", author=name)), at) for name, at in zip(names, (T1, T2, T3), strict=True)]
    state = same(tmp_path, pages)
    assert [row[2:5:2] for row in state["versions"] if row[1] == 1] == [(T1, "Dave"), (T2, "David")]
    assert [row["name"] for row in state["authors"] if row["native_id"] == "7"] == ["David"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_who_is_not_seen_any_more(tmp_path: Path, order: tuple[int, int, int]) -> None:
    pages = [(as_html(FLAT), T1), (as_html(without(FLAT, "103")), T2), (as_html(without(FLAT, "103")), T3)]
    held = taken(tmp_path, [pages[place] for place in order])
    found = dict(held.flat("native_id", "not_seen_since"))
    assert found.pop("103") == T2
    assert set(found.values()) == {None}


def test_copied_text_and_parts_prove_no_absence(tmp_path: Path) -> None:
    less = without(FLAT, "103")
    held = taken(
        tmp_path, [(as_html(FLAT), T1), (as_text(less), T2), (as_html(less, pages=(1, 2), address=ADDRESS_1), T3)]
    )
    assert set(held.flat("not_seen_since")) == {(None,)}
    held.take(as_html(less)[:-40], "2025-03-18T10:00:00Z")
    assert set(held.flat("not_seen_since")) == {(None,)}


def test_two_captures_in_one_run_are_two_readings(tmp_path: Path) -> None:
    from belowtheline.jobs.ingest import ingest

    held = Held(tmp_path)
    held.take(as_html(FLAT), T1)
    warc = tmp_path / "a.db.captures" / "run-000001.warc.gz"
    other = Held(tmp_path / "other")
    other.take(as_html(without(FLAT, "103")), T2)
    both = [str(warc), str(tmp_path / "other" / "a.db.captures" / "run-000001.warc.gz")]
    third = Held(tmp_path / "third")
    ingest(third.path, both)
    assert dict(third.flat("native_id", "not_seen_since"))["103"] == T2


def test_the_same_bytes_twice_change_nothing(tmp_path: Path) -> None:
    held = Held(tmp_path)
    for page, at in ((as_html(NESTED), T1), (as_text(NESTED), None), (as_text(NESTED), T2)):
        held.take(page, at)
        before = _dump(held)
        held.take(page, at)
        assert _dump(held) == before


def _dump(held: Held) -> dict[str, list[tuple[Any, ...]]]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('runs', 'seals')"
    names = [name for (name,) in held.rows(sql)]
    return {name: sorted(held.rows(f'SELECT * FROM "{name}"'), key=repr) for name in names}


def threads(held: Held) -> list[str]:
    return [row[0] for row in held.rows("SELECT native_id FROM threads ORDER BY id")]


def many(count: int, word: str = "words") -> list[Post]:
    return [
        Post(id=f"{place}", author=f"A{place}", user=f"7{place}", body=f"{word} {place}")
        for place in range(1, count + 1)
    ]


def test_text_joins_its_thread_and_html_with_an_address_names_it(tmp_path: Path) -> None:
    held = taken(tmp_path, [(as_text(FLAT), None)])
    (provisional,) = threads(held)
    assert provisional.startswith("~")
    held.take(as_text(FLAT[:5]), T1)
    assert threads(held) == [provisional]
    held.take(as_html(FLAT), T2)
    assert threads(held) == [TOPIC]
    held.take(as_text(FLAT) + "\n", T3)
    assert (threads(held), len(held.flat("native_id"))) == ([TOPIC], 6)


@pytest.mark.parametrize(
    ("same", "other", "joins"), [(10, 0, True), (8, 2, True), (7, 3, False), (3, 0, True), (3, 1, False), (2, 0, True)]
)
def test_a_thread_is_joined_where_enough_comments_match(tmp_path: Path, same: int, other: int, joins: bool) -> None:
    # The opening differs, so that the provisional ids do.
    strange = [Post(id=str(100 + place), author="X", body=f"strange {place}") for place in range(other)]
    held = taken(tmp_path, [(as_html(many(12)), T1), (as_text([*strange, *many(12)[2 : 2 + same]]), T2)])
    assert (len(threads(held)) == 1) is joins


def test_two_threads_that_qualify_are_not_chosen_between(tmp_path: Path) -> None:
    other = ADDRESS.replace("/14/", "/15/")
    held = taken(tmp_path, [(as_html(FLAT), T1), (as_html(FLAT, address=other), T1), (as_text(FLAT), T2)])
    assert [thread.startswith("~") for thread in threads(held)] == [False, False, True]
    held.take(as_text(FLAT) + "\n", T3, url=ADDRESS)
    assert len(threads(held)) == 3
    assert held.rows(
        "SELECT count(*) FROM comments c JOIN threads t ON t.id = c.thread_id WHERE t.native_id = ?", TOPIC
    ) == [(6,)]


def test_another_headline_is_another_thread(tmp_path: Path) -> None:
    held = taken(tmp_path, [(as_html(FLAT), T1), (as_text(FLAT, headline="Something else"), T1)])
    assert len(threads(held)) == 2


def test_an_address_given_by_hand_decides_over_all_likeness(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(FLAT), T1)
    held.take(as_text(FLAT), T2, url=ADDRESS.replace("/14/", "/15/"))
    assert threads(held) == [TOPIC, TOPIC.replace("/14/", "/15/")]


def test_html_without_an_address_joins_by_its_comments(tmp_path: Path) -> None:
    state = same(
        tmp_path,
        [(as_html(FLAT, address=None), T1), (as_html(FLAT), T2), (as_text(FLAT), None)],
        "url",
        "first_seen_at",
    )
    assert [row["native_id"] for row in state["threads"]] == [TOPIC]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_tombstone_is_known_by_its_replies(tmp_path: Path, order: tuple[int, int, int]) -> None:
    standing = [NESTED[0], Post(id="202", author="Eve", user="3", under="201", body="I will regret this."), *NESTED[2:]]
    pages = [
        (as_html(standing), T1),
        (as_html([gone(post) if post.id == "202" else post for post in standing]), T2),
        (as_text(NESTED), T3),
    ]
    held = taken(tmp_path, [pages[place] for place in order])
    rows = held.flat("native_id", "id_source", "deletion", "body_text")
    assert [row[0] for row in rows] == ["201", "202", "203", "204", "205"]
    assert rows[1] == ("202", "page", "author", "I will regret this.")


def test_a_tombstone_that_nothing_names_has_a_label(tmp_path: Path) -> None:
    posts = [*FLAT[:3], gone(Post(id="999")), *FLAT[3:]]
    held = taken(tmp_path, [(as_html(posts), T1), (as_html(posts) + " ", T2), (as_text(posts), T3)])
    assert held.flat("native_id", "id_source")[3] == ("~1", "label")
    assert len(held.flat("native_id")) == 7


def test_a_tombstone_named_by_its_replies_records_the_rule(tmp_path: Path) -> None:
    held = taken(tmp_path, [(as_html(NESTED), T1)])
    assert held.flat("native_id", "id_source", "deletion")[1] == ("202", "named by replies", "author")
    assert dict(held.flat("native_id", "parent_native_id"))["203"] == "202"


def test_a_parent_on_a_later_page_is_found_when_it_comes(tmp_path: Path) -> None:
    first = as_html([Post(id="12", body="an answer")], pages=(1, 2), address=ADDRESS_1).replace(
        '<div class="body">', '<a class="in-reply-to" href="/forum/containing/11">in reply to</a><div class="body">'
    )
    second = as_html(
        [Post(id="11", author="Ann", body="a question")], pages=(2, 2), address=ADDRESS_1.replace("/1/", "/2/")
    )
    held = taken(tmp_path, [(first, T1), (second, T1)])
    assert held.flat("native_id", "parent_native_id", "parent_author") == [("12", "11", "Ann"), ("11", None, None)]
