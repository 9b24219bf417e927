"""Bytes: every capture can be read back, nothing secret is kept, and a disk that fails loses nothing acknowledged."""

import ctypes
import errno
import hashlib
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from warcio.archiveiterator import ArchiveIterator

from belowtheline.archive.store.database import Archive
from belowtheline.archive.warc.captures import WarcFile, new_warc_name, read_capture
from belowtheline.archive.warc.records import StoredPage, read_warc
from belowtheline.demo.server import SampleSite
from belowtheline.reading.errors import ArchiveMismatch, StorageError
from belowtheline.reading.items import Capture
from tests.loopback import Loopback, after, crawl, kill, pages, post, response, rows, start_crawl, topic, value

ALL = "/forum/all/2025/03/14/kettle/"
WHEN = datetime(2025, 3, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def captures(archive: Path) -> list[Capture]:
    """Return every capture of an archive, oldest first."""
    names = ("url", "fetched_at", "fetched_at_source", "status", "content_type", "sha256", "warc_file", "warc_offset")
    found = rows(archive, f"SELECT {', '.join(names)} FROM captures ORDER BY id")
    return [Capture(**dict(zip(names, row, strict=True))) for row in found]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("captures") / "a.db"
    with SampleSite() as site:
        assert crawl(archive, *site.threads).code == 0
    return archive


def test_every_capture_can_be_read_back(sample: Path) -> None:
    with Archive.open_to_read(sample) as opened:
        folder = opened.captures_folder
    found = captures(sample)
    assert len(found) == 7
    for capture in found:
        page = read_capture(folder, capture)
        assert (page.url, page.fetched_at, page.status) == (capture.url, capture.fetched_at, capture.status)
    assert b"Disallow: /post/" in read_capture(folder, found[0]).body
    assert found[0].url.endswith("/robots.txt")
    assert b'id="forum_posts"' in read_capture(folder, found[2]).body  # sent gzipped, read as a client would


def test_warcio_reads_the_whole_file_and_the_digests_agree(sample: Path) -> None:
    (path,) = sample.with_name("a.db.captures").iterdir()
    digests = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            assert record.rec_type == "response"
            digests.append(hashlib.sha256(record.raw_stream.read()).hexdigest())
    assert digests == [capture.sha256 for capture in captures(sample)]


def test_every_page_leads_to_its_capture(sample: Path) -> None:
    sql = "SELECT p.url = c.url FROM pages p JOIN captures c ON c.id = p.capture_id"
    assert rows(sample, sql) == [(1,)] * 5
    assert value(sample, "SELECT count(*) FROM comments_flat WHERE capture_sha256 IS NULL OR source_url IS NULL") == 0


def test_cookies_are_not_kept_and_signals_are(archive: Path, server: Loopback) -> None:
    headers = {"Set-Cookie": "session=1", "X-Robots-Tag": "noarchive", "WWW-Authenticate": "Basic"}
    server.answers = {ALL: response(topic([post(1, "Hm.")]), 200, headers)}
    assert crawl(archive, server.url(ALL), "--legal-basis", "Kettle Act, section 3").code == 0
    with (archive.with_name("a.db.captures") / "run-000001.warc.gz").open("rb") as file:
        names = {name.lower() for record in ArchiveIterator(file) for name, _ in record.http_headers.headers}
    assert "x-robots-tag" in names
    assert not names & {"set-cookie", "cookie", "authorization"}
    assert "noarchive" in value(archive, "SELECT signals FROM captures WHERE status = 200")


def stored(folder: Path, *bodies: bytes) -> list[Capture]:
    """Write responses to a WARC file and return their captures."""
    file = WarcFile(folder, "run-000001.warc.gz")
    found = []
    for body in bodies:
        headers = [("Content-Type", "text/html")]
        offset, digest, *_ = file.write_response("http://a.example/", WHEN, "200 OK", headers, body)
        capture = Capture(
            url="http://a.example/", fetched_at="2025-03-20T10:00:00Z", fetched_at_source="response", sha256=digest,
            warc_file=file.name, warc_offset=offset,
        )  # fmt: skip
        found.append(capture)
    file.close()
    file.close()
    return found


def test_bytes_that_changed_are_refused_by_name(tmp_path: Path) -> None:
    first, second = stored(tmp_path, b"<p>one</p>", b"<p>two</p>")
    assert read_capture(tmp_path, second).body == b"<p>two</p>"
    with pytest.raises(StorageError, match="has changed at byte"):
        read_capture(tmp_path, replace(second, warc_offset=first.warc_offset))
    path = tmp_path / first.warc_file
    path.write_bytes(path.read_bytes()[:-30])
    assert read_capture(tmp_path, first).body == b"<p>one</p>"
    with pytest.raises(StorageError, match=r"run-000001\.warc\.gz"):
        read_capture(tmp_path, second)
    path.unlink()
    with pytest.raises(StorageError, match=r"run-000001\.warc\.gz"):
        read_capture(tmp_path, first)


def test_no_flipped_byte_changes_what_is_read(tmp_path: Path) -> None:
    (capture,) = stored(tmp_path, b"<p>" + b"kettle " * 40 + b"</p>")
    path = tmp_path / capture.warc_file
    whole, page = path.read_bytes(), read_capture(tmp_path, capture)
    unnoticed = []
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        with suppress(StorageError):
            assert read_capture(tmp_path, capture) == page
            unnoticed.append(place)
    # The time and system that gzip notes, and the bits that fill up its last byte, say nothing.
    assert set(unnoticed) <= {*range(4, 10), len(whole) - 9}


def test_a_second_file_of_a_run_gets_another_name(tmp_path: Path) -> None:
    assert new_warc_name(tmp_path, 7) == "run-000007.warc.gz"
    (tmp_path / "run-000007.warc.gz").touch()
    assert new_warc_name(tmp_path, 7) == "run-000007-2.warc.gz"


def test_a_torn_record_is_cut_off_and_none_follows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = WarcFile(tmp_path, "run-000001.warc.gz")
    file.write_response("http://a.example/1", WHEN, "200 OK", [], b"whole")
    whole, write = file.path.stat().st_size, os.write

    def full(descriptor: int, data: bytes) -> int:
        write(descriptor, bytes(data)[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError, match="No space left"):
        file.write_response("http://a.example/2", WHEN, "200 OK", [], b"lost")
    monkeypatch.undo()
    assert file.path.stat().st_size == whole
    with pytest.raises(StorageError, match="earlier record"):
        file.write_response("http://a.example/3", WHEN, "200 OK", [], b"too late")
    assert [page.body for page in read_warc(file.path) if isinstance(page, StoredPage)] == [b"whole"]


def limited(size: int) -> Callable[[], None]:
    """Return what makes every file of a process end at a size, as a full disk would."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(("kind", "name"), [("captures", "run-000001.warc.gz"), ("database", "a.db")])
def test_a_full_disk_ends_the_crawl_by_name_and_it_goes_on_later(
    archive: Path, server: Loopback, kind: str, name: str
) -> None:
    # Noise fills the WARC file; what packs well fills the database.
    texts = [os.urandom(1500).hex() if kind == "captures" else "kettle " * 400 + str(n) for n in range(700)]
    server.answers = {ALL: response(topic([post(number, text) for number, text in enumerate(texts, 1)]))}
    small = ALL.replace("kettle", "toaster")
    server.answers[small] = response(topic([post(1, "Hm.")], key="2025/03/14/toaster"))
    urls = (server.url(small), server.url(ALL))
    ended = crawl(archive, *urls, before=limited(900_000))
    assert ended.code == 6, ended.err
    assert name in ended.err
    assert "Traceback" not in ended.err
    assert pages(archive) == [("done", None), ("todo", None)]
    asked = len(server.paths())
    assert crawl(archive, *urls).code == 0
    assert server.paths()[asked:] == [ALL]
    assert value(archive, "SELECT count(*) FROM comments") == 701
    with Archive.open_to_read(archive) as opened:
        assert all(read_capture(opened.captures_folder, capture) for capture in captures(archive))


def test_a_second_crawl_of_the_same_archive_is_turned_away(archive: Path, server: Loopback) -> None:
    is_over = Event()
    server.answers = {ALL: after(is_over, response(topic([])))}
    process = start_crawl(archive, server.url(ALL))
    while ALL not in server.paths():
        assert process.poll() is None
    ended = crawl(archive, server.url(ALL))
    kill(process)
    is_over.set()
    assert ended.code == 6
    assert f"{archive} is being written by another btl" in ended.err
    assert crawl(archive, server.url(ALL)).code == 0


def a_text(path: Path) -> None:
    path.write_text("Dear diary,\n")


def another_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def a_newer_archive(path: Path) -> None:
    Archive.create_or_open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        values = ("belowtheline", "m999_later", "2999-01-01")
        connection.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", values)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (a_text, "is not a SQLite database"),
        (another_database, "no archive of Below the Line"),
        (a_newer_archive, "m999_later"),
    ],
)
def test_a_file_that_is_no_archive_of_ours_is_left_as_it_is(
    archive: Path, make: Callable[[Path], None], said: str
) -> None:
    make(archive)
    before = archive.read_bytes()
    ended = crawl(archive, f"http://127.0.0.1:9{ALL}")
    assert ended.code == 6
    assert said in ended.err
    assert str(archive) in ended.err
    assert archive.read_bytes() == before
    assert not archive.with_name("a.db.captures").exists()


def without_override() -> None:
    """Let permissions count for root as well, in the process that is about to start."""
    if os.geteuid() == 0:
        drop_from_bounding_set, override = 24, 1
        ctypes.CDLL(None, use_errno=True).prctl(drop_from_bounding_set, override, 0, 0, 0)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_written_is_named(archive: Path, what: str) -> None:
    Archive.create_or_open(archive).close()
    locked = archive if what == "file" else archive.parent
    locked.chmod(0o444 if what == "file" else 0o555)
    path = archive if what == "file" else archive.with_name("new.db")
    ended = crawl(path, f"http://127.0.0.1:9{ALL}", before=without_override)
    locked.chmod(0o755)
    if ended.code == 3:
        pytest.skip("root cannot give up its rights over files here")
    assert ended.code == 6, ended.err
    assert f"{path} cannot be written" in ended.err


@pytest.mark.parametrize("path", ["/proc/a.db", "/nowhere/at/all/a.db"])
def test_a_folder_that_takes_no_files_is_named(path: str) -> None:
    ended = crawl(Path(path), f"http://127.0.0.1:9{ALL}")
    assert ended.code == 6
    assert path in ended.err
    assert "Traceback" not in ended.err


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    ended = crawl(tmp_path, f"http://127.0.0.1:9{ALL}")
    assert ended.code == 2
    assert str(tmp_path) in ended.err


def test_the_log_is_in_the_database_file_when_a_crawl_has_ended(sample: Path) -> None:
    log = sample.with_name("a.db-wal")
    assert not log.exists() or log.stat().st_size == 0


def test_nothing_is_left_beside_a_database_of_another_program(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE kettles (name TEXT)")
    before = other.read_bytes()
    with pytest.raises(ArchiveMismatch, match="no archive of Below the Line"):
        Archive.create_or_open(other)
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"]
    assert other.read_bytes() == before
