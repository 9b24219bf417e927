"""Text copied from a page of The Register's forums; every text here is invented."""

import pytest

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Icon, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copied import looks_copied, parse_copied

CLOSED = f"{wording.CLOSED}\n"
ARTICLE = "back to article Kettle wins award\n\nA kettle has won … \n\n\n"
HEAD = ARTICLE + CLOSED


def post(header: str, *paragraphs: str, icon: str = "", at: int = 2) -> str:
    """Return a post as it is copied; an empty paragraph is an empty line."""
    inner = " " * (at + 2)
    lead = f"{inner}{icon}\n" if icon else ""
    return f"{' ' * at}{header}\n{lead}\n" + "".join(f"{inner}{text}\n\n" if text else "\n" for text in paragraphs)


# An untitled last post proves that each title of its capture has a line.
SLOTS = post("8. Zoe", "", "Hm.")


def nested(step: int) -> str:
    bob, cid = 2 + step, 2 + 2 * step
    thread = post("1. Ann", "Nice", "First.") + post("1. Bob", "Re: Nice", "Indeed it is.", at=bob)
    thread += post("1. Cid", "Re: Nice", "It is not.", at=cid) + post("2. Dan", "Re: Nice", "Perhaps.", at=bob)
    return thread + post("2. Eve", "Tea", "Milk first.")


NESTED = nested(4)


def read(text: str) -> ThreadPage:
    return parse_copied(Page(url="file:kettle.txt", body=text.encode()))


def comments(text: str) -> tuple[Comment, ...]:
    return read(HEAD + text).comments


def names(text: str) -> list[str | None]:
    return [author.name if isinstance(author := comment.author, Author) else None for comment in comments(text)]


def test_flat_thread() -> None:
    page = read(
        HEAD + post("1. Ann", "Nice", "First.", "Second.") + post("2. Bob", "Cheers", "To it.", icon="Pint") + SLOTS
    )
    ann, bob, zoe = page.comments
    assert page.form == "copied text"
    assert (ann.position, ann.icon, ann.title, ann.body_text) == (1, None, "Nice", "First.\n\nSecond.")
    assert (bob.position, bob.icon, bob.title, bob.title_source) == (2, Icon(name="Pint"), "Cheers", "slot")
    assert (zoe.author, zoe.title, zoe.title_source) == (Author(name="Zoe"), None, "slot")


def test_flat_thread_says_nothing_of_parents_and_copied_text_nothing_of_ids_dates_and_markup() -> None:
    ann = comments(post("1. Ann", "Nice", "First."))[0]
    assert ann.depth is NOT_SHOWN
    assert (ann.native_id, ann.parent_position, ann.deletion) == (None, None, None)
    assert {ann.published_raw, ann.url, ann.body_html, ann.parent_native_id, ann.upvotes} == {NOT_SHOWN}


def test_headline_teaser_and_closing_sentence() -> None:
    thread = read(HEAD + SLOTS).thread
    assert thread.title == thread.article.headline == "Kettle wins award"
    assert thread.article.teaser == "A kettle has won …"
    assert (thread.native_id, thread.is_closed) == (None, True)


def test_missing_headline_and_closing_sentence_say_nothing() -> None:
    thread = read(SLOTS).thread
    assert {thread.title, thread.article.headline, thread.article.teaser, thread.is_closed} == {NOT_SHOWN}


def test_closing_sentence_quoted_in_a_body_closes_nothing() -> None:
    page = read(ARTICLE + post("1. Ann", "Hm", CLOSED.strip(), "Really?") + SLOTS)
    assert page.thread.is_closed is NOT_SHOWN
    assert page.comments[0].body_text == f"{CLOSED}\nReally?"


def test_headline_on_its_own_line_and_words_of_a_picture_before_the_teaser() -> None:
    head = "Jump to content\nback to article\nKettle wins award\n\nA shiny kettle\n\nA kettle has\nwon …\n\nPage:\n\n"
    article = read(head + SLOTS).thread.article
    assert (article.headline, article.teaser) == ("Kettle wins award", "A kettle has won …")


