"""Which element of an unknown page is repeated for each comment, and which of its parts are author, date and body.

Guesses for somebody who adds a site and corrects them; no reading of an archive stands on them.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from lxml import etree

from belowtheline.authoring.wording import (
    AUTHOR_WORDS,
    COMMENT_WORDS,
    DATE_WORDS,
    LONGEST_DATE,
    classes_of,
    is_date,
    is_named,
    is_profile,
    words_in,
)
from belowtheline.reading.markup import visible

_NO_CONTAINERS = frozenset((
    "html", "body", "head", "a", "span", "p", "b", "i", "em", "strong", "time", "img", "input", "button",
    "option", "label", "svg", "path", "h1", "h2", "h3", "h4", "h5", "h6", "form",
))  # fmt: skip
_NO_BODIES = ("a", "button", "label", "time", "img", "input", "h1", "h2", "h3")
_NAME_TAGS = ("cite", "b", "strong")
_DATE_ATTRIBUTES = ("datetime", "title", "data-timestamp", "data-time", "data-date")

_LETTERS_THEN_DIGITS = re.compile(r"([A-Za-z]{1,20})\d{1,30}")
_SAMPLED = 25
_FULL_LENGTH = 20.0
"""Words of a comment from which on more of them tell nothing."""
_LONGEST_NAME = 60
_MOST = 0.6
"""Share of the comments that have to have a part."""
_ENOUGH = 3.0
"""Least score of a container: two of who, when, and a name that says comment."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What was found on a page; what was not found is empty."""

    comment: str = ""
    """Class of the element around each comment."""
    author: str = ""
    """Class or tag of the name."""
    date: str = ""
    """Class or tag of the date."""
    date_attribute: str = ""
    """Attribute that holds the date; empty where its text does."""
    body: str = ""
    """Class of the words."""
    list_path: str = ""
    """XPath of the element around all comments."""
    list_shown: str = ""
    """The same as one would write it in CSS."""
    id_attribute: str = ""
    """Attribute of the comment's element that holds its id."""
    id_prefix: str = ""
    """What stands before the id in that attribute."""
    is_nested: bool = False
    """Whether comments stand inside those they answer."""
    count: int = 0
    """How many comments there are on the page."""

    @property
    def missing(self) -> list[str]:
        """Which parts were not found."""
        return [part for part in ("comment", "author", "date", "body") if not getattr(self, part)]


def guess(root: etree._Element) -> Guess:
    """Return what is repeated on a page as comments are, and its parts."""
    groups = _groups(root)
    scored = [(_score(name, members), -_depth(members[0]), -len(name), name) for name, members in groups.items()]
    best = max(scored, default=None)
    if best is None or best[0] < _ENOUGH:
        return Guess()
    name = best[-1]
    members = groups[name]
    own = [list(own_parts(member, name)) for member in members[:_SAMPLED]]
    author = _author(own)
    date = _date(own)
    attribute, prefix = _id(members)
    path, shown = _list(root, members)
    return Guess(
        comment=name,
        author=author,
        date=date,
        date_attribute=_date_attribute(own, date),
        body=_body(own, (author, date)),
        list_path=path,
        list_shown=shown,
        id_attribute=attribute,
        id_prefix=prefix,
        is_nested=_is_nested(members),
        count=len(members),
    )


def keys_of(element: etree._Element) -> list[str]:
    """Return what an element can be found by: its classes and its tag."""
    return [*classes_of(element), str(element.tag)]


