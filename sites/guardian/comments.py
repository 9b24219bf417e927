"""The comments of an answer: the order and the tree they stand in, and each as the API gives it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from belowtheline.reading.entries import entries_of, stubs_for
from belowtheline.reading.instants import first_usable
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown, Stub
from belowtheline.sites.guardian import wording
from belowtheline.sites.guardian.wording import number, text

Answer = dict[str, Any]
_TOLD = frozenset({"body", "userProfile", "isoDateTime", "date", "status"})


@dataclass(slots=True)
class Held:
    """The comments of one answer in its order, and how they hang together."""

    answers: list[Answer] = field(default_factory=list)
    parents: list[str | None] = field(default_factory=list)
    depths: dict[str, int] = field(default_factory=dict)
    """Levels above each comment, where all of them are in the answer."""
    roots: dict[str, str] = field(default_factory=dict)
    """The comment at the top of the tree that the answer shows each in."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many replies the answer counts and does not hold, by comment."""
    lost: list[Stub] = field(default_factory=list)
    """What stands for entries of the answer that are no comments."""
    disagreements: int = 0

    @property
    def parents_elsewhere(self) -> list[str]:
        """The comments that are answered and are not in the answer, each once."""
        return [parent for parent in dict.fromkeys(self.parents) if parent is not None and parent not in self.roots]


def hold(answers: object, *, is_linear: bool = False) -> Held:
    """Return the comments of an answer in page order, told from nesting and from whom they say they answer."""
    tops, lost = entries_of(answers, is_comment)
    held = Held(lost=list(stubs_for(lost)))
    is_linear = is_linear or (len(tops) > 1 and any(_answered(top) for top in tops))
    for top in tops:
        first, key, lost_before = len(held.answers), str(top["id"]), len(held.lost)
        for answer, above in _walk(top, held.lost):
            _add(held, answer, above, key)
        if not is_linear:
            _count_replies(held, first, key, sum(stub.count for stub in held.lost[lost_before:]))
    return held


def is_comment(value: object) -> bool:
    """Return whether a value is a comment: it has an id and says something."""
    is_named = isinstance(value, dict) and isinstance(value.get("id"), (int, str))
    return is_named and not _TOLD.isdisjoint(value)  # type: ignore[arg-type]


def _walk(top: Answer, lost: list[Stub]) -> Iterator[tuple[Answer, str | None]]:
    """Yield a comment and what is nested in it, in page order, each with the id of the one around it."""
    waiting: list[tuple[Answer, str | None]] = [(top, None)]
    while waiting:
        answer, above = waiting.pop()
        yield answer, above
        replies = entries_of(answer.get("responses"), is_comment)
        lost.extend(stubs_for(replies.lost, str(answer["id"])))
        waiting.extend((reply, str(answer["id"])) for reply in reversed(replies.found))


def _add(held: Held, answer: Answer, above: str | None, root: str) -> None:
    key, answered = str(answer["id"]), _answered(answer)
    parent = answered or above
    # Replies to replies stand side by side below the first comment, so that only another tree is a disagreement.
    if above is not None and answered in held.roots and held.roots[answered] != root:
        held.disagreements += 1
    if parent is None:
        held.depths[key] = 0
    elif parent in held.depths:
        held.depths[key] = held.depths[parent] + 1
    held.roots[key] = root
    held.answers.append(answer)
    held.parents.append(parent)


def _answered(answer: Answer) -> str | None:
    said = answer.get("responseTo")
    return str(said["commentId"]) if isinstance(said, dict) and said.get("commentId") else None


def _count_replies(held: Held, first: int, key: str, lost: int) -> None:
    top, here = held.answers[first], len(held.answers) - first - 1 + lost
    said = top.get("metaData")
    counts = (top.get("numResponses"), said.get("responseCount") if isinstance(said, dict) else None)
    told = max((count for value in counts if isinstance(count := number(value), int)), default=0)
    if told > here:
        held.left_out[key] = told - here


def read_comment(held: Held, position: int) -> Comment:
    """Return the comment at a position of an answer, from 1."""
    answer = held.answers[position - 1]
    key, html = str(answer["id"]), text(answer.get("body"))
    iso = text(answer.get("isoDateTime"))
    raw = first_usable(iso, text(answer.get("date")))
    is_blocked = answer.get("status") == "blocked"
    fields: dict[str, Any] = {"deletion": "moderator"} if is_blocked else {"deletion": None, "body_html": html}
    return Comment(
        native_id=key,
        position=position,
        parent_native_id=held.parents[position - 1],
        depth=held.depths.get(key, NOT_SHOWN),
        author=_author(answer.get("userProfile")),
        published_raw=raw or NOT_SHOWN,
        published_source="iso" if raw and raw == iso else "text" if raw else None,
        upvotes=number(answer.get("numRecommends")),
        url=text(answer.get("webUrl")) or NOT_SHOWN,
        marks=_marks(answer),
        **fields,
    )


def _marks(answer: Answer) -> tuple[Mark, ...]:
    marks = [wording.PICK] if answer.get("isHighlighted") is True else []
    status = text(answer.get("status"))
    if status not in (None, "visible", "blocked"):
        marks.append(Mark(kind="status", value=status))
    return tuple(marks)


def _author(user: object) -> Shown[Author]:
    if not isinstance(user, dict):
        return NOT_SHOWN
    badges = tuple(name for badge in entries_of(user.get("badge")).found if (name := text(badge.get("name"))))
    native_id = user.get("userId")
    return Author(
        name=text(user.get("displayName")),
        native_id=str(native_id) if native_id else None,
        profile_url=text(user.get("webUrl")),
        image_url=text(user.get("secureAvatarUrl")) or text(user.get("avatar")),
        kind="account",
        is_staff=wording.works_for_it(badges),
        badge=badges[0] if badges else None,
        marks=tuple(Mark(kind="badge", value=badge) for badge in badges[1:]),
    )
