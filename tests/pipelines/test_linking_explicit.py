"""Explicit cues one by one: the anonymous, times, words under a name, titles, repeated sentences, gaps and levels."""

import pytest

from belowtheline.archive.links.texts import CommentText
from tests.invented import answers, linked, pairs, quotes_of, said

TEA = "Tea is best from a whistling kettle."
PLAIN = "I would not know."


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
    "@Dave Wednesday 12th March 10:43": None,
    "@Dave 2025-03-14 10:43": 2,
    "@Dave 14/03/2025 09:30": 1,
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
    "as he says": 'As Dave says, "the pot" is hot.',
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


def test_the_sentence_in_which_a_teaser_breaks_off_is_the_articles() -> None:
    known = said(1, "Ann", f"Well. {SENTENCE} I saw it.")
    repeating = said(2, "Bob", f"{SENTENCE}\n\nNever.")
    assert not linked(known, repeating, teaser="Sugar is banned. Horses on trains were always …").edges
    for teaser in ("Sugar is banned. Horses …", "…", "Horses on trains. They were always …"):
        assert pairs(linked(known, repeating, teaser=teaser).edges) == {(2, 1)}, teaser


PLAIN_NAMES = {
    "a word inside a sentence": ("home", "I am working @home today."),
    "a price": ("50", "Ten kettles @ 50 each."),
    "a word that says nothing": ("the", "He said @the pot."),
}


@pytest.mark.parametrize(("name", "body"), PLAIN_NAMES.values(), ids=PLAIN_NAMES)
def test_a_name_that_is_a_plain_word_is_addressed_where_a_sentence_begins(name: str, body: str) -> None:
    earlier = said(1, name, TEA), said(2, "Bob", "At home, the home is fine."), said(3, "Di", "Home again, at home.")
    assert not linked(*earlier, said(4, "Cy", body)).edges
    assert pairs(linked(*earlier, said(4, "Cy", f"@{name} no, that is not so.")).edges) == {(4, 1)}


def test_a_word_that_says_nothing_is_nobodys_under_a_name() -> None:
    assert not linked(said(1, "Dave", "Mind the pot."), said(2, "Cy", 'Dave wrote "the" once.')).edges


def test_a_paragraph_that_speaks_of_oneself_is_repeated_from_its_comment() -> None:
    own = "Horses on trains were always given two lumps by my aunt before the tunnel."
    after = "So much for sugar."
    links = linked(said(1, "Ann", f"{own}\n\n{after}"), said(2, "Bob", f"{own}\n\nNever."))
    assert answers(links.edges) == {(2, 1, "repeated")}
    column = "We should not give horses two lumps of sugar before the tunnel, as you know."
    assert not linked(said(1, "Ann", f"{column}\n\n{after}"), said(2, "Bob", f"{column}\n\nNever.")).edges


def test_a_later_paragraph_of_a_comment_is_repeated_from_it() -> None:
    first = said(1, "Ann", f"I know about horses.\n\n{SENTENCE}\n\nSo much for sugar.")
    assert answers(linked(first, said(2, "Bob", f"{SENTENCE}\n\nNever.")).edges) == {(2, 1, "repeated")}
