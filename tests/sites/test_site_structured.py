"""Structured data: recorded pages against an independent reading, what is no thread, and large and deep pages."""

import json
import re
from pathlib import Path

import lxml.html
import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Author, Link, Mark, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read
from belowtheline.sites.structured import Structured, addresses, bodies, jsonld
from tests.growth import assert_grows, assert_linear
from tests.loopback import Loopback, btl, response, rows
from tests.places import REALDATA

SITE = Structured()
ARTICLE = "https://kettles.example/2024/limescale/"


def recorded_page(name: str) -> Page:
    path = REALDATA / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    return Page(None, path.read_bytes(), None, "2020-01-01T00:00:00Z")


def thread_of(page: Page) -> ThreadPage:
    (found,) = read(SITE, page)
    return normalise(found)


def made(inside: str, url: str | None = ARTICLE) -> Page:
    return Page(url, f"<!DOCTYPE html><html><head><title>T</title></head><body>{inside}</body></html>".encode())


def script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def letters(text: str | None) -> str:
    return re.sub(r"\W", "", text or "")


# Recorded pages.


def test_a_recorded_page_of_microdata_holds_what_was_counted_and_shown() -> None:
    page = recorded_page("schema_org/bigbrandsystem_business-focus.html")
    found = thread_of(page)
    items = lxml.html.fromstring(page.text).xpath("//*[@itemtype='https://schema.org/Comment']")
    assert (SITE.recognises(page), len(found.comments), len(items)) == (True, 10, 10)
    assert [comment.native_id for comment in found.comments] == [item.get("id")[4:] for item in items]
    for comment, item in zip(found.comments, items, strict=True):
        (text,), (name,) = item.xpath(".//*[@itemprop='text']"), item.xpath(".//*[@itemprop='name']")
        author = comment.author
        assert isinstance(author, Author)
        assert letters(comment.body_text or "") == letters(text.text_content())
        assert author.name == name.text_content().strip()
        assert [mark.value for mark in author.marks] == name.xpath(".//a/@href")
        assert shown(comment.published_raw) == item.xpath("string(.//time/@datetime)")
        assert shown(comment.url) == item.xpath("string(.//a[time]/@href)")
        above = list(item.getparent().iterancestors("li"))
        assert comment.parent_native_id == (above[0].get("id") if above else None)
        assert comment.depth == len(above)
    assert found.thread.native_id == "/business-focus/"
    assert shown(found.thread.article.published_at) == "2018-08-08T10:00:04Z"


def test_a_recorded_page_of_microformats_holds_its_comments_and_not_the_article() -> None:
    # The index counts 8 entries: one of them is the article, which its h-entry is as well as its comments' are.
    page = recorded_page("microformats/php-mf2_notizblog_org_2014.html")
    entries = re.findall(r'<(?:li|body) class="[^"]*\bh-entry\b', page.text)
    found = thread_of(Page("http://notizblog.example/2014/02/20/7546", page.body))
    assert (len(entries), len(found.comments)) == (8, 7)
    assert [comment.native_id for comment in found.comments] == re.findall(r'<article id="(comment-\d+)"', page.text)
    assert [comment.depth for comment in found.comments] == [0, 1, 0, 1, 2, 3, 0]
    ids = {comment.native_id for comment in found.comments}
    bodies_of = lxml.html.fromstring(page.text).xpath("//*[contains(@class, 'e-content p-summary')]")
    for comment, body in zip(found.comments, bodies_of, strict=True):
        pictures = "".join(body.xpath(".//img/@alt"))
        assert len(letters(shown(comment.body_text))) == len(letters(body.text_content())) + len(letters(pictures))
        assert comment.parent_native_id is None or comment.parent_native_id in ids
        assert shown(comment.published_at)
        assert isinstance(comment.author, Author)
        assert comment.author.name
        assert shown(comment.author.image_url)
        assert comment.title is NOT_SHOWN
    assert found.completeness.is_cut  # the recording ends after its body, without </html>


def test_microformats_alone_say_the_same_of_the_recorded_page() -> None:
    page = recorded_page("microformats/php-mf2_notizblog_org_2014.html")
    plain = page.text.replace("itemscope", "data-scope").replace("itemprop", "data-prop").replace("itemtype", "data-t")
    url = "http://notizblog.example/2014/02/20/7546"
    both, alone = thread_of(Page(url, page.body)), thread_of(Page(url, plain.encode()))
    for one, other in zip(both.comments, alone.comments, strict=True):
        assert (one.native_id, one.parent_native_id, one.depth) == (
            other.native_id,
            other.parent_native_id,
            other.depth,
        )
        assert (one.author, one.body_text) == (other.author, other.body_text)
        assert one.published_at == other.published_at


# What is no thread.

