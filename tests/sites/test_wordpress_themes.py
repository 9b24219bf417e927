"""WordPress themes that nobody here has seen: one thread in the markup of many, read alike from each.

The templates stand in `wordpress_themes`.
"""

from collections import Counter

import pytest

from belowtheline.archive.readings.drift import drift_of_page
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Comment, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from belowtheline.sites.wordpress.bylines import date_in, has_day, is_byline, is_name, name_in
from belowtheline.sites.wordpress.classes import role_of
from tests.places import REALDATA
from tests.wordpress_themes import FIELD, FLAT, HEAD, NESTED, SEEN, URL, page_in

TEXTS = ["Mine takes two. Hours.", "Plugged in? Ask twice.", "Thanks!"]
TIMES = ["2024-05-06T09:30:00Z", "2024-05-06T22:05:00Z", "2024-05-07T08:00:00Z"]


def comments_in(body: bytes) -> tuple[Comment, ...]:
    """Return what is read of a page."""
    (found,) = read(site_named("wordpress"), Page(URL, body, None, "2026-01-05T09:00:00Z"))
    return normalise(found).comments


def recorded(file: str) -> bytes:
    """Return a recorded page, where these are."""
    path = REALDATA / "wordpress_html" / file
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    return path.read_bytes()


def names_of(comments: tuple[Comment, ...]) -> list[str | None]:
    """Return the authors' names."""
    return [author.name for comment in comments if (author := shown(comment.author))]


@pytest.mark.parametrize("theme", [*NESTED, *SEEN, *FLAT], ids=str)
def test_a_thread_reads_alike_in_every_theme(theme: str) -> None:
    comments = comments_in(page_in({**NESTED, **SEEN, **FLAT}[theme]))
    assert [comment.native_id for comment in comments] == ["101", "102", "103"]
    assert names_of(comments) == ["Ada Crumb", "Bert Spout", "Cleo Lid"]
    assert [shown(comment.published_at) for comment in comments] == TIMES
    assert [" ".join((shown(comment.body_text) or "").split()) for comment in comments] == TEXTS
    assert [shown(comment.parent_native_id) for comment in comments] == [None, None if theme in FLAT else "101", None]


@pytest.mark.parametrize(
    ("file", "comments", "characters", "longest_name", "depths"),
    [
        # Name, text, date and buttons stand in one element.
        ("cubadebate.cu-sesiona.html", 11, 6590, 27, (5, 4, 2)),
        # An element around a comment's own parts and its answers.
        ("framablog.html", 8, 4191, 14, (5, 2, 1)),
        # The byline stands in the element of the text.
        ("golfpost.de-premiere.html", 33, 7097, 19, (20, 8, 5)),
        ("archive.org.muffinrezept.net.grundrezept.html", 51, 6920, 15, (42, 8, 1)),
    ],
)
def test_recorded_pages_of_unusual_themes(
    file: str, comments: int, characters: int, longest_name: int, depths: tuple[int, ...]
) -> None:
    found = comments_in(recorded(file))
    names = [name or "" for name in names_of(found)]
    assert (len(found), len(names), max(map(len, names))) == (comments, comments, longest_name)
    assert sum(len(shown(comment.body_text) or "") for comment in found) == characters
    assert all(isinstance(comment.published_raw, str) and has_day(comment.published_raw) for comment in found)
    assert tuple(Counter(comment.depth for comment in found)[depth] for depth in range(len(depths))) == depths
    assert not any(
        (shown(comment.body_text) or "").startswith(name) for comment, name in zip(found, names, strict=True)
    )


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Comment by Ada Crumb — August 6, 2005 @ 9:30 am", "Ada Crumb"),
        ("Kommentar von Bert Spout am 6. Mai 2024 um 9:30 Uhr", "Bert Spout"),
        ("Cleo Lid a écrit le 6 mai 2024 à 9:30", "Cleo Lid"),
        ("Dora on 2024-05-06 at 09:30 said:", "Dora"),
        ("Ed | 06.05.2024, 9:30", "Ed"),
        ("0laf wrote 3 years ago", "0laf"),
        ("May 6, 2024 at 9:30 am by Fay", "Fay"),
        ("On May 6, 2024, Gus Steam said:", "Gus Steam"),
        ("May 6, 2024 Permalink", None),
        ("x" * 5000 + " on May 6, 2024", None),
    ],
)
def test_the_name_in_a_byline(sentence: str, name: str | None) -> None:
    assert name_in(sentence) == name


def test_a_sentence_of_a_person_is_no_byline() -> None:
    assert not is_byline("Since May 6, 2024 mine takes two.")
    assert not is_byline("I bought it on May 6, 2024 and it broke")
    assert not is_name("Posted by Ada on May 6, 2024 at 9:30 am")
    assert not has_day("9:30 am")


