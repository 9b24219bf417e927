"""The Register's addresses: one topic has many, and its key is date and slug."""

import pytest

from belowtheline.reading.errors import UnknownSite
from belowtheline.sites.registry import site_named
from belowtheline.sites.theregister import addresses
from tests.growth import assert_linear

KEY = "2013/04/01/slug"
TOPICS = [
    "http://www.theregister.co.uk/2013/04/01/slug/comments/",
    "https://www.theregister.co.uk/2013/04/01/slug/comments",
    "http://www.theregister.co.uk/2013/04/01/slug/comments/page2.html",
    "http://forums.theregister.co.uk/forum/1/2013/04/01/slug/",
    "https://forums.theregister.co.uk/forum/2/2013/04/01/slug/",
    "http://m.forums.theregister.co.uk/forum/3/2013/04/01/slug/#c_1783759",
    "http://forums.channelregister.co.uk/forum/1/2013/04/01/slug",
    "http://forums.reghardware.com/forum/1/2013/04/01/slug/?x=1",
    "https://forums.theregister.com/forum/all/2013/04/01/slug/",
    "https://FORUMS.theregister.com/forum/all/2013/04/01/slug/",
]


@pytest.mark.parametrize("url", TOPICS)
def test_every_address_of_a_topic_has_its_key(url: str) -> None:
    assert addresses.topic_key(url) == KEY
    assert addresses.is_ours(url)
    site = site_named("theregister")
    assert site.claims(url)
    assert site.thread_id(url) == KEY
    assert site.start(url).url == f"https://forums.theregister.com/forum/all/{KEY}/"


def test_a_numeric_slug_is_a_slug() -> None:
    assert addresses.topic_key("https://forums.theregister.com/forum/all/2026/05/11/202617/") == "2026/05/11/202617"


@pytest.mark.parametrize(
    "url",
    [
        "https://forums.theregister.com/",
        "https://forums.theregister.com/forum/all/",
        "https://forums.theregister.com/forum/all/2013/04/01/",
        "https://forums.theregister.com/user/48210/",
        "https://forums.theregister.com/post/reply/5021003",
        "not an address",
        "",
    ],
)
def test_other_addresses_are_no_topics(url: str) -> None:
    assert addresses.topic_key(url) is None
    with pytest.raises(UnknownSite):
        site_named("theregister").start(url)


@pytest.mark.parametrize("path", ["2013/04/01/slug/", "offbeat/2013/04/01/slug/5253754"])
def test_an_article_is_asked_for_itself_since_its_page_links_to_its_topic(path: str) -> None:
    link = site_named("theregister").start(f"https://www.theregister.com/{path}")
    assert (link.url, link.kind) == (f"https://www.theregister.com/{path}", "article")


def test_the_topic_of_a_post_is_asked_for_as_it_is() -> None:
    url = "https://forums.theregister.com/forum/containing/5021003"
    assert addresses.is_containing(url)
    assert site_named("theregister").start(url).url == url


def test_the_first_numbered_page_is_the_other_way() -> None:
    site = site_named("theregister")
    link = site.otherwise(f"https://forums.theregister.com/forum/all/{KEY}/")
    assert link is not None
    assert (link.url, link.kind) == (f"https://forums.theregister.com/forum/1/{KEY}/", "fallback")
    assert site.otherwise(link.url) is None


@pytest.mark.parametrize(
    "url", ["https://theregister.com.evil.example/forum/all/2013/04/01/slug/", "https://example.com/theregister.com"]
)
def test_other_hosts_are_not_ours(url: str) -> None:
    assert not addresses.is_ours(url)


def test_pages_are_told_by_address() -> None:
    assert addresses.page_of("https://forums.theregister.com/forum/all/2013/04/01/slug/") == "all"
    assert addresses.page_of("https://forums.theregister.com/forum/12/2013/04/01/slug/") == "12"
    assert addresses.page_of("http://www.theregister.co.uk/2013/04/01/slug/comments/") is None


def test_links_are_resolved() -> None:
    base = "https://forums.theregister.com/forum/all/2013/04/01/slug/"
    assert addresses.resolve("#c_1", base) == f"{base}#c_1"
    assert addresses.resolve("/user/1/", base) == "https://forums.theregister.com/user/1/"
    assert addresses.resolve("//www.theregister.com/x", base) == "https://www.theregister.com/x"
    assert addresses.resolve("https://example.com/", base) == "https://example.com/"


@pytest.mark.parametrize("unit", ["/forum/all/", "/2013/04/01/", "a-b_", "1/", "?", "#"])
def test_long_addresses_cost_little(unit: str) -> None:
    url = "https://forums.theregister.com/" + unit * (100_000 // len(unit))
    for look in (addresses.topic_key, addresses.article_key, addresses.is_containing):
        assert_linear(look, url)
