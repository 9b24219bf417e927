"""A page reduced to what a test needs: a few comments with their parents, no scripts, and invented words.

What people wrote and are called is nobody's test data. The invention errs on the side of replacing: what is left as
it is are numbers, dates, labels that every comment repeats, and the words that sites themselves write.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from lxml import etree

from belowtheline.authoring.guessing import Guess, keys_of, own_parts
from belowtheline.authoring.invention import Inventor
from belowtheline.authoring.wording import LONGEST_DATE, is_personal, is_profile, somebody_in, words_in
from belowtheline.reading.markup import visible

LARGEST = 8_000
"""Bytes a case's page should not exceed, to be read by a person."""

_DROPPED = frozenset((
    "style", "svg", "noscript", "iframe", "canvas", "video", "audio", "source", "object", "embed", "template", "base",
))  # fmt: skip
_AROUND = frozenset(("header", "nav", "aside", "footer", "form", "script", "select", "dialog"))
_LINKS_KEPT = frozenset(("canonical", "next", "prev"))
_META_KEPT = ("og:", "article:", "generator", "twitter:title")
_JSON = ("application/json", "application/ld+json")
_PROSE = frozenset(("alt", "title", "aria-label", "placeholder", "content", "summary", "label", "value"))
_ADDRESSES = frozenset(("href", "src", "action", "cite", "poster", "longdesc", "formaction", "background"))
_NO_USE = frozenset(("style", "srcset", "sizes", "integrity", "nonce", "xmlns", "crossorigin", "loading"))
_TEXTS = frozenset(("text", "body", "headline", "description", "message", "content", "title"))
_PLACES = ("id", "class", "for", "rel", "itemprop", "itemtype", "property", "name", "type", "lang", "role", "datetime")
_SPACES = re.compile(r"\s+")
_FORMAT_DATE = re.compile(r"[\d\s:.,/TZ+-]+")
_COMMENTS_KEPT = (5, 3, 2)
_RUN = 3
_WORDS_KEPT = 40
_LONGEST_DATA = 120


def trimmed(root: etree._Element, guess: Guess, host: str = "") -> bytes:
    """Return the tree of a page of that host as a small page in UTF-8 with invented words; the tree is used up."""
    members = _members(root, guess)
    inventor, labels = _inventor(members, guess, host), _labels(members, guess)
    _drop_needless(root)
    steps = _ever_smaller(root, guess)
    next(steps)
    while len(_written(root)) > LARGEST * 0.95 and next(steps, None):
        pass
    _Redaction(inventor, labels, guess).apply(root)
    return _written(root)


def _members(root: etree._Element, guess: Guess) -> list[etree._Element]:
    if not guess.comment:
        return []
    return [element for element in root.iter(etree.Element) if guess.comment in (element.get("class") or "").split()]


def _inventor(members: list[etree._Element], guess: Guess, host: str) -> Inventor:
    names = [visible(part) for part in _parts(members, guess.comment, guess.author)]
    site = {guess.comment, guess.author, guess.date, guess.body, guess.id_prefix, guess.list_shown}
    return Inventor(names, [word for name in site for word in words_in(name)], host)


def _parts(members: Iterable[etree._Element], comment: str, key: str) -> Iterator[etree._Element]:
    """Yield the first part of that class or tag of each comment."""
    for member in members:
        found = (part for part in own_parts(member, comment) if key and key in keys_of(part))
        yield from (part for _, part in zip(range(1), found, strict=False))


def _labels(members: list[etree._Element], guess: Guess) -> frozenset[str]:
    """Return the texts that most comments repeat, which are the site's own; none where no author was found."""
    if not guess.author or not guess.body or len(members) < 2:
        return frozenset()
    people = {visible(part) for part in _parts(members, guess.comment, guess.author)}
    texts: Counter[str] = Counter()
    for member in members:
        texts.update(
            {text for part in own_parts(member, guess.comment) if (text := " ".join((part.text or "").split()))}
        )
    return frozenset(text for text, count in texts.items() if count > 0.6 * len(members) and text not in people)


