"""Sources that only another cue names: quoted words of a comment that is answered, too few to be searched for."""

from collections.abc import Iterable, Iterator, Sequence

from belowtheline.archive.links.texts import ResolvedQuote
from belowtheline.pipelines.linking import quoting
from belowtheline.pipelines.linking.bearers import places_of
from belowtheline.pipelines.linking.folding import content_words
from belowtheline.pipelines.linking.quoting import Sourced
from belowtheline.pipelines.linking.resolve import Match
from belowtheline.pipelines.linking.texts import Document, Texts
from belowtheline.pipelines.linking.wholes import is_whole

_MOST_ABOVE = 4
"""The article's texts are the first of a thread's."""
_MOST = 50
"""Quotations of one comment that are looked for in the comments it answers."""


def resolved(quoted: Iterable[Sourced], answered: Sequence[int], texts: Texts) -> Iterator[ResolvedQuote]:
    """Yield the spans of a comment as they are kept; where no search found their source, those answered are looked at.

    Italics that are nobody's words are emphasis, and left out.
    """
    tried = 0
    for one in quoted:
        supported = None
        if one.source is None and tried < _MOST:
            tried += 1
            supported = support(one, answered, texts) if answered else _in_article(one, texts)
        if one.span.kind != "italic" or one.source or supported:
            yield quoting.resolved(one, supported)


def _in_article(one: Sourced, texts: Texts) -> Match | None:
    """Return where words that say something stand in the headline, which a comment that answers nobody may quote."""
    words = one.document.folded.words[one.span.first : one.span.last]
    above = [document for document in texts.documents[:_MOST_ABOVE] if document.source_type == "article_title"]
    return _held(one, above) if content_words(words) else None


def support(one: Sourced, answered: Iterable[int], texts: Texts) -> Match | None:
    """Return where the words of a quotation stand in one of these comments, as it is now or was before an edit."""
    return _held(one, (document for place in answered for document in texts.of_comment[place]))


def _held(one: Sourced, documents: Iterable[Document]) -> Match | None:
    words = one.document.ids[one.span.first : one.span.last]
    for document in documents:
        for first in places_of(document, words):
            match = Match(document, first, first + len(words), 100.0, len(words))
            if is_whole(one.document, one.span, match):
                return match
    return None
