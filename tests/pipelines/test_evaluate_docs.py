"""The page on linking lists every rule as it is."""

import re
from pathlib import Path

import pytest

from belowtheline.pipelines.evaluation.evaluation import ENOUGH, LEAST_PRECISION
from belowtheline.pipelines.linking.rules import GUESS, METHOD_VERSION, RULES

_PAGE = Path(__file__).parents[2] / "docs" / "linking.md"
_ROW = re.compile(r"^\| `(\w+)` \| ([\d.]+) \| (on|off|guess) \|", re.MULTILINE)

pytestmark = pytest.mark.checkout


def test_every_rule_stands_there_with_its_confidence_and_default() -> None:
    rules = [
        (
            rule.name,
            f"{rule.confidence:.2f}",
            "on" if rule.makes_edges else "off" if rule.confidence > GUESS else "guess",
        )
        for rule in RULES.values()
    ]
    assert _ROW.findall(_PAGE.read_text(encoding="utf-8")) == rules


def test_the_figures_are_of_this_version_of_the_method() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    assert f"With method version {METHOD_VERSION}, " in text
    assert f"below {LEAST_PRECISION:.2f} is off by default" in text
    assert ENOUGH == 10
    assert "Fewer than ten judged edges" in text


def test_every_rule_has_a_measured_row() -> None:
    measured = _PAGE.read_text(encoding="utf-8").partition("## What was measured")[2]
    assert [
        name for name in RULES if not re.search(rf"^\| `{name}` \| (on|off|guess) \|", measured, re.MULTILINE)
    ] == []
