"""WordPress: recorded pages of nine themes and a REST answer, against an independent reading of them."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from parsel import Selector

from belowtheline.pipelines import normalise
from belowtheline.reading import sources
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Comment, Link, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_of_page
from belowtheline.sites.wordpress import WordPress, addresses, pages, paging, wording
from tests.growth import assert_linear
from tests.places import REALDATA

SITE = WordPress()
POST = "https://kettleblog.example/2024/05/the-slow-kettle/"
ROUTE = "https://kettleblog.example/wp-json/wp/v2/comments"


@dataclass(frozen=True)
class Recorded:
    """What is true of a recorded page, found by eye and by a count of its elements."""

    file: str
    thread: str
    comments: int
    pings: int
    """Pingbacks, which the count beside the recordings has as comments and the reader has not."""
    declared: int | None
    accounts: int
    by_post_author: int
    depths: tuple[int, ...]
    body: str
    """Where an independent walk finds each text, below the element with the comment's id."""


CONTENT = ".//*[contains(@class, 'comment-content')]"
CONTENT_OF_2010 = ".//*[@class='comment_content']"
TEXT = ".//*[@class='comment-text']"
RECORDED = (
    # 45 elements: 40 comments and five pingbacks.
    Recorded("gormulus.wordpress.com.durfen.html", "339", 40, 5, 45, 17, 11, (15, 9, 16), CONTENT),
    # The last of 40 comment pages, which counts its own comments in its heading: that is no count of the thread.
    Recorded("hearya.com.metal.html", "138", 38, 0, None, 0, 0, (38,), "following-sibling::dd[1]/div"),
    Recorded("lemire.me.json.html", "17725", 5, 0, 5, 2, 2, (3, 2), CONTENT),
    # 36 elements: 20 comments and sixteen pingbacks.
    Recorded("moritz-meyer.net.vreni.html", "665", 20, 16, 36, 5, 5, (11, 6, 2, 1), TEXT),
    # It counts 91 and shows 74: the rest may be pingbacks, and may not be; so nothing proves the end.
    Recorded("netzpolitik.org.abmahnungen.html", "123782", 74, 0, 91, 11, 5, (36, 17, 10, 7, 4), CONTENT),
    # No element for the text: it is what follows the line with name and date.
    Recorded("pewresearch.org1.html", "265087", 24, 0, 24, 0, 0, (16, 7, 1), ""),
    Recorded("profootballtalk_nbcsports_2019.html", "2690054", 34, 0, 34, 34, 0, (34,), CONTENT),
    Recorded("techcrunch_pismo.html", "134776", 36, 0, None, 4, 1, (25, 10, 1), CONTENT_OF_2010),
    Recorded("verfassungsblog.de.expertinnen.html", "47622", 5, 0, 5, 0, 0, (3, 1, 1), CONTENT),
)  # fmt: skip
SAMPLES = {
    "gormulus.wordpress.com.durfen.html": ("180", "179", "2012-12-12T13:23:25+01:00", 167),
    "hearya.com.metal.html": ("1969734", None, "November 29, 2015 at 11:03 am", 222),
    "lemire.me.json.html": ("422257", "422240", "2019-08-05T20:28:59+00:00", 112),
    "moritz-meyer.net.vreni.html": ("133", "131", "26. Juni 2018 um 9:19 Uhr", 637),
    "netzpolitik.org.abmahnungen.html": ("2058321", "2058301", "2016-06-24T17:32:51+02:00", 44),
    "pewresearch.org1.html": ("593519", "591989", "2014-12-04T05:59:30+00:00", 55),
    "profootballtalk_nbcsports_2019.html": ("7064041", None, "2019-11-19T10:04:33-05:00", 46),
    "techcrunch_pismo.html": ("3206265", "3206088", "January 10th, 2010 at 1:01 pm PST", 54),
    "verfassungsblog.de.expertinnen.html": ("801120", "801057", "2020-04-11T00:40:22+02:00", 593),
}
"""Id, parent, date as published and length of the text of one comment a page."""
pages_of_nine_themes = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.file)
OPEN_ENDED = ("hearya.com.metal.html", "netzpolitik.org.abmahnungen.html")


def recorded_page(folder: str, name: str) -> Page:
    path = REALDATA / folder / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    body = path.read_bytes()
    return Page(sources.saved_address(Page(None, body)), body, None, "2026-02-05T09:00:00Z")


def recorded_thread(name: str, folder: str = "wordpress_html") -> ThreadPage:
    (found,) = read(SITE, recorded_page(folder, name))
    return normalise(found)


