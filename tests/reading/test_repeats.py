"""What a page shows twice is one: two tabs of a list, one comment in two notations, the opening post; and no more."""

import json
from dataclasses import replace
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.items import Author, Comment, Thread, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.reading.repeats import without_repeats
from belowtheline.sites.registry import read, site_named

URL = "https://kettles.example/2024/slow/"
PEOPLE = ("Ada", "Bert", "Cleo", "Dora")
TEXTS = ("Mine takes two hours.", "Is it plugged in?", "Thanks!", "I prefer lids to whistles.")


def item(number: int, *, name: str = "", dated: bool = True, inside: str = "") -> str:
    """Return a comment in microdata."""
    date = f'<time itemprop="dateCreated" datetime="2024-05-06T0{number}:30:00Z"></time>' if dated else ""
    own_id = f' id="{name}"' if name else ""
    return (
        f'<li><div itemprop="comment" itemscope itemtype="https://schema.org/Comment"{own_id}>'
        f'<b itemprop="author">{PEOPLE[number]}</b>{date}<p itemprop="text">{TEXTS[number]}</p>{inside}</div></li>'
    )


def listed(*items: str) -> str:
    return f"<ol>{''.join(items)}</ol>"


def entry(number: int) -> str:
    """Return a comment in microformats2."""
    return (
        f'<li class="u-comment h-cite"><a class="p-author h-card">{PEOPLE[number]}</a>'
        f'<time class="dt-published" datetime="2024-05-06T0{number}:30:00Z"></time>'
        f'<p class="e-content">{TEXTS[number]}</p></li>'
    )


def structured(body: str, *blocks: Any) -> ThreadPage:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)
    page = Page(URL, f"<html><body>{scripts}{body}</body></html>".encode(), None, "2026-01-05T09:00:00Z")
    (found,) = read(site_named("structured"), page)
    return normalise(found)


def texts_of(page: ThreadPage) -> list[str | None]:
    return [shown(comment.body_text) for comment in page.comments]


FOUR = [item(number) for number in range(4)]
TABS: dict[str, tuple[str, list[str]]] = {
    "two tabs of one list": (listed(*FOUR) + listed(*reversed(FOUR)), [*TEXTS]),
    "two tabs, with ids": (
        listed(*(item(n, name=f"c{n}") for n in range(4))) + listed(*(item(n, name=f"c{n}") for n in range(4))),
        [*TEXTS],
    ),
    "the top comments first": (listed(FOUR[3]) + listed(*FOUR), [*TEXTS]),
    "the top comments behind": (listed(*FOUR) + listed(FOUR[3], FOUR[0]), [*TEXTS]),
    "three tabs": (listed(*FOUR[:2]) + listed(*FOUR) + listed(*FOUR[1:]), [*TEXTS]),
    "answers in both": (
        listed(item(0, inside=listed(FOUR[1])), FOUR[2]) + listed(FOUR[2], item(0, inside=listed(FOUR[1]))),
        [*TEXTS[:3]],
    ),
    "entries in two tabs": (listed(*map(entry, range(4))) + listed(*map(entry, (3, 2, 1, 0))), [*TEXTS]),
}
APART: dict[str, tuple[str, list[str]]] = {
    "one who says it twice": (listed(*FOUR, FOUR[2]), [*TEXTS, TEXTS[2]]),
    "one who says it twice, no dates": (
        listed(*(item(n, dated=False) for n in (0, 2, 1, 2))),
        [TEXTS[0], TEXTS[2], TEXTS[1], TEXTS[2]],
    ),
    "a list a comment": ("".join(listed(each) for each in (*FOUR[:3], FOUR[2])), [*TEXTS[:3], TEXTS[2]]),
    "a second list with one more": (listed(*FOUR[:2]) + listed(FOUR[1], FOUR[2]), [*TEXTS[:2], TEXTS[1], TEXTS[2]]),
    "a short answer elsewhere, no dates": (
        listed(*(item(n, dated=False) for n in range(4))) + listed(item(2, dated=False)),
        [*TEXTS, TEXTS[2]],
    ),
    "more often in the second list": (
        listed(*FOUR[:3]) + listed(FOUR[2], FOUR[2], FOUR[0]),
        [*TEXTS[:3], TEXTS[2], TEXTS[2], TEXTS[0]],
    ),
}


@pytest.mark.parametrize("kind", TABS)
def test_a_list_that_repeats_another_is_one_list(kind: str) -> None:
    body, texts = TABS[kind]
    assert texts_of(structured(body)) == texts


@pytest.mark.parametrize("kind", APART)
def test_comments_are_never_merged_by_their_words_alone(kind: str) -> None:
    body, texts = APART[kind]
    assert texts_of(structured(body)) == texts


def test_answers_keep_their_parents_when_a_tab_is_left_out() -> None:
    page = structured(TABS["answers in both"][0])
    assert [(comment.position, comment.depth, comment.parent_position) for comment in page.comments] == [
        (1, 0, None),
        (2, 1, 1),
        (3, 0, None),
    ]


def said(number: int, **more: Any) -> dict[str, Any]:
    """Return a comment in JSON-LD."""
    return {
        "@type": "Comment",
        "author": {"@type": "Person", "name": PEOPLE[number]},
        "datePublished": f"2024-05-06T0{number}:30:00Z",
        "text": TEXTS[number],
    } | more


def article(*comments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "url": URL, "comment": [*comments]} | more


@pytest.mark.parametrize("shared", ["#comment", "https://kettles.example/#comment-1", URL + "#comments", "urn:c"])
def test_comments_that_share_an_identifier_are_not_one(shared: str) -> None:
    page = structured("", article(*(said(number, **{"@id": shared}) for number in range(4))))
    assert texts_of(page) == [*TEXTS]
    assert [comment.native_id for comment in page.comments] == [None] * 4
    assert not any(shown(comment.url) for comment in page.comments)


