"""Reviews: a sample out, verdicts in, and what they come to."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from belowtheline.archive.queries.reviews import (
    HeldReview,
    InferredReply,
    Pair,
    Review,
    held_reviews,
    inferred_reply,
    keep_reviews,
    sample,
)
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import finish_run, now, start_run
from belowtheline.exports.files import output_file
from belowtheline.exports.reviewing import Judgement, Sheet, read_sheet, write_sheet
from belowtheline.jobs.endings import Ending, run_verdict
from belowtheline.jobs.names import printable
from belowtheline.jobs.targets import check_target
from belowtheline.pipelines.evaluation.agreement import Agreement, ReviewedRule, agreements, reviewed_rules
from belowtheline.pipelines.linking.rules import RULES
from belowtheline.reading.errors import BelowTheLineError, WrongUsage

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleReport:
    """What was drawn for people to judge."""

    ending: Ending
    drawn: int
    count: int
    """Inferred replies that it was drawn from."""
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVerdicts:
    """What a sheet said."""

    run_id: int
    reviewer: str
    kept: int
    known: int
    """Verdicts that were held already."""
    unjudged: int
    """Lines without a verdict."""
    problems: tuple[tuple[int, str], ...]
    """Lines that cannot be kept, by their number, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport:
    """What all reviews of an archive come to, and what a sheet added to them."""

    ending: Ending
    reviews: int
    agreement: tuple[Agreement, ...]
    """How each two reviewers agree."""
    rules: tuple[ReviewedRule, ...]
    """How right each rule is as reviewers see it."""
    sheet: KeptVerdicts | None = None
    """What the sheet said, where one was read."""


def draw_sample(
    archive: StrPath, size: int, output: StrPath | TextIO, *, seed: str = "0", rules: Sequence[str] = ()
) -> SampleReport:
    """Write a sheet of inferred replies, drawn at random, to a new file or to a text stream that is open."""
    path = Path(archive)
    if size < 1:
        raise WrongUsage(f"{size} replies cannot be drawn: say how many, 1 or more.")
    if unknown := [rule for rule in rules if rule not in RULES]:
        raise WrongUsage(f"There is no rule {unknown[0]!r}: give one of {', '.join(RULES)}.")
    if isinstance(output, str | os.PathLike):
        if Path(output).is_file():
            raise WrongUsage(f"{output} exists, and may hold verdicts: give another path with -o.")
        check_target(Path(output), path)
    with Archive.open_to_read(path) as opened:
        drawn, count = sample(opened, size, printable(seed), rules)
    if not drawn:
        raise BelowTheLineError(
            f"{path} holds no inferred reply{' of that rule' if rules else ''}: `btl link {path}` infers them, and "
            "`btl link --method-version` lists the rules."
        )
    with _opened(output) as file:
        write_sheet(drawn, file)
    return SampleReport(ending=Ending.COMPLETE, drawn=len(drawn), count=count, seed=printable(seed))


def _opened(output: StrPath | TextIO) -> AbstractContextManager[TextIO]:
    return output_file(Path(output)) if isinstance(output, str | os.PathLike) else nullcontext(output)


def review(archive: StrPath, *, sheet: StrPath | None = None, reviewer: str | None = None) -> ReviewReport:
    """Return what the reviews of an archive come to, after keeping the verdicts of a reviewer's sheet, if one is given.

    A line that cannot be kept is told in the report, and the others are kept.
    """
    path = Path(archive)
    if (sheet is None) != (reviewer is None):
        raise WrongUsage("--read and --reviewer go together: give the sheet, and who judged.")
    said = _keep(path, Path(sheet), reviewer) if sheet is not None and reviewer is not None else None
    with Archive.open_to_read(path) as opened:
        reviews = held_reviews(opened)
    return ReviewReport(
        ending=Ending.INCOMPLETE if said and said.problems else Ending.COMPLETE,
        reviews=len(reviews),
        agreement=tuple(agreements(reviews)),
        rules=tuple(reviewed_rules(reviews)),
        sheet=said,
    )


def _keep(path: Path, sheet_path: Path, reviewer: str) -> KeptVerdicts:
    """Keep the verdicts of a sheet that can be kept."""
    name = unicodedata.normalize("NFC", " ".join(printable(reviewer).split()))
    if not name:
        raise WrongUsage("--reviewer is empty: say who judged.")
    sheet = read_sheet(sheet_path)
    Archive.open_to_read(path).close()  # a name mistyped makes no archive
    with Archive.create_or_open(path) as archive:
        reviews, problems = _checked(archive, sheet)
        said = {(held.pair, held.verdict, held.note, held.texts_sha256) for held in _of(archive, name)}
        fresh = [one for one in reviews if (one.edge.pair, one.verdict, one.note, one.edge.texts_sha256) not in said]
        ending = Ending.INCOMPLETE if problems else Ending.COMPLETE
        with archive.transaction() as connection:
            run_id = start_run(connection, "review", {"reviewer": name})
            keep_reviews(connection, fresh, name, now())
        finish_run(archive, run_id, run_verdict(ending), ending)
        archive.checkpoint()
    return KeptVerdicts(
        run_id=run_id,
        reviewer=name,
        kept=len(fresh),
        known=len(reviews) - len(fresh),
        unjudged=sheet.unjudged,
        problems=tuple(sorted(problems)),
    )


def _of(archive: Archive, reviewer: str) -> Iterator[HeldReview]:
    return (held for held in held_reviews(archive) if held.reviewer == reviewer)


def _checked(archive: Archive, sheet: Sheet) -> tuple[list[Review], list[tuple[int, str]]]:
    """Return the verdicts on edges that are held and unchanged, and what is wrong with the others by line."""
    reviews: dict[Pair, tuple[int, Review]] = {}
    problems = list(sheet.problems)
    for judgement in sheet.judgements:
        edge = inferred_reply(archive, judgement.pair)
        if edge is None or not judgement.is_about(edge):
            problems.append((judgement.line, _problem(judgement, edge)))
            continue
        review = Review(edge, judgement.verdict, judgement.note)
        line, first = reviews.setdefault(judgement.pair, (judgement.line, review))
        if first.verdict != review.verdict:
            problems.append((judgement.line, f"it says {review.verdict} of what line {line} says {first.verdict} of"))
    return [review for _, review in reviews.values()], problems


def _problem(judgement: Judgement, edge: InferredReply | None) -> str:
    if edge is None:
        one, other = judgement.pair
        return f"nothing infers now that comment_id {one} answers {other}: draw a new sample"
    return (
        "its texts or rules are not those of the sample (changed in the sheet, or in the archive since, or another "
        "archive's): draw a new sample"
    )
