"""Dates as sites hand them on: the text of the date alone, no zero for a time, and the zone that a page shows."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from belowtheline.authoring.cases import page_of
from belowtheline.pipelines import normalise, normalise_article
from belowtheline.pipelines.dates import find_date
from belowtheline.reading.article_text import described
from belowtheline.reading.errors import BelowTheLineError
from belowtheline.reading.instants import first_usable
from belowtheline.reading.items import ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import all_sites, read, site_named, site_of_page
from belowtheline.sites.structured.clocks import Clocks
from tests.places import REALDATA

SHARED = REALDATA
FETCHED = "2026-01-01T00:00:00Z"
ARTICLE = "https://tea.example/pots"


def taken(body: str | bytes, url: str, site: str | None = None) -> ThreadPage:
    """Return a page as it leaves the stages."""
    page = Page(url, body if isinstance(body, bytes) else body.encode(), None, FETCHED)
    return normalise(read(site_named(site) if site else site_of_page(page), page)[0])


def times(page: ThreadPage) -> list[str | None]:
    return [shown(comment.published_at) for comment in page.comments]


# Slashdot.


def discussion(*lines: str) -> str:
    """Return a discussion of which each entry has one of these lines for its date."""
    items = "".join(
        f'<li id="tree_{number}" class="comment"><div class="details">by Ann'
        f'<span class="otherdetails">{line} (<a href="//slashdot.org/comments.pl?sid=1&cid={number}">#{number}</a>)'
        f'</span></div><div class="commentBody"><div id="comment_body_{number}">Tea.</div></div></li>'
        for number, line in enumerate(lines, 1)
    )
    return f'<html><body><ul id="commentlisting">{items}</ul></body></html>'


@pytest.mark.parametrize(
    ("line", "raw", "at"),
    [
        ("&lt;ann@tea.example&gt; on Friday July 06, @10:23AM", "Friday July 06, @10:23AM", "2007-07-06T14:23:00Z"),
        ("&lt;ann AT tea DOT a&gt; on Friday July 06, @10:23AM", "Friday July 06, @10:23AM", "2007-07-06T14:23:00Z"),
        (
            "&lt;fri jul 04, 2003 @01:00AM@tea.example&gt; on Saturday July 07, 2007 @02:56PM",
            "Saturday July 07, 2007 @02:56PM",
            "2007-07-07T18:56:00Z",
        ),
        (
            "&lt;a@[ ]b ['tea' in gap]&gt; on Tuesday March 11, 2008 @10:00AM",
            "Tuesday March 11, 2008 @10:00AM",
            "2008-03-11T14:00:00Z",
        ),
        ("on Friday July 06, @12:02AM", "Friday July 06, @12:02AM", "2007-07-06T04:02:00Z"),
    ],
)  # fmt: skip
def test_slashdots_dates_are_without_the_mailbox_before_them(line: str, raw: str, at: str) -> None:
    (comment,) = taken(discussion(line), "https://slashdot.org/story/07/07/06/1333257", "slashdot").comments
    assert (comment.published_raw, comment.published_at) == (raw, at)


@pytest.mark.skipif(not (SHARED / "slashdot").is_dir(), reason="the recorded pages are not there")
def test_all_recorded_dates_of_slashdot_are_dated_and_nothing_else() -> None:
    for path in sorted((SHARED / "slashdot").glob("*.html")):
        for comment in taken(path.read_bytes(), "https://slashdot.org/", "slashdot").comments:
            if raw := shown(comment.published_raw):
                assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+ \d\d,(?: \d{4})? @\d\d:\d\d[AP]M", raw), path.name
                assert comment.published_at, raw


# WordPress.

_ROUTE = "https://kettleblog.example/wp-json/wp/v2/comments?post=12"


def entry(native_id: int, **dates: str) -> dict[str, Any]:
    return {
        "id": native_id,
        "post": 12,
        "parent": 0,
        "author_name": "Ann",
        "content": {"rendered": "<p>Tea.</p>"},
    } | dates


@pytest.mark.parametrize("zero", ["0000-00-00T00:00:00", "-0001-11-30T00:00:00", "0000-00-00 00:00:00", ""])
def test_a_zero_in_place_of_the_time_in_utc_does_not_hide_the_other(zero: str) -> None:
    answer = [
        entry(1, date_gmt=zero, date="2021-05-04T10:11:12"),
        entry(2, date_gmt="2021-05-04T08:11:12", date="2021-05-04T10:11:12"),
        entry(3, date_gmt=zero, date=zero),
    ]
    one, two, three = taken(json.dumps(answer), _ROUTE).comments
    assert (one.published_at, one.published_raw) == ("2021-05-04T10:11:12Z", "2021-05-04T10:11:12")
    assert one.published_source == "assumed zone"
    assert (two.published_at, two.published_source) == ("2021-05-04T08:11:12Z", "iso")
    assert shown(three.published_at) is None


def post(*stamps: tuple[str, str]) -> str:
    """Return a post of WordPress whose comments have a stamp and the text that readers see."""
    items = "".join(
        f'<li id="comment-{number}" class="comment thread-even depth-1"><div class="comment-author vcard">'
        f'<cite class="fn">Ann</cite></div><div class="comment-metadata"><a href="#comment-{number}">'
        f'<time datetime="{stamp}">{text}</time></a></div><div class="comment-content"><p>Tea {number}.</p></div></li>'
        for number, (stamp, text) in enumerate(stamps, 1)
    )
    return (
        '<!DOCTYPE html><html><head><link rel="canonical" href="https://kettleblog.example/tea/"></head><body>'
        f'<ol class="comment-list">{items}</ol><input name="comment_post_ID" value="12"></body></html>'
    )


def test_a_zero_in_a_time_element_does_not_hide_what_readers_see() -> None:
    page = taken(
        post(
            ("-0001-11-30T00:00:00+00:00", "May 4, 2021 at 10:11 am"),
            ("2021-05-04T10:11:12+03:00", "May 4, 2021 at 10:11 am"),
            ("0000-00-00", "a while ago"),
        ),
        "https://kettleblog.example/tea/",
    )
    assert times(page) == ["2021-05-04T10:11:00Z", "2021-05-04T07:11:12Z", None]


def test_a_blog_in_another_language_is_dated_wholly() -> None:
    texts = ("3. Januar 2021 um 9:30 Uhr", "4. M\u00e4rz 2021 um 9:30 Uhr", "5. Oktober 2021 um 21:30 Uhr")
    page = taken(post(*(("", text) for text in texts)), "https://kettleblog.example/tea/")
    assert times(page) == ["2021-01-03T09:30:00Z", "2021-03-04T09:30:00Z", "2021-10-05T21:30:00Z"]


# Structured data.


def marked_up(*dates: str, shows: str = "", published: str = "2021-05-04T08:00:00") -> ThreadPage:
    """Return a page whose JSON-LD gives these dates, and whose HTML shows something beside."""
    comments = [
        {"@type": "Comment", "@id": f"{ARTICLE}#c{number}", "text": f"Tea {number}.", "dateCreated": date,
         "author": {"@type": "Person", "name": f"Ann {number}"}}
        for number, date in enumerate(dates, 1)
    ]  # fmt: skip
    said = {"@context": "https://schema.org", "@type": "NewsArticle", "@id": ARTICLE, "headline": "Pots",
            "datePublished": published, "comment": comments}  # fmt: skip
    head = f'<link rel="canonical" href="{ARTICLE}"><script type="application/ld+json">{json.dumps(said)}</script>'
    return taken(f"<!DOCTYPE html><html><head>{head}</head><body>{shows}</body></html>", ARTICLE)


@pytest.mark.parametrize(
    ("shows", "expected"),
    [
        ('<time datetime="2021-05-04T10:11:12+03:00">then</time>', "2021-05-04T07:11:12Z"),
        ('<time datetime="2021-05-04 10:11 +0300">then</time>', "2021-05-04T07:11:12Z"),
        ('<time datetime="2021-05-04T13:11:12+03:00">then</time>', "2021-05-04T10:11:12Z"),  # it is the clock of UTC
        ('<abbr class="published" title="2021-05-04T10:11:12-05:00">then</abbr>', "2021-05-04T15:11:12Z"),
    ],
)
def test_a_time_without_zone_has_the_one_that_the_page_shows_for_it(shows: str, expected: str) -> None:
    (comment,) = marked_up("2021-05-04T10:11:12", shows=shows).comments
    assert (comment.published_at, comment.published_source, comment.published_precision) == (expected, "iso", "second")
    assert comment.published_raw == "2021-05-04T10:11:12"


def test_what_the_page_proves_of_one_time_it_proves_of_its_neighbours() -> None:
    page = marked_up(
        "2021-05-04T10:11:12", "2021-05-04T10:30:00", shows='<time datetime="2021-05-04T10:11:12+03:00">then</time>'
    )
    assert times(page) == ["2021-05-04T07:11:12Z", "2021-05-04T07:30:00Z"]
    assert page.thread.article.published_at == "2021-05-04T05:00:00Z"


def test_a_time_that_is_that_of_utc_by_chance_is_on_the_clock_of_the_page() -> None:
    shows = '<time datetime="2021-05-04T10:11:12+03:00">a</time><time datetime="2021-05-04T13:30:00+03:00">b</time>'
    page = marked_up("2021-05-04T10:11:12", "2021-05-04T10:30:00", shows=shows)
    assert times(page) == ["2021-05-04T07:11:12Z", "2021-05-04T07:30:00Z"]


def test_seconds_may_be_left_out_on_either_side() -> None:
    clocks = Clocks(["2021-05-04T10:11:12+03:00", "2021-05-04T11:00+03:00"], [])
    assert clocks.time_of("2021-05-04T10:11") == "2021-05-04T07:11:00Z"
    assert clocks.time_of("2021-05-04T11:00:30") == "2021-05-04T08:00:30Z"


@pytest.mark.parametrize("shows", ["", '<time datetime="2020-01-01T00:00:00+03:00">another</time>'])
def test_a_zone_that_nothing_shows_is_assumed_and_said_to_be(shows: str) -> None:
    (comment,) = marked_up("2021-05-04T10:11:12", shows=shows).comments
    assert (comment.published_at, comment.published_source) == ("2021-05-04T10:11:12Z", "assumed zone")


def test_two_zones_of_one_time_prove_neither() -> None:
    clocks = Clocks(["2021-05-04T10:11:12+03:00", "2021-05-04T10:11:12-05:00"], ["2021-05-04T10:11:12"])
    assert clocks.time_of("2021-05-04T10:11:12") is None


@pytest.mark.skipif(not (SHARED / "../cases/dates").is_dir(), reason="the cases are not there")
def test_blanks_and_names_of_zones_in_iso_dates() -> None:
    body = (SHARED / "../cases/dates/iso-with-blank-or-zone-name.html").read_bytes()
    *found, last = times(taken(body, "https://tea.example/pots"))
    assert found == [
        "2024-02-16T01:15:00Z",
        "2024-02-16T01:15:00Z",
        "2012-07-03T20:46:09Z",
        "2012-07-03T15:46:09Z",
        "2021-05-04T08:11:12Z",
        "2024-02-15T17:15:00Z",
        "2024-02-15T17:15:00Z",
    ]
    assert last in (None, "2024-02-16T01:15:00Z")


# Several dates of one thing.


@pytest.mark.parametrize(
    ("raws", "expected"),
    [
        (["0000-00-00", "2021-05-04"], "2021-05-04"),
        (["-0001-11-30T00:00:00+00:00", "", None, "4 May 2021"], "4 May 2021"),
        (["0", "2021-05-04T10:11:12Z"], "2021-05-04T10:11:12Z"),
        (["-62169984000", "1620123072"], "1620123072"),
        (["9" * 30, "4 May 2021"], "4 May 2021"),
        (["4 May 2021", "2021-05-04"], "4 May 2021"),
        (["0", "0000-00-00"], "0"),
        ([None, ""], None),
    ],
)
def test_what_stands_for_never_hides_no_other_date(raws: list[str | None], expected: str | None) -> None:
    assert first_usable(*raws) == expected


def test_zeros_hide_no_other_date_on_any_platform() -> None:
    comment = {"id": 1, "body": "<p>Tea.</p>", "isoDateTime": "0000-00-00T00:00:00Z", "date": "1 May 2020 9:01am"}
    answer = {"status": "ok", "discussion": {"key": "/p/abc", "title": "Tea", "comments": [comment]}}
    page = taken(json.dumps(answer), "https://discussion.theguardian.com/discussion-api/discussion//p/abc", "guardian")
    assert times(page) == ["2020-05-01T08:01:00Z"]
    head = (
        b'<meta property="article:published_time" content="2021-05-04T08:00:00Z"><script type="application/ld+json">'
        b'{"@type": "NewsArticle", "datePublished": "0000-00-00"}</script>'
    )
    article = described(Page(ARTICLE, b"<html><head>" + head + b"</head><body></body></html>"))
    assert normalise_article(article, FETCHED).published_at == "2021-05-04T08:00:00Z"


# All sites.

_ODD = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1e400", "9" * 400, "-62169984000", "\u00b2", "", "0")


@pytest.mark.parametrize("name", all_sites())
@pytest.mark.parametrize("raw", _ODD)
def test_no_convention_of_a_site_makes_a_date_of_what_is_none(name: str, raw: str) -> None:
    assert find_date(raw, site_named(name).conventions, FETCHED) == (None, None, None)


@pytest.mark.parametrize("odd", [0, -1, 10**11, 10**17, 10**300, 1e300, "9999-12-31T23:59:59Z", "soon", None, True, []])
def test_odd_times_in_answers_are_none_and_stop_nothing(odd: object) -> None:
    item = {"id": 1, "type": "story", "by": "ann", "title": "Tea", "time": odd, "kids": []}
    page = taken(json.dumps(item), "https://hacker-news.firebaseio.com/v0/item/1.json")
    assert shown(page.thread.published_at) is None


_TEXTS = (*_ODD[1:], "0000-00-00T00:00:00Z", "-0001-11-30T00:00:00+00:00", "9999-12-31T23:59:59-14:00", "05/06/2021")
_VALUES = ("0", "-1", "1e400", "99999999999999999999", "253402300800", "null", "true", "[]", '"x"', "9" * 400)
_DATES_IN_PAGES = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), _TEXTS),
    (re.compile(r"(?<![\d\"/=])1\d{9}(?:\.0)?(?!\d)"), _VALUES),
    (re.compile(r"\d{1,2}(?:st|nd|rd|th)?\.? [A-Z][a-z\u00e4]+,? \d{4}(?: \d\d:\d\d)?"), _TEXTS),
)
_CASES = Path(__file__).parents[1] / "sites"


@pytest.mark.parametrize("name", all_sites())
def test_pages_whose_dates_are_odd_are_read_or_refused(name: str) -> None:
    chance = random.Random(name)
    for folder in sorted(path.parent for path in (_CASES / name).glob("*/page.json")):
        page = page_of(folder)
        text = page.text
        for pattern, odd in _DATES_IN_PAGES:
            text = pattern.sub(lambda _, odd=odd: chance.choice(odd), text)
        try:
            found = read(site_named(name), Page(page.url, text.encode(), page.content_type, page.fetched_at))
        except BelowTheLineError:
            continue
        for at in (at for each in found for at in _all_times(normalise(each))):
            assert re.fullmatch(r"(199\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ", at), (folder, at)


def _all_times(page: ThreadPage) -> Iterator[str]:
    opened = (page.thread.published_at, page.thread.article.published_at)
    for at in (*opened, *(at for each in page.comments for at in (each.published_at, each.edited_at))):
        if isinstance(at, str):
            yield at
