"""What the author wrote: the part that a theme names, or what is left of the comment where it names none."""

import copy
import re
from collections import Counter
from collections.abc import Iterable
from html import escape

from lxml import etree

from belowtheline.scraper.markup import inner_html
from belowtheline.scraper.sites.wordpress.parts import BODIES, NOISE, WRAPPERS, Section

_TAG = re.compile(r"<[^<>]*>")
_SUSPECT = re.compile(r'class="|<(?:script|style|form|noscript)')
_LINE_TAGS = frozenset(
    ("a", "b", "cite", "em", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "p", "small", "span", "strong")
)
"""Elements that hold names and dates, never a comment's paragraphs."""
_MACHINERY = frozenset(("script", "style", "form", "noscript"))


def read_body(section: Section, stops: frozenset[etree._Element], heads: Iterable[etree._Element]) -> str | None:
    """Return the HTML of a comment's text, None where there is none; `heads` are its name and date."""
    body = section.first(BODIES)
    if body is None:
        body = _wrapper(section, stops, heads := list(heads))
    if body is not None:
        return _cleaned(body) or None
    if section.definition is not None:
        return _joined(section.definition.text, section.definition, stops) or None
    return _rest(section, stops, list(heads))


def _wrapper(section: Section, stops: frozenset[etree._Element], heads: list[etree._Element]) -> etree._Element | None:
    """Return the element of an ambiguous name that holds neither name nor date nor other comments."""
    around = {ancestor for head in heads for ancestor in head.iterancestors()}
    candidates = (element for name in WRAPPERS for element in section.parts.get(name, ()))
    return next((element for element in candidates if element not in around and element not in stops), None)


def _rest(section: Section, stops: frozenset[etree._Element], heads: list[etree._Element]) -> str | None:
    """Return what follows name and date in the smallest element around both, else what precedes them."""
    held: Counter[etree._Element] = Counter()
    chain: list[etree._Element] = []
    for head in heads:
        up: etree._Element | None = head
        while up is not None and up is not section.element:
            held[up] += 1
            if head is heads[0]:
                chain.append(up)
            up = up.getparent()
    held[section.element] = len(heads)
    for base in (*chain, section.element):
        if held[base] == len(heads) and base.tag not in _LINE_TAGS:
            found = _beside(base, held, stops)
            if found:
                return found
    return None


def _beside(base: etree._Element, held: Counter[etree._Element], stops: frozenset[etree._Element]) -> str:
    heads = [child for child in base if held[child]]
    if not heads:
        return _joined(base.text, base, stops)
    children = list(base)
    after = children[children.index(heads[-1]) + 1 :]
    found = _joined(heads[-1].tail, after, stops)
    return found or _joined(base.text, children[: children.index(heads[0])], stops)


def _joined(before: str | None, elements: Iterable[etree._Element], stops: frozenset[etree._Element]) -> str:
    """Return text and elements as HTML without the site's own parts; empty where nothing of it shows."""
    pieces = [escape(before or "", quote=False)]
    for element in elements:
        if element not in stops and not _is_noise(element):
            pieces.append(_outer(element))
        pieces.append(escape(element.tail or "", quote=False))
    return _if_shown("".join(pieces))


def _outer(element: etree._Element) -> str:
    html = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    return _without_noise(element, html, is_outer=True)


def _cleaned(element: etree._Element) -> str:
    return _if_shown(_without_noise(element, inner_html(element), is_outer=False))


def _without_noise(element: etree._Element, html: str, *, is_outer: bool) -> str:
    if _SUSPECT.search(html) is None:
        return html
    whole = copy.deepcopy(element)
    whole.tail = None
    for part in [part for part in whole.iterdescendants() if _is_noise(part)]:
        _drop(part)
    return etree.tostring(whole, encoding="unicode", method="html") if is_outer else inner_html(whole)


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


def _is_noise(element: etree._Element) -> bool:
    names = (element.get("class") or "").split()
    if element.tag == "img":
        return "avatar" in names
    return element.tag in _MACHINERY or not NOISE.isdisjoint(names)


def _if_shown(html: str) -> str:
    return html.strip() if "<img" in html or _TAG.sub("", html).strip() else ""
