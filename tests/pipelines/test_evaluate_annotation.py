"""Annotations by hand: their form, how their comments are found, and which of their edges are scored."""

from typing import Any

import pytest

from belowtheline.pipelines.evaluation.annotation import BadAnnotation, entries, from_annotation, matched
from belowtheline.pipelines.evaluation.gold import GoldEdge, GoldQuote
from tests.invented import said, thread

POT = "The pot was warm.\n\nIt stood by the window all day."
THREAD = thread(
    said(1, "Ann", POT),
    said(2, "Bob", "Was it? I never saw one."),
    said(3, "Cy", "So did I, twice."),
    teaser="Pots stand.",
)


def entry(number: int, starts: str = "", ends: str = "", **more: Any) -> dict[str, Any]:
    return {"n": number, "body_starts_with": starts, "body_ends_with": ends, **more}


def reply(number: int, certainty: str = "explicit", **more: Any) -> dict[str, Any]:
    return {"n": number, "certainty": certainty, **more}


WRONG_FORMS = {
    "no list": ({"n": 1}, "it is no list"),
    "empty": ([], "it is no list"),
    "no object": ([7], "object 1 has no number"),
    "no number": ([{"body_starts_with": ""}], "object 1 has no number"),
    "a truth value for a number": ([entry(1) | {"n": True}], "object 1 has no number"),
    "no beginning": ([{"n": 4}], "in comment 4 `body_starts_with`"),
    "one number twice": ([entry(1), entry(1)], "one number"),
    "replies that are no list": ([entry(1, replies_to="2")], "in comment 1 `replies_to`"),
    "a reply without certainty": ([entry(1, replies_to=[{"n": 2}])], "in comment 1 `replies_to`"),
    "a reply to a text": ([entry(1, replies_to=[reply(1) | {"n": "2"}])], "in comment 1 `replies_to`"),
    "others that are no list": ([entry(1, replies_to=[reply(1, accept_any=3)])], "in comment 1 `replies_to`"),
    "a quotation without source": ([entry(1, quotes=[{"text": "a", "where": "body"}])], "in comment 1 `quotes`"),
}


@pytest.mark.parametrize(("document", "message"), WRONG_FORMS.values(), ids=WRONG_FORMS)
def test_what_is_not_of_the_form_is_named(document: object, message: str) -> None:
    with pytest.raises(BadAnnotation, match=message):
        entries(document)


def found_in(*annotated: dict[str, Any]) -> dict[int, int]:
    return {number: comment.row_id for number, comment in matched(entries(list(annotated)), THREAD).items()}


def test_a_comment_is_found_at_its_place_whatever_the_blanks() -> None:
    assert found_in(entry(1, "The pot was warm. It", "all day."), entry(2, "Was", "one.")) == {1: 1, 2: 2}


def test_a_comment_that_has_moved_is_found_by_its_words_and_never_twice() -> None:
    assert found_in(entry(7, "So did", "twice.")) == {7: 3}
    assert found_in(entry(3, "So did", "twice."), entry(7, "So did", "twice.")) == {3: 3}


def test_a_comment_of_other_words_is_not_found() -> None:
    assert found_in(entry(1, "The jug"), entry(2, "Was", "two.")) == {}


def test_of_several_that_begin_alike_none_is_taken() -> None:
    alike = thread(said(1, "Ann", "Yes."), said(2, "Bob", "Yes."))
    assert matched([entry(9, "Yes.", "Yes.")], alike) == {}


def gold_of(*replies: dict[str, Any], quotes: tuple[dict[str, str], ...] = ()) -> Any:
    annotated = [entry(1, "The"), entry(2, "Was"), entry(3, "So", replies_to=list(replies), quotes=list(quotes))]
    return from_annotation(annotated, THREAD, matched(annotated, THREAD))


@pytest.mark.parametrize("certainty", ["explicit", "strong"])
def test_what_is_certain_is_scored(certainty: str) -> None:
    gold = gold_of(reply(2, certainty))
    assert (gold.edges, gold.doubtful) == ((GoldEdge(3, (2,), certainty),), frozenset())


@pytest.mark.parametrize("certainty", ["weak", "ambiguous", "another word"])
def test_what_is_not_certain_is_neither_right_nor_wrong(certainty: str) -> None:
    gold = gold_of(reply(2, certainty, accept_any=[1]))
    assert (gold.edges, gold.doubtful) == ((), {(3, 2), (3, 1)})


def test_several_that_could_be_meant_are_all_right() -> None:
    assert gold_of(reply(2, "strong", accept_any=[1, 2])).edges == (GoldEdge(3, (2, 1), "strong"),)


def test_an_edge_to_what_was_not_found_is_not_scored() -> None:
    gold = gold_of(reply(8), reply(2, "strong", accept_any=[8]))
    assert (gold.edges, gold.doubtful) == ((), {(3, 2)})


SOURCES = {
    "comment 2": GoldQuote(3, "body", "x", "comment", 2),
    "article_teaser": GoldQuote(3, "body", "x", "article_teaser"),
    "article_title": GoldQuote(3, "body", "x", None),
    "article_beyond_teaser": GoldQuote(3, "body", "x", None),
    "none": GoldQuote(3, "body", "x", None),
    "outside": GoldQuote(3, "body", "x", None),
}


@pytest.mark.parametrize(("source", "expected"), SOURCES.items(), ids=SOURCES)
def test_a_source_counts_where_it_is_held(source: str, expected: GoldQuote) -> None:
    assert gold_of(quotes=({"text": "x", "where": "body", "source": source},)).quotes == (expected,)


@pytest.mark.parametrize("source", ["comment 9", "comment x", "comment " + "9" * 5000])
def test_a_quotation_of_a_comment_that_was_not_found_is_not_scored(source: str) -> None:
    assert gold_of(quotes=({"text": "x", "where": "body", "source": source},)).quotes == ()
