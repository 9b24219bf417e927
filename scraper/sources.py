"""Where pages that nobody fetched come from: saved files, folders, standard input; what they say of their address."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import BinaryIO

from belowtheline.scraper.errors import ParseError
from belowtheline.scraper.page import MAX_BYTES, Page

SUFFIXES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".txt": "text/plain",
    ".json": "application/json", ".xml": "application/xml",
}  # fmt: skip
_WARC = (".warc.gz", ".warc")
_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1990, 2100))
_SAVED_FROM = re.compile(r"<!--\s{0,9}saved from url=\(\d+\)(?P<url>\S+)")
_SINGLE_FILE = re.compile(r"<!--\s{0,9}Page saved with SingleFile\s{1,9}url:\s{0,9}(?P<url>\S+)")
_TAG = re.compile(r"<(?:link|meta)\b[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(rel|property|href|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)


def files_in(path: Path) -> Iterator[Path]:
    """Yield a file, or all files below a folder that have a known ending, in order."""
    if not path.is_dir():
        yield path
        return
    yield from sorted(
        file for file in path.rglob("*") if file.is_file() and (file.suffix.lower() in SUFFIXES or is_warc(file))
    )


def is_warc(path: Path) -> bool:
    """Return whether a file's name says that it is a WARC file."""
    return path.name.lower().endswith(_WARC)


def content_type(path: Path) -> str | None:
    """Return the content type that a file's ending stands for."""
    return SUFFIXES.get(path.suffix.lower())


def read_bytes(source: BinaryIO, name: str) -> bytes:
    """Return all bytes of a source; raise ParseError where it is empty, binary or larger than a page may be."""
    body = source.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise ParseError(
            f"{name} is larger than {MAX_BYTES // 2**20} MiB, which no page of a thread is: split it or leave it out."
        )
    if not body.strip():
        raise ParseError(f"{name} is empty: save the page again.")
    if is_binary(body):
        raise ParseError(f"{name} is binary, not a page: give .html, .txt, .json or .warc.gz files.")
    return body


def is_binary(body: bytes) -> bool:
    """Return whether bytes are no text in any charset a page comes in; a few NULs alone do not make them binary."""
    head = body[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return False
    controls = sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head)
    return (
        head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"\x89PNG", b"%PDF", b"\xff\xd8\xff"))
        or controls > len(head) // 10
    )


def modified_at(path: Path) -> str | None:
    """Return a file's own time, ISO 8601 UTC, which only guesses when the page was fetched; None for an absurd one."""
    seconds = path.stat().st_mtime
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}" if _EARLIEST <= seconds < _LATEST else None


def saved_address(page: Page) -> str | None:
    """Return the address a saved page says it has: canonical link, og:url, or what a browser or SingleFile wrote."""
    if not page.looks_like_html:
        return None
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
    return next((url for url in candidates if url and url.startswith(("http://", "https://"))), None)
