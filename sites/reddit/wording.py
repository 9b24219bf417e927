"""Reddit's own words: what stands in place of a text that is gone, and how JSON values are read."""

import re
from datetime import UTC, datetime
from typing import Any

from belowtheline.reading import instants
from belowtheline.reading.items import NOT_SHOWN, Conventions, Deletion, Mark, Shown

NAME = "reddit"
TITLE = "Reddit"
CONVENTIONS = Conventions()

Data = dict[str, Any]
"""The fields of one thing of Reddit's: a comment (t1), a post (t3) or a `more`."""

GONE = "[deleted]"
"""What stands in place of a name: of an account that was deleted, and above every text that is gone."""
UNAVAILABLE = "[unavailable]"
"""What stands in place of name and text for a reader whom the author has blocked."""

_BY_REDDIT = re.compile(r"\[ ?removed by reddit\b[^\[\]]{0,80}\]$", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_GILDINGS = {"gid_1": "Silver", "gid_2": "Gold", "gid_3": "Platinum"}
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC).timestamp(), datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def deletion_of(body: str, author: str | None, code: object = None) -> Deletion | None:
    """Return who deleted a comment, told by what stands in its place.

    Who only writes "[deleted]" or "[removed]" keeps a name; Reddit's own removals may leave it.

    >>> deletion_of("[removed]", "[deleted]"), deletion_of("[removed]", "ann")
    ('moderator', None)
    """
    body = body.strip()
    if not body.startswith("["):
        return None
    if _BY_REDDIT.match(body):
        return "moderator"
    if author in (None, GONE) or code == "DELETED":
        return {"[deleted]": "author", "[removed]": "moderator"}.get(body)  # type: ignore[return-value]
    return None


def words_of(html: str) -> str:
    """Return a short HTML text without its tags, to compare it with what stands in place of a text.

    >>> words_of('<div class="md"><p>[removed]</p></div>')
    '[removed]'
    """
    return _TAGS.sub("", html[:400]).strip()


def unescape(text: str) -> str:
    """Return a text that Reddit escaped once, which it does to every text unless asked with raw_json=1.

    >>> unescape("&lt;p&gt;Q&amp;amp;A&lt;/p&gt;")
    '<p>Q&amp;A</p>'
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def number_of(value: object) -> Shown[int]:
    """Return a count or a score; NOT_SHOWN where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else NOT_SHOWN


def date_of(value: object) -> Shown[str]:
    """Return a date as published: Unix seconds without their ".0", or the ISO date of rendered answers.

    >>> date_of(1439821274.0)
    '1439821274'
    """
    if isinstance(value, str):
        return value or NOT_SHOWN
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _FIRST < value < _LAST:
        return NOT_SHOWN
    return str(int(value))


def utc(value: object) -> Shown[str]:
    """Return a date as published in ISO 8601 UTC; NOT_SHOWN where it is none."""
    return instants.utc(date_of(value))


def list_of(value: object) -> list[Any]:
    """Return a list as it is, and an empty one for whatever else an answer may hold in its place."""
    return value if isinstance(value, list) else []


def awards(data: Data) -> list[Mark]:
    """Return the awards of a comment or a post: by name since 2019, by three metals in 2018, before that as gold."""
    named = [award for award in list_of(data.get("all_awardings")) if isinstance(award, dict) and award.get("name")]
    if named:
        return [Mark(kind="award", value=f"{award['name']}: {award.get('count', 1)}") for award in named]
    metals = data.get("gildings")
    if isinstance(metals, dict) and any(metals.values()):
        return [Mark(kind="award", value=f"{_GILDINGS.get(key, key)}: {metals[key]}") for key in metals if metals[key]]
    return [Mark(kind="gilded", value=str(data["gilded"]))] if data.get("gilded") else []
