"""The stage that lets nothing in that a later sink would choke on, and says what it changed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Icon,
    Link,
    Mark,
    Marks,
    Stub,
    Thread,
    ThreadPage,
    shown,
)

_HUGE = 2**63
_TEXTS = (str, type(None), type(NOT_SHOWN))
_Item = TypeVar("_Item", Comment, Author, Icon, Thread, Article, Stub, Link)


def validate(page: ThreadPage) -> ThreadPage:
    """Return the page with NUL and lone surrogates replaced and marked, and every id used once."""
    comments = _with_unique_ids(tuple(_clean_comment(comment) for comment in page.comments))
    thread = _clean(_with_text_ids(page.thread, ("native_id",)), [])
    stubs = tuple(_clean(stub, []) for stub in page.stubs)
    links, foreign = (tuple(_clean(link, []) for link in found) for found in (page.links, page.foreign_links))
    thread = replace(thread, article=_clean(thread.article, []))
    return replace(page, comments=comments, thread=thread, stubs=stubs, links=links, foreign_links=foreign)


def is_clean(text: str) -> bool:
    """Return whether a text can be written as UTF-8 and read back by every sink."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def clean(text: str) -> str:
    """Return a text with NUL and lone surrogates as U+FFFD.

    >>> clean("a" + chr(0xD800) + "b" + chr(0))
    'a\ufffdb\ufffd'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def _clean(item: _Item, changed: list[str]) -> _Item:
    dirty: dict[str, Any] = {}
    for name in item.__dataclass_fields__:
        value = getattr(item, name)
        if type(value) is str and not is_clean(value):
            dirty[name] = clean(value)
        elif _is_odd(value):
            dirty[name] = NOT_SHOWN
        elif name == "marks" and not is_clean("".join(_texts_of(value))):
            dirty[name] = tuple(Mark(kind=clean(mark.kind), value=mark.value and clean(mark.value)) for mark in value)
    if not dirty:
        return item
    changed.extend(dirty)
    return replace(item, **dirty)


def _texts_of(marks: Marks) -> Iterator[str]:
    for mark in shown(marks) or ():
        yield mark.kind
        yield mark.value or ""


_PLAIN = (
    "native_id",
    "published_raw",
    "edited_raw",
    "url",
    "title",
    "re_title",
    "body_text",
    "body_html",
    "parent_native_id",
    "parent_url",
)


def _clean_comment(comment: Comment) -> Comment:
    if type(comment.native_id) not in _TEXTS or type(comment.parent_native_id) not in _TEXTS:
        comment = _with_text_ids(comment, ("native_id", "parent_native_id"))
    texts = [value for name in _PLAIN if type(value := getattr(comment, name)) is str]
    author, icon = comment.author, comment.icon
    texts += _texts_of(comment.marks)
    if isinstance(author, Author):
        texts += _texts_of(author.marks)
        texts += [
            value for value in (author.name, author.badge, author.native_id, author.profile_url) if type(value) is str
        ]
    if isinstance(icon, Icon):
        texts += [value for value in (icon.name, icon.image_url) if type(value) is str]
    numbers = (comment.upvotes, comment.downvotes, comment.score, comment.depth)
    # One check for all texts: nearly every comment is clean, and this runs for each of them.
    return comment if is_clean("".join(texts)) and not any(map(_is_odd, numbers)) else _replaced(comment)


def _with_text_ids(item: _Item, names: tuple[str, ...]) -> _Item:
    """Return an item whose ids are plain text, whatever answers and trees give; raise TypeError where one is none."""
    for name in names:
        value = getattr(item, name)
        if type(value) is int or (isinstance(value, str) and type(value) is not str):  # lxml has texts of its own
            item = replace(item, **{name: str(value)})  # type: ignore[arg-type]
        elif type(value) not in _TEXTS:
            raise TypeError(f"{name} is no text but {type(value).__name__}")
    return item


def _is_odd(value: object) -> bool:
    """Return whether a count is none that SQLite can hold as one: a fraction, or a number beyond 64 bits."""
    return type(value) is float or (type(value) is int and not -_HUGE <= value < _HUGE)


def _replaced(comment: Comment) -> Comment:
    changed: list[str] = []
    comment = _clean(comment, changed)
    if isinstance(comment.author, Author):
        comment = replace(comment, author=_clean(comment.author, changed))
    if isinstance(comment.icon, Icon):
        comment = replace(comment, icon=_clean(comment.icon, changed))
    marks = tuple(Mark(kind="cleaned", value=name) for name in dict.fromkeys(changed))
    return replace(comment, marks=(*(shown(comment.marks) or ()), *marks))


def _with_unique_ids(comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """Return the comments with the second bearer of an id left without it, since an id names one comment."""
    counts = Counter(comment.native_id for comment in comments if comment.native_id is not None)
    if not counts or max(counts.values()) == 1:
        return comments
    seen: set[str] = set()
    kept = []
    for comment in comments:
        if comment.native_id is not None and comment.native_id in seen:
            marks = (*(shown(comment.marks) or ()), Mark(kind="duplicate id", value=comment.native_id))
            comment = replace(comment, native_id=None, marks=marks)
        seen.add(comment.native_id or "")
        kept.append(comment)
    return tuple(kept)
