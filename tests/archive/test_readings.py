"""Which reading a page or a start belongs to: one for each thread of a file, and never one for two forums."""

import json
from pathlib import Path
from typing import Any

import pytest

from belowtheline.archive.readings import lifecycle, starts
from belowtheline.archive.record.people import site_id
from belowtheline.archive.store import rows, runs
from belowtheline.archive.store.database import Archive
from belowtheline.reading.items import Link, Stub
from belowtheline.sites.instances import instance_at
from belowtheline.sites.registry import site_named
from tests import loopback
from tests.recorded import START, Recorded, post, shown_page

T1 = "2025-03-15T10:00:00Z"


def comment(native_id: str, thread: str) -> dict[str, Any]:
    told = {"author": "bo", "body": "Yes.", "body_html": '<div class="md"><p>Yes.</p>\n</div>', "score": 1}
    ids = {"id": native_id, "link_id": f"t3_{thread}", "parent_id": f"t3_{thread}", "created_utc": 1717200000.0}
    return {"kind": "t1", "data": told | ids}


def test_the_summary_lists_every_thread_of_a_file(tmp_path: Path) -> None:
    file, archive = tmp_path / "list.json", tmp_path / "a.db"
    things = [comment("ka", "1aaaaa"), comment("kb", "1bbbbb"), comment("kc", "1aaaaa")]
    file.write_text(json.dumps({"kind": "Listing", "data": {"children": things}}))
    ended = loopback.btl("ingest", archive, str(file))
    assert ended.code == 0, ended.err
    lines = [line.split() for line in ended.err.splitlines() if "held" in line and "unverified" in line]
    assert [(line[1], line[3]) for line in lines] == [("2", "1aaaaa"), ("1", "1bbbbb")]
    assert loopback.rows(archive, "SELECT thread, verdict FROM thread_status ORDER BY thread") == [
        ("1aaaaa", "unverified"),
        ("1bbbbb", "unverified"),
    ]
    assert "already held" in loopback.btl("ingest", archive, str(file)).err


def test_each_thread_of_a_file_has_its_own_verdict(tmp_path: Path) -> None:
    whole = shown_page(post("a"), thread="1", is_whole=True)
    lacking = shown_page(post("b"), thread="2", stubs=[Stub(native_id="c")], is_enumerated=True)
    found = Recorded(tmp_path).take((START, T1, [whole, lacking]))
    assert [(one.thread, one.held, one.verdict, one.reason) for one in found] == [
        ("1", 1, "complete", None),
        ("2", 1, "incomplete", "1 comments are known and not held"),
    ]


def test_pages_of_one_thread_in_several_files_are_one_reading(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    both = [[shown_page(post(f"{name}{n}"), thread=name, page_number=n, page_count=2) for name in "xy"] for n in (1, 2)]
    found = archive.take(*((START, T1, pages) for pages in both))
    assert [(one.thread, one.held, one.verdict) for one in found] == [("x", 2, "complete"), ("y", 2, "complete")]


@pytest.mark.parametrize(
    ("instance", "start_url", "is_joined"),
    [
        ("one.example", "https://one.example/t/77.json", True),
        ("one.example", "https://two.example/t/77.json", False),
        ("one.example", "https://ONE.example.:8443/t/77.json", True),
        ("", "https://two.example/t/77.json", False),
    ],
)
def test_an_id_names_a_thread_on_its_own_host(tmp_path: Path, instance: str, start_url: str, is_joined: bool) -> None:
    assert (open_again(tmp_path, instance, "https://one.example/t/kettles/77", start_url) == 1) is is_joined


def test_a_file_without_an_address_is_of_no_forum(tmp_path: Path) -> None:
    assert open_again(tmp_path, "", "file:///saved/77.json", "https://two.example/t/77.json") == 2


def open_again(folder: Path, instance: str, first_url: str, start_url: str) -> int:
    """Open a reading of topic 77, start at an address that names a topic 77, and return how many readings are open."""
    with Archive.create_or_open(folder / "a.db") as archive, archive.transaction() as connection:
        run_id = runs.start_run(connection, "crawl", {})
        site = site_id(connection, "discourse")
        named = {"site_id": site, "instance": instance, "native_id": "77", "headline_key": ""}
        thread = rows.insert(connection, "threads", named)
        lifecycle.open_reading(connection, run_id, site, first_url, thread)
        there = instance_at(site_named("discourse"), start_url)
        lifecycle.open_readings(connection, run_id, [starts.Start(site, "77", Link(url=start_url), there)])
        return int(connection.execute("SELECT count(*) FROM readings WHERE closed_at IS NULL").fetchone()[0])
