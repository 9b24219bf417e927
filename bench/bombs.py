"""Bombs: pages that make a reader work as hard as their bytes allow, of any size and for any site."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from belowtheline.authoring.cases import page_of
from belowtheline.reading.page import Page
from belowtheline.sites.registry import all_sites

CASES = Path(__file__).resolve().parent.parent / "tests" / "sites"
FETCHED_AT = "2026-01-05T09:00:00Z"
_HUGE = 999_999_999_999


@dataclass(frozen=True, slots=True)
class Bomb:
    """One way to make a page expensive: what stands before, what is repeated, and what stands behind."""

    name: str
    before: str
    unit: str
    after: str = ""

    def body(self, size: int) -> bytes:
        """Return a page of about so many bytes."""
        before, after = self.before.encode(), self.after.encode()
        first, second = self.unit.replace("%d", "1").encode(), self.unit.replace("%d", "2").encode()
        room = max(size - len(before) - len(after), 1)
        if first == second:
            return before + first * max(room // len(first), 1) + after
        return before + self._numbered(room) + after

    def _numbered(self, room: int) -> bytes:
        parts, length, number = [], 0, 0
        while length < room:
            number += 1
            parts.append(self.unit.replace("%d", str(number)).encode())
            length += len(parts[-1])
        return b"".join(parts)


_HTML = "<!DOCTYPE html><html><head><title>Kettles</title></head><body>"
FLOODS = {
    "links": '<a href="/t/%d?page=%d">%d</a> ',
    "links of pages": '<a href="?page=%d">%d</a>',
    "same links": '<a href="/">x</a>',
    "anchors unclosed": "<a>",
    "inline nested": "<b>",
    "blocks nested": "<div>",
    "spans nested": "<span class=c>x",
    "lists nested": "<ul><li>x",
    "quotes nested": "<blockquote><p>x",
    "fonts unclosed": "<p><font size=%d>",
    "paragraphs": "<p>x",
    "breaks": "x<br>",
    "headings": "<h2>Kettle %d</h2>",
    "headings nested": "<h1><h2>",
    "tables": "<table><tr><td>x</td></tr></table>",
    "tables nested": "<table><tr><td>x",
    "cells": "<tr><td>x",
    "forms": "<form><input name=a><textarea>",
    "forms closed": "<form id=respond><input name=a></form>",
    "comments of markup": "<!-- x -->",
    "comments unclosed": "<!-- <p>",
    "references": "&amp;&#1234;&nbsp;",
    "references unclosed": "&",
    "brackets": "<",
    "closing tags": "</p>",
    "closing lists": "</li></div>",
    "attributes": "<p a%d=x>",
    "ids": '<div id="c%d">x</div>',
    "classes": '<div class="comment c%d">x</div>',
    "many classes": '<p class="a b c d e f g h i j k l m n o p q r s t u v w x y z">',
    "scripts": '<script type="application/ld+json">{"@type":"Comment","text":"x %d"}</script>',
    "scripts unclosed": "<script>",
    "microdata": '<div itemscope itemtype="http://schema.org/Comment"><p itemprop=text>x %d</p></div>',
    "microdata nested": '<div itemscope itemtype="http://schema.org/Comment"><p itemprop=text>x</p>',
    "microformats": '<li class="h-entry h-cite u-comment"><a class="u-author h-card">A</a><p class=e-content>x %d</p>',
    "times": "<time datetime=2024-01-01T00:00:00Z>1 January 2024</time>",
    "dates": "1 January 2024, 10:%d ",
    "dates in elements": "<span>3 days ago</span>",
    "numbers": "1,234 of 9,999 comments %d ",
    "words": "kettle ",
    "one word": "x",
    "spaces": " ",
    "lines": "\n",
    "quotation marks": '"',
    "quotations": '"I like kettles a lot" ',
    "opening quotations": "\u201cwell ",
    "quoted lines": "> x\n",
    "at names": "@ann ",
    "addresses": "http://kettle.example/%d ",
    "surrogates": "&#xd800;",
    "emoji": "\U0001f375",
    "accents": "e\u0301",
    "svg": "<svg><g>",
    "templates": "<template><p>x",
    "options": "<select><option>x",
    "images": '<img src="/i/%d.png" alt="x">',
    "iframes": '<iframe src="http://k%d.example/comments"></iframe>',
    "buttons": "<button>Load %d more comments</button>",
    "metas": '<meta property="og:url" content="http://k.example/%d">',
    "closing of html": "</body></html><p>x",
    "list items": "<li id=comment-%d class=comment><cite>A</cite><p>x</p></li>",
    "articles": "<article><p>x %d</p></article>",
}
"""Units that are repeated in the body of a page, or in the midst of a site's own page."""


