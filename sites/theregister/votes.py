"""The votes of one post: two numbers, each a text or an input's value of its own, up before down.

Texts of neighbouring elements are never joined, and where the two cannot be told from other numbers, none is read.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Shown
from belowtheline.reading.numbers import count_of
from belowtheline.sites.theregister.parts import direction_of, names_of

_VOTES = frozenset({"vote", "votes", "voting"})
_BUTTONS = frozenset({"submit", "button", "text", ""})
Votes = tuple[Shown[int], Shown[int]]
_NONE: Votes = (NOT_SHOWN, NOT_SHOWN)


class _Said(NamedTuple):
    """One text among the actions, and which votes the elements around it are about."""

    text: str
    direction: str | None
    is_of_votes: bool


def votes_of(roots: Sequence[etree._Element]) -> Votes:
    """Return votes up and down from the outermost elements that hold them."""
    said = [one for root in roots for one in _texts(root)]
    up, down = (_directed([one.text for one in said if one.direction == way]) for way in ("up", "down"))
    if up is not None or down is not None:
        return NOT_SHOWN if up is None else up, NOT_SHOWN if down is None else down
    return _pair([one.text for one in said if one.is_of_votes]) or _pair([one.text for one in said]) or _NONE


def _texts(root: etree._Element) -> Iterator[_Said]:
    """Yield each text and button below an element, without recursion; what nobody sees is none."""
    around: list[tuple[str | None, bool]] = [(None, False)]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            direction, is_of_votes = around[-1]
            is_of_votes = is_of_votes or not _VOTES.isdisjoint(names_of(element.get("class") or ""))
            around.append((direction_of(element) or direction, is_of_votes))
            text = _text(element)
        else:
            around.pop()
            text = "" if element is root else element.tail or ""
        if text := text.strip():
            yield _Said(text, *around[-1])


def _text(element: etree._Element) -> str:
    if element.tag == "input":
        return element.get("value") or "" if (element.get("type") or "").lower() in _BUTTONS else ""
    return "" if element.tag in ("script", "style", "template") else element.text or ""


def _directed(texts: list[str]) -> int | None:
    """Return the one number of texts that are about one direction: alone, or among words such as "7 thumbs up"."""
    counts = {count for text in texts if (count := count_of(text)) is not None}
    if not counts:
        counts = {count for text in texts for word in text.split() if (count := count_of(word)) is not None}
    return counts.pop() if len(counts) == 1 else None


def _pair(texts: list[str]) -> Votes | None:
    counts = [count for text in texts if (count := count_of(text)) is not None]
    if not counts:
        # Two numbers in one text: the words before and after them hold none.
        numbered = [text.split() for text in texts if any(map(str.isdigit, text))]
        words = numbered[0] if len(numbered) == 1 else []
        counts = [count for word in words if (count := count_of(word)) is not None]
        if sum(any(map(str.isdigit, word)) for word in words) != 2:
            return None
    return (counts[0], counts[1]) if len(counts) == 2 else None
