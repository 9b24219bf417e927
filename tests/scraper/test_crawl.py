"""Crawling as a user does it: the real command in its own process, real servers on loopback, then the archive."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from belowtheline.demo.server import SampleSite
from belowtheline.sites.registry import site_of_url
from tests.later import next_second
from tests.loopback import (
    NOT_FOUND,
    Ended,
    Loopback,
    btl,
    crawl,
    open_sockets,
    pages,
    post,
    redirect,
    response,
    rows,
    slowly,
    start_crawl,
    tombstone,
    topic,
    value,
)

ALL = "/forum/all/2025/03/14/kettle/"
ONE, TWO = ALL.replace("all", "1"), ALL.replace("all", "2")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def two_pages() -> dict[str, bytes]:
    """Return the two numbered pages of a topic without a whole page."""
    first = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)], nav=(1, 2))
    return {ONE: response(first), TWO: response(topic([post(3, "Did it boil?", answers=2)], nav=(2, 2)))}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended, list[str]]:
    archive = tmp_path_factory.mktemp("sample") / "a.db"
    with SampleSite() as site:
        return archive, crawl(archive, *site.threads), list(site.requests)


def test_the_sample_site_is_read_to_its_end(sample: tuple[Path, Ended, list[str]]) -> None:
    archive, ended, _ = sample
    assert ended.code == 0, ended.err
    assert ended.out == ""
    expected = [("2009/07/18/moon_broadband", 10), ("2025/03/14/kettle_firmware", 14), ("2025/04/02/fax_revival", 0)]
    held = rows(archive, "SELECT thread, held, verdict, reason FROM thread_status ORDER BY thread")
    assert held == [(thread, count, "complete", None) for thread, count in expected]


def test_comments_are_numbered_over_all_pages_of_a_thread(sample: tuple[Path, Ended, list[str]]) -> None:
    found = rows(sample[0], "SELECT thread_id, position FROM comments ORDER BY thread_id, page_number, page_position")
    by_thread = {thread: [place for other, place in found if other == thread] for thread, _ in found}
    assert all(places == list(range(1, len(places) + 1)) for places in by_thread.values())
    assert sorted(map(len, by_thread.values())) == [10, 14]


def test_a_reply_finds_its_parent_on_an_earlier_page(sample: tuple[Path, Ended, list[str]]) -> None:
    sql = "SELECT count(*) FROM comments c JOIN comments p ON p.id = c.parent_id WHERE c.page_number > p.page_number"
    assert value(sample[0], sql) >= 1
    assert (
        value(sample[0], "SELECT count(*) FROM comments WHERE parent_native_id IS NOT NULL AND parent_id IS NULL") == 0
    )


def test_the_account_is_printed_and_stored(sample: tuple[Path, Ended, list[str]]) -> None:
    archive, ended, _ = sample
    assert "pages: 5 discovered = 4 done + 0 failed + 0 deferred + 1 skipped + 0 todo" in ended.err
    (run,) = rows(archive, "SELECT discovered, done, failed, deferred, skipped, todo, verdict, exit_code FROM runs")
    assert run == (5, 4, 0, 0, 1, 0, "complete", 0)
    assert value(archive, "SELECT count(*) FROM runs WHERE finished_at IS NULL") == 0


def test_each_page_is_asked_for_once_after_robots_txt(sample: tuple[Path, Ended, list[str]]) -> None:
    requests = sample[2]
    assert requests[0] == "/robots.txt"
    assert requests[1] == "/.well-known/tdmrep.json"
    assert len(requests) == len(set(requests)) == 7


def test_numbered_pages_stand_in_for_a_missing_whole_page(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: NOT_FOUND, **two_pages()}
    ended = crawl(archive, server.url(ALL))
    assert ended.code == 0, ended.err
    assert pages(archive) == [("skipped", "http 404"), ("done", None), ("done", None)]
    parents = "FROM comments c LEFT JOIN comments p ON p.id = c.parent_id ORDER BY c.position"
    assert rows(archive, f"SELECT c.native_id, c.position, p.native_id {parents}") == [
        ("1", 1, None),
        ("2", 2, "1"),
        ("3", 3, "2"),
    ]
    assert rows(archive, "SELECT verdict, pages, comments FROM readings") == [("complete", 2, 3)]


@pytest.mark.parametrize("form", ["redirect", "page"])
def test_the_address_of_one_post_leads_to_its_thread(archive: Path, server: Loopback, form: str) -> None:
    server.answers = {ALL: response(topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)]))}
    one = (
        redirect(f"{ALL}#c_2") if form == "redirect" else response(topic([post(2, "Mine did.", answers=1)], nav=(2, 2)))
    )
    server.answers["/forum/containing/2"] = one
    ended = crawl(archive, server.url("/forum/containing/2"))
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT thread, held, verdict FROM thread_status") == [("2025/03/14/kettle", 2, "complete")]
    assert rows(archive, "SELECT native_id, position FROM comments ORDER BY position") == [("1", 1), ("2", 2)]


@pytest.mark.parametrize("one_post_first", [True, False])
@pytest.mark.parametrize("form", ["redirect", "page"])
def test_all_addresses_of_a_thread_are_one_reading(
    archive: Path, server: Loopback, form: str, one_post_first: bool
) -> None:
    server.answers = {ALL: response(topic([post(1, "Mine never updated."), post(2, "Mine did.")]))}
    containing = redirect(f"{ALL}#c_2") if form == "redirect" else response(topic([post(2, "Mine did.")], nav=(2, 2)))
    server.answers["/forum/containing/2"] = containing
    forms = [ALL, ONE, "/forum/2/2025/03/14/kettle", f"{ALL}#c_2", "/2025/03/14/kettle/comments/"]
    urls = ["/forum/containing/2", *forms] if one_post_first else [*forms, "/forum/containing/2"]
    ended = crawl(archive, *map(server.url, urls))
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT thread_id, verdict FROM readings") == [(1, "complete")]
    assert server.paths().count(ALL) == 1
    assert ended.err.count(" held ") == 1
    assert " 2 held  2025/03/14/kettle" in ended.err


@pytest.mark.parametrize(
    "url",
    [
        "http://forums.theregister.co.uk/forum/3/2013/04/01/slug/#c_1",
        "https://m.forums.theregister.co.uk/forum/all/2013/04/01/slug/",
        "http://www.theregister.co.uk/2013/04/01/slug/comments/",
    ],
)
def test_hosts_and_schemes_of_a_thread_start_at_one_address(url: str) -> None:
    site = site_of_url(url)
    assert site.start(url).url == "https://forums.theregister.com/forum/all/2013/04/01/slug/"
    assert site.thread_id(url) == "2013/04/01/slug"


def test_addresses_are_read_from_standard_input(archive: Path, server: Loopback) -> None:
    other = ALL.replace("kettle", "toaster")
    server.answers = {path: response(topic([post(1, "Hm.")], key=path[12:-1])) for path in (ALL, other)}
    ended = crawl(archive, "-", stdin=f"# both\n{server.url(ALL)}\n\n{server.url(other)}\n{server.url(ALL)}\n")
    assert ended.code == 0, ended.err
    assert value(archive, "SELECT count(*) FROM threads") == 2
    assert server.paths() == [ALL, other]


def test_an_empty_standard_input_is_refused(archive: Path) -> None:
    ended = crawl(archive, "-", stdin="# nothing\n\n")
    assert ended.code == 2
    assert not archive.exists()


def test_crawling_an_unchanged_thread_again_adds_nothing(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: NOT_FOUND, **two_pages()}
    counted = ("comments", "comment_versions", "observations", "quotes", "authors", "icons", "articles", "threads")
    counts = []
    seen = []
    for _ in range(2):
        assert crawl(archive, server.url(ALL)).code == 0
        counts.append([value(archive, f"SELECT count(*) FROM {table}") for table in counted])
        seen.extend(rows(archive, "SELECT min(last_seen_at), max(last_seen_at) FROM comments"))
        next_second()
    assert counts[0] == counts[1]
    (_, first), (second, _) = seen  # a crawl may go on into the next second
    assert first < second
    assert rows(archive, "SELECT DISTINCT first_seen_at <= ? FROM comments", first) == [(1,)]
    assert value(archive, "SELECT count(*) FROM readings WHERE verdict = 'complete'") == 2


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A thread crawled before and after its page changed in every way."""
    archive = tmp_path_factory.mktemp("changed") / "a.db"
    before = [
        post(1, "Mine never updated."),
        post(2, "It boils.", badge="Bronze"),
        post(3, "I regret this.") + post(4, "Do not.", answers=3),
        post(5, "Gone tomorrow."),
    ]
    after = [
        post(1, "Mine never updated, until it did.", classes="edited"),
        post(2, "It boils.", badge="Silver", votes="9 1"),
        tombstone() + post(4, "Do not.", answers=3),
        post(6, "Late to this."),
    ]
    with Loopback() as server:
        server.answers[ALL] = response(topic(before))
        assert crawl(archive, server.url(ALL)).code == 0
        next_second()
        server.answers[ALL] = response(topic(after, closed=True))
        return archive, crawl(archive, server.url(ALL))


