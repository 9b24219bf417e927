"""What a page shows twice: the same comments in a second tab, and the opening post as the first comment as well.

Only what is one for certain is left out: comments of one id with the same words, and an opening post whose author, date
and words all agree. Comments without ids may have the same words; they are never taken for one another here.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

from belowtheline.reading.items import Author, Comment, Shown, Thread, ThreadPage

_TAG = re.compile(r"<[^<>]*>")
_SEPARATOR = re.compile(r"[\W_]+")
_CERTAIN = 40
"""Letters and digits that two people do not write alike, where no date tells."""


def without_repeats(page: ThreadPage) -> ThreadPage:
    """Return a page with each comment once; a page that shows nothing twice is returned as it is."""
    comments = page.comments
    ends = (0, len(comments) - 1) if comments else ()  # the newest post may come first
    opening = next((place for place in ends if _is_opening(comments[place], page.thread)), None)
    first: dict[str, int] = {}
    kept_at: dict[int, int] = {}
    for place, comment in enumerate(comments):
        same = place if comment.native_id is None else first.setdefault(comment.native_id, place)
        if same != place and words_of(comments[same]) == words_of(comment):
            kept_at[place] = same
    if opening is None and not kept_at:
        return page
    return replace(page, comments=tuple(_Left(comments, kept_at, opening).comments()))


class _Left:
    """The comments that stay, with their places and parents among themselves."""

    def __init__(self, comments: tuple[Comment, ...], kept_at: Mapping[int, int], opening: int | None) -> None:
        self._comments, self._kept_at = comments, kept_at
        self._opening = comments[opening] if opening is not None else None
        self._opening_at = opening
        stay = [place for place in range(len(comments)) if place not in kept_at and place != opening]
        self._positions = {place: position for position, place in enumerate(stay, 1)}
        self._places = {comment.position: place for place, comment in enumerate(comments)}
        self._below: set[str | int] = set()

    def comments(self) -> list[Comment]:
        return [self._placed(self._comments[place], position) for place, position in self._positions.items()]

    def _placed(self, comment: Comment, position: int) -> Comment:
        """Return a comment at its new place; what answers the opening post is on the top."""
        parent: Shown[str] = comment.parent_native_id
        above = self._places.get(comment.parent_position) if comment.parent_position is not None else None
        above = self._kept_at.get(above, above) if above is not None else None
        depth = comment.depth
        if self._opening is not None:
            is_top = above == self._opening_at or (parent is not None and parent == self._opening.native_id)
            if is_top or parent in self._below or comment.parent_position in self._below:
                self._below |= {name for name in (comment.native_id, comment.position) if name is not None}
                depth = max(depth - 1, 0) if isinstance(depth, int) else depth
            parent, above = (None, None) if is_top else (parent, above)
        parent_position = self._positions[above] if above is not None else None
        return replace(
            comment, position=position, parent_native_id=parent, parent_position=parent_position, depth=depth
        )


def _is_opening(comment: Comment, thread: Thread) -> bool:
    """Return whether a comment is the post that opened the thread, which is held as the thread's own."""
    body = thread.body_html if isinstance(thread.body_html, str) else thread.body_text
    if not isinstance(body, str):
        return False
    name, when, text = words_of(comment)
    opened = {_moment(thread.published_at), _moment(thread.published_raw)} - {None}
    is_same_time = when in opened if when and opened else len(text) >= _CERTAIN
    is_same_name = name == thread.author.name if isinstance(thread.author, Author) else bool(when and opened)
    return bool(text) and text == _plain(body) and is_same_name and is_same_time


def words_of(comment: Comment) -> tuple[str | None, str | None, str]:
    """Return who wrote a comment, when, and what, as far as it matters whether two are one."""
    name = comment.author.name if isinstance(comment.author, Author) else None
    body = comment.body_html if isinstance(comment.body_html, str) else comment.body_text
    when = comment.published_at if isinstance(comment.published_at, str) else comment.published_raw
    return name, _moment(when), _plain(body) if isinstance(body, str) else ""


def _moment(value: Shown[str]) -> str | None:
    """Return a time in one form, as far as it says its zone; else as it stands."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value.strip())
        return when.astimezone(UTC).isoformat() if when.tzinfo else value
    except (ValueError, OverflowError):
        return value


def _plain(html: str) -> str:
    """Return the letters and digits of HTML or text, however it is written."""
    return _SEPARATOR.sub("", unescape(_TAG.sub(" ", html))).casefold()
