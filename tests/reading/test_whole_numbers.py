"""Counts on the pages of every site: of neighbouring elements never joined, of thousands never cut."""

import pytest

from belowtheline.authoring.cases import page_of
from belowtheline.reading.items import Comment, ThreadPage, shown
from belowtheline.reading.markup import parse_html
from belowtheline.reading.numbers import count_of, first_count, only_count
from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_named
from tests.places import SITES


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        (" 1204\n", 1204),
        ("1,204", 1204),
        ("1.204", 1204),
        ("1 204", 1204),
        ("1\u202f204\u202f000", 1_204_000),
        ("1'204", 1204),
        ("1,204.000", None),
        ("12,04", None),
        ("1,2", None),
        ("1.2k", None),
        ("-3", None),
        ("²", None),
        ("٣", None),
        ("9999999999", None),
        ("7 replies", None),
        ("", None),
    ],
)
def test_count_is_a_whole_text(text: str, count: int | None) -> None:
    assert count_of(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1,204 comments", 1204),
        ("all 1.204 Postings", 1204),
        ("-3 points", -3),
        ("\u22121,204 points", -1204),
        ("(12)", 12),
        ("1.2k points", None),
        ("v2 points", None),
        ("points", None),
        ("2,5 stars of 10", 10),
    ],
)
def test_first_count_among_words(text: str, count: int | None) -> None:
    assert first_count(text) == count


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ("<b>10</b>", 10),
        ("<b>1,204</b> points", 1204),
        ("<b>10</b><b>4</b>", None),
        ("10<br>4", None),
        ("liked by <a>1,204 people</a>", 1204),
        ("by <a>3 people</a><a>4 robots</a>", None),
        ("none", None),
    ],
)
def test_only_count_of_an_element(html: str, count: int | None) -> None:
    assert only_count(parse_html(f"<p>{html}</p>", "a page").find(".//p")) == count
    assert only_count(None) is None


def read(case: str, *changes: tuple[str, str]) -> ThreadPage:
    """Return what is read of a case's page with some of its text replaced."""
    page = page_of(SITES / case)
    text = page.text
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    changed = Page(page.url, text.encode(), "text/html; charset=utf-8", page.fetched_at)
    return site_named(case.partition("/")[0]).parse(changed)[0]


def test_guardian() -> None:
    def votes(markup: str) -> list[int | None]:
        counter = ('recommend-count">3<', f'recommend-count">{markup}<')
        page = read("guardian/html-of-2013", ('data-recommend-count="3"', ""), counter)
        return [shown(comment.upvotes) for comment in page.comments]

    assert 3 in votes("3")
    assert 1204 in votes("1,204")
    assert not {104, 10, 4}.intersection(votes("<b>10</b><b>4</b>"))


def test_derstandard() -> None:
    def votes(markup: str) -> list[int | None]:
        page = read(
            "derstandard/saved-with-its-postings-in-2020",
            ('ratings-positive-count">4<', f'ratings-positive-count">{markup}<'),
        )
        return [shown(comment.upvotes) for comment in page.comments]

    assert 4 in votes("4")
    assert 1204 in votes("1.204")
    assert not {104, 10, 4}.intersection(votes("<b>10</b><b>4</b>"))


def test_disqus() -> None:
    def score(text: str) -> int | None:
        page = read("disqus/list-of-2009", (">-2 points<", f">{text}<"))
        return shown(page.comments[0].score)

    assert (score("-2 points"), score("1,204 points"), score("<b>10</b><b>4</b> points")) == (-2, 1204, None)
    page = read("disqus/list-of-2009", ("Viewing 4 Comments", "Viewing 1,204 Comments"))
    assert page.thread.declared_count == 1204


def test_hacker_news() -> None:
    page = read("hackernews/first-of-two-pages", ("42 points", "1,204 points"))
    assert page.thread.score == 1204


def test_lobsters() -> None:
    page = read("lobsters/cut-page", (">3 comments<", ">1,204 comments<"), (">20<", ">1,204<"))
    assert (page.thread.declared_count, page.thread.score) == (1204, 1204)
    assert read("lobsters/cut-page", (">20<", "><b>2</b><b>0</b><")).thread.score == 2


