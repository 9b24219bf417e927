"""Invented threads as posts, and the shapes in which browsers and extractors put such a thread into text."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from belowtheline.sites.theregister import wording

HEADLINE, TEASER = "Kettle firm boils over", "A firm of kettles has boiled over, and nobody had put the lid on …"
FIRST = [
    "Adam", "Bea", "Cleo", "Dirk", "Elsa", "Finn", "Gwen", "Hugo", "Ines", "Jonas", "Katja", "Lars", "Mona",
    "Nils", "Olga", "Petra", "Quirin", "Rosa", "Sven", "Tilda",
]  # fmt: skip
LAST = [
    "Ample", "Birch", "Crumb", "Dew", "Ember", "Flint", "Gravel", "Hazel", "Ivory", "Juniper", "Kelp", "Lichen",
    "Moss", "Nettle", "Oat", "Pebble", "Quill",
]  # fmt: skip
ODD = [
    "micheal",
    "0laf",
    "T.J. Moss",
    "x7",
    "Käthe",
    "John Smith 19",
    "The Mighty Spang",
    "A N Other",
    "boltar",
    "DJ",
]
WORDS = [
    "steam", "lid", "spout", "kettle", "boils", "copper", "water", "handle", "slowly", "warm", "never", "always",
    "leak", "rust", "polish", "whistle", "stove", "cup", "milk",
]  # fmt: skip
TITLES = ["Steam", "Lids", "Why?", "No, no!", "@ {name}", "Copper and rust", "Not again...", "WTF", "Pots (again)"]
UNKNOWN_ICONS = ["Blue Pot", "Lobster", "Tin Hat", "Owl"]
KNOWN_ICONS = ["Thumb Up", "Pint", "Meh", "Childcatcher", "Black Helicopters", "Anonymous Coward", "Coffee/keyboard"]
DELETIONS = {
    "This post has been deleted by its author": "author",
    "This post has been deleted by a moderator": "moderator",
    "This post was removed by a moderator": "moderator",
}


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post as its author wrote it; a deleted one has its sentence alone, one without texts lost its only word."""

    name: str = "Anonymous Coward"
    staff: bool = False
    badge: str | None = None
    icon: str | None = None
    title: str | None = None
    texts: tuple[str, ...] = ()
    at: datetime = datetime(2012, 11, 7, 15, 26)
    votes: tuple[int, int] | None = None
    sentence: str | None = None
    replies: tuple["Post", ...] = ()

    @property
    def words(self) -> str:
        """The words that name the author in a header."""
        return " ".join(
            part for part in (self.name, wording.STAFF_SUFFIX if self.staff else "", self.badge or "") if part
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """What the posts of a thread may have."""

    icons: tuple[str, ...] = ()
    depth: int = 0
    votes: bool = False
    lists: bool = False
    tombstones: bool = True
    untitled: bool = True
    wordless: bool = True


@dataclass
class Inventor:
    """Invents threads by a seed, so that a failure can be looked at again."""

    seed: int
    kind: Kind
    draw: random.Random = field(init=False)
    clock: datetime = datetime(2013, 6, 3, 9, 30)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def thread(self) -> tuple[Post, ...]:
        """Return the posts of a thread; the first two have titles and texts, as nearly all of any thread have."""
        sure = (self.post(0, is_sure=True), self.post(0, is_sure=True))
        return sure + tuple(self.post(self.kind.depth) for _ in range(self.draw.randint(1, 7)))

    def post(self, depth: int, *, is_sure: bool = False) -> Post:
        """Return one post with the replies below it."""
        rnd = self.draw
        self.clock += timedelta(minutes=rnd.randint(1, 999))
        at = self.clock
        replies = tuple(self.post(depth - 1) for _ in range(rnd.randint(0, 3))) if depth else ()
        if self.kind.tombstones and not is_sure and rnd.random() < 0.12:
            return Post(sentence=rnd.choice(list(DELETIONS)), at=at, replies=replies)
        name = rnd.choice([f"{rnd.choice(FIRST)} {rnd.choice(LAST)}"] * 3 + ODD + ["Anonymous Coward"] * 4)
        badge = rnd.choice([None, None, *wording.BADGES])
        staff = name != "Anonymous Coward" and rnd.random() < 0.1
        icon = rnd.choice([None, *self.kind.icons]) if self.kind.icons else None
        who = Post(name=name, badge=badge, staff=staff, icon=icon, at=at, replies=replies)
        if self.kind.wordless and not is_sure and rnd.random() < 0.1:
            return replace(who, icon=None)
        votes = (rnd.randint(0, 40), rnd.randint(0, 9)) if self.kind.votes else None
        is_titled = is_sure or not self.kind.untitled or rnd.random() < 0.7
        return replace(who, votes=votes, title=self.title() if is_titled else None, texts=self.texts(is_titled))

    def title(self) -> str:
        """Return a title; about half answer another."""
        title = self.draw.choice(TITLES).format(name=self.draw.choice(FIRST))
        return f"Re: {title}" if self.draw.random() < 0.4 else title

    def sentence(self, least: int = 4) -> str:
        """Return a sentence of at least so many words."""
        words = [self.draw.choice(WORDS) for _ in range(self.draw.randint(least, least + 8))]
        return " ".join(words).capitalize() + "."

    def texts(self, is_titled: bool) -> tuple[str, ...]:
        """Return the paragraphs of a body; the first of an untitled one is too long for a title."""
        first = self.sentence(6 if is_titled else 20)
        others = [self.sentence() for _ in range(self.draw.randint(0, 3))]
        if self.kind.lists and self.draw.random() < 0.4:
            others += [self.draw.choice(["So do this:", "Here is what I did."]), *self.items()]
            others += [self.sentence()] if self.draw.random() < 0.6 else []
        return (first, *others)

    def items(self) -> Iterator[str]:
        """Yield the items of a numbered list, some with a paragraph of their own."""
        has_more = self.draw.random() < 0.3
        for number in range(1, self.draw.randint(3, 5)):
            yield f"{number}. {self.sentence(2)[:-1]}"
            if has_more:
                yield f"   {self.sentence()}"


def date(post: Post, zone: str = "GMT") -> str:
    """Return the date of a post as the site writes it."""
    day = post.at.day
    suffix = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{post.at:%A} {day}{suffix} {post.at:%B %Y %H:%M} {zone}"


def head(*, is_closed: bool = True) -> str:
    """Return what stands above the posts."""
    return f"back to article {HEADLINE}\n\n{TEASER}\n\n\n" + (f"{wording.CLOSED}\n" if is_closed else "")


def all_of(posts: Sequence[Post]) -> Iterator[Post]:
    """Yield the posts in page order."""
    for post in posts:
        yield post
        yield from all_of(post.replies)


def indented(posts: Sequence[Post], at: int = 2, step: int = 4, inner: int = 2, *, is_glued: bool = False) -> str:
    """Return numbers and indents by level, as Firefox writes them."""
    parts = []
    for number, post in enumerate(posts, 1):
        outer, margin = " " * at, " " * (at + inner)
        parts.append(f"{outer}{number}. {post.sentence or post.words}\n")
        parts.append(f"{margin}{post.icon}\n\n" if post.icon else "\n")
        parts.append(f"{margin}{post.title}\n{'' if is_glued else chr(10)}" if post.title else "")
        texts = [*post.texts, *(map(str, post.votes) if post.votes else ())]
        parts += [f"{margin}{text}\n\n" for text in texts]
        parts.append(indented(post.replies, at + step, step, inner, is_glued=is_glued))
    return "".join(parts)


def numbered(posts: Sequence[Post]) -> str:
    """Return numbers without any indent."""
    return "\n".join(line.strip() for line in indented(posts).split("\n"))


def half_indented(posts: Sequence[Post]) -> str:
    """Return numbers that are indented, of text that is not."""
    openings = {post.sentence or post.words for post in all_of(posts)}
    lines = indented(posts).split("\n")
    return "\n".join(line if line.strip().partition(". ")[2] in openings else line.strip() for line in lines)


def dated(posts: Sequence[Post], *, glued: bool = False, joined: bool = False) -> str:
    """Return what Chromium writes: dates, names below them, titles directly above their bodies."""
    parts = []
    replies = {id(reply) for post in all_of(posts) for reply in post.replies}
    for post in all_of(posts):
        if post.sentence:
            parts.append(f"{post.sentence}\n")
            continue
        is_reply = id(post) in replies
        name = post.words + ("in reply to" if is_reply and glued else "\nIn reply to" if is_reply else "")
        body = "\n\n".join(post.texts)
        votes = (
            "" if not post.votes or not post.texts else "\n\n" + ("{}{}" if joined else "{}\n{}").format(*post.votes)
        )
        title = f"{post.title}\n" if post.title else ""
        parts.append(f"{date(post)}\n{name}\n{title}{body}{votes}\n")
    return "\n".join(parts)


def dated_below_names(posts: Sequence[Post]) -> str:
    """Return names with their dates below them."""
    parts = []
    for post in all_of(posts):
        title, body = f"{post.title}\n" if post.title else "", "\n\n".join(post.texts)
        parts.append(f"{post.sentence}\n" if post.sentence else f"{post.words}\n{date(post)}\n{title}{body}\n")
    return "\n".join(parts)


def marked(posts: Sequence[Post], mark: str = "-") -> str:
    """Return list marks on lines of their own, and dates before the names."""
    parts = []
    for post in all_of(posts):
        opening = post.sentence or f"{date(post)} {post.words}"
        parts.append("\n".join([mark, opening, *([post.title] if post.title else []), *post.texts]) + "\n")
    return "".join(parts)


def numbered_and_dated(posts: Sequence[Post], at: int = 2) -> str:
    """Return numbers and indents with the date in the place of the author, and the author below it."""
    parts = []
    for number, post in enumerate(posts, 1):
        outer, margin = " " * at, " " * (at + 2)
        parts.append(f"{outer}{number}. {post.sentence or date(post)}\n")
        parts.append("\n" if post.sentence else f"{margin}{post.words}\n\n")
        parts += [f"{margin}{text}\n\n" for text in ([post.title] if post.title else []) + list(post.texts)]
        parts.append(numbered_and_dated(post.replies, at + 4))
    return "".join(parts)


Shape = Callable[[Sequence[Post]], str]
