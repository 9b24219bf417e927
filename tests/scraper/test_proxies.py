"""A proxy connects where it is told to: what is inside is not handed to it, and only its own port is exempt."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from scrapy import Request

from belowtheline.cli import main
from belowtheline.scraper.proxies import Proxies, proxies, unusable_proxy
from belowtheline.scraper.targets import _choose_proxy
from tests.loopback import Loopback, btl, pages, post, response, rows, topic

PATH = "/forum/all/2025/03/14/kettle{}/"
CONTACT = ("--contact", "a@kettles.example")
# The name server is this function: there is none beside the proxy, which resolves the other names itself.
NAMES = """
import socket
names = {"public.example": ["93.184.215.14"], "inner.example": ["10.0.0.1"], "here.example": ["127.0.0.1"],
    "both.example": ["93.184.215.14", "192.168.0.1"], "mapped.example": ["::ffff:10.0.0.1"]}
real = socket.getaddrinfo
def resolve(host, port, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    if name in names:
        return [answer for one in names[name] for answer in real(one, port, *rest, **more)]
    if name[:1].isdigit() or ":" in name or name == "localhost":
        return real(host, port, *rest, **more)
    raise socket.gaierror(-2, "Name or service not known")
socket.getaddrinfo = resolve
import twisted.internet._resolver as resolver
resolver.GAIResolver.__init__.__defaults__ = (*resolver.GAIResolver.__init__.__defaults__[:-1], resolve)
from belowtheline.scraper import settings
settings.RETRY_TIMES = 0
"""
ASKED = {"public.example", "unknown.example", "93.184.215.14"}
REFUSED = (
    "10.0.0.1", "127.1", "0x7f.1", "2130706433", "127.0.0.1.", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "0.0.0.0",
    "169.254.169.254", "LOCALHOST.", "a.localhost", "inner.example", "here.example", "both.example", "mapped.example",
    "intranet", "wiki.corp", "router.lan", "printer.local", "db.internal", "127%2e0%2e0%2e1", "%31%32%37.0.0.1",
    "a.127", "0x7f.1.",
)  # fmt: skip


@dataclass
class Proxy:
    """Notes what it is told to connect to, connects to nothing, and answers with one page for every address."""

    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            line = connection.recv(65536).decode("latin-1").partition("\r\n")[0]
            self.told.append(line.rpartition(" ")[0])
            if line.startswith("CONNECT"):
                connection.sendall(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
            elif "robots.txt" in line or "tdmrep" in line:
                connection.sendall(response(b"", 404))
            else:
                connection.sendall(
                    response(topic([post(1, "Mine never updated.")], key=line.split("/forum/all/")[-1][:22]))
                )

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    proxy = Proxy()
    for name, host in (("http_proxy", "127.0.0.1"), ("https_proxy", "localhost"), ("all_proxy", "10.0.0.1")):
        monkeypatch.setenv(name, f"http://{host}:{proxy.port}")
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    yield proxy
    proxy.close()


def only(monkeypatch: pytest.MonkeyPatch, **named: str) -> None:
    """Let the environment name these proxies and no other."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in named.items():
        monkeypatch.setenv(name, value)


def urls(scheme: str, hosts: tuple[str, ...]) -> str:
    return "\n".join(f"{scheme}://{host}{PATH.format(number)}" for number, host in enumerate(hosts))


def crawl(archive: Path, listed: str, *more: str) -> str:
    arguments = ("crawl", archive, "-", "--site", "theregister", "--delay", "0", *CONTACT, *more)
    ended = btl(*arguments, stdin=listed, change=NAMES)
    assert ended.code == 3, ended.err
    assert "Traceback" not in ended.err
    return ended.err


def test_nothing_inside_is_handed_to_a_proxy(tmp_path: Path, proxy: Proxy) -> None:
    said = crawl(tmp_path / "a.db", urls("http", (*REFUSED, *sorted(ASKED))))
    assert {line.split("/")[2] for line in proxy.told} == ASKED
    done = rows(tmp_path / "a.db", "SELECT host FROM pages WHERE state = 'done'")
    assert {host for (host,) in done} == ASKED
    ends = rows(tmp_path / "a.db", "SELECT host, state, reason, detail FROM pages WHERE state <> 'done'")
    assert [end for end in ends if end[1:3] != ("failed", "not public")] == []
    assert "--local inner.example:80" in said


def test_no_tunnel_leads_inside(tmp_path: Path, proxy: Proxy) -> None:
    crawl(tmp_path / "a.db", urls("https", (*REFUSED, *sorted(ASKED))))
    assert set(proxy.told) == {f"CONNECT {host}:443" for host in ASKED}


def test_a_proxy_is_exempt_at_its_own_port_and_is_no_page_itself(tmp_path: Path, proxy: Proxy) -> None:
    """A page that leads to the proxy, or to another port of its host, is refused; a named host is asked directly."""
    with Loopback() as named, Loopback() as other:
        named.answers = {PATH.format(0): response(topic([post(1, "Mine never updated.")]))}
        inside = (f"http://127.1:{proxy.port}{PATH.format(1)}", f"http://127.0.0.1:{other.port}{PATH.format(2)}")
        named.answers[PATH.format(3)] = response(b"", 302, {"Location": inside[1]})
        listed = [named.url(PATH.format(0)), inside[0], named.url(PATH.format(3))]
        arguments = ("--site", "theregister", "--delay", "0", *CONTACT)
        archive = tmp_path / "a.db"
        btl("crawl", archive, "-", *arguments, stdin="\n".join(listed), change=NAMES)
        assert named.paths() == [PATH.format(0), PATH.format(3)]
        assert pages(archive) == [("done", None), ("failed", "not public"), ("failed", "not public")]
        assert (proxy.told, other.asked) == ([], [])


def test_a_redirect_of_a_named_host_goes_through_the_proxy(tmp_path: Path, proxy: Proxy) -> None:
    with Loopback() as named:
        named.answers = {PATH.format(0): response(b"", 302, {"Location": f"http://public.example{PATH.format(0)}"})}
        arguments = ("--site", "theregister", "--delay", "0", *CONTACT)
        assert btl("crawl", tmp_path / "a.db", named.url(PATH.format(0)), *arguments, change=NAMES).code == 0
    assert {line.split("/")[2] for line in proxy.told} == {"public.example"}


@pytest.mark.parametrize("value", ["127.0.0.1:{}", "//127.0.0.1:{}", "http://reader:s%40me@127.0.0.1:{}/"])
def test_all_proxy_alone_is_gone_through_for_both_schemes(
    tmp_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    only(monkeypatch, ALL_PROXY=value.format(proxy.port))
    crawl(tmp_path / "a.db", "\n".join([urls("https", ("public.example",)), urls("http", ("public.example",))]))
    assert {line.partition("/robots")[0] for line in proxy.told if "/forum" not in line and "tdmrep" not in line} == {
        "CONNECT public.example:443", "GET http://public.example",
    }  # fmt: skip


def test_a_proxy_without_a_scheme_and_one_for_each_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    only(
        monkeypatch, http_proxy="here.example:81", HTTPS_PROXY="http://reader:secret@there.example:82", all_proxy="x:1"
    )
    assert Proxies().proxies["https"] == (b"cmVhZGVyOnNlY3JldA==", "http://there.example:82")
    assert Proxies().proxies["http"] == (None, "http://here.example:81")
    assert proxies() == {"here.example:81", "there.example:82"}
    assert unusable_proxy(["http://a.example/", "https://a.example/"]) is None


def test_a_redirect_to_a_host_of_no_proxy_leaves_the_proxy_and_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, http_proxy="http://reader:secret@here.example:81", no_proxy="free.example")
    request, chosen = Request("http://public.example/"), Proxies()
    chosen.process_request(request)
    assert request.meta["proxy"] == "http://here.example:81"
    for url, is_local in (("http://free.example/", False), ("http://127.0.0.1:9/", True)):
        redirected = request.replace(url=url)
        _choose_proxy(redirected.meta, is_local=is_local)
        chosen.process_request(redirected)
        assert redirected.meta.get("proxy") is None
        assert "Proxy-Authorization" not in redirected.headers


UNUSABLE = (
    "socks5://reader:secret@127.0.0.1:9050", "socks5h://127.0.0.1:9050", "SOCKS4://127.0.0.1:9050",
    "https://127.0.0.1:3128", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:port", "http:/127.0.0.1:3128",
    "/run/proxy.sock", "http://[::1", "ftp://127.0.0.1:21", "http://127.0.0.1:0",
)  # fmt: skip


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("text", UNUSABLE)
def test_a_proxy_that_cannot_be_used_is_named_and_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, variable: str
) -> None:
    only(monkeypatch, **{variable: text})
    url = "https://forums.theregister.com/forum/all/2025/03/14/kettle/"
    for command in (("crawl", str(tmp_path / "a.db"), url), ("try", url), ("new-site", "goats", url, "--dir", "x")):
        ended = CliRunner().invoke(main, [*command, *CONTACT])
        assert (ended.exit_code, list(tmp_path.iterdir())) == (2, []), ended.output
        assert f"{variable.lower()}=" in ended.stderr
        assert "set it to http://HOST:PORT" in ended.stderr
        assert "secret" not in ended.stderr
    assert unusable_proxy(["http://127.0.0.1:9/"]) is None or variable == "all_proxy"
    monkeypatch.setenv("no_proxy", "forums.theregister.com")
    assert unusable_proxy([url]) is None


def test_a_proxy_that_is_not_found_is_no_redirect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, http_proxy="http://lost.example:3128")
    said = crawl(tmp_path / "a.db", urls("http", ("public.example",)))
    assert "its proxy is not found" in said
    assert "redirects" not in said
