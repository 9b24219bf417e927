"""Parts of a quotation that may be from different places: its levels and paragraphs, and what stands between gaps."""

import re
from collections.abc import Iterator

from belowtheline.pipelines.linking.spans import Span
from belowtheline.pipelines.linking.texts import Document

_MOST = 40
"""Parts of one quotation that are looked at."""
_PREFIX = re.compile(r"[> ]*")
_GAP = re.compile(r"\[ ?(?:\.{2,5}|…|snip(?:ped)?) ?\]|\( ?(?:\.{2,5}|…|snip) ?\)|<snip>|\.{2,5}|…", re.IGNORECASE)
SAID = (
    r"wrote|writes|said|says|posted|asked|asks|claimed|claims|commented|replied|stated|states|opined|sez|reckons"
    r"|schrieb|schreibt|sagte|sagt|meinte|a écrit|écrit|a dit|dit|escribió|dijo|ha scritto|scrisse"
)
"""Verbs between a name and the words that are its own."""
_SPEECH = re.compile(rf"[ ,](?:{SAID})\b[^\n]{{0,60}}:\Z", re.IGNORECASE)
_BYLINE = re.compile(
    r"(?:(?:originally )?posted by|quote(?:d)? ?(?:from|by|:)|quoting|zitat von|citation de|cita de) [^\n]{1,80}\Z",
    re.IGNORECASE,
)
_LONGEST = 160
"""Code points of a line that says whose words follow, at most."""


def passages(document: Document, span: Span) -> list[Span]:
    """Return the levels and paragraphs of a block, where it has several, each without a line that says whose it is."""
    if span.kind != "block":
        return []
    runs = list(_runs(document.text, span))
    above = min((level for _, _, level in runs), default=1) - span.level
    found = [_part(document, span, start, end, level - above) for start, end, level in runs]
    return found if len(found) > 1 or (found and found[0].start > span.start) else []


def between_gaps(document: Document, span: Span) -> list[Span]:
    """Return what stands before, between and after the dots that say that words are left out."""
    at, found = span.start, []
    for count, match in enumerate(_GAP.finditer(document.text, span.start, span.end)):
        if count > _MOST:
            return []
        found.append((at, match.start()))
        at = match.end()
    pieces = [_part(document, span, start, end, span.level) for start, end in (*found, (at, span.end))]
    pieces = [piece for piece in pieces if piece.last > piece.first]
    return pieces if len(pieces) > 1 else []


def _part(document: Document, of: Span, start: int, end: int, level: int) -> Span:
    return Span(start, end, of.kind, *document.folded.within(start, end), level, of.named_at)


def _runs(text: str, span: Span) -> Iterator[tuple[int, int, int]]:
    """Yield beginning, end and level of what stands on lines of one level, one after the other."""
    open_at, open_end, level = -1, -1, 0
    for count, (start, end, deep) in enumerate(_lines(text, span)):
        if count > _MOST:
            break
        if open_at >= 0 and (deep != level or start == end or _is_byline(text, start, end)):
            yield open_at, open_end, level
            open_at = -1
        if start == end or _is_byline(text, start, end):
            continue
        open_at, open_end, level = (start if open_at < 0 else open_at), end, deep
    if open_at >= 0:
        yield open_at, open_end, level


def _lines(text: str, span: Span) -> Iterator[tuple[int, int, int]]:
    """Yield where the words of each line begin and end, and by how many marks the line is quoted."""
    at = text.rfind("\n", 0, span.start) + 1
    while at < span.end:
        end = text.find("\n", at, span.end)
        end = span.end if end < 0 else end
        prefix = _PREFIX.match(text, at, end)
        start = max(prefix.end() if prefix else at, min(span.start, end))
        yield start, max(start, end), max(text.count(">", at, start), 1)
        at = end + 1


def _is_byline(text: str, start: int, end: int) -> bool:
    """Return whether a line says whose words follow, and nothing else."""
    if end - start > _LONGEST:
        return False
    return bool(_BYLINE.match(text, start, end) or _SPEECH.search(text, start, end))
