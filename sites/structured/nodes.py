"""What a page marks up, whatever the notation: items with schema.org's names for their properties."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Union

from belowtheline.reading.items import Mark

COMMENTS = frozenset(("Comment", "UserComments", "CorrectionComment"))
FORUM = frozenset(("DiscussionForumPosting", "SocialMediaPosting"))
OPENERS = FORUM | {"Question"}
"""What is a submission: its text is the thread's own."""
_COMMENTED = OPENERS | {"BlogPosting", "LiveBlogPosting", "CreativeWork", "Report", "Review"}
TEXTS = ("commentText", "text", "articleBody")
DATES = ("datePublished", "dateCreated", "commentTime")
_TOLD = frozenset((*TEXTS, "description", "author", "creator", *DATES))


class Html(str):
    """A value that is markup; any other is text."""

    __slots__ = ()


Value = Union[str, "Node"]


@dataclass(slots=True, eq=False)
class Node:
    """One item of a page."""

    types: frozenset[str] = frozenset()
    """Its types by their short names."""
    names: list[str] = field(default_factory=list)
    """What identifies it, the surest first: an identifier, an address, the id of its element."""
    values: dict[str, list[Value]] = field(default_factory=dict)
    """Its properties, in page order."""
    above: "Node | None" = None
    """The comment it stands in, where the page nests comments."""
    owner: "Node | None" = None
    """What it is a comment on, where the page nests comments in their article."""
    container: object = None
    """The element around it and the comments beside it, where it stands in one."""
    is_reply: bool = False
    """Whether another item names it as its comment."""
    is_open: bool = False
    """Whether what it answers is no comment and not the article either, so that its parent is not to be told."""

    @property
    def is_comment(self) -> bool:
        """Whether it is typed as a comment, or named as one and typed as nothing else than a post."""
        return not COMMENTS.isdisjoint(self.types) or (self.is_reply and self.types <= FORUM)

    @property
    def is_article(self) -> bool:
        """Whether it is something that readers comment on."""
        return _is_commented(self.types)

    @property
    def is_held(self) -> bool:
        """Whether the page holds something of it, and not its address alone."""
        return not _TOLD.isdisjoint(self.values)

    def add(self, name: str, value: Value) -> None:
        """Add a value of a property."""
        if name in self.values:
            self.values[name].append(value)
        else:
            self.values[name] = [value]

    def texts(self, *names: str) -> list[str]:
        """Return the texts of some properties that are not blank, in the order of the names."""
        values = self.values
        held = [name for name in names if name in values]
        return [value for name in held for value in values[name] if isinstance(value, str) and value.strip()]

    def text(self, *names: str) -> str | None:
        """Return the first text of some properties; None where they have none."""
        values = self.values
        for name in names:
            if name in values:
                for value in values[name]:
                    if isinstance(value, str) and value.strip():
                        return value
        return None

    def nodes(self, *names: str) -> list["Node"]:
        """Return the items that are values of some properties."""
        values = self.values
        return [value for name in names if name in values for value in values[name] if isinstance(value, Node)]

    def address(self) -> str | None:
        """Return its own address, as text or as the identifier of its page."""
        pages = (name for page in self.nodes("mainEntityOfPage") for name in page.names)
        return self.text("url", "mainEntityOfPage") or next(pages, None) or next(iter(self.names), None)


@lru_cache(maxsize=512)
def _is_commented(types: frozenset[str]) -> bool:
    return not _COMMENTED.isdisjoint(types) or any(name.endswith("Article") for name in types)


@dataclass(slots=True)
class Reading:
    """What one notation says on a page."""

    comments: list[Node] = field(default_factory=list)
    """The comments, in page order."""
    articles: list[Node] = field(default_factory=list)
    """What could have comments, in page order."""
    missing: list[Node] = field(default_factory=list)
    """Comments that are named and not held."""
    marks: list[Mark] = field(default_factory=list)
    """What else the notation says of the thread."""
    lost: int = 0
    """Entries of its lists of comments that are no comments."""


def short_type(name: str) -> str:
    """Return a type of schema.org by its short name, empty for one of another vocabulary.

    >>> short_type("https://schema.org/Comment"), short_type("http://data-vocabulary.org/Review")
    ('Comment', '')
    """
    name = name.strip().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    name = name.removeprefix("schema.org/").removeprefix("schema:").rstrip("/#")
    return "" if "/" in name or ":" in name else name
