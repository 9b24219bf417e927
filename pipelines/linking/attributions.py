"""Under whose name a comment sets quoted words: `John wrote:`, `Posted by John`, `[quote=John]`, `"..." - John`."""

import re
from collections.abc import Iterator

from belowtheline.pipelines.linking.names import Named, Names
from belowtheline.pipelines.linking.pieces import SAID
from belowtheline.pipelines.linking.quoting import Sourced
from belowtheline.pipelines.linking.texts import Document

_BEFORE = 160
"""Code points before a quotation among which a name is looked for."""
_MOST_WORDS = 12
_LEAD = re.compile(
    r"(?:(?:originally )?(?:posted|written|said) by|quot(?:e|ed|ing|ation)(?: from| of| by)?|according to|from|per|as"
    r"|zitat von|citation de|cita de):? {1,3}[@\"“']?|\[quote(?:=| author=| name=)[\"“']?|@ ?",
    re.IGNORECASE,
)
_ENDS = re.compile(
    rf",? (?:also )?(?:{SAID})(?:,? (?:on|at|in|am|le|el)\b[^\n:]{{0,60}}(?::\d\d[^\n:]{{0,20}})?)?[ :,;.]{{0,4}}\Z",
    re.IGNORECASE,
)
_ENDS_LEAD = re.compile(r"(?:[;,] ?[^\]\n]{0,60})?[ :,\"”'\]>)-]{0,6}(?:(?:on|at) [^\n]{1,40})?\Z", re.IGNORECASE)
_AFTER = re.compile(rf"[.,!?]?[\"”’»›“']?[.,]?\s{{0,3}}(?:[-–—~(]{{1,3}}|\b(?:posted by|by|{SAID})\b) ?", re.IGNORECASE)
_MARKS = " \n\t\"“”„«»‹›'‘’>*_"


def attributed(one: Sourced, names: Names) -> Iterator[Named]:
    """Yield the names that stand with a quotation, at most three."""
    document, start = one.document, one.span.start
    if one.span.named_at >= 0:
        if named := _somebody(document, one.span.named_at, names):
            yield named
        return
    yield from _before(document, start, names)
    if one.span.kind != "block" or one.span.end < len(document.text):
        yield from _after(document, one.span.end, names)


def _before(document: Document, start: int, names: Names) -> Iterator[Named]:
    text = document.text
    end = start
    while end > max(start - _BEFORE, 0) and text[end - 1] in _MARKS:
        end -= 1
    if text.count("\n\n", end, start) and text[end - 1 : end] not in (":", "]") and not _ends_said(text, end):
        return
    line = max(text.rfind("\n", 0, end) + 1, end - _BEFORE)
    first, last = document.folded.within(line, end)
    for word in range(first, min(last, first + _MOST_WORDS)):
        named = _somebody(document, document.folded.starts[word], names)
        if named is not None and _is_set(text, line, named, end):
            yield named
            return


def _ends_said(text: str, end: int) -> bool:
    return _ENDS.search(text, max(end - _BEFORE, 0), end) is not None


def _is_set(text: str, line: int, named: Named, end: int) -> bool:
    """Return whether a name is followed by a verb of speech, or led in as the author of what follows, to the end."""
    if _ENDS.match(text, named.end, end):
        return True
    lead = next((match for match in _LEAD.finditer(text, line, named.start) if match.end() == named.start), None)
    return lead is not None and lead[0].strip() != "@" and _ENDS_LEAD.match(text, named.end, end) is not None


def _after(document: Document, end: int, names: Names) -> Iterator[Named]:
    opened = _AFTER.match(document.text, end)
    named = _somebody(document, opened.end(), names) if opened else None
    if named is not None:
        yield named


def _somebody(document: Document, start: int, names: Names) -> Named | None:
    """Return the author whose name stands at a code point, be it a role's or that of the anonymous."""
    named = names.at(document, start, may_be_joined=True, is_role_too=True)
    return named or names.nobody_at(document, start)
