"""The article of a page of its own, on any host: its text where the page says plainly which that is, else none.

In this order: JSON-LD's `articleBody`, microdata's `articleBody`, then the one `article` element, or the one `main`,
that holds paragraphs. What stands beside an article (comments, related stories, share buttons, forms) is left out.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from typing import Any, NamedTuple, cast
from urllib.parse import urldefrag, urljoin

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import first_usable
from belowtheline.reading.items import NOT_SHOWN, Article, Shown, shown
from belowtheline.reading.markup import parse_html, visible
from belowtheline.reading.page import Page

_LEAST = 250  # characters in paragraphs: a teaser or a consent notice is shorter
_LEAST_PARAGRAPHS = 2
_LOOSE = 80  # characters from which text that stands in no paragraph is one
_TYPES = frozenset({"BlogPosting", "LiveBlogPosting", "Report"})
_TEXT = frozenset({"p", "li", "pre", "blockquote", "dd", "dt", "h2", "h3", "h4", "h5", "h6", "td"})
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp",
    "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "big", "acronym",
})  # fmt: skip
_BESIDE = frozenset({
    "aside", "audio", "button", "canvas", "dialog", "figure", "footer", "form", "h1", "header", "iframe", "menu", "nav",
    "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "video",
})  # fmt: skip
_BESIDE_NAMED = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|respond|related|promo|share|sharing|social|newsletter|byline|adverts?|ads?|sidebar"
    r"|breadcrumbs?|subscribe|signup|recirc|wptl|tags|btm)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SCRIPTS = etree.XPath("//script[contains(@type, 'ld+json')]/text()")
_BODIES = etree.XPath("//*[contains(concat(' ', normalize-space(@itemprop), ' '), ' articleBody ')]")
_ARTICLES = etree.XPath("//article[not(ancestor::article)]")
_MAINS = etree.XPath("//main | //*[@role='main'][not(self::main)][not(ancestor::main)]")
_META = etree.XPath("//meta[@property=$name or @name=$name]/@content")
_PROPERTY = etree.XPath("//*[@itemprop=$name][not(ancestor::*[contains(@itemtype, 'Comment')])]")
_MARKS = {"li": "- ", "blockquote": "> "}  # as the text form of a comment has them
_LINKS = etree.XPath(".//a")
_MOST = 200_000  # characters of JSON-LD that are looked at; an article has a tenth of that


def any_article(page: Page) -> Article | None:
    """Return the article that a page is, by what it marks up; None where it does not say plainly where its text is."""
    said = _said(page)
    body = _body(said) or _microdata(page.root) or _element(page.root)
    return replace(_described(page, said), body_text=body) if body else None


def described(page: Page) -> Article:
    """Return what a page says of its article for machines, its text left out."""
    return _described(page, _said(page))


def _described(page: Page, said: dict[str, Any]) -> Article:
    root = page.root
    headlines = (_text(said.get("headline")), _property(root, "headline"), _meta(root, "og:title"), _only_h1(root))
    teasers = (_text(said.get("description")), _property(root, "description"), _meta(root, "og:description"))
    dates = (_text(said.get("datePublished")), _property(root, "datePublished"), _meta(root, "article:published_time"))
    return Article(
        headline=_first(headlines),
        teaser=_first((*teasers, _meta(root, "description"))),
        published_raw=first_usable(*dates),
    )


def _first(values: Sequence[str | None]) -> Shown[str]:
    return next((value for value in values if value), NOT_SHOWN)


def _meta(root: etree._Element, name: str) -> str | None:
    return next((text for found in cast(list[str], _META(root, name=name)) if (text := _text(found))), None)


def _property(root: etree._Element, name: str) -> str | None:
    for element in cast(list[etree._Element], _PROPERTY(root, name=name)):
        if text := _text(element.get("content") or element.get("datetime")) or visible(element):
            return text
    return None


def _only_h1(root: etree._Element) -> str | None:
    found = [text for element in root.iter("h1") if (text := visible(element))]
    return found[0] if len(found) == 1 else None


def _text(value: Any) -> str | None:
    """Return a value of markup for machines as one line of text; None where it is none."""
    return " ".join(unescape(value).split()) or None if isinstance(value, str) else None


def _said(page: Page) -> dict[str, Any]:
    """Return the one article of a page's JSON-LD, or the one with the page's own address; empty where none is it."""
    found = [node for script in cast(list[str], _SCRIPTS(page.root)) for node in _nodes(script) if _is_article(node)]
    own = [node for node in found if page.url and page.url in _addresses(node, page.url)]
    if own:
        return max(own, key=lambda node: "articleBody" in node)
    return found[0] if len(found) == 1 else {}


def _nodes(script: str) -> Iterator[dict[str, Any]]:
    try:
        waiting: list[Any] = [json.loads(script[:_MOST], strict=False)]
    except (ValueError, RecursionError):  # it is for others; what the page shows is read all the same
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += reversed(value.values())
        elif isinstance(value, list):
            waiting += reversed(value)


def _is_article(node: dict[str, Any]) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and (name.endswith("Article") or name in _TYPES) for name in names)


def _addresses(node: dict[str, Any], base: str) -> set[str]:
    page = node.get("mainEntityOfPage")
    values = [node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page]
    return {url for value in values if isinstance(value, str) and (url := _joined(base, value))}


def _joined(base: str, value: str) -> str | None:
    try:
        return urldefrag(urljoin(base, value)).url
    except ValueError:
        return None


def _body(said: dict[str, Any]) -> str | None:
    """Return the text of JSON-LD's article, which some sites write as markup."""
    body = said.get("articleBody")
    if not isinstance(body, str) or not body.strip():
        return None
    if re.search(r"<(?:p|br|div)\b", body, re.IGNORECASE):
        try:
            return text_of(parse_html(body, "articleBody"))
        except ParseError:
            return None
    lines = (" ".join(line.split()) for line in unescape(body).splitlines())
    return "\n\n".join(filter(None, lines)) or None


