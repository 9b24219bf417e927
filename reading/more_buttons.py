"""Buttons that bring more comments than a page shows, and of how many they say so."""

import re
from itertools import islice

from lxml import etree

from belowtheline.reading.counts import read_count

_NUMBER = r"(?P<number>\d[\d.,'’\u00a0\u202f]{0,11}[km]?)"
_WHAT = r"(?:comments?|kommentare?|commentaires?|comentarios?|comentários?|commenti|reacties)"
_SHOW = r"(?:load|show|view|see|read|display)"
_FURTHER = re.compile(
    rf"(?:{_SHOW}\s(?:the\s)?(?:(?:next|other|remaining)\s{_NUMBER}|{_NUMBER.replace('number', 'two')}\s(?:more|other))"
    rf"\s{_WHAT}|{_NUMBER.replace('number', 'three')}\s(?:more|weitere|autres|más|mais|altri)\s{_WHAT}(?:\s\w+)?)\W*",
    re.IGNORECASE,
)
_ALL = re.compile(
    rf"(?:{_SHOW}\s(?:all\s)?(?:of\s)?(?:the\s)?{_NUMBER}\s{_WHAT}"
    rf"|(?:zeige\s)?alle\s{_NUMBER.replace('number', 'two')}\s{_WHAT}(?:\s\w+)?"
    rf"|(?:voir|afficher)\sles\s{_NUMBER.replace('number', 'three')}\s{_WHAT}"
    rf"|(?:ver|mostrar|vedi|mostra)\s(?:(?:los|todos\slos|os|tutti\si|i)\s)?"
    rf"{_NUMBER.replace('number', 'four')}\s{_WHAT})\W*",
    re.IGNORECASE,
)
_LONGEST, _MOST_PARTS = 60, 40


def counted_by_button(root: etree._Element, shown: int) -> int | None:
    """Return of how many comments a page shows some, as a button that brings the others says; None without one.

    A link that leads elsewhere is none: it may count the comments of another thread. Replies are none either, since
    their buttons often unfold what is on the page.
    """
    for element in root.iter("a", "button"):
        if element.tag == "a" and not (element.get("href") or "#").startswith(("#", "javascript:")):
            continue
        text = " ".join("".join(map(str, islice(element.itertext(), _MOST_PARTS))).split())
        if not any(map(str.isdigit, text)) or len(text) > _LONGEST:
            continue
        for pattern, before in ((_ALL, 0), (_FURTHER, shown)):
            match = pattern.fullmatch(text)
            said = next(filter(None, match.groups()), "") if match else ""
            if count := read_count(said.rstrip(".,")):
                return before + count.least
    return None
