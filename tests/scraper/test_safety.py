"""A crawl unpickles nothing and keeps no secret: neither in the archive nor in what it writes or says."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import Loopback, btl, crawl, post, redirect, response, topic

ALL = "/forum/all/2025/03/14/kettle/"
MOVED = "/forum/all/2025/03/14/teapot/"
SECRETS = ("s3cr3t-cookie", "s3cr3t-token", "s3cr3t-proxy")
HEADERS = {
    "Set-Cookie": f"session={SECRETS[0]}; HttpOnly",
    "Authorization": f"Bearer {SECRETS[1]}",
    "Proxy-Authorization": f"Basic {SECRETS[2]}",
    "WWW-Authenticate": 'Basic realm="kettles"',
}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        page = topic([post(1, "Mine never updated.")])
        moved = redirect(ALL).replace(b"\r\n\r\n", f"\r\nSet-Cookie: moved={SECRETS[0]}\r\n\r\n".encode(), 1)
        server.answers = {
            "/robots.txt": response(b"User-agent: *\nDisallow: /post/\n", 200, HEADERS),
            ALL: response(page, 200, HEADERS),
            MOVED: moved,
            "/forum/1/2025/03/14/locked/": response(b"<p>Who?</p>", 401, HEADERS),
        }
        yield server


def files_of(folder: Path) -> Iterator[bytes]:
    for file in folder.rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            yield body
            if file.suffix == ".gz":
                yield gzip.decompress(body)


def test_cookies_and_authorisation_are_never_sent_kept_said_or_exported(tmp_path: Path, server: Loopback) -> None:
    archive = tmp_path / "a.db"
    paths = [path for path in server.answers if path != "/robots.txt"]
    said = [crawl(archive, *map(server.url, paths)), btl("update", archive, "--delay", "0"), btl("status", archive)]
    for form in ("csv", "jsonl", "json"):
        said.append(btl("export", form, archive, "-o", tmp_path / f"out.{form}"))
    sent = "".join(asked.head.lower() for asked in server.asked)
    assert "cookie:" not in sent
    assert "authorization:" not in sent
    written = [*files_of(tmp_path), *(text.encode() for ended in said for text in (ended.out, ended.err))]
    assert len(written) > 10
    assert b"Mine never updated" in b"".join(written)
    for secret in SECRETS:
        assert [secret for body in written if secret.encode() in body] == []


UNPICKLES = """
import atexit, pickle, sys
loads = []
def noted(name):
    def load(*_, **__):
        loads.append(name)
        raise RuntimeError("nothing is unpickled here")
    return load
pickle.load, pickle.loads = noted("load"), noted("loads")
class Unpickler(pickle._Unpickler):
    def load(self):
        loads.append("Unpickler")
        raise RuntimeError("nothing is unpickled here")
pickle.Unpickler = Unpickler
"""
MAIN = """
atexit.register(lambda: print("unpickled", len(loads), file=sys.stderr))
from belowtheline.cli import run; run()
"""


def test_a_crawl_unpickles_nothing(tmp_path: Path, server: Loopback) -> None:
    ended = crawl(tmp_path / "a.db", server.url(ALL), program=UNPICKLES + MAIN)
    assert ended.code == 0, ended.err
    assert "unpickled 0" in ended.err


def test_no_module_of_ours_imports_pickle() -> None:
    root = Path(__file__).parents[2]
    ours = [
        file
        for folder in ("archive", "cli", "exports", "jobs", "pipelines", "reading", "scraper", "sites")
        for file in (root / folder).rglob("*.py")
    ]
    assert len(ours) > 100
    assert [
        file.name for file in ours if any(name in file.read_text() for name in ("pickle", "shelve", "marshal"))
    ] == []
