"""Whom a comment answers: by address, by echo, by several cues; and what is never taken for an answer."""

from dataclasses import replace

import pytest

from belowtheline.archive.linked import CommentText
from belowtheline.pipelines.linking.rules import RULES, combined
from tests.invented import answers, linked, pairs, quotes_of, said

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


def test_the_anonymous_are_addressed_where_one_of_them_has_written() -> None:
    coward = said(1, "Anonymous Coward", TEA, is_nobody=True)
    for title in ("@AC", "@ ac", "@ Anonymous Coward", "@anon", "Dear Anonymous Coward", "Re: AC,"):
        links = linked(coward, said(2, "Bob", PLAIN), said(3, "Cy", PLAIN, title))
        assert answers(links.edges) == {(3, 1, "address_anonymous")}, title


NOT_THE_ANONYMOUS = {
    "two of them": (said(2, "Anonymous Coward", PLAIN, is_nobody=True), "@AC"),
    "one who calls himself so": (said(2, "AC", PLAIN), "@AC"),
    "one whose name begins so": (said(2, "AC Kettle", PLAIN), "@AC"),
    "several": (said(2, "Bob", PLAIN), "@ACs"),
    "of them": (said(2, "Bob", PLAIN), "@AC's kettle"),
    "current": (said(2, "Bob", PLAIN), "@AC/DC fans"),
    "a branch": (said(2, "Bob", PLAIN, "@AC"), "Re: @ AC too"),
}


@pytest.mark.parametrize(("other", "title"), NOT_THE_ANONYMOUS.values(), ids=NOT_THE_ANONYMOUS)
def test_who_may_not_be_the_anonymous_one_is_not_answered(other: CommentText, title: str) -> None:
    coward = said(1, "Anonymous Coward", TEA, is_nobody=True)
    links = linked(coward, other, said(3, "Cy", PLAIN, title))
    assert {answering for answering, _ in pairs(links.edges)} <= {2}


TIMES = {
    "@Dave 10:43": 2,
    "@ Dave 14th March 9:30": 1,
    "@Dave, Friday 14 March 2025 at 10:43 GMT": 2,
    "@Dave (11:43)": 2,  # summer time
    "@Dave 10.43am": 2,
    "@Dave 13th March 10:43": None,
    "@Dave 10:44": None,
    "@Dave 25:10": None,
}


@pytest.mark.parametrize(("title", "target"), TIMES.items(), ids=TIMES)
def test_a_time_beside_a_name_tells_which_comment_is_meant(title: str, target: int | None) -> None:
    links = linked(
        said(1, "Dave", TEA, at="2025-03-14T09:30:00Z"),
        said(2, "Dave", PLAIN, at="2025-03-14T10:43:20Z"),
        said(3, "Cy", "No.", title, at="2025-03-14T12:00:00Z"),
    )
    assert answers(links.edges) == ({(3, target, "address_time")} if target else set())


def test_a_time_that_nobody_knows_tells_nothing() -> None:
    earlier = said(1, "Dave", TEA), said(2, "Bob", PLAIN)
    assert answers(linked(*earlier, said(3, "Cy", PLAIN, "@Dave 10:43")).edges) == {(3, 1, "address")}


ATTRIBUTIONS = {
    "wrote, on the line above": "Dave wrote:\n> the pot\n\nNo.",
    "wrote, on the same line": 'Dave wrote: "the pot" - no.',
    "with a date": "On 3 August, Dave wrote:\n> the pot\n\nNo.",
    "with a time": "Dave wrote on 3 Aug at 12:41:\n> the pot\n\nNo.",
    "posted by": "> Posted by Dave\n> the pot\n\nNo.",
    "originally posted by": "> Originally Posted by Dave:\n> the pot\n\nNo.",
    "forum marks": "[quote=Dave]the pot[/quote]No.",
    "forum marks with quotes and a number": '[QUOTE="Dave;4711"]the pot[/QUOTE]\nNo.',
    "behind a dash": '"the pot" - Dave\n\nNo.',
    "behind it, in brackets": "“the pot” (Dave), no.",
    "German": "Dave schrieb: „the pot“. Nein.",
}


