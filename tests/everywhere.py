"""A network of its own in which every address is this machine, and a crawl that is asked to go where it may not.

Run in a network namespace (`unshare -n`): it takes a mode, and prints as JSON the local addresses that were connected
to and how the command ended. What a crawl asks for at a public address is answered; a connection to any other is noted.
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

PUBLIC = "93.184.215.14"
FORMS = (
    # IPv4 in all the ways in which a resolver reads numbers
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1",
    "127.0.0.1.", "127.8.8.8", "0.0.0.0", "0", "10.0.0.1", "10.1", "167772161", "0xa000001", "012.0.0.1",
    "172.16.0.1", "172.31.255.254", "192.168.0.1", "3232235521", "0xC0A80001", "0300.0250.0.1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "100.64.0.1", "100.127.255.254", "198.18.0.1", "198.19.255.254", "192.0.0.1", "192.0.2.7", "198.51.100.7",
    "203.0.113.7", "240.0.0.1", "255.255.255.255", "224.0.0.1",
    # IPv6, and what stands for IPv4 in it
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]",
    "[::127.0.0.1]", "[::10.0.0.1]", "[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]",
    "[ff02::1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:a00:1::1]", "[2002:7f00:1::]",
    "[2001:0:53aa:64c:0:fbf3:80ff:fffe]", "[2001:db8::1]", "[100::1]", "[2600::5efe:10.0.0.1]",
    # names
    "localhost", "LOCALHOST", "localhost.", "private.example", "mapped.example", "both.example",
    # what is written so that a reader or a filter takes it for another
    "reader@127.0.0.1", "news.example@10.0.0.1", "news.example%00@10.0.0.1", "%31%32%37.0.0.1", "127%2e0%2e0%2e1",
    "\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021", "\uff4cocalhost",
)  # fmt: skip
NAMED = frozenset({"127.0.0.1", "127.8.8.8", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost", "LOCALHOST"})
"""Forms that name this machine plainly: given on the command line they are allowed, anywhere else they are not."""
MODES = ("start", "redirect", "robots", "next page", "link", "rebinding", "try")
CONTROL = "other.example"

# The name server is this function, since there is none in the namespace: numbers are read as the C library does.
_PROGRAM = f"""
import socket
from belowtheline.scraper import settings
settings.DOWNLOAD_TIMEOUT, settings.RETRY_TIMES = 3, 0
real, asked = socket.getaddrinfo, {{}}
names = {{
    "news.example": ["{PUBLIC}"], "{CONTROL}": ["{PUBLIC}"], "private.example": ["10.0.0.1"],
    "mapped.example": ["::ffff:10.0.0.1"], "both.example": ["10.0.0.1", "fd00::1"],
    "rebind.example": ["{PUBLIC}"],
}}
def resolve(host, port, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    asked[name] = asked.get(name, 0) + 1
    found = ["169.254.169.254"] if name == "rebind.example" and asked[name] > REBINDS else names.get(name, [name])
    if name.endswith(".example") and name not in names:
        raise socket.gaierror(-2, "Name or service not known")
    more = {{key: value for key, value in more.items() if key in ("family", "type", "proto", "flags")}}
    return [answer for one in found for answer in real(one, port, *rest, **more)]
socket.getaddrinfo = resolve
import twisted.internet._resolver as resolver
resolver.GAIResolver.__init__.__defaults__ = (*resolver.GAIResolver.__init__.__defaults__[:-1], resolve)
from belowtheline.reading.items import Link
from belowtheline.sites.theregister import TheRegister
from dataclasses import replace
whole = TheRegister.parse
def parse(self, page):
    return tuple(replace(one, links=(*one.links, *(Link(url=url) for url in NEXT))) for one in whole(self, page))
TheRegister.parse = parse
from belowtheline.cli import run; run()
"""
_UNGUARD = """
from belowtheline.scraper.safety import AddressGuard
AddressGuard.allows = lambda *_: True
from belowtheline.cli import run;"""
_FETCHES = """
import sys
from belowtheline.jobs.request_rules import RequestRules
from belowtheline.jobs.fetch import fetch
from belowtheline.reading.errors import BelowTheLineError
for url in sys.argv[1:]:
    try:
        fetch(Link(url=url), RequestRules(contact="a@kettles.example", delay=0))
    except BelowTheLineError as error:
        print(error, file=sys.stderr)
"""
_PATH = "/forum/1/2025/03/14/{}/"
_TOPIC = (
    '<!DOCTYPE html><html><head><title>Kettles • The Register Forums</title></head><body><h2><a'
    ' href="https://www.theregister.com/2025/03/14/{0}/"><span>back to article</span> Kettles</a></h2>'
    '<div id="forum_posts"><ol></ol></div></body></html>'
)  # fmt: skip


def target(form: str) -> str:
    return f"http://{form}{_PATH.format('inside')}"


class Listening:
    """Answers every connection on port 80, and notes the addresses that were connected to."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.connected: list[str] = []
        self.hosts: list[str] = []
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            server = socket.socket(family)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            server.bind((address, 80))
            server.listen(64)
            Thread(target=self._serve, args=(server,), daemon=True).start()

    def _serve(self, server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                self.connected.append(connection.getsockname()[0])
                connection.settimeout(5)
                try:
                    head = connection.recv(65536).decode("latin-1")
                    connection.sendall(self._answer(head))
                except OSError:
                    continue

    def _answer(self, head: str) -> bytes:
        path = head.split(" ", 2)[1] if " " in head else "/"
        host = re.search(r"(?im)^host: ([^\r\n]*)", head)
        self.hosts.append(host[1] if host else "")
        number = re.search(r"/x(\d+)/", path)
        if self.mode == "redirect" and number:
            return _response("302 Found", "", f"Location: {target(FORMS_AND_CONTROL[int(number[1])])}\r\n")
        if self.mode == "try" and number:
            return _response("302 Found", "", f"Location: {target(FORMS_AND_CONTROL[int(number[1])])}\r\n")
        if path == "/robots.txt" and self.mode == "robots" and "robots" in self.hosts[-1]:
            form = FORMS_AND_CONTROL[int(re.sub(r"\D", "", self.hosts[-1]))]
            return _response("302 Found", "", f"Location: {target(form)}\r\n")
        if path in ("/robots.txt", "/.well-known/tdmrep.json"):
            return _response("404 Not Found", "")
        if self.mode == "link" and number:
            form = FORMS_AND_CONTROL[int(number[1])]
            embed = f"<script>DiscourseEmbed = {{ discourseUrl: 'http://{form}/', topicId: 7 }};</script>"
            return _response(
                "200 OK", f"<!DOCTYPE html><html><body><div id='discourse-comments'></div>{embed}</body></html>"
            )
        return _response("200 OK", _TOPIC.format(path.split("/")[-2] if path.count("/") > 1 else "x"))


def _response(status: str, body: str, more: str = "") -> bytes:
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(content)}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode() + content


FORMS_AND_CONTROL = (*FORMS, CONTROL)


def urls(mode: str) -> list[str]:
    """Return what the crawl of a mode is given; the control, a public host, stands at the end."""
    if mode in ("start", "unguarded"):
        return [target(form) for form in FORMS_AND_CONTROL if form not in NAMED and "@" not in form]
    if mode == "robots":
        return []
    if mode in ("next page", "rebinding"):
        return [f"http://{'rebind' if mode == 'rebinding' else 'news'}.example{_PATH.format('x0')}"]
    return [f"http://news.example{_PATH.format(f'x{number}')}" for number in range(len(FORMS_AND_CONTROL))]


def run(mode: str, folder: Path) -> tuple[int, str]:
    """Run the command of a mode and return its exit code and what it said."""
    following = [target(form) for form in FORMS_AND_CONTROL] if mode == "next page" else []
    if mode == "rebinding":
        following = [f"http://rebind.example{_PATH.format(f'y{number}')}" for number in range(3)]
    rebinds = 1 if mode == "rebinding" else 10**9
    program = f"NEXT, REBINDS = {following!r}, {rebinds}\n{_PROGRAM}"
    site = [] if mode == "link" else ["--site", "theregister"]
    if mode == "unguarded":
        program = program.replace("from belowtheline.cli import run;", _UNGUARD)
    given = urls(mode)
    if mode == "robots":
        program = program.replace(
            '"rebind.example": ["',
            f'**{{f"robots{{n}}.example": ["{PUBLIC}"] for n in range(200)}}, "rebind.example": ["',
        )
        given = [f"http://robots{n}.example{_PATH.format('x')}" for n in range(len(FORMS_AND_CONTROL))]
    if mode == "try":
        return _btl(program.replace("from belowtheline.cli import run; run()", _FETCHES), *given)
    return _btl(
        program,
        "crawl",
        str(folder / "a.db"),
        "-",
        "--contact",
        "a@kettles.example",
        "--delay",
        "0",
        *site,
        stdin="\n".join(given),
    )


def _btl(program: str, *arguments: str, stdin: str = "") -> tuple[int, str]:
    line = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(line, input=stdin, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stderr


def main() -> None:
    """Set up the network, run one mode and print what happened."""
    for line in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *line.split()], check=True)
    listening = Listening(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        code, said = run(sys.argv[1], Path(folder))
    inside = sorted(
        {address for address in listening.connected if ip_address(address.partition("%")[0]) != ip_address(PUBLIC)}
    )
    print(json.dumps({"code": code, "inside": inside, "public": listening.hosts, "said": said}))


if __name__ == "__main__":
    main()
