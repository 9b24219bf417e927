"""Invented threads for linking: a line a comment, and what was found of it by the comments' numbers."""

from collections.abc import Mapping, Sequence

from belowtheline.archive.links.texts import CommentText, Edge, Links, ResolvedQuote, ThreadText, VersionText
from belowtheline.pipelines.linking.engine import link
from belowtheline.pipelines.linking.rules import RULES, Rule
from belowtheline.pipelines.titles import re_title

_BESIDE = 1_000_000
"""Number of the first earlier version, so that a version is never taken for a comment."""


def said(
    number: int,
    author: str | None,
    body: str | None,
    title: str | None = None,
    *,
    html: str | None = None,
    before: Sequence[str] = (),
    is_nobody: bool = False,
    at: str | None = None,
    native_id: str | None = None,
) -> CommentText:
    """Return a comment; its number is its row, its place and its version, and one name is one author."""
    earlier = tuple(
        VersionText(row_id=_BESIDE + number * 10 + place, title=title, body_text=text)
        for place, text in enumerate(before)
    )
    return CommentText(
        row_id=number,
        native_id=native_id or str(number),
        position=number,
        present=VersionText(row_id=number, title=title, body_text=body, body_html=html),
        earlier=earlier,
        published_at=at,
        author_id=None if author is None else number if is_nobody else sum(map(ord, author)) + 10_000,
        author_name=author,
        is_nobody=is_nobody,
        is_anonymous=is_nobody,
        re_title=re_title(title),
    )


def thread(
    *comments: CommentText, titles: tuple[str, ...] = (), teaser: str | None = None, article: str | None = None
) -> ThreadText:
    """Return a thread of these comments."""
    return ThreadText(
        row_id=1, comments=comments, titles=titles, teaser=teaser, article_body=article, has_article=bool(article)
    )


def linked(
    *comments: CommentText,
    titles: tuple[str, ...] = (),
    teaser: str | None = None,
    article: str | None = None,
    rules: Mapping[str, Rule] = RULES,
) -> Links:
    """Return what is found in a thread of these comments."""
    return link(thread(*comments, titles=titles, teaser=teaser, article=article), rules)


def answers(edges: Sequence[Edge]) -> set[tuple[int, int, str]]:
    """Return edges as (comment, target, rule)."""
    return {(edge.comment_id, edge.target_id, edge.rule) for edge in edges}


def pairs(edges: Sequence[Edge]) -> set[tuple[int, int]]:
    """Return edges as (comment, target)."""
    return {(edge.comment_id, edge.target_id) for edge in edges}


def quotes_of(links: Links, number: int) -> list[ResolvedQuote]:
    """Return the quotations of the present version of a comment."""
    return [quote for quote in links.quotes if quote.version_id == number]


def source_text(quote: ResolvedQuote, *comments: CommentText) -> str:
    """Return the words that a quotation's offsets point at."""
    version = next(
        version
        for comment in comments
        for version in (comment.present, *comment.earlier)
        if version.row_id == quote.source_version_id
    )
    text = version.title if quote.source_field == "title" else version.body_text
    assert text is not None
    return text[quote.source_start : quote.source_end]


def only(
    *comments: CommentText, titles: tuple[str, ...] = (), teaser: str | None = None
) -> tuple[ResolvedQuote, Links]:
    """Return the one quotation of the last comment, and all that was found."""
    links = linked(*comments, titles=titles, teaser=teaser)
    (quote,) = quotes_of(links, comments[-1].row_id)
    return quote, links
