"""Whom a comment answers: by address, by echo, by several cues; and what is never taken for an answer."""

from dataclasses import replace

import pytest

from belowtheline.pipelines.linking.rules import RULES, combined
from tests.invented import answers, linked, pairs, said

TEA = "Tea is best from a whistling kettle."
PLAIN = "I would not know."

ADDRESSES = {
    "@ in the title": ("@ Fern Quill", PLAIN),
    "@ without a blank": ("@Fern Quill", PLAIN),
    "@ in the body": (None, "@Fern Quill I would not know."),
    "@ at the start of a later paragraph": (None, f"{PLAIN * 20}\n\n@Fern Quill: nor would you."),
    "@ after a few words": (None, "Well said, @Fern Quill, and thanks."),
    "@ with the words joined": (None, "@FernQuill I would not know."),
    "Dear": ("Dear Fern Quill", PLAIN),
    "Dear, in the body": (None, "Dear Fern Quill,\n\nI would not know."),
    "re": ("re Fern Quill", PLAIN),
    "Re with a colon": ("Re: Fern Quill", PLAIN),
    "the name with a colon": (None, "Fern Quill: I would not know."),
    "in another case": ("@ fern quill", PLAIN),
    "the name and a comma": (None, "Fern Quill, I would not know."),
    "the name and a comma in a later paragraph": (None, "So it is.\n\nFern Quill, you would not know."),
    "what somebody said": ("@Fern Quill's kettle", PLAIN),
    "in brackets": (None, "@[Fern Quill] I would not know."),
    "behind a wide sign": (None, "＠Fern Quill I would not know."),
    "behind a hard blank": (None, "@\xa0Fern Quill I would not know."),
    "in reply to": (None, "So it is, in reply to Fern Quill."),
}


