"""Which comments of a page are which of those held, where ids alone do not say it."""

import pytest

from belowtheline.archive.record.alignment import Sighting, align, is_same_thread, letters
from tests.growth import assert_grows

LONG = "the kettle was on and nobody had thought of the cups until it was too late"


def one(author: str, text: str | None, native_id: str | None = None) -> Sighting:
    return Sighting(native_id, author, None, text, text is None)


def many(*pairs: tuple[str, str | None] | tuple[str, str | None, str]) -> list[Sighting]:
    return [one(*pair) for pair in pairs]


def test_letters_are_what_copied_text_and_html_have_in_common() -> None:
    assert letters("Re: X", "It’s – hot!") == letters("Re: X It's", "- HOT")
    assert letters(":-)") != letters(":-(")
    assert letters("???") == "???"
    assert not letters("  ", None)


def test_ids_decide() -> None:
    shown, held = many(("Ann", "new words", "1")), many(("Bob", "other", "2"), ("Ann", "old words", "1"))
    assert align(shown, held) == {0: 1}


def test_two_ids_never_match() -> None:
    assert align(many(("Ann", LONG, "1")), many(("Ann", LONG, "2"))) == {}


def test_equal_words_of_one_author_match_in_order() -> None:
    copied = many(("AC", "+1"), ("Ann", LONG), ("AC", "+1"))
    held = many(("AC", "+1", "1"), ("Ann", LONG, "2"), ("AC", "+1", "3"))
    assert align(copied, held) == {0: 0, 1: 1, 2: 2}


def test_what_is_ambiguous_stays_apart() -> None:
    assert align(many(("AC", "+1")), many(("AC", "+1", "1"), ("AC", "+1", "3"))) == {}


def test_neighbours_tell_what_counts_do_not() -> None:
    copied = many(("Ann", LONG), ("AC", "+1"), ("Bob", "hm " + LONG))
    held = many(("Ann", LONG, "1"), ("AC", "+1", "2"), ("Bob", "hm " + LONG, "3"), ("AC", "+1", "4"))
    assert align(copied, held) == {0: 0, 1: 1, 2: 2}


def test_an_ambiguous_copy_matches_its_own_label_the_next_time() -> None:
    held = many(("AC", "+1", "1"), ("AC", "+1", "3"), ("AC", "+1"))
    assert align(many(("AC", "+1")), held) == {0: 2}


@pytest.mark.parametrize("text", [LONG + " edit: and the milk", LONG.replace("late", "later"), "well, " + LONG])
def test_an_edit_between_two_matched_neighbours(text: str) -> None:
    copied = many(("Ann", "first"), ("Bob", text), ("Cid", "third"))
    held = many(("Ann", "first", "1"), ("Bob", LONG, "2"), ("Cid", "third", "3"))
    assert align(copied, held) == {0: 0, 1: 1, 2: 2}


@pytest.mark.parametrize(("author", "text"), [("Bob", "quite another matter altogether"), ("Dan", LONG + "!x")])
def test_other_words_or_another_author_are_no_edit(author: str, text: str) -> None:
    copied = many(("Ann", "first"), (author, text), ("Cid", "third"))
    held = many(("Ann", "first", "1"), ("Bob", LONG, "2"), ("Cid", "third", "3"))
    assert align(copied, held) == {0: 0, 2: 2}


def test_a_tombstone_is_the_one_comment_missing_between_its_neighbours() -> None:
    held = many(("Ann", "first", "1"), ("Bob", LONG, "2"), ("Cid", "third", "3"))
    later = many(("Ann", "first", "1"), ("", None), ("Cid", "third", "3"))
    assert align(later, held) == {0: 0, 1: 1, 2: 2}
    assert align(held, later) == {0: 0, 1: 1, 2: 2}


def test_a_tombstone_among_several_missing_is_none_of_them() -> None:
    held = many(("Ann", "first", "1"), ("Bob", LONG, "2"), ("Eve", "hm", "4"), ("Cid", "third", "3"))
    assert align(many(("Ann", "first", "1"), ("", None), ("Cid", "third", "3")), held) == {0: 0, 2: 3}


def tree(*posts: tuple[str, str | None, int | None]) -> list[Sighting]:
    """Return sightings of a nested page: author, text and the place of the parent."""
    found: list[Sighting] = []
    for author, text, parent in posts:
        depth = 0 if parent is None else (found[parent].depth or 0) + 1
        found.append(Sighting(None, author, None, text, text is None, depth=depth, parent=parent))
    return found


def both_ways(shown: list[Sighting], held: list[Sighting]) -> dict[int, int]:
    matched = align(shown, held)
    assert {other: one for one, other in align(held, shown).items()} == matched
    return matched


