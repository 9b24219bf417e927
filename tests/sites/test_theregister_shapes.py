"""Invented threads, written in every shape of copied text, are read back as they were."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle

import pytest

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Comment, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copied import looks_copied, parse_copied
from tests.copied_shapes import (
    DELETIONS,
    HEADLINE,
    KNOWN_ICONS,
    TEASER,
    UNKNOWN_ICONS,
    Inventor,
    Kind,
    Post,
    all_of,
    date,
    dated,
    dated_below_names,
    half_indented,
    head,
    indented,
    marked,
    numbered,
    numbered_and_dated,
)

SEEDS = 20
Row = dict[str, object]


def read(text: str) -> ThreadPage:
    assert looks_copied(text)
    return parse_copied(Page(url="file:kettle.txt", body=text.encode()))


def told(post: Post, *, icons: bool, dates: bool, votes: bool) -> Row:
    """Return what a shape shows of a post."""
    if post.sentence:
        return {"deletion": DELETIONS[post.sentence]}
    name = f"{post.name} {wording.STAFF_SUFFIX}" if post.staff else post.name
    return {
        "name": name,
        "badge": post.badge,
        "icon": post.icon if icons else None,
        "title": post.title,
        "body": "\n\n".join(text.strip() for text in post.texts) or None,
        "date": date(post) if dates else None,
        "votes": post.votes if votes and post.texts else None,
        "deletion": None,
    }


def found(comment: Comment) -> Row:
    deletion = shown(comment.deletion)
    author, icon = shown(comment.author), shown(comment.icon)
    if author is None:
        return {"deletion": deletion}
    up, down = shown(comment.upvotes), shown(comment.downvotes)
    return {
        "name": author.name,
        "badge": shown(author.badge),
        "icon": icon.name if icon else None,
        "title": shown(comment.title),
        "body": shown(comment.body_text),
        "date": shown(comment.published_raw),
        "votes": None if up is None or down is None else (up, down),
        "deletion": deletion,
    }


def parents(posts: Sequence[Post], above: int | None = None, start: int = 1) -> list[int | None]:
    """Return the position of each post's parent, in page order."""
    found: list[int | None] = []
    for post in posts:
        place = start + len(found)
        found += [above, *parents(post.replies, place, place + 1)]
    return found