_COMMENT = '<div itemscope itemtype="https://schema.org/Comment"><b itemprop="author">Ada</b>{}</div>'
NO_THREADS = {
    "an article's own entry": '<div class="h-entry"><h1 class="p-name">T</h1><p class="e-content">Comment!</p></div>',
    "a front page of entries": '<div class="hentry h-entry"><p class="e-content">A</p></div>' * 3,
    "posts about comments": '<div class="hentry tag-comment"><p class="entry-content">A</p></div>' * 2,
    "a reply to another page": '<div class="h-entry"><a class="u-in-reply-to" href="https://else.example/">that</a>'
    '<div class="e-content">Yes.</div></div>',
    "the context of a reply": '<div class="h-entry"><div class="u-in-reply-to h-cite"><p class="p-content">No?</p>'
    '</div><div class="e-content">Yes.</div></div>',
    "a citation in a text": '<p class="h-entry"><b class="e-content"><i class="h-cite"><a class="u-url">B</a></i></b>',
    "likes alone": '<div class="h-entry"><p class="e-content">A</p><a class="u-like h-cite">Ada</a></div>',
    "a like shown as a comment": '<p class="h-entry"><b class="u-comment h-cite"><a class="u-like-of" href="/">x</a>',
    "an action": script({"@context": "https://schema.org", "@type": "Article", "commentCount": 3,
                         "potentialAction": {"@type": "CommentAction", "name": "Comment"}}),
    "answers to frequent questions": script({"@context": "https://schema.org", "@type": "FAQPage", "about": "Comment",
                         "mainEntity": {"@type": "Question", "acceptedAnswer": {"@type": "Answer", "text": "A"}}}),
    "reviews": script({"@context": "https://schema.org", "@type": "Product", "name": "Comment",
                       "review": {"@type": "Review", "reviewBody": "A", "author": "Ada"}}),
    "comments without texts": _COMMENT.format("") * 2,
    "a count of comments": script({"@context": "https://schema.org", "@type": "UserComments", "name": "7 Comments"}),
    "JSON-LD that is not JSON": '<script type="application/ld+json">{"@type": "Comment", schema.org</script>',
    "an article about all this": "<p>Use https://schema.org/Comment, h-entry and u-comment.</p>",
}  # fmt: skip


@pytest.mark.parametrize("inside", NO_THREADS.values(), ids=NO_THREADS)
def test_what_is_no_comment_is_not_recognised_and_not_read(inside: str) -> None:
    page = made(inside)
    assert not SITE.recognises(page)
    with pytest.raises(ParseError, match=r"kettles\.example"):
        SITE.parse(page)


@pytest.mark.parametrize(
    "body", [b'{"error": "rate limit"}', b'{"@type": "Comment", "text": "A"}', b"Too many requests"]
)
def test_what_is_no_page_is_refused(body: bytes) -> None:
    page = Page(ARTICLE, body)
    assert not SITE.recognises(page)
    with pytest.raises(ParseError, match="no HTML"):
        SITE.parse(page)


def test_a_changed_layout_is_said_to_be_one() -> None:
    with pytest.raises(ParseError, match="found 2 comments and no text"):
        SITE.parse(made(_COMMENT.format("") * 2))


def test_a_page_that_does_not_say_where_it_is_from_asks_for_its_address() -> None:
    with pytest.raises(ParseError, match="--url"):
        SITE.parse(made(_COMMENT.format('<p itemprop="text">A</p>'), None))


# Ids, parents and bodies.


def ids_of(page: Page) -> list[tuple[str | None, object]]:
    return [(comment.native_id, comment.parent_native_id) for comment in thread_of(page).comments]


def test_an_address_that_all_comments_share_is_no_id() -> None:
    two = [{"@type": "Comment", "url": f"{ARTICLE}#comments", "identifier": n, "text": "A"} for n in (7, 8)]
    assert ids_of(made(script({"@context": "https://schema.org", "@type": "Article", "comment": two}))) == [
        ("7", NOT_SHOWN),
        ("8", NOT_SHOWN),
    ]
    del two[0]["identifier"], two[1]["identifier"]
    two[0]["url"] = two[1]["url"] = f"{ARTICLE}#same"
    two[1]["text"] = "B"
    two[1]["@id"] = "_:b1"
    found = thread_of(made(script({"@context": "https://schema.org", "@type": "Article", "comment": [two[0], two[1]]})))
    assert [comment.native_id for comment in found.comments] == [None, None]


def test_comments_that_answer_each_other_in_a_circle_are_read() -> None:
    graph = [{"@type": "Comment", "@id": f"#c{n}", "text": "A", "parentItem": {"@id": f"#c{3 - n}"}} for n in (1, 2)]
    page = made(script({"@context": "https://schema.org", "@graph": graph}))
    assert ids_of(page) == [("c1", "c2"), ("c2", "c1")]
    assert [comment.depth for comment in thread_of(page).comments] == [NOT_SHOWN, NOT_SHOWN]


