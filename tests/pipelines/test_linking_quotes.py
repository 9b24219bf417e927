"""Where quoted words come from: the article, an earlier comment, an earlier version of one, or nothing that is held."""

import pytest

from tests.invented import answers, linked, only, pairs, quotes_of, said, source_text

ORIGINAL = "The kettle boils over at noon, whatever the manual says. I have two of them in the shed."


QUOTING = {
    "straight marks": 'Well: "The kettle boils over at noon, whatever the manual says." Really?',
    "curly marks": "Well: “The kettle boils over at noon, whatever the manual says.” Really?",
    "opened curly, closed straight": 'Well: “The kettle boils over at noon, whatever the manual says." Really?',
    "single marks": "Well: 'The kettle boils over at noon, whatever the manual says.' Really?",
    "guillemets": "Well: « The kettle boils over at noon, whatever the manual says. » Really?",
    "low-9 marks": "Well: „The kettle boils over at noon, whatever the manual says.“ Really?",
    "other case and punctuation": 'Well: "the kettle boils over at NOON whatever the manual says!" Really?',
    "a line that is marked": "> The kettle boils over at noon, whatever the manual says.\n\nReally?",
    "marked lines, broken elsewhere": "> The kettle boils over at noon,\n> whatever the manual says.\nReally?",
    "a mark that is never closed": '"The kettle boils over at noon, whatever the manual says.\n\nReally?',
    "doubled marks": '""The kettle boils over at noon, whatever the manual says."" Really?',
}


@pytest.mark.parametrize("body", QUOTING.values(), ids=QUOTING)
def test_quoted_words_are_found_whatever_marks_them(body: str) -> None:
    comments = said(1, "Ann", ORIGINAL), said(2, "Bob", "No idea."), said(3, "Cy", body)
    links = linked(*comments)
    quote = quotes_of(links, 3)[0]
    assert body[quote.start : quote.end] == quote.text
    assert (quote.source_type, quote.source_comment_id, quote.source_version_id) == ("comment", 1, 1)
    assert source_text(quote, *comments) == "The kettle boils over at noon, whatever the manual says"
    assert answers(links.edges) == {(3, 1, "quote_long")}
    assert links.edges[0].confidence == 0.95


def test_kinds_say_how_a_span_is_marked_and_whether_its_source_is_held() -> None:
    bodies = {
        "verbatim": QUOTING["straight marks"],
        "block": QUOTING["a line that is marked"],
        "unbalanced": QUOTING["a mark that is never closed"],
        "scare": 'A "smart" kettle.',
        "external": 'The label says "never immerse the base in any liquid at all".',
    }
    links = linked(said(1, "Ann", ORIGINAL), *(said(at, "Bob", body) for at, body in enumerate(bodies.values(), 2)))
    assert [quotes_of(links, at)[0].kind for at in range(2, 7)] == list(bodies)
    assert quotes_of(links, 6)[0].source_type == "none"


def test_a_few_words_are_no_edge_by_themselves() -> None:
    quote, links = only(said(1, "Ann", ORIGINAL), said(2, "Bob", 'No "whatever the manual" for me.'))
    assert (quote.kind, quote.source_type) == ("scare", "none")
    assert not links.edges


def test_a_few_words_have_a_source_where_another_cue_names_it() -> None:
    comments = said(1, "Ann Ode", ORIGINAL), said(2, "Bob", 'A "manual" for it?', "@ Ann Ode")
    quote, links = only(*comments)
    assert answers(links.edges) == {(2, 1, "address")}
    assert (quote.kind, source_text(quote, *comments)) == ("verbatim", "manual")


def test_words_that_only_hold_sentences_together_are_not_looked_for() -> None:
    quote, links = only(said(1, "Ann", "That is what it is and so be it."), said(2, "Bob", 'Ah, "that is what it is".'))
    assert quote.source_type == "none"
    assert not links.edges


def test_a_quotation_of_oneself_has_a_source_and_is_no_reply() -> None:
    quote, links = only(said(1, "Ann", ORIGINAL), said(2, "Ann", QUOTING["straight marks"]))
    assert quote.source_comment_id == 1
    assert not links.edges


