"""Parents that pages name by address alone: found wherever the comment with that address is held."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from belowtheline.reading.items import Comment, ThreadPage
from tests.loopback import btl, rows
from tests.recorded import START, Recorded, post, shown_page

T1, T2 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z"
PARENTS = """
    SELECT c.native_id, c.parent_native_id, p.native_id FROM comments c LEFT JOIN comments p ON p.id = c.parent_id
    ORDER BY c.native_id"""


def url(number: int) -> str:
    return f"https://kettles.example/t/1/{number}"


def numbered(native_id: str, number: int, answers: int | None = None, **fields: Any) -> Comment:
    named = {"parent_url": url(answers)} if answers else {}
    return Comment(native_id=native_id, position=1, url=url(number), body_html=f"<p>{native_id}</p>", **named, **fields)


FIRST = shown_page(numbered("a", 1), numbered("b", 2), page_number=1)
SECOND = shown_page(
    numbered("c", 3, answers=2), numbered("d", 4, answers=3), numbered("e", 5, answers=9), page_number=2
)
RESOLVED = [("a", None, None), ("b", None, None), ("c", "b", "b"), ("d", "c", "c"), ("e", None, None)]


@pytest.mark.parametrize("order", list(permutations((FIRST, SECOND))))
def test_the_order_of_pages_does_not_matter(tmp_path: Path, order: tuple[ThreadPage, ...]) -> None:
    archive = Recorded(tmp_path)
    archive.take(*((START, T1, [page]) for page in order))
    assert archive.rows(PARENTS) == RESOLVED


@pytest.mark.parametrize("order", list(permutations((FIRST, SECOND))))
def test_a_parent_that_comes_in_a_later_run_is_found(tmp_path: Path, order: tuple[ThreadPage, ...]) -> None:
    archive = Recorded(tmp_path)
    for page, time in zip(order, (T1, T2), strict=True):
        archive.take_page(page, time)
    assert archive.rows(PARENTS) == RESOLVED
    archive.take_page(order[0], T2)
    assert archive.rows(PARENTS) == RESOLVED


def test_a_page_that_names_the_id_stands(tmp_path: Path) -> None:
    by_id = shown_page(post("c", "x"), post("d", "b"), post("b"))
    by_url = shown_page(numbered("c", 3, answers=7), numbered("d", 4, answers=2))
    held = []
    for number, order in enumerate(permutations([(by_id, T1), (by_url, T2)])):
        archive = Recorded(tmp_path / str(number))
        for page, time in order:
            archive.take_page(page, time)
        held.append((archive.rows(PARENTS), archive.rows("SELECT parent_url FROM comments WHERE native_id = 'c'")))
    assert held[0] == held[1] == ([("b", None, None), ("c", "x", None), ("d", "b", "b")], [(url(7),)])


def test_an_answer_to_nobody_clears_what_was_named(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(shown_page(numbered("b", 2), numbered("c", 3, answers=2)), T1)
    archive.take_page(shown_page(numbered("b", 2), numbered("c", 3, parent_native_id=None)), T2)
    assert archive.rows(PARENTS) == [("b", None, None), ("c", None, None)]


def test_an_address_that_two_bear_or_oneself_names_nobody(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(shown_page(numbered("a", 1), numbered("b", 1), numbered("c", 3, 1), numbered("d", 4, 4)), T1)
    assert {parent for _, _, parent in archive.rows(PARENTS)} == {None}


def test_a_parent_without_an_id_is_found_by_its_row(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    unnamed = Comment(native_id=None, position=1, url=url(1), body_html="<p>No id.</p>")
    archive.take_page(shown_page(unnamed, numbered("b", 2, answers=1)), T1)
    assert archive.rows(PARENTS) == [("b", None, "~1"), ("~1", None, None)]
    archive.take_page(shown_page(Comment(native_id="a", position=1, url=url(1), body_html="<p>No id.</p>")), T2)
    assert archive.rows(PARENTS) == [("a", None, None), ("b", "a", "a")]


def test_other_threads_are_left_alone(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(FIRST, T1)
    archive.take_page(shown_page(numbered("z", 9, answers=1), thread="2"), T1, "https://kettles.example/t/2")
    assert archive.rows(PARENTS)[-1] == ("z", None, None)


def topic(*posts: dict[str, Any], stream: list[int]) -> str:
    told = {"id": 77, "title": "Kettle care", "slug": "kettle-care", "posts_count": len(stream)}
    return json.dumps(told | {"post_stream": {"posts": list(posts), "stream": stream}})


def post_of_topic(number: int, answers: int | None) -> dict[str, Any]:
    told = {"id": 500 + number, "post_number": number, "reply_to_post_number": answers, "username": "ann"}
    where = {"topic_id": 77, "topic_slug": "kettle-care", "created_at": "2025-03-14T09:00:00.000Z"}
    return told | where | {"cooked": f"<p>Post {number}.</p>"}


def test_posts_of_discourse_on_two_pages_are_joined(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first, rest = tmp_path / "1.json", tmp_path / "2.json"
    first.write_text(topic(post_of_topic(1, None), post_of_topic(2, 1), stream=[501, 502, 521]))
    rest.write_text(json.dumps({"post_stream": {"posts": [post_of_topic(21, 2)]}, "id": 77}))
    address = "https://forum.example.org/t/77"
    assert btl("ingest", archive, str(rest), "--url", f"{address}/posts.json?post_ids[]=521").code == 0
    assert rows(archive, PARENTS) == [("521", None, None)]
    ended = btl("ingest", archive, str(first), "--url", f"{address}.json")
    assert ended.code == 0, ended.err
    assert rows(archive, PARENTS) == [("501", None, None), ("502", "501", "501"), ("521", "502", "502")]
