"""Whose a thread is: no page of another host, whatever it says of itself, becomes part of a site's thread."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from belowtheline.archive.store.database import APPLICATION_ID, Archive
from belowtheline.archive.store.migrations import migrations
from belowtheline.cli import main
from belowtheline.reading.hosts import host_of
from belowtheline.reading.page import Page
from belowtheline.reading.sources import saved_address
from belowtheline.sites import registry
from belowtheline.sites.instances import instance_at
from belowtheline.sites.registry import all_sites, site_named
from tests.forging import EVIL, FORGED, Forgery, forgeries, held, query, write_warc
from tests.made_up import ADDRESS, HEADLINE, Post, as_html, as_text, edited

BEFORE, AFTER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
INSTANCES = "SELECT DISTINCT instance FROM threads ORDER BY 1"
SAID = "SELECT DISTINCT t.instance FROM comments c JOIN threads t ON t.id = c.thread_id WHERE c.body_text LIKE ?"


def ingest(archive: Path, *arguments: object) -> None:
    result = CliRunner().invoke(main, ["ingest", str(archive), *map(str, arguments)])
    assert result.exit_code in (0, 3, 4), result.output


def genuine(folder: Path, name: str) -> tuple[Path, list[Forgery]]:
    """Return an archive of all genuine pages of a site, and their forgeries."""
    found = list(forgeries(site_named(name)))
    assert found, f"tests/sites/{name}/ has no case with an address and comments"
    pages = [(one.page.url or "", one.page.body, one.page.content_type) for one in found]
    ingest(folder / "a.db", write_warc(folder / "genuine.warc.gz", BEFORE, pages), "--site", name)
    return folder / "a.db", found


@pytest.mark.parametrize("name", all_sites())
def test_a_forged_capture_changes_no_row_of_the_site(name: str, tmp_path: Path) -> None:
    archive, found = genuine(tmp_path, name)
    before, instances = held(archive), query(archive, INSTANCES)
    pages = [(one.at(f"https://{EVIL}"), one.body, one.page.content_type) for one in found]
    ingest(archive, write_warc(tmp_path / "forged.warc.gz", AFTER, pages), "--site", name)
    assert before <= held(archive)
    assert query(archive, SAID, f"%{FORGED}%") == [(EVIL,)]
    assert set(query(archive, INSTANCES)) == {*instances, (EVIL,)}


@pytest.mark.parametrize("name", all_sites())
def test_a_forged_file_with_its_address_changes_no_row_of_the_site(name: str, tmp_path: Path) -> None:
    archive, found = genuine(tmp_path, name)
    before = held(archive)
    for number, one in enumerate(found[:3]):
        file = tmp_path / f"{number}{'.html' if one.page.looks_like_html else '.json'}"
        file.write_bytes(one.body)
        ingest(archive, file, "--url", one.at(f"http://{EVIL}:8080"), "--site", name)
    assert before <= held(archive)
    assert query(archive, SAID, f"%{FORGED}%") == [(EVIL,)]


@pytest.mark.parametrize(
    ("host", "instance"),
    [
        ("forums.theregister.com", ""),
        ("FORUMS.TheRegister.COM", ""),
        ("forums.theregister.com.", ""),
        ("forums.theregister.com:8443", ""),
        ("someone@forums.theregister.com", ""),
        ("\uff46orums.theregister.com", ""),
        ("forums\u3002theregister.com", ""),
        ("theregister.com.evil.example", "theregister.com.evil.example"),
        ("forums.theregister.com@evil.example", "evil.example"),
        ("forums.theregister.com:80@evil.example:443", "evil.example"),
        ("evil.example\\.theregister.com", "evil.example\\.theregister.com"),
        ("forums.theregister.com\\@evil.example", "evil.example"),
        ("forums%2etheregister.com", "forums%2etheregister.com"),
        ("forums..theregister.com", "forums..theregister.com"),
        ("xtheregister.com", "xtheregister.com"),
        ("forums.theregister.com\u200b", "forums.theregister.xn--com-7m0a"),
        ("forums.ther\u0435gister.com", "forums.xn--thergister-nsi.com"),
        ("xn--thergister-nsi.com", "xn--thergister-nsi.com"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[::1]:8080", "::1"),
        ("localhost", "localhost"),
    ],
)
def test_only_the_host_says_whose_a_thread_is(host: str, instance: str) -> None:
    assert instance_at(site_named("theregister"), f"https://{host}/forum/all/2025/03/14/kettle/") == instance


@pytest.mark.parametrize("name", all_sites())
def test_every_host_of_a_site_is_its_own_and_none_that_looks_like_it(name: str) -> None:
    site = site_named(name)
    for own in site.hosts:
        assert instance_at(site, f"https://{own}/x") in ("", None)
        looks_like = f"x{own.removeprefix('www.')}.example"
        for evil in (looks_like, f"{own}.{EVIL}", f"{own}@{EVIL}", f"{EVIL}#{own}", f"{EVIL}/{own}", f"{EVIL}?{own}"):
            url = f"https://{evil}/x"
            assert instance_at(site, url) == host_of(url) != ""


@pytest.mark.parametrize("name", all_sites())
def test_this_machine_is_the_site_only_where_a_person_says_so(name: str) -> None:
    site = site_named(name)
    assert instance_at(site, "http://127.0.0.1:8000/x") == "127.0.0.1"
    assert instance_at(site, f"https://{EVIL}/x", name) == EVIL
    assert instance_at(site, "http://127.0.0.1:8000/x", "another") == "127.0.0.1"


def test_a_saved_page_is_of_the_host_that_the_browser_saw_it_at() -> None:
    head = "<!DOCTYPE html>\n<!-- saved from url=(0030)https://evil.example/forum/all/a/ -->\n<html><head>"
    for link in ('<link rel="canonical" href="https://forums.theregister.com/forum/all/a/">', ""):
        page = Page(None, f"{head}{link}</head></html>".encode(), "text/html")
        assert saved_address(page) == "https://evil.example/forum/all/a/"


def as_before(patch: pytest.MonkeyPatch) -> None:
    """Let pages say themselves whose their threads are, as they did."""
    patch.setattr(registry, "instance_of", lambda site, page, said: said)


def test_reparse_parts_what_two_hosts_have_written_into_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, mixed = tmp_path / "alone", tmp_path / "mixed"
    posts = [Post(id="101", author="Ann", user="7", title="Spouts", body="Mine pours sideways.")]
    evil = ADDRESS.replace("forums.theregister.com", EVIL)
    pages = [(ADDRESS, as_html(posts)), (evil, as_html(edited(posts, "101", body="I hate kettles.")))]
    files = [
        write_warc(tmp_path / f"{number}.warc.gz", when, [(url, body.encode(), "text/html")])
        for number, ((url, body), when) in enumerate(zip(pages, (BEFORE, AFTER), strict=True))
    ]
    for folder in (alone, mixed):
        folder.mkdir()
    ingest(alone / "a.db", files[0])
    with monkeypatch.context() as patch:
        as_before(patch)
        for file in files:
            ingest(mixed / "a.db", file)
    flat = "SELECT body_text, (SELECT count(*) FROM comment_versions) FROM comments_flat WHERE instance = ''"
    assert query(mixed / "a.db", flat) == [("I hate kettles.", 2)]
    assert CliRunner().invoke(main, ["reparse", str(mixed / "a.db")]).exit_code == 0
    words = "SELECT instance, body_text, address_source FROM comments_flat ORDER BY instance"
    assert query(alone / "a.db", words) == [("", "Mine pours sideways.", "warc")]
    assert query(mixed / "a.db", words) == [("", "Mine pours sideways.", "warc"), (EVIL, "I hate kettles.", "warc")]
    assert CliRunner().invoke(main, ["verify", str(mixed / "a.db")]).exit_code == 0


def test_a_file_joins_the_thread_that_it_claims_and_is_told_from_a_page_that_was_served(tmp_path: Path) -> None:
    archive, saved = tmp_path / "a.db", tmp_path / "saved.html"
    posts = [Post(id="101", author="Ann", user="7", title="Spouts", body="Mine pours sideways.")]
    ingest(archive, write_warc(tmp_path / "a.warc.gz", BEFORE, [(ADDRESS, as_html(posts).encode(), "text/html")]))
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("UPDATE captures SET address_source = 'served'")
        connection.commit()
    saved.write_text(as_html(edited(posts, "101", body="I hate kettles.")))
    result = CliRunner().invoke(main, ["ingest", str(archive), str(saved), "--fetched-at", "2026-07-01T00:00:00Z"])
    assert "1 comments that their server showed have other content now" in result.output
    flat = "SELECT instance, body_text, address_source FROM comments_flat"
    assert query(archive, flat) == [("", "I hate kettles.", "page")]
    said = CliRunner().invoke(main, ["log", str(archive), "101"]).output
    assert said.count("(claimed by the page)") == 1


def test_copied_text_joins_no_thread_where_those_of_two_hosts_qualify(tmp_path: Path) -> None:
    archive, text = tmp_path / "a.db", tmp_path / "copied.txt"
    names = [(f"10{n}", f"Ann {n}", f"7{n}", f"Mine pours {n} cups.") for n in range(4)]
    posts = [Post(id=one, author=author, user=user, title="Spouts", body=body) for one, author, user, body in names]
    html = as_html(posts).encode()
    for number, url in enumerate((ADDRESS, ADDRESS.replace("forums.theregister.com", EVIL))):
        ingest(archive, write_warc(tmp_path / f"{number}.warc.gz", BEFORE, [(url, html, "text/html")]))
    text.write_text(as_text(posts))
    ingest(archive, text, "--site", "theregister")
    assert query(archive, "SELECT instance, native_id LIKE '~%' FROM threads ORDER BY 1, 2") == [
        ("", 0),
        ("", 1),
        (EVIL, 0),
    ]


def test_an_address_names_the_thread_of_its_own_host(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    evil = ADDRESS.replace("forums.theregister.com", EVIL)
    posts = [Post(id="101", author="Ann", user="7", title="Spouts", body="Mine pours sideways.")]
    pages = [(ADDRESS, as_html(posts)), (evil, as_html(edited(posts, "101", body="I hate kettles.")))]
    file = write_warc(tmp_path / "a.warc.gz", BEFORE, [(url, body.encode(), "text/html") for url, body in pages])
    ingest(archive, file)
    for url, body in ((ADDRESS, "sideways"), (evil, "hate kettles")):
        for command in (["show", archive, url], ["export", "csv", archive, "--thread", url], ["log", archive, url]):
            result = CliRunner().invoke(main, list(map(str, command)))
            assert result.exit_code == 0, result.output
            assert (body in result.output) or command[0] == "log"
    gone = CliRunner().invoke(main, ["show", str(archive), ADDRESS.replace("forums.theregister.com", "x.example")])
    assert gone.exit_code != 0


def test_icons_and_articles_of_one_host_are_not_written_by_another(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    posts = [Post(id="101", author="Ann", user="7", icon="Pint", title="Spouts", body="Mine pours sideways.")]
    html = as_html(posts)
    ingest(archive, write_warc(tmp_path / "a.warc.gz", BEFORE, [(ADDRESS, html.encode(), "text/html")]))
    before = held(archive)
    forged = html.replace("/images/icons/", "http://a.example/").replace(HEADLINE, "Kettles are evil")
    evil = ADDRESS.replace("forums.theregister.com", EVIL)
    ingest(archive, write_warc(tmp_path / "b.warc.gz", AFTER, [(evil, forged.encode(), "text/html")]))
    assert before <= held(archive)
    assert query(archive, "SELECT count(*) FROM icons") == [(2,)]


def test_an_older_archive_keeps_its_threads_under_hosts_without_ports(tmp_path: Path) -> None:
    archive = tmp_path / "old.db"
    with closing(sqlite3.connect(archive)) as connection:
        migrations.apply(Database(connection), stop_before="m010_instances")
        connection.executescript(
            """
            INSERT INTO sites (id, name) VALUES (1, 'discourse'), (2, 'theregister');
            INSERT INTO threads (id, site_id, instance, native_id, headline_key) VALUES
                (1, 1, '127.0.0.1:8080', '7', ''), (2, 1, 'forum.example', '7', ''), (3, 2, '', 'kettle', '');
            INSERT INTO authors (id, key, site_id, instance, native_id, kind) VALUES
                (1, 'account "discourse", "127.0.0.1:8080" id 5', 1, '127.0.0.1:8080', '5', 'account');
            INSERT INTO runs (id, command, tool_version, started_at)
                VALUES (1, 'crawl', '0.1.0', '2025-01-01T00:00:00Z');
            INSERT INTO readings (id, run_id, site_id, start_url, opened_at) VALUES
                (1, 1, 2, 'http://127.0.0.1:80/forum/all/x/', '2025-01-01T00:00:00Z'),
                (2, 1, 2, 'https://forums.theregister.com/forum/all/x/', '2025-01-01T00:00:00Z');
            """
        )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    Archive.create_or_open(archive).close()
    assert query(archive, "SELECT instance FROM threads ORDER BY id") == [("127.0.0.1",), ("forum.example",), ("",)]
    assert query(archive, "SELECT key, instance FROM authors") == [
        ('account "discourse", "127.0.0.1" id 5', "127.0.0.1")
    ]
    assert query(archive, "SELECT is_site_named FROM readings ORDER BY id") == [(1,), (0,)]