def floods() -> Iterator[Bomb]:
    """Yield pages of nothing but a flood."""
    for name, unit in FLOODS.items():
        yield Bomb(name, _HTML, unit, "</body></html>")
    yield Bomb("an attribute", f"{_HTML}<p title='", "x ", "'></body></html>")
    yield Bomb("many attributes", f"{_HTML}<p ", "a%d=x ", "></body></html>")
    yield Bomb("a tag", f"{_HTML}<p", "p")
    yield Bomb("a script", f"{_HTML}<script>var a = ", "[{", "</script></body></html>")
    yield Bomb("a title", "<html><head><title>", "kettle ", "</title></head></html>")
    yield Bomb("text", "", "kettle pot\n")
    yield Bomb("text of dates", "", "Monday 3rd January 2011 10:%d GMT\nKettle\nReply\n\nWords\n\n")
    yield Bomb("arrays", "", "[")
    yield Bomb("objects", "", '{"a":')
    yield Bomb("closed arrays", "[", "[],", "[]]")
    yield Bomb("closed objects", "[", "{},", "{}]")
    yield Bomb("numbers of JSON", "[", "9,", "9]")
    yield Bomb("long number", "[", "9", "]")
    yield Bomb("members", "{", '"a%d":%d,', '"a":1}')
    yield Bomb("strings", "[", '"x%d",', '""]')
    yield Bomb("escapes", '["', "\\ud800", '"]')


_BETWEEN = re.compile(r">\s*[^<\s][^<]{0,400}<")
_NUMBERS = re.compile(r"(?<![\w#&.-])\d{1,7}(?![\w.-])")


@cache
def _cases() -> dict[str, list[Page]]:
    found: dict[str, list[Page]] = {}
    for told in sorted(CASES.glob("*/*/page.json")):
        found.setdefault(told.parts[-3], []).append(page_of(told.parent))
    return found


def seeds(site: str) -> Iterator[tuple[str, Page]]:
    """Yield the largest saved page of each form of a site."""
    by_form: dict[str, Page] = {}
    for page in _cases()[site]:
        form = page.body.lstrip()[:1].decode("latin-1") if page.body.lstrip()[:1] in b"<{[" else "text"
        if form not in by_form or len(by_form[form].body) < len(page.body):
            by_form[form] = page
    yield from by_form.items()


