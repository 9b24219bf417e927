"""`btl crawl --with-icons`: the image of each icon, once a site, as politely as a page and apart from the thread."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from belowtheline.archive.readings.icon_pages import MOST, ask_for, not_asked_for
from belowtheline.archive.store.database import APPLICATION_ID, Archive
from belowtheline.archive.store.migrations import migrations
from belowtheline.reading.items import Icon
from belowtheline.reading.urls import web_address
from tests.loopback import NOT_FOUND, Ended, Loopback, btl, pages, redirect, response, rows, value
from tests.recorded import Recorded, post, shown_page

TOPIC, OTHER = "/forum/all/2018/05/01/ladder/", "/forum/all/2018/05/02/stool/"
PINT, NEW = "/graphics/icons/comment/pint_48.png", "/pictures/never_heard_of.svg"
PNG = response(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), headers={"Content-Type": "image/png"})
SVG = response(b"<svg xmlns='http://www.w3.org/2000/svg'/>", headers={"Content-Type": "image/svg+xml"})
COMPLETE = [("complete", None, 1)]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        server.answers = {TOPIC: thread(PINT, NEW, PINT), OTHER: thread(PINT), PINT: PNG, NEW: SVG}
        yield server


def thread(*images: str) -> bytes:
    posts = "".join(
        f'<li><div class="post"><a class="permalink" id="c_{number}" href="#c_{number}"><span data-epoch="1525000000">x'
        f'</span></a><span class="author">Rung {number}</span><img src="{image}" alt="{Path(image).stem.title()}">'
        f'<div class="body"><p>Words {number}.</p></div></div></li>'
        for number, image in enumerate(images, 3_480_001)
    )
    title = "<title>Ladder leans • The Register Forums</title>"
    return response(f'<html><head>{title}</head><div id="forum_posts"><ol>{posts}</ol></div></html>'.encode())


def crawl(archive: Path, server: Loopback, *more: object, path: str = TOPIC) -> Ended:
    return btl("crawl", archive, server.url(path), "--site", "theregister", "--delay", "0", "--with-icons", *more)


def icons(archive: Path) -> list[tuple[Any, ...]]:
    sql = "SELECT i.name, k.status, k.content_type, k.sha256 FROM icons i LEFT JOIN captures k ON k.id = i.capture_id"
    return rows(archive, sql + " ORDER BY i.id")


def verdict(archive: Path) -> list[tuple[Any, ...]]:
    return rows(archive, "SELECT verdict, reason, pages FROM readings ORDER BY id DESC LIMIT 1")


def test_each_image_is_asked_for_once_and_its_icon_leads_to_its_bytes(archive: Path, server: Loopback) -> None:
    ended = crawl(archive, server)
    assert ended.code == 0, ended.err
    assert server.paths() == [TOPIC, PINT, NEW]
    assert server.most_at_once == 1
    digests = [hashlib.sha256(answer.partition(b"\r\n\r\n")[2]).hexdigest() for answer in (PNG, SVG)]
    assert icons(archive) == [
        ("Pint_48", 200, "image/png", digests[0]),
        ("Never_Heard_Of", 200, "image/svg+xml", digests[1]),
    ]
    assert pages(archive, "kind, state") == [("page", "done"), ("icon", "done"), ("icon", "done")]
    assert verdict(archive) == COMPLETE
    assert btl("verify", archive).code == 0


def test_image_that_is_held_is_not_asked_for_again(archive: Path, server: Loopback) -> None:
    crawl(archive, server)
    server.asked.clear()
    assert crawl(archive, server, path=OTHER).code == 0
    assert crawl(archive, server).code == 0
    assert server.paths() == [OTHER, TOPIC]
    assert btl("update", archive, "--delay", "0").code == 0
    assert not {PINT, NEW}.intersection(server.paths())


def test_two_threads_of_one_crawl_ask_for_an_image_once(archive: Path, server: Loopback) -> None:
    ended = crawl(archive, server, server.url(OTHER))
    assert ended.code == 0, ended.err
    assert sorted(server.paths()) == sorted([TOPIC, OTHER, PINT, NEW])


def test_without_the_option_no_image_is_asked_for(archive: Path, server: Loopback) -> None:
    assert btl("crawl", archive, server.url(TOPIC), "--site", "theregister", "--delay", "0").code == 0
    assert server.paths() == [TOPIC]
    assert [name for name, *_ in icons(archive)] == ["Pint_48", "Never_Heard_Of"]


ANSWERS = {
    "/missing.png": (NOT_FOUND, ("failed", "http 404"), "an icon, was not had (http 404"),
    "/refused.png": (response(b"", 403), ("failed", "blocked"), "an icon, was refused (blocked"),
    "/empty.png": (response(b"", headers={"Content-Type": "image/png"}), ("failed", "empty"), "was not had (empty"),
    "/page.png": (response(b"<p>Moved.</p>"), ("failed", "no image"), "a page in place of an image"),
    "/wall.png": (response(b"<title>Just a moment...</title>"), ("failed", "blocked"), "was refused (blocked"),
    "/reserved.png": (
        response(b"x", headers={"X-Robots-Tag": "noimageai"}),
        ("skipped", "opt-out"),
        "was refused (opt-out",
    ),
    "/later.png": (
        response(b"", 503, {"Retry-After": "3600"}),
        ("deferred", "retry-after"),
        "an icon, is deferred until",
    ),
}


def test_images_that_cannot_be_had_leave_the_thread_complete(archive: Path, server: Loopback) -> None:
    server.answers[TOPIC] = thread(PINT, *ANSWERS)
    server.answers |= {path: answer for path, (answer, *_) in ANSWERS.items()}
    ended = crawl(archive, server)
    assert ended.code == 5, ended.err
    assert verdict(archive) == COMPLETE
    assert pages(archive)[2:] == [state for _, state, _ in ANSWERS.values()]
    for _, _, said in ANSWERS.values():
        assert said in ended.err
    assert [status for _, status, *_ in icons(archive)] == [200] + [None] * len(ANSWERS)


def test_image_that_is_deferred_defers_the_others_of_its_host(archive: Path, server: Loopback) -> None:
    server.answers[PINT] = response(b"", 503, {"Retry-After": "3600"})
    ended = crawl(archive, server)
    assert (ended.code, server.paths(), verdict(archive)) == (3, [TOPIC, PINT], COMPLETE)
    assert pages(archive)[1:] == [("deferred", "retry-after")] * 2
    assert ended.err.count("an icon, is deferred until") == 2


def test_robots_txt_is_obeyed_for_images(archive: Path, server: Loopback) -> None:
    rules = f"User-agent: *\nDisallow: {PINT}\n".encode()
    server.answers["/robots.txt"] = response(rules, headers={"Content-Type": "text/plain"})
    ended = crawl(archive, server)
    assert (ended.code, server.paths(), verdict(archive)) == (5, [TOPIC, NEW], COMPLETE)


def test_retry_asks_for_a_missing_image_alone(archive: Path, server: Loopback) -> None:
    server.answers[PINT] = NOT_FOUND
    assert crawl(archive, server).code == 3
    server.asked.clear()
    assert crawl(archive, server).code == 3  # what is missing is asked for again, what is held is not
    assert server.paths() == [TOPIC, PINT]
    server.answers[PINT] = PNG
    server.asked.clear()
    ended = btl("retry", archive, "--delay", "0")
    assert (ended.code, server.paths(), verdict(archive)) == (0, [PINT], COMPLETE)
    assert [status for _, status, *_ in icons(archive)] == [200, 200]


def test_redirected_image_is_held(archive: Path, server: Loopback) -> None:
    server.answers |= {NEW: redirect("/cdn/x.svg"), "/cdn/x.svg": SVG}
    assert crawl(archive, server).code == 0
    assert [status for _, status, *_ in icons(archive)] == [200, 200]
    assert btl("reparse", archive, "--diff").out == ""


def test_addresses_that_may_not_be_asked_are_named(archive: Path, server: Loopback) -> None:
    odd = (
        "data:image/png;base64,a1",
        "ftp://127.0.0.1/a2.png",
        "http://me:secret@127.0.0.1/a3.png",
        "http://[x/a4.png",
    )
    inside = ("http://10.0.0.1/a5.png", "http://169.254.169.254/latest/a6.png")
    server.answers[TOPIC] = thread(PINT, *odd, *inside)
    ended = crawl(archive, server)
    assert server.paths() == [TOPIC, PINT]
    assert "the images of 4 icons were not asked for" in ended.err
    assert ended.err.count("is not on the public internet and is asked only if the command names it") == 2
    assert (ended.code, verdict(archive)) == (3, COMPLETE)


def test_reparse_leads_icons_to_the_same_bytes(archive: Path, server: Loopback) -> None:
    crawl(archive, server, server.url(OTHER))
    before = icons(archive)
    assert btl("reparse", archive, "--diff").out == ""
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE icons SET capture_id = NULL")
    assert btl("reparse", archive).code == 0
    assert icons(archive) == before
    assert value(archive, "SELECT count(*) FROM icons WHERE capture_id IS NULL") == 0


def test_damaged_image_is_found_by_verify(archive: Path, server: Loopback) -> None:
    crawl(archive, server)
    sql = "SELECT warc_file, warc_offset, warc_length FROM captures WHERE id = (SELECT max(capture_id) FROM icons)"
    ((name, offset, length),) = rows(archive, sql)
    (warc,) = archive.parent.rglob(name)
    held = bytearray(warc.read_bytes())
    held[offset + length // 2] ^= 1
    warc.write_bytes(held)
    assert btl("verify", archive).code == 7
    assert btl("reparse", archive, "--diff").code == 7


def test_archive_of_before_takes_images(archive: Path, server: Loopback) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before="m009_icons")
    ended = crawl(archive, server)
    assert ended.code == 0, ended.err
    assert [status for _, status, *_ in icons(archive)] == [200, 200]
    assert btl("verify", archive).code == 0


def test_addresses_of_the_web_alone_are_asked_for() -> None:
    assert web_address("https://icons.example/a.png?x=1#y") == "https://icons.example/a.png?x=1"
    for other in ("", "pint.png", "//icons.example/a.png", "javascript:x()", "file:///etc/passwd", "http://:80/a"):
        assert web_address(other) is None


def test_no_more_than_most_images_are_asked_for(tmp_path: Path) -> None:
    held = Recorded(tmp_path)
    many = [
        post(str(number), icon=Icon(name=f"I{number}", image_url=f"https://h{number}.example/i.png"))
        for number in range(MOST + 3)
    ]
    held.take_page(shown_page(*many))
    with Archive.create_or_open(held.path) as archive:
        with archive.transaction() as connection:
            connection.execute("UPDATE readings SET with_icons = 1")
            ask_for(connection, 1)
            ask_for(connection, 1)
        assert archive.query("SELECT count(*) FROM pages WHERE kind = 'icon'").fetchall() == [(MOST,)]
        assert len(not_asked_for(archive, 1)) == 3
