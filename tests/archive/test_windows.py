"""A page is aligned with the part of its thread that it can be about: to the same end as with the whole thread."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from belowtheline.archive.record import identity
from belowtheline.archive.store.database import Archive
from belowtheline.reading.items import Author, Comment, ThreadPage
from tests.recorded import START, Given, Recorded, shown_page

_KEPT = ("comments", "comment_versions", "observations", "authors", "quotes", "threads")
_OUTCOME = "SELECT thread_id, verdict, reason, read_at, pages, comments, has_changes FROM readings ORDER BY id"


@contextmanager
def aligned_with(whole: bool, monkeypatch: pytest.MonkeyPatch, counted: Counter[bool]) -> Iterator[None]:
    """Let pages be aligned with their windows or with their whole threads, and count how often which was enough."""
    is_enough = identity.is_window_enough

    def counting(*arguments: Any) -> bool:
        found = is_enough(*arguments)
        counted[found] += 1
        return found and not whole

    with monkeypatch.context() as patched:
        patched.setattr(identity, "is_window_enough", counting)
        yield


def _empty(path: Path) -> Path:
    """Return an archive that holds nothing: to copy it is cheaper than to make each anew."""
    if not path.exists():
        Archive.create_or_open(path).close()
    return path


def held_after(folder: Path, runs: Sequence[Sequence[Given]]) -> list[Any]:
    """Return all that an archive holds of runs of pages."""
    held = Recorded(folder)
    shutil.copyfile(_empty(folder.parent / "empty.db"), held.path)
    for run in runs:
        held.take(*run)
    tables = [held.rows(f"SELECT * FROM {table} ORDER BY id") for table in _KEPT]
    return [*tables, held.rows(_OUTCOME)]


def posts(random: Random, count: int) -> list[Comment]:
    """Return comments in thread order; some are gone, most of these without their ids, and some answer an earlier."""
    found: list[Comment] = []
    for number in range(count):
        name, words = f"Author {random.randrange(4)}", random.choice(("+1", "Well put.", f"Words of number {number}."))
        native_id: str | None = str(number)
        fields: dict[str, Any] = {"author": Author(name=name), "body_html": f"<p>{words}</p>"}
        if random.random() < 0.3:
            fields["published_at"] = f"2025-03-14T{random.randrange(3):02}:00:00Z"
        if random.random() < 0.25:
            native_id = random.choice((native_id, None, None))
            fields = {"deletion": random.choice(("author", "unknown"))}
        if found and random.random() < 0.3 and (above := random.choice(found).native_id):
            fields["parent_native_id"] = above
        found.append(Comment(native_id=native_id, position=1, **fields))
    return found


def altered(random: Random, before: Sequence[Comment]) -> list[Comment]:
    """Return a thread as it may stand later: edited, deleted, restored, new comments at either end, some left out."""
    found = []
    for comment in before:
        chance = random.random()
        if chance < 0.1:
            comment = Comment(native_id=random.choice((comment.native_id, None)), position=1, deletion="moderator")
        elif chance < 0.15 and comment.deletion:
            comment = replace(comment, native_id=comment.native_id or "back", deletion=None, body_html="<p>Back.</p>")
        elif chance < 0.2:
            comment = replace(comment, body_html="<p>Put in other words than before.</p>")
        if chance < 0.95:
            found.append(comment)
    ids = Counter(comment.native_id for comment in found)
    found = [comment for comment in found if comment.native_id is None or ids[comment.native_id] == 1]
    new = [Comment(native_id=f"n{random.randrange(10**6)}", position=1, body_html="<p>Late.</p>") for _ in range(2)]
    return random.choice(([*new, *found], [*found, *new], found))


def pages_of(random: Random, thread: Sequence[Comment], size: int, at: str) -> list[Given]:
    """Return a thread in numbered pages, sometimes one twice, one without its number, or in another order."""
    parts = [thread[start : start + size] for start in range(0, len(thread), size)]
    given: list[Given] = []
    for number, part in enumerate(parts, 1):
        page: ThreadPage = shown_page(*part, page_number=number, page_count=len(parts))
        named = {comment.parent_native_id for comment in part if isinstance(comment.parent_native_id, str)}
        if random.random() < 0.3 and named:  # a tombstone whose replies name it, and stand on its page
            place = random.randrange(1, len(page.comments) + 1)
            comments = [
                replace(comment, parent_position=place) if comment.parent_native_id in named else comment
                for comment in page.comments
            ]
            page = replace(page, comments=tuple(comments))
        given.append((f"{START}?page={number}", at, [page]))
    if random.random() < 0.2:
        given.append(random.choice(given))
    if random.random() < 0.1:
        given.append((f"{START}/all", at, [shown_page(*thread[: 2 * size])]))
    if random.random() < 0.3:
        random.shuffle(given)
    return given


@pytest.mark.parametrize("threads", [12, pytest.param(120, marks=pytest.mark.long)])
def test_generated_threads_end_the_same_with_windows_and_with_whole_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    counted: Counter[bool] = Counter()
    for seed in range(threads):
        random = Random(seed)
        thread = posts(random, random.randrange(5, 30))
        size, runs = random.choice((3, 5, 8)), []
        for day in random.sample(range(10, 30), random.randrange(1, 4)):
            runs.append(pages_of(random, thread, size, f"2025-03-{day}T10:00:00Z"))
            thread = altered(random, thread)
        ends = []
        for whole in (False, True):
            with aligned_with(whole, monkeypatch, counted):
                ends.append(held_after(tmp_path / f"{seed}-{whole}", runs))
        assert ends[0] == ends[1], f"seed {seed}"
    assert counted[True] > 2 * threads, "windows are what is tried here"
    assert counted[False] > threads
