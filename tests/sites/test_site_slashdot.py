"""Slashdot: recorded pages of two generations against an independent reading, and pages larger than any recorded."""

import re
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from types import ModuleType

import lxml.html
import pytest

from belowtheline.archive.readings.drift import drift_of_page
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read
from belowtheline.sites.slashdot import Slashdot, addresses, dates, pages, posts, script
from tests.growth import assert_linear
from tests.places import REALDATA

SITE = Slashdot()
ALL_COMMENTS = "threshold=-1&highlightthresh=-1&commentsort=0&mode=nested&pid=0"


@dataclass(frozen=True)
class Recorded:
    """What is true of a recorded page, found by eye and by a count of its list items.

    `full + oneline` is the count of the index (30, 48, 26, 61, 80): a page of 2018 holds the text of one-line entries,
    so each is a comment, with id, author, score and text, but without a date, which it does not show. Those whose text
    the page's script calls abbreviated are comments as well, but without a body: the page holds only the beginning.
    Hidden entries, and one-line entries of 2007, are stubs: the page holds no text of theirs.
    """

    file: str
    """How the name of the file begins."""
    key: str
    full: int
    oneline: int
    abbreviated: int
    hidden: int
    reasons: int
    declared: int


RECORDED = (
    Recorded("2018_18_09_06_1558206", "18/09/06/1558206", 7, 23, 4, 41, 8, 71),
    Recorded("2018_18_09_06_2024232", "18/09/06/2024232", 8, 40, 5, 49, 8, 97),
    Recorded("2018_18_09_06_2043213", "18/09/06/2043213", 3, 23, 8, 35, 3, 61),
    Recorded("2018_18_09_06_205221", "18/09/06/205221", 8, 53, 8, 36, 8, 97),
    # 347 one-line entries, which hold no text, and 3 comments that are only named as parents of others.
    Recorded("sitescraper_1", "07/07/06/1333257", 80, 0, 1, 350, 51, 509),
)
every_page = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.file)
SAMPLES = {
    # File, id: parent, score, reason, account, date as published, start of the SHA-256 of the text.
    (0, "57266194"): ("57266170", 5, "Funny", "874524", "Thursday September 06, 2018 @05:49PM", "d9a8d306f4c97a22"),
    (0, "57266242"): ("57266194", 2, "Funny", None, None, "96af9b48fd47bdf6"),
    (0, "57266170"): ("57266116", 2, None, "5107629", None, "0cae13dee7b74003"),
    (4, "19766655"): (None, 5, "Insightful", "1112659", "Friday July 06, @08:55AM", "c789ed25e79acc12"),
    (4, "19766825"): ("19766693", 4, "Insightful", "912633", "Friday July 06, @09:06AM", "d5bf1ab573dbce4e"),
    # Nesting ends at its parent, beside which it stands: the link tells. Its text is cut short: the digest is of "".
    (4, "19769539"): ("19767473", 5, "Informative", "931443", "Friday July 06, @12:02PM", "e3b0c44298fc1c14"),
}


def recorded_page(name: str) -> Page:
    path = next((REALDATA / "slashdot").glob(f"{name}*.html"), None)
    if path is None:
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    return Page(None, path.read_bytes(), None, "2018-09-07T06:00:00Z")


def thread_of(page: Page) -> ThreadPage:
    (found,) = read(SITE, page)
    return normalise(found)


def reason_of(comment: Comment) -> str | None:
    return next((mark.value for mark in comment.marks if mark.kind == "reason"), None)


def letters(text: str) -> str:
    return re.sub(r"[^A-Za-z]", "", text)


