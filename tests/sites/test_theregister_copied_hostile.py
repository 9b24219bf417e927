"""Hostile text in the place of text copied from The Register: linear time, nothing lost, nothing invented."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Comment, ThreadPage, shown
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copied import looks_copied
from belowtheline.sites.theregister.copiedtext.lines import NUMBERED
from belowtheline.sites.theregister.copiedtext.posts import VOTE
from belowtheline.sites.theregister.copiedtext.titles import QUOTED
from tests.growth import assert_linear
from tests.sites.test_theregister_copied import HEAD, comments, post, read

ADVERSARIAL = {
    "one line": "1. " + "a " * 50_000,
    "headers only": "1. a\n" * 20_000,
    "lists": post("1. Ann", "x") + "    1. a\n\n" * 12_000,
    "deep nesting": "".join(f"{' ' * depth}1. a\n\n" for depth in range(440)) + " " * 500 + "x",
    "many posts": "".join(f"  {number % 1000}. a\n\n    b\n\n" for number in range(6_000)),
    "quoted parent": post("1. Ann", "a" * 10_000) + post("1. Bob", '"aaaab"', "x", at=4) * 2_000,
    "quotation marks": post("1. Ann", "x") + post("1. Bob", '"' * 100_000, "x", at=4),
    "blank lines": "  1. Ann\n" + "\n" * 100_000 + "    x",
    "white space": "  1. Ann\n\n    x" + " \t" * 50_000 + "y\n" + " " * 100_000,
    "restarted numbers": "1. Ann Other\n\nTea.\n\n" * 1_999,
    "repeated numbers": "2. Ann Other\n\nTea.\n\n" * 1_999,
    "numbers without indents": "".join(f"{number}. Ann Other\n\nTea.\n\n" for number in range(1, 4_500)),
    "lists of pages": "Page:\n" * 16_000,
    "a list of one page": "Page:\n" + "1\n" * 50_000,
    "dates": "Monday 3rd June 2013 09:30 GMT\n" * 3_300,
    "bylines": "By Ann Posted Monday 3rd June 2013 09:30 GMT\n" * 2_300,
    "tombstones": "This post has been deleted by its author\n\n" * 2_400,
    "deletions": ("1. This post has been deleted by" + " " * 60 + "nobody\n") * 1_000,
}


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_100_kb_of_adversarial_lines_take_little_of_the_processor(name: str) -> None:
    assert_linear(looks_copied, HEAD + ADVERSARIAL[name])
    assert_linear(read_or_refuse, HEAD + ADVERSARIAL[name])
    if read_or_refuse(HEAD + ADVERSARIAL[name]) is None:
        assert name in {"one line", "headers only", "deletions", "tombstones"}


def read_or_refuse(text: str) -> ThreadPage | None:
    try:
        return read(text)
    except ParseError:
        return None


@pytest.mark.parametrize("text", ["1" * 100_000, "1." + " " * 100_000, '"' * 100_000, '"' + "a" * 100_000])
@pytest.mark.parametrize("pattern", [NUMBERED, VOTE, QUOTED])
def test_patterns_are_linear(pattern: re.Pattern[str], text: str) -> None:
    assert_linear(pattern.fullmatch, text)
    assert_linear(pattern.match, text)


POSTS = ["1. Ann", "2. Bob Silver badge", "3.", "Pint", "Nice tea", "Re: Nice tea"]
PIECES = [*POSTS, "", "", "", "> said", '"Nice', "7", "0", "ends.", "two\n     lines"]
FRAME = [wording.CLOSED, wording.BACK, wording.STAFF_SUFFIX, "1. This post has been deleted"]


def lines(least: int, pieces: list[str]) -> st.SearchStrategy[str]:
    line = st.tuples(st.integers(least, 12), st.sampled_from(pieces)).map(lambda pair: " " * pair[0] + pair[1])
    return st.lists(line, max_size=30).map("\n".join)


@given(st.text() | lines(0, PIECES + FRAME))
def test_any_text_is_read_or_refused(text: str) -> None:
    looks_copied(text)
    try:
        page = read(text)
    except ParseError:
        return
    assert [comment.position for comment in page.comments] == list(range(1, len(page.comments) + 1))
    assert all((comment.parent_position or 0) < comment.position for comment in page.comments)


def words(*texts: str) -> Counter[str]:
    return Counter(word for text in texts for word in text.split() if not re.fullmatch(r"[0-9]+\.", word))


def told(comment: Comment) -> str:
    author, icon = shown(comment.author), shown(comment.icon)
    who = (author and author.name, author and shown(author.badge), icon and icon.name)
    what = (*who, shown(comment.title), shown(comment.body_text), shown(comment.upvotes), shown(comment.downvotes))
    return " ".join(str(value) for value in what if value is not None)


@given(lines(3, PIECES))
def test_every_word_of_a_post_ends_up_somewhere(below: str) -> None:
    text = post("1. Ann Gold badge", "Tea") + below + "\n\n" + post("2. Bob", "Hm.")
    assert words(*map(told, comments(text))) == words(text)


FLAT_PIECES = [
    "Ann",
    "Bob Silver badge",
    "Pint",
    "Nice tea",
    "Re: Nice tea",
    "",
    "",
    "",
    "> said",
    '"Nice',
    "ends.",
    "7 days",
]
OPENINGS = [
    "1. Ann Gold badge",
    "Monday 3rd June 2013 09:30 GMT\nAnn Gold badge",
    "-\n3rd June 2013 09:30 Ann Gold badge",
]


@pytest.mark.parametrize("opening", OPENINGS)
@given(lines(0, FLAT_PIECES))
def test_every_word_of_a_post_without_indents_ends_up_somewhere(opening: str, below: str) -> None:
    last = opening.replace("1.", "2.").replace("Ann Gold", "Zoe Bronze")
    text = f"{opening}\nTea\n{below}\n\n{last}\nHm\nSo so.\n"
    try:
        found = read(HEAD + text).comments
    except ParseError:
        return  # more badges inside than above: refused
    dates = words(*(str(shown(comment.published_raw) or "") for comment in found))
    assert words(*map(told, found)) + dates == words(text) - Counter({"-": 2})
