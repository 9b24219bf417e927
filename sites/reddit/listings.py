"""Reddit's answers: a thread with its tree of replies, what /api/morechildren adds to it, and lists of comments."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from belowtheline.reading.entries import entries_of, ids_of, stubs_for, unnamed
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Comment,
    Completeness,
    Link,
    Shown,
    Stub,
    Thread,
    ThreadPage,
    shown,
)
from belowtheline.reading.page import Page
from belowtheline.sites.reddit import addresses, forms, rendered, wording
from belowtheline.sites.reddit.comments import read_comment
from belowtheline.sites.reddit.posts import read_post
from belowtheline.sites.reddit.source import Source, source_of
from belowtheline.sites.reddit.wording import Data

_AT_ONCE = 100
"""How many comments /api/morechildren takes at once."""


@dataclass(slots=True)
class _More:
    """What stands in place of comments that are left out."""

    parent: str | None
    ids: tuple[str, ...]
    """Comments right below the parent; none for "continue this thread", which only says that there are some."""
    count: int
    depth: Shown[int]


@dataclass(slots=True)
class _Tree:
    """What an answer holds below a post."""

    comments: list[Comment] = field(default_factory=list)
    mores: list[_More] = field(default_factory=list)
    depths: dict[str, Shown[int]] = field(default_factory=dict)
    lost: list[Stub] = field(default_factory=list)
    """What stands for entries of the answer that are no comments."""
    disagreements: int = 0

    def depth_of(self, data: Data, parent: str | None, *, is_counted: bool) -> Shown[int]:
        """Return how deep a thing stands: below its parent, or else as counted where that is from the thread's top."""
        above = self.depths.get(parent, NOT_SHOWN) if parent else -1
        if isinstance(above, int):
            return above + 1
        return wording.number_of(data.get("depth")) if is_counted else NOT_SHOWN


def parse_thread(page: Page, value: list[Any]) -> ThreadPage:
    """Return the thread of an answer that holds a post and a tree of comments."""
    (post,) = forms.things_of(value[0]) or ({},)
    data = _fields(page, post, "t3")
    path = data.get("permalink")
    source = source_of(page, str(data["id"]), data, path if isinstance(path, str) else None)
    tree = _read_tree(page, forms.things_of(value[1]) or [], source)
    return replace(_thread_page(read_post(data, source), tree, source), completeness=_completeness(page, data, tree))


def _completeness(page: Page, post: Data, tree: _Tree) -> Completeness:
    """Return what an answer proves: what it leaves out, it names, or says where "continue this thread" leads."""
    if not _starts_at_the_top(page, post, tree):
        return Completeness()
    return Completeness(
        is_whole=not tree.mores and not tree.lost,
        is_enumerated=all(more.ids or more.parent for more in tree.mores),
        empty_proof=None if tree.comments or tree.lost else "container",
    )


def _starts_at_the_top(page: Page, post: Data, tree: _Tree) -> bool:
    """Return whether an answer is about the whole thread, and not about one comment with what is below it."""
    if NOT_SHOWN in tree.depths.values():
        return False
    declared = post.get("num_comments")
    if isinstance(declared, int) and len(tree.comments) >= declared:
        return True
    if post.get("suggested_sort") == "qa":
        return False  # questions and answers leave out what nobody of note answered, and do not say so
    if page.url is None:
        return [*tree.depths.values(), *(more.depth for more in tree.mores)].count(0) > 1
    return not addresses.is_partial(page.url)


def parse_more(page: Page, things: list[Any]) -> ThreadPage:
    """Return what /api/morechildren adds to a thread, which its address names as well as every comment."""
    first = next((_link_of(thing) for thing in things if _link_of(thing)), None)
    asked = addresses.address_of(page.url) if page.url else None
    thread = first or (asked.native_id if asked else None)
    if thread is None:
        raise ParseError(f"{page.name} holds no comments and names no thread: give its address with --url.")
    return _parse_part(page, thread, things, is_counted=True)


def _link_of(thing: Any) -> str | None:
    data = thing.get("data") if isinstance(thing, dict) else None
    link = (data.get("link_id") or data.get("link")) if isinstance(data, dict) else None
    return link.removeprefix("t3_") if isinstance(link, str) else None


def parse_comments(page: Page, things: list[Any]) -> tuple[ThreadPage, ...]:
    """Return the threads that a list of comments is of, such as /api/info gives for ids."""
    found, lost = entries_of(things, _link_of)
    if not found:
        raise ParseError(_unlike(page, "no comment with link_id"))
    threads: dict[str, list[Any]] = {}
    for thing in found:
        threads.setdefault(str(_link_of(thing)), []).append(thing)
    # Of which thread the others were, nobody knows.
    threads[next(iter(threads))] += lost
    return tuple(_parse_part(page, thread, found) for thread, found in threads.items())


