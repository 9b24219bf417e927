"""What the dates of one page have in common: the order of their numbers and their language, decided once a page."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property

from belowtheline.pipelines.calendars import LANGUAGES, language_name
from belowtheline.pipelines.localtimes import NOTHING, OPEN, Found, Zone, bounded, in_utc
from belowtheline.pipelines.writtendates import (
    Written,
    full_year,
    languages_of,
    number_of,
    read_written,
    weekday_numbers,
)
from belowtheline.reading.instants import local_time
from belowtheline.reading.items import DateOrder, Precision

_ALL: tuple[DateOrder, ...] = ("DMY", "MDY", "YMD")
_YEAR = timedelta(days=366)
_PLACES: dict[DateOrder, tuple[int, int, int]] = {"DMY": (2, 1, 0), "MDY": (2, 0, 1), "YMD": (0, 1, 2)}


class PageDates:
    """The dates in words and numbers of one page."""

    def __init__(
        self, texts: Iterable[str], stated: DateOrder | None, languages: tuple[str, ...], zone: str | None, last: str
    ) -> None:
        self._written = [found for text in dict.fromkeys(texts) if (found := read_written(text)) is not None]
        self._stated, self._stated_languages, self._zone, self._last = stated, languages, zone, last

    @cached_property
    def orders(self) -> tuple[DateOrder, ...]:
        """The orders in which all number dates of the page can be read; what is no date in any order proves nothing."""
        possible = [found for each in self._written if not each.is_broken and (found := self._orders_of(each))]
        left = tuple(order for order in _ALL if all(order in found for found in possible))
        if self._stated in left:
            return (self._stated,)
        return self._compact(left) if len(left) == 2 and "YMD" in left else left

    def _compact(self, orders: tuple[DateOrder, ...]) -> tuple[DateOrder, ...]:
        """Return which of two orders of years with two digits a page has, if it is plain to see.

        In the wrong one the days of a few weeks become years, each with the same day.
        """
        numbered = [each for each in self._written if self._orders_of(each)]
        spans = {}
        for order in orders:
            days = {day for each in numbered if (day := _day_in(each, order))}
            spans[order] = max(days) - min(days) if len(days) > 2 else timedelta(0)
        short, long = sorted(orders, key=lambda order: spans[order])
        return (short,) if timedelta(0) < spans[short] < _YEAR < spans[long] / 2 else orders

    def _orders_of(self, written: Written) -> set[DateOrder]:
        if written.numbers is None or written.is_ordered:
            return set()
        days = {order: day for order in _ALL if (day := _day_in(written, order)) and self._is_within(day)}
        weekdays = {number for word in written.weekdays for number in weekday_numbers(word)}
        fitting = {order for order, day in days.items() if day.weekday() in weekdays}
        return fitting or set(days)

    def _is_within(self, day: datetime) -> bool:
        # A day has no zone: it has begun somewhere one before it has in UTC.
        return day.isoformat() >= "1990" and (day - timedelta(days=1)).isoformat() <= self._last

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that the page's dates may be in; none where one of them names a month that no language knows.

        A page of one language is dated wholly or not at all: where half of its months look like those of another
        language, the other half does not tell which.
        """
        if self._stated_languages:
            return frozenset(map(language_name, self._stated_languages))
        if any(each.is_lonely for each in self._written):
            return frozenset()
        every = frozenset(LANGUAGES)
        named = [frozenset(languages_of(each.months[0])) for each in self._written if _names_one_month(each)]
        return every.intersection(*named) or every  # several languages: each date by what its own word says

    def read(self, text: str) -> Found | None:
        """Return the date of a text; None where it is none, or says more than a date."""
        written = read_written(text)
        if written is None or written.is_broken:
            return None
        if written.unknown:
            is_other = not self._stated_languages and written.is_lonely
            return OPEN if is_other else None
        found = self._day(written)
        if found is None or len(found) == 3:
            return found
        if written.told_weekday and found[0].weekday() not in weekday_numbers(written.told_weekday):
            return None
        return self._timed(written, *found)

    def _day(self, written: Written) -> "tuple[datetime, Precision] | Found | None":
        if written.numbers is not None:
            has_more = written.months or written.days or written.years
            return None if has_more else self._numbered(written)
        if len(written.months) != 1:
            return None
        month = number_of(written.months[0], self.languages)
        if month is None:
            return None if self._stated_languages else OPEN
        return next(_days_of(written, month), None)

    def _numbered(self, written: Written) -> "tuple[datetime, Precision] | Found":
        if written.is_ordered:
            day = _day_in(written, "YMD")
            return (day, "day") if day else NOTHING
        days = {day for order in self.orders or _ALL if (day := _day_in(written, order)) and self._is_within(day)}
        is_proved = len(days) == 1 and (bool(self.orders) or _is_same(written))
        return (days.pop(), "day") if is_proved else OPEN if days else NOTHING

    def _timed(self, written: Written, day: datetime, precision: Precision) -> Found:
        if written.clock is None or precision != "day":
            return bounded(in_utc(day, precision, "text", Zone(), self._zone), self._last)
        local = local_time((day.year, day.month, day.day), written.clock, written.half)
        if local is None:
            return NOTHING
        offset = None if written.offset is None else timedelta(minutes=written.offset)
        zone = Zone(offset, written.zone)
        return bounded(in_utc(local, written.clock_precision, "text", zone, self._zone), self._last)


def _names_one_month(written: Written) -> bool:
    is_whole = not written.unknown and not written.is_broken and len(written.months) == 1
    return is_whole and not written.months[0].isdigit()


def _is_same(written: Written) -> bool:
    """Return whether day and month are the same number, so that their order does not matter."""
    assert written.numbers is not None
    return int(written.numbers[0]) == int(written.numbers[1])


def _day_in(written: Written, order: DateOrder) -> datetime | None:
    assert written.numbers is not None
    year, month, day = (written.numbers[place] for place in _PLACES[order])
    if len(year) == 1 or (len(year) != 4 and (written.is_ordered or (order == "YMD" and len(written.numbers[2]) > 2))):
        return None
    number = int(year) if len(year) == 4 else full_year(int(year))
    return local_time((number, int(month), int(day)), (0, 0, 0))


def _days_of(written: Written, month: int) -> "Iterator[tuple[datetime, Precision]]":
    """Yield the day that the numbers beside the name of a month say, or the month where there is a year alone."""
    numbers = (written.years, written.days)
    if len(numbers[0]) == 1 and len(numbers[1]) <= 1:
        year, day = numbers[0][0], numbers[1][0] if numbers[1] else 1
    elif not numbers[0] and len(numbers[1]) == 2:
        day, year = numbers[1] if numbers[1][0] <= 31 else reversed(numbers[1])
        year = full_year(year)
    else:
        return
    if found := local_time((year, month, day), (0, 0, 0)):
        yield found, "day" if numbers[1] else "month"
