"""Find the quoted spans of titles and bodies; where their words come from is another stage's question.

A mark that may open or close (`"`, and any mark that some language uses the other way round) is read by its
neighbours, and where they do not tell, by what stands open in its paragraph. Only outermost spans are reported.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from belowtheline.reading.items import Comment, Quote, ThreadPage, shown

Field = Literal["title", "body"]
Kind = Literal["quoted", "block", "unbalanced"]
Span = tuple[int, int, Kind]

_SINGLES = "'‘’‚‛"
_FAMILIES = dict.fromkeys('"“”„‟', "double") | dict.fromkeys("«»", "guillemet") | dict.fromkeys("‹›", "small")
_LEANS_OPEN = frozenset("“„‟«‹‘‚‛")
_LEANS_CLOSED = frozenset("”»›")
_DOUBLES = "".join(_FAMILIES)
_BEYOND_ASCII = tuple(mark for mark in _DOUBLES + _SINGLES if not mark.isascii())

# An apostrophe inside a word is never a mark, so it is not even looked at. Each pattern starts with one set of
# characters, which `re` searches several times faster than alternatives.
_IS_MARK = rf"(?:(?<=[{_DOUBLES}])|(?<=[{_SINGLES}])(?!\w)|(?<=[{_SINGLES}])(?<!\w.))"
_MARK = re.compile(f"[{_DOUBLES}{_SINGLES}]{_IS_MARK}")
_PIECE = re.compile(
    rf"[\n>{_DOUBLES}{_SINGLES}](?:(?<=\n)\n+|(?<=^>)(?![=:;_<\d])[^\n]*"
    rf"|{_IS_MARK}(?:[{_DOUBLES}]|(?<!\w)[{_SINGLES}]|[{_SINGLES}](?!\w))*)",
    re.MULTILINE,
)
_BLOCK_PREFIX = re.compile(r"^>[> ]*")
_ELISION = re.compile(
    r"(?:\d\ds?|s|d|m|t|ll|re|ve|n|em|im|tis|twas|twere|twill|twould|til|till|cause|cos|coz|cuz|bout|round|neath|gainst|nuff"
    r"|phone|plane|bus|flu|cello)\b(?!['’])|(?-i:n)['’](?!\w)",
    re.IGNORECASE,
)
# A possessive plural, a dropped g, a short word that lost its end, feet: `the dogs'`, `goin'`, `o'`, `6'`.
_LOST_END = re.compile(r"(?:[szx\d]|in|(?<!\w)(?:n|o|an|ol|th|po))\Z", re.IGNORECASE)


@cache
def _class_of(character: str) -> str:
    if character.isspace():
        return "space"
    if character.isalnum():
        return "word"
    if character in ".,;:!?)]}>…%":
        return "closing"
    return "opening" if character in "([{<-–—/=|~¿¡" else "symbol"


def _direction(before: str, after: str) -> str:
    """Return whether a mark between two characters opens or closes; empty where they do not tell, or at a gap."""
    if not before or not after:
        return "opens" if after else "closes" if before else ""
    left, right = _class_of(before), _class_of(after)
    if left in ("space", "opening") and right in ("word", "opening", "symbol"):
        return "opens"
    if left in ("word", "closing", "symbol") and right in ("space", "closing"):
        return "closes"
    return "closes" if (left, right) == ("word", "opening") else ""


@dataclass(slots=True, eq=False)
class _Opened:
    """A mark that opened a quotation."""

    start: int
    is_sure: bool
    """Whether it is a quotation even if nothing closes it."""
    inside: "_Opened | None" = None
    """The double mark that stood open when a single one opened."""
    paragraph_end: int = -1
    doubtful_end: int = -1
    """A mark that closes it unless a better one follows before the next opening one: an inch mark, an apostrophe."""


class _Stack:
    """What one family of marks has open: first what earlier paragraphs left open, then this paragraph's own."""

    def __init__(self, found: list[Span]) -> None:
        self.found = found
        self.opened: list[_Opened] = []
        self.carried = 0

    @property
    def own(self) -> _Opened | None:
        """The innermost quotation that this paragraph opened."""
        return self.opened[-1] if len(self.opened) > self.carried else None

    def open(self, start: int, is_sure: bool) -> None:
        self.settle()
        self.opened.append(_Opened(start, is_sure))

    def close(self, end: int) -> None:
        if self.opened:
            self.found.append((self.opened.pop().start, end, "quoted"))
            self.carried = min(self.carried, len(self.opened))

    def settle(self) -> None:
        """Take the doubtful end of the innermost quotation, if it has one."""
        if (own := self.own) and own.doubtful_end >= 0:
            self.close(own.doubtful_end)

    def end_paragraph(self, end: int) -> None:
        """Leave the sure ones open: a later paragraph may close them."""
        if not self.own:
            return
        self.settle()
        kept = [opened for opened in self.opened[self.carried :] if opened.is_sure]
        for opened in kept:
            opened.paragraph_end = end
        self.opened[self.carried :] = kept
        self.carried = len(self.opened)

    def give_up(self) -> None:
        """End each quotation that nothing closed with its paragraph."""
        self.found += [(opened.start, opened.paragraph_end, "unbalanced") for opened in self.opened]
        self.opened.clear()
        self.carried = 0


