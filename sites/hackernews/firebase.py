"""Firebase's items: one story or one comment an answer, with the ids of what stands right below it; since 2014."""

from typing import Any

from belowtheline.reading.entries import ids_of, unnamed
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import utc
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Deletion,
    Link,
    Mark,
    Shown,
    Stub,
    Thread,
    ThreadPage,
)
from belowtheline.reading.page import Page
from belowtheline.sites.hackernews import addresses, wording

_STORIES = frozenset({"story", "job", "poll"})
_TYPES = _STORIES | {"comment", "pollopt"}


def is_item(value: Any) -> bool:
    """Return whether a JSON value is one item."""
    return isinstance(value, dict) and "id" in value and "children" not in value and str(value.get("type")) in _TYPES


def parse_item(page: Page) -> ThreadPage:
    """Return a story without its comments, or one comment that names only its parent."""
    item = page.json
    if item["type"] == "pollopt":
        raise ParseError(f"{page.name} is an option of poll {item.get('poll')}: give the poll's address.")
    if item["type"] in _STORIES:
        return _story(item, page)
    return _comment_alone(item, page)


def _kids(item: dict[str, Any], parent: str | None) -> tuple[tuple[str, ...], tuple[Stub, ...]]:
    """Return the ids of the comments right below an item, and what stands for entries that are no ids."""
    ids, lost = ids_of(item.get("kids"))
    return tuple(ids), unnamed(lost, parent)


def _links(ids: tuple[str, ...], page: Page) -> tuple[Link, ...]:
    return tuple(Link(url=addresses.firebase_url(native_id, page.url)) for native_id in ids)


def _stubs(ids: tuple[str, ...], parent: str | None, page: Page) -> tuple[Stub, ...]:
    return tuple(
        Stub(native_id=native_id, parent_native_id=parent, url=addresses.firebase_url(native_id, page.url))
        for native_id in ids
    )


def _story(item: dict[str, Any], page: Page) -> ThreadPage:
    kids, lost = _kids(item, None)
    native_id = str(item["id"])
    count, link = item.get("descendants"), wording.text_of(item.get("url"))
    states = tuple(state for state in ("deleted", "dead") if item.get(state))
    thread = Thread(
        site=wording.NAME,
        native_id=native_id,
        url=addresses.item_url(native_id, addresses.origin(page.url)),
        title=wording.text_of(item.get("title")) or NOT_SHOWN,
        declared_count=count if isinstance(count, int) else NOT_SHOWN,
        article=Article(url=link) if link else Article(),
        author=_author(item, page),
        published_at=utc(item.get("time")),
        body_html=NOT_SHOWN if states else wording.text_of(item.get("text")),
        score=item["score"] if isinstance(item.get("score"), int) else NOT_SHOWN,
        marks=tuple(Mark(kind=state) for state in states) or NOT_SHOWN,
    )
    return ThreadPage(
        thread=thread,
        stubs=(*_stubs(kids, None, page), *lost),
        links=_links(kids, page),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(is_whole=not kids and not lost, empty_proof=None if kids or lost else "container"),
        form="json",
    )


def _comment_alone(item: dict[str, Any], page: Page) -> ThreadPage:
    comment = _comment(item, page)
    kids, lost = _kids(item, comment.native_id)
    parent = comment.parent_native_id
    above = (parent,) if isinstance(parent, str) else ()
    return ThreadPage(
        thread=Thread(site=wording.NAME, native_id=None),
        comments=(comment,),
        stubs=(*_stubs(kids, comment.native_id, page), *lost),
        links=_links(above + kids, page),
        conventions=wording.CONVENTIONS,
        form="json",
        is_part=True,
    )


def _comment(item: dict[str, Any], page: Page) -> Comment:
    native_id = str(item["id"])
    deletion = _deletion(item)
    return Comment(
        native_id=native_id,
        position=1,
        # The parent of a comment on the story is the story itself: one answer does not tell which it is.
        parent_native_id=wording.text_of(item.get("parent")) or NOT_SHOWN,
        author=_author(item, page),
        body_html=NOT_SHOWN if deletion else wording.text_of(item.get("text")),
        published_raw=wording.text_of(item.get("time")) or NOT_SHOWN,
        deletion=deletion,
        url=addresses.item_url(native_id, addresses.origin(page.url)),
        marks=_marks(item) or NOT_SHOWN,  # pages show what this does not: faded ones, and answers of new accounts
    )


def _deletion(item: dict[str, Any]) -> Deletion | None:
    if item.get("deleted"):
        return "unknown"
    text = wording.text_of(item.get("text")) or ""
    return wording.TOMBSTONES.get(text, None if text else "moderator") if item.get("dead") else None


def _marks(item: dict[str, Any]) -> tuple[Mark, ...]:
    if not item.get("dead"):
        return ()
    text = wording.text_of(item.get("text")) or ""
    states = wording.states(text) if text in wording.TOMBSTONES else ()
    return wording.marks(tuple(dict.fromkeys((*states, "dead"))))


def _author(item: dict[str, Any], page: Page) -> Shown[Author]:
    name = item.get("by")
    if not isinstance(name, str):
        return NOT_SHOWN
    return Author(name=name, native_id=name, profile_url=addresses.user_url(name, addresses.origin(page.url)))
