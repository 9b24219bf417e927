"""LWN: recorded pages against an independent reading, and pages larger than any recorded."""

import re
from collections import Counter
from types import ModuleType

import lxml.html
import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Author, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.lwn import Lwn, addresses, boxes, pages
from belowtheline.sites.registry import read
from tests.growth import assert_linear
from tests.places import REALDATA

SITE = Lwn()
# Id: parent, depth, account, standing, date as published.
SAMPLES = {
    "251009": (None, 0, "44423", "guest", "Sep 21, 2007 20:34 UTC (Fri)"),
    "251026": ("251022", 1, "493", "subscriber", "Sep 21, 2007 22:04 UTC (Fri)"),
    "253911": ("251032", 2, "48292", "guest", "Oct 11, 2007 4:04 UTC (Thu)"),
    "254060": ("253911", 3, "2304", "subscriber", "Oct 11, 2007 21:55 UTC (Thu)"),
    "251359": ("251181", 5, "47141", "subscriber", "Sep 25, 2007 10:05 UTC (Tue)"),
}


def recorded_page(name: str) -> Page:
    path = REALDATA / "lwn" / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    return Page(None, path.read_bytes(), None, "2018-09-07T06:00:00Z")


def thread_of(page: Page) -> ThreadPage:
    (found,) = read(SITE, page)
    return normalise(found)


def letters(text: str) -> str:
    return re.sub(r"[^A-Za-z]", "", text)


def test_a_recorded_page_holds_the_comments_that_were_counted() -> None:
    page = recorded_page("lwn_250967.html")
    found = thread_of(page)
    assert SITE.recognises(page)
    assert (found.thread.native_id, len(found.comments), found.completeness.is_whole) == ("250967", 76, True)
    assert [comment.native_id for comment in found.comments] == re.findall(r'name="CommAnchor(\d+)"', page.text)
    standings = Counter(mark.kind for comment in found.comments for mark in _author(comment.author).marks)
    assert standings == Counter(re.findall(r"\((\w+), #\d+\)", page.text))


def _author(author: object) -> Author:
    assert isinstance(author, Author)
    return author


def test_every_comment_has_what_the_page_shows_of_it() -> None:
    page = recorded_page("lwn_250967.html")
    found = thread_of(page)
    said = re.findall(r"by <b>([^<]+)</b> \(\w+, #(\d+)\)", page.text)
    assert [(_author(comment.author).name, _author(comment.author).native_id) for comment in found.comments] == said
    assert [shown(comment.published_raw) for comment in found.comments] == re.findall(r">Posted (.*?) by", page.text)
    assert all(comment.published_at and comment.title and comment.url for comment in found.comments)
    ids = {comment.native_id for comment in found.comments}
    assert all(comment.parent_native_id is None or comment.parent_native_id in ids for comment in found.comments)


def test_every_text_is_whole_and_nothing_but_the_text() -> None:
    page = recorded_page("lwn_250967.html")
    bodies = lxml.html.fromstring(page.text).xpath("//div[@class='CommentBody']")
    for comment, body in zip(thread_of(page).comments, bodies, strict=True):
        (poster,) = body.xpath("p[@class='CommentPoster']")
        heading = poster.text_content()
        assert letters(shown(comment.body_text) or "") == letters(body.text_content())[len(letters(heading)) :]


@pytest.mark.parametrize("native_id", SAMPLES)
def test_a_sample_checked_by_eye(native_id: str) -> None:
    found = thread_of(recorded_page("lwn_250967.html"))
    (comment,) = (comment for comment in found.comments if comment.native_id == native_id)
    author = _author(comment.author)
    assert SAMPLES[native_id] == (
        comment.parent_native_id,
        comment.depth,
        author.native_id,
        author.marks[0].kind,
        comment.published_raw,
    )


def test_a_recorded_page_without_comments_is_an_empty_thread() -> None:
    found = thread_of(recorded_page("lwn_764046.html"))
    assert (found.thread.native_id, found.comments, found.completeness.is_whole) == ("764046", (), True)


