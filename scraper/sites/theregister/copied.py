"""Text copied from a page of The Register's forums: lines are read as posts, posts as comments.

The text has no markup: numbers and indents tell the posts, blank lines tell icon, title and paragraphs. What a line
means may hang on the habits of the whole capture, so these are settled before any comment is made.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile

from belowtheline.scraper.errors import ParseError
from belowtheline.scraper.items import NOT_SHOWN, Article, Author, Comment, Deletion, Icon, Shown, Thread, ThreadPage
from belowtheline.scraper.page import Page
from belowtheline.scraper.sites.theregister import addresses, wording

LOOKED_AT = 65_536
"""Characters that decide whether a text is a copied thread."""
MAX_NAME = 80  # a longer numbered line is no header, badge and staff suffix included
MAX_SLOT = 200  # a longer line stands in no icon's or title's slot
MAX_GUESS = 80  # a longer first line is body where titles have no slot; the longest title seen copied has 78 letters

_NUMBERED = re.compile(r"([0-9]{1,5})\.(?:\s+(.*))?", re.DOTALL)
_VOTE = re.compile(r"[0-9]{1,6}")
_QUOTED = re.compile(r"[\"“„«‘']([^\"”“»]+)")
_CLOSED = wording.CLOSED.rstrip(".").casefold()
_RE = "Re: "
_WANTED = 'looked for numbered authors with indented text below, "back to article" or the closing sentence'


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: the width of its indent, and its text without white space around it."""

    indent: int
    text: str

    @property
    def is_closing(self) -> bool:
        return self.text[:1] in "Tt" and self.text.rstrip(".").casefold() == _CLOSED

    @property
    def is_back(self) -> bool:
        return self.text[: len(wording.BACK) + 1].casefold().rstrip() == wording.BACK

    @property
    def is_sign(self) -> bool:
        """Whether the line ends as only this site's headers do."""
        ours = (*wording.BADGES, wording.STAFF_SUFFIX, *wording.CONVENTIONS.anonymous_names)
        return self.text.endswith(ours) or wording.deletion(self.text) is not None


_EMPTY = _Line(0, "")


@dataclass(frozen=True, slots=True)
class _Header:
    """The numbered line that opens a post; index counts headers, parent is the index of the one it is nested under."""

    index: int
    line: int
    indent: int
    number: int
    text: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class _Post:
    """The lines of one post, sorted by the blank lines between them.

    The lead stands directly under the header: an icon, or a title where the icon's line was dropped. The gap counts
    the blank lines before the first paragraph.
    """

    header: _Header
    lead: str | None
    gap: int
    paragraphs: tuple[str, ...]
    votes: tuple[int, int] | None

    @property
    def deletion(self) -> Deletion | None:
        texts = self.paragraphs if self.lead is None or self.lead in wording.ICONS else (self.lead, *self.paragraphs)
        return wording.deletion(self.header.text) or (wording.deletion(texts[0]) if len(texts) == 1 else None)

    @property
    def has_sign(self) -> bool:
        """Whether the post has words of this site; any numbered outline has headers and indented text."""
        is_reply = bool(self.paragraphs) and self.paragraphs[0].startswith(_RE)
        return is_reply or self.lead in wording.ICONS or _Line(0, self.header.text).is_sign


def looks_copied(text: str) -> bool:
    """Return whether a text of unknown origin is a thread copied from a page of The Register."""
    if text[:1024].lstrip("\ufeff \t\r\n")[:1] in {"<", "{", "["}:
        return False
    lines = _lines(text[:LOOKED_AT])
    first = next((line for line in lines if line.text), _EMPTY)
    if first.is_back or any(line.is_closing for line in lines):
        return True
    posts = _posts(lines, _Finder(lines).headers())
    return bool(posts) and (any(line.is_back for line in lines) or any(post.has_sign for post in posts))


def parse_copied(page: Page) -> ThreadPage:
    """Return the thread that a copied text holds; raise ParseError where it has neither posts nor a thread's frame."""
    lines = _lines(page.text)
    headers = _Finder(lines).headers()
    if not headers:
        _require_empty_thread(lines, page.name)
    return ThreadPage(
        form="copied text",
        conventions=wording.CONVENTIONS,
        thread=_thread(lines, headers, page.url),
        comments=tuple(_Capture(_posts(lines, headers)).comments()),
    )