def _parse_part(page: Page, thread: str, things: list[Any], *, is_counted: bool = False) -> ThreadPage:
    first = next((_fields(page, thing, "t1") for thing in things if forms.is_comment(thing)), {})
    # A comment's page stands below its thread's.
    path, _, own = str(first.get("permalink") or "").rstrip("/").rpartition("/")
    source = source_of(page, thread, first, f"{path}/" if path and own == first["id"] else None)
    tree = _read_tree(page, things, source, is_counted=is_counted)
    link = source.text(first.get("link_url"))
    found = Thread(
        site=wording.NAME,
        native_id=thread,
        url=source.page_url() if source.path else NOT_SHOWN,
        title=source.text(first.get("link_title")) or NOT_SHOWN,
        article=Article(url=link) if link and not addresses.is_ours(link) else Article(),
    )
    return _thread_page(found, tree, source)


def _thread_page(thread: Thread, tree: _Tree, source: Source) -> ThreadPage:
    return ThreadPage(
        thread=thread,
        comments=tuple(tree.comments),
        stubs=(*_stubs(tree, source), *tree.lost),
        links=tuple(_links(tree.mores, source)),
        conventions=wording.CONVENTIONS,
        form="json",
        disagreements=tree.disagreements,
    )


def _fields(page: Page, thing: Any, kind: str) -> Data:
    """Return the fields of a thing; raise ParseError where it is none that Reddit is known to give."""
    data = thing.get("data") if isinstance(thing, dict) else None
    if (
        not isinstance(data, dict)
        or thing.get("kind") != kind
        or not (kind == "more" or isinstance(data.get("id"), str))
    ):
        raise ParseError(_unlike(page, _kind_of(thing)))
    return rendered.unrendered(data, page.name) if rendered.is_rendered(data) else data


def _kind_of(thing: Any) -> str:
    found = thing.get("kind") if isinstance(thing, dict) else thing
    return f"a thing of kind {str(found)[:20]!r}, or one without an id"


def _unlike(page: Page, found: str) -> str:
    return (
        f"{page.name} holds {found}: looked for comments (t1) with id and link_id, and for `more`; the capture is "
        "kept, fetch it again or update the site's reader."
    )


def _read_tree(page: Page, things: list[Any], source: Source, *, is_counted: bool = False) -> _Tree:
    """Return what stands below a post, nested or in a row, without recursion: threads are as deep as readers like."""
    tree = _Tree()
    if (entries := entries_of(things, forms.is_thing)).is_unlike:
        raise ParseError(_unlike(page, _kind_of(entries.lost[0])))
    tree.lost += stubs_for(entries.lost)
    waiting: list[tuple[Any, str | None]] = [(thing, None) for thing in reversed(entries.found)]
    while waiting:
        thing, above = waiting.pop()
        is_more = forms.is_of_kind(thing, "more")
        data = _fields(page, thing, "more" if is_more else "t1")
        parent = _parent(data, above)
        if above is not None and parent != above:
            tree.disagreements += 1
        depth = tree.depth_of(data, parent, is_counted=is_counted)
        if is_more:
            ids, lost = ids_of(data.get("children"))
            tree.lost += unnamed(lost, parent)
            tree.mores.append(_More(parent, tuple(ids), shown(wording.number_of(data.get("count"))) or 0, depth))
            continue
        tree.comments.append(read_comment(data, len(tree.comments) + 1, parent, depth, source))
        tree.depths[data["id"]] = depth
        below = entries_of(forms.replies_of(data.get("replies")), forms.is_thing)
        tree.lost += stubs_for(below.lost, data["id"])
        waiting += [(reply, data["id"]) for reply in reversed(below.found)]
    return tree


def _parent(data: Data, above: str | None) -> str | None:
    parent = data.get("parent_id")
    if not isinstance(parent, str):
        return above
    return None if parent.startswith("t3_") else parent.removeprefix("t1_")


def _stubs(tree: _Tree, source: Source) -> Iterator[Stub]:
    """Yield what is known to exist: parents that are elsewhere, and what `more` stands for."""
    parents = dict.fromkeys(comment.parent_native_id for comment in tree.comments)
    for parent in parents:
        if isinstance(parent, str) and parent not in tree.depths:
            yield Stub(native_id=parent, url=source.listing_url(parent))
    for more in tree.mores:
        said = f"load more comments ({more.count})" if more.ids else "continue this thread"
        for native_id in more.ids or (None,):
            known = native_id or more.parent
            url = source.listing_url(known) if known else None
            yield Stub(native_id=native_id, parent_native_id=more.parent, shown=said, url=url)


def _links(mores: list[_More], source: Source) -> Iterator[Link]:
    """Yield the requests for what is left out.

    Of ids at several depths Reddit answers only the least deep (ChildrenCommentOrderer in its source, 2015): those of
    one depth are asked for together, and where the depth is not known, those of one parent.
    """
    named = sorted((more for more in mores if more.ids), key=_level)
    for _, level in groupby(named, _level):
        ids = tuple(dict.fromkeys(native_id for more in level for native_id in more.ids))
        for at in range(0, len(ids), _AT_ONCE):
            yield Link(url=source.more_url(ids[at : at + _AT_ONCE]))
    for more in mores:
        if not more.ids and more.parent:
            yield Link(url=source.listing_url(more.parent))


def _level(more: _More) -> tuple[int, str]:
    return (more.depth, "") if isinstance(more.depth, int) else (-1, more.parent or "")