@pytest.mark.parametrize("body", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_a_few_words_under_a_name_are_of_the_comment_of_that_author_which_has_them(body: str) -> None:
    earlier = said(1, "Dave", "Mind the pot."), said(2, "Dave", "Mind the lid."), said(3, "Bob", "What the pot?")
    links = linked(*earlier, said(4, "Cy", body))
    assert answers(links.edges) == {(4, 1, "attribution")}
    assert quotes_of(links, 4)[0].source_comment_id == 1


NO_ATTRIBUTIONS = {
    "not his words": "Dave wrote:\n> the tray\n\nNo.",
    "nobody here": "Eve wrote:\n> the pot\n\nNo.",
    "two have them": "Bob wrote:\n> mind\n\nNo.",
    "reported": "Dave wrote about the pot.",
    "a longer name": "Davenport wrote:\n> the pot\n\nNo.",
    "quoted by whom it answers": "[quote=Bob]Sure?[quote=Dave]the pot[/quote][/quote]No.",
}


@pytest.mark.parametrize("body", NO_ATTRIBUTIONS.values(), ids=NO_ATTRIBUTIONS)
def test_a_name_alone_does_not_make_words_its_own(body: str) -> None:
    earlier = said(1, "Dave", "Mind the pot."), said(2, "Bob", "Mind? I do."), said(3, "Bob", "Never mind.")
    assert not linked(*earlier, said(4, "Cy", body)).edges


CUT_TITLES = {
    "Re: A direct appeal to the local...": (2, 1),
    "re: a direct appeal to the lo…": (2, 1),
    "Re:..A direct appeal to the local council": (2, 1),
    "RE : A direct appeal to the local council!": (2, 1),
    "Re: Re: A direct appeal to the local council": None,
    "Re: A direct...": None,
    "Re: A direct hit on the local...": None,
    "Re-read: A direct appeal to the local council": None,
}


@pytest.mark.parametrize(("title", "edge"), CUT_TITLES.items(), ids=CUT_TITLES)
def test_an_answering_title_is_read_in_many_spellings(title: str, edge: tuple[int, int] | None) -> None:
    links = linked(said(1, "Ann", TEA, "A direct appeal to the local council"), said(2, "Bob", PLAIN, title))
    assert {one for one in answers(links.edges) if one[2] == "re_title"} == ({(*edge, "re_title")} if edge else set())


SENTENCE = "Horses on trains were always given two lumps before the tunnel."


def test_a_sentence_repeated_before_an_answer_is_of_the_one_who_wrote_it() -> None:
    links = linked(said(1, "Ann", f"I know. {SENTENCE} So it was."), said(2, "Bob", f"{SENTENCE}\n\nNever."))
    assert answers(links.edges) == {(2, 1, "repeated")}
    assert not linked(said(1, "Ann", SENTENCE), said(2, "Ann", f"{SENTENCE}\n\nNever.")).edges


NOT_REPEATED = {
    "a motto at the end": f"No.\n\n{SENTENCE}",
    "sent twice": SENTENCE,
    "inside a paragraph": f"I know that. {SENTENCE} So there.",
    "less than eight words": "Horses on trains were always given lumps.\n\nNo.",
    "an address": "https://tea.example/horses/on/trains/were/always/given/two/lumps\n\nSeen.",
}


@pytest.mark.parametrize("body", NOT_REPEATED.values(), ids=NOT_REPEATED)
def test_what_is_no_repetition_makes_no_edge(body: str) -> None:
    first = f"Well. {SENTENCE} Horses on trains were always given lumps. https://tea.example/horses/on/trains/were/always/given/two/lumps"
    assert not linked(said(1, "Ann", first), said(2, "Bob", body)).edges


def test_a_sentence_that_two_have_or_the_article_or_that_was_a_paragraph_before_an_answer_is_nobodys() -> None:
    answering = said(3, "Cy", f"{SENTENCE}\n\nNever.")
    for first, second in (
        (said(1, "Ann", f"Well. {SENTENCE}"), said(2, "Bob", f"So. {SENTENCE}")),
        (said(1, "Ann", f"{SENTENCE}\n\nThat is in the article."), said(2, "Bob", PLAIN)),
        (said(1, "Ann", f'"{SENTENCE}" they say.'), said(2, "Bob", PLAIN)),
    ):
        assert (3, 1, "repeated") not in answers(linked(first, second, answering).edges)
    held = linked(said(1, "Ann", f"Well. {SENTENCE}"), answering, article=f"It began so. {SENTENCE}")
    assert not held.edges


def test_dots_for_words_that_are_left_out_are_seen_through() -> None:
    first = said(1, "Ann", "The pot that my aunt bought in Leeds in the war was blue, and so was she.")
    for words in ("The pot that my aunt bought ... was blue", "The pot that my aunt bought [...] was blue, and so"):
        links = linked(first, said(2, "Bob", f'"{words}"\n\nHow blue?'))
        assert answers(links.edges) == {(2, 1, "quote_fuzzy")}
        quote = quotes_of(links, 2)[0]
        assert (quote.kind, quote.source_start, (quote.score or 0) < 100) == ("changed", 0, True)
    out_of_order = '"was blue, and so was she ... The pot that my aunt bought"'
    assert not linked(first, said(2, "Bob", f"{out_of_order}\n\nHow blue?")).edges


def test_paragraphs_of_one_block_may_be_of_several() -> None:
    links = linked(
        said(1, "Ann", "The pot was bought in Leeds."),
        said(2, "Bob", "The lid was bought in York."),
        said(3, "Cy", "> The pot was bought in Leeds.\n>\n> The lid was bought in York.\n\nWhere was the tray bought?"),
    )
    assert pairs(links.edges) == {(3, 1), (3, 2)}


def test_what_stands_behind_two_marks_was_quoted_by_whom_it_answers() -> None:
    links = linked(
        said(1, "Ann", "The pot was bought in Leeds."),
        said(2, "Bob", "Never in Leeds, I say."),
        said(3, "Cy", ">> The pot was bought in Leeds.\n\n> Never in Leeds, I say.\n\nIn York."),
    )
    assert pairs(links.edges) == {(3, 2)}
    assert [quote.source_comment_id for quote in quotes_of(links, 3)] == [1, 2]