def _lines(text: str) -> list[_Line]:
    # Browsers copy a no-break space as a space or as itself, so here it is a space everywhere.
    plain = text.lstrip("\ufeff").replace("\u00a0", " ")
    for end in ("\r\r\n", "\r\n", "\r"):
        plain = plain.replace(end, "\n")
    return [_line(raw.rstrip()) if raw else _EMPTY for raw in plain.split("\n")]


def _line(raw: str) -> _Line:
    text = raw.lstrip()
    return _Line(len(raw[: len(raw) - len(text)].expandtabs(4)), text)


def _paragraphs(lines: Sequence[_Line]) -> list[str]:
    groups = groupby(lines, key=lambda line: bool(line.text))
    return [_paragraph(list(group)) for has_text, group in groups if has_text]


def _paragraph(lines: Sequence[_Line]) -> str:
    margin = min(line.indent for line in lines)
    return "\n".join(" " * (line.indent - margin) + line.text for line in lines)


def _require_empty_thread(lines: Sequence[_Line], name: str) -> None:
    if not any(line.is_back or line.is_closing for line in lines):
        raise ParseError(f"{name} is no thread copied from The Register ({_WANTED}): save the page as HTML instead.")
    last = max((index for index, line in enumerate(lines) if line.is_closing), default=len(lines))
    if any(line.is_sign or _NUMBERED.fullmatch(line.text) for line in lines[:last]):
        raise ParseError(f"{name} has posts without numbers or indents ({_WANTED}): save the page as HTML instead.")


def _thread(lines: Sequence[_Line], headers: Sequence[_Header], url: str | None) -> Thread:
    first = headers[0].line if headers else len(lines)
    outermost = min((header.indent for header in headers), default=0)
    is_closed = any(line.is_closing and (index < first or line.indent <= outermost) for index, line in enumerate(lines))
    article = _article(lines[:first])
    closed = is_closed or NOT_SHOWN
    key = addresses.topic_key(url) if url else None
    return Thread(
        site=wording.NAME,
        native_id=key,
        url=addresses.topic_url(key, url) if key else NOT_SHOWN,
        title=article.headline,
        is_closed=closed,
        article=article,
    )


def _article(head: Sequence[_Line]) -> Article:
    start = next((index for index, line in enumerate(head) if line.is_back), len(head))
    lines = list(takewhile(lambda line: not line.is_closing, head[start:]))
    lines[:1] = [_Line(0, line.text[len(wording.BACK) :].strip()) for line in lines[:1]]
    texts = [" ".join(text.split()) for text in _paragraphs(lines)]
    return Article(headline=texts[0], teaser=_teaser(texts[1:])) if texts else Article()


def _teaser(paragraphs: Sequence[str]) -> Shown[str]:
    # The words of the article's picture may stand before the teaser, the numbers of the pages after it.
    for ends in (("…", "..."), (".", "!", "?", '"', "”")):
        for paragraph in paragraphs:
            if paragraph.endswith(ends):
                return paragraph
    return paragraphs[0] if paragraphs else NOT_SHOWN


