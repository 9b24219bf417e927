"""Where words stand in the texts of a thread: a word 3-gram index, votes per diagonal, and one alignment a window."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from belowtheline.pipelines.linking.texts import Document

LEAST_ALIKE = 88.0
"""Of 100: unrelated texts reach 65, true quotations 98."""
LEAST_COVERED = 0.9
"""Share of the words that a match must hold, since aligning a part gives a short title in a long span full marks."""

_GRAM = 3
_MOST_PLACES = 100
"""Places of one 3-gram that are kept, the earliest: the first who said something is the one who is quoted."""
_MOST_IN_ONE = 4
"""Places of one 3-gram in one text."""
_MOST_GRAMS = 300
"""3-grams of one span that vote; of a longer one they are taken at even distances."""
_MOST_TRIED = 12
"""Texts that are aligned with one span."""
_LONG = 4_000
"""Characters of a span above which words are aligned instead of letters."""
_LONGEST = 10_000
"""Words of a span above which it is found word by word or not at all: aligning takes memory by the square."""
_BITS = 21
_MOST_CHANGED = 99.9
"""The most that other words than the source's score: aligning letters takes a part of a word for the whole."""

Words = Sequence[int]


@dataclass(frozen=True, slots=True)
class Match:
    """Words found in a text: the first, the one after the last, how alike of 100, and how many of the span's."""

    document: Document
    first: int
    last: int
    score: float
    covered: float

    @property
    def start(self) -> int:
        """First code point."""
        return self.document.folded.starts[self.first]

    @property
    def end(self) -> int:
        """Code point after the last."""
        return self.document.folded.ends[self.last - 1]


class Index:
    """Finds words in the texts of one thread; it knows the 3-grams of what will be asked for, and no others."""

    def __init__(self, documents: Sequence[Document], spelling: Sequence[str], asked: Iterable[Words]) -> None:
        self._documents = documents
        self._spelling = spelling
        self._known: dict[bytes, list[Match]] = {}
        self._places: dict[int, list[tuple[int, int]]] = {gram: [] for words in asked for _, gram in _sampled(words)}
        for number, document in enumerate(documents):
            self._add(number, document.ids)

    def _add(self, number: int, ids: Words) -> None:
        places = self._places
        grams = _grams(ids)
        if places.keys().isdisjoint(grams):
            return
        for at, gram in enumerate(grams):
            held = places.get(gram)
            if held is None or len(held) >= _MOST_PLACES:
                continue
            if len(held) < _MOST_IN_ONE or held[-_MOST_IN_ONE][0] != number:
                held.append((number, at))

    def matches(self, words: "array[int]") -> list[Match]:
        """Return where words stand, one match a text, the texts in their order."""
        key = words.tobytes()
        if key not in self._known:
            self._known[key] = self._found(words)
        return self._known[key]

    def _found(self, words: "array[int]") -> list[Match]:
        votes: dict[int, Counter[int]] = defaultdict(Counter)
        for at, gram in _sampled(words):
            for number, place in self._places.get(gram, ()):
                votes[number][place - at] += 1
        best = sorted((-max(diagonals.values()), number) for number, diagonals in votes.items())
        tried = sorted(number for _, number in best[:_MOST_TRIED])
        spelt = [self._spelling[word] for word in words]
        matches = (_aligned(self._documents[number], words, spelt, votes[number]) for number in tried)
        return [match for match in matches if match is not None]


def _grams(ids: Words) -> list[int]:
    return [one << 2 * _BITS | two << _BITS | three for one, two, three in zip(ids, ids[1:], ids[2:], strict=False)]


def _sampled(words: Words) -> list[tuple[int, int]]:
    """Return places and 3-grams of a span, at most so many."""
    step = max((len(words) - _GRAM) // _MOST_GRAMS, 1)
    if step == 1:
        return list(enumerate(_grams(words)))
    return [(at, _grams(words[at : at + _GRAM])[0]) for at in range(0, len(words) - _GRAM + 1, step)]


def _aligned(document: Document, words: "array[int]", spelt: Sequence[str], diagonals: Counter[int]) -> Match | None:
    diagonal = min(diagonals, key=lambda one: (-diagonals[one], one))
    if diagonal >= 0 and document.ids[diagonal : diagonal + len(words)] == words:
        return Match(document, diagonal, diagonal + len(words), 100.0, len(words))
    slack = max(3, len(words) // 8)
    near = [one for one in diagonals if abs(one - diagonal) <= slack]
    start = max(min(near) - 2, 0)
    end = min(max(near) + len(words) + 2, len(document.ids))
    return _alike(document, words, spelt, (start, end))


def _alike(document: Document, words: Words, spelt: Sequence[str], window: tuple[int, int]) -> Match | None:
    """Return the part of a window that is most like the words, where it is like enough and has enough of them."""
    start, end = window
    held = document.ids[start:end]
    if len(held) < LEAST_COVERED * len(words) or len(words) > _LONGEST:
        return None
    # How many words stand there in this order bounds what aligning letters can find, and is the cheaper look.
    if LCSseq.similarity(words, held) < 0.5 * len(words):
        return None
    if sum(map(len, spelt)) > _LONG:
        score, first, last, covered = _words_aligned(words, held)
    else:
        score, first, last, covered = _letters_aligned(spelt, document.folded.words[start:end])
    if score < LEAST_ALIKE or covered < LEAST_COVERED * len(words):
        return None
    score = 100.0 if held[first:last] == words else min(round(score, 1), _MOST_CHANGED)
    return Match(document, start + first, start + last, score, covered)


def _words_aligned(words: Words, window: Words) -> tuple[float, int, int, float]:
    blocks = [block for block in LCSseq.opcodes(words, window) if block.tag == "equal"]
    covered = sum(block.src_end - block.src_start for block in blocks)
    first, last = blocks[0].dest_start, blocks[-1].dest_end
    return 200 * covered / (len(words) + last - first), first, last, covered


def _letters_aligned(words: Sequence[str], held: Sequence[str]) -> tuple[float, int, int, float]:
    aligned = fuzz.partial_ratio_alignment(" ".join(words), " ".join(held), score_cutoff=LEAST_ALIKE)
    if aligned is None:
        return 0.0, 0, 0, 0
    covered, _, _ = _words_in(words, aligned.src_start, aligned.src_end)
    _, first, last = _words_in(held, aligned.dest_start, aligned.dest_end)
    return aligned.score, first, last, covered if last > first else 0


def _words_in(words: Sequence[str], start: int, end: int) -> tuple[int, int, int]:
    """Return how many words of a joined text stand between two letters by more than half, and the first and last."""
    ends = list(accumulate(len(word) + 1 for word in words))
    inside = [
        at
        for at, word in enumerate(words)
        if min(end, ends[at] - 1) - max(start, ends[at] - 1 - len(word)) > len(word) / 2
    ]
    return (len(inside), inside[0], inside[-1] + 1) if inside else (0, 0, 0)
