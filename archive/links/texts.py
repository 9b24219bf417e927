"""What linking reads of a thread and what it finds; `archive.links.keeping` fetches the one and keeps the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Field = Literal["title", "body"]
Evidence = Mapping[str, Any]
"""What a rule went by, as JSON values: offsets are code points of the stored texts, half-open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """The words of one version of a comment."""

    row_id: int
    title: str | None
    body_text: str | None
    body_html: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentText:
    """A comment as linking reads it."""

    row_id: int
    native_id: str
    position: int
    present: VersionText
    earlier: tuple[VersionText, ...] = ()
    """Versions whose words differ from those of the present one, the oldest first."""
    published_at: str | None = None
    published_raw: str | None = None
    published_precision: str | None = None
    author_id: int | None = None
    author_name: str | None = None
    is_nobody: bool = False
    """Whether the name is nobody's in particular: an anonymous author's or a deleted account's."""
    is_anonymous: bool = False
    """Whether its author is anonymous: the only one of a thread can be addressed all the same."""
    is_staff: bool = False
    re_title: str | None = None
    parent_id: int | None = None
    """The comment it answers by the site's own link: no edge is made of it, so that rules can be scored by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadText:
    """A whole thread as linking reads it."""

    row_id: int
    comments: tuple[CommentText, ...] = ()
    titles: tuple[str, ...] = ()
    """Headline of the article and title of the thread, where they differ."""
    teaser: str | None = None
    article_body: str | None = None
    """Text of the article, or the opener's where the thread has one and no article is held."""
    has_article: bool = False
    """Whether the article's own text is held, so that words which it has not are from elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedQuote:
    """A quoted span of one version of a comment, and where its words come from."""

    comment_id: int
    version_id: int
    field: Field
    start: int
    end: int
    text: str
    kind: str
    source_type: str
    """article_title, article_teaser, article_body, comment or none."""
    source_comment_id: int | None = None
    source_version_id: int | None = None
    source_field: Field | None = None
    source_start: int | None = None
    source_end: int | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One rule's finding that a comment answers another."""

    comment_id: int
    target_id: int
    rule: str
    confidence: float
    combined: float
    """Confidence of all rules together that name this target."""
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """All that was found in a thread; candidates are guesses of at most 0.5, and no edges."""

    quotes: tuple[ResolvedQuote, ...] = ()
    edges: tuple[Edge, ...] = ()
    candidates: tuple[Edge, ...] = ()
