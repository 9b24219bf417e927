"""Ways round the rule of whose a thread is: pages without an address, articles that lead to threads, redirects."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.archive.readings.lifecycle import join_redirect
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.reading.items import Article, Capture, Link
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from tests.forging import EVIL, held, query, write_warc
from tests.made_up import ADDRESS, Post, as_html, as_text, edited

BEFORE, AFTER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
FORGED_ADDRESS = ADDRESS.replace("forums.theregister.com", EVIL)
KEY = "2025/03/14/teapot_recall"
POSTS = [
    Post(id=f"10{n}", author=f"Ann {n}", user=f"7{n}", title="Spouts", body=f"Mine pours {n} cups.") for n in range(8)
]
GENUINE = as_html(POSTS)
FORGED = as_html(edited(POSTS, "101", body="I hate kettles."))


def ingest(archive: Path, *arguments: object) -> None:
    result = CliRunner().invoke(main, ["ingest", str(archive), *map(str, arguments)])
    assert result.exit_code == 0, result.output


def warc(folder: Path, url: str, body: str, when: datetime) -> Path:
    return write_warc(folder / f"{when:%m}.warc.gz", when, [(url, body.encode(), "text/html")])


@pytest.mark.parametrize("name", ["copied.txt", "saved.html"])
def test_a_thread_without_an_address_is_not_taken_over_by_another_host(name: str, tmp_path: Path) -> None:
    archive, file = tmp_path / "a.db", tmp_path / name
    unaddressed = "".join(line for line in GENUINE.splitlines(keepends=True) if "canonical" not in line)
    file.write_text(as_text(POSTS) if name == "copied.txt" else unaddressed)
    ingest(archive, file, "--site", "theregister")
    assert query(archive, "SELECT instance, native_id LIKE '~%' FROM threads") == [("", 1)]
    before = held(archive)
    ingest(archive, warc(tmp_path, FORGED_ADDRESS, FORGED, AFTER))
    assert before <= held(archive)
    ingest(archive, warc(tmp_path, ADDRESS, GENUINE, BEFORE))
    threads = (
        "SELECT t.instance, t.native_id, count(*) FROM threads t JOIN comments c ON c.thread_id = t.id GROUP BY t.id"
    )
    assert query(archive, threads) == [("", KEY, 8), (EVIL, KEY, 8)]


def recorder(archive: Archive) -> Recorder:
    return Recorder(archive, archive.query("SELECT max(id) FROM runs").fetchone()[0])


def test_an_article_that_leads_to_a_thread_says_nothing_of_its_article(tmp_path: Path) -> None:
    """Both are asked for in one run, where the thread is known before the other article's page comes."""
    path = tmp_path / "a.db"
    ingest(path, warc(tmp_path, ADDRESS, GENUINE, BEFORE))
    before = held(path)
    with Archive.create_or_open(path) as archive:
        with archive.transaction() as connection:
            connection.execute("UPDATE pages SET method = 'GET', body = '', url = ?", (ADDRESS,))
            connection.execute(
                "INSERT INTO readings (id, run_id, site_id, start_url, opened_at) VALUES (9, 1, 1, ?, '2026')",
                (FORGED_ADDRESS,),
            )
            connection.execute(
                "INSERT INTO pages (id, reading_id, method, url, body, host, kind, state)"
                " VALUES (99, 9, 'GET', ?, '', ?, 'article', 'todo')",
                (FORGED_ADDRESS, EVIL),
            )
        record = recorder(archive)
        capture = Capture(
            url=FORGED_ADDRESS, fetched_at="2026-07-01T00:00:00Z", fetched_at_source="response",
            address_source="served", sha256="0" * 64, warc_file="x.warc.gz", warc_offset=0,
        )  # fmt: skip
        record.add_capture(capture)
        forged = Article(url=FORGED_ADDRESS, headline="Kettles are evil", body_text="They are.")
        record.record_lead(99, capture, "utf-8", "theregister", Link(url=ADDRESS), forged)
    assert before <= held(path)
    assert query(path, "SELECT url, headline FROM articles WHERE body_text = 'They are.'") == [
        (FORGED_ADDRESS, "Kettles are evil")
    ]


