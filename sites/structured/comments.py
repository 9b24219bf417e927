"""One comment from an item of any notation: its author, date, votes, addresses and text."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from html import unescape
from typing import Any

from belowtheline.reading.counts import Count, counts_in, read_count
from belowtheline.reading.instants import first_usable, utc
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown, shown
from belowtheline.reading.numbers import first_count
from belowtheline.sites.structured import addresses
from belowtheline.sites.structured.bodies import as_html
from belowtheline.sites.structured.nodes import DATES, TEXTS, Html, Node

_LETTERS = re.compile(r"[\W_]+")
_TAG = re.compile(r"<[^<>]*>")


def read_item(node: Node, base: str) -> dict[str, Any]:
    """Return the fields of a comment that stand in its item itself."""
    body = body_of(node)
    found: dict[str, Any] = {"title": _title(node, body), "author": author_of(node, base)}
    raw, edited = date_of(node), node.text("dateModified")
    if raw:
        found["published_raw"] = " ".join(raw.split())
    if raw and edited and edited != raw and (utc(edited) is NOT_SHOWN or utc(edited) != utc(raw)):
        found |= {"edited_raw": " ".join(edited.split()), "is_edited": True}
    is_deleted = (node.text("creativeWorkStatus") or "").rpartition("/")[2].lower() == "deleted"
    found["deletion"] = "unknown" if is_deleted else NOT_SHOWN
    found["body_html"] = NOT_SHOWN if is_deleted or body is None else body
    found["url"] = next(permalinks(node, base), NOT_SHOWN)
    found["upvotes"] = count_of(node, "upvoteCount", "LikeAction", "AgreeAction")
    found["downvotes"] = count_of(node, "downvoteCount", "DislikeAction", "DisagreeAction")
    return found


def permalinks(node: Node, base: str) -> Iterator[str]:
    """Yield a comment's addresses; the article's own, which some themes give each comment, is none."""
    identifiers = [name for name in node.texts("@id") if name.startswith(("http://", "https://"))]
    for href in (*node.texts("url", "dateLink"), *identifiers):
        if addresses.comment_id(href, base) is not None and (url := addresses.resolve(href, base)):
            yield url


def date_of(node: Node) -> str | None:
    """Return the date of an item as published; what only stands for "never" is the last that is taken."""
    return first_usable(*node.texts(*DATES))


def body_of(node: Node) -> str | None:
    """Return the text of an item as HTML, None where it has none."""
    text = node.text(*TEXTS, "description")
    if text is None:
        return None
    return str(text).strip() if isinstance(text, Html) else as_html(text)


def _title(node: Node, body: str | None) -> Shown[str]:
    """Return the title of an item; what only repeats how its text begins is none."""
    for title in node.texts("headline", "name"):
        letters = _LETTERS.sub("", title)
        if letters and not _LETTERS.sub("", text_of(body or "")).startswith(letters):
            return title
    return NOT_SHOWN


def text_of(html: str) -> str:
    """Return the words of HTML on one line."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def author_of(node: Node, base: str) -> Shown[Author]:
    """Return who wrote an item; a link to another host is a website, one to the own host an account."""
    authors = node.nodes("author", "creator")
    if not authors:
        name = node.text("author", "creator")
        return Author(name=name) if name else NOT_SHOWN
    author = next((each for each in authors if each.text("name")), authors[0]) if len(authors) > 1 else authors[0]
    href = author.text("url", "sameAs", "nameLink")
    url = addresses.resolve(href, base) if href else None
    is_account = url is not None and addresses.is_account(url, base)
    return Author(
        name=author.text("name", "alternateName"),
        profile_url=url if url and is_account else NOT_SHOWN,
        image_url=_image(author, base) if "image" in author.values else NOT_SHOWN,
        marks=(Mark(kind="website", value=url),) if url and not is_account else (),
    )


def _image(author: Node, base: str) -> Shown[str]:
    sources = (*author.texts("image"), *(source for each in author.nodes("image") for source in each.texts("url")))
    return next(filter(None, (addresses.resolve(source, base) for source in sources)), NOT_SHOWN)


def count_of(node: Node, name: str, *actions: str) -> Shown[int]:
    """Return a count by its own property, or from the statistics of interactions with an item."""
    count = counted_of(node, name, *actions)
    return NOT_SHOWN if count is None else count.value


def counted_of(node: Node, name: str, *actions: str) -> Count | None:
    """Return such a count, and the fewest that it may stand for where it is rounded."""
    value = node.text(name)
    if value is None and "interactionStatistic" in node.values:
        value = next(statistics(node, *actions), None)
    if not value or (count := read_count(value)) is not None:
        return count if value else None
    if (number := first_count(value)) is not None:
        return Count(number, number)
    return next(filter(None, counts_in(value)), None)


def statistics(node: Node, *actions: str) -> Iterator[str]:
    """Yield how often something was done with an item."""
    for counter in node.nodes("interactionStatistic"):
        kinds = [*counter.texts("interactionType")]
        kinds += [kind for each in counter.nodes("interactionType") for kind in (*each.types, *each.texts("@type"))]
        if any(kind.rpartition("/")[2] in actions for kind in kinds):
            yield from counter.texts("userInteractionCount")


def filled(comment: Comment, other: Comment) -> Comment:
    """Return a comment with what only another notation shows of it."""
    gaps = {
        field.name: getattr(other, field.name)
        for field in fields(Comment)
        if getattr(comment, field.name) is NOT_SHOWN and getattr(other, field.name) is not NOT_SHOWN
    }
    if isinstance(comment.author, Author) and isinstance(other.author, Author):
        gaps["author"] = _author_filled(comment.author, other.author)
    return replace(comment, **gaps) if gaps else comment


def _author_filled(author: Author, other: Author) -> Author:
    if author.name != other.name:
        return author
    return replace(
        author,
        profile_url=other.profile_url if author.profile_url is NOT_SHOWN else author.profile_url,
        image_url=other.image_url if author.image_url is NOT_SHOWN else author.image_url,
        marks=shown(author.marks) or other.marks,
    )
