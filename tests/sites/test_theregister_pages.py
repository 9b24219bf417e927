"""The Register's pages as wholes: their thread, headline and people; all words are invented."""

from pathlib import Path
from typing import Any

import pytest

from belowtheline.reading.items import NOT_SHOWN, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_of_page
from tests.made_up import Held
from tests.places import REALDATA
from tests.topics import POSTED, author_of, old, old_page, post, read, topic

CASES = REALDATA.parent / "cases" / "register-html"


def test_old_pages_are_known_and_have_the_article_s_headline() -> None:
    html = old_page(old("Wobble ", f"By Anonymous Coward {POSTED}"))
    assert site_of_page(Page(None, html.encode(), "text/html")).name == "theregister"
    page = read(html)
    assert page.thread.article.headline == page.thread.title == "Ladder leans"
    assert page.thread.article.teaser == "A ladder was seen to lean …"
    assert author_of(page.comments[0]).kind == "anonymous"
    assert page.comments[0].is_edited is NOT_SHOWN


@pytest.mark.parametrize(
    "head",
    [
        '<h2><a href="https://www.theregister.co.uk/2018/05/01/ladder/">&lt;</a> Ladder leans</h2>',
        '<p><a href="//www.theregister.co.uk/2018/05/01/ladder/">« Back to the article</a></p><h1>Ladder leans</h1>',
        '<a href="https://www.theregister.co.uk/2018/05/01/ladder/"><img src="/a.png" alt="back to article"></a>',
        '<a href="//www.theregister.co.uk/2018/05/01/ladder/">‹ Ladder leans</a><h2>COMMENTS</h2>',
        '<a title="Back to article" href="https://www.theregister.co.uk/2018/05/01/ladder/">←</a>',
        '<a href="https://www.theregister.co.uk/2018/05/01/ladder/">back to article: Ladder leans</a>',
        "",
    ],
)
@pytest.mark.parametrize(
    "title",
    [
        "Ladder leans • The Register Forums",
        "Ladder leans | The Register",
        "Comments on: Ladder leans • Reg Hardware",
        "Ladder leans :: Page 2 :: The Channel Register",
        "User comments: Ladder leans · Forums at The Register",
    ],
)
def test_headline_is_no_arrow_and_no_word_of_the_site(head: str, title: str) -> None:
    page = read(topic(post(), head=head, title=title))
    assert page.thread.article.headline == "Ladder leans"
    if head:
        assert page.thread.article.url == "https://www.theregister.co.uk/2018/05/01/ladder/"


def test_headline_stands_above_the_posts_where_the_title_names_only_the_site() -> None:
    page = read(topic(post(), head="<h1>Ladder leans</h1><h2>Comments</h2>", title="The Register Forums"))
    assert page.thread.article.headline == "Ladder leans"


def test_registered_anonymous_coward_is_an_account_and_its_number_keeps_its_zero(tmp_path: Path) -> None:
    def by(markup: str, native_id: int) -> str:
        return post(native_id=native_id).replace('<a class="author" href="/user/7/">Rung</a>', markup)

    held = Held(tmp_path)
    held.take(
        topic(
            by('<div class="author"><a href="/user/0101/">Anonymous Coward</a></div>', 3_480_001),
            by('<div class="author">Anonymous Coward</div>', 3_480_002),
            by('<span class="author">Anonymous Coward</span><span class="user_icons">Bronze badge</span>', 3_480_003),
            by('<span class="author">Anonymous Coward</span>', 3_480_004),
            by('<a class="author" href="/user/101/">Anonymous Coward</a>', 3_480_005),
        ),
        url="https://forums.theregister.com/forum/all/2018/05/01/ladder/",
    )
    found = held.rows(
        "SELECT a.kind, a.native_id FROM comments c JOIN authors a ON a.id = c.author_id ORDER BY c.native_id"
    )
    assert [kind for kind, _ in found] == ["account", "anonymous", "account", "anonymous", "account"]
    assert (found[0][1], found[4][1]) == ("0101", "101")
    assert len({native_id for _, native_id in found[:2]}) == 2


def linked_page(link: str, back: str) -> str:
    first = post().replace('href="#c_3480001"', f'href="{link}#c_3480001"')
    return topic(first, post(native_id=3_480_002), head=f'<a href="{back}">back to article</a>' if back else "")


