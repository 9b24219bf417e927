"""Clocks that are wrong: of this machine, of a server, of who made a capture; none hides what comes later."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store import clock, clocks
from belowtheline.archive.warc.captures import WarcFile
from belowtheline.cli import main
from belowtheline.jobs.ingest import ingest
from tests.loopback import Loopback, crawl, post, response, topic, value
from tests.made_up import ADDRESS, Held, Post, as_html, edited, without

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
POSTS = [
    Post(id="1", author="Ann", user="7", title="Spouts", body="Mine pours sideways."),
    Post(id="2", author="Bob", user="8", title="Lids", body="Mine has none."),
]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    return Clock(monkeypatch)


class Clock:
    """Sets the clock that the program reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, time: datetime) -> str:
        self._monkeypatch.setattr(clock, "utc_now", lambda: time)
        return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def runs_of(held: Held) -> int:
    return int(held.rows("SELECT count(*) FROM runs")[0][0])


@pytest.fixture
def poisoned(tmp_path: Path, set_clock: Clock) -> Held:
    """An archive with one page from a run whose clock was a year ahead; the clock is right again."""
    held = Held(tmp_path)
    held.take(as_html(POSTS), set_clock(NOW + timedelta(days=365)))
    set_clock(NOW + timedelta(hours=1))
    return held


@pytest.mark.parametrize(
    "arguments", [("crawl", "DB", "http://127.0.0.1:9/"), ("update", "DB"), ("retry", "DB"), ("ingest", "DB", "PAGE")]
)
def test_no_run_starts_whose_clock_is_far_behind(poisoned: Held, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    page = tmp_path / "page.html"
    page.write_text(as_html(edited(POSTS, "1", body="It pours straight now.")))
    before = runs_of(poisoned)
    ended = run(*({"DB": poisoned.path, "PAGE": page}.get(one, one) for one in arguments))
    assert ended.exit_code == 2
    assert "says 2026-11-02T11:00:00Z" in ended.stderr
    assert "is of 2027-11-02T10:00:00Z" in ended.stderr
    assert f"btl reparse {poisoned.path} --undate-after 2026-11-02T11:00:00Z" in ended.stderr
    assert runs_of(poisoned) == before
    assert poisoned.flat("body_text") == [("Mine pours sideways.",), ("Mine has none.",)]


def test_the_message_leads_out_of_it(poisoned: Held, set_clock: Clock) -> None:
    with pytest.raises(clocks.ClockBehind) as refused:
        poisoned.take(as_html(POSTS))
    command = re.search(r"`btl (reparse .*?)`", str(refused.value))
    assert command
    ended = run(*command[1].split())
    assert ended.exit_code == 0, ended.stderr
    assert "undated: 1 captures" in ended.stderr
    assert poisoned.flat("first_seen_at", "last_seen_at") == [(None, None)] * 2
    assert poisoned.rows("SELECT fetched_at, fetched_at_source, claimed_at FROM captures") == [
        (None, None, "2027-11-02T10:00:00Z")
    ]
    later = set_clock(NOW + timedelta(hours=2))
    changed = [*edited(without(POSTS, "2"), "1", body="It pours straight now."), Post(id="3", body="New here.")]
    assert poisoned.take(as_html(changed), later) == 0
    assert sorted(poisoned.flat("native_id", "body_text", "last_seen_at", "not_seen_since")) == [
        ("1", "It pours straight now.", later, None),
        ("2", "Mine has none.", None, None),
        ("3", "New here.", later, None),
    ]
    assert run("verify", poisoned.path).exit_code == 0
    assert run("reparse", poisoned.path, "--diff").stdout == ""


def test_what_was_deleted_after_a_run_with_a_wrong_clock_is_seen(poisoned: Held, set_clock: Clock) -> None:
    run("reparse", poisoned.path, "--undate-after", "2026-11-03")
    first, second = (set_clock(NOW + timedelta(hours=hours)) for hours in (2, 4))
    poisoned.take(as_html(POSTS), first)
    poisoned.take(as_html(without(POSTS, "2")), second)
    assert dict(poisoned.flat("native_id", "not_seen_since")) == {"1": None, "2": second}


def test_a_change_of_the_archive_is_not_tried(poisoned: Held) -> None:
    assert run("reparse", poisoned.path, "--diff", "--undate-after", "2026-11-03").exit_code == 2
    assert run("reparse", poisoned.path, "--undate-after", "yesterday").exit_code == 2
    assert poisoned.rows("SELECT count(*) FROM captures WHERE fetched_at IS NULL") == [(0,)]


def test_a_clock_that_is_a_little_behind_is_named(tmp_path: Path, set_clock: Clock) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS), set_clock(NOW))
    set_clock(NOW - timedelta(hours=20))
    page = tmp_path / "page.html"
    page.write_text(as_html(POSTS))
    ended = run("ingest", held.path, page)
    assert ended.exit_code == 0
    assert "! The clock of this machine says 2026-11-01T14:00:00Z" in ended.stderr
    assert "counts as older" in ended.stderr


