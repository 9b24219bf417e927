"""Threads without comments: what proves that there are none, for every site, and what does not."""

from pathlib import Path

import pytest
from lxml import html

from belowtheline.jobs.endings import ending_of_pages
from belowtheline.reading.emptiness import look_into, post_like, proof_of
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Completeness, Link, Thread, ThreadPage
from belowtheline.reading.markup import parse_html
from belowtheline.reading.page import Page
from belowtheline.sites.articles import lead_of
from belowtheline.sites.registry import read, site_named
from belowtheline.sites.site import Site
from tests.recorded import Recorded, post, shown_page

POST = "https://kettleblog.example/2024/05/the-slow-kettle/"
FORM = (
    '<div id="respond" class="comment-respond"><h3 id="reply-title">Leave a Reply</h3><form id="commentform">'
    '<p>Your address will not be shown before 2025-01-01.</p><a href="#" class="comment-reply-link">Cancel reply</a>'
    '<input type="hidden" name="comment_post_ID" value="12"></form></div>'
)
STYLE = '<link rel="stylesheet" href="/wp-content/themes/plain/style.css">'


def page_of(body: str) -> Page:
    return Page(POST, f"<html><head>{STYLE}</head><body>{body}</body></html>".encode(), "text/html")


def wordpress(body: str) -> ThreadPage:
    (found,) = read(site_named("wordpress"), page_of(body))
    return found


def said(found: ThreadPage) -> tuple[bool, str | None]:
    return found.completeness.is_whole, found.completeness.empty_proof


@pytest.mark.parametrize(
    ("place", "proof"),
    [
        (f'<div id="comments" class="comments-area">{FORM}</div>', "container"),
        ('<div id="comments"><ol class="comment-list"></ol></div>', "container"),
        ('<ol class="commentlist"></ol>', "container"),
        ('<div id="comments"><h2>Comments</h2><ul class="comment-list"></ul></div>', "container"),
        (f'<div id="comments"><h2 class="comments-title">0 Comments</h2>{FORM}</div>', "states zero"),
        (f'<div id="comments"><p>No comments yet.</p>{FORM}</div>', "wording"),
        (f'<div id="comments"><p>Be the first to comment!</p>{FORM}</div>', "wording"),
        ('<div id="comments"><h3>Keine Kommentare</h3></div>', "wording"),
        ('<div id="comments"><p>Aucun commentaire</p></div>', "wording"),
        ('<div id="comments"><p>Es sind noch keine Kommentare vorhanden.</p></div>', "wording"),
        ('<div id="comments"><p>Er zijn nog geen reacties</p></div>', "wording"),
        ('<div id="comments"><p>Δεν υπάρχουν σχόλια</p></div>', "wording"),
        ('<div id="comments"><h3>0 תגובות</h3></div>', "states zero"),
        ('<div id="comments"><p>Пока нет комментариев</p></div>', "wording"),
        ('<div id="comments"><p>暂无评论</p></div>', "wording"),
        (f'<div id="comments"><h2>0 Gedanken zu „Kettles“</h2>{FORM}</div>', "states zero"),
        (f'<div id="comments"><div><span class="wpdtc">0</span> Comments</div>{FORM}</div>', "states zero"),
        (
            f'<div class="comments-wrapper"><div id="comments"><div class="comments-inner"></div></div>{FORM}</div>',
            "container",
        ),
        (
            '<div id="comments"><h2>0 Comments</h2><div id="respond"><form>'
            '<iframe id="jetpack_remote_comment" src="https://jetpack.wordpress.com/jetpack-comment/"></iframe></form></div>'
            "</div>",
            "states zero",
        ),
    ],
)
def test_a_post_without_comments_is_whole_by_what_its_place_says(place: str, proof: str) -> None:
    assert said(wordpress(place)) == (True, proof)


