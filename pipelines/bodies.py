"""Bodies: sanitised HTML to keep and show, and the text form that offsets stand on."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import is_
from typing import TypeVar

import nh3

from belowtheline.pipelines import whitespace
from belowtheline.pipelines.elements import INLINE, KEPT
from belowtheline.pipelines.textforms import text_form as text_form
from belowtheline.reading.items import NOT_SHOWN, Comment, Shown, Thread, ThreadPage

_UNRENDERED = {"iframe", "noembed", "noframes", "noscript", "script", "style", "template"}
_VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
}  # fmt: skip
_UNWRAPPED = {
    "abbr", "acronym", "applet", "audio", "basefont", "bdi", "bdo", "bgsound", "big", "blink", "body", "button",
    "canvas", "colgroup", "data", "datalist", "dfn", "dialog", "dir", "fieldset", "font", "form", "frame", "frameset",
    "head", "hgroup", "html", "kbd", "label", "legend", "listing", "map", "mark", "marquee", "menu", "meter", "nobr",
    "object", "optgroup", "option", "output", "picture", "plaintext", "progress", "rb", "rp", "rt", "rtc", "ruby",
    "samp", "search", "select", "small", "textarea", "time", "title", "tt", "var", "video", "xmp",
}  # fmt: skip
_HTML = KEPT | _UNRENDERED | _VOID | _UNWRAPPED
_TAGS_OF_HTML = _HTML | {f"/{name}" for name in _HTML}


def _cleaner(*everywhere: str, attribute_filter: Callable[[str, str, str], str | None] | None = None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=KEPT,
        # A browser that runs scripts shows none of it, and it would otherwise surface as escaped markup.
        clean_content_tags=_UNRENDERED,
        attributes={"*": set(everywhere), "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
        attribute_filter=attribute_filter,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,  # The archive keeps what the page says; rel belongs to whoever publishes it again.
    )


def _styled(_tag: str, name: str, value: str) -> str | None:
    return whitespace.style_of(value) if name == "style" else value


_CLEANER = _cleaner()
_STYLED_CLEANER = _cleaner("style", attribute_filter=_styled)

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?[a-zA-Z][^\s/<>]*)")
_MARKUP = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)[^<>]*+>")
_FIRST_LINES = re.compile(r"(<pre(?: style=\"[a-z: -]+\")?>)\n+")
_IN_LINE = frozenset({
    "abbr", "acronym", "bdi", "bdo", "big", "data", "dfn", "font", "kbd", "label", "mark", "nobr", "samp", "small",
    "time", "tt", "var",
})  # fmt: skip
"""Elements that are unwrapped unless they may have a style, which a span has as well."""
_STYLED = re.compile(r"white-space", re.IGNORECASE)
_PASSES = 8
_MANY_TAGS = 250
_MANY_REFERENCES = 1_000_000_000  # times the length of the text
_PORTION = 500
_DEEPEST = 64
_SUCCESSIVE = {"dd", "dt", "li", "option", "p", "td", "th", "tr"}


def sanitise(html: str) -> str:
    """Return a body as HTML that is safe to show: listed tags stay, others are unwrapped, scripts are left out.

    >>> sanitise('<p onclick="x()">One <blink>two</blink></p><script>three()</script>')
    '<p>One two</p>'
    """
    html = whitespace.as_pre(_storable(html))
    if _STYLED.search(html):
        html = _NAME.sub(_as_span, html)
    clean = _clean(html)
    if clean == html:
        return clean.strip()
    tags = _NAME.findall(html)
    if not _TAGS_OF_HTML.issuperset(tags):
        clean = _clean(_NAME.sub(_unforeign, html))
    for _ in range(_PASSES):
        before, tags = tags, _NAME.findall(clean)
        # Where a tag was left out, moved or closed, a parser may read what is left as another tree.
        if tags == before and "\r" not in clean:
            break
        clean = _clean(clean)
    return clean.strip()


def _as_span(tag: re.Match[str]) -> str:
    name = tag[1].lstrip("/").lower()
    is_unknown = name not in _HTML and "-" in name  # an element of a page's own making
    return tag[0].replace(tag[1].lstrip("/"), "span") if name in _IN_LINE or is_unknown else tag[0]


def _unforeign(tag: re.Match[str]) -> str:
    # nh3 drops SVG and MathML with their text; under another name they are unwrapped like any unknown tag.
    name = tag[1].lstrip("/")
    return tag[0] if name.lower() in _HTML else tag[0].replace(name, "x-" + name)


def _storable(text: str) -> str:
    # As for pages: NUL becomes U+FFFD; so does half a surrogate pair, which JSON can carry and UTF-8 cannot.
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _clean(html: str) -> str:
    # nh3 takes quadratic time and memory for deep or unclosed nesting: 40,000 <div> cost 7 seconds.
    if html.count("<") > _MANY_TAGS:
        html = _well_nested(html)
    # And for character references in one text: 400,000 non-breaking spaces cost 6 seconds.
    if (html.count("&") + html.count("\xa0")) * len(html) > _MANY_REFERENCES:
        pieces = _TAG.split(html.replace("\xa0", "&nbsp;"))
        pieces[::2] = map(_in_portions, pieces[::2])
        html = "".join(pieces)
    # A parser drops the newline after <pre>, which nh3 does not write twice as it would have to.
    clean = (_STYLED_CLEANER if _STYLED.search(html) else _CLEANER).clean(html)
    return _FIRST_LINES.sub(r"\1", clean) if "<pre" in clean and ">\n" in clean else clean


def _in_portions(text: str) -> str:
    runs = text.split("&")
    return "<!---->&".join("&".join(runs[at : at + _PORTION]) for at in range(0, len(runs), _PORTION))


def _well_nested(html: str) -> str:
    out: list[str] = []
    stack: list[str] = []
    held: Counter[str] = Counter()
    at = 0
    for match in _MARKUP.finditer(html):
        out.append(html[at : match.start()])
        at = match.end()
        closes, name = bool(match[1]), match[2].lower()
        if closes or (name in _SUCCESSIVE and name == next((up for up in reversed(stack) if up not in INLINE), "")):
            out.extend(_closed(name, stack, held))
        if name in _VOID:
            out.append(match[0])
        elif not closes and len(stack) < _DEEPEST:
            out.append(match[0])
            stack.append(name)
            held[name] += 1
        elif not closes:
            out.append(" ")
    out.append(html[at:])
    return "".join(out)


def _closed(name: str, stack: list[str], held: Counter[str]) -> Iterator[str]:
    last = None
    while held[name] and last != name:
        last = stack.pop()
        held[last] -= 1
        yield f"</{last}>"


_Bodied = TypeVar("_Bodied", Comment, Thread)
_BLANK_LINES = re.compile(r"\n{3,}")


def normalise_bodies(page: ThreadPage) -> ThreadPage:
    """Return the page with every body sanitised and its text form beside it; an empty body is None."""
    thread = _normalised(page.thread)
    comments = tuple(map(_normalised, page.comments))
    if thread is page.thread and all(map(is_, comments, page.comments)):
        return page
    return replace(page, thread=thread, comments=comments)


def _normalised(item: _Bodied) -> _Bodied:
    html, text = _bodies(item.body_html, item.body_text)
    if html == item.body_html and text == item.body_text:
        return item
    return replace(item, body_html=html, body_text=text)


def _bodies(html: Shown[str], text: Shown[str]) -> tuple[Shown[str], Shown[str]]:
    if html is None or html is NOT_SHOWN:
        return html, text if text is None or text is NOT_SHOWN else _tidied(text)
    clean = sanitise(html)
    form = text_form(clean) or None
    # A picture without a description is a body without text, not an empty body.
    return (clean if form or "<img " in clean else None), form


def _tidied(text: str) -> str | None:
    text = _storable(text).replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(map(str.rstrip, text.split("\n")))).strip("\n") or None