class _Finder:
    """Walks down the lines to find headers, keeping the chain of posts that the next one may be nested under."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self.lines = lines
        self.found: list[_Header] = []
        self.chain: list[_Header] = []
        self.is_unbroken = False  # nothing but posts since the last header
        self.is_new = False  # a header since the page's frame
        self.is_over = False  # closed, until the frame of a second page copied below opens the posts again
        self.following = [len(lines)] * len(lines)
        for index in range(len(lines) - 2, -1, -1):
            self.following[index] = index + 1 if lines[index + 1].text else self.following[index + 1]

    def headers(self) -> list[_Header]:
        outermost = 0
        for index, line in enumerate(self.lines):
            match = None if self.is_over else _NUMBERED.fullmatch(line.text)
            if match and self.accepts(index, int(match[1]), match[2] or ""):
                outermost = min(outermost, line.indent) if self.found else line.indent
                self.open(index, int(match[1]), match[2] or "")
            elif self.found and line.text and line.indent <= outermost:
                self.see_frame(index)
        return self.found

    def accepts(self, index: int, number: int, text: str) -> bool:
        if len(text) > MAX_NAME:
            return False
        is_sure = wording.deletion(text) is not None or self.is_followed(index)
        if not self.chain:
            return is_sure
        indent = self.lines[index].indent
        if indent > self.chain[-1].indent:
            # A first reply, or an item of a list in the body, which stands at the same indent.
            return is_sure and number == 1 and not text.endswith((":", ";", ","))
        elder = next(header for header in self.chain if header.indent >= indent)
        return is_sure or (self.is_unbroken and number == elder.number + 1)

    def is_followed(self, index: int) -> bool:
        """Return whether the line is followed as only a header is: one line at most, a blank line, deeper text."""
        under = self.following[index]
        if not self.is_deeper(under, index):
            return False
        text = self.lines[under].text
        after = self.following[under]
        is_apart = under > index + 1 or text in wording.ICONS or wording.deletion(text) is not None
        return is_apart or (after > under + 1 and self.is_deeper(after, index))

    def is_deeper(self, index: int, than: int) -> bool:
        return index < len(self.lines) and self.lines[index].indent > self.lines[than].indent

    def open(self, line: int, number: int, text: str) -> None:
        indent = self.lines[line].indent
        while self.chain and self.chain[-1].indent >= indent:
            self.chain.pop()
        parent = self.chain[-1].index if self.chain else None
        self.chain.append(_Header(len(self.found), line, indent, number, text, parent))
        self.found.append(self.chain[-1])
        self.is_unbroken = self.is_new = True

    def see_frame(self, index: int) -> None:
        if self.lines[index].is_closing:
            self.is_over, self.is_new = self.is_new, False
        elif self.lines[index].is_back:
            self.is_over = self.is_new = False
        elif self.lines[index - 1].text:
            return
        self.is_unbroken = False


def _posts(lines: Sequence[_Line], headers: Sequence[_Header]) -> list[_Post]:
    ends = [*(header.line for header in headers), len(lines)][1:]
    outermost = min((header.indent for header in headers), default=0)
    bodies = [
        list(_inside(lines[header.line + 1 : end], outermost, end == len(lines)))
        for header, end in zip(headers, ends, strict=True)
    ]
    voted = [_votes(body) is not None for body in bodies]
    has_votes = 2 * sum(voted) > sum(wording.deletion(header.text) is None for header in headers)
    return [_post(header, body, has_votes) for header, body in zip(headers, bodies, strict=True)]


def _inside(body: Sequence[_Line], outermost: int, is_last: bool) -> Iterator[_Line]:
    """Yield the lines of a post without the page's frame below it."""
    is_after_blank = False
    for line in body:
        is_outside = bool(line.text) and line.indent <= outermost
        if is_outside and (line.is_closing or line.is_back or (is_last and is_after_blank)):
            return
        is_after_blank = not line.text
        yield line


def _votes(body: Sequence[_Line]) -> tuple[int, int, int] | None:
    """Return upvotes, downvotes and the index of their first line, where two lone integers end the post."""
    last = list(islice((index for index in reversed(range(len(body))) if body[index].text), 2))
    if len(last) < 2 or not all(_VOTE.fullmatch(body[index].text) for index in last):
        return None
    return int(body[last[1]].text), int(body[last[0]].text), last[1]


def _post(header: _Header, body: Sequence[_Line], has_votes: bool) -> _Post:
    votes = _votes(body) if has_votes else None
    body = body[: votes[2]] if votes else body
    under = [line.text for line in islice(takewhile(lambda line: line.text, body), 2)]
    has_lead = bool(under) and (under[0] in wording.ICONS or (len(under) == 1 and len(under[0]) <= MAX_SLOT))
    rest = body[1:] if has_lead else body
    gap = sum(1 for _ in takewhile(lambda line: not line.text, rest))
    return _Post(header, under[0] if has_lead else None, gap, tuple(_paragraphs(rest)), votes[:2] if votes else None)


