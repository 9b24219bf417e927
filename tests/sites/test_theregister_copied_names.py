"""Lines around the posts of copied text, and authors who are hard to tell from other words."""

import pytest

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Author, shown
from belowtheline.reading.page import Page
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copied import looks_copied
from tests.sites.test_theregister_copied import HEAD, post, read


@pytest.mark.parametrize("back", ["< back to article Kettle wins award", "«back to article\nKettle wins award"])
def test_an_arrow_before_the_link_back_is_part_of_it(back: str) -> None:
    text = f"{back}\n\nA kettle has won …\n\n" + post("1. Ann", "Nice", "It boils.")
    assert looks_copied(text)
    assert not Page(url="file:kettle.txt", body=text.encode()).looks_like_html
    page = read(text)
    assert (page.thread.title, page.thread.article.teaser) == ("Kettle wins award", "A kettle has won …")
    assert len(page.comments) == 1


def test_badge_and_staff_suffix_on_lines_of_their_own() -> None:
    ed = f"Ed\n{wording.STAFF_SUFFIX}\nGold badge\n"
    dated = "Tuesday 2nd September 2025 08:00 GMT\nAnn\nSilver badge\nNice\nIt boils.\n\n"
    dated += f"Tuesday 2nd September 2025 09:00 GMT\n{ed}In reply to\nRe: Nice\nNo.\n"
    numbered = f"1. Ann\nSilver badge\n\nNice\n\nIt boils.\n\n2. {ed}\nRe: Nice\n\nNo.\n"
    for text in (dated, numbered):
        first, second = read(HEAD + text).comments
        assert (first.author, first.title) == (Author(name="Ann", badge="Silver badge"), "Nice")
        assert second.author == Author(name=f"Ed {wording.STAFF_SUFFIX}", badge="Gold badge")
        assert second.title == "Re: Nice"


SENTENCES = ["The keeper of the spout", "the twice descaled lid", "Nobody asked me", "Yet another tea drinker"]


@pytest.mark.parametrize("name", SENTENCES)
def test_a_reply_whose_author_is_called_like_a_sentence_is_a_reply(name: str) -> None:
    reply = post(f"1. {name}", "Lids", "They leak.", "They always did.", at=6)
    ann, answer, _ = read(HEAD + post("1. Ann", "Nice", "It boils.") + reply + post("2. Bob", "Tea", "Hm.")).comments
    assert (ann.body_text, answer.author, answer.parent_position) == ("It boils.", Author(name=name), 1)


@pytest.mark.parametrize("name", SENTENCES)
def test_a_reply_of_one_paragraph_that_is_answered_is_a_reply_whatever_its_author_is_called(name: str) -> None:
    thread = post("1. Ann", "Nice", "It boils.") + post("1. Eve Gold badge", "Tea", "Hm.", at=6)
    thread += post("2. Dan", "Lids", "Well.") + post(f"1. {name}", "They leak.", at=6)
    _, _, dan, answer, bob = read(HEAD + thread + post("1. Bob Silver badge", "Tea", "Hm.", at=10)).comments
    assert (dan.body_text, answer.author, answer.body_text) == ("Well.", Author(name=name, badge=None), "They leak.")
    assert (answer.parent_position, bob.parent_position) == (3, 4)


@pytest.mark.parametrize("name", SENTENCES[1:])
def test_an_author_called_like_a_sentence_in_text_without_indents(name: str) -> None:
    posts = post("1. Ann", "Nice", "It boils.") + post("2. Bob", "Tea", "Hm.")
    posts += post(f"3. {name}", "Lids", "They leak.")
    text = "\n".join(line.strip() for line in (posts + post(f"1. {name}", "Re: Nice", "No.")).split("\n"))
    names = [author.name for comment in read(HEAD + text).comments if (author := shown(comment.author))]
    assert names == ["Ann", "Bob", name, name]


MARKED = """\
   [1]back to article [2]Kettle wins award

   A kettle has won …

    1. [3]Ann Silver badge

       Nice

       It boils, see [4]there and the footnote [9]below.

    2. [5]Bob

       Tea

       Hm.
"""
ADDRESSES = "\nReferences\n\n   Visible links:\n   1. http://kettle.example/\n   2. http://kettle.example/2\n"


@pytest.mark.parametrize("below", ["", ADDRESSES])
def test_the_marks_of_links_that_text_browsers_write_are_no_words(below: str) -> None:
    assert looks_copied(MARKED + below)
    page = read(MARKED + below)
    assert page.thread.title == "Kettle wins award"
    ann, bob = page.comments
    assert (ann.author, ann.body_text) == (
        Author(name="Ann", badge="Silver badge"),
        "It boils, see there and the footnote [9]below.",
    )
    assert (bob.title, bob.body_text) == ("Tea", "Hm.")


def test_marks_that_readers_wrote_stay() -> None:
    (comment,) = read(HEAD + post("1. Ann", "Nice", "It boils [1]often and [2]long.", "[1]daily")).comments
    assert comment.body_text == "It boils [1]often and [2]long.\n\n[1]daily"


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\u0085", "\v", "\f", "\r"])
def test_any_sign_that_ends_a_line_does(end: str) -> None:
    page = read((HEAD + post("1. Ann", "Nice", "It boils.")).replace("\n", end))
    assert page.thread.title == "Kettle wins award"
    assert [comment.body_text for comment in page.comments] == ["It boils."]


def test_posts_below_indented_ones_that_lost_number_and_indent_are_refused() -> None:
    kept = "".join(post(f"{number}. Ann", "Nice", "It boils.") for number in range(1, 5))
    lost = "Bob Silver badge\n\nTea\n\nHm.\n\nAnonymous Coward\n\nLids\n\nThey leak.\n"
    with pytest.raises(ParseError, match=r"some have lost their numbers.*save the page as HTML"):
        read(HEAD + kept + lost)


ABOVE = ["Page:\n1\n2\n\n", "Page: 1 2 Next\n\n", "COMMENTS\n\nPages: 1 2\n\n"]
UNSPLIT = "Nice\n\nIt boils.\n\nTea\n\nHm.\n"


@pytest.mark.parametrize(
    "above", [*(HEAD + pages for pages in ABOVE), "The Register\n\n" + HEAD.partition("\n\n\n")[2]]
)
def test_posts_that_cannot_be_split_are_no_empty_thread_whatever_stands_above_them(above: str) -> None:
    for below in ("", "\nMost read\n\nTeapots leak\n"):
        with pytest.raises(ParseError, match="looks like posts without names or numbers"):
            read(above + UNSPLIT + below)


@pytest.mark.parametrize("pages", ["", *ABOVE])
def test_a_thread_without_posts_is_empty_with_a_list_of_pages_as_well(pages: str) -> None:
    assert read(HEAD + pages + "Most read\n\nTeapots leak\n").comments == ()
