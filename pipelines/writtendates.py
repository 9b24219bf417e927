"""Dates as people write them: the parts of one, in any order and language, as long as every word of it is known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from belowtheline.pipelines.calendars import folded, known_months, known_weekdays
from belowtheline.pipelines.zones import KNOWN as ZONES
from belowtheline.pipelines.zones import UNIVERSAL
from belowtheline.reading.items import Precision

Triple = tuple[str, str, str]
_TOKEN = re.compile(
    r"(?P<cjk>(?P<cy>\d{2,4}) ?[年년] ?(?P<cm>\d{1,2}) ?[月월] ?(?P<cd>\d{1,2}) ?[日號号일]?)"
    r"|(?P<ymd>(?P<y>\d{4}) ?(?P<ys>[-/.]) ?(?P<m>\d{1,2}) ?(?P=ys) ?(?P<d>\d{1,2})(?!\d))"
    r"|(?P<num>(?P<n1>\d{1,2}) ?(?P<ns>[-/.]) ?(?P<n2>\d{1,2}) ?(?P=ns) ?(?P<n3>\d{4}|\d{1,2})(?![\d:]))"
    r"|(?P<time>(?P<h>\d{1,2})(?:(?::| ?[hH] ?|[.](?!\d\d[.]? ?\d{4}))(?P<min>\d\d)(?!\d)(?:min\b)?"
    r"(?::(?P<s>\d\d)(?!\d)(?:[.,]\d{1,9})?)?"
    r"| ?[时時點点시] ?(?P<min2>\d{1,2}) ?[分분](?: ?(?P<sec2>\d{1,2}) ?[秒초])?))"
    r"|(?P<hours>(?P<h2>\d{1,2}) ?(?:[hH時时點点시](?![^\W\d_])|(?=[aApP]\.? ?[mM]\b)))"
    r"|(?P<zone>(?:(?:UTC|GMT) ?(?P<s1>[+-]) ?(?P<z1>\d{1,2})|(?P<s2>[+-])(?P<z2>\d\d))(?::?(?P<zm>\d\d))?(?!\d))"
    r"|(?P<vi>\b(?:[tT]h[aá]ng|[tT]hg\.?) ?(?P<vm>\d{1,2})(?!\d))"
    r"|(?P<year>['’]\d\d|\d{4})(?!\d)"
    r"|(?P<day>\d{1,2})(?!\d)(?:(?:st|nd|rd|th|ère|er|re|e|o|a|º|ª|°|\.|-?го|:?[ae])(?![^\W\d_]))?"
    r"|(?P<word>[^\W\d_][^\s\d,;:|/@()\[\]<>\"+–—·•،、]*)"
    r"|(?P<mark>[ ,;:·•|/@()\[\].–—،、-])"
)
"""Nothing that it leaves out is read over: one character that is none of these makes a text no date."""
_BETWEEN = """
    a ako al alas alle als am as at b d da de del den der di die dnia do dydd e el en g gada godz godzina godzinie gunu
    h hod hodin hora horas hrs hs ik il jam kell kello kl klo klokken klockan klukkan ko l la las le les lo luc m min
    na ngay o ob od of om on op ora ore oras ost p pa plkst po pukul r roku saat s si st t ta the u uhr um uur v val
    van ve vid w y z в во г года год о об р року у ч час часа часов στις την ωρα του της ב בשעה יום في الساعة ساعت در
    posted published submitted updated publié publicado publicada pubblicato veröffentlicht geschrieben geplaatst
    عند เวลา น คศ թ ж को बजे