class _Capture:
    """The posts of one capture, with the habits that they share, turned into comments."""

    def __init__(self, posts: Sequence[_Post]) -> None:
        self.posts = posts
        standing = [post for post in posts if post.deletion is None and post.paragraphs]
        self.has_slots = _have_slots(standing)
        self.titles = _shared_titles(standing)
        leads = {post.lead for post in posts if post.lead and post.deletion is None}
        self.has_icons = bool(leads) and (self.has_slots or leads <= wording.ICONS)
        self.has_badges = any(_name_and_badge(post.header.text)[1] for post in posts)
        self.has_levels = any(post.header.parent is not None for post in posts)

    def comments(self) -> Iterator[Comment]:
        depths: list[int] = []
        for post in self.posts:
            parent = post.header.parent
            depths.append(0 if parent is None else depths[parent] + 1)
            yield self.comment(post, depths[-1] if self.has_levels else NOT_SHOWN)

    def comment(self, post: _Post, depth: Shown[int]) -> Comment:
        deletion = post.deletion
        icon, title, paragraphs = self.parts(post)
        return Comment(
            native_id=None,
            position=post.header.index + 1,
            parent_position=None if post.header.parent is None else post.header.parent + 1,
            depth=depth,
            author=self.author(post.header.text),
            icon=Icon(name=icon) if icon else None if self.has_icons and deletion is None else NOT_SHOWN,
            title=title,
            title_source=None if title is NOT_SHOWN else "slot" if self.has_slots else "guess",
            body_text="\n\n".join(paragraphs) or (None if isinstance(title, str) and self.has_slots else NOT_SHOWN),
            deletion=deletion,
            upvotes=post.votes[0] if post.votes else NOT_SHOWN,
            downvotes=post.votes[1] if post.votes else NOT_SHOWN,
        )

    def author(self, text: str) -> Shown[Author]:
        if not text or wording.deletion(text):
            return NOT_SHOWN
        name, badge = _name_and_badge(text)
        return Author(name=name or None, badge=badge or (None if self.has_badges else NOT_SHOWN))

    def parts(self, post: _Post) -> tuple[str | None, Shown[str], tuple[str, ...]]:
        """Return icon, title and paragraphs of a post."""
        has_icon = post.lead is not None and (post.lead in wording.ICONS or (self.has_slots and post.deletion is None))
        icon = post.lead if has_icon else None
        texts = post.paragraphs if has_icon or post.lead is None else (post.lead, *post.paragraphs)
        if post.deletion is not None:
            return icon, NOT_SHOWN, texts if wording.deletion(post.header.text) else ()
        if not texts:
            return icon, NOT_SHOWN, ()
        if post.gap < 2 if self.has_slots else self.is_titled(post, texts):
            return icon, texts[0], texts[1:]
        return icon, None, texts

    def is_titled(self, post: _Post, texts: Sequence[str]) -> bool:
        """Guess whether the first of the texts is a title, where titles have no line of their own."""
        if texts[0].removeprefix(_RE) in self.titles:
            return True
        is_in_icons_place = texts[0] == post.lead
        parent = None if post.header.parent is None else self.posts[post.header.parent]
        return len(texts) > 1 and (is_in_icons_place or not _reads_as_body(texts[0], parent))


def _have_slots(posts: Sequence[_Post]) -> bool:
    """Return whether each title has a line of its own, since it is there, empty, in one post."""
    filled = [post.paragraphs[0] for post in posts if post.gap < 2]
    return len(filled) < len(posts) and not any("\n" in title or len(title) > MAX_SLOT for title in filled)


def _shared_titles(posts: Sequence[_Post]) -> frozenset[str]:
    """Return the titles that several posts share, at least one of them as "Re: X"."""
    firsts = [post.paragraphs[0] for post in posts]
    counts = Counter(first.removeprefix(_RE) for first in firsts)
    return frozenset(title for title, count in counts.items() if count > 1) & {
        first.removeprefix(_RE) for first in firsts if first.startswith(_RE)
    }


def _reads_as_body(text: str, parent: _Post | None) -> bool:
    # Many titles ask or exclaim, few end with a full stop: ? and ! end no sentence here.
    is_sentence = text.rstrip("\"'”’)").endswith((".", ":", ",", ";")) and not text.endswith("..")
    is_marked = text.startswith((">", "- ", "* ", "• ", "http://", "https://")) or _NUMBERED.fullmatch(text) is not None
    if "\n" in text or len(text) > MAX_GUESS or is_marked:
        return True
    return (is_sentence and not text.startswith(_RE)) or (parent is not None and _quotes(text, parent))


def _quotes(text: str, parent: _Post) -> bool:
    match = _QUOTED.match(text)
    words = match[1].strip(" .…'’") if match else ""
    # The bounds keep a thousand replies to one endless post from taking a thousand times its length.
    return bool(words) and any(words in paragraph[:1_000] for paragraph in parent.paragraphs[:20])


def _name_and_badge(text: str) -> tuple[str, str | None]:
    """Return the name with its staff suffix, and the badge that stands after or before that suffix."""
    bare = text.removesuffix(wording.STAFF_SUFFIX)
    for badge in wording.BADGES:
        if f" {bare.rstrip()}".endswith(f" {badge}"):
            return f"{bare.rstrip().removesuffix(badge).rstrip()} {text[len(bare) :]}".strip(), badge
    return text, None
