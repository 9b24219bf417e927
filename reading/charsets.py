"""Character sets of pages: labels of the WHATWG Encoding Standard, weighed against the bytes themselves."""

import codecs
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

import webencodings
from w3lib.encoding import read_bom

_HEAD = 32_768  # browsers look at 1,024 bytes, and begin anew where a label comes later
_BLANKS = 100  # before the first letter of a document
_LONGEST = 100  # characters of a label that are looked at
_MULTI_BYTE = frozenset({"gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr"})
_WIDE = frozenset({"utf-16le", "utf-16be"})
_WIDE_MARKUP = (b"<\0!\0", b"<\0?\0", b"<\0h\0", b"<\0H\0", b"\0<\0!", b"\0<\0?", b"\0<\0h", b"\0<\0H")
"""How markup begins in letters of two bytes, where no byte order mark says so."""
_NO_LETTERS = frozenset({"replacement", "x-user-defined"})
"""Encodings of the standard that keep browsers from reading a page, or hold bytes: neither is a page's text."""
_PROOF = 3
"""Letters of several bytes each by which bytes are known to be UTF-8, whatever a single-byte label says."""
_PROOF_AGAINST_PAIRS = 8
"""Letters by which UTF-8 is known where a label says two bytes a letter, whose text is UTF-8 only by chance."""
_FEW = 3
_FEW_SHARE = 1000
_TINY_SHARE = 20  # in a text of a few bytes, three are most of it
_SURE = 10  # letters of several bytes for each byte that is none