def test_the_time_of_a_file_is_a_guess_that_stops_nothing(tmp_path: Path, set_clock: Clock) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS))
    set_clock(datetime(2001, 1, 1, tzinfo=UTC))
    assert held.take(as_html(without(POSTS, "2"))) == 0


def warc(folder: Path, body: str, when: datetime) -> Path:
    file = WarcFile(folder, "made.warc.gz")
    file.write_response(ADDRESS, when, "200 OK", [("Content-Type", "text/html; charset=utf-8")], body.encode())
    file.close()
    return folder / "made.warc.gz"


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=400), timedelta(days=365 * 70)])
def test_a_warc_date_that_has_not_come_dates_nothing(tmp_path: Path, set_clock: Clock, ahead: timedelta) -> None:
    held = Held(tmp_path)
    set_clock(NOW)
    changed = edited(POSTS, "1", body="From the future.")
    file = warc(tmp_path / "future", as_html(changed), NOW + ahead)
    assert ingest(held.path, [str(file)]).ending == 0
    claimed = f"{NOW + ahead:%Y-%m-%dT%H:%M:%SZ}"
    assert held.rows("SELECT fetched_at, fetched_at_source, claimed_at FROM captures") == [(None, None, claimed)]
    later = set_clock(NOW + timedelta(hours=1))
    assert held.take(as_html(POSTS), later) == 0
    assert held.flat("body_text")[0] == ("Mine pours sideways.",)
    assert held.flat("last_seen_at") == [(later,)] * 2
    assert run("verify", held.path).exit_code == 0


def test_a_warc_date_of_another_zone_is_believed(tmp_path: Path, set_clock: Clock) -> None:
    held = Held(tmp_path)
    set_clock(NOW)
    file = warc(tmp_path / "east", as_html(POSTS), NOW + timedelta(hours=14))
    ingest(held.path, [str(file)])
    assert held.rows("SELECT fetched_at_source, claimed_at FROM captures") == [("warc", None)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Date": "Mon, 02 Nov 2026 12:00:00 GMT"}, 7200),
        ({"Date": "Mon, 02 Nov 2026 09:59:30 GMT"}, -30),
        ({"Date": "Mon, 02 Nov 2026 08:00:00 GMT", "Age": "7200"}, 0),
        ({"Date": "Mon, 02 Nov 2026 08:00:00 -0000", "Age": "-1"}, -7200),
        ({"Date": "Sat, 31 Dec 9999 23:59:59 GMT", "Age": "999999999"}, None),
        ({"Date": "Monday last"}, None),
        ({"Date": "0"}, None),
        ({}, None),
    ],
)
def test_how_far_the_clock_of_a_server_is_from_ours(headers: dict[str, str], expected: int | None) -> None:
    assert clocks.offset_of(headers, NOW) == expected


@pytest.mark.parametrize(("offset", "marks"), [(-3601, True), (3600, False), (0, False), (None, False), (9999, True)])
def test_an_hour_is_no_difference(offset: int | None, marks: bool) -> None:
    assert clocks.is_apart(offset) is marks


def test_a_run_is_marked_by_the_clock_that_is_furthest_from_ours(tmp_path: Path) -> None:
    archive, path = tmp_path / "a.db", "/forum/all/2025/03/14/kettle/"
    dates = [datetime.now(UTC) + timedelta(days=days, hours=1) for days in (400, -3)]
    with Loopback() as server:
        page = topic([post(1, "Mine sings.")])
        server.answers[path] = response(page, 200, {"Date": f"{dates[0]:%a, %d %b %Y %H:%M:%S} GMT"})
        ended = crawl(archive, server.url(path))
        assert ended.code == 0
        assert "The clock of a server was 400 days ahead of this machine's" in ended.err
        server.answers[path] = response(page, 200, {"Date": f"{dates[1]:%a, %d %b %Y %H:%M:%S} GMT"})
        crawl(archive, server.url(path))
    assert value(archive, "SELECT clock_offset > 34000000 FROM runs WHERE id = 1") == 1
    assert value(archive, "SELECT clock_offset BETWEEN -260000 AND -250000 FROM runs WHERE id = 2") == 1
    assert "a server's was 400 days ahead" in run("status", archive).stdout
    document = json.loads(run("status", archive, "--json").stdout)
    assert [found["clock_offset"] < 0 for found in document["runs"]] == [False, True]
