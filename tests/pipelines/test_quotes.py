import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.pipelines.quotes import find_quotes, find_spans
from belowtheline.reading.items import NOT_SHOWN, Comment, Thread, ThreadPage
from tests.growth import assert_grows

FOUND = {
    "straight": ('She wrote "no more tea" on the wall.', ["no more tea"]),
    "two in a line": ('From "cup" to "saucer".', ["cup", "saucer"]),
    "curly": ("She wrote “no more tea” on the wall.", ["no more tea"]),
    "curly, the same mark on both sides": ("Så sade han ”aldrig mer” igen.", ["aldrig mer"]),
    "guillemets": ("Elle dit «plus de thé» hier.", ["plus de thé"]),
    "guillemets with blanks inside": ("Elle dit « plus de thé » hier.", [" plus de thé "]),
    "guillemets pointing inwards": ("Sie sagte »kein Tee« dazu.", ["kein Tee"]),
    "small guillemets": ("Elle dit ‹plus de thé› hier.", ["plus de thé"]),
    "low-9, closed by the left curly": ("Sie sagte „kein Tee“ dazu.", ["kein Tee"]),
    "low-9, closed by the right curly": ("Powiedziała „bez herbaty” wczoraj.", ["bez herbaty"]),
    "low-9, closed by a straight mark": ('Sie sagte „kein Tee" dazu.', ["kein Tee"]),
    "single low-9": ("Sie sagte ‚kein Tee‘ dazu.", ["kein Tee"]),
    "opened curly, closed straight": ('She wrote “no more tea" there.', ["no more tea"]),
    "closed by a left curly that floats": ("a so called “tea “ of theirs", ["tea "]),
    "comma before the closing mark": ('"No more tea," she said.', ["No more tea,"]),
    "blank before the closing mark": ('"No more tea. "', ["No more tea. "]),
    "blank after the opening mark": ('" ...and no more tea."', [" ...and no more tea."]),
    "blanks on both sides": ('accurate to a " T " indeed', [" T "]),
    "in brackets": ('(see "tea") and ["cups"]', ["tea", "cups"]),
    "after a dash and before one": ('the kettle—"our hero"—whistled', ["our hero"]),
    "without blanks around": ('lid"kettle"lid', ["kettle"]),
    "side by side": ('"one","two" and "three""four"', ["one", "two", "three", "four"]),
    "money and signs": ('it said "£5 or 6€" and "C++" too', ["£5 or 6€", "C++"]),
    "a year": ('the cup of "summer 1990" was chipped', ["summer 1990"]),
}

SINGLES = {
    "single": ("the 'official' kettle", ["official"]),
    "curly single": ("the ‘official’ kettle", ["official"]),
    "single letter": ("a class 'B' kettle, key 'N'", ["B", "N"]),
    "apostrophes inside words": ("it's what we don't, can’t and won’t do", []),
    "apostrophe inside a single": ("the 'it's not mine' crowd", ["it's not mine"]),
    "possessive plural": ("the dogs' bowl and the cats' tray", []),
    "possessive plural after a quotation": ("a 'new' one, for the dogs' sake", ["new"]),
    "possessive plural inside a quotation": ("he said 'the dogs' bowl is empty' twice", ["the dogs' bowl is empty"]),
    "quotation that ends like a possessive": ("a trail of 'biscuits' was found", ["biscuits"]),
    "two that end like possessives": ("of 'biscuits' and 'crumbs' alike", ["biscuits", "crumbs"]),
    "elision": ("get 'em on the 'phone, 'cause the '90s were the dogs' days", []),
    "curly elision": ("wait ’til the ’80s end, ‘tis only the dogs’ due", []),
    "elision before a quotation": ("on the 'phone they said 'maybe' to me", ["maybe"]),
    "elision inside a quotation": ("he said 'give 'em tea' and left", ["give 'em tea"]),
    "quotation of an elided word": ("the word 'em' is short", ["em"]),
    "rock 'n' roll": ("rock 'n' roll, fish 'n' chips", []),
    "dropped letters": ("goin' home an' makin' tea o' sorts", []),
    "feet and inches": ("he is 6' 2\" and she is 5' 11\"", []),
    "no closing mark": ("a 'kettle without an end", []),
    "never over a paragraph": ("a 'kettle\n\nwithout' an end", []),
    "genitive of a quotation": ("the \"club\"'s rules and the members' cups", ["club"]),
}

