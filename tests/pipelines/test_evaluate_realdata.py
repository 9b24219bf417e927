"""Rules measured on real threads of six platforms by the platforms' own links; nothing of the threads is kept here."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from belowtheline.archive.links.keeping import read_thread
from belowtheline.archive.queries.site_links import silent_comments, threads_with_links
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.ingest import ingest
from belowtheline.pipelines.evaluation.evaluation import ALL_EDGES, Evaluation, Evaluator, RuleScore
from belowtheline.pipelines.evaluation.gold import from_parents
from belowtheline.pipelines.linking.engine import link
from belowtheline.pipelines.linking.rules import RULES
from tests.places import REALDATA

PLATFORMS = ("reddit", "slashdot", "hackernews", "discourse", "lobsters", "guardian")
_ATTRIBUTED = re.compile(r'<aside class="quote[^"]*"[^>]*data-post="(\d+)"[^>]*data-topic="(\d+)"')

pytestmark = pytest.mark.skipif(
    not all((REALDATA / name).is_dir() for name in PLATFORMS),
    reason=f"the real threads are not there: set BTL_REALDATA (tried {REALDATA})",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    path = tmp_path_factory.mktemp("measured") / "real.db"
    ingest(path, [str(REALDATA / name) for name in PLATFORMS], fetched_at="2026-11-30T10:00:00Z")
    with Archive.open_to_read(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def measured(archive: Archive) -> Evaluation:
    evaluator = Evaluator()
    for held in threads_with_links(archive):
        thread = read_thread(archive, held.row_id)
        evaluator.add(held.site, thread, from_parents(thread, silent_comments(archive, held.row_id)))
    return evaluator.result()


def rule(measured: Evaluation, name: str) -> RuleScore:
    return next(score for score in measured.rules if score.rule == name)


def test_all_platforms_are_measured(measured: Evaluation) -> None:
    assert {site.site for site in measured.sites} == set(PLATFORMS)
    assert measured.gold_edges > 800


def test_no_rule_that_is_on_is_known_to_be_below(measured: Evaluation) -> None:
    assert [score.rule for score in measured.rules if score.default == "on" and score.is_below] == []
    assert rule(measured, "quote_long").judged >= 65


def test_the_floors_of_what_was_measured_hold(measured: Evaluation) -> None:
    floors = {"quote_long": 0.97, "quote": 0.95, "re_title": 0.95, ALL_EDGES: 0.96}
    found = {name: rule(measured, name).precision for name in floors}
    assert {name for name, floor in floors.items() if (found[name] or 0) < floor} == set()
    assert (measured.coverage.exact_of_linked or 0) >= 0.94


def test_what_was_measured_below_is_off(measured: Evaluation) -> None:
    assert rule(measured, "re_title_again").is_below
    assert not RULES["re_title_again"].is_on


def _posts() -> Iterator[dict[str, Any]]:
    for file in sorted((REALDATA / "discourse").glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        topic = document.get("id")
        for post in document["post_stream"]["posts"]:
            yield post | {"topic_id": post.get("topic_id", topic)}


def test_whom_a_discourse_post_quotes_beside_its_parent_is_whom_the_forum_itself_names(archive: Archive) -> None:
    numbers = {str(post["id"]): (str(post["post_number"]), str(post["topic_id"])) for post in _posts()}
    quoted = {str(post["id"]): set(_ATTRIBUTED.findall(post["cooked"])) for post in _posts()}
    beside = []
    for held in threads_with_links(archive):
        if held.site == "discourse":
            thread = read_thread(archive, held.row_id)
            names = {comment.row_id: comment.native_id for comment in thread.comments}
            parents = {comment.row_id: comment.parent_id for comment in thread.comments}
            edges = {(edge.comment_id, edge.target_id) for edge in link(thread).edges if "quote" in edge.rule}
            beside += [(names[one], names[to]) for one, to in edges if parents[one] not in (to, None)]
    unattributed = [(one, to) for one, to in beside if numbers[to] not in quoted[one]]
    assert len(beside) > 10
    assert len(unattributed) <= 1  # a post that sets another's words as a block itself, without the forum's mark
