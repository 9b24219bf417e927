"""`btl ingest` and what goes wrong with one record, page or file: it is named, the others are taken, the code tells."""

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import brotli
import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.reading.payloads import zstd
from belowtheline.sites.wordpress import WordPress
from tests.archive.test_warcs import DATE, record
from tests.blogs import ADDRESS, blog, case

GOOD = blog("The lid leaks.", "Mine pours.")


def ingest(folder: Path, *arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["ingest", str(folder / "a.db"), *map(os.fspath, arguments)], input=stdin)


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with Archive.open_to_read(folder / "a.db") as archive:
        return archive.query(sql).fetchall()


def held(folder: Path) -> int:
    (count,) = rows(folder, "SELECT count(*) FROM comments")[0]
    return int(str(count))


def write(path: Path, *parts: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))
    return path


def replaced(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new).encode()


HOSTILE = {
    "a label": replaced("utf-8", "undefined"),
    "another label": replaced("utf-8", "punycode"),
    "a date beyond the calendar": replaced("2024-05-06T09:01:00+00:00", "9999-12-31T23:59:59-14:00"),
    "a date before it": replaced("2024-05-06T09:01:00+00:00", "0001-01-01T00:00:00+14:00"),
    "a superscript": replaced("2 thoughts", "² thoughts"),
    "a number without end": replaced("2 thoughts", "9" * 5000 + " thoughts"),
    "a page number without end": replaced("</ol>", f'</ol><a href="{ADDRESS}comment-page-{"9" * 5000}/">Older</a>'),
    "surrogates": replaced("The lid", "&#xD800;The lid"),
    "ten thousand deep": replaced("The lid", "<b>" * 10_000 + "The lid"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_nothing(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / "in" / "a.warc", record(1, HOSTILE[name]), record(2, blog("Steam.", number=13).encode()))
    result = ingest(tmp_path, file)
    assert result.exit_code in (0, 3, 4), result.output
    assert "Traceback" not in result.output
    assert held(tmp_path) in (1, 3)
    assert ingest(tmp_path, file).exit_code in (0, 3, 4)


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (ValueError("no such thing"), 4, "reader error"),
        (OverflowError("date value out of range"), 4, "reader error"),
        (KeyError("author"), 4, "reader error"),
        (TypeError("'NoneType' object is not iterable"), 4, "reader error"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), 4, "reader error"),
        (RecursionError("maximum recursion depth exceeded"), 4, "reader error"),
        (StopIteration(), 4, "reader error"),
        (RuntimeError("boom"), 1, "internal"),
    ],
)
def test_a_reader_that_fails_on_one_page_fails_that_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, reason: str
) -> None:
    whole = WordPress.parse

    def parse(self: WordPress, page: Page) -> object:
        if "broken" in page.text:
            raise error
        return whole(self, page)

    monkeypatch.setattr(WordPress, "parse", parse)
    bad = write(tmp_path / "bad.html", blog("broken", number=13))
    result = ingest(tmp_path, bad, write(tmp_path / "good.html", GOOD))
    assert (result.exit_code, held(tmp_path)) == (code, 2)
    assert rows(tmp_path, "SELECT reason, capture_id IS NOT NULL FROM pages WHERE state = 'failed'") == [(reason, 1)]
    assert f"! {bad}" in result.stderr
    assert type(error).__name__ in result.stderr
    if code == 4:
        assert "its reader fails on it" in result.stderr
        assert CliRunner().invoke(main, ["try", str(bad)]).exit_code == 4


def with_votes(parse: Callable[[WordPress, Page], tuple[ThreadPage, ...]], votes: object) -> Callable[..., object]:
    def odd(self: WordPress, page: Page) -> tuple[ThreadPage, ...]:
        (found,) = parse(self, page)
        given: Any = votes if "Mine pours" in page.text else 1
        return (replace(found, comments=tuple(replace(one, upvotes=given) for one in found.comments)),)

    return odd


@pytest.mark.parametrize("votes", [2**70, -(2**63) - 1, 1.5])
def test_a_number_that_no_table_holds_is_left_out_and_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, votes: object
) -> None:
    monkeypatch.setattr(WordPress, "parse", with_votes(WordPress.parse, votes))
    assert ingest(tmp_path, write(tmp_path / "page.html", GOOD)).exit_code == 0
    assert rows(tmp_path, "SELECT DISTINCT upvotes FROM comments_flat") == [(None,)]
    ((marks,),) = rows(tmp_path, "SELECT DISTINCT value FROM observations WHERE kind = 'marks'")
    assert "cleaned" in str(marks)
    assert "upvotes" in str(marks)


