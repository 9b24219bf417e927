"""One ingest: every input into one run of an archive, and a report of what became of each."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from belowtheline.archive.readings.verdicts import ThreadVerdict, standing, verdicts
from belowtheline.archive.record.claims import overwritten
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import Account, finish_run, page_ends, start_run, utc_text
from belowtheline.jobs import endings
from belowtheline.jobs.clock_check import check_clock
from belowtheline.jobs.contact import is_web_address
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.input_pages import Intake
from belowtheline.jobs.inputs import Inputs, check_archive, check_paths, fetch_time, listed
from belowtheline.jobs.leftovers import take_up_leftovers
from belowtheline.jobs.link import link_what_waits
from belowtheline.jobs.progress import Notices, Progress, Step, silent
from belowtheline.reading.errors import WrongUsage
from belowtheline.sites.registry import site_named

StrPath = str | os.PathLike[str]
_LABEL = "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one ingest took in, and what it did not."""

    ending: Ending
    run_id: int
    account: Account
    """The pages of the run by how they ended."""
    verdicts: tuple[ThreadVerdict, ...]
    """How every thread stands that a page was of."""
    taken: int
    """Pages that were taken in."""
    known: int
    """Pages that were held already."""
    others: int
    """Records of WARC files that are pages of no thread."""
    undated: int
    """Records of WARC files that name a time to come, which is not taken for theirs."""
    overwritten: int
    """Comments that their server showed, and that pages changed which only claim to be from its address."""
    problems: tuple[str, ...]
    """What was not read, and why."""
    skipped: tuple[str, ...]
    """Files of folders that may hold comments and cannot be read."""
    notices: tuple[str, ...]
    """What was told while it worked."""


class IngestInterrupted(KeyboardInterrupt):
    """Ctrl-C ended an ingest in order: what was taken in is kept, and the same call goes on."""

    def __init__(self, report: IngestReport) -> None:
        super().__init__("what was committed is kept, and the same call goes on")
        self.report = report
        """What was taken in until then."""


def ingest(
    archive: StrPath,
    paths: StrPath | Sequence[StrPath],
    *,
    site: str | None = None,
    url: str | None = None,
    fetched_at: str | datetime | None = None,
    stream: BinaryIO | None = None,
    progress: Progress = silent,
) -> IngestReport:
    """Take saved pages, WARC files, exports and folders of them into an archive, which is made where there is none.

    `stream` is one page more, such as standard input. Inputs that cannot be read are told in the report; WrongUsage is
    raised before anything is written where the arguments cannot be meant. Ctrl-C ends it in order and raises
    IngestInterrupted, a KeyboardInterrupt that has the report.
    """
    file, names = Path(archive), _names(paths)
    at = fetch_time(utc_text(fetched_at) if isinstance(fetched_at, datetime) else fetched_at) if fetched_at else None
    _check(file, names, url, is_with_stream=stream is not None)
    if site:
        site_named(site)
    inputs = listed(names)
    notices = Notices(progress)
    with Archive.create_or_open(file) as opened:
        check_clock(opened, notices)
        with opened.transaction() as connection:
            run_id = start_run(connection, "ingest", {"site": site, "url": url, "fetched_at": at})
        take_up_leftovers(opened, run_id, notices)
        intake = Intake(Recorder(opened, run_id, named_site=site), site, url, at)
        intake.problems += inputs.problems
        ended = _carried_out(intake, inputs.files, stream, notices)
        report = _report(intake, inputs, ended, notices.sentences)
    if ended is Ending.INTERRUPTED:
        raise IngestInterrupted(report)
    return report


def _names(paths: StrPath | Sequence[StrPath]) -> list[str]:
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    return [os.fspath(path) for path in given]


def _check(archive: Path, names: Sequence[str], url: str | None, *, is_with_stream: bool) -> None:
    """Raise WrongUsage for arguments that cannot be meant."""
    given = [*names, *(["-"] if is_with_stream else [])]
    if not given:
        raise WrongUsage("Nothing is given to read: name a page, a WARC file, an export or a folder of them.")
    check_archive(archive, given, "ingest")
    if url and not url.isprintable():
        raise WrongUsage(f"--url {url!r} is no address: write what cannot be read in it as %XX.")
    if url and not is_web_address(url):
        raise WrongUsage(f"--url {url} is no web address: give one that starts with http:// or https://.")
    if url and (len(given) > 1 or Path(given[0]).is_dir() or given[0].endswith((".warc", ".warc.gz"))):
        raise WrongUsage("--url is the address of one page: give one file with it.")
    check_paths(names)


def _carried_out(intake: Intake, files: Sequence[Path], stream: BinaryIO | None, progress: Progress) -> Ending:
    """Take in every input and link what that changed; return how that ended."""
    try:
        for count, file in enumerate(files):
            progress(Step(label=_LABEL, done=count, total=len(files)))
            intake.take_path(file)
        progress(Step(label=_LABEL, done=len(files), total=len(files)))
        if stream is not None:
            intake.take_stream(stream)
        intake.close()
        failed = link_what_waits(intake.recorder.archive, progress=progress)["failed"]
    except KeyboardInterrupt:
        intake.close()
        return Ending.INTERRUPTED
    return Ending.DRIFT if failed else Ending.COMPLETE


def _report(intake: Intake, inputs: Inputs, ended: Ending, notices: Sequence[str]) -> IngestReport:
    archive, run_id = intake.recorder.archive, intake.recorder.run_id
    # What was held already is as complete as its thread, and no more.
    found = (*verdicts(archive, run_id), *standing(archive, intake.known_threads, run_id))
    ending = endings.worst(
        [
            endings.ending_of_pages([end[:2] for end in page_ends(archive, run_id)], found),
            ended,
            Ending.INCOMPLETE if intake.problems else Ending.COMPLETE,
        ]
    )
    account = finish_run(archive, run_id, endings.run_verdict(ending), ending)
    archive.checkpoint()
    return IngestReport(
        ending=ending,
        run_id=run_id,
        account=account,
        verdicts=found,
        taken=intake.taken,
        known=intake.known,
        others=intake.others,
        undated=intake.undated,
        overwritten=overwritten(archive, run_id),
        problems=tuple(intake.problems),
        skipped=tuple(inputs.skipped),
        notices=tuple(notices),
    )
