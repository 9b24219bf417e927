"""Layout drift: a page that no longer shows what its site shows is kept, named and not stored; empty threads are read.

The pages are those of the benches: invented threads in the form of each platform.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from belowtheline.archive.readings.drift import drift_in, drift_of_page, shares_of
from belowtheline.demo.generator import forum_page
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Comment, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from tests.loopback import Loopback, btl, crawl, pages, post, response, rows, tombstone, topic, value
from tests.platforms import FORMS, Form, remarks
from tests.recorded import Recorded, shown_page
from tests.recorded import post as comment

AT = "2024-06-01T00:00:00Z"
COUNT = 24
BY_NAME = {form.name: form for form in FORMS}

# Form, what has changed, and how: a pattern and what stands in its place.
DRIFTS = (
    ("The Register", "authors in another class", 'class="author"', 'class="byline"'),
    ("The Register", "bodies in another class", 'class="body"', 'class="words"'),
    ("The Register", "bodies come later", r'(?s)<div class="body">.*?</div>\n<div class="a', '<div class="a'),
    ("The Register", "ids gone", r' id="c_\d+" href="/forum/containing/\d+"', ""),
    ("The Register", "container renamed", 'id="forum_posts"', 'id="talk"'),
    ("The Register", "posts renamed", 'class="post"', 'class="remark"'),
    ("WordPress", "bodies come later", r'(?s)<div class="comment-content">.*?</div>', ""),
    ("WordPress, REST", "authors under another key", '"author_name"', '"by"'),
    ("WordPress, REST", "contents empty", r'"rendered": "(?:[^"\\]|\\.)*"', '"rendered": ""'),
    ("Coral", "authors are null", r'"author": \{[^{}]*\}', '"author": null'),
    ("Coral", "dates under another key", '"createdAt"', '"created"'),
    ("Coral", "bodies under another key", '"body"', '"richBody"'),
    ("derStandard", "names in another class", 'class="uname"', 'class="nick"'),
    ("derStandard", "dates in words", r'(<div class="row2"><div class="l">)[^<]*', r"\1vor einer Weile"),
    ("derStandard", "texts gone", r'(?s)<div class="txt" style="width: 512px">.*?</div>', '<div class="txt"></div>'),
    ("Discourse", "authors under another key", r'"(?:display_)?(?:user)?name"', '"handle"'),
    ("Discourse", "bodies empty", r'"cooked": "(?:[^"\\]|\\.)*"', '"cooked": ""'),
    ("Discourse", "dates are null", r'"created_at": "[^"]*"', '"created_at": null'),
    ("Disqus", "authors under another key", '"author"', '"writer"'),
    ("Disqus", "messages under another key", r'"(?:raw_)?message"', '"text"'),
    ("Disqus, list of 2010", "names nested differently", 'id="dsq-(?:author-user|cite)-', 'id="dsq-name-'),
    ("The Guardian", "profiles under another key", '"userProfile"', '"profile"'),
    ("The Guardian", "dates under another key", r'"(?:isoDateTime|date)"', '"when"'),
    ("The Guardian", "bodies empty", r'"body": "(?:[^"\\]|\\.)*"', '"body": ""'),
    ("Lobsters", "texts in another class", 'class="comment_text"', 'class="words"'),
    ("LWN", "bylines in another class", 'class="CommentPoster"', 'class="By"'),
    ("Reddit", "authors under another key", '"author"', '"writer"'),
    ("Reddit", "dates under another key", r'"created(?:_utc)?"', '"when"'),
    ("Reddit", "bodies under another key", r'"body(?:_html)?"', '"md"'),
    ("Slashdot", "dates in another class", 'class="otherdetails"', 'class="when"'),
    ("Slashdot", "names in another class", 'class="by"', 'class="from"'),
    ("microdata", "texts under another name", 'itemprop="text"', 'itemprop="body"'),
    ("microformats", "texts in another class", 'class="e-content"', 'class="content"'),
    ("JSON-LD", "authors under another key", '"author"', '"by"'),
    ("JSON-LD", "texts under another key", '"text"', '"said"'),
)
# What a reader finds all the same, since it looks at more than names.
CHANGES = (
    ("The Register", "other elements", r"<(/?)(?:div|li|ol)\b", r"<\1reg-box"),
    ("WordPress", "authors in another class", 'class="fn"', 'class="who"'),
    ("WordPress", "comments in another class", r'class="comment (?:odd|even)[^"]*"', 'class="remark"'),
    ("The Guardian, HTML", "names elsewhere", r'data-comment-author(?:-id)?="[^"]*"', ""),
    ("Hacker News", "names in another class", 'class="hnuser"', 'class="user"'),
    ("Hacker News", "texts in another class", 'class="commtext', 'class="said'),
    ("Hacker News", "another tree", 'class="comment-tree"', 'class="tree"'),
    ("Lobsters", "bylines in another class", 'class="byline"', 'class="head"'),
    ("microdata", "authors under another name", 'itemprop="author"', 'itemprop="creator"'),
)


def made(form: Form, pattern: str = "", put: str = "") -> bytes:
    """Return a page of a form, changed; a change that changes nothing is a mistake of the test."""
    page = form.made(remarks(COUNT)).decode()
    changed = re.sub(pattern, put, page) if pattern else page
    assert not pattern or changed != page
    return changed.encode()


def reading(form: Form, body: bytes) -> list[ThreadPage]:
    return [normalise(page) for page in read(site_named(form.site), Page(form.url, body, None, AT))]


def drift(form: Form, body: bytes) -> str | None:
    """Return why a page is not stored, None where it is."""
    try:
        return drift_of_page(reading(form, body))
    except ParseError as error:
        return str(error)


@pytest.mark.parametrize(("name", "pattern", "put"), [(name, old, new) for name, _, old, new in DRIFTS], ids=str)
def test_a_changed_layout_is_flagged(name: str, pattern: str, put: str) -> None:
    assert drift(BY_NAME[name], made(BY_NAME[name], pattern, put))


@pytest.mark.parametrize(("name", "pattern", "put"), [(name, old, new) for name, _, old, new in CHANGES], ids=str)
def test_a_changed_layout_that_is_read_all_the_same_is_read_right(name: str, pattern: str, put: str) -> None:
    form = BY_NAME[name]
    before, after = reading(form, made(form)), reading(form, made(form, pattern, put))
    assert drift_of_page(after) is None
    assert list(map(said, after)) == list(map(said, before))


def said(page: ThreadPage) -> list[tuple[object, ...]]:
    return [
        (comment.native_id, getattr(comment.author, "name", None), comment.published_at, comment.body_text)
        for comment in page.comments
    ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_unchanged_page_is_not_flagged(form: Form) -> None:
    assert drift(form, made(form)) is None


EMPTY = [form for form in FORMS if form.site != "structured" and form.name != "Discourse"]
"""Forms that have a place for comments though there are none."""


def empty_threads() -> Iterator[tuple[Form, bytes]]:
    """Yield threads that have the place for comments and no comment, each of its own address and words."""
    pages = [(form, form.made([]).decode()) for form in EMPTY]
    register = BY_NAME["The Register"]
    for number in range(100):
        form, page = (
            pages[number % len(pages)] if number % 2 else (register, topic([], closed=number % 4 == 0).decode())
        )
        yield form, page.replace("ettle", f"eapot {number} ").encode()


def test_a_hundred_empty_threads_are_empty_and_not_flagged() -> None:
    found = [(drift(form, body), [page.comments for page in reading(form, body)]) for form, body in empty_threads()]
    assert found == [(None, [()])] * 100


def test_an_empty_thread_that_counts_comments_is_flagged() -> None:
    form = BY_NAME["Hacker News"]
    (page,) = reading(form, form.made([]))
    assert drift_of_page([replace(page, thread=replace(page.thread, declared_count=4))]) is None
    assert "counts 5 comments" in str(drift_of_page([replace(page, thread=replace(page.thread, declared_count=5))]))


def register_page(count: int, lacking: int, deleted: int = 0) -> list[ThreadPage]:
    form = BY_NAME["The Register"]
    (page,) = reading(form, form.made(remarks(count)))

    def odd(comment: Comment, number: int) -> Comment:
        if number < lacking:
            return replace(comment, author=None)
        return replace(comment, body_text=None, deletion="moderator") if number < lacking + deleted else comment

    return [replace(page, comments=tuple(odd(comment, number) for number, comment in enumerate(page.comments)))]


@pytest.mark.parametrize(
    ("count", "lacking", "deleted", "is_drift"),
    [
        (4, 4, 0, False),  # too few to judge
        (5, 5, 0, True),
        (10, 5, 0, False),  # among a few, half the floor
        (10, 6, 0, True),
        (20, 2, 0, False),  # just at the floor
        (20, 3, 0, True),
        (20, 0, 15, False),  # what is deleted does not count
        (20, 3, 15, True),
    ],
)
def test_a_share_is_judged_by_how_many_there_are(count: int, lacking: int, deleted: int, *, is_drift: bool) -> None:
    assert bool(drift_of_page(register_page(count, lacking, deleted))) is is_drift


def test_copied_text_and_pages_of_no_known_site_are_not_judged() -> None:
    (page,) = register_page(20, 20)
    assert drift_of_page([replace(page, form="copied text")]) is None
    assert drift_of_page([replace(page, conventions=replace(page.conventions, floors=()))]) is None


def test_a_relative_date_without_a_known_time_is_no_drift() -> None:
    form = BY_NAME["Hacker News"]
    body = re.sub(r'<span class="age" title="[^"]*">', '<span class="age">', made(form).decode()).encode()
    (page,) = (normalise(page) for page in read(site_named(form.site), Page(form.url, body)))
    assert page.comments[0].published_at is None
    assert drift_of_page([page]) is None


def test_the_reason_names_share_and_floor() -> None:
    assert drift_in(shares_of(register_page(20, 10))) == (
        "layout drift: 10 of 20 comments show author (50%), and at least 90% should"
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


ALL = "/forum/all/2026/01/02/made_up/"
WHOLE = forum_page(30)
DRIFTED = WHOLE.replace(b'class="author"', b'class="byline"').replace(b"reply", b"answer")


def test_a_drifted_page_is_kept_and_not_stored_over_what_is_held(archive: Path) -> None:
    with Loopback() as server:
        server.answers = {ALL: response(WHOLE)}
        assert crawl(archive, server.url(ALL)).code == 0
        held = rows(archive, "SELECT * FROM comments ORDER BY id")
        server.answers = {ALL: response(DRIFTED.replace(b"<p>", b"<p>Other words. "))}
        for command in (["crawl", archive, server.url(ALL), "--site", "theregister"], ["update", archive]):
            ended = btl(*command, "--delay", "0")
            assert ended.code == 4, ended.err
            assert "layout drift: 0 of 30 comments show author (0%), and at least 90% should" in ended.err
            assert "Traceback" not in ended.err
    assert pages(archive)[1:] == [("failed", "drift")] * 2
    assert value(archive, "SELECT count(*) FROM pages WHERE capture_id IS NULL") == 0
    assert rows(archive, "SELECT * FROM comments ORDER BY id") == held
    verdicts = rows(archive, "SELECT verdict, substr(reason, 1, 14) FROM readings WHERE id > 1")
    assert verdicts == [("incomplete", "layout drift: ")] * 2


def test_a_page_that_is_no_thread_any_more_fails_an_update_as_layout(archive: Path) -> None:
    with Loopback() as server:
        server.answers = {ALL: response(WHOLE)}
        assert crawl(archive, server.url(ALL)).code == 0
        server.answers = {ALL: response(WHOLE.replace(b"forum_posts", b"talk").replace(b'"post', b'"remark'))}
        assert btl("update", archive, "--delay", "0").code == 4
    assert pages(archive)[-1] == ("failed", "layout")
    assert rows(archive, "SELECT count(*), count(not_seen_since) FROM comments") == [(30, 0)]


def ingest(archive: Path, body: bytes, day: int) -> tuple[int, str]:
    file = archive.with_name(f"{day}.html")
    file.write_bytes(body)
    url = f"https://forums.theregister.com{ALL}"
    ended = btl("ingest", archive, file, "--url", url, "--fetched-at", f"2026-02-{day:02}T10:00Z")
    return ended.code, ended.err


def test_ingest_keeps_a_drifted_page_and_stores_nothing_of_it(archive: Path) -> None:
    code, err = ingest(archive, DRIFTED, 1)
    assert code == 4
    assert "layout drift" in err
    assert pages(archive) == [("failed", "drift")]
    assert rows(archive, "SELECT count(*) FROM comments") == [(0,)]
    assert rows(archive, "SELECT count(*) FROM captures") == [(1,)]


def posts(count: int) -> bytes:
    return topic((post(number, f"Words of {number}.") for number in range(1, count + 1)), key="2026/01/02/made_up")


def test_a_truncated_list_is_drift_and_nothing_is_taken_for_gone(archive: Path) -> None:
    assert ingest(archive, posts(30), 1)[0] == 0
    code, err = ingest(archive, posts(14), 2)
    assert code == 4
    assert "layout drift: 14 comments shown, where the reading of 2026-02-01T10:00:00Z showed 30" in err
    assert rows(archive, "SELECT count(*), count(not_seen_since) FROM comments") == [(30, 0)]
    assert ingest(archive, posts(31), 3)[0] == 0  # which the next full reading mends


def test_an_older_page_with_fewer_comments_is_no_drift(archive: Path) -> None:
    assert ingest(archive, posts(30), 2)[0] == 0
    assert ingest(archive, posts(3), 1)[0] == 0


@pytest.mark.parametrize(("before", "after"), [(30, 15), (9, 1), (9, 0), (12, 6)])
def test_a_thread_that_shrinks_a_little_or_was_small_is_no_drift(archive: Path, before: int, after: int) -> None:
    assert ingest(archive, posts(before), 1)[0] == 0
    assert ingest(archive, posts(after), 2)[0] == 0
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == before - after


def test_tombstones_are_shown_and_no_drift(archive: Path) -> None:
    assert ingest(archive, posts(12), 1)[0] == 0
    gone = topic([post(1, "Words of 1."), *[tombstone()] * 11], key="2026/01/02/made_up")
    assert ingest(archive, gone, 2)[0] == 0


def test_a_hundred_threads_that_shrink_with_their_count_are_no_drift(tmp_path: Path) -> None:
    """The count of the page itself falls with its comments; one whose count stays is drift."""
    archive = Recorded(tmp_path)
    before = [comment(f"c{number}") for number in range(20)]
    for number in range(100):
        thread, left = f"t{number}", before[: number % 10]
        one = shown_page(*before, thread=thread, is_whole=True, counts_visible=True)
        archive.take_page(_counting(one, 20), "2026-02-01T10:00:00Z", f"https://kettles.example/t/{number}")
        two = shown_page(*left, thread=thread, is_whole=True, counts_visible=True)
        ended = archive.take_page(
            _counting(two, len(left)), "2026-02-02T10:00:00Z", f"https://kettles.example/t/{number}"
        )
        assert (ended.verdict, ended.reason) == ("complete", None), number
    ended = archive.take_page(_counting(two, 20), "2026-02-03T10:00:00Z", "https://kettles.example/t/99")
    assert (ended.verdict, ended.reason) == ("incomplete", "count mismatch: 9 comments shown, 20 declared")


def _counting(page: ThreadPage, count: int) -> ThreadPage:
    return replace(page, thread=replace(page.thread, declared_count=count))


def test_a_thread_of_single_comments_is_judged_by_their_sum(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    floors = (("author", 0.9),)
    taken = []
    for number in range(6):
        page = shown_page(comment(f"c{number}"))
        page = replace(page, conventions=replace(page.conventions, floors=floors))
        taken.append((f"https://kettles.example/item/{number}", AT, [page]))
    (ended,) = {(verdict.verdict, verdict.reason) for verdict in archive.take(*taken)}
    assert ended[0] == "incomplete"
    assert str(ended[1]).startswith("layout drift: 0 of 6 comments show author")
