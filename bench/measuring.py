"""Measuring two sides in turns, A B A B, so that what disturbs the machine disturbs both."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
"""Where this folder is a package, whatever folder the benches are run from."""

Side = Callable[[], float]
"""Does its work once and returns the CPU seconds it took."""

# A small process starts each command: the peak memory of a child is never below that of the process that forked it.
_LAUNCHER = """
import json, os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print()
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    unit: str
    ours: float
    floor: float | None
    figure: float
    """What the limit is for: the median ratio of ours to the floor, or an absolute figure."""
    limit: float

    @property
    def is_over(self) -> bool:
        """Whether the figure is over its limit."""
        return self.figure > self.limit


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sides after all rounds: the median seconds of each and the median of the ratios of single rounds."""

    ours: float
    floor: float
    ratio: float

    def row(self, name: str, unit: str, scale: float, limit: float) -> Row:
        """Return the line of the table, with both sides multiplied by `scale`."""
        return Row(name, unit, self.ours * scale, self.floor * scale, self.ratio, limit)


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended well."""

    seconds: float
    """CPU, user and system."""
    peak_mb: float
    output: str


def cpu(work: Callable[[], object]) -> Side:
    """Return a side that does this work in this process."""

    def side() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return side


def compare(ours: Side, floor: Side, rounds: int) -> Compared:
    """Run both sides in turns, `rounds` times."""
    return summary([(ours(), floor()) for _ in range(rounds)])


def summary(rounds: Sequence[tuple[float, float]]) -> Compared:
    """Return the medians over rounds of (ours, floor)."""
    ours, floors = zip(*rounds, strict=True)
    return Compared(median(ours), median(floors), median(mine / least for mine, least in rounds))


def run(*command: str, expected: int = 0) -> Ran:
    """Run a command to its end and return what it cost; it must end with the expected exit code."""
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    done = subprocess.run(launcher, capture_output=True, text=True, check=True, cwd=ROOT)
    output, _, last = done.stdout.rstrip("\n").rpartition("\n")
    code, seconds, peak = json.loads(last)
    assert code == expected, f"{command} ended with {code}: {done.stderr[-2000:]}"
    return Ran(seconds, peak / 1024, output)


def btl(*arguments: str) -> Ran:
    """Run a btl command."""
    return run(sys.executable, "-c", "from belowtheline.cli import run; run()", *arguments)


def script(module: str, *arguments: str) -> Ran:
    """Run a module of this folder as a program."""
    return run(sys.executable, "-m", f"bench.{module}", *arguments)
