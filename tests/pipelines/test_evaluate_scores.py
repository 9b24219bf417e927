"""How links are scored by gold: what is right, wrong, beside, or not to be scored; coverage, calibration, degrees."""

from dataclasses import replace

import pytest

from belowtheline.archive.links.texts import CommentText
from belowtheline.pipelines.evaluation.evaluation import ALL_EDGES, Evaluation, Evaluator, RuleScore
from belowtheline.pipelines.evaluation.gold import Gold, GoldEdge, GoldQuote, from_parents
from belowtheline.pipelines.linking.rules import RULES
from tests.invented import said, thread

KETTLE = "The kettle boils over at noon, whatever the manual says, and nobody minds."
SPOON = "A spoon of pewter bends in hot soup, which is why mine is made of horn."


def quoting(*texts: str) -> str:
    return "".join(f'"{text}"\n\n' for text in texts) + "Quite."


def nested(*comments: tuple[CommentText, int | None]) -> tuple[CommentText, ...]:
    return tuple(replace(comment, parent_id=parent) for comment, parent in comments)


NESTED = nested(
    (said(1, "Ann", KETTLE), None),
    (said(2, "Bob", f"{quoting(KETTLE)} {SPOON}"), 1),
    (said(3, "Cy", quoting(SPOON)), 1),
    (said(4, "Di", quoting(KETTLE)), None),
    (said(5, "Ed", quoting(SPOON, KETTLE)), 2),
    (said(6, "Flo", "No idea."), 1),
)


def by_parents(*comments: CommentText, silent: frozenset[int] = frozenset()) -> Evaluation:
    evaluator = Evaluator()
    of = thread(*comments)
    evaluator.add("teapots", of, from_parents(of, silent))
    return evaluator.result()


def by(gold: Gold, *comments: CommentText) -> Evaluation:
    evaluator = Evaluator()
    evaluator.add("teapots", thread(*comments), gold)
    return evaluator.result()


def rule(found: Evaluation, name: str) -> RuleScore:
    (score,) = (score for score in found.rules if score.rule == name)
    return score


def test_an_edge_is_right_where_it_names_the_parent_and_wrong_where_the_site_names_another_or_nobody() -> None:
    score = rule(by_parents(*NESTED), "quote_long")
    assert (score.found, score.right, score.other, score.nobody) == (5, 2, 1, 1)
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)


def test_what_is_named_beside_the_parent_is_counted_apart_and_wrong_only_when_strict() -> None:
    score = rule(by_parents(*NESTED), "quote_long")
    assert (score.beside, score.judged, score.strict_precision) == (1, 4, 0.4)


def test_a_comment_of_which_the_site_is_silent_is_not_scored() -> None:
    score = rule(by_parents(*NESTED, silent=frozenset({4})), "quote_long")
    assert (score.found, score.nobody, score.unscored, score.precision) == (5, 0, 1, 0.6667)


def test_a_parent_that_is_not_among_the_comments_is_not_scored() -> None:
    orphan = replace(NESTED[3], parent_id=99)
    found = by_parents(*NESTED[:3], orphan, *NESTED[4:])
    assert (found.scored, rule(found, "quote_long").unscored) == (5, 1)


def test_structure_is_not_looked_at_by_what_is_measured() -> None:
    flat = Gold(
        scored=frozenset(range(1, 7)),
        edges=tuple(GoldEdge(one, (to,), "site") for one, to in ((2, 1), (3, 1), (5, 2), (6, 1))),
    )
    bare = [replace(comment, parent_id=None) for comment in NESTED]
    assert by(flat, *bare) == by_parents(*NESTED)


def test_coverage_says_how_many_have_an_edge_and_how_often_the_surest_is_right() -> None:
    reach = by_parents(*NESTED).coverage
    assert (reach.answering, reach.linked, reach.exact, reach.coverage) == (4, 3, 2, 0.75)
    assert (reach.exact_of_answering, reach.exact_of_linked) == (0.5, 0.6667)
    assert (reach.silent, reach.silent_right, reach.exact_of_all) == (2, 1, 0.5)


def test_a_candidate_counts_only_as_a_guess() -> None:
    comments = nested((said(1, "Ann", KETTLE), None), (said(2, "Bob", "No idea."), 1))
    found = by_parents(*comments)
    assert (found.coverage.linked, found.coverage.guessed) == (0, 1)
    assert rule(found, ALL_EDGES).found == 0
    assert (rule(found, "nearness").right, rule(found, "nearness").default) == (1, "guess")


def test_calibration_sets_how_sure_edges_are_beside_how_right() -> None:
    comments = nested(
        (said(1, "Ann", KETTLE), None), (said(2, "Bob", quoting(KETTLE)), 1), (said(3, "Cy", quoting(KETTLE)), None)
    )
    (last,) = (one for one in by_parents(*comments).calibration if one.low == 0.9)
    assert (last.count, last.right, last.mean_confidence, last.precision) == (2, 1, 0.95, 0.5)


def test_a_rule_that_is_off_is_measured_as_if_it_were_on() -> None:
    comments = nested((said(1, "Dave", KETTLE), None), (said(2, "Dave", SPOON), None), (said(3, "Cy", "@Dave: no."), 2))
    found = by_parents(*comments)
    score = rule(found, "address_nearest")
    assert not RULES["address_nearest"].is_on
    assert (score.default, score.found, score.right) == ("off", 1, 1)
    assert rule(found, ALL_EDGES).found == 0


