"""Hacker News: large and deep threads, what is no thread, changed layouts, addresses, and a crawl; all invented."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Comment, Link, Mark, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites import hackernews
from belowtheline.sites.hackernews import HackerNews, addresses, algolia, bylines, comments, pages, wording
from tests.growth import assert_linear
from tests.loopback import Ended, Loopback, btl, response, rows

SITE = HackerNews()
ITEM = "https://news.ycombinator.com/item?id=101"
CASES = Path(__file__).parents[1] / "sites" / "hackernews"


def parsed(body: str | bytes, url: str | None = ITEM) -> ThreadPage:
    (found,) = SITE.parse(Page(url, body.encode() if isinstance(body, str) else body))
    return found


def case(name: str) -> bytes:
    return (CASES / name / "page.html").read_bytes()


# Large and deep threads.


def row(number: int, indent: int) -> str:
    line = (
        f'<a href="user?id=ada" class="hnuser">ada</a> <span class="age" title="2026-01-01T10:00:00 1767261600">'
        f'<a href="item?id={number}">1 hour ago</a></span>'
    )
    text = f'<div class="comment"><div class="commtext c00">No. {number}.</div></div>'
    return (
        f'<tr class="athing comtr" id="{number}"><td><table><tr><td class="ind" indent="{indent}"></td>'
        f'<td class="default"><div><span class="comhead">{line}</span></div>{text}</td></tr></table></td></tr>'
    )


def thread_of(indents: list[int]) -> str:
    begin, end = case("nested-replies").decode().split('<table border="0" class="comment-tree">')
    tree = "".join(row(1000 + number, indent) for number, indent in enumerate(indents))
    return f"{begin}<table>{tree}</table>{end[end.index('<br><br>') :]}"


def test_a_page_of_a_thousand_comments_on_ten_levels_is_read_whole() -> None:
    indents = [number % 10 for number in range(1000)]
    found = parsed(thread_of(indents)).comments
    assert [comment.depth for comment in found] == indents
    assert [comment.parent_native_id for comment in found] == [
        str(1000 + number - 1) if indent else None for number, indent in enumerate(indents)
    ]


def test_a_page_of_ten_thousand_levels_is_read_whole() -> None:
    found = parsed(thread_of(list(range(10_000)))).comments
    assert (len(found), found[-1].depth, found[-1].parent_native_id) == (10_000, 9_999, "10998")


def test_a_tree_of_ten_thousand_levels_is_walked_without_recursion() -> None:
    tree: dict[str, Any] = {}
    for number in range(10_000, 0, -1):
        children = [tree] if tree else []
        kind = "comment" if number > 1 else "story"
        tree = {
            "id": number,
            "children": children,
            "created_at_i": 1,
            "author": "ada",
            "parent_id": number - 1,
            "type": kind,
        }
    page = Page("https://hn.algolia.com/api/v1/items/1", b"{}")
    page.__dict__["json"] = tree  # json.loads itself ends at some 500 levels
    found = algolia.parse_tree(page).comments
    assert (len(found), found[-1].depth, found[-1].parent_native_id) == (9_999, 9_998, "9999")


# What is no thread.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("null", "the answer is null"),
        ('{"status": 404, "error": "Not Found"}', "404 Not Found"),
        ('{"id": 1, "children": [', "not valid JSON"),
        ("[1, 2]", "no item"),
        ('{"hits": []}', "no item"),
        ('{"id": 1, "type": ["story"]}', "no item"),
        ('{"id": 5, "type": "pollopt", "poll": 4}', "option of poll 4"),
        ('{"id": 1, "children": [{"x": 1}, null], "created_at_i": 1, "author": "ada"}', "unlike Algolia's"),
        ("No such item.", "'No such item.'"),
        ("Sorry, we're not able to serve your requests this quickly.", "not able to serve"),
        ("<html><body>Sorry, we're not able to serve your requests this quickly.</body></html>", "ask more slowly"),
        ("<html><body><h1>502 Bad Gateway</h1></body></html>", "td.subtext"),
    ],
)
def test_what_is_no_thread_is_refused_in_a_sentence(body: str, said: str) -> None:
    with pytest.raises(ParseError) as caught:
        parsed(body)
    assert str(caught.value).startswith(ITEM)
    assert said in str(caught.value)


def test_lists_of_stories_and_of_comments_are_refused() -> None:
    story = case("no-comments-yet").decode()
    ranked = story.replace('<span class="rank"></span>', '<span class="rank">1.</span>')
    above, below = case("comment-page").decode().split('<table border="0" class="comment-tree">')
    tree = (
        case("nested-replies").decode().replace('<span class="onstory"></span>', ' | on: <a href="item?id=9">Tea</a>')
    )
    for page in (ranked, story.replace("</body>", f"{story}</body>"), above + above + below, tree):
        with pytest.raises(ParseError, match="is a list of"):
            parsed(page)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("user?id=", "people/", "but no a"),
        ('class="comment"', 'class="words"', "it says 4 comments"),
        ('class="default"', 'class="usual"', "it says 4 comments"),
    ],
)
def test_a_changed_layout_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(ParseError, match=f"layout this reader does not know.*{said}"):
        parsed(case("nested-replies").decode().replace(old, new))


# What a line says.


def test_nesting_that_disagrees_with_the_parent_link_is_counted_and_the_link_kept() -> None:
    found = parsed(case("nested-replies").decode().replace('href="#104"', 'href="#103"'))
    assert (found.disagreements, found.comments[2].parent_native_id) == (1, "103")


@pytest.mark.parametrize(
    ("said", "comments_shown"),
    [("discuss", 0), ("1&nbsp;comment", 1), ("4 comments", 4), ("comments", NOT_SHOWN), ("hide", NOT_SHOWN)],
)
def test_the_count_is_what_the_line_says(said: str, comments_shown: object) -> None:
    page = case("nested-replies").decode().replace("4&nbsp;comments", said)
    assert parsed(page).thread.declared_count == comments_shown


def test_answers_with_values_of_other_kinds_lose_only_these() -> None:
    item = {"id": 7, "type": "comment", "parent": [1], "kids": 3, "text": {"a": 1}, "time": None, "by": 5}
    (comment,) = parsed(json.dumps(item)).comments
    assert comment == Comment(
        native_id="7", position=1, body_html=None, deletion=None, url="https://news.ycombinator.com/item?id=7"
    )


def test_a_deleted_story_of_firebase_is_marked() -> None:
    found = parsed('{"id": 7, "type": "story", "deleted": true, "time": 1767261600}')
    assert (found.thread.marks, found.thread.title, found.thread.body_html) == (
        (Mark(kind="deleted"),),
        NOT_SHOWN,
        NOT_SHOWN,
    )
    assert found.completeness.is_whole


# Addresses.


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ("http://news.ycombinator.com/item?id=101#103", ITEM),
        ("https://news.ycombinator.com/item?goto=x&id=101&p=3", ITEM),
        ("https://hn.algolia.com/api/v1/items/101/", "https://hn.algolia.com/api/v1/items/101"),
        ("https://hacker-news.firebaseio.com/v0/item/101.json?print=pretty", "https://hacker-news.firebaseio.com/v0/item/101.json"),
        ("http://127.0.0.1:8080/item?id=101", "http://127.0.0.1:8080/item?id=101"),
    ],
)  # fmt: skip
def test_every_form_of_an_address_leads_to_a_first_request(given: str, first: str) -> None:
    assert SITE.start(given) == Link(url=first)
    assert SITE.thread_id(given) == "101"
    assert SITE.claims(given) == ("127.0.0.1" not in given)


@pytest.mark.parametrize(
    "path", ["", "news", "user?id=ada", "threads?id=ada", "item?id=", "item?id=ada", "item", "x?fnid=abc"]
)
def test_an_address_of_no_thread_is_unknown(path: str) -> None:
    with pytest.raises(UnknownSite, match="no thread of Hacker News"):
        SITE.start(f"https://news.ycombinator.com/{path}")


def test_algolia_is_the_other_way_to_a_page_and_to_an_item() -> None:
    tree = "https://hn.algolia.com/api/v1/items/101"
    for url in (ITEM, f"{ITEM}&p=2", "https://hacker-news.firebaseio.com/v0/item/101.json"):
        assert SITE.otherwise(url) == Link(url=tree, kind="fallback")
    assert SITE.otherwise(tree) is None
    assert SITE.otherwise("https://news.ycombinator.com/news") is None


def test_an_article_leads_to_the_one_thread_it_calls_its_discussion() -> None:
    article = '<p>As <a href="https://news.ycombinator.com/item?id=7">someone</a> said.</p>{}'
    link = '<a href="https://news.ycombinator.com/item?id={}">Discuss on HN</a>'
    found = [
        SITE.find_thread(Page("https://kettle.example/", article.format(links).encode()))
        for links in ("", link.format(101), link.format(101) * 2, link.format(101) + link.format(102))
    ]
    assert found == [None, Link(url=ITEM), Link(url=ITEM), None]


# A crawl.


def crawled(archive: Path, path: str, answers: dict[str, bytes]) -> Ended:
    with Loopback(dict(answers)) as server:
        return btl("crawl", archive, server.url(path), "--site", "hackernews", "--delay", "0")


def test_a_crawl_reads_all_pages_of_a_thread(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    pages_of_two = {
        "/item?id=101": response(case("first-of-two-pages")),
        "/item?id=101&p=2": response(case("last-of-two-pages")),
    }
    ended = crawled(archive, "/item?id=101#102", pages_of_two)
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("complete", None)]
    assert rows(archive, "SELECT native_id FROM comments ORDER BY position") == [("102",), ("103",), ("104",)]


def test_a_crawl_goes_to_algolia_where_the_page_is_missing(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    tree = (CASES / "algolia-tree" / "body.json").read_bytes()
    answer = response(tree, headers={"Content-Type": "application/json"})
    ended = crawled(archive, "/item?id=101", {"/api/v1/items/101": answer})
    assert rows(archive, "SELECT state, kind FROM pages ORDER BY id") == [("skipped", "page"), ("done", "fallback")], (
        ended.err
    )
    assert rows(archive, "SELECT count(*) FROM comments") == [(4,)]


# Patterns.


def test_every_pattern_is_linear() -> None:
    modules = (hackernews, addresses, bylines, comments, pages, wording)
    patterns = [value for module in modules for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert len(patterns) > 10
    hostile = (
        "a",
        " ",
        "1",
        "[",
        "| ",
        "<p>",
        "<p> ",
        "on May ",
        "1 a ago",
        "c00",
        "item?id=",
        "12 comment",
        "/api/v1/items/",
    )
    for pattern in patterns:
        for text in (*(part * (100_000 // len(part)) for part in hostile), "<p>" + " " * 100_000):
            assert_linear(pattern.search, text)
