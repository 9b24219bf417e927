"""What the dates of one page decide together: the order of their numbers, their language, and what no page can mean."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from belowtheline.archive.readings.drift import drift_of_page
from belowtheline.pipelines import normalise
from belowtheline.pipelines.calendars import LANGUAGES, known_months
from belowtheline.pipelines.dates import find_date
from belowtheline.reading.items import NOT_SHOWN, Article, Comment, Conventions, Thread, ThreadPage
from tests.recorded import START, Recorded, post, shown_page

ANY = Conventions(timezone=None, languages=())
FETCHED = "2026-01-01T00:00:00Z"


def read(*raws: str, said: Conventions = ANY, fetched_at: str | None = FETCHED) -> list[str | None]:
    """Return the days of comments with these dates on one page."""
    return [comment.published_at and comment.published_at[:10] for comment in page(*raws, said=said, at=fetched_at)]


def page(*raws: str, said: Conventions = ANY, at: str | None = FETCHED, **fields: Any) -> tuple[Any, ...]:
    """Return comments with these dates, as they leave the stages."""
    comments = tuple(
        Comment(native_id=str(place), position=place, published_raw=raw, **fields) for place, raw in enumerate(raws, 1)
    )
    thread = Thread(site="kettles", native_id="1")
    return normalise(ThreadPage(thread=thread, comments=comments, conventions=said, fetched_at=at)).comments


@pytest.mark.parametrize(
    "raws",
    [
        ("21. 5. 3. 오후 2:05", "21. 5. 28. 오전 9:10"),
        ("21/5/3", "21/5/28"),
        ("Dé Luain 3 Bealtaine 2021", "Dé hAoine 28 Bealtaine 2021"),
        ("Dydd Llun, 3 Mai 2021", "Dydd Gwener, 28 Mai 2021"),
    ],
)
def test_short_years_and_long_weekdays_leave_nothing_half_dated(raws: tuple[str, str]) -> None:
    assert read(*raws) == ["2021-05-03", "2021-05-28"]


# Numbers.


@pytest.mark.parametrize(
    ("raws", "expected"),
    [
        (["05/06/2021", "05/25/2021"], ["2021-05-06", "2021-05-25"]),
        (["05/06/2021", "25/05/2021"], ["2021-06-05", "2021-05-25"]),
        (["05.06.2021 um 10:11 Uhr", "31.05.2021 um 9:00 Uhr"], ["2021-06-05", "2021-05-31"]),
        (["5-6-2021 10:11 PM", "12-31-2020 1:00 AM"], ["2021-05-06", "2020-12-31"]),
        (["05/06/2021"], [None]),
        (["05/06/2021", "06/05/2021", "07/07/2021"], [None, None, "2021-07-07"]),
        (["05/25/2021", "25/05/2021", "05/06/2021"], [None, None, None]),  # never two orders on one page
        (["99/99/2021", "05/25/2021", "05/06/2021"], [None, "2021-05-25", "2021-05-06"]),  # what is no date proves none
        (["2021/05/06", "2021. 05. 25.", "05/06/2021"], ["2021-05-06", "2021-05-25", None]),
        (["Thu 05/06/2021", "05/07/2021"], ["2021-05-06", "2021-05-07"]),  # a weekday proves as well
    ],
)
def test_the_order_of_numbers_is_proved_by_the_page(raws: list[str], expected: list[str | None]) -> None:
    assert read(*raws) == expected


def test_an_order_that_lies_after_the_capture_is_none() -> None:
    assert read("11/12/2025", "05/06/2021", fetched_at="2025-11-20T00:00:00Z") == ["2025-11-12", "2021-05-06"]


@pytest.mark.parametrize("stated", [Conventions(date_order="DMY"), Conventions(date_formats=("%d/%m/%Y",))])
def test_an_order_that_a_site_states_holds_unless_the_page_contradicts_it(stated: Conventions) -> None:
    assert read("05/06/2021", said=stated) == ["2021-06-05"]
    assert read("05/06/2021", "05/25/2021", said=stated) == ["2021-05-06", "2021-05-25"]
    assert read("05/06/2021", "05/25/2021", "25/05/2021", said=stated) == [None, None, None]


@pytest.mark.parametrize(
    ("raws", "expected"),
    [
        (["05/25/21", "05/06/21"], ["2021-05-25", "2021-05-06"]),
        (["31.12.99", "01.02.98"], ["1999-12-31", "1998-02-01"]),
        (["21. 1. 13.", "21. 2. 14.", "21. 3. 15."], ["2021-01-13", "2021-02-14", "2021-03-15"]),
        (["13.01.21", "14.02.21", "15.03.21"], ["2021-01-13", "2021-02-14", "2021-03-15"]),
        (["13.01.21"], [None]),  # of 2021 or of 2013
        (["5 May '21", "May 6, 21"], ["2021-05-05", "2021-05-06"]),
    ],
)
def test_years_of_two_digits(raws: list[str], expected: list[str | None]) -> None:
    assert read(*raws) == expected


def test_an_open_date_says_so_and_keeps_what_was_published() -> None:
    (comment,) = page("05/06/2021 10:11")
    assert (comment.published_at, comment.published_raw) == (None, "05/06/2021 10:11")
    assert (comment.published_precision, comment.published_source) == (None, "open")


def test_the_dates_of_edits_and_of_the_article_belong_to_the_page() -> None:
    comments = (Comment(native_id="1", position=1, published_raw="05/06/2021", edited_raw="05/07/2021"),)
    thread = Thread(site="kettles", native_id="1", article=Article(published_raw="05/25/2021"))
    found = normalise(ThreadPage(thread=thread, comments=comments, conventions=ANY, fetched_at=FETCHED))
    assert (found.comments[0].published_at, found.comments[0].edited_at) == (
        "2021-05-06T00:00:00Z",
        "2021-05-07T00:00:00Z",
    )


def test_a_page_of_open_dates_is_no_drift_and_one_without_dates_is() -> None:
    floors = Conventions(timezone=None, languages=(), floors=(("published_at", 0.9),))
    thread = Thread(site="kettles", native_id="1")
    for raw, is_drift in (("05/06/2021 10:11", False), ("a while ago, says Ann", True)):
        comments = page(*([raw] * 20), said=floors, body_text="It boils over.")
        found = drift_of_page([ThreadPage(thread=thread, comments=comments, conventions=floors, fetched_at=FETCHED)])
        assert (found is not None) == is_drift


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize(
    ("sure", "unsure"),
    [
        ("25 June 2021", "05/06/2021 10:11"),
        ("2021-06-05T10:11+02:00", "2021-06-05T10:11:12"),  # the zone of the second is assumed
        ("2021-06-05T10:11:12", "5 June 2021"),
    ],
)
def test_the_surer_date_stays_whichever_capture_came_first(
    tmp_path: Path, sure: str, unsure: str, is_reversed: bool
) -> None:
    given = [(START, f"2025-01-0{day}T00:00:00Z", [dated(raw)]) for day, raw in enumerate((sure, unsure), 1)]
    recorded = Recorded(tmp_path)
    for one in reversed(given) if is_reversed else given:
        recorded.take(one)
    assert recorded.rows("SELECT published_raw FROM comments") == [(sure,)]


def dated(raw: str) -> ThreadPage:
    """Return a page of a blog with one comment of this date."""
    return replace(shown_page(post("1", published_at=NOT_SHOWN, published_raw=raw)), conventions=ANY)


# Languages.

_MAY = {
    "de": "6. Mai 2021 um 15:04 Uhr",
    "fr": "6 mai 2021 \u00e0 15 h 04 min",
    "es": "6 mayo, 2021 a las 3:04 pm",
    "it": "6 Maggio 2021 alle 15:04",
    "pt": "6 de maio de 2021 \u00e0s 15:04",
    "nl": "6 mei 2021 om 15:04",
    "sv": "6 maj, 2021 kl. 15:04",
    "da": "6. maj 2021 kl. 15.04",
    "nb": "6. mai 2021, kl. 15:04",
    "fi": "6. toukokuuta 2021 klo 15.04",
    "pl": "6 maja 2021 o 15:04",
    "cs": "6. kv\u011btna 2021 v 15:04",
    "ru": "6 \u043c\u0430\u044f 2021\u202f\u0433. \u0432 15:04",
    "uk": "6 \u0442\u0440\u0430\u0432\u043d\u044f 2021 \u043e 15:04",
    "tr": "6 May\u0131s 2021, 15:04",
    "el": "6 \u039c\u03b1\u0390\u03bf\u03c5 2021 \u03c3\u03c4\u03b9\u03c2 3:04 \u03bc.\u03bc.",
    "hu": "2021. m\u00e1jus 6. cs\u00fct\u00f6rt\u00f6k, 15:04",
    "ro": "6 mai 2021 la 15:04",
    "ja": "2021\u5e745\u67086\u65e5(\u6728) 15:04",
    "zh": "2021 \u5e74 5 \u6708 6 \u65e5 \u4e0b\u5348 3:04",
    "ko": "2021\ub144 5\uc6d4 6\uc77c \uc624\ud6c4 3:04",
    "ar": "\u0666 \u0645\u0627\u064a\u0648 \u0662\u0660\u0662\u0661\u060c \u0663:\u0660\u0664 \u0645",
    "ar-LB": "6 \u0623\u064a\u0627\u0631 2021 15:04",
    "he": "6 \u05d1\u05de\u05d0\u05d9 2021 \u05d1\u05e9\u05e2\u05d4 15:04",
    "ca": "6 de maig del 2021 a les 15:04",
    "vi": "6 th\u00e1ng 5, 2021 l\u00fac 15:04",
    "en": "May 6th, 2021 at 3:04\u202fPM",
}


@pytest.mark.parametrize("language", _MAY)
def test_the_language_is_found_in_the_dates(language: str) -> None:
    assert find_date(_MAY[language], ANY, FETCHED) == ("2021-05-06T15:04:00Z", "minute", "assumed zone")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_of_a_language_is_read(language: str) -> None:
    babel = pytest.importorskip("babel", reason="Babel has other lists of the names of months")
    names = babel.Locale.parse(language).months["format"]["wide"]
    if any(name[:1].isdigit() for name in names.values()):
        pytest.skip("its months are numbers")
    assert read(*(f"7 {name} 2021" for name in names.values())) == [f"2021-{number:02}-07" for number in names]


def test_a_thread_of_one_language_is_dated_wholly() -> None:
    raws = [f"3. {month} 2021" for month in ("Januar", "M\u00e4rz", "April", "Mai", "August", "Oktober", "Dezember")]
    assert None not in read(*raws)


@pytest.mark.parametrize("unknown", ["Ianuali", "Kolovozzz", "\u1303\u1295\u12e9\u12c8\u122a"])
def test_a_thread_of_an_unknown_language_is_not_dated_by_half(unknown: str) -> None:
    assert read("5 mei 2021", f"3 {unknown} 2021", "7 august 2021") == [None, None, None]


def test_a_word_that_means_two_months_is_settled_by_the_others_of_the_page() -> None:
    assert read("5. listopadu 2021", "5. ledna 2021") == ["2021-11-05", "2021-01-05"]
    assert read("5. listopada 2021.", "5. sije\u010dnja 2021.") == ["2021-10-05", "2021-01-05"]
    assert read("5 listopad 2021") == [None]


def test_a_page_of_two_languages_is_read_by_its_words() -> None:
    assert read("3 M\u00e4rz 2021", "3 March 2021", "3 f\u00e9vrier 2021") == ["2021-03-03", "2021-03-03", "2021-02-03"]


def test_a_tuesday_that_is_also_a_march() -> None:
    assert read("mar 4 mag 2021", "mer 5 mag 2021", "mar 2 mar 2021") == ["2021-05-04", "2021-05-05", "2021-03-02"]
    assert read("mar. 25/05/2021", "su 9.5.2021") == ["2021-05-25", "2021-05-09"]
    assert read("mar 5 mag 2021", "Mar 4, 2021") == [None, "2021-03-04"]  # no Tuesday, and no weekday


def test_the_clock_of_a_place_is_known_in_summer_and_in_winter() -> None:
    raws = ("May 4, 2021 at 10:11 AM ET", "Jan. 4, 2021 at 10:11 AM ET", "4 May 2021 10:11 MSK", "4 May 2021 10:11 CT")
    assert [find_date(raw, ANY, FETCHED)[:2] for raw in raws] == [
        ("2021-05-04T14:11:00Z", "minute"),
        ("2021-01-04T15:11:00Z", "minute"),
        ("2021-05-04T07:11:00Z", "minute"),
        ("2021-05-04T00:00:00Z", "day"),
    ]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%m-%d-%y", "%y/%m/%d", "%Y.%m.%d"])
def test_no_page_of_numbers_is_read_wrongly(form: str) -> None:
    chance = random.Random(form)
    for _ in range(200):
        first, step = date(2015, 1, 1) + timedelta(days=chance.randrange(3600)), chance.choice((0, 1, 2, 9, 40))
        days = [first + timedelta(days=step * number) for number in range(chance.randrange(1, 8))]
        found = read(*(day.strftime(form) for day in days))
        assert {day for day in found if day} <= {day.isoformat() for day in days}
        assert all(got in (None, day.isoformat()) for got, day in zip(found, days, strict=True))


@pytest.mark.parametrize(
    "raw",
    [
        "Ann on 5 May 2021",
        "5 May 2021 by Ann",
        "May on 5 June 2021",
        "5 May 2021 10:11, 3 replies",
        "<ann@tea.example> on 5 May 2021",
        "5 May 2021 6 June 2021",
        "5 May 2021 10:11 11:12",
        "Jan, 2021-05-05",
        "Mai 5 Juni 2021",
    ],
)
def test_what_holds_more_than_a_date_is_none(raw: str) -> None:
    first, second = page(raw, "6 May 2021")
    assert (first.published_at, first.published_raw) == (None, raw)
    assert second.published_at == "2021-05-06T00:00:00Z"  # and takes nothing from the others


# What no page can mean.


@pytest.mark.parametrize(
    "raw",
    [
        "-0001-11-30T00:00:00+00:00",
        "0000-00-00 00:00:00",
        "9999-12-31T23:59:59Z",
        "99999-01-01T00:00:00Z",
        "5 May 0001",
        "5 May 9999",
        "31.12.9999 23:59",
        "1989-12-31T23:59:59Z",
        "-62169984000",
        "0",
        "253402300799",
        "9" * 64,
        "9" * 5000,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999 years ago",
        "2021-05-04T10:11:12+99:99",
        "\u00b2",
        "1e400",
    ],
)
@pytest.mark.parametrize("said", [ANY, Conventions(timezone="Asia/Tokyo", date_formats=("%d %B %Y", "%d.%m.%Y %H:%M"))])
def test_dates_out_of_bounds_are_null_and_their_text_is_kept(raw: str, said: Conventions) -> None:
    (comment,) = page(raw, said=said, edited_raw=raw)
    assert (comment.published_at, comment.published_precision, comment.published_source) == (None, None, None)
    assert (comment.published_raw, comment.edited_at, comment.edited_raw) == (raw, None, raw)


def test_a_date_after_the_capture_is_open() -> None:
    (comment,) = page("2026-01-09T00:00:00Z", said=ANY, edited_raw="2026-01-09T00:00:00Z")
    assert (comment.published_at, comment.published_precision, comment.published_source) == (None, None, "open")
    assert (comment.published_raw, comment.edited_at) == ("2026-01-09T00:00:00Z", None)


@pytest.mark.parametrize("at", ["1989-12-31T23:59:59Z", "2026-01-04T00:00:00Z", "0001-01-01T00:00:00Z", "soon", ""])
def test_what_a_site_reads_itself_is_looked_at_too(at: str) -> None:
    thread = Thread(site="kettles", native_id="1", published_at=at, article=Article(published_at=at))
    comments = (Comment(native_id="1", position=1, published_at=at, edited_at=at, published_precision="second"),)
    found = normalise(ThreadPage(thread=thread, comments=comments, fetched_at=FETCHED))
    (comment,) = found.comments
    assert (comment.published_at, comment.edited_at, comment.published_precision) == (None, None, None)
    assert (found.thread.published_at, found.thread.article.published_at) == (None, None)


def test_what_a_site_reads_itself_leaves_in_the_form_of_the_schema() -> None:
    (comment,) = page("then", published_at="2021-05-04T10:11:12.5+02:00")
    assert (comment.published_at, comment.published_raw) == ("2021-05-04T08:11:12Z", "then")


def test_a_date_that_a_site_reads_wrongly_is_read_from_its_text() -> None:
    (comment,) = page("2021-05-04T10:11:12Z", published_at="0001-01-01T00:00:00Z")
    assert (comment.published_at, comment.published_source) == ("2021-05-04T10:11:12Z", "iso")


def test_no_capture_is_too_early_for_a_clock_that_is_a_day_ahead() -> None:
    assert read("2026-01-02T12:00:00Z", "2026-01-04T00:00:00Z") == ["2026-01-02", None]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2021-05-04 24:00", "2021-05-05T00:00:00Z"),
        ("2020-12-31T24:00:00Z", "2021-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("4 May 2021 24:00", "2021-05-05T00:00:00Z"),
        ("4 May 2021 12:00 AM", "2021-05-04T00:00:00Z"),
        ("4 May 2021 12:00 PM", "2021-05-04T12:00:00Z"),
        ("4 May 2021 12:30 a.m.", "2021-05-04T00:30:00Z"),
        ("2021-05-04 24:01", None),
        ("2021-05-04 10:60", None),
        ("4 May 2021 25:00", None),
        ("2021-05-04T15:00 AM", None),
    ],
)
def test_the_ends_of_the_clock(raw: str, expected: str | None) -> None:
    assert find_date(raw, ANY, FETCHED)[0] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024-02-15 17:15 -0800", ("2024-02-16T01:15:00Z", "minute", "iso")),
        ("2024-02-15 17:15-0800", ("2024-02-16T01:15:00Z", "minute", "iso")),
        ("2012-07-03 15:46:09 UTC", ("2012-07-03T15:46:09Z", "second", "iso")),
        ("2012-07-03 15:46 GMT", ("2012-07-03T15:46:00Z", "minute", "iso")),
        ("2021-05-04T10:11:12.123456789 +02:00", ("2021-05-04T08:11:12Z", "second", "iso")),
        ("20210504T101112Z", ("2021-05-04T10:11:12Z", "second", "iso")),
        ("2021-05-04 10:11 IST", ("2021-05-04T00:00:00Z", "day", "iso")),
        ("2021-05-04 10:11 EST", ("2021-05-04T00:00:00Z", "day", "iso")),
        ("2021-05-04 10:11", ("2021-05-04T10:11:00Z", "minute", "assumed zone")),
        ("2021-05-04", ("2021-05-04T00:00:00Z", "day", "iso")),
        ("1620123072000", ("2021-05-04T10:11:12Z", "second", "epoch")),
        ("1620123072000000", ("2021-05-04T10:11:12Z", "second", "epoch")),
        ("Tue, 04 May 2021 10:11:12 +0200", ("2021-05-04T08:11:12Z", "second", "text")),
        ("Tue May 04 2021 10:11:12 GMT+0200 (Some Summer Time)", ("2021-05-04T08:11:12Z", "second", "text")),
        ("04/May/2021:10:11:12 +0200", ("2021-05-04T08:11:12Z", "second", "text")),
    ],
)
def test_times_for_machines(raw: str, expected: tuple[str, str, str]) -> None:
    assert find_date(raw, ANY, FETCHED) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("vor 2 Tagen", ("2025-12-30T00:00:00Z", "day", "relative")),
        ("il y a 3 heures", ("2025-12-31T21:00:00Z", "hour", "relative")),
        ("2\u65e5\u524d", ("2025-12-30T00:00:00Z", "day", "relative")),
        ("an hour ago", ("2025-12-31T23:00:00Z", "hour", "relative")),
        ("in 2 days", (None, None, None)),
        ("-5 minutes ago", (None, None, None)),
        ("2 days ago by Ann", (None, None, None)),
    ],
)
def test_relative_dates_of_many_languages(raw: str, expected: tuple[str | None, ...]) -> None:
    assert find_date(raw, ANY, FETCHED) == expected
    assert find_date(raw, ANY, None) == (None, None, None)


def test_names_of_months_do_not_differ_by_case_and_accents() -> None:
    assert known_months()["marz"]["de"] == 3
    assert read("3 MARZ 2021", "3 fevrier 2021", "3 \u0391\u03a5\u0393\u039f\u03a5\u03a3\u03a4\u039f\u03a5 2021") == [
        "2021-03-03",
        "2021-02-03",
        "2021-08-03",
    ]
