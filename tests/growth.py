"""How cost grows with size: CPU time of a part beside that of the whole, in one run, whatever else the machine does."""

import time
from collections.abc import Callable
from typing import TypeVar

Text = TypeVar("Text", str, bytes)

_PART = 4
_MOST = 10
"""Times the cost of a quarter that the whole may take: what is linear takes 4, what is quadratic 16."""
_LEAST_SECONDS = 0.002
"""A quarter that takes less than this is too short to be measured; 500 times as much is still found."""
_TRIES = 3
_RUNS = 7


def assert_linear(work: Callable[[Text], object], text: Text) -> None:
    """Assert that a text costs little more than four times what a quarter of it costs."""
    assert_grows(lambda size: work(text[:size]), len(text))


def assert_grows(work: Callable[[int], object], size: int) -> None:
    """Assert that work of a size costs little more than four times what work of a quarter of the size costs."""
    measured = []
    for _ in range(_TRIES):
        part, whole = cpu_seconds(work, size // _PART), cpu_seconds(work, size)
        if whole <= _MOST * max(part, _LEAST_SECONDS):
            return
        measured.append(f"{part:.4f} s and {whole:.4f} s")
    raise AssertionError(f"a quarter and the whole of {size} took {'; '.join(measured)}")


def assert_costs_at_most(times: float, work: Callable[[], object], reference: Callable[[], object]) -> None:
    """Assert that work costs at most so many times what other work costs, the cheapest run of each in turn."""
    costs, references = [], []
    for _ in range(_RUNS):
        costs.append(cpu_seconds(lambda _: work(), 0))
        references.append(cpu_seconds(lambda _: reference(), 0))
        if min(costs) <= times * min(references):
            return
    raise AssertionError(f"{min(costs):.4f} s is more than {times} times {min(references):.4f} s")


def cpu_seconds(work: Callable[[int], object], size: int) -> float:
    """Return the CPU seconds of work of a size."""
    began = time.process_time()
    work(size)
    return time.process_time() - began
