"""White space that readers see: lines and spaces of `<pre>`, of its old kin, and of what a style says."""

import re
from html import unescape
from typing import Literal

Mode = Literal["normal", "lines", "all"]
"""Whether lines alone are kept (pre-line), lines and spaces (pre, pre-wrap, break-spaces), or neither."""

_STYLES: dict[str, Mode] = {"normal": "normal", "pre-line": "lines", "pre-wrap": "all"}
"""The values that a sanitised body has; what readers of it see is the same as of those that the page has."""
_MODES: dict[str, str] = {
    "normal": "normal", "nowrap": "normal", "initial": "normal", "collapse": "normal",
    "pre-line": "pre-line", "preserve-breaks": "pre-line",
    "pre": "pre-wrap", "pre-wrap": "pre-wrap", "break-spaces": "pre-wrap", "preserve": "pre-wrap",
    "-moz-pre-wrap": "pre-wrap", "-pre-wrap": "pre-wrap", "-o-pre-wrap": "pre-wrap",
}  # fmt: skip
_DECLARED = re.compile(r"(?:^|;)\s*white-space(?:-collapse)?\s*:([^;]*)", re.IGNORECASE)
_STYLED = re.compile(r'\bstyle="white-space: ([a-z-]+)"')
_COMMENT = re.compile(r"/\*[^*]*\*/")
_OLD = re.compile(r"<(/?)(listing|xmp|plaintext|textarea)(?=[\s/>])", re.IGNORECASE)
_SPACES, _BLANKS = re.compile(r"\s+"), re.compile(r"[ \t]+")
# Half surrogate pairs stand for spaces that are kept: no body has any, and nothing takes them for white space.
_KEPT, _WRITTEN = {0x20: "\ud800", 0xA0: "\ud800", 0x09: "\ud801"}, {0xD800: " ", 0xD801: "\t"}


def style_of(declarations: str) -> str | None:
    """Return the one style that a sanitised body keeps, None where it says nothing of white space.

    >>> style_of("color: red; WHITE-SPACE:break-spaces !important")
    'white-space: pre-wrap'
    """
    found, sure = None, False
    for said in _DECLARED.findall(_COMMENT.sub("", declarations)):
        words = said.lower().replace("!important", " !important").split()
        is_sure = "!important" in words
        value = next((_MODES[word] for word in words if word in _MODES), None)
        if value and is_sure >= sure:
            found, sure = value, is_sure
    return f"white-space: {found}" if found else None


def mode_in(tag: str, inherited: Mode) -> Mode:
    """Return how the white space inside an element of a sanitised body is shown."""
    if match := _STYLED.search(tag):
        return _STYLES.get(match[1], inherited)
    return "all" if tag.startswith("<pre") else inherited


def as_pre(html: str) -> str:
    """Return a body with its old elements of plain text inside `<pre>`, which is how browsers show them.

    >>> as_pre("<listing>a</listing>, <xmp>b</xmp>")
    '<pre>a</pre>, <pre><xmp>b</xmp></pre>'
    """
    return _OLD.sub(_in_pre, html) if _OLD.search(html) else html


def _in_pre(tag: re.Match[str]) -> str:
    closes, name = tag[1], tag[2].lower()
    if name == "listing":
        return f"<{closes}pre"
    return f"</{name}></pre" if closes else f"<pre><{name}"


def kept(text: str) -> str:
    """Return a line of HTML text whose spaces are all kept when the others are collapsed."""
    return unescape(text).translate(_KEPT).replace("&", "&amp;")


def written(text: str) -> str:
    """Return a text with the spaces that were kept, without those that end it."""
    return text.translate(_WRITTEN).rstrip() if "\ud800" in text or "\ud801" in text else text


def in_code(text: str, mode: Mode) -> str:
    """Return a text that stands in a `<pre>`, where a style may take lines and spaces back."""
    if mode == "all":
        return text
    return _SPACES.sub(" ", text) if mode == "normal" else _BLANKS.sub(" ", text)
