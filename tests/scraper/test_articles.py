"""From an article's address to its comments, wherever they are; and threads of five platforms in one crawl."""

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from belowtheline.reading.errors import ParseError, ReaderError
from belowtheline.reading.page import Page
from belowtheline.sites.articles import lead_of
from belowtheline.sites.structured import Structured
from tests.loopback import Loopback, btl, in_turn, pages, post, response, rows, topic, value

CASES = Path(__file__).parents[1] / "sites"
JSON = {"Content-Type": "application/json"}
TOPIC = (CASES / "discourse/quotes-and-pictures/body.json").read_bytes()
EMPTY = b"<!DOCTYPE html><html><head><title>An article</title></head><body><p>Words.</p></body></html>"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def embedding(forum: str) -> bytes:
    script = f'<script>DiscourseEmbed = {{ discourseUrl: "{forum}/", topicId: 77 }};</script>'
    return EMPTY.replace(b"</body>", script.encode() + b"</body>")


def test_an_article_leads_to_the_thread_it_embeds(archive: Path, server: Loopback) -> None:
    server.answers = {
        "/2026/03/kettle-care": response(embedding(server.url(""))),
        "/t/77.json": response(TOPIC, headers=JSON),
    }
    ended = btl("crawl", archive, server.url("/2026/03/kettle-care#comments"), "--delay", "0")
    assert ended.code == 0, ended.err
    assert server.paths() == ["/2026/03/kettle-care", "/t/77.json"]
    assert pages(archive, "kind, state") == [("article", "done"), ("page", "done")]
    assert rows(archive, "SELECT s.name, verdict FROM readings r JOIN sites s ON s.id = r.site_id") == [
        ("discourse", "complete")
    ]
    assert value(archive, "SELECT count(*) FROM comments") == 2


def test_an_article_with_its_comments_below_it_is_read_once(archive: Path, server: Loopback) -> None:
    page = (CASES / "wordpress/twenty-ten-closed/page.html").read_bytes()
    server.answers = {"/2024/05/the-slow-kettle/": response(page)}
    ended = btl("crawl", archive, server.url("/2024/05/the-slow-kettle/"), "--delay", "0")
    assert ended.code == 0, ended.err
    assert server.paths() == ["/2024/05/the-slow-kettle/"]
    assert rows(archive, "SELECT DISTINCT s.name FROM threads t JOIN sites s ON s.id = t.site_id") == [("wordpress",)]


def test_the_same_article_twice_goes_on_with_its_open_reading(archive: Path, server: Loopback) -> None:
    later = response(b"wait", 503, {"Retry-After": "3600"})
    server.answers = {
        "/kettle-care": response(embedding(server.url(""))),
        "/t/77.json": in_turn(later, response(TOPIC, headers=JSON)),
    }
    assert btl("crawl", archive, server.url("/kettle-care"), "--delay", "0").code == 3
    assert btl("crawl", archive, server.url("/kettle-care"), "--delay", "0").code == 3
    assert server.paths() == ["/kettle-care", "/t/77.json"]
    assert value(archive, "SELECT count(*) FROM readings") == 1


def test_an_article_of_the_register_leads_to_its_topic(archive: Path, server: Loopback) -> None:
    links = b'<a href="/forum/all/2025/03/14/kettle/">2 comments</a><a href="/forum/all/2025/03/13/toaster/">90</a>'
    server.answers = {
        "/2025/03/14/kettle/": response(EMPTY.replace(b"</body>", links + b"</body>")),
        "/forum/all/2025/03/14/kettle/": response(topic([post(5000001, "It boils.")])),
    }
    ended = btl("crawl", archive, server.url("/2025/03/14/kettle/"), "--site", "theregister", "--delay", "0")
    assert ended.code == 0, ended.err
    assert server.paths() == ["/2025/03/14/kettle/", "/forum/all/2025/03/14/kettle/"]


def test_try_follows_an_article_to_its_comments(server: Loopback) -> None:
    server.answers = {"/kettle-care": response(embedding(server.url(""))), "/t/77.json": response(TOPIC, headers=JSON)}
    ended = btl("try", server.url("/kettle-care"))
    assert ended.code == 0, ended.err
    (found,) = json.loads(ended.out)
    assert (found["thread"]["site"], len(found["comments"])) == ("discourse", 2)


def test_two_articles_of_one_thread_are_one_reading(archive: Path, server: Loopback) -> None:
    page = response(embedding(server.url("")))
    server.answers = {"/a": page, "/b": page, "/t/77.json": response(TOPIC, headers=JSON)}
    ended = btl("crawl", archive, server.url("/a"), server.url("/b"), "--delay", "0")
    assert ended.code == 0, ended.err
    assert server.paths().count("/t/77.json") == 1
    assert value(archive, "SELECT count(*) FROM comments") == 2


def test_an_article_without_comments_says_what_was_looked_for(archive: Path, server: Loopback) -> None:
    server.answers = {"/story": response(EMPTY)}
    ended = btl("crawl", archive, server.url("/story"), "--delay", "0")
    assert ended.code == 3
    assert "shows no comments and leads to none" in ended.err
    assert pages(archive) == [("failed", "no comments")]
    assert value(archive, "SELECT count(*) FROM captures WHERE url LIKE '%/story'") == 1