def test_a_date_is_cut_out_of_its_byline() -> None:
    assert date_in("Ada Crumb wrote on May 6, 2024 at 9:30 am PST", "Ada Crumb") == "May 6, 2024 at 9:30 am PST"
    assert date_in("6. Mai 2024 um 9:30 Uhr | Antworten", None) == "6. Mai 2024 um 9:30 Uhr"


@pytest.mark.parametrize(
    ("classes", "role"),
    [
        ("w-comments-item-author", "name"),
        ("commentAuthorName", "name"),
        ("comment-author-avatar", "noise"),
        ("commentMeta", "date"),
        ("reply-text", "body"),
        ("wpulike-like", "noise"),
        ("media-body", "body"),
        ("container", None),
    ],
)
def test_what_class_names_mean(classes: str, role: str | None) -> None:
    assert role_of(classes) == role


def test_words_of_a_person_are_never_taken_for_a_part() -> None:
    """A person may quote a name, a date and a button; WordPress lets no class through in a comment."""
    body = (
        "<p><strong>Bert Spout</strong> wrote on <em>May 1, 2020</em>: <cite>Reply</cite></p>"
        "<p>5 stars</p><p><b>Like</b></p><blockquote><p>Share</p></blockquote>"
    )
    template = NESTED["details"].replace("{body}", body)
    comments = comments_in(page_in(template))
    assert {shown(comment.body_text) for comment in comments} == {
        "Bert Spout wrote on May 1, 2020: Reply\n\n5 stars\n\nLike\n\n> Share"
    }
    assert names_of(comments) == ["Ada Crumb", "Bert Spout", "Cleo Lid"]


NAMELESS = (
    '<li id="comment-{n}" class="{cls}"><div class="hd"><i>{date}</i></div><div class="tx">{body}</div>{kids}</li>'
)
UNTOLD = NAMELESS.replace("<i>{date}</i>", '<u class="k7">{name}</u>')


def test_a_page_that_shows_no_names_is_stored_without() -> None:
    (found,) = read(site_named("wordpress"), Page(URL, many(NAMELESS, 12), None, "2026-01-05T09:00:00Z"))
    page = normalise(found)
    assert [comment.author for comment in page.comments] == [None] * 12
    assert drift_of_page([page]) is None


@pytest.mark.parametrize("count", [2, 5, 24])
def test_names_that_cannot_be_told_are_refused_with_the_markup_they_seem_to_stand_in(count: int) -> None:
    with pytest.raises(ParseError, match=rf"{count} of {count} comments without a name .*\(see u\.k7\)"):
        read(site_named("wordpress"), Page(URL, many(UNTOLD, count)))


def test_a_few_names_that_cannot_be_told_do_not_refuse_a_page() -> None:
    known = many(NESTED["details"], 20).replace(b"Name 7</span>", b"</span><u class='k7'>Name 7</u>")
    (found,) = read(site_named("wordpress"), Page(URL, known, None, "2026-01-05T09:00:00Z"))
    assert len(found.comments) == 20
    assert drift_of_page([normalise(found)]) is None


def many(template: str, count: int) -> bytes:
    """Return a thread of many people in the markup of a theme."""
    items = []
    for number in range(count):
        values = {"n": str(number + 1), "name": f"Name {number}", "linked": f"Name {number}", "cls": "comment depth-1"}
        values |= {"date": f"May {number % 28 + 1}, 2024", "body": f"<p>Words {number}.</p>", "kids": "", "iso": ""}
        items.append(FIELD.sub(lambda match, values=values: values[match[1]], template))  # type: ignore[misc]
    return f'{HEAD}<ol id="comments" class="commentlist">{"".join(items)}</ol></body></html>'.encode()


@pytest.mark.parametrize("is_first", [True, False])
def test_a_tab_of_the_best_comments_does_not_take_their_place(is_first: bool) -> None:
    """A tab shows the beginning of some comments, flat; the list has them whole and below what they answer."""
    body = NESTED["details"]
    thread = page_in(body).decode().removeprefix(HEAD).removesuffix("</body></html>")
    short = '<li id="comment-102" class="comment"><b class="fn">Bert Spout</b><p>Plugged&hellip;</p></li>'
    short += '<li id="comment-103" class="comment"><b class="fn">Cleo Lid</b><p>Tha&hellip;</p></li>'
    tab = f'<ul class="best">{short}</ul>'
    page = f"{HEAD}{tab if is_first else ''}{thread}{'' if is_first else tab}</body></html>"
    comments = comments_in(page.encode())
    assert [comment.native_id for comment in comments] == ["101", "102", "103"]
    assert [" ".join((shown(comment.body_text) or "").split()) for comment in comments] == TEXTS
    assert [shown(comment.parent_native_id) for comment in comments] == [None, "101", None]