def test_a_quotation_inside_a_quotation_leads_to_who_wrote_the_whole() -> None:
    first = said(1, "Ann", ORIGINAL)
    second = said(2, "Bob", f"> {ORIGINAL}\n\nMine boils over at eleven, since the clock in the hall is wrong.")
    third = said(
        3, "Cy", f"> > {ORIGINAL}\n>\n> Mine boils over at eleven, since the clock in the hall is wrong.\n\nOh."
    )
    links = linked(first, second, third)
    assert pairs(links.edges) == {(2, 1), (3, 2)}


def test_a_quotation_of_what_another_quotes_leads_to_who_wrote_it_first() -> None:
    links = linked(
        said(1, "Ann", ORIGINAL),
        said(2, "Bob", f'"{ORIGINAL}"\n\nNever.'),
        said(3, "Cy", f'"{ORIGINAL}"\n\nNever ever.'),
    )
    assert pairs(links.edges) == {(2, 1), (3, 1)}
    assert (3, 2, "other_holder") in answers(links.candidates)


def test_words_that_an_earlier_comment_quotes_from_elsewhere_are_not_its_own() -> None:
    sentence = "An estimated four thousand kettles will have access to the shed"
    links = linked(said(1, "Ann", f'"{sentence}"\n\nFour!'), said(2, "Bob", f'"{sentence}"\n\nThousand!'))
    assert [quote.source_type for quote in links.quotes] == ["none", "none"]
    assert not links.edges
    assert (2, 1, "relayed_quote") in answers(links.candidates)


@pytest.mark.parametrize("where", ["title", "teaser", "body"])
def test_words_of_the_article_make_no_edge_though_a_comment_repeats_them(where: str) -> None:
    words = "Council slams shed of two thousand whistling kettles"
    comments = said(1, "Ann", f"{words}. How true."), said(2, "Bob", f'"{words}" is no headline.')
    links = linked(
        *comments,
        titles=(words,) if where == "title" else (),
        teaser=words if where == "teaser" else None,
        article=words if where == "body" else None,
    )
    (quote,) = quotes_of(links, 2)
    assert (quote.source_type, quote.source_start, quote.source_end) == (f"article_{where}", 0, len(words))
    assert not links.edges


def test_a_quotation_that_is_longer_than_the_articles_words_is_of_the_comment() -> None:
    words = "Council slams shed of whistling kettles"
    body = f"{words} and then asks for tea, which is just like them."
    quote, links = only(said(1, "Ann", body), said(2, "Bob", f'"{body}" Indeed.'), titles=(words,))
    assert quote.source_comment_id == 1
    assert pairs(links.edges) == {(2, 1)}


def test_a_short_title_inside_a_long_span_is_no_source() -> None:
    span = "my neighbour went on about tea for two hours and never once said what colour the pot would be"
    quote, links = only(said(1, "Ann", None, "Tea for two"), said(2, "Bob", f'He said "{span}".'))
    assert quote.source_type == "none"
    assert not links.edges


def test_small_changes_are_seen_through_and_say_so() -> None:
    changed = "The kettle boils over at noon, whatever that manual says. I've two of them in the sheds."
    quote, links = only(said(1, "Ann", ORIGINAL), said(2, "Bob", f'"{changed}" Hm.'))
    assert quote.source_comment_id == 1
    assert quote.score is not None
    assert 88 <= quote.score < 100
    assert answers(links.edges) == {(2, 1, "quote_fuzzy")}


def test_other_words_of_the_same_length_are_no_source() -> None:
    other = "The toaster burns crumbs by night, unless a warranty holds. We keep some of it under the bed."
    quote, _ = only(said(1, "Ann", ORIGINAL), said(2, "Bob", f'"{other}" Hm.'))
    assert quote.source_type == "none"


def test_a_sentence_that_is_only_half_the_same_is_no_source() -> None:
    half = "The kettle boils over at dawn, because my granny says. She keeps them in the loft."
    quote, links = only(said(1, "Ann", ORIGINAL), said(2, "Bob", f'"{half}" Hm.'))
    assert quote.source_type == "none"
    assert not links.edges


def test_words_inside_a_sentence_must_be_many() -> None:
    links = linked(
        said(1, "Ann", "Have you read the secret life of kettles yet?"),
        said(2, "Bob", 'I liked "the secret life of kettles" a lot.'),
        said(3, "Cy", '"the secret life of kettles"\n\nNever heard of it.'),
    )
    assert pairs(links.edges) == {(3, 1)}
    assert (2, 1, "quote_inline") in answers(links.candidates)