def test_where_a_link_and_nesting_disagree_the_link_is_kept() -> None:
    inner = {"@type": "Comment", "@id": "#c3", "text": "C", "parentItem": {"@id": "#c1"}}
    outer = {"@type": "Comment", "@id": "#c2", "text": "B", "comment": inner}
    graph = [{"@type": "Comment", "@id": "#c1", "text": "A"}, outer]
    page = made(script({"@context": "https://schema.org", "@graph": graph}))
    assert dict(ids_of(page)) == {"c1": None, "c2": None, "c3": "c1"}
    assert thread_of(page).disagreements == 1


def test_what_two_blocks_say_of_one_comment_is_one_comment() -> None:
    said = {"@type": "Comment", "text": "A", "author": {"name": "Ada"}, "dateCreated": "2024-05-01T08:00:00Z"}
    article = {"@context": "https://schema.org", "@type": "Article", "comment": [said, {**said, "text": "B"}]}
    assert len(thread_of(made(script(article) + script(article))).comments) == 2
    twice = {**article, "comment": [said, said]}
    assert len(thread_of(made(script(twice))).comments) == 2


@pytest.mark.parametrize(
    ("block", "count"),
    [
        ("<!--\n{}\n-->", 1),
        ("//<![CDATA[\n{}\n//]]>", 1),
        ("/*<![CDATA[*/{}/*]]>*/", 1),
        ("{};", 1),
        ('{{"broken": }}', 0),
        ("", 0),
    ],
)
def test_a_block_is_unwrapped_or_left_out(block: str, count: int) -> None:
    comment = json.dumps({"@context": "https://schema.org", "@type": "Comment", "text": "A -->"})
    page = made(f'<script type="application/ld+json">{block.format(comment)}</script>')
    assert len(jsonld.read_jsonld(page).comments) == count


def test_a_block_with_line_breaks_in_its_strings_is_read() -> None:
    page = made(
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"Comment","text":"A\nB"}</script>'
    )
    assert shown(thread_of(page).comments[0].body_text) == "A\nB"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("if a<b and c>d", "if a&lt;b and c&gt;d"),
        ("<div> is what I wrote", "&lt;div&gt; is what I wrote"),
        ("one<br/>two", "one<br/>two"),
        ("caf&eacute; AT&T;", "caf&amp;eacute; AT&amp;T;"),
        ("don&#8217;t\nshout", "don&#8217;t<br>shout"),
    ],
)
def test_a_plain_text_is_kept_to_the_letter_and_markup_as_markup(text: str, html: str) -> None:
    assert bodies.as_html(text) == html


def test_buttons_and_names_in_a_text_are_left_out_and_words_are_not() -> None:
    text = (
        '<p itemprop="text"><b itemprop="author">Ada</b> I <i class="reply">reply to all that was said above by you</i>'
        '<button>Like</button> and go.<a class="comment-reply-link" href="#">Reply to Ada</a></p>'
    )
    page = made(f'<div itemscope itemtype="http://schema.org/Comment">{text}</div>')
    assert shown(thread_of(page).comments[0].body_text) == "I reply to all that was said above by you and go."


def test_likes_and_unreadable_blocks_are_noted_on_the_thread() -> None:
    inside = (
        '<div class="h-entry"><div class="p-comment h-cite" id="a"><p class="p-content">A</p></div>'
        '<div class="p-repost h-cite">B</div>'
        '<div class="u-comment h-cite"><a class="u-bookmark-of" href="/">B</a></div></div>'
        '<script type="application/ld+json">{"@type": "Comment"</script>'
    )
    assert thread_of(made(inside)).thread.marks == (
        Mark(kind="bookmarks", value="1"),
        Mark(kind="reposts", value="1"),
        Mark(kind="unreadable JSON-LD", value="1"),
    )


# Large and deep pages.


def nested_items(count: int) -> str:
    start = (
        '<div itemprop="comment" itemscope itemtype="https://schema.org/Comment" id="c{0}"><p itemprop="text">{0}</p>'
    )
    return "".join(start.format(number) for number in range(count)) + "</div>" * count


def nested_cites(count: int) -> str:
    start = '<div class="u-comment h-cite" id="c{0}"><p class="p-content">{0}</p>'
    return "".join(start.format(number) for number in range(count)) + "</div>" * count


