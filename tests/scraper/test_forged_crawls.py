"""Crawls and updates of pages that look like a thread of another host: the thread stays as it was, to the last row."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.sites.registry import all_sites, site_named
from tests.forging import FORGED, Forgery, forgeries, held, query, write_warc
from tests.loopback import Loopback, btl, redirect, response
from tests.made_up import Post, as_html

STARTS = {"coral": "/embed/stream?storyID=kettle-1"}
"""Where a crawl of a site begins whose answers have an address of their own."""
TOPIC = "/forum/1/2025/03/14/kettle/"
SECOND = "/forum/2/2025/03/14/kettle/"
FIRST_POSTS = [Post(id="101", author="Ann Other", user="7", title="Spouts", body="Mine pours sideways.")]
SECOND_POSTS = [Post(id="102", author="Zoe", user="9", title="Lids", body="Mine has none.")]
EVIL_POSTS = [Post(id="101", author="Ann Other", user="7", title="Spouts", body="I hate kettles."),
              Post(id="102", author="Zoe", user="9", title="Lids", body="So do I.")]  # fmt: skip


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def test_a_crawl_of_forged_pages_of_every_site_changes_no_row(tmp_path: Path) -> None:
    """One crawl of one forged page of each site, none of which is named, on an archive of all the genuine ones."""
    archive = tmp_path / "a.db"
    chosen: dict[str, Forgery] = {}
    for name in all_sites():
        found = list(forgeries(site_named(name)))
        chosen[name] = next((one for one in found if one.page.looks_like_html), found[0])
        pages = [(one.page.url or "", one.page.body, one.page.content_type) for one in found]
        file = write_warc(tmp_path / f"{name}.warc.gz", datetime(2026, 6, 1, tzinfo=UTC), pages)
        taken = CliRunner().invoke(main, ["ingest", str(archive), str(file), "--site", name])
        assert taken.exit_code in (0, 3, 4), taken.output
    before = held(archive)
    with Loopback() as server:
        urls = []
        for name, one in chosen.items():
            path = STARTS.get(name, path_of(one.at(server.url(""))))
            start = site_named(name).start(server.url(path)) if site_named(name).claims(server.url(path)) else None
            kind = one.page.content_type or "text/html; charset=utf-8"
            answer = response(one.body, headers={"Content-Type": kind})
            server.answers |= {path: answer} | ({path_of(start.url): answer} if start else {})
            urls.append(server.url(path))
        ended = btl("crawl", archive, *urls, "--delay", "0", timeout=300)
        assert ended.code in (0, 3, 4), ended.err
    assert before <= held(archive)
    said = "SELECT DISTINCT s.name, t.instance FROM comments c JOIN threads t ON t.id = c.thread_id"
    forged = set(query(archive, f"{said} JOIN sites s ON s.id = t.site_id WHERE c.body_text LIKE ?", f"%{FORGED}%"))
    assert forged == {(name, "127.0.0.1") for name in chosen}


def answers(first: str | None = None, second: str | None = None) -> dict[str, bytes]:
    """Return both pages of a topic of 2 pages, or redirects to other hosts in place of them."""
    whole = {TOPIC: as_html(FIRST_POSTS, pages=(1, 2)), SECOND: as_html(SECOND_POSTS, pages=(2, 2))}
    led = {TOPIC: first, SECOND: second}
    return {path: redirect(to) if (to := led[path]) else response(whole[path].encode()) for path in whole}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loopback, Path]]:
    """The host that serves a topic of two pages, and an archive of it."""
    archive = tmp_path_factory.mktemp("crawled") / "a.db"
    with Loopback(answers()) as server:
        assert crawl(archive, server.url(TOPIC)) == 0
        yield server, archive


@pytest.fixture
def server(crawled: tuple[Loopback, Path], tmp_path: Path) -> Loopback:
    """That host as it was, and a copy of the archive in the test's folder."""
    server, archive = crawled
    shutil.copytree(archive.parent, tmp_path, dirs_exist_ok=True)
    server.answers = answers()
    return server


def crawl(archive: Path, *urls: str) -> int:
    return btl("crawl", archive, *urls, "--site", "theregister", "--delay", "0").code


