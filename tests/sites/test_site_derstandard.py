"""derStandard: recorded pages against what was found by eye, addresses, large and deep pages, and a crawl."""

import hashlib
import re
from html import unescape
from pathlib import Path

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import NOT_SHOWN, Author, Link, Mark, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.derstandard import DerStandard, addresses, canvas, pages, wording
from belowtheline.sites.registry import read, site_of_page
from tests.growth import assert_linear
from tests.loopback import Loopback, btl, response, rows
from tests.places import REALDATA

SITE = DerStandard()
CASES = Path(__file__).parents[1] / "sites" / "derstandard"
ARTICLE = "http://derstandard.at/1300000000001/Teekessel-wird-teurer"


def recorded(name: str) -> tuple[ThreadPage, Page]:
    """Return what is read of a recorded page, and the page."""
    path = REALDATA / "derstandard" / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    page = Page(None, path.read_bytes(), "text/html", "2011-08-30T23:00:00Z")
    assert site_of_page(page).name == "derstandard"
    (found,) = read(SITE, page)
    return normalise(found), page


# Recorded pages.


def test_recorded_first_page_has_its_postings_and_counts_all() -> None:
    found, _ = recorded("test_first_page.html")
    assert len(found.comments) == 25
    assert len({comment.native_id for comment in found.comments}) == 25
    assert (found.thread.native_id, found.thread.declared_count) == ("1313025313062", 779)
    assert (found.completeness.page_number, found.completeness.page_count) == (1, 17)
    assert not found.completeness.is_whole
    assert found.thread.article.published_at == "2011-08-26T17:16:00Z"
    assert [mark.kind for mark in shown(found.thread.marks) or ()] == ["kicker"]


def test_recorded_postings_have_parents_dates_and_ratings() -> None:
    found, _ = recorded("test_first_page.html")
    comments = {comment.native_id: comment for comment in found.comments}
    parents = {key: comment.parent_native_id for key, comment in comments.items() if comment.parent_native_id}
    assert parents == {
        "22664866": "22656955", "22660121": "22656955", "22662149": "22660121", "22657796": "22656955",
        "22658091": "22657796", "22661281": "22658091", "22662126": "22661281", "22682003": "22662126",
        "22667854": "22654331", "22656723": "22654331", "22653027": "22652903", "22653036": "22652671",
        "22658780": "22653036", "22659190": "22658780", "22675878": "22659190", "22676390": "22675878",
        "22671700": "22659190",
    }  # fmt: skip
    assert set(parents.values()) <= comments.keys()
    assert [comment.depth for comment in found.comments[:10]] == [0, 0, 1, 1, 2, 1, 2, 3, 4, 5]
    votes = {key: (comment.upvotes, comment.downvotes) for key, comment in comments.items() if comment.upvotes}
    assert len(votes) == 17
    assert votes["22656955"] == (9, 2)
    assert votes["22654331"] == (3, 1)
    assert comments["22654331"].marks == (
        Mark(kind="brilliant", value="2"), Mark(kind="interesting", value="1"), Mark(kind="unnecessary", value="1"),
    )  # fmt: skip
    assert (comments["22658002"].upvotes, comments["22658002"].marks) == (None, ())
    # In summer Vienna is two hours ahead.
    assert comments["22658002"].published_at == "2011-08-29T01:13:00Z"
    assert comments["22671700"].published_at == "2011-08-30T02:27:00Z"
    assert all(isinstance(comment.published_at, str) for comment in found.comments)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unescape(re.sub(r"<[^<>]*>", " ", text)))


def test_recorded_postings_have_their_whole_text_and_no_buttons() -> None:
    found, page = recorded("test_first_page.html")
    bodies = re.findall(r'class="txt"[^<>]*>(.*?)</div>', page.text, re.DOTALL)
    assert [letters((shown(c.title) or "") + (shown(c.body_text) or "")) for c in found.comments] == [
        letters(body) for body in bodies
    ]
    # Four are a title alone.
    assert sum(shown(comment.body_text) is None for comment in found.comments) == 4
    assert sum(bool(shown(comment.title)) for comment in found.comments) == 16
    texts = "\n".join(shown(comment.body_text) or "-" for comment in found.comments)
    assert hashlib.sha256(texts.encode()).hexdigest()[:16] == "f5134576c4c7dc2c"


def test_recorded_accounts_have_their_followers_and_no_mail() -> None:
    found, page = recorded("test_first_page.html")
    authors = [comment.author for comment in found.comments if isinstance(comment.author, Author)]
    assert len(authors) == 25
    assert all(author.kind == "account" and author.name for author in authors)
    assert [mark.value for author in authors for mark in shown(author.marks) or ()][:4] == ["3", "24", "4", "0"]
    assert "MailTo" in page.text
    assert "MailTo" not in repr(found.comments)


def test_recorded_page_without_postings_is_an_empty_thread() -> None:
    found, _ = recorded("no_comments.html")
    assert found.comments == ()
    assert (found.thread.native_id, found.thread.declared_count) == ("1314652504760", 0)
    assert found.completeness.is_whole


# Addresses.


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (ARTICLE, ARTICLE),
        (f"{ARTICLE}?seite=3#forumstart", ARTICLE),
        ("http://derstandard.at/1300000000001", "http://derstandard.at/1300000000001"),
        ("http://derstandard.at/plink/1300000000001/501", "http://derstandard.at/1300000000001"),
        ("http://diestandard.at/1300000000001/Tee", "http://diestandard.at/1300000000001/Tee"),
    ],
)
def test_every_address_of_an_article_leads_to_its_first_page(url: str, first: str) -> None:
    assert SITE.claims(url)
    assert SITE.thread_id(url) == "1300000000001"
    assert SITE.start(url) == Link(url=first)


