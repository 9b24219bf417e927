"""Print the table of speed and memory: `python bench/run.py [--quick] [--strict] [NAME...]`."""

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.measuring import Row

BENCHES = (
    "reading",
    "platforms",
    "crawling",
    "growing",
    "updating",
    "storing",
    "dates",
    "exporting",
    "linking",
    "starting",
    "verifying",
    "packed",
    "bounds",
)
_LINE = "{:<62} {:>12} {:>12} {:>8} {:>7}  {}"


def main() -> int:
    """Run the benches that are named, print their table, and return 1 where --strict finds a figure over its limit."""
    parser = argparse.ArgumentParser(description="Ratios hold on any machine; absolute figures are this machine's.")
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"one of {', '.join(BENCHES)}; all unless given")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller archives")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a figure is over its limit")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}: there are {', '.join(BENCHES)}")
    over = [row for row in _table(options.names or BENCHES, options.quick) if row.is_over]
    return int(options.strict and bool(over))


def _table(names: tuple[str, ...], quick: bool) -> Iterator[Row]:
    print(_LINE.format("bench", "ours", "floor", "ratio", "limit", ""))
    for name in names:
        for row in import_module(f"bench.{name}").bench(quick):
            print(_formatted(row), flush=True)
            yield row


def _formatted(row: Row) -> str:
    floor = "-" if row.floor is None else f"{row.floor:,.2f} {row.unit}"
    ratio = "-" if row.floor is None else f"{row.figure:.2f}"
    state = "over" if row.is_over else "ok"
    return _LINE.format(row.name, f"{row.ours:,.2f} {row.unit}", floor, ratio, f"{row.limit:.3g}", state)


if __name__ == "__main__":
    sys.exit(main())