@every_page
def test_a_recorded_page_holds_the_comments_that_were_counted(recorded: Recorded) -> None:
    page = recorded_page(recorded.file)
    found = thread_of(page)
    kinds = Counter(mark.kind for comment in found.comments for mark in comment.marks)
    assert SITE.recognises(page)
    assert (found.thread.native_id, shown(found.thread.declared_count)) == (recorded.key, recorded.declared)
    assert len(found.comments) == recorded.full + recorded.oneline
    assert (len(found.stubs), kinds["reason"], kinds["abbreviated"]) == (
        recorded.hidden,
        recorded.reasons,
        recorded.abbreviated,
    )
    assert (found.completeness.is_whole, found.completeness.is_cut, found.disagreements) == (False, False, 0)
    assert [link.url for link in found.links] == [
        f"https://slashdot.org/comments.pl?sid={_number(page)}&{ALL_COMMENTS}"
    ]


def _number(page: Page) -> str:
    return Counter(re.findall(r"comments\.pl\?sid=(\d+)", page.text)).most_common(1)[0][0]


@every_page
def test_ids_and_scores_are_those_of_the_markup(recorded: Recorded) -> None:
    text = recorded_page(recorded.file).text
    found = thread_of(recorded_page(recorded.file))
    scores = re.findall(r'id="comment_score_(\d+)".{0,200}?Score:(?:</span>)?(-?\d)', text)
    assert [(comment.native_id, str(comment.score)) for comment in found.comments] == scores
    listed = set(re.findall(r'<li id="tree_(\d+)" class="comment hidden"', text)) | set(
        re.findall(r'pid=\d+#(\d+)"', text)
    )
    assert listed <= {stub.native_id for stub in found.stubs}


@every_page
def test_every_comment_has_what_the_page_shows_of_it(recorded: Recorded) -> None:
    found = thread_of(recorded_page(recorded.file))
    known = {comment.native_id for comment in found.comments} | {stub.native_id for stub in found.stubs}
    assert len(known) == len(found.comments) + len(found.stubs)
    for comment in found.comments:
        assert isinstance(comment.author, Author)
        assert comment.author.name
        assert comment.author.kind == ("account" if shown(comment.author.native_id) else "anonymous")
        assert shown(comment.title)
        assert comment.parent_native_id is None or comment.parent_native_id in known
    dated = [comment for comment in found.comments if shown(comment.published_raw)]
    assert len(dated) == recorded.full, "a one-line entry shows no date"
    assert all(shown(comment.published_at) for comment in dated)
    assert sum(comment.body_text is NOT_SHOWN for comment in found.comments) == recorded.abbreviated


@every_page
def test_every_text_is_whole_and_nothing_but_the_text(recorded: Recorded) -> None:
    page = recorded_page(recorded.file)
    root = lxml.html.fromstring(page.text)
    for comment in thread_of(page).comments:
        text = shown(comment.body_text)
        if text is not None:
            (body,) = root.xpath("//*[@id=$id]", id=f"comment_body_{comment.native_id}")
            assert letters(text) == letters(body.text_content()), comment.native_id


@pytest.mark.parametrize("recorded", RECORDED[:4], ids=lambda recorded: recorded.file)
def test_every_parent_is_the_one_the_pages_script_names(recorded: Recorded) -> None:
    page = recorded_page(recorded.file)
    named = dict(re.findall(r"(\d+): \{ uid: \d+, pid: (\d+)", page.text))
    found = thread_of(page)
    for item in (*found.comments, *found.stubs):
        assert (shown(item.parent_native_id) or "0") == named[item.native_id or ""]


@pytest.mark.parametrize(("file", "native_id"), SAMPLES, ids=str)
def test_a_sample_checked_by_eye(file: int, native_id: str) -> None:
    parent, score, reason, account, raw, digest = SAMPLES[file, native_id]
    found = thread_of(recorded_page(RECORDED[file].file))
    (comment,) = (comment for comment in found.comments if comment.native_id == native_id)
    assert isinstance(comment.author, Author)
    assert (comment.parent_native_id, comment.score, reason_of(comment)) == (parent, score, reason)
    assert (shown(comment.author.native_id), shown(comment.published_raw)) == (account, raw)
    assert sha256((shown(comment.body_text) or "").encode()).hexdigest().startswith(digest)


