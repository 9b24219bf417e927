"""Who wrote the comments of an answer: an account in the words of Coral or of Talk, and what stands beside its name."""

from collections.abc import Iterator

from belowtheline.reading.items import NOT_SHOWN, Author, Mark, Shown
from belowtheline.sites.coral.connections import Answer, text

_STAFF = frozenset({"STAFF", "ADMIN", "MODERATOR"})
_PARTS = {"bio": "bio", "role": "role", "created_at": "account since", "createdAt": "account since"}
_GONE = Author(kind="deleted")


class Authors:
    """The authors of one answer, each made once: few write most comments."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], tuple[Answer, Author]] = {}

    def of(self, node: Answer, tags: list[str], is_talk: bool) -> Shown[Author]:
        """Return the author of a comment, whose tags say whether it speaks for the site."""
        name = "user" if is_talk else "author"
        user = node.get(name)
        if not isinstance(user, dict):
            return _GONE if name in node or node.get("deleted") else NOT_SHOWN
        key = (str(user.get("id")), not _STAFF.isdisjoint(tags))
        known = self._known.get(key)
        if known is None or known[0] != user:
            known = self._known[key] = user, _read_user(user, key[1])
        return known[1]


def _read_user(user: Answer, is_staff: bool) -> Author:
    said = user.get("badges")
    badges = [badge for badge in said if text(badge)] if isinstance(said, list) else []
    return Author(
        name=text(user.get("username")),
        native_id=text(user.get("id")) or NOT_SHOWN,
        image_url=text(user["avatar"]) if "avatar" in user else NOT_SHOWN,
        kind="account",
        is_staff=is_staff,
        badge=badges[0] if badges else None if "badges" in user else NOT_SHOWN,
        marks=tuple(_marks(user, badges)),
    )


def _marks(user: Answer, badges: list[str]) -> Iterator[Mark]:
    for badge in badges[1:]:
        yield Mark(kind="badge", value=badge)
    for name, said in user.items():
        if name in _PARTS and text(said):
            yield Mark(kind=_PARTS[name], value=said)