def test_what_several_wrote_without_marks_is_a_saying() -> None:
    links = linked(
        said(1, "Ann", "A watched kettle never boils over the rim."),
        said(2, "Bob", "As they say, a watched kettle never boils over the rim."),
        said(3, "Cy", '"A watched kettle never boils over the rim"\n\nSays who?'),
    )
    assert not links.edges
    assert (3, 1, "quote_contested") in answers(links.candidates)
    assert quotes_of(links, 3)[0].source_comment_id == 1


def test_later_comments_are_never_a_source_by_time_whatever_their_places() -> None:
    quoting = said(1, "Bob", QUOTING["straight marks"], at="2020-01-02T00:00:00Z")
    original = said(2, "Ann", ORIGINAL, at="2020-01-01T00:00:00Z")
    assert pairs(linked(quoting, original).edges) == {(1, 2)}
    assert not linked(said(1, "Bob", QUOTING["straight marks"]), said(2, "Ann", ORIGINAL)).edges


def test_without_times_the_numbers_of_ids_decide_what_is_earlier() -> None:
    quoting = said(1, "Bob", QUOTING["straight marks"], native_id="900")
    assert pairs(linked(quoting, said(2, "Ann", ORIGINAL, native_id="89")).edges) == {(1, 2)}


def test_a_text_that_was_edited_later_is_quoted_as_it_was() -> None:
    comments = said(1, "Ann", "Edited: never mind.", before=[ORIGINAL]), said(2, "Bob", QUOTING["straight marks"])
    quote, links = only(*comments)
    assert (quote.source_comment_id, quote.source_version_id) == (1, comments[0].earlier[0].row_id)
    assert source_text(quote, *comments) == "The kettle boils over at noon, whatever the manual says"
    assert pairs(links.edges) == {(2, 1)}


def test_what_stands_in_both_versions_is_quoted_from_the_present_one() -> None:
    quote, _ = only(said(1, "Ann", ORIGINAL + " Edited.", before=[ORIGINAL]), said(2, "Bob", QUOTING["straight marks"]))
    assert quote.source_version_id == 1


def test_a_quotation_that_a_later_paragraph_closes_crosses_paragraphs() -> None:
    body = "Tea at four.\n\nCake at five, if there is any left."
    quote, _ = only(said(1, "Ann", body), said(2, "Bob", f"“{body}”\n\nNo."))
    assert (quote.kind, quote.text) == ("verbatim", body)


def test_an_unclosed_quotation_goes_on_as_far_as_its_source_says_the_same() -> None:
    comments = (
        said(1, "Ann", "Tea is served at four.\n\nCake is at five, if any is left."),
        said(2, "Bob", '"Tea is served at four.\n\nCake is at five, if any is left.\n\nI would rather not.'),
    )
    quote, _ = only(*comments)
    assert (quote.kind, quote.text) == ("verbatim", "Tea is served at four.\n\nCake is at five, if any is left")


def test_an_unclosed_quotation_ends_with_its_paragraph_where_no_source_goes_on() -> None:
    quote, _ = only(
        said(1, "Ann", "Tea is served at four."), said(2, "Bob", '"Tea is served at four.\n\nI see, thanks.')
    )
    assert (quote.kind, quote.text, quote.source_comment_id) == ("unbalanced", "Tea is served at four.", 1)


def test_a_title_quotes_and_is_quoted() -> None:
    comments = (
        said(1, "Ann", "Hm.", "Whistling kettles of the world unite"),
        said(2, "Bob", "Why?", '"Whistling kettles of the world unite"'),
        said(3, "Cy", '"Whistling kettles of the world unite"\n\nNever.'),
    )
    links = linked(*comments)
    assert pairs(links.edges) == {(2, 1), (3, 1)}
    (quote,) = quotes_of(links, 2)
    assert (quote.field, quote.source_field) == ("title", "title")


