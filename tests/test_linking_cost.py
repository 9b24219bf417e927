"""What linking costs on threads that mean harm: bounded time and memory, without exact figures."""

import subprocess
import sys
from pathlib import Path

import pytest

_SECONDS, _MEGABYTES = 60, 300
_PROGRAM = """
import random, re
from belowtheline.pipelines.linking.engine import link
from tests.invented import said, thread

{body}
links = link(thread(*comments))
# Of this process alone: ru_maxrss would count what the one that started it had, until it was another program.
peak = re.search("VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]
print(len(links.quotes), int(peak) // 1024)
"""
THREADS = {
    "one word repeated": """
comments = [said(n, f"A{n}", "spam " * 100_000 if n < 3 else '"' + "spam " * 5_000 + '"') for n in range(1, 9)]""",
    "identical comments": """
body = '@A1: "we know what the kettle said yesterday" - I agree with what the kettle said yesterday evening.'
comments = [said(n, f"A{n}", body, "what the kettle said yesterday evening") for n in range(1, 10_001)]""",
    "identical comments of one name": """
body = '@Bob "we know what the kettle said yesterday evening"'
comments = [said(n, "Bob" if n % 2 else "Ann", body, "what the kettle said yesterday") for n in range(1, 10_001)]""",
    "a long span": """
words = random.Random(1).choices([f"w{n}x" for n in range(5_000)], k=8_000)
changed = [word if n % 40 else "zzz" for n, word in enumerate(words)]
comments = [said(1, "A", " ".join(words)), said(2, "B", '"' + " ".join(words) + '"')]
comments.append(said(3, "C", '"' + " ".join(changed) + '"'))""",
    "many marks": """
comments = [said(n, f"A{n}", '"a kettle boils over noon" ' * 4_000) for n in range(1, 6)]""",
    "many at signs": """
comments = [said(n, f"A {n}", "@A 1, " * 15_000 + "\\n@A 2" * 2_000) for n in range(1, 21)]""",
    "sentences that all repeat": """
body = "It was said that the kettle number {} boils over the shed. " * 20 + "\\n\\nNo."
comments = [said(n, f"A{n}", body.format(*[n % 7] * 20)) for n in range(1, 3_001)]""",
    "names and times beside quotations": """
body = '@Dave 10:43 Dave wrote: "the pot {}"\\n\\n@AC 10:43 "the pot" - Dave\\n\\n'
comments = [said(n, "Dave" if n % 2 else f"B{n}", body.format(n) * 30, f"@AC 10:{n % 60}") for n in range(1, 301)]""",
    "levels, gaps and marks of forums": """
body = "".join(f"{'>' * (n % 60)} tea pot lid {n} ... cup\\n" for n in range(5_000))
comments = [said(n, f"A{n}", body + "[quote=A1]" * 3_000 + "tea pot" + "[/quote]" * 3_000) for n in range(1, 6)]""",
    "italics of one word": """
html = "<i>" + "tea " * 10_000 + "x</i>" + "<i>tea tea tea tea</i>" * 1_000
comments = [said(n, f"A{n}", "tea " * 20_000, html=html) for n in range(1, 4)]""",
}


@pytest.mark.parametrize("body", THREADS.values(), ids=THREADS)
def test_a_thread_that_means_harm_is_linked_in_bounded_time_and_memory(body: str) -> None:
    root = Path(__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(body=body)],
        cwd=root, capture_output=True, text=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2_000:]
    assert int(ended.stdout.split()[1]) < _MEGABYTES
