"""The stage for dates: as published into ISO 8601 UTC, with how sure it is and how it was found.

It alone decides what is a date, for what sites read themselves as well: nothing before 1990 or more than two days
after the page was fetched leaves it, and the text as published is always kept.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from belowtheline.pipelines.dateformats import compiled, contradicts
from belowtheline.pipelines.localtimes import (
    NOTHING,
    UNSAID,
    Found,
    Zone,
    as_day,
    bounded,
    given_time,
    in_utc,
    latest,
)
from belowtheline.pipelines.pagedates import PageDates
from belowtheline.pipelines.relativedates import read_relative
from belowtheline.pipelines.zones import KNOWN as ZONES
from belowtheline.reading.instants import Instant, read_instant
from belowtheline.reading.items import Article, Comment, Conventions, Source, Thread, ThreadPage, shown

_LONGEST = 64  # dateparser takes 0.6 s for 20 kB, and no date is longer
_Opened = TypeVar("_Opened", Thread, Article)
_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"\d{1,2} ?[-/.] ?\d{1,2} ?[-/.] ?\d")
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_EXPLAINED = re.compile(r"([+-]\d\d:?\d\d) \([^()]{1,40}\)$")
"""The name of a zone behind its distance from UTC, as browsers write it: it adds nothing."""

fallbacks = 0
"""How many dates had to be given to dateparser, which costs a thousand times a known format."""


def normalise_dates(page: ThreadPage) -> ThreadPage:
    """Return the page with `published_at` and `edited_at` derived from what was published."""
    reader = DateReader(page.conventions, page.fetched_at, _texts_of(page))
    comments = tuple(_with_dates(comment, reader) for comment in page.comments)
    article = _published(page.thread.article, reader)
    thread = _published(page.thread, reader)
    return replace(page, comments=comments, thread=replace(thread, article=article))


def _texts_of(page: ThreadPage) -> Iterator[str]:
    for comment in page.comments:
        yield from (raw for raw in (comment.published_raw, comment.edited_raw) if isinstance(raw, str))
    opened = (page.thread.published_raw, page.thread.article.published_raw)
    yield from (raw for raw in opened if isinstance(raw, str))


def _published(item: _Opened, reader: "DateReader") -> _Opened:
    raw, at = shown(item.published_raw), shown(item.published_at)
    if raw is None and at is None:
        return item
    return replace(item, published_at=reader.given(at)[0] or reader.find(raw)[0])


def _with_dates(comment: Comment, reader: "DateReader") -> Comment:
    raw, edited = shown(comment.published_raw), shown(comment.edited_raw)
    at, edited_at = shown(comment.published_at), shown(comment.edited_at)
    changes: dict[str, Any] = {}
    if at is not None and (given := reader.given(at))[0]:
        changes["published_at"] = given[0]
    elif raw is not None or at is not None:
        found, precision, source = reader.find(raw)
        changes = {"published_at": found, "published_precision": precision, "published_source": source}
    if edited is not None or edited_at is not None:
        changes["edited_at"] = reader.given(edited_at)[0] or reader.find(edited)[0]
    return replace(comment, **changes) if changes else comment


def find_date(raw: str, conventions: Conventions, fetched_at: str | None) -> Found:
    """Return UTC time, precision and source of a date that stands alone; all None where it says no time that exists.

    >>> find_date("1219758300", Conventions(), None)
    ('2008-08-26T13:45:00Z', 'second', 'epoch')
    """
    return DateReader(conventions, fetched_at, (raw,)).find(raw)


class DateReader:
    """Reads the dates of one page, in one order and one language."""

    def __init__(self, conventions: Conventions, fetched_at: str | None, raws: Iterable[str]) -> None:
        self._conventions, self._fetched_at, self._raws = conventions, fetched_at, tuple(raws)
        self._last = latest(fetched_at)
        self._formats = compiled(conventions.date_formats, conventions.languages)

    def given(self, value: str | None) -> tuple[str | None, str | None]:
        """Return a time that the site's reader gives, with its precision, where it is one that the page can mean."""
        return (value and given_time(value, self._last)) or (None, None)

    def find(self, raw: str | None) -> Found:
        """Return UTC time, precision and source of a date as published."""
        text = plain(raw or "")
        if not text:
            return NOTHING
        if text[:4].isdigit() and (instant := read_instant(text)) and (not instant.name or instant.name in ZONES):
            return bounded(self._of_instant(instant), self._last)
        for form in self._formats:
            match = form.match(text)
            if match and (form.order is None or not self._contradicted[form.order]):
                return bounded(form.read(match, self._conventions.timezone), self._last)
        found = read_relative(text, self._fetched_at) or self._page.read(text)
        if found is None:
            found = _from_dateparser(text, self._conventions.languages, self._conventions.timezone)
        return bounded(found, self._last)

    def _of_instant(self, instant: Instant) -> Found:
        if instant.precision == "day":
            return as_day(instant.local, "day", "iso")
        zone = UNSAID if instant.offset is None else Zone(instant.offset)
        if instant.name:
            zone = Zone(None, instant.name, is_strict=True)
        source: Source = "epoch" if instant.is_epoch else "iso"
        return in_utc(instant.local, instant.precision, source, zone, self._conventions.timezone)

    @cached_property
    def _contradicted(self) -> dict[str, bool]:
        """Whether a date of the page cannot stand in an order that the site's formats state."""
        orders = {form.order for form in self._formats if form.order}
        return {order: any(contradicts(raw[:_LONGEST], order) for raw in self._raws) for order in orders}

    @cached_property
    def _page(self) -> PageDates:
        said, texts = self._conventions, (text for raw in self._raws if (text := plain(raw)))
        stated = said.date_order or next((form.order for form in self._formats if form.order), None)
        return PageDates(texts, stated, said.languages, said.timezone, self._last)


def plain(raw: str) -> str | None:
    """Return a date on one line with plain digits, and without what nobody sees; None for what is too long.

    >>> plain("5\\u00a0\\u0645\\u0627\\u064a\\u0648 \\u0662\\u0660\\u0662\\u0661")
    '5 \u0645\u0627\u064a\u0648 2021'
    """
    text = " ".join(raw[: 4 * _LONGEST].split())
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text).replace("\u2212", "-"))
        text = " ".join("".join(map(_digit, text)).split()) if not text.isdigit() else ""
    if len(text) > _LONGEST:
        return None
    return _EXPLAINED.sub(r"\1", text) if text[-1:] == ")" else text


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


@lru_cache(maxsize=4096)
def _from_dateparser(text: str, languages: tuple[str, ...], timezone: str | None) -> Found:
    """Return what dateparser makes of a form no site has declared; counted and cached, since it is slow.

    It is asked only where the language is known and no order of numbers is, since it would guess both, and what it
    knows of names of zones is not taken.
    """
    global fallbacks
    if not languages or not _DIGIT.search(text) or _NUMBERS.search(text):
        return NOTHING
    fallbacks += 1
    from dateparser import parse

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True, "PARSERS": ["absolute-time"]}
    try:
        when: datetime | None = parse(text, languages=list(languages), settings=settings)
    except (ValueError, OverflowError):
        return NOTHING
    if when is None or when.tzinfo is not None:
        return NOTHING
    has_time = ":" in text or (when.hour, when.minute) != (0, 0)
    return in_utc(when, "minute" if has_time else "day", "dateparser", UNSAID, timezone)