ENTRY = (
    '<li id="tree_{0}" class="comment full"><div id="comment_{0}"><div class="title"><h4><a>Re:{0}</a>'
    '<span class="score"> (Score:2)</span></h4></div><div class="details"><span class="by">by '
    '<a href="//slashdot.org/~cup">cup</a> <span class="uid">( 7 )</span></span><span class="otherdetails">'
    'on Friday March 14, 2025 @09:28AM (<a href="//slashdot.org/comments.pl?sid=900&amp;cid={0}">#{0}</a>)</span></div>'
    '<div class="commentBody"><div id="comment_body_{0}"><p>Text {0}.</p></div></div>'
    '<div class="commentSub"></div></div><ul id="commtree_{0}">'
)
URL = f"https://slashdot.org/comments.pl?sid=900&{ALL_COMMENTS}"


def made_page(items: str, count: int, url: str | None = URL) -> Page:
    text = f'<html><body><span class="totalcommentcnt">{count}</span><ul id="commentlisting">{items}</ul></body></html>'
    return Page(url, text.encode(), "text/html; charset=utf-8", None)


def test_a_thousand_comments_in_ten_levels_are_read_whole() -> None:
    chains = (
        "".join(ENTRY.format(number * 10 + level + 1) for level in range(10)) + "</ul></li>" * 10
        for number in range(100)
    )
    found = thread_of(made_page("".join(chains), 1000))
    assert [comment.native_id for comment in found.comments] == [str(number) for number in range(1, 1001)]
    assert [comment.depth for comment in found.comments] == list(range(10)) * 100
    assert found.comments[9].parent_native_id == "9"
    assert (found.completeness.is_whole, found.links, found.thread.native_id) == (True, (), "900")


LINE = re.sub(r"on Friday.*?</a>\)", "", ENTRY).replace("comment full", "comment oneline")
"""An entry of one line, which shows no date."""


@pytest.mark.parametrize("lines", [5, 24, 60])
def test_a_page_of_one_line_entries_alone_is_stored(lines: int) -> None:
    """Which of its comments Slashdot shows in full is the reader's setting; such a page is no changed layout."""
    items = "".join(LINE.format(number) + "</ul></li>" for number in range(1, lines + 1))
    found = [normalise(page) for page in read(SITE, made_page(items, lines))]
    assert len(found[0].comments) == lines
    assert drift_of_page(found) is None


@pytest.mark.parametrize(("full", "lines"), [(2, 0), (6, 30), (20, 1)])
def test_full_comments_without_a_date_are_a_changed_layout(full: int, lines: int) -> None:
    undated = ENTRY.replace('class="otherdetails"', 'class="when"')
    entries = [LINE if number < lines else undated for number in range(full + lines)]
    items = "".join(entry.format(number) + "</ul></li>" for number, entry in enumerate(entries, 1))
    with pytest.raises(ParseError, match=rf"{full} of {full} li.comment that are not .oneline show no date"):
        thread_of(made_page(items, full + lines))


def test_dates_that_cannot_be_read_are_a_changed_layout() -> None:
    entry = ENTRY.replace("Friday March 14, 2025 @09:28AM", "the fourth day of the kettle")
    items = "".join(entry.format(number) + "</ul></li>" for number in range(1, 7))
    page = made_page(items + LINE.format(7) + "</ul></li>", 7)
    found = read(SITE, Page(page.url, page.body, page.content_type, "2025-03-15T00:00:00Z"))
    assert "0 of 6 comments show readable_date" in str(drift_of_page([normalise(page) for page in found]))


def test_a_chain_of_replies_deeper_than_any_recursion_is_read_whole() -> None:
    items = "".join(ENTRY.format(number) for number in range(1, 1501)) + "</ul></li>" * 1500
    found = thread_of(made_page(items, 1500))
    assert (len(found.comments), found.comments[-1].depth) == (1500, 1499)
    assert shown(found.comments[-1].body_text) == "Text 1500."


