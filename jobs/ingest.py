"""The run that `btl ingest` is: every input into one archive, then the summary and the exit code."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from belowtheline.archive.readings.verdicts import standing, verdicts
from belowtheline.archive.record.claims import overwritten
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import finish_run, page_ends, start_run
from belowtheline.cli.console.summary import print_summary
from belowtheline.cli.console.text import one_line
from belowtheline.jobs import endings
from belowtheline.jobs.clock_check import check_clock
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.input_pages import Intake
from belowtheline.jobs.inputs import Inputs, listed
from belowtheline.jobs.leftovers import take_up_leftovers
from belowtheline.jobs.link import link_what_waits
from belowtheline.jobs.progress import silent

_LISTED = 20


def take_all(
    archive_path: Path, paths: Sequence[str], site: str | None, url: str | None, fetched_at: str | None
) -> int:
    """Take every path into one run of the archive, print the summary and return the exit code."""
    inputs = listed(paths)
    with Archive.create_or_open(archive_path) as archive:
        check_clock(archive, silent)
        with archive.transaction() as connection:
            run_id = start_run(connection, "ingest", {"site": site, "url": url, "fetched_at": fetched_at})
        take_up_leftovers(archive, run_id, silent)
        intake = Intake(Recorder(archive, run_id, named_site=site), site, url, fetched_at)
        intake.problems += inputs.problems
        ended = Ending.COMPLETE
        try:
            _take(intake, inputs.files, is_piped="-" in paths)
            intake.close()
            if link_what_waits(archive)["failed"]:
                ended = Ending.DRIFT
        except KeyboardInterrupt:
            ended = Ending.INTERRUPTED
            intake.close()
        return _end(intake, inputs, ended)


def _take(intake: Intake, files: Sequence[Path], *, is_piped: bool) -> None:
    with click.progressbar(files, label="ingest", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for file in bar:
            intake.take_path(file)
    if is_piped:
        intake.take_stream(sys.stdin.buffer)


def _end(intake: Intake, inputs: Inputs, ended: Ending) -> int:
    archive, run_id = intake.recorder.archive, intake.recorder.run_id
    # What was held already is as complete as its thread, and no more.
    found = [*verdicts(archive, run_id), *standing(archive, intake.known_threads, run_id)]
    code = endings.ending_of_pages([end[:2] for end in page_ends(archive, run_id)], found)
    code = endings.worst([code, ended, Ending.INCOMPLETE if intake.problems else Ending.COMPLETE])
    verdict = "interrupted" if ended == Ending.INTERRUPTED else "incomplete" if code else "complete"
    account = finish_run(archive, run_id, verdict, code)
    archive.checkpoint()
    print_summary(account, found, intake.problems)
    _print_skipped(inputs.skipped)
    known = f", {intake.known} already held" if intake.known else ""
    known += f", {intake.others} of no thread" if intake.others else ""
    if changed := overwritten(archive, run_id):
        said = "by pages that only claim to be from its address: `btl log` names each"
        click.echo(f"{changed} comments that their server showed have other content now, {said}.", err=True)
    left = f", {len(inputs.skipped)} skipped" if inputs.skipped else ""
    if intake.undated:
        click.echo(f"{intake.undated} records name a time to come, which is not taken for theirs.", err=True)
    click.echo(f"ingested: {intake.taken} pages taken in{known}, {len(intake.problems)} not read{left}", err=True)
    if ended == Ending.INTERRUPTED:
        click.echo("Interrupted: what was committed is kept, and the same command goes on.", err=True)
    return code


def _print_skipped(skipped: Sequence[str]) -> None:
    for sentence in skipped[:_LISTED]:
        click.echo(f"- {one_line(sentence)}", err=True)
    if len(skipped) > _LISTED:
        click.echo(f"- ... and {len(skipped) - _LISTED} more files were skipped.", err=True)
