"""What a page says exists and does not show: by id, or only by how many stand below a comment."""

from pathlib import Path

import pytest

from belowtheline.reading.items import Stub
from tests.loopback import btl
from tests.recorded import START, Recorded, post, shown_page

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"
BELOW = "https://kettles.example/t/1/below/a"
CONTINUED = Stub(native_id=None, parent_native_id="a", shown="continue this thread", url=BELOW)
COUNTED = Stub(native_id=None, parent_native_id="a", shown="3 more replies", count=3)
TOP = shown_page(post("a"), post("b"), stubs=[CONTINUED], is_enumerated=True)
STUBS = """
    SELECT s.native_id, s.count, c.native_id, s.answer_capture_id IS NOT NULL
    FROM stubs s LEFT JOIN comments c ON c.id = s.comment_id ORDER BY s.native_id"""


def held_stubs(archive: Recorded) -> list[tuple[str, int, str | None, int]]:
    return archive.rows(STUBS)


def test_what_has_no_id_is_kept_by_its_parent_and_counted(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    stubs = [CONTINUED, Stub(native_id=None, parent_native_id=None, count=7), Stub(native_id="x")]
    verdict = archive.take_page(shown_page(post("a"), post("b"), stubs=stubs, is_enumerated=True))
    assert held_stubs(archive) == [("x", 1, None, 0), ("~under a", 1, None, 0), ("~under the thread", 7, None, 0)]
    assert (verdict.verdict, verdict.reason) == ("incomplete", "9 comments are known and not held")
    assert archive.rows("SELECT stubs FROM thread_status") == [(9,)]
    assert "9 known without their text" in btl("show", archive.path, "1").out


def test_several_below_one_comment_are_one(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(shown_page(post("a"), stubs=[COUNTED, COUNTED]))
    assert held_stubs(archive) == [("~under a", 6, None, 0)]


def test_it_is_promoted_when_a_reply_comes(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    (found,) = archive.take((START, T1, [TOP]), (BELOW, T2, [shown_page(post("c", "a"), post("d", "c"))]))
    assert held_stubs(archive) == [("~under a", 0, "d", 1)]
    assert found.verdict == "complete"


@pytest.mark.parametrize("url", [BELOW, "file:///saved.json"])
def test_in_either_order(tmp_path: Path, url: str) -> None:
    pages = [(START, T1, [TOP]), (url, T2, [shown_page(post("c", "a"))])]
    one, other = Recorded(tmp_path / "one"), Recorded(tmp_path / "other")
    verdicts = one.take(*pages), other.take(*reversed(pages))
    assert held_stubs(one) == held_stubs(other)
    assert verdicts[0][0].verdict == verdicts[1][-1].verdict == ("complete" if url == BELOW else "unverified")


def test_replies_from_elsewhere_do_not_prove_that_all_are_held(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    (found,) = archive.take((START, T1, [TOP]), ("file:///list.json", T1, [shown_page(post("c", "a"))]))
    assert held_stubs(archive) == [("~under a", 0, "c", 0)]
    assert found.verdict == "unverified"
    assert found.reason == "below comments that the page names no replies of, nothing proves that all are held"


def test_a_page_at_its_address_settles_it_even_without_comments(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    (found,) = archive.take((START, T1, [TOP]), (BELOW, T2, [shown_page(post("a"))]))
    assert held_stubs(archive) == [("~under a", 1, None, 1)]
    assert found.verdict == "complete"
    assert archive.rows("SELECT stubs FROM thread_status") == [(0,)]


def test_an_older_page_at_its_address_does_not(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(shown_page(post("a")), T1, BELOW)
    assert archive.take_page(TOP, T2).verdict == "incomplete"
    archive.take_page(shown_page(post("a")), T1, BELOW)
    assert held_stubs(archive) == [("~under a", 1, None, 0)]


def test_a_count_goes_down_as_replies_come(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    page = shown_page(post("a"), post("c", "a"), stubs=[COUNTED], is_enumerated=True)
    assert archive.take_page(page, T1).reason == "3 comments are known and not held"
    archive.take_page(shown_page(post("d", "a"), post("e", "d")), T2)
    assert held_stubs(archive) == [("~under a", 1, None, 0)]
    assert archive.take_page(page, T3).reason == "1 comments are known and not held"
    archive.take_page(shown_page(post("f", "a")), T3)
    assert held_stubs(archive) == [("~under a", 0, "f", 0)]
    assert archive.take_page(page, T3).verdict == "complete"


def test_more_replies_than_are_held_open_it_again(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    one = Stub(native_id=None, parent_native_id="a")
    archive.take((START, T1, [shown_page(post("a"), stubs=[one])]), (BELOW, T1, [shown_page(post("c", "a"))]))
    assert held_stubs(archive) == [("~under a", 0, "c", 0)]
    verdict = archive.take_page(shown_page(post("a"), stubs=[COUNTED]), T2)
    assert verdict.reason == "2 comments are known and not held"


def test_pages_of_a_thread_count_on(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    more = [Stub(native_id=None, count=count) for count in (3, 1)]
    pages = [
        shown_page(post("a"), post("b"), stubs=more[:1], page_number=1),
        shown_page(post("c"), post("d"), stubs=more[1:], page_number=2),
    ]
    archive.take(*((START, T1, [page]) for page in pages))
    assert held_stubs(archive) == [("~under the thread", 1, None, 0)]


def test_a_label_is_never_a_match(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(shown_page(post("a"), stubs=[COUNTED]), T1)
    archive.take_page(shown_page(post("~under a")), T2)
    assert held_stubs(archive) == [("~under a", 3, None, 0)]


def test_parents_in_a_circle_end(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    archive.take_page(shown_page(post("a", "b"), post("b", "a"), stubs=[COUNTED]), T1)
    assert held_stubs(archive)[0][0] == "~under a"