KINDS = {
    "flat": Kind(icons=tuple(KNOWN_ICONS)),
    "unknown icons": Kind(icons=(*KNOWN_ICONS, *UNKNOWN_ICONS), untitled=False),
    "replies": Kind(depth=2),
    "deep": Kind(depth=5),
    "votes": Kind(depth=1, votes=True, wordless=False),
    "lists": Kind(depth=2, lists=True, wordless=False),  # a name alone after a list may be its next item
    "titles": Kind(icons=tuple(UNKNOWN_ICONS), untitled=False, tombstones=False),
}
CHANGES: dict[str, Callable[[str], str]] = {
    "": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "tabs": lambda text: re.sub("^(?: {4})+", lambda match: "\t" * (len(match[0]) // 4), text, flags=re.MULTILINE),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "trailing blanks": lambda text: text.replace("\n", " \n"),
    "not closed": lambda text: text.replace(f"{wording.CLOSED}\n", ""),
    "double blanks": lambda text: text.replace("\n\n", "\n\n\n"),
    "footer": lambda text: f"{text}\nMost read\n\n1. Teapots leak\n2. Cups crack\n\nAbout us\n",
    "closed above and below": lambda text: f"{text}\n{wording.CLOSED}\n\nThe Register - news and views\n",
    "menu above": lambda text: f"Skip to content\nThe Register\n\n{text}",
}


def rendered(kind: str, write: Callable[[Sequence[Post]], str]) -> Iterator[tuple[tuple[Post, ...], ThreadPage]]:
    """Yield invented threads and what was read of each, with the line ends and blanks of the most different sources."""
    for seed, change in zip(range(SEEDS), cycle(CHANGES.values()), strict=False):
        posts = Inventor(seed, KINDS[kind]).thread()
        yield posts, read(change(head() + write(posts)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("step", "is_glued"), [(2, False), (4, False), (6, False), (4, True)])
def test_numbers_and_indents(step: int, is_glued: bool, kind: str) -> None:
    for posts, page in rendered(kind, partial(indented, step=step, is_glued=is_glued)):
        expected = [told(post, icons=True, dates=False, votes=True) for post in all_of(posts)]
        assert [found(comment) for comment in page.comments] == expected
        assert [comment.parent_position for comment in page.comments] == parents(posts)
        assert (page.thread.title, page.thread.article.teaser) == (HEADLINE, TEASER)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [numbered, half_indented])
def test_numbers_without_indents(shape: Callable[[Sequence[Post]], str], kind: str) -> None:
    for posts, page in rendered(kind, shape):
        expected = [told(post, icons=True, dates=False, votes=True) for post in all_of(posts)]
        assert [found(comment) for comment in page.comments] == expected
        assert {comment.parent_position for comment in page.comments} == {None}


DATED = {
    "Chromium": dated,
    "Chromium, glued": partial(dated, glued=True),
    "Chromium, joined votes": partial(dated, glued=True, joined=True),
    "dates below names": dated_below_names,
    "list marks": marked,
    "other list marks": partial(marked, mark="*"),
    "numbers and dates": numbered_and_dated,
}


@pytest.mark.parametrize("kind", ["replies", "deep", "votes"])
@pytest.mark.parametrize("shape", DATED)
def test_dates(shape: str, kind: str) -> None:
    has_votes, has_levels = shape in ("Chromium", "Chromium, glued"), shape == "numbers and dates"
    for posts, page in rendered(kind, DATED[shape]):
        expected = [told(post, icons=False, dates=True, votes=has_votes) for post in all_of(posts)]
        if "marks" in shape:  # without blank lines, nobody can tell paragraphs from lines
            expected = [row | {"body": _lines(row["body"])} if "body" in row else row for row in expected]
        assert [found(comment) for comment in page.comments] == expected
        above = parents(posts) if has_levels else [None] * len(page.comments)
        assert [comment.parent_position for comment in page.comments] == above


def _lines(body: object) -> str | None:
    return body.replace("\n\n", "\n") if isinstance(body, str) else None


ABOVE = f"back to article {HEADLINE}\n{TEASER}\n\n"
BYLINES = """\
Steam #
By Ann Other Posted Saturday 18th July 2009 09:35 GMT
Thumb Up
I like steam.

Lids #
By Anonymous Coward Posted Saturday 18th July 2009 10:35 BST
I prefer lids.

Really.

#
By Cal Culus (Written by Reg staff) Posted Sunday 19th July 2009 7:15 GMT
Yes.
"""


@pytest.mark.parametrize("text", [BYLINES, re.sub("(GMT|BST|#)\n", "\\1\n\n", BYLINES), BYLINES.replace(" #", "")])
def test_titles_above_bylines_are_no_part_of_the_post_above(text: str) -> None:
    rows = [found(comment) for comment in read(ABOVE + text).comments]
    assert [row["name"] for row in rows] == ["Ann Other", "Anonymous Coward", f"Cal Culus {wording.STAFF_SUFFIX}"]
    assert [row["title"] for row in rows] == ["Steam", "Lids", None]
    assert [str(row["body"]).split("\n")[-1] for row in rows] == ["I like steam.", "Really.", "Yes."]
    assert [row["date"] for row in rows][1:] == ["Saturday 18th July 2009 10:35 BST", "Sunday 19th July 2009 7:15 GMT"]


DATES = [
    "Tuesday 2nd September 2025 08:00 GMT",
    "Tue 2 Sep 2025 // 08:00 UTC",
    "2nd September 2025 08:00",
    "Posted Tuesday 2 September 2025 08:00 BST",
    "5 hrs",
    "2 days ago",
]


@pytest.mark.parametrize("date", DATES)
def test_every_form_of_a_date_opens_a_post(date: str) -> None:
    text = f"{date}\nAnn Silver badge\nSteam\nI like steam.\n\n{date}\nAnonymous Cowardin reply to\nRe: Steam\nNo.\n"
    ann, nobody = (found(comment) for comment in read(ABOVE + text).comments)
    raw = date.removeprefix("Posted ")
    assert (ann["name"], ann["badge"], ann["title"], ann["body"], ann["date"]) == (
        "Ann",
        "Silver badge",
        "Steam",
        "I like steam.",
        raw,
    )
    assert (nobody["name"], nobody["title"], nobody["body"], nobody["date"]) == (
        "Anonymous Coward",
        "Re: Steam",
        "No.",
        raw,
    )


MIDDLE = """\
Monday 3rd June 2013 09:30 GMT
Ann
Steam
It says:

{}

So there.

Monday 3rd June 2013 10:30 GMT
Bob
Lids
I see.
"""
QUOTED = [
    "Monday 3rd June 2013 08:30 GMT is when it was posted.",
    "This post has been deleted by its author",
    "This topic is closed for new posts.",
    "2 days",
    "1. Silver badge",
    "Reply",
    "42",
]


@pytest.mark.parametrize("write", [indented, numbered])
@pytest.mark.parametrize("quoted", QUOTED)
def test_what_a_numbered_body_quotes_of_the_page_stays_in_it(
    quoted: str, write: Callable[[Sequence[Post]], str]
) -> None:
    if quoted == "1. Silver badge" and write is numbered:
        pytest.skip("without indents it is an author without a name, as likely as not")
    texts = ("It says, as we all know by now:", quoted, "So there.")
    posts = [
        Post(name="Ann", title="Steam", texts=texts),
        Post(name="Bob", title="Lids", texts=("I see.", "So do you.")),
    ]
    ann, bob = (found(comment) for comment in read(ABOVE + write(posts)).comments)
    assert ann["body"] == "\n\n".join(texts)
    assert (bob["name"], bob["title"], bob["body"]) == ("Bob", "Lids", "I see.\n\nSo do you.")


@pytest.mark.parametrize("quoted", QUOTED)
def test_what_a_body_quotes_of_the_page_stays_in_it(quoted: str) -> None:
    ann, bob = (found(comment) for comment in read(ABOVE + MIDDLE.format(quoted)).comments)
    assert ann["body"] == f"It says:\n\n{quoted}\n\nSo there."
    assert (bob["name"], bob["title"], bob["body"]) == ("Bob", "Lids", "I see.")


def test_wordless_posts_that_follow_each_other_keep_their_authors() -> None:
    text = "1. Ann Other\n2. Bob Bobson\n3. Cal Culus Silver badge\n\nRe: Steam\n\nI detest steam.\n\n4. Dee\n"
    assert [found(comment)["name"] for comment in read(ABOVE + text).comments] == [
        "Ann Other",
        "Bob Bobson",
        "Cal Culus",
        "Dee",
    ]


NUMBER_ALONE = ["1.\nAnn Silver badge\n\nSteam\n\nHot.\n", "1.\n\nAnn Silver badge\n\nSteam\n\nHot.\n"]


@pytest.mark.parametrize("text", NUMBER_ALONE)
def test_a_number_on_a_line_of_its_own_has_its_author_below(text: str) -> None:
    second = text.replace("1.", "2.").replace("Ann", "Bob")
    rows = [found(comment) for comment in read(ABOVE + text + "\n" + second).comments]
    assert [(row["name"], row["badge"], row["title"], row["body"]) for row in rows] == [
        ("Ann", "Silver badge", "Steam", "Hot."),
        ("Bob", "Silver badge", "Steam", "Hot."),
    ]


PAGES = ["Page:\n1\n2\n3\n", "Page: 1 2 3 Next\n", "Page:\n\n  1. 1\n  2. 2\n  3. 3\n\n", "Pages: 1 2 3\n"]


@pytest.mark.parametrize("pages", PAGES)
@pytest.mark.parametrize("write", [indented, numbered, dated])
def test_a_list_of_pages_above_and_below_is_no_post_and_proves_more_pages(
    write: Callable[[Sequence[Post]], str], pages: str
) -> None:
    posts = Inventor(3, Kind()).thread()
    page = read(ABOVE + pages + "\n" + write(posts) + "\n" + pages)
    assert page.completeness.page_count == 3
    assert len(page.comments) == len(posts)
    assert page.thread.article.teaser == TEASER
    assert found(page.comments[-1])["body"] == ("\n\n".join(posts[-1].texts) or None)


@pytest.mark.parametrize("title", ["Numbers", "Page"])
def test_numbers_in_a_body_prove_no_pages(title: str) -> None:
    post = Post(name="Ann", title=title, texts=("1", "2", "Counting is easy."))
    assert read(ABOVE + indented([post, post])).completeness.page_count is None


UNREADABLE = {
    "without names or numbers": "Thumb Up\n\nSteam\n\nI like steam.\n\n\nLids\n\nI prefer lids.\n",
    "without numbers or indents": "* Ann Silver badge\n\n  Steam\n\n  I like steam.\n",
}


@pytest.mark.parametrize("said", UNREADABLE)
@pytest.mark.parametrize("above", [head(), ABOVE, head(is_closed=False)])
def test_posts_that_cannot_be_split_are_refused_with_what_they_look_like(above: str, said: str) -> None:
    for text in (above + UNREADABLE[said], f"{UNREADABLE[said]}\n{wording.CLOSED}\n"):
        with pytest.raises(ParseError, match=f"looks like posts {said}.*save the page as HTML"):
            read(text)


@pytest.mark.parametrize("kept", ["1. Ann Silver badge", "Monday 3rd June 2013 09:30 GMT\nAnn"])
def test_posts_of_which_most_have_lost_what_parts_them_are_refused(kept: str) -> None:
    lost = "".join(f"{name}\n\nRe: Steam\n\nI like it, too.\n\n" for name in ("Bob Gold badge", "Anonymous Coward") * 2)
    with pytest.raises(ParseError, match=r"some have lost their .*save the page as HTML"):
        read(f"{head()}{kept}\n\nSteam\n\nI like steam.\n\n{lost}")


INSIDE = ["7 days\nis all it took.", "Monday 3rd June 2013 09:30 GMT\nwas the day."]


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("write", [indented, numbered])
def test_a_date_in_a_body_of_a_numbered_post_is_no_post(write: Callable[[Sequence[Post]], str], inside: str) -> None:
    first, second = (Post(name=name, title="Steam", texts=("It is hot.", "DATE")) for name in ("Ann", "Bob"))
    text = write([replace(first, replies=(second,)), second])
    text = re.sub("( *)DATE", lambda match: match[1] + inside.replace("\n", "\n" + match[1]), text)
    rows = [found(comment) for comment in read(ABOVE + text).comments]
    assert [(row["name"], row["title"], row["body"]) for row in rows] == [
        (name, "Steam", f"It is hot.\n\n{inside}") for name in ("Ann", "Bob", "Bob")
    ]
