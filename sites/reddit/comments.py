"""Reddit's comments: the fields of one `t1`, as they have been since 2008."""

from collections.abc import Iterator

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown
from belowtheline.sites.reddit import wording
from belowtheline.sites.reddit.source import Source
from belowtheline.sites.reddit.wording import Data


def read_comment(data: Data, position: int, parent: str | None, depth: Shown[int], source: Source) -> Comment:
    """Return a comment; where its text is gone, what stands in place of it is no body, and of name no author."""
    native_id, name = data["id"], data.get("author")
    html = source.html(data.get("body_html"))
    body = data.get("body")
    body = body if body and isinstance(body, str) else wording.words_of(html or "")
    deletion = wording.deletion_of(body, name, data.get("collapsed_reason_code"))
    is_hidden = bool(deletion) or body == name == wording.UNAVAILABLE
    # Since June 2014 `ups` repeats the score and `downs` is 0; before, it took a rendered answer to be sure of a 0.
    has_votes = not data.get("score_hidden") and ("score" not in data or data.get("downs") or "has_votes" in data)
    edited = data.get("edited")
    return Comment(
        native_id=native_id,
        position=position,
        parent_native_id=parent,
        depth=depth,
        author=NOT_SHOWN if is_hidden and name in _PLACEHOLDERS else read_author(data, source),
        body_html=NOT_SHOWN if is_hidden else html,
        body_text=NOT_SHOWN if is_hidden or "body_html" in data else source.text(body),
        published_raw=wording.date_of(data.get("created_utc")),
        edited_raw=wording.date_of(edited) if edited else NOT_SHOWN,
        is_edited=NOT_SHOWN if edited is None else bool(edited),
        deletion=deletion,
        upvotes=wording.number_of(data.get("ups")) if has_votes else NOT_SHOWN,
        downvotes=wording.number_of(data.get("downs")) if has_votes else NOT_SHOWN,
        score=NOT_SHOWN if data.get("score_hidden") else wording.number_of(data.get("score")),
        url=source.base + permalink
        if (permalink := source.text(data.get("permalink")))
        else source.page_url(native_id),
        marks=tuple(_marks(data, source)),
    )


_PLACEHOLDERS = (None, wording.GONE, wording.UNAVAILABLE)


def read_author(data: Data, source: Source) -> Shown[Author]:
    """Return who wrote a comment or a post: names cannot be changed, and are what addresses carry."""
    name = data.get("author")
    if not isinstance(name, str):
        return NOT_SHOWN
    if name == wording.GONE:
        return Author(kind="deleted")
    return Author(
        name=name,
        native_id=name,
        profile_url=f"{source.base}/user/{name}",
        kind="account",
        is_staff=data.get("distinguished") == "admin",
        badge=source.text(data["author_flair_text"]) if "author_flair_text" in data else NOT_SHOWN,
        marks=tuple(_standing(data)) or NOT_SHOWN,  # answers of before 2018 show none of it
    )


def _standing(data: Data) -> Iterator[Mark]:
    if fullname := data.get("author_fullname"):
        yield Mark(kind="account id", value=str(fullname))
    if data.get("author_premium"):
        yield Mark(kind="premium")
    if data.get("author_cakeday"):
        yield Mark(kind="cake day")


def _marks(data: Data, source: Source) -> Iterator[Mark]:
    if distinguished := data.get("distinguished"):
        yield Mark(kind="distinguished", value=str(distinguished))
    if data.get("is_submitter"):
        yield Mark(kind="submitter")
    if data.get("stickied"):
        yield Mark(kind="stickied")
    if data.get("locked"):
        yield Mark(kind="locked")
    if data.get("score_hidden"):
        yield Mark(kind="score hidden")
    if data.get("controversiality"):
        yield Mark(kind="controversial")
    if data.get("body") == wording.UNAVAILABLE == data.get("author"):
        yield Mark(kind="unavailable")
    yield from wording.awards(data)
    if data.get("collapsed"):
        said = source.text(data.get("collapsed_reason")) or source.text(data.get("collapsed_reason_code"))
        by_crowd = "crowd control" if data.get("collapsed_because_crowd_control") else None
        yield Mark(kind="collapsed", value=said or by_crowd)
