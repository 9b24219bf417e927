"""One evaluation: which threads by which gold, and how right the inferred links are."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from belowtheline.archive.links.keeping import read_thread
from belowtheline.archive.queries.holdings import HeldThread, held_threads, listing
from belowtheline.archive.queries.site_links import silent_comments, threads_with_links
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.names import thread_named
from belowtheline.jobs.progress import Progress, Step, silent
from belowtheline.pipelines.evaluation.annotation import BadAnnotation, Entry, entries, from_annotation, matched
from belowtheline.pipelines.evaluation.evaluation import Evaluation, Evaluator
from belowtheline.pipelines.evaluation.gold import from_parents
from belowtheline.reading.errors import BelowTheLineError

_MOST_NAMED = 10
StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateReport:
    """How right the links of an archive are, and what could not be scored."""

    ending: Ending
    evaluation: Evaluation
    problems: tuple[str, ...]
    """What of an annotation is not scored, and why."""


def evaluate(
    archive: StrPath, *, gold: StrPath | None = None, threads: str | Sequence[str] = (), progress: Progress = silent
) -> EvaluateReport:
    """Measure what rules find in the threads of these names, or in all, by the sites' own links.

    With `gold`, the file of an annotation by hand, one thread is measured by that. Nothing is written.
    """
    names = (threads,) if isinstance(threads, str) else threads
    file = Path(gold) if gold is not None else None
    # Before the archive, whose locks would go if it were given here as well.
    annotated = _read(file) if file is not None else []
    with Archive.open_to_read(Path(archive)) as opened:
        wanted = list({held.row_id: held for held in (thread_named(opened, name) for name in names)}.values())
        if file is not None:
            return _by_annotation(opened, file, annotated, wanted)
        found = _by_structure(opened, wanted, progress)
    return EvaluateReport(ending=Ending.COMPLETE, evaluation=found, problems=())


def _by_structure(archive: Archive, wanted: Sequence[HeldThread], progress: Progress) -> Evaluation:
    """Measure by the sites' own links; raise BelowTheLineError where there are none."""
    linked = {held.row_id: held for held in threads_with_links(archive)}
    if unlinked := [held for held in wanted if held.row_id not in linked]:
        raise BelowTheLineError(
            f"The thread {unlinked[0].native_id} of {archive.path} has no links of its site to measure by: give "
            "another --thread, or an annotation with --gold."
        )
    if not linked:
        raise BelowTheLineError(
            f"{archive.path} holds no thread with links of its site to measure by: give an annotation with --gold, or "
            "an archive of a site that shows who answers whom."
        )
    evaluator = Evaluator()
    measured = wanted or list(linked.values())
    for count, held in enumerate(measured, 1):
        thread = read_thread(archive, held.row_id)
        evaluator.add(held.site, thread, from_parents(thread, silent_comments(archive, held.row_id)))
        progress(Step(label="threads", done=count, total=len(measured)))
    return evaluator.result()


def _by_annotation(
    archive: Archive, gold: Path, annotated: list[Entry], wanted: Sequence[HeldThread]
) -> EvaluateReport:
    """Measure one thread by an annotation; comments that are not found are told and change the ending."""
    held = _one(archive, wanted)
    thread = read_thread(archive, held.row_id)
    found = matched(annotated, thread)
    if not found:
        raise BelowTheLineError(
            f"{gold} annotates another thread than {held.native_id}: none of its comments begins and ends as one of "
            f"{archive.path} does; give the right one with --thread."
        )
    missing = [entry["n"] for entry in annotated if entry["n"] not in found]
    evaluator = Evaluator()
    evaluator.add(held.site, thread, from_annotation(annotated, thread, found))
    return EvaluateReport(
        ending=Ending.INCOMPLETE if missing else Ending.COMPLETE,
        evaluation=evaluator.result(),
        problems=(_unscored(gold, missing, len(annotated)),) if missing else (),
    )


def _unscored(gold: Path, missing: Sequence[object], count: int) -> str:
    names = ", ".join(map(str, missing[:_MOST_NAMED])) + (" ..." if len(missing) > _MOST_NAMED else "")
    return (
        f"{gold}: {len(missing)} of its {count} comments ({names}) begin or end as none of the thread does, and are"
        " not scored: check `body_starts_with` and `body_ends_with`."
    )


def _read(gold: Path) -> list[Entry]:
    try:
        return entries(json.loads(gold.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise BelowTheLineError(f"{gold} cannot be read ({error.strerror}): check the name with --gold.") from error
    except BadAnnotation as error:
        raise BelowTheLineError(f"{gold} is no annotation, {error}: docs/linking.md has the form.") from error
    except (ValueError, RecursionError) as error:
        raise BelowTheLineError(f"{gold} is no JSON in UTF-8 ({error}): docs/linking.md has the form.") from error


def _one(archive: Archive, wanted: Sequence[HeldThread]) -> HeldThread:
    threads = list(wanted or held_threads(archive))
    if len(threads) == 1:
        return threads[0]
    if not threads:
        raise BelowTheLineError(f"{archive.path} holds no thread yet: `btl status {archive.path}` says what was tried.")
    raise BelowTheLineError(
        f"An annotation is of one thread, and here are {len(threads)} of {archive.path}: name one with --thread.\n"
        + listing(threads)
    )