@pytest.mark.parametrize("votes", [2**70, "many", ["7"]])
def test_a_value_that_no_table_takes_fails_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, votes: object
) -> None:
    module = import_module("belowtheline.pipelines.validate")  # the package has a stage of that name
    monkeypatch.setattr(module, "_is_odd", lambda _: False)
    monkeypatch.setattr(WordPress, "parse", with_votes(WordPress.parse, votes))
    bad, good = write(tmp_path / "bad.html", GOOD), write(tmp_path / "good.html", blog("Steam.", number=13))
    result = ingest(tmp_path, bad, good)
    assert result.exit_code == 4, result.output
    assert "cannot be stored" in result.stderr
    assert rows(tmp_path, "SELECT reason FROM pages WHERE state = 'failed'") == [("reader error",)]
    assert held(tmp_path) == 1


RECORDS = {
    "br": (record(1, brotli.compress(GOOD.encode()), "Content-Encoding: br"), 2, 0),
    "br, then gzip": (record(1, gzip.compress(brotli.compress(GOOD.encode())), "Content-Encoding: br, gzip"), 2, 0),
    "zstd": (record(1, zstd.compress(GOOD.encode()), "Content-Encoding: zstd"), 2, 0),
    "gzip unsaid": (record(1, gzip.compress(GOOD.encode())), 2, 0),
    "br cut": (record(1, brotli.compress(GOOD.encode())[:-9], "Content-Encoding: br"), 0, 3),
    "an unknown encoding": (record(1, bytes(range(256)), "Content-Encoding: compress"), 0, 3),
    "a stylesheet that is cut": (
        record(1, b"\x0b\x02\x80abc", "Content-Encoding: br").replace(b"text/html; ", b"text/css ; "), 0, 0
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_encoded_records(tmp_path: Path, name: str) -> None:
    bad, comments, code = RECORDS[name]
    file = write(tmp_path / "in.warc", bad, record(2, blog("Steam.", number=13).encode()))
    result = ingest(tmp_path, file)
    assert (result.exit_code, held(tmp_path)) == (code, comments + 1), result.output
    assert result.stderr.count("! ") == (code != 0)
    if code:
        assert "https://kettleblog.example/1/ in" in result.stderr
        assert rows(tmp_path, "SELECT reason FROM pages WHERE state = 'failed'") == [("torn",)]


def test_an_empty_answer_is_no_change_of_layout(tmp_path: Path) -> None:
    topic = b"https://forums.theregister.com/forum/all/2025/03/14/kettle/"
    empty = record(1, b" ").replace(b"https://kettleblog.example/1/", topic)
    result = ingest(tmp_path, write(tmp_path / "in.warc", empty, record(2, GOOD.encode())))
    assert (result.exit_code, held(tmp_path)) == (3, 2)
    assert rows(tmp_path, "SELECT reason FROM pages WHERE state = 'failed'") == [("empty",)]


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("2024-05-08T12:00:00", "2024-05-08T12:00:00Z"),
        ("2024-05-08T12:00:00.123456789Z", "2024-05-08T12:00:00Z"),
        ("2024-05-08T14:00:00+02:00", "2024-05-08T12:00:00Z"),
        ("20240508120000", "2024-05-08T12:00:00Z"),
        ("2099-05-08T12:00:00Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
    ],
)
def test_times_of_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, time: str | None) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    body = record(1, GOOD.encode()).replace(DATE.encode(), said.encode())
    result = ingest(tmp_path, write(tmp_path / "in.warc", body))
    assert result.exit_code == 0, result.output
    assert rows(tmp_path, "SELECT fetched_at FROM captures") == [(time,)]
    assert ("1 records name a time to come" in result.stderr) is said.startswith("2099")


def test_files_whose_names_are_no_text(tmp_path: Path) -> None:
    names = [b"caf\xe9.html", b"\xff\xfe.html", "Käthe.html".encode()]
    for number, name in enumerate(names, 20):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"in", name))).parent.mkdir(exist_ok=True)
        with open(os.path.join(os.fsencode(tmp_path), b"in", name), "wb") as file:
            file.write(blog("Steam.", number=number).encode())
    bad = os.path.join(os.fsencode(tmp_path), b"in", b"b\xe4d.txt")
    with open(bad, "wb") as file:
        file.write(b"milk\neggs\n")
    result = ingest(tmp_path, tmp_path / "in")
    assert (result.exit_code, held(tmp_path)) == (3, 3), result.output
    assert "b\ufffdd.txt" in result.stderr
    assert ingest(tmp_path, os.fsdecode(bad)).exit_code == 3


@pytest.mark.parametrize("name", ["page.html.gz", "page.html", "page", "PAGE.HTM.GZ"])
def test_gzipped_files_are_read(tmp_path: Path, name: str) -> None:
    assert ingest(tmp_path, write(tmp_path / name, gzip.compress(GOOD.encode()))).exit_code == 0
    assert held(tmp_path) == 2
    assert rows(tmp_path, "SELECT DISTINCT charset FROM pages") == [("utf-8",)]


