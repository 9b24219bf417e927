"""What the class names of themes and plugins mean: a name, a date, a text, or a button, written in any style."""

import re
from functools import lru_cache
from typing import Literal

Role = Literal["name", "byline", "date", "body", "wrapper", "noise"]

FULL_NAMES = (
    "fn", "commentauthorname", "wpblockcommentauthorname", "wpdcommentauthor", "commentauthorlink",
)  # fmt: skip
"""Classes of elements that hold a name and nothing else; all names are in lower case and without hyphens."""
BYLINES = ("commentauthor", "author")
"""Classes of elements that hold a name among other things."""
DATES = (
    "commentmetadata", "commentpermalink", "commenttime", "commentdate", "wpblockcommentdate", "wpdcommentdate",
    "commentmeta", "date",
)  # fmt: skip
BODIES = ("commentcontent", "commenttext", "commententry", "wpblockcommentcontent", "wpdcommenttext")
"""Classes of elements that hold what the author wrote, and in some themes name and date above it."""
WRAPPERS = ("commentbody", "commentinner", "entrycontent", "formattext", "text")
"""Classes of elements that hold what the author wrote in some themes, and the whole comment in others."""
WAITING = "commentawaitingmoderation"
NOISE = frozenset(
    (
        WAITING, "reply", "commentreply", "commentreplylink", "commenteditlink", "editlink", "says", "commentlikes",
        "commentlikefeedback", "pdrating", "csrating", "sharedaddy", "wpblockcommentreplylink",
        "wpblockcommenteditlink", "commentrespond", "bypostauthor", "screenreadertext",
    )
)  # fmt: skip
"""Classes of elements that are buttons and notes of the site."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PEOPLE = frozenset(
    ("author", "autor", "auteur", "autore", "verfasser", "commenter", "commentator", "poster", "username", "nickname",
     "displayname", "vcard", "user", "member", "nick")
)  # fmt: skip
_NAMES = frozenset(("name", "username", "nickname", "displayname"))
_NO_NAME = frozenset(
    ("avatar", "bio", "image", "img", "icon", "photo", "pic", "picture", "thumb", "badge", "label", "role", "post",
     "says", "rating", "url", "website", "email", "description", "title", "rank", "level", "count")
)  # fmt: skip
_TIMES = frozenset(("date", "datetime", "time", "timestamp", "published", "datum", "fecha", "ago"))
_META = frozenset(("meta", "metadata", "postinfo", "byline", "postmetadata", "infos", "info"))
_HEADERS = frozenset(("head", "header", "heading", "top", "details", "data"))
_TEXTS = frozenset(("content", "text", "txt", "body", "message", "msg", "entry", "excerpt", "texte", "inhalt"))
_BUTTONS = frozenset(
    ("reply", "replies", "respond", "answer", "edit", "report", "flag", "like", "likes", "liked", "dislike", "ulike",
     "wpulike", "vote", "votes", "voting", "upvote", "downvote", "karma", "rating", "ratings", "ckratings", "star",
     "stars", "share", "sharing", "social", "thumbs", "button", "buttons", "btn", "actions", "tools", "moderation",
     "avatar", "gravatar", "badge", "says", "tooltip", "quicktags", "helpful", "clap", "claps", "permalink", "spam",
     "delete", "sr")
)  # fmt: skip
_ANSWERS = frozenset(("reply", "replies", "answer"))


@lru_cache(maxsize=4096)
def named(classes: str) -> tuple[str, ...]:
    """Return the known names among an element's classes, in the style of the lists above.

    >>> named("comment-author vcard"), named("commentMetaData")
    (('commentauthor',), ('commentmetadata',))
    """
    plain = (name.lower().replace("-", "").replace("_", "") for name in classes.split())
    return tuple(name for name in dict.fromkeys(plain) if name in _KNOWN)


_KNOWN = frozenset((*FULL_NAMES, *BYLINES, *DATES, *BODIES, *WRAPPERS, WAITING))


@lru_cache(maxsize=4096)
def is_noise(classes: str) -> bool:
    """Return whether one of an element's classes is a known one of a button or note."""
    return not NOISE.isdisjoint(name.lower().replace("-", "").replace("_", "") for name in classes.split())


@lru_cache(maxsize=4096)
def role_of(classes: str) -> Role | None:
    """Return what an element is by the words of its classes, None where they do not tell.

    >>> role_of("w-comments-item-author"), role_of("commentsTxt"), role_of("cld-like-wrap"), role_of("row")
    ('name', 'body', 'noise', None)
    """
    known = named(classes)
    for role, names in _ROLES:
        if not names.isdisjoint(known):
            return role
    roles = [told for name in classes.split() if (told := _role_of_words(name))]
    return min(roles, key=_ORDER.index) if roles else None


_ROLES: tuple[tuple[Role, frozenset[str]], ...] = (
    ("name", frozenset(FULL_NAMES)),
    ("byline", frozenset(BYLINES)),
    ("body", frozenset(BODIES)),
    ("date", frozenset(DATES)),
    ("wrapper", frozenset(WRAPPERS)),
)
_ORDER: tuple[Role, ...] = ("noise", "name", "date", "byline", "body", "wrapper")


def _role_of_words(name: str) -> Role | None:
    words = words_of(name)
    last = words[-1] if words else ""
    if not _BUTTONS.isdisjoint(words) or any(word.startswith("rating") for word in words):
        return "body" if last in _TEXTS and _ANSWERS.issuperset(_BUTTONS.intersection(words)) else "noise"
    if not _PEOPLE.isdisjoint(words) and _NO_NAME.isdisjoint(words):
        return "name" if last in _PEOPLE or last in _NAMES or last == "link" else "byline"
    if last in _NAMES and _NO_NAME.isdisjoint(words):
        return "name"
    if last in _TIMES:
        return "date"
    if not _META.isdisjoint(words) or ("comment" in words and last in _HEADERS):
        return "byline"
    return "body" if last in _TEXTS else None


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a class name, in lower case.

    >>> words_of("w-comments-itemAuthor_2")
    ('w', 'comments', 'item', 'author')
    """
    return tuple(word.lower() for word in _WORD.findall(name))
