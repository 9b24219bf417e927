"""What pages count beside what is held: exact messages, and no thread complete while a gap is unexplained."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from belowtheline.archive.readings.verdicts import judge
from belowtheline.archive.store.database import APPLICATION_ID, Archive
from belowtheline.archive.store.migrations import migrations
from belowtheline.jobs.endings import ending_of_pages
from belowtheline.reading.counts import Count, counted, read_count, shown_part
from belowtheline.reading.items import Stub, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from belowtheline.sites.wordpress import wording
from tests.growth import assert_linear
from tests.recorded import Recorded, post, shown_page

POST = "https://kettleblog.example/2024/05/the-slow-kettle/"


def counting(number: int, declared: int, stubs: tuple[Stub, ...] = (), **said: Any) -> ThreadPage:
    """Return a page that shows so many comments and declares so many."""
    page = shown_page(*(post(f"c{place}") for place in range(number)), stubs=stubs, **said)
    return replace(page, thread=replace(page.thread, declared_count=declared))


def judged(folder: Path, page: ThreadPage) -> tuple[str, str | None, int]:
    """Return verdict, reason and exit code of an archive that took one page."""
    verdict = Recorded(folder).take_page(page)
    return verdict.verdict, verdict.reason, ending_of_pages([("done", None)], [verdict])


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (
            counting(19, 65_941, counts_visible=True, is_whole=True),
            ("incomplete", "count mismatch: 19 comments held, 65,941 declared", 4),
        ),
        (counting(19, 65_941, is_whole=True), ("incomplete", "19 comments held, 65,941 declared", 3)),
        (counting(19, 65_941), ("incomplete", "19 comments held, 65,941 declared", 3)),
        (counting(74, 91, is_whole=True), ("unverified", "74 comments held, 91 declared", 0)),
        (counting(3, 5, is_enumerated=True), ("complete", None, 0)),  # the rest is named to nobody
        (counting(3, 65_941, is_enumerated=True), ("incomplete", "3 comments held, 65,941 declared", 3)),
        (counting(3, 5, is_whole=True, left_out=2), ("complete", None, 0)),
        (
            counting(3, 6, is_whole=True, left_out=2),
            ("unverified", "3 comments held and 2 left out as no comments, 6 declared", 0),
        ),
        (counting(5, 3, is_whole=True, counts_visible=True), ("complete", None, 0)),
    ],
)
def test_a_count_above_what_is_held_is_told_to_the_number(tmp_path: Path, page: ThreadPage, expected: Any) -> None:
    assert judged(tmp_path, page) == expected


@pytest.mark.parametrize("is_visible", [True, False])
@pytest.mark.parametrize(("held", "is_enough"), [(115, True), (120, True), (114, False)])
def test_a_rounded_count_is_refuted_only_beyond_its_rounding(
    tmp_path: Path, held: int, is_enough: bool, is_visible: bool
) -> None:
    """120 stands for "0.12k", at least 115."""
    page = counting(held, 120, count_least=115, is_whole=True, counts_visible=is_visible)
    verdict, reason, _ = judged(tmp_path, page)
    assert (verdict == "complete") is is_enough
    assert reason is None if is_enough else f"{held} comments held, about 120 declared" in (reason or "")


def test_stubs_explain_a_gap_and_no_more_than_the_count_leaves_are_known(tmp_path: Path) -> None:
    left = tuple(Stub(native_id=None, parent_native_id=f"c{place}", count=9) for place in range(3))
    page = counting(5, 7, left, is_enumerated=True, counts_visible=True)
    assert judged(tmp_path, page) == ("incomplete", "2 comments are known and not held", 3)


def test_a_page_that_shows_a_part_of_more_is_incomplete(tmp_path: Path) -> None:
    page = shown_page(*(post(f"c{place}") for place in range(20)), is_whole=True, part_of=300)
    reason = "20 comments held of the 300 that the page says it shows a part of"
    assert judged(tmp_path, page) == ("incomplete", reason, 3)


def wordpress(number: int, heading: str = "", after: str = "") -> ThreadPage:
    """Return what is read on a post with so many comments."""
    items = "".join(
        f'<li id="comment-{place}" class="comment depth-1"><b class="fn">R{place}</b>'
        f'<div class="comment-content"><p>Text {place}.</p></div></li>'
        for place in range(1, number + 1)
    )
    html = (
        '<html><head><link rel="stylesheet" href="/wp-content/themes/plain/style.css"></head><body>'
        f'<div id="comments">{heading}<ol class="comment-list">{items}</ol>{after}</div></body></html>'
    )
    (found,) = read(site_named("wordpress"), Page(POST, html.encode(), "text/html"))
    return found


@pytest.mark.parametrize(
    "after",
    [
        "<p>Showing 20 of 300 comments</p>",
        "<span>Showing 1-20 of 300 replies</span>",
        "<span>1-20 of <b>300</b> comments</span>",
        "<div>Viewing 20 posts - 1 through 20 (of 300 total)</div>",
        "<p>Showing <b>20</b> of about <strong>300</strong> comments</p>",
        "<div>Displaying comments 1 to 20 of 300</div>",
        "<p> Es werden 20 von 300 Kommentaren angezeigt. </p>",
        "<button>Load 280 more comments</button>",
        '<a href="#" class="all">View all 300 comments</a>',
        "<button>280 weitere Kommentare laden</button>",
        "<button>Ver los 300 comentarios</button>",
    ],
)
def test_a_page_says_of_how_many_comments_it_shows_a_part(after: str) -> None:
    found = wordpress(20, after=after)
    assert (found.completeness.part_of, found.completeness.is_whole) == (300, False)
    assert wordpress(20).completeness.is_whole
    assert wordpress(20, after="<p>Showing 20 of 20 comments</p>").completeness.is_whole
    for other in (
        "<button>Show 20 comments</button>", '<a href="/other/#comments">View all 300 comments</a>',
        "<button>Show 4 replies</button>",
    ):  # fmt: skip
        assert wordpress(20, after=other).completeness.is_whole
    for other in ("Showing 4 of 300 products", "Page 1 of 300 of comments", "20 of 300 comments here are mine"):
        assert wordpress(20, after=f"<p>{other}</p>").completeness.part_of is None


def test_what_somebody_wrote_of_counts_is_no_count_of_the_page() -> None:
    said = '<li id="comment-99" class="comment depth-1"><b class="fn">Zed</b><div class="comment-content">'
    said += "<p>Showing 2 of 300 comments</p></div></li>"
    assert wordpress(2, after=f'<ol class="comment-list">{said}</ol>').completeness.is_whole


def test_a_page_whose_own_data_counts_more_than_it_shows_is_not_whole() -> None:
    data = '<script type="application/ld+json">{"commentCount": %d}</script>'
    assert [wordpress(3, after=data % count).completeness.is_whole for count in (2, 3, 12)] == [True, True, False]


@pytest.mark.parametrize(
    ("heading", "declared", "least"),
    [
        ("<h2>65.941 Kommentare</h2>", 65_941, None),
        ("<h2>65,941 thoughts on “3 kettles”</h2>", 65_941, None),
        ("<h2>1.2k Comments</h2>", 1_200, 1_150),
        ("<h2>1,2 Tsd. Kommentare</h2>", 1_200, 1_150),
        ("<h2>12K Comments</h2>", 12_000, 11_500),
    ],
)
def test_a_heading_counts_with_separators_and_rounded(heading: str, declared: int, least: int | None) -> None:
    found = wordpress(2, heading)
    assert (found.thread.declared_count, found.completeness.count_least) == (declared, least)
    assert not found.completeness.is_whole


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1\u202f204", Count(1_204, 1_204)),
        ("1'204", Count(1_204, 1_204)),
        ("2.5M", Count(2_500_000, 2_450_000)),
        ("1.2万", Count(12_000, 11_500)),
        ("3 тыс.", Count(3_000, 2_500)),
        ("999+", Count(999, 999)),
        ("12.34", None),
        ("many", None),
        ("9" * 5_000, None),
        ("²", None),
    ],
)
def test_counts_as_pages_write_them(text: str, count: Count | None) -> None:
    assert read_count(text) == count


def test_a_number_is_not_read_from_its_last_digits() -> None:
    assert counted("9 points by ann | 1,204 comments", "comments?") == Count(1_204, 1_204)
    assert counted("2.204.017 comments", "comments?") == Count(2_204_017, 2_204_017)
    assert counted("no comments", "comments?") is None
    assert wording.count_in("1.2k thoughts", "") == 1_200


@pytest.mark.parametrize(
    "text", ["1,234" * 20_000, ">" + "9 of " * 40_000, "showing " * 40_000, "showing" + ">" * 200_000]
)
def test_hostile_counts_are_looked_at_in_linear_time(text: str) -> None:
    assert_linear(shown_part, text)
    assert_linear(lambda part: counted(part, "comments?"), text)


@pytest.mark.parametrize(
    ("comments", "verdict"),
    [
        (2, ("complete", None)),
        (1, ("incomplete", "count mismatch: 1 comments held, 2 declared")),
        (0, ("unverified", "no comments are shown, and nothing proves that there are none")),
    ],
)
def test_an_archive_of_before_is_judged_by_what_it_kept(tmp_path: Path, comments: int, verdict: Any) -> None:
    path = tmp_path / "a.db"
    page = {"reading_id": 1, "method": "GET", "url": POST, "body": "", "host": "", "kind": "page", "state": "done"}
    comment = {"thread_id": 1, "id_source": "page", "position": 1, "page_position": 1}
    kept = [
        ("sites", {"name": "kettles"}),
        ("runs", {"command": "crawl", "tool_version": "0.1.0", "started_at": "2025-01-01T00:00:00Z"}),
        ("threads", {"site_id": 1, "instance": "", "native_id": "1", "headline_key": ""}),
        (
            "readings",
            {"run_id": 1, "thread_id": 1, "site_id": 1, "start_url": POST, "opened_at": "2025-01-01T00:00:00Z"},
        ),
        ("pages", {**page, "is_whole": 1, "declared": 2 if comments else None, "comments": comments}),
        *(("comments", {**comment, "native_id": str(number)}) for number in range(comments)),
    ]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before="m007_proofs")
        for table, columns in kept:
            marks = ", ".join("?" * len(columns))
            connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))
        connection.commit()
    with Archive.create_or_open(path) as archive:
        assert judge(archive.connection, 1)[:2] == verdict


def test_what_is_held_from_before_hides_no_loss_on_several_pages(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)

    def pages(each: int) -> list[ThreadPage]:
        """Return the two pages of a thread of forty, each with so many of its twenty comments."""
        shown = [[post(f"c{page}-{place}") for place in range(each)] for page in (1, 2)]
        said = {"page_count": 2, "counts_visible": True}
        made = [shown_page(*comments, page_number=number, **said) for number, comments in enumerate(shown, 1)]
        return [replace(page, thread=replace(page.thread, declared_count=40)) for page in made]

    def take(each: int, at: str) -> tuple[str, str | None]:
        given = [
            (f"https://kettles.example/t/1?page={number}", at, [page]) for number, page in enumerate(pages(each), 1)
        ]
        (verdict,) = archive.take(*given)
        return verdict.verdict, verdict.reason

    assert take(20, "2026-02-01T10:00:00Z") == ("complete", None)
    assert take(15, "2026-02-02T10:00:00Z") == ("incomplete", "count mismatch: 30 comments shown, 40 declared")
    assert archive.rows("SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == [(0,)]
