"""Trees: ids and parents of comments, which only all comments of a thread together tell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from belowtheline.reading.items import NOT_SHOWN, Comment, Shown, Stub
from belowtheline.sites.structured import addresses
from belowtheline.sites.structured.comments import permalinks, read_item
from belowtheline.sites.structured.nodes import Node


@dataclass(frozen=True, slots=True)
class Found:
    """The comments of one thread as one notation has them."""

    comments: tuple[Comment, ...]
    stubs: tuple[Stub, ...]
    disagreements: int


def read_comments(nodes: Sequence[Node], missing: Sequence[Node], posts: Sequence[Node], thread: str) -> Found:
    """Return the comments of items in page order; `posts` are what they may say that they answer."""
    tree = _Tree(nodes, posts, thread)
    comments = tuple(tree.comment(position, node) for position, node in enumerate(nodes, 1))
    return Found(comments, tuple(tree.stubs(missing)), tree.disagreements)


class _Answer(NamedTuple):
    """What a comment answers: a comment of the page, one it only names, or the article; nothing where nothing says."""

    comment: Node | None = None
    name: str | None = None
    is_top: bool | None = None


class _Tree:
    """Ids and parents, which only all comments of a thread together tell."""

    def __init__(self, nodes: Sequence[Node], posts: Sequence[Node], url: str) -> None:
        self._url = url
        told = {node: [(name, i) for name in node.names if (i := addresses.comment_id(name, url))] for node in nodes}
        self._ids = _unique_ids(told)
        self._known = {self._key(name): node for node in reversed(nodes) for name, _ in told[node]}
        self._posts = {self._key(name) for post in posts for name in (*post.names, post.address() or "") if name}
        self._positions = {node: position for position, node in enumerate(nodes, 1)}
        self._unknown: dict[str, str | None] = {}
        self.disagreements = 0
        self._answers = {node: self._answer(node) for node in nodes}
        # Where nothing nests and nothing names what it answers, a list in a row does not say that all are on the top.
        self._is_tree = any(answer.comment or answer.name for answer in self._answers.values())
        self._depths = self._measure(nodes)

    def comment(self, position: int, node: Node) -> Comment:
        above = self._answers[node].comment
        return Comment(
            native_id=self._ids[node],
            position=position,
            parent_native_id=self._parent_id(self._answers[node]),
            parent_position=self._positions[above] if above is not None and self._ids[above] is None else None,
            depth=self._depths[node],
            **read_item(node, self._url),
        )

    def stubs(self, missing: Sequence[Node]) -> Iterator[Stub]:
        """Yield comments that are named and not held, each once."""
        seen = {found for found in self._ids.values() if found}
        for node in missing:
            name = next(filter(None, (addresses.comment_id(name, self._url) for name in node.names)), None)
            if name and name not in seen:
                seen.add(name)
                above = self._ids.get(node.above) if node.above is not None else None
                url = next(permalinks(node, self._url), None)
                yield Stub(native_id=name, parent_native_id=above or NOT_SHOWN, url=url)
        yield from (Stub(native_id=name, url=url) for name, url in self._unknown.items() if name not in seen)

    def _key(self, name: str) -> str:
        return addresses.resolve(name, self._url) or name

    def _answer(self, node: Node) -> _Answer:
        """Return what an item says that it answers, else what it stands in."""
        said = self._said(node)
        nested = self._nested(node)
        if said is None:
            return _Answer(is_top=False) if node.is_open else nested
        self.disagreements += bool(said.comment and nested.comment and said.comment is not nested.comment)
        return said

    def _nested(self, node: Node) -> _Answer:
        """Return the comment that an item stands in, which may be held elsewhere on the page or nowhere."""
        above = node.above
        if above is None or above in self._ids:
            return _Answer(above)
        held = next((self._known[key] for key in map(self._key, above.names) if key in self._known), None)
        name = next(filter(None, (addresses.comment_id(name, self._url) for name in above.names)), None)
        return _Answer(held) if held is not None else _Answer(name=name, is_top=False)

    def _said(self, node: Node) -> _Answer | None:
        if "parentItem" not in node.values:
            return None
        said = [(name, False) for name in node.texts("parentItem")]
        said += [(name, other.is_comment) for other in node.nodes("parentItem") for name in _names(other)]
        for name, _ in said:
            found = self._known.get(self._key(name))
            if found is not None and found is not node:
                return _Answer(found)
        for name, is_comment in said:
            if self._is_article(name):
                return _Answer(is_top=True)
            unknown = addresses.comment_id(name, self._url)
            if unknown and (is_comment or self._is_on_page(name)):
                self._unknown[unknown] = addresses.resolve(name, self._url)
                return _Answer(name=unknown)
        return None

    def _is_article(self, name: str) -> bool:
        url = addresses.resolve(name, self._url)
        return self._key(name) in self._posts or bool(
            url and "#" not in url and addresses.is_own(url, self._url) and addresses.same_thread(url, self._url)
        )

    def _is_on_page(self, name: str) -> bool:
        url = addresses.resolve(name, self._url)
        return bool(url and "#" in name and addresses.is_own(url, self._url) and addresses.same_thread(url, self._url))

    def _parent_id(self, answer: _Answer) -> Shown[str]:
        if answer.comment is not None:
            return self._ids[answer.comment] or NOT_SHOWN
        return answer.name or (None if self._is_at_top(answer) else NOT_SHOWN)

    def _is_at_top(self, answer: _Answer) -> bool:
        is_alone = answer.comment is None and answer.name is None
        return is_alone and (self._is_tree if answer.is_top is None else answer.is_top)

    def _measure(self, nodes: Sequence[Node]) -> dict[Node, Shown[int]]:
        """Return the depth of each comment, without recursion, and not told where parents go in a circle."""
        depths: dict[Node, Shown[int]] = {}
        for node in nodes:
            path: list[Node] = []
            step: Node | None = node
            while step is not None and step not in depths:
                depths[step] = NOT_SHOWN
                path.append(step)
                step = self._answers[step].comment
            top: Shown[int] = depths[step] if step is not None else NOT_SHOWN
            if step is None and self._is_at_top(self._answers[path[-1]]):
                top = -1
            for number, each in enumerate(reversed(path), 1):
                depths[each] = top + number if isinstance(top, int) else NOT_SHOWN
        return depths


def _unique_ids(told: Mapping[Node, Sequence[tuple[str, str]]]) -> dict[Node, str | None]:
    """Return each comment's id, of its names with what they say as ids: the surest that no other comment has."""
    found = {node: dict.fromkeys(said for _, said in names) for node, names in told.items()}
    counts = Counter(said for ids in found.values() for said in ids)
    return {node: next((said for said in ids if counts[said] == 1), None) for node, ids in found.items()}


def _names(node: Node) -> list[str]:
    return [*node.names, *node.texts("@id", "url")]
