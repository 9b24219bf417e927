"""`btl browse` answers its own pages only, and they run no script and load no image that came with the data."""

import re
import socket
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from belowtheline.cli import browsing as told
from belowtheline.cli import main
from belowtheline.demo.generator import forum_page
from tests.browsing import ENDS_WITHIN, browsing, is_listening, look_at

pytest.importorskip("datasette", reason="datasette is not installed: pip install 'belowtheline[browse]'")

from belowtheline.exports.datasette.connections import prepare_connection
from belowtheline.exports.datasette.guard import guarded, refusal
from belowtheline.exports.datasette.scripts import script_hashes

_OWN = "127.0.0.1:{port}"
_LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
_SEEN = (
    "/",
    "/sample",
    "/sample/comments?_facet=badge&_sort=id",
    "/sample/comments/1",
    "/sample/read_thread?thread=KETTLE",
    "/sample?sql=select+*+from+threads",
    "/nothing",
)
_PAGES = (
    *_SEEN,
    "/sample/comments",
    "/sample/threads",
    "/sample?sql=selec",
    "/-/versions",
    "/-/allow-debug",
    "/-/logout",
)


@pytest.fixture(scope="module")
def served(sample_archive: Path) -> Iterator[str]:
    with browsing(sample_archive) as (_, address):
        yield address


@pytest.fixture(scope="module")
def port(served: str) -> int:
    found = urlsplit(served).port
    assert found
    return found


def ask(port: int, *lines: str, target: str = "/sample.json", version: str = "1.1", method: str = "GET") -> str:
    """Send a request as it stands, and return the whole answer."""
    head = (f"{method} {target} HTTP/{version}", *lines, "Connection: close", "", "")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join(head).format(port=port, other=port - 1).encode())
        return connection.makefile("rb").read().decode(errors="replace")


def status(answer: str) -> int:
    return int(answer.split()[1])


