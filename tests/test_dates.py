"""Dates as published into UTC: known formats, both ends of summer time, and what is no date."""

import time

import pytest

from belowtheline.pipelines import dates
from belowtheline.pipelines.dates import find_date, normalise_dates
from belowtheline.scraper.items import Comment, Conventions, Thread, ThreadPage
from belowtheline.scraper.sites.theregister.wording import CONVENTIONS

LONDON = Conventions(timezone="Europe/London", date_formats=("%d %B %Y %H:%M", "%d %b %Y %I:%M %p", "%B %Y"))
FETCHED = "2025-03-20T10:00:00Z"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    dates._from_dateparser.cache_clear()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1219758300", ("2008-08-26T13:45:00Z", "second", "epoch")),
        ("Saturday 18th July 2009 09:35 GMT", ("2009-07-18T09:35:00Z", "minute", "text")),
        ("Wednesday 1st April 2009 00:10 GMT", ("2009-04-01T00:10:00Z", "minute", "text")),
        ("Friday 2nd October 2009 23:59 BST", ("2009-10-02T22:59:00Z", "minute", "text")),
        ("  Tuesday   12th October 2010 13:05 GMT ", ("2010-10-12T13:05:00Z", "minute", "text")),
        ("2025-03-14T09:12:00+01:00", ("2025-03-14T08:12:00Z", "second", "iso")),
        ("2025-03-14 09:12", ("2025-03-14T09:12:00Z", "minute", "iso")),
        ("2025-07-14 09:12", ("2025-07-14T08:12:00Z", "minute", "iso")),
    ],
)
def test_known_forms(raw: str, expected: tuple[str, str, str]) -> None:
    before = dates.fallbacks
    assert find_date(raw, CONVENTIONS, None) == expected
    assert dates.fallbacks == before


def test_formats_of_a_site() -> None:
    assert find_date("4 March 2009 12:00", LONDON, None)[0] == "2009-03-04T12:00:00Z"
    assert find_date("4 Mar 2009 12:15 AM", LONDON, None)[0] == "2009-03-04T00:15:00Z"
    assert find_date("4 Jul 2009 12:15 p.m.", LONDON, None)[0] == "2009-07-04T11:15:00Z"
    assert find_date("March 2009", LONDON, None) == ("2009-03-01T00:00:00Z", "month", "text")


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("29 March 2009 00:59", "2009-03-29T00:59:00Z"),  # the last minute of winter
        ("29 March 2009 01:30", "2009-03-29T01:30:00Z"),  # no clock showed it; counted on from winter time
        ("29 March 2009 02:00", "2009-03-29T01:00:00Z"),  # the first minute of summer
        ("25 October 2009 00:59", "2009-10-24T23:59:00Z"),
        ("25 October 2009 01:30", "2009-10-25T00:30:00Z"),  # shown twice; the first is taken
        ("25 October 2009 02:00", "2009-10-25T02:00:00Z"),
    ],
)
def test_both_ends_of_summer_time_in_london(local: str, utc: str) -> None:
    assert find_date(local, LONDON, None)[0] == utc


def test_a_named_zone_settles_the_hour_that_comes_twice() -> None:
    assert find_date("Sunday 25th October 2009 01:30 BST", CONVENTIONS, None)[0] == "2009-10-25T00:30:00Z"
    assert find_date("Sunday 25th October 2009 01:30 GMT", CONVENTIONS, None)[0] == "2009-10-25T01:30:00Z"


@pytest.mark.parametrize(
    "raw",
    [
        "Monday 31st February 2025 09:00 GMT",
        "Monday 1st January 2025 25:00 GMT",
        "2025-02-31 10:00",
        "2025-13-01T10:00:00Z",
        "Monday 1st Thermidor 2025 10:00 GMT",
        "",
        "   ",
        "yesterday",
        "not a date",
        "99999999999999999999",
        "x" * 100_000,
        "١٢٣٤٥٦٧٨٩٠",
    ],
)
def test_what_is_no_date_is_null(raw: str) -> None:
    assert find_date(raw, CONVENTIONS, FETCHED) == (None, None, None)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2 days", ("2025-03-18T10:00:00Z", "day", "relative")),
        ("24 hrs", ("2025-03-19T10:00:00Z", "hour", "relative")),
        ("5 minutes ago", ("2025-03-20T09:55:00Z", "minute", "relative")),
        ("about 3 weeks ago", ("2025-02-27T10:00:00Z", "month", "relative")),
        ("1h", ("2025-03-20T09:00:00Z", "hour", "relative")),
    ],
)
def test_relative_dates_stand_against_a_known_time_only(raw: str, expected: tuple[str, str, str]) -> None:
    assert find_date(raw, CONVENTIONS, FETCHED) == expected
    assert find_date(raw, CONVENTIONS, None) == (None, None, None)


def test_an_unknown_form_goes_to_dateparser_once() -> None:
    before = dates.fallbacks
    for _ in range(3):
        assert find_date("14 March, 2025 at 9:12", CONVENTIONS, None) == (
            "2025-03-14T09:12:00Z",
            "minute",
            "dateparser",
        )
    assert dates.fallbacks == before + 1


def test_the_order_of_a_number_date_is_the_sites() -> None:
    assert find_date("04/03/2009 10:00", LONDON, None)[0] == "2009-03-04T10:00:00Z"
    assert find_date("04/03/2009 10:00", Conventions(date_order="MDY"), None)[0] == "2009-04-03T10:00:00Z"


@pytest.mark.parametrize("unit", ["1", "a", " ", "1 ", "2025-03-14 ", "Monday 1st ", "\u00a0", "9" * 60 + " "])
def test_long_input_costs_little(unit: str) -> None:
    raw = unit * (100_000 // len(unit))
    started = time.perf_counter()
    find_date(raw, CONVENTIONS, FETCHED)
    assert time.perf_counter() - started < 0.1


def test_the_stage_keeps_what_was_published() -> None:
    comments = (
        Comment(native_id="1", position=1, published_raw="2 days"),
        Comment(native_id="2", position=2, published_raw=None, edited_raw="2025-03-14 09:12"),
        Comment(native_id="3", position=3, published_at="2020-01-01T00:00:00Z", published_raw="then"),
        Comment(native_id="4", position=4),
    )
    page = ThreadPage(thread=Thread(site="x", native_id="1"), comments=comments, conventions=CONVENTIONS)
    one, two, three, four = normalise_dates(page).comments
    assert (one.published_at, one.published_raw) == (None, "2 days")
    assert (two.edited_at, two.edited_raw) == ("2025-03-14T09:12:00Z", "2025-03-14 09:12")
    assert (three.published_at, four) == ("2020-01-01T00:00:00Z", comments[3])