"""
_CONNECTING = frozenset(map(folded, _BETWEEN.split()))
"""What stands between the parts of a date, folded: "at", "of", "o'clock" in many languages."""
_FIRST_HALF = "am a πμ ص ق.ظ öö sa 上午 午前 오전 पूर्वाह्न dop fm vorm 凌晨 早上 sáng"
_SECOND_HALF = "pm p μμ م ب.ظ ös ch 下午 午後 오후 अपराह्न odp em nachm 晚上 chiều tối"
_EARLY = frozenset(map(folded, _FIRST_HALF.split()))
_LATE = frozenset(map(folded, _SECOND_HALF.split()))
_DASH = re.compile(r"[+-]")
_ZONE_NAME = re.compile(r"[A-Z]{1,5}$")
_IN_HEBREW = "\u05d1"  # "in", written with the month as one word
_ELIDED = re.compile(r"^(?:d|l)['\u2019]")
_FEWEST, _MOST = 4, 80


@dataclass(slots=True)
class Written:
    """The parts of a date as written; none of them is a guess."""

    numbers: Triple | None = None
    """Three numbers of which the page must say the order, or year, month and day where the year is first."""
    is_ordered: bool = False
    months: list[str] = field(default_factory=list)
    """Words that are a month in some language, folded; a digit where it is written as a number."""
    weekdays: list[str] = field(default_factory=list)
    told_weekday: str | None = None
    """A word that is a month as well, and a weekday only if the date falls on it."""
    days: list[int] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    clock: tuple[int, int, int] | None = None
    clock_precision: Precision = "day"
    half: str | None = None
    offset: int | None = None
    """Minutes ahead of UTC."""
    zone: str | None = None
    """Abbreviation of a zone."""
    unknown: list[str] = field(default_factory=list)
    """Words that are nothing of a date in any language."""
    is_broken: bool = False
    """Whether it says something twice, or holds what is no part of a date."""

    @property
    def is_lonely(self) -> bool:
        """Whether it has all of a date but for one word, where the month should be: so looks an unknown language."""
        has_place = len(self.years) == 1 and len(self.days) == 1 and self.numbers is None
        return has_place and not self.is_broken and not self.months and len(self.unknown) == 1


@lru_cache(maxsize=4096)
def read_written(text: str) -> Written | None:
    """Return the parts of a date in words or numbers; None for what holds no number or is too long.

    >>> read_written("5. Mai 2021 um 10:15 Uhr").months
    ['mai']
    """
    if not _FEWEST <= len(text) <= _MOST:
        return None
    found, at, last = Written(), 0, ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            found.is_broken = True
            return found
        kind = match.lastgroup or ""
        if kind == "zone" and found.clock is None:
            kind, match = "mark", _DASH.match(text, at) or match
        _READERS[kind](found, match, last)
        at = match.end()
        last = last if kind == "mark" else kind
    _tell_weekday(found)
    return found


def _tell_weekday(found: Written) -> None:
    """Take the first name of a month for a weekday where it may be one and the date has its month elsewhere.

    "mar" is Tuesday or March in half of the Romance languages.
    """
    has_month = found.numbers is not None or len(found.months) == 2
    if has_month and (word := next((each for each in found.months if each in known_weekdays()), None)):
        found.months.remove(word)
        found.told_weekday = word


def _add_cjk(found: Written, match: re.Match[str], last: str) -> None:
    _set_numbers(found, (match["cy"], match["cm"], match["cd"]), True)


def _add_year_first(found: Written, match: re.Match[str], last: str) -> None:
    _set_numbers(found, (match["y"], match["m"], match["d"]), True)


def _add_numbers(found: Written, match: re.Match[str], last: str) -> None:
    numbers = match["n1"], match["n2"], match["n3"]
    if match["ns"] == "." and found.clock is None and (found.numbers or (found.months and found.years)):
        found.clock, found.clock_precision = (int(numbers[0]), int(numbers[1]), int(numbers[2])), "second"
    else:
        _set_numbers(found, numbers, False)


def _set_numbers(found: Written, numbers: Triple, is_ordered: bool) -> None:
    found.is_broken |= found.numbers is not None
    found.numbers, found.is_ordered = numbers, is_ordered


def _add_time(found: Written, match: re.Match[str], last: str) -> None:
    hour = match["h"] or match["h2"]
    found.is_broken |= found.clock is not None
    minute, second = match["min"] or match["min2"], match["s"] or match["sec2"]
    found.clock = int(hour), int(minute or 0), int(second or 0)
    found.clock_precision = "second" if second else "minute" if minute else "hour"


def _add_offset(found: Written, match: re.Match[str], last: str) -> None:
    hours, minutes = int(match["z1"] or match["z2"]), int(match["zm"] or 0)
    found.is_broken |= found.clock is None or found.offset is not None or hours > 14 or minutes > 59
    found.offset = (hours * 60 + minutes) * (1 if (match["s1"] or match["s2"]) == "+" else -1)
    found.zone = None


def _add_month_number(found: Written, match: re.Match[str], last: str) -> None:
    found.months.append(match["vm"])


def _add_year(found: Written, match: re.Match[str], last: str) -> None:
    text = match["year"]
    found.years.append(full_year(int(text[1:])) if text[0] in "'\u2019" else int(text))


def _add_day(found: Written, match: re.Match[str], last: str) -> None:
    found.days.append(int(match["day"]))


def _add_word(found: Written, match: re.Match[str], last: str) -> None:
    raw = match["word"].rstrip(".-'\u2019")
    word = folded(_ELIDED.sub("", raw))
    if last == "time" and word == "kor":
        return  # "at" behind the time, in Hungarian
    if last in ("time", "hours") and found.half is None and (word in _EARLY or word in _LATE):
        _set_half(found, word, raw)
    elif found.zone is None and raw in (ZONES if found.clock else UNIVERSAL):
        found.zone = raw
    elif word in known_months() or word.removeprefix(_IN_HEBREW) in known_months():
        found.months.append(word if word in known_months() else word.removeprefix(_IN_HEBREW))
    elif not word.isascii() and (word in _EARLY or word in _LATE) and found.half is None:
        _set_half(found, word, raw)  # it stands before the time in many scripts
    elif word in _CONNECTING:
        return
    elif word in known_weekdays():
        found.weekdays.append(word)
    elif found.clock and found.zone is None and found.offset is None and _ZONE_NAME.match(raw):
        found.zone = raw
    else:
        _add_unknown(found, word)


def _add_unknown(found: Written, word: str) -> None:
    """Add a word, unless it and the one before are one name: some languages write months and weekdays as two words."""
    for words in (found.unknown, found.weekdays):
        name = f"{words[-1]} {word}" if words else ""
        if name in known_months() or name in known_weekdays():
            words.pop()
            (found.months if name in known_months() else found.weekdays).append(name)
            return
    found.unknown.append(word)


def _set_half(found: Written, word: str, raw: str) -> None:
    # "22:11 am 5. Mai" is German: nobody writes 22:11 AM.
    if raw != "am" or found.clock is None or found.clock[0] <= 12:
        found.half = "PM" if word in _LATE else "AM"


def _add_mark(found: Written, match: re.Match[str], last: str) -> None:
    """Read over what only sets parts apart."""


_READERS = {
    "cjk": _add_cjk, "ymd": _add_year_first, "num": _add_numbers, "time": _add_time, "hours": _add_time,
    "zone": _add_offset, "vi": _add_month_number, "year": _add_year, "day": _add_day, "word": _add_word,
    "mark": _add_mark,
}  # fmt: skip


def full_year(year: int) -> int:
    """Return a year that is given by two digits: of the years since 1990.

    >>> full_year(99), full_year(21), full_year(2021)
    (1999, 2021, 2021)
    """
    return year if year > 99 else year + (1900 if year >= 90 else 2000)


def number_of(month: str, languages: frozenset[str]) -> int | None:
    """Return the number of a month's name, where all languages that know it mean the same one.

    >>> number_of("listopad", frozenset({"cs"})), number_of("listopad", frozenset({"cs", "hr"}))
    (11, None)
    """
    if month.isdigit():
        return int(month)
    found = {number for language, number in languages_of(month).items() if language in languages}
    return found.pop() if len(found) == 1 else None


def languages_of(month: str) -> Mapping[str, int]:
    """Return the languages that know a name of a month, with its number in them."""
    return known_months().get(month, {})


def weekday_numbers(word: str) -> set[int]:
    """Return which days of the week a name may be, Monday being 0."""
    return set(known_weekdays().get(word, {}).values())
