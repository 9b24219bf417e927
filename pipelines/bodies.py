"""Bodies: sanitised HTML to keep and show, and the text form that offsets stand on."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from operator import is_
from typing import TypeVar

import nh3

from belowtheline.scraper.items import NOT_SHOWN, Comment, Shown, Thread, ThreadPage, changed

_INLINE = {
    "a", "b", "cite", "code", "del", "em", "i", "img", "ins", "q", "s", "span", "strike", "strong", "sub", "sup", "u",
}  # fmt: skip
_PLAIN_BLOCKS = {
    "address", "article", "aside", "center", "details", "div", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "main", "nav", "p", "section", "summary",
}  # fmt: skip
_LISTS = {"blockquote", "dd", "dl", "dt", "li", "ol", "pre", "ul"}
_TABLES = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_KEPT = _INLINE | _PLAIN_BLOCKS | _LISTS | _TABLES | {"br"}
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
_HTML = _KEPT | _UNRENDERED | _VOID | _UNWRAPPED
_TAGS_OF_HTML = _HTML | {f"/{name}" for name in _HTML}

_CLEANER = nh3.Cleaner(
    tags=_KEPT,
    # A browser that runs scripts shows none of it, and it would otherwise surface as escaped markup.
    clean_content_tags=_UNRENDERED,
    attributes={"*": set(), "a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,  # The archive keeps what the page says; rel belongs to whoever publishes it again.
)

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?[a-zA-Z][^\s/<>]*)")
_MARKUP = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
_FIRST_LINES = re.compile(r"<pre>\n+")
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
    html = _storable(html)
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
    clean = _CLEANER.clean(html)
    return _FIRST_LINES.sub("<pre>", clean) if "<pre>\n" in clean else clean


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
        if closes or (name in _SUCCESSIVE and name == next((up for up in reversed(stack) if up not in _INLINE), "")):
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


_ALT = re.compile(r'\balt="([^"]*)"')
_START = re.compile(r'\bstart="(-?\d{1,9})"')
_MOST_MARKS = 20
"""Quotes and lists nested deeper than this are marked no further, or 10,000 levels would fill the disk."""
_LINE, _BLOCK, _APART = range(3)
_GAPS = ("\n", "\n\n", "\n\n")


def text_form(html: str) -> str:
    r"""Return the text form of sanitised HTML.

    >>> text_form("<p>One<br>two</p><ul><li>three</li></ul><blockquote>four</blockquote>")
    'One\ntwo\n\n- three\n\n> four'
    """
    form = _Form()
    pieces = _TAG.split(html)
    form.parts.append(pieces[0])
    for tag, text in zip(pieces[1::2], pieces[2::2], strict=True):
        step = form.steps.get(tag) or form.steps.get(tag.partition(" ")[0])
        if step is not None:
            step(form, tag)
        if text:
            form.parts.append(text)
    form.block()
    return "".join(form.out)


def _collapsed(text: str) -> str:
    if "&" in text:
        text = unescape(text)
    text = text.strip()
    return text if text.isprintable() and "  " not in text else " ".join(text.split())


class _Form:
    """A text form while it is written, tag by tag, without recursion."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.parts: list[str] = []  # text of the line at hand, its character references not yet decoded
        self.gap = _BLOCK  # what stands between the last line and the next
        self.broken = False  # whether a <br> was the last that was seen
        self.prefix = ""  # what every line here begins with
        self.lead: str | None = None  # what the first line of an item begins with, until it is written
        self.quotes = 0
        self.items = 0
        self.in_item = False
        self.stack: list[tuple[str, str | None, int, int, bool]] = []
        self.lists: list[tuple[int | None, int]] = []  # the next number, and the length of `out` when it began
        self.cells: list[str] = []
        self.depth = 0  # how deep inside a cell or a <pre>
        self.joint = ""
        self.steps = _FLOW

    def taken(self) -> str:
        text = _collapsed("".join(self.parts))
        self.parts.clear()
        return text

    def write(self, line: str, prefix: str) -> None:
        if self.out:
            self.out.append(_GAPS[self.gap])
        self.out.append(prefix if self.lead is None else self.lead)
        self.out.append(line)
        self.lead = None
        self.gap = _BLOCK

    def block(self, _tag: str = "") -> None:
        """End a block, if there is one."""
        if self.parts and (text := self.taken()):
            self.write(text, self.prefix)
        if self.gap == _LINE and self.lead is None:
            self.gap = _BLOCK
        self.broken = False

    def line_break(self, _tag: str) -> None:
        if text := self.taken():
            self.write(text, self.prefix)
            self.gap = _LINE
        elif self.broken and self.gap == _LINE and self.lead is None:
            self.gap = _BLOCK
        self.broken = True

    def image(self, tag: str) -> None:
        if found := _ALT.search(tag):
            self.parts.append(found[1])

    def push(self, prefix: str, lead: str | None, *, in_item: bool = False) -> None:
        self.stack.append((self.prefix, self.lead, self.quotes, self.items, self.in_item))
        self.prefix, self.lead, self.in_item = prefix, lead, in_item

    def pop(self, _tag: str) -> None:
        self.block()
        if self.stack:
            self.prefix, lead, self.quotes, self.items, self.in_item = self.stack.pop()
            self.lead = None if self.lead is None else lead

    def quote(self, _tag: str) -> None:
        self.block()
        mark = "> " if self.quotes < _MOST_MARKS else ""
        self.push(self.prefix + mark, None if self.lead is None else self.lead + mark)
        self.quotes += bool(mark)

    def begin(self, tag: str) -> None:
        """Begin what has its items on consecutive lines: a list, or a table with its rows."""
        self.block()
        start = _START.search(tag)
        number = int(start[1]) if start else 1
        nested = self.in_item and self.lead is None and tag.startswith(("<ol", "<ul"))
        self.lists.append((number if tag.startswith("<ol") else None, -1 if nested else len(self.out)))

    def finish(self, _tag: str) -> None:
        self.block()
        if self.lists:
            self.lists.pop()

    def follow(self) -> None:
        """Put the next line right below the item before it."""
        self.block()
        if self.gap < _APART and (not self.lists or len(self.out) > self.lists[-1][1]):
            self.gap = _LINE

    def marker(self) -> str:
        number, began = self.lists[-1] if self.lists else (None, -1)
        if number is None:
            return "- "
        self.lists[-1] = (number + 1, began)
        return f"{number}. "

    def item(self, _tag: str) -> None:
        self.follow()
        marker, deep = self.marker(), self.items >= _MOST_MARKS
        lead = self.prefix + marker
        if self.lead is not None:
            lead = self.lead if deep else self.lead + marker
        self.push(self.prefix if deep else self.prefix + "  ", lead, in_item=True)
        self.items += not deep

    def term(self, _tag: str) -> None:
        self.follow()
        self.push(self.prefix, self.prefix if self.lead is None else self.lead)

    def end_row(self, tag: str) -> None:
        if line := "\t".join(self.cells).rstrip():
            self.write(line, self.prefix)
        self.cells.clear()
        self.pop(tag)

    def cell(self, _tag: str) -> None:
        self.steps, self.depth, self.joint = _IN_CELL, 1, " "

    def end_cell(self, tag: str) -> None:
        self.shallower(tag)
        if not self.depth:
            self.cells.append(self.taken())
            self.steps = _FLOW

    def join(self, _tag: str) -> None:
        """Divide what are blocks elsewhere, inside a cell or a <pre>."""
        if self.parts and not self.parts[-1].endswith(self.joint):
            self.parts.append(self.joint)

    def deeper(self, tag: str) -> None:
        self.depth += 1
        self.join(tag)

    def shallower(self, tag: str) -> None:
        self.depth -= 1
        self.join(tag)

    def code(self, _tag: str) -> None:
        self.block()
        self.steps, self.depth, self.joint = _IN_CODE, 1, "\n"

    def code_break(self, _tag: str) -> None:
        self.parts.append("\n")

    def end_code(self, tag: str) -> None:
        self.shallower(tag)
        if self.depth:
            return
        text = unescape("".join(self.parts)).replace("\xa0", " ")
        lines = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n").split("\n")
        self.parts.clear()
        self.steps = _FLOW
        if lines != [""]:
            quotes = "> " * self.quotes
            self.write(lines[0], quotes)
            self.out.extend("\n" + (quotes + line).rstrip() for line in lines[1:])
            self.gap = _APART


