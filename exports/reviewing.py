"""A sheet of inferred replies for people to judge: written as TSV, read again whatever spreadsheet saved it."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from belowtheline.archive.queries.explaining import label
from belowtheline.archive.queries.reviews import VERDICTS, InferredReply, Pair, Side
from belowtheline.exports.reasons import reason
from belowtheline.exports.tables import escape_cell, restore_cell
from belowtheline.reading.errors import BelowTheLineError

COLUMNS = (
    "comment_id",
    "target_comment_id",
    "thread",
    "comment",
    "target",
    "rule",
    "confidence",
    "evidence",
    "comment_author",
    "comment_text",
    "target_author",
    "target_text",
    "check",
    "verdict",
    "note",
)
_READ = ("comment_id", "target_comment_id", "comment_text", "target_text", "check", "verdict")
"""Columns without which a sheet cannot be read; their order is free."""
_SHOWN, _BEFORE, _MOST = 400, 120, 800
"""Code points of a body that are shown, of what stands before the words that matter, and at most."""
_LONGEST_CELL = 1_000_000
_DELIMITERS = "\t;,"
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of a sheet on which a verdict stands."""

    line: int
    pair: Pair
    verdict: str
    note: str | None
    texts: tuple[str, str]
    check: str

    def is_about(self, edge: InferredReply) -> bool:
        """Return whether the line's texts are those that were written, and the archive's and the rules are the same."""
        return self.check == _check(edge, *self.texts)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says, and where it cannot be understood: line and sentence."""

    judgements: tuple[Judgement, ...]
    problems: tuple[tuple[int, str], ...]
    unjudged: int
    """Lines without a verdict."""


def write_sheet(edges: Iterable[InferredReply], file: TextIO) -> None:
    """Write a header and one line an edge, verdict and note empty; no cell has a line break or runs as a formula."""
    writer = csv.writer(file, dialect="excel-tab")
    writer.writerow(COLUMNS)
    for edge in edges:
        cells = _cells(edge)
        writer.writerow(
            [cell if isinstance(cell, int | float) else escape_cell(_line(cell)) for cell in cells.values()]
        )


def _cells(edge: InferredReply) -> Mapping[str, Any]:
    texts = (
        _text(edge.comment, edge, ("field", "start", "end")),
        _text(edge.target, edge, ("source_field", "source_start", "source_end")),
    )
    values = (
        *edge.pair,
        edge.thread,
        edge.comment.native_id,
        edge.target.native_id,
        " ".join(edge.rules),
        edge.findings[0].combined,
        "; ".join(reason(finding, label(finding.target)) for finding in edge.findings),
        edge.comment.author or "",
        texts[0],
        edge.target.author or "",
        texts[1],
        _check(edge, *texts),
        "",
        "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def _text(side: Side, edge: InferredReply, names: tuple[str, str, str]) -> str:
    """Return a comment's title and its body, of a long one what surrounds the words that a rule went by."""
    start = end = 0
    for finding in edge.findings:
        field, first, last = (finding.evidence.get(name) for name in names)
        if field == "body" and isinstance(first, int) and isinstance(last, int):
            start, end = first, last
            break
    title = f"[{side.title}] " if side.title else ""
    return _line(title + excerpt(side.body_text or "", start, end))


def excerpt(text: str, start: int, end: int) -> str:
    """Return a short text whole, and of a long one what surrounds a span, with dots where something is left out."""
    if len(text) <= _SHOWN:
        return text
    first = max(start - _BEFORE, 0)
    last = min(max(first + _SHOWN, end + _BEFORE), first + _MOST)
    return ("... " if first else "") + text[first:last] + (" ..." if last < len(text) else "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _check(edge: InferredReply, comment_text: str, target_text: str) -> str:
    """Return a short hash of an edge's rules and texts and of what is shown of them, however a cell was escaped."""
    shown = [_line(text).lstrip("'") for text in (comment_text, target_text)]
    digest = hashlib.sha256(
        json.dumps([edge.rules, edge.texts_sha256, *shown], ensure_ascii=False).encode()
    ).hexdigest()
    return f"sha256:{digest[:16]}"


def read_sheet(path: Path) -> Sheet:
    """Return what a sheet says; raise BelowTheLineError naming it where it cannot be read, or is no such sheet."""
    text = _decoded(path)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    csv.field_size_limit(_LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip().casefold() for cell in next(lines, [])]
    except csv.Error:
        header = []
    if missing := [name for name in _READ if name not in header]:
        raise BelowTheLineError(
            f"{path} has no column {missing[0]} in its first line: give a sheet that `btl review --sample` wrote."
        )
    return _sheet(_records(lines, header))


def _decoded(path: Path) -> str:
    try:
        found = path.read_bytes()
        return found.decode(_MARKS.get(found[:2], "utf-8-sig"))
    except OSError as error:
        raise BelowTheLineError(f"{path} cannot be read ({error.strerror}): check the name.") from error
    except UnicodeDecodeError as error:
        raise BelowTheLineError(f"{path} is not UTF-8: save the sheet as TSV or CSV in UTF-8.") from error


Record = tuple[int, dict[str, str] | str]


def _records(lines: Any, header: list[str]) -> Iterator[Record]:
    """Yield each line's number and its cells by column, or what is wrong with it; empty lines are passed over."""
    before = lines.line_num
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            yield before + 1, f"it cannot be read ({error})"
            cells = []
        if cells is None:
            return
        number, before = before + 1, lines.line_num
        if len(cells) > len(header) and any(cells[len(header) :]):
            yield number, f"it has {len(cells)} cells, and the first line {len(header)}"
        elif any(cell.strip() for cell in cells):
            yield number, dict(zip(header, chain(cells, [""] * len(header)), strict=False))


def _sheet(records: Iterable[Record]) -> Sheet:
    judgements: list[Judgement] = []
    problems: list[tuple[int, str]] = []
    unjudged = 0
    for line, cells in records:
        if isinstance(cells, str):
            problems.append((line, cells))
        elif not cells["verdict"].strip():
            unjudged += 1
        else:
            found = _judgement(line, cells)
            if isinstance(found, str):
                problems.append((line, found))
            else:
                judgements.append(found)
    return Sheet(tuple(judgements), tuple(problems), unjudged)


def _judgement(line: int, cells: Mapping[str, str]) -> Judgement | str:
    """Return what a line says, or what is wrong with it."""
    verdict = cells["verdict"].strip().casefold()
    if verdict not in VERDICTS:
        return f"{verdict[:40]!r} is no verdict: write {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}"
    numbers = [_number(cells[name]) for name in ("comment_id", "target_comment_id")]
    if numbers[0] is None or numbers[1] is None:
        return "its comment_id or target_comment_id is no number"
    return Judgement(
        line=line,
        pair=(numbers[0], numbers[1]),
        verdict=verdict,
        note=cells.get("note", "").strip() or None,
        texts=(restore_cell(cells["comment_text"]), restore_cell(cells["target_text"])),
        check=cells["check"].strip(),
    )


def _number(cell: str) -> int | None:
    text = cell.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None