def test_parents_that_run_in_a_circle_have_no_depth() -> None:
    link = '<div class="commentSub"><a href="comments.pl?sid=900&amp;cid={}">Parent</a></div>'
    first, second = (
        ENTRY.format(own).replace('<div class="commentSub"></div>', link.format(other)) + "</ul></li>"
        for own, other in ((1, 2), (2, 1))
    )
    found = thread_of(made_page(first + second, 2))
    assert [comment.depth for comment in found.comments] == [NOT_SHOWN, NOT_SHOWN]


def test_further_pages_are_asked_of_the_host_the_page_came_from() -> None:
    found = thread_of(made_page(ENTRY.format(1), 2, "http://127.0.0.1:8000/story/25/03/14/1234567/a-kettle"))
    assert found.thread.url == "https://slashdot.org/story/25/03/14/1234567"
    assert found.links == (), "the page does not name its discussion"
    said = ENTRY.format(1) + "</ul></li><script>\nD2.discussion_id(900);\n</script>"
    found = thread_of(made_page(said, 2, "http://127.0.0.1:8000/story/25/03/14/1234567/a-kettle"))
    assert [link.url for link in found.links] == [f"http://127.0.0.1:8000/comments.pl?sid=900&{ALL_COMMENTS}"]


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("http://tech.slashdot.org/story/25/03/14/1234567/a-kettle?sdsrc=prev", "https://tech.slashdot.org/story/25/03/14/1234567"),
        ("//slashdot.org/article.pl?sid=07/07/06/1333257", "https://slashdot.org/story/07/07/06/1333257"),
        ("http://linux.slashdot.org/linux/07/07/06/1333257.shtml?tid=109", "https://linux.slashdot.org/story/07/07/06/1333257"),
        ("https://slashdot.org/story/25/03/14/1234567/a-kettle/funny-comments#comments", "https://slashdot.org/story/25/03/14/1234567"),
        ("https://it.slashdot.org/comments.pl?sid=900&cid=901", f"https://it.slashdot.org/comments.pl?sid=900&{ALL_COMMENTS}"),
        ("https://slashdot.org/poll/3000/how-many-kettles", "https://slashdot.org/poll/3000/how-many-kettles"),
        ("https://slashdot.org/~teapot/journal/12345", "https://slashdot.org/~teapot/journal/12345"),
    ],
)  # fmt: skip
def test_every_address_of_a_discussion_starts_at_one_request(url: str, first: str) -> None:
    assert SITE.claims(url)
    assert SITE.start(url).url == first


@pytest.mark.parametrize("url", ["https://slashdot.org/", "https://slashdot.org/~teapot", "https://slashdot.org/faq/"])
def test_an_address_without_a_discussion_is_refused(url: str) -> None:
    with pytest.raises(UnknownSite, match="no discussion of Slashdot: give an address like"):
        SITE.start(url)


HOSTILE = (
    "Score:1,",
    "Posted by a ",
    "Aaa aaa 1,",
    "(1",
    '1: { uid: 1, pid: 1, subject: "',
    "\\",
    " ",
    "\n",
    "comments.pl?cid=1&",
    "/story/",
)


@pytest.mark.parametrize("module", [addresses, dates, pages, posts, script], ids=lambda module: module.__name__[-9:])
def test_no_pattern_is_slow_on_hostile_text(module: ModuleType) -> None:
    patterns = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert patterns
    for pattern in patterns:
        for piece in HOSTILE:
            assert_linear(pattern.search, piece * (100_000 // len(piece)))


def test_pages_of_other_sites_are_not_read() -> None:
    others = [path for path in sorted(REALDATA.glob("*/*.*")) if path.parent.name != "slashdot"]
    if not others:
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    for path in others:
        page = Page(None, path.read_bytes())
        assert not SITE.recognises(page), path.name
        with pytest.raises(ParseError):
            SITE.parse(page)