def _microdata(root: etree._Element) -> str | None:
    """Return the text of a page's articleBody, which may be in parts, but of one item only."""
    found = cast(list[etree._Element], _BODIES(root))
    if not found or len({_scope(element) for element in found}) > 1:
        return None
    return "\n\n".join(filter(None, map(text_of, found))) or None


def _scope(element: etree._Element) -> etree._Element | None:
    return next((around for around in element.iterancestors() if around.get("itemscope") is not None), None)


def _element(root: etree._Element) -> str | None:
    """Return the text of the one element that can be an article; None where several can, or none is long enough."""
    for elements in (_ARTICLES(root), _MAINS(root)):
        texts = [text for each in cast(list[etree._Element], elements) if (text := _enough(each))]
        if texts:
            return texts[0] if len(texts) == 1 else None
    return None


def _enough(element: etree._Element) -> str | None:
    if _is_beside(element):
        return None
    paragraphs = [text for tag, text in _blocks(element) if tag == "p"]
    length = sum(map(len, paragraphs))
    if len(paragraphs) < _LEAST_PARAGRAPHS or length < _LEAST:
        return None
    linked = sum(len(visible(link)) for link in cast(list[etree._Element], _LINKS(element)))
    return text_of(element) if linked < length else None


def text_of(element: etree._Element) -> str | None:
    """Return the text of an article's element, blocks separated by a blank line, without what stands beside it."""
    return "\n\n".join(_MARKS.get(tag, "") + text for tag, text in _blocks(element)) or None


def _blocks(container: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the blocks of text in an element in their order, each with the tag it stands in; without recursion."""
    pieces: list[str] = []
    places: list[_Place] = []
    skipped: etree._Element | None = None
    walker = etree.iterwalk(container, events=("start", "end"))
    for event, element in walker:
        tag = str(element.tag)
        is_inline = tag in _INLINE
        if event == "start" and skipped is None:
            if element is not container and _is_beside(element):
                skipped = element
                walker.skip_subtree()
                continue
            if tag == "br":
                pieces.append(" ")
            elif not is_inline:
                yield from _block(pieces, places)
                places.append(_place(tag, places))
            pieces.append(element.text or "")
        elif event == "end" and skipped in (None, element):
            if skipped is None and not is_inline and tag != "br":
                yield from _block(pieces, places)
                places.pop()
            elif skipped is not None and not is_inline:
                pieces.append(" ")
            skipped = None
            pieces.append((element.tail or "") if element is not container else "")
    yield from _block(pieces, places)


class _Place(NamedTuple):
    """Where a block stands: in an element of text or not, in which one, and whether in a quotation."""

    is_text: bool
    tag: str
    is_quoted: bool


def _place(tag: str, places: list[_Place]) -> _Place:
    above = places[-1] if places else _Place(False, "", False)
    is_text = tag in _TEXT
    return _Place(is_text, tag if is_text else above.tag, above.is_quoted or tag == "blockquote")


def _block(pieces: list[str], places: list[_Place]) -> Iterator[tuple[str, str]]:
    """Yield what was gathered since the last block as one, where it stands in a paragraph or is as long as one."""
    text = " ".join("".join(pieces).split())
    pieces.clear()
    place = places[-1] if places else _Place(False, "", False)
    if text and (place.is_text or len(text) >= _LOOSE):
        yield ("blockquote" if place.is_quoted else place.tag or "p"), text


def _is_beside(element: etree._Element) -> bool:
    if element.tag in _BESIDE or element.get("hidden") is not None:
        return True
    return bool(_BESIDE_NAMED.search(f"{element.get('id') or ''} {element.get('class') or ''}"[:500]))


def joined(article: Article, found: Article) -> Article:
    """Return an article with what another reading of its page adds to it."""
    names = ("headline", "teaser", "body_text", "published_at", "published_raw")
    gaps = {name: getattr(found, name) for name in names if shown(getattr(article, name)) is None}
    return replace(article, **gaps)