@pytest.mark.parametrize("end", [CLOSED, ""])
def test_frame_below_the_last_post_is_no_part_of_it(end: str) -> None:
    below = "Page:\n\n  1. Most read\n  2. Second most read\n\nAbout us\n"
    assert [ann.body_text for ann in comments(post("1. Ann", "Nice", "First.") + end + below)] == ["First."]


@pytest.mark.parametrize("frame", [f"{CLOSED}Next\n\n{HEAD}", f"{CLOSED}Next\n\n{CLOSED}", HEAD])
def test_a_second_page_copied_below_the_first(frame: str) -> None:
    pages = comments(post("1. Ann", "Nice", "First.") + frame + post("1. Bob", "Nice", "Second.") + CLOSED)
    assert [comment.body_text for comment in pages] == ["First.", "Second."]


@pytest.mark.parametrize("step", [2, 4, 6])
def test_nested_replies_restart_their_numbers(step: int) -> None:
    found = comments(nested(step))
    assert names(nested(step)) == ["Ann", "Bob", "Cid", "Dan", "Eve"]
    assert [comment.parent_position for comment in found] == [None, 1, 2, 1, None]
    assert [comment.depth for comment in found] == [0, 1, 2, 1, 0]
    assert [comment.body_text for comment in found][1:3] == ["Indeed it is.", "It is not."]


def test_numbers_aligned_on_their_right_nest_nothing() -> None:
    posts = "".join(f"{number:3}. Ann\n\n     Nice\n\n     First.\n\n" for number in range(8, 12))
    assert [comment.parent_position for comment in comments(posts)] == [None] * 4


AUTHORS = {
    "Ann (Written by Reg staff)": ("Ann (Written by Reg staff)", None),
    "Ann (Written by Reg staff) Gold badge": ("Ann (Written by Reg staff)", "Gold badge"),
    "Ann Silver badge": ("Ann", "Silver badge"),
    "Silver badge": (None, "Silver badge"),
    "Anonymous Coward Silver badge": ("Anonymous Coward", "Silver badge"),
    "Quicksilver badge": ("Quicksilver badge", None),
    "AnnSilver badge": ("Ann", "Silver badge"),
    "Ann Silver badgein reply to": ("Ann", "Silver badge"),
    "Ann (Written by Reg staff)in reply to": ("Ann (Written by Reg staff)", None),
}


@pytest.mark.parametrize("header", AUTHORS)
def test_author_with_staff_suffix_and_badge_and_badge_alone(header: str) -> None:
    name, badge = AUTHORS[header]
    found = comments(post(f"1. {header}", "Hello.") + post("2. Bob Bronze badge", "Hi."))
    assert found[0].author == Author(name=name, badge=badge)


def test_badges_and_icons_are_not_shown_where_no_post_has_one() -> None:
    ann = comments(post("1. Ann", "Hello."))[0]
    assert (ann.author, ann.icon) == (Author(name="Ann", badge=NOT_SHOWN), NOT_SHOWN)


def test_anonymous_coward_on_two_lines_is_author_and_icon() -> None:
    name = "Anonymous Coward"
    first, second = comments(post(f"1. {name}", "Nice", "First.", icon=name) + post(f"2. {name}", "Hm", "So."))
    assert first.author == second.author == Author(name=name)
    assert (first.icon, second.icon) == (Icon(name=name), None)


def test_icon_of_an_unknown_name_where_titles_have_slots() -> None:
    assert comments(post("1. Ann", "Nice", "First.", icon="Blue Pot") + SLOTS)[0].icon == Icon(name="Blue Pot")


def test_tombstone_with_replies() -> None:
    text = "  1. This post has been deleted by its author\n\n" + post("1. Bob", "Shame.", at=4)
    gone, bob, removed = comments(text + "  2. This post has been deleted by a moderator\n")
    assert (gone.deletion, bob.deletion, removed.deletion) == ("author", None, "moderator")
    assert {gone.author, gone.icon, gone.title, gone.body_text} == {NOT_SHOWN}
    assert (gone.title_source, bob.parent_position) == (None, 1)


