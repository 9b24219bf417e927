"""Whom a comment addresses by name: in its title, where its body begins, and where a paragraph begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from belowtheline.pipelines.linking.clocks import Clock, clock_after
from belowtheline.pipelines.linking.names import Name, Named, Names
from belowtheline.pipelines.linking.texts import Document

_BEGINNING = 160
"""Code points of a body that are its beginning."""
_MOST_LINES = 200
_MOST_IN_A_ROW = 10
_LONGEST_NAME = 80
_AT = re.compile(r"(?<![\w.@])[@＠][ \xa0]{0,2}[\[(\"'“‘<*~._]{0,2}(?=[^\s@])")
_GREETING = (
    "dear|hi|hello|hey|to|reply to|in reply to|in response to|in answer to|answer to|response to|responding to"
    "|hallo|liebe|lieber|antwort an|cher|chère|bonjour|hola|caro|cara"
)
_OPENING = re.compile(rf"(?:(?:{_GREETING}):? +|re(?: ?: ?| +))(?=\S)", re.IGNORECASE)
_REPLY = re.compile(r"\b(?:in (?:reply|response|answer) to|repl(?:y|ying) to|antwort an) @?", re.IGNORECASE)
_HONORIFIC = re.compile(
    r"\b(?:mrs?|ms|miss|mx|dr|prof|professor|sir|dame|lord|lady|herr|frau|mme|monsieur)\b\.? +", re.IGNORECASE
)
_ENDS_ADDRESS = re.compile(r" ?(?:[,:;.!?)–—-]|\.{3}|…|\n|\Z)")
_COLON = re.compile(r" ?:(?![/\w])")
_COMMA = re.compile(r" ?, ?")
_SAID_TO = "you your youre youve youd please thanks thank"
_SAID_TO_A_FULL_NAME = (
    "i im ive id ill that thats this these those it its no yes not what why how when where did do dont have are is if"
    " but so there can could would surely actually agreed exactly sorry well"
)
_TO_SOMEBODY, _TO_A_FULL_NAME = frozenset(_SAID_TO.split()), frozenset(_SAID_TO_A_FULL_NAME.split())
"""Words that begin what is said to whoever is called by two words before a comma, and not about them."""
_VOCATIVE_END = re.compile(r" ?(?:[,:!?–—-]|\n|\Z)")
_BEFORE_VOCATIVE = re.compile(r"(?:\A|[\n.!?,:;@–—-] {0,4}|\bdear |\bre:? )\Z", re.IGNORECASE)
_AND = re.compile(r"[ ,&+/]{0,9}(?:and )?(?=@)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """A name that a comment addresses, with the words that do it."""

    name: Name
    document: Document
    start: int
    end: int
    is_honorific: bool = False
    clock: Clock | None = None
    """The time beside the name."""

    @property
    def cue(self) -> str:
        """The words as they stand in the text."""
        return self.document.text[self.start : self.end]


def addresses(document: Document, names: Names) -> Iterator[Address]:
    """Yield the addresses of a text; what it quotes from others is not looked at."""
    seen = -1
    for address in sorted(_addresses(document, names), key=lambda one: (one.start, -one.end)):
        if address.start >= seen and not _is_quoted(document, address.start):
            seen = address.end
            yield address


def _is_quoted(document: Document, at: int) -> bool:
    return any(span.start <= at < span.end for span in document.spans[:_MOST_LINES])


def _addresses(document: Document, names: Names) -> Iterator[Address]:
    is_title = document.field == "title"
    beginning = len(document.text) if is_title else _BEGINNING
    for at in _AT.finditer(document.text, 0, beginning):
        yield from _handles(document, names, at.start())
    for title in _HONORIFIC.finditer(document.text, 0, beginning):
        yield from _honorific(document, names, title)
    for reply in _REPLY.finditer(document.text, 0, beginning):
        named = _somebody(document, names, reply.end())
        if named is not None and not _goes_on(document, names, named) and not names.is_plain(named.name):
            yield Address(named.name, document, reply.start(), named.end)
    for start in _line_starts(document.text):
        if start >= beginning:
            yield from _handles(document, names, start)
            if match := _HONORIFIC.match(document.text, start):
                yield from _honorific(document, names, match)
        yield from _opening(document, names, start)
        yield from _vocative(document, names, start)


def _line_starts(text: str) -> Iterator[int]:
    start = 0
    for _ in range(_MOST_LINES):
        if text[start : start + 1].strip():
            yield start
        start = text.find("\n", start) + 1
        if not start:
            return


def _handles(document: Document, names: Names, start: int) -> Iterator[Address]:
    """Yield `@ Name`, and what follows it as `, @ Name`."""
    for _ in range(_MOST_IN_A_ROW):
        found = _AT.match(document.text, start)
        named = _somebody(document, names, found.end(), may_be_joined=True) if found else None
        clock = clock_after(document.text, named.end) if named else None
        if named is None or (clock is None and _goes_on(document, names, named)):
            return
        if names.is_plain(named.name) and not _begins(document.text, start):
            return
        end = clock.end if clock else named.end
        yield Address(named.name, document, start, end, clock=clock)
        joint = _AND.match(document.text, end)
        if not joint:
            return
        start = joint.end()


def _begins(text: str, start: int) -> bool:
    """Return whether a line or a sentence begins at a code point."""
    before = text[:start].rstrip(" ")[-1:]
    return not before or before in "\n.!?:,;-–—)"


def _somebody(document: Document, names: Names, start: int, *, may_be_joined: bool = False) -> Named | None:
    """Return the author, or the anonymous one, whose name stands at a code point."""
    return names.at(document, start, may_be_joined=may_be_joined) or names.nobody_at(document, start)


def _goes_on(document: Document, names: Names, named: Named) -> bool:
    """Return whether one word found as a name is the first of a longer name that is nobody's here."""
    has_more_words = " " in named.name.folded or " " in document.text[named.start : named.end]
    if has_more_words or document.text[named.end : named.end + 1] != " ":
        return False
    word = document.folded.at(named.end + 1)
    if word is None or not document.text[named.end + 1].isupper():
        return False
    return len(document.folded.words[word]) > 1 and not names.is_plain_word(document.folded.words[word])


