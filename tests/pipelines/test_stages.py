"""The stages between a reading and the archive: names, icons, titles, and what no sink could keep."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.pipelines import STEPS, normalise
from belowtheline.pipelines.authors import normalise_author, normalise_authors
from belowtheline.pipelines.icons import normalise_icons
from belowtheline.pipelines.titles import normalise_titles, re_title
from belowtheline.pipelines.validate import clean, is_clean, validate
from belowtheline.reading.errors import ReaderError
from belowtheline.reading.items import NOT_SHOWN, Article, Author, Comment, Icon, Mark, Shown, Thread, ThreadPage
from belowtheline.sites.theregister.wording import CONVENTIONS
from tests.growth import assert_linear


def page(*comments: Comment) -> ThreadPage:
    return ThreadPage(thread=Thread(site="theregister", native_id="1"), comments=comments, conventions=CONVENTIONS)


def one(position: int = 1, **fields: object) -> Comment:
    return Comment(native_id=str(position), position=position, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("author", "name", "kind", "is_staff"),
    [
        (Author(name="  Ann \n Other "), "Ann Other", None, False),
        (Author(name="Ann Other", native_id=None), "Ann Other", "guest", False),
        (Author(name="Ann Other", profile_url=None), "Ann Other", "guest", False),
        (Author(name="Ann Other", native_id="7"), "Ann Other", "account", False),
        (Author(name="Ann Other", native_id=None, badge="Gold badge"), "Ann Other", "account", False),
        (Author(name="Quill (Written by Reg staff)"), "Quill", None, True),
        (Author(name="Quill", is_staff=True), "Quill", None, True),
        (Author(name="Anonymous Coward"), "Anonymous Coward", "anonymous", False),
        (Author(name="Anonymous Coward", native_id="9"), "Anonymous Coward", "account", False),
        (Author(name="Anonymous Coward", badge="Silver badge"), "Anonymous Coward", "account", False),
        (Author(name="AC"), "AC", None, False),
        (Author(name="anonymous coward"), "anonymous coward", None, False),
        (Author(name="   "), None, "anonymous", False),
        (Author(name="X", kind="deleted"), "X", "deleted", False),
        (Author(name="(Written by Reg staff)"), None, "anonymous", True),
    ],
)
def test_authors(author: Author, name: str | None, kind: str | None, is_staff: bool) -> None:
    found = normalise_author(author, CONVENTIONS)
    assert (found.name, found.kind, found.is_staff) == (name, kind, is_staff)


@pytest.mark.parametrize("author", [None, NOT_SHOWN])
def test_no_author_stays_none(author: Shown[Author]) -> None:
    assert normalise_authors(page(one(author=author))).comments[0].author is author


@pytest.mark.parametrize(
    ("icon", "expected"),
    [
        (Icon(name=" Black \n Helicopters "), Icon(name="Black Helicopters")),
        (Icon(name="", image_url="/icons/x_48.png"), Icon(name=None, image_url="/icons/x_48.png")),
        (Icon(name=""), None),
        (None, None),
        (NOT_SHOWN, NOT_SHOWN),
    ],
)
def test_icons(icon: Shown[Icon], expected: Shown[Icon]) -> None:
    assert normalise_icons(page(one(icon=icon))).comments[0].icon == expected


@pytest.mark.parametrize(
    ("title", "kept", "answered"),
    [
        ("  Lids \t and  spouts ", "Lids and spouts", None),
        ("Re: Lids", "Re: Lids", "Lids"),
        ("RE: re:Lids", "RE: re:Lids", "Lids"),
        ("Re:", "Re:", None),
        ("Re: ", "Re:", None),
        ("Regarding lids", "Regarding lids", None),
        ("   ", None, None),
        ("...", "...", None),
        (None, None, None),
    ],
)
def test_titles(title: str | None, kept: str | None, answered: str | None) -> None:
    comment = normalise_titles(page(one(title=title))).comments[0]
    assert (comment.title, comment.re_title) == (kept, answered)


def test_a_title_that_is_not_shown_says_nothing() -> None:
    assert normalise_titles(page(one())).comments[0].title is NOT_SHOWN


@pytest.mark.parametrize("text", ["re: " * 25_000, "re:" * 33_000, " " * 100_000, "Re: " + " " * 99_000 + "x"])
def test_long_titles_cost_little(text: str) -> None:
    assert_linear(re_title, text)


texts = st.text(st.characters(codec=None, categories=None), max_size=30)


@given(texts)
def test_cleaned_text_can_be_written_and_read_back(text: str) -> None:
    found = clean(text)
    assert is_clean(found)
    assert found.encode().decode() == found
    assert clean(found) == found
    assert (found == text) is is_clean(text)


def test_ids_are_text_or_the_page_is_refused() -> None:
    def with_ids(thread: Any, comment: Any, parent: Any) -> ThreadPage:
        comments = (Comment(native_id=comment, position=1, parent_native_id=parent),)
        return normalise(ThreadPage(thread=Thread(site="kettles", native_id=thread), comments=comments))

    found = with_ids(7, 2**80, 8)
    assert found.thread.native_id == "7"
    assert (found.comments[0].native_id, found.comments[0].parent_native_id) == (str(2**80), "8")
    for odd in ({"a": 1}, ["7"], 1.5, b"7"):
        for ids in ((odd, "1", None), ("1", odd, None), ("1", "2", odd)):
            with pytest.raises(ReaderError, match="is no text but"):
                with_ids(*ids)


def test_what_was_cleaned_is_marked() -> None:
    comment = one(title="a\ud800", body_text="b\0", author=Author(name="c\udfff", badge="d"), icon=Icon(name="e\0"))
    found = validate(page(comment)).comments[0]
    assert (found.title, found.body_text) == ("a\ufffd", "b\ufffd")
    assert isinstance(found.author, Author)
    assert isinstance(found.icon, Icon)
    assert (found.author.name, found.icon.name) == ("c\ufffd", "e\ufffd")
    assert {mark.value for mark in found.marks if mark.kind == "cleaned"} == {"title", "body_text", "name"}


def test_thread_and_article_are_cleaned_too() -> None:
    dirty = ThreadPage(thread=Thread(site="x", native_id="1\0", title="t\ud800", article=Article(headline="h\0")))
    thread = validate(dirty).thread
    assert (thread.native_id, thread.title, thread.article.headline) == ("1\ufffd", "t\ufffd", "h\ufffd")


def test_an_id_names_one_comment() -> None:
    found = validate(page(one(1), one(2), Comment(native_id="1", position=3))).comments
    assert [comment.native_id for comment in found] == ["1", "2", None]
    assert found[2].marks == (Mark(kind="duplicate id", value="1"),)


def test_hostile_but_clean_text_is_unchanged() -> None:
    text = "\u202eright\u202c \x1b[2J \u2066x\u2069 =1+1 '\"<script>"
    found = normalise(page(one(title=text, body_text=text, author=Author(name=text)))).comments[0]
    assert isinstance(found.author, Author)
    assert (found.title, found.body_text, found.author.name) == (text, text, text)
    assert found.marks is NOT_SHOWN


def test_the_stages_are_the_same_twice() -> None:
    comment = one(
        title=" Re:  X ",
        author=Author(name=" Ann "),
        icon=Icon(name=" Pint "),
        body_html="<p>say <b>it</b></p>",
        published_raw="1219758300",
    )
    once = normalise(page(comment))
    assert normalise(once) == once


def test_quotes_are_found_on_the_final_text() -> None:
    assert STEPS[-1].__name__ == "find_quotes"
    (comment,) = normalise(page(one(body_html='<p>she said   "no more\n tea"</p>'))).comments
    (quote,) = comment.quotes
    assert isinstance(comment.body_text, str)
    assert comment.body_text[quote.start : quote.end] == quote.text == "no more tea"
