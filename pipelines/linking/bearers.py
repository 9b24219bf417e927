"""Which of several comments under one name is meant: by what they share with the comment that names them."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from belowtheline.pipelines.linking.folding import content_words, is_function_word
from belowtheline.pipelines.linking.texts import Document, Texts

_NEAREST = 20
"""Comments of one name that are looked at, the latest."""
_LEAST_LETTERS = 4
_MOST_PLACES = 200
"""Places of one text at which words are looked for."""


class Shared:
    """What comments of a thread have in common."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._spelling = list(texts.vocabulary)
        self._known: dict[int, set[int]] = {}

    @cached_property
    def frequency(self) -> Counter[int]:
        """In how many comments each word stands, as they are now."""
        counts: Counter[int] = Counter()
        for place in range(len(self._texts.comments)):
            counts.update(self.words(place))
        return counts

    def _terms(self, most: int) -> set[int]:
        if most not in self._known:
            found = {word for word, count in self.frequency.items() if 1 < count <= most and self._is_term(word)}
            self._known[most] = found
        return self._known[most]

    def words(self, place: int) -> set[int]:
        """Return the words of a comment as it is now."""
        return set().union(*(document.ids for document in self._texts.of_comment[place] if document.is_present))

    def rare(self, place: int, most: int) -> set[int]:
        """Return the words of a comment that stand in two comments at least and in `most` at most."""
        return self.words(place) & self._terms(most)

    def spelt(self, words: Collection[int]) -> list[str]:
        """Return words as they are compared, in the order of the alphabet."""
        return sorted(self._spelling[word] for word in words)

    def _is_term(self, word: int) -> bool:
        spelt = self._spelling[word]
        return len(spelt) >= _LEAST_LETTERS and not spelt.isdigit() and not is_function_word(spelt)

    def which(self, place: int, bearers: Sequence[int], quoted: Collection[int]) -> tuple[int, str]:
        """Return which of several comments is meant, and why: quoted, title echo, rare words or nearest."""
        near = list(bearers[-_NEAREST:])
        if meant := [one for one in near if one in quoted]:
            return meant[-1], "quoted"
        title = next((one for one in self._texts.of_comment[place] if one.field == "title" and one.is_present), None)
        if title and content_words(title.folded.words):
            echoing = [one for one in near if any(holds(document, title.ids) for document in self._present(one))]
            if len(echoing) == 1:
                return echoing[0], "title echo"
        rare = self.rare(place, max(3, len(self._texts.comments) // 100))
        counts = {one: len(rare & self.words(one)) for one in near}
        most = max(counts.values())
        if most and list(counts.values()).count(most) == 1:
            return next(one for one in near if counts[one] == most), "rare words"
        return near[-1], "nearest"

    def _present(self, place: int) -> list[Document]:
        return [document for document in self._texts.of_comment[place] if document.is_present]


def holds(document: Document, words: "array[int]") -> bool:
    """Return whether words stand in a text one after the other."""
    return next(places_of(document, words), None) is not None


def places_of(document: Document, words: "array[int]") -> Iterator[int]:
    """Yield the first word of each place of a text, at most so many, where words stand one after the other."""
    held, wanted, size = document.ids.tobytes(), words.tobytes(), words.itemsize
    at = -1
    for _ in range(_MOST_PLACES if wanted else 0):
        at = held.find(wanted, at + 1)
        if at < 0:
            return
        if at % size == 0:
            yield at // size
