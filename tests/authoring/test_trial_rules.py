"""`btl try` and `btl new-site` ask for a page under the rules of a crawl, with the crawl's own engine."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.cli import main
from belowtheline.scraper.politeness import RobotsRules
from tests.loopback import POLICIES, Answer, Loopback, btl, post, response, start, topic

ROBOTS, TDM = POLICIES
PATH = "/forum/all/2025/03/14/kettle/"
THREAD = topic([post(1, "Mine never updated.")])
LETTER = (
    '<li class="letter" id="letter-{0}"><b class="by">Ada Crumb</b> <time datetime="2026-01-04">Sunday</time>'
    '<div class="said"><p>Words {0} of the letter.</p></div></li>'
)
LIST = "".join(map(LETTER.format, (17, 18, 19)))
LETTERS = f"<!DOCTYPE html><html><title>Goats</title><ol>{LIST}</ol></html>".encode()
PAGES = {"try": THREAD, "new-site": LETTERS}
TEXT = {"Content-Type": "text/plain"}
SEVERAL = """
import socket
real = socket.getaddrinfo
def resolve(host, port, *rest, **more):
    found = ["127.0.0.2", "127.0.0.1"] if host == "two.example" else [host]
    return [answer for one in found for answer in real(one, port, *rest, **more)]
socket.getaddrinfo = resolve
import twisted.internet._resolver as resolver
resolver.GAIResolver.__init__.__defaults__ = (*resolver.GAIResolver.__init__.__defaults__[:-1], resolve)
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def ask(command: str, server: Loopback, folder: Path, *more: str) -> Result:
    """Run a command on the page of the server."""
    url = server.url(PATH)
    site = ("try", url, "--site", "theregister")
    line = site if command == "try" else ("new-site", "goats", url, "--dir", str(folder))
    return CliRunner().invoke(main, [*line, *more])


def meta(name: str, content: str) -> bytes:
    return f'<head><meta name="{name}" content="{content}"></head>'.encode()


RESERVED: dict[str, tuple[dict[str, str], bytes, str]] = {
    "noai": ({"X-Robots-Tag": "noai"}, b"", ""),
    "noarchive": ({}, meta("robots", "noindex, NOARCHIVE"), ""),
    "tdm header": ({"TDM-Reservation": "1", "TDM-Policy": "https://kettles.example/tdm"}, b"", ""),
    "tdm meta": ({}, meta("tdm-reservation", "1"), ""),
    "tdm file": ({}, b"", "/forum/*"),
}


@pytest.mark.parametrize("command", PAGES)
@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_page_is_not_read_without_a_legal_basis(
    tmp_path: Path, server: Loopback, name: str, command: str
) -> None:
    headers, head, location = RESERVED[name]
    page = PAGES[command].replace(b"<title>", head + b"<title>", 1)
    server.answers[PATH] = response(page, headers=headers)
    if location:
        rules = json.dumps([{"location": location, "tdm-reservation": 1}]).encode()
        server.answers[TDM] = response(rules, headers={"Content-Type": "application/json"})
    refused = ask(command, server, tmp_path)
    assert (refused.exit_code, refused.stdout, list(tmp_path.iterdir())) == (5, "", []), refused.stderr
    assert "is reserved by its owner" in refused.stderr
    assert "--legal-basis" in refused.stderr
    assert (PATH in server.paths()) is not bool(location)
    assert ask(command, server, tmp_path, "--legal-basis", "a law and its article").exit_code == 0


@pytest.mark.parametrize("command", PAGES)
def test_spaces_around_an_address_are_none_of_it(tmp_path: Path, server: Loopback, command: str) -> None:
    server.answers[PATH] = response(PAGES[command])
    spaced = f" {server.url(PATH)} \n"
    line = ("try", spaced, "--site", "theregister")
    line = line if command == "try" else ("new-site", "goats", spaced, "--dir", str(tmp_path))
    ended = CliRunner().invoke(main, line)
    assert (ended.exit_code, server.paths()) == (0, [PATH]), ended.stderr


