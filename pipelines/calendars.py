"""Names of months and weekdays in the languages of news sites, as dateparser's data has them."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

LANGUAGES = (
    "af", "ar", "az", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fil",
    "fr", "ga", "gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "mk", "ms",
    "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
"""Languages in which a page may be, where its site does not say."""
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ODD = (("\u0131", "i"), ("\u02bc", "'"), ("\u2019", "'"))
"""The dotless i, and apostrophes: letters of which a writer may choose another."""
_MORE = {
    "ar": {
        1: "كانون الثاني|جانفي", 2: "شباط|فيفري", 3: "آذار", 4: "نيسان|أفريل", 5: "أيار|ماي", 6: "حزيران|جوان",
        7: "تموز|جويلية", 8: "آب|أوت", 9: "أيلول", 10: "تشرين الأول", 11: "تشرين الثاني", 12: "كانون الأول",
    },
    "de": {1: "jän", 2: "feber", 3: "mrz"},
    "hi": {10: "अक्टू"},
    "hu": {9: "szept"},
}  # fmt: skip
"""Names of months that dateparser does not have: those of the Levant and the Maghreb, and of Austria."""
_MORE_WEEKDAYS = {
    "cy": ("llun", "mawrth", "mercher", "iau", "gwener", "sadwrn", "sul"),
    "ga": ("luain", "máirt", "céadaoin", "déardaoin", "haoine", "sathairn", "domhnaigh"),
}
"""Names behind a word for "day", which is read over."""
_ALIASES = {"no": "nb", "iw": "he", "in": "id"}
_ENGLISH_MONTHS = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, len(name))}
_ENGLISH_MONTHS["sept"] = 9


@lru_cache(maxsize=64)
def months(languages: tuple[str, ...]) -> Mapping[str, int]:
    """Return the names and abbreviations of the months, in small letters and without a final dot, by language code.

    >>> months(("de",))["märz"], months(("en",))["sept"]
    (3, 9)
    """
    if languages == ("en",):
        return _ENGLISH_MONTHS
    found = {name: number for number, month in enumerate(_MONTHS, 1) for name in _names(month, languages)}
    return {name: number for name, number in found.items() if not name[:1].isdigit()}


@lru_cache(maxsize=64)
def weekdays(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names and abbreviations of the weekdays, in small letters and without a final dot."""
    return tuple(name for day in _WEEKDAYS for name in _names(day, languages))


@lru_cache(maxsize=1)
def known_months() -> Mapping[str, Mapping[str, int]]:
    """Return the folded names of the months in all LANGUAGES: by name, the languages that know it and its number.

    >>> dict(known_months()["listopad"])
    {'cs': 11, 'hr': 10, 'pl': 11}
    """
    found: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        for number, month in enumerate(_MONTHS, 1):
            more = _MORE.get(language, {}).get(number, "").split("|")
            for name in (*_names(month, (language,)), *more):
                if name.strip("ivx"):  # "V" is also "at"
                    found.setdefault(folded(name), {})[language] = number
    return found


@lru_cache(maxsize=1)
def known_weekdays() -> Mapping[str, Mapping[str, int]]:
    """Return the folded names of the weekdays in all LANGUAGES: by name, the languages and its number, Monday 0."""
    found: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        for number, day in enumerate(_WEEKDAYS):
            for name in (*_names(day, (language,)), *_MORE_WEEKDAYS.get(language, ())[number : number + 1]):
                found.setdefault(folded(name), {})[language] = number
    return found


def folded(word: str) -> str:
    """Return a word without case, accents and dots, in which its writers differ.

    >>> folded("Févr."), folded("ΜΑΪΟΥ"), folded("Kasım")
    ('fevr', 'μαιου', 'kasim')
    """
    plain = unicodedata.normalize("NFKD", word.casefold().replace(".", "").replace("\u0970", ""))
    for odd, usual in _ODD:
        plain = plain.replace(odd, usual)
    return plain if plain.isascii() else "".join(letter for letter in plain if not "\u0300" <= letter <= "\u036f")


def language_name(code: str) -> str:
    """Return the code under which dateparser's data and LANGUAGES have a language.

    >>> language_name("no"), language_name("pt-BR")
    ('nb', 'pt')
    """
    short = code.replace("_", "-").partition("-")[0].lower()
    return _ALIASES.get(short, short)


def language_data(language: str) -> Mapping[str, Any]:
    """Return what dateparser knows of a language."""
    # Imported here: dateparser takes a tenth of a second, and most sites write English.
    name = language_name(language)
    data: Mapping[str, Any] = import_module(f"dateparser.data.date_translation_data.{name}").info
    return data


def _names(english: str, languages: tuple[str, ...]) -> Iterator[str]:
    for language in languages:
        yield from (name.casefold().rstrip(".") for name in language_data(language)[english])
