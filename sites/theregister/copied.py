"""Text copied from a page of The Register's forums: its shape is found, its posts are read, posts are comments.

Browsers put different things on the clipboard: Firefox writes numbers and indents, text browsers numbers with or
without indents, Chromium neither, so that dates are all that parts the posts. A text that shows posts and has none of
these is refused: a saved page is always the better input.
"""

import re
from collections.abc import Sequence

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Completeness, Thread, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.theregister import addresses, wording
from belowtheline.sites.theregister.copiedtext import frame
from belowtheline.sites.theregister.copiedtext.lines import EMPTY, Line, lines_of
from belowtheline.sites.theregister.copiedtext.openings import MAX_NAME, is_signed
from belowtheline.sites.theregister.copiedtext.posts import Post
from belowtheline.sites.theregister.copiedtext.shapes import Found, find_posts
from belowtheline.sites.theregister.copiedtext.titles import Capture

LOOKED_AT = 65_536
"""Characters that decide whether a text is a copied thread."""
_BLANK = "\ufeff \t\r\n"
_IS_OTHER = re.compile(r"<(?![\s\xa0])|\{|\[(?![0-9]+\])")
"""Markup or JSON; an arrow before the link back to the article and the marks of links are neither."""
_MANY = 3  # a body may name a badge or two
_SOME = 2  # beside the posts no badge is expected
_WANTED = 'looked for numbered authors, dates above authors, "back to article" or the closing sentence'
_BETTER = "save the page as HTML and ingest that; a saved page is read more surely than copied text"


def looks_copied(text: str) -> bool:
    """Return whether a text of unknown origin is a thread copied from a page of The Register."""
    if _IS_OTHER.match(text[:1024].lstrip(_BLANK)):
        return False
    lines = lines_of(text[:LOOKED_AT])
    first = next((line for line in lines if line.text), EMPTY)
    if first.is_back or any(line.is_closing for line in lines):
        return True
    found = find_posts(lines)
    return bool(found.posts) and (any(line.is_back for line in lines) or any(map(_has_sign, found.posts)))


def _has_sign(post: Post) -> bool:
    """Return whether the post has words of this site; any numbered outline has headers and indented text."""
    is_reply = bool(post.texts) and post.texts[0].startswith("Re: ")
    opening = post.header.opening
    return is_reply or opening.is_signed or (post.lead in wording.ICONS and opening.date is None)


def parse_copied(page: Page) -> ThreadPage:
    """Return the thread that a copied text holds; raise ParseError where its posts cannot be told apart."""
    lines = lines_of(page.text)
    found = find_posts(lines)
    _require_frame(lines, found, page.name)
    if not found.posts:
        _require_empty_thread(lines, page.name)
    _require_all_split(lines, found, page.name)
    shown = frame.frame_of(lines, found.first, found.outermost)
    return ThreadPage(
        form="copied text",
        conventions=wording.CONVENTIONS,
        thread=_thread(shown, page.url),
        comments=tuple(Capture(found.posts).comments()),
        completeness=Completeness(page_count=shown.page_count),
    )


def _thread(shown: frame.Frame, url: str | None) -> Thread:
    key = addresses.topic_key(url) if url else None
    return Thread(
        site=wording.NAME,
        native_id=key,
        url=addresses.topic_url(key, url) if key else NOT_SHOWN,
        title=shown.article.headline,
        is_closed=shown.is_closed or NOT_SHOWN,
        article=shown.article,
    )


def _require_frame(lines: Sequence[Line], found: Found, name: str) -> None:
    """Raise ParseError where nothing but a numbered list speaks for a thread of this site."""
    is_framed = any(line.is_back or line.is_closing for line in lines)
    if not is_framed and (found.shape == "numbered" or not found.posts) and not any(map(_has_sign, found.posts)):
        raise ParseError(f"{name} is no thread copied from The Register ({_WANTED}): {_BETTER}.")


def _require_empty_thread(lines: Sequence[Line], name: str) -> None:
    texts = frame.leftover(lines)
    is_named = any(is_signed(line) for text in texts for line in text.split("\n"))
    if texts:
        lacks = "numbers or indents and without dates" if is_named else "names or numbers"
        raise ParseError(f"{name} looks like posts without {lacks}, which cannot be told apart: {_BETTER}.")


def _require_all_split(lines: Sequence[Line], found: Found, name: str) -> None:
    """Raise ParseError where authors stand in the bodies of posts, or beside the indents of all posts."""
    if found.outermost is not None:
        is_lost = _authors_beside(lines, found) >= _SOME
    else:
        texts = (line for post in found.posts for text in post.texts for line in text.split("\n"))
        inside = sum(map(_is_author, texts))
        is_lost = inside >= _MANY and inside > len(found.posts)
    if is_lost:
        numbers = "dates" if found.shape == "dated" else "numbers"
        raise ParseError(f"{name} looks like posts of which some have lost their {numbers}: {_BETTER}.")


def _authors_beside(lines: Sequence[Line], found: Found) -> int:
    """Return how many lines below the first post name an author, and are no header and not indented as posts are."""
    taken = {index for post in found.posts for index in range(post.header.line, post.header.after)}
    beside = (index for index in range(found.first, len(lines)) if index not in taken)
    outermost = found.outermost or 0
    return sum(lines[index].indent <= outermost and _is_author(lines[index].text) for index in beside)


def _is_author(text: str) -> bool:
    return len(text) <= MAX_NAME and is_signed(text)
