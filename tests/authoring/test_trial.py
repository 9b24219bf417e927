"""`btl try`: one page, live on loopback or from a file, printed and not stored."""

import gzip
import json
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

import brotli
import pytest
from click.testing import CliRunner, Result

from belowtheline.cli import main
from belowtheline.demo.server import SampleSite, copied_text
from belowtheline.scraper import settings
from tests.loopback import Loopback

KETTLE = "/forum/all/2025/03/14/kettle_firmware/"
PAGE = (files("belowtheline.demo") / "pages" / "kettle_firmware.html").read_bytes()
Answer = tuple[int, Mapping[str, str], bytes]


def try_page(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["try", *arguments], input=stdin)


def try_live(url: str, *arguments: str) -> Result:
    return try_page(url, "--site", "theregister", *arguments)


def found(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def kettle(tmp_path: Path) -> Path:
    path = tmp_path / "kettle.html"
    path.write_bytes(PAGE)
    return path


class Odd(ThreadingHTTPServer):
    """A server that answers each path with what a test wants; a path that it does not know is a 404."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.agents: list[str] = []
        self.paths: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Odd

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.agents.append(self.headers["User-Agent"])
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd({}) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_file_is_read_with_its_own_address_and_nothing_is_stored(kettle: Path) -> None:
    (page,) = found(try_page(str(kettle), "--fetched-at", "2025-03-20T11:00+01:00"))
    assert page["thread"]["native_id"] == "2025/03/14/kettle_firmware"
    assert page["fetched_at"] == "2025-03-20T10:00:00Z"
    assert len(page["comments"]) == 14
    assert page["comments"][0]["published_at"] == "2025-03-14T09:12:00Z"
    assert list(kettle.parent.iterdir()) == [kettle]


def test_raw_is_what_the_site_reads_before_the_stages(kettle: Path) -> None:
    (raw,), (clean,) = (found(try_page(str(kettle), *flags)) for flags in (("--raw",), ()))
    assert "published_at" not in raw["comments"][0]
    assert raw["comments"][0]["published_raw"] == clean["comments"][0]["published_raw"] == "1741943520"


def test_standard_input_is_read_as_copied_text() -> None:
    (page,) = found(try_page("-", stdin=copied_text().read_bytes()))
    assert page["form"] == "copied text"
    assert len(page["comments"]) == 8


def test_a_live_page_reads_as_its_file_does_after_a_look_at_what_its_host_asks() -> None:
    with SampleSite() as site:
        (page,) = found(try_live(site.url + KETTLE))
        assert site.requests == ["/robots.txt", "/.well-known/tdmrep.json", KETTLE]
    (saved,) = json.loads(try_page("-", "--url", site.url + KETTLE, "--site", "theregister", stdin=PAGE).stdout)
    assert page.pop("fetched_at").endswith("Z")
    assert page == {name: value for name, value in saved.items() if name != "fetched_at"}


def test_a_redirect_is_followed_and_the_page_has_the_address_it_led_to() -> None:
    with SampleSite() as site:
        (page,) = found(try_live(f"{site.url}/2009/07/18/moon_broadband/comments/"))
    assert page["completeness"]["page_number"] == 1
    assert page["thread"]["native_id"] == "2009/07/18/moon_broadband"


def test_robots_txt_refuses_and_the_page_is_not_asked_for() -> None:
    with SampleSite(pages={"/robots.txt": b"User-agent: belowtheline\nDisallow: /forum/\n"}) as site:
        result = try_live(site.url + KETTLE)
        assert site.requests == ["/robots.txt"]
    assert result.exit_code == 5
    assert "save the page in a browser" in result.stderr


def test_the_target_of_a_redirect_has_its_robots_txt_obeyed() -> None:
    rules = b"User-agent: *\nDisallow: /forum/\n"
    with SampleSite(pages={"/robots.txt": rules}) as site:
        result = try_live(f"{site.url}/2009/07/18/moon_broadband/comments/")
        assert "/forum/1/2009/07/18/moon_broadband/" not in site.requests
    assert result.exit_code == 5


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refused_page_names_the_other_ways_in(odd: Odd, status: int) -> None:
    odd.answers = {KETTLE: (status, {}, b"no")}
    result = try_live(odd.url + KETTLE)
    assert result.exit_code == 5
    for way in ("save the page", "copy its text", "WARC"):
        assert way in result.stderr


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((404, {}, b""), "does not exist (HTTP 404)"),
        ((500, {}, b""), "answers HTTP 500"),
        ((429, {"Retry-After": "120"}, b""), "Retry-After: 120"),
        ((200, {"Content-Length": "900"}, b"<html>cut"), "the connection ended before the page did"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(PAGE)[:-200]), "gzip encoding is cut"),
        ((200, {"Content-Encoding": "br"}, brotli.compress(PAGE)[:-5]), "br encoding is cut"),
        ((200, {"Content-Encoding": "compress"}, bytes(range(256))), "the encoding 'compress', which is not known"),
        ((302, {"Location": "file:///etc/hostname"}, b""), "away from the web (HTTP 302)"),
        ((302, {"Location": "ftp://127.0.0.1/x"}, b""), "away from the web (HTTP 302)"),
        ((302, {"Location": KETTLE}, b""), "in a circle"),
    ],
)
def test_a_page_that_cannot_be_had_is_one_clear_sentence(odd: Odd, answer: Answer, says: str) -> None:
    odd.answers = {KETTLE: answer}
    result = try_live(odd.url + KETTLE)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.startswith("btl: ")
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_server_whose_robots_txt_is_broken_is_not_asked_for_the_page(odd: Odd) -> None:
    odd.answers = {"/robots.txt": (503, {}, b""), KETTLE: (200, {}, PAGE)}
    result = try_live(odd.url + KETTLE)
    assert result.exit_code == 3
    assert set(odd.paths) == {"/robots.txt"}


def test_a_page_larger_than_the_cap_is_refused(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DOWNLOAD_MAXSIZE", 10_000)
    odd.answers = {KETTLE: (200, {}, b"<p>" * 5_000)}
    result = try_live(odd.url + KETTLE)
    assert result.exit_code == 3
    assert "larger than" in result.stderr


def test_a_server_that_drips_is_left(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DOWNLOAD_TIMEOUT", 0.5)
    monkeypatch.setattr(settings, "RETRY_TIMES", 0)
    with Loopback() as server:
        server.answers = {KETTLE: dripping}
        result = try_live(server.url(KETTLE))
    assert result.exit_code == 3
    assert "took longer than 0.5 seconds" in result.stderr


def dripping(_: int) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
    for _second in range(20):
        time.sleep(0.1)
        yield b"<"


def test_the_contact_goes_into_the_user_agent(odd: Odd) -> None:
    odd.answers = {KETTLE: (200, {}, PAGE)}
    found(try_live(odd.url + KETTLE, "--contact", "archive@example.org"))
    assert set(odd.agents) == {f"belowtheline/{version('belowtheline')} (+archive@example.org)"}


def test_nothing_off_loopback_is_asked_without_a_contact(odd: Odd) -> None:
    asked = try_page("https://forums.theregister.com/forum/all/2025/01/02/example_slug/")
    odd.answers = {KETTLE: (302, {"Location": "http://example.org/forum/all/2025/01/02/x/"}, b"")}
    for result in (asked, try_live(odd.url + KETTLE)):
        assert result.exit_code == 2
        assert "--contact ADDRESS is required" in result.stderr


@pytest.mark.parametrize("contact", ["", "me", "a@b\r\nX-Evil: 1", "näme@example.org"])
def test_a_contact_that_nobody_could_use_is_refused(odd: Odd, contact: str) -> None:
    result = try_live(odd.url + KETTLE, "--contact", contact)
    assert result.exit_code == 2
    assert odd.paths == []


def test_a_page_without_the_thread_is_drift(odd: Odd) -> None:
    odd.answers = {KETTLE: (200, {"Content-Type": "text/html"}, b"<html><body><p>Hello</p></body></html>")}
    result = try_live(odd.url + KETTLE)
    assert result.exit_code == 4
    assert "looked for" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("http://example.org/",), "--contact ADDRESS is required"),
        (("https://forums.theregister.com/2025/01/02/slug/",), "--contact ADDRESS is required"),
        (("http://[::1/",), "no web address"),
        (("file:///etc/hostname", "--site", "theregister"), "is no comment thread"),
        (("missing.html",), "No such file"),
        ((".",), "Is a directory"),
        (("pages.warc.gz",), "btl ingest"),
        (("http://127.0.0.1:1/forum/all/2025/01/02/x/", "--site", "theregister"), "cannot be fetched"),
        (("http://127.0.0.1:1/", "--url", "http://127.0.0.1/"), "are for a FILE"),
        (("-", "--fetched-at", "yesterday"), "no ISO 8601 time"),
        (("-", "--site", "gazette"), "no site called"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(arguments: tuple[str, ...], says: str) -> None:
    result = try_page(*arguments, stdin=PAGE)
    assert result.exit_code == (3 if says == "cannot be fetched" else 2)
    assert says in result.stderr
    assert result.stdout == ""