def _drop_needless(root: etree._Element) -> None:
    for element in list(root.iter(etree.Element)):
        tag = element.tag
        is_script = tag == "script" and (element.get("type") or "").split(";")[0].strip().lower() not in _JSON
        is_link = tag == "link" and _LINKS_KEPT.isdisjoint((element.get("rel") or "").lower().split())
        is_meta = tag == "meta" and not (element.get("property") or element.get("name") or "").startswith(_META_KEPT)
        if tag in _DROPPED or is_script or is_link or is_meta:
            _remove(element)


def _ever_smaller(root: etree._Element, guess: Guess) -> Iterator[bool]:
    """Make a page smaller with each step, the least harmful first."""
    _keep_comments(root, guess, _COMMENTS_KEPT[0])
    for element in root.iter(etree.Element):
        element.text, element.tail = _shortened(element.text), _shortened(element.tail)
        _drop_attributes(element)
    _cut_runs(root, _members(root, guess))
    yield True
    _drop_around(root, _members(root, guess), _AROUND)
    yield True
    _drop_beside(root, _members(root, guess))
    yield True
    for number in _COMMENTS_KEPT[1:]:
        _keep_comments(root, guess, number)
        yield True
    _cut_runs(root, _members(root, guess), run=_RUN if guess.comment else 1, inside=True)
    yield True


def _remove(element: etree._Element) -> None:
    """Take an element out of its tree, leaving what follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _keep_comments(root: etree._Element, guess: Guess, number: int) -> None:
    """Leave the first comments, one that stands inside another among them, with all that stand around them."""
    members = _members(root, guess)
    known = set(members)
    nested = next((member for member in members if any(above in known for above in member.iterancestors())), None)
    kept = set(members[:number]) | ({nested} if nested is not None else set())
    kept |= {above for member in kept for above in member.iterancestors() if above in known}
    around = _around(list(kept))
    for member in members:
        if member not in kept:
            _remove_with_shells(member, around)


def _remove_with_shells(element: etree._Element, around: set[etree._Element]) -> None:
    """Take an element out, and what then is left empty around it."""
    above = element.getparent()
    _remove(element)
    while above is not None and above not in around and not len(above) and not (above.text or "").strip():
        element, above = above, above.getparent()
        _remove(element)


def _shortened(text: str | None) -> str | None:
    if not text:
        return text
    words = text.split(None, _WORDS_KEPT)
    if len(words) > _WORDS_KEPT:
        return " ".join(words[:_WORDS_KEPT]) + " "
    return _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", text)


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def _drop_attributes(element: etree._Element) -> None:
    for name, value in _attributes(element):
        is_long = len(value) > _LONGEST_DATA and name not in _PLACES and name not in _ADDRESSES
        if name in _NO_USE or name.startswith("on") or is_long or value.startswith(("data:", "javascript:")):
            del element.attrib[name]


def _cut_runs(root: etree._Element, members: list[etree._Element], run: int = _RUN, inside: bool = False) -> None:
    """Leave the first of many elements of one kind that stand beside each other and hold no comment."""
    kept = _around(members)
    if not inside:
        kept |= {below for member in members for below in member.iter(etree.Element)}
    for parent in list(root.iter(etree.Element)):
        alike: dict[str, list[etree._Element]] = defaultdict(list)
        for child in parent.iterchildren(etree.Element):
            if child not in kept and parent.tag not in ("html", "head"):
                alike[str(child.tag)].append(child)
        for children in alike.values():
            for child in children[run:]:
                _remove(child)


def _around(members: list[etree._Element]) -> set[etree._Element]:
    return {*members, *(above for member in members for above in member.iterancestors())}


def _drop_around(root: etree._Element, members: list[etree._Element], tags: frozenset[str]) -> None:
    around = _around(members)
    inside = {below for member in members for below in member.iter(etree.Element)}
    for element in list(root.iter(etree.Element)):
        if element.tag in tags and element not in around and element not in inside:
            _remove(element)


def _drop_beside(root: etree._Element, members: list[etree._Element]) -> None:
    """Leave the comments, what stands around them, and the page's headings."""
    if not members:
        return
    around = _around(members)
    for element in [child for above in around - set(members) for child in above.iterchildren(etree.Element)]:
        if element not in around and element.tag not in ("head", "h1", "h2") and element.find(".//h1") is None:
            _remove(element)


