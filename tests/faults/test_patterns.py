"""Every regular expression of the package, and the readers of dates, on 100 kB of what is hard on them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.items import Comment
from tests.faults.conftest import Figure
from tests.faults.patterns import SIZE, hard_texts
from tests.growth import assert_grows, cpu_seconds
from tests.recorded import shown_page

LEAST = 200
"""Patterns that are found at least; fewer, and the search for them is broken."""


@pytest.mark.parametrize(("size", "every"), [(10_000, 8), pytest.param(SIZE, 2, marks=pytest.mark.long)])
def test_every_pattern_is_linear_on_every_text(figure: Figure, size: int, every: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.patterns", str(size), str(every)],
        capture_output=True,
        text=True,
        timeout=1800,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    found = json.loads(done.stdout)
    assert found["not_linear"] == {}
    assert found["patterns"] >= LEAST
    figure(
        f"patterns: {found['patterns']} on {found['texts']} texts of {size} bytes,"
        f" dearest {found['dearest'] * 1000:.0f} ms of CPU"
    )


@pytest.mark.parametrize("every", [24, pytest.param(1, marks=pytest.mark.long)])
def test_dates_and_titles_grow_as_their_text(figure: Figure, every: int) -> None:
    took = []
    for text in list(hard_texts())[::every]:

        def read(size: int, text: str = text) -> None:
            shown = text[:size]
            comment = Comment(native_id="1", position=1, title=shown, published_raw=shown, edited_raw=shown)
            normalise(shown_page(comment))

        took.append(cpu_seconds(read, SIZE))
        assert_grows(read, SIZE)
    figure(f"dates: {len(took)} comments with a title and two dates of 100 kB, dearest {max(took) * 1000:.0f} ms")