@pytest.mark.parametrize(
    "place",
    [
        '<div id="comments"></div>',  # a script may fill it
        FORM,  # the form stands there whatever keeps the comments
        '<div id="comments"><p class="nocomments">Comments are closed.</p></div>',
        f'<div id="comments"><p>Loading …</p>{FORM}</div>',
        f'<div id="comments"><p>No comments will be published without approval.</p>{FORM}</div>',
        f'<div id="comments"><p>No comments containing links, please.</p>{FORM}</div>',
        f'<div id="comments"><a href="#">Show the comments</a>{FORM}</div>',
        f'<div id="comments"><noscript>Enable scripts to view the discussion.</noscript>{FORM}</div>',
        f'<div id="comments">{FORM}<iframe src="https://talks.example/comments?post=12"></iframe></div>',
        '<div id="comments" class="comments-area"><div id="respond" class="comment-respond"><form id="commentform">'
        '<iframe id="jetpack_remote_comment" src="https://jetpack.wordpress.com/jetpack-comment/"></iframe></form></div>'
        "</div>",
        f'<div id="comments"><button>Show 14 comments</button>{FORM}</div>',
        f'<div id="comments"><iframe src="/wp-content/plugins/tea/talk.php"></iframe>{FORM}</div>',
        f'<div id="comments"><tea-talk post="12"></tea-talk>{FORM}</div>',
        f'<div id="comments"><div id="talk-app" data-post="12"></div>{FORM}</div>',
        f'<div id="comments"><h2>Discuss it in <a href="/forum/t/12">our forum</a></h2>{FORM}</div>',
        f'<div id="comments">{FORM}</div><script>s.src = "https:\\/\\/launcher.spot.im\\/spot\\/sp_k";</script>',
        f'<script type="application/ld+json">{{"commentCount": 7}}</script><div id="comments">{FORM}</div>',
        f'<meta itemprop="commentCount" content="7"><div id="comments">{FORM}</div>',
        '<div id="comments"><p>There was nobody. No comments were made on No comments.</p></div>',
    ],
)
def test_a_place_that_proves_nothing_is_read_and_is_not_whole(place: str, tmp_path: Path) -> None:
    found = wordpress(place)
    assert (found.comments, said(found)) == ((), (False, None))
    verdict = Recorded(tmp_path).take_page(found)
    assert verdict.verdict == "unverified"
    assert ending_of_pages([("done", None)], [verdict]) == 0


def test_what_may_keep_the_comments_is_the_reason(tmp_path: Path) -> None:
    frame = '<iframe src="https://talks.example/comments?post=12"></iframe>'
    verdict = Recorded(tmp_path).take_page(wordpress(f'<div id="comments">{FORM}{frame}</div>'))
    assert verdict.reason == (
        "its comments may be kept by talks.example (https://talks.example/comments?post=12), not on this page"
    )


@pytest.mark.parametrize(
    "line",
    [
        "<p>Ann says: I like it.</p>",
        '<p><b>Ann</b> <time datetime="2024-05-06">yesterday</time></p><p>I like it.</p>',
        "<div><span>6 May 2024</span><p>I like it.</p></div>",
        "<div><span>3 hours ago</span><p>I like it.</p></div>",
        '<div>I like it. <a class="comment-reply-link" href="#">Answer</a></div>',
        '<div>I like it. <a href="?replytocom=7#respond">Answer</a></div>',
        "<div>I like it. <a href='#'>Antworten</a></div>",
        '<p class="r"><b>Rules</b></p><div class="r"><b>Ann</b><i>I like it.</i></div>'
        '<div class="r"><b>Bo</b><i>So do I.</i></div>',
        "<h2>3 Comments</h2>",
        "<h2 class='comments-title'>One moment: 14 Kommentare</h2><h3>Kommentare (14)</h3>",
    ],
)
@pytest.mark.parametrize("end", ["", FORM, "<p>No comments yet.</p>"])
def test_a_place_with_a_line_like_a_comments_is_a_layout_that_nobody_knows(line: str, end: str) -> None:
    page = page_of(f'<div id="comments"><div>{line}</div>{end}</div>')
    with pytest.raises(ParseError, match="has a layout this reader does not know"):
        read(site_named("wordpress"), page)
    with pytest.raises(ParseError, match="has a layout this reader does not know"):
        lead_of(page)


def test_the_link_to_the_comments_counts_them() -> None:
    for link in ('<a href="#comments">4 Comments</a>', f'<a href="{POST}#comments">4 Comments</a>'):
        found = wordpress(f'{link}<div id="comments">{FORM}</div>')
        assert (found.thread.declared_count, found.completeness.is_whole) == (4, False)
    other = '<a href="https://kettleblog.example/2024/04/lids/#comments">4 Comments</a>'
    assert said(wordpress(f'{other}<div id="comments">{FORM}</div>')) == (True, "container")


def test_a_list_of_nothing_but_pingbacks_is_whole() -> None:
    ping = '<li id="comment-7" class="pingback"><p><a href="https://k.example/">Kettles</a></p></li>'
    found = wordpress(f'<div id="comments"><h2>1 Comment</h2><ol class="comment-list">{ping}</ol></div>')
    assert (found.comments, said(found), found.completeness.left_out) == ((), (True, "container"), 1)


