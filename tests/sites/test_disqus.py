"""Disqus: addresses, requests and their key, and the articles that embed a thread; all invented."""

import re
from pathlib import Path

import pytest

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link
from belowtheline.reading.page import Page
from belowtheline.sites import disqus
from belowtheline.sites.articles import lead_of
from belowtheline.sites.disqus import Disqus, addresses, embeds, exports, lists, wording
from tests.growth import assert_linear

SITE = Disqus()
CASES = Path(__file__).parents[1] / "sites/disqus"
API = "https://disqus.com/api/3.0/"
DETAILS = API + "threads/details.json?"
EMBED = "https://disqus.com/embed/comments/?base=default&f=kettles&t_i=post-12&t_u=https%3A%2F%2Fkettle.example%2Fa&s_o=default"


# Addresses and requests.


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (EMBED, EMBED),
        (EMBED + "#version=1a2b", EMBED),
        ("https://disqus.com/embed/comments/?f=kettles&t_i=post-12&t_t=Kettles&t_u=https://kettle.example/a", EMBED),
        (API + "threads/listPosts.json?forum=kettles&thread=700&api_key=k", DETAILS + "forum=kettles&thread=700"),
        (API + "posts/list.json?thread=700&cursor=1:0:0", DETAILS + "thread=700"),
        (
            API + "threads/details?forum=kettles&thread=ident:post-12",
            "https://disqus.com/embed/comments/?base=default&f=kettles&t_i=post-12&s_o=default",
        ),
        (
            API + "threads/listPosts.json?thread:link=https://kettle.example/a&forum=kettles",
            "https://disqus.com/embed/comments/?base=default&f=kettles&t_u=https%3A%2F%2Fkettle.example%2Fa&s_o=default",
        ),
        (
            "http://127.0.0.1:80/embed/comments/?f=kettles&t_i=1",
            "http://127.0.0.1:80/embed/comments/?base=default&f=kettles&t_i=1&s_o=default",
        ),
    ],
)  # fmt: skip
def test_every_address_of_a_thread_leads_to_its_first_request(url: str, expected: str) -> None:
    assert SITE.start(url) == Link(url=expected)
    assert SITE.thread_id(url) == ("700" if "thread=700" in url else None)
    assert SITE.claims(url) == ("disqus.com" in url)


@pytest.mark.parametrize(
    "url",
    [
        "https://disqus.com/home/discussion/kettles/descaling_your_kettle/",
        "https://disqus.com/home/discussion/kettles/descaling_your_kettle/newest/#comment-101",
        "http://kettles.disqus.com/descaling_your_kettle/",
    ],
)
def test_a_discussion_is_found_by_the_api_or_the_key_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(wording.KEY, raising=False)
    with pytest.raises(UnknownSite, match=wording.KEY):
        SITE.start(url)
    monkeypatch.setenv(wording.KEY, "secret")
    expected = API + "threads/details.json?forum=kettles&thread=slug:descaling_your_kettle"
    assert SITE.start(url) == Link(url=expected)


@pytest.mark.parametrize(
    "url",
    [
        "https://disqus.com/",
        "https://disqus.com/by/ada/",
        "https://disqus.com/home/forum/kettles/",
        "https://disqus.com/embed/comments/?base=default&f=kettles",
        "https://disqus.com/api/3.0/posts/list.json?forum=kettles",
        "https://kettles.disqus.com/embed.js",
        "https://help.disqus.com/article",
        "https://disq.us/p/1abcde",
    ],
)
def test_an_address_of_no_thread_is_refused_with_the_next_step(url: str) -> None:
    assert SITE.claims(url)
    assert SITE.thread_id(url) is None
    with pytest.raises(UnknownSite, match="give the article's address"):
        SITE.start(url)


def test_other_hosts_are_not_claimed() -> None:
    for url in (
        "https://disqus.com.example.org/embed/comments/?f=a&t_i=1",
        "https://notdisqus.com/",
        "https://kettle.example/",
    ):
        assert not SITE.claims(url)


def test_the_embedded_page_is_asked_of_the_api_where_it_is_missing() -> None:
    url = API + "threads/details.json?forum=kettles&thread=ident:post-12"
    assert SITE.otherwise(EMBED) == Link(url=url, kind="fallback")
    assert SITE.otherwise(url) is None
    assert SITE.otherwise("https://disqus.com/") is None


def test_the_key_is_sent_to_the_api_alone_and_over_https_alone() -> None:
    keys = {wording.KEY: "secret"}
    url = API + "threads/details.json?thread=700"
    assert SITE.signed(Link(url=url), keys) == (url + "&api_key=secret", {})
    for other in (
        url.replace("https:", "http:"),
        url.replace("disqus.com", "disqus.com.example.org"),
        url.replace("disqus.com", "disqus.com@example.org"),
        url.replace("disqus.com", "disqus.com:8443"),
        url.replace("https://disqus.com", "http://127.0.0.1:8080"),
        EMBED,
    ):
        assert SITE.signed(Link(url=other), keys) == (other, {})
    assert SITE.signed(Link(url=url), {}) == (url, {})


# Articles that embed a thread.

PLACE = '<div id="disqus_thread"></div>'
FORUM = "<script>var disqus_shortname = 'kettles';</script>"


def found_in(text: str, url: str | None = "https://kettle.example/a?x=1") -> Link | None:
    return SITE.find_thread(Page(url, f"<!DOCTYPE html><html><body>{text}</body></html>".encode()))


def embed(forum: str, ident: str | None, link: str | None) -> Link:
    return Link(url=addresses.embed_url("https://disqus.com", forum, ident, link))


