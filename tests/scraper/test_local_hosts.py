"""Hosts of this machine are asked where the command names host and port, and never since a page or the archive does."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.reading.hosts import named_pair
from tests.loopback import Ended, Loopback, btl, pages, redirect, response, rows, topic, value
from tests.loopback import post as post_of

ALL = "/forum/all/2025/03/14/kettle/"
FORMS = (
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "0x7f.1", "2130706433", "127.0.0.1.", "127.0.0.2",
    "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "reader@127.0.0.1",
)  # fmt: skip
CONTACT = ("--contact", "a@kettles.example")
ARTICLE = (
    b"<html><title>Kettle</title><article><h1>Kettle asks for update</h1><p>The kettle asked for an update and nobody"
    b" gave it one, so it boiled.</p><p>It was confirmed today by the kettle that it boils.</p></article></html>"
)


class Guarded:
    """A service of this machine that counts who connects, on IPv4 and IPv6, and answers everybody alike."""

    def __init__(self, answer: bytes) -> None:
        self.connections = 0
        self.paths: list[str] = []
        self._answer = answer
        self._sockets = [socket.create_server(("", 0), backlog=64)]
        self.port = int(self._sockets[0].getsockname()[1])
        with suppress(OSError):  # a machine without IPv6
            self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for server in self._sockets:
            Thread(target=self._serve, args=(server,), daemon=True).start()

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self.connections += 1
                connection.settimeout(5)
                self.paths.append(connection.recv(65536).decode("latin-1").split(" ", 2)[1])
                is_policy = self.paths[-1] in ("/robots.txt", "/.well-known/tdmrep.json")
                connection.sendall(response(b"", 404) if is_policy else self._answer)

    def close(self) -> None:
        for server in self._sockets:
            server.shutdown(socket.SHUT_RDWR)
            server.close()


@contextmanager
def guarded(answer: bytes = b"") -> Iterator[Guarded]:
    service = Guarded(answer or response(topic([post_of(7, "Inner words.")])))
    try:
        yield service
    finally:
        service.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        server.answers = {ALL: response(topic([post_of(1, "Mine never updated.")]))}
        yield server


@pytest.fixture
def service() -> Iterator[Guarded]:
    with guarded() as service:
        yield service


def crawl(archive: Path, server: Loopback, *more: object, path: str = ALL) -> Ended:
    return btl("crawl", archive, server.url(path), "--site", "theregister", "--delay", "0", *more)


def named(server: Loopback) -> tuple[str, str]:
    return "--local", server.pair


def write(archive: Path, sql: str, *parameters: object) -> None:
    """Change an archive as somebody might who hands it on."""
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute(sql, parameters)


def embed(archive: Path, urls: list[str], state: str) -> None:
    """Add pages to the open or newest reading, in a state."""
    for url in urls:
        host = url.split("/")[2]
        write(
            archive,
            "INSERT INTO pages (reading_id, method, url, body, host, kind, state, reason)"
            " SELECT max(id), 'GET', ?, '', ?, 'page', ?, CASE ? WHEN 'failed' THEN 'network' END FROM readings",
            url, host, state, state,
        )  # fmt: skip


def inner(service: Guarded) -> list[str]:
    """Return addresses of a service in all forms, each of a page of its own."""
    return [f"http://{form}:{service.port}/forum/1/2025/03/14/inner{n}/" for n, form in enumerate(FORMS)]


@pytest.mark.parametrize("contact", [(), CONTACT])
def test_a_page_that_failed_is_retried_only_where_its_host_and_port_are_named(
    archive: Path, server: Loopback, service: Guarded, contact: tuple[str, ...]
) -> None:
    crawl(archive, server)
    plain = [url for url in inner(service) if contact or url.split(":")[1] in ("//127.0.0.1", "//localhost")]
    embed(archive, plain, "failed")
    ended = btl("retry", archive, "--delay", "0", *named(server), *contact)
    assert service.connections == 0
    assert ended.code == 3
    assert f"--local 127.0.0.1:{service.port}" in ended.err
    assert "`btl retry`" in ended.err
    ends = rows(archive, "SELECT state, reason FROM pages WHERE host LIKE ?", f"%:{service.port}")
    assert set(ends) <= {("failed", "not public"), ("failed", "refused")}
    assert ("failed", "not public") in ends
    btl("retry", archive, "--delay", "0", *contact, "--local", f"localhost:{service.port}")
    assert service.connections > 0
    assert ("page", "done") in pages(archive, "kind, state")[1:]


def test_a_resumed_crawl_asks_nothing_inside(archive: Path, server: Loopback, service: Guarded) -> None:
    server.answers[ALL] = response(b"", 503, {"Retry-After": "3600"})
    assert crawl(archive, server).code == 3
    embed(archive, inner(service), "todo")
    write(archive, "UPDATE pages SET not_before = NULL WHERE state = 'deferred'")
    ended = btl("crawl", archive, "--delay", "0", *named(server), *CONTACT)
    assert service.connections == 0
    assert ended.code == 3, ended.err
    assert not rows(archive, "SELECT 1 FROM pages WHERE state = 'todo'")
    assert f"--local 127.1:{service.port}" in ended.err


def test_resuming_names_what_it_may_ask_on_this_machine(archive: Path, server: Loopback) -> None:
    server.answers[ALL] = response(b"", 503, {"Retry-After": "3600"})
    assert crawl(archive, server).code == 3
    server.answers[ALL] = response(topic([post_of(1, "Mine never updated.")]))
    server.asked.clear()
    write(archive, "UPDATE pages SET not_before = NULL, state = 'todo'")
    assert btl("crawl", archive, "--delay", "0", "--local", "127.0.0.1:1").code == 3
    assert server.asked == []
    assert f"--local {server.pair}" in value(archive, "SELECT detail FROM pages")
    assert btl("retry", archive, "--delay", "0", *named(server)).code == 0
    assert server.paths() == [ALL]


def test_an_ingested_page_of_an_inner_address_is_not_asked_by_update(
    archive: Path, tmp_path: Path, service: Guarded
) -> None:
    saved = tmp_path / "saved.html"
    saved.write_bytes(topic([post_of(1, "Mine never updated.")]))
    url = f"http://127.0.0.1:{service.port}{ALL}"
    given = ("--site", "theregister", "--url", url, "--fetched-at", "2025-03-20T10:00Z")
    assert btl("ingest", archive, saved, *given).code == 0
    for contact in ((), CONTACT):
        ended = btl("update", archive, "--delay", "0", "--local", "127.0.0.1:1", *contact)
        assert (ended.code, service.connections) == (3, 0), ended.err
        assert f"--local 127.0.0.1:{service.port}" in ended.err
    btl("retry", archive, "--delay", "0", "--local", f"127.0.0.1:{service.port}")
    assert ALL in service.paths


def test_articles_and_icons_inside_are_not_asked(archive: Path, server: Loopback) -> None:
    with guarded(response(ARTICLE)) as service:
        base = f"http://127.0.0.1:{service.port}"
        page = topic([post_of(1, "Mine never updated.")]).replace(
            b"https://www.theregister.com/2025", f"{base}/2025".encode()
        )
        icon = f'<img src="{base}/graphics/icons/comment/pint_48.png" alt="Pint"><div class="body">'.encode()
        server.answers[ALL] = response(page.replace(b'<div class="body">', icon, 1))
        ended = crawl(archive, server, "--with-article", "--with-icons", *CONTACT)
        assert service.connections == 0
        assert ended.code == 3
        assert pages(archive, "kind, state, reason") == [
            ("page", "done", None), ("article text", "failed", "not public"), ("icon", "failed", "not public"),
        ]  # fmt: skip
        assert ended.err.count(f"--local 127.0.0.1:{service.port}") == 2
        assert value(archive, "SELECT verdict FROM readings") == "complete"
        assert btl("retry", archive, "--delay", "0", *named(server), *CONTACT).code == 3
        assert service.connections == 0
        btl("retry", archive, "--delay", "0", "--local", f"127.0.0.1:{service.port}")
        assert {"/2025/03/14/kettle/", "/graphics/icons/comment/pint_48.png"} <= set(service.paths)


@pytest.mark.parametrize("more", [(), CONTACT])
def test_a_redirect_of_a_page_or_of_robots_txt_leads_to_no_other_port(
    archive: Path, server: Loopback, service: Guarded, more: tuple[str, ...]
) -> None:
    other = f"http://127.0.0.1:{service.port}"
    server.answers[ALL] = redirect(other + ALL)
    assert crawl(archive, server, *more).code == 3
    assert pages(archive) == [("failed", "not public")]
    server.answers |= {"/robots.txt": redirect(other + "/robots.txt"), "/.well-known/tdmrep.json": redirect(other)}
    ended = btl("retry", archive, "--delay", "0", *named(server), *more)
    assert ended.code == 3
    assert pages(archive) == [("failed", "robots unknown")]
    assert "redirects away" in ended.err
    assert f"--local 127.0.0.1:{service.port}" in ended.err
    del server.answers["/robots.txt"]
    server.answers[ALL] = response(topic([post_of(1, "Mine never updated.")]))
    assert btl("retry", archive, "--delay", "0", *named(server), *more).code == 0
    assert service.connections == 0


def test_an_embedded_thread_inside_is_not_asked(archive: Path, server: Loopback, service: Guarded) -> None:
    script = f'<script>DiscourseEmbed = {{ discourseUrl: "http://127.0.0.1:{service.port}/", topicId: 77 }};</script>'
    server.answers["/story"] = response(f"<html><title>Story</title><body><p>Words.</p>{script}</body></html>".encode())
    ended = btl("crawl", archive, server.url("/story"), "--delay", "0", *CONTACT)
    tried = CliRunner().invoke(main, ["try", server.url("/story")])
    assert service.connections == 0
    assert ended.code == tried.exit_code == 3
    for said in (ended.err, tried.stderr):
        assert f"--local 127.0.0.1:{service.port}" in said
    local = ("--local", f"127.0.0.1:{service.port}")
    btl("crawl", tmp := archive.with_name("b.db"), server.url("/story"), "--delay", "0", *local)
    assert service.paths[-1] == "/t/77.json", rows(tmp, "SELECT url, reason FROM pages")


def test_the_typed_host_is_typed_with_its_port(archive: Path, server: Loopback) -> None:
    """A host that is typed at one port is not permitted at another; nor is the same port at another host."""
    with guarded() as other:
        server.answers[ALL] = redirect(f"http://127.0.0.1:{other.port}{ALL}")
        others = ("--local", f"127.0.0.2:{other.port}", "--local", f"localhost:{other.port}")
        crawl(archive, server, *others, *CONTACT)
        assert other.connections == 0
        assert pages(archive) == [("failed", "not public")]


def test_urls_of_a_list_are_typed(archive: Path, server: Loopback) -> None:
    listed = f"\ufeff# mine\r\n{server.url(ALL)}\r\n"  # as an editor of another system writes it
    ended = btl("crawl", archive, "-", "--site", "theregister", "--delay", "0", stdin=listed)
    assert ended.code == 0, ended.err
    assert server.paths() == [ALL]


PUBLIC = """
import socket
real = socket.getaddrinfo
def resolve(host, port, *rest, **more):
    return real("93.184.215.14" if host == "public.example" else host, port, *rest, **more)