class ThirdParty(Site):
    """A site of another package that claims the end of whatever it reads."""

    name = "teahouse"
    title = "Tea House"
    example_url = "https://tea.example/1"
    reads = ("pages",)
    counts = "nothing"
    end = "its page"
    said = Completeness(is_whole=True)
    declared: int | None = None

    def claims(self, url: str) -> bool:
        return url.startswith("https://tea.example/")

    def recognises(self, page: Page) -> bool:
        return True

    def thread_id(self, url: str) -> str | None:
        return url

    def start(self, url: str) -> Link:
        return Link(url=url)

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        thread = Thread(site=self.name, native_id="1")
        if self.declared is not None:
            thread = Thread(site=self.name, native_id="1", declared_count=self.declared)
        return (ThreadPage(thread=thread, completeness=self.said),)


@pytest.mark.parametrize(
    "claimed",
    [
        Completeness(is_whole=True),
        Completeness(is_enumerated=True),
        Completeness(page_number=1, page_count=1),
        Completeness(is_whole=True, counts_visible=True),
    ],
)
@pytest.mark.parametrize("proof", [None, "states zero", "wording", "container", "export", "zero declared"])
def test_a_site_of_another_package_has_the_rule_without_a_line_of_its_own(
    claimed: Completeness, proof: str | None, tmp_path: Path
) -> None:
    site = ThirdParty()
    site.declared = 0 if proof == "zero declared" else None  # type: ignore[misc]
    fields = {name: getattr(claimed, name) for name in ("is_whole", "is_enumerated", "page_number", "page_count")}
    given = None if proof == "zero declared" else proof
    site.said = Completeness(**fields, empty_proof=given)  # type: ignore[misc, arg-type]
    (found,) = read(site, Page("https://tea.example/1", b"<html><p>Tea.</p></html>", "text/html"))
    assert Recorded(tmp_path).take_page(found).verdict == ("complete" if proof else "unverified")


def test_another_packages_site_is_refused_where_another_system_keeps_the_comments() -> None:
    embed = b'<html><div id="disqus_thread"></div></html>'
    for proof in ("states zero", "wording", "container"):
        site = ThirdParty()
        site.said = Completeness(is_whole=True, empty_proof=proof)  # type: ignore[misc, arg-type]
        with pytest.raises(ParseError, match="Tea House, and its comments are kept by Disqus, not on this page"):
            read(site, Page("https://tea.example/1", embed, "text/html"))
        site.title = "Disqus"  # type: ignore[misc]
        assert read(site, Page("https://tea.example/1", embed, "text/html"))[0].completeness.is_whole


def test_an_empty_page_without_proof_makes_no_held_comment_unseen(tmp_path: Path) -> None:
    archive = Recorded(tmp_path)
    url = "https://kettles.example/t/1"
    archive.take_page(shown_page(post("a"), post("b"), is_whole=True), "2026-02-01T10:00:00Z", url)
    ended = archive.take_page(shown_page(is_whole=True), "2026-02-02T10:00:00Z", url)
    assert (ended.verdict, ended.reason) == (
        "unverified",
        "no comments are shown, and nothing proves that there are none",
    )
    assert archive.rows("SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == [(0,)]
    ended = archive.take_page(shown_page(is_whole=True, empty_proof="wording"), "2026-02-03T10:00:00Z", url)
    assert ended.verdict == "complete"
    assert archive.rows("SELECT count(*) FROM comments WHERE not_seen_since IS NOT NULL") == [(2,)]


def test_a_deep_place_is_looked_into_without_recursion() -> None:
    deep = parse_html("<div>" * 2_000 + "No comments yet." + "</div>" * 2_000, "a page")
    assert proof_of(deep) == "wording"
    assert post_like(deep) is None
    assert look_into(html.fromstring("<div><!-- 3 Comments --><script>var a = 'Ann says:'</script></div>")).lines == []


@pytest.mark.parametrize(
    ("name", "url", "page"),
    [
        ("lwn", "https://lwn.net/Articles/5/", '<a name="Comments"></a><div class="Talk">Ann said: I like it.</div>'),
        (
            "theregister",
            "https://forums.theregister.com/forum/all/2025/03/14/lid/",
            '<div id="forum_posts"><div class="letter"><time>now</time><p>I like it.</p></div></div>',
        ),
    ],
)
def test_a_list_of_other_sites_with_lines_like_comments_is_a_layout_that_nobody_knows(
    name: str, url: str, page: str
) -> None:
    html_page = f"<html><head><title>Lid [LWN.net]</title></head><body><h1>Lid</h1>{page}</body></html>"
    with pytest.raises(ParseError, match="has a layout this reader does not know"):
        read(site_named(name), Page(url, html_page.encode(), "text/html"))


def test_markup_without_comments_says_who_keeps_them() -> None:
    page = Page(POST, b'<html><div itemscope></div><div id="commento"></div></html>', "text/html")
    with pytest.raises(ParseError, match="marks up no comments, and its comments are kept by Commento"):
        read(site_named("structured"), page)
