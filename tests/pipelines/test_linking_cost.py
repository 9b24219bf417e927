"""What linking costs on threads that mean harm: as much as they are long, and bounded memory."""

import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

_MEGABYTES = 300
_PROGRAM = """
import random, re
from belowtheline.pipelines.linking.engine import link
from tests.growth import assert_grows
from tests.invented import said, thread

def linked(size):
    of = lambda whole: whole * size // 100
    {body}
    link(thread(*comments))

assert_grows(linked, 100)
# Of this process alone: ru_maxrss would count what the one that started it had, until it was another program.
peak = re.search("VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]
print(int(peak) // 1024)
"""
"""`of` a number is the whole of it, or a quarter where the cost of a quarter is measured."""
THREADS = {
    "one word repeated": """
long, short = "spam " * of(100_000), '"' + "spam " * of(5_000) + '"'
comments = [said(n, f"A{n}", long if n < 3 else short) for n in range(1, 9)]""",
    "identical comments": """
body = '@A1: "we know what the kettle said yesterday" - I agree with what the kettle said yesterday evening.'
comments = [said(n, f"A{n}", body, "what the kettle said yesterday evening") for n in range(1, of(3_000) + 1)]""",
    "identical comments of one name": """
body = '@Bob "we know what the kettle said yesterday evening"'
names = ["Bob" if n % 2 else "Ann" for n in range(of(3_000))]
comments = [said(n, name, body, "what the kettle said yesterday") for n, name in enumerate(names, 1)]""",
    "a long span": """
words = random.Random(1).choices([f"w{n}x" for n in range(5_000)], k=of(8_000))
changed = [word if n % 40 else "zzz" for n, word in enumerate(words)]
comments = [said(1, "A", " ".join(words)), said(2, "B", '"' + " ".join(words) + '"')]
comments.append(said(3, "C", '"' + " ".join(changed) + '"'))""",
    "many marks": """
comments = [said(n, f"A{n}", '"a kettle boils over noon" ' * of(4_000)) for n in range(1, 6)]""",
    "many at signs": """
comments = [said(n, f"A {n}", "@A 1, " * of(15_000) + "\\n@A 2" * of(2_000)) for n in range(1, 21)]""",
    "sentences that all repeat": """
body = "It was said that the kettle number {} boils over the shed. " * 20 + "\\n\\nNo."
comments = [said(n, f"A{n}", body.format(*[n % 7] * 20)) for n in range(1, of(1_600) + 1)]""",
    "names and times beside quotations": """
body = '@Dave 10:43 Dave wrote: "the pot {}"\\n\\n@AC 10:43 "the pot" - Dave\\n\\n'
names = ["Dave" if n % 2 else f"B{n}" for n in range(of(160))]
comments = [said(n, name, body.format(n) * 30, f"@AC 10:{n % 60}") for n, name in enumerate(names, 1)]""",
    "levels, gaps and marks of forums": """
body = "".join(f"{'>' * (n % 60)} tea pot lid {n} ... cup\\n" for n in range(of(2_400)))
body += "[quote=A1]" * of(1_600) + "tea pot" + "[/quote]" * of(1_600)
comments = [said(n, f"A{n}", body) for n in range(1, 6)]""",
    "italics of one word": """
html = "<i>" + "tea " * of(10_000) + "x</i>" + "<i>tea tea tea tea</i>" * of(1_000)
comments = [said(n, f"A{n}", "tea " * of(20_000), html=html) for n in range(1, 4)]""",
}


@pytest.mark.parametrize("body", THREADS.values(), ids=THREADS)
def test_a_thread_that_means_harm_is_linked_in_linear_time_and_bounded_memory(body: str) -> None:
    root = Path(__file__).parents[2]
    program = _PROGRAM.replace("{body}", indent(body, "    ").strip())
    ended = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr[-2_000:]
    assert int(ended.stdout) < _MEGABYTES
