"""What the author wrote: the part that a theme names, or what is left of the comment without name, date and buttons."""

import copy
import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import chain, islice

from lxml import etree

from belowtheline.reading.markup import inner_html, visible
from belowtheline.sites.wordpress.bylines import is_date
from belowtheline.sites.wordpress.classes import BODIES, WRAPPERS, is_noise, role_of
from belowtheline.sites.wordpress.parts import Comments, Section

_TAG = re.compile(r"<[^<>]*>")
_SUSPECT = re.compile(r'class="|<(?:script|style|form|noscript|button)|onclick=|alt="[\d★]|href="#')
_LINE_TAGS = frozenset(
    ("a", "b", "cite", "em", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "i", "small", "span",
     "strong", "time", "abbr", "sup", "sub", "br", "img")
)  # fmt: skip
"""Elements that may hold names and dates; others hold paragraphs."""
_CODE = frozenset(("pre", "code"))
_MACHINERY = frozenset(("script", "style", "form", "noscript", "button"))
_STARS = re.compile(
    r"\d(?:[.,]\d)?\s{0,3}(?:stars?|out of \d|von \d|sur \d|de \d|/\s?\d|sterne?n?|étoiles?|estrellas?|stelle"
    r"|estrelas?)\b|rating\b|[★☆]{1,10}$",
    re.IGNORECASE,
)
_VOTES = re.compile(
    r"^[+-]?\d{0,6}\s{0,3}(?:(?:dis)?likes?|(?:up)?votes?|points?|thumbs? (?:up|down)|gefällt mir|j.aime|me gusta"
    r"|mi piace)\W{0,4}\d{0,6}\W{0,4}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[#(]?\d{1,9}[.):]?$")
_BREAK = re.compile(r"<br ?/?>")
_FEW_WORDS = 4
_MOST_ATTRIBUTES = 50
_LEVELS = 6
_PARTS_OF_A_COUNT = 3
_WORDS_OF_A_BUTTON = 20
_WORDS_OF_VOTES = 8


class _Cut:
    """What is left of an element without some of the elements in it."""

    def __init__(self, section: Section, found: Comments, heads: Iterable[etree._Element]) -> None:
        self._found = found
        self._root = section.definition if section.definition is not None else section.element
        self._heads = frozenset(heads)
        self._around = {up for head in self._heads for up in self._upwards(head)}

    def _upwards(self, element: etree._Element) -> Iterator[etree._Element]:
        up = element.getparent()
        while up is not None and up is not self._root and up not in self._found.stops:
            yield up
            up = up.getparent()

    def is_head(self, element: etree._Element) -> bool:
        """Return whether an element is a comment's name or date."""
        return element in self._heads

    def holds_heads(self, element: etree._Element) -> bool:
        """Return whether an element is a comment's name or date, or stands around it."""
        return element in self._around or element in self._heads

    def whole(self, base: etree._Element) -> str:
        """Return the HTML of an element that holds neither name nor date."""
        if base in self._found.open:
            return _if_shown(self._html(base, set(), with_words=False))
        html = inner_html(base)
        cut = _if_shown(self._without_furniture(base, html, is_outer=False))
        return cut or _if_shown(self._without_furniture(base, html, is_outer=False, keeps_repeated=True))

    def rest(self, base: etree._Element) -> str:
        """Return the HTML of an element without heads, buttons and other comments; as much is cut as leaves words."""
        outermost = {self._outermost(head, base) for head in self._heads}
        for dropped, with_words in ((outermost, True), (set(self._heads), True), (set(self._heads), False)):
            if html := _if_shown(_without_edges(self._html(base, dropped, with_words=with_words))):
                return html
        return ""

    def _outermost(self, head: etree._Element, base: etree._Element) -> etree._Element:
        """Return the largest element around a head in which nothing else is said, such as the whole byline."""
        for up in islice(head.iterancestors(), _LEVELS):
            if up is base or up is self._root or not self._is_byline(up):
                break
            head = up
        return head

    def _is_byline(self, element: etree._Element) -> bool:
        if element in self._found.open:
            return False
        if any(part.tag not in _LINE_TAGS and not self.holds_heads(part) and visible(part) for part in element):
            return False
        said = sum(len(visible(head).split()) for head in self._heads if element in head.iterancestors())
        extra = len(visible(element).split()) - said
        role = role_of(element.get("class") or "")
        return extra <= (_WORDS_OF_A_BUTTON if role in ("byline", "date", "name") else _FEW_WORDS)

    def _html(self, base: etree._Element, dropped: set[etree._Element], *, with_words: bool) -> str:
        """Return the HTML inside an element without some in it, and without the few words beside heads if asked."""
        around = {up for part in dropped for up in self._upwards(part)}
        is_beside = with_words and _first(base) in dropped
        pieces = [_text(base.text, is_beside)]
        opened: list[tuple[etree._Element | None, Iterator[etree._Element]]] = [(None, iter(base))]
        while opened:
            element, children = opened[-1]
            for child in children:
                if (child in around or child in self._found.open) and child not in dropped:
                    pieces += [_start_of(child), _text(child.text, with_words and _first(child) in dropped)]
                    opened.append((child, iter(child)))
                    break
                is_site = child in self._found.stops or is_furniture(child) or _is_number(child)
                is_site = is_site or self._found.is_repeated(child)
                if child not in dropped and not is_site:
                    pieces.append(self._outer(child))
                is_beside = with_words and (child in dropped or child.getnext() in dropped)
                pieces.append(_text(child.tail, is_beside))
            else:
                opened.pop()
                if element is not None:
                    pieces += [f"</{element.tag}>", escape(element.tail or "", quote=False)]
        return "".join(pieces)

    def _outer(self, element: etree._Element) -> str:
        html = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
        return self._without_furniture(element, html, is_outer=True)

    def _without_furniture(
        self, element: etree._Element, html: str, *, is_outer: bool, keeps_repeated: bool = False
    ) -> str:
        """Return the HTML of an element without buttons: known ones, and what most comments have alike."""
        if _SUSPECT.search(html) is None:
            return html
        whole = copy.deepcopy(element)
        whole.tail = None
        for part in [part for part in whole.iterdescendants() if self._is_of_site(part, keeps_repeated)]:
            _drop(part)
        return etree.tostring(whole, encoding="unicode", method="html") if is_outer else inner_html(whole)

    def _is_of_site(self, part: etree._Element, keeps_repeated: bool) -> bool:
        if is_furniture(part) or keeps_repeated:
            return is_furniture(part)
        return self._found.is_repeated(part) and not any(up.tag in _CODE for up in part.iterancestors())


