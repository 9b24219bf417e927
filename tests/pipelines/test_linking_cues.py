"""Explicit cues in invented threads of several houses, read from their pages: how many are found, and nothing wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.linking.annotated import FILES, Annotated, Said, read
from tests.linking.styles import STYLES
from tests.made_up import Held

RECALL, PRECISION = 0.95, 1.0
"""Floors; the figures of docs/linking.md are those that this test prints."""
LEAST_THREADS, LEAST_CUES, LEAST_TRAPS = 8, 60, 60
_EDGES = """
    SELECT a.position, b.position, e.rule FROM reply_edges e
    JOIN comments a ON a.id = e.comment_id JOIN comments b ON b.id = e.target_comment_id
    WHERE e.family = 'inferred'"""


@dataclass
class Found:
    """What was found in one thread."""

    thread: Annotated
    edges: dict[tuple[int, int], set[str]] = field(default_factory=dict)

    @property
    def cues(self) -> set[tuple[int, int]]:
        """The edges that are true."""
        return {(said.number, target) for said in self.thread.comments for target in said.answers}

    @property
    def right(self) -> set[tuple[int, int]]:
        """Those of them that were found."""
        return self.cues & self.edges.keys()

    @property
    def traps(self) -> list[Said]:
        """The comments that set a trap."""
        return [said for said in self.thread.comments if said.trap]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    return {file.stem: _found(file, tmp_path_factory.mktemp(file.stem)) for file in FILES}


def _found(file: Path, folder: Path) -> Found:
    thread, held = read(file), Held(folder)
    held.take(STYLES[thread.style](thread), "2025-03-20T10:00:00Z")
    authors = held.rows("SELECT position, author_name FROM comments ORDER BY position")
    assert authors == [(said.number, said.author.removesuffix(" (Written by Reg staff)")) for said in thread.comments]
    edges: dict[tuple[int, int], set[str]] = {}
    for answering, answered, rule in held.rows(_EDGES):
        edges.setdefault((answering, answered), set()).add(rule)
    return Found(thread, edges)


def _wrong(found: dict[str, Found]) -> Iterator[tuple[str, int, int, set[str]]]:
    for name, one in found.items():
        yield from ((name, *pair, rules) for pair, rules in one.edges.items() if pair not in one.cues)


def test_there_are_enough_cues_and_traps_in_enough_houses(found: dict[str, Found]) -> None:
    assert len(found) >= LEAST_THREADS
    assert {one.thread.style for one in found.values()} == set(STYLES)
    assert sum(len(one.cues) for one in found.values()) >= LEAST_CUES
    assert sum(len(one.traps) for one in found.values()) >= LEAST_TRAPS


def test_nothing_wrong_is_found(found: dict[str, Found]) -> None:
    assert list(_wrong(found)) == []


def test_most_explicit_cues_are_found(found: dict[str, Found]) -> None:
    for name, one in found.items():
        print(f"{name}: {len(one.right)} of {len(one.cues)}, missed {sorted(one.cues - one.right)}")
    cues = sum(len(one.cues) for one in found.values())
    right = sum(len(one.right) for one in found.values())
    edges = sum(len(one.edges) for one in found.values())
    traps = sum(len(one.traps) for one in found.values())
    print(f"{right} of {cues} cues, recall {right / cues:.2f}; {right} of {edges} edges, precision {right / edges:.2f}")
    rules = Counter(rule for one in found.values() for named in one.edges.values() for rule in named)
    print(f"{traps} traps; rules: {dict(rules)}")
    assert right / edges >= PRECISION
    assert right / cues >= RECALL
