"""Weak hints at whom a comment answers: candidates for a reader to judge, never edges."""

from collections import Counter
from collections.abc import Iterator

from belowtheline.pipelines.linking.bearers import Shared
from belowtheline.pipelines.linking.findings import Finding
from belowtheline.pipelines.linking.names import Named, Names
from belowtheline.pipelines.linking.rules import GUESS, RULES
from belowtheline.pipelines.linking.texts import Document, Texts

_VERBS = """
    argued argues asked asks claimed claims commented mentioned mentions pointed points posted reckons said says
    stated states suggested suggests thinks thought writes wrote
"""
_SPEECH = frozenset(_VERBS.split())
_RARE = 3
"""Comments that have a rare word, at most."""
_LEAST_SHARED = 2
_KEPT = 2
_MOST_WORDS = 2_000
"""Words of a text among which names are looked for."""


def hints(place: int, texts: Texts, names: Names, shared: Shared, holders: dict[int, list[int]]) -> Iterator[Finding]:
    """Yield who is reported in a comment, and who shares rare words with it; else the comment before it.

    `holders` are the earlier comments by rare word; this one is added.
    """
    count = 0
    for document in texts.of_comment[place]:
        if document.is_present:
            for finding in _reported(place, document, names):
                count += 1
                yield finding
    for finding in _sharing(place, shared, holders):
        count += 1
        yield finding
    if not count and place and (texts.comments[place].present.title or texts.comments[place].present.body_text):
        yield Finding("nearness", place - 1, {})


def _reported(place: int, document: Document, names: Names) -> Iterator[Finding]:
    words = document.folded.words[:_MOST_WORDS]
    if names.longest_from.keys().isdisjoint(words):
        return
    for at, word in enumerate(words):
        longest = names.longest_from.get(word)
        if longest is None or _SPEECH.isdisjoint(words[at + 1 : at + 1 + longest]):
            continue
        named = names.at(document, document.folded.starts[at])
        if named is None or named.name is names.of(place) or not _is_reported(document, named, at):
            continue
        if named.name.places and not names.is_plain(named.name):
            evidence = {"name": named.name.shown, "field": document.field, "start": named.start, "end": named.end}
            yield Finding("reported", named.name.places[-1], evidence)


def _is_reported(document: Document, named: Named, at: int) -> bool:
    _, after = document.folded.within(named.start, named.end)
    return bool(_SPEECH.intersection(document.folded.words[after : after + 1]))


def _sharing(place: int, shared: Shared, holders: dict[int, list[int]]) -> Iterator[Finding]:
    common: dict[int, list[int]] = {}
    for word in shared.rare(place, _RARE):
        for other in holders.setdefault(word, []):
            common.setdefault(other, []).append(word)
        holders[word].append(place)
    counts = Counter({other: len(words) for other, words in common.items() if len(words) >= _LEAST_SHARED})
    for other, count in sorted(counts.items(), key=lambda pair: (-pair[1], -pair[0]))[:_KEPT]:
        confidence = min(RULES["rare_terms"].confidence + 0.05 * (count - _LEAST_SHARED), GUESS)
        yield Finding("rare_terms", other, {"words": shared.spelt(common[other])[:20]}, round(confidence, 2))