_PARAMETER = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([^"';,]{1,200})""", re.IGNORECASE)
_META = re.compile(rb"<meta\b([^<>]{1,1000})>?", re.IGNORECASE)
_DECLARATION = re.compile(rb"""^\s{0,99}<\?xml\b[^<>]{0,200}?\sencoding\s{0,9}=\s{0,9}["']([^"'<>]{1,200})""")
_ATTRIBUTE = re.compile(
    rb"""\b(charset|content|http-equiv)\s{0,9}=\s{0,9}(?:"([^"]{0,300})"|'([^']{0,300})'|([^\s>"']{1,300}))""",
    re.IGNORECASE,
)
_HEAD_END = re.compile(rb"</head\b|<body\b", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_DASHES = re.compile("[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_JOINT = re.compile(r"(?<=[a-z])(?=[0-9])")
_ASCII = bytes(range(128))


class Decoded(NamedTuple):
    """A page's text, the character set it was read in, and a label of the page's own that its bytes refute."""

    text: str
    charset: str
    label: str | None = None


def read_text(body: bytes, content_type: str | None) -> Decoded:
    """Return the text of a page: by its byte order mark, a label that its bytes bear out, UTF-8, else windows-1252.

    >>> read_text(b"caf\\xe9", "text/html; charset=iso-8859-1")
    Decoded(text='café', charset='windows-1252', label=None)
    >>> read_text("Käse, Öl, Äpfel".encode(), "text/html; charset=iso-8859-15")
    Decoded(text='Käse, Öl, Äpfel', charset='utf-8', label='iso-8859-15')
    """
    name, mark = read_bom(body)
    if name and mark:
        return Decoded(body[len(mark) :].decode(name, "replace"), name)
    if body.startswith(_WIDE_MARKUP):
        name = "utf-16le" if body[1] == 0 else "utf-16be"
        return Decoded(body.decode(name, "replace"), name)
    utf_8 = _Utf8(body)
    refuted: str | None = None
    if not utf_8.bad and body[:_BLANKS].lstrip()[:1] in (b"{", b"["):
        label = next((label for label in _labels(body, content_type) if charset_of(label) != "utf-8"), None)
        return Decoded(utf_8.text, "utf-8", label)  # RFC 8259, 8.1: JSON is UTF-8, and a label has no effect
    for written in _labels(body, content_type):
        charset = charset_of(written)
        text = _read_as(charset, body, utf_8) if charset else None
        if charset and text is not None:
            return Decoded(text, charset, refuted)
        refuted = refuted or written
    if utf_8.is_likely:
        return Decoded(utf_8.text, "utf-8", refuted)
    return Decoded(_single_bytes(body, "cp1252"), "windows-1252", refuted)


def charset_of(label: str) -> str | None:
    """Return the name of the encoding that a label stands for in the standard, repaired if need be; None for none.

    >>> charset_of("windows&#8211;1251"), charset_of(" ISO8859_1;"), charset_of("win1251"), charset_of("punycode")
    ('windows-1251', 'windows-1252', 'windows-1251', None)
    """
    plain = _DASHES.sub("-", unescape(label[:_LONGEST])).strip(" \t\r\n\f\"';,").lower()
    plain = plain.removeprefix("charset=")
    dashed = re.sub(r"[\s_-]+", "-", plain)
    bare = dashed.replace("-", "")
    windows = bare.replace("windows", "win").replace("win", "windows-")
    for form in (plain, dashed, bare, _JOINT.sub("-", bare, count=1), windows):
        if found := webencodings.lookup(form):
            return None if found.name in _NO_LETTERS else str(found.name)
    return None


def _labels(body: bytes, content_type: str | None) -> Iterator[str]:
    """Yield the labels of a page in the order in which they count: the header's, then those of its markup."""
    if content_type and (named := _PARAMETER.search(unescape(content_type))):
        yield named[1].strip()
    head = body[:_HEAD]
    if end := _HEAD_END.search(head):
        head = head[: end.start()]
    if head[:_BLANKS].lstrip()[:1] != b"<":
        return  # text and JSON: what looks like markup in them is somebody's words
    if declared := _DECLARATION.match(head):
        yield _label(declared[1])
    for tag in _META.findall(_COMMENT.sub(b"", head)):
        said = {key.lower(): double or single or bare for key, double, single, bare in _ATTRIBUTE.findall(tag)}
        if charset := said.get(b"charset"):
            yield _label(charset)
        elif said.get(b"http-equiv", b"").strip().lower() == b"content-type":
            named = _PARAMETER.search(_label(said.get(b"content", b"")))
            if named:
                yield named[1].strip()


def _label(found: bytes) -> str:
    try:
        return unescape(found.decode())
    except UnicodeDecodeError:
        return unescape(found.decode("cp1252", "replace"))  # a word processor's dash


class _Utf8:
    """The bytes of a page as UTF-8, and what speaks for it."""

    def __init__(self, body: bytes) -> None:
        self.bad, torn = 0, 0
        try:
            self.text = body.decode()
        except UnicodeDecodeError:
            self.text = body.decode("utf-8", "replace")
            torn = _torn_end(body)
            self.bad = self.text.count("\ufffd") - body.count(b"\xef\xbf\xbd") - torn
        self._broken = self.bad + torn
        self._body = body

    @property
    def letters(self) -> int:
        """How many letters of several bytes there are."""
        beyond = len(self._body.translate(None, _ASCII))
        return len(self.text) - (len(self._body) - beyond) - self._broken

    @property
    def is_few(self) -> bool:
        """Whether no byte is bad, or so few that damage explains them and another character set does not."""
        size = len(self._body)
        return (
            not self._broken
            or (self.bad <= max(_FEW, size // _FEW_SHARE) and self._broken * _TINY_SHARE <= size)
            or self.bad * _SURE < self.letters
        )

    @property
    def is_likely(self) -> bool:
        """Whether the bytes are UTF-8 though nothing says so: then letters of several bytes outweigh the bad ones."""
        return self.is_few and self.bad <= self.letters

    @property
    def is_proved(self) -> bool:
        """Whether the bytes are UTF-8 though a label says otherwise."""
        letters = self.letters
        return letters >= _PROOF and self.bad * _SURE <= letters


def _torn_end(body: bytes) -> bool:
    """Return whether the cut of a page goes through a letter of UTF-8.

    >>> _torn_end("für".encode()), _torn_end("fü".encode()[:-1])
    (False, True)
    """
    for length in range(1, min(len(body), 3) + 1):
        if body[-length] >= 0xC2:
            try:
                return not codecs.utf_8_decode(body[-length:], "strict", False)[1]
            except UnicodeDecodeError:
                return False
    return False


def _read_as(charset: str, body: bytes, utf_8: _Utf8) -> str | None:
    """Return the text in the character set of a label; None where the bytes refute it."""
    if charset == "utf-8":
        return utf_8.text if utf_8.is_few else None
    if charset in _WIDE:
        # In letters of two bytes every markup has zeros; without them the label itself could not be read.
        return body.decode(charset, "replace") if body[:_HEAD].count(0) * 4 >= len(body[:_HEAD]) else None
    if charset in _MULTI_BYTE:
        return _multi_bytes(body, charset, utf_8)
    return None if utf_8.is_proved else _single_bytes(body, _codec(charset))


def _codec(charset: str) -> str:
    found = webencodings.lookup("gb18030" if charset == "gbk" else charset)  # as the standard decodes it
    return str(found.codec_info.name) if found else charset


def _multi_bytes(body: bytes, charset: str, utf_8: _Utf8) -> str | None:
    codec = _codec(charset)
    if not utf_8.bad and utf_8.letters >= _PROOF_AGAINST_PAIRS:
        return None
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        text = body.decode(codec, "replace")
    if utf_8.is_proved:
        return None
    bad = text.count("\ufffd")
    letters = sum(letter > "\x7f" for letter in text) - bad
    return text if bad <= max(_FEW, len(body) // _FEW_SHARE) or bad * _SURE <= letters else None


_UNDEFINED = {0xDC00 + byte: chr(byte) if byte < 0xA0 else "\ufffd" for byte in range(0x80, 0x100)}
"""What the standard reads in bytes that a character set leaves undefined: C1 controls, and U+FFFD for the others."""


def _single_bytes(body: bytes, codec: str) -> str:
    """Return a text, bytes that its character set leaves undefined read as the standard does."""
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return body.decode(codec, "surrogateescape").translate(_UNDEFINED)
