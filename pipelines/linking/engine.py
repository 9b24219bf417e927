"""Link a thread: a pure function from its texts to its quotes, its inferred edges and its candidates."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from belowtheline.archive.links.texts import CommentText, Edge, Links, ResolvedQuote, ThreadText
from belowtheline.pipelines.linking import echoes, quoting
from belowtheline.pipelines.linking.addressed import Addressees
from belowtheline.pipelines.linking.bearers import Shared
from belowtheline.pipelines.linking.findings import Finding, edges_and_candidates
from belowtheline.pipelines.linking.hints import hints
from belowtheline.pipelines.linking.names import Names
from belowtheline.pipelines.linking.quoting import Sourced
from belowtheline.pipelines.linking.repeats import Repeats
from belowtheline.pipelines.linking.resolve import Index, Match
from belowtheline.pipelines.linking.rules import RULES, Rule
from belowtheline.pipelines.linking.supports import resolved
from belowtheline.pipelines.linking.texts import ARTICLE, Document, Texts, texts_of

_MOST_OTHERS = 5
"""Other comments that are named beside the one that is meant."""


def link(thread: ThreadText, rules: Mapping[str, Rule] = RULES) -> Links:
    """Return what a thread's comments quote and whom they answer; no edge is made of structural parents.

    Only quotations of a few words are looked for in the comment that the site itself says is answered.
    A rule that is left out of `rules` finds nothing, and one that is off there finds candidates.
    """
    linking = _Linking(thread, rules)
    for place in range(len(linking.texts.comments)):
        linking.link(place)
    return Links(quotes=tuple(linking.quotes), edges=tuple(linking.edges), candidates=tuple(linking.candidates))


class _Linking:
    """One thread while it is gone through in the order of time."""

    def __init__(self, thread: ThreadText, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.texts = texts_of(thread)
        self.names = Names(self.texts)
        self.shared = Shared(self.texts)
        self.titles = echoes.Titles(thread.titles)
        self.named = Addressees(self.texts, self.names, self.shared, self.titles)
        self.repeats = Repeats(self.texts, has_article=thread.has_article)
        self.index = Index(self.texts.documents, list(self.texts.vocabulary), _asked(self.texts))
        self.places = {comment.row_id: place for place, comment in enumerate(self.texts.comments)}
        self.has_article = thread.has_article
        self.holders: dict[int, list[int]] = {}
        self.quotes: list[ResolvedQuote] = []
        self.edges: list[Edge] = []
        self.candidates: list[Edge] = []

    def link(self, place: int) -> None:
        """Go through one comment, of which all that came before are known."""
        comment = self.texts.comments[place]
        quoted = [
            one
            for document in self.texts.of_comment[place]
            for one in quoting.sourced(document, self.index, self.has_article)
        ]
        quoted = self.named.under_names(place, quoted)
        findings = [finding for one in quoted if one.document.is_present for finding in _quoting(one)]
        targets = {finding.target for finding in findings if finding.rule.startswith(("quote", "attribution"))}
        findings += self._titled(place)
        findings += self._repeating(place)
        findings += self.named.addressed(place, quoted, targets)
        edges, guesses = edges_and_candidates(place, findings, self.texts.comments, self.rules)
        if not edges:
            weak = hints(place, self.texts, self.names, self.shared, self.holders)
            guesses += edges_and_candidates(place, weak, self.texts.comments, self.rules)[1]
        self.quotes += resolved(quoted, self._answered(comment, edges), self.texts)
        self.edges += edges
        self.candidates += guesses
        self.names.note(place)
        self.titles.note(place, comment)
        self.repeats.note(place)

    def _titled(self, place: int) -> Iterator[Finding]:
        title = self._title(place)
        if title is None:
            return
        if match := echoes.echoed(title, self.index):
            yield Finding("title_echo", match.document.place, _where(title, 0, len(title.text), match))
        if answered := self.titles.answered(self.texts.comments[place]):
            yield Finding(answered.rule, answered.place, {"field": "title", "title": answered.title})

    def _title(self, place: int) -> Document | None:
        ours = self.texts.of_comment[place]
        return next((document for document in ours if document.field == "title" and document.is_present), None)

    def _repeating(self, place: int) -> Iterator[Finding]:
        if repeat := self.repeats.of(place):
            where = _where(self.texts.of_comment[place][-1], repeat.start, repeat.end, repeat.source)
            yield Finding("repeated", repeat.source.document.place, where | {"field": "body"})

    def _answered(self, comment: CommentText, edges: Sequence[Edge]) -> list[int]:
        """Return the places of the comments that one answers, by the site's own link first."""
        targets = dict.fromkeys([comment.parent_id, *(edge.target_id for edge in edges)])
        return [self.places[row_id] for row_id in targets if row_id in self.places]


def _asked(texts: Texts) -> list["array[int]"]:
    """Return the words that will be looked for, each run once."""
    found: dict[bytes, array[int]] = {}
    for document in texts.documents:
        runs = list(quoting.asked(document))
        if document.field == "title" and document.is_present and echoes.is_asked(document):
            runs.append(document.ids)
        found |= {words.tobytes(): words for words in runs}
    return list(found.values())


def _quoting(one: Sourced) -> Iterator[Finding]:
    """Yield the comment that a span is quoted from; others that hold the words are candidates."""
    if one.source is not None and one.source.document.place != ARTICLE:
        place, where = one.source.document.place, _where(one.document, one.span.start, one.span.end, one.source)
        if one.named is not None and one.span.level == 1:
            yield Finding("attribution", place, where | {"name": one.named.name.shown})
        if one.span.level > 1:
            yield Finding("other_holder", place, where | {"level": one.span.level})
        elif not one.is_short:
            yield Finding(one.rule, place, where)
    rule = "relayed_quote" if one.source is None else "other_holder"
    for match in one.others[:_MOST_OTHERS]:
        yield Finding(rule, match.document.place, _where(one.document, one.span.start, one.span.end, match))


def _where(document: Document, start: int, end: int, match: Match) -> dict[str, Any]:
    return {
        "field": document.field,
        "start": start,
        "end": end,
        "source_field": match.document.field,
        "source_start": match.start,
        "source_end": match.end,
        "score": match.score,
    }