class _Redaction:
    """Puts invented words in the place of people's, in texts, attributes and data."""

    def __init__(self, inventor: Inventor, labels: frozenset[str], guess: Guess) -> None:
        self._inventor = inventor
        self._labels = labels
        self._guess = guess

    def apply(self, root: etree._Element) -> None:
        """Redact a whole tree."""
        zones = self._zones(root)
        for element in root.iter(etree.Element):
            zone = zones.get(element, "")
            is_data = element.tag == "script"
            element.text = self._data(element.text or "") if is_data else self._text(element.text, zone)
            parent = element.getparent()
            element.tail = self._text(element.tail, zones.get(parent, "") if parent is not None else "")
            if element.get("name") != "generator":
                for name, value in _attributes(element):
                    element.set(name, self._attribute(name, value, zone))

    def _zones(self, root: etree._Element) -> dict[etree._Element, str]:
        """Return which elements are a name, a date, somebody's words, or otherwise inside a comment."""
        zones: dict[etree._Element, str] = {}
        members = _members(root, self._guess)
        for member in members:
            zones.update(dict.fromkeys([member, *own_parts(member, self._guess.comment)], "comment"))
        for zone in ("date", "author", "body"):
            for part in _parts(members, self._guess.comment, getattr(self._guess, zone)):
                zones.update(dict.fromkeys(part.iter(etree.Element), zone))
                above = part.getparent()
                if zone == "author" and above is not None and above.tag == "a":
                    zones[above] = zone
        return zones

    def _text(self, text: str | None, zone: str) -> str | None:
        if not text or not text.strip():
            return text
        if zone in ("author", "body"):
            return self._inventor.private(text)
        is_own = " ".join(text.split()) in self._labels or self._is_date(text, zone)
        return text if is_own and not self._inventor.names_somebody(text) else self._inventor.prose(text)

    def _is_date(self, text: str, zone: str) -> bool:
        """Return whether a text is a date in the words of any language: names are known, and it has none."""
        is_short = len(text) <= LONGEST_DATE and any(map(str.isdigit, text))
        return zone == "date" and bool(self._guess.author) and is_short and not self._inventor.names_somebody(text)

    def _attribute(self, name: str, value: str, zone: str) -> str:
        if name in _ADDRESSES:
            return self._address(name, value, zone)
        if name == "class":
            return " ".join(map(self._class, value.split()))
        if name in _PLACES:
            return self._inventor.structural(value)
        if name.startswith("data-") and is_personal(name):
            return self._inventor.private(value)
        if value.startswith(("http://", "https://", "//")):
            return self._address("href", value, zone)
        if name in _PROSE or " " in value:
            is_known = _FORMAT_DATE.fullmatch(value) or self._is_date(value, zone)
            return value if is_known else self._inventor.prose(value)
        return self._inventor.structural(value)

    def _class(self, name: str) -> str:
        somebody = somebody_in(name)
        start = name.removesuffix(somebody) if somebody else name
        return self._inventor.structural(start) + self._inventor.private(somebody)

    def _address(self, name: str, value: str, zone: str) -> str:
        if value.startswith("#"):
            return self._inventor.structural(value)
        if value.startswith(("mailto:", "tel:")):
            return "#"
        if name != "href" and zone:
            return "/picture.png"
        if zone == "body":
            return "https://example.org/"
        is_somebody = zone == "author" or (zone and is_profile(value))
        return self._inventor.profile(value) if is_somebody else self._inventor.address(value)

    def _data(self, text: str) -> str:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return ""
        return json.dumps(self._value("", value), ensure_ascii=False).replace("</", "<\\/")

    def _value(self, key: str, value: object) -> object:
        if isinstance(value, dict):
            return {name: self._value(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(key, inner) for inner in value[:_RUN]]
        if not isinstance(value, str):
            return value
        if is_personal(key) or not words_in(key).isdisjoint(_TEXTS):
            return self._inventor.private(value) if not value.startswith("http") else self._inventor.profile(value)
        if " " in value.strip() and not _FORMAT_DATE.fullmatch(value):
            return self._inventor.prose(value)
        return self._inventor.structural(value) if "://" not in value else self._inventor.address(value)


def _written(root: etree._Element) -> bytes:
    html = etree.tostring(root, method="html", encoding="unicode", doctype="<!DOCTYPE html>")
    start, head, rest = html.partition("<head>")
    return (f'{start}{head}<meta charset="utf-8">{rest}' if head else html).encode() + b"\n"
