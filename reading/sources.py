"""Where pages that nobody fetched come from: saved files, folders, standard input; what they say of their address."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import BinaryIO, cast

from belowtheline.reading.errors import LargePage, ParseError
from belowtheline.reading.hosts import host_of
from belowtheline.reading.page import MAX_BYTES, Page
from belowtheline.reading.payloads import GZIP, ZSTD, BadPayload, GzipReader, LargePayload, decoded
from belowtheline.reading.payloads import head_of as head_decoded

SUFFIXES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".txt": "text/plain",
    ".json": "application/json", ".xml": "application/xml",
}  # fmt: skip
GIVE = "give .html, .txt, .json, .xml or .warc files, any of them gzipped."
"""What to do where a file cannot be read."""
_WARC = (".warc.gz", ".warc")
_KINDS = {
    ".mhtml": "MHTML", ".mht": "MHTML", ".maff": "MAFF", ".webarchive": "a Safari web archive", ".pdf": "PDF",
    ".ndjson": "JSON by lines", ".jsonl": "JSON by lines", ".csv": "CSV", ".tsv": "TSV", ".zip": "ZIP",
    ".wacz": "WACZ", ".7z": "7-Zip", ".rar": "RAR", ".tar": "tar", ".tgz": "tar", ".bz2": "bzip2", ".xz": "XZ",
    ".zst": "Zstandard", ".arc": "ARC", ".docx": "Word", ".doc": "Word", ".odt": "OpenDocument", ".rtf": "RTF",
    ".epub": "EPUB", ".eml": "mail", ".mbox": "mail", ".db": "a database", ".sqlite": "a database",
    ".sqlite3": "a database", ".parquet": "Parquet",
}  # fmt: skip
_BESIDE_PAGES = frozenset((
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".ico", ".bmp", ".css", ".js", ".mjs", ".map", ".woff",
    ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".m4a", ".m4v", ".ogg", ".oga", ".ogv", ".webm", ".mov", ".wav",
    ".cdx", ".cdxj", ".log", ".lock", ".part", ".tmp",
))  # fmt: skip
"""What browsers and archiving tools put beside pages, and nobody expects to be read."""
_HEAD = 65_536
_PART = 1 << 20
_LARGEST = 4 << 30  # bytes of an export, decompressed
_PACKED = 100  # times its packed size that a large export may have; text is packed to a twentieth at best
_UNPACKED = 256 << 20  # bytes that any export may have
_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1990, 2100))
_WEB = ("http://", "https://")
_SAVED_FROM = re.compile(r"<!--\s{0,9}saved from url=\(\d+\)(?P<url>\S+)")
_SINGLE_FILE = re.compile(r"<!--\s{0,9}Page saved with SingleFile\s{1,9}url:\s{0,9}(?P<url>\S+)")
_TAG = re.compile(r"<(?:link|meta)\b[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(rel|property|href|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)


def is_warc(path: Path) -> bool:
    """Return whether a file's name says that it is a WARC file."""
    return path.name.lower().endswith(_WARC)


def is_readable(path: Path) -> bool:
    """Return whether a file's name says that it is of a kind that is read; .gz of any of them is.

    >>> is_readable(Path("export.xml.gz")), is_readable(Path("saved.MHTML"))
    (True, False)
    """
    return is_warc(path) or _inner_suffix(path) in SUFFIXES


def is_beside_pages(path: Path) -> bool:
    """Return whether a file is one of those that stand beside saved pages, such as pictures."""
    return path.name.startswith(".") or path.suffix.lower() in _BESIDE_PAGES


def kind_of(path: Path) -> str | None:
    """Return what a file is that cannot be read, by its name; None where its name does not tell."""
    return _KINDS.get(_inner_suffix(path)) or _KINDS.get(path.suffix.lower())


def content_type(path: Path) -> str | None:
    """Return the content type that a file's ending stands for."""
    return SUFFIXES.get(_inner_suffix(path))


def _inner_suffix(path: Path) -> str:
    name = path.name.lower()
    return Path(name.removesuffix(".gz")).suffix


def printed(path: Path) -> str:
    """Return a path as text that every sink takes: names of files may be bytes of no encoding."""
    return os.fsencode(path).decode("utf-8", "replace")


