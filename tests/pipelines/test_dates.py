"""Dates as published into UTC: known formats, both ends of summer time, and what is no date."""

import pytest

from belowtheline.pipelines import dates
from belowtheline.pipelines.dateformats import compiled
from belowtheline.pipelines.dates import find_date, normalise_dates
from belowtheline.reading.items import Article, Comment, Conventions, Thread, ThreadPage
from belowtheline.sites.theregister.wording import CONVENTIONS

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
        assert find_date("noon, 14 March 2025", CONVENTIONS, None) == ("2025-03-14T12:00:00Z", "minute", "dateparser")
    assert dates.fallbacks == before + 1


@pytest.mark.parametrize("raw", ["noon IST, 14 March 2025", "noon, 14 March 2025 EST", "noon, 04/03/2025"])
def test_dateparser_decides_neither_zones_nor_orders(raw: str) -> None:
    assert find_date(raw, CONVENTIONS, None)[0] is None


def test_the_order_of_a_number_date_is_the_sites() -> None:
    assert find_date("04/03/2009 10:00", LONDON, None) == (None, None, "open")
    assert find_date("04/03/2009 10:00", Conventions(date_order="DMY"), None)[0] == "2009-03-04T10:00:00Z"
    assert find_date("04/03/2009 10:00", Conventions(date_order="MDY"), None)[0] == "2009-04-03T10:00:00Z"


