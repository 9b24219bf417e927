r"""Items as lines of JSON and back, exactly as they were: what is not shown, and one half of a surrogate pair too.

Comments have a line each, so that neither side holds all of a page's lines at once.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Any

from belowtheline.reading.items import NOT_SHOWN, Comment

_KIND, _LINE, _SET = "", "line", "set"
"""Names in an object that say what it stands for: an item of a class, a line before, or a set; {} is NOT_SHOWN."""
_OURS = "belowtheline."


def lines_of(value: Any) -> Iterator[bytes]:
    """Yield a value as lines: its comments first, and last the whole, which names them by their places."""
    comments: list[Comment] = []

    def placed(comment: Comment) -> dict[str, int]:
        comments.append(comment)
        return {_LINE: len(comments) - 1}

    whole = _plain(value, placed)
    for comment in comments:
        yield _line(_plain_item(comment, None))
    yield _line(whole)


def value_of(lines: Iterator[bytes]) -> Any:
    """Return the value of such lines."""
    held: list[Any] = []
    for line in lines:
        held.append(_made(json.loads(line.decode("utf-8", "surrogatepass")), held))
    return held[-1]


def _line(plain: Any) -> bytes:
    # ASCII would write two halves of a pair that stand apart as those of one letter.
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


_Placed = Callable[[Comment], dict[str, int]] | None


def _plain(value: Any, placed: _Placed) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if value is NOT_SHOWN:
        return {}
    if isinstance(value, (tuple, list)):
        return [_plain(one, placed) for one in value]
    if isinstance(value, frozenset):
        return {_SET: sorted(value)}
    if placed is not None and type(value) is Comment:
        return placed(value)
    return _plain_item(value, placed)


def _plain_item(item: Any, placed: _Placed) -> dict[str, Any]:
    cls: Any = type(item)
    plain: dict[str, Any] = {_KIND: f"{cls.__module__.removeprefix(_OURS)}:{cls.__qualname__}"}
    for name, default in _defaults(cls):
        value = getattr(item, name)
        if value is not default:
            plain[name] = _plain(value, placed)
    return plain


@cache
def _defaults(cls: Any) -> tuple[tuple[str, Any], ...]:
    """Return each field of an item's class with its default; MISSING where it must be given."""
    return tuple((field.name, _default(field)) for field in fields(cls))


def _default(field: Field[Any]) -> Any:
    return field.default if field.default is NOT_SHOWN or field.default is None or field.default == () else MISSING


def _made(plain: Any, held: list[Any]) -> Any:
    if isinstance(plain, list):
        return tuple([_made(one, held) for one in plain])
    if not isinstance(plain, dict):
        return plain
    if not plain:
        return NOT_SHOWN
    if _KIND not in plain:
        return held[plain[_LINE]] if _LINE in plain else frozenset(plain[_SET])
    cls = _class(plain.pop(_KIND))
    return cls(**{name: _made(value, held) for name, value in plain.items()})


@cache
def _class(kind: str) -> Any:
    """Return the class of an item by its module and name; raise ValueError where it is none of ours."""
    module, _, name = kind.partition(":")
    cls = getattr(import_module(_OURS + module), name)
    if not is_dataclass(cls):
        raise ValueError(f"{kind} is not an item")
    return cls