@pytest.mark.parametrize(
    ("link", "back", "key"),
    [
        (
            "https://forums.theregister.com/forum/all/2018/05/01/ladder/",
            "https://www.theregister.com/2018/05/01/ladder/?td=rt-3a",
            "2018/05/01/ladder",
        ),
        ("https://m.forums.theregister.co.uk/forum/2/2018/05/01/ladder/", "", "2018/05/01/ladder"),
        ("/forum/1/2018/05/01/ladder/", "//www.theregister.co.uk/2018/05/01/ladder/", "2018/05/01/ladder"),
        (
            "https://forums.theregister.com/forum/all/2026/06/11/202617/",
            "https://www.theregister.com/security/2026/06/10/ladder/5253754",
            "2026/06/11/202617",
        ),
        ("/forum/1/2018/05/01/ladder/", "https://www.theregister.co.uk/2018/05/01/stool/", None),
        ("https://elsewhere.example/forum/1/2018/05/01/ladder/", "", None),
        ("", "https://www.theregister.co.uk/2018/05/01/ladder/", None),
    ],
)
def test_thread_is_the_one_that_its_posts_link_to(link: str, back: str, key: str | None) -> None:
    page = read(linked_page(link, back))
    assert page.thread.native_id == key
    url = f"https://forums.theregister.com/forum/all/{key}/" if key else NOT_SHOWN
    assert page.thread.url == url


def test_thread_is_unknown_where_its_posts_name_two() -> None:
    first = post().replace("#c_", "/forum/1/2018/05/01/ladder/#c_")
    second = post(native_id=3_480_002).replace("#c_", "/forum/1/2018/05/02/stool/#c_")
    assert read(topic(first, second)).thread.native_id is None


def parts_on(name: str) -> list[tuple[Any, ...]]:
    page = read((CASES / name).read_text(encoding="utf-8"), at=None)
    return [
        (shown(comment.native_id), shown(comment.title), shown(comment.upvotes), shown(comment.downvotes))
        for comment in page.comments
    ]


@pytest.mark.skipif(not CASES.is_dir(), reason="the pages are not here (BTL_REALDATA)")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "p2008.html",
            [
                ("281001", "Steam", None, None),
                ("281002", "@ Arthur Spout", None, None),
                ("281003", "Letters", None, None),
                ("281004", "Re: Steam", None, None),
                ("281005", None, None, None),
            ],
        ),
        (
            "p2013.html",
            [
                ("1840001", "Prior art", 41, 2),
                ("1840005", "Re: Prior art", 3, 0),
                (None, None, None, None),
                ("1840009", "@AC", 0, 0),
                ("1840011", None, None, None),
            ],
        ),
        (
            "p2016.html",
            [
                ("2880001", "Crumbs", 25, 1),
                (None, None, None, None),
                ("2880007", "Re: Crumbs", 5, 0),
                ("2880008", None, 5, 0),
                ("2880012", "3 things", 1204, 17),
            ],
        ),
        (
            "p2018.html",
            [
                ("3450001", "Forks & spoons", 7, 2),
                ("3450002", None, 0, 0),
                ("3450003", None, None, None),
                (None, None, None, None),
                ("3450005", "Funny", None, None),
            ],
        ),
        (
            "p2025.html",
            [
                ("5130001", "Full", 10, 4),
                ("5130002", None, 3, 0),
                (None, None, None, None),
                ("5130004", "Re: Full", 0, 11),
                (None, None, None, None),
                ("5130009", None, None, None),
            ],
        ),
        (
            "votes.html",
            [
                ("5130001", None, 7, 2),
                ("5130002", None, 10, 4),
                ("5130003", None, 41, 2),
                ("5130004", None, 1204, 3),
            ],
        ),
    ],
)
def test_pages_that_were_read_wrongly_are_read_rightly(name: str, expected: list[tuple[Any, ...]]) -> None:
    assert parts_on(name) == expected


@pytest.mark.parametrize("sentence", ["This topic is closed for new posts.", "This topic is closed for new posts"])
def test_closed_topic_says_so_outside_of_bodies(sentence: str) -> None:
    assert read(topic(post(), head=f"<p>{sentence}</p>")).thread.is_closed is True
    assert read(topic(post(body=f"<p>{sentence}</p>"))).thread.is_closed is NOT_SHOWN
