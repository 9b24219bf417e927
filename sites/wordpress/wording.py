"""Words of WordPress: what it calls the nameless, how it writes dates, and how themes count comments."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from belowtheline.reading.counts import Count, counts_in
from belowtheline.reading.items import Conventions
from belowtheline.reading.markup import visible
from belowtheline.reading.numbers import joins_digits

NAME = "wordpress"
CONVENTIONS = Conventions(
    timezone=None,
    languages=(),
    anonymous_names=frozenset(
        {"Anonymous", "Anonym", "Anonyme", "Anónimo", "Anônimo", "Anonimo", "Anoniem", "Anonimowo", "Аноним", "匿名"}
    ),
)
"""A blog writes dates in any form and language, in a zone that is not on its pages."""

_COUNTED = re.compile(r"comments?[-_]*(?:title|headline|heading|intro|count|number)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_QUOTED = re.compile(r"[“„«「\"][^“„«»「」”\"]*[”“»」\"]|[“„«「\"‘][^“„«「\"]*$")
_TOO_MANY = 10_000_000
_ONE = re.compile(r"(?:one|ein|eine|un|une|uno|una|um|uma|één|en|ett|jeden)\b", re.IGNORECASE)
_LEVELS, _NEIGHBOURS, _LONGEST = 4, 6, 300


def count_before(first: etree._Element, headline: str) -> Count | None:
    """Return the number that the heading above a page's first comment gives, None where it gives none."""
    for text in _headings_before(first):
        count = counted_in(text, headline)
        if count is not None:
            return count
    return None


def _headings_before(first: etree._Element) -> Iterator[str]:
    """Yield the headings above the list of comments, the nearest first; farther up only an area's for comments."""
    for element in (first, *islice(first.iterancestors(), _LEVELS)):
        area = element.getparent()
        is_area = area is not None and "comment" in _named(area)
        for before in islice(element.itersiblings(preceding=True), _NEIGHBOURS):
            if before.get("id") != "respond":
                yield from _headings_in(before, is_area)


def _named(element: etree._Element) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}"


def _headings_in(element: etree._Element, is_area: bool) -> Iterator[str]:
    if element.tag in _HEADINGS or _COUNTED.search(_named(element)):
        found = [element]
    else:
        found = list(islice(element.iter(*_HEADINGS), 1)) if is_area else []
    for heading in found:
        text = visible(heading)
        if text and len(text) < _LONGEST and not joins_digits(heading):
            yield text


def count_in(text: str, headline: str) -> int | None:
    """Return the one number of a heading, leaving out the headline that it may quote.

    >>> count_in("1,204 thoughts on “The 10 best kettles”", "The 10 best kettles")
    1204
    """
    count = counted_in(text, headline)
    return None if count is None else count.value


def counted_in(text: str, headline: str) -> Count | None:
    """Return the one number of a heading and the fewest that it may stand for where it is rounded."""
    if headline:
        text = text.replace(headline, " ")
    text = _QUOTED.sub(" ", text)
    counts = counts_in(text)
    if len(counts) == 1:
        return counts[0] if counts[0] and counts[0].value < _TOO_MANY else None
    return Count(1, 1) if not counts and _ONE.match(text.strip()) else None