HERE = "https://kettle.example/a?x=1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 2008
        (PLACE + '<script src="http://disqus.com/forums/kettles/embed.js"></script>', embed("kettles", None, HERE)),
        # 2010, by the WordPress plugin
        (
            PLACE + "<script>var disqus_url = 'http://kettle.example/a ';\nvar disqus_identifier = '12 http://k.example';\n"
            "var disqus_shortname = 'kettles';\ndsq.src = 'http://' + disqus_shortname + '.' + disqus_domain;</script>",
            embed("kettles", "12 http://k.example", "http://kettle.example/a"),
        ),
        # 2014, Disqus's own code, with its explanations
        (
            PLACE + "<script>\n// var disqus_identifier = 'unique identifier';\n/* var disqus_config = function () {\n"
            "this.page.url = 'https://example.com/sample'; this.page.identifier = PAGE_IDENTIFIER; }; */\n"
            "var disqus_config = function () {\nthis.page.url = \"https://kettle.example/it\\u0027s\";\n"
            "this.page.identifier = 'it\\'s';\n};\ns.src = 'https://kettles.disqus.com/embed.js';</script>",
            embed("kettles", "it's", "https://kettle.example/it's"),
        ),
        # since 2017, by the WordPress plugin
        (
            PLACE + '<script>var embedVars = {"disqusIdentifier":"12 https:\\/\\/k.example\\/?p=12",'
            '"disqusShortname":"kettles","disqusUrl":"https:\\/\\/kettle.example\\/a"};</script>',
            embed("kettles", "12 https://k.example/?p=12", "https://kettle.example/a"),
        ),
        (
            '<div id="disqus_thread" data-disqus-identifier="a&amp;b"></div>'
            '<a href="/b#disqus_thread" data-disqus-identifier="c">3</a>'
            "<script>var disqus_shortname = 'kettles';</script>",
            embed("kettles", "a&b", HERE),
        ),
        ("<script src='//kettles.disqus.com/embed.js' data-timestamp='1'></script>", embed("kettles", None, HERE)),
        (f'<iframe src="{EMBED.replace("&", "&amp;")}#version=1"></iframe>', Link(url=EMBED)),
        # an address that is put together by the script is not known
        (PLACE + f"{FORUM}<script>disqus_url='https://' + host;</script>", embed("kettles", None, HERE)),
        (PLACE + f"<script>x.accept = '*/*';</script>{FORUM}", embed("kettles", None, HERE)),
        # what only counts comments, or only speaks of Disqus
        (FORUM + "<script>s.src = 'http://disqus.com/forums/' + disqus_shortname + '/count.js';</script>", None),
        ('<script id="dsq-count-scr" src="//kettles.disqus.com/count.js" async></script>', None),
        (PLACE, None),
        ("<p>We left disqus.com for good.</p>", None),
        (PLACE + "<script>var disqus_shortname = 'one';</script><script>var disqus_shortname = 'two';</script>", None),
        (PLACE + "<script>var disqus_shortname = '../../x';</script>", None),
    ],
)  # fmt: skip
def test_an_article_leads_to_the_thread_it_embeds(text: str, expected: Link | None) -> None:
    assert found_in(text) == expected


def test_an_article_saved_without_its_address_names_the_thread_or_leads_nowhere() -> None:
    script = "<script>var disqus_shortname = 'kettles';</script>"
    assert found_in(PLACE + script, None) is None
    assert found_in(PLACE + script.replace("';", "', disqus_identifier = 'x';"), None) == embed("kettles", "x", None)


def test_an_embedded_thread_comes_before_links_and_after_comments_on_the_page() -> None:
    link = '<a href="https://www.reddit.com/r/kettles/comments/1abcde/x/">Discuss on Reddit</a>'
    body = f"<html><body>{link}{PLACE}<script src='//kettles.disqus.com/embed.js'></script></body></html>".encode()
    assert lead_of(Page(HERE, body)).link == embed("kettles", None, HERE)
    written = lead_of(Page(HERE, (CASES / "wordpress-list/page.html").read_bytes()))
    assert (written.site, written.link, len(written.pages[0].comments)) == ("disqus", None, 3)


def test_an_article_whose_comments_are_elsewhere_says_where() -> None:
    page = Page(
        HERE, f"<html><body>{PLACE}<script src='//kettles.disqus.com/embed.js'></script></body></html>".encode()
    )
    assert not SITE.recognises(page)
    with pytest.raises(ParseError, match=re.escape("https://disqus.com/embed/comments/?base=default&f=kettles&t_u=")):
        SITE.parse(page)


@pytest.mark.parametrize(
    "text",
    [
        "disqus",
        "disqus_shortname='",
        'id="disqus_thread',
        "<" * 50_000 + "disqus",
        "disqus\\",
        "disqus_url=\"\\ud800\";disqus_shortname='k'" + PLACE,
    ],
)
def test_odd_markup_leads_nowhere_and_raises_nothing(text: str) -> None:
    page = Page(None, ("<!DOCTYPE html>" + text).encode())
    assert SITE.find_thread(page) is None or "disqus_url" in text


def test_every_pattern_is_linear() -> None:
    modules = (disqus, addresses, embeds, exports, lists, wording)
    patterns = [value for module in modules for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert len(patterns) > 12
    hostile = (
        "a", " ", "1", "<", '"', "\\", "/*", "-", "dsq-a", "\n", "disqus_url='\\", "id=disqus_thread ", "//a", "<a id=",
        "<disqus ", "data-disqus-url='", "margin-left:", "https://disqus.com/embed/comments/?", "depth-",
        "disqus.com/forums/a",
    )  # fmt: skip
    for pattern in patterns:
        for text in (part * (100_000 // len(part)) for part in hostile):
            assert_linear(pattern.search, text)