def address(path: Path) -> str:
    """Return the file: address of a path, whose name may be bytes of no encoding."""
    return path.absolute().as_uri()


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file, decompressed as far as that can be done."""
    with path.open("rb") as file:
        return head_decoded(file.read(_HEAD), "", _HEAD, MAX_BYTES)


def holds_records(path: Path) -> bool:
    """Return whether a file begins as a WARC file does, gzipped or not, whatever its name."""
    if not path.is_file():
        return False  # a pipe cannot be read twice
    with path.open("rb") as file:
        is_zstd = file.read(len(ZSTD)) == ZSTD
    return not is_zstd and head_of(path).startswith(b"WARC/")


@contextmanager
def contents(path: Path) -> Iterator[tuple[BinaryIO, str | None]]:
    """Give all of a file, however large, decompressed on disk, and what is wrong where it cannot be read to its end."""
    with path.open("rb") as file:
        is_gzip = file.read(len(GZIP)) == GZIP
        file.seek(0)
        if not is_gzip:
            yield file, None
            return
        with tempfile.TemporaryFile() as whole:
            reader, problem = GzipReader(file), None
            largest = min(max(path.stat().st_size * _PACKED, _UNPACKED), _LARGEST)
            try:
                while part := reader.read(_PART):
                    whole.write(part)
                    if whole.tell() > largest:
                        raise BadPayload(f"it is larger than {largest // 2**20} MiB, decompressed")
            except BadPayload as error:
                problem = str(error)
            yield cast(BinaryIO, whole), problem


def read_bytes(source: BinaryIO, name: str) -> bytes:
    """Return all bytes of a source, decompressed; raise ParseError where they are none, binary or too many."""
    body = source.read(MAX_BYTES + 1)
    try:
        if len(body) > MAX_BYTES:
            raise LargePayload(f"it is larger than {MAX_BYTES // 2**20} MiB")
        body = decoded(body, "", MAX_BYTES)
    except LargePayload as error:
        raise LargePage(
            f"{name} is larger than {MAX_BYTES // 2**20} MiB, which no page of a thread is: split it or leave it out."
        ) from error
    except BadPayload as error:
        raise ParseError(f"{name} cannot be read, {error}: fetch or copy it again.") from error
    if not body.strip():
        raise ParseError(f"{name} is empty: save the page again.")
    if is_binary(body):
        raise ParseError(f"{name} is binary, not a page: {GIVE}")
    return body


def is_binary(body: bytes) -> bool:
    """Return whether bytes are no text in any charset a page comes in; a few NULs alone do not make them binary."""
    head = body[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"<\0", b"\0<")):
        return False
    controls = sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head)
    return head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"\x89PNG", b"%PDF", b"\xff\xd8\xff")) or controls > max(
        len(head) // 20, 2
    )


def modified_at(path: Path) -> str | None:
    """Return a file's own time, ISO 8601 UTC, which only guesses when the page was fetched; None for an absurd one."""
    seconds = path.stat().st_mtime
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}" if _EARLIEST <= seconds < _LATEST else None


def saved_address(page: Page) -> str | None:
    """Return the address a saved page says it has: canonical link, og:url, or what a browser or SingleFile wrote.

    What the browser wrote counts where the page itself names another host, as it does where it is not what it shows.
    """
    head = page.text[:1024].lstrip("\ufeff \t\r\n").lower()
    if not page.looks_like_html or (head.startswith("<?xml") and "<html" not in head):
        return None  # in an export, what looks like a link may be the words of a comment
    said: dict[str, str] = {}
    for tag in _TAG.findall(page.text[:200_000]):
        values = {
            name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(tag)
        }
        if values.get("rel", "").lower() == "canonical":
            said.setdefault("canonical", values.get("href", ""))
        elif values.get("property", "").lower() == "og:url":
            said.setdefault("og:url", values.get("content", ""))
    head = page.text[:4096]
    saved = _SAVED_FROM.search(head) or _SINGLE_FILE.search(head)
    candidates = (said.get("canonical"), said.get("og:url"), saved["url"] if saved else None)
    found = [url for url in candidates if url and url.startswith(_WEB)]
    if saved and saved["url"].startswith(_WEB) and host_of(found[0]) != host_of(saved["url"]):
        return saved["url"]
    return found[0] if found else None
