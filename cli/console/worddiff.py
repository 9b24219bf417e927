"""Two texts word by word: what went, what came, and a few words around."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_MOST = 1000  # words on a side: beyond, comparing takes seconds and says little
_AROUND = 6
_BREAK = "¶"


def word_diff(before: str | None, after: str | None) -> str:
    """Return what tells two texts apart, as [-went-] and {+came+} among the words around it.

    >>> word_diff("It never boils.", "It boils now.")
    'It [-never boils.-]{+boils now.+}'
    """
    old, new = _words(before), _words(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    parts = [("equal", old[:start])]
    parts += _compared(old[start : len(old) - end], new[start : len(new) - end])
    parts.append(("equal", old[len(old) - end :] if end else []))
    return " ".join(_printed([part for part in parts if part[1]])) or "(only spaces differ)"


def _words(text: str | None) -> list[str]:
    return f" {_BREAK} ".join((text or "").split("\n\n")).split()


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words two lists begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((count for count, (mine, its) in pairs if mine != its), min(len(one), len(other)))


def _compared(old: list[str], new: list[str]) -> Iterator[tuple[str, list[str]]]:
    if max(len(old), len(new)) > _MOST:
        yield "delete", old
        yield "insert", new
        return
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield "equal", old[old_from:old_to]
        else:
            yield "delete", old[old_from:old_to]
            yield "insert", new[new_from:new_to]


def _printed(parts: list[tuple[str, list[str]]]) -> Iterator[str]:
    if all(kind == "equal" for kind, _ in parts):
        return
    held = ""
    for number, (kind, words) in enumerate(parts):
        if kind == "delete":
            held = f"[-{' '.join(words)}-]"
            continue
        if kind == "insert":
            yield held + f"{{+{' '.join(words)}+}}"
        else:
            if held:
                yield held
            yield _around(words, is_first=number == 0, is_last=number == len(parts) - 1)
        held = ""
    if held:
        yield held


def _around(words: list[str], *, is_first: bool, is_last: bool) -> str:
    """Return equal words, without the middle of many."""
    before = [] if is_first else words[:_AROUND]
    after = [] if is_last else words[-_AROUND:]
    return " ".join(words) if len(words) <= len(before) + len(after) + 1 else " ".join([*before, "…", *after])