def bodies(archive: Path, native_id: str) -> list[str]:
    of = "FROM comment_versions v JOIN comments c ON c.id = v.comment_id WHERE c.native_id = ? ORDER BY v.id"
    return [body for (body,) in rows(archive, f"SELECT v.body_text {of}", native_id)]


def test_a_changed_thread_is_still_complete(changed: tuple[Path, Ended]) -> None:
    assert changed[1].code == 0, changed[1].err
    assert rows(changed[0], "SELECT verdict, comments FROM readings") == [("complete", 5), ("complete", 5)]


def test_an_edited_body_is_a_second_version(changed: tuple[Path, Ended]) -> None:
    assert bodies(changed[0], "1") == ["Mine never updated.", "Mine never updated, until it did."]
    (state,) = rows(changed[0], "SELECT body_text, is_edited FROM comments WHERE native_id = '1'")
    assert state == ("Mine never updated, until it did.", 1)


def test_votes_and_badges_are_observed_and_make_no_version(changed: tuple[Path, Ended]) -> None:
    of = "FROM observations o JOIN comments c ON c.id = o.comment_id WHERE c.native_id = '2' ORDER BY o.id"
    observed = rows(changed[0], f"SELECT o.kind, o.value {of}")
    assert [found for kind, found in observed if kind == "upvotes"] == ["3", "9"]
    assert [found for kind, found in observed if kind == "downvotes"] == ["1"]
    assert [found.split()[0] for kind, found in observed if kind == "badge"] == ["Bronze", "Silver"]
    assert rows(changed[0], "SELECT upvotes, badge FROM comments WHERE native_id = '2'") == [(9, "Silver badge")]
    assert bodies(changed[0], "2") == ["It boils."]