def _opening(document: Document, names: Names, start: int) -> Iterator[Address]:
    """Yield `Dear Name`, `re Name` and `Name:` at the start of a line, unless the name is a plain word."""
    match = _OPENING.match(document.text, start)
    if match is None and document.text.find(":", start, start + _LONGEST_NAME) < 0:
        return
    named = _somebody(document, names, match.end()) if match else names.at(document, start)
    if named is None:
        return
    clock = clock_after(document.text, named.end) if match else None
    at = clock.end if clock else named.end
    end = (_ENDS_ADDRESS if match else _COLON).match(document.text, at)
    if end and not names.is_plain(named.name):
        yield Address(named.name, document, start, at if match else end.end(), clock=clock)


def _vocative(document: Document, names: Names, start: int) -> Iterator[Address]:
    """Yield `Name, you ...` at the start of a line: a name that is no plain word, and what is said to somebody."""
    if document.field == "title" or document.text.find(",", start, start + _LONGEST_NAME) < 0:
        return
    named = names.at(document, start)
    comma = _COMMA.match(document.text, named.end) if named else None
    if named is None or comma is None or names.is_plain(named.name):
        return
    word = document.folded.at(comma.end())
    said = document.folded.words[word] if word is not None else ""
    if said in _TO_SOMEBODY or (" " in named.name.folded and said in _TO_A_FULL_NAME):
        yield Address(named.name, document, start, named.end)


def _honorific(document: Document, names: Names, match: "re.Match[str]") -> Iterator[Address]:
    """Yield `Ms Bee` for Sarah Bee where it is spoken to, and one author has that surname."""
    word = document.folded.at(match.end())
    if word is None or not _BEFORE_VOCATIVE.search(document.text, max(match.start() - 6, 0), match.start()):
        return
    end = document.folded.ends[word]
    bearing = [name for name in names.by_surname.get(document.folded.words[word], ()) if name.is_addressable]
    if len(bearing) == 1 and document.text[match.end()].isupper() and _VOCATIVE_END.match(document.text, end):
        yield Address(bearing[0], document, match.start(), end, is_honorific=True)
