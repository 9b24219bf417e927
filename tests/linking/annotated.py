"""Reads an invented thread from its file: `N AUTHOR [HH:MM] [-> N]... [! TRAP]`, `= TITLE`, and the body."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.txt"))
_HEADER = re.compile(
    r"(?P<number>\d+) (?P<author>.+?)(?: (?P<at>\d\d:\d\d))?(?P<answers>(?: -> \d+)*)(?: ! (?P<trap>.+))?"
)
_DIVIDER = "\n---\n"


@dataclass(frozen=True)
class Said:
    """One comment of an invented thread, and what is true of it."""

    number: int
    author: str
    at: str | None
    title: str | None
    body: str
    answers: tuple[int, ...]
    """Whom it answers by a cue that stands in it."""
    trap: str | None
    """What may mislead: beyond `answers` it answers nobody."""

    @property
    def is_anonymous(self) -> bool:
        """Whether its house knows the author as nobody in particular."""
        return self.author == "Anonymous Coward"


@dataclass(frozen=True)
class Annotated:
    """An invented thread: its house style, what stands above it, and its comments."""

    style: str
    headline: str
    teaser: str | None
    comments: tuple[Said, ...]


def read(file: Path) -> Annotated:
    """Return the thread of a file."""
    head, *parts = file.read_text(encoding="utf-8").split(_DIVIDER)
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    return Annotated(facts["style"], facts["headline"], facts.get("teaser"), tuple(map(_said, parts)))


def _said(part: str) -> Said:
    first, *lines = part.strip("\n").split("\n")
    header = _HEADER.fullmatch(first)
    assert header, first
    title = lines.pop(0).removeprefix("= ") if lines[0].startswith("= ") else None
    return Said(
        number=int(header["number"]),
        author=header["author"],
        at=header["at"],
        title=title,
        body="\n".join(lines),
        answers=tuple(map(int, re.findall(r"\d+", header["answers"]))),
        trap=header["trap"],
    )
