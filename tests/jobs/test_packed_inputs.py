"""Small files that hold much: each is read in little memory, what is too large in them is named, the rest is taken."""

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.archive.store.database import Archive
from belowtheline.archive.warc import members, records
from belowtheline.archive.warc.records import RefusedRecord, StoredPage, read_warc
from belowtheline.cli import main
from belowtheline.jobs import input_pages
from belowtheline.reading import sources
from belowtheline.reading.errors import ParseError
from belowtheline.reading.payloads import BadPayload, GzipReader, dechunked, decoded
from tests.archive.test_warcs import INFO, record, url
from tests.blogs import blog
from tests.cli.test_ingest_faults import held, ingest, rows, write
from tests.growth import assert_grows
from tests.loopback import command_line

PAGE = blog("The lid leaks.", "Mine pours.").encode()
OTHER = blog("Steam.", number=13).encode()
EMPTY = gzip.compress(b"", mtime=0)
MIB = bytes(1 << 20)
_PEAK = """
import json, os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss // 1024]))
"""


def packed(parts: Iterable[bytes]) -> bytes:
    """Return one gzip member of what would not be made at once."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*map(packing.compress, parts), packing.flush()])


def large(kind: str = "response", mib: int = 300) -> bytes:
    http = len(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n") if kind == "response" else 0
    return packed([record(2, b"", kind=kind, length=http + (mib << 20), behind=""), *[MIB] * mib, b"\r\n\r\n"])


BOMBS = {
    "a response": large(),
    "a record of another kind": large("metadata"),
    "ends of lines": packed([b"\r\n" * (1 << 19)] * 300),
    "gzip in gzip": gzip.compress(record(2, packed([packed([MIB] * 1000)]), "Content-Encoding: gzip, gzip")),
    "HTTP headers": gzip.compress(record(2, PAGE, *(f"X-{number}: lid" for number in range(300_000)))),
    "chunks": gzip.compress(record(2, b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n", "Transfer-Encoding: chunked")),
    "members": EMPTY * 100_000,
}


def peak_of(*arguments: object) -> tuple[int, int, str]:
    """Return exit code, peak memory in MB and messages of a command."""
    line = [sys.executable, "-I", "-S", "-c", _PEAK, *command_line(*arguments)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=True)
    code, peak = json.loads(done.stdout.splitlines()[-1])
    return code, peak, done.stderr


def test_one_file_of_every_bomb_takes_little_memory(tmp_path: Path) -> None:
    first, last = gzip.compress(record(1, PAGE)), gzip.compress(record(3, OTHER))
    file = write(tmp_path / "in.warc.gz", first, *BOMBS.values(), last)
    assert file.stat().st_size < 5_000_000
    code, peak, said = peak_of("ingest", tmp_path / "a.db", file)
    assert (code, held(tmp_path)) == (3, 3), said
    assert said.count(f"{url(2)} in ") == 3  # the response, gzip in gzip, HTTP headers
    assert said.count("larger than") == 2
    assert peak < 320


HEADS = {
    "a line without end": b"WARC/1.0\r\nX: " + b"a" * 3_000_000,
    "lines without end": b"WARC/1.0\r\n" + b"X: lid\r\n" * 300_000,
    "one field without end": b"WARC/1.0\r\n" + (b"X: " + b"a" * 60_000 + b"\r\n") * 900,
    "a first line without end": b"WARC/1.0" + b" " * 3_000_000,
    "noise": b"kettle" * 500_000,
}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_a_head_without_end_costs_one_record(tmp_path: Path, name: str, pack: type[bytes]) -> None:
    parts = (record(1, PAGE), HEADS[name] + b"\n", record(3, OTHER))
    found = list(read_warc(write(tmp_path / "in.warc", *map(pack, parts))))
    assert [page.url for page in found if isinstance(page, StoredPage)] == [url(1), url(3)]
    assert sum(isinstance(page, RefusedRecord) for page in found) == 1


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_head_without_end_hides_no_member_after_it(tmp_path: Path, end: bytes) -> None:
    parts = (record(1, PAGE), b"WARC/1.0\r\nX: " + b"a" * 3_000_000 + end, record(3, OTHER))
    pages = [page.url for page in read_warc(write(tmp_path / "in.warc", *map(gzip.compress, parts)))]
    assert pages == [url(1), None, url(3)]


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
@pytest.mark.parametrize("length", [40 << 20, 1 << 40])
def test_a_false_length_hides_no_record_beyond_a_page(tmp_path: Path, pack: type[bytes], length: int) -> None:
    parts = (record(1, PAGE), record(2, PAGE, length=length), record(0, bytes(34 << 20), kind="metadata"))
    found = list(read_warc(write(tmp_path / "in.warc", *map(pack, (*parts, record(3, OTHER))))))
    pages = [page.url for page in found if isinstance(page, StoredPage)]
    assert (pages[0], pages[-1]) == (url(1), url(3))
    assert len(found) == len(pages) + 1


def test_records_behind_a_false_length_cost_what_they_weigh(tmp_path: Path) -> None:
    false = record(0, b"", kind="metadata", length=30 << 20)

    def read(count: int) -> None:
        file = write(tmp_path / "in.warc", false, record(1, b"lid", kind="metadata") * count)
        assert [type(found) for found in read_warc(file)] == [RefusedRecord]

    assert_grows(read, 12_000)


def test_damaged_records_are_not_read_again_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_MOST_AGAIN", 1 << 20)
    false = record(0, b"", length=1 << 19)
    file = write(tmp_path / "in.warc", *[false] * 100, MIB)
    with pytest.raises(ParseError, match="damaged records of more than"):
        list(read_warc(file))
    torn = gzip.compress(record(0, MIB[: 1 << 19]))[:-8]
    with pytest.raises(ParseError, match="damaged records of more than"):
        list(read_warc(write(tmp_path / "b.warc.gz", gzip.compress(INFO), *[torn] * 100)))


def test_what_looks_like_members_is_passed_in_linear_time(tmp_path: Path) -> None:
    def read(count: int) -> None:
        file = write(tmp_path / "in.warc.gz", gzip.compress(INFO), b"\x1f\x8b\x08" * count)
        assert [type(found) for found in read_warc(file)] == [RefusedRecord]

    assert_grows(read, 120_000)


def test_empty_members_are_passed_in_linear_time() -> None:
    def read(count: int) -> None:
        text = b""
        reader = GzipReader(BytesIO(EMPTY * count))
        while part := reader.read(1000):
            text += part
        assert text == b""

    assert_grows(read, 40_000)
    assert decoded(EMPTY * 9000, "gzip", 1000) == b""
    with pytest.raises(BadPayload, match="more than 10000 members"):
        decoded(EMPTY * 10_001, "gzip", 1000)
    with pytest.raises(BadPayload, match="more than 10000 members"):
        decoded(gzip.compress(EMPTY * 100_000), "gzip, gzip", 10 << 20)


def test_members_of_one_byte_are_undone_within_others() -> None:
    body = gzip.compress(PAGE)
    bytewise = b"".join(gzip.compress(body[at : at + 1], 1) for at in range(len(body)))
    assert decoded(bytewise, "gzip", 1 << 20) == PAGE
    reader = GzipReader(GzipReader(BytesIO(bytewise)))
    assert reader.readall() == PAGE


def test_chunks_of_one_byte_are_put_together() -> None:
    body = b"".join(b"1\r\n%b\r\n" % PAGE[at : at + 1] for at in range(len(PAGE)))
    assert dechunked(body + b"0\r\n\r\n") == PAGE


def test_records_that_cannot_be_read_are_named_up_to_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_pages, "_MOST_NAMED", 10)
    bad = [record(2, b"x", status="SSH-2.0")] * 5000
    result = ingest(tmp_path, write(tmp_path / "in.warc.gz", packed([record(1, PAGE), *bad, record(3, OTHER)])))
    assert (result.exit_code, held(tmp_path)) == (3, 3), result.output
    assert "4990 more records in" in result.stderr
    assert rows(tmp_path, "SELECT count(*) FROM pages WHERE state = 'failed'") == [(11,)]


@pytest.mark.parametrize("name", ["page.html.gz", "export.xml.gz", "page.json.gz", "page.txt.gz", "page"])
def test_a_packed_file_that_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sources, "_UNPACKED", 40 << 20)
    head = b"<?xml version='1.0'?><disqus xmlns:dsq='http://disqus.com/disqus-internals'>" if "xml" in name else b""
    bomb = write(tmp_path / "in" / name, packed([head, *[b" " * (1 << 20)] * 100]))
    result = ingest(tmp_path, bomb, write(tmp_path / "in" / "good.html", PAGE))
    assert (result.exit_code, held(tmp_path)) == (3, 2), result.output
    assert name in result.stderr
    assert "larger than" in result.stderr
    assert ingest(tmp_path, "-", stdin=bomb.read_bytes()).exit_code == 3


def test_a_capture_that_is_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ingest(tmp_path, write(tmp_path / "page.html", PAGE)).exit_code == 0
    monkeypatch.setattr(members, "LARGEST", 1 << 20)
    with Archive.open_to_read(tmp_path / "a.db") as archive:
        (warc,) = archive.captures_folder.iterdir()
    bomb = packed([*[MIB] * 50])
    warc.write_bytes(bomb)
    with Archive.create_or_open(tmp_path / "a.db") as archive, archive.transaction() as connection:
        connection.execute("UPDATE captures SET warc_length = ?", (len(bomb),))
    for command, code in (("verify", 7), ("reparse", 7)):
        result = CliRunner().invoke(main, [command, str(tmp_path / "a.db")])
        assert result.exit_code == code, result.output
        assert "more than 1048576 bytes" in result.output
