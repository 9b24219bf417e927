"""The sample site: its server, its pages and its page generator."""

import gzip
import re
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from importlib.resources import files
from urllib.parse import urlsplit

import pytest

from belowtheline.demo.generator import forum_page
from belowtheline.demo.server import SampleSite, copied_text
from tests.growth import assert_grows

KETTLE = "2025/03/14/kettle_firmware/"
MOON = "2009/07/18/moon_broadband/"
FAX = "2025/04/02/fax_revival/"
POST = re.compile(rb'<div class="post[ "]')


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite() as site:
        yield site


def ask(site: SampleSite, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=5)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "posts"),
    [
        (f"/forum/all/{KETTLE}", 14),
        (f"/forum/1/{KETTLE}", 14),
        (f"/forum/1/{MOON}", 6),
        (f"/forum/2/{MOON}", 4),
        (f"/forum/all/{FAX}", 0),
        (f"/forum/1/{FAX}", 0),
    ],
)
def test_each_page_is_served_with_its_posts(site: SampleSite, path: str, posts: int) -> None:
    answer, body = ask(site, path)
    assert (answer.status, answer.version) == (200, 11)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Length"] == str(len(body))
    assert len(POST.findall(body)) == posts


def test_a_client_that_accepts_gzip_gets_the_same_page_packed(site: SampleSite) -> None:
    plain, body = ask(site, f"/forum/all/{KETTLE}")
    packed, bytes_sent = ask(site, f"/forum/all/{KETTLE}", Accept_Encoding="gzip, deflate")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(bytes_sent))
    assert gzip.decompress(bytes_sent) == body


@pytest.mark.parametrize(
    "path", [f"/forum/all/{MOON}", f"/forum/3/{MOON}", "/", "/forum/containing/1", "/post/reply/5021003", "/../x"]
)
def test_what_is_not_there_is_404_with_a_body(site: SampleSite, path: str) -> None:
    answer, body = ask(site, path)
    assert answer.status == 404
    assert b"no such page" in body


@pytest.mark.parametrize(
    ("path", "status", "target"),
    [
        (f"/{KETTLE}comments/", 301, f"/forum/all/{KETTLE}"),
        (f"/{MOON}comments/", 301, f"/forum/1/{MOON}"),
        (f"/{FAX}comments/", 301, f"/forum/all/{FAX}"),
        ("/forum/containing/5021017", 302, f"/forum/all/{KETTLE}#c_5021017"),
        ("/forum/containing/534102/", 302, f"/forum/1/{MOON}#c_534102"),
        ("/forum/containing/534238", 302, f"/forum/2/{MOON}#c_534238"),
    ],
)
def test_other_addresses_lead_to_the_thread(site: SampleSite, path: str, status: int, target: str) -> None:
    answer, _ = ask(site, path)
    assert (answer.status, answer.headers["Location"]) == (status, target)
    assert ask(site, target.partition("#")[0])[0].status == 200


def test_robots_txt_refuses_only_post(site: SampleSite) -> None:
    answer, body = ask(site, "/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert body == b"User-agent: *\nDisallow: /post/\n"


def test_one_connection_serves_many_requests(site: SampleSite) -> None:
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=5)
    for _ in range(50):
        connection.request("GET", f"/forum/all/{KETTLE}")
        first = connection.sock
        assert connection.getresponse().read()
        assert connection.sock is first is not None
    connection.close()


def test_head_has_the_headers_and_no_body(site: SampleSite) -> None:
    answer, body = ask(site, f"/forum/all/{KETTLE}", "HEAD")
    assert int(answer.headers["Content-Length"]) > 10_000
    assert body == b""


def test_requests_are_remembered_and_nothing_is_printed(site: SampleSite, capfd: pytest.CaptureFixture[str]) -> None:
    ask(site, "/robots.txt")
    ask(site, "/nowhere?q=1")
    assert site.requests == ["/robots.txt", "/nowhere?q=1"]
    assert capfd.readouterr() == ("", "")


def test_leaving_the_block_ends_the_server_and_its_kept_connections() -> None:
    before = threading.active_count()
    with SampleSite() as site:
        connection = HTTPConnection(urlsplit(site.url).netloc, timeout=5)
        connection.request("GET", "/robots.txt")
        connection.getresponse().read()
    deadline = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before
    connection.close()
    with pytest.raises(ConnectionError):
        ask(site, "/robots.txt")


def test_further_pages_are_served_beside_the_bundled_ones() -> None:
    path = "/forum/all/2026/01/02/made_up/"
    with SampleSite(pages={path: forum_page(3)}) as site:
        assert ask(site, path)[1] == forum_page(3)
        assert ask(site, "/forum/containing/1000002")[0].headers["Location"] == f"{path}#c_1000002"
        assert all(ask(site, urlsplit(url).path)[0].status == 200 for url in site.threads)


