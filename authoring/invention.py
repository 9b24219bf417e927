"""Invented words of the same shape as those that people wrote, the same one for the same word throughout a page."""

import re
from collections import Counter
from collections.abc import Collection
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_FIRST, _SECOND, _STRIDE = "bdfgklmnprstvz", "aeiou", 9_901
_IN_ADDRESSES = "/:;=?&@!$'()*+,~%"
_NO_PERSON = frozenset((
    "user", "users", "u", "profile", "profiles", "member", "members", "people", "author", "authors", "account", "id",
))  # fmt: skip
_SITE_WORDS = frozenset((
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    "am", "pm", "at", "on", "utc", "gmt", "ago", "second", "seconds", "minute", "minutes", "hour", "hours", "day",
    "days", "week", "weeks", "month", "months", "year", "years", "comment", "comments", "reply", "replies", "post",
    "posts", "posted", "by", "page", "of", "next", "previous", "older", "newer", "more", "load", "show", "all",
    "report", "like", "likes", "share", "edit", "edited", "deleted", "removed", "permalink", "link", "closed", "log",
    "in", "to", "says", "said", "written", "anonymous", "guest", "moderator", "staff",
))  # fmt: skip
"""What sites themselves write around comments, which tells their layout and nobody's name."""


class Inventor:
    """Replaces words; `site` are words to leave as they are because the page's markup is found by them.

    `host` is the page's own: addresses on others that people gave for themselves lead nowhere.
    """

    def __init__(self, people: Collection[str], site: Collection[str], host: str = "") -> None:
        self._host = host
        self._site = frozenset(site) | _SITE_WORDS
        self._people = frozenset(word for name in people for word in _names_in(name)) - self._site
        self._words: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._made: Counter[int] = Counter()

    def names_somebody(self, text: str) -> bool:
        """Return whether a word of somebody's name stands in a text."""
        return not self._people.isdisjoint(_names_in(text))

    def prose(self, text: str) -> str:
        """Return a text in invented words; numbers stay, and what sites themselves write.

        >>> Inventor((), ()).prose("3 comments, one of Zoë's")
        "3 comments, mos of Rat'k"
        """
        return _WORD.sub(lambda match: match[0] if match[0].lower() in self._site else self._word(match[0]), text)

    def private(self, text: str) -> str:
        """Return a text in which no word and no number is as it was."""
        return _NUMBER.sub(lambda match: self._number(match[0]), _WORD.sub(lambda match: self._word(match[0]), text))

    def structural(self, text: str) -> str:
        """Return a class or an id without the names of the people on the page."""
        return _WORD.sub(lambda match: self._word(match[0]) if match[0].lower() in self._people else match[0], text)

    def address(self, url: str) -> str:
        """Return an address without the names of the people on the page; the page's own host stays."""
        try:
            parts = urlsplit(url)
            plain = [unquote(part) for part in parts[2:]]
        except ValueError:
            return "#"
        host = parts.netloc if parts.hostname == self._host else self.structural(parts.netloc)
        return urlunsplit((parts.scheme, host, *(quote(self.structural(part), _IN_ADDRESSES) for part in plain)))

    def profile(self, url: str) -> str:
        """Return the address of somebody's page on this host with an invented name in it."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return "#"
        if parts.scheme not in ("", "http", "https"):
            return "#"
        if parts.hostname not in (None, self._host):
            return "https://example.org/"
        segments = [segment if segment in _NO_PERSON else self.private(segment) for segment in parts.path.split("/")]
        query = "&".join(f"{name}={self.private(value)}" for name, _, value in _fields(parts.query))
        return urlunsplit((parts.scheme, parts.netloc, "/".join(segments), query, self.private(parts.fragment)))

    def _word(self, word: str) -> str:
        key = word.lower()
        if key not in self._words:
            self._words[key] = self._new_word(len(key))
        made = self._words[key]
        if word.isupper():
            return made.upper()
        return made.capitalize() if word[0].isupper() else made

    def _new_word(self, length: int) -> str:
        self._made[length] += 1
        number = self._made[length] * _STRIDE  # prime to the letters' numbers: no word comes twice before all did
        letters = []
        for place in range(length):
            choice = _SECOND if place % 2 else _FIRST
            number, index = divmod(number, len(choice))
            letters.append(choice[(index + 3 * place + length) % len(choice)])
        return "".join(letters)

    def _number(self, number: str) -> str:
        if number not in self._numbers:
            self._numbers[number] = str(len(self._numbers) + 1).zfill(len(number))[-len(number) :]
        return self._numbers[number]


def _names_in(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text) if len(word) > 2]


def _fields(query: str) -> list[tuple[str, str, str]]:
    return [field.partition("=") for field in query.split("&") if field]