def test_a_tombstone_that_fits_only_one_of_two_missing_posts_is_that_one() -> None:
    held = tree(("Ann", "first", None), ("Bob", LONG, 0), ("Eve", "hm", None), ("Cid", "third", None))
    assert both_ways(tree(("Ann", "first", None), ("", None, 0), ("Cid", "third", None)), held) == {0: 0, 1: 1, 2: 3}
    held = tree(("Zoe", "hi", None), ("Yan", "re", 0), ("Bob", LONG, 0), ("Eve", "hm", None), ("Cid", "3", None))
    shown = tree(("Zoe", "hi", None), ("Yan", "re", 0), ("", None, None), ("Cid", "3", None))
    assert both_ways(shown, held) == {0: 0, 1: 1, 2: 3, 3: 4}


def test_a_tombstone_that_fits_two_missing_posts_is_neither() -> None:
    held = tree(("Ann", "first", None), ("Bob", LONG, 0), ("Eve", "hm", 0), ("Cid", "third", None))
    assert both_ways(tree(("Ann", "first", None), ("", None, 0), ("Cid", "third", None)), held) == {0: 0, 2: 3}
    # Where replies are links, a tombstone stands on top whatever it answered.
    held = tree(("Ann", "first", None), ("Bob", LONG, 0), ("Eve", "hm", None), ("Cid", "third", None))
    assert both_ways(tree(("Ann", "first", None), ("", None, None), ("Cid", "third", None)), held) == {0: 0, 2: 3}


def test_a_tombstone_is_not_the_one_whose_edit_stands_beside_it() -> None:
    held = many(("Ann", "first"), ("Bob", LONG), ("Cid", "third"))
    shown = many(("Ann", "first"), ("", None), ("Bob", LONG.replace("kettle", "pot")), ("Cid", "third"))
    assert both_ways(shown, held) == {0: 0, 3: 2}


def test_a_new_post_beside_a_tombstone_does_not_hide_which_one_is_gone() -> None:
    held = many(("Ann", "first", "1"), ("Bob", LONG, "2"), ("Cid", "third", "3"))
    shown = [*held[:1], one("", None), one("Bob", "new", "9"), held[2]]
    assert both_ways(shown, held) == {0: 0, 1: 1, 3: 2}


def test_a_tombstone_is_no_post_of_another_depth_or_parent() -> None:
    held = tree(("Ann", "first", None), ("Dan", "re", 0), ("Bob", LONG, 1), ("Cid", "third", None))
    shown = tree(("Ann", "first", None), ("Dan", "re", 0), ("", None, 0), ("Cid", "third", None))
    assert both_ways(shown, held) == {0: 0, 1: 1, 3: 3}


def test_a_tombstone_held_before_is_found_again_beside_posts_that_came_or_went() -> None:
    held = many(("Ann", "first"), ("", None), ("Bob", LONG), ("Cid", "third"))
    assert both_ways([*held[:2], held[3]], held) == {0: 0, 1: 1, 2: 3}


def test_equally_many_tombstones_match_in_order() -> None:
    held = many(("Ann", "first", "1"), ("", None), ("", None), ("Cid", "third", "3"))
    assert align(held, held) == {0: 0, 1: 1, 2: 2, 3: 3}


def test_a_comment_without_words_is_found_again() -> None:
    held = many(("Ann", "first", "1"), ("Bob", "", "2"), ("Cid", "third", "3"))
    assert align(many(("Ann", "first"), ("Bob", ""), ("Cid", "third")), held) == {0: 0, 1: 1, 2: 2}


def test_one_thread_shares_three_comments_and_four_fifths() -> None:
    held = [one(f"A{number}", f"words {number}") for number in range(10)]
    strange = [one(f"B{number}", f"other {number}") for number in range(9)]
    assert is_same_thread(held[:3], held)
    assert is_same_thread(held[:8] + strange[:2], held)
    assert not is_same_thread(held[:7] + strange[:3], held)
    assert not is_same_thread(held[:2] + strange[:1], held)
    assert is_same_thread(held[:2], held)
    assert not is_same_thread([], held)


def test_one_repeated_comment_is_no_proof() -> None:
    held = [one("AC", "+1"), *(one(f"A{number}", f"words {number}") for number in range(9))]
    assert not is_same_thread([one("AC", "+1")] * 5, held)


def test_ten_thousand_comments_are_aligned_in_linear_time() -> None:
    held = [one(f"A{number % 50}", f"words {number} of {LONG}", str(number)) for number in range(10_000)]
    copied = [one(f"A{number % 50}", f"words {number} of {LONG}" if number % 20 else None) for number in range(10_000)]
    assert len(align(copied, held)) > 9_900
    assert_grows(lambda size: align(copied[:size], held[:size]), len(held))
