"""The invented pages of the benches, in the form of each platform, for tests that need many comments of each."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_BENCH = Path(__file__).parents[1] / "bench"


def _give_bench() -> None:
    """Let `bench` be imported without its parent, whose folders have names that are ours only below belowtheline."""
    spec = spec_from_file_location("bench", _BENCH / "__init__.py", submodule_search_locations=[str(_BENCH)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules["bench"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["bench"])


if "bench" not in sys.modules:
    _give_bench()

from bench.made import LEVELS, remarks  # noqa: E402 - after the package is known
from bench.platforms import FORMS, Form, are_whole, assert_same, levels_of, said_by  # noqa: E402

__all__ = ["FORMS", "LEVELS", "Form", "are_whole", "assert_same", "levels_of", "remarks", "said_by"]
