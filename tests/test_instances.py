"""Whose a thread is: no page of another host, whatever it says of itself, becomes part of a site's thread."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.scraper.instances import host_of, instance_at
from belowtheline.scraper.page import Page
from belowtheline.scraper.registry import all_sites, site_named
from belowtheline.scraper.sources import saved_address
from tests.forging import EVIL, FORGED, Forgery, forgeries, held, query, write_warc

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
