"""Starting: `btl --help` beside the import of click, and without anything heavy."""

import sys
from collections.abc import Iterator

from bench.measuring import Row, compare, run

_HEAVY = ("scrapy", "twisted", "datasette", "lxml", "dateparser", "sqlite_utils")
_HELP = "import sys; sys.argv = ['btl', '--help']; from belowtheline.cli import main; main({})"
_LOADED = f"; assert not (loaded := sys.modules.keys() & set({_HEAVY!r})), loaded"


def bench(quick: bool) -> Iterator[Row]:
    """Measure whole processes."""
    run(sys.executable, "-c", _HELP.format("standalone_mode=False") + _LOADED)

    def ours() -> float:
        done = run(sys.executable, "-c", _HELP.format(""))
        assert "crawl" in done.output
        return done.seconds

    def floor() -> float:
        return run(sys.executable, "-c", "import click; assert click.Command").seconds

    compared = compare(ours, floor, 7 if quick else 21)
    yield compared.row("btl --help / import click", "ms", 1000, 2.5)