class _Scan:
    """One reading of a text, mark by mark."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Span] = []
        self.stacks = {name: _Stack(self.found) for name in set(_FAMILIES.values())}
        self.double = self.stacks["double"]
        self.single: _Opened | None = None
        self.paragraph_start = 0
        self.block_start = -1
        self.block_line_end = -2

    def spans(self) -> list[Span]:
        for match in _PIECE.finditer(self.text):
            piece, start, end = match[0], match.start(), match.end()
            if piece[0] == "\n":
                self.end_paragraph(start, end)
            elif piece[0] == ">":
                self.read_block_line(start, end, piece)
            else:
                self.read_run(start, end, piece)
        self.end_paragraph(len(self.text), len(self.text))
        self.give_up()
        return self.found

    def end_paragraph(self, end: int, next_start: int) -> None:
        self.settle_single()
        self.single = None
        for stack in self.stacks.values():
            if stack.opened:
                stack.end_paragraph(end)
        self.paragraph_start = next_start

    def give_up(self) -> None:
        for stack in self.stacks.values():
            stack.give_up()

    def read_block_line(self, start: int, end: int, line: str) -> None:
        """Add a line to the block that ends just above it, or begin one; bare lines hold a block together."""
        if start - 1 != self.block_line_end:
            self.end_paragraph(max(start - 1, 0), end)
            self.give_up()
            self.block_start = -1
        self.paragraph_start = self.block_line_end = end
        words = _BLOCK_PREFIX.sub("", line, count=1)
        if not words.strip():
            return
        if self.block_start < 0:
            self.block_start = end - len(words)
        else:
            self.found.pop()
        self.found.append((self.block_start, end, "block"))

    def read_run(self, start: int, end: int, run: str) -> None:
        """Read marks that touch: all of them stand between the same two characters."""
        before = self.text[start - 1] if start > self.paragraph_start else ""
        after = "" if self.text.startswith("\n\n", end) else self.text[end : end + 1]
        direction = _direction(before, after)
        for at, mark in enumerate(run, start):
            if mark in _SINGLES:
                self.read_single(at, mark, direction, after)
            elif mark == '"' and at == start and self.is_inch_mark(at):
                self.read_inch_mark(at)
            else:
                self.read_double(at, mark, direction, before)

    def read_double(self, at: int, mark: str, direction: str, before: str) -> None:
        stack = self.stacks[_FAMILIES[mark]]
        leaning = "opens" if mark in _LEANS_OPEN else "closes" if mark in _LEANS_CLOSED else ""
        floats = mark in "“”" and before.isspace() and not direction
        reading = direction or ("" if floats and stack.own else leaning) or ("closes" if stack.own else "opens")
        if reading == "opens":
            self.settle_single()
            stack.open(at + 1, is_sure=leaning == "opens" or (direction == "opens" and not leaning))
        elif stack.own or direction == "closes" or leaning == "closes":
            stack.close(at)

    def is_inch_mark(self, at: int) -> bool:
        """Return whether a mark follows a number of at most three digits."""
        return self.text[at - 1 : at].isnumeric() and not (at > 3 and self.text[at - 4 : at].isdigit())

    def read_inch_mark(self, at: int) -> None:
        own = self.double.own
        if own and own.doubtful_end < 0:
            own.doubtful_end = at

    def read_single(self, at: int, mark: str, direction: str, after: str) -> None:
        before_word = after.isalnum()
        if direction == "opens" or (not direction and before_word):
            if not _ELISION.match(self.text, at + 1):
                self.settle_single()
                self.single = _Opened(at + 1, is_sure=False, inside=self.double.own)
        elif self.single and self.single.inside is self.double.own and not before_word:
            self.close_single(self.single, at)

    def close_single(self, opened: _Opened, at: int) -> None:
        if not _LOST_END.search(self.text, max(opened.start, at - 4), at):
            opened.doubtful_end = at
            self.settle_single()
        elif opened.doubtful_end < 0:
            opened.doubtful_end = at

    def settle_single(self) -> None:
        if self.single and self.single.doubtful_end >= 0:
            self.found.append((self.single.start, self.single.doubtful_end, "quoted"))
            self.single = None


def _outermost(spans: list[Span]) -> Iterator[Span]:
    """Yield the spans that stand in no other, in order."""
    last: Span = (0, 0, "quoted")
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= last[1]:
            yield last
            last = (start, end, kind)
        elif end > last[1] and last[2] == "unbalanced":
            # Two marks stood open, a later paragraph closed one: the outer one is taken to be meant.
            last = (last[0], end, kind)
    yield last


def _may_quote(text: str) -> bool:
    if ">" in text and (text[0] == ">" or "\n>" in text):
        return True
    has_mark = '"' in text or "'" in text or (not text.isascii() and any(map(text.__contains__, _BEYOND_ASCII)))
    return has_mark and _MARK.search(text) is not None


def find_spans(text: str, field: Field = "body") -> tuple[Quote, ...]:
    """Return the outermost quoted spans of a stored text, in order and without their marks.

    >>> [quote.text for quote in find_spans('He said "no" to the dogs\\' owner.')]
    ['no']
    """
    if not _may_quote(text):
        return ()
    return tuple(
        Quote(field=field, start=start, end=end, text=text[start:end], kind=kind)
        for start, end, kind in _outermost(_Scan(text).spans())
        if not text[start:end].isspace() and start < end
    )


def find_quotes(page: ThreadPage) -> ThreadPage:
    """Return the page with the quoted spans of every comment."""
    comments = tuple(_with_quotes(comment) for comment in page.comments)
    return replace(page, comments=comments) if comments != page.comments else page


def _with_quotes(comment: Comment) -> Comment:
    quotes = find_spans(shown(comment.title) or "", "title") + find_spans(shown(comment.body_text) or "", "body")
    return replace(comment, quotes=quotes) if quotes != comment.quotes else comment