def planted(site: str, places: int = 5) -> Iterator[tuple[Bomb, Page]]:
    """Yield a site's own page with each flood in its midst, at several places, beside the page itself."""
    for form, page in seeds(site):
        text = page.text
        if form == "<":
            spots = [match.end() - 1 for match in _BETWEEN.finditer(text)]
        elif form == "text":
            spots = [match.end() for match in re.finditer(r"\n", text)]
        else:
            continue
        chosen = [spots[len(spots) * part // places] for part in range(places)] if spots else []
        for place in dict.fromkeys(chosen):
            for name, unit in FLOODS.items():
                yield Bomb(f"{name} at {place}", text[:place], unit, text[place:]), page


def repeated(site: str) -> Iterator[tuple[Bomb, Page]]:
    """Yield a site's own page of JSON with each of its lists made long, and each of its strings."""
    for form, page in seeds(site):
        if form not in ("{", "["):
            continue
        value = json.loads(page.text)
        for path, found in _inside(value):
            if isinstance(found, list) and found:
                yield from ((bomb, page) for bomb in _long_list(value, path, found))
            elif isinstance(found, str):
                for name in ("quotations", "inline nested", "one word", "dates", "references", "breaks", "links"):
                    unit = json.dumps(FLOODS[name])[1:-1]
                    before, after = json.dumps(_with(value, path, _MARK)).split(_MARK)
                    yield Bomb(f"{name} in {'.'.join(map(str, path))}", before, unit, after), page


_MARK = "KETTLEMARK"


def _long_list(value: Any, path: tuple[Any, ...], found: list[Any]) -> Iterator[Bomb]:
    before, after = json.dumps(_with(value, path, [_MARK])).split(f'"{_MARK}"')
    for number, entry in enumerate((found[0], found[-1])[: len(found)]):
        unit = json.dumps(entry)
        numbered = re.sub(r'("(?:id|name|_id|short_id)": "?[a-z0-9_]*?)\d+', r"\g<1>%d", unit)
        last = json.dumps(found[-1])
        yield Bomb(f"list {'.'.join(map(str, path))} of {number}", before, f"{unit},", f"{last}{after}")
        yield Bomb(f"list {'.'.join(map(str, path))} of {number} numbered", before, f"{numbered},", f"{last}{after}")
    for odd in ("null", "{}", "[]", "7", '"x"'):
        yield Bomb(f"list {'.'.join(map(str, path))} of {odd}", before, f"{odd},", f"{json.dumps(found[-1])}{after}")


def _inside(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    entries = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from _inside(inner, (*path, key))


def _with(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    first, *rest = path
    if isinstance(value, list):
        return [_with(inner, tuple(rest), other) if key == first else inner for key, inner in enumerate(value)]
    return {key: _with(inner, tuple(rest), other) if key == first else inner for key, inner in value.items()}


_OPENING = re.compile(r"<([a-z][a-z0-9]{0,12})\b([^<>]{0,400})>", re.IGNORECASE)
_CLASS = re.compile(r"""\bclass\s?=\s?["']?([^"'>\s]{1,60})""", re.IGNORECASE)
_ONCE = frozenset(("html", "head", "body", "meta", "link", "br", "img", "input", "hr"))


def multiplied(site: str) -> Iterator[tuple[Bomb, Page]]:
    """Yield a site's own page of HTML with one of its elements many times over, as it stands and numbered."""
    for form, page in seeds(site):
        if form != "<":
            continue
        text, seen = page.text, set[str]()
        for opening in _OPENING.finditer(text):
            tag, named = opening[1].lower(), _CLASS.search(opening[2])
            kind = f"{tag}.{named[1] if named else ''}"
            end = _end_of(text, opening)
            if tag in _ONCE or kind in seen or end is None:
                continue
            seen.add(kind)
            unit = text[opening.start() : end]
            before, after = text[: opening.start()], text[opening.start() :]
            yield Bomb(f"many {kind}", before, unit, after), page
            numbered = re.sub(r"(?<=\D)\d{2,}(?=\D)", "%d", unit)
            if numbered != unit:
                yield Bomb(f"many {kind} numbered", before, numbered, after), page
            yield Bomb(f"nested {kind}", before, opening[0], after), page


def _end_of(text: str, opening: re.Match[str]) -> int | None:
    """Return where the element ends that a tag opens; None where it does not."""
    depth = 0
    for step in re.finditer(rf"<(/?){opening[1]}\b[^<>]*>", text[opening.start() :], re.IGNORECASE):
        depth += -1 if step[1] else 1
        if depth == 0:
            return opening.start() + step.end()
    return None


def numbers(site: str) -> Iterator[Page]:
    """Yield a site's own pages with one number each made huge."""
    for _, page in seeds(site):
        for match in _NUMBERS.finditer(page.text):
            text = page.text[: match.start()] + str(_HUGE) + page.text[match.end() :]
            yield Page(page.url, text.encode(), page.content_type, page.fetched_at)


Planted = Callable[[str], Iterator[tuple[Bomb, Page]]]
OWN: tuple[Planted, ...] = (planted, repeated, multiplied)


def bombs_for(site: str) -> Iterator[tuple[Bomb, Page]]:
    """Yield every bomb for a site, with the page whose address and type it takes."""
    address = all_sites()[site].example_url
    for bomb in floods():
        yield bomb, Page(address, b"", None, FETCHED_AT)
    for kind in OWN:
        yield from kind(site)
