"""`btl status`: what is held, whether it is complete, and what every run did."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belowtheline.archive.queries.holdings import PageProblem, RunState, ThreadState
    from belowtheline.archive.record.policies import RunPolicy
    from belowtheline.archive.store.database import Archive

_LISTED = 20
_THREADS = (
    "no.",
    "thread",
    "declared",
    "held",
    "stubs",
    "not seen",
    "closed",
    "verdict",
    "of",
    "reason",
    "looked at since",
    "title",
)
_RUNS = ("run", "command", "started", "finished", "exit", "pages", "legal basis", "clocks")
_PAGES = ("run", "state", "reason", "page", "detail")
_POLICIES = ("run", "host", "file", "decision", "status", "asked", "capture")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--all", "is_all", is_flag=True, help=f"List every page that was not read, not only the last {_LISTED}.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(archive: Path, is_all: bool, as_json: bool) -> None:
    """Say what ARCHIVE holds: each thread with its verdict, each run with the account of its pages.

    In every run discovered = done + failed + deferred + skipped + todo. A column that no page shows is left empty. What
    governed each host of a run, its robots.txt and its tdmrep.json, stands with the capture that shows it.
    """
    from belowtheline.archive.store.database import Archive
    from belowtheline.cli.console.text import safe_json

    with Archive.open_to_read(archive) as opened:
        if as_json:
            click.echo(safe_json(_document(opened)))
            return
        for line in _report(opened, None if is_all else _LISTED):
            click.echo(line)


def _document(archive: "Archive") -> dict[str, object]:
    from belowtheline.archive.queries.holdings import page_problems, run_states, thread_states
    from belowtheline.archive.record.policies import run_policies
    from belowtheline.archive.replay.taken_up import count_waiting

    return {
        "archive": str(archive.path),
        "threads": [asdict(state) for state in thread_states(archive)],
        "runs": [asdict(run) for run in run_states(archive)],
        "waiting_for_reparse": count_waiting(archive),
        "pages_not_read": [asdict(page) for page in page_problems(archive)],
        "policies": [asdict(policy) for policy in run_policies(archive)],
    }


def _report(archive: "Archive", limit: int | None) -> Iterator[str]:
    from belowtheline.archive.queries.holdings import run_states, thread_states
    from belowtheline.cli.console.text import aligned

    yield from aligned([_THREADS, *map(_thread, thread_states(archive))], right=(0, 2, 3, 4, 5))
    yield ""
    yield from aligned([_RUNS, *map(_run, run_states(archive))], right=(0, 4))
    yield from _policies(archive, limit)
    yield from _pages(archive, limit)
    yield from _waiting(archive)


def _waiting(archive: "Archive") -> Iterator[str]:
    from belowtheline.archive.replay.taken_up import count_waiting
    from belowtheline.cli.console.text import one_line

    if count := count_waiting(archive):
        yield ""
        again = f"`btl reparse {one_line(str(archive.path))}`"
        yield f"{count} pages are kept that could not be read: {again} tries them again with today's btl."


def _policies(archive: "Archive", limit: int | None) -> Iterator[str]:
    from belowtheline.archive.record.policies import run_policies

    rows = map(_policy, run_policies(archive))
    yield from _listed(archive, _POLICIES, rows, limit, "answers of hosts")


def _pages(archive: "Archive", limit: int | None) -> Iterator[str]:
    from belowtheline.archive.queries.holdings import page_problems

    yield from _listed(archive, _PAGES, map(_page, page_problems(archive)), limit, "pages")


def _listed(
    archive: "Archive",
    heading: tuple[str, ...],
    rows: Iterator[tuple[str | None, ...]],
    limit: int | None,
    what: str,
) -> Iterator[str]:
    """Yield the newest rows under their heading, and how many older ones there are."""
    from belowtheline.cli.console.text import aligned, one_line

    listed = list(islice(rows, limit))
    more = sum(1 for _ in rows)
    if listed:
        yield ""
        yield from aligned([heading, *listed], right=(0,))
    if more:
        yield f"... and {more} older {what}: `btl status --all {one_line(str(archive.path))}` lists them."


def _thread(state: "ThreadState") -> tuple[str | None, ...]:
    return (
        str(state.thread_id),
        f"{state.place} {state.thread}",
        "" if state.declared is None else str(state.declared),
        str(state.held),
        str(state.stubs),
        str(state.not_seen),
        {True: "yes", False: "no", None: ""}[state.is_closed],
        state.verdict or "open",
        (state.verdict_at or "")[:10],
        state.reason,
        f"{state.looked_at[:10]}: {state.looked}" if state.looked and state.looked_at else "",
        state.title,
    )


def _run(run: "RunState") -> tuple[str | None, ...]:
    from belowtheline.archive.store.clocks import described

    code = "" if run.exit_code is None else str(run.exit_code)
    ended = run.finished_at or "not finished"
    clocks = f"a server's was {described(run.clock_offset)}" if run.clock_offset else ""
    return str(run.run_id), run.command, run.started_at, ended, code, str(run.account), run.legal_basis, clocks


def _policy(policy: "RunPolicy") -> tuple[str | None, ...]:
    status, capture = str(policy.status or ""), str(policy.capture_id or "")
    return str(policy.run_id), policy.origin, policy.kind, policy.decision, status, policy.fetched_at, capture


def _page(page: "PageProblem") -> tuple[str | None, ...]:
    again = f" (again from {page.not_before})" if page.not_before else ""
    return str(page.run_id), page.state, page.reason, page.url, f"{page.detail or ''}{again}"
