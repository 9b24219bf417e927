"""Times of files, records, headers and options that no calendar holds: bounded or refused, and never a traceback."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.archive.readings.unchanged import _is_strong
from belowtheline.cli import main
from belowtheline.exports.selection import time_bound
from belowtheline.jobs.input_pages import _utc
from belowtheline.reading.sources import modified_at
from tests.made_up import Held, Post, as_html

_OVERFLOWING = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")


@pytest.mark.parametrize("text", _OVERFLOWING)
def test_a_bound_outside_of_the_calendar_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="calendar"):
        time_bound(text)
    held = Held(tmp_path)
    held.take(as_html([Post(id="1", body="Tea.")]))
    ended = CliRunner().invoke(main, ["export", str(held.path), "csv", "--since", text])
    assert (ended.exit_code, "Traceback" in ended.output) == (2, False)


@pytest.mark.parametrize("text", [*_OVERFLOWING, "99999-01-01T00:00:00Z", "-0001-11-30T00:00:00Z", "never"])
def test_a_warc_date_outside_of_the_calendar_is_none(text: str) -> None:
    assert _utc(text) is None


@pytest.mark.parametrize("seconds", [0, 315_532_800, 2**40, 253_402_300_800])
def test_a_file_whose_own_time_is_absurd_has_none(seconds: int, tmp_path: Path) -> None:
    held = Held(tmp_path)
    file = tmp_path / "odd.html"
    file.write_text(as_html([Post(id="1", body="Tea.")]))
    os.utime(file, (seconds, seconds))
    if file.stat().st_mtime != seconds:
        pytest.skip("this file system cannot hold such a time")
    assert modified_at(file) is None
    assert CliRunner().invoke(main, ["ingest", str(held.path), str(file)]).exit_code == 0
    assert held.rows("SELECT fetched_at, fetched_at_source FROM captures") == [(None, None)]
    assert held.flat("published_at") == [("2025-03-14T09:13:00Z",)]


@pytest.mark.parametrize("said", ["Fri, 31 Dec 9999 23:59:59 -9999", "Mon, 01 Jan 0001 00:00:00 +2359", "soon"])
def test_an_odd_last_modified_is_no_validator(said: str) -> None:
    assert _is_strong(said, "2026-01-01T00:00:00Z") in (False, True)