def test_blockquotes_q_and_italics_of_html_are_blocks_where_they_are_quotations() -> None:
    sentence = "The kettle boils over at noon, whatever the manual says."
    links = linked(
        said(1, "Ann", ORIGINAL),
        said(2, "Bob", f"> {sentence}\n\nNo.", html=f"<blockquote><p>{sentence}</p></blockquote><p>No.</p>"),
        said(3, "Cy", f"{sentence}\n\nNo.", html=f"<p><i>{sentence}</i></p><p>No.</p>"),
        said(4, "Di", f"You say {sentence} No.", html=f"<p>You say <q>{sentence}</q> No.</p>"),
        said(5, "Ed", "I really do mean this.", html="<p>I <em>really do mean this</em>.</p>"),
    )
    assert pairs(links.edges) == {(2, 1), (3, 1), (4, 1)}
    assert [quotes_of(links, at)[0].kind for at in (2, 3, 4)] == ["block", "block", "block"]
    assert quotes_of(links, 3)[0].text == sentence.rstrip(".")
    assert quotes_of(links, 5) == []


def test_an_address_of_the_web_is_no_quotation() -> None:
    url = "https://kettles.example/watch/the/whistling/kettle?list=shed"
    quote, links = only(said(1, "Ann", f"See {url}"), said(2, "Bob", f"> {url}\n\nSeen."))
    assert quote.source_type == "none"
    assert not links.edges


SCRIPTS = {
    "Hebrew": ("הקומקום רותח בצהריים גם אם המדריך אומר אחרת", "„{}” באמת?"),
    "Arabic": ("الغلاية تغلي عند الظهر مهما قال الدليل في المرآب", "«{}» حقا؟"),
    "Hindi": ("केतली दोपहर में उबलती है चाहे पुस्तिका कुछ भी कहे", "“{}” सच?"),
    "Chinese": ("这个水壶每天中午都会沸腾不管说明书怎么说", "“{}”真的吗？"),
    "Japanese": ("このやかんは正午にいつも沸騰してしまいます", "“{}” 本当?"),
    "decomposed accents": (
        "La the\u0301ie\u0300re de\u0301borde a\u0300 midi quoi que dise la notice",
        "« {} » Ah bon ?",
    ),
}


@pytest.mark.parametrize(("words", "frame"), SCRIPTS.values(), ids=SCRIPTS)
def test_quotations_of_other_writings_are_found(words: str, frame: str) -> None:
    comments = said(1, "Ann", words), said(2, "Bob", frame.format(words))
    quote, links = only(*comments)
    assert source_text(quote, *comments) == words
    assert pairs(links.edges) == {(2, 1)}


def test_corner_brackets_and_thai_word_boundaries_are_not_attempted() -> None:
    # What is not attempted says nothing rather than something wrong.
    words = "这个水壶每天中午都会沸腾不管说明书怎么说"
    assert linked(said(1, "Ann", words), said(2, "Bob", f"「{words}」真的吗？")).quotes == ()
    thai = "กาต้มน้ำเดือดตอนเที่ยงเสมอ"
    assert not linked(said(1, "Ann", f"{thai}จริงๆ"), said(2, "Bob", f'"{thai}" จริง')).edges


def test_a_comment_may_quote_several() -> None:
    second = "My toaster never burns a thing before ten in the morning."
    links = linked(
        said(1, "Ann", ORIGINAL),
        said(2, "Bob", second),
        said(3, "Cy", f"> {ORIGINAL}\n\nNo.\n\n> {second}\n\nYes."),
    )
    assert pairs(links.edges) == {(3, 1), (3, 2)}


@pytest.mark.parametrize(
    "words",
    [
        "The kettle boils over at noon, whatever the manuals say",
        "The kettle boils over at noon, whatever the manual says. I have two of them in the she",
        "The kettle boils over at noon, whatever manual says",
        "Kettle boils over at noon, whatever the manual said",
    ],
)
def test_a_changed_quotation_is_never_called_verbatim(words: str) -> None:
    quote, _ = only(said(1, "Ann", ORIGINAL), said(2, "Bob", f'"{words}"\n\nHm.'))
    assert (quote.kind, quote.source_comment_id) == ("changed", 1)
    assert quote.score is not None
    assert quote.score < 100


def test_one_letter_of_a_long_quotation_is_a_change() -> None:
    words = [f"spoon{number}" for number in range(700)]
    changed = [*words[:350], "fork", *words[351:]]
    quote, links = only(said(1, "Ann", " ".join(words)), said(2, "Bob", f'"{" ".join(changed)}"'))
    assert (quote.kind, quote.score) == ("changed", 99.9)
    assert answers(links.edges) == {(2, 1, "quote_fuzzy")}