def own_parts(member: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield what stands in a comment's element and not in that of another comment inside it."""
    waiting = list(reversed(member))
    while waiting:
        element = waiting.pop()
        if name not in (element.get("class") or "").split():
            yield element
            waiting.extend(reversed(element))


def _groups(root: etree._Element) -> dict[str, list[etree._Element]]:
    groups: dict[str, list[etree._Element]] = defaultdict(list)
    for element in root.iter(etree.Element):
        if element.tag not in _NO_CONTAINERS:
            for name in classes_of(element):
                groups[name].append(element)
    return {name: members for name, members in groups.items() if len(members) > 1}


def _score(name: str, members: Sequence[etree._Element]) -> float:
    """Return how much a group looks like comments: who, when, a telling name, ids, words, how many there are."""
    own = [list(own_parts(member, name)) for member in members[:_SAMPLED]]
    length = fmean(sum(map(_length, parts)) for parts in own)
    if length < 3:
        return 0.0
    dated = fmean(any(map(_has_date, parts)) for parts in own)
    named = fmean(any(map(_has_name, parts)) for parts in own)
    told = not words_in(name).isdisjoint(COMMENT_WORDS)
    said = min(length, _FULL_LENGTH) / _FULL_LENGTH
    return 2 * dated + 2 * named + 1.5 * told + said + 0.5 * bool(_id(members)[0]) + math.log(len(members)) / 5


def _length(part: etree._Element) -> int:
    """Return how many words stand in and after an element, without those of its children."""
    return len((part.text or "").split()) + len((part.tail or "").split())


def _has_date(part: etree._Element) -> bool:
    if part.tag == "time":
        return True
    return is_date(part.text or "")


def _has_name(part: etree._Element) -> bool:
    names = [name for name in classes_of(part) if not words_in(name).isdisjoint(AUTHOR_WORDS)]
    is_told = names or "author" in (part.get("rel") or part.get("itemprop") or "") or _is_profile(part)
    return part.tag == "cite" or (bool(is_told) and len(visible(part)) <= _LONGEST_NAME)


def _is_profile(part: etree._Element) -> bool:
    return part.tag == "a" and is_profile(part.get("href") or "")


def _depth(element: etree._Element) -> int:
    return sum(1 for _ in element.iterancestors())


Own = list[list[etree._Element]]
"""For each sampled comment its parts in document order."""


def _firsts(own: Own) -> dict[str, list[etree._Element]]:
    """Return for each class and tag the first element of each comment, where most comments have one."""
    found: dict[str, list[etree._Element]] = defaultdict(list)
    for parts in own:
        seen: set[str] = set()
        for part in parts:
            for key in keys_of(part):
                if key not in seen:
                    seen.add(key)
                    found[key].append(part)
    return {key: parts for key, parts in found.items() if len(parts) >= _MOST * len(own)}


def _author(own: Own) -> str:
    """Return the class or tag of the names: short texts in what is called so, the shortest that most comments have."""
    ranked = []
    for key, parts in _firsts(own).items():
        texts = [visible(part) for part in parts]
        words = words_in(key)
        is_class = parts[0].tag != key
        is_told = (is_class and not words.isdisjoint(AUTHOR_WORDS)) or fmean(map(_is_profile, parts)) >= _MOST
        if not (is_told or key in _NAME_TAGS) or not all(0 < len(text) <= _LONGEST_NAME for text in texts):
            continue
        if fmean(map(is_date, texts)) < 0.5:
            others = len(words - AUTHOR_WORDS - COMMENT_WORDS)
            ranked.append((not is_told, others, -len(parts), fmean(map(len, texts)), key))
    return min(ranked)[-1] if ranked else ""


def _date(own: Own) -> str:
    ranked = []
    for key, parts in _firsts(own).items():
        texts = [visible(part) for part in parts]
        shown = fmean(is_date(text) or bool(_attribute([part])) for part, text in zip(parts, texts, strict=True))
        is_told = key == "time" or (parts[0].tag != key and not words_in(key).isdisjoint(DATE_WORDS))
        is_class = parts[0].tag != key and words_in(key).isdisjoint(AUTHOR_WORDS)
        if shown >= _MOST and (is_told or is_class) and max(map(len, texts)) <= LONGEST_DATE:
            ranked.append((key != "time", not is_told, -len(parts), fmean(map(len, texts)), key))
    return min(ranked)[-1] if ranked else ""


def _date_attribute(own: Own, date: str) -> str:
    return _attribute(_firsts(own).get(date, ()))


def _attribute(parts: Sequence[etree._Element]) -> str:
    """Return the attribute in which elements hold their date, empty where it is their text."""
    for name in _DATE_ATTRIBUTES:
        values = [part.get(name) or "" for part in parts]
        if values and all(is_date(value) or (value.isdecimal() and len(value) >= 9) for value in values):
            return name
    return ""


def _body(own: Own, others: tuple[str, ...]) -> str:
    """Return the class of the words: the longest text that has neither the name nor the date in it."""
    firsts = _firsts(own)
    apart = {part for key in others if key for part in firsts[key]}
    around = apart | {above for part in apart for above in part.iterancestors()}
    ranked = [
        (sum(len(visible(part)) for part in parts) / len(own), -place, key)
        for place, (key, parts) in enumerate(firsts.items())
        if parts[0].tag not in _NO_BODIES and not any(part in around for part in parts)
    ]
    named = [each for each in ranked if firsts[each[-1]][0].tag != each[-1]]
    length, _, key = max(named, default=(0.0, 0, ""))
    # Where what has no class is much longer, the words stand in that.
    return key if length > 8 and length > max(ranked)[0] / 2 else ""


def _id(members: Sequence[etree._Element]) -> tuple[str, str]:
    """Return the attribute that numbers comments, and what stands before the id in it."""
    names = Counter(name for member in members[:_SAMPLED] for name in map(str, member.attrib))
    for name in sorted(names, key=lambda name: (name != "id", name)):
        if name == "id" or (name.startswith("data-") and "id" in words_in(name)):
            values = [member.get(name) or "" for member in members]
            if len(set(values)) == len(values) and all(any(map(str.isdigit, value)) for value in values):
                return name, _prefix(values)
    return "", ""


def _prefix(values: Sequence[str]) -> str:
    """Return what stands before the ids.

    >>> _prefix(["comment-101", "comment-102"]), _prefix(["p7", "p81"]), _prefix(["7fa", "7fb"])
    ('comment-', 'p', '')
    """
    letters = {match[1] if (match := _LETTERS_THEN_DIGITS.fullmatch(value)) else "" for value in values}
    if len(letters) == 1 and (prefix := letters.pop()):
        return prefix
    starts = {value[: max(value.rfind(mark) for mark in "-_:.") + 1] for value in values}
    return starts.pop() if len(starts) == 1 else ""


def _is_nested(members: Sequence[etree._Element]) -> bool:
    known = set(members)
    return any(above in known for member in members[:200] for above in member.iterancestors())


def _list(root: etree._Element, members: Sequence[etree._Element]) -> tuple[str, str]:
    """Return XPath and CSS of the innermost element around all comments that has a name which is its own."""
    last = set(members[-1].iterancestors())
    shared = [above for above in members[0].iterancestors() if above in last and above not in set(members)]
    for above in shared:
        name = above.get("id") or ""
        if above.tag in ("html", "body"):
            break
        if is_named(name):
            return f"(//{above.tag}[@id='{name}'])[1]", f"{above.tag}#{name}"
        for name in classes_of(above):
            if _is_alone(root, above, name):
                return f"(//{above.tag}[{has_class(name)}])[1]", f"{above.tag}.{name}"
    return "", ""


def _is_alone(root: etree._Element, element: etree._Element, name: str) -> bool:
    return sum(name in (other.get("class") or "").split() for other in root.iter(element.tag)) == 1


def has_class(name: str) -> str:
    """Return the condition of XPath for an element of a class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"
