"""A page: bytes with what is known of where and when they came from, and its readings as text, tree and JSON."""

import codecs
import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lxml import etree

from belowtheline.reading import payloads
from belowtheline.reading.charsets import Decoded, read_text
from belowtheline.reading.errors import ParseError
from belowtheline.reading.markup import parse_html

if TYPE_CHECKING:
    from parsel import Selector

MAX_BYTES = payloads.MAX_BYTES
"""No page of a thread is larger; the same cap holds on the wire and for files."""


@dataclass(frozen=True, eq=False)
class Page:
    """One page as received; everything else about it is derived from these fields and never changes them."""

    url: str | None
    body: bytes
    content_type: str | None = None
    fetched_at: str | None = None
    named_site: str | None = None
    """Name of the site as which a person has it read."""

    @cached_property
    def _decoded(self) -> Decoded:
        return read_text(self.body, self.content_type)

    @property
    def charset(self) -> str:
        """The character set that was used to read the bytes."""
        return self._decoded.charset

    @property
    def charset_label(self) -> str | None:
        """The page's own label of its character set, where the bytes refute it or the standard has none such."""
        return self._decoded.label

    @cached_property
    def text(self) -> str:
        """The page as text, with NUL as U+FFFD."""
        # libxml2 ends a document at NUL; browsers read it as U+FFFD, and so do we.
        text = self._decoded.text
        # A search for NUL in a wide text costs twice the decoding, in its bytes next to nothing.
        return text.replace("\0", "\ufffd") if b"\0" in self.body else text

    @cached_property
    def root(self) -> etree._Element:
        """The page as an lxml tree; raise ParseError where it is empty or cannot be read whole."""
        if not self.text.strip():
            raise ParseError(f"{self.name} is empty: fetch or save it again.")
        return parse_html(self.text, self.name, self.body if self._is_plain_utf_8 else None)

    @property
    def _is_plain_utf_8(self) -> bool:
        is_replaced = "\ufffd" in self.text
        return self.charset == "utf-8" and not is_replaced and not self.body.startswith(codecs.BOM_UTF8)

    @cached_property
    def selector(self) -> "Selector":
        """The page as a parsel selector over the same tree."""
        from parsel import Selector

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

    def at(self, url: str | None, named_site: str | None = None) -> "Page":
        """Return the page as one of another address, with what has been derived of its bytes."""
        page = replace(self, url=url, named_site=named_site)
        page.__dict__.update({**self.__dict__, "url": url, "named_site": named_site})
        return page

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
        return _OPENS_MARKUP.match(self.text[:1024].lstrip(_BLANK)) is not None


_BLANK = "\ufeff \t\r\n"
_OPENS_MARKUP = re.compile(r"<(?![\s\xa0])")
"""A sign with white space behind it is text, as in the arrow of a link back."""


def decode(body: bytes, content_type: str | None) -> tuple[str, str]:
    """Return the text of bytes as that of a page, and the character set they were read in.

    >>> decode(b"caf\\xe9", "text/html; charset=utf-8")
    ('café', 'windows-1252')
    """
    page = Page(None, body, content_type)
    return page.text, page.charset
