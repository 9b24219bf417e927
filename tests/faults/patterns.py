"""Every regular expression that the package compiles while it is imported, and texts that are hard on them.

Run as a program it tries every pattern on every text, and prints as JSON which are not linear: a process of its own
sees all of the package being imported, and can be ended when a pattern does not end.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from tests.growth import assert_linear, cpu_seconds

_LITTLE = 5e-7
"""CPU seconds a character that no pattern is suspected for."""
SIZE = 100_000
ROOTS = ("archive", "authoring", "cli", "demo", "exports", "jobs", "pipelines", "reading", "scraper", "sites")
_ATOMS = (
    " ",
    "\n",
    "\t",
    "\r\n",
    "a",
    "a ",
    "ab",
    "A",
    "1",
    "0",
    "12",
    "1,",
    "1.",
    "-",
    "--",
    "=",
    "/",
    "\\",
    "//",
    ".",
    "..",
    ":",
    "12:",
    ";",
    "&",
    "&#",
    "&#1;",
    "<",
    "<a",
    "<a ",
    "</",
    "<p>",
    "<p",
    "<!--",
    "<title",
    "<title>",
    "<title> ",
    '<b c="',
    ">",
    "> ",
    "> > ",
    "\n> ",
    "\n\n",
    "\n ",
    " \n",
    "\n- ",
    "(",
    ")",
    "()",
    "[",
    "]",
    "[[",
    "{",
    "}",
    '"',
    '""',
    "'",
    "“",
    "”",
    "‘",
    "’",
    "“a",
    "” ",
    "*",
    "**",
    "_",
    "~",
    "~1",
    "#",
    "@",
    "@a ",
    "@a, ",
    "a@",
    "a.b@",
    "http://",
    "https://a/",
    "a/b/",
    "/forum/",
    "?a=",
    "&a=b",
    "%",
    "%20",
    "+",
    "$",
    "^",
    "|",
    "`",
    "```\n",
    "é",
    "ß",
    "日",
    "日 ",
    "\U0001f375",
    "\u0301",
    "\u200b",
    "\u2028",
    "\xa0",
    "\ufeff",
    "\0",
    "\x1b[",
    "Re: ",
    "Re:",
    "RE[2]: ",
    "in reply to ",
    "wrote:",
    "a wrote: ",
    "said: ",
    "on ",
    "2009-07-18",
    "2009-07-18T09:35:00Z ",
    "18 Jul 2009 ",
    "Jul 18, 2009, 9:35 ",
    "2 days ago ",
    "1 hour, ",
    "vor 2 Tagen ",
    "1st ",
    "1 comment",
    "(1 of 2) ",
    "page 1 of ",
    "points by ",
    "score:",
    "Score:5, ",
    "null,",
    '{"',
    "\\u00",
    '\\"',
    "window.",
    "var a = ",
    "type=",
    'id="',
    'class="comment ',
)
_ENDS = ("", "!", "\n", "<", '"', " x")


def hard_texts() -> Iterator[str]:
    """Yield texts of 100 kB: one thing over and over, ended so that what was matched so far fails."""
    for atom in _ATOMS:
        repeated = (atom * (SIZE // len(atom) + 1))[:SIZE]
        yield repeated
        yield repeated[:-1] + _ENDS[len(atom) % (len(_ENDS) - 1) + 1]
    for start in ("<", '"', "(", "http://", "<title>", "> ", "@"):
        yield start + "a" * SIZE
        yield start + " " * SIZE
        yield start + " \n" * (SIZE // 2) + "x"


def compiled_patterns() -> dict[str, re.Pattern[Any]]:
    """Return each pattern by the module that compiles it and its source; for a process that imported nothing yet."""
    found: dict[str, re.Pattern[Any]] = {}
    compile_it = re.compile

    def recording(pattern: Any, flags: Any = 0) -> Any:
        compiled = compile_it(pattern, flags)
        name = sys._getframe(1).f_globals.get("__name__", "")
        if name.startswith("belowtheline."):
            found[f"{name}: {compiled.pattern!r} {compiled.flags}"] = compiled
        return compiled

    re.compile = recording  # type: ignore[assignment]
    try:
        for root in ROOTS:
            package = import_module(f"belowtheline.{root}")
            import_all(package)
    finally:
        re.compile = compile_it  # type: ignore[assignment]
    return found


def import_all(package: ModuleType) -> None:
    """Import every module of a package."""
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)


def cost(pattern: re.Pattern[Any], text: Any) -> float:
    """Return the CPU seconds of the dearest way of using a pattern, and assert that each way grows as its text does.

    `findall` searches all of a text. What takes under half a microsecond a character is taken for linear.
    """
    dearest = 0.0
    for way in (pattern.match, pattern.fullmatch, pattern.findall):
        took = cpu_seconds(lambda size, way=way: way(text[:size]), len(text))
        if took > len(text) * _LITTLE:
            assert_linear(way, text)
        dearest = max(dearest, took)
    return dearest


def main(size: int, every: int) -> None:
    """Print which patterns are not linear on every so manieth text of a size, and what the dearest costs."""
    texts = [text[:size] for text in hard_texts()][::every]
    dearest, not_linear = 0.0, {}
    patterns = compiled_patterns()
    for name, pattern in patterns.items():
        for text in texts if isinstance(pattern.pattern, str) else [text.encode() for text in texts]:
            try:
                dearest = max(dearest, cost(pattern, text))
            except AssertionError as grown:
                not_linear[name] = f"{text[:12]!r}: {grown}"
                break
    print(json.dumps({"patterns": len(patterns), "texts": len(texts), "dearest": dearest, "not_linear": not_linear}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