def test_a_comment_that_is_gone_is_kept_and_marked(changed: tuple[Path, Ended]) -> None:
    marked = rows(changed[0], "SELECT native_id FROM comments WHERE not_seen_since IS NOT NULL")
    assert marked == [("5",)]
    assert bodies(changed[0], "5") == ["Gone tomorrow."]
    sql = "SELECT not_seen_since = (SELECT max(read_at) FROM readings) FROM comments WHERE native_id = '5'"
    assert value(changed[0], sql) == 1


def test_a_deleted_comment_keeps_its_last_text(changed: tuple[Path, Ended]) -> None:
    (state,) = rows(changed[0], "SELECT deletion, body_text, author_name FROM comments WHERE native_id = '3'")
    assert state == ("author", "I regret this.", "Ada Fenn")
    assert value(changed[0], "SELECT count(*) FROM comments WHERE body_text LIKE '%deleted%'") == 0
    sql = "SELECT p.native_id FROM comments c JOIN comments p ON p.id = c.parent_id WHERE c.native_id = '4'"
    assert value(changed[0], sql) == "3"


def test_a_new_comment_and_the_closing_are_seen(changed: tuple[Path, Ended]) -> None:
    assert value(changed[0], "SELECT first_seen_at = last_seen_at FROM comments WHERE native_id = '6'") == 1
    assert value(changed[0], "SELECT is_closed FROM threads") == 1