def test_tombstone_below_its_author() -> None:
    gone = comments(post("1. Ann", "This post has been deleted by a moderator", icon="Pint") + SLOTS)[0]
    assert (gone.deletion, gone.author, gone.icon) == ("moderator", Author(name="Ann"), Icon(name="Pint"))
    assert {gone.title, gone.body_text} == {NOT_SHOWN}


def test_empty_title_slot() -> None:
    ann = comments(post("1. Ann", "", "Short", "Long.", icon="Pint") + post("2. Bob", "Nice", "Body."))[0]
    assert (ann.title, ann.title_source, ann.body_text) == (None, "slot", "Short\n\nLong.")


def test_one_empty_slot_gives_every_post_a_slot_where_all_others_have_a_title_and_a_body() -> None:
    ann = comments(post("1. Ann", "A sentence as title.", "Body.") + SLOTS)[0]
    assert (ann.title, ann.title_source, ann.body_text) == ("A sentence as title.", "slot", "Body.")


LONG = "It goes on and on, much longer than any title would, and so it can be nothing but a body, as all can see."


@pytest.mark.parametrize("others", [post("2. Bob", "Well said."), post("2. Bob", LONG, "And more.")])
def test_an_empty_slot_makes_no_titles_of_the_first_lines_of_posts_that_have_none(others: str) -> None:
    ann, bob, zoe = comments(post("1. Ann", "Nice", "A body.") + others + SLOTS)
    assert (ann.title, ann.title_source, ann.body_text) == ("Nice", "guess", "A body.")
    assert (bob.title, zoe.title, zoe.body_text) == (None, None, "Hm.")
    assert str(bob.body_text).startswith(("Well said.", LONG))


def test_a_title_that_ends_in_a_full_stop_where_every_post_opens_with_one_short_line() -> None:
    text = (
        post("1. Ann", "Not fit.", "A body.") + post("2. Bob", "Tea", LONG) + post("3. Cid", "It ends. Or not.", "So.")
    )
    assert [comment.title for comment in comments(text)] == ["Not fit.", "Tea", "It ends. Or not."]
    assert [comment.title for comment in comments(text + post("4. Dan", LONG, "So."))] == [None, "Tea", None, None]


def test_title_with_an_empty_first_paragraph_keeps_its_title() -> None:
    ann = comments(post("1. Ann", "Nice", "", "First.") + SLOTS)[0]
    assert (ann.title, ann.body_text) == ("Nice", "First.")
    assert comments(post("1. Ann", "Nice", "", "First."))[0].title_source == "guess"


@pytest.mark.parametrize("below", [SLOTS, ""])
def test_quotation_as_title(below: str) -> None:
    ann = comments(post("1. Ann", '"won, in its own words"', "Really?") + below)[0]
    assert (ann.title, ann.body_text) == ('"won, in its own words"', "Really?")


def test_paragraphs_too_long_for_titles_disprove_slots() -> None:
    ann = comments(post("1. Ann", "word " * 60, "Body.") + SLOTS)[0]
    assert (ann.title, ann.title_source) == (None, "guess")


LISTED = post("1. Ann", "Three things", "1. Kettle", "2. Pot", "3. Cup")


def test_list_in_a_body_at_the_indent_of_a_reply_header() -> None:
    text = LISTED + post("1. Bob", "And milk.", at=4) + post("2. Cid", "And sugar.", at=4) + post("2. Dan", "Hm.")
    assert names(text) == ["Ann", "Bob", "Cid", "Dan"]
    assert comments(text)[0].title == "Three things"
    assert comments(text)[0].body_text == "1. Kettle\n\n2. Pot\n\n3. Cup"


