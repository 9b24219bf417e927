"""Sources that only another cue names: quoted words of a comment that is answered, too few to be searched for."""

from collections.abc import Iterable, Iterator, Sequence

from belowtheline.archive.linked import ResolvedQuote
from belowtheline.pipelines.linking import quoting
from belowtheline.pipelines.linking.bearers import places_of
from belowtheline.pipelines.linking.quoting import Sourced
from belowtheline.pipelines.linking.resolve import Match
from belowtheline.pipelines.linking.texts import Texts
from belowtheline.pipelines.linking.wholes import is_whole

_MOST = 50
"""Quotations of one comment that are looked for in the comments it answers."""


def resolved(quoted: Iterable[Sourced], answered: Sequence[int], texts: Texts) -> Iterator[ResolvedQuote]:
    """Yield the spans of a comment as they are kept; where no search found their source, those answered are looked at.

    Italics that are nobody's words are emphasis, and left out.
    """
    tried = 0
    for one in quoted:
        supported = None
        if one.source is None and answered and tried < _MOST:
            tried += 1
            supported = support(one, answered, texts)
        if one.span.kind != "italic" or one.source or supported:
            yield quoting.resolved(one, supported)


def support(one: Sourced, answered: Iterable[int], texts: Texts) -> Match | None:
    """Return where the words of a quotation stand in one of these comments, as it is now or was before an edit."""
    words = one.document.ids[one.span.first : one.span.last]
    for place in answered:
        for document in texts.of_comment[place]:
            for first in places_of(document, words):
                match = Match(document, first, first + len(words), 100.0, len(words))
                if is_whole(one.document, one.span, match):
                    return match
    return None