def nested_json(count: int) -> str:
    start = '{{"@context":"https://schema.org","@type":"Comment","@id":"#c{0}","text":"{0}","comment":['
    text = "".join(start.format(number) for number in range(count)) + "]}" * count
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize("nested", [nested_items, nested_cites, nested_json])
@pytest.mark.parametrize("count", [10, 3_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_replies_as_deep_as_they_like_are_read_whole(nested: object, count: int) -> None:
    assert callable(nested)
    found = thread_of(made(nested(count)))
    assert [comment.depth for comment in found.comments] == list(range(count))
    assert [comment.parent_native_id for comment in found.comments] == [None, *(f"c{n}" for n in range(count - 1))]
    assert [comment.body_text for comment in found.comments] == [str(number) for number in range(count)]


def test_a_page_of_a_thousand_comments_in_lists_is_read_whole() -> None:
    item = (
        '<li id="c{0}"><div itemscope itemtype="https://schema.org/Comment"><b itemprop="author">Ada {0}</b>'
        '<time itemprop="dateCreated" datetime="2024-05-01T08:00:00Z">then</time><p itemprop="text">{0}</p></div><ol>'
    )
    inside = "<ol>"
    for number in range(1000):
        inside += item.format(number) + ("</ol></li>" * 10 if number % 10 == 9 else "")
    found = thread_of(made(inside)).comments
    assert [comment.depth for comment in found] == [number % 10 for number in range(1000)]
    assert [comment.native_id for comment in found] == [f"c{number}" for number in range(1000)]
    assert all(isinstance(comment.author, Author) and comment.published_at for comment in found)


@pytest.mark.parametrize("piece", ["\n", " ", "\n \t", "<", "-->", "&", "<br", "<p", "//<![CDATA[", "reply "])
def test_patterns_are_linear(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert_linear(bodies.as_html, text)
    assert_linear(
        lambda part: jsonld.read_jsonld(Page(None, b"<p>omment</p>" + script("").replace('""', part).encode())), text
    )


# Addresses and a crawl.


def test_addresses() -> None:
    assert not SITE.claims(ARTICLE)
    assert SITE.thread_id(ARTICLE) is None
    assert SITE.start(f"{ARTICLE}?a=1#comments") == Link(url=f"{ARTICLE}?a=1")
    for url in ("ftp://kettles.example/", "kettles.example", "http://[", "mailto:ada@kettles.example"):
        with pytest.raises(UnknownSite, match="is no web address"):
            SITE.start(url)


def test_a_front_page_that_calls_itself_canonical_everywhere_is_not_the_thread() -> None:
    inside = '<link rel="canonical" href="https://kettles.example/">' + _COMMENT.format('<p itemprop="text">A</p>')
    assert thread_of(made(inside)).thread.native_id == "/2024/limescale/"


def test_a_crawl_follows_the_pages_of_a_thread_and_proves_no_end(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    comment = '<div id="c{0}" itemscope itemtype="https://schema.org/Comment"><p itemprop="text">{0}</p></div>'
    first = f'<html><head><link rel="next" href="/t/?page=2"></head><body>{comment.format(1)}</body></html>'
    second = f'<html><head><link rel="prev" href="/t/"></head><body>{comment.format(2)}</body></html>'
    with Loopback({"/t/": response(first.encode()), "/t/?page=2": response(second.encode())}) as server:
        ended = btl("crawl", archive, server.url("/t/#c2"), "--site", "structured", "--delay", "0")
        assert server.paths() == ["/t/", "/t/?page=2"], ended.err
    assert rows(archive, "SELECT native_id FROM threads") == [("/t/",)]
    assert rows(archive, "SELECT native_id FROM comments ORDER BY position") == [("c1",), ("c2",)]
    assert rows(archive, "SELECT verdict FROM readings") == [("unverified",)]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/a/b.png", "https://kettles.example/a/b.png"),
        ("/", "https://kettles.example/"),
        ("/a/../b", "https://kettles.example/b"),
        ("/./a", "https://kettles.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("/a\n", "https://kettles.example/a"),
        ("https://other.example/a\n", "https://other.example/a"),
        ("/a?", "https://kettles.example/a"),
        ("/a b", None),
    ],
)
def test_an_address_is_joined_as_browsers_join_it(href: str, expected: str | None) -> None:
    assert addresses.resolve(href, ARTICLE) == expected


@pytest.mark.parametrize(
    "wrapping", ["{}", "<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "/* <![CDATA[ */{};/* ]]> */", "{} -->;"]
)
def test_json_is_taken_out_of_its_wrapping_and_its_texts_stay_whole(wrapping: str) -> None:
    def read(count: int) -> None:
        text = "It ends as this does: //]]> --> " + "]]>" * count
        comment = {"@type": "Comment", "@id": "#c1", "text": text}
        article = {"@context": "https://schema.org", "@type": "Article", "url": ARTICLE, "comment": comment}
        page = made(f'<script type="application/ld+json">{wrapping.format(json.dumps(article))}</script>')
        assert [one.body_text for one in thread_of(page).comments] == [text.strip()]

    assert_grows(read, 20_000)
