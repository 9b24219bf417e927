"""Quotations of a few words: they get a source where something else says whom they answer, and as whole words."""

from dataclasses import replace

import pytest

from belowtheline.archive.links.texts import ResolvedQuote
from tests.invented import linked, only, quotes_of, said

ORIGINAL = "The kettle boils over at noon, whatever the manual says. I have two of them in the shed."


def _of_parent(words: str, held: str, *, before: tuple[str, ...] = ()) -> ResolvedQuote:
    """Return the quotation of a comment that answers one with these words by the site's own link, not by any cue."""
    answered = said(1, "Ann", held, before=before)
    (quote,) = quotes_of(linked(answered, replace(said(2, "Bob", f'So "{words}" it is.'), parent_id=1)), 2)
    return quote


FEW_WORDS = {
    "one word": ("kettle", "My kettle leaks."),
    "three words": ("whatever the manual", ORIGINAL),
    "a word that says nothing by itself": ("you", "And you know it."),
    "a word beside punctuation": ("AI", "We call it (AI), alas."),
    "a word with its sign": ("C++", "It is written in C and in C++ too."),
    "a word of another case": ("Noon", "Tea is at noon."),
    "two characters of a writing without spaces": ("茶壶", "这个茶壶很好用"),
    "another writing": ("чайник", "Мой чайник кипит."),
}


@pytest.mark.parametrize(("words", "held"), FEW_WORDS.values(), ids=FEW_WORDS)
def test_a_few_words_have_a_source_where_the_site_says_that_it_is_answered(words: str, held: str) -> None:
    quote = _of_parent(words, held)
    assert (quote.kind, quote.source_comment_id, quote.score) == ("verbatim", 1, 100)
    assert held[quote.source_start : quote.source_end].casefold() == words.rstrip("+").casefold()


PARTS_OF_WORDS = {
    "of a longer word": ("no", "I know a notary."),
    "before a hyphen": ("re", "I will re-read it."),
    "after a hyphen": ("op", "A co-op has it."),
    "of a number": ("10", "That is 10.5 or 10,000 kettles."),
    "of an address": ("co", "See tea.co.example for it."),
    "a name with a sign": ("C", "It is written in C++ and C#."),
    "a word that is an acronym in the quotation": ("IT", "I would leave it at that."),
    "a word beside an underscore": ("id", "The id_no is lost."),
}


@pytest.mark.parametrize(("words", "held"), PARTS_OF_WORDS.values(), ids=PARTS_OF_WORDS)
def test_a_part_of_a_longer_word_is_no_source(words: str, held: str) -> None:
    assert _of_parent(words, held).source_type == "none"


def test_the_first_whole_word_is_taken_though_a_part_of_a_word_stands_before_it() -> None:
    held = "I re-read what was re of old."
    assert _of_parent("re", held).source_start == held.index(" re of") + 1


def test_a_few_words_are_found_in_what_was_said_before_an_edit() -> None:
    quote = _of_parent("the shed", "Edited: never mind.", before=(ORIGINAL,))
    assert (quote.kind, quote.source_comment_id) == ("verbatim", 1)


def test_words_that_the_answered_comment_relays_are_from_it() -> None:
    relayed = "never immerse the base in any liquid at all"
    assert _of_parent(relayed, f'The label says "{relayed}".').source_comment_id == 1


def test_a_source_by_the_sites_own_link_makes_no_edge() -> None:
    links = linked(said(1, "Ann", ORIGINAL), replace(said(2, "Bob", 'So "the shed" it is.'), parent_id=1))
    assert (links.edges, links.quotes[0].source_comment_id) == ((), 1)


def test_a_few_words_of_the_headline_are_its_own_where_nobody_is_answered() -> None:
    headline = ("Council slams kettle shed",)
    quote, links = only(said(1, "Ann", ORIGINAL), said(2, "Bob", 'Why "slams"?'), titles=headline)
    assert (quote.kind, quote.source_type, quote.source_start, links.edges) == ("verbatim", "article_title", 8, ())
    answering = said(1, "Ann", ORIGINAL), said(2, "Bob", 'Which "kettle"?', "@ Ann")
    assert only(*answering, titles=headline)[0].source_comment_id == 1
    assert only(said(1, "Ann", 'Not "it" again.'), titles=("It boils",))[0].source_type == "none"