def test_slashdot() -> None:
    assert read("slashdot/cut-page", ('totalcommentcnt">1<', 'totalcommentcnt">1,204<')).thread.declared_count == 1204
    odd = read("slashdot/cut-page", ('totalcommentcnt">1<', 'totalcommentcnt">²<'))
    assert shown(odd.thread.declared_count) is None


def test_structured() -> None:
    def votes(text: str) -> list[int | None]:
        page = read("structured/items-in-items", ('upvoteCount">1,204 points<', f'upvoteCount">{text}<'))
        return [shown(comment.upvotes) for comment in page.comments]

    assert 17 in votes("17")
    assert 1204 in votes("1.204")
    assert not {104, 10, 4}.intersection(votes("<b>10</b><b>4</b>"))


def test_wordpress() -> None:
    def likes(text: str) -> set[int | None]:
        page = read("wordpress/likes-and-moderation", ("Liked by ", f"Liked by {text} and "))
        return {shown(comment.upvotes) for comment in page.comments}

    assert likes("<b>10</b><b>4</b>") == {None}


def test_wordpress_s_heading() -> None:
    from belowtheline.sites.wordpress.wording import count_before

    def declared(inside: str) -> int | None:
        page = f'<div id="comments"><h2 class="comments-title">{inside}</h2><ol><li>x</li></ol></div>'
        first = parse_html(f"<html><body>{page}</body></html>", "a page").find(".//ol")
        assert first is not None
        count = count_before(first, "")
        return count.value if count else None

    assert declared("<span>1,204</span> thoughts") == 1204
    assert declared("<span>10</span><span>4</span> thoughts") is None
    assert declared("<b>3</b>5 thoughts") is None
    assert declared("<b>3</b> thoughts") == 3


def test_reddit() -> None:
    from belowtheline.sites.reddit.rendered import unrendered

    thing = {"id": "t1_k1", "parent": "t3_a", "link": "t3_a"}
    score = '<span class="score unvoted">1,204 points</span>'
    line = f'<div class="thing"><p class="tagline"><a class="author">ann</a>{score}</p></div>'
    assert unrendered({**thing, "content": line}, "a page")["score"] == 1204
    assert unrendered({**thing, "content": "<div class='thing'>x</div>"}, "a page")["edited"] is None


def _comment(page: ThreadPage) -> Comment:
    return page.comments[0]


def test_heading_later_in_a_posting_is_no_title() -> None:
    text = (
        '<html><body><div id="postinglist"><div class="posting" data-postingid="1" data-communityname="Ann">'
        '<div class="posting-content">{}</div></div></div></body></html>'
    )
    site = site_named("derstandard")
    url = "https://derstandard.at/1234567890123/Teekessel"
    for inside, title in (("<h4>Kessel</h4>Er pfeift.", "Kessel"), ("Er pfeift.<h4>Laut</h4>", None)):
        (page,) = site.parse(Page(url, text.format(inside).encode(), "text/html; charset=utf-8"))
        assert _comment(page).title == title
        assert ("Laut" in str(_comment(page).body_html)) == (title is None)


def test_guardian_s_sentence_is_a_tombstone_only_where_it_stands_alone() -> None:
    sentence = "This comment was removed by a moderator because it didn't abide by our community standards."
    from belowtheline.sites.guardian.wording import is_blocked

    assert is_blocked(sentence)
    assert is_blocked(f"{sentence} Replies may also be deleted. For more detail see our FAQs.")
    assert not is_blocked(f"{sentence} Or so it said where mine had been.")
    assert not is_blocked("This comment was removed by a moderator, and I would like to know why.")


def test_discourse_says_nothing_of_edits_without_a_version() -> None:
    from belowtheline.sites.discourse.posts import read_post

    post = {"id": 1, "post_number": 1, "username": "ann", "cooked": "<p>x</p>"}
    assert shown(read_post(post, 1, {}, None).is_edited) is None
    assert shown(read_post({**post, "version": 1}, 1, {}, None).is_edited) is False
    assert shown(read_post({**post, "version": 2}, 1, {}, None).is_edited) is True