def test_an_incomplete_reading_marks_nobody_as_gone(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: NOT_FOUND, **two_pages()}
    assert crawl(archive, server.url(ALL)).code == 0
    next_second()
    server.answers[ONE] = response(topic([post(2, "Mine did.")], nav=(1, 2)))
    server.answers[TWO] = response(b"", 500)
    assert crawl(archive, server.url(ALL)).code == 3
    assert value(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == 0


def test_an_empty_thread_is_complete(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: response(topic([]))}
    ended = crawl(archive, server.url(ALL))
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT held, verdict FROM thread_status") == [(0, "complete")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https://www.theregister.com/section/"], "is no comment thread"),
        (["file:///etc/passwd"], "is no web address"),
        (["data:text/html,x"], "is no web address"),
        (["ftp://127.0.0.1/forum/all/2025/03/14/kettle/"], "is no web address"),
        (["http:///forum/all/2025/03/14/kettle/"], "is no web address"),
        (["http://[::1/forum/all/2025/03/14/kettle/"], "is no web address"),
        (["http://me:secret@127.0.0.1/forum/all/2025/03/14/kettle/"], "logs in nowhere"),
        (["https://forums.theregister.com/forum/all/2025/03/14/kettle/"], "--contact ADDRESS is required"),
        (
            ["https://forums.theregister.com/forum/all/2025/03/14/kettle/", "--contact", "a@b\nX: y"],
            "is no mail or web",
        ),
        (["https://forums.theregister.com/forum/all/2025/03/14/kettle/", "--contact", "me"], "is no mail or web"),
        (["http://127.0.0.1:1/forum/all/2025/03/14/kettle/", "--site", "nowhere"], "no site called"),
    ],
)
def test_what_cannot_start_creates_nothing(archive: Path, arguments: list[str], said: str) -> None:
    ended = btl("crawl", archive, *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert list(archive.parent.iterdir()) == []


def test_nothing_to_resume_is_said(archive: Path, server: Loopback) -> None:
    assert crawl(archive).code == 6
    assert not archive.exists()
    server.answers = {ALL: response(topic([]))}
    crawl(archive, server.url(ALL))
    ended = crawl(archive)
    assert ended.code == 0
    assert "Nothing is unfinished" in ended.err


def test_a_host_is_asked_one_request_at_a_time_with_the_delay_between(archive: Path, server: Loopback) -> None:
    paths = [ALL.replace("kettle", f"kettle{number}") for number in range(4)]
    server.answers = {path: slowly(response(topic([], key=path[12:-1])), 0.05) for path in paths}
    ended = crawl(archive, *map(server.url, paths), "--delay", "0.8")
    assert ended.code == 0, ended.err
    assert server.most_at_once == 1
    began = [asked.began for asked in server.asked]
    assert len(began) == 6  # what says what may be asked for is asked for in the same way
    assert all(later - earlier >= 0.4 for earlier, later in pairwise(began))


def test_two_hosts_are_asked_side_by_side(archive: Path, server: Loopback) -> None:
    paths = [ALL.replace("kettle", f"kettle{number}") for number in range(3)]
    with Loopback() as other:
        for one in (server, other):
            one.answers = {path: slowly(response(topic([], key=path[12:-1])), 0.4) for path in paths}
        urls = [one.url(path, host) for one, host in ((server, "127.0.0.1"), (other, "localhost")) for path in paths]
        ended = crawl(archive, *urls)
        assert ended.code == 0, ended.err
        assert server.most_at_once == other.most_at_once == 1
        assert any(mine.began < its.ended and its.began < mine.ended for mine in server.asked for its in other.asked)


def test_nothing_listens_while_a_crawl_runs(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: slowly(response(topic([])), 1.5)}
    process = start_crawl(archive, server.url(ALL))
    end = time.monotonic() + 20
    while ALL not in server.paths() and time.monotonic() < end:
        time.sleep(0.05)
    states = open_sockets(process.pid)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert states == ["01"]  # the one connection to the server


def test_no_request_logs_in_or_bears_a_cookie(archive: Path, server: Loopback) -> None:
    first = response(topic([post(1, "Hm.")], nav=(1, 2)), 200, {"Set-Cookie": "id=1; Path=/"})
    server.answers = {"/robots.txt": response(b"", 404, {"Set-Cookie": "r=1; Path=/"}), **two_pages(), ONE: first}
    assert crawl(archive, server.url(ALL)).code == 0
    sent = "".join(asked.head.lower() for asked in server.asked)
    assert sent.count("get /") == 5
    assert not any(name in sent for name in ("cookie:", "authorization:", "referer:"))
    assert "user-agent: belowtheline" in sent
