"""The real sample, linked, against its annotation by hand; what that calls weak or ambiguous is not scored."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from tests.places import REALDATA

SAMPLE = REALDATA / "register" / "contactpoint-2008-08-26.txt"
GOLD = SAMPLE.with_suffix(".gold.json")

pytestmark = pytest.mark.skipif(
    not GOLD.is_file(), reason=f"the real sample is not there: set BTL_REALDATA (tried {GOLD})"
)

EXPLICIT = {(12, 4), (20, 9), (25, 23), (28, 14), (30, 22), (32, 4), (32, 12), (36, 35)}
_IN_THREAD = ("article_title", "article_teaser", "comment ")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("linked") / "sample.db"
    assert CliRunner().invoke(main, ["ingest", str(path), str(SAMPLE)]).exit_code == 0
    return path


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(GOLD.read_text(encoding="utf-8"))
    return found


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with Archive.open_to_read(path) as archive:
        return archive.query(sql).fetchall()


def _edges(path: Path) -> set[tuple[int, int]]:
    sql = """
        SELECT a.position, b.position FROM reply_edges e
        JOIN comments a ON a.id = e.comment_id JOIN comments b ON b.id = e.target_comment_id"""
    return set(_rows(path, sql))


def test_the_explicit_edges_are_found_and_nothing_else(path: Path, gold: list[dict[str, Any]]) -> None:
    explicit = {
        (one["n"], reply["n"]) for one in gold for reply in one["replies_to"] if reply["certainty"] == "explicit"
    }
    assert explicit == EXPLICIT
    assert _edges(path) == EXPLICIT


def test_the_traps_are_not_fallen_into(path: Path) -> None:
    assert not {answering for answering, _ in _edges(path)} & {4, 31, 34}


def test_every_edge_is_explained_and_its_confidence_below_one(path: Path) -> None:
    for answering, answered in EXPLICIT:
        explained = CliRunner().invoke(main, ["explain", str(path), str(answering)]).stdout
        assert f"{answering} answers {answered} (0." in explained


def _source(quote: dict[str, Any]) -> str:
    return str(quote["source"])


def test_every_longer_span_with_a_source_here_has_it_and_no_other_has_one(
    path: Path, gold: list[dict[str, Any]]
) -> None:
    sql = """
        SELECT c.position, q.text, q.source_type, s.position FROM quotes q
        JOIN comments c ON c.version_id = q.version_id LEFT JOIN comments s ON s.id = q.source_comment_id"""
    found = {
        (place, text): f"comment {source}" if kind == "comment" else kind
        for place, text, kind, source in _rows(path, sql)
    }
    missed, wrong = [], []
    for one in gold:
        for quote in one["quotes"]:
            ours, source = found.get((one["n"], quote["text"]), "no span"), _source(quote)
            is_here = source.startswith(_IN_THREAD)
            if is_here and len(quote["text"].split()) >= 4 and ours != source:
                missed.append((one["n"], quote["text"], source, ours))
            if ours not in ("none", "no span") and ours != source:
                wrong.append((one["n"], quote["text"], source, ours))
    assert (missed, wrong) == ([], [])
    assert sum(source != "none" for source in found.values()) == 6


def test_offsets_point_at_the_words(path: Path) -> None:
    sql = """
        SELECT q.text, substr(CASE q.source_field WHEN 'title' THEN v.title ELSE v.body_text END,
            q.source_start + 1, q.source_end - q.source_start)
        FROM quotes q JOIN comment_versions v ON v.id = q.source_version_id"""
    for text, source in _rows(path, sql):
        assert source.strip(' ."?()') in text
