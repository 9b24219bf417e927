"""Algolia's item tree: an item with all that is below it, in one answer; since 2014."""

from collections.abc import Iterator
from typing import Any

from belowtheline.reading.entries import entries_of, stubs_for
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import first_usable, utc
from belowtheline.reading.items import NOT_SHOWN, Article, Author, Comment, Link, Shown, Stub, Thread, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.hackernews import addresses, wording

_KEYS = frozenset({"id", "created_at_i", "author"})
_TOLD = frozenset({"author", "created_at", "created_at_i", "text"})


def is_tree(value: Any) -> bool:
    """Return whether a JSON value is an item as Algolia has them; one without replies may have no `children`."""
    return isinstance(value, dict) and value.keys() >= _KEYS and wording.text_of(value["id"]) is not None


def _is_node(value: Any) -> bool:
    is_item = isinstance(value, dict) and wording.text_of(value.get("id")) is not None
    return is_item and not _TOLD.isdisjoint(value)


def parse_tree(page: Page) -> ThreadPage:
    """Return the thread of an item's tree, or the part of it below a comment.

    Nothing proves its end: what is dead or deleted is left out, at times with the replies to it.
    """
    item, base = page.json, addresses.origin(page.url)
    if entries_of(item.get("children"), _is_node).is_unlike:
        raise ParseError(
            f"{page.name} has items unlike Algolia's: looked for id, author and text; fetch it again, or the page at "
            "news.ycombinator.com."
        )
    thread_id = wording.text_of(item.get("story_id")) if item.get("type") == "comment" else wording.text_of(item["id"])
    lost: list[Stub] = []
    comments = tuple(_comments(item, thread_id, page, lost))
    is_part = item.get("type") == "comment"
    return ThreadPage(
        thread=_part_of(thread_id, base) if is_part else _thread(item, base),
        comments=comments,
        stubs=(*(_parent_stub(comments[0], page) if is_part else ()), *lost),
        links=(Link(url=addresses.tree_url(thread_id, page.url)),) if is_part and thread_id else (),
        conventions=wording.CONVENTIONS,
        form="json",
        is_part=thread_id is None,
    )


def _part_of(thread_id: str | None, base: str) -> Thread:
    url = addresses.item_url(thread_id, base) if thread_id else NOT_SHOWN
    return Thread(site=wording.NAME, native_id=thread_id, url=url)


def _thread(item: dict[str, Any], base: str) -> Thread:
    native_id = str(item["id"])
    link = wording.text_of(item.get("url"))
    options = item.get("options")
    return Thread(
        site=wording.NAME,
        native_id=native_id,
        url=addresses.item_url(native_id, base),
        title=wording.text_of(item.get("title")),
        article=Article(url=link) if link else Article(),
        author=_author(item, base),
        published_at=utc(item["created_at_i"]),
        body_html=wording.text_of(item.get("text")),
        score=_points(item),
        marks=tuple(
            wording.poll_option(wording.text_of(option.get("text")) or "", option.get("points"))
            for option in (options if isinstance(options, list) else ())
            if isinstance(option, dict)
        )
        or NOT_SHOWN,
    )


def _comments(item: dict[str, Any], thread_id: str | None, page: Page, lost: list[Stub]) -> Iterator[Comment]:
    """Yield the comments in the order of the tree, without recursion: threads are as deep as their readers like.

    What is no comment costs none of the others, and is added to `lost`.
    """
    is_story = item.get("type") != "comment"
    is_top = is_story or wording.text_of(item.get("parent_id")) == thread_id
    waiting: list[tuple[Any, Shown[int]]] = [(item, 0 if is_top else NOT_SHOWN)]
    if is_story:
        waiting = [(child, 0) for child in reversed(_children(item, None, lost))]
    position, base = 0, addresses.origin(page.url)
    while waiting:
        node, depth = waiting.pop()
        position += 1
        yield _comment(node, position, depth, thread_id, base)
        below = depth + 1 if isinstance(depth, int) else NOT_SHOWN
        waiting += [(child, below) for child in reversed(_children(node, str(node["id"]), lost))]


def _children(node: dict[str, Any], parent: str | None, lost: list[Stub]) -> list[dict[str, Any]]:
    children = entries_of(node.get("children"), _is_node)
    lost.extend(stubs_for(children.lost, parent))
    return children.found


def _comment(node: dict[str, Any], position: int, depth: Shown[int], thread_id: str | None, base: str) -> Comment:
    native_id, parent = str(node["id"]), wording.text_of(node.get("parent_id"))
    is_gone = node.get("author") is None and node.get("text") is None
    seconds = wording.text_of(node.get("created_at_i"))
    return Comment(
        native_id=native_id,
        position=position,
        parent_native_id=None if parent == thread_id else parent or NOT_SHOWN,
        depth=depth,
        author=_author(node, base),
        body_html=NOT_SHOWN if is_gone else wording.text_of(node.get("text")),
        published_raw=first_usable(seconds, wording.text_of(node.get("created_at"))) or NOT_SHOWN,
        deletion="unknown" if is_gone else None,
        score=_points(node),
        url=addresses.item_url(native_id, base),
    )


def _author(node: dict[str, Any], base: str) -> Shown[Author]:
    name = wording.text_of(node.get("author"))
    if name is None:
        return NOT_SHOWN
    return Author(name=name, native_id=name, profile_url=addresses.user_url(name, base))


def _points(node: dict[str, Any]) -> Shown[int]:
    points = node.get("points")
    return points if isinstance(points, int) else NOT_SHOWN


def _parent_stub(comment: Comment, page: Page) -> tuple[Stub, ...]:
    parent = comment.parent_native_id
    return (Stub(native_id=parent, url=addresses.tree_url(parent, page.url)),) if isinstance(parent, str) else ()
