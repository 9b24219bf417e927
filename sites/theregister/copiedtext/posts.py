"""Posts: the lines below each header without the page's own, sorted into what stands in the icon's place, paragraphs
and votes."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, islice, takewhile
from typing import Literal

from belowtheline.reading.items import Deletion
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.dated import is_button
from belowtheline.sites.theregister.copiedtext.frame import is_below_posts, page_list_end
from belowtheline.sites.theregister.copiedtext.headers import Header
from belowtheline.sites.theregister.copiedtext.lines import Line, paragraphs_of

Shape = Literal["indented", "numbered", "dated"]
"""indented (numbers and indents by level), numbered (numbers alone) or dated (dates, with or without list marks)."""
MAX_SLOT = 200  # a longer line stands in no icon's or title's place
_MAX_GLUED = 50  # lines of wrapped text are longer
VOTE = re.compile(r"([0-9]{1,6})(?:\s+([0-9]{1,6}))?")
_JOINED = re.compile(r"[0-9]{2,8}")


@dataclass(frozen=True, slots=True)
class Post:
    """The lines of one post, sorted by the blank lines between them.

    The lead stands directly under the header: an icon, or a title where the icon's line was dropped. The gap counts
    the blank lines before the first paragraph.
    """

    header: Header
    lead: str | None
    gap: int
    paragraphs: tuple[str, ...]
    votes: tuple[int, int] | None
    spacing: int | None
    """Blank lines between its paragraphs, the least; NULL where there is one."""
    is_dense: bool
    """Whether blank lines part no title from its body, so that a first paragraph may begin with a title."""

    @property
    def deletion(self) -> Deletion | None:
        """Who deleted it, where its header or its only text is the sentence that says so."""
        texts = self.paragraphs if self.lead is None or self.lead in wording.ICONS else (self.lead, *self.paragraphs)
        return wording.deletion(self.header.text) or (wording.deletion(texts[0]) if len(texts) == 1 else None)

    @property
    def is_glued(self) -> bool:
        """Whether the first line is followed by another without a blank line between."""
        return self.is_dense and bool(self.paragraphs) and "\n" in self.paragraphs[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """The paragraphs, of which the first line is one by itself where titles are not parted from bodies."""
        if not self.is_glued:
            return self.paragraphs
        first, _, rest = self.paragraphs[0].partition("\n")
        return (first, rest, *self.paragraphs[1:])


def posts_of(lines: Sequence[Line], headers: Sequence[Header], shape: Shape) -> list[Post]:
    """Return the posts that the headers open."""
    bodies = _bodies(lines, headers, shape)
    standing = [body for header, body in zip(headers, bodies, strict=True) if wording.deletion(header.text) is None]
    if shape == "dated" or _most(standing, lambda body: bool(body) and is_button(body[-1].text)):
        bodies = [_without_buttons(body) for body in bodies]
        standing = [_without_buttons(body) for body in standing]
    has_votes = _most(standing, lambda body: _votes(body) is not None)
    is_joined = not has_votes and len(standing) > 1 and _at_least_half(standing)
    is_dense = shape == "dated" or not any(_has_blank(body) for body in standing)
    posts = []
    for header, body in zip(headers, bodies, strict=True):
        posts.append(_post(header, _without_joined(body, is_joined), has_votes, is_dense))
    firsts = [post.paragraphs[0].split("\n") for post in posts if post.paragraphs and post.deletion is None]
    if not is_dense and _are_glued(firsts):
        return [replace(post, is_dense=True) for post in posts]
    return posts


def _are_glued(firsts: Sequence[Sequence[str]]) -> bool:
    """Return whether the first lines of paragraphs are titles that no blank line parts from the body."""
    short = [first[0] for first in firsts if len(first) > 1 and len(first[0]) <= _MAX_GLUED]
    return any(title.startswith("Re: ") for title in short) or 2 * len(short) > len(firsts) > 1


def _bodies(lines: Sequence[Line], headers: Sequence[Header], shape: Shape) -> list[list[Line]]:
    ends = [*(header.line for header in headers), len(lines)][1:]
    outermost = min((header.indent for header in headers), default=0)
    bodies = []
    for header, end in zip(headers, ends, strict=True):
        body = lines[header.after : end]
        if shape == "indented":
            bodies.append(_trimmed(list(_inside(body, outermost, end == len(lines)))))
        else:
            bodies.append(_trimmed(_above_frame(body, is_last=end == len(lines))))
    return bodies


def _trimmed(body: list[Line]) -> list[Line]:
    while body and not body[-1].text:
        body.pop()
    return body


def _inside(body: Sequence[Line], outermost: int, is_last: bool) -> Iterator[Line]:
    """Yield the lines of a post without the page's frame below it."""
    is_after_blank = False
    for line in body:
        is_outside = bool(line.text) and line.indent <= outermost
        if is_outside and (line.is_closing or line.is_back or (is_last and is_after_blank)):
            return
        is_after_blank = not line.text
        yield line


