"""A page: bytes with what is known of where and when they came from, and its readings as text, tree and JSON."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from parsel import Selector
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from belowtheline.scraper.errors import ParseError
from belowtheline.scraper.markup import parse_html

MAX_BYTES = 32 * 1024 * 1024
"""No page of a thread is larger; the same cap holds on the wire and for files."""


@dataclass(frozen=True, eq=False)
class Page:
    """One page as received; everything else about it is derived from these fields and never changes them."""

    url: str | None
    body: bytes
    content_type: str | None = None
    fetched_at: str | None = None

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return decode(self.body, self.content_type)

    @property
    def charset(self) -> str:
        """The character set that was used to read the bytes."""
        return self._decoded[1]

    @property
    def text(self) -> str:
        """The page as text, with NUL as U+FFFD."""
        return self._decoded[0]

    @cached_property
    def root(self) -> etree._Element:
        """The page as an lxml tree; raise ParseError where it is empty or cannot be read whole."""
        if not self.text.strip():
            raise ParseError(f"{self.name} is empty: fetch or save it again.")
        is_utf_8 = self.charset == "utf-8" and b"\0" not in self.body and not self.body.startswith(codecs.BOM_UTF8)
        return parse_html(self.text, self.name, self.body if is_utf_8 else None)

    @cached_property
    def selector(self) -> Selector:
        """The page as a parsel selector over the same tree."""
        return Selector(root=self.root, type="html")

    @cached_property
    def json(self) -> Any:
        """The page as JSON values; raise ParseError where it is not JSON."""
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise ParseError(f"{self.name} is not valid JSON ({error}): fetch or save it again.") from error
        except RecursionError:
            return self._deep_json()

    def _deep_json(self) -> Any:
        """Return JSON that is nested deeper than Python's own reader goes, as trees of replies can be."""
        import ijson

        builder = ijson.ObjectBuilder()
        try:
            for event, value in ijson.basic_parse(self.text.encode(), use_float=True):
                builder.event(event, value)
        except ijson.JSONError as error:
            reason = str(error).partition("\n")[0].strip()  # what follows points at a column, over two lines
            raise ParseError(f"{self.name} is not valid JSON ({reason}): fetch or save it again.") from error
        return builder.value

    @property
    def name(self) -> str:
        """What to call the page in a message."""
        return self.url or "the page"

    @property
    def is_cut(self) -> bool:
        """Whether the page is HTML that ends before its own end."""
        return self.looks_like_html and "</html" not in self.text[-4096:].lower()

    @property
    def looks_like_html(self) -> bool:
        """Whether the first bytes are markup rather than text."""
        return self.text[:1024].lstrip("\ufeff \t\r\n")[:1] == "<"


def decode(body: bytes, content_type: str | None) -> tuple[str, str]:
    """Return text and charset: BOM, a declared charset that fits, UTF-8 if it fits, else windows-1252.

    >>> decode(b"caf\\xe9", "text/html; charset=utf-8")
    ('café', 'windows-1252')
    """
    bom_charset, bom = read_bom(body)
    if bom_charset and bom:
        return _clean(body[len(bom) :].decode(bom_charset, "replace")), bom_charset
    for charset in _declared(body, content_type):
        if charset:
            try:
                text = body.decode(charset)
                # A search for NUL in a wide text costs twice the decoding, in its bytes next to nothing.
                return (text if charset == "utf-8" and b"\0" not in body else _clean(text)), charset
            except (UnicodeDecodeError, LookupError):
                continue
    return _clean(body.decode("belowtheline-windows-1252")), "windows-1252"


def _declared(body: bytes, content_type: str | None) -> Iterator[str | None]:
    yield http_content_type_encoding(content_type)
    yield html_body_declared_encoding(body[:4096])
    yield "utf-8"


def _clean(text: str) -> str:
    # libxml2 ends a document at NUL; browsers read it as U+FFFD, and so do we.
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _windows_1252(body: bytes, errors: str = "strict") -> tuple[str, int]:
    # WHATWG: the five bytes that windows-1252 leaves undefined are C1 controls, so that no byte is ever lost.
    table = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(256)}
    table |= {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
    return codecs.charmap_decode(bytes(body), errors, table)


def _find_codec(name: str) -> codecs.CodecInfo | None:
    if name.replace("-", "_") != "belowtheline_windows_1252":
        return None
    return codecs.CodecInfo(codecs.charmap_encode, _windows_1252, name=name)  # type: ignore[arg-type]


codecs.register(_find_codec)
