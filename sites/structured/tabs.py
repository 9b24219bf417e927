"""What a page marks up twice: one list in two tabs, and one identifier for several comments."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from belowtheline.sites.structured.comments import text_of
from belowtheline.sites.structured.nodes import DATES, TEXTS, Node, Reading

Words = tuple[str, str, str]
_SEPARATOR = re.compile(r"[\W_]+")
_NAMED_BY = ("@id", "identifier", "uid", "url", "dateLink")
_CERTAIN = 40
"""Letters and digits that two people do not write alike, where no date tells."""


def words_of(node: Node) -> Words:
    """Return who wrote a comment, when, and what, as far as it matters whether two are one."""
    author = next(iter(node.nodes("author", "creator")), None)
    name = (author.text("name", "alternateName") if author else node.text("author", "creator")) or ""
    text = _SEPARATOR.sub("", text_of(node.text(*TEXTS, "description") or "")).casefold()
    return " ".join(name.split()), (node.text(*DATES) or "").strip(), text


class _Read(dict[Node, Words]):
    """The words of comments, read where they are asked for: most pages show nothing twice."""

    def __missing__(self, node: Node) -> Words:
        self[node] = words_of(node)
        return self[node]


def without_repeats(reading: Reading) -> Reading:
    """Return what a notation says with each comment once, and with no identifier that several comments have.

    Comments of one identifier and the same words are one. A list is left out where each of its comments repeats one of
    a longer or earlier list. Comments of one list are never taken for one another by their words.
    """
    if len(reading.comments) < 2:
        return reading
    words = _Read()
    kept = _repeated_by_name(reading.comments, words)
    left = [node for node in reading.comments if node not in kept]
    for node in _repeated_lists(left, words):
        kept.setdefault(node, node)
    comments = [node for node in left if node not in kept]
    for node in comments:
        if node.above in kept:
            node.above = kept[node.above]
    _take_shared_names(comments, words)
    return replace(reading, comments=comments)


def _repeated_by_name(nodes: Sequence[Node], words: dict[Node, Words]) -> dict[Node, Node]:
    """Return the comments that repeat another of the same name and words, with that one."""
    first: dict[tuple[str, Words], Node] = {}
    kept: dict[Node, Node] = {}
    bearers = Counter(node.names[0] for node in nodes if node.names)
    for node in nodes:
        if node.names and bearers[node.names[0]] > 1:
            same = first.setdefault((node.names[0], words[node]), node)
            if same is not node:
                kept[node] = same
    return kept


def _repeated_lists(nodes: Sequence[Node], words: dict[Node, Words]) -> Iterable[Node]:
    """Return the comments of lists whose comments all stand in a longer list, or in one as long before them."""
    lists: defaultdict[object, list[Node]] = defaultdict(list)
    lists_of: dict[Node, object] = {}
    for node in nodes:
        above = node.above
        lists_of[node] = lists_of.get(above, node.container) if above is not None else node.container
        if lists_of[node] is not None:
            lists[lists_of[node]].append(node)
    if len(lists) < 2:
        return
    longest = sorted(lists.values(), key=len, reverse=True)
    stay: list[Counter[Words]] = []
    for held in longest:
        said = Counter(words[node] for node in held)
        if _is_certain(said) and any(said <= other for other in stay if other.total() > 1):
            yield from held
        else:
            stay.append(said)


def _is_certain(said: Counter[Words]) -> bool:
    """Return whether a list says enough to be known again: two comments, or one that nobody else writes."""
    return said.total() > 1 or all(date or len(text) >= _CERTAIN for _, date, text in said)


def _take_shared_names(nodes: Sequence[Node], words: dict[Node, Words]) -> None:
    """Take away names that comments with different words share: they name none of them."""
    bearers: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        for name in node.names:
            bearers[name].append(node)
    several = {name: named for name, named in bearers.items() if len(named) > 1}
    shared = {name for name, named in several.items() if len({words[node] for node in named}) > 1}
    if not shared:
        return
    for node in nodes:
        node.names = [name for name in node.names if name not in shared]
        for key in _NAMED_BY:
            if key in node.values:
                node.values[key] = [value for value in node.values[key] if value not in shared]
        _forget_parent(node, shared)


def _forget_parent(node: Node, shared: set[str]) -> None:
    """Leave the parent of a comment open where it is named by what names several."""
    parents = node.values.get("parentItem", ())
    left = [each for each in parents if shared.isdisjoint(each.names if isinstance(each, Node) else (each,))]
    if len(left) < len(parents):
        node.values["parentItem"], node.is_open = left, True
