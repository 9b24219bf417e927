"""The last comment of a page that ends before its own end: what the cut may have gone through is not shown."""

import re
from dataclasses import replace
from html import escape, unescape

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, ThreadPage
from belowtheline.reading.markup import words
from belowtheline.reading.page import Page

_TAG = re.compile(r"<[^<>]{0,2000}>")
_INSIDE = r"p|br|i|b|u|s|em|strong|small|sub|sup|q|a|span|font|tt|code|pre|blockquote|ul|ol|li|img|cite"
_AFTER = re.compile(rf"</?(?!(?:{_INSIDE})\b)[a-z][^<>]{{0,2000}}>", re.IGNORECASE)
"""A tag that does not stand in a text: behind a text it proves that the text has ended."""
_HEAD = 1024
_LAST = 40
"""Characters by which the end of a text is known for the end of the page."""


def without_torn_end(page: Page, found: ThreadPage) -> ThreadPage:
    """Return what was read without the texts that the cut of a page goes through, since half a text is a false one."""
    if not (found.comments and found.form == "html" and page.is_cut and "<html" in page.text[:_HEAD].lower()):
        return found  # an answer of markup for a page's script has no end of its own
    end, last = "".join(words(page.root))[-_LAST:], found.comments[-1]
    # Nearly always it is the last one; where replies stand elsewhere on the page it need not be.
    return replace(found, comments=tuple(_without(one, page, end, is_last=one is last) for one in found.comments))


def _without(comment: Comment, page: Page, end: str, *, is_last: bool) -> Comment:
    body = comment.body_text if isinstance(comment.body_text, str) else _text(comment.body_html)
    name = comment.author.name if isinstance(comment.author, Author) else None
    is_missing = is_last and body is not None and body.strip() in ("", name)
    if is_missing or (body and _is_torn(body, end, page.text)):
        comment = replace(comment, body_html=NOT_SHOWN, body_text=NOT_SHOWN)
    if isinstance(comment.title, str) and _is_torn(comment.title, end, page.text):
        comment = replace(comment, title=NOT_SHOWN)
    if name and _is_torn(name, end, page.text):
        comment = replace(comment, author=NOT_SHOWN)
    return comment


def _text(html: object) -> str | None:
    return unescape(_TAG.sub(" ", html)) if isinstance(html, str) else None


def _is_torn(text: str, end: str, markup: str) -> bool:
    """Return whether a text is the last one of the page, and nothing behind it proves that it has ended."""
    last = text.split()[-1:]
    if not last or not end.endswith("".join(text.split())[-_LAST:]):
        return False
    place = max(markup.rfind(form) + len(form) for form in (last[0], escape(last[0], quote=False), escape(last[0])))
    return place < len(last[0]) or _AFTER.search(markup, place) is None