@pages_of_nine_themes
def test_a_recorded_page_has_all_its_comments(recorded: Recorded) -> None:
    found = recorded_thread(recorded.file)
    assert site_of_page(recorded_page("wordpress_html", recorded.file)).name == "wordpress"
    thread = found.thread
    assert (thread.native_id, len(found.comments), shown(thread.declared_count)) == (
        recorded.thread,
        recorded.comments,
        recorded.declared,
    )
    assert [mark.value for mark in shown(thread.marks) or ()] == ([str(recorded.pings)] if recorded.pings else [])
    assert found.completeness.is_whole == (recorded.file not in OPEN_ENDED)
    assert thread.is_closed is False
    assert thread.title
    assert found.stubs == ()


@pages_of_nine_themes
def test_each_comment_has_what_its_page_shows(recorded: Recorded) -> None:
    comments = recorded_thread(recorded.file).comments
    authors = [author for comment in comments if (author := shown(comment.author))]
    assert all(author.name for author in authors)
    assert len(authors) == len(comments)
    assert Counter(author.kind for author in authors)["account"] == recorded.accounts
    assert all(bool(author.native_id) == (author.kind == "account") for author in authors)
    assert all(isinstance(comment.published_raw, str) and isinstance(comment.body_text, str) for comment in comments)
    assert all(isinstance(comment.published_at, str) for comment in comments)
    marks = Counter(mark.kind for comment in comments for mark in comment.marks)
    assert marks == Counter({"post author": recorded.by_post_author} if recorded.by_post_author else {})


@pages_of_nine_themes
def test_parents_are_on_the_page_one_level_up(recorded: Recorded) -> None:
    comments = recorded_thread(recorded.file).comments
    depths = {comment.native_id: comment.depth for comment in comments}
    assert tuple(Counter(depths.values())[depth] for depth in range(len(recorded.depths))) == recorded.depths
    for comment in comments:
        assert isinstance(comment.depth, int)
        if comment.depth:
            assert isinstance(comment.parent_native_id, str)
            assert depths[comment.parent_native_id] == comment.depth - 1
        else:
            assert comment.parent_native_id is None


@pages_of_nine_themes
def test_a_sample_is_as_it_was_read_by_eye(recorded: Recorded) -> None:
    comments = {comment.native_id: comment for comment in recorded_thread(recorded.file).comments}
    native_id, parent, raw, length = SAMPLES[recorded.file]
    sample = comments[native_id]
    text = shown(sample.body_text) or ""
    assert (sample.parent_native_id, sample.published_raw, len(text)) == (parent, raw, length)


def words_of(text: str) -> list[str]:
    """Return the words of a text without the marks that the text form puts before quotes and items."""
    return [word for word in text.split() if word not in (">", "-")]


def independent_words(page: Page, recorded: Recorded, comment: Comment) -> list[str]:
    """Return the words of a comment by another way: a query for its text, or its paragraphs but the first."""
    element = page.selector.css(f"#comment-{comment.native_id}, #li-comment-{comment.native_id}")[0]
    texts = element.xpath(recorded.body)[:1] if recorded.body else element.xpath("./div/p")[1:]
    return words_of(" ".join("".join(text.xpath(".//text()").getall()) for text in texts))


@pages_of_nine_themes
def test_texts_are_whole_and_nothing_else(recorded: Recorded) -> None:
    page = recorded_page("wordpress_html", recorded.file)
    for comment in recorded_thread(recorded.file).comments:
        text = "".join(words_of(shown(comment.body_text) or ""))
        assert text == "".join(independent_words(page, recorded, comment)), comment.native_id


def test_a_recorded_answer_of_the_route_holds_four_threads() -> None:
    page = recorded_page("wordpress_rest", "newsmast_wp_v2_comments.json")
    found = [normalise(thread) for thread in read(SITE, page)]
    assert site_of_page(page).name == "wordpress"
    assert [(thread.thread.native_id, len(thread.comments)) for thread in found] == [
        ("560", 7),
        ("554", 5),
        ("548", 2),
        ("537", 5),
    ]
    assert {thread.thread.instance for thread in found} == {"newsmast.wpcomstaging.com"}
    assert not any(thread.completeness.is_whole or thread.stubs or thread.links for thread in found)
    published = {entry["id"]: entry for entry in json.loads(page.text)}
    for comment in (comment for thread in found for comment in thread.comments):
        entry = published[int(comment.native_id or 0)]
        author = shown(comment.author)
        assert author is not None
        assert (author.name, author.native_id, author.kind) == (entry["author_name"], str(entry["author"]), "account")
        assert comment.published_at == entry["date_gmt"] + "Z"
        assert comment.parent_native_id is None
        plain = " ".join(Selector(text=entry["content"]["rendered"]).xpath("//text()").getall())
        assert "".join((shown(comment.body_text) or "").split()) == "".join(plain.split())


