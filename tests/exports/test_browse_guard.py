"""`btl browse` answers its own pages only, and they run no script and load no image that came with the data."""

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.exports.datasette import metadata as told
from tests.browsing import browsing

pytest.importorskip("datasette", reason="datasette is not installed: pip install 'belowtheline[browse]'")

from belowtheline.exports.datasette.connections import prepare_connection
from belowtheline.exports.datasette.guard import guarded, refusal

_OWN = "127.0.0.1:{port}"
_LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


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