def test_list_that_ends_a_post_or_runs_without_blank_lines() -> None:
    text = LISTED + post("2. Bob", "So:", "1. Milk\n    2. Sugar", "Yes.") + post("3. Cid", "Hm.")
    assert names(text) == ["Ann", "Bob", "Cid"]
    assert comments(text)[1].body_text == "So:\n\n1. Milk\n2. Sugar\n\nYes."


def test_list_item_that_introduces_code_is_no_reply() -> None:
    assert names(post("1. Ann", "1. Run this:", "    make tea", "2. Drink it.")) == ["Ann"]


def test_people_of_one_name_stay_apart() -> None:
    assert names(post("1. Dave", "Hm.") + post("2. dave", "Ho.") + post("3. Dave", "Hum.")) == ["Dave", "dave", "Dave"]


def guessed(first: str) -> str | None:
    text = (
        post("1. Ann", "Tea", "I like tea. It is hot.") + post("1. Bob", first, "A body.", at=4) + post("2. Cid", LONG)
    )
    assert comments(text)[1].title_source == "guess"
    return shown(comments(text)[1].title)


@pytest.mark.parametrize("first", ["Milk", "Why?", "Tea, tea ...", "Re: A line. Or two.", "@ Ann", '"Coffee is hot"'])
def test_short_first_line_is_guessed_a_title(first: str) -> None:
    assert guessed(first) == first


SENTENCES = ["It ends.", "@ Ann,", "As I said:", '"It is hot."', "“I like tea” is what you say", "two\n      lines"]


@pytest.mark.parametrize("first", [*SENTENCES, "> I like tea.", "w" * 81, "- milk", "2. Milk", "https://tea.example/"])
def test_first_line_is_guessed_body(first: str) -> None:
    assert guessed(first) is None


def test_single_paragraph_is_body_without_title() -> None:
    ann = comments(post("1. Ann", "Tea"))[0]
    assert (ann.title, ann.title_source, ann.body_text) == (None, "guess", "Tea")


def test_a_title_that_its_replies_repeat_is_known_whatever_its_form() -> None:
    ann, bob = comments(post("1. Ann", "Not fit.", "A body.") + post("1. Bob", "Re: Not fit.", at=4))
    assert (ann.title, ann.body_text) == ("Not fit.", "A body.")
    assert (bob.title, bob.body_text) == ("Re: Not fit.", NOT_SHOWN)


def test_title_in_the_place_of_a_dropped_icon() -> None:
    text = post("1. Ann", "A body.", icon="How to boil.") + post("2. Bob", "Another.", icon="Thumb Up")
    ann, bob, cid = comments(text + post("3. Cid", "A third."))
    assert (ann.title, ann.title_source, ann.body_text) == ("How to boil.", "guess", "A body.")
    assert (ann.icon, bob.icon, cid.icon) == (NOT_SHOWN, Icon(name="Thumb Up"), NOT_SHOWN)


def test_post_that_lost_its_only_word_still_counts() -> None:
    ann, bob = comments(post("1. Ann", "Nice tea.") + "  2. Bob\n")
    assert (ann.body_text, bob.author, bob.title_source) == ("Nice tea.", Author(name="Bob"), None)
    assert {bob.title, bob.body_text} == {NOT_SHOWN}


def test_votes() -> None:
    text = post("1. Ann", "Nice tea.", "12\n    3") + post("1. Bob", "Yes.", "4", "0", at=4)
    ann, bob, cid = comments(text + post("2. Cid", "Room 101"))
    assert [(comment.upvotes, comment.downvotes) for comment in (ann, bob)] == [(12, 3), (4, 0)]
    assert [comment.body_text for comment in (ann, bob, cid)] == ["Nice tea.", "Yes.", "Room 101"]
    assert cid.upvotes is NOT_SHOWN


def test_numbers_that_end_few_posts_are_no_votes() -> None:
    ann, _ = comments(post("1. Ann", "Roll two dice.", "6\n    5") + post("2. Bob", "No."))
    assert (ann.body_text, ann.upvotes) == ("Roll two dice.\n\n6\n5", NOT_SHOWN)