@pytest.mark.parametrize(
    ("folder", "name", "comments"),
    [
        # Its eighth entry is the post itself.
        ("microformats", "php-mf2_notizblog_org_2014.html", 7),
        ("schema_org", "bigbrandsystem_business-focus.html", 10),
    ],
)
def test_recorded_pages_of_other_folders_that_wordpress_made(folder: str, name: str, comments: int) -> None:
    found = recorded_thread(name, folder)
    assert len(found.comments) == comments
    assert all(shown(comment.body_text) and shown(comment.published_at) for comment in found.comments)


def test_no_other_recorded_page_is_taken_for_wordpress() -> None:
    files = sorted(REALDATA.glob("*/*"))
    if not files:
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    ours = ("notizblog", "bigbrandsystem")
    others = [
        file for file in files if "wordpress" not in file.parent.name and not any(name in file.name for name in ours)
    ]
    for file in others:
        page = Page("https://example.org/a-post/", file.read_bytes())
        assert not SITE.recognises(page), file.name
        with pytest.raises(ParseError):
            SITE.parse(page)


def made(comments: str, after: str = "") -> bytes:
    """Return a page of WordPress around comments."""
    head = '<link rel="stylesheet" href="/wp-content/themes/plain/style.css">'
    return f"<html><head>{head}</head><body>{comments}{after}</body></html>".encode()


def comment_html(number: int, depth: int = 1, inside: str = "") -> str:
    return (
        f'<li id="comment-{number}" class="comment depth-{depth}"><article id="div-comment-{number}">'
        f'<b class="fn">R{number}</b><div class="comment-content"><p>Text {number}.</p></div></article>{inside}</li>'
    )


@pytest.mark.parametrize(
    ("body", "looked_for"),
    [
        (made("<h1>About us</h1><p>No comments here.</p>"), "#comment-ID"),
        (made('<div id="comments"><div id="disqus_thread"></div></div>'), "kept by Disqus"),
        (b'<html><body><li id="comment-1" class="comment">No WordPress</li></body></html>', "#comment-ID"),
        (made('<ol><li id="comment-1" class="comment depth-1"></li></ol>'), "no text in any"),
        (b'[{"id": 1, "post": 2,', "not valid JSON"),
        (b'[{"id": 1, "title": "no comment"}]', "`content.rendered`"),
        (b'{"code": "rest_no_route", "message": "No route was found"}', "rest_no_route"),
        (b"[]", "empty list"),
        (b'"rate limited"', "comments route"),
    ],
)  # fmt: skip
def test_what_is_no_thread_is_refused_by_name(body: bytes, looked_for: str) -> None:
    with pytest.raises(ParseError) as raised:
        SITE.parse(Page(POST, body))
    assert POST in str(raised.value)
    assert looked_for in str(raised.value)


def test_a_page_without_an_address_asks_for_one() -> None:
    with pytest.raises(ParseError, match="--url"):
        SITE.parse(Page(None, made(f"<ol>{comment_html(1)}</ol>")))


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (POST, POST),
        (POST + "comment-page-3/#comment-7", POST),
        (POST + "?replytocom=7#respond", POST),
        ("https://kettleblog.example/?p=12", "https://kettleblog.example/?p=12"),
        ("https://kettleblog.example/?p=12&cpage=2#comments", "https://kettleblog.example/?p=12"),
        (ROUTE + "?post=12", ROUTE + "?post=12&per_page=100&order=asc"),
        ("https://kettleblog.example/wp-json/wp/v2/posts/12", ROUTE + "?post=12&per_page=100&order=asc"),
        (
            "https://kettleblog.example/?rest_route=/wp/v2/comments&post=12",
            "https://kettleblog.example/?rest_route=/wp/v2/comments&post=12&per_page=100&order=asc",
        ),
    ],
)
def test_an_address_leads_to_its_first_request(url: str, first: str) -> None:
    assert SITE.start(url) == Link(url=first)


@pytest.mark.parametrize(
    "url",
    [
        "https://kettleblog.example/",
        POST + "feed/",
        "https://kettleblog.example/wp-admin/edit.php",
        "https://kettleblog.example/category/kettles/",
        ROUTE,
        ROUTE + "/7",
        "kettles",
    ],
)
def test_an_address_that_is_no_post_is_refused(url: str) -> None:
    with pytest.raises(UnknownSite, match="give"):
        SITE.start(url)


def test_only_the_route_is_claimed_by_its_address() -> None:
    assert SITE.claims(ROUTE + "?post=12")
    assert not SITE.claims(POST)
    assert SITE.thread_id(ROUTE + "?post=12") == "12"
    assert SITE.thread_id("https://kettleblog.example/?p=12") == "12"
    assert SITE.thread_id(POST) is None