NESTED = {
    "single in double": ("\"He said 'no tea' to me\" she said", ["He said 'no tea' to me"]),
    "single at the start of double": ("\"'No tea' it said\"", ["'No tea' it said"]),
    "double in single": ("'He said \"no tea\" to me' she said", ['He said "no tea" to me']),
    "straight in straight": ('"He said "no tea" to me" she said', ['He said "no tea" to me']),
    "straight in curly": ('“He said "no tea" to me” she said', ['He said "no tea" to me']),
    "curly in guillemets": ("«Il dit “non” hier»", ["Il dit “non” hier"]),
    "doubled opener": ('""No tea" it said, in red" she wrote', ['"No tea" it said, in red']),
    "doubled on both sides": ('she wrote ""no tea"" there', ['"no tea"']),
    "doubled opener, closed in the next paragraph": ('""No tea"\n\nit said." Well.', ['"No tea"\n\nit said.']),
    "single that crosses a double": ("'so \"they' said\" then", ["they' said"]),
    "nothing in it": ('set it to "" or “ ” please', []),
}

INCHES = {
    "alone": ('a 19" rack', []),
    "two": ('a 19" rack, 3.5" disks and a 5¼" drive', []),
    "by": ('a 12"x14" tray', []),
    "inside a quotation": ('he said "a 19" rack is fine" to me', ['a 19" rack is fine']),
    "before a quotation": ('the 24" one is "too big"', ["too big"]),
    "number that ends a quotation": ('he is "over 18" and "under 21" at once', ["over 18", "under 21"]),
    "at the end of a quotation": ('she said "mine is 19""', ['mine is 19"']),
    "never closes an earlier paragraph": ('He said "yes\n\nto a 19" rack', ["yes"]),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_double_marks_of_many_languages(text: str, expected: list[str]) -> None:
    assert [(quote.text, quote.kind) for quote in find_spans(text)] == [(words, "quoted") for words in expected]


@pytest.mark.parametrize(("text", "expected"), SINGLES.values(), ids=SINGLES)
def test_single_marks_are_told_from_apostrophes(text: str, expected: list[str]) -> None:
    assert [quote.text for quote in find_spans(text)] == expected


@pytest.mark.parametrize(("text", "expected"), NESTED.values(), ids=NESTED)
def test_only_the_outermost_quotation_is_reported(text: str, expected: list[str]) -> None:
    assert [quote.text for quote in find_spans(text) if quote.kind == "quoted"] == expected


@pytest.mark.parametrize(("text", "expected"), INCHES.values(), ids=INCHES)
def test_inch_marks_quote_nothing(text: str, expected: list[str]) -> None:
    assert [quote.text for quote in find_spans(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Plain words only.",
        "3 > 2, really",
        "a => b",
        "naïve — and… so",
        'the stray end" of it',
        "Tea » Cups » Blue",
    ],
)
def test_text_without_a_quotation_has_none(text: str) -> None:
    assert find_spans(text) == ()


def test_an_unclosed_quotation_ends_with_its_paragraph() -> None:
    (first, second) = find_spans('One "two three.\n\nFour "five" six.')
    assert (first.text, first.kind) == ("two three.", "unbalanced")
    assert (second.text, second.kind) == ("five", "quoted")


def test_an_unclosed_quotation_at_the_end_of_the_text() -> None:
    (quote,) = find_spans("One “two three")
    assert (quote.text, quote.kind) == ("two three", "unbalanced")


def test_an_unclosed_quotation_hides_what_is_quoted_inside_it() -> None:
    (quote,) = find_spans('One "two "three" four.\n\nFive.')
    assert (quote.text, quote.kind) == ('two "three" four.', "unbalanced")


def test_every_paragraph_may_open_the_same_quotation_anew() -> None:
    kinds = [(quote.text, quote.kind) for quote in find_spans('"One.\n\n"Two.\n\n"Three."')]
    assert kinds == [("One.", "unbalanced"), ("Two.", "unbalanced"), ("Three.", "quoted")]


def test_a_later_paragraph_closes_what_it_did_not_open() -> None:
    (quote,) = find_spans('He wrote: "One.\n\nTwo "three" four.\n\nFive." So.')
    assert (quote.text, quote.kind) == ('One.\n\nTwo "three" four.\n\nFive.', "quoted")


def test_one_closing_mark_for_two_opening_ones_closes_the_outer() -> None:
    (quote,) = find_spans('He wrote "one "two.\n\nThree." So.')
    assert (quote.text, quote.kind) == ('one "two.\n\nThree.', "quoted")


@pytest.mark.parametrize("text", ['an odd " in the text', "»Read on", "”Read on"])
def test_a_mark_that_need_not_open_anything_is_not_called_unbalanced(text: str) -> None:
    assert find_spans(text) == ()


BLOCKS = {
    "one line": ("> No more tea.\n\nWhy?", ["No more tea."]),
    "without a blank": (">No more tea.\nWhy?", ["No more tea."]),
    "several lines": ("Well:\n> No more\n> tea.\n\nWhy?", ["No more\n> tea."]),
    "two blocks": ("> No tea.\n\nWhy?\n\n> No cups.", ["No tea.", "No cups."]),
    "a blank line parts": ("> No tea.\n\n> No cups.", ["No tea.", "No cups."]),
    "bare lines": (">\n> No tea.\n>\n> No cups.\n>\nWhy?", ["No tea.\n>\n> No cups."]),
    "deeper lines": ("> > No tea.\n> Why?", ["No tea.\n> Why?"]),
    "marks inside": ('> "No" tea\n> "at all', ['"No" tea\n> "at all']),
    "only bare": (">\n> \n\nWhy?", []),
    "smileys and sums": (">:(\n\n>= 5\n\n>90% of us", []),
}


@pytest.mark.parametrize(("text", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_quoted_lines_are_blocks(text: str, expected: list[str]) -> None:
    assert [(quote.text, quote.kind) for quote in find_spans(text)] == [(words, "block") for words in expected]


def test_no_quotation_runs_through_a_block() -> None:
    quotes = find_spans('He said "yes\n> no\nbut meant" maybe.')
    assert [(quote.text, quote.kind) for quote in quotes] == [("yes", "unbalanced"), ("no", "block")]


def test_marks_after_a_block() -> None:
    assert [quote.text for quote in find_spans('> no\n"Yes" I say')] == ["no", "Yes"]


def test_offsets_are_code_points_without_the_marks() -> None:
    (quote,) = find_spans('🫖🫖 "té" 🫖', "title")
    assert (quote.field, quote.start, quote.end, quote.text) == ("title", 4, 6, "té")


def page_of(*comments: Comment) -> ThreadPage:
    return ThreadPage(thread=Thread(site="gazette", native_id="1"), comments=comments)


def test_titles_and_bodies_of_a_page_are_read() -> None:
    comment = Comment(native_id="7", position=1, title='Is "tea" over?', body_text="> Yes\n\n'Maybe' not")
    (read,) = find_quotes(page_of(comment)).comments
    found = [(quote.field, quote.text, quote.kind) for quote in read.quotes]
    assert found == [("title", "tea", "quoted"), ("body", "Yes", "block"), ("body", "Maybe", "quoted")]


def test_what_is_not_shown_quotes_nothing_and_stays_as_it_is() -> None:
    page = page_of(
        Comment(native_id="7", position=1, title=NOT_SHOWN, body_text=NOT_SHOWN),
        Comment(native_id="8", position=2, title=None, body_text=None),
        Comment(native_id="9", position=3, title="Tea", body_text="It's over."),
    )
    assert find_quotes(page) is page


def test_finding_twice_changes_nothing() -> None:
    page = find_quotes(page_of(Comment(native_id="7", position=1, body_text='"Yes"')))
    assert find_quotes(page) is page


ADVERSARIAL = {
    "many quotations": '"a" ',
    "only opening marks": ' "a',
    "only closing marks": 'a" ',
    "straight marks only": '"',
    "alternating curly": "“”",
    "left curly only": "“",
    "single opening": " 'a",
    "single closing": "a' ",
    "apostrophes only": "'",
    "possessives after an opening mark": " 'as' b",
    "inch marks": ' "19" a',
    "all kinds": "«\"„‹‘'’›“»",
    "paragraphs that open": '"a\n\n',
    "paragraphs that close": 'a"\n\n',
    "quoted lines": "> a\n",
    "bare quoted lines": ">\n",
    "greater-than signs": ">",
    "line breaks": "\n",
    "digits": "1",
    "elisions": " '90s",
}


@pytest.mark.parametrize("unit", ADVERSARIAL.values(), ids=ADVERSARIAL)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    assert_grows(lambda size: find_spans("“ " + unit * (size // len(unit)) + ' "'), 100_000)


def test_many_paragraphs_that_open_before_as_many_that_close_take_linear_time() -> None:
    assert_grows(lambda count: find_spans('"a\n\n' * count + 'b"\n\n' * count), 10_000)
    text = '"a\n\n' * 100 + 'b"\n\n' * 100
    assert [quote.kind for quote in find_spans(text)] == ["quoted"]


PIECES = st.sampled_from([*"\"“”„«»‹›'‘’‚> .,-(19ax\n", "\n\n", "\n> ", "word", "s' ", ' "', '" '])


@given(st.lists(PIECES, max_size=60).map("".join) | st.text())
def test_spans_are_exact_sorted_and_apart(text: str) -> None:
    end = 0
    for quote in find_spans(text):
        assert quote.text == text[quote.start : quote.end]
        assert quote.text.strip()
        assert quote.start >= end
        end = quote.end