DETAILS = (
    '<details class="CommentBox" open><summary><h3 class="CommentTitle">Kettles</h3><p class="CommentPoster">Posted '
    'Mar 14, 2025 20:34 UTC (Fri) by <b>ann</b> (subscriber, #7) [<a href="/Articles/{0}/">Link</a>]</p></summary>'
    '<div class="FormattedComment">Text {0}.</div><div class="CommentReplyButton"></div>'
)
BOX = (
    '<div class="CommentBox"><p class="CommentTitle">Kettles</p><div class="CommentBody"><p class="CommentPoster">'
    'Posted Mar 14, 2025 20:34 UTC (Fri) by <b>ann</b> (subscriber, #7) [<a href="/Articles/{0}/">Link</a>]</p>'
    'Text {0}.</div></div><div class="Comment">'
)
both_markups = pytest.mark.parametrize(("entry", "end"), [(DETAILS, "</details>"), (BOX, "</div>")], ids=["new", "old"])


def made_page(items: str) -> Page:
    text = f'<html><head><title>Kettles [LWN.net]</title></head><body><a name="Comments"></a>{items}</body></html>'
    return Page("https://lwn.net/Articles/5/#Comments", text.encode(), "text/html; charset=utf-8", None)


@both_markups
def test_a_thousand_comments_in_ten_levels_are_read_whole(entry: str, end: str) -> None:
    chains = ("".join(entry.format(number * 10 + level + 1) for level in range(10)) + end * 10 for number in range(100))
    found = thread_of(made_page("".join(chains)))
    assert [comment.native_id for comment in found.comments] == [str(number) for number in range(1, 1001)]
    assert [comment.depth for comment in found.comments] == list(range(10)) * 100
    assert (found.comments[9].parent_native_id, shown(found.comments[9].body_text)) == ("9", "Text 10.")


@both_markups
def test_a_chain_of_replies_deeper_than_any_recursion_is_read_whole(entry: str, end: str) -> None:
    items = "".join(entry.format(number) for number in range(1, 1501)) + end * 1500
    found = thread_of(made_page(items))
    assert (len(found.comments), found.comments[-1].depth) == (1500, 1499)
    assert shown(found.comments[-1].body_text) == "Text 1500."


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("http://lwn.net/Articles/250967/#Comments", "https://lwn.net/Articles/250967/"),
        ("https://www.lwn.net/Articles/250967/rss", "https://lwn.net/Articles/250967/"),
        ("https://lwn.net/Articles/250967", "https://lwn.net/Articles/250967/"),
        ("https://lwn.net/Articles/250967/?format=printable", "https://lwn.net/Articles/250967/"),
        ("https://lwn.net/headlines/250967/", "https://lwn.net/Articles/250967/"),
        ("https://lwn.net/SubscriberLink/250967/0123456789abcdef/", "https://lwn.net/SubscriberLink/250967/0123456789abcdef/"),
    ],
)  # fmt: skip
def test_every_address_of_an_article_starts_at_one_request(url: str, first: str) -> None:
    assert SITE.claims(url)
    assert (SITE.start(url).url, SITE.thread_id(url)) == (first, "250967")


def test_a_loopback_host_is_kept() -> None:
    assert SITE.start("http://127.0.0.1:8000/Articles/5/").url == "http://127.0.0.1:8000/Articles/5/"


@pytest.mark.parametrize("url", ["https://lwn.net/", "https://lwn.net/Archives/", "https://lwn.net/Articles/"])
def test_an_address_without_an_article_is_refused(url: str) -> None:
    with pytest.raises(UnknownSite, match="no article of LWN: give an address like"):
        SITE.start(url)


HOSTILE = ("Posted Mar by ", "Posted a", "(a, #1", "(", "Mar 14, ", "/Articles/1", "Articles/", " ", "\n")


@pytest.mark.parametrize("module", [addresses, boxes, pages], ids=lambda module: module.__name__[-9:])
def test_no_pattern_is_slow_on_hostile_text(module: ModuleType) -> None:
    patterns = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert patterns
    for pattern in patterns:
        for piece in HOSTILE:
            assert_linear(pattern.search, piece * (100_000 // len(piece)))


def test_pages_of_other_sites_are_not_read() -> None:
    others = [path for path in sorted(REALDATA.glob("*/*.*")) if path.parent.name != "lwn"]
    if not others:
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    for path in others:
        page = Page(None, path.read_bytes())
        assert not SITE.recognises(page), path.name
        with pytest.raises(ParseError):
            SITE.parse(page)