def test_a_closed_route_leads_to_the_page() -> None:
    asked = SITE.start("https://kettleblog.example/blog/wp-json/wp/v2/comments?post=12").url
    assert SITE.otherwise(asked) == Link(url="https://kettleblog.example/blog/?p=12", kind="fallback")
    assert SITE.otherwise(POST) is None


def test_links_stay_on_the_host_that_was_asked() -> None:
    nav = f'<a class="next" href="{POST}comment-page-2/#comments">Newer</a>'
    page = Page("http://127.0.0.1:8000/2024/05/the-slow-kettle/", made(f"<ol>{comment_html(1)}</ol>", nav))
    (found,) = SITE.parse(page)
    assert found.links == (Link(url="http://127.0.0.1:8000/2024/05/the-slow-kettle/comment-page-2/"),)
    assert found.thread.instance == "127.0.0.1"


def test_a_full_page_of_the_route_may_be_the_last() -> None:
    body = [
        {"id": number, "post": 12, "parent": 0, "content": {"rendered": "<p>x</p>"}, "author_name": "A"}
        for number in range(1, 101)
    ]
    (full,) = SITE.parse(Page(ROUTE + "?post=12&per_page=100&order=asc", json.dumps(body).encode()))
    (end,) = SITE.parse(Page(full.links[0].url, b"[]"))
    assert full.links == (Link(url=ROUTE + "?post=12&per_page=100&order=asc&page=2"),)
    assert (full.completeness.page_number, full.completeness.page_count) == (1, None)
    assert (end.thread.native_id, end.comments, end.links) == ("12", (), ())
    assert (end.completeness.page_number, end.completeness.page_count) == (2, 2)


def test_a_thousand_comments_are_read_whole() -> None:
    (found,) = SITE.parse(Page(POST, made("<ol>" + "".join(map(comment_html, range(1, 1001))) + "</ol>")))
    assert [comment.native_id for comment in found.comments] == [str(number) for number in range(1, 1001)]
    assert {comment.parent_native_id for comment in found.comments} == {None}


@pytest.mark.parametrize("depth_class", ["depth-", "level-"])
def test_nesting_is_read_without_recursion(depth_class: str) -> None:
    levels = 2_000
    opened = "".join(
        comment_html(number, number).removesuffix("</li>").replace("depth-", depth_class) + "<ul class='children'>"
        for number in range(1, levels + 1)
    )
    (found,) = SITE.parse(Page(POST, made("<ol>" + opened + "</ul></li>" * levels + "</ol>")))
    assert [comment.depth for comment in found.comments] == list(range(levels))
    assert [comment.parent_native_id for comment in found.comments[1:]] == [str(n) for n in range(1, levels)]
    assert shown(found.comments[-1].body_html) == f"<p>Text {levels}.</p>"


HOSTILE = (
    "<link ", "<meta /wp-", "<script", "comment-1 ", "“", "“a", "1,234", "1,1", '"', "‘", "/comment-page-", "/wp/v2/",
    "/wp-", "/category/", "https://a", "a.", " ",
)  # fmt: skip
PATTERNS: tuple[Callable[[str], object], ...] = (
    pages._LOADS.search,
    lambda text: wording.count_in(text, ""),
    wording._COUNTED.search,
    addresses._COMMENT_PAGE.search,
    addresses._ROUTE.search,
    addresses._NO_POST.search,
    addresses._WEB.match,
    paging._ANCHOR.match,
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_patterns_are_linear(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    for pattern in PATTERNS:
        assert_linear(pattern, text)


@pytest.mark.parametrize(
    ("heading", "count"),
    [
        ("45 Gedanken zu „Zehn Kessel“", 45),
        ("Ein Gedanke zu „10 Kessel“", 1),
        ("One Response to “Top 10 kettles”", 1),
        ("Comments (5)", 5),
        ("Kommentare: 12", 12),
        ("「10のやかん」への5件のフィードバック", 5),
        ("1 204 commentaires", 1204),
        ("Comments, page 2 of 4", None),
        ("Leave a Reply", None),
        ("", None),
    ],
)
def test_the_count_of_a_heading(heading: str, count: int | None) -> None:
    assert wording.count_in(heading, "") == count


def test_what_no_page_shows_is_not_shown() -> None:
    (found,) = SITE.parse(Page(POST, made(f"<ol>{comment_html(1)}</ol>")))
    comment = found.comments[0]
    assert (comment.title, comment.is_edited, comment.deletion, comment.score) == (NOT_SHOWN,) * 4
    assert (comment.published_raw, comment.url, comment.upvotes) == (NOT_SHOWN,) * 3
