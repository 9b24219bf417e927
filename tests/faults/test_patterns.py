"""Every regular expression of the package, and the readers of dates, on 100 kB of what is hard on them."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from belowtheline.pipelines import normalise
from belowtheline.scraper.items import Comment
from tests.faults.conftest import Figure
from tests.faults.patterns import SIZE, hard_texts
from tests.recorded import shown_page

LEAST = 200
"""Patterns that are found at least; fewer, and the search for them is broken."""
SLOWEST = 0.3
"""CPU seconds for 100 kB: three times what a quiet machine needs; what is quadratic takes a minute."""


@pytest.mark.parametrize(("size", "every"), [(10_000, 8), pytest.param(SIZE, 2, marks=pytest.mark.long)])
def test_every_pattern_is_linear_on_every_text(figure: Figure, size: int, every: int) -> None:
    program = Path(__file__).with_name("patterns.py")
    done = subprocess.run(
        [sys.executable, program, str(size), str(every)], capture_output=True, text=True, timeout=1800, check=True
    )
    found = json.loads(done.stdout)
    slowest = {name: took for name, (took, _) in found["slowest"].items()}
    assert len(slowest) >= LEAST
    slow = {name: found["slowest"][name] for name, took in slowest.items() if took > SLOWEST * size / SIZE}
    assert slow == {}
    longest = max(slowest.values()) * 1000
    figure(f"patterns: {len(slowest)} on {found['texts']} texts of {size} bytes, slowest {longest:.0f} ms")


@pytest.mark.parametrize("every", [24, pytest.param(1, marks=pytest.mark.long)])
def test_dates_and_titles_of_100_kb_cost_little(figure: Figure, every: int) -> None:
    took = []
    for text in list(hard_texts())[::every]:
        page = shown_page(Comment(native_id="1", position=1, title=text, published_raw=text, edited_raw=text))
        start = time.process_time()
        normalise(page)
        took.append(time.process_time() - start)
    assert max(took) < SLOWEST  # a title and two dates
    figure(f"dates: {len(took)} comments with a title and two dates of 100 kB, slowest {max(took) * 1000:.0f} ms")