@pytest.mark.parametrize(
    "lines",
    [
        ["Host: 127.0.0.1:{port}"],
        ["Host: localhost:{port}"],
        ["Host: LocalHost:{port}"],
        ["Host: [::1]:{port}"],
        ["host: 127.0.0.1:{port}", "Origin: http://127.0.0.1:{port}"],
        ["Host: localhost:{port}", "Origin: http://localhost:{port}", "Sec-Fetch-Site: same-origin"],
        ["Host: localhost:{port}", "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"],
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_its_own_pages_and_typed_addresses_are_answered(port: int, lines: list[str], version: str) -> None:
    answer = ask(port, *lines, version=version)
    assert status(answer) == 200
    assert '"tables"' in answer


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Host:"],
        ["Host: evil.example"],
        ["Host: evil.example:{port}"],
        ["Host: 127.0.0.1"],
        ["Host: localhost"],
        ["Host: 127.0.0.1:"],
        ["Host: 127.0.0.1:80"],
        ["Host: 127.0.0.1:{other}"],
        ["Host: 127.0.0.1:0{port}"],
        ["Host: 127.0.0.1:{port}x"],
        ["Host: localhost.:{port}"],
        ["Host: localhost.evil.example:{port}"],
        ["Host: evil.localhost:{port}"],
        ["Host: 127.0.0.1.nip.example:{port}"],
        ["Host: localhost:{port}@evil.example"],
        ["Host: evil.example@localhost:{port}"],
        ["Host: localhost:{port}#evil.example"],
        ["Host: localhost:{port}/evil.example"],
        ["Host: localhost:{port}, evil.example"],
        ["Host: localhost:{port} evil.example"],
        ["Host: http://localhost:{port}"],
        ["Host: 127.1:{port}"],
        ["Host: 2130706433:{port}"],
        ["Host: 0x7f000001:{port}"],
        ["Host: 0.0.0.0:{port}"],
        ["Host: 127.0.0.2:{port}"],
        ["Host: ::1:{port}"],
        ["Host: [::]:{port}"],
        ["Host: [::ffff:127.0.0.1]:{port}"],
        ["Host: ｌocalhost:{port}"],
        ["Host: localhost:{port}", "Host: evil.example"],
        ["Host: evil.example", "Host: localhost:{port}"],
        ["Host: localhost:{port}", "Host: localhost:{port}"],
        ["X-Forwarded-Host: localhost:{port}", "Host: evil.example"],
        ["Forwarded: host=localhost:{port}", "Host: evil.example"],
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_no_other_host_is_answered(port: int, lines: list[str], version: str) -> None:
    answer = ask(port, *lines, version=version)
    assert status(answer) in (400, 421)
    assert "tables" not in answer


@pytest.mark.parametrize("target", ["http://evil.example/sample.json", "//evil.example/sample.json", "*", "evil:1"])
def test_a_target_that_names_another_host_is_not_answered(port: int, target: str) -> None:
    assert "tables" not in ask(port, f"Host: {_OWN}", target=target)


def test_a_refusal_is_one_plain_sentence_with_the_address(port: int) -> None:
    answer = ask(port, "Host: evil.example")
    head, _, body = answer.partition("\r\n\r\n")
    assert status(answer) == 421
    assert body.count("\n") == 1
    assert f"http://127.0.0.1:{port}/" in body
    assert "evil" not in answer
    assert "text/plain" in head
    assert "sandbox" in head


@pytest.mark.parametrize(
    "lines",
    [
        ["Origin: null"],
        ["Origin:"],
        ["Origin: http://evil.example"],
        ["Origin: http://127.0.0.1"],
        ["Origin: http://127.0.0.1:{other}"],
        ["Origin: https://127.0.0.1:{port}"],
        ["Origin: http://localhost:{port}"],
        ["Origin: http://127.0.0.1:{port}.evil.example"],
        ["Origin: http://127.0.0.1:{port}, http://evil.example"],
        ["Origin: http://127.0.0.1:{port}", "Origin: http://evil.example"],
        ["Origin: file://"],
        ["Sec-Fetch-Site: cross-site"],
        ["Sec-Fetch-Site: same-site"],
        ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"],
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"],
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"],
        ["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: object"],
        ["Sec-Fetch-Site: what-comes-next"],
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_other_origin_is_answered(port: int, lines: list[str], method: str) -> None:
    answer = ask(port, f"Host: {_OWN}", *lines, method=method)
    assert status(answer) == 403
    assert "tables" not in answer
    assert answer.partition("\r\n\r\n")[2].count("\n") == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_elsewhere_leads_here_and_a_form_does_not(port: int, site: str) -> None:
    lines = [f"Host: {_OWN}", f"Sec-Fetch-Site: {site}", *(f"{name}: {value}" for name, value in _LINK.items())]
    assert status(ask(port, *lines)) == 200
    assert status(ask(port, *lines, method="POST")) == 403


def headers(port: int, path: str, **sent: str) -> dict[str, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=sent)
    with connection.getresponse() as response:
        names = [name.lower() for name, _ in response.getheaders()]
        assert len(names) == len(set(names)), names
        return dict(zip(names, (value for _, value in response.getheaders()), strict=True))


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        ("/sample", True),
        ("/nothing", True),
        ("/sample?sql=selec", True),
        ("/-/versions", True),
        ("/sample.json", False),
        ("/nothing.json", False),
        ("/sample/comments.csv", False),
        ("/sample/comments/1.json", False),
        ("/sample.blob?sql=select+zeroblob(9)+as+b&_blob_column=b", False),
        ("/-/static/table.js", False),
        ("/btl/browse.css", False),
        ("/favicon.ico", False),
        ("/:memory:", False),
    ],
)
def test_every_answer_says_what_it_may_run_and_who_may_have_it(port: int, path: str, runs: bool) -> None:
    said = headers(port, path)
    policy = said["content-security-policy"]
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "same-origin"
    assert said["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in said if name.startswith("access-control-")]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    if runs and "html" in said["content-type"]:
        assert re.search("script-src 'self' ('unsafe-hashes' )?'sha256-", policy)
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert "sandbox" not in policy
    else:
        assert "script-src" not in policy
        assert ("sandbox" in policy) == ("json" not in said["content-type"])


def test_headers_that_let_others_in_are_taken_out() -> None:
    async def careless(scope: Any, receive: Any, send: Any) -> None:
        sent = [(b"Access-Control-Allow-Origin", b"*"), (b"Content-Security-Policy", b"script-src *"), (b"X-A", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": sent})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "server": ("localhost", None), "path": "/", "headers": [(b"host", b"localhost")]}
    coroutine = guarded(careless, lambda: ())(scope, None, send)  # type: ignore[arg-type]
    with pytest.raises(StopIteration):
        coroutine.send(None)  # type: ignore[attr-defined]
    names = [name.lower() for name, _ in sent[0]["headers"]]
    assert b"access-control-allow-origin" not in names
    assert names.count(b"content-security-policy") == 1
    assert (b"X-A", b"1") in sent[0]["headers"]


@pytest.mark.parametrize(
    ("port", "host", "is_own"),
    [(80, "localhost", True), (80, "localhost:80", True), (8001, "localhost", False), (None, "localhost", True)],
)
def test_a_host_without_a_port_means_port_80(port: int | None, host: str, is_own: bool) -> None:
    scope = {"server": ("127.0.0.1", port), "path": "/", "method": "GET", "headers": [(b"host", host.encode())]}
    assert (refusal(scope) is None) == is_own


@pytest.mark.parametrize("path", _PAGES)
def test_every_inline_script_of_a_page_is_named_by_its_hash_or_its_nonce(port: int, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    policy, page = response.headers["content-security-policy"], response.read().decode()
    scripts = [(head, body) for head, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.S) if body.strip()]
    for head, body in scripts:
        digest = b64encode(sha256(body.encode()).digest()).decode()
        nonce = re.search(r'nonce="([^"]+)"', head)
        assert f"'nonce-{nonce[1]}'" in policy if nonce else f"'sha256-{digest}'" in policy
    assert scripts or "html" not in response.headers["content-type"] or response.status == 302


def test_a_nonce_is_never_given_twice(port: int) -> None:
    policies = {headers(port, "/sample")["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_only_scripts_that_stand_in_a_template_as_they_are_get_a_hash() -> None:
    fixed = script_hashes(["<script>go()</script>"])
    assert script_hashes(["<script>{{ text }}</script><script>{% if x %}a{% endif %}</script><p>{{ text }}</p>"]) == ()
    assert script_hashes(['<button onclick="go()">']) == ("'unsafe-hashes'", *fixed)
    assert script_hashes(['<button onclick="go({{ text }})">']) == ()
    assert script_hashes(['<script type="module">go()</script>', "<SCRIPT>go()</SCRIPT>"]) == fixed
    assert script_hashes(['<script{% if m %} type="module"{% endif %}src="{{ url }}"></script>']) == ()


@pytest.mark.parametrize("path", _SEEN)
def test_a_browser_runs_the_pages_without_a_complaint(served: str, chromium: str, profile: Path, path: str) -> None:
    page, console = look_at(chromium, served.rpartition("/")[0] + path, profile)
    # The status of the page itself is a line of its own, not a complaint about the policy.
    assert [line for line in console if "the server responded with a status of" not in line] == []
    if path.startswith("/sample/comments?"):
        assert "dropdown-menu-icon" in page
    if path in ("/sample", "/sample?sql=select+*+from+threads"):
        assert 'class="CodeMirror' in page or 'class="cm-editor' in page


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile")


@contextmanager
def elsewhere(page: str = "") -> Iterator[tuple[str, list[str]]]:
    """Serve one page at another origin, and yield its address and the paths that were asked for."""
    asked: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_a_browser_follows_a_link_from_elsewhere(served: str, chromium: str, profile: Path) -> None:
    with elsewhere(f"<script>location = {served + '/threads'!r}</script>") as (address, asked):
        page, _ = look_at(chromium, f"{address}/", profile)
    assert asked[0] == "/"
    assert "rows-and-columns" in page


def test_a_browser_gives_nothing_to_pages_elsewhere(served: str, chromium: str, profile: Path) -> None:
    server = served.rpartition("/")[0]
    page = f"""<title>had:</title>
        <iframe src="{served}"></iframe>
        <img src="{server}/favicon.ico" onload="document.title += ' an image'">
        <script src="{server}/-/static/table.js" onload="document.title += ' a script'"></script>
        <link rel="stylesheet" href="{server}/-/static/app.css" onload="document.title += ' a style'">
        <script>
        const request = new XMLHttpRequest();
        request.onload = () => document.title += " data";
        request.open("GET", "{served}.json", false);
        try {{ request.send(); }} catch {{ document.title += " nothing"; }}
        </script>"""
    with elsewhere(page) as (address, _):
        shown, _ = look_at(chromium, f"{address}/", profile)
    assert "<title>had: nothing</title>" in shown


_CARELESS = """
from datasette import hookimpl
from markupsafe import Markup

@hookimpl
def render_cell(value):
    return Markup(value) if isinstance(value, str) else None
"""


def test_a_script_in_a_comment_does_not_run_even_where_nothing_escapes_it(
    tmp_path: Path, chromium: str, profile: Path
) -> None:
    with elsewhere() as (address, asked):
        archive = tmp_path / "hostile.db"
        page = tmp_path / "hostile.html"
        hostile = (
            "<script>document.title = 'owned'</script>"
            f"<script src='{address}/script'></script><img src='{address}/image' onerror=\"document.title = 'owned'\">"
            f"<iframe src='{address}/frame'></iframe><link rel='stylesheet' href='{address}/style'>"
            f"<base href='{address}/'><meta http-equiv='refresh' content='9;url={address}/refresh'>"
        )
        escaped = hostile.replace("<", "&lt;").replace(">", "&gt;")
        page.write_text(forum_page(3).decode().replace("<p>", f"<p>{escaped} "))
        ran = CliRunner().invoke(main, ["ingest", str(archive), str(page), "--fetched-at", "2026-01-03T10:00Z"])
        assert ran.exit_code == 0, ran.output
        with carelessly_served(archive, tmp_path / "plugins") as served:
            shown, console = look_at(chromium, f"{served}/hostile/comments", profile)
    assert "<script>document.title = 'owned'</script>" in shown
    assert "owned</title>" not in shown
    assert "dropdown-menu-icon" in shown
    assert any("Content Security Policy" in line for line in console)
    assert asked == []


@contextmanager
def carelessly_served(archive: Path, plugins: Path) -> Iterator[str]:
    """Run Datasette with our plugins, and one that shows what is stored as HTML."""
    plugins.mkdir()
    (plugins / "ours.py").write_text(told.PLUGIN)
    (plugins / "careless.py").write_text(_CARELESS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [
        sys.executable,
        "-m",
        "datasette",
        "serve",
        str(archive),
        "--port",
        str(port),
        "--plugins-dir",
        str(plugins),
    ]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            while not is_listening(address):
                assert process.poll() is None
            yield address
        finally:
            process.terminate()
            process.wait(ENDS_WITHIN)


def test_a_view_that_makes_gigabytes_of_nothing_is_an_error() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        prepare_connection(connection)
        connection.execute("CREATE VIEW huge AS SELECT hex(zeroblob(400000000)) AS x")
        with pytest.raises(sqlite3.DataError, match="too big"):
            connection.execute("SELECT * FROM huge").fetchall()


@pytest.mark.parametrize(
    ("plugin", "said"),
    [("", "does not check the Host header"), ("import nothing_of_this_name", "Datasette did not start")],
)
def test_nothing_is_served_without_the_guard(
    sample_archive: Path, monkeypatch: pytest.MonkeyPatch, plugin: str, said: str
) -> None:
    monkeypatch.setattr(told, "PLUGIN", plugin)
    result = CliRunner().invoke(main, ["browse", str(sample_archive), "--port", "0"])
    assert result.exit_code == 2
    assert said in result.output
    assert "http://" not in result.stdout
