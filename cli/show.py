"""`btl show`: a thread in the terminal, indented and safe to print."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from belowtheline.archive.queries.holdings import HeldComment, HeldThread, ThreadState
    from belowtheline.archive.queries.thread_links import HeldCitation, HeldReply
    from belowtheline.archive.store.database import Archive

_STEP = 2
_DEEPEST_SHARE = 3  # replies are indented up to a third of the width, then stay there
_DELETED = {"author": "deleted by its author", "moderator": "deleted by a moderator", "unknown": "deleted"}
_ARTICLE = {"article_title": "the headline", "article_teaser": "the teaser", "article_body": "the article"}
_DATE_ENDS = {"year": 4, "month": 7, "day": 10}
_AUTHOR_STYLES: dict[str | None, dict[str, Any]] = {"anonymous": {"italic": True}, "deleted": {"dim": True}}


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("thread", required=False)
@click.option("--position", metavar="N", type=click.IntRange(1), help="Show only the comment at this place.")
@click.option("--tree", is_flag=True, help="Draw who answers whom, inferred replies included, a line or two a comment.")
def command(archive: Path, thread: str | None, position: int | None, tree: bool) -> None:
    """Show THREAD of ARCHIVE: its article, its verdict and its comments, replies indented.

    THREAD is its id, any of its addresses, its number in `btl status` or a part of its title that no other has. It may
    be left out where the archive holds one thread.

    What a comment quotes from another or from the article stands below it, and whom it answers beside its date. In the
    tree a comment hangs under the one it answers by the site's own link, else, on a broken line, under the surest one
    that `btl link` infers.
    """
    from belowtheline.archive.store.database import Archive
    from belowtheline.jobs.names import thread_named

    if tree and position is not None:
        raise click.UsageError("--tree draws a whole thread: leave out --position.")
    with Archive.open_to_read(archive) as opened:
        held = thread_named(opened, thread) if thread else _only(opened)
        comments = _tree(opened, held) if tree else _comments(opened, held, position)
        first = list(islice(comments, 1))  # before anything is printed, since there may be none at that position
        click.echo("\n".join(_heading(opened, held, is_short=position is not None)))
        for text in chain(first, comments):
            click.echo(text)


def _only(archive: "Archive") -> "HeldThread":
    from belowtheline.archive.queries.holdings import held_threads, listing
    from belowtheline.reading.errors import BelowTheLineError

    threads = list(held_threads(archive))
    if len(threads) == 1:
        return threads[0]
    if not threads:
        raise BelowTheLineError(f"{archive.path} holds no thread yet: `btl status {archive.path}` says what was tried.")
    raise BelowTheLineError(
        f"{archive.path} holds {len(threads)} threads: give the id of one as THREAD.\n{listing(threads)}"
    )


def _heading(archive: "Archive", thread: "HeldThread", *, is_short: bool) -> Iterator[str]:
    from belowtheline.archive.queries.holdings import heading, thread_states
    from belowtheline.cli.console.text import columns, one_line, wrapped

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
    of = f" ({state.verdict_at[:10]})" if state.looked and state.verdict_at else ""
    said = [f"{state.verdict or 'reading still open'}{of}: {state.held} comments held{declared}"]
    said += [f"{state.stubs} known without their text"] if state.stubs else []
    said += [f"{state.not_seen} no longer seen"] if state.not_seen else []
    said += [state.reason] if state.reason else []
    said += [f"looked at since, on {state.looked_at[:10]}: {state.looked}"] if state.looked and state.looked_at else []
    said += ["closed for new posts"] if state.is_closed else []
    return "; ".join(said)


def _comments(archive: "Archive", thread: "HeldThread", position: int | None) -> Iterator[str]:
    from belowtheline.archive.queries.holdings import held_comments
    from belowtheline.cli.console.text import columns
    from belowtheline.reading.errors import BelowTheLineError

    width = columns()
    links = _links(archive, thread.row_id)
    above: dict[int, int] = {}  # the latest comment at each depth: what the indent says a reply answers
    count = 0
    for comment in held_comments(archive, thread.row_id, position):
        count += 1
        is_indented = position is None
        says_parent = is_indented and comment.depth > 0 and above.get(comment.depth - 1) == comment.parent_id
        above[comment.depth] = comment.row_id
        indent = min(comment.depth * _STEP, width // _DEEPEST_SHARE) if is_indented else 0
        lines = _comment(comment, links, width - indent, says_parent=says_parent)
        yield "\n" + "\n".join(" " * indent + line if line else line for line in lines)
    if position is not None and not count:
        raise BelowTheLineError(
            f"The thread {thread.native_id} has no comment at position {position}: leave out --position."
        )


def _tree(archive: "Archive", thread: "HeldThread") -> Iterator[str]:
    """Yield a thread's comments as a tree, each with the beginning of its text."""
    from belowtheline.archive.queries.holdings import held_comments
    from belowtheline.archive.queries.thread_links import inferred_replies, is_linked
    from belowtheline.cli.console.text import columns
    from belowtheline.cli.console.tree import STEP, best_replies, draw

    width = columns()
    links = _links(archive, thread.row_id)
    held = [
        replace(comment, body_text=(comment.body_text or "")[: 2 * width])
        for comment in held_comments(archive, thread.row_id)
    ]
    by_row = {comment.row_id: comment for comment in held}
    best = best_replies(list(inferred_replies(archive, thread.row_id)))
    for node in draw(held, best, width // _DEEPEST_SHARE // STEP):
        header = _header(by_row[node.row_id], links, says_parent=bool(node.lead) and not node.is_inferred)
        yield ("" if node.lead else "\n") + node.lead + header
        if text := _beginning(by_row[node.row_id], width - len(node.hang)):
            yield node.hang + text
    if held and not is_linked(archive, thread.row_id):
        click.echo(f"The thread has changed since it was linked: run `btl link {archive.path}`.", err=True)


def _beginning(comment: "HeldComment", width: int) -> str:
    from belowtheline.cli.console.text import one_line

    title = f"{one_line(comment.title)}: " if comment.title else ""
    return _shortened(title + one_line(comment.body_text), width)


@dataclass(frozen=True, slots=True)
class _Links:
    """What is known of whom the comments of a thread answer and quote, by comment."""

    replies: "dict[int, list[HeldReply]]"
    citations: "dict[int, list[HeldCitation]]"


def _links(archive: "Archive", thread_id: int) -> _Links:
    from belowtheline.archive.queries.thread_links import citations, inferred_replies

    links = _Links(defaultdict(list), defaultdict(list))
    for reply in inferred_replies(archive, thread_id):
        links.replies[reply.comment_id].append(reply)
    for citation in citations(archive, thread_id):
        links.citations[citation.comment_id].append(citation)
    return links


def _comment(comment: "HeldComment", links: _Links, width: int, *, says_parent: bool) -> Iterator[str]:
    from belowtheline.cli.console.text import one_line, wrapped

    yield _header(comment, links, says_parent=says_parent)
    if comment.title:
        for line in wrapped(one_line(comment.title), width):
            yield click.style(line, bold=True)
    yield from _body(comment.body_text or "", width)
    for citation in links.citations.get(comment.row_id, ()):
        changes = " with small changes" if citation.is_changed else ""
        words = _shortened(citation.text, width // 2)
        yield click.style(f"  quotes {_source(citation)}{changes}: {words}", italic=True)


def _source(citation: "HeldCitation") -> str:
    if citation.source_position is not None:
        return str(citation.source_position)
    return _ARTICLE.get(citation.source_type, "the article")


def _shortened(text: str, width: int) -> str:
    from belowtheline.cli.console.text import one_line

    line = one_line(text)
    return line if len(line) <= width else line[: width - 1] + "…"


def _inferred(comment: "HeldComment", links: _Links) -> Iterator[str]:
    """Yield whom rules say that a comment answers, where its site does not say the same."""
    for (position, combined), found in groupby(
        links.replies.get(comment.row_id, ()), key=lambda reply: (reply.target_position, reply.combined)
    ):
        if position != comment.parent_position:
            yield f"inferred reply to {position} ({combined:.2f}: {', '.join(reply.rule for reply in found)})"


def _header(comment: "HeldComment", links: _Links, *, says_parent: bool) -> str:
    from belowtheline.cli.console.text import one_line

    author = click.style(one_line(comment.author) or "(no name)", **_author_style(comment))
    labels = [comment.badge, "staff" if comment.is_staff else None, *_marks(comment.marks)]
    named = [author, *(f"[{one_line(label)}]" for label in labels if label)]
    icon = f"icon {comment.icon}" if comment.icon else None
    answers = None if says_parent else _answers(comment)
    facts = [icon, _date(comment), _votes(comment), *_states(comment), answers, *_inferred(comment, links)]
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
    from belowtheline.cli.console.text import wrapped

    if text:
        for line in wrapped(text, width):
            yield click.style(line, dim=True) if line.startswith(">") else line
