"""Pages of `btl browse` run scripts of templates, and run and load nothing that came with the data."""

import re
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.demo.generator import forum_page
from belowtheline.exports.datasette import metadata as told
from tests.browsing import ENDS_WITHIN, browsing, is_listening, look_at

pytest.importorskip("datasette", reason="datasette is not installed: pip install 'belowtheline[browse]'")

from belowtheline.exports.datasette.scripts import script_hashes

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


def policy_and_page(port: int, path: str) -> tuple[str, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    with connection.getresponse() as response:
        return response.headers["content-security-policy"], response.read().decode()


@pytest.mark.parametrize("path", _PAGES)
def test_every_inline_script_of_a_page_is_named_by_its_hash_or_its_nonce(port: int, path: str) -> None:
    policy, page = policy_and_page(port, path)
    scripts = [(head, body) for head, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.S) if body.strip()]
    for head, body in scripts:
        digest = b64encode(sha256(body.encode()).digest()).decode()
        nonce = re.search(r'nonce="([^"]+)"', head)
        assert f"'nonce-{nonce[1]}'" in policy if nonce else f"'sha256-{digest}'" in policy
    assert scripts or "<html" not in page


def test_a_nonce_is_never_given_twice(port: int) -> None:
    policies = {policy_and_page(port, "/sample")[0] for _ in range(3)}
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