_Steps = dict[str, Callable[[_Form, str], None]]
_FLOW: _Steps = {
    **{tag: _Form.block for name in _PLAIN_BLOCKS | {"caption"} for tag in (f"<{name}>", f"</{name}>")},
    "<br>": _Form.line_break,
    "<img": _Form.image,
    "<blockquote>": _Form.quote, "</blockquote>": _Form.pop,
    "<ul>": _Form.begin, "<dl>": _Form.begin, "<table>": _Form.begin,
    "<ol>": _Form.begin, "<ol": _Form.begin,
    "</ul>": _Form.finish, "</ol>": _Form.finish, "</dl>": _Form.finish, "</table>": _Form.finish,
    "<li>": _Form.item, "</li>": _Form.pop,
    "<dt>": _Form.term, "<dd>": _Form.term, "</dt>": _Form.pop, "</dd>": _Form.pop,
    "<tr>": _Form.term, "</tr>": _Form.end_row,
    "<td>": _Form.cell, "<th>": _Form.cell,
    "<pre>": _Form.code,
}  # fmt: skip
_IN_CELL: _Steps = {
    **{tag: _Form.join for name in _KEPT - _INLINE for tag in (f"<{name}>", f"</{name}>", f"<{name}")},
    "<img": _Form.image,
    "<td>": _Form.deeper, "<th>": _Form.deeper, "</td>": _Form.end_cell, "</th>": _Form.end_cell,
}  # fmt: skip
_IN_CODE: _Steps = {
    **{tag: _Form.join for name in _KEPT - _INLINE for tag in (f"<{name}>", f"</{name}>", f"<{name}")},
    "<br>": _Form.code_break,
    "<img": _Form.image,
    "<pre>": _Form.deeper, "</pre>": _Form.end_code,
}  # fmt: skip

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
    return changed(item, body_html=html, body_text=text)


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
