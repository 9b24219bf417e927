"""Comments without ids: words tell them apart on their page only, and no record takes another's place."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from belowtheline.jobs.ingest import ingest
from belowtheline.reading.items import Author, Comment, ThreadPage
from tests.made_up import Held
from tests.recorded import START, Recorded, shown_page

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"
WORDS = (
    ("Ann", "The lid was warped from the first day."),
    ("Bob", "Mine whistles in two keys at once."),
    ("Cid", "I went back to a saucepan and regret nothing."),
    ("Dee", "Descale it with lemon, not with vinegar."),
)


def said(author: str, text: str | None, **fields: Any) -> Comment:
    """Return a comment without an id; without a text it was deleted."""
    name = Author(name=author)
    if text is None:
        return Comment(native_id=None, position=1, deletion="author", **fields)
    told = {"author": name, "body_html": f"<p>{text}</p>", **fields}
    return Comment(native_id=None, position=1, **told)


def many(count: int, start: int = 0) -> list[Comment]:
    return [
        said(f"Author {number}", f"These are the words of number {number}.") for number in range(start, start + count)
    ]


def page(number: int | None, comments: Sequence[Comment], last: int = 2, **how: Any) -> ThreadPage:
    return shown_page(*comments, page_number=number, page_count=last if number else None, **how)


def address(number: int) -> str:
    return f"{START}?page={number}"


def read(held: Recorded, at: str | None, *pages: ThreadPage) -> None:
    """Take numbered pages as one reading."""
    held.take(*((address(shown.completeness.page_number or 1), at, [shown]) for shown in pages))


def count(held: Recorded) -> int:
    return int(held.rows("SELECT count(*) FROM comments")[0][0])


@pytest.mark.parametrize("at", [T1, None])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_same_words_on_two_pages_of_one_reading_are_two_comments(
    tmp_path: Path, at: str | None, order: tuple[int, int]
) -> None:
    again = said("Ann", "+1")
    pages = [page(1, [*many(19), again]), page(2, [*many(19, 20), again])]
    held = Recorded(tmp_path)
    read(held, at, *(pages[place] for place in order))
    assert count(held) == 40
    assert held.rows("SELECT verdict FROM readings") == [("complete",)]
    by_page = held.rows("SELECT page_number, count(*) FROM comments WHERE body_text = '+1' GROUP BY 1")
    assert by_page == [(1, 1), (2, 1)]


@pytest.mark.parametrize("texts", [["+1"] * 5, [f"This is well put, number {n}." for n in range(5)], [None] * 5])
@pytest.mark.parametrize("is_one_run", [True, False])
def test_pages_of_one_post_each_are_as_many_comments(tmp_path: Path, texts: list[str | None], is_one_run: bool) -> None:
    pages = [page(number, [said("Ann", text)], last=5) for number, text in enumerate(texts, 1)]
    for number, order in enumerate(([0, 1, 2, 3, 4], [4, 2, 0, 1, 3])):
        held = Recorded(tmp_path / str(number))
        in_order = [pages[place] for place in order]
        for of_run in [in_order] if is_one_run else [[one] for one in in_order]:
            read(held, T1, *of_run)
        assert count(held) == 5
        read(held, T2, *pages)
        assert count(held) == 5, "a second look at the same pages"


def test_a_page_that_is_given_twice_is_one_page(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    for at in (T1, T2, None):
        read(held, at, page(1, many(3)), page(2, many(3, 3)))
    held.take((address(1), T3, [page(1, many(3))]), (address(1), T3, [page(1, many(3))]))
    assert count(held) == 6


def test_a_list_that_stands_again_at_another_address_is_one_list(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    shown = [said(*words) for words in WORDS]
    held.take((START, T1, [page(None, shown)]), (f"{START}/top", T1, [page(None, shown[:3])]))
    assert count(held) == 4


@pytest.mark.parametrize("count_of_posts", [2, 3, 8])
def test_one_page_at_two_addresses_is_one_page(tmp_path: Path, count_of_posts: int) -> None:
    held = Recorded(tmp_path)
    shown = many(count_of_posts)
    held.take((START, T1, [page(None, shown)]))
    held.take((f"{START}?ref=kettles", T2, [page(None, shown)]))
    held.take((START.replace("https", "http"), T3, [page(None, [*shown, said("Zoe", "Late to this.")])]))
    assert count(held) == count_of_posts + 1


def test_pages_without_numbers_of_one_post_each_are_as_many_comments(tmp_path: Path) -> None:
    for number, is_one_run in enumerate((True, False)):
        held = Recorded(tmp_path / str(number))
        given = [(f"{START}?after={n}", T1, [page(None, [said("Ann", "+1")])]) for n in range(5)]
        for of_run in [given] if is_one_run else [[one] for one in given]:
            held.take(*of_run)
        assert count(held) == 5


def test_a_few_equal_records_at_another_address_are_no_list(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    shown = [said(*words) for words in WORDS]
    held.take((START, T1, [page(None, shown)]), (f"{START}?after=4", T1, [page(None, [shown[3], *many(3)])]))
    assert count(held) == 8


def test_a_server_that_sends_one_page_for_every_number_shows_one_list(tmp_path: Path) -> None:
    dated = [said(*words, published_raw=f"2025-03-14T09:0{n}:00Z") for n, words in enumerate(WORDS)]
    held = Recorded(tmp_path / "dated")
    read(held, T1, page(1, dated), page(2, dated))
    assert count(held) == 4
    undated = [said(*words) for words in WORDS]
    held = Recorded(tmp_path / "undated")
    read(held, T1, page(1, undated), page(2, undated))
    assert count(held) == 8, "words alone are no proof"


@pytest.mark.parametrize("new", [1, 2, 3])
@pytest.mark.parametrize("is_dated", [True, False])
def test_comments_that_new_ones_push_to_the_next_page_are_found_there(tmp_path: Path, new: int, is_dated: bool) -> None:
    def posts(numbers: Sequence[int]) -> list[Comment]:
        dates = {n: {"published_raw": f"2025-03-14T09:{n:02}:00Z"} if is_dated else {} for n in numbers}
        return [said(f"Author {n}", f"These are the words of number {n}.", **dates[n]) for n in numbers]

    newest_first = list(range(10, 0, -1))
    held = Recorded(tmp_path)
    read(held, T1, page(1, posts(newest_first[:5])), page(2, posts(newest_first[5:])))
    later = list(range(10 + new, 0, -1))
    pages = [page(number + 1, posts(later[5 * number : 5 * number + 5]), last=3) for number in range(3)]
    read(held, T2, *pages)
    assert count(held) == 10 + new
    assert held.rows("SELECT count(*) FROM comments WHERE last_seen_at < ? OR not_seen_since IS NOT NULL", T2) == [(0,)]


def test_the_place_of_a_comment_that_is_gone_is_not_taken_by_the_same_words_of_another_date(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    first, second = (said("Ann", "+1", published_raw=f"2025-03-14T09:0{n}:00Z") for n in (1, 2))
    read(held, T1, page(1, [*many(3), first]), page(2, many(3, 3)))
    read(held, T2, page(1, many(3)), page(2, [*many(3, 3), second]))
    assert count(held) == 8
    assert held.rows("SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == [(1,)]


def test_a_new_comment_of_the_same_words_is_told_by_its_date(tmp_path: Path) -> None:
    def at(minute: int) -> Comment:
        return said("Ann", "+1", published_raw=f"2025-03-14T09:{minute:02}:00Z")

    held = Recorded(tmp_path)
    read(held, T1, page(1, [at(2), *many(2)]), page(2, [at(1), *many(2, 2)]))
    read(held, T2, page(1, [at(7), *many(2)]), page(2, [at(2), *many(2, 2)]), page(3, [at(1)], last=3))
    dates = held.rows("SELECT published_at, first_seen_at FROM comments WHERE body_text = '+1' ORDER BY 1")
    assert dates == [("2025-03-14T09:01:00Z", T1), ("2025-03-14T09:02:00Z", T1), ("2025-03-14T09:07:00Z", T2)]


def test_dates_of_another_zone_are_no_other_dates(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    for at, hour in ((T1, 9), (T2, 11)):
        read(held, at, page(1, [said(*words, published_raw=f"2025-03-14T{hour:02}:07:00Z") for words in WORDS]))
    assert count(held) == 4


def test_words_that_come_again_with_another_date_have_not_moved(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    first, second = (said("Ann", "+1", published_raw=f"2025-03-14T09:0{n}:00Z") for n in (1, 2))
    read(held, T1, page(1, [first]))
    read(held, T2, page(2, [second]))
    assert count(held) == 2
    read(held, T3, page(3, [first]))
    assert count(held) == 2, "to the minute the same as on page 1"


def test_equal_permalinks_are_one_comment_whatever_the_words(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    link = f"{START}/permalink/7"
    read(held, T1, page(1, [said("Ann", "Before.", url=link), said("Bob", "Mine.", url=START)]))
    read(held, T2, page(2, [said("Ann", "Quite another text.", url=link), said("Bob", "Not mine.", url=START)]))
    assert count(held) == 3
    assert held.rows("SELECT body_text FROM comments WHERE url = ?", link) == [("Quite another text.",)]


def test_other_permalinks_are_other_comments_of_the_same_words(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    for number, at in enumerate((T1, T2)):
        read(held, at, page(1, [said("Ann", "+1", url=f"{START}/permalink/{number}")]))
    assert count(held) == 2


def marked_up(number: int, comments: Sequence[tuple[str, str]]) -> str:
    """Return a saved page whose comments are marked up without ids; the first page has no number."""
    path = f"comment-page-{number}/" if number > 1 else ""
    items = "".join(
        '<div itemprop="comment" itemscope itemtype="https://schema.org/Comment">'
        f'<span itemprop="author">{author}</span><div itemprop="text"><p>{text}</p></div></div>'
        for author, text in comments
    )
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Kettle</title>'
        f'<link rel="canonical" href="https://kettles.example/sings/{path}"></head>'
        '<body><article itemscope itemtype="https://schema.org/Article"><h1 itemprop="headline">Kettle</h1>'
        f"{items}</article></body></html>"
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=20), None])
def test_equal_dates_on_pages_of_one_run_and_time_are_no_sign_of_a_move(
    tmp_path: Path, order: tuple[int, ...], apart: timedelta | None
) -> None:
    dated = '</p></div><time itemprop="dateCreated" datetime="2025-03-14T09:00:00Z"></time>'
    pages = [marked_up(number, [("Ann", "+1")]).replace("</p></div>", dated) for number in (1, 2, 3)]
    first = Held(tmp_path / "first")
    for number, place in enumerate(order):
        at = datetime(2025, 3, 15, 10, tzinfo=UTC) + (apart or timedelta(0)) * number
        first.take(pages[place], None if apart is None else f"{at:%Y-%m-%dT%H:%M:%SZ}")
    files = sorted(map(str, (tmp_path / "first").glob("*.html" if apart is None else "*/*.warc.gz")))
    held = Held(tmp_path / "held")
    assert ingest(held.path, files).ending == 0
    assert len(held.flat("body_text")) == 3


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_saved_pages_of_one_post_each_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    pages = [marked_up(number, [("Ann", f"The kettle sings as it did on day {number}.")]) for number in (1, 2, 3)]
    held = Held(tmp_path)
    for place in order:
        held.take(pages[place], T1)
    assert [row[0] for row in held.flat("body_text")].count(None) == 0
    assert len(held.flat("body_text")) == 3
    for place in reversed(order):
        held.take(pages[place], T2)
    assert len(held.flat("body_text")) == 3


@pytest.mark.parametrize("is_dated", [True, False])
def test_a_warc_holds_its_pages_in_any_order(tmp_path: Path, is_dated: bool) -> None:
    common = [("Ann", "+1"), ("Bob", "me too")]
    pages = [marked_up(n, [*common, *((f"A{n}{m}", f"Words {m} of page {n}") for m in range(6))]) for n in (1, 2, 3)]
    first = Held(tmp_path / "first")
    for place in (2, 0, 1):
        first.take(pages[place], T1 if is_dated else None)
    warcs = sorted(str(path) for path in (tmp_path / "first" / "a.db.captures").iterdir())
    for number, order in enumerate((warcs, warcs[::-1])):
        held = Held(tmp_path / str(number))
        ingest(held.path, order)
        assert len(held.flat("body_text")) == 24


def copied(start: int, names: Sequence[str], texts: Sequence[str]) -> str:
    posts = "".join(
        f"  {n}. {name}\n\n\n    {text}\n\n" for n, (name, text) in enumerate(zip(names, texts, strict=True), start)
    )
    return f"back to article Kettle sings\n\nNobody had asked it to, and nobody could make it stop …\n\n\n{posts}"


def test_two_copied_pages_of_one_thread_have_their_own_comments(tmp_path: Path) -> None:
    url = "https://forums.theregister.com/forum/all/2025/03/14/kettle/"
    names = [f"Reader {n}" for n in range(8)]
    first = copied(1, [*names[:4], "Ann"], [*(f"Words of {n}" for n in range(4)), "Quite."])
    second = copied(1, [*names[4:], "Ann"], [*(f"Words of {n}" for n in range(4, 8)), "Quite."])
    for number, order in enumerate(([first, second], [second, first])):
        held = Held(tmp_path / str(number))
        for text in order:
            held.take(text, None, url)
        assert len(held.flat("body_text")) == 10
        for text in order:
            held.take(text + "\n", T1, url)
        assert len(held.flat("body_text")) == 10, "the same texts once more"


def test_what_is_known_of_the_page_survives_a_reparse(tmp_path: Path) -> None:
    from tests.loopback import btl

    held = Held(tmp_path)
    for number in (1, 2, 3):
        held.take(marked_up(number, [("Ann", "+1"), ("Bob", f"This is page {number}")]), T1)
    ended = btl("reparse", held.path, "--diff")
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert len(held.rows("SELECT 1 FROM comments WHERE page_id IS NOT NULL")) == 6


def test_two_threads_that_begin_alike_are_two_threads(tmp_path: Path) -> None:
    weekly = [copied(1, ["Bob", *names], ["First!", *texts]) for names, texts in _weeks()]
    for number, order in enumerate(([0, 1, 2], [2, 0, 1])):
        held = Held(tmp_path / str(number))
        for place in (*order, *order):
            held.take(weekly[place] + "\n" * place, None)
        counts = held.rows("SELECT count(*) FROM comments GROUP BY thread_id ORDER BY thread_id")
        assert counts == [(5,)] * 3
    held.take(weekly[0].replace("Words 2 of week 0", "Words that were edited"), None)
    assert held.rows("SELECT count(*) FROM threads") == [(3,)]


def _weeks() -> list[tuple[list[str], list[str]]]:
    return [
        ([f"Reader {week}{n}" for n in range(4)], [f"Words {n} of week {week}" for n in range(4)]) for week in range(3)
    ]


@pytest.mark.parametrize("is_dated", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_a_random_thread_in_moving_pages_never_loses_a_comment(tmp_path: Path, seed: int, is_dated: bool) -> None:
    """Three readings in pages of any size, in any order, in one run or many; a quarter says "+1" as Anonymous."""
    random = Random(seed)
    size, count_of_posts, new = random.choice([1, 3, 5]), random.randint(4, 12), random.randint(0, 3)
    posts = [_random_post(random, number, is_dated=is_dated) for number in range(count_of_posts + new)]
    held = Recorded(tmp_path)
    for at, known in ((T1, count_of_posts), (T2, count_of_posts), (T3, count_of_posts + new)):
        newest_first = posts[:known][::-1]
        parts = [newest_first[start : start + size] for start in range(0, known, size)]
        pages = [page(number, part, last=len(parts)) for number, part in enumerate(parts, 1)]
        random.shuffle(pages)
        for of_run in [pages] if seed % 2 else [[one] for one in pages]:
            read(held, at, *of_run)
    assert count(held) >= len(posts)
    if is_dated or not new:
        assert count(held) == len(posts)


def _random_post(random: Random, number: int, *, is_dated: bool) -> Comment:
    date = {"published_raw": f"2025-03-14T09:{number:02}:00Z"} if is_dated else {}
    if random.random() < 0.25:
        return said("Anonymous", "+1", **date)
    return said(f"A{random.randint(0, 6)}", f"Words number {number} about {random.choice(['tea', 'lids'])}.", **date)