@pytest.mark.parametrize("command", PAGES)
def test_robots_txt_its_delay_and_retry_after_are_kept_to(
    tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    delays: list[float] = []
    keep = RobotsRules._keep_to
    monkeypatch.setattr(RobotsRules, "_keep_to", lambda self, *how: (delays.append(how[0]), keep(self, *how)))
    server.answers[PATH] = response(b"", 503, {"Retry-After": "120"})
    server.answers[ROBOTS] = response(b"User-agent: *\nCrawl-delay: 0.3\n", headers=TEXT)
    later = ask(command, server, tmp_path)
    assert (later.exit_code, server.paths()) == (3, [PATH])
    assert "Retry-After: 120" in later.stderr
    assert [asked.path for asked in server.asked] == [ROBOTS, TDM, PATH]
    assert delays == [0.3, 0.3]  # before all that is asked for after robots.txt
    server.answers[ROBOTS] = response(b"User-agent: *\nDisallow: /forum/\n", headers=TEXT)
    assert (ask(command, server, tmp_path).exit_code, server.paths()) == (5, [PATH])


UNREAD: dict[str, tuple[Answer, int, int]] = {
    "a challenge": (response(b"<title>Just a moment...</title><p>Checking your browser"), 5, 1),
    "an error": (response(b"", 500), 3, 3),
    "nothing": (response(b" "), 3, 1),
    "half a page": (response(THREAD, headers={"Content-Length": "90000"}), 3, 1),
    "a refusal": (response(b"", 403), 5, 1),
}


@pytest.mark.parametrize("command", PAGES)
@pytest.mark.parametrize("name", UNREAD)
def test_what_is_no_page_ends_as_in_a_crawl(tmp_path: Path, server: Loopback, name: str, command: str) -> None:
    answer, code, times = UNREAD[name]
    server.answers[PATH] = answer
    ended = ask(command, server, tmp_path)
    assert (ended.exit_code, ended.stdout, list(tmp_path.iterdir())) == (code, "", [])
    assert server.paths() == [PATH] * times
    assert server.url(PATH) in ended.stderr


@pytest.mark.parametrize("command", PAGES)
def test_a_redirect_to_another_port_of_this_machine_needs_to_be_named(
    tmp_path: Path, server: Loopback, command: str
) -> None:
    with Loopback() as other:
        server.answers[PATH] = response(b"", 302, {"Location": other.url(PATH)})
        other.answers[PATH] = response(PAGES[command])
        refused = ask(command, server, tmp_path)
        assert (refused.exit_code, other.asked) == (3, [])
        assert f"--local {other.pair}" in refused.stderr
        assert ask(command, server, tmp_path, "--local", other.pair).exit_code == 0
        assert other.paths() == [PATH]


def test_an_article_and_its_thread_are_one_crawl(server: Loopback) -> None:
    script = f'<script>DiscourseEmbed = {{ discourseUrl: "{server.url("")}/", topicId: 77 }};</script>'
    server.answers["/story"] = response(f"<html><title>Story</title><body><p>Words.</p>{script}</body></html>".encode())
    ended = CliRunner().invoke(main, ["try", server.url("/story")])
    assert [asked.path for asked in server.asked] == [ROBOTS, TDM, "/story", "/t/77.json"]
    assert ended.exit_code == 3
    assert f"{server.url('/t/77.json')} does not exist" in ended.stderr


def test_all_addresses_of_a_host_are_tried(server: Loopback) -> None:
    server.answers[PATH] = response(THREAD)
    url, pair = server.url(PATH, "two.example"), f"two.example:{server.port}"
    ended = btl("try", url, "--site", "theregister", "--local", pair, change=SEVERAL)
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)[0]["comments"]
    refused = btl("try", url, "--site", "theregister", "--contact", "a@kettles.example", change=SEVERAL)
    assert (refused.code, f"--local {pair}" in refused.err) == (3, True)
    assert server.paths() == [PATH]


def test_ctrl_c_ends_it_in_order(server: Loopback) -> None:
    server.answers[PATH] = forever
    with start("try", server.url(PATH), "--site", "theregister") as process:
        while not server.paths():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err
    assert "pending" not in err


def forever(_: int) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    for _second in range(600):
        time.sleep(0.1)
        yield b"<p>"