@pytest.mark.parametrize(
    ("is_known", "host", "is_joined"), [(True, EVIL, False), (False, EVIL, True), (True, "own", True)]
)
def test_a_redirect_takes_no_thread_of_another_host_into_a_reading(
    is_known: bool, host: str, is_joined: bool, tmp_path: Path
) -> None:
    """A page 2 that leads to the start of a thread still to be asked would make that thread a page of its own."""
    path = tmp_path / "a.db"
    ingest(path, warc(tmp_path, FORGED_ADDRESS, FORGED, AFTER))
    with Archive.create_or_open(path) as archive, archive.transaction() as connection:
        if not is_known:
            connection.execute("UPDATE readings SET thread_id = NULL")
        served = "forums.theregister.com" if host == "own" else host
        connection.execute("UPDATE pages SET method = 'GET', body = '', host = ?", (served,))
        connection.execute(
            "INSERT INTO readings (id, run_id, site_id, start_url, opened_at) VALUES (9, 1, 1, ?, '2026')", (ADDRESS,)
        )
        connection.execute(
            "INSERT INTO pages (id, reading_id, method, url, body, host, kind, state)"
            " VALUES (99, 9, 'GET', ?, '', 'forums.theregister.com', 'page', 'todo')",
            (ADDRESS,),
        )
        page_id = connection.execute("SELECT min(id) FROM pages").fetchone()[0]
        assert (join_redirect(connection, page_id, ADDRESS) == 99) == is_joined
        assert (connection.execute("SELECT count(*) FROM readings").fetchone()[0] == 1) == is_joined


def test_two_threads_of_one_id_are_told_apart_in_every_command(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    ingest(archive, warc(tmp_path, ADDRESS, GENUINE, BEFORE))
    ingest(archive, warc(tmp_path, FORGED_ADDRESS, FORGED, AFTER))

    def said(*words: str) -> str:
        return CliRunner().invoke(main, [words[0], str(archive), *words[1:]]).output

    assert [line.split()[1:3] for line in said("status").splitlines()[1:3]] == [
        ["theregister", KEY],
        ["theregister", "at"],
    ]
    assert said("diff", "--since", "2026-06-15").startswith(f"theregister at {EVIL} {KEY}")
    assert "give the address of one, or the number before it" in said("show", KEY)
    for command in ("log", "explain"):
        for name in ("101", f"{KEY}#101"):
            assert "address of one" in said(command, name)
            assert f"https://{EVIL}/" in said(command, name)
        assert "Ann 1" in said("log", "2#101")
        assert "could be" not in said(command, "2#101") + said(command, f"{FORGED_ADDRESS}#101")


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        (f"/wp/v2/sites/{EVIL}/comments?post=7", EVIL),
        (f"/wp/v2/sites/{EVIL.upper()}/comments?post=7", EVIL),
        ("/wp/v2/sites/123/comments?post=7", "public-api.wordpress.com/sites/123"),
        ("/wp/v2/comments?post=7&x=/sites/kettleblog.example/", "public-api.wordpress.com"),
    ],
)
def test_a_blog_behind_the_proxy_of_wordpress_com_is_not_the_one_it_links_to(path: str, instance: str) -> None:
    link = "https://kettleblog.example/spouts/#comment-1"
    entry = {"id": 1, "post": 7, "link": link, "content": {"rendered": "<p>I hate kettles.</p>"}}
    page = Page(f"https://public-api.wordpress.com{path}", json.dumps([entry]).encode(), "application/json")
    assert [one.thread.instance for one in read(site_named("wordpress"), page)] == [instance]
