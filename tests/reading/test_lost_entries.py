"""Lists in answers of every site that are null, missing or of another type, or hold what is no comment.

None of it costs the other comments, and what is lost is counted as a stub, or the answer is refused.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_named, site_of_page
from tests.made_up import Held
from tests.places import REALDATA

CASES = REALDATA.parent / "cases" / "hackernews"


def algolia(number: int, **fields: Any) -> dict[str, Any]:
    item = {"id": number, "type": "comment", "author": f"a{number}", "text": f"Words {number}", "children": []}
    return {**item, "created_at_i": 1_714_986_000 + number, "story_id": 800, "parent_id": 800, **fields}


def story(*children: Any) -> dict[str, Any]:
    return algolia(800, type="story", title="Mugs", text=None, parent_id=None, children=list(children))


def post(number: int, **fields: Any) -> dict[str, Any]:
    said = {"id": number, "post_number": number, "username": f"a{number}", "cooked": f"<p>Words {number}</p>"}
    return {**said, "created_at": "2024-05-06T09:15:00.000Z", "topic_id": 5, "topic_slug": "mugs", **fields}


def topic(*posts: Any, stream: Any = None) -> dict[str, Any]:
    return {"id": 5, "title": "Mugs", "slug": "mugs", "post_stream": {"posts": list(posts), "stream": stream}}


def lobster(name: str) -> dict[str, Any]:
    said = {"short_id": name, "comment": f"<p>Words {name}</p>", "commenting_user": "ann", "indent_level": 1}
    return {**said, "created_at": "2024-05-06T09:15:00.000-05:00", "parent_comment": None, "depth": 0}


def lobsters(*comments: Any) -> dict[str, Any]:
    return {"short_id": "abc123", "title": "Mugs", "submitter_user": "ann", "comments": list(comments), "tags": None}


def guardian(number: int, *responses: Any) -> dict[str, Any]:
    said = {"id": number, "body": f"<p>Words {number}</p>", "isoDateTime": "2024-05-06T09:15:00Z", "status": "visible"}
    return {**said, "userProfile": {"userId": "1", "displayName": "Ann", "badge": [None]}, "responses": list(responses)}


def discussion(*comments: Any) -> dict[str, Any]:
    return {"discussion": {"key": "/p/4k7x2", "title": "Mugs", "comments": list(comments)}, "pages": 1, "page": 1}


def coral(number: int, *replies: Any, **fields: Any) -> dict[str, Any]:
    said = {"id": f"c{number}", "body": f"<p>Words {number}</p>", "createdAt": "2024-05-06T09:15:00.000Z"}
    held = {"edges": list(replies), "pageInfo": {"hasNextPage": False, "endCursor": None}}
    return {
        **said,
        "author": {"id": "u1", "username": "ann", "badges": None},
        "tags": [None],
        "replies": held,
        **fields,
    }


def edges(*nodes: Any) -> list[Any]:
    return [{"node": node} for node in nodes]


def coral_story(*found: Any) -> dict[str, Any]:
    held = {"edges": list(found), "pageInfo": {"hasNextPage": False, "endCursor": None}}
    counts = {"totalPublished": 2}
    return {"data": {"story": {"id": "s1", "url": "https://mugs.example/1", "comments": held, "commentCounts": counts}}}


def disqus(number: int) -> dict[str, Any]:
    said = {"id": str(number), "message": f"<p>Words {number}</p>", "author": {"name": "Ann"}, "thread": "77"}
    return {**said, "createdAt": "2024-05-06T09:15:00", "parent": None, "forum": "mugs"}


def disqus_list(*posts: Any) -> dict[str, Any]:
    cursor = {"hasNext": False, "hasPrev": False, "next": "1:0:0", "id": "0:0:0"}
    return {"cursor": cursor, "code": 0, "response": list(posts)}


def wordpress(number: int) -> dict[str, Any]:
    said = {"id": number, "post": 12, "parent": 0, "author_name": "Ann", "date_gmt": "2024-05-06T09:15:00"}
    return {
        **said,
        "content": {"rendered": f"<p>Words {number}</p>"},
        "link": f"https://mugs.example/1/#comment-{number}",
    }


def reddit(name: str, replies: Any = "") -> dict[str, Any]:
    said = {"id": name, "body": f"Words {name}", "author": "ann", "created_utc": 1_714_986_000, "replies": replies}
    return {"kind": "t1", "data": {**said, "link_id": "t3_zz1", "parent_id": "t3_zz1", "depth": 0}}


def listing(*things: Any) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(things)}}


def reddit_thread(*things: Any) -> list[Any]:
    post_of = {"id": "zz1", "title": "Mugs", "author": "ann", "created_utc": 1_714_986_000, "subreddit": "mugs"}
    return [listing({"kind": "t3", "data": post_of}), listing(*things)]


def read(site: str, value: Any) -> ThreadPage:
    (page, *_) = site_named(site).parse(Page(None, json.dumps(value).encode(), "application/json"))
    return page


def held(page: ThreadPage) -> list[str | None]:
    return [comment.native_id for comment in page.comments]


def lost(page: ThreadPage) -> int:
    return sum(stub.count for stub in page.stubs)


Form = tuple[str, Callable[..., Any], Callable[[int], Any], tuple[str, str]]
FORMS: dict[str, Form] = {
    "algolia": ("hackernews", story, algolia, ("1", "2")),
    "discourse": ("discourse", topic, post, ("1", "2")),
    "lobsters": ("lobsters", lobsters, lambda number: lobster(f"k{number}"), ("k1", "k2")),
    "guardian": ("guardian", discussion, guardian, ("1", "2")),
    "coral": ("coral", coral_story, lambda number: {"node": coral(number)}, ("c1", "c2")),
    "disqus": ("disqus", disqus_list, disqus, ("1", "2")),
    "wordpress": ("wordpress", lambda *given: list(given), wordpress, ("1", "2")),
    "reddit": ("reddit", reddit_thread, lambda number: reddit(f"r{number}"), ("r1", "r2")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("odd", [None, 7, "gone", [], {}, {"note": "moderated"}, True])
def test_odd_entry_costs_no_comment_and_is_counted(form: str, odd: Any) -> None:
    site, around, one, ids = FORMS[form]
    page = read(site, around(one(1), odd, one(2)))
    assert held(page) == list(ids)
    assert lost(page) == 1
    assert not page.completeness.is_whole
    assert site_of_page(Page(None, json.dumps(around(one(1), odd, one(2))).encode())).name == site


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("places", ["first", "last", "both"])
def test_null_stands_anywhere(form: str, places: str) -> None:
    site, around, one, ids = FORMS[form]
    entries = {"first": (None, one(1), one(2)), "last": (one(1), one(2), None), "both": (None, one(1), None, one(2))}
    page = read(site, around(*entries[places]))
    assert (held(page), lost(page)) == (list(ids), 2 if places == "both" else 1)


@pytest.mark.parametrize("form", FORMS)
def test_answer_without_odd_entries_has_nothing_lost(form: str) -> None:
    site, around, one, ids = FORMS[form]
    page = read(site, around(one(1), one(2)))
    assert (held(page), lost(page)) == (list(ids), 0)


@pytest.mark.parametrize("form", FORMS)
def test_answer_of_odd_entries_alone_is_refused(form: str) -> None:
    site, around, _, _ = FORMS[form]
    with pytest.raises(ParseError):
        read(site, around({"note": "moderated"}, 7))


@pytest.mark.parametrize("children", [None, [], "none", {}, 0, "missing"])
def test_replies_of_any_type_cost_nothing(children: Any) -> None:
    odd = algolia(1, children=children)
    if children == "missing":
        del odd["children"]
    page = read("hackernews", story(odd, algolia(2, children=[algolia(3)])))
    assert held(page) == ["1", "2", "3"]
    assert lost(page) == (children not in (None, [], "missing"))


def test_story_without_children_is_a_story() -> None:
    alone = story()
    del alone["children"]
    page = read("hackernews", alone)
    assert (page.thread.native_id, page.thread.title, page.comments) == ("800", "Mugs", ())
    assert site_of_page(Page(None, json.dumps(alone).encode())).name == "hackernews"


def test_items_with_an_id_and_no_words_are_stubs_by_their_id() -> None:
    page = read("hackernews", story(algolia(1, children=[{"id": 9}, {"id": 9}, None])))
    assert [(stub.native_id, stub.parent_native_id, stub.count) for stub in page.stubs] == [
        ("9", "1", 1),
        (None, "1", 1),
    ]


@pytest.mark.parametrize(
    ("kids", "ids", "count"),
    [
        ([11, None, 12], ["11", "12"], 1),
        ({"0": 11, "2": 12}, ["11", "12"], 0),
        ("eleven", ["eleven"], 0),
        ([11, {}, [], True], ["11"], 3),
        (None, [], 0),
    ],
)
def test_kids_of_firebase(kids: Any, ids: list[str], count: int) -> None:
    item = {"id": 10, "type": "story", "by": "ann", "time": 1_714_986_900, "title": "Mugs", "kids": kids}
    page = read("hackernews", item)
    assert [stub.native_id for stub in page.stubs if stub.native_id] == ids
    assert sum(stub.count for stub in page.stubs if stub.native_id is None) == count
    assert len(page.links) == len(ids)


def test_odd_replies_are_counted_below_their_comment() -> None:
    forms = {
        "guardian": discussion(guardian(1, guardian(2), None, "x"), guardian(3)),
        "coral": coral_story(*edges(coral(1, {"node": coral(2)}, {"node": None}, None), coral(3))),
        "reddit": reddit_thread(reddit("r1", listing(reddit("r2"), None, {"kind": "t9"})), reddit("r3")),
        "hackernews": story(algolia(1, children=[algolia(2), None, False]), algolia(3)),
    }
    for site, value in forms.items():
        page = read(site, value)
        assert len(page.comments) == 3, site
        assert lost(page) == 2, site
        assert {stub.parent_native_id for stub in page.stubs} == {page.comments[0].native_id}, site


def test_replies_that_are_no_list_are_counted() -> None:
    for replies in ("x", 5, [reddit("r2")], {"kind": "more"}):
        page = read("reddit", reddit_thread(reddit("r1", replies), reddit("r3")))
        assert "r3" in held(page), replies
        assert len(page.comments) + lost(page) == 3, replies
    for nothing in (None, "", {"kind": "Listing", "data": {"children": None}}):
        assert lost(read("reddit", reddit_thread(reddit("r1", nothing)))) == 0


def test_ids_of_left_out_comments_that_are_null_are_counted() -> None:
    more = {"kind": "more", "data": {"children": ["k1", None], "count": 2, "parent_id": "t3_zz1"}}
    page = read("reddit", reddit_thread(reddit("r1"), more))
    assert [(stub.native_id, stub.count) for stub in page.stubs] == [("k1", 1), (None, 1)]
    stream = read("discourse", topic(post(1), stream=[1, None, 4]))
    assert [stub.native_id for stub in stream.stubs] == ["4"]
    assert not stream.completeness.is_enumerated


def test_thread_with_a_lost_entry_is_incomplete_and_its_comments_are_held(tmp_path: Path) -> None:
    archive = Held(tmp_path)
    code = archive.take(json.dumps(lobsters(lobster("k1"), None, lobster("k2"))))
    assert code == 3
    assert archive.rows("SELECT native_id FROM comments ORDER BY 1") == [("k1",), ("k2",)]
    assert archive.rows("SELECT verdict FROM readings") == [("incomplete",)]


@pytest.mark.skipif(not CASES.is_dir(), reason="the answers are not here (BTL_REALDATA)")
@pytest.mark.parametrize("name", ["algolia-children-null", "algolia-children-missing", "algolia-null-child"])
def test_answers_that_lost_comments_lose_none(name: str) -> None:
    page = read("hackernews", json.loads((CASES / f"{name}.json").read_bytes()))
    assert [(comment.native_id, comment.published_raw) for comment in page.comments] == [
        ("901", "1714986901"),
        ("905", "1714986905"),
    ]
    assert lost(page) == (name == "algolia-null-child")


@pytest.mark.parametrize("odd", [None, 7, "x", {}, [None], [7], [{}], {"tag": None}])
def test_lists_beside_a_comment_cost_nothing(odd: Any) -> None:
    author = {"id": "u1", "username": "ann", "badges": odd}
    value = coral_story(*edges(coral(1, tags=odd, action_summaries=odd, author=author), coral(2)))
    assert held(read("coral", value)) == ["c1", "c2"]
    value = topic(post(1, reactions=odd, badges_granted=odd, actions_summary=odd), post(2)) | {"tags": odd}
    assert held(read("discourse", value)) == ["1", "2"]
    value = lobsters(lobster("k1"), lobster("k2")) | {"tags": odd}
    assert held(read("lobsters", value)) == ["k1", "k2"]
    value = reddit_thread(reddit("r1"), reddit("r2"))
    value[1]["data"]["children"][0]["data"] |= {"all_awardings": odd, "gildings": odd, "author_flair_richtext": odd}
    assert held(read("reddit", value)) == ["r1", "r2"]


@pytest.mark.parametrize(
    ("comments", "ids", "count"),
    [
        ([None], 2, 1),
        ([None, 7, "Nice mugs!"], 2, 3),
        ([[], "#comment-9"], 2, 0),
        ([], 2, 0),
    ],
)
def test_lists_in_json_ld(comments: list[Any], ids: int, count: int) -> None:
    def said(number: int) -> dict[str, Any]:
        author = {"@type": "Person", "name": "Ann"}
        return {"@type": "Comment", "@id": f"#comment-{number}", "text": f"Words {number}", "author": author}

    article = {"@type": "Article", "url": "https://mugs.example/1", "comment": [said(1), *comments, said(2)]}
    script = json.dumps({"@context": "https://schema.org", **article})
    html = f'<html><head><script type="application/ld+json">{script}</script></head><body></body></html>'
    (page,) = site_named("structured").parse(Page("https://mugs.example/1", html.encode(), "text/html"))
    assert len(page.comments) == ids
    assert sum(stub.count for stub in page.stubs if stub.native_id is None) == count
