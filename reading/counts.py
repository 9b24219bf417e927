"""Counts as pages write them: with separators, rounded ("1.2k"), or in a heading with a word for comments."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

_UNITS = {
    1_000: ("k", "tsd", "tys", "тыс", "mil", "千", "천", "bin", "tn", "e3"),
    10_000: ("万", "萬", "만"),
    1_000_000: ("m", "mio", "mln", "млн", "mn", "百万"),
}
_BY_UNIT = {name: unit for unit, names in _UNITS.items() for name in names}
_SEPARATORS = "[.,'’\u00a0\u202f\u2009 ]"
_NUMBER = re.compile(
    rf"(?<![\d.,])(?:(?P<grouped>\d{{1,3}}(?:{_SEPARATORS}\d{{3}}){{1,4}})(?![\d])|(?P<whole>\d{{1,9}})(?:[.,](?P<rest>\d{{1,3}}))?)"
    rf"(?:\s?(?P<unit>{'|'.join(sorted(_BY_UNIT, key=len, reverse=True))})(?![^\W\d_])\.?)?(?P<more>\+)?",
    re.IGNORECASE,
)
_COMMENTS = (
    r"(?:comment|kommentar|gedanke|comentári|comentari|reac[ctz]|respons|repl(?:y|ies)|thought|antwort|réponse|réaction"
    r"|respuesta|rispost|komentar|komentár|коммент|yorum|hozzászól|posts?\b|postings?\b|beiträge|beitrag|reviews?\b"
    r"|コメント|评论|評論|댓글|kommentt|комент|відгук|σχόλι|bình luận|תגובות|تعليق|ความคิดเห็น|opmerking)"
)
_BEFORE = re.compile(rf"{_NUMBER.pattern}\s{{0,3}}{_COMMENTS}", re.IGNORECASE)
_AFTER = re.compile(rf"{_COMMENTS}\w{{0,20}}[\s:(\[]{{1,4}}{_NUMBER.pattern}\s{{0,3}}[)\]]?\s{{0,3}}$", re.IGNORECASE)
_LEADING = " \t\n.,:;-–—»›•|(["


class Count(NamedTuple):
    """A count, and the fewest that it may stand for where the page rounds it."""

    value: int
    least: int

    @property
    def exact(self) -> int | None:
        """The count where the page does not round it, else None."""
        return self.value if self.value == self.least else None


def read_count(text: str) -> Count | None:
    """Return the count that a text is, None where it is none or cannot be told.

    >>> [read_count(text) for text in ("65.941", "1,204", "1.2k", "12 Tsd.", "100+")]
    [Count(value=65941, least=65941), Count(value=1204, least=1204), Count(value=1200, least=1150), \
Count(value=12000, least=11500), Count(value=100, least=100)]
    >>> [read_count(text) for text in ("3.5", "12,34", "2024-05", "")]
    [None, None, None, None]
    """
    match = _NUMBER.fullmatch(text.strip()) if len(text) < 40 else None
    return _count(match) if match else None


def counted(text: str, what: str) -> Count | None:
    """Return the first count in a text that a word for what is counted follows; `what` is the word's pattern.

    >>> counted("41 points | 1,204 comments", "comments?")
    Count(value=1204, least=1204)
    """
    found = (_count(match) for match in _counting(what).finditer(text))
    return next((count for count in found if count is not None), None)


@cache
def _counting(what: str) -> re.Pattern[str]:
    return re.compile(rf"{_NUMBER.pattern}\s{{0,9}}(?:{what})(?![^\W\d_])", re.IGNORECASE)


def counts_in(text: str) -> list[Count | None]:
    """Return all counts in a text, None for each number that cannot be told for one."""
    return [_count(match) for match in _NUMBER.finditer(text)]


def _count(match: re.Match[str]) -> Count | None:
    unit = _BY_UNIT.get((match["unit"] or "").lower())
    if match["grouped"]:
        digits = re.sub(r"\D", "", match["grouped"])
        if unit and re.fullmatch(r"\d{1,3}[.,]\d{3}", match["grouped"]):
            return _rounded(int(digits), unit, 3)
        return Count(int(digits), int(digits)) if unit is None and len(digits) < 12 else None
    if unit is None:
        return None if match["rest"] else Count(int(match["whole"]), int(match["whole"]))
    rest = match["rest"] or ""
    return _rounded(int(match["whole"] + rest), unit, len(rest))


def _rounded(digits: int, unit: int, decimals: int) -> Count:
    step = max(unit // 10**decimals, 1)
    value = digits * unit // 10**decimals
    return Count(value, value - step // 2)


def count_in_words(text: str) -> int | None:
    """Return the count of a short text that counts comments and says nothing else before it.

    >>> [count_in_words(text) for text in ("0 Comments", "Kommentare (1.204)", "Comments: 3", "10 best kettles")]
    [0, 1204, 3, None]
    """
    said = text.lstrip(_LEADING)
    match = _BEFORE.match(said) or _AFTER.match(said)
    found = _count(match) if match else None
    return found.value if found else None


_BY_MARKUP = re.compile(
    r"""commentCount["'](?:\s{0,5}:\s{0,5}["']?|[^<>]{0,60}\bcontent=["'])(\d{1,9})|\bUserComments:\s{0,3}(\d{1,9})"""
)


def counted_by_markup(markup: str) -> int | None:
    """Return how many comments a page's data for search engines counts; None where it counts none, or 0 as well.

    >>> counted_by_markup('<script>{"commentCount": 7}</script>')
    7
    """
    counts = [int(match[1] or match[2]) for match in _BY_MARKUP.finditer(markup)]
    return min(counts, default=0) or None


_SHOWN_WORDS = re.compile(
    r"show(?:ing|n)|display(?:ing|ed)|viewing|zeige|angezeigt|affich|mostrando|mostrati|getoond|visar|viser|показан"
    r"|wyświetl",
    re.IGNORECASE,
)
_INLINE = r"</?(?:b|strong|span|em|i|small)\b[^<>]{0,200}>"
_SPACE = rf"(?:\s|&nbsp;|\(|{_INLINE})"
_FIGURE = r"\d[\d.,'’\u00a0\u202f]{0,11}"
_PART = re.compile(
    rf"(?<![\w/.#])(?P<number>{_FIGURE}){_SPACE}{{1,6}}(?:{_COMMENTS}\w{{0,4}}{_SPACE}{{1,4}})?"
    rf"(?:out of|of|von|sur|de|di|van|av|af|из|z|/){_SPACE}{{1,6}}"
    rf"(?:(?:about|total|etwa|ca\.|environ|~){_SPACE}{{0,4}})?(?P<all>{_FIGURE}[km]?)(?!\w)",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"<(?!/?(?:b|strong|span|em|i|small)\b)[^<>]{0,2000}>")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ALONE = re.compile(
    rf"\W{{0,3}}(?:{_COMMENTS}\w{{0,4}}\W{{1,4}})?(?:\d[\d.,]{{0,11}}(?:\W{{1,4}}| to ))?{_FIGURE}\s"
    rf"(?:out of|of|von|sur|/)\s{_FIGURE}[km]?\W{{0,4}}(?:{_COMMENTS}\w{{0,4}})?\W{{0,3}}",
    re.IGNORECASE,
)
_PAGES = re.compile(r"\b(?:page|seite|página|pagina|sida|strona|стр)", re.IGNORECASE)
_AROUND, _SHORT = 160, 100


def shown_part(markup: str, written: Iterable[str] = ()) -> tuple[int, Count] | None:
    """Return how many comments a page says that it shows, and of how many; None where it does not say.

    What stands in one of the `written` texts is what somebody said, and not the page.

    >>> shown_part("<p>Showing 1-20 of <b>65,941</b> comments</p>")
    (20, Count(value=65941, least=65941))
    """
    for match in _PART.finditer(markup):
        said = _said_around(markup, match)
        part, whole = read_count(match["number"].rstrip(".,")), read_count(match["all"].rstrip(".,"))
        is_told = _SHOWN_WORDS.search(said) or _ALONE.fullmatch(said)
        if not is_told or _PAGES.search(said) or not re.search(_COMMENTS, said, re.IGNORECASE):
            continue
        is_of_page = len(said) < _SHORT and not any(match[0] in text for text in written)
        if part is not None and whole is not None and part.value <= whole.value and is_of_page:
            return part.value, whole
    return None


def _said_around(markup: str, match: re.Match[str]) -> str:
    """Return the text of the block around a match, without tags."""
    before = _BLOCK.split(markup[max(0, match.start() - _AROUND) : match.start()])[-1]
    after = _BLOCK.split(markup[match.end() : match.end() + _AROUND])[0]
    return " ".join(_TAG.sub("", f"{before}{match[0]}{after}").replace("&nbsp;", " ").split())
