"""`btl update`: one small request for a thread that has not changed, and everything that has changed is recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.later import next_second
from tests.loopback import (
    NOT_FOUND,
    Loopback,
    btl,
    crawl,
    dump,
    pages,
    post,
    redirect,
    response,
    rows,
    tombstone,
    topic,
    value,
)
from tests.validating import Validating, update

ALL = "/forum/all/2025/03/14/kettle/"
ONE, TWO, THREE = (ALL.replace("all", str(number)) for number in (1, 2, 3))
POSTS = [post(1, "Mine never updated."), post(2, "Mine did.", answers=1), post(3, "Did it boil?")]
TABLES = ("comments", "comment_versions", "observations", "thread_observations", "quotes", "authors", "threads")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Validating]:
    with Validating() as server:
        yield server


def other(name: str) -> str:
    return ALL.replace("kettle", name)


def numbered(*texts: str) -> dict[str, bytes]:
    """Return the pages of a topic that has no whole page, one post each."""
    count = len(texts)
    return {
        ALL.replace("all", str(number)): topic([post(number, text)], nav=(number, count))
        for number, text in enumerate(texts, 1)
    }


def held(archive: Path) -> dict[str, int]:
    return {table: value(archive, f"SELECT count(*) FROM {table}") for table in TABLES}


@pytest.mark.parametrize("by", ["etag", "date", "nothing"])
def test_an_unchanged_archive_costs_one_request_a_thread(archive: Path, server: Validating, by: str) -> None:
    server.by = by  # type: ignore[assignment]
    paths = [other(name) for name in ("kettle", "toaster", "teapot")]
    server.pages = {path: topic(POSTS, key=path[12:-1]) for path in paths}
    assert crawl(archive, *map(server.url, paths)).code == 0
    before, counts = dump(archive), held(archive)
    for _ in range(2):
        next_second()
        server.sent.clear()
        ended = update(archive)
        assert ended.code == 0, ended.err
        assert sorted(server.sent) == sorted((path, 200 if by == "nothing" else 304) for path in paths)
    assert dump(archive) == before
    assert held(archive) == counts
    assert rows(archive, "SELECT DISTINCT verdict, reason, comments FROM readings") == [("complete", None, 3)]
    assert "threads: 3 looked at, 0 with new or changed comments" in ended.err
    assert "3 discovered = 3 done" in ended.err


def test_a_304_is_a_capture_of_its_own_and_every_comment_was_seen_again(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    next_second()
    update(archive)
    captures = rows(archive, "SELECT id, status, etag IS NOT NULL FROM captures WHERE url LIKE '%/forum/%'")
    assert [found[1:] for found in captures] == [(200, 1), (304, 0)]
    (page,) = rows(archive, "SELECT state, reason, capture_id, same_as_id, comments, is_whole FROM pages WHERE id = 2")
    assert page == ("done", "not modified", captures[1][0], captures[0][0], 3, 1)
    when = value(archive, "SELECT max(fetched_at) FROM captures WHERE status = 304")
    assert rows(archive, "SELECT DISTINCT last_seen_at, not_seen_since FROM comments_flat") == [(when, None)]
    assert value(archive, "SELECT last_seen_at FROM threads") == when


def test_a_thread_with_a_comment_that_is_gone_is_still_known_by_a_304(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    next_second()
    server.pages = {ALL: topic(POSTS[:2])}
    update(archive)
    gone = value(archive, "SELECT not_seen_since FROM comments WHERE native_id = '3'")
    next_second()
    server.sent.clear()
    assert update(archive).code == 0
    assert server.sent == [(ALL, 304)]
    seen = rows(archive, "SELECT native_id, not_seen_since, last_seen_at > ? FROM comments ORDER BY native_id", gone)
    assert seen == [("1", None, 1), ("2", None, 1), ("3", gone, 0)]


def test_every_kind_of_change_is_recorded_with_the_capture_that_showed_it(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic([*POSTS, post(4, "Gone tomorrow.", badge="Bronze", votes="1 0")])}
    crawl(archive, server.url(ALL))
    next_second()
    changed = [post(1, "Mine did update.", classes="edited"), tombstone(), post(3, "Did it boil?", votes="9 9")]
    server.pages = {ALL: topic([*changed, post(5, "Late to this.")], closed=True, title="Kettle boils")}
    ended = update(archive)
    assert ended.code == 0, ended.err
    assert "1 with new or changed comments: `btl diff` lists the changes" in ended.err
    capture = value(archive, "SELECT max(id) FROM captures WHERE status = 200")
    of = "FROM comment_versions v JOIN comments c ON c.id = v.comment_id WHERE v.capture_id = ? ORDER BY c.native_id"
    assert [native_id for (native_id,) in rows(archive, f"SELECT c.native_id {of}", capture)] == ["1", "2", "5"]
    votes = "SELECT DISTINCT c.native_id FROM observations o JOIN comments c ON c.id = o.comment_id"
    assert ("3",) in rows(archive, f"{votes} WHERE o.capture_id = ? AND o.kind = 'upvotes'", capture)
    absent = rows(archive, f"{votes} WHERE o.capture_id = ? AND o.kind = 'not seen'", capture)
    assert absent == [("4",)]
    thread = rows(archive, "SELECT kind, value FROM thread_observations WHERE capture_id = ? ORDER BY kind", capture)
    assert thread == [("is_closed", "1"), ("title", "Kettle boils")]
    assert value(archive, "SELECT deletion FROM comments WHERE native_id = '2'") == "author"


def test_a_comment_that_comes_back_is_observed(archive: Path, server: Validating) -> None:
    for posts in (POSTS, POSTS[:2], POSTS):
        server.pages = {ALL: topic(posts)}
        assert (update(archive) if archive.exists() else crawl(archive, server.url(ALL))).code == 0
        next_second()
    observed = rows(archive, "SELECT value IS NULL, capture_id FROM observations WHERE kind = 'not seen' ORDER BY id")
    assert [found[0] for found in observed] == [0, 1]
    assert observed[0][1] < observed[1][1]
    assert value(archive, "SELECT not_seen_since FROM comments WHERE native_id = '3'") is None


def test_of_numbered_pages_the_last_is_asked_and_the_verdict_says_so(archive: Path, server: Validating) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.", "Did it boil?")
    crawl(archive, server.url(ALL))
    for _ in range(2):
        next_second()
        server.sent.clear()
        ended = update(archive)
        assert ended.code == 0, ended.err
        assert server.sent == [(THREE, 304)]
        (last,) = rows(archive, "SELECT verdict, reason, looked, read_at FROM readings ORDER BY id DESC LIMIT 1")
        assert last == ("complete", None, "1 of 3 pages, no change", None)
    assert "3 discovered = 1 done + 0 failed + 0 deferred + 2 skipped + 0 todo" in ended.err
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0
    seen = rows(archive, "SELECT native_id, last_seen_at FROM comments_flat ORDER BY native_id")
    assert seen[0][1] < seen[2][1]
    assert seen[0][1] <= seen[1][1] < seen[2][1]


def test_a_change_on_the_last_page_has_all_pages_asked(archive: Path, server: Validating) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.")
    crawl(archive, server.url(ALL))
    update(archive)
    next_second()
    server.pages = numbered("Mine never updated.", "Mine did.", "Did it boil?")
    server.sent.clear()
    ended = update(archive)
    assert ended.code == 0, ended.err
    # Their navigation has changed as well, so that no page is a 304.
    assert server.sent == [(TWO, 200), (ONE, 200), (THREE, 200)]
    assert rows(archive, "SELECT verdict, reason FROM readings ORDER BY id DESC LIMIT 1") == [("complete", None)]
    assert rows(archive, "SELECT native_id, position FROM comments ORDER BY position") == [("1", 1), ("2", 2), ("3", 3)]


def test_a_page_of_a_changed_thread_that_did_not_change_is_a_304(archive: Path, server: Validating) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.")
    crawl(archive, server.url(ALL))
    next_second()
    server.pages = {**server.pages, TWO: topic([post(2, "Mine did."), post(3, "Did it boil?")], nav=(2, 2))}
    server.sent.clear()
    assert update(archive).code == 0
    assert server.sent == [(TWO, 200), (ONE, 304)]
    assert rows(archive, "SELECT verdict FROM readings ORDER BY id DESC LIMIT 1") == [("complete",)]
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0


def test_every_page_is_asked_where_that_is_wanted(archive: Path, server: Validating) -> None:
    server.pages = numbered("Mine never updated.", "Mine did.", "Did it boil?")
    crawl(archive, server.url(ALL))
    next_second()
    server.pages = {**server.pages, ONE: topic([post(1, "It did, once.")], nav=(1, 3))}
    server.sent.clear()
    assert update(archive, "--every-page").code == 0
    assert sorted(server.sent) == [(ONE, 200), (TWO, 304), (THREE, 304)]
    assert rows(archive, "SELECT verdict FROM readings ORDER BY id DESC LIMIT 1") == [("complete",)]
    assert value(archive, "SELECT body_text FROM comments WHERE native_id = '1'") == "It did, once."


def test_pages_sent_in_full_that_show_what_they_showed_lead_nowhere(archive: Path, server: Validating) -> None:
    server.by = "nothing"
    server.pages = numbered("Mine never updated.", "Mine did.")
    crawl(archive, server.url(ALL))
    next_second()
    server.sent.clear()
    assert update(archive).code == 0
    assert server.sent == [(TWO, 200)]
    assert pages(archive, "state, reason")[-2:] == [("done", "unchanged"), ("skipped", "not asked")]


def test_what_another_capture_has_shown_since_is_read_in_full(
    archive: Path, server: Validating, tmp_path: Path
) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    next_second()
    saved = tmp_path / "saved.html"
    saved.write_bytes(topic([post(1, "Mine did update."), *POSTS[1:]]))
    when = value(archive, "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '1 second')")
    where = ("--url", server.url(ALL), "--fetched-at", when, "--site", "theregister")
    assert btl("ingest", archive, saved, *where).code == 0
    next_second()
    server.sent.clear()
    assert update(archive).code == 0
    assert server.sent == [(ALL, 200)]
    assert value(archive, "SELECT body_text FROM comments WHERE native_id = '1'") == "Mine never updated."


def test_a_date_as_young_as_its_capture_is_not_asked_by(archive: Path, server: Validating) -> None:
    server.by = "date"
    server.pages = {ALL: topic(POSTS)}
    server.dates = {ALL: "Fri, 14 Mar 2999 09:00:00 GMT"}
    crawl(archive, server.url(ALL))
    server.sent.clear()
    assert update(archive).code == 0
    assert server.sent == [(ALL, 200)]


def test_validators_are_not_sent_where_a_redirect_leads(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    next_second()
    moved = ALL[:-1]
    server.pages = {moved: topic([*POSTS, post(4, "Here now.")])}
    server.answers = {ALL: redirect(moved)}
    assert update(archive).code == 0
    (followed,) = [asked.head for asked in server.asked if asked.path == moved]
    assert "If-None-Match" not in followed
    assert value(archive, "SELECT count(*) FROM comments") == 4


def test_an_address_that_leads_to_another_thread_shows_nothing_of_its_own(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    next_second()
    server.pages = {other("teapot"): topic([post(9, "Another thread.")], key="2025/03/14/teapot")}
    server.answers = {ALL: redirect(other("teapot"))}
    ended = update(archive)
    assert ended.code == 3
    assert "it shows another thread, 2025/03/14/teapot" in ended.err
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0
    assert rows(archive, "SELECT thread, held FROM thread_status ORDER BY thread_id")[1] == ("2025/03/14/teapot", 1)


def test_open_threads_come_first_and_then_the_newest_comments(archive: Path, server: Validating) -> None:
    names = ("closed", "old", "new")
    ids = dict(zip(names, (900, 10, 500), strict=True))
    server.pages = {
        other(name): topic([post(number, "Hm.")], key=other(name)[12:-1], closed=name == "closed")
        for name, number in ids.items()
    }
    crawl(archive, *(server.url(other(name)) for name in names))
    server.sent.clear()
    assert update(archive).code == 0
    assert [path for path, _ in server.sent] == [other(name) for name in ("new", "old", "closed")]
    server.sent.clear()
    assert update(archive, "--limit", "1").code == 0
    assert [path for path, _ in server.sent] == [other("new")]
    server.sent.clear()
    assert update(archive, "--thread", "2025/03/14/old").code == 0
    assert [path for path, _ in server.sent] == [other("old")]


def test_what_was_looked_at_lately_is_left_out(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    server.sent.clear()
    ended = update(archive, "--older-than", "1h")
    assert (ended.code, server.sent) == (0, [])
    assert "No thread is due" in ended.err
    next_second()
    assert update(archive, "--older-than", "1s").code == 0
    assert len(server.sent) == 1


def test_a_page_that_fails_makes_the_update_incomplete_and_the_next_one_asks_again(
    archive: Path, server: Validating
) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    server.pages, server.answers = {}, {ALL: response(b"", 500)}
    ended = update(archive)
    assert ended.code == 3
    assert "http 500" in ended.err
    server.pages = {ALL: topic(POSTS)}
    server.sent.clear()
    assert update(archive).code == 0
    assert server.sent == [(ALL, 304)]


def test_pages_that_an_incomplete_reading_lost_are_asked_as_well(archive: Path, server: Validating) -> None:
    whole = numbered("Mine never updated.", "Mine did.", "Did it boil?")
    server.pages = {path: body for path, body in whole.items() if path != TWO}
    server.answers = {TWO: response(b"", 403)}
    assert crawl(archive, server.url(ALL)).code == 5
    server.pages = whole
    server.sent.clear()
    assert update(archive).code == 0
    assert sorted(server.sent) == [(ONE, 304), (TWO, 200), (THREE, 304)]
    assert rows(archive, "SELECT verdict FROM readings ORDER BY id DESC LIMIT 1") == [("complete",)]


def test_a_thread_that_came_from_a_file_is_asked_for_at_its_address(
    archive: Path, server: Validating, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.html"
    saved.write_bytes(topic(POSTS))
    btl("ingest", archive, saved, "--url", server.url(ALL), "--site", "theregister")
    server.pages = {ALL: topic([*POSTS, post(4, "New.")])}
    ended = update(archive)
    assert ended.code == 0, ended.err
    assert server.sent == [(ALL, 200)]
    assert value(archive, "SELECT count(*) FROM comments") == 4


def test_a_thread_without_an_address_is_named(archive: Path, server: Validating, tmp_path: Path) -> None:
    text = "back to article Kettle\n\nA teaser. \n\n\n  1. Ada Fenn\n\n    Mine never updated, and it never will.\n\n"
    saved = tmp_path / "copied.txt"
    saved.write_text(text)
    assert btl("ingest", archive, saved, "--site", "theregister").code == 0
    ended = update(archive)
    assert ended.code == 0
    assert "No address is known of ~" in ended.err
    assert update(archive, "--thread", "1").code == 2


def test_nothing_off_loopback_is_asked_without_a_contact(archive: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_bytes(topic(POSTS))
    url = "https://forums.theregister.com/forum/all/2025/03/14/kettle/"
    btl("ingest", archive, saved, "--url", url)
    ended = update(archive)
    assert ended.code == 2
    assert "--contact ADDRESS is required" in ended.err
    assert value(archive, "SELECT count(*) FROM runs WHERE command = 'update'") == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--older-than", "soon"], 2), (["--site", "nowhere"], 2), (["--thread", "nothing like it"], 2)],
)
def test_bad_arguments_start_nothing(archive: Path, server: Loopback, arguments: list[str], code: int) -> None:
    server.answers = {ALL: response(topic(POSTS))}
    crawl(archive, server.url(ALL))
    ended = update(archive, *arguments)
    assert ended.code == code
    assert "Traceback" not in ended.err
    assert value(archive, "SELECT count(*) FROM runs") == 1


def test_there_is_no_archive_to_update(archive: Path) -> None:
    ended = update(archive)
    assert ended.code == 6
    assert not archive.exists()


def test_a_missing_page_is_still_not_there(archive: Path, server: Validating) -> None:
    server.pages = {ALL: topic(POSTS)}
    crawl(archive, server.url(ALL))
    server.pages, server.answers = {}, {ALL: NOT_FOUND, ONE: NOT_FOUND}
    assert update(archive).code == 3
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0
