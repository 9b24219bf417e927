"""What an article's page says of its discussion: the key, and where the API is."""

import re

from belowtheline.reading.items import Link
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urlsplit
from belowtheline.sites.guardian import addresses

_QUOTE = r"(?:\\?[\"']|&quot;|&#34;)"
_KEY = rf"(?:https?:)?(?://[a-z.]{{1,40}})?(/p/[0-9a-z]{{1,12}}){_QUOTE}"
_SAID = rf"{_QUOTE}?\s{{0,9}}[:=]\s{{0,9}}{_QUOTE}"
# In this order: the container of the comments (2013 to 2020), the settings of a page, a discussion written into it.
_CONTAINER = re.compile(rf"\bdata-discussion-key{_SAID}{_KEY}")
_SETTING = re.compile(rf"\b(?:shortUrlId|shortUrl){_SAID}{_KEY}")
_WRITTEN = re.compile(rf"\bdiscussion{_QUOTE}?\s{{0,9}}:\s{{0,9}}\{{\s{{0,9}}{_QUOTE}?key{_SAID}{_KEY}")
_SHORT = re.compile(
    r"<link\b[^<>]{0,200}\brel=[\"']short(?:link|url)[\"'][^<>]{0,100}\bhref=[\"'](?:https?:)?//[a-z.]{1,40}"
    r"(/p/[0-9a-z]{1,12})[\"']"
)
_NAMED = re.compile(rf"\bdiscussionId{_SAID}{_KEY}")
_OPEN = re.compile(rf"\b(?:isCommentable|commentable){_QUOTE}?\s{{0,9}}:\s{{0,9}}(true|false)\b")
_API = re.compile(rf"\bdiscussionApiUrl{_SAID}(https?://[^\"'\\\s<>&]{{1,200}})")


def discussion_of(page: Page) -> Link | None:
    """Return the request for the discussion of an article's page; None where it names none, or takes no comments."""
    text = page.text
    if "/p/" not in text or "guardian" not in text:
        return None
    key = _key(text)
    return Link(url=addresses.answer_url(_api(page), key)) if key else None


def key_of(text: str) -> str | None:
    """Return the key that a page gives for its comments, by their container or its short address; None for several."""
    return _only(_CONTAINER, text) or _only(_SHORT, text)


def _key(text: str) -> str | None:
    if found := _only(_CONTAINER, text) or _only(_WRITTEN, text):
        return found
    # Every article has a short address; only some take comments.
    opens = {match[1] for match in _OPEN.finditer(text)}
    if opens == {"true"} and (found := _only(_SETTING, text)):
        return found
    return None if opens == {"false"} else _only(_NAMED, text)


def _only(pattern: re.Pattern[str], text: str) -> str | None:
    found = {match[1] for match in pattern.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _api(page: Page) -> str:
    """Return the API that the page names, if it is the Guardian's or stands on the page's own host."""
    named = _API.search(page.text)
    own = urlsplit(page.url or "").netloc
    if named and (addresses.is_ours(named[1]) or (own and urlsplit(named[1]).netloc == own)):
        return addresses.API if addresses.is_ours(named[1]) else named[1].rstrip("/")
    return addresses.API