@pytest.mark.parametrize("unit", ["1", "a", " ", "1 ", "2025-03-14 ", "Monday 1st ", "\u00a0", "9" * 60 + " "])
def test_long_input_costs_little(unit: str) -> None:
    # Cut before anything is looked for in it: what it costs does not grow with what is left off.
    raw = unit * (100_000 // len(unit))
    assert dates.plain(raw) in (None, "")
    assert find_date(raw, CONVENTIONS, FETCHED)[0] is None


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


def test_the_article_and_the_opening_are_dated_too() -> None:
    article = Article(published_raw="2025-03-14 09:12")
    thread = Thread(site="x", native_id="1", published_raw="1219758300", article=article)
    found = normalise_dates(ThreadPage(thread=thread, conventions=CONVENTIONS)).thread
    assert (found.published_at, found.article.published_at) == ("2008-08-26T13:45:00Z", "2025-03-14T09:12:00Z")
    assert found.article.published_raw == "2025-03-14 09:12"


# Languages.


@pytest.mark.parametrize(
    ("language", "letters", "raw", "expected"),
    [
        ("de", "%d. %B %Y, %H:%M", "3. M\u00e4rz 2021, 08:15", "2021-03-03T08:15:00Z"),
        ("de", "%a. %d. %b %Y %H:%M", "Mi. 1. Dez. 2021 08:15", "2021-12-01T08:15:00Z"),
        ("de", "%d. %B %Y", "3. J\u00e4nner 2021", "2021-01-03T00:00:00Z"),
        ("fr", "%A %d %B %Y \u00e0 %Hh%M", "mercredi 4 ao\u00fbt 2021 \u00e0 9h05", "2021-08-04T09:05:00Z"),
        ("fr", "%d %b %Y", "7 f\u00e9vr. 2021", "2021-02-07T00:00:00Z"),
        ("pt", "%A, %d de %B de %Y", "segunda-feira, 1 de mar\u00e7o de 2021", "2021-03-01T00:00:00Z"),
        ("ru", "%d %B %Y, %H:%M", "5 \u043c\u0430\u044f 2021, 10:00", "2021-05-05T10:00:00Z"),
        ("fi", "%d. %B %Y", "5. hein\u00e4kuuta 2021", "2021-07-05T00:00:00Z"),
        ("es", "%d de %B de %Y", "9 de SEPTIEMBRE de 2021", "2021-09-09T00:00:00Z"),
    ],
)
def test_months_and_weekdays_of_other_languages(language: str, letters: str, raw: str, expected: str) -> None:
    before = dates.fallbacks
    found = find_date(raw, Conventions(date_formats=(letters,), languages=(language,)), None)
    assert found[::2] == (expected, "text")
    assert dates.fallbacks == before


def test_a_site_of_two_languages_is_read_in_both() -> None:
    both = Conventions(date_formats=("%d %B %Y",), languages=("de", "en"))
    assert find_date("3 Oktober 2021", both, None)[0] == find_date("3 October 2021", both, None)[0]


def test_a_form_that_no_site_declared_is_read_in_the_language_of_the_site() -> None:
    found = find_date("3. Oktober 2021 um 10:15 Uhr", Conventions(languages=("de",)), None)
    assert found == ("2021-10-03T10:15:00Z", "minute", "text")
    assert find_date("3. Oktober 2021 um 10:15 Uhr", Conventions(), None) == (None, None, None)


@pytest.mark.parametrize("raw", ["3 Thermidor 2021", "31 Februar 2021", "3 " + "Januar" * 9 + " 2021"])
def test_what_is_no_date_in_another_language_is_null(raw: str) -> None:
    assert find_date(raw, Conventions(date_formats=("%d %B %Y",), languages=("de",)), None)[0] is None


# Names of zones.

ZONED = ("%d %B %Y %H:%M %Z",)


@pytest.mark.parametrize(
    ("zone", "raw", "expected"),
    [
        ("America/Los_Angeles", "4 January 2021 10:00 PST", "2021-01-04T18:00:00Z"),
        ("America/Los_Angeles", "4 July 2021 10:00 PDT", "2021-07-04T17:00:00Z"),
        ("America/Los_Angeles", "4 July 2021 10:00 EDT", "2021-07-04T14:00:00Z"),
        ("America/New_York", "7 November 2021 01:30 EST", "2021-11-07T06:30:00Z"),  # the hour that comes twice
        ("America/New_York", "7 November 2021 01:30 EDT", "2021-11-07T05:30:00Z"),
        ("America/New_York", "4 January 2021 10:00 CST", "2021-01-04T16:00:00Z"),
        ("Asia/Shanghai", "4 January 2021 10:00 CST", "2021-01-04T02:00:00Z"),
        ("Europe/Berlin", "4 July 2021 10:00 CEST", "2021-07-04T08:00:00Z"),
        ("Europe/London", "4 July 2021 10:00 BST", "2021-07-04T09:00:00Z"),
    ],
)
def test_a_named_zone_is_the_one_that_the_site_may_mean(zone: str, raw: str, expected: str) -> None:
    assert find_date(raw, Conventions(timezone=zone, date_formats=ZONED), None) == (expected, "minute", "text")


@pytest.mark.parametrize(
    ("zone", "raw", "expected"),
    [
        ("Europe/Berlin", "4 July 2021 10:00 IST", "2021-07-04T00:00:00Z"),  # India, Israel, Ireland: the same day
        (None, "4 January 2021 10:00 CST", "2021-01-04T00:00:00Z"),
        (None, "4 July 2021 13:00 BST", "2021-07-04T00:00:00Z"),
        ("America/New_York", "4 July 2021 10:00 EST", "2021-07-04T00:00:00Z"),  # its clocks show EDT in July
        ("Europe/Berlin", "4 January 2021 10:00 CEST", "2021-01-04T00:00:00Z"),
    ],
)
def test_a_zone_of_several_meanings_leaves_the_day(zone: str | None, raw: str, expected: str) -> None:
    assert find_date(raw, Conventions(timezone=zone, date_formats=ZONED), None) == (expected, "day", "text")


@pytest.mark.parametrize(
    "raw",
    [
        "4 January 2021 10:00 XYZT",
        "4 July 2021 02:00 IST",  # still the third, if India is meant
        "4 July 2021 08:00 BST",
        "4 January 2021 23:00 CST",
    ],
)
def test_a_zone_that_leaves_the_day_open_leaves_no_date(raw: str) -> None:
    assert find_date(raw, Conventions(timezone=None, date_formats=ZONED), None) == (None, None, "open")


def test_bst_is_summer_time_in_britain() -> None:
    london = Conventions(timezone="Europe/London", date_formats=ZONED)
    assert find_date("4 January 2021 10:00 BST", london, None)[0] == "2021-01-04T09:00:00Z"


@pytest.mark.parametrize("unit", ["1", "a", "M", "Mi. ", "3. M\u00e4rz ", "Januar", "X", " "])
def test_long_input_in_another_language_is_cut(unit: str) -> None:
    german = Conventions(date_formats=("%a. %d. %B %Y %H:%M %Z",), languages=("de",))
    (form,) = compiled(german.date_formats, german.languages)
    assert form.match(unit * (100_000 // len(unit))) is None
    assert find_date(unit * (100_000 // len(unit)), german, FETCHED)[0] is None