def test_comments_that_share_an_identifier_keep_those_of_their_own() -> None:
    page = structured("", article(*(said(n, **{"@id": "#c", "url": f"{URL}#comment-{n}"}) for n in range(4))))
    assert [comment.native_id for comment in page.comments] == [f"comment-{n}" for n in range(4)]


def test_an_answer_to_a_shared_identifier_has_no_known_parent() -> None:
    shared = [said(n, **{"@id": "#c", "parentItem": {"@type": "Comment", "@id": "#c"}}) for n in range(3)]
    page = structured("", article(*shared))
    assert [shown(comment.parent_native_id) for comment in page.comments] == [None] * 3
    assert page.stubs == ()


@pytest.mark.parametrize("again", [{}, {"text": "Mine takes two &hellip;"}, {"text": "<p>Mine takes two hours.</p>"}])
def test_a_comment_that_two_blocks_name_is_one(again: dict[str, str]) -> None:
    first = article(*(said(number, **{"@id": f"#comment-{number}"}) for number in range(3)))
    second = article(said(0, **{"@id": "#comment-0"}, **again))
    assert texts_of(structured("", first, second)) == [*TEXTS[:3]]


def test_two_blocks_that_name_other_comments_alike_hold_both() -> None:
    first = article(said(0, **{"@id": "#comment-1"}))
    second = article(said(1, **{"@id": "#comment-1"}))
    assert texts_of(structured("", first, second)) == [*TEXTS[:2]]


def opened(**more: Any) -> dict[str, Any]:
    post = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "url": URL,
        "headline": "Kettles",
        "author": {"@type": "Person", "name": "Ada"},
        "datePublished": "2024-05-06T02:30:00+02:00",
        "text": TEXTS[0],
    }
    return post | more


def test_the_opening_post_is_no_comment_as_well() -> None:
    """It stands in JSON-LD as the thread, and in microdata as the first of the comments."""
    page = structured(listed(*FOUR), opened())
    assert shown(page.thread.body_text) == TEXTS[0]
    assert texts_of(page) == [*TEXTS[1:]]
    assert [comment.position for comment in page.comments] == [1, 2, 3]


def test_the_opening_post_is_no_comment_where_the_newest_comes_first() -> None:
    page = structured(listed(*reversed(FOUR)), opened())
    assert texts_of(page) == [*reversed(TEXTS[1:])]


def test_the_opening_post_of_nobody_is_known_by_its_time() -> None:
    post = opened()
    del post["author"]
    assert texts_of(structured(listed(*FOUR), post)) == [*TEXTS[1:]]


@pytest.mark.parametrize(
    "more",
    [
        {"text": "Mine takes three hours."},
        {"author": {"@type": "Person", "name": "Fay"}},
        {"datePublished": "2024-05-05T02:30:00Z"},
    ],
)
def test_a_first_comment_like_the_opening_post_is_a_comment(more: dict[str, Any]) -> None:
    assert texts_of(structured(listed(*FOUR), opened(**more))) == [*TEXTS]


def comment(number: int, **more: Any) -> Comment:
    values: dict[str, Any] = {
        "native_id": f"c{number}",
        "position": number + 1,
        "author": Author(name=PEOPLE[number]),
        "body_html": f"<p>{TEXTS[number]}</p>",
        "published_raw": f"2024-05-06T0{number}:30:00Z",
    }
    return Comment(**(values | more))


def page_of(*comments: Comment, **thread: Any) -> ThreadPage:
    placed = tuple(replace(one, position=place) for place, one in enumerate(comments, 1))
    return ThreadPage(thread=Thread(site="kettles", native_id="1", **thread), comments=placed)


def test_one_id_with_the_same_words_is_one_comment_on_any_site() -> None:
    again = comment(0, body_html=f"<div>{TEXTS[0].upper()}</div>", published_raw="2024-05-06T02:30:00+02:00")
    found = without_repeats(page_of(comment(0), comment(1), again, comment(2)))
    assert [(one.native_id, one.position) for one in found.comments] == [("c0", 1), ("c1", 2), ("c2", 3)]


def test_one_id_with_other_words_is_left_to_the_checks() -> None:
    page = page_of(comment(0), comment(1, native_id="c0"))
    assert without_repeats(page) is page


def test_parents_by_place_follow_the_comment_that_stays() -> None:
    answers = [replace(comment(3, native_id=None), parent_position=3), replace(comment(2), parent_position=4)]
    page = page_of(comment(0), comment(1), comment(0), *answers)
    assert [one.parent_position for one in without_repeats(page).comments] == [None, None, 1, 3]


def test_what_answers_the_opening_post_is_on_the_top() -> None:
    by = {"author": Author(name="Ada"), "body_html": TEXTS[0], "published_at": "2024-05-06T00:30:00Z"}
    page = page_of(
        comment(0, depth=0),
        comment(1, depth=1, parent_native_id="c0"),
        comment(2, depth=2, parent_native_id="c1"),
        comment(3, depth=0, parent_native_id=None),
        **by,
    )
    found = without_repeats(page).comments
    assert [(one.native_id, one.depth, shown(one.parent_native_id)) for one in found] == [
        ("c1", 0, None),
        ("c2", 1, "c1"),
        ("c3", 0, None),
    ]


def test_a_page_that_repeats_nothing_is_left_as_it_is() -> None:
    page = page_of(*(comment(number) for number in range(4)))
    assert without_repeats(page) is page
    assert without_repeats(page_of()).comments == ()