@pytest.mark.parametrize("name", ["captures.gz", "captures", "captures.xml.gz", "captures.warc"])
def test_a_warc_file_is_known_by_its_first_line(tmp_path: Path, name: str) -> None:
    assert ingest(tmp_path, write(tmp_path / name, gzip.compress(record(1, GOOD.encode())))).exit_code == 0
    assert rows(tmp_path, "SELECT fetched_at_source, fetched_at FROM captures") == [("warc", DATE)]


@pytest.mark.parametrize("body", [GOOD.encode(), gzip.compress(GOOD.encode())], ids=["plain", "gzip"])
def test_a_pipe_is_read_once(tmp_path: Path, body: bytes) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(body,), daemon=True)
    writer.start()
    assert ingest(tmp_path, pipe).exit_code == 0
    writer.join(10)
    assert held(tmp_path) == 2


def test_gzipped_standard_input_and_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "in" / "page.html.gz", gzip.compress(GOOD.encode()))
    assert ingest(tmp_path, "-", stdin=gzip.compress(GOOD.encode())).exit_code == 0
    assert "1 already held" in ingest(tmp_path, tmp_path / "in").stderr


def test_a_gzipped_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    result = ingest(tmp_path, write(tmp_path / "page.html.gz", gzip.compress(GOOD.encode())[:-30]))
    assert (result.exit_code, held(tmp_path)) == (3, 0)
    assert "its gzip encoding is cut" in result.stderr
    bomb = ingest(tmp_path, write(tmp_path / "bomb.html.gz", gzip.compress(bytes(40 << 20))))
    assert "larger than 32 MiB" in bomb.stderr


def test_other_kinds_in_a_folder_are_reported_and_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "page.html", GOOD)
    for name in ("page.mhtml", "all.ndjson", "pages.zip", "paper.pdf", "index.php?t=7", "logo.png", "site.css"):
        write(folder / name, b"PK\x03\x04 what ever")
    result = ingest(tmp_path, folder)
    assert (result.exit_code, held(tmp_path)) == (0, 2), result.output
    assert "5 skipped" in result.stderr
    for words in ("page.mhtml was skipped, since it is MHTML", "is JSON by lines", "is ZIP", "is PDF", "index.php?t=7"):
        assert words in result.stderr
    assert "logo.png" not in result.stderr
    write(folder / "page.mhtml", "From: <Saved by Blink>\n\n", GOOD)
    named = ingest(tmp_path, folder / "pages.zip", folder / "page.html", folder / "page.mhtml")
    assert named.exit_code == 3
    assert "page.mhtml is MHTML, which btl does not read" in named.stderr
    assert "pages.zip is ZIP, which btl does not read" in named.stderr


def test_what_is_held_counts_with_its_threads_verdict(tmp_path: Path) -> None:
    cut = write(tmp_path / "cut.html", GOOD[: GOOD.index("Mine pours")])
    assert ingest(tmp_path, cut).exit_code == 3
    again = ingest(tmp_path, cut)
    assert again.exit_code == 3
    assert "1 already held" in again.stderr
    assert "incomplete" in again.stderr
    whole = write(tmp_path / "whole.html", GOOD)
    assert ingest(tmp_path, whole).exit_code == 0
    assert ingest(tmp_path, whole).exit_code == 0


@pytest.mark.parametrize(
    ("name", "comments"),
    [("br.warc.gz", 2), ("two-encodings.warc.gz", 2), ("zstd.warc.gz", 2), ("gzip-no-header.warc.gz", 2)],
)
def test_the_small_inputs(tmp_path: Path, name: str, comments: int) -> None:
    assert ingest(tmp_path, case(f"warc/{name}")).exit_code == 0
    assert rows(tmp_path, "SELECT site, held, declared FROM thread_status") == [("wordpress", comments, comments)]


def test_a_thread_on_which_linking_fails_is_held_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("belowtheline.pipelines.linking.waiting")
    link = module.link

    def failing(thread: Any) -> Any:
        if any("pours" in (comment.present.body_text or "") for comment in thread.comments):
            raise IndexError("string index out of range")
        return link(thread)

    monkeypatch.setattr(module, "link", failing)
    files = write(tmp_path / "bad.html", GOOD), write(tmp_path / "good.html", blog("Steam.", number=13))
    result = ingest(tmp_path, *files)
    assert (result.exit_code, held(tmp_path)) == (4, 3), result.output
    assert "'The slow kettle' is not linked, since linking fails on it (IndexError" in result.stderr
    assert rows(tmp_path, "SELECT count(*) FROM threads WHERE linked_version IS NULL") == [(1,)]
    assert CliRunner().invoke(main, ["link", str(tmp_path / "a.db")]).exit_code == 4
    monkeypatch.undo()
    assert CliRunner().invoke(main, ["link", str(tmp_path / "a.db")]).exit_code == 0