@pytest.mark.parametrize(("title", "body"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_names_whom_it_answers(title: str | None, body: str) -> None:
    links = linked(said(1, "Fern Quill", TEA), said(2, "Bob", PLAIN), said(3, "Cy", body, title))
    assert answers(links.edges) == {(3, 1, "address")}
    (edge,) = links.edges
    assert (edge.confidence, edge.combined, edge.evidence["bearers"]) == (0.95, 0.95, 1)
    text = title if edge.evidence["field"] == "title" else body
    assert text is not None
    assert text[edge.evidence["start"] : edge.evidence["end"]] == edge.evidence["cue"]


NO_ADDRESSES = {
    "a role": ("Dear editor", PLAIN),
    "a role that is a name here": ("Dear Moderator", PLAIN),
    "a topic": ("re the Fern Quill thing", PLAIN),
    "a name that goes on": (None, "@Fern Quill-bot is a machine."),
    "a longer name of somebody else": (None, "@Fern Quillfeather is a duck."),
    "a near name": (None, "@Fern Quil you are right."),
    "a first name alone": (None, "@Fern you are right."),
    "a mail address": (None, "Write to tea@Fern Quill please."),
    "spoken about": (None, "I met Fern Quill once. She was tall."),
    "spoken about before a comma": (None, "Fern Quill, who was tall, left."),
    "one of many": (None, "Fern Quill, Ada Lovelace and others left."),
    "quoted": (None, "> @Fern Quill you are right\n\nAre you?"),
    "between marks": (None, 'They wrote "@Fern Quill you are right" there.'),
    "far into a paragraph": (None, f"{PLAIN * 20} @Fern Quill knows."),
    "a later comment's author": ("@ Late Riser", PLAIN),
    "nobody here": ("@ Zed", PLAIN),
    "oneself": ("@ Cy", PLAIN),
}


@pytest.mark.parametrize(("title", "body"), NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_what_is_no_address_makes_no_edge(title: str | None, body: str) -> None:
    links = linked(
        said(1, "Fern Quill", TEA),
        said(2, "Anonymous Coward", PLAIN, is_nobody=True),
        said(3, "Moderator", PLAIN),
        said(4, "Cy", PLAIN),
        said(5, "Cy", body, title),
        said(6, "Late Riser", PLAIN),
    )
    assert not links.edges


def test_of_two_people_with_one_name_the_one_that_is_echoed_is_meant_and_the_other_kept() -> None:
    links = linked(
        said(1, "Dave", "The alternative is a bigger pot, and who would carry that?"),
        said(2, "Dave", "Cake, please."),
        said(3, "Cy", "@ Dave,\n\nI would.", "The alternative ...?"),
    )
    assert answers(links.edges) == {(3, 1, "address_several")}
    (edge,) = links.edges
    assert (edge.confidence, edge.evidence["by"], edge.evidence["candidates"]) == (0.8, "title echo", ["2"])
    assert (3, 2, "other_bearer") in answers(links.candidates)


def test_of_two_people_with_one_name_the_one_that_is_quoted_is_meant() -> None:
    links = linked(
        said(1, "Dave", "A bigger pot is the only way to serve nine people at once."),
        said(2, "Dave", "Cake, please."),
        said(3, "Cy", '@Dave "A bigger pot is the only way to serve nine people at once."\n\nNo.'),
    )
    assert answers(links.edges) == {(3, 1, "address_several"), (3, 1, "quote_long")}
    assert {edge.combined for edge in links.edges} == {0.99}


def test_of_two_people_with_one_name_whom_nothing_tells_apart_none_is_answered() -> None:
    links = linked(said(1, "Dave", TEA), said(2, "Dave", "Cake, please."), said(3, "Cy", "@Dave: no."))
    assert not links.edges
    assert {(3, 2, "address_nearest"), (3, 1, "other_bearer")} <= answers(links.candidates)


def test_a_name_that_is_a_plain_word_needs_its_at_sign() -> None:
    earlier = (said(1, "Well", TEA), said(2, "Bob", "That is well and good."), said(3, "Di", "All is well here."))
    assert not linked(*earlier, said(4, "Cy", "Well: I never.")).edges
    assert pairs(linked(*earlier, said(4, "Cy", "@Well I never.")).edges) == {(4, 1)}


def test_a_first_name_before_a_surname_of_nobody_here_is_not_the_one_who_has_only_the_first() -> None:
    earlier = (said(1, "Michael", TEA), said(2, "Bob", "I agree with that."))
    assert not linked(*earlier, said(3, "Cy", "@Michael Pepperpot is wrong in his book.")).edges
    assert pairs(linked(*earlier, said(3, "Cy", "@Michael Agree with that.")).edges) == {(3, 1)}


def test_an_honorific_with_a_surname_addresses_its_bearer() -> None:
    links = linked(said(1, "Sarah Thimble", TEA), said(2, "Cy", "Agreed. Ms Thimble, please pour."))
    assert answers(links.edges) == {(2, 1, "honorific")}
    assert links.edges[0].confidence == 0.85


@pytest.mark.parametrize(
    "body", ["Ms Thimble was here.", "I think that Ms Thimble, of all people, knows.", "Mr Spoon, no!"]
)
def test_an_honorific_in_passing_addresses_nobody(body: str) -> None:
    assert not linked(said(1, "Sarah Thimble", TEA), said(2, "Cy", body)).edges


def test_an_honorific_with_a_surname_of_two_addresses_nobody() -> None:
    earlier = said(1, "Sarah Thimble", TEA), said(2, "John Thimble", PLAIN)
    assert not linked(*earlier, said(3, "Cy", "Mr Thimble, pour!")).edges


def test_a_comment_may_address_several() -> None:
    links = linked(said(1, "Fern", TEA), said(2, "Bob Rye", PLAIN), said(3, "Cy", "@Fern, @Bob Rye: no."))
    assert pairs(links.edges) == {(3, 1), (3, 2)}


def test_names_of_other_writings_are_addressed() -> None:
    links = linked(said(1, "נועה", TEA), said(2, "田中", PLAIN), said(3, "Cy", "@נועה כן"), said(4, "Di", "@田中 はい"))
    assert pairs(links.edges) == {(3, 1), (4, 2)}


def test_a_title_that_stands_in_one_earlier_comment_echoes_it() -> None:
    links = linked(
        said(1, "Ann", "They blame it on minor pilfering of tea spoons from employers, of all things."),
        said(2, "Bob", "So who has not?", "Minor pilfering of tea spoons"),
    )
    assert answers(links.edges) == {(2, 1, "title_echo")}


def test_a_title_that_repeats_an_earlier_title_echoes_it_unless_several_have_it() -> None:
    title = "Spoons of the old brigade"
    assert pairs(linked(said(1, "Ann", TEA, title), said(2, "Bob", PLAIN, title)).edges) == {(2, 1)}
    links = linked(said(1, "Ann", TEA, title), said(2, "Bob", PLAIN, title), said(3, "Cy", "Hm.", title))
    assert pairs(links.edges) == {(2, 1)}


@pytest.mark.parametrize("title", ["Tea spoons", "It is what it is", "Nine spoons were lost"])
def test_a_title_that_is_short_or_empty_or_the_articles_echoes_nothing(title: str) -> None:
    links = linked(said(1, "Ann", f"{title}, I say."), said(2, "Bob", PLAIN, title), teaser="Nine spoons were lost.")
    assert not links.edges


def test_a_title_that_is_one_whole_quotation_from_elsewhere_echoes_nobody() -> None:
    sentence = "An estimated four thousand kettles will have access"
    links = linked(said(1, "Ann", f'"{sentence}"\n\nFour!'), said(2, "Bob", PLAIN, sentence))
    assert not links.edges


def test_the_first_answering_title_answers_the_one_earlier_comment_that_has_it() -> None:
    earlier = said(1, "Ann", TEA, "Spoons"), said(2, "Bob", PLAIN, "Re: Spoons")
    assert answers(linked(*earlier, titles=("Kettles",)).edges) == {(2, 1, "re_title")}
    later = linked(*earlier, said(3, "Cy", PLAIN, "Re: Spoons"), titles=("Kettles",))
    assert pairs(later.edges) == {(2, 1)}  # sites put "Re:" before the title of a whole branch
    assert (3, 1, "re_title_again") in answers(later.candidates)
    of_thread = linked(said(1, "Ann", TEA, "Spoons"), said(2, "Bob", PLAIN, "Re: Spoons"), titles=("Spoons",))
    assert "re_title" not in {edge.rule for edge in of_thread.candidates}


def test_rules_are_data_that_can_be_turned_on_off_and_left_out() -> None:
    comments = said(1, "Ann", TEA, "Spoons"), said(2, "Bob", PLAIN, "Re: Spoons")
    off = {**RULES, "re_title": replace(RULES["re_title"], is_on=False)}
    assert not linked(*comments, rules=off).edges
    addressed = said(1, "Fern", TEA), said(2, "Bob", "@Fern no.")
    off = {**RULES, "address": replace(RULES["address"], is_on=False)}
    links = linked(*addressed, rules=off)
    assert not links.edges
    assert {edge.confidence for edge in links.candidates if edge.rule == "address"} == {0.5}
    nothing = linked(*addressed, rules={})
    assert (nothing.edges, nothing.candidates) == ((), ())


def test_several_rules_make_one_target_surer_and_never_certain() -> None:
    assert combined([0.8, 0.85]) == 0.97
    assert combined([0.95, 0.95, 0.95]) == 0.99


def test_candidates_are_guesses_and_never_of_a_target_that_has_an_edge() -> None:
    links = linked(
        said(1, "Fern", "The samovar in Vladivostok was of pewter."),
        said(2, "Bob", "Was the samovar of Vladivostok not of brass?"),
        said(3, "Cy", "As for me, Fern said so."),
        said(4, "Di", "@Fern the samovar of Vladivostok was mine."),
    )
    assert pairs(links.edges) == {(4, 1)}
    assert {(2, 1, "rare_terms"), (3, 1, "reported")} <= answers(links.candidates)
    assert all(edge.confidence <= 0.5 and edge.combined <= 0.99 for edge in links.candidates)
    assert not pairs(links.edges) & pairs(links.candidates)


def test_the_sites_own_links_are_not_looked_at() -> None:
    comments = [said(1, "Ann", TEA), said(2, "Bob", PLAIN)]
    nested = [comments[0], replace(comments[1], parent_id=1)]
    assert linked(*comments) == linked(*nested)


def test_a_thread_of_nothing_is_linked_to_nothing() -> None:
    assert linked() == linked(said(1, None, None)) == linked(said(1, None, ""), said(2, "", None))