def test_quoted_lines_and_inner_indents_are_kept() -> None:
    ann = comments(post("1. Ann", "> one\n    > two", "while hot:\n        sip()", "  set apart"))[0]
    assert ann.body_text == "> one\n> two\n\nwhile hot:\n    sip()\n\nset apart"


LINE_ENDS = [("\n", "\r\n"), ("\n", "\r\r\n"), ("\n", "\r"), ("\n", " \t\n")]


@pytest.mark.parametrize(("old", "new"), [*LINE_ENDS, ("    ", "\t"), (" ", "\u00a0"), ("back", "\ufeffback")])
def test_line_ends_tabs_trailing_blanks_and_byte_order_mark_change_nothing(old: str, new: str) -> None:
    text = HEAD + NESTED + SLOTS
    assert looks_copied(text.replace(old, new))
    assert read(text.replace(old, new)) == read(text)


@pytest.mark.parametrize("text", [HEAD, CLOSED, ARTICLE, HEAD + "Most read\n  1. Tea\n"])
def test_empty_thread(text: str) -> None:
    assert read(text).comments == ()
    assert looks_copied(text)


@pytest.mark.parametrize("text", ["", "Prose.\n\n1. Milk\n2. Bread\n", f"<p>{wording.CLOSED}</p>"])
def test_what_is_no_thread_is_an_error_that_names_the_page_and_the_next_step(text: str) -> None:
    with pytest.raises(ParseError, match=r"^file:kettle\.txt is no thread .*numbered authors.*: save the page .*\.$"):
        read(text)


@pytest.mark.parametrize(
    "posts", ["Ann Silver badge\n\nNice tea.\n", "Anonymous Coward\n\nTea.\n", "Silver badge\n\nTea.\n"]
)
def test_posts_without_numbers_or_indents_are_an_error_and_no_empty_thread(posts: str) -> None:
    with pytest.raises(ParseError, match="without numbers or indents"):
        read(HEAD + posts + "\n" + CLOSED)


BY_WORDS = [post("1. Ann Silver badge", "Tea."), post("1. Ann", "Tea.", icon="Black Helicopters"), NESTED]
BY_SENTENCE = ["  1. This post has been deleted by its author\n", "menu\n" + ARTICLE + SLOTS]


@pytest.mark.parametrize("text", BY_WORDS + BY_SENTENCE)
def test_posts_without_a_frame_are_recognised_by_the_words_of_the_site(text: str) -> None:
    assert looks_copied(text)


PROSE = ["", "We went back to article after article.\n\nIt was late.\n", "Going\nback to article one.\n"]
LISTS = ["1. Milk\n2. Bread\n", "1. Milk\n\n   two pints\n\n2. Bread\n\n   sliced\n", "1. Milk\n   Cold\n\n   x"]
MARKED = [f'{{"text":\n{CLOSED}"}}', f"id,text\n1,{CLOSED}", f"<html>\n<p>\n{CLOSED}</p>", f'["\n{CLOSED}"]']


@pytest.mark.parametrize("text", PROSE + LISTS + MARKED)
def test_other_texts_are_not_recognised(text: str) -> None:
    assert not looks_copied(text)


def test_icon_of_an_unknown_name_beside_a_known_one() -> None:
    text = post("1. Ann", LONG, "So.", icon="Tin Hat") + post("2. Bob", LONG, icon="Thumb Up")
    ann, bob = comments(text)
    assert (ann.icon, ann.title, ann.body_text) == (Icon(name="Tin Hat"), None, f"{LONG}\n\nSo.")
    assert (bob.icon, bob.title) == (Icon(name="Thumb Up"), None)


def test_an_empty_slot_speaks_for_short_titles_that_end_in_a_full_stop() -> None:
    ann, bob, _ = comments(post("1. Ann", "Not fit.", "A body.") + post("2. Bob", "Well said.") + SLOTS)
    assert (ann.title, ann.title_source, bob.title, bob.body_text) == ("Not fit.", "guess", None, "Well said.")
