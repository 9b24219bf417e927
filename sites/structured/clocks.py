"""Clocks: the zone of times that name none, where the page's own time elements show the same moment with theirs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from belowtheline.reading.instants import Instant, read_instant, utc_text
from belowtheline.reading.items import NOT_SHOWN, Article, Comment, Shown
from belowtheline.reading.page import Page

_ZONED = etree.XPath("//time/@datetime | //abbr/@title | //meta[contains(@property, '_time')]/@content")
_BARE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,20})?)?$")
_ZERO = timedelta(0)


class Clocks:
    """The zones that a page shows beside its times."""

    def __init__(self, stamps: Iterable[str], bare: Iterable[str]) -> None:
        self._local: dict[datetime, set[timedelta]] = defaultdict(set)
        universal: set[datetime] = set()
        for stamp in dict.fromkeys(stamps):
            found = _read(stamp)
            if found is not None and found.offset is not None:
                for shown in {found.local, found.local.replace(second=0)}:
                    self._local[shown].add(found.offset)
                universal.add(found.local - found.offset)
        times = [found.local for raw in set(bare) if (found := _read(raw))]
        proved = {offset for time in times if (offset := self._exactly(time)) is not None}
        # Where one time is on the page's own clock, all are: another may be that of UTC by chance.
        if not proved and not any(map(self._offsets, times)) and not universal.isdisjoint(times):
            proved = {_ZERO}
        self._common = proved.pop() if len(proved) == 1 else None

    def time_of(self, raw: Shown[str]) -> str | None:
        """Return a time without a zone in UTC, by the zone that the page shows; None where it shows none."""
        found = _read(raw) if isinstance(raw, str) else None
        if found is None or found.offset is not None or found.name or found.precision == "day":
            return None
        offset = self._exactly(found.local)
        if offset is None and not self._offsets(found.local):
            offset = self._common
        return None if offset is None else utc_text(found.local - offset)

    def _exactly(self, time: datetime) -> timedelta | None:
        """Return the zone of the time elements that show this moment, where they agree."""
        offsets = self._offsets(time)
        return next(iter(offsets)) if len(offsets) == 1 else None

    def _offsets(self, time: datetime) -> set[timedelta]:
        # One of the two may leave out the seconds.
        return self._local.get(time) or self._local.get(time.replace(second=0)) or set()


def _read(raw: str) -> Instant | None:
    return read_instant(" ".join(raw.split())) if raw[:4].strip().isdigit() else None


def with_zones(page: Page, comments: tuple[Comment, ...], article: Article) -> tuple[tuple[Comment, ...], Article]:
    """Return comments and article with the times that only the zones on the page tell."""
    bare = [raw for raw in _raws(comments, article) if _BARE.match(raw)]
    if not bare:
        return comments, article
    clocks = Clocks((str(stamp) for stamp in _stamps(page)), bare)
    if article.published_at is NOT_SHOWN and (at := clocks.time_of(article.published_raw)):
        article = replace(article, published_at=at)
    return tuple(_with_zone(comment, clocks) for comment in comments), article


def _stamps(page: Page) -> Iterator[Any]:
    yield from _ZONED(page.root)  # type: ignore[misc]


def _raws(comments: tuple[Comment, ...], article: Article) -> Iterator[str]:
    for raw in (article.published_raw, *(raw for each in comments for raw in (each.published_raw, each.edited_raw))):
        if isinstance(raw, str):
            yield raw


def _with_zone(comment: Comment, clocks: Clocks) -> Comment:
    changes: dict[str, Any] = {}
    if comment.published_at is NOT_SHOWN and (at := clocks.time_of(comment.published_raw)):
        found = _read(str(comment.published_raw))
        changes = {"published_at": at, "published_source": "iso", "published_precision": found and found.precision}
    if comment.edited_at is NOT_SHOWN and (at := clocks.time_of(comment.edited_raw)):
        changes["edited_at"] = at
    return replace(comment, **changes) if changes else comment
