"""Every regular expression that the package compiles while it is imported, and texts that are hard on them.

Run as a program it times every pattern on every text, and prints the slowest as JSON: a process of its own sees all of
the package being imported, and can be ended when a pattern does not.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

SIZE = 100_000
ROOTS = ("archive", "authoring", "cli", "demo", "exports", "pipelines", "scraper")
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


def slowest_use(pattern: re.Pattern[Any], text: Any) -> float:
    """Return the CPU seconds of the slowest way of using a pattern; `findall` searches all of a text."""
    return max(_seconds(way, text) for way in (pattern.match, pattern.fullmatch, pattern.findall))


def _seconds(way: Any, text: Any) -> float:
    """Return the CPU seconds of one use, the least of three where the first seems slow."""
    took = _once(way, text)
    return took if took < len(text) * 5e-7 else min(took, _once(way, text), _once(way, text))


def _once(way: Any, text: Any) -> float:
    start = time.process_time()
    way(text)
    return time.process_time() - start


def main(size: int, every: int) -> None:
    """Print how slow each pattern is on its slowest of every so manieth text of a size."""
    texts = [text[:size] for text in hard_texts()][::every]
    slowest = {}
    for name, pattern in compiled_patterns().items():
        given = texts if isinstance(pattern.pattern, str) else [text.encode() for text in texts]
        slowest[name] = max((slowest_use(pattern, text), str(text[:12])) for text in given)
    print(json.dumps({"texts": len(texts), "slowest": slowest}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
