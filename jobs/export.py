"""One export: comments or threads of an archive as CSV, TSV, JSON or JSON lines, from one snapshot of it."""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

from belowtheline.archive.fixity.checksums import checksum_file, checksum_line
from belowtheline.archive.store.database import Archive
from belowtheline.exports.documents import write_document, write_lines, write_thread_lines
from belowtheline.exports.files import output_file
from belowtheline.exports.selection import SelectedComments, Selection, Snapshot, time_bound
from belowtheline.exports.tables import write_table
from belowtheline.exports.threads import CommentsWithOpenings, SelectedThreads
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.names import thread_named
from belowtheline.jobs.progress import Progress, Step, silent
from belowtheline.jobs.targets import check_target
from belowtheline.reading.errors import WrongUsage

Form = Literal["csv", "tsv", "json", "jsonl"]
What = Literal["comments", "threads"]
StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an export writes, and how."""

    form: Form
    what: What
    candidates: bool
    opening: bool
    raw: bool
    bom: bool

    @property
    def encoding(self) -> str:
        return "utf-8-sig" if self.bom else "utf-8"

    @property
    def snapshot(self) -> type[Snapshot]:
        if self.what == "threads":
            return SelectedThreads
        return CommentsWithOpenings if self.opening else SelectedComments

    @property
    def writer(self) -> Callable[[Any, TextIO], None]:
        if self.form in ("csv", "tsv"):
            table: Literal["csv", "tsv"] = "tsv" if self.form == "tsv" else "csv"
            return lambda selected, file: write_table(selected, file, table, is_raw=self.raw)
        if self.what == "threads":
            return write_thread_lines
        return partial(write_document if self.form == "json" else write_lines, with_candidates=self.candidates)

    def check(self) -> None:
        """Raise WrongUsage for what cannot be meant, alone or together."""
        if self.form not in get_args(Form):
            raise WrongUsage(f"{self.form!r} is no format: give one of {', '.join(get_args(Form))}.")
        if self.what not in get_args(What):
            raise WrongUsage(f"{self.what!r} cannot be exported: give one of {', '.join(get_args(What))}.")
        if (self.raw or self.bom) and self.form in ("json", "jsonl"):
            raise WrongUsage(f"--raw and --bom are for csv and tsv: {self.form} is always raw and never has a mark.")
        if self.what == "threads" and self.form == "json":
            raise WrongUsage("Threads are exported as csv, tsv or jsonl: json already has them, with their comments.")
        if self.what == "threads" and (self.candidates or self.opening):
            raise WrongUsage("--candidates and --opening are for comments: a row of threads has its opening post.")
        if self.candidates and self.form in ("csv", "tsv"):
            raise WrongUsage(f"--candidates is for json and jsonl: a row of {self.form} has room for one reply.")
        if self.opening and self.form == "json":
            raise WrongUsage("--opening is for csv, tsv and jsonl: json has the opening post in its thread.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export wrote."""

    ending: Ending
    what: What
    count: int
    """Comments or threads that were written."""


def export(
    archive: StrPath,
    form: Form,
    output: StrPath | TextIO,
    *,
    what: What = "comments",
    threads: str | Sequence[str] = (),
    site: str | None = None,
    author: str | None = None,
    since: str | None = None,
    until: str | None = None,
    where: str | None = None,
    candidates: bool = False,
    opening: bool = False,
    raw: bool = False,
    bom: bool = False,
    checksum: bool = False,
    progress: Progress = silent,
) -> ExportReport:
    """Write comments or threads of an archive to a file, or to a text stream that is open.

    The options are those of `btl export`. A file appears under its name only when it is complete. WrongUsage is raised
    before anything is written where they cannot be meant, and where the file belongs to an archive.
    """
    path = Path(archive)
    target, stream = (Path(output), None) if isinstance(output, str | os.PathLike) else (None, output)
    wanted = _Wanted(form=form, what=what, candidates=candidates, opening=opening, raw=raw, bom=bom)
    wanted.check()
    selection = _selection(threads, site, author, since, until, where)
    _check_target(target, path, with_checksum=checksum)
    with Archive.open_to_read(path) as held:
        selected = wanted.snapshot(held, selection, thread_named)
        if progress is not silent:
            _tell(selected, progress)
        with _opened(target, stream, wanted.encoding) as file:
            wanted.writer(selected, file)
    if checksum and target is not None:
        with output_file(checksum_file(target)) as file:
            file.write(checksum_line(target))
    return ExportReport(ending=Ending.COMPLETE, what=what, count=selected.count)


def _selection(
    threads: str | Sequence[str],
    site: str | None,
    author: str | None,
    since: str | None,
    until: str | None,
    where: str | None,
) -> Selection:
    """Return what is to be taken; raise WrongUsage where a filter cannot be meant."""
    names = (threads,) if isinstance(threads, str) else tuple(threads)
    given = {"--site": (site,), "--author": (author,), "--where": (where,), "--thread": names}
    for option, texts in given.items():
        for text in texts:
            _check_text(option, text or "")
    start, end = _bound("--since", since), _bound("--until", until)
    if start and end and start >= end:
        raise WrongUsage("--until is not after --since, so nothing can lie between them: --until is exclusive.")
    return Selection(threads=names, site=site, author=author, since=start, until=end, where=where)


def _check_text(option: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise WrongUsage(f"{option} {text!r} is not valid UTF-8: check the terminal's encoding.") from error


def _bound(option: str, value: str | None) -> str | None:
    """Return a bound in the form that sorts with times of publication; raise WrongUsage where it is no time."""
    try:
        return None if value is None else time_bound(value)
    except (ValueError, OverflowError) as error:
        raise WrongUsage(
            f"{option} {value!r} is no date: write 2009, 2009-07, 2009-07-18 or 2009-07-18T09:35Z."
        ) from error


def _check_target(target: Path | None, archive: Path, *, with_checksum: bool) -> None:
    if with_checksum and (target is None or (target.exists() and not target.is_file())):
        raise WrongUsage("--checksum is written beside a file: give one with -o FILE.")
    if target is not None:
        check_target(target, archive)
        if with_checksum:
            check_target(checksum_file(target), archive, option="--checksum:")


def _opened(target: Path | None, stream: TextIO | None, encoding: str) -> AbstractContextManager[TextIO]:
    if stream is not None:
        return nullcontext(stream)
    assert target is not None
    return output_file(target, encoding)


def _tell(selected: Snapshot, progress: Progress) -> None:
    """Let a snapshot tell how many of its rows are written; they are counted first."""
    total, written = selected.total(), 0

    def tell(count: int) -> None:
        nonlocal written
        written += count
        progress(Step(label=selected.view.removesuffix("_flat"), done=written, total=total))

    selected.progress = tell
