"""Invented threads, written in every shape of copied text, are read back as they were."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle

import pytest

from belowtheline.scraper.items import Comment, ThreadPage, shown
from belowtheline.scraper.page import Page
from belowtheline.scraper.sites.theregister import wording
from belowtheline.scraper.sites.theregister.copied import looks_copied, parse_copied
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
    "lists": Kind(depth=2, lists=True),
    "titles": Kind(icons=tuple(UNKNOWN_ICONS), untitled=False, tombstones=False),
}
CHANGES: dict[str, Callable[[str], str]] = {
    "": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "tabs": lambda text: re.sub("^(?: {4})+", lambda match: "\t" * (len(match[0]) // 4), text, flags=re.MULTILINE),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "trailing blanks": lambda text: text.replace("\n", " \n"),
    "not closed": lambda text: text.replace(f"{wording.CLOSED}\n", ""),
    "menu above": lambda text: f"Skip to content\nThe Register\n\n{text}",
}


def rendered(kind: str, write: Callable[[Sequence[Post]], str]) -> Iterator[tuple[tuple[Post, ...], ThreadPage]]:
    """Yield invented threads and what was read of each, with the line ends and blanks of the most different sources."""
    for seed, change in zip(range(SEEDS), cycle(CHANGES.values()), strict=False):
        posts = Inventor(seed, KINDS[kind]).thread()
        yield posts, read(change(head() + write(posts)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [2, 4, 6])
def test_numbers_and_indents(step: int, kind: str) -> None:
    for posts, page in rendered(kind, partial(indented, step=step)):
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
