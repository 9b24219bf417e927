"""What a page says about itself: where it stands in its thread, what its count means, what proves that it is empty."""

from dataclasses import dataclass
from typing import Literal

EmptyProof = Literal["states zero", "wording", "container", "export"]
"""What proves that a thread has no comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What a page says about itself."""

    page_number: int | None = None
    """Which page of the thread it is, from 1; NULL where the page is the whole thread or does not say."""
    page_count: int | None = None
    """How many pages the thread has."""
    is_whole: bool = False
    """Whether this one page is the whole thread, read to its end."""
    is_cut: bool = False
    """Whether the page ends before its own end: the bytes are cut."""
    is_enumerated: bool = False
    """Whether the page names every comment there is, on it or as a stub: the thread is whole once all are held."""
    counts_visible: bool = False
    """Whether the thread's declared count means the comments a reader can see, so that holding fewer is a loss."""
    count_least: int | None = None
    """Fewest comments that the declared count may stand for, where the page rounds it ("1.2k"); NULL where exact."""
    part_of: int | None = None
    """How many comments the page says that it shows a part of, as in "showing 20 of 300"; NULL where it says none."""
    left_out: int = 0
    """How many things the page shows and its count may include that are no comments of people, as pingbacks."""
    empty_proof: EmptyProof | None = None
    """What proves that the thread has no comments: it states zero, its wording, its own empty container, or an export
    that lists the thread; NULL where nothing does, so that no thread without comments is complete without it."""
    elsewhere: str | None = None
    """What keeps the comments of a page that shows none, as the end of a sentence; NULL where nothing is known to."""