def _above_frame(body: Sequence[Line], *, is_last: bool) -> list[Line]:
    """Return the lines of a post without the page's frame below it, where no indent tells them apart."""
    backs = [index for index, line in enumerate(body) if line.is_back]
    closings = [index for index, line in enumerate(body) if line.is_closing]
    ends = backs[:1] + (closings if is_last or backs else [])
    if is_last:
        ends += [index for index in range(1, len(body)) if not body[index - 1].text and is_below_posts(body, index)]
    lists = (index for index, line in enumerate(body) if line.text.startswith(("Page:", "Pages:")))
    ends += [index for index in lists if page_list_end(body, index)[0]]
    return list(body[: min(ends, default=len(body))])


def _has_blank(body: Sequence[Line]) -> bool:
    return any(not line.text for line in body)


def _most(bodies: Sequence[Sequence[Line]], has: Callable[[Sequence[Line]], bool]) -> bool:
    return 2 * sum(map(has, bodies)) > len(bodies)


def _at_least_half(bodies: Sequence[Sequence[Line]]) -> bool:
    joined = sum(bool(body) and _JOINED.fullmatch(body[-1].text) is not None for body in bodies)
    return joined > 0 and 2 * joined >= len(bodies)


def _without_buttons(body: list[Line]) -> list[Line]:
    """Return a post without the buttons that end it, above or below its votes."""
    count = 0
    while count < len(body):
        text = body[-1 - count].text
        if text and not is_button(text) and not VOTE.fullmatch(text):
            break
        count += 1
    tail = [line for line in body[len(body) - count :] if not is_button(line.text)]
    return _trimmed(body[: len(body) - count] + tail)


def _without_joined(body: list[Line], is_joined: bool) -> list[Line]:
    """Return a post without its votes, where they are joined to one number that nobody can take apart."""
    if is_joined and body and _JOINED.fullmatch(body[-1].text):
        return _trimmed(body[:-1])
    return body


def _votes(body: Sequence[Line]) -> tuple[int, int, int] | None:
    """Return upvotes, downvotes and the index of their first line, where two lone integers end the post."""
    last = list(islice((index for index in reversed(range(len(body))) if body[index].text), 2))
    matches = [VOTE.fullmatch(body[index].text) for index in last]
    if matches and matches[0] and matches[0][2]:
        return int(matches[0][1]), int(matches[0][2]), last[0]
    if len(matches) < 2 or not matches[0] or not matches[1] or matches[1][2]:
        return None
    return int(matches[1][1]), int(matches[0][1]), last[1]


def _post(header: Header, body: Sequence[Line], has_votes: bool, is_dense: bool) -> Post:
    votes = _votes(body) if has_votes else None
    body = body[: votes[2]] if votes else body
    if header.title is not None:
        body = list(dropwhile(lambda line: not line.text, body))
    under = [line.text for line in islice(takewhile(lambda line: line.text, body), 3)]
    has_lead = _has_dense_icon(under, header.title is not None) if is_dense else _has_lead(under)
    rest = body[1:] if has_lead else body
    gap = sum(1 for _ in takewhile(lambda line: not line.text, rest))
    lead = under[0] if has_lead else None
    return Post(header, lead, gap, tuple(paragraphs_of(rest)), votes[:2] if votes else None, _spacing(rest), is_dense)


def _spacing(body: Sequence[Line]) -> int | None:
    inner = "".join("x" if line.text else " " for line in body).strip()
    return min((len(blank) for blank in inner.split("x") if blank), default=None)


def _has_lead(under: Sequence[str]) -> bool:
    return bool(under) and (under[0] in wording.ICONS or (len(under) == 1 and len(under[0]) <= MAX_SLOT))


def _has_dense_icon(under: Sequence[str], is_below_title: bool) -> bool:
    # A title may be called as an icon is, so a title and a text have to stand below it.
    if not under or under[0] not in wording.ICONS:
        return False
    return is_below_title or (len(under) > 2 and len(under[1]) <= MAX_SLOT)