@pytest.mark.parametrize(("command", "path"), [("update", TOPIC), ("crawl", SECOND)])
def test_a_page_that_leads_to_another_host_changes_no_row(
    server: Loopback, tmp_path: Path, command: str, path: str
) -> None:
    archive = tmp_path / "a.db"
    before = {row for row in held(archive) if row[0] in ("comment_versions", "authors", "quotes")}
    with Loopback({path: response(as_html(EVIL_POSTS, pages=(1, 2)).encode())}, host="127.0.0.2") as forged:
        server.answers = answers(**{"first" if path == TOPIC else "second": forged.url(path)})
        how = ("--every-page",) if command == "update" else (server.url(TOPIC), "--site", "theregister")
        local = (f"{address.host}:{address.port}" for address in (server, forged))
        ended = btl(command, archive, *how, "--delay", "0", *(part for pair in local for part in ("--local", pair)))
        assert forged.paths() == [path]
    assert ended.code in (0, 3), ended.err
    assert before <= held(archive)
    assert query(archive, "SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == [(0,)]
    sql = "SELECT t.instance, c.body_text FROM comments c JOIN threads t ON t.id = c.thread_id ORDER BY 1, 2"
    genuine, forged_words = ("Mine has none.", "Mine pours sideways."), ("I hate kettles.", "So do I.")
    assert query(archive, sql) == [*(("", word) for word in genuine), *(("127.0.0.2", word) for word in forged_words)]
    moved = query(archive, "SELECT state, reason, detail FROM pages WHERE reason = 'moved'")
    assert moved == [("failed", "moved", "it shows another thread, 2025/03/14/kettle of 127.0.0.2")]


def test_a_forged_thread_is_asked_for_itself_and_not_in_place_of_the_genuine(server: Loopback, tmp_path: Path) -> None:
    """Site and id are the same, and no reading of the other is taken for its own."""
    archive = tmp_path / "a.db"
    before = held(archive)
    assert btl("crawl", archive, server.url(TOPIC, "localhost"), "--delay", "0").code in (0, 3)
    assert before <= held(archive)
    assert query(archive, "SELECT DISTINCT instance FROM threads ORDER BY 1") == [("",), ("localhost",)]
    for command in ("reparse", "verify"):
        assert CliRunner().invoke(main, [command, str(archive)]).exit_code == 0
    assert before <= held(archive)


def test_a_link_to_a_next_page_on_another_host_is_not_followed(tmp_path: Path) -> None:
    """What Disqus wrote into pages until 2012 leads to further pages by links of the page's own."""
    link = '<div class="nav-next"><a href="http://127.0.0.2:9/care/comment-page-2/">more</a></div>'
    page = (
        '<!DOCTYPE html><html><head><title>Kettles</title></head><body><div id="disqus_thread"><div id="dsq-content">'
        f'<div class="navigation">{link}</div><ul id="dsq-comments"><li class="comment" id="dsq-comment-1">'
        '<div class="dsq-comment-header"><cite id="dsq-cite-1"><span id="dsq-author-user-1">Ann</span></cite></div>'
        '<div id="dsq-comment-body-1" class="dsq-comment-body"><div id="dsq-comment-message-1" '
        'class="dsq-comment-message"><p>Mine pours sideways.</p></div></div></li></ul></div></div></body></html>'
    )
    archive = tmp_path / "a.db"
    with Loopback({"/care/": response(page.encode())}) as server:
        ended = btl("crawl", archive, server.url("/care/"), "--delay", "0")
    assert ended.code == 3, ended.err
    assert query(archive, "SELECT url, state, reason FROM pages WHERE reason IS NOT NULL") == [
        ("http://127.0.0.2:9/care/comment-page-2/", "failed", "other host")
    ]
    assert query(archive, "SELECT DISTINCT verdict FROM readings") == [("incomplete",)]
    assert "retry" not in ended.err
    assert btl("retry", archive, "--delay", "0").code in (0, 3)
    assert query(archive, "SELECT attempts, state FROM pages WHERE reason = 'other host'") == [(0, "failed")]
