"""WARC files of other programs and damaged ones: every record that is whole is read, the others are named."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from belowtheline.archive.warc import records
from belowtheline.archive.warc.records import RefusedRecord, StoredPage, read_warc
from belowtheline.reading.errors import ParseError
from belowtheline.reading.payloads import zstd
from tests.blogs import blog

PAGE = blog("The lid leaks.", "Mine pours.").encode()
DATE = "2024-05-08T12:00:00Z"


def url(number: int) -> str:
    return f"https://kettleblog.example/{number}/"


def record(
    number: int,
    body: bytes = PAGE,
    *http: str,
    kind: str = "response",
    end: str = "\r\n",
    version: str = "WARC/1.0",
    length: int | None = None,
    status: str = "HTTP/1.1 200 OK",
    behind: str = "\r\n\r\n",
    more: tuple[str, ...] = (),
) -> bytes:
    """Return one record as it stands in a file that is not gzipped."""
    head = end.join((status, "Content-Type: text/html; charset=utf-8", *http, "", "")) if kind == "response" else ""
    block = head.encode() + body
    size = len(block) if length is None else length
    fields = (version, f"WARC-Type: {kind}", f"WARC-Target-URI: {url(number)}", f"WARC-Date: {DATE}", *more)
    return end.join((*fields, f"Content-Length: {size}", "", "")).encode() + block + behind.encode()


INFO = record(0, b"software: kettle", kind="warcinfo")


def write(path: Path, *parts: bytes) -> Path:
    path.write_bytes(b"".join(parts))
    return path


def read(path: Path) -> tuple[list[str], list[tuple[str | None, str]]]:
    """Return addresses of what was read, and address and reason of what was refused."""
    found = list(read_warc(path))
    pages = [page for page in found if isinstance(page, StoredPage)]
    assert all(page.body in (PAGE, PAGE + b"!") for page in pages)
    assert [page.url for page in pages] == sorted(page.url for page in pages)
    return [page.url for page in pages], [(no.url, no.reason) for no in found if isinstance(no, RefusedRecord)]


def chunks(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


FLAVOURS: dict[str, bytes] = {
    "plain": INFO + record(1) + record(2),
    "gzipped by record": b"".join(map(gzip.compress, (INFO, record(1), record(2)))),
    "one gzip member": gzip.compress(INFO + record(1) + record(2)),
    "two members, cut anywhere": gzip.compress((INFO + record(1) + record(2))[:700])
    + gzip.compress((INFO + record(1) + record(2))[700:]),
    "WARC/1.1": INFO + record(1, version="WARC/1.1") + record(2, version="WARC/1.1"),
    "LF alone": record(1, end="\n", behind="\n\n") + record(2, end="\n", behind="\n\n"),
    "nothing between records": record(1, behind="") + record(2, behind=""),
    "many lines between records": record(1, behind="\r\n" * 90) + record(2, behind=""),
    "address in brackets": (record(1) + record(2)).replace(url(1).encode(), b"<" + url(1).encode() + b">"),
    "chunks kept": record(1, chunks(PAGE), "Transfer-Encoding: chunked") + record(2),
    "chunks kept, their header removed": record(1, chunks(PAGE)) + record(2),
    "gzipped twice": gzip.compress(gzip.compress(record(1)) + gzip.compress(record(2))),
    "packed, its header removed": record(1, bytes(brotli.compress(PAGE))) + record(2),
    "packed, another header": record(1, zlib.compress(PAGE), "Content-Encoding: br") + record(2),
    "chunks removed": record(1, PAGE, "Transfer-Encoding: chunked") + record(2),
    "chunks and gzip": record(1, chunks(gzip.compress(PAGE)), "Transfer-Encoding: chunked", "Content-Encoding: gzip")
    + record(2),
    "encoding removed": record(1, PAGE, "Content-Encoding: br", "Content-Length: 7") + record(2),
    "two headers": record(1, gzip.compress(brotli.compress(PAGE)), "Content-Encoding: br", "Content-Encoding: gzip")
    + record(2),
    "zstd": record(1, zstd.compress(PAGE), "content-encoding:zstd") + record(2),
    "gzip without header": record(1, gzip.compress(PAGE)) + record(2),
    "HTTP/2": record(1, status="HTTP/2 200") + record(2, status="HTTP/1.0 200"),
    "a resource": record(1, kind="resource", more=("Content-Type: text/html",)) + record(2),
    "a folded header": record(1, more=("X-Note: a kettle", "  and its lid")) + record(2),
    "requests and what is no web": record(0, b"GET / HTTP/1.1\r\n\r\n", kind="request")
    + record(1)
    + record(0, b"20240508 tea.example").replace(url(0).encode(), b"dns:tea.example")
    + record(2),
    "zeros at the end": b"".join(map(gzip.compress, (record(1), record(2)))) + bytes(512),
}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_files_of_other_programs(tmp_path: Path, flavour: str) -> None:
    assert read(write(tmp_path / "a.warc", FLAVOURS[flavour])) == ([url(1), url(2)], [])


def test_blanks_in_an_address_are_escaped(tmp_path: Path) -> None:
    (page,) = read_warc(
        write(tmp_path / "a.warc", record(1).replace(url(1).encode(), b"https://kettleblog.example/a b"))
    )
    assert page.url == "https://kettleblog.example/a%20b"


BROKEN: dict[str, tuple[bytes, str]] = {
    "br cut": (record(2, brotli.compress(PAGE)[:-9], "Content-Encoding: br"), "br encoding is cut"),
    "gzip flipped": (record(2, gzip.compress(PAGE)[:-7] + b"1234567", "Content-Encoding: gzip"), "is damaged"),
    "unknown encoding": (record(2, bytes(range(256)), "Content-Encoding: compress"), "'compress', which is not known"),
    "chunks cut": (record(2, chunks(PAGE)[:-90], "Transfer-Encoding: chunked"), "cut between its chunks"),
    "a bomb": (record(2, gzip.compress(bytes(40 << 20), 1), "Content-Encoding: gzip"), "is larger than"),
    "no HTTP": (record(2, status="SSH-2.0"), "no HTTP response"),
    "a segment": (record(2, more=("WARC-Segment-Number: 1",)), "one segment"),
    "no length": (record(2).replace(b"Content-Length", b"Content-Width"), "does not say its length"),
    "a length of words": (record(2, length=7).replace(b"Length: 7", b"Length: seven"), "does not say its length"),
    "a length too short": (record(2, length=100), "longer or shorter than it says"),
    "a length too long": (record(2, length=len(PAGE) + 400), "longer or shorter than it says"),
    "a length far too long": (record(2, length=10**9), "a record is cut"),
    "a superscript": (record(2).replace(b"Length: ", "Length: ²".encode()), "does not say its length"),
    "no head": (record(2)[40:], "no record begins"),
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, None], ids=["plain", "by record", "one member"])
@pytest.mark.parametrize("fault", BROKEN)
def test_one_bad_record_is_refused_and_the_others_are_read(
    tmp_path: Path, fault: str, pack: Callable[[bytes], bytes] | None
) -> None:
    bad, reason = BROKEN[fault]
    parts = (INFO, record(1), bad, record(3), record(4))
    pages, refused = read(write(tmp_path / "a.warc", *map(pack, parts) if pack else (gzip.compress(b"".join(parts)),)))
    assert pages == [url(1), url(3), url(4)]
    assert len(refused) == 1
    assert reason in refused[0][1]
    assert refused[0][0] in (url(2), None)


@pytest.mark.parametrize("damage", ["flipped", "cut out", "cut short", "noise between", "checksum"])
def test_what_follows_a_damaged_member_is_read(tmp_path: Path, damage: str) -> None:
    members = [gzip.compress(part) for part in (INFO, record(1), record(2), record(3), record(4))]
    bad = members[2]
    members[2] = {
        "flipped": bad[:60] + bytes(30) + bad[90:],
        "cut out": bad[:60] + bad[200:],
        "cut short": bad[:100],
        "noise between": bad + b"\x01\x02 a torn copy \x03",
        "checksum": bad[:-8] + bytes(8),
    }[damage]
    pages, refused = read(write(tmp_path / "a.warc.gz", *members))
    assert pages == [url(number) for number in (1, 2, 3, 4) if damage == "noise between" or number != 2]
    assert len(refused) == 1


def test_a_file_that_is_cut_says_where(tmp_path: Path) -> None:
    members = [gzip.compress(part) for part in (INFO, record(1), record(2))]
    path = write(tmp_path / "a.warc.gz", *members[:2], members[2][:-40])
    *_, last = read_warc(path)
    assert last == RefusedRecord(url(2), len(members[0] + members[1]), "its gzip encoding is cut", is_damaged=True)
    plain = write(tmp_path / "b.warc", INFO, record(1), record(2)[:-40])
    assert read(plain) == ([url(1)], [(url(2), "a record is cut")])


@pytest.mark.parametrize(
    "body",
    [b"<html>no WARC</html>\n", b"", gzip.compress(b"<html>"), gzip.compress(INFO)[:30]],
    ids=["plain", "empty", "gzip", "cut"],
)
def test_a_file_without_a_record_is_no_warc_file(tmp_path: Path, body: bytes) -> None:
    path = write(tmp_path / "a.warc", body)
    if not body:
        assert list(read_warc(path)) == []
        return
    with pytest.raises(ParseError, match="torn or no WARC file"):
        list(read_warc(path))


def test_a_file_that_is_damaged_everywhere_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_MOST_DAMAGES", 20)
    path = write(tmp_path / "a.warc", INFO, *(record(2, length=7) for _ in range(30)))
    with pytest.raises(ParseError, match="damaged in more than 20 places"):
        list(read_warc(path))
    torn = gzip.compress(record(2))[:90]
    with pytest.raises(ParseError, match="damaged in more than 20 places"):
        list(read_warc(write(tmp_path / "b.warc.gz", gzip.compress(INFO), *(torn for _ in range(30)))))


def test_a_large_record_of_another_kind_says_which(tmp_path: Path) -> None:
    film = record(2, bytes(34 << 20)).replace(b"text/html; charset=utf-8", b"video/mp4; codecs=kettle")
    first, refused, last = read_warc(write(tmp_path / "a.warc", record(1), film, record(3)))
    assert isinstance(refused, RefusedRecord)
    assert (refused.content_type, refused.status) == ("video/mp4; codecs=kettle", 200)
    assert "larger than 32 MiB" in refused.reason
    assert isinstance(first, StoredPage)
    assert isinstance(last, StoredPage)
