"""`btl show`: a thread in the terminal, indented and safe to print."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from belowtheline.archive.database import Archive
    from belowtheline.archive.holdings import HeldComment, HeldThread, ThreadState

_STEP = 2
_DEEPEST_SHARE = 3  # replies are indented up to a third of the width, then stay there
_DELETED = {"author": "deleted by its author", "moderator": "deleted by a moderator", "unknown": "deleted"}
_DATE_ENDS = {"year": 4, "month": 7, "day": 10}
_AUTHOR_STYLES: dict[str | None, dict[str, Any]] = {"anonymous": {"italic": True}, "deleted": {"dim": True}}


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("thread", required=False)
@click.option("--position", metavar="N", type=click.IntRange(1), help="Show only the comment at this place.")
def command(archive: Path, thread: str | None, position: int | None) -> None:
    """Show THREAD of ARCHIVE: its article, its verdict and its comments, replies indented.

    THREAD is its id, any of its addresses, its number in `btl status` or a part of its title that no other has. It may
    be left out where the archive holds one thread.
    """
    from belowtheline.archive.database import Archive

    with Archive.open_to_read(archive) as opened:
        held = _find(opened, thread) if thread else _only(opened)
        comments = _comments(opened, held, position)
        first = list(islice(comments, 1))  # before anything is printed, since there may be none at that position
        click.echo("\n".join(_heading(opened, held, is_short=position is not None)))
        for text in chain(first, comments):
            click.echo(text)


def _find(archive: "Archive", wanted: str) -> "HeldThread":
    from belowtheline.archive.holdings import find_thread

    # An argument that is not in the terminal's encoding comes with lone surrogates, which SQLite does not take.
    name = wanted.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return find_thread(archive, name, _identities(name) if "://" in name else ())


def _identities(url: str) -> set[tuple[str, str]]:
    """Return what the sites read in an address; raise UsageError where it is none."""
    from belowtheline.scraper.registry import identities_in

    try:
        return identities_in(url)
    except ValueError as error:
        raise click.UsageError(
            f"{url!r} is no address ({error}): give the thread's id or a part of its title."
        ) from error


def _only(archive: "Archive") -> "HeldThread":
    from belowtheline.archive.holdings import held_threads, listing
    from belowtheline.scraper.errors import BelowTheLineError

    threads = list(held_threads(archive))
    if len(threads) == 1:
        return threads[0]
    if not threads:
        raise BelowTheLineError(f"{archive.path} holds no thread yet: `btl status {archive.path}` says what was tried.")
    raise BelowTheLineError(
        f"{archive.path} holds {len(threads)} threads: give the id of one as THREAD.\n{listing(threads)}"
    )


def _heading(archive: "Archive", thread: "HeldThread", *, is_short: bool) -> Iterator[str]:
    from belowtheline.archive.holdings import heading, thread_states
    from belowtheline.cli.terminal import columns, one_line, wrapped

    width = columns()
    top = heading(archive, thread.row_id)
    state = next(thread_states(archive, thread.row_id))
    for line in wrapped(one_line(top.headline) or "(no headline)", width):
        yield click.style(line, bold=True)
    if is_short:
        return
    yield from (
        f"{label:<8} {one_line(url)}" for label, url in (("thread", thread.url), ("article", top.article_url)) if url
    )
    if top.teaser:
        yield ""
        yield from wrapped(one_line(top.teaser), width)
    yield ""
    yield from wrapped(one_line(_verdict(state)), width)
    if top.opener or top.body_text:
        yield ""
        yield click.style(one_line(f"{top.opener or '(no name)'}  {top.opened_at or ''}"), bold=True)
        yield from _body(top.body_text or "", width)


def _verdict(state: "ThreadState") -> str:
    """Return how complete the thread is, in a sentence."""
    declared = f" of {state.declared} that the page declares" if state.declared is not None else ""
    said = [f"{state.verdict or 'reading still open'}: {state.held} comments held{declared}"]
    said += [f"{state.stubs} known without their text"] if state.stubs else []
    said += [f"{state.not_seen} no longer seen"] if state.not_seen else []
    said += [state.reason] if state.reason else []
    said += ["closed for new posts"] if state.is_closed else []
    return "; ".join(said)


def _comments(archive: "Archive", thread: "HeldThread", position: int | None) -> Iterator[str]:
    from belowtheline.archive.holdings import held_comments
    from belowtheline.cli.terminal import columns
    from belowtheline.scraper.errors import BelowTheLineError

    width = columns()
    above: dict[int, int] = {}  # the latest comment at each depth: what the indent says a reply answers
    count = 0
    for comment in held_comments(archive, thread.row_id, position):
        count += 1
        is_indented = position is None
        says_parent = is_indented and comment.depth > 0 and above.get(comment.depth - 1) == comment.parent_id
        above[comment.depth] = comment.row_id
        indent = min(comment.depth * _STEP, width // _DEEPEST_SHARE) if is_indented else 0
        lines = _comment(comment, width - indent, says_parent=says_parent)
        yield "\n" + "\n".join(" " * indent + line if line else line for line in lines)
    if position is not None and not count:
        raise BelowTheLineError(
            f"The thread {thread.native_id} has no comment at position {position}: leave out --position."
        )


def _comment(comment: "HeldComment", width: int, *, says_parent: bool) -> Iterator[str]:
    from belowtheline.cli.terminal import one_line, wrapped

    yield _header(comment, says_parent=says_parent)
    if comment.title:
        for line in wrapped(one_line(comment.title), width):
            yield click.style(line, bold=True)
    yield from _body(comment.body_text or "", width)


def _header(comment: "HeldComment", *, says_parent: bool) -> str:
    from belowtheline.cli.terminal import one_line

    author = click.style(one_line(comment.author) or "(no name)", **_author_style(comment))
    labels = [comment.badge, "staff" if comment.is_staff else None, *_marks(comment.marks)]
    named = [author, *(f"[{one_line(label)}]" for label in labels if label)]
    icon = f"icon {comment.icon}" if comment.icon else None
    answers = None if says_parent else _answers(comment)
    facts = [icon, _date(comment), _votes(comment), *_states(comment), answers]
    rest = "  ".join(click.style(one_line(fact), dim=True) for fact in facts if fact)
    return f"{comment.position}. {' '.join(named)}  {rest}".rstrip()


def _author_style(comment: "HeldComment") -> dict[str, Any]:
    if comment.is_staff:
        return {"fg": "red", "bold": True}
    return {"fg": "cyan", **_AUTHOR_STYLES.get(comment.author_kind, {"bold": True})}


def _marks(stored: str | None) -> list[str]:
    return [" ".join(filter(None, (mark["kind"], mark.get("value")))) for mark in json.loads(stored or "[]")]


def _date(comment: "HeldComment") -> str | None:
    if not comment.published_at:
        return f'"{comment.published_raw}"' if comment.published_raw else None
    return comment.published_at.replace("T", " ")[: _DATE_ENDS.get(comment.published_precision or "", 16)]


def _votes(comment: "HeldComment") -> str | None:
    counts = (("+", comment.upvotes), ("-", comment.downvotes), ("score ", comment.score))
    return " ".join(f"{sign}{count}" for sign, count in counts if count is not None)


def _states(comment: "HeldComment") -> Iterator[str]:
    if comment.is_edited or comment.edited_at:
        yield f"edited {(comment.edited_at or '')[:16].replace('T', ' ')}"
    if comment.deletion:
        yield _DELETED.get(comment.deletion, comment.deletion)
    if comment.not_seen_since:
        yield f"not seen since {comment.not_seen_since[:10]}"


def _answers(comment: "HeldComment") -> str | None:
    """Return what a comment answers, where its indent does not say it."""
    if comment.parent_position is not None:
        return f"in reply to {comment.parent_position}"
    return f"in reply to {comment.parent_native_id}, not held" if comment.parent_native_id else None


def _body(text: str, width: int) -> Iterator[str]:
    from belowtheline.cli.terminal import wrapped

    if text:
        for line in wrapped(text, width):
            yield click.style(line, dim=True) if line.startswith(">") else line