def read_body(section: Section, found: Comments, heads: Iterable[etree._Element]) -> str | None:
    """Return the HTML of a comment's text, None where there is none; `heads` are its name and date."""
    cut = _Cut(section, found, heads)
    named = [body for body in section.all_of((*BODIES, *WRAPPERS)) if not cut.is_head(body)]
    for body in chain(named, _told_by_words(section, found.stops)):
        if not cut.holds_heads(body) and (html := cut.whole(body)):
            return html
    bases = [body for body in named if cut.holds_heads(body)]
    if section.definition is not None:
        bases.append(section.definition)
    return next((html for base in (*bases, section.element) if (html := cut.rest(base))), None)


def _told_by_words(section: Section, stops: frozenset[etree._Element]) -> Iterator[etree._Element]:
    yield from (part for part in section.own_elements(stops) if role_of(part.get("class") or "") == "body")


def _is_number(element: etree._Element) -> bool:
    """Return whether an element is the theme's number of a comment."""
    return "class" in element.attrib and _NUMBER.match(visible(element)) is not None


def _first(element: etree._Element) -> etree._Element | None:
    return next(iter(element), None)


def _text(text: str | None, is_dropped: object) -> str:
    """Return a text as HTML; a few words beside name or date are the theme's, such as "says:" or "on"."""
    if is_dropped and (len((text or "").split()) <= _FEW_WORDS or is_date((text or "").strip())):
        return " "
    return escape(text or "", quote=False)


def _start_of(element: etree._Element) -> str:
    names = islice(map(str, element.attrib), _MOST_ATTRIBUTES)
    attributes = "".join(f' {name}="{escape(element.get(name, ""))}"' for name in names)
    return f"<{element.tag}{attributes}>"


def _drop(part: etree._Element) -> None:
    """Take an element out and leave the text behind it."""
    parent, before = part.getparent(), part.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (part.tail or "")
    else:
        parent.text = (parent.text or "") + (part.tail or "")
    parent.remove(part)


def is_furniture(element: etree._Element) -> bool:
    """Return whether an element is a button, a count of likes, a rating or machinery, and no words of the author."""
    classes = element.get("class") or ""
    if element.tag == "img":
        return (
            "avatar" in classes.split()
            or role_of(classes) == "noise"
            or _STARS.match(element.get("alt") or "") is not None
        )
    if element.tag in _MACHINERY or is_noise(classes):
        return True
    # A person's comment has neither classes nor scripts in it: WordPress takes them out.
    is_count = bool(classes) and len(element) <= _PARTS_OF_A_COUNT and _VOTES.match(visible(element)) is not None
    is_marked = is_count or role_of(classes) == "noise" or "onclick" in element.attrib or _holds_votes(element)
    return is_marked and len(visible(element).split()) <= _WORDS_OF_A_BUTTON


def _holds_votes(element: etree._Element) -> bool:
    if element.tag not in ("p", "small") or not len(element) or len(visible(element).split()) > _WORDS_OF_VOTES:
        return False
    return any("onclick" in part.attrib for part in element.iter("img", "a", "span"))


def _without_edges(html: str) -> str:
    """Return HTML without the line breaks at its ends, which stood beside name and date."""
    lines = _BREAK.split(html)
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    return "<br>".join(lines).strip()


def _if_shown(html: str) -> str:
    return html.strip() if "<img" in html or _TAG.sub("", html).strip() else ""
