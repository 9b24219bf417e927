"""How texts are compared: what is folded, where its words stand, and which comments came first."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.pipelines.linking import cues, folding, names, quoting, spans
from belowtheline.pipelines.linking.folding import content_words, fold, folded_name, length_in_words
from belowtheline.pipelines.linking.order import in_time
from tests.growth import assert_linear
from tests.invented import said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It’s a “kettle”…", 'it\'s a "kettle"...'),
        ("tea—time", "Tea - time"),
        ("caf\u00e9", "cafe\u0301"),
        ("ﬁne ＴＥＡ", "fine tea"),
        ("STRASSE", "straße"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("_so_ *loud*", "so loud"),
    ],
)
def test_texts_that_read_alike_fold_alike(one: str, other: str) -> None:
    assert fold(one).words == fold(other).words


@given(st.text(max_size=200))
def test_every_word_stands_where_it_is_said_to(text: str) -> None:
    folded = fold(text)
    assert len(folded.words) == len(folded.starts) == len(folded.ends)
    places = list(zip(folded.starts, folded.ends, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))
    assert all(folded.words)


@given(st.text(max_size=80))
def test_a_word_folds_alike_alone_and_in_its_text(text: str) -> None:
    folded = fold(text)
    for word, start, end in zip(folded.words, folded.starts, folded.ends, strict=True):
        assert fold(text[start:end]).words == [word]


def test_writing_without_spaces_counts_half_a_word_a_character() -> None:
    words = fold("水壶 kettle 沸腾").words
    assert words == ["水", "壶", "kettle", "沸", "腾"]
    assert (length_in_words(words), content_words(words)) == (3.0, 3)


def test_names_are_compared_without_what_surrounds_them() -> None:
    assert folded_name("  O’Dowd  Spoon!") == folded_name("o'dowd spoon")
    assert folded_name("micheal") != folded_name("Michael")


def test_one_measure_of_time_holds_for_a_whole_thread() -> None:
    dated = [said(1, "Ann", "a", at="2020-01-03T00:00:00Z"), said(2, "Bob", "b", at="2020-01-01T00:00:00Z")]
    gone = said(3, None, None)
    assert [one.row_id for one in in_time([*dated, gone])] == [2, 1, 3]
    assert [one.row_id for one in in_time([*dated, said(3, "Cy", "c")])] == [1, 2, 3]
    labelled = [said(1, "Ann", "a", native_id="~2"), said(2, "Bob", "b", native_id="~1")]
    assert [one.row_id for one in in_time(labelled)] == [1, 2]


LONG = {
    "word": "a" * 100_000,
    "apostrophes": "a" + "'" * 100_000,
    "underscores": "a" + "_" * 100_000 + "a",
    "marks": "a" + "\u0301" * 100_000,
    "at signs": "@" * 100_000,
    "blanks": " " * 100_000,
    "honorifics": "Mr " * 33_000,
    "addresses": "http://" * 14_000,
    "tags": "<i><em><q>" * 10_000,
    "commas": "@a, " + "," * 100_000 + "@",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_every_pattern_is_linear(text: str) -> None:
    for module in (cues, folding, names, quoting, spans):
        for name, pattern in vars(module).items():
            if name.startswith("_") and hasattr(pattern, "finditer"):
                assert sum(1 for _ in pattern.finditer(text)) <= len(text) + 1
                assert_linear(pattern.findall, text)
