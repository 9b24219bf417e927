"""Whom a comment addresses and under whose name it sets what it quotes: which comment of that author is meant."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from belowtheline.pipelines.linking import clocks
from belowtheline.pipelines.linking.attributions import attributed
from belowtheline.pipelines.linking.bearers import Shared
from belowtheline.pipelines.linking.cues import Address, addresses
from belowtheline.pipelines.linking.echoes import Titles
from belowtheline.pipelines.linking.findings import Finding, is_same_author
from belowtheline.pipelines.linking.folding import content_words
from belowtheline.pipelines.linking.names import Names
from belowtheline.pipelines.linking.quoting import Sourced
from belowtheline.pipelines.linking.resolve import Match
from belowtheline.pipelines.linking.supports import support
from belowtheline.pipelines.linking.texts import Document, Texts
from belowtheline.pipelines.titles import re_title

_MOST_OTHERS = 5
"""Other comments that are named beside the one that is meant."""
_MOST_BEARERS = 100
"""Comments of one name that are looked at, the latest."""
_MOST_NAMED = 10
"""Quotations of one comment beside which a name is looked for."""
_MOST_FEW = 5
"""Quotations of a few words by which one of several comments is told."""
_SEVERAL = 3
_SURE = ("quoted", "title echo")


@dataclass(frozen=True, slots=True)
class Addressees:
    """The names of a thread, and what tells one's comments apart."""

    texts: Texts
    names: Names
    shared: Shared
    titles: Titles

    def under_names(self, place: int, quoted: Sequence[Sourced]) -> list[Sourced]:
        """Return quotations with the comment of the author beside whose name they stand as their source."""
        return [
            self._under_name(place, one) if at < _MOST_NAMED and one.document.is_present else one
            for at, one in enumerate(quoted)
        ]

    def _under_name(self, place: int, one: Sourced) -> Sourced:
        for named in attributed(one, self.names):
            bearers = self._bearers(place, named.name.places)
            if _may_be_known(one) and (match := self._only_holder(one, bearers)):
                return replace(one, source=match, others=(), named=named)
            if one.source and one.source.document.place in bearers:
                return replace(one, named=named)
        return one

    def addressed(self, place: int, quoted: Sequence[Sourced], targets: Set[int]) -> Iterator[Finding]:
        """Yield whom a comment addresses; `targets` are the comments that it quotes."""
        seen: set[str] = set()
        for document in self.texts.of_comment[place]:
            if not document.is_present or self._is_of_a_branch(document):
                continue
            for address in addresses(document, self.names):
                key = address.name.folded if address.clock is None else address.cue
                if key not in seen:
                    seen.add(key)
                    yield from self._meant(place, address, quoted, targets)

    def _is_of_a_branch(self, document: Document) -> bool:
        """Return whether a text is a title that answers a title, in which a name was not written anew."""
        title = re_title(document.text) if document.field == "title" else None
        return title is not None and (title.startswith("@") or self.titles.is_title(title))

    def _bearers(self, place: int, places: Sequence[int]) -> list[int]:
        comments = self.texts.comments
        return [at for at in places[-_MOST_BEARERS:] if not is_same_author(comments[at], comments[place])]

    def _meant(self, place: int, address: Address, quoted: Sequence[Sourced], targets: Set[int]) -> Iterator[Finding]:
        """Yield which comment of the addressed author is meant, and the others as candidates."""
        bearers = self._bearers(place, address.name.places)
        if not bearers:
            return
        evidence = _evidence(address, len(bearers))
        if address.clock and clocks.are_timed(self.texts.comments, bearers):
            timed = clocks.at(address.clock, self.texts.comments, bearers)
            if len(timed) == 1:
                yield Finding("address_time", timed[0], evidence | {"by": "time"})
                return
            if not timed:
                yield Finding("address_nearest", bearers[-1], evidence | {"by": "nearest"})
                return
            bearers = timed
        if len(bearers) == 1:
            yield Finding(_rule(address, self.names), bearers[0], evidence)
            return
        told = self._told_by_few(bearers, quoted) or self._told_by_title(address, bearers)
        yield from self._of_several(place, bearers, evidence, targets | told)

    def _of_several(
        self, place: int, bearers: Sequence[int], evidence: dict[str, Any], targets: Set[int]
    ) -> Iterator[Finding]:
        comments = self.texts.comments
        meant, why = self.shared.which(place, bearers, targets)
        others = [at for at in reversed(bearers) if at != meant][:_MOST_OTHERS]
        evidence |= {"by": why, "candidates": [comments[at].native_id for at in others]}
        yield Finding("address_several" if why in _SURE else "address_nearest", meant, evidence)
        for other in others:
            yield Finding("other_bearer", other, {"name": evidence["name"]})

    def _told_by_few(self, bearers: Sequence[int], quoted: Sequence[Sourced]) -> set[int]:
        """Return the one of several comments that holds a quotation of a few words."""
        few = [one for one in quoted if one.source is None and one.document.is_present and _says_something(one)]
        for one in few[:_MOST_FEW]:
            if match := self._only_holder(one, bearers):
                return {match.document.place}
        return set()

    def _told_by_title(self, address: Address, bearers: Sequence[int]) -> set[int]:
        """Return the one of several comments whose title stands behind the name: `@AC Samovars`."""
        document = address.document
        first, _ = document.folded.within(address.end, len(document.text))
        rest = document.ids[first:]
        if document.field != "title" or not content_words(document.folded.words[first:]):
            return set()
        titled = [at for at in bearers if any(one.field == "title" and one.ids == rest for one in self._present(at))]
        return set(titled) if len(titled) == 1 else set()

    def _present(self, place: int) -> list[Document]:
        return [document for document in self.texts.of_comment[place] if document.is_present]

    def _only_holder(self, one: Sourced, bearers: Sequence[int]) -> Match | None:
        """Return where the words of a quotation stand, if one comment of several has them."""
        found = (support(one, [at], self.texts) for at in bearers)
        holding = list(islice(filter(None, found), 2))
        return holding[0] if len(holding) == 1 else None


def _may_be_known(one: Sourced) -> bool:
    """Return whether words are more than one or two that everybody uses."""
    return one.span.last - one.span.first >= _SEVERAL or _says_something(one)


def _says_something(one: Sourced) -> bool:
    return content_words(one.document.folded.words[one.span.first : one.span.last]) > 0


def _rule(address: Address, names: Names) -> str:
    if address.name is names.nobody:
        return "address_anonymous"
    return "honorific" if address.is_honorific else "address"


def _evidence(address: Address, bearers: int) -> dict[str, Any]:
    return {
        "cue": address.cue,
        "field": address.document.field,
        "start": address.start,
        "end": address.end,
        "name": address.name.shown,
        "bearers": bearers,
    }