def test_a_rule_is_known_to_be_below_only_when_enough_of_it_is_judged() -> None:
    def wrong(count: int) -> Evaluation:
        evaluator = Evaluator()
        for _ in range(count):
            of = thread(*nested((said(1, "Ann", KETTLE), None), (said(2, "Bob", quoting(KETTLE)), None)))
            evaluator.add("teapots", of, from_parents(of, ()))
        return evaluator.result()

    assert not rule(wrong(9), "quote_long").is_below
    assert rule(wrong(10), "quote_long").is_below


def test_sites_are_scored_apart_and_together() -> None:
    evaluator = Evaluator()
    for site, comments in (("cups", NESTED), ("pots", NESTED[:2])):
        of = thread(*comments)
        evaluator.add(site, of, from_parents(of, ()))
    found = evaluator.result()
    assert [(site.site, site.threads, site.gold_edges) for site in found.sites] == [("cups", 1, 4), ("pots", 1, 1)]
    each = [next(score for score in site.rules if score.rule == "quote_long").right for site in found.sites]
    assert (each, rule(found, "quote_long").right) == ([2, 1], 3)


def test_degrees_say_how_the_most_answered_change() -> None:
    degrees = by_parents(*NESTED).degrees
    assert (degrees.authors, degrees.gold_edges, degrees.inferred_edges) == (6, 4, 5)
    assert [(hub.author, hub.gold, hub.inferred, hub.gold_rank, hub.inferred_rank) for hub in degrees.hubs] == [
        ("Ann", 3, 3, 1, 1),
        ("Bob", 1, 2, 2, 2),
    ]
    assert (degrees.rank_correlation, degrees.shared_top, degrees.top) == (1.0, 2, 2)


def test_a_hub_that_inference_makes_shows() -> None:
    comments = nested(
        (said(1, "Ann", KETTLE), None),
        (said(2, "Bob", SPOON), None),
        *((said(number, f"User {number}", quoting(KETTLE)), 2) for number in range(3, 6)),
    )
    degrees = by_parents(*comments).degrees
    assert [(hub.author, hub.gold, hub.inferred) for hub in degrees.hubs] == [("Bob", 3, 0), ("Ann", 0, 3)]
    assert (degrees.shared_top, degrees.rank_correlation) == (0, -0.25)


def test_nobody_in_particular_is_an_author_a_comment() -> None:
    comments = nested(
        (said(1, "Anonymous Coward", KETTLE, is_nobody=True), None),
        (said(2, "Anonymous Coward", SPOON, is_nobody=True), 1),
        (said(3, "Cy", quoting(SPOON)), 2),
    )
    degrees = by_parents(*comments).degrees
    assert (degrees.authors, [hub.gold for hub in degrees.hubs]) == (3, [1, 1])


def test_any_of_several_gold_targets_is_right_and_counts_once() -> None:
    gold = Gold(scored=frozenset({1, 2, 3, 4}), edges=(GoldEdge(4, (2, 1), "strong"),), names_all=True)
    score = rule(
        by(
            gold,
            said(1, "Ann", KETTLE),
            said(2, "Bob", SPOON),
            said(3, "Cy", "Hm."),
            said(4, "Di", quoting(KETTLE, SPOON)),
        ),
        "quote_long",
    )
    assert (score.right, score.recall) == (2, 1.0)


def test_where_gold_names_all_targets_another_beside_is_wrong() -> None:
    gold = Gold(scored=frozenset({1, 2, 3}), edges=(GoldEdge(3, (2,), "explicit"),), names_all=True)
    score = rule(
        by(gold, said(1, "Ann", KETTLE), said(2, "Bob", SPOON), said(3, "Cy", quoting(KETTLE, SPOON))), "quote_long"
    )
    assert (score.right, score.beside, score.other) == (1, 0, 1)


def test_a_doubtful_pair_is_neither_right_nor_wrong() -> None:
    gold = Gold(scored=frozenset({1, 2}), doubtful=frozenset({(2, 1)}), names_all=True)
    score = rule(by(gold, said(1, "Ann", KETTLE), said(2, "Bob", quoting(KETTLE))), "quote_long")
    assert (score.found, score.unscored, score.precision) == (1, 1, None)


QUOTED = (said(1, "Ann", KETTLE), said(2, "Bob", f'{quoting(KETTLE)} A "red" one, and "no word of this is held here".'))


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        ((GoldQuote(2, "body", KETTLE, "comment", 1),), (1, 1, 2, 1, 1, 0)),
        ((GoldQuote(2, "body", KETTLE, "article_teaser"),), (1, 1, 2, 1, 0, 1)),
        ((GoldQuote(2, "body", KETTLE, None),), (1, 1, 2, 0, 0, 1)),
        ((GoldQuote(2, "title", KETTLE, "comment", 1),), (1, 0, 3, 1, 0, 0)),
        ((GoldQuote(2, "body", "red", None), GoldQuote(2, "body", "red", None)), (2, 1, 2, 0, 0, 0)),
    ],
)
def test_quotations_are_scored_by_span_and_by_source(quotes: tuple[GoldQuote, ...], expected: tuple[int, ...]) -> None:
    score = by(Gold(scored=frozenset({1, 2}), quotes=quotes), *QUOTED).quotes
    assert score is not None
    assert expected == (
        score.annotated,
        score.found,
        score.others,
        score.sourced,
        score.sourced_right,
        score.wrong,
    )


def test_without_annotated_quotations_none_are_scored() -> None:
    assert by_parents(*NESTED).quotes is None


def test_a_thread_without_edges_or_gold_is_measured_as_nothing() -> None:
    found = by_parents(said(1, "Ann", KETTLE))
    assert (found.coverage.coverage, found.calibration, found.degrees.rank_correlation) == (None, (), None)