@pytest.mark.parametrize(
    "url", ["http://derstandard.at/", "http://derstandard.at/Wirtschaft", "http://derstandard.at/r3403/X"]
)
def test_address_of_no_article_is_refused(url: str) -> None:
    assert SITE.claims(url)
    with pytest.raises(UnknownSite, match="no article of derStandard"):
        SITE.start(url)


def test_story_whose_forum_is_loaded_by_a_script_is_refused_with_a_way() -> None:
    with pytest.raises(UnknownSite, match="btl ingest"):
        SITE.start("https://www.derstandard.at/story/3000000000001/teekessel")


@pytest.mark.parametrize("url", ["https://derstandard.at.example/1300000000001", "http://example.com/1300000000001"])
def test_other_hosts_are_not_claimed(url: str) -> None:
    assert not SITE.claims(url)


# Large, deep and hostile pages.


def posting(number: int, depth: int) -> str:
    return (
        f'<div class="up" style="padding-left: {7 * (depth + 1)}px"><div class="posting08"><div class="thread" '
        f'id="t{number}"><div><div class="l"><div class="uname">ann</div></div></div><div class="row2"><div class="l">'
        f'02.03.2011 03:13</div></div></div><div class="txt"><p>Tasse {number}</p></div></div></div>'
    )


def forum_of(
    depths: list[int], first: int = 1, last: int | None = None, count: int | None = None, page: int = 1
) -> str:
    count = len(depths) if count is None else count
    numbers = " ".join(
        f'<a class="current">{n}</a>' if n == page else f'<a href="{ARTICLE}?seite={n}">{n}</a>' for n in (1, 2)
    )
    paging = f'<div class="pagingDirect">{numbers}</div>' if count > len(depths) else ""
    info = f'<div class="info">Posting {first} bis {last or len(depths)} von {count}</div>'
    posts = "".join(posting(1000 * page + number, depth) for number, depth in enumerate(depths))
    head = "<!DOCTYPE html><html><head><title>derStandard.at</title></head><body>"
    script = "<script>var ratingData = {};</script>"
    return f'{head}<div id="communityCanvas">{script}{info}{paging}{posts}</div></body></html>'


@pytest.mark.parametrize("depths", [[0] * 1000, list(range(10)), [0, 1, 2, 1, 0] * 200, list(range(3000))])
def test_large_and_deep_pages_are_read_whole(depths: list[int]) -> None:
    (found,) = SITE.parse(Page(ARTICLE, forum_of(depths).encode()))
    assert [comment.depth for comment in found.comments] == depths
    parents = [comment.parent_native_id for comment in found.comments]
    assert all((parent is None) == (depth == 0) for parent, depth in zip(parents, depths, strict=True))
    assert found.completeness.is_whole


def test_parent_is_never_taken_from_an_earlier_branch() -> None:
    (found,) = SITE.parse(Page(ARTICLE, forum_of([0, 1, 0, 2]).encode()))
    assert found.comments[3].parent_native_id is NOT_SHOWN


def test_broken_ratings_are_not_shown() -> None:
    body = forum_of([0]).replace("{}", '{"1000":[1,"x"]')
    (found,) = SITE.parse(Page(ARTICLE, body.encode()))
    assert found.comments[0].upvotes is NOT_SHOWN


@pytest.mark.parametrize(("was", "now"), [('class="up"', 'class="down"'), (' id="t', ' data-id="t')])
def test_changed_layout_is_an_error_not_an_empty_thread(was: str, now: str) -> None:
    with pytest.raises(ParseError, match="the capture is kept"):
        SITE.parse(Page(ARTICLE, forum_of([0, 1]).replace(was, now).encode()))


@pytest.mark.parametrize("case", ["wordpress/no-comments-yet", "lobsters/no-comments", "theregister/closed"])
def test_page_of_another_site_is_neither_recognised_nor_read(case: str) -> None:
    (file,) = (CASES.parent / case).glob("page.html")
    page = Page("https://example.com/", file.read_bytes())
    assert not SITE.recognises(page)
    with pytest.raises(ParseError, match=r"^https://example\.com/ does not read as a forum of derStandard"):
        SITE.parse(page)


@pytest.mark.parametrize(
    "text", ["Posting 1 " * 10_000, "1." * 50_000, "ratingData = {" * 7_000, " " * 100_000, "/1" * 50_000]
)
def test_hostile_texts_cost_no_time(text: str) -> None:
    assert_linear(wording.shown_range, text)
    assert_linear(wording.count_in, text)
    assert_linear(wording.number, text)
    assert_linear(addresses.article_of, "http://derstandard.at/" + text.replace(" ", ""))
    for pattern in (canvas._RATINGS, canvas._INDENT, pages._OBJECT):
        assert_linear(pattern.search, text)


# A crawl of the real command.


def test_crawl_reads_all_pages_to_a_complete_thread(tmp_path: Path) -> None:
    first = forum_of([0, 1, 0], 1, 3, 5).replace("http://derstandard.at", "")
    second = forum_of([1, 0], 4, 5, 5, page=2).replace("http://derstandard.at", "")
    path = "/1300000000001/Teekessel-wird-teurer"
    with Loopback({path: response(first.encode()), f"{path}?seite=2": response(second.encode())}) as server:
        ended = btl("crawl", tmp_path / "a.db", server.url(path), "--site", "derstandard", "--delay", "0")
    assert ended.code == 0, ended.err
    assert rows(tmp_path / "a.db", "SELECT verdict, reason FROM readings") == [("complete", None)]
    held = rows(tmp_path / "a.db", "SELECT native_id, parent_native_id, depth FROM comments ORDER BY position")
    assert held == [("1000", None, 0), ("1001", "1000", 1), ("1002", None, 0), ("2000", None, 1), ("2001", None, 0)]