def test_own_comments_come_before_a_link_to_a_discussion_elsewhere() -> None:
    link = b'<p><a href="https://news.ycombinator.com/item?id=1">Discuss on Hacker News</a></p></body>'
    alone = lead_of(Page("https://blog.example/1", EMPTY.replace(b"</body>", link), "text/html", None))
    assert (alone.site, alone.link is not None) == ("hackernews", True)
    commented = (CASES / "wordpress/twenty-ten-closed/page.html").read_bytes()
    own = lead_of(Page("https://blog.example/2", commented.replace(b"</body>", link), "text/html", None))
    assert (own.site, own.link) == ("wordpress", None)


def test_a_page_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(ParseError, match="leads to none"):
        lead_of(Page("https://blog.example/1", EMPTY, "text/html", None))


def test_a_missing_address_is_tried_otherwise_once_and_a_refused_one_is_not(archive: Path, server: Loopback) -> None:
    page = (CASES / "discourse/older-page-for-crawlers/page.html").read_bytes()
    server.answers = {"/t/77.json": response(b"no", 404), "/t/77": response(page), "/t/78.json": response(b"no", 403)}
    ended = btl("crawl", archive, server.url("/t/kettle-care/77"), server.url("/t/kettle-care/78"), "--delay", "0")
    assert sorted(server.paths()) == ["/t/77", "/t/77.json", "/t/78.json"]
    assert sorted(pages(archive))[0] == ("done", None)
    assert {("skipped", "http 404"), ("failed", "blocked")} < set(pages(archive))
    assert ended.code == 5, ended.err


def test_a_missing_key_is_named(archive: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDDIT_TOKEN", raising=False)
    ended = btl("crawl", archive, server.url("/r/x/comments/abc12/"), "--site", "reddit", "--delay", "0")
    assert "reddit is asked without a key (REDDIT_TOKEN is not set)" in ended.err


def _entry(number: int) -> dict[str, object]:
    return {
        "@type": "Comment",
        "@id": f"#c{number}",
        "author": {"@type": "Person", "name": f"Fern {number}"},
        "dateCreated": f"2026-03-01T10:0{number}:00Z",
        "text": f"Descale it, part {number}.",
    }


def _structured() -> bytes:
    article = {"@context": "https://schema.org", "@type": "Article", "headline": "Kettles", "commentCount": 2}
    data = json.dumps(article | {"comment": [_entry(1), _entry(2)]}).encode()
    return EMPTY.replace(b"</head>", b'<script type="application/ld+json">' + data + b"</script></head>")


def test_threads_of_five_platforms_in_one_crawl_each_host_at_its_own_pace(archive: Path) -> None:
    with ExitStack() as stack:
        register, hackernews, discourse, wordpress, structured = (
            stack.enter_context(Loopback(host=f"127.0.0.{last}")) for last in range(11, 16)
        )
        key = "/forum/all/2025/03/14/kettle/"
        register.answers = {key: response(topic([post(5000001, "It boils."), post(5000002, "It does not.")]))}
        page = (CASES / "hackernews/nested-replies/page.html").read_bytes()
        hackernews.answers = {"/item?id=44": response(page)}
        first = (CASES / "discourse/topic-with-more-posts/body.json").read_bytes()
        discourse.answers = {"/t/77.json": response(first, headers=JSON)}
        first = (CASES / "wordpress/twenty-ten-closed/page.html").read_bytes()
        wordpress.answers = {f"/{year}/kettle/": response(first) for year in (2023, 2024, 2025)}
        structured.answers = {"/kettles": response(_structured())}
        paces = ((register, 0.1), (hackernews, 0.1), (discourse, 0.3), (wordpress, 0.8), (structured, 0.1))
        for server, pace in paces:
            rules = f"User-agent: *\nCrawl-delay: {pace}\n".encode()
            server.answers["/robots.txt"] = response(rules, headers={"Content-Type": "text/plain"})
        urls = [
            register.url(key),
            hackernews.url("/item?id=44"),
            discourse.url("/t/kettle-care/77"),
            *(wordpress.url(path) for path in ("/2023/kettle/", "/2024/kettle/", "/2025/kettle/")),
            structured.url("/kettles"),
        ]
        ended = btl("crawl", archive, *urls, "--delay", "0")
    found = dict(rows(archive, "SELECT s.name, count(*) FROM threads t JOIN sites s ON s.id = t.site_id GROUP BY 1"))
    assert set(found) == {"theregister", "hackernews", "discourse", "wordpress", "structured"}, ended.err
    for server, pace in paces:
        began = [asked.began for asked in server.asked if asked.path != "/robots.txt"]
        assert all(later - earlier >= pace - 0.05 for earlier, later in itertools.pairwise(began)), server.host
    # The slow host holds up nobody: the others were done while it still had pages to hand out.
    assert max(asked.ended for asked in structured.asked) < wordpress.asked[-1].began
    assert "Traceback" not in ended.err


def test_a_site_that_fails_on_an_article_is_named_where_no_other_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object, page: Page) -> object:
        raise IndexError("list index out of range")

    page = Page(
        "https://k.example/2024/05/the-slow-kettle/", (CASES / "wordpress/twenty-ten-closed/page.html").read_bytes()
    )
    monkeypatch.setattr(Structured, "recognises", failing)
    assert lead_of(page).site == "wordpress"
    with pytest.raises(ReaderError, match=r"the-slow-kettle/ is not read, since its reader fails on it \(IndexError"):
        lead_of(Page(page.url, EMPTY))
