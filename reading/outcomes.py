"""What became of a page that was asked for: what a spider hands to the stages and the store."""

from dataclasses import dataclass, field
from typing import Literal

from belowtheline.reading.items import Article, Capture, Link, ThreadPage

UNKNOWN_SITE = "unknown"
"""Name that stands for the site of a page of which nobody knows yet whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPolicy:
    """What a host was asked before its pages, and again after 24 hours, and what follows from the answer."""

    origin: str
    """Scheme, host and port that it is for."""
    kind: Literal["robots.txt", "tdmrep.json"]
    """Which file was asked for: the rules for robots, or the reservation of text and data mining."""
    decision: Literal["rules", "no rules", "unknown", "unreadable", "deferred", "not asked"]
    """rules (they are kept to), no rules (there is no such file), unknown (robots.txt cannot be had: nothing is
    fetched), unreadable (it is no such file, and so has no rules), deferred (the server asks to wait) or not asked
    (robots.txt asks not to)."""
    status: int | None = None
    """HTTP status of the answer; NULL where none came."""
    fetched_at: str | None = None
    """When the answer came, or was waited for in vain, ISO 8601 UTC."""
    capture: Capture | None = None
    """Where the answer's bytes are, if any came."""


policy_asked = object()
"""Signal of a crawler that a host was asked for its policy; receivers get `policy`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """A page that was read, on its way to the stages."""

    page_id: int
    """Row of the page in the frontier."""
    capture: Capture
    """Where its bytes are."""
    pages: tuple[ThreadPage, ...] = field(repr=False)
    """What its site read on it."""
    charset: str
    """Character set its bytes were read in."""
    site: str | None = None
    """Site that read it, where it was asked for as an article's page, of no site yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLeads:
    """An article's page, which leads to its thread elsewhere."""

    page_id: int
    """Row of the page in the frontier."""
    capture: Capture
    """Where its bytes are."""
    charset: str
    """Character set its bytes were read in."""
    site: str
    """Site of the thread."""
    link: Link
    """Request for the thread."""
    article: Article | None = field(default=None, repr=False)
    """The article, where it is wanted and the page shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRead:
    """The page of an article that was asked for its words."""

    page_id: int
    """Row of the page in the frontier."""
    capture: Capture
    """Where its bytes are."""
    charset: str
    """Character set its bytes were read in."""
    article: Article = field(repr=False)
    """What it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IconHeld:
    """The image of an icon, which is kept as it came."""

    page_id: int
    """Row of the page in the frontier."""
    capture: Capture
    """Where its bytes are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNotModified:
    """A page asked for its changes only, of which its server says that there are none."""

    page_id: int
    """Row of the page in the frontier."""
    capture: Capture
    """Where the answer without a body is."""
    is_of_ours: bool = True
    """Whether it speaks of the page that was asked about, and of no other state of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEnded:
    """A page that was not read, and why."""

    page_id: int
    """Row of the page in the frontier."""
    state: Literal["failed", "deferred", "skipped"]
    """How it ended."""
    reason: str
    """Why, in a word or two."""
    detail: str
    """Why, in a sentence."""
    capture: Capture | None = None
    """Where its bytes are, if any came."""
    otherwise: Link | None = None
    """Another way to what the page would have shown."""
    not_before: str | None = None
    """When it may be asked again, ISO 8601 UTC."""


Outcome = PageRead | PageLeads | ArticleRead | IconHeld | PageNotModified | PageEnded
"""What a spider hands on."""