socket.getaddrinfo = resolve
import twisted.internet._resolver as resolver
resolver.GAIResolver.__init__.__defaults__ = (*resolver.GAIResolver.__init__.__defaults__[:-1], resolve)
"""
RESOLVER_ALONE = """
from belowtheline.scraper import settings
del settings.DOWNLOADER_MIDDLEWARES["belowtheline.scraper.targets.TargetRules"]
settings.RETRY_TIMES = 0
"""


def test_a_public_host_that_is_named_needs_a_contact_all_the_same(archive: Path) -> None:
    order = (f"http://public.example{ALL}", "--site", "theregister", "--local", "public.example:80")
    ended = btl("crawl", archive, *order, change=PUBLIC)
    assert ended.code == 3, ended.err
    assert pages(archive) == [("failed", "no contact")]
    assert "--contact ADDRESS" in ended.err


@pytest.mark.parametrize("more", [(), CONTACT])
def test_the_resolver_refuses_other_ports_by_itself(
    archive: Path, server: Loopback, service: Guarded, more: tuple[str, ...]
) -> None:
    """What looks at a request and what opens the connection each refuse: a name may change between them."""
    server.answers[ALL] = redirect(f"http://127.0.0.1:{service.port}{ALL}")
    order = (server.url(ALL), "--site", "theregister", "--delay", "0")
    ended = btl("crawl", archive, *order, *more, change=RESOLVER_ALONE)
    assert (ended.code, service.connections) == (3, 0), ended.err
    assert pages(archive) == [("failed", "network")]


NO_PAIRS = (
    "127.0.0.1", "http://127.0.0.1:80", "127.0.0.1:0", "127.0.0.1:99999", "::1:80", ":80", "a b:80", "u@a:80",
    "*:80", "*.example:80", "a,b:80", "..:80", "a..b:80", "-a:80", "[]:80", "[v1.a]:80", "[::1", "a:80:90", "a:+80",
    "a%2e:80", "a\0:80", "10.0.0.0/8:80", "", "a" * 300 + ":80", "a:１",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_PAIRS)
def test_what_is_no_host_with_a_port_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not HOST:PORT$"):
        named_pair(text)


@pytest.mark.parametrize("command", ["crawl DB", "update DB", "retry DB", "try http://127.0.0.1:9/", "new-site x y"])
def test_a_wrong_host_is_named_and_nothing_starts(archive: Path, command: str) -> None:
    ended = CliRunner().invoke(main, [*command.replace("DB", str(archive)).split(), "--local", "127.0.0.1"])
    assert (ended.exit_code, archive.exists()) == (2, False)
    assert "give a host and its port, such as 127.0.0.1:8000" in ended.stderr
