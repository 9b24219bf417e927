"""Lobsters' JSON: one answer holds a story and all its comments, in page order."""

from datetime import timedelta
from typing import Any

from belowtheline.reading.entries import entries_of, stubs_for
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import read_instant
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Mark,
    Shown,
    Thread,
    ThreadPage,
)
from belowtheline.reading.page import Page
from belowtheline.sites.lobsters import addresses, wording

Answer = dict[str, Any]


def is_story(value: object) -> bool:
    """Return whether an answer is a story with its comments."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("short_id"), str)
        and isinstance(value.get("comments"), list)
        and not entries_of(value["comments"], _is_comment).is_unlike
        and "submitter_user" in value
    )


def _is_comment(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("short_id"), str)


def parse_story(page: Page) -> ThreadPage:
    """Return the thread of an answer; raise ParseError where it is no story."""
    story = page.json
    if not is_story(story):
        raise ParseError(
            f"{page.name} is no story of Lobsters{_said(story)}: looked for short_id, submitter_user and comments; "
            "check that the story exists, or fetch its page at /s/ID without .json."
        )
    try:
        return _thread_page(page, story)
    except (AttributeError, TypeError, ValueError) as error:
        raise ParseError(
            f"{page.name} has fields this reader does not know ({error}): update the site's reader."
        ) from error


def _thread_page(page: Page, story: Answer) -> ThreadPage:
    answers = entries_of(story["comments"], _is_comment)
    comments, disagreements = _read_comments(answers.found)
    return ThreadPage(
        thread=_thread(story, page),
        comments=comments,
        stubs=stubs_for(answers.lost),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(
            is_whole=not answers.lost,
            counts_visible=True,
            empty_proof=None if comments or answers.lost else "container",
        ),
        form="json",
        disagreements=disagreements,
    )


def _said(value: object) -> str:
    """Return what an answer says of an error, in brackets."""
    if not isinstance(value, dict):
        return ""
    said = [str(value[key])[:80] for key in ("status", "error", "message") if value.get(key)]
    return f" ({' '.join(said)})" if said else ""


def _thread(story: Answer, page: Page) -> Thread:
    url = _text(story.get("comments_url")) or _text(story.get("short_id_url"))
    title = _text(story.get("title"))
    link = _text(story.get("url"))
    marks = [Mark(kind="tag", value=str(tag)) for tag in entries_of(story.get("tags"), bool).found]
    if story.get("user_is_author") is True:
        marks.append(Mark(kind="submitted by its author"))
    if flags := story.get("flags"):
        marks.append(Mark(kind="flags", value=str(flags)))
    return Thread(
        site=wording.NAME,
        instance=addresses.instance(url or page.url),
        native_id=story["short_id"],
        url=url or NOT_SHOWN,
        title=title,
        declared_count=_number(story.get("comment_count")),
        article=Article(url=link, headline=title) if link else Article(url=None),
        author=_author(story["submitter_user"], url or page.url),
        published_at=wording.utc(_text(story.get("created_at"))),
        body_html=_text(story.get("description")),
        score=_number(story.get("score")),
        marks=tuple(marks),
    )


def _read_comments(answers: list[Answer]) -> tuple[tuple[Comment, ...], int]:
    """Return the comments in order, and how often the named parent is not the one that the levels show."""
    comments = []
    latest: dict[int, str] = {}
    disagreements = 0
    for position, answer in enumerate(answers, 1):
        depth = _depth(answer)
        above = latest.get(depth - 1) if depth else None
        parent = _text(answer["parent_comment"]) if "parent_comment" in answer else above
        disagreements += parent != above
        comments.append(_comment(answer, position, depth, parent))
        latest[depth or 0] = answer["short_id"]
    return tuple(comments), disagreements


def _depth(answer: Answer) -> int | None:
    """Return the levels above a comment: newer answers have `depth`, older `indent_level`, which counts its own."""
    if isinstance(answer.get("depth"), int):
        return int(answer["depth"])
    return int(answer["indent_level"]) - 1 if isinstance(answer.get("indent_level"), int) else None


def _comment(answer: Answer, position: int, depth: int | None, parent: str | None) -> Comment:
    published = _text(answer.get("created_at"))
    edited = _text(answer.get("last_edited_at")) or _text(answer.get("updated_at"))
    is_edited = _is_edited(published, edited)
    fields: dict[str, Any] = {"body_html": _text(answer.get("comment")), "deletion": None}
    marks = [Mark(kind="flags", value=str(answer["flags"]))] if answer.get("flags") else []
    if answer.get("is_deleted") or answer.get("is_moderated"):
        sentence = wording.plain(_text(answer.get("comment")) or "")
        who = wording.deletion(sentence)
        fields = {"deletion": "moderator" if answer.get("is_moderated") else who}
        marks += [Mark(kind="removal", value=sentence)] if sentence else []
    return Comment(
        native_id=answer["short_id"],
        position=position,
        parent_native_id=parent,
        depth=NOT_SHOWN if depth is None else depth,
        author=_author(answer.get("commenting_user"), _text(answer.get("url"))),
        published_raw=published or NOT_SHOWN,
        is_edited=is_edited,
        edited_raw=edited if is_edited is True else NOT_SHOWN,
        upvotes=_number(answer.get("upvotes")),
        downvotes=_number(answer.get("downvotes")),
        score=_number(answer.get("score")),
        url=_text(answer.get("short_id_url")) or _text(answer.get("url")) or NOT_SHOWN,
        marks=tuple(marks),
        **fields,
    )


def _is_edited(published: str | None, edited: str | None) -> Shown[bool]:
    """Return whether the page would say `edited`, which it does from one minute after publishing on."""
    if published is None or edited is None:
        return NOT_SHOWN
    first = read_instant(published)
    last = first if edited == published else read_instant(edited)
    if first is None or last is None or (first.offset is None) != (last.offset is None):
        return NOT_SHOWN
    apart = last.local - first.local - ((last.offset or timedelta()) - (first.offset or timedelta()))
    return apart.total_seconds() > 60


def _author(user: object, near: str | None) -> Author:
    """Return an account: its name alone in newer answers, an object in older ones."""
    if isinstance(user, str) and user:
        return Author(name=user, kind="deleted" if user == wording.DISOWNED else "account")
    name = _text(user.get("username")) if isinstance(user, dict) else None
    if name is None or not isinstance(user, dict):
        return Author(kind="deleted")
    marks = [Mark(kind=kind) for kind in ("admin", "moderator") if user.get(f"is_{kind}")]
    if isinstance(user.get("karma"), int):
        marks.append(Mark(kind="karma", value=str(user["karma"])))
    image = _text(user.get("avatar_url"))
    return Author(
        name=name,
        image_url=_absolute(image, near) if image else NOT_SHOWN,
        kind="deleted" if name == wording.DISOWNED else "account",
        is_staff=bool(user.get("is_admin") or user.get("is_moderator")),
        marks=tuple(marks),
    )


def _absolute(address: str, near: str | None) -> str:
    return addresses.origin(near) + address if address.startswith("/") else address


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> Shown[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else NOT_SHOWN
