"""What became of a page that was asked for: what a spider hands to the stages and the store."""

from dataclasses import dataclass, field
from typing import Literal

from belowtheline.scraper.items import Capture, Link, ThreadPage


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