def bundled_pages() -> list[tuple[str, str]]:
    with SampleSite() as site:
        paths = (f"/forum/all/{KETTLE}", f"/forum/1/{MOON}", f"/forum/2/{MOON}", f"/forum/all/{FAX}")
        return [(path, ask(site, path)[1].decode()) for path in paths]


def test_pages_name_no_host_but_the_registers() -> None:
    texts = [page for _, page in bundled_pages()] + [forum_page(20).decode(), copied_text().read_text("utf-8")]
    hosts = {host for text in texts for host in re.findall(r"(?:https?:)?//([\w.-]+)", text)}
    assert hosts == {"www.theregister.com", "forums.theregister.com"}


def test_every_local_page_that_a_nav_names_is_served(site: SampleSite) -> None:
    for _, page in bundled_pages():
        for target in re.findall(r'href="(/forum/[0-9]+/[^"]+)"', page):
            assert ask(site, target)[0].status == 200


def test_ids_are_unique_and_siblings_come_oldest_first() -> None:
    pages = bundled_pages()
    ids = [int(found) for _, page in pages for found in re.findall(r'id="c_([0-9]+)"', page)]
    assert len(ids) == len(set(ids)) == 22
    flat = [int(found) for path, page in pages if MOON in path for found in re.findall(r'id="c_([0-9]+)"', page)]
    assert flat == sorted(flat)


def test_visible_dates_agree_with_the_seconds_beside_them() -> None:
    _, page = bundled_pages()[0]
    stamps = re.findall(r'data-epoch="([0-9]+)">\w+ 14th March 2025 ([0-9:]+) GMT<', page)
    assert len(stamps) == 12
    assert all(time.strftime("%H:%M", time.gmtime(int(epoch))) == said for epoch, said in stamps)


def test_the_copied_text_has_eight_comments_and_one_reply() -> None:
    lines = copied_text().read_text("utf-8").splitlines()
    assert lines[0].startswith("back to article ")
    assert lines[-1] == "This topic is closed for new posts."
    assert sum(bool(re.match(r"  [0-9]\. ", line)) for line in lines) == 7
    assert "      1. Mungo Spindle" in lines


def test_the_folder_says_once_that_its_pages_are_reconstructions() -> None:
    texts = [page for _, page in bundled_pages()] + [copied_text().read_text("utf-8")]
    assert not any("reconstruction" in text.lower() for text in texts)
    readme = files("belowtheline.demo") / "pages" / "README.md"
    assert readme.read_text("utf-8").count("Reconstructions") == 1


def test_the_generator_gives_the_same_bytes_for_the_same_arguments() -> None:
    assert forum_page(50, seed=7) == forum_page(50, seed=7)
    assert forum_page(50, seed=7) != forum_page(50, seed=8)


@pytest.mark.parametrize("comments", [0, 1, 25, 300])
def test_the_generator_gives_the_number_of_posts_asked_for(comments: int) -> None:
    page = forum_page(comments, first_id=77)
    ids = sorted(int(found) for found in re.findall(rb'id="c_([0-9]+)"', page))
    assert len(POST.findall(page)) == comments
    assert ids == list(range(77, 77 + comments))


@pytest.mark.parametrize("seed", range(5))
def test_made_up_comments_are_of_the_usual_size_and_half_are_replies(seed: int) -> None:
    page = forum_page(100, seed=seed)
    assert 1200 < len(page) / 100 < 1800
    assert 35 <= page.count(b'class="in-reply-to"') <= 70
    assert page.count(b"<ol>") == page.count(b"</ol>")


def test_made_up_sentences_do_not_repeat() -> None:
    text = re.sub(r"<[^>]+>", " ", forum_page(100).decode())
    sentences = [found for found in re.split(r"[.?!]\s", text) if found.count(" ") > 5]
    assert len(set(sentences)) > 0.9 * len(sentences)
    assert len(set(re.findall(r"[a-z]+", text))) > 2000


def test_a_reply_names_a_post_of_its_page_that_stands_before_it() -> None:
    page = forum_page(100).decode()
    places = {found.group(1): found.start() for found in re.finditer(r'id="c_([0-9]+)"', page)}
    for found in re.finditer(r'class="in-reply-to" href="/forum/containing/([0-9]+)"', page):
        assert places[found.group(1)] < found.start()


def test_numbered_pages_carry_their_navigation() -> None:
    page = forum_page(2, path="/forum/2/2026/01/02/made_up/", page=2, pages=3).decode()
    nav = page[page.index("forums-page-nav") : page.index("forum_posts")]
    assert re.findall(r'href="([^"]+)"', nav) == ["/forum/1/2026/01/02/made_up/", "/forum/3/2026/01/02/made_up/"]
    assert '<li class="current">2</li>' in nav
    assert "forums-page-nav" not in forum_page(2).decode()


def test_a_page_of_many_comments_costs_no_more_for_each() -> None:
    assert_grows(forum_page, 800)
